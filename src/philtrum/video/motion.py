"""Motion: frames in, displacement of every zone relative to the skull out.

`stabilise` measures cells of skin; here they become zones and bumps, with what
quality is judged from.

Displacements leave this module in % IOD, x to the person's left, y up.
Times are seconds from the first frame.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from philtrum.video.ahead import read_ahead
from philtrum.video.bumps import CONTROLS, LIP_BUMPS, MIRROR_SIGNS, MIRRORED, BumpMeter
from philtrum.video.clip import Frame
from philtrum.video.crop import EYES_X, EYES_Y, IOD_CROP_PX, look_at
from philtrum.video.face import FaceTracker, iod_px, pose_deg
from philtrum.video.flow import FloatImage, sharpness
from philtrum.video.stabilise import CELL_PX, Block, coverage, stabilise
from philtrum.video.zones import LIP, ZONES

FloatArray = NDArray[np.float64]

TO_PCT_IOD = np.array([1, -1]) * 100 / IOD_CROP_PX
# Faces are looked for this far ahead of the measuring: more than a block, so that neither waits for the other.
AHEAD_S = 1.1


@dataclass(frozen=True, slots=True)
class Motion:
    """Displacement of the face's zones over time, and what quality is judged from. T frames, Z zones, N spots."""

    t_s: FloatArray
    """Shape (T,)."""
    displacement: FloatArray
    """Shape (T, Z, 2), zones as in `zones.ZONES`, % IOD; NaN = face not seen."""
    bumps: FloatArray
    """Shape (T, B, 2): displacement of each of `bumps.LIP_BUMPS` relative to the skin around it, % IOD."""
    controls: FloatArray
    """Shape (T, C, 2): the same of `bumps.CONTROLS`, where no twitch of the lip reaches."""
    skull: FloatArray
    """Shape (T, 2): place of the middle between the eyes in the frame, % IOD."""
    rest: FloatArray
    """Shape (T,): root mean square of what the skull's motion leaves unexplained in the reference zones, % IOD."""
    brightness: FloatArray
    """Shape (T,): mean grey of the face, 0-255."""
    sharpness: FloatArray
    """Shape (T,): mean squared gradient of the lip region relative to its reference picture; 1 = as sharp."""
    likeness: FloatArray
    """Shape (T,): correlation of the lip region with its reference picture; 1 = the same, however bright."""
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
    even_s = motion.t_s[0] + np.arange(round((motion.t_s[-1] - motion.t_s[0]) / step_s) + 1) * step_s
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
    even = {name: at(value) for name, value in columns.items() if name not in {"t_s", "is_duplicate"}}
    return Motion(t_s=even_s, is_duplicate=motion.is_duplicate[after], **even)


def mirror(motion: Motion) -> Motion:
    """Return the motion of a clip that was recorded as in a mirror: sides swapped, x turned round."""
    turned = np.array([-1.0, 1.0])
    swap = {"left": "right", "right": "left"}
    names = ["_".join([*name.split("_")[:-1], swap.get(name.split("_")[-1], name.split("_")[-1])]) for name in ZONES]
    order = [ZONES.index(name) for name in names]
    return replace(
        motion,
        displacement=motion.displacement[:, order] * turned,
        bumps=motion.bumps[:, MIRRORED] * MIRROR_SIGNS,
        controls=motion.controls * turned,
        skull=motion.skull * turned,
        pose_deg=motion.pose_deg * [-1, 1, -1],
    )


def follow(frames: Iterable[Frame], tracker: FaceTracker, *, fps: float) -> Generator[Motion]:
    """Measure the displacement of every zone of the face in every frame, a second at a time.

    Parameters
    ----------
    frames : iterable of Frame
        In time order; read in a thread of its own until this generator is exhausted or closed.
    tracker : FaceTracker
        Follows the face.
    fps : float
        Nominal frames per second; decides how often landmarks are placed.

    Yields
    ------
    Motion
        One row per frame.
    """
    meter = _Meter()
    with read_ahead(look_at(frames, tracker, fps), max(2, round(AHEAD_S * fps))) as looks:
        for block in stabilise(looks, fps):
            motion = meter.motion(block) if isinstance(block, Block) else _unseen(block)
            del block  # its pictures need not be held while the motion is searched
            yield motion


def joined(motions: Sequence[Motion]) -> Motion:
    """Return motions that follow each other as one."""
    if not motions:
        return _unseen([])
    names = Motion.__dataclass_fields__
    return Motion(**{name: np.concatenate([getattr(motion, name) for motion in motions]) for name in names})


