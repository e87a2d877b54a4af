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
from philtrum.video.face import OUTER_EYE_LEFT, OUTER_EYE_RIGHT, Face, FaceTracker

FloatArray = NDArray[np.float64]
Picture = NDArray[np.uint8]
FloatImage = NDArray[np.float32]

# Landmarks are placed about this often, twice as often where the face moves; flow measures in between.
LOOK_EVERY_S = 1 / 3
# A face is still where no landmark on bone moves further than this from one look to the next, IOD.
STILL_IOD = 0.01
IOD_CROP_PX = 128.0
CROP_WIDTH, CROP_HEIGHT = 220, 270
EYES_X, EYES_Y = 110.0, 90.0
# A face larger than this is made smaller once, by area, before anything else.
MAX_IOD_PX = 150.0
# Corners of the crop from the middle between the eyes; what is cut out of the frame reaches further by the margin, IOD.
CORNERS_IOD = (np.array([[x, y] for x in (0, CROP_WIDTH) for y in (0, CROP_HEIGHT)]) - [EYES_X, EYES_Y]) / IOD_CROP_PX
MARGIN_IOD = 0.3
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
    """Find the face in every frame: by landmarks a few times a second and in the last frame, else by interpolation.

    Where the face has moved, come or gone since the look before, there is another look half-way. A frame between two
    looks has a face only if both looks found it.
    """
    step = 1
    before: Face | None = None
    waiting: list[Frame] = []
    for frame in frames:
        waiting.append(frame)
        if len(waiting) == step:
            after = tracker.update(frame)
            yield from _filled_in(before, after, waiting, tracker)
            before, waiting, step = after, [], max(1, round(LOOK_EVERY_S * fps))
    if waiting:
        yield from _filled_in(before, tracker.update(waiting[-1]), waiting, tracker)


def canonical_face(faces: Iterable[Face]) -> FloatArray:
    """Return the mean place of the landmarks in the crop and their depth in the same scale, shape (468, 3)."""
    return np.asarray(np.mean([_upright(face) for face in faces], axis=0) * IOD_CROP_PX + [EYES_X, EYES_Y, 0])


class Aim:
    """Lays a face's bony landmarks on canonical ones, shape (468, 3), by a least-squares similarity."""

    def __init__(self, canonical: FloatArray) -> None:
        x, y = canonical[BONY, :2].T
        one, none = np.ones_like(x), np.zeros_like(x)
        of_cos_sin_shift = np.stack([[x, -y, one, none], [y, x, none, one]])  # (2, 4, n)
        self._solution = np.linalg.pinv(of_cos_sin_shift.transpose(2, 0, 1).reshape(-1, 4))

    def at(self, sight: Sight) -> FloatArray:
        """Return the affine from the crop to the sight's picture, shape (3, 3)."""
        cos, sin, x, y = (self._solution @ sight.face.landmarks[BONY, :2].ravel()).tolist()
        return np.asarray(sight.to_picture @ np.array([[cos, -sin, x], [sin, cos, y], [0, 0, 1]]))


def cut(picture: FloatImage, to_picture: FloatArray) -> FloatImage:
    """Return the crop, shape (CROP_HEIGHT, CROP_WIDTH).

    OpenCV turns float pictures thrice as fast as bytes, and nothing is rounded.
    """
    how = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    size = (CROP_WIDTH, CROP_HEIGHT)
    return np.asarray(
        cv2.warpAffine(picture, to_picture[:2], size, flags=how, borderMode=cv2.BORDER_REPLICATE), np.float32
    )


def _filled_in(before: Face | None, after: Face | None, frames: list[Frame], tracker: FaceTracker) -> Iterator[Look]:
    """Give every frame its face: the last one `after`, the others in between."""
    half = len(frames) // 2
    near = _between(before, after, 0.5) or before or after
    if half and near is not None and not _is_still(before, after):
        middle = tracker.look_near(frames[half - 1], near)
        yield from _interpolated(before, middle, frames[:half])
        yield from _interpolated(middle, after, frames[half:])
    else:
        yield from _interpolated(before, after, frames)


def _is_still(before: Face | None, after: Face | None) -> bool:
    if before is None or after is None:
        return False
    moved = np.abs(after.landmarks[BONY, :2] - before.landmarks[BONY, :2]).max()
    return bool(moved < STILL_IOD * after.iod_px)


def _interpolated(before: Face | None, after: Face | None, frames: list[Frame]) -> Iterator[Look]:
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
    roll = np.radians(face.roll_deg)
    cos, sin = np.cos(roll), np.sin(roll)
    corners = CORNERS_IOD @ [[cos, sin], [-sin, cos]]
    middle = (face.landmarks[OUTER_EYE_RIGHT, :2] + face.landmarks[OUTER_EYE_LEFT, :2]) / 2
    low, high = (
        middle + face.iod_px * edge for edge in (corners.min(axis=0) - MARGIN_IOD, corners.max(axis=0) + MARGIN_IOD)
    )
    low = np.clip(low, 0, [width - 2, height - 2]).astype(int)
    high = np.clip(high, low + 2, [width, height]).astype(int)
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
