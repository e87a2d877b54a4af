"""Pattern: how the twitches of a clip are arranged in time and space.

Twitches whose apices lie less than `RUN_GAP_S` apart form a *run*. Tremor,
rippling and pulls are runs of their own (`continuous`), because their beats
need not stand out one by one.

The label of the clip is that of most of its twitching time; where no pattern
has two thirds of it, the label is ``mixed``. Times are seconds from the
first frame, intervals half-open.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from philtrum.video.continuous import Stretch
from philtrum.video.measurement import Pattern, PatternLabel, Run, RunPattern, Side, Twitch

# Discharges of one burst follow each other within half a second; a doublet within 0.3 s.
RUN_GAP_S = 0.6
DOUBLET_S = 0.35
# A rhythm: at least this many beats, intervals that vary by less than this share.
MIN_BEATS, MAX_VARIATION = 5, 0.2
# A twitch that begins or ends within this time of a pull's edge is the edge itself.
EDGE_S = 0.5
EYELIDS = ("lower_eyelid", "upper_eyelid")


def without_pulls(twitches: Sequence[Twitch], stretches: Sequence[Stretch]) -> tuple[Twitch, ...]:
    """Leave out what was taken for a twitch and is the beginning or the end of a pull."""
    edges_s = [edge_s for stretch in stretches for edge_s in stretch.edges_s]
    return tuple(
        twitch
        for twitch in twitches
        if not any(twitch.onset_s - EDGE_S < edge_s < twitch.offset_s + EDGE_S for edge_s in edges_s)
    )


def find_runs(twitches: Sequence[Twitch], stretches: Sequence[Stretch]) -> tuple[Run, ...]:
    """Group twitches into runs, and add stretches of continuous movement.

    Parameters
    ----------
    twitches : sequence of Twitch
        In time order.
    stretches : sequence of Stretch
        Tremor, rippling, pulls.
    """
    runs = [_run_of(stretch, twitches) for stretch in stretches]
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


def _run_of(stretch: Stretch, twitches: Sequence[Twitch]) -> Run:
    inside = [twitch for twitch in twitches if stretch.start_s <= twitch.apex_s < stretch.end_s]
    is_with_eye = inside and 2 * sum(_is_with_eye(twitch) for twitch in inside) >= len(inside)
    pattern: RunPattern = "with_eye" if is_with_eye else stretch.pattern
    return Run(stretch.start_s, stretch.end_s, pattern, stretch.frequency_hz, stretch.side, len(inside))


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
