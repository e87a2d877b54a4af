"""Pattern: how the twitches of a clip are arranged in time and space.

Twitches whose apices lie less than `RUN_GAP_S` apart form a *run*. Besides,
two kinds of continuous movement are looked for in the trace itself, because
their beats need not stand out one by one: *rhythmic* movement (tremor,
2.5-9 Hz) by its narrow spectrum, and *undulating* movement (slow ripples as
in myokymia, 0.6-2.5 Hz) by its persistence. Both must exceed what the bridge
of the nose and the forehead show at the same time.

The label of the clip is that of most of its twitching time; where no pattern
has two thirds of it, the label is ``mixed``. Times are seconds from the
first frame, intervals half-open.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from philtrum.video.measurement import Pattern, PatternLabel, Run, RunPattern, Side, Twitch
from philtrum.video.motion import Motion

FloatArray = NDArray[np.float64]
Mask = NDArray[np.bool_]

# Discharges of one burst follow each other within half a second; a doublet within 0.3 s.
RUN_GAP_S = 0.6
DOUBLET_S = 0.35
# A rhythm: at least this many beats, intervals that vary by less than this share.
MIN_BEATS, MAX_VARIATION = 5, 0.2
# Tremor of face and jaw lies at 3-8 Hz.
TREMOR_HZ = (2.5, 9.0)
TREMOR_WINDOW_S = 2.0
# Share of the power between 1.5 and 12 Hz that lies within 0.75 Hz of the peak.
NARROW_SHARE = 0.55
UNDULATION_HZ = (0.6, 2.5)
UNDULATION_WINDOW_S = 3.0
# Root-mean-square size against the clip's noise and against the reference zones; and an absolute floor, % IOD.
CONTINUOUS_NOISE_FACTOR, CONTINUOUS_HEAD_FACTOR, CONTINUOUS_FLOOR = 4.0, 3.0, 0.15
# Undulation needs a higher floor: slow drifts of head pose lie in the same band.
UNDULATION_FLOOR = 0.4
EYELIDS = ("lower_eyelid", "upper_eyelid")


@dataclass(frozen=True, slots=True)
class _Continuous:
    """A stretch of continuous movement."""

    start_s: float
    end_s: float
    pattern: RunPattern
    frequency_hz: float | None
    side: Side


def find_runs(motion: Motion, twitches: Sequence[Twitch], assessable: Mask, noise_pct_iod: float) -> tuple[Run, ...]:
    """Group twitches into runs and add stretches of continuous movement.

    Parameters
    ----------
    motion : Motion
        Evenly spaced, T samples.
    twitches : sequence of Twitch
        In time order.
    assessable : bool array, shape (T,)
        Where movement could be judged.
    noise_pct_iod : float
        The lip's noise in this clip, % IOD.
    """
    continuous = [
        *_find_continuous(motion, assessable, noise_pct_iod, "rhythmic"),
        *_find_continuous(motion, assessable, noise_pct_iod, "undulating"),
    ]
    continuous = [c for c in continuous if c.pattern == "rhythmic" or not _meets_rhythm(c, continuous)]
    runs = [_run_of(stretch, twitches) for stretch in continuous]
    loose = [twitch for twitch in twitches if not any(run.start_s <= twitch.apex_s < run.end_s for run in runs)]
    runs += [_group(group) for group in _groups(loose)]
    return tuple(sorted(runs, key=lambda run: run.start_s))


def describe_pattern(runs: Sequence[Run], twitches: Sequence[Twitch]) -> Pattern:
    """Name the clip's pattern and give the figures behind the name."""
    if not runs:
        return Pattern("none", None, None, ("No twitch of the upper lip was found.",))
    kinds: Counter[PatternLabel] = Counter()
    for run in runs:
        # A single twitch is short but counts as an event: at least a quarter of a second each.
        kinds[_label(run.pattern)] += max(run.end_s - run.start_s, 0.25)  # type: ignore[assignment]
    label, most = kinds.most_common(1)[0]
    if most < 2 / 3 * sum(kinds.values()):
        label = "mixed"
    beats = [run for run in runs if run.frequency_hz]
    longest = max(beats, key=lambda run: run.end_s - run.start_s, default=None)
    frequency = longest.frequency_hz if longest and label in {"rhythmic", "mixed", "undulating"} else None
    regularity = _regularity([twitch.apex_s for twitch in twitches])
    return Pattern(label, frequency, regularity, tuple(_reasons(runs, twitches, regularity)))


def dominant_side(twitches: Sequence[Twitch], runs: Sequence[Run]) -> Side | None:
    """Return the side of most twitches, or of the longest run where there is no twitch; None where there is neither."""
    if twitches:
        return Counter(twitch.side for twitch in twitches).most_common(1)[0][0]
    longest = max(runs, key=lambda run: run.end_s - run.start_s, default=None)
    return longest.side if longest else None