def rows(motion: Motion, chosen: slice) -> Motion:
    """Return some rows of a motion, as copies, so that the rest can be let go."""
    return Motion(**{name: getattr(motion, name)[chosen].copy() for name in Motion.__dataclass_fields__})


def measure_motion(frames: Iterable[Frame], tracker: FaceTracker, *, fps: float) -> Motion:
    """Measure the displacement of every zone of the face in every frame, all at once; parameters as in `follow`."""
    return joined(list(follow(frames, tracker, fps=fps)))


class _Meter:
    """Turns blocks of cells into zones and bumps."""

    def __init__(self) -> None:
        self._last: FloatArray | None = None
        self._last_crop: NDArray[np.uint8] | None = None

    def motion(self, block: Block) -> Motion:
        """Return one row for each frame of a block."""
        cover = coverage(ZONES, block.landmarks)
        is_lip = cover[[ZONES.index(zone) for zone in LIP]].sum(axis=0) > 0.5
        moved = self._linked(block, cover) * TO_PCT_IOD
        landmarks = np.array([face.landmarks for face in block.faces])
        iod = iod_px(landmarks)
        box = _box_around(is_lip)
        usual = sharpness(block.reference.picture[box]) + 1e-6
        return Motion(
            t_s=np.array(block.times_s),
            displacement=moved[:, : len(ZONES)],
            bumps=moved[:, len(ZONES) : -len(CONTROLS)],
            controls=moved[:, -len(CONTROLS) :],
            skull=(block.to_frame @ [EYES_X, EYES_Y, 1])[:, :2] * [100, -100] / iod[:, np.newaxis],
            rest=block.rest * 100 / IOD_CROP_PX,
            brightness=np.array([cv2.mean(crop)[0] for crop in block.crops]),
            sharpness=np.array([sharpness(picture[box]) / usual for picture in block.pictures]),
            likeness=np.array([_likeness(picture[box], block.reference.picture[box]) for picture in block.pictures]),
            is_duplicate=self._are_duplicates(block.crops),
            iod_px=iod,
            pose_deg=pose_deg(landmarks),
            mouth_opening=np.linalg.norm(landmarks[:, 13] - landmarks[:, 14], axis=-1) * 100 / iod,
        )

    def _are_duplicates(self, crops: Sequence[NDArray[np.uint8]]) -> NDArray[np.bool_]:
        before = [self._last_crop, *crops[:-1]]
        self._last_crop = crops[-1]
        return np.array([a is not None and np.array_equal(a, b) for a, b in zip(before, crops, strict=True)])

    def _linked(self, block: Block, cover: FloatArray) -> FloatArray:
        """Return the displacement of zones and bumps, shape (F, Z + B, 2), pixels, as one trace with the block before.

        Both blocks have measured the frames between them.
        """
        meter = BumpMeter(block.reference, block.landmarks)
        moved, linking = (
            np.concatenate([block.reference.zones(cells, cover), meter.measure(pulls)], axis=1)
            for cells, pulls in ((block.displacement, block.own_pulls), (block.linking, block.linking_pulls))
        )
        if len(linking) and self._last is not None:
            moved += (self._last[-len(linking) :] - linking).mean(axis=0)
        self._last = moved
        return moved


def _box_around(cells: NDArray[np.bool_]) -> tuple[slice, slice]:
    """Return the pixels' rows and columns that hold the given cells."""
    rows, columns = np.nonzero(cells)
    first, last = (np.array([f(rows), f(columns)]) * CELL_PX for f in (np.min, np.max))
    return slice(first[0], last[0] + CELL_PX), slice(first[1], last[1] + CELL_PX)


def _likeness(picture: FloatImage, reference: FloatImage) -> float:
    own, other, both = (float(np.vdot(a, b)) for a, b in ((picture,) * 2, (reference,) * 2, (picture, reference)))
    return both / float(np.sqrt(own * other) + 1e-6)


def _unseen(times_s: Sequence[float]) -> Motion:
    """Return rows in which no face was seen: nothing but times."""
    n = len(times_s)
    return Motion(
        t_s=np.array(times_s, np.float64),
        displacement=_nan(n, len(ZONES), 2),
        bumps=_nan(n, len(LIP_BUMPS), 2),
        controls=_nan(n, len(CONTROLS), 2),
        skull=_nan(n, 2),
        rest=_nan(n),
        brightness=_nan(n),
        sharpness=_nan(n),
        likeness=_nan(n),
        is_duplicate=np.zeros(n, bool),
        iod_px=_nan(n),
        pose_deg=_nan(n, 3),
        mouth_opening=_nan(n),
    )


def _nan(*shape: int) -> FloatArray:
    return np.full(shape, np.nan)
