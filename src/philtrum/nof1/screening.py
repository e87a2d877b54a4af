"""What can be asked of a diary at all: enough days, enough variation, and what hangs together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from philtrum.nof1.design import fill_blanks
from philtrum.nof1.estimate import Noise
from philtrum.nof1.outcome import Outcome

FloatArray = NDArray[np.float64]

# With fewer days, one strong trigger (ratio 1.5 per SD) is found in fewer than one diary in five (benchmarks/nof1).
LEAST_DAYS = 28
# Holsteen (2017, thesis, Stanford): 24 events are needed to detect moderate associations reliably.
LEAST_EPISODES = 24
LEAST_TWITCHING_DAYS = 8
LEAST_DAYS_OF_COLUMN = 24
LEAST_SHARE_OF_COLUMN = 0.5
LEAST_UNUSUAL_DAYS = 5  # days that differ from the commonest value
_LEAST_SPREAD = 1e-9  # below it a column is constant but for rounding
LEAST_SWITCHES = 4  # of a column of on and off: two starts and two stops, so that it is not one before and after
# A column that the others explain to this share cannot be told apart from them (variance inflation above 5).
TIED_SHARE = 0.8
# |t| of yesterday's twitching on today's value: p = 0.003.
CONSEQUENCE_T = 3.0
# Three lags where the diary is long enough to tell them apart, two before.
_DAYS_FOR_TWO_LAGS = 75
# On and off in runs of weeks: the day before is the same day in another place.
_LONG_RUNS = 0.7
# (z for 80 % power at the evidence that is asked for)^2, calibrated on benchmarks/nof1.
_DAYS_FACTOR = 4.6**2


@dataclass(frozen=True, slots=True)
class Shortage:
    """Why nothing can be said yet, and how many more days it takes (None: days alone do not help)."""

    id: str
    days_needed: int | None


@dataclass(frozen=True, slots=True)
class Company:
    """How a column goes along with the others.

    Parameters
    ----------
    partner : str
        The column that it goes with most.
    correlation : float, 0-1
        With that one, trend and weekend aside; the sign is left out.
    explained : float, 0-1
        Share of its variance that all others together explain.
    """

    partner: str
    correlation: float
    explained: float


def find_shortage_of_outcome(outcome: Outcome) -> Shortage | None:
    """Say what the record of the twitching itself lacks."""
    recorded = outcome.n_recorded
    if recorded < LEAST_DAYS:
        return Shortage("too-few-days", LEAST_DAYS - recorded)
    if not outcome.n_twitching_days:
        return Shortage("no-twitching", None)
    total = float(np.nansum(outcome.values)) if outcome.column == "episodes" else np.inf
    lack = max(LEAST_EPISODES / max(total, 1), LEAST_TWITCHING_DAYS / outcome.n_twitching_days)
    if lack > 1:
        return Shortage("too-few-episodes", int(np.ceil(recorded * (lack - 1))))
    return None


def find_shortage_of_column(values: FloatArray, outcome: Outcome) -> Shortage | None:
    """Say what a column lacks on the days on which the twitching is known."""
    known = values[np.isfinite(values) & np.isfinite(outcome.values)]
    wanted = max(LEAST_DAYS_OF_COLUMN, int(np.ceil(LEAST_SHARE_OF_COLUMN * outcome.n_recorded)))
    if len(known) < wanted:
        return Shortage("column-too-few-days", wanted - len(known))
    kinds, counts = np.unique(known, return_counts=True)
    if len(kinds) == 1 or known.std() < _LEAST_SPREAD:
        return Shortage("column-constant", None)
    if len(known) - counts.max() < LEAST_UNUSUAL_DAYS:
        return Shortage("column-hardly-varies", None)
    if len(kinds) == 2 and count_switches(values) < LEAST_SWITCHES:
        return Shortage("column-one-switch", None)
    return None


def choose_lags(values: FloatArray, outcome: Outcome) -> tuple[int, ...]:
    """Return the days before that are looked at: 0 and 1, in a longer diary 2; for long runs of on and off 0 alone."""
    known = values[np.isfinite(values)]
    if len(np.unique(known)) == 2 and count_switches(values) < (1 - _LONG_RUNS) * 0.5 * len(known):
        return (0,)
    return (0, 1, 2) if outcome.n_recorded >= _DAYS_FOR_TWO_LAGS else (0, 1)


def count_switches(values: FloatArray) -> int:
    """Return how often a value differs from the one recorded before it."""
    known = values[np.isfinite(values)]
    return int((np.diff(known) != 0).sum())


def find_company(columns: Mapping[str, FloatArray], nuisance: FloatArray, is_weekend: FloatArray) -> dict[str, Company]:
    """Return for every column the one that it rises and falls with most, trend and weekend aside."""
    names = list(columns)
    if len(names) < 2:
        return {}
    rest = _residuals(np.column_stack([fill_blanks(columns[name], is_weekend) for name in names]), nuisance)
    unit = rest / np.maximum(np.sqrt((rest**2).mean(axis=0)), 1e-9)
    correlation = np.abs(unit.T @ unit) / len(unit)
    np.fill_diagonal(correlation, 0.0)
    company = {}
    for place, name in enumerate(names):
        left = _residuals(unit[:, [place]], np.delete(unit, place, axis=1))
        partner = int(np.argmax(correlation[place]))
        explained = 1 - float((left**2).mean())
        company[name] = Company(names[partner], float(correlation[place, partner]), explained)
    return company


def measure_consequence(values: FloatArray, outcome: Outcome, is_weekend: FloatArray) -> float:
    """Return the t value of yesterday's twitching on today's value, given the two days before, weekend and trend.

    Twitching that raises the next day's stress makes the two go together without stress doing anything. What
    happens within one day cannot be told apart by any daily diary.
    """
    days = np.arange(2, len(values))
    parts = [
        values[days - 1],
        values[days - 2],
        is_weekend[days],
        days / len(values),
        np.log1p(outcome.counts[days - 1]),
    ]
    regressors = np.column_stack([np.ones(len(days)), *parts])
    known = np.isfinite(regressors).all(axis=1) & np.isfinite(values[days])
    regressors, response = regressors[known], values[days][known]
    if len(response) < 3 * regressors.shape[1]:
        return 0.0
    inverse = np.linalg.pinv(regressors.T @ regressors)
    coefficient = inverse @ regressors.T @ response
    left = response - regressors @ coefficient
    variance = float(left @ left) / (len(response) - regressors.shape[1])
    return float(coefficient[-1] / np.sqrt(max(variance * inverse[-1, -1], 1e-300)))


def estimate_days_needed(ratio_per_sd: float, mean: float, noise: Noise, explained: float = 0.15) -> int:
    """Return the days after which a trigger of this size is found in four diaries of five.

    Parameters
    ----------
    ratio_per_sd : float
    mean : float
        Episodes a day.
    noise : Noise
    explained : float, 0-1
        Share of the column that the other columns explain.
    """
    variance = 1 / max(mean, 0.05) + noise.k + noise.s2
    return int(np.ceil(_DAYS_FACTOR / np.log(ratio_per_sd) ** 2 * variance / (1 - explained)))


def _residuals(columns: FloatArray, regressors: FloatArray) -> FloatArray:
    coefficient, *_ = np.linalg.lstsq(regressors, columns, rcond=None)
    left: FloatArray = columns - regressors @ coefficient
    return left


def usual_step(values: FloatArray) -> float:
    """Return a round number near the standard deviation of a column: 1, 2 or 5 times a power of 10."""
    known = values[np.isfinite(values)]
    if set(np.unique(known)) <= {0.0, 1.0}:
        return 1.0
    spread = max(float(known.std()), 1e-12)
    power = 10.0 ** np.floor(np.log10(spread))
    return float(max(digit for digit in (1.0, 2.0, 5.0) if digit * power <= spread * 1.0001) * power)
