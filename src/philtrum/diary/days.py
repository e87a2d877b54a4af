"""From records to one row per local day.

What a cell means
-----------------
- `episodes`: spells that began on this date of the person's own calendar. 0
  only where the check-in says "no twitch today" (or counts none); a day that
  nobody wrote about stays NaN, because missing is not quiet. Where the check-in
  counts more spells than were logged, its count holds.
- `minutes`: time with at least one spell, in true minutes, cut at local
  midnight. Where a spell has no known length or was counted without being
  logged, what the check-in says, or NaN.
- A factor: the check-in's answer; otherwise what other records of the day add
  up to, for the source that tells most: two apps that saw the same cup count it
  once. Sleep that began between 18:00 of the day before and 18:00 of the date
  belongs to the date: the night that ended that morning.
- `medication`: the check-in's answer; otherwise 1 where a dose was logged.

Days run from the first to the last record without a gap. Intervals are
half-open, [start, end), and lengths are differences in UTC.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from philtrum.diary.factors import KNOWN
from philtrum.diary.medicines import Dose
from philtrum.diary.records import CheckIn, Episode, Exposure, Record, day_of, local_day
from philtrum.diary.table import DayTable

Interval = tuple[datetime, datetime]

# A night belongs to the morning it leads to; naps in the afternoon belong to their own date.
_NIGHT_STARTS_H = 18


def day_table(records: Iterable[Record], *, last_day: date | None = None) -> DayTable:
    """Make the day table of a diary.

    Parameters
    ----------
    records : iterable of Record
        The diary, in any order.
    last_day : date, optional
        Days after it are left out; days up to it are rows even where nothing is recorded.

    Returns
    -------
    DayTable
        Columns `episodes`, `minutes`, then every factor with at least one value. Empty diaries give one row of NaN.
    """
    found = list(records)
    columns = {"episodes": _episodes(found), "minutes": _minutes(found), **_factors(found)}
    days = {day for values in columns.values() for day in values} | _check_in_days(found)
    if last_day is not None:
        days = {day for day in days if day <= last_day} | {last_day}
    first = min(days, default=date(1970, 1, 1))
    n_days = (max(days, default=first) - first).days + 1
    arrays = {}
    for name, values in columns.items():
        arrays[name] = np.full(n_days, np.nan)
        for day, value in values.items():
            if 0 <= (day - first).days < n_days:
                arrays[name][(day - first).days] = value
    return DayTable(first, arrays)


def split_by_day(start: datetime, end: datetime, zone: str) -> Iterator[tuple[date, Interval]]:
    """Cut a stretch of time at every local midnight; yield each date with its piece, lengths adding up exactly.

    Right also where a midnight does not exist or comes twice, and where a whole date is skipped.
    """
    here = ZoneInfo(zone)
    start, end = start.astimezone(UTC), end.astimezone(UTC)  # Python takes times of one zone by their clocks
    while start < end:
        day = start.astimezone(here).date()
        cut = _leaves_day(start, min(end, start + timedelta(hours=30)), here)
        yield day, (start, cut)
        start = cut


def covered_s(intervals: Iterable[Interval]) -> float:
    """Return the seconds covered by at least one of some intervals."""
    total, reached = 0.0, None
    for start, end in sorted((start.astimezone(UTC), end.astimezone(UTC)) for start, end in intervals):
        if reached is None or start > reached:
            reached = start
        if end > reached:
            total += (end - reached).total_seconds()
            reached = end
    return total


def night_of(start: datetime, zone: str) -> date:
    """Return the date of the morning to which a stretch of sleep that began at `start` leads."""
    local = start.astimezone(ZoneInfo(zone))
    return local.date() + timedelta(days=local.hour >= _NIGHT_STARTS_H)


def _leaves_day(start: datetime, end: datetime, here: ZoneInfo) -> datetime:
    """Return the first moment in (start, end] with another local date, to the second; `end` if there is none."""
    day = start.astimezone(here).date()
    if (end - timedelta(microseconds=1)).astimezone(here).date() == day:
        return end
    low, high = 0, -int(-(end - start).total_seconds() // 1)
    whole = start.replace(microsecond=0)
    while high - low > 1:
        middle = (low + high) // 2
        is_same_day = (whole + timedelta(seconds=middle)).astimezone(here).date() == day
        low, high = (middle, high) if is_same_day else (low, middle)
    return min(whole + timedelta(seconds=high), end)


def _check_in_days(records: list[Record]) -> set[date]:
    return {record.day for record in records if isinstance(record, CheckIn)}


def _episodes(records: list[Record]) -> dict[date, float]:
    logged: dict[date, float] = defaultdict(float)
    for record in records:
        if isinstance(record, Episode):
            logged[record.day] += 1
    for record in records:
        if isinstance(record, CheckIn):
            n_said = 0 if record.has_twitched is False else record.n_episodes
            if n_said is not None:
                logged[record.day] = max(logged[record.day], n_said)
    return dict(logged)


def _minutes(records: list[Record]) -> dict[date, float]:
    spans: dict[date, list[Interval]] = defaultdict(list)
    unknown: set[date] = set()
    n_logged: dict[date, int] = defaultdict(int)
    for record in records:
        if not isinstance(record, Episode):
            continue
        n_logged[record.day] += 1
        if record.duration_s is None or record.ended_at is None:
            unknown.add(record.day)
            continue
        spans[record.day]  # a spell of no length still makes its day known
        for day, span in split_by_day(record.started_at, record.ended_at, record.zone):
            spans[day].append(span)
    minutes = {day: covered_s(pieces) / 60 for day, pieces in spans.items()}
    check_ins = {record.day: record for record in records if isinstance(record, CheckIn)}
    unknown |= {day for day, evening in check_ins.items() if (_n_told(evening) or 0) > n_logged[day]}
    known = {day: value for day, value in minutes.items() if day not in unknown}
    for day, evening in check_ins.items():
        told = evening.minutes if evening.minutes is not None else 0.0 if _n_told(evening) == 0 else None
        if told is not None:
            known[day] = max(told, minutes.get(day, 0.0))
    return known


def _n_told(evening: CheckIn) -> int | None:
    """Return how many spells a check-in tells of; where it only says that there were some, one."""
    if evening.n_episodes is not None:
        return evening.n_episodes
    return None if evening.has_twitched is None else int(evening.has_twitched)


def _factors(records: list[Record]) -> dict[str, dict[date, float]]:
    values: dict[str, dict[date, float]] = defaultdict(dict)
    for (key, day), found in _grouped(records).items():
        values[key][day] = _total(found)
    for record in records:
        if isinstance(record, Dose):
            values["medication"][local_day(record.taken_at, record.zone)] = 1.0
    for record in records:
        if isinstance(record, CheckIn):
            for key, answer in record.answers.items():
                values[key][record.day] = answer
    return {key: values[key] for key in sorted(values, key=_known_first)}


def _grouped(records: list[Record]) -> dict[tuple[str, date], list[Exposure]]:
    grouped: dict[tuple[str, date], list[Exposure]] = defaultdict(list)
    for record in records:
        if isinstance(record, Exposure):
            day = night_of(record.started_at, record.zone) if record.factor == "sleep_hours" else day_of(record)
            if day is not None:
                grouped[record.factor, day].append(record)
    return grouped


def _total(found: list[Exposure]) -> float:
    """Add up what each source tells and return the largest: two apps that saw the same cup or night count it once."""
    by_source: dict[str, float] = defaultdict(float)
    for record in found:
        by_source[record.source] += record.amount
    return max(by_source.values())


def _known_first(key: str) -> tuple[int, str]:
    return (list(KNOWN).index(key) if key in KNOWN else len(KNOWN), key)
