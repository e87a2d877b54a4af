"""Parts: a long clip is searched part by part, so that memory hardly grows with its length.

A clip of up to `WHOLE_S` is one part. Of a longer one, parts of less than half
a minute are cut off while it is read, each where the lip is quietest. A part is
searched together with `CONTEXT_S` on both sides, so that what lies near its
ends is judged as well as the rest; of what is found there, only its own time
counts. Every part is calibrated on itself, as a clip of its own would be.

Times are seconds from the first frame, intervals half-open, ``[start, end)``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from philtrum.video.continuous import Stretch
from philtrum.video.measurement import Exclusion, Twitch
from philtrum.video.motion import Motion, joined
from philtrum.video.zones import LIP

FloatArray = NDArray[np.float64]
Span = TypeVar("Span", Stretch, Exclusion)

# A minute is searched as a whole. Of a longer clip, parts of this length are cut off while the rest is longer still.
WHOLE_S = 60.0
PART_S = (20.0, 30.0)
# The longest thing that is looked for as a whole is a pull of 5 s; windows reach no further.
CONTEXT_S = 6.0
# The lip is quietest where it travels least within this.
QUIET_S = 2.0
# Two parts may place the apex of a twitch at their border this far apart.
SAME_TWITCH_S = 0.1
# The stated limit holds in this share of the observed time.
LIMIT_SHARE = 0.9


@dataclass(frozen=True, slots=True)
class Part:
    """Some time of a clip, with what surrounds it."""

    motion: Motion
    """Of the time itself and of its surroundings."""
    start_s: float
    end_s: float
    """Infinite in the last part."""

    @property
    def is_whole(self) -> bool:
        """The part is the whole clip."""
        return self.start_s == 0 and np.isinf(self.end_s)

    def own(self, t_s: FloatArray) -> slice:
        """Return which of rising times are the part's own."""
        return slice(*(int(at) for at in np.searchsorted(t_s, [self.start_s, self.end_s])))

    def holds(self, t_s: float) -> bool:
        """Tell whether a time is the part's own."""
        return self.start_s <= t_s < self.end_s


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in a part or in a whole clip."""

    twitches: tuple[Twitch, ...] = ()
    stretches: tuple[Stretch, ...] = ()
    excluded: tuple[Exclusion, ...] = ()
    observed_s: float = 0.0
    noise_pct_iod: float | None = None
    detectable_pct_iod: float | None = None


def in_parts(motions: Iterable[Motion]) -> Iterator[Part]:
    """Cut a clip into parts, as soon as each is complete.

    Parameters
    ----------
    motions : iterable of Motion
        The clip's motion in short pieces, in time order.

    Yields
    ------
    Part
        At least one, unless there is no piece. Together they hold every time once.
    """
    held: list[Motion] = []
    start_s, longest_s = 0.0, WHOLE_S
    for motion in motions:
        held.append(motion)
        if motion.t_s[-1] - start_s > longest_s:
            part, held = _cut(held, start_s, PART_S[1])
            yield part
            start_s, longest_s = part.end_s, sum(PART_S)
            del part
    if held and start_s and (rest_s := float(held[-1].t_s[-1]) - start_s) > 2 * PART_S[0]:
        part, held = _cut(held, start_s, min(PART_S[1], rest_s - PART_S[0]))
        yield part
        start_s = part.end_s
        del part
    if held:
        yield Part(joined(held), start_s, np.inf)


def within(found: Found, part: Part) -> Found:
    """Return what belongs to the part's own time: twitches by their apex, pulls by their start, the rest cut off."""
    return replace(
        found,
        twitches=tuple(twitch for twitch in found.twitches if part.holds(twitch.apex_s)),
        stretches=tuple(
            stretch if stretch.edges_s else _clipped(stretch, part)
            for stretch in found.stretches
            if (part.holds(stretch.start_s) if stretch.edges_s else _meets(stretch, part))
        ),
        excluded=tuple(_clipped(gap, part) for gap in found.excluded if _meets(gap, part)),
    )


def together(parts: Sequence[Found]) -> Found:
    """Return what was found in all parts of a clip; what a cut has parted is one again.

    Noise is the median over the observed time; of the smallest detectable twitches, the one that nine tenths of the
    observed time can show is given.
    """
    if len(parts) == 1:
        return parts[0]
    return Found(
        twitches=_once([twitch for part in parts for twitch in part.twitches]),
        stretches=_rejoined_stretches([stretch for part in parts for stretch in part.stretches]),
        excluded=_rejoined_gaps([gap for part in parts for gap in part.excluded]),
        observed_s=round(sum(part.observed_s for part in parts), 3),
        noise_pct_iod=_quantile([(part.noise_pct_iod, part.observed_s) for part in parts], 0.5),
        detectable_pct_iod=_quantile([(part.detectable_pct_iod, part.observed_s) for part in parts], LIMIT_SHARE),
    )