def _label(pattern: RunPattern) -> PatternLabel:
    if pattern in {"doublet", "burst"}:
        return "bursts"
    return pattern  # type: ignore[return-value]


def _groups(twitches: Sequence[Twitch]) -> list[list[Twitch]]:
    groups: list[list[Twitch]] = []
    for twitch in twitches:
        if groups and twitch.apex_s - groups[-1][-1].apex_s < RUN_GAP_S:
            groups[-1].append(twitch)
        else:
            groups.append([twitch])
    return groups


def _group(twitches: list[Twitch]) -> Run:
    """Turn neighbouring twitches into a run."""
    intervals = np.diff([twitch.apex_s for twitch in twitches])
    side = Counter(twitch.side for twitch in twitches).most_common(1)[0][0]
    pattern: RunPattern = "isolated"
    frequency = None
    if len(twitches) >= MIN_BEATS and intervals.std() < MAX_VARIATION * intervals.mean():
        pattern, frequency = "rhythmic", round(float(1 / intervals.mean()), 2)
    elif len(twitches) == 2 and intervals[0] < DOUBLET_S:
        pattern = "doublet"
    elif len(twitches) > 1:
        pattern = "burst"
    if 2 * sum(_is_with_eye(twitch) for twitch in twitches) >= len(twitches):
        pattern = "with_eye"
    return Run(
        twitches[0].onset_s, max(twitch.offset_s for twitch in twitches), pattern, frequency, side, len(twitches)
    )


def _is_with_eye(twitch: Twitch) -> bool:
    """Tell whether an eyelid of the twitch's own side moved, and not that of the other side."""
    if twitch.side not in {"left", "right"}:
        return False
    other = "right" if twitch.side == "left" else "left"
    own_lids = any(f"{lid}_{twitch.side}" in twitch.partners for lid in EYELIDS)
    return own_lids and not any(f"{lid}_{other}" in twitch.partners for lid in EYELIDS)


def _run_of(stretch: _Continuous, twitches: Sequence[Twitch]) -> Run:
    inside = [twitch for twitch in twitches if stretch.start_s <= twitch.apex_s < stretch.end_s]
    return Run(stretch.start_s, stretch.end_s, stretch.pattern, stretch.frequency_hz, stretch.side, len(inside))


def _meets_rhythm(stretch: _Continuous, others: Sequence[_Continuous]) -> bool:
    return any(
        other.pattern == "rhythmic" and other.start_s < stretch.end_s and stretch.start_s < other.end_s
        for other in others
    )


def _find_continuous(motion: Motion, assessable: Mask, noise_pct_iod: float, pattern: RunPattern) -> list[_Continuous]:
    """Slide a window over the trace and join the windows that show the movement."""
    is_rhythm = pattern == "rhythmic"
    window_s = TREMOR_WINDOW_S if is_rhythm else UNDULATION_WINDOW_S
    if len(motion.t_s) < 2:
        return []
    fps = 1 / float(np.median(np.diff(motion.t_s)))
    size, hop = round(window_s * fps), max(1, round(window_s * fps / 8))
    found: list[tuple[int, int]] = []
    for start in range(0, len(motion.t_s) - size + 1, hop):
        part = slice(start, start + size)
        if assessable[part].all() and _moves_on(motion, part, fps, noise_pct_iod, is_rhythm):
            if found and start <= found[-1][1]:
                found[-1] = (found[-1][0], start + size)
            else:
                found.append((start, start + size))
    return [_stretch(motion, slice(*indices), fps, pattern) for indices in found]


