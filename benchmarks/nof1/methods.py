"""Two ways to read a diary: philtrum's, and the plain correlation that consumer apps use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.stats import pearsonr

from philtrum.diary.table import DayTable
from philtrum.nof1.triggers import NO_TRIGGERS, find_triggers


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement: this column, so many days before, raises (1) or lowers (-1) the twitching."""

    trigger: str
    lag_days: int
    sign: int


@dataclass(frozen=True, slots=True)
class Interval:
    """A 95 % interval of the log ratio for one more unit of a column."""

    trigger: str
    lag_days: int
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What a method says of one diary."""

    claims: tuple[Claim, ...]
    intervals: tuple[Interval, ...]


Method = Callable[[DayTable], Reading]


def read_by_philtrum(table: DayTable) -> Reading:
    """Return the claims and intervals of `philtrum triggers`."""
    claims, intervals = [], []
    for trigger in find_triggers(table).triggers:
        for link in trigger.links:
            low, high = np.log([link.ci_low, link.ci_high]) / trigger.per
            intervals.append(Interval(trigger.name, link.lag_days, float(low), float(high)))
            if link.verdict in {"raises", "lowers"}:
                claims.append(Claim(trigger.name, link.lag_days, 1 if link.verdict == "raises" else -1))
    return Reading(tuple(claims), tuple(intervals))


def read_by_correlation(table: DayTable) -> Reading:
    """Call every column a trigger whose same-day correlation with the episodes has p < 0.05."""
    counts = table.columns["episodes"]
    claims = []
    for name, values in table.columns.items():
        known = np.isfinite(values) & np.isfinite(counts)
        if name in NO_TRIGGERS or known.sum() < 5 or np.ptp(values[known]) == 0 or np.ptp(counts[known]) == 0:
            continue
        found = pearsonr(values[known], counts[known])
        if found.pvalue < 0.05:
            claims.append(Claim(name, 0, int(np.sign(found.statistic))))
    return Reading(tuple(claims), ())


METHODS: dict[str, Method] = {"philtrum": read_by_philtrum, "correlation": read_by_correlation}
