"""Figures: what trials add up to; one function a figure, each from the trials of some conditions to a number.

A figure without data is NaN.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from score import COUNTED_PCT_IOD, Pair, Trial, covered_share, is_with_eye, run_for

BANDS = ((0.2, 0.35), (0.35, 0.5), (0.5, 0.7), (0.7, 1.0), (1.0, 1.4), (1.4, 3.01))
PATTERNS = ("isolated", "doublet", "burst", "rhythmic", "undulating", "with_eye")
LARGE_PCT_IOD = 1.4
GOOD_RECALL = 0.9
# A continuous movement is found when runs of its kind cover at least this share of it.
LEAST_COVER = 0.5

Trials = Sequence[Trial]


def f1(trials: Trials) -> float:
    """F1 of the twitches that count; smaller ones are neither right nor missed."""
    n_right, n_true = sum(trial.n_right for trial in trials), sum(trial.n_true for trial in trials)
    n_false = sum(len(trial.false) for trial in trials)
    return _ratio(2 * n_right, n_true + n_right + n_false)


def precision(trials: Trials) -> float:
    """Share of found twitches that are true, of any size."""
    n_right, n_false = sum(len(trial.pairs) for trial in trials), sum(len(trial.false) for trial in trials)
    return _ratio(n_right, n_right + n_false)


def false_per_min(trials: Trials) -> float:
    """Count false twitches per minute of clip, excluded time included."""
    return _ratio(sum(len(trial.false) for trial in trials), sum(trial.scene.duration_s for trial in trials) / 60)


def excluded_share(trials: Trials) -> float:
    """Share of all clips' time in which the method abstained."""
    if any(trial.found.excluded is None for trial in trials):
        return float("nan")
    lengths = np.array([trial.scene.duration_s for trial in trials])
    return _ratio(float(lengths @ [trial.excluded_share for trial in trials]), float(lengths.sum()))


def refused_share(trials: Trials) -> float:
    """Share of clips refused."""
    return _mean(trial.found.verdict == "refused" for trial in trials)


def recall(trials: Trials, low: float, high: float = np.inf) -> float:
    """Share of the true twitches of some sizes that was found."""
    true = sum(low <= twitch.amplitude_pct_iod < high for trial in trials for twitch in trial.scene.twitches)
    return _ratio(sum(low <= twitch.amplitude_pct_iod < high for twitch, _ in _pairs(trials)), true)


def recall_assessed(trials: Trials, low: float) -> float:
    """Share of the true twitches from a size on, outside excluded time, that was found."""
    found, true = 0, 0
    for trial in trials:
        paired = {twitch.apex_s for twitch, _ in trial.pairs}
        for twitch in trial.scene.twitches:
            if twitch.amplitude_pct_iod >= low and (twitch.apex_s in paired or not trial.is_excluded(twitch.apex_s)):
                true += 1
                found += twitch.apex_s in paired
    return _ratio(found, true)


def recall_above_limit(trials: Trials) -> float:
    """Share found of the true twitches that the clip's own limit says it can show, outside excluded time."""
    limits = [trial.found.detectable_pct_iod for trial in trials]
    shares = [
        (recall_assessed([trial], limit), sum(t.amplitude_pct_iod >= limit for t in trial.scene.twitches))
        for trial, limit in zip(trials, limits, strict=True)
        if limit is not None and trial.found.verdict != "refused"
    ]
    known = [(share, n) for share, n in shares if not np.isnan(share)]
    return _ratio(sum(share * n for share, n in known), sum(n for _, n in known))


def median_limit(trials: Trials) -> float:
    """Median of the clips' own limits, % IOD."""
    return _median(trial.found.detectable_pct_iod for trial in trials)


def smallest_found(trials: Trials) -> float:
    """Smallest size, % IOD, from which on at least 9 in 10 are found (within a quarter of every size above it)."""
    sizes = np.array([twitch.amplitude_pct_iod for trial in trials for twitch in trial.scene.twitches])
    hits = np.array([t not in trial.missed for trial in trials for t in trial.scene.twitches], float)
    smallest = np.nan
    for size in np.geomspace(2.2, 0.2, 40):
        near = (sizes >= size / 1.25) & (sizes < size * 1.25)
        if near.sum() < 4:
            continue
        if hits[near].mean() < GOOD_RECALL:
            break
        smallest = size
    return float(smallest)