def _moves_on(motion: Motion, part: slice, fps: float, noise_pct_iod: float, is_rhythm: bool) -> bool:
    """Tell whether the lip moves continuously in one window: enough, more than the head, narrow or persistent."""
    low, high = TREMOR_HZ if is_rhythm else UNDULATION_HZ
    frequency, power = _spectrum(_lip_channels(motion, part), fps)
    _, head_power = _spectrum(_head_channels(motion, part), fps)
    band = (frequency >= low) & (frequency <= high)
    size = float(np.sqrt(power[band].sum()))
    head = float(np.sqrt(head_power[band].sum()))
    floor = CONTINUOUS_FLOOR if is_rhythm else UNDULATION_FLOOR
    if size < max(floor, CONTINUOUS_NOISE_FACTOR * noise_pct_iod, CONTINUOUS_HEAD_FACTOR * head):
        return False
    wide = (frequency >= 1.5) & (frequency <= 12) if is_rhythm else (frequency >= low) & (frequency <= 12)
    if is_rhythm:
        peak = frequency[band][power[band].argmax()]
        near = np.abs(frequency - peak) <= 0.75
        return bool(power[near & wide].sum() > NARROW_SHARE * power[wide].sum())
    halves = (slice(part.start, (part.start + part.stop) // 2), slice((part.start + part.stop) // 2, part.stop))
    sizes = [_lip_channels(motion, half).std(axis=0).max() for half in halves]
    return bool(power[band].sum() > 0.6 * power[wide].sum() and min(sizes) > 0.5 * max(sizes))


def _lip_channels(motion: Motion, part: slice) -> FloatArray:
    """Displacement of left, middle and right of the lip, shape (n, 6)."""
    x = motion.lip_spots[:, 0]
    edges = np.quantile(x, [1 / 3, 2 / 3])
    thirds = np.digitize(x, edges)
    lip = motion.lip[part]
    return np.concatenate([lip[:, thirds == third].mean(axis=1) for third in range(3)], axis=1)


def _head_channels(motion: Motion, part: slice) -> FloatArray:
    return np.concatenate([motion.zone("nose_bridge")[part], motion.zone("forehead")[part]], axis=1)


def _spectrum(channels: FloatArray, fps: float) -> tuple[FloatArray, FloatArray]:
    """Power of the strongest channel by frequency, so that its sum is its variance; shape (F,) each."""
    n = len(channels)
    t = np.arange(n) - (n - 1) / 2
    centred = channels - channels.mean(axis=0)
    centred = centred - np.outer(t, t @ centred / (t @ t))
    taper = np.hanning(n)[:, np.newaxis]
    power = 2 * np.abs(np.fft.rfft(centred * taper, axis=0)) ** 2 / (n * (taper**2).sum())
    return np.fft.rfftfreq(n, 1 / fps).astype(np.float64), power[:, power.sum(axis=0).argmax()]


def _stretch(motion: Motion, part: slice, fps: float, pattern: RunPattern) -> _Continuous:
    """Describe one stretch: its side, and the rhythm's frequency by a zero-padded spectrum."""
    channels = _lip_channels(motion, part)
    low, high = TREMOR_HZ if pattern == "rhythmic" else UNDULATION_HZ
    padded = np.concatenate([channels - channels.mean(axis=0), np.zeros((7 * len(channels), channels.shape[1]))])
    taper = np.concatenate([np.hanning(len(channels)), np.zeros(7 * len(channels))])[:, np.newaxis]
    power = (np.abs(np.fft.rfft(padded * taper, axis=0)) ** 2).sum(axis=1)
    frequency = np.fft.rfftfreq(len(padded), 1 / fps)
    band = (frequency >= low) & (frequency <= high)
    peak = float(frequency[band][power[band].argmax()])
    size = channels.std(axis=0).reshape(3, 2)
    right, middle, left = np.hypot(size[:, 0], size[:, 1])
    end_s = float(motion.t_s[part.stop - 1] + 1 / fps)
    return _Continuous(
        float(motion.t_s[part.start]),
        end_s,
        pattern,
        round(peak, 2) if pattern == "rhythmic" else None,
        _side(float(left), float(middle), float(right)),
    )


def _side(left: float, middle: float, right: float) -> Side:
    if min(left, right) < 0.55 * max(left, right) and max(left, right) > 0.6 * middle:
        return "left" if left > right else "right"
    return "midline" if middle > max(left, right) else "both"


def _regularity(apices_s: Sequence[float]) -> float | None:
    """1 minus the coefficient of variation of the intervals, at least 0; None with fewer than three twitches."""
    intervals = np.diff(apices_s)
    if len(intervals) < 2:
        return None
    return round(float(max(0.0, 1 - intervals.std() / intervals.mean())), 3)


def _reasons(runs: Sequence[Run], twitches: Sequence[Twitch], regularity: float | None) -> list[str]:
    """Return the figures behind the label, as sentences."""
    counts = Counter(run.pattern for run in runs)
    parts = ", ".join(f"{count} {pattern.replace('_', ' ')}" for pattern, count in counts.most_common())
    reasons = [f"{len(twitches)} twitches in {len(runs)} runs: {parts}."]
    if regularity is not None:
        reasons.append(f"Regularity of the intervals between twitches: {regularity:.2f} (1 = metronome).")
    reasons += [
        f"From {run.start_s:.1f} s to {run.end_s:.1f} s the lip moves at {run.frequency_hz:.1f} Hz."
        for run in runs
        if run.frequency_hz
    ]
    n_with_eye = sum(_is_with_eye(twitch) for twitch in twitches)
    if n_with_eye:
        reasons.append(f"In {n_with_eye} of {len(twitches)} twitches an eyelid of the same side moved along.")
    return reasons
