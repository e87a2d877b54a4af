"""Baselines: three simpler ways to find lip movements, to compare with.

- *Landmark peaks*: the upper lip's landmarks minus the nose's, in % IOD, and peaks above a robust threshold.
- *MDMD* [1]_: main directional maximal difference of optical flow in blocks of the mouth, thresholded between the
  clip's own mean and maximum.
- *Flow energy*: mean length of optical flow from frame to frame around the upper lip, minus the nose's, robust z.

All three see the same face: landmarks in every frame, the mouth cut out upright at one size.

References
----------
.. [1] Wang SJ, Wu S, Qian X, Li J, Fu X (2017). A main directional maximal difference analysis for spotting facial
   movements from long-term videos. Neurocomputing 230:382-389.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import median_filter
from scipy.signal import find_peaks, peak_widths
from score import Found, FoundTwitch

from philtrum.video.clip import open_clip
from philtrum.video.face import Face, FaceFinder, FaceTracker

FloatArray = NDArray[np.float64]
Picture = NDArray[np.uint8]

MAD_TO_SD = 1.4826
LIP_LEFT, LIP_RIGHT, LIP_MIDDLE = (267, 269, 270, 409, 391, 393), (37, 39, 40, 185, 165, 167), (0, 164)
NOSE = (6, 197, 195, 5, 4, 168)
# The mouth is cut out at this size; the upper third holds the tip of the nose.
CROP_PX, CROP_IOD = 112, 0.9
PEAK_Z, ENERGY_Z = 4.0, 4.0
DETREND_S, APART_S = 1.0, 0.15
# Half the length of the movements looked for, and where between mean and maximum the threshold lies.
MDMD_HALF_S, MDMD_P = 0.13, 0.25
MDMD_BLOCKS = 6


@dataclass(frozen=True, slots=True, eq=False)
class _Lips:
    """A clip as the baselines see it: only frames with a face."""

    t_s: FloatArray
    left: FloatArray
    """Upper lip's left half minus nose, % IOD, shape (T, 2); likewise `right`, `whole`."""
    right: FloatArray
    whole: FloatArray
    crops: list[Picture]


def find_by_baselines(path: Path) -> dict[str, Found]:
    """Search a clip by all baselines."""
    lips = _read(path)
    if len(lips.t_s) < 30:
        return {name: Found(()) for name in ("landmark peaks", "MDMD", "flow energy")}
    return {"landmark peaks": _landmark_peaks(lips), "MDMD": _mdmd(lips), "flow energy": _flow_energy(lips)}


def _read(path: Path) -> _Lips:
    tracker = FaceTracker(FaceFinder())
    times, traces, crops = [], [], []
    with open_clip(path) as reader:
        for frame in reader:
            face = tracker.update(frame)
            if face is not None:
                times.append(frame.t_s)
                traces.append([_offset(face, lip) for lip in (LIP_LEFT, LIP_RIGHT, LIP_LEFT + LIP_RIGHT + LIP_MIDDLE)])
                crops.append(_cut(frame.luma, face))
    left, right, whole = np.array(traces).reshape(-1, 3, 2).swapaxes(0, 1)
    return _Lips(np.array(times), left, right, whole, crops)


def _offset(face: Face, lip: tuple[int, ...]) -> FloatArray:
    points = face.landmarks[:, :2]
    return np.asarray(100 * (points[list(lip)].mean(axis=0) - points[list(NOSE)].mean(axis=0)) / face.iod_px)


def _cut(luma: Picture, face: Face) -> Picture:
    """Cut the mouth and the tip of the nose out, upright, aligned by nose and eyes."""
    scale = face.iod_px * CROP_IOD / CROP_PX
    roll = np.radians(face.roll_deg)
    turn = scale * np.array([[np.cos(roll), -np.sin(roll)], [np.sin(roll), np.cos(roll)]])
    middle = face.landmarks[[*NOSE, 33, 263, 2], :2].mean(axis=0) + turn @ [0, 0.33 / CROP_IOD * CROP_PX]
    to_frame = np.column_stack([turn, middle - turn @ np.full(2, CROP_PX / 2)])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(luma, to_frame, (CROP_PX, CROP_PX), flags=flags), np.uint8)


