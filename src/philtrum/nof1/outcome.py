"""What the twitching is measured by: episodes, minutes, or the rate found in clips."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from philtrum.diary.columns import OUTCOMES
from philtrum.diary.table import DayTable
from philtrum.errors import PhiltrumError

FloatArray = NDArray[np.float64]

# Minutes and rates are no counts: on a scale with this mean the Poisson part of their noise is negligible, and the
# noise grows with the mean, as it does for what is measured.
_MEASURED_MEAN = 30.0


class OutcomeError(PhiltrumError, ValueError):
    """The table does not say how much the person twitched."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How much the person twitched, day by day.

    Parameters
    ----------
    column : str
    values : array, shape (n_days,)
        As written; NaN = not recorded.
    counts : array, shape (n_days,)
        On the scale that the model takes for counts.
    """

    column: str
    values: FloatArray
    counts: FloatArray

    @property
    def n_recorded(self) -> int:
        """Days with a record."""
        return int(np.isfinite(self.values).sum())

    @property
    def n_twitching_days(self) -> int:
        """Days with any twitching."""
        return int((np.nan_to_num(self.values) > 0).sum())


def choose_outcome(table: DayTable, column: str | None = None) -> Outcome:
    """Return the wanted outcome, or the first of `OUTCOMES` that has a record.

    Raises
    ------
    OutcomeError
        ``outcome-missing``.
    """
    wanted = OUTCOMES if column is None else (column,)
    present = [name for name in wanted if name in table.columns and np.isfinite(table.columns[name]).any()]
    if not present:
        what = f"The twitching itself is missing: no number in a column {' or '.join(wanted)}."
        raise OutcomeError("outcome-missing", what, "Write down at least how many episodes each day had, 0 included.")
    values = table.columns[present[0]]
    mean = float(np.nanmean(values))
    is_count = present[0] == "episodes" or mean == 0
    return Outcome(present[0], values, values if is_count else values * (_MEASURED_MEAN / mean))
