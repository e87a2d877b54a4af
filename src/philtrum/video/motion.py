"""Motion: frames in, displacement of every zone relative to the skull out.

Crops (see `crop`) are taken in blocks of about a second. In each block

1. what the landmarks leave of the head's motion is measured by `flow` in the
   reference zones (bridge of the nose, forehead, temples; never the lip) and
   taken out of the crop;
2. the mean of the block's crops becomes the new reference picture, and the
   displacement of every zone against it is measured, minus the skull's.

References of neighbouring blocks are linked by the displacement between them,
so the trace runs on; it starts anew when the face was lost. Only one block of
crops is held at a time.

Displacements leave this module in % IOD, x to the person's left, y up.
Times are seconds from the first frame.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import groupby, islice

import cv2
import numpy as np
from numpy.typing import NDArray

from philtrum.video.clip import Frame
from philtrum.video.crop import (
    CROP_HEIGHT,
    CROP_WIDTH,
    EYES_X,
    EYES_Y,
    IOD_CROP_PX,
    Picture,
    Sight,
    aim,
    canonical_face,
    cut,
    look_at,
)
from philtrum.video.face import Face, FaceTracker
from philtrum.video.flow import FloatImage, Reference, band_pass
from philtrum.video.zones import LIP, REFERENCE, ZONES, zone_mask

FloatArray = NDArray[np.float64]

BLOCK_S = 1.0
# Windows of the flow: cells of 5 px are 4 % IOD wide, their Gaussian window has a standard deviation of 5 % IOD.
CELL_PX = 5
CELLS = (CROP_HEIGHT // CELL_PX, CROP_WIDTH // CELL_PX)
# Brightness is levelled over squares of a quarter of the eye distance.
BAND_PX = 31
# The crop is held still to this, pixels; at most so many tries.
STILL_PX, MAX_TRIES = 0.05, 3
TO_PCT_IOD = np.array([1, -1]) * 100 / IOD_CROP_PX


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
        In time order.
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
    stretch: _Stretch | None = None
    lip_cells: NDArray[np.bool_] | None = None
    looks = look_at(frames, tracker, fps)
    while block := list(islice(looks, max(2, round(BLOCK_S * fps)))):
        for has_face, part in groupby(block, key=lambda look: look.sight is not None):
            part_looks = list(part)
            sights = [look.sight for look in part_looks if look.sight is not None]
            if not has_face:
                stretch = None
                rows += [_Row(look.t_s) for look in part_looks]
                continue
            stretch = stretch or _Stretch(sights, lip_cells)
            lip_cells = stretch.lip_cells
            rows += stretch.measure([look.t_s for look in part_looks], sights)
        if on_time is not None:
            on_time(block[-1].t_s)
    return _stack(rows, lip_cells if lip_cells is not None else np.zeros(CELLS, bool))


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


class _Stretch:
    """Neighbouring frames that all show the face, measured block after block.

    Parameters
    ----------
    sights : list of Sight
        The first block's; their mean face is the canonical one, from which the zones are cut.
    lip_cells : bool array, shape CELLS, optional
        Cells that count as the lip's spots; those of an earlier stretch, so that all stretches have the same.
    """

    def __init__(self, sights: list[Sight], lip_cells: NDArray[np.bool_] | None) -> None:
        self._canonical = canonical_face(sight.face for sight in sights)
        self._zones = [_coverage(zone, self._canonical) for zone in ZONES]
        self._is_bony = np.sum([self._zones[ZONES.index(zone)] for zone in REFERENCE], axis=0) > 0.5
        own_lip = np.sum([self._zones[ZONES.index(zone)] for zone in LIP], axis=0) > 0.5
        self.lip_cells = own_lip if lip_cells is None else lip_cells
        first = cut(sights[0].picture, aim(sights[0], self._canonical))
        self._reference = Reference(band_pass(first, BAND_PX), CELL_PX)
        self._offset = np.zeros((*CELLS, 2))
        self._last: Picture | None = None

    def measure(self, times_s: list[float], sights: list[Sight]) -> list[_Row]:
        """Measure one block."""
        rows = [_Row(t_s, sight.face) for t_s, sight in zip(times_s, sights, strict=True)]
        crops = [self._held_still(row, sight) for row, sight in zip(rows, sights, strict=True)]
        self._renew_reference(crops)
        for row, crop in zip(rows, crops, strict=True):
            self._measure(row, band_pass(crop, BAND_PX))
        return rows

    def _held_still(self, row: _Row, sight: Sight) -> Picture:
        """Return the crop of one frame with the skull where it is in the reference picture."""
        to_picture = aim(sight, self._canonical)
        crop = cut(sight.picture, to_picture)
        mouth = np.array([EYES_X, EYES_Y + IOD_CROP_PX / 2])
        for _ in range(MAX_TRIES):
            rigid = self._reference.rigid(self._reference.pull(band_pass(crop, BAND_PX)), self._is_bony)
            to_picture = to_picture @ rigid.matrix()
            crop = cut(sight.picture, to_picture)
            if np.abs(rigid(mouth)).max() < STILL_PX:
                break
        eyes = np.linalg.inv(sight.to_picture) @ to_picture @ [EYES_X, EYES_Y, 1]
        row.skull = eyes[:2] * [1, -1] / sight.face.iod_px * 100
        row.brightness = float(crop.mean())
        row.is_duplicate = self._last is not None and np.array_equal(crop, self._last)
        self._last = crop
        return crop

    def _renew_reference(self, crops: list[Picture]) -> None:
        """Make the mean of the crops the reference, linked to the one before."""
        mean = band_pass(np.mean(crops, axis=0).astype(np.float32), BAND_PX)
        self._offset = self._offset + self._relative_to_skull(mean)
        self._reference = Reference(mean, CELL_PX)

    def _relative_to_skull(self, picture: FloatImage) -> FloatArray:
        """Return the displacement of each cell against the reference, minus the skull's; shape (*CELLS, 2), pixels."""
        pull = self._reference.pull(picture)
        return self._reference.local(picture, self._reference.rigid(pull, self._is_bony), pull)

    def _measure(self, row: _Row, picture: FloatImage) -> None:
        moved = self._relative_to_skull(picture)
        total = moved + self._offset
        row.zones = np.array([self._reference.zone(total, weight) for weight in self._zones]) * TO_PCT_IOD
        row.lip = total[self.lip_cells] * TO_PCT_IOD
        row.rest = float(np.sqrt((moved[self._is_bony] ** 2).sum(-1).mean()) * 100 / IOD_CROP_PX)
        row.sharpness = self._reference.relative_sharpness(picture, self.lip_cells)


def _coverage(zone: str, canonical: FloatArray) -> FloatArray:
    """Share of each cell that lies in a zone, shape CELLS."""
    mask = zone_mask(zone, canonical, (CROP_HEIGHT, CROP_WIDTH)).astype(np.float32)
    return np.asarray(cv2.resize(mask, CELLS[::-1], interpolation=cv2.INTER_AREA), np.float64)


def _stack(rows: list[_Row], lip_cells: NDArray[np.bool_]) -> Motion:
    """Turn rows into arrays; missing values become NaN."""
    y, x = np.nonzero(lip_cells)
    spots = ((np.column_stack([x, y]) + 0.5) * CELL_PX - 0.5 - [EYES_X, EYES_Y]) / IOD_CROP_PX * [1, -1]

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