def _landmark_peaks(lips: _Lips) -> Found:
    fps = _fps(lips)
    whole, left, right = (_detrended(trace, fps) for trace in (lips.whole, lips.left, lips.right))
    size = np.hypot(*whole.T)
    peaks = _peaks(size, fps, _robust_limit(size, PEAK_Z))
    _, _, starts, ends = peak_widths(size, peaks, rel_height=0.9)
    found = []
    for peak, start, end in zip(peaks, starts, ends, strict=True):
        sizes = {side: float(np.hypot(*trace[peak])) for side, trace in (("left", left), ("right", right))}
        side = max(sizes, key=lambda name: sizes[name])
        onset_s, offset_s = np.interp([start, end], np.arange(len(lips.t_s)), lips.t_s)
        found.append(FoundTwitch(float(onset_s), float(lips.t_s[peak]), float(offset_s), float(size[peak]), side))
    return Found(tuple(found))


def _mdmd(lips: _Lips) -> Found:
    fps = _fps(lips)
    k, n = max(1, round(MDMD_HALF_S * fps)), len(lips.crops)
    flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
    value = np.zeros(n)
    for i in range(k, n - k):
        to_middle = flow.calc(lips.crops[i - k], lips.crops[i], None)
        to_end = flow.calc(lips.crops[i - k], lips.crops[i + k], None)
        value[i] = _directional_difference(np.asarray(to_middle), np.asarray(to_end))
    around = (
        0.5 * (np.roll(value, k - 1) + np.roll(value, 1 - k))
        if k > 1
        else 0.5 * (np.roll(value, 1) + np.roll(value, -1))
    )
    relative = np.clip(value - around, 0, None)
    limit = relative.mean() + MDMD_P * (relative.max() - relative.mean())
    return _spotted(lips, _peaks(relative, fps, limit), MDMD_HALF_S)


def _directional_difference(to_middle: NDArray[np.float32], to_end: NDArray[np.float32]) -> float:
    """Mean over the third of blocks with the largest difference along their main direction."""
    step = CROP_PX // MDMD_BLOCKS
    to_middle, to_end = (flow - np.median(flow[:step], axis=(0, 1)) for flow in (to_middle, to_end))
    size = np.hypot(to_middle[..., 0], to_middle[..., 1])
    sector = (np.arctan2(to_middle[..., 1], to_middle[..., 0]) // (np.pi / 4)).astype(int) % 8
    differences = []
    for row in range(step, MDMD_BLOCKS * step, step):
        for column in range(0, MDMD_BLOCKS * step, step):
            block = np.s_[row : row + step, column : column + step]
            main = np.bincount(sector[block].ravel(), minlength=8).argmax()
            is_main = sector[block] == main
            end = np.hypot(to_end[block][..., 0], to_end[block][..., 1])
            differences.append(float((size[block] - end)[is_main].mean()))
    return float(np.mean(sorted(differences)[-len(differences) // 3 :]))


def _flow_energy(lips: _Lips) -> Found:
    fps = _fps(lips)
    flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
    energy = np.zeros(len(lips.crops))
    third = CROP_PX // 3
    for i, (before, after) in enumerate(zip(lips.crops[:-1], lips.crops[1:], strict=True), 1):
        moved = np.asarray(flow.calc(before, after, None))
        moved = moved - np.median(moved[: third // 2], axis=(0, 1))
        energy[i] = np.hypot(*np.moveaxis(moved[third : 2 * third], -1, 0)).mean()
    limit = _robust_limit(energy, ENERGY_Z)
    # The way there and the way back are two bursts of speed: the apex lies between them.
    joined = cv2.GaussianBlur(energy[np.newaxis], (0, 0), max(0.5, 0.05 * fps)).ravel()
    peaks = [peak for peak in _peaks(joined, fps, 0.0) if energy[max(0, peak - 4) : peak + 5].max() > limit]
    return _spotted(lips, np.array(peaks, int), 0.15)


def _spotted(lips: _Lips, peaks: NDArray[np.int64], half_s: float) -> Found:
    apices = lips.t_s[peaks]
    return Found(tuple(FoundTwitch(float(t_s) - half_s, float(t_s), float(t_s) + half_s) for t_s in apices))


def _fps(lips: _Lips) -> float:
    return float(1 / np.median(np.diff(lips.t_s)))


def _detrended(trace: FloatArray, fps: float) -> FloatArray:
    return trace - median_filter(trace, (round(DETREND_S * fps) | 1, 1), mode="nearest")


def _robust_limit(values: FloatArray, z: float) -> float:
    middle = float(np.median(values))
    return middle + z * MAD_TO_SD * float(np.median(np.abs(values - middle)))


def _peaks(values: FloatArray, fps: float, limit: float) -> NDArray[np.int64]:
    return np.asarray(find_peaks(values, height=max(limit, 1e-9), distance=max(1, round(APART_S * fps)))[0])
