"""Plan a trial: draw the order, lay it on the calendar, say how likely it is to find what it looks for.

Every pair of periods holds one period as usual (A) and one with the remedy
(B); a coin decides which comes first. Drawn before the start and kept, the
order is what the result is computed from.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from philtrum.nof1.background import USUAL
from philtrum.nof1.design import make_nuisance, weekend_days
from philtrum.nof1.estimate import Noise, make_working, sweep
from philtrum.nof1.randomisation import LEVEL, Periods
from philtrum.nof1.trials import LEAST_PAIRS, TrialError

FloatArray = NDArray[np.float64]
Arm = Literal["A", "B"]

LONGEST_DAYS = 366
MOST_PAIRS = 40
_N_DRAWN = 24  # orders over which the power is averaged


@dataclass(frozen=True, slots=True)
class Period:
    """One period of a trial.

    Parameters
    ----------
    pair, number : int
        From 1.
    arm : str
        ``A`` as usual, ``B`` with the remedy.
    first_day : date
    n_days, washout_days : int
        Length, and how many days at its start are not counted.
    """

    pair: int
    number: int
    arm: Arm
    first_day: date
    n_days: int
    washout_days: int

    @property
    def last_day(self) -> date:
        """Its last day."""
        return self.first_day + timedelta(days=self.n_days - 1)


@dataclass(frozen=True, slots=True)
class Plan:
    """A trial before it starts.

    Parameters
    ----------
    remedy : str
        In the person's own words.
    periods : tuple of Period
    """

    remedy: str
    periods: tuple[Period, ...]

    @property
    def n_days(self) -> int:
        """Length of the whole trial."""
        return sum(period.n_days for period in self.periods)


def plan_trial(
    remedy: str,
    first_day: date,
    *,
    n_pairs: int = 10,
    period_days: int = 5,
    washout_days: int = 0,
    seed: int | None = None,
) -> Plan:
    """Draw a trial.

    Parameters
    ----------
    remedy : str
    first_day : date
    n_pairs : int, 6-40
        Pairs of periods; 8 to 10 are a good choice.
    period_days : int, 2-28
        Length of one period: longer than the remedy goes on working after it is left off.
    washout_days : int, 0 to period_days - 1
        Days at the start of every period that are not counted.
    seed : int, optional
        Draws the same order again; without it, the system's own randomness is used.

    Raises
    ------
    TrialError
        ``trial-too-few-pairs``, ``trial-too-long``, ``trial-period-length``, ``trial-washout``.
    """
    _check(n_pairs, period_days, washout_days)
    bits = secrets.randbits(n_pairs) if seed is None else int(np.random.default_rng(seed).integers(1 << n_pairs))
    starts_with_remedy = [bool(bits >> pair & 1) for pair in range(n_pairs)]
    periods = []
    for pair, is_remedy_first in enumerate(starts_with_remedy, start=1):
        for place in (0, 1):
            number = 2 * pair - 1 + place
            arm: Arm = "B" if is_remedy_first == (place == 0) else "A"
            start = first_day + timedelta(days=(number - 1) * period_days)
            periods.append(Period(pair, number, arm, start, period_days, washout_days))
    return Plan(remedy, tuple(periods))


def estimate_power(
    rate_ratio: float,
    *,
    rate_per_day: float,
    n_pairs: int,
    period_days: int,
    washout_days: int = 0,
    noise: Noise = USUAL.noise,
    share_recorded: float = 0.95,
) -> float:
    """Return how likely a trial finds a remedy that changes the rate by `rate_ratio`.

    The information of the model of `philtrum.nof1.estimate` on the contrast, averaged over drawn orders; the normal
    power of a two-sided test at 0.05 on it, with a t reference for so many pairs: fewer degrees of freedom than the
    analysis has, because the coin test must agree, too. `benchmarks/nof1` compares it with simulated trials.

    Parameters
    ----------
    rate_ratio : float
        0.6 cuts the episodes by 40 %.
    rate_per_day : float
        Episodes a day as usual.
    share_recorded : float, 0-1
        Days expected to be written down.
    """
    from scipy.special import ndtr, stdtrit

    information = np.mean(
        [
            _information(rate_ratio, rate_per_day, n_pairs, period_days, washout_days, noise, draw)
            for draw in range(_N_DRAWN)
        ]
    )
    z = abs(np.log(rate_ratio)) * np.sqrt(information * share_recorded)
    return float(ndtr(z - stdtrit(n_pairs - 1, 1 - LEVEL / 2))) if n_pairs >= LEAST_PAIRS else 0.0


def find_pairs_needed(
    rate_ratio: float,
    *,
    rate_per_day: float,
    period_days: int,
    washout_days: int = 0,
    noise: Noise = USUAL.noise,
    power: float = 0.8,
) -> int | None:
    """Return the fewest pairs that find such a remedy with this power; None if `LONGEST_DAYS` do not suffice."""
    most = min(MOST_PAIRS, LONGEST_DAYS // (2 * period_days))
    for n_pairs in range(LEAST_PAIRS, most + 1):
        found = estimate_power(
            rate_ratio,
            rate_per_day=rate_per_day,
            n_pairs=n_pairs,
            period_days=period_days,
            washout_days=washout_days,
            noise=noise,
        )
        if found >= power:
            return n_pairs
    return None


def _information(
    rate_ratio: float,
    rate_per_day: float,
    n_pairs: int,
    period_days: int,
    washout_days: int,
    noise: Noise,
    draw: int,
) -> float:
    rng = np.random.default_rng(draw)
    first = rng.integers(0, 2, n_pairs)
    arms = np.repeat(np.column_stack([first, 1 - first]).ravel(), period_days).astype(float)
    log_mean = np.log(rate_per_day) + np.log(rate_ratio) * arms
    is_washout = np.tile(np.arange(period_days) < washout_days, 2 * n_pairs)
    working = make_working(np.where(is_washout, np.nan, np.exp(log_mean)), log_mean)
    nuisance = make_nuisance(weekend_days(date(2024, 1, 1) + timedelta(days=int(rng.integers(7))), len(arms)))
    swept, _ = sweep(working, nuisance, arms[:, None], noise)
    return float(swept[:, 0] @ arms)


def _check(n_pairs: int, period_days: int, washout_days: int) -> None:
    if n_pairs < LEAST_PAIRS:
        what = f"{n_pairs} pairs were asked for; with fewer than {LEAST_PAIRS}, chance can never be ruled out."
        raise TrialError("trial-too-few-pairs", what, "Plan 8 to 10 pairs.")
    if not 2 <= period_days <= 28:
        what = f"A period of {period_days} days was asked for; 2 to 28 are possible."
        raise TrialError("trial-period-length", what, "Most remedies fit into periods of 3 to 7 days.")
    if n_pairs > MOST_PAIRS or 2 * n_pairs * period_days > LONGEST_DAYS:
        what = (
            f"{n_pairs} pairs of {period_days} days make {2 * n_pairs * period_days} days; {LONGEST_DAYS} is the most."
        )
        raise TrialError("trial-too-long", what, "Plan fewer pairs or shorter periods.")
    if not 0 <= washout_days < period_days:
        what = f"{washout_days} days of washout in periods of {period_days} days leave nothing to count."
        raise TrialError("trial-washout", what, "Make the periods longer, or the washout shorter.")


def periods_of(plan: Plan) -> Periods:
    """Return the plan day by day, as the analysis takes it."""
    pair = np.repeat([period.pair - 1 for period in plan.periods], [period.n_days for period in plan.periods])
    arms = np.repeat([period.arm == "B" for period in plan.periods], [period.n_days for period in plan.periods])
    return Periods(pair, arms)