def median_error_ms(trials: Trials, what: str) -> float:
    """Median absolute error of `onset_s`, `apex_s`, `offset_s` or `duration`, ms, of the twitches that count."""
    if what == "duration":
        return _median(1000 * abs(_lasts(found) - _lasts(true)) for true, found in _counted(trials))
    return _median(1000 * abs(getattr(found, what) - getattr(true, what)) for true, found in _counted(trials))


def median_amplitude_ratio(trials: Trials) -> float:
    """Median of found over true amplitude."""
    return _median(_amplitude_ratios(trials))


def median_amplitude_error(trials: Trials) -> float:
    """Median absolute relative error of the amplitude."""
    return _median(abs(ratio - 1) for ratio in _amplitude_ratios(trials))


def sides_right(trials: Trials, sides: tuple[str, ...]) -> float:
    """Share of found twitches of these true sides whose side is named rightly."""
    return _mean(found.side == true.side for true, found in _counted(trials) if true.side in sides and found.side)


def pattern_recalls(trials: Trials) -> dict[str, float]:
    """Share of true runs of each pattern whose found run has that pattern."""
    hits: dict[str, list[bool]] = {pattern: [] for pattern in PATTERNS}
    for trial in _with_runs(trials):
        for true in trial.scene.runs:
            found = run_for(trial, true)
            if true.pattern in hits:
                hits[true.pattern].append(found is not None and found.pattern == true.pattern)
    return {pattern: _mean(hit) for pattern, hit in hits.items() if hit}


def balanced_accuracy(trials: Trials) -> float:
    """Mean over patterns of `pattern_recalls`."""
    return _mean(pattern_recalls(trials).values())


def continuous_found(trials: Trials, pattern: str) -> float:
    """Share of tremors, ripples or pulls that found runs of their kind cover by half or more."""
    true = [(trial, run) for trial in _with_runs(trials) for run in trial.scene.runs if run.pattern == pattern]
    return _mean(covered_share(trial, run, pattern) >= LEAST_COVER for trial, run in true)


def frequency_error_hz(trials: Trials) -> float:
    """Median absolute error of the frequency of tremors whose run was found as one."""
    errors = []
    for trial in _with_runs(trials):
        for true in trial.scene.runs:
            found = run_for(trial, true)
            if true.frequency_hz and found and found.pattern == true.pattern and found.frequency_hz:
                errors.append(abs(found.frequency_hz - true.frequency_hz))
    return _median(errors)


def with_eye_share(trials: Trials) -> float:
    """Share of found twitches with an eyelid of which that was said, on the right side."""
    return _mean(is_with_eye(trial, pair) for trial in _with_runs(trials) for pair in trial.pairs if pair[0].partners)


def _with_runs(trials: Trials) -> list[Trial]:
    """Leave out methods that know no runs."""
    return [trial for trial in trials if trial.found.runs is not None]


def _pairs(trials: Trials) -> list[Pair]:
    return [pair for trial in trials for pair in trial.pairs]


def _counted(trials: Trials) -> list[Pair]:
    return [pair for pair in _pairs(trials) if pair[0].amplitude_pct_iod >= COUNTED_PCT_IOD]


def _lasts(twitch: object) -> float:
    return float(twitch.offset_s - twitch.onset_s)


def _amplitude_ratios(trials: Trials) -> list[float]:
    return [
        found.amplitude_pct_iod / true.amplitude_pct_iod
        for true, found in _counted(trials)
        if found.amplitude_pct_iod is not None
    ]


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")


def _mean(values: Iterable[float]) -> float:
    listed = list(values)
    return _ratio(float(sum(listed)), len(listed))


def _median(values: Iterable[float | None]) -> float:
    known = [value for value in values if value is not None]
    return float(np.median(known)) if known else float("nan")
