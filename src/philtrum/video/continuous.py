"""Continuous: movement of the upper lip that is no row of single twitches - tremor, rippling, a pull that holds on.

*Tremor and rippling* are looked for in the spectrum of the lip's displacement
in sliding windows: enough movement, more than the head's, and most of it near
one frequency. *Tremor* lies at 2.5-9 Hz (that of face and jaw at 3-8 Hz),
*rippling*, as in myokymia, at 0.6-2.5 Hz. A stretch begins and ends where the
movement of its own frequency has half of its usual size.

A *pull* is a plateau: the lip moves to another place within about 0.4 s, stays
there for 0.6-5 s, and comes back.

Times are seconds from the first frame, intervals half-open, sizes % IOD.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from philtrum.video.bumps import LIP_BUMPS
from philtrum.video.measurement import RunPattern, Side
from philtrum.video.motion import Motion
from philtrum.video.zones import ZONES

FloatArray = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of continuous movement."""

    start_s: float
    end_s: float
    pattern: RunPattern
    frequency_hz: float | None
    side: Side
    edges_s: tuple[float, ...] = ()
    """When a pull begins and ends; twitches found just there are the pull itself."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """What a window must show."""

    pattern: RunPattern
    band_hz: tuple[float, float]
    window_s: float
    near_hz: float
    """Share of the power of `wide_hz` that lies this near to the peak: at least `near_share`."""
    near_share: float
    wide_hz: tuple[float, float]
    min_cycles: float
    """Fewer cycles are no rhythm: a pull goes there and back once, too, and a burst has three or four twitches."""


TREMOR = Rhythm("rhythmic", (2.5, 9.0), 2.0, 0.75, 0.55, (1.5, 12.0), 5.0)
RIPPLE = Rhythm("undulating", (0.6, 2.5), 4.0, 0.45, 0.5, (0.4, 12.0), 3.0)
# Smaller movement is not told from what is left of the head's, % IOD root mean square. The head's must be exceeded, and
# the clip's noise, which the control bumps show; of pulls, which are wide, what the quieter cheek shows (a spasm may
# move the other).
FLOOR_PCT_IOD, HEAD_FACTOR, CONTROL_FACTOR, CHEEK_FACTOR = 0.15, 3.0, 2.0, 2.0
# A stretch reaches as far as the movement has this share of its usual size: this quantile, so that a short burst in a
# window is no longer than it is.
EDGE_SHARE, USUAL_SIZE = 0.5, 0.9
# A pull: its edges are seen as the difference of means over `EDGE_MEAN_S` on both sides of a gap, against a floor and
# the same of head and cheek; both are of like size, and the plateau is level.
EDGE_GAP_S, EDGE_MEAN_S, EDGE_FLOOR_PCT_IOD = 0.36, 0.4, 0.35
PULL_S, ALIKE, LEVEL = (0.8, 5.0), 0.6, 0.35
# A plateau longer than this share of a ripple's period (it should be half) is a pull.
PULL_PERIODS = 0.75
ONE_SIDED_BELOW = 0.55
ALONG_LIP = [i for i, bump in enumerate(LIP_BUMPS) if bump.kind == "one" and (bump.up, bump.width_iod) == (0.4, 0.1)]
CHEEKS = ("cheek_left", "cheek_right")
THIRDS = [ZONES.index(zone) for zone in ("upper_lip_right", "philtrum", "upper_lip_left")]


def find_continuous(motion: Motion, assessable: Mask) -> list[Stretch]:
    """Find tremor, rippling and pulls.

    Parameters
    ----------
    motion : Motion
        Evenly spaced, T samples.
    assessable : bool array, shape (T,)
        Where movement could be judged.
    """
    if len(motion.t_s) < 2:
        return []
    tremors = _find_rhythm(motion, assessable, TREMOR)
    ripples = _find_rhythm(motion, assessable, RIPPLE)
    pulls = _find_pulls(motion, assessable)
    rhythms = tremors + [ripple for ripple in ripples if not _meets(ripple, tremors) and not _is_made_of(ripple, pulls)]
    return rhythms + [pull for pull in pulls if not _meets(pull, rhythms)]


def lip_thirds(motion: Motion, part: slice = slice(None)) -> FloatArray:
    """Return the displacement of the right, middle and left third of the lip, shape (n, 3, 2)."""
    return motion.displacement[part][
        :, [ZONES.index(zone) for zone in ("upper_lip_right", "philtrum", "upper_lip_left")]
    ]


def _meets(stretch: Stretch, others: Sequence[Stretch]) -> bool:
    return any(other.start_s < stretch.end_s and stretch.start_s < other.end_s for other in others)


def _is_made_of(ripple: Stretch, pulls: Sequence[Stretch]) -> bool:
    """Tell whether a slow rhythm is but a pull there and back, which lasts longer than half a period."""
    periods = (
        (pull.edges_s[1] - pull.edges_s[0]) * (ripple.frequency_hz or 0) for pull in pulls if _meets(pull, [ripple])
    )
    return max(periods, default=0.0) > PULL_PERIODS


def _find_rhythm(motion: Motion, assessable: Mask, rhythm: Rhythm) -> list[Stretch]:
    """Slide a window over the trace and join the windows that show the movement."""
    fps = 1 / float(np.median(np.diff(motion.t_s)))
    size, hop = round(rhythm.window_s * fps), max(1, round(rhythm.window_s * fps / 8))
    found: list[tuple[int, int]] = []
    for start in range(0, len(motion.t_s) - size + 1, hop):
        part = slice(start, start + size)
        if assessable[part].all() and _moves_on(motion, part, fps, rhythm):
            if found and start <= found[-1][1]:
                found[-1] = (found[-1][0], start + size)
            else:
                found.append((start, start + size))
    stretches = [_stretch(motion, slice(*indices), fps, rhythm) for indices in found]
    return [s for s in stretches if (s.end_s - s.start_s) * (s.frequency_hz or 0) >= rhythm.min_cycles]


def _moves_on(motion: Motion, part: slice, fps: float, rhythm: Rhythm) -> bool:
    """Tell whether the lip moves in one window: enough, more than head and cheek, and near one frequency."""
    frequency, power = _spectrum(_lip_channels(motion, part), fps)
    low, high = rhythm.band_hz
    band = (frequency >= low) & (frequency <= high)
    size = float(np.sqrt(power[band].sum()))
    if size < FLOOR_PCT_IOD:
        return False
    head = float(np.sqrt(_spectrum(_head_channels(motion, part), fps)[1][band].sum()))
    controls = _powers(motion.controls[part]).reshape(len(frequency), -1, 2)  # x and y of each; the stronger one counts
    stronger = controls.sum(axis=0).argmax(axis=1)
    control = np.median(np.sqrt(controls[band].sum(axis=0)[np.arange(len(stronger)), stronger]))
    if size < max(HEAD_FACTOR * head, CONTROL_FACTOR * float(control)):
        return False
    wide = (frequency >= rhythm.wide_hz[0]) & (frequency <= rhythm.wide_hz[1])
    top = int(np.flatnonzero(band)[power[band].argmax()])
    if power[top] < max(power[top - 1], power[top + 1]):
        return False  # the side of something slower or faster
    near = np.abs(frequency - frequency[top]) <= rhythm.near_hz
    return bool(power[near & wide].sum() > rhythm.near_share * power[wide].sum())


def _lip_channels(motion: Motion, part: slice) -> FloatArray:
    """Return x and y of the bumps along the lip, shape (n, C)."""
    return motion.bumps[part][:, ALONG_LIP].reshape(-1, 2 * len(ALONG_LIP))


def _head_channels(motion: Motion, part: slice) -> FloatArray:
    return np.concatenate([motion.zone("nose_bridge")[part], motion.zone("forehead")[part]], axis=1)


def _spectrum(channels: FloatArray, fps: float, *, n_times: int = 1) -> tuple[FloatArray, FloatArray]:
    """Power of the strongest channel by frequency, so that its sum is its variance; shape (F,) each.

    `n_times` as many frequencies are given by padding with zeros.
    """
    power = _powers(channels, n_times)
    frequency = np.fft.rfftfreq(len(channels) * n_times, 1 / fps).astype(np.float64)
    return frequency, power[:, power.sum(axis=0).argmax()]


def _powers(channels: FloatArray, n_times: int = 1) -> FloatArray:
    """Return the power of channels, shape (n, ...), by frequency, each after the other, shape (F, C)."""
    n = len(channels)
    channels = channels.reshape(n, -1)
    t = np.arange(n) - (n - 1) / 2
    centred = channels - channels.mean(axis=0)
    centred -= np.outer(t, t @ centred / (t @ t))
    taper = np.hanning(n)[:, np.newaxis]
    return np.asarray(2 * np.abs(np.fft.rfft(centred * taper, n * n_times, axis=0)) ** 2 / (n * (taper**2).sum()))


def _stretch(motion: Motion, part: slice, fps: float, rhythm: Rhythm) -> Stretch:
    """Describe one stretch: its true ends, side, and the frequency of its highest peak."""
    channels = _lip_channels(motion, part)
    first, stop = _ends(channels, _peak_hz(channels, fps, rhythm), fps)
    channels = channels[first:stop]
    sizes = np.hypot(*np.moveaxis(channels.std(axis=0).reshape(-1, 2), -1, 0))
    right, middle, left = (float(third.max()) for third in np.array_split(sizes, 3))
    return Stretch(
        float(motion.t_s[part.start + first]),
        float(motion.t_s[part.start + stop - 1] + 1 / fps),
        rhythm.pattern,
        round(_peak_hz(channels, fps, rhythm), 2),
        side_of(left, middle, right),
    )


def _peak_hz(channels: FloatArray, fps: float, rhythm: Rhythm) -> float:
    """Return the frequency of the highest peak in the band, from a parabola through its logarithm."""
    frequency, power = _spectrum(channels, fps, n_times=8)
    band = np.flatnonzero((frequency >= rhythm.band_hz[0]) & (frequency <= rhythm.band_hz[1]))
    top = int(np.clip(band[power[band].argmax()], 1, len(power) - 2))
    before, at, after = np.log(power[top - 1 : top + 2] + 1e-12)
    bend = before - 2 * at + after
    offset = 0.5 * (before - after) / bend if bend < 0 else 0.0
    return float(frequency[top] + frequency[1] * np.clip(offset, -0.5, 0.5))


def _ends(channels: FloatArray, frequency_hz: float, fps: float) -> tuple[int, int]:
    """Return the half-open range of samples in which the movement of one frequency has its usual size."""
    from scipy.ndimage import gaussian_filter1d

    turning = np.exp(-2j * np.pi * frequency_hz * np.arange(len(channels)) / fps)[:, np.newaxis]
    turned = (channels - channels.mean(axis=0)) * turning
    spread = 0.5 * fps / frequency_hz  # half a period
    size = np.hypot(gaussian_filter1d(turned.real, spread, axis=0), gaussian_filter1d(turned.imag, spread, axis=0))
    size = np.sqrt((size**2).sum(axis=1))
    moves = np.flatnonzero(size > EDGE_SHARE * np.quantile(size, USUAL_SIZE))
    first, stop = int(moves[0]), int(moves[-1]) + 1
    return (first, stop) if stop - first > 2 * spread else (0, len(channels))


def _find_pulls(motion: Motion, assessable: Mask) -> list[Stretch]:
    """Pair edges of like size and opposite direction with a level plateau between them."""
    fps = 1 / float(np.median(np.diff(motion.t_s)))
    thirds = _without_twitches(lip_thirds(motion).reshape(-1, 6), fps)
    steps = _steps(thirds, assessable, fps)
    others = [_head_channels(motion, slice(None)), *(motion.zone(cheek) for cheek in CHEEKS)]
    head, *cheeks = (np.linalg.norm(_steps(_without_twitches(o, fps), assessable, fps), axis=1) for o in others)
    least = np.maximum(HEAD_FACTOR * head, CHEEK_FACTOR * np.minimum(*cheeks))
    pulls: list[Stretch] = []
    for first, last in pairwise(_edges(steps, least, fps)):
        lasts_s = (last - first) / fps
        if not PULL_S[0] <= lasts_s <= PULL_S[1] or not assessable[first:last].all():
            continue
        if pulls and motion.t_s[first] < pulls[-1].end_s:
            continue
        if _is_plateau(thirds, steps, first, last, fps):
            pulls.append(_pull(motion, steps[first] - steps[last], first, last))
    return pulls


def _without_twitches(values: FloatArray, fps: float) -> FloatArray:
    """Return a running median, shape (T, C), in which brief movements are gone and edges are kept."""
    from scipy.ndimage import median_filter

    centred = np.nan_to_num(values - np.nanmedian(values, axis=0))
    return np.asarray(median_filter(centred, size=(2 * round(EDGE_MEAN_S * fps / 2) + 1, 1), mode="nearest"))


def _steps(values: FloatArray, assessable: Mask, fps: float) -> FloatArray:
    """Difference of the means after and before each sample, shape (T, C); 0 where not all of that could be judged."""
    from scipy.ndimage import binary_erosion

    gap, mean = round(EDGE_GAP_S * fps / 2), max(2, round(EDGE_MEAN_S * fps))
    kernel = np.concatenate([np.full(mean, 1 / mean), np.zeros(2 * gap + 1), np.full(mean, -1 / mean)])
    if len(values) < len(kernel):
        return np.zeros_like(values)
    half = len(kernel) // 2
    steps = np.zeros_like(values)
    steps[half : len(values) - half] = np.column_stack([np.convolve(c, kernel, mode="valid") for c in values.T])
    could_be_judged = binary_erosion(assessable, np.ones(len(kernel)), border_value=1)
    return np.asarray(steps * could_be_judged[:, np.newaxis])


def _edges(steps: FloatArray, least: FloatArray, fps: float) -> list[int]:
    """Return the samples at which the lip steps furthest, and further than `least`, in time order."""
    from scipy.signal import find_peaks

    size = np.linalg.norm(steps, axis=1)
    peaks = find_peaks(size, height=EDGE_FLOOR_PCT_IOD, distance=max(1, round(0.5 * fps)))[0]
    return [int(peak) for peak in peaks if size[peak] > least[peak]]


def _is_plateau(thirds: FloatArray, steps: FloatArray, first: int, last: int, fps: float) -> bool:
    """Tell whether two edges are alike but opposite and the lip rests between them."""
    there, back = steps[first], -steps[last]
    sizes = np.linalg.norm(there), np.linalg.norm(back)
    if there @ back < ALIKE * sizes[0] * sizes[1] or min(sizes) < ALIKE * max(sizes):
        return False
    margin = round(EDGE_GAP_S * fps / 2) + 1
    plateau = thirds[first + margin : last - margin]
    if len(plateau) < 2:
        return False
    along = plateau @ (there / sizes[0])
    return float(along.std()) < LEVEL * float(sizes[0])


def _pull(motion: Motion, twice: FloatArray, first: int, last: int) -> Stretch:
    right, middle, left = np.hypot(*np.moveaxis(twice.reshape(3, 2), -1, 0))
    start_s, end_s = float(motion.t_s[first]), float(motion.t_s[last])
    margin_s = EDGE_GAP_S / 2
    side = side_of(float(left), float(middle), float(right))
    return Stretch(start_s - margin_s, end_s + margin_s, "sustained", None, side, (start_s, end_s))


def side_of(left: float, middle: float, right: float) -> Side:
    """Tell the side from the size of the movement in the thirds of the lip."""
    if min(left, right) < ONE_SIDED_BELOW * max(left, right) and max(left, right) > 0.6 * middle:
        return "left" if left > right else "right"
    return "midline" if middle > max(left, right) else "both"