def _cut(held: Sequence[Motion], start_s: float, longest_s: float) -> tuple[Part, list[Motion]]:
    """Cut off a first part of at most this length; return it and what is needed for the next ones."""
    low_s, high_s = start_s + PART_S[0], start_s + longest_s
    end_s = _quietest_s(joined(_around(held, low_s - QUIET_S, high_s + QUIET_S)), low_s, high_s)
    part = Part(joined(_around(held, -np.inf, end_s + CONTEXT_S)), start_s, end_s)
    return part, _around(held, end_s - CONTEXT_S, np.inf)


def _around(held: Sequence[Motion], low_s: float, high_s: float) -> list[Motion]:
    """Return the pieces that meet a time."""
    return [motion for motion in held if motion.t_s[-1] >= low_s and motion.t_s[0] < high_s]


def _quietest_s(motion: Motion, low_s: float, high_s: float) -> float:
    """Return the time between two others around which the lip travels least; where it is not seen, it does not."""
    half = max(1, round(QUIET_S / 2 / float(np.median(np.diff(motion.t_s)))))
    first, stop = np.searchsorted(motion.t_s, [low_s, high_s])
    stop = max(stop, first + 1)
    around = slice(max(0, first - half), stop + half)
    lip = np.concatenate([motion.zone(zone)[around] for zone in LIP], axis=1)
    lowest, highest = (np.where(np.isnan(lip), edge, lip) for edge in (np.inf, -np.inf))
    size = min(2 * half + 1, len(lip))
    travel = (_windows(highest, size).max(axis=-1) - _windows(lowest, size).min(axis=-1)).sum(axis=1)
    middle = around.start + size // 2 + int(np.argmin(np.maximum(travel, 0.0)))
    return round(float(motion.t_s[np.clip(middle, first, stop - 1)]), 4)


def _windows(values: FloatArray, size: int) -> FloatArray:
    return np.asarray(np.lib.stride_tricks.sliding_window_view(values, size, axis=0))


def _meets(one: Span, part: Part) -> bool:
    return one.start_s < part.end_s and one.end_s > part.start_s


def _clipped(one: Span, part: Part) -> Span:
    return replace(one, start_s=max(one.start_s, part.start_s), end_s=min(one.end_s, part.end_s))


def _once(twitches: list[Twitch]) -> tuple[Twitch, ...]:
    """Leave out the second of two that are one, found by two parts."""
    kept: list[Twitch] = []
    for twitch in twitches:
        if not kept or twitch.apex_s - kept[-1].apex_s > SAME_TWITCH_S or twitch.onset_s >= kept[-1].offset_s:
            kept.append(twitch)
    return tuple(kept)


def _rejoined_stretches(stretches: list[Stretch]) -> tuple[Stretch, ...]:
    """Join rhythms that go on across a cut: side and frequency are those of the longer part."""
    kept: list[Stretch] = []
    for stretch in sorted(stretches, key=lambda one: (one.pattern, one.start_s)):
        last = kept[-1] if kept else None
        if last and not stretch.edges_s and last.pattern == stretch.pattern and last.end_s == stretch.start_s:
            longer = max(last, stretch, key=lambda one: one.end_s - one.start_s)
            kept[-1] = replace(longer, start_s=last.start_s, end_s=stretch.end_s)
        else:
            kept.append(stretch)
    return tuple(sorted(kept, key=lambda one: one.start_s))


def _rejoined_gaps(gaps: list[Exclusion]) -> tuple[Exclusion, ...]:
    kept: list[Exclusion] = []
    for gap in sorted(gaps, key=lambda one: (one.reason, one.start_s)):
        if kept and kept[-1].reason == gap.reason and gap.start_s <= kept[-1].end_s:
            kept[-1] = replace(kept[-1], end_s=max(kept[-1].end_s, gap.end_s))
        else:
            kept.append(gap)
    return tuple(sorted(kept, key=lambda one: (one.start_s, one.end_s, one.reason)))


def _quantile(weighted: Sequence[tuple[float | None, float]], share: float) -> float | None:
    """Return the least value that this share of the weight does not exceed; None where nothing is known."""
    known = sorted((value, weight) for value, weight in weighted if value is not None)
    if not known:
        return None
    reached = np.cumsum([weight for _, weight in known])
    return known[int(np.searchsorted(reached, share * reached[-1]))][0]
