"""Why an own flow? Gain and noise of three meters of the lip, on the same simulated clips.

    python benchmarks/flow.py

Meters: *cells*, the flow of `philtrum.video.flow`; *DIS*, OpenCV's dense flow
(medium preset, finest scale 0) averaged over the same cells and zones, in the
same crops, which are held still in the same way; *landmarks*, the mesh's points of
the same zone against those on bone, placed in every frame. Each clip holds
twitches of one direction and 0.5 % IOD on the left, one a second, of 0.2 s.

A matched filter (the twitch's pulse on a straight base line) gives one answer
at every apex and many between twitches. *Gain* is the mean answer at the
apices over the true displacement, averaged over the zone; *noise* is the
standard deviation of the answers in between; *d'* is the mean answer at the
apices over that noise.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from unittest.mock import patch

import cv2
import numpy as np
from _common import Picture, find_face, find_portraits
from numpy.typing import NDArray

from philtrum.video import motion, stabilise
from philtrum.video.clip import open_clip
from philtrum.video.crop import BONY
from philtrum.video.face import FaceFinder, FaceTracker
from philtrum.video.flow import FloatImage, Reference
from philtrum.video.response import pulse
from philtrum.video.simulate import Scene, SimTwitch, simulate_clip
from philtrum.video.zones import polygon, zone_mask

FloatArray = NDArray[np.float64]
Mask = NDArray[np.bool_]
Meter = Callable[[Path], tuple[FloatArray, FloatArray]]

ZONE = "upper_lip_left"
SIZE_PCT_IOD, WIDTH_IOD, LASTS_S = 0.5, 0.2, 0.2
APICES_S = np.arange(1.5, 14.0, 1.0)
DIRECTIONS = {"up": 90.0, "sideways": 0.0}
# Distance of the eyes in pixels, noise in grey levels, quality of coding.
CONDITIONS = ((100.0, 2.0, 20), (150.0, 1.5, 16), (220.0, 1.5, 23))


class DisReference(Reference):
    """A reference whose cells are measured by OpenCV's DIS flow; all else is inherited."""

    def __init__(self, picture: FloatImage, cell_px: int) -> None:
        super().__init__(picture, cell_px)
        self._dis = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
        self._dis.setFinestScale(0)

    def local(
        self, pictures: Sequence[FloatImage], pulls: FloatArray, skulls: FloatArray, counts: Mask | None = None
    ) -> FloatArray:
        """Return each cell's mean dense flow minus the skull's displacement."""
        size = self.places.shape[1::-1]
        own = _as_bytes(self.picture)
        dense = [self._dis.calc(own, _as_bytes(picture), None) for picture in pictures]  # type: ignore[call-overload]
        cells = np.array([cv2.resize(one, size, interpolation=cv2.INTER_AREA) for one in dense], np.float64)
        return np.asarray(cells - skulls)

    def zones(self, displacement: FloatArray, weights: FloatArray) -> FloatArray:
        """Return the mean over the zones' cells."""
        share = weights / weights.sum(axis=(1, 2), keepdims=True)
        return np.asarray(np.einsum("zhw,fhwc->fzc", share, displacement))


def _as_bytes(picture: FloatImage) -> Picture:
    """Return a band-passed picture as DIS wants it, twice as steep so that rounding does not count."""
    return np.asarray(np.clip(2 * picture + 128.5, 0, 255), np.uint8)


def measure_by_cells(path: Path) -> tuple[FloatArray, FloatArray]:
    """Return times and displacement of the zone, shapes (T,) and (T, 2), % IOD, x to the person's left, y up."""
    with open_clip(path) as reader:
        found = motion.measure_motion(reader, FaceTracker(FaceFinder()), fps=reader.nominal_fps)
    return found.t_s, found.zone(ZONE)


def measure_by_dis(path: Path) -> tuple[FloatArray, FloatArray]:
    """Return the same, by DIS."""
    with patch.object(stabilise, "Reference", DisReference):
        return measure_by_cells(path)


def measure_by_landmarks(path: Path) -> tuple[FloatArray, FloatArray]:
    """Return the same, by landmarks."""
    tracker = FaceTracker(FaceFinder())
    with open_clip(path) as reader:
        faces = [(frame.t_s, tracker.update(frame)) for frame in reader]
    seen = [(t_s, face) for t_s, face in faces if face is not None]
    points = np.array([face.landmarks[:, :2] for _, face in seen])
    first, iod_px = points[0], seen[0][1].iod_px
    moved = []
    for now in points:
        to_first, _ = cv2.estimateAffinePartial2D(now[BONY], first[BONY], method=cv2.LMEDS)
        held = now @ to_first[:, :2].T + to_first[:, 2]
        moved.append((polygon(ZONE, held) - polygon(ZONE, first)).mean(axis=0))
    return np.array([t_s for t_s, _ in seen]), np.array(moved) * [1, -1] * 100 / iod_px


