"""Motion: frames in, displacement of every zone relative to the skull out.

`stabilise` measures cells of skin; here they become zones and the spots of the
upper lip, with what quality is judged from.

Displacements leave this module in % IOD, x to the person's left, y up.
Times are seconds from the first frame.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from philtrum.video.ahead import read_ahead
from philtrum.video.clip import Frame
from philtrum.video.crop import EYES_X, EYES_Y, IOD_CROP_PX, look_at
from philtrum.video.face import Face, FaceTracker
from philtrum.video.flow import sharpness
from philtrum.video.stabilise import CELL_PX, Block, at_places, coverage, stabilise
from philtrum.video.zones import LIP, ZONES, polygon

FloatArray = NDArray[np.float64]

TO_PCT_IOD = np.array([1, -1]) * 100 / IOD_CROP_PX
# Faces are looked for this far ahead of the measuring.
AHEAD_S = 0.5


@dataclass(frozen=True, slots=True)
class Motion:
    """Displacement of the face's zones over time, and what quality is judged from. T frames, Z zones, N spots."""

    t_s: FloatArray
    """Shape (T,)."""
    displacement: FloatArray
    """Shape (T, Z, 2), zones as in `zones.ZONES`, % IOD; NaN = face not seen."""
    lip: FloatArray
    """Shape (T, N, 2): displacement of single spots of the upper lip, % IOD."""
    lip_spots: FloatArray
    """Shape (N, 2): where the spots lie; x to the person's left, y up, IOD from the middle between the eyes."""
    skull: FloatArray
    """Shape (T, 2): place of the middle between the eyes in the frame, % IOD."""
    rest: FloatArray
    """Shape (T,): root mean square of what the skull's motion leaves unexplained in the reference zones, % IOD."""
    brightness: FloatArray
    """Shape (T,): mean grey of the face, 0-255."""
    sharpness: FloatArray
    """Shape (T,): mean squared gradient of the lip region relative to its reference picture; 1 = as sharp."""
    is_duplicate: NDArray[np.bool_]
    """Shape (T,): the face's pixels equal those of the frame before."""
    iod_px: FloatArray
    """Shape (T,): distance of the outer eye corners in the frame, pixels."""
    pose_deg: FloatArray
    """Shape (T, 3): yaw, pitch, roll."""
    mouth_opening: FloatArray
    """Shape (T,): distance of the lips' inner edges by landmarks, % IOD."""

    @property
    def is_seen(self) -> NDArray[np.bool_]:
        """Shape (T,): the face was measured in this frame."""
        return ~np.isnan(self.displacement[:, 0, 0])

    def zone(self, name: str) -> FloatArray:
        """Displacement of one zone, shape (T, 2)."""
        return self.displacement[:, ZONES.index(name)]


def evenly_spaced(motion: Motion) -> Motion:
    """Return the motion at a constant rate (the median one), interpolated between the frames' true times.

    Filters need even spacing; clips with a variable rate or with dropped
    frames do not have it. Where the face was not seen, nothing is filled in.
    """
    if len(motion.t_s) < 2:
        return motion
    step_s = float(np.median(np.diff(motion.t_s)))
    even_s = np.arange(round(motion.t_s[-1] / step_s) + 1) * step_s
    if len(even_s) == len(motion.t_s) and np.abs(even_s - motion.t_s).max() < 0.1 * step_s:
        return motion
    after = np.clip(np.searchsorted(motion.t_s, even_s), 1, len(motion.t_s) - 1)
    before = after - 1
    gap_s = np.maximum(motion.t_s[after] - motion.t_s[before], 1e-9)
    share = np.clip((even_s - motion.t_s[before]) / gap_s, 0, 1)

    def at(values: FloatArray) -> FloatArray:
        weight = share.reshape(-1, *[1] * (values.ndim - 1))
        return np.where(weight < 1, values[before] * (1 - weight), 0) + np.where(weight > 0, values[after] * weight, 0)

    columns = {name: getattr(motion, name) for name in Motion.__dataclass_fields__}
    even = {name: at(value) for name, value in columns.items() if name not in {"t_s", "lip_spots", "is_duplicate"}}
    return Motion(t_s=even_s, lip_spots=motion.lip_spots, is_duplicate=motion.is_duplicate[after], **even)


def mirror(motion: Motion) -> Motion:
    """Return the motion of a clip that was recorded as in a mirror: sides swapped, x turned round."""
    turned = np.array([-1.0, 1.0])
    swap = {"left": "right", "right": "left"}
    names = ["_".join([*name.split("_")[:-1], swap.get(name.split("_")[-1], name.split("_")[-1])]) for name in ZONES]
    order = [ZONES.index(name) for name in names]
    return replace(
        motion,
        displacement=motion.displacement[:, order] * turned,
        lip=motion.lip * turned,
        lip_spots=motion.lip_spots * turned,
        skull=motion.skull * turned,
        pose_deg=motion.pose_deg * [-1, 1, -1],
    )


def measure_motion(
    frames: Iterable[Frame], tracker: FaceTracker, *, fps: float, on_time: Callable[[float], None] | None = None
) -> Motion:
    """Measure the displacement of every zone of the face in every frame.

    Parameters
    ----------
    frames : iterable of Frame
        In time order; read in a thread of its own.
    tracker : FaceTracker
        Follows the face.
    fps : float
        Nominal frames per second; decides how often landmarks are placed.
    on_time : callable, optional
        Is told the time of the last frame that was measured, in seconds.

    Returns
    -------
    Motion
        One row per frame.
    """
    rows: list[_Row] = []
    meter = _Meter()
    with read_ahead(look_at(frames, tracker, fps), max(2, round(AHEAD_S * fps))) as looks:
        for block in stabilise(looks, fps):
            rows += meter.rows(block) if isinstance(block, Block) else [_Row(t_s) for t_s in block]
            if on_time is not None:
                on_time(rows[-1].t_s)
    return _stack(rows, meter.spots)


