"""Find the face in a frame and follow it: 468 landmarks, presence, head pose.

Two networks of MediaPipe (see `networks`) run in OpenCV's DNN module. The
*detector* looks at the whole frame at 128 x 128 px and gives a box, the eyes
and a score; it is asked at the start, about once a second (is there a second
person?), and when the face was lost. The *landmark network* looks at a
192 x 192 px crop, upright and 1.5 times the size of the face, predicted from
the landmarks before.

Landmarks serve to aim (zones, crops, which movement is whose); they are too
stiff to measure a twitch with, which is the job of `motion`.

Landmark coordinates are pixels of the upright frame, x to the right of the
picture, y down, z in the same scale (towards the camera is negative).

References
----------
.. [1] Bazarevsky V et al. (2019). BlazeFace: sub-millisecond neural face
   detection on mobile GPUs. arXiv:1907.05047
.. [2] Kartynnik Y et al. (2019). Real-time facial surface geometry from
   monocular video on mobile GPUs. arXiv:1907.06724
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from philtrum.video.clip import Frame
from philtrum.video.networks import read_network

FloatArray = NDArray[np.float64]

# Outer corners of the eyes (right, left of the person), [2]_ topology.
OUTER_EYE_RIGHT, OUTER_EYE_LEFT = 33, 263
CHEEK_RIGHT, CHEEK_LEFT, FOREHEAD_TOP, CHIN_TIP = 234, 454, 10, 152

N_LANDMARKS = 468
DETECTOR_SIZE_PX = 128
LANDMARK_SIZE_PX = 192
# Box to crop: as in MediaPipe's face-landmark graph, 1.5 times the longer side.
CROP_SCALE = 1.5
# MediaPipe's own thresholds for the detector's score and the landmark network's presence.
MIN_DETECTION = 0.5
# A face seen from the front scores above 0.9; upside-down ones, taken for upright, 0.55-0.75.
CERTAIN_DETECTION = 0.85
MIN_PRESENCE = 0.5
# Two boxes that share more than this belong to one face (MediaPipe's value).
MAX_OVERLAP = 0.3
# A further person is looked for this often.
RECOUNT_S = 2.0


@dataclass(frozen=True, slots=True)
class Box:
    """One detected face: centre, size and roll in frame pixels."""

    x: float
    y: float
    size: float
    """Side of the square around the face, pixels."""
    roll: float
    """Radians; how far the line between the eyes is turned clockwise in the picture."""
    score: float


@dataclass(frozen=True, slots=True)
class Face:
    """One face in one frame."""

    landmarks: FloatArray
    """Shape (468, 3), frame pixels."""
    presence: float
    """0-1, the landmark network's own certainty."""

    @property
    def iod_px(self) -> float:
        """Distance between the outer corners of the eyes, pixels."""
        return float(iod_px(self.landmarks))

    @property
    def roll_deg(self) -> float:
        """Turn of the picture: 0 upright, positive clockwise."""
        across = self.landmarks[OUTER_EYE_LEFT] - self.landmarks[OUTER_EYE_RIGHT]
        return float(np.degrees(np.arctan2(across[1], across[0])))

    @property
    def yaw_deg(self) -> float:
        """Turn of the head to the side; 0 looks into the camera, positive to the person's left."""
        return float(pose_deg(self.landmarks)[0])

    @property
    def pitch_deg(self) -> float:
        """Nod of the head; 0 looks into the camera, positive looks up."""
        return float(pose_deg(self.landmarks)[1])


def iod_px(landmarks: FloatArray) -> FloatArray:
    """Return the distance between the outer corners of the eyes in 3-D, so that a turned head does not shrink it.

    `landmarks` has shape (..., 468, 3), the result (...).
    """
    across = landmarks[..., OUTER_EYE_LEFT, :] - landmarks[..., OUTER_EYE_RIGHT, :]
    return np.asarray(np.sqrt((across**2).sum(axis=-1)))


def pose_deg(landmarks: FloatArray) -> FloatArray:
    """Return yaw, pitch and roll (see `Face`), shape (..., 3), of landmarks of shape (..., 468, 3)."""
    eyes = landmarks[..., OUTER_EYE_LEFT, :] - landmarks[..., OUTER_EYE_RIGHT, :]
    across = landmarks[..., CHEEK_LEFT, :] - landmarks[..., CHEEK_RIGHT, :]
    down = landmarks[..., CHIN_TIP, :] - landmarks[..., FOREHEAD_TOP, :]
    yaw = np.arctan2(across[..., 2], np.hypot(across[..., 0], across[..., 1]))
    pitch = np.arctan2(-down[..., 2], np.hypot(down[..., 0], down[..., 1]))
    return np.asarray(np.degrees(np.stack([yaw, pitch, np.arctan2(eyes[..., 1], eyes[..., 0])], axis=-1)))


