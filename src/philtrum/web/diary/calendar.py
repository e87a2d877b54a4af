"""Days as the calendar shows them: how many spells, none, or nothing written down."""

from __future__ import annotations

import calendar
import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.contrib.auth.models import User

from philtrum.diary.days import day_table
from philtrum.diary.records import Record
from philtrum.web.diary import store

# Upper ends of the shades: one spell, two, three to five, six and more.
_SHADES = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Day:
    """One square of the calendar.

    Parameters
    ----------
    on : date
        The day.
    n_episodes : int, optional
        Spells; None where nobody wrote about it.
    has_record : bool
        Anything at all was written down.
    """

    on: date
    n_episodes: int | None
    has_record: bool
    is_today: bool = False
    is_future: bool = False
    is_outside: bool = False

    @property
    def shade(self) -> str:
        """Name of the look: unknown, quiet, or 1 to 4."""
        if self.n_episodes is None:
            return "open" if self.has_record else "unknown"
        if self.n_episodes == 0:
            return "quiet"
        return str(1 + sum(self.n_episodes > top for top in _SHADES))


def strip_of(owner: User, last: date, n_days: int) -> list[Day]:
    """Return the days up to `last`, oldest first."""
    first = last - timedelta(days=n_days - 1)
    days = [first + timedelta(days=k) for k in range(n_days)]
    return _with_counts(days, store.records_of(owner, "episode", "check_in", first=first, last=last), last)


def month_of(owner: User, month: date, today: date) -> list[list[Day]]:
    """Return the weeks of a month, from Monday; days of other months fill the first and last week."""
    weeks = calendar.Calendar().monthdatescalendar(month.year, month.month)
    first, last = weeks[0][0], weeks[-1][-1]
    records = store.records_of(owner, "episode", "check_in", "exposure", "dose", first=first, last=last)
    days = iter(_with_counts((day for week in weeks for day in week), records, today, month=month.month))
    return [[next(days) for _ in week] for week in weeks]


def _with_counts(days: Iterable[date], records: list[Record], today: date, *, month: int | None = None) -> list[Day]:
    table = day_table(records)
    counts = dict(zip(table.days, table.columns["episodes"].tolist(), strict=True))
    written = {day for day, *values in zip(table.days, *table.columns.values(), strict=True) if not _is_blank(values)}
    found = []
    for day in days:
        count = counts.get(day, math.nan)
        found.append(
            Day(
                on=day,
                n_episodes=None if math.isnan(count) else int(count),
                has_record=day in written,
                is_today=day == today,
                is_future=day > today,
                is_outside=month is not None and day.month != month,
            )
        )
    return found


def _is_blank(values: list[float]) -> bool:
    return all(math.isnan(value) for value in values)
