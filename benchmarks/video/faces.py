"""Faces: portraits to animate. scikit-image's astronaut, and the faces of a folder's pictures and clips.

Files of a folder belong to the development or to the test set by a hash of their name.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from cover import draw_cover
from numpy.typing import NDArray
from scene import Scene
from skimage import data, io
from warp import Still, enlarged, planes_of

from philtrum.video.face import OUTER_EYE_LEFT, OUTER_EYE_RIGHT, Face, FaceFinder, FaceTracker
from philtrum.video.frame import frame_from_rgb

FloatArray = NDArray[np.float64]
Picture = NDArray[np.uint8]

SETS = ("development", "test")
PICTURE_SUFFIXES = {".png", ".jpg", ".jpeg", ".webp"}
# Skin that was enlarged this much has lost its pores; they are drawn anew.
PORES_FROM, PORES_GREY, PORES_IOD = 1.3, 1.8, 0.009
# Luma is enlarged less the larger the frame: the rounding is then smaller anyway.
ENLARGE = ((1.2e6, 4), (2.5e6, 3), (np.inf, 2))


@dataclass(frozen=True, slots=True)
class Portrait:
    """A picture with one face."""

    name: str
    sha256: str
    rgb: Picture
    landmarks: FloatArray
    """Shape (468, 3), pixels."""


def is_in_set(path: Path, set_name: str) -> bool:
    """Tell whether a file belongs to a set."""
    return SETS[hashlib.sha256(path.name.encode()).digest()[4] % 2] == set_name


def pictures(folder: Path | None, set_name: str) -> list[Portrait]:
    """Return the astronaut and the set's pictures in which a face is found."""
    found = [portrait("astronaut", np.asarray(data.astronaut(), np.uint8))]
    for path in sorted(folder.iterdir()) if folder else ():
        if path.suffix.lower() in PICTURE_SUFFIXES and is_in_set(path, set_name):
            found.append(portrait(path.name, np.asarray(io.imread(path), np.uint8)[..., :3]))
    return [face for face in found if face is not None]


def portrait(name: str, rgb: Picture) -> Portrait | None:
    """Find the face of a picture; None where there is none."""
    face = FaceTracker(FaceFinder()).update(frame_from_rgb(rgb))
    sha256 = hashlib.sha256(np.ascontiguousarray(rgb).tobytes()).hexdigest()
    return Portrait(name, sha256, rgb, face.landmarks) if face is not None else None


def face_to_picture(landmarks: FloatArray) -> FloatArray:
    """Affine from face units to pixels, shape (2, 3)."""
    right, left = landmarks[OUTER_EYE_RIGHT], landmarks[OUTER_EYE_LEFT]
    face = Face(landmarks, 1.0)
    roll = np.radians(face.roll_deg)
    turn = face.iod_px * np.array([[np.cos(roll), -np.sin(roll)], [np.sin(roll), np.cos(roll)]])
    return np.column_stack([turn, (right[:2] + left[:2]) / 2])


def to_face_units(landmarks: FloatArray) -> FloatArray:
    """Return landmarks in face units, shape (468, 3)."""
    affine = face_to_picture(landmarks)
    place = (landmarks[:, :2] - affine[:, 2]) @ np.linalg.inv(affine[:, :2]).T
    return np.column_stack([place, landmarks[:, 2] / Face(landmarks, 1.0).iod_px])


def set_up(face: Portrait, scene: Scene) -> tuple[Still, FloatArray]:
    """Place a portrait in the scene's frame; return the still and its landmarks in face units."""
    rng = np.random.default_rng([scene.seed, 1])
    units = to_face_units(face.landmarks)
    affine = face_to_picture(face.landmarks)
    scale = scene.iod_px / float(np.hypot(*affine[:, 0]))
    middle = face.landmarks[:, :2].mean(axis=0) * scale
    aim = np.array([scene.width, scene.height]) * [0.5, 0.5] + scene.iod_px * rng.uniform(-0.1, 0.1, 2)
    shift = aim - middle
    rgb = _placed(face.rgb, scale, shift, scene)
    to_frame = affine * scale
    to_frame[:, 2] += shift
    rgb = _with_pores(rgb, scene.iod_px, rng) if scale > PORES_FROM else rgb
    rgb = draw_cover(rgb, units, to_frame, scene.cover, rng)
    planes = planes_of(rgb)
    times = next(times for pixels, times in ENLARGE if planes[0].size < pixels)
    return Still(planes, to_frame, enlarged(planes[0], times), times), units


def _placed(rgb: Picture, scale: float, shift: FloatArray, scene: Scene) -> Picture:
    """Scale and shift a picture into a frame; a blurred continuation of its border is the wall behind."""
    if scale < 1:
        rgb = np.asarray(cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
        scale = 1.0
    size = scene.width, scene.height
    move = np.array([[scale, 0, shift[0]], [0, scale, shift[1]]])
    placed = cv2.warpAffine(rgb, move, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    mask = np.zeros(rgb.shape[:2], np.float32)
    edge = max(4, round(0.04 * min(mask.shape)))
    mask[edge:-edge, edge:-edge] = 1
    mask = cv2.GaussianBlur(mask, (0, 0), edge / 2.5)
    inside = cv2.warpAffine(mask, move, size, flags=cv2.INTER_LINEAR)[..., np.newaxis]
    small = cv2.resize(placed, (48, 48), interpolation=cv2.INTER_AREA)
    wall = cv2.resize(cv2.GaussianBlur(small, (0, 0), 5), size, interpolation=cv2.INTER_CUBIC)
    mixed = placed * inside + wall * (1 - inside)
    # As sharp as a camera makes it: band-limited, so that it can be moved by parts of a pixel.
    return np.asarray(cv2.GaussianBlur(mixed, (0, 0), 0.5) + 0.5, np.uint8)


def _with_pores(rgb: Picture, iod_px: float, rng: np.random.Generator) -> Picture:
    noise = rng.normal(0, 1, rgb.shape[:2]).astype(np.float32)
    fine = cv2.GaussianBlur(noise, (0, 0), max(0.6, PORES_IOD * iod_px / 2))
    fine *= PORES_GREY / float(fine.std())
    return np.asarray(np.clip(rgb + fine[..., np.newaxis] + 0.5, 0, 255), np.uint8)