def _anchors() -> FloatArray:
    """Return the centres of the 896 anchors, shape (896, 2), 0-1: two per cell of 16 x 16, six per cell of 8 x 8."""
    grids = []
    for n_cells, per_cell in ((16, 2), (8, 6)):
        centre = (np.arange(n_cells) + 0.5) / n_cells
        x, y = np.meshgrid(centre, centre)
        grids.append(np.repeat(np.stack([x.ravel(), y.ravel()], axis=1), per_cell, axis=0))
    return np.concatenate(grids)


class FaceFinder:
    """The two networks, loaded once.

    Raises
    ------
    SetupError
        ``networks-missing``: this installation has no face networks.
    """

    def __init__(self) -> None:
        self._detector = _load("face_detection_short_range.tflite")
        self._landmarker = _load("face_landmark.tflite")
        self._anchors = _anchors()

    def detect(self, frame: Frame) -> list[Box]:
        """Find all faces of a frame, the most certain first.

        The whole frame is tried first; then, for small faces, overlapping
        squares of it; then the frame turned by a half and by quarter turns.
        The first view with a certain face is taken, else the most certain one:
        a face upside down may look a little like one that is upright.
        """
        height, width = frame.luma.shape
        best: list[Box] = []
        for views in _views(width, height):
            boxes = _without_overlaps([box for square in views for box in self._detect_in(frame, *square)])
            if boxes and (not best or boxes[0].score > best[0].score):
                best = boxes
            if best and best[0].score >= CERTAIN_DETECTION:
                break
        return best

    def _detect_in(self, frame: Frame, x: float, y: float, side: float, turn: float) -> list[Box]:
        """Detect in one square of the frame (centre, side, turn in radians)."""
        to_frame = _crop_to_frame(x, y, side, turn, DETECTOR_SIZE_PX)
        rgb = frame.rgb(to_frame, (DETECTOR_SIZE_PX, DETECTOR_SIZE_PX))
        scores, boxes = self._run(self._detector, rgb.astype(np.float32) / 127.5 - 1, ("classificators", "regressors"))
        score = 1 / (1 + np.exp(-np.clip(scores.ravel(), -50, 50)))
        found = np.flatnonzero(score >= MIN_DETECTION)
        values = boxes.reshape(-1, 16)[found] / DETECTOR_SIZE_PX
        values[:, :2] += self._anchors[found]
        values[:, 4:] += np.tile(self._anchors[found], 6)
        return [
            _box(value * DETECTOR_SIZE_PX, float(score[index]), to_frame)
            for index, value in zip(found, values, strict=True)
        ]

    def landmarks(self, frame: Frame, box: Box) -> Face:
        """Place the 468 landmarks in the given box."""
        to_frame = _crop_to_frame(box.x, box.y, box.size * CROP_SCALE, box.roll, LANDMARK_SIZE_PX)
        rgb = frame.rgb(to_frame, (LANDMARK_SIZE_PX, LANDMARK_SIZE_PX))
        points, presence = self._run(self._landmarker, rgb.astype(np.float32) / 255, ("conv2d_21", "conv2d_31"))
        points = points.reshape(-1, 3).astype(np.float64)
        scale = box.size * CROP_SCALE / LANDMARK_SIZE_PX
        placed = np.column_stack([points[:, :2] @ to_frame[:, :2].T + to_frame[:, 2], points[:, 2] * scale])
        return Face(placed, float(1 / (1 + np.exp(-presence.ravel()[0]))))

    @staticmethod
    def _run(network: Any, rgb: NDArray[np.floating[Any]], outputs: tuple[str, ...]) -> list[NDArray[np.float32]]:
        network.setInput(np.ascontiguousarray(rgb.transpose(2, 0, 1)[np.newaxis]))
        return list(network.forward(outputs))


class FaceTracker:
    """Follow one person's face through a clip: the largest and most central one, kept over time."""

    def __init__(self, finder: FaceFinder) -> None:
        self._finder = finder
        self._face: Face | None = None
        self._next_count_s = 0.0
        self.n_looks = 0
        """Frames looked at."""
        self.n_crowded = 0
        """Looks of the detector that saw more than one face of comparable size."""
        self.n_counts = 0
        """Looks of the detector that saw at least one face."""

    def update(self, frame: Frame) -> Face | None:
        """Return the followed face in this frame, or None when it is not there."""
        self.n_looks += 1
        boxes = self._count(frame) if self._face is None or frame.t_s >= self._next_count_s else []
        face = None if self._face is None else self.look_near(frame, self._face)
        if face is None and (boxes or self._face is not None):
            face = self._find(frame, boxes or self._count(frame))
        self._face = face
        return face

    def _count(self, frame: Frame) -> list[Box]:
        boxes = self._finder.detect(frame)
        self._next_count_s = frame.t_s + RECOUNT_S
        self.n_counts += bool(boxes)
        # A face on a poster or far behind is no rival: half the width counts as comparable.
        self.n_crowded += sum(box.size > 0.5 * max(b.size for b in boxes) for box in boxes) > 1
        return boxes

    def look_near(self, frame: Frame, place: Face) -> Face | None:
        """Return the face in a frame in which it is about where it was in another; following goes on as before."""
        face = self._finder.landmarks(frame, box_around(place))
        return face if face.presence >= MIN_PRESENCE and _is_plausible(face, frame) else None

    def _find(self, frame: Frame, boxes: list[Box]) -> Face | None:
        height, width = frame.luma.shape

        def prominence(box: Box) -> float:
            off_centre = np.hypot(box.x - width / 2, box.y - height / 2) / np.hypot(width, height)
            return box.size * (1 - float(off_centre))

        for box in sorted(boxes, key=prominence, reverse=True):
            # The second look is aimed by the first one's landmarks, as in following.
            face = self._finder.landmarks(frame, box)
            if face.presence >= MIN_PRESENCE:
                face = self._finder.landmarks(frame, box_around(face))
            if face.presence >= MIN_PRESENCE and _is_plausible(face, frame):
                return face
        return None


