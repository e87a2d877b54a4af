"""From a day table to the columns of the model: blanks filled, days before shifted, habits on one scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

# A day is "high" above one of these shares of the person's own days.
HIGH_DAY_SHARES = (0.6, 0.72, 0.84)
_DAYS_PER_WAVE = 60.0  # slow changes down to half a period of this length are swept out
_LEAST_DAYS_FOR_WAVES = 90
_LEAST_HIGH_DAYS = 6


@dataclass(frozen=True, slots=True)
class State:
    """One way in which a trigger may act.

    Parameters
    ----------
    trigger : str
    lag_days : int
        0 the same day, 1 the day before.
    above : float or None
        Acts only on days with more than this; None acts evenly.
    scale : float
        One unit of the model's column in units of the trigger.
    """

    trigger: str
    lag_days: int
    above: float | None
    scale: float


@dataclass(frozen=True, slots=True)
class Design:
    """Columns of the model.

    Parameters
    ----------
    nuisance : array, shape (n_days, q)
        Level, trend, slow waves, weekend.
    candidates : array, shape (n_days, p)
        Standardised, one column per state.
    states : tuple of State
        What each candidate column is.
    """

    nuisance: FloatArray
    candidates: FloatArray
    states: tuple[State, ...]


def make_design(
    first_day: date, columns: Mapping[str, FloatArray], lags: Mapping[str, Sequence[int]], *, has_shapes: bool = True
) -> Design:
    """Make the columns of the model from triggers with blanks (NaN).

    Parameters
    ----------
    first_day : date
    columns : mapping of str to array, shape (n_days,)
        The triggers.
    lags : mapping of str to sequence of int
        The days before that are looked at, by trigger.
    """
    n_days = len(next(iter(columns.values())))
    is_weekend = weekend_days(first_day, n_days)
    states: list[State] = []
    candidates: list[FloatArray] = []
    for name, written in columns.items():
        filled = fill_blanks(written, is_weekend)
        scale = float(np.nanstd(written))
        for lag in lags[name]:
            states.append(State(name, lag, None, scale))
            candidates.append(_shift((filled - np.nanmean(written)) / scale, lag))
        if has_shapes:
            for cut, column in _high_days(written, filled):
                states.append(State(name, 0, cut, 1.0))
                candidates.append(column)
    return Design(make_nuisance(is_weekend), np.column_stack(candidates), tuple(states))


def make_nuisance(is_weekend: FloatArray) -> FloatArray:
    """Return level, trend, slow waves and weekend: what may change without any trigger."""
    n_days = len(is_weekend)
    place = (np.arange(n_days) + 0.5) / n_days
    n_waves = int(n_days / _DAYS_PER_WAVE) - 1 if n_days >= _LEAST_DAYS_FOR_WAVES else 0
    waves = [np.cos(np.pi * (wave + 2) * place) for wave in range(n_waves)]
    columns = [np.ones(n_days), place - 0.5, *waves]
    if 0 < is_weekend.sum() < n_days:
        columns.append(is_weekend - is_weekend.mean())
    return np.column_stack(columns)


def weekend_days(first_day: date, n_days: int) -> FloatArray:
    """Return 1 for Saturdays and Sundays, 0 for other days."""
    weekday = (first_day.weekday() + np.arange(n_days)) % 7
    return (weekday >= 5).astype(float)


def fill_blanks(values: FloatArray, is_weekend: FloatArray) -> FloatArray:
    """Replace NaN by what is expected given the kind of day and the days written down before and after.

    Deviations from the mean of weekdays or weekends are taken as AR(1); the
    expectation of the blanks given the rest solves one tridiagonal system.
    """
    is_known = np.isfinite(values)
    if is_known.all():
        return values.copy()
    means = _means_by_kind(values, is_weekend)
    deviation = np.where(is_known, values - means, 0.0)
    rho = _lag_correlation(deviation, is_known)
    return np.where(is_known, values, means + _bridge(deviation, is_known, rho))


def _means_by_kind(values: FloatArray, is_weekend: FloatArray) -> FloatArray:
    overall = float(np.nanmean(values))
    means = np.full(len(values), overall)
    for kind in (0.0, 1.0):
        days = is_weekend == kind
        known = values[days & np.isfinite(values)]
        if len(known) >= 5:
            means[days] = known.mean()
    return means


def _lag_correlation(deviation: FloatArray, is_known: NDArray[np.bool_]) -> float:
    pairs = is_known[1:] & is_known[:-1]
    if pairs.sum() < 8:
        return 0.0
    variance = float((deviation[is_known] ** 2).mean())
    covariance = float((deviation[1:] * deviation[:-1])[pairs].mean())
    return float(np.clip(covariance / max(variance, 1e-12), 0.0, 0.95))


def _bridge(deviation: FloatArray, is_known: NDArray[np.bool_], rho: float) -> FloatArray:
    from scipy.linalg import solve_banded

    n = len(deviation)
    band = np.zeros((3, n))
    band[1] = 1 + rho**2
    band[1, [0, -1]] = 1.0
    band[0, 1:] = -rho
    band[2, :-1] = -rho
    band[1, is_known] = 1.0
    band[0, 1:][is_known[:-1]] = 0.0
    band[2, :-1][is_known[1:]] = 0.0
    right = np.where(is_known, deviation, 0.0)
    solved: FloatArray = solve_banded((1, 1), band, right, check_finite=False)
    return solved


def _shift(values: FloatArray, lag: int) -> FloatArray:
    """Move values `lag` days later; the first days get the mean, 0."""
    return values if lag == 0 else np.concatenate([np.zeros(lag), values[:-lag]])


def _high_days(written: FloatArray, filled: FloatArray) -> list[tuple[float, FloatArray]]:
    """Return the cuts between this person's values that leave days enough on both sides, and the days above."""
    known = written[np.isfinite(written)]
    found: dict[float, FloatArray] = {}
    for share in HIGH_DAY_SHARES:
        cut = _cut_between(known, share)
        n_high = int((known > cut).sum())
        if len(np.unique(known)) > 3 and _LEAST_HIGH_DAYS <= n_high <= len(known) - _LEAST_HIGH_DAYS:
            is_high = (filled > cut).astype(float)
            found[cut] = (is_high - is_high.mean()) / max(float(is_high.std()), 1e-9)
    return list(found.items())


def _cut_between(known: FloatArray, share: float) -> float:
    """Return the middle between two neighbouring values near the wanted quantile."""
    low = float(np.quantile(known, share, method="lower"))
    above = known[known > low]
    return (low + float(above.min())) / 2 if len(above) else low