@dataclass(slots=True)
class _Row:
    """What is known of one frame; everything but the time is missing when no face was seen."""

    t_s: float
    face: Face | None = None
    zones: FloatArray | None = None
    lip: FloatArray | None = None
    skull: FloatArray | None = None
    rest: float = np.nan
    brightness: float = np.nan
    sharpness: float = np.nan
    is_duplicate: bool = False


class _Meter:
    """Turns blocks of cells into rows of zones and spots."""

    def __init__(self) -> None:
        self.spots: FloatArray = np.zeros((0, 2))
        """Shape (N, 2): the lip's spots, pixels of the crop, where they lie in the first block."""
        self._first_lip: FloatArray = np.zeros((0, 2))
        self._last: FloatArray | None = None
        self._last_crop: NDArray[np.uint8] | None = None

    def rows(self, block: Block) -> list[_Row]:
        """Return one row for each frame of a block."""
        moved = self._linked(block)
        zones, lip = moved[:, : len(ZONES)] * TO_PCT_IOD, moved[:, len(ZONES) :] * TO_PCT_IOD
        eyes = (block.to_frame @ [EYES_X, EYES_Y, 1])[:, :2] * [1, -1]
        box = _box_around(coverage(LIP, block.landmarks).sum(axis=0) > 0.5)
        usual = sharpness(block.reference.picture[box]) + 1e-6
        rows = []
        for i, (t_s, face, crop) in enumerate(zip(block.times_s, block.faces, block.crops, strict=True)):
            is_duplicate = self._last_crop is not None and np.array_equal(crop, self._last_crop)
            self._last_crop = crop
            rows.append(
                _Row(
                    t_s,
                    face,
                    zones[i],
                    lip[i],
                    eyes[i] / face.iod_px * 100,
                    float(block.rest[i]) * 100 / IOD_CROP_PX,
                    float(crop.mean()),
                    sharpness(block.pictures[i][box]) / usual,
                    is_duplicate,
                )
            )
        return rows

    def _linked(self, block: Block) -> FloatArray:
        """Return the displacement of zones and spots, shape (F, Z + N, 2), pixels, as one trace with the block before.

        Both blocks have measured the frames between them.
        """
        weights, places = coverage(ZONES, block.landmarks), self._places(block.landmarks)
        moved, linking = (
            np.concatenate([block.reference.zones(cells, weights), at_places(cells, places)], axis=1)
            for cells in (block.displacement, block.linking)
        )
        if len(linking) and self._last is not None:
            moved += (self._last[-len(linking) :] - linking).mean(axis=0)
        self._last = moved
        return moved

    def _places(self, landmarks: FloatArray) -> FloatArray:
        """Return where the lip's spots lie now, shape (N, 2): they follow the landmarks of the lip."""
        lip = np.concatenate([polygon(zone, landmarks) for zone in LIP])
        if not len(self.spots):
            rows, columns = np.nonzero(coverage(LIP, landmarks).sum(axis=0) > 0.5)
            self.spots = np.asarray((np.column_stack([columns, rows]) + 0.5) * CELL_PX - 0.5, np.float64)
            self._first_lip = lip
        affine = np.linalg.lstsq(np.column_stack([self._first_lip, np.ones(len(lip))]), lip, rcond=None)[0]
        return np.asarray(np.column_stack([self.spots, np.ones(len(self.spots))]) @ affine)


def _box_around(cells: NDArray[np.bool_]) -> tuple[slice, slice]:
    """Return the pixels' rows and columns that hold the given cells."""
    rows, columns = np.nonzero(cells)
    first, last = (np.array([f(rows), f(columns)]) * CELL_PX for f in (np.min, np.max))
    return slice(first[0], last[0] + CELL_PX), slice(first[1], last[1] + CELL_PX)


def _stack(rows: list[_Row], places: FloatArray) -> Motion:
    """Turn rows into arrays; missing values become NaN."""
    spots = (places - [EYES_X, EYES_Y]) / IOD_CROP_PX * [1, -1]

    def column(values: Iterable[FloatArray | float | None], *shape: int) -> FloatArray:
        missing = np.full(shape, np.nan)
        return np.array([missing if value is None else value for value in values], float).reshape(len(rows), *shape)

    faces = [row.face for row in rows]
    return Motion(
        t_s=np.array([row.t_s for row in rows]),
        displacement=column((row.zones for row in rows), len(ZONES), 2),
        lip=column((row.lip for row in rows), len(spots), 2),
        lip_spots=spots,
        skull=column((row.skull for row in rows), 2),
        rest=column(row.rest for row in rows),
        brightness=column(row.brightness for row in rows),
        sharpness=column(row.sharpness for row in rows),
        is_duplicate=np.array([row.is_duplicate for row in rows], bool),
        iod_px=column(None if face is None else face.iod_px for face in faces),
        pose_deg=column((None if face is None else _pose(face) for face in faces), 3),
        mouth_opening=column(None if face is None else _mouth_opening(face) for face in faces),
    )


def _pose(face: Face) -> FloatArray:
    return np.array([face.yaw_deg, face.pitch_deg, face.roll_deg])


def _mouth_opening(face: Face) -> float:
    """Return the distance of the lips' inner edges, % IOD."""
    return float(np.linalg.norm(face.landmarks[13] - face.landmarks[14])) / face.iod_px * 100