def box_around(face: Face) -> Box:
    """Return the box in which the next frame's landmarks are looked for.

    As MediaPipe does: the landmarks' extent along the picture's axes, turned about its middle by the line between the
    eyes.
    """
    low, high = face.landmarks[:, :2].min(axis=0), face.landmarks[:, :2].max(axis=0)
    x, y = (low + high) / 2
    return Box(float(x), float(y), float((high - low).max()), float(np.radians(face.roll_deg)), face.presence)


def _load(name: str) -> Any:
    return cv2.dnn.readNetFromTFLite(np.frombuffer(read_network(name), np.uint8))


def _views(width: int, height: int) -> Iterator[list[tuple[float, float, float, float]]]:
    """Yield groups of squares to look in: (centre x, centre y, side, turn), the likeliest group first."""
    centre_x, centre_y, long, short = width / 2, height / 2, max(width, height), min(width, height)
    yield [(centre_x, centre_y, long, 0.0)]
    for side in (short, 0.6 * short):
        xs = np.linspace(side / 2, width - side / 2, max(1, int(np.ceil(width / side * 1.4))))
        ys = np.linspace(side / 2, height - side / 2, max(1, int(np.ceil(height / side * 1.4))))
        yield [(float(x), float(y), side, 0.0) for y in ys for x in xs]
    for turn in (np.pi, np.pi / 2, -np.pi / 2):
        yield [(centre_x, centre_y, long, turn)]


def _crop_to_frame(x: float, y: float, side: float, turn: float, size_px: int) -> FloatArray:
    """Affine from pixels of a turned square crop to pixels of the frame, shape (2, 3)."""
    scale = side / size_px
    cos, sin = scale * np.cos(turn), scale * np.sin(turn)
    linear = np.array([[cos, -sin], [sin, cos]])
    middle = np.array([size_px, size_px]) / 2
    return np.column_stack([linear, np.array([x, y]) - linear @ middle])


def _box(value: FloatArray, score: float, to_frame: FloatArray) -> Box:
    """Turn one row of the detector (centre, size, six points; crop pixels) into a box of the frame."""
    points = value.reshape(8, 2)
    x, y = to_frame[:, :2] @ points[0] + to_frame[:, 2]
    right_eye, left_eye = points[2] @ to_frame[:, :2].T, points[3] @ to_frame[:, :2].T
    across = left_eye - right_eye
    size = float(points[1].max()) * float(np.hypot(to_frame[0, 0], to_frame[1, 0]))
    return Box(float(x), float(y), size, float(np.arctan2(across[1], across[0])), score)


def _without_overlaps(boxes: list[Box]) -> list[Box]:
    """Keep the most certain of boxes that overlap."""
    kept: list[Box] = []
    for box in sorted(boxes, key=lambda box: box.score, reverse=True):
        if all(_overlap(box, other) < MAX_OVERLAP for other in kept):
            kept.append(box)
    return kept


def _overlap(a: Box, b: Box) -> float:
    """Intersection over union of two boxes, taken as upright squares."""
    half = (a.size + b.size) / 2
    width = max(0.0, min(half - abs(a.x - b.x), a.size, b.size))
    height = max(0.0, min(half - abs(a.y - b.y), a.size, b.size))
    shared = width * height
    return float(shared / (a.size**2 + b.size**2 - shared))


def _is_plausible(face: Face, frame: Frame) -> bool:
    """Tell whether the eyes and the mouth lie inside the picture and the face is no speck."""
    height, width = frame.luma.shape
    points = face.landmarks[[OUTER_EYE_RIGHT, OUTER_EYE_LEFT, 13, 61, 291], :2]
    is_inside = (points > 0).all() and (points < [width, height]).all()
    return bool(is_inside and face.iod_px > 8)
