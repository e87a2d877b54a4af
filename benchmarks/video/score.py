"""Score: true and found twitches and runs, paired clip by clip."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scene import Scene, TrueRun, TrueTwitch
from scipy.optimize import linear_sum_assignment

APEX_WITHIN_S = 0.1
COUNTED_PCT_IOD = 0.5
CONTINUOUS = {"rhythmic", "undulating", "sustained"}


@dataclass(frozen=True, slots=True)
class FoundTwitch:
    """One twitch found by philtrum or by a baseline; None where the method does not say."""

    onset_s: float
    apex_s: float
    offset_s: float
    amplitude_pct_iod: float | None = None
    side: str | None = None
    partners: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """What a method found in a clip; None for what it does not look for."""

    twitches: tuple[FoundTwitch, ...]
    runs: tuple[TrueRun, ...] | None = None
    excluded: tuple[tuple[float, float], ...] | None = None
    detectable_pct_iod: float | None = None
    verdict: str = "good"


Pair = tuple[TrueTwitch, FoundTwitch]


@dataclass(frozen=True, slots=True)
class Trial:
    """One clip, measured by one method."""

    method: str
    condition: str
    scene: Scene
    face: str
    found: Found
    pairs: tuple[Pair, ...]
    false: tuple[FoundTwitch, ...]
    measuring_s: float

    @property
    def n_true(self) -> int:
        """Twitches that count."""
        return sum(twitch.amplitude_pct_iod >= COUNTED_PCT_IOD for twitch in self.scene.twitches)

    @property
    def n_right(self) -> int:
        """Twitches that count and were found."""
        return sum(true.amplitude_pct_iod >= COUNTED_PCT_IOD for true, _ in self.pairs)

    @property
    def missed(self) -> list[TrueTwitch]:
        """Twitches that were not found, of any size."""
        paired = {true.apex_s for true, _ in self.pairs}
        return [true for true in self.scene.twitches if true.apex_s not in paired]

    @property
    def excluded_share(self) -> float:
        """Share of the clip's time in which the method abstained."""
        return float(np.mean([self.is_excluded(t_s) for t_s in np.arange(0, self.scene.duration_s, 0.02)]))

    def is_excluded(self, t_s: float) -> bool:
        """Tell whether the method abstained at a time: it refused the clip, or excluded the time."""
        is_refused = self.found.verdict == "refused"
        return is_refused or any(start_s <= t_s < end_s for start_s, end_s in self.found.excluded or ())


def judge(method: str, condition: str, scene: Scene, face: str, found: Found, measuring_s: float) -> Trial:
    """Pair true and found twitches one to one; what lies in a continuous movement is neither right nor false."""
    off_s = np.abs(np.subtract.outer([t.apex_s for t in scene.twitches], [t.apex_s for t in found.twitches]))
    rows, columns = linear_sum_assignment(np.where(off_s <= APEX_WITHIN_S, off_s, 1e3)) if off_s.size else ((), ())
    matched = [(i, j) for i, j in zip(rows, columns, strict=True) if off_s[i, j] <= APEX_WITHIN_S]
    pairs = tuple((scene.twitches[i], found.twitches[j]) for i, j in matched)
    taken = {j for _, j in matched}
    false = tuple(t for j, t in enumerate(found.twitches) if j not in taken and not _is_within(t, scene.runs))
    return Trial(method, condition, scene, face, found, pairs, false, measuring_s)


def run_for(trial: Trial, true: TrueRun) -> TrueRun | None:
    """Return the found run that shares most time with a true one."""
    shared = [(min(run.end_s, true.end_s) - max(run.start_s, true.start_s), run) for run in trial.found.runs or ()]
    best = max(shared, key=lambda item: item[0], default=None)
    return best[1] if best and best[0] > 0 else None


def covered_share(trial: Trial, true: TrueRun, pattern: str) -> float:
    """Return the share of a true run's time that found runs of a pattern cover."""
    t_s = np.arange(true.start_s, true.end_s, 0.01)
    is_covered = np.zeros(len(t_s), bool)
    for run in trial.found.runs or ():
        if run.pattern == pattern:
            is_covered |= (t_s >= run.start_s) & (t_s < run.end_s)
    return float(is_covered.mean())


def is_with_eye(trial: Trial, pair: Pair) -> bool:
    """Tell whether a paired twitch was seen to come with the lower or upper eyelid of its own side."""
    true, found = pair
    in_run = any(
        run.pattern == "with_eye" and run.side == true.side and run.start_s <= found.apex_s < run.end_s
        for run in trial.found.runs or ()
    )
    return in_run or any("eyelid" in partner and partner.endswith(true.side) for partner in found.partners)


def _is_within(twitch: FoundTwitch, runs: Sequence[TrueRun]) -> bool:
    return any(
        run.start_s - APEX_WITHIN_S <= twitch.apex_s < run.end_s + APEX_WITHIN_S
        for run in runs
        if run.pattern in CONTINUOUS
    )
