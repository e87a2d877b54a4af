"""The day table: one row per local calendar day, without a gap in the calendar.

NaN means "not recorded", never zero. A day that nobody wrote down is a row of
NaN, so "yesterday" is always the row above.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class DayTable:
    """What is known of each day, from the first to the last.

    Parameters
    ----------
    first_day : date
        Local date of row 0; row k is k days later.
    columns : mapping of str to array, shape (n_days,)
        Numbers by column name (`philtrum.diary.columns`); NaN = not recorded.
    labels : mapping of str to tuple of str
        Words by column name, such as the arm of a trial; "" = not recorded.

    Raises
    ------
    ValueError
        If the columns differ in length or none holds numbers.
    """

    first_day: date
    columns: Mapping[str, FloatArray]
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        lengths = {*map(len, self.columns.values()), *map(len, self.labels.values())}
        if len(lengths) != 1 or not self.columns:
            raise ValueError(f"a day table needs columns of one length; got lengths {sorted(lengths)}")

    @property
    def n_days(self) -> int:
        """Days from the first to the last, those without a record included."""
        return len(next(iter(self.columns.values())))

    @property
    def days(self) -> tuple[date, ...]:
        """The date of every row."""
        return tuple(self.first_day + timedelta(days=k) for k in range(self.n_days))

    @property
    def last_day(self) -> date:
        """Date of the last row."""
        return self.first_day + timedelta(days=self.n_days - 1)

    def rows(self, start: int, stop: int) -> DayTable:
        """Return the days of the half-open interval of rows ``[start, stop)`` as a table of their own."""
        return DayTable(
            self.first_day + timedelta(days=start),
            {name: values[start:stop] for name, values in self.columns.items()},
            {name: words[start:stop] for name, words in self.labels.items()},
        )
