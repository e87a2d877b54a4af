"""Crop: the face cut out of every frame, upright and of one size, aimed by landmarks.

Landmarks are placed in a few frames a second and interpolated in between. In
a crop the eyes are level, the middle between them lies at (`EYES_X`,
`EYES_Y`), and the outer corners of the eyes are `IOD_CROP_PX` apart. What the
landmarks leave of the head's motion is taken out by `motion`.

Whole frames are held only from one look to the next, so memory stays small
even for a large picture.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from philtrum.video.clip import Frame
from philtrum.video.face import Face, FaceTracker

FloatArray = NDArray[np.float64]
Picture = NDArray[np.uint8]

# Landmarks are placed about this often; flow measures in between.
LOOK_EVERY_S = 1 / 6
IOD_CROP_PX = 128.0
CROP_WIDTH, CROP_HEIGHT = 220, 270
EYES_X, EYES_Y = 110.0, 90.0
# A face larger than this is made smaller once, by area, before anything else.
MAX_IOD_PX = 150.0
# Landmarks that sit on bone, for aiming the crop: corners of the eyes, bridge and tip of the nose, forehead, temples.
BONY = [33, 133, 263, 362, 168, 6, 197, 195, 5, 10, 151, 9, 234, 454, 127, 356]


@dataclass(frozen=True, slots=True)
class Sight:
    """A face in one frame, cut out and made no larger than needed."""

    face: Face
    picture: Picture
    to_picture: FloatArray
    """Affine from the frame to `picture`, shape (3, 3)."""


@dataclass(frozen=True, slots=True)
class Look:
    """One frame: its time, and the face if there is one."""

    t_s: float
    sight: Sight | None


def look_at(frames: Iterable[Frame], tracker: FaceTracker, fps: float) -> Iterator[Look]:
    """Find the face in every frame: by landmarks about six times a second and in the last frame, else by interpolation.

    A frame between two looks has a face only if both looks found it.
    """
    step = max(1, round(LOOK_EVERY_S * fps))
    before: Face | None = None
    waiting: list[Frame] = []
    for number, frame in enumerate(frames):
        waiting.append(frame)
        if number % step == 0:
            after = tracker.update(frame)
            yield from _filled_in(before, after, waiting)
            before, waiting = after, []
    if waiting:
        yield from _filled_in(before, tracker.update(waiting[-1]), waiting)


def canonical_face(faces: Iterable[Face]) -> FloatArray:
    """Return the mean place of the landmarks in the crop and their depth in the same scale, shape (468, 3)."""
    return np.asarray(np.mean([_upright(face) for face in faces], axis=0) * IOD_CROP_PX + [EYES_X, EYES_Y, 0])


def aim(sight: Sight, canonical: FloatArray) -> FloatArray:
    """Return the affine from the crop to the sight's picture, shape (3, 3): bony landmarks lie on canonical ones."""
    to_frame = np.eye(3)
    to_frame[:2] = _similarity(canonical[BONY, :2], sight.face.landmarks[BONY, :2])
    return np.asarray(sight.to_picture @ to_frame)


def cut(picture: Picture, to_picture: FloatArray) -> Picture:
    """Return the crop, shape (CROP_HEIGHT, CROP_WIDTH)."""
    how = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    size = (CROP_WIDTH, CROP_HEIGHT)
    return np.asarray(
        cv2.warpAffine(picture, to_picture[:2], size, flags=how, borderMode=cv2.BORDER_REPLICATE), np.uint8
    )


def _filled_in(before: Face | None, after: Face | None, frames: list[Frame]) -> Iterator[Look]:
    """Give every frame its face: the last one `after`, the others in between."""
    for number, frame in enumerate(frames, start=1):
        face = after if number == len(frames) else _between(before, after, number / len(frames))
        yield Look(frame.t_s, None if face is None else _see(frame.luma, face))


def _between(before: Face | None, after: Face | None, share: float) -> Face | None:
    if before is None or after is None:
        return None
    points = (1 - share) * before.landmarks + share * after.landmarks
    return Face(points, min(before.presence, after.presence))


def _see(luma: Picture, face: Face) -> Sight:
    """Cut the face out and make it smaller if it is large."""
    height, width = luma.shape
    reach = 2.2 * face.iod_px
    middle = face.landmarks[BONY, :2].mean(axis=0)
    low = np.clip(middle - reach, 0, [width - 2, height - 2]).astype(int)
    high = np.clip(middle + reach, low + 2, [width, height]).astype(int)
    part = luma[low[1] : high[1], low[0] : high[0]].copy()  # the frame itself may be let go
    scale = min(1.0, MAX_IOD_PX / face.iod_px)
    if scale < 1:
        # Steps of 1/16: a scale that follows the landmarks' jitter would change the blur from frame to frame.
        scale = max(1, round(scale * 16)) / 16
        size = (max(2, round(part.shape[1] * scale)), max(2, round(part.shape[0] * scale)))
        part = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.uint8)
    fx, fy = part.shape[1] / (high[0] - low[0]), part.shape[0] / (high[1] - low[1])
    to_picture = np.array([[fx, 0, (0.5 - low[0]) * fx - 0.5], [0, fy, (0.5 - low[1]) * fy - 0.5], [0, 0, 1]])
    return Sight(face, part, to_picture)


def _upright(face: Face) -> FloatArray:
    """Return the landmarks with the eyes level, origin in the middle between them, in IOD; shape (468, 3)."""
    roll = np.radians(face.roll_deg)
    cos, sin = np.cos(roll), np.sin(roll)
    points = face.landmarks - (face.landmarks[33] + face.landmarks[263]) / 2
    return np.asarray(points @ np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]]) / face.iod_px)


def _similarity(source: FloatArray, target: FloatArray) -> FloatArray:
    """Return the least-squares similarity transform from source to target points, shape (2, 3)."""
    a = (source - source.mean(axis=0)) @ [1, 1j]
    b = (target - target.mean(axis=0)) @ [1, 1j]
    factor = np.vdot(a, b) / np.vdot(a, a)
    turn = np.array([[factor.real, -factor.imag], [factor.imag, factor.real]])
    return np.column_stack([turn, target.mean(axis=0) - turn @ source.mean(axis=0)])