def true_zone_share(portrait: Picture) -> float:
    """Return the zone's mean displacement over that of the bump's peak."""
    face = find_face(portrait)
    mask = zone_mask(ZONE, face.landmarks, portrait.shape[:2])
    peak = face.landmarks[[269, 391], :2].mean(axis=0)  # where `simulate` puts a twitch of the left side
    off = np.argwhere(mask)[:, ::-1] - peak
    spread_px = WIDTH_IOD / 2 * face.iod_px
    return float(np.exp(-(off**2).sum(axis=1) / (2 * spread_px**2)).mean())


def answer(t_s: FloatArray, moved: FloatArray) -> FloatArray:
    """Return the least-squares amplitude of the pulse at every frame, shape (T,)."""
    step_s = float(np.median(np.diff(t_s)))
    half = round(1.5 * LASTS_S / step_s)
    lag_s = np.arange(-half, half + 1.0) * step_s
    shape = pulse(lag_s / LASTS_S + 0.5)
    base = np.column_stack([np.ones_like(lag_s), lag_s])
    free = shape - base @ np.linalg.lstsq(base, shape, rcond=None)[0]
    return np.correlate(np.pad(moved, half, mode="edge"), free / (free @ shape), mode="valid")


def score(t_s: FloatArray, moved: FloatArray, true_pct_iod: float) -> tuple[float, float, float]:
    """Return gain, noise (% IOD) and d' of a meter."""
    answers = answer(t_s, moved)
    at_apex = np.array([answers[np.abs(t_s - apex_s).argmin()] for apex_s in APICES_S])
    between = np.abs(np.subtract.outer(t_s, APICES_S)).min(axis=1) > 2 * LASTS_S
    between |= t_s > APICES_S[-1] + 2 * LASTS_S
    noise = float(answers[between & (t_s > 2 * LASTS_S) & (t_s < t_s[-1] - 2 * LASTS_S)].std())
    return float(at_apex.mean() / true_pct_iod), noise, float(at_apex.mean() / noise)


def film(folder: Path, direction_deg: float, condition: tuple[float, float, int]) -> Path:
    """Write one clip."""
    iod_px, noise_grey, crf = condition
    twitches = tuple(
        SimTwitch(float(t) - LASTS_S / 2, LASTS_S, SIZE_PCT_IOD, "left", direction_deg, 0.5, WIDTH_IOD)
        for t in APICES_S
    )
    scene = Scene(15.0, 30.0, twitches, shake_pct_iod=0.1, noise_grey=noise_grey, crf=crf, seed=5)
    return simulate_clip(folder / "clip.mp4", find_portraits(None)[0], scene, iod_px=iod_px)


def main() -> None:
    """Print the table."""
    meters: dict[str, Meter] = {"cells": measure_by_cells, "DIS": measure_by_dis, "landmarks": measure_by_landmarks}
    true_pct_iod = SIZE_PCT_IOD * true_zone_share(find_portraits(None)[0])
    print(f"Twitches of {SIZE_PCT_IOD} % IOD at the peak move the zone by {true_pct_iod:.3f} % IOD on average.\n")
    print("| IOD px, noise, crf, direction | " + " | ".join(f"{name}: gain, noise % IOD, d'" for name in meters) + " |")
    print("|" + " --- |" * (1 + len(meters)))
    for condition in CONDITIONS:
        for name, direction_deg in DIRECTIONS.items():
            axis = 0 if name == "sideways" else 1
            with tempfile.TemporaryDirectory() as folder:
                clip = film(Path(folder), direction_deg, condition)
                traces = [meter(clip) for meter in meters.values()]
            scores = [score(t_s, moved[:, axis], true_pct_iod) for t_s, moved in traces]
            cells = " | ".join(f"{gain:.2f}, {noise:.3f}, {d:.1f}" for gain, noise, d in scores)
            print(f"| {condition[0]:.0f}, {condition[1]}, {condition[2]}, {name} | {cells} |", flush=True)


if __name__ == "__main__":
    main()
