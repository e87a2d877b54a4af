"""Simulated trials of a remedy: how often a difference is claimed, and how often the interval holds the truth."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from diaries import draw_spell
from numpy.typing import NDArray

from philtrum.diary.table import DayTable
from philtrum.nof1.planning import estimate_power
from philtrum.nof1.trials import TrialResult, analyse_trial

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Design:
    """Trials of one kind.

    Parameters
    ----------
    carry_over : float
        Share of the effect that is left a day after the remedy was left off.
    trend : float
        Fall of the log rate over the whole trial.
    rho : float or None
        Memory of the spells; None draws it for each person.
    wanted : float or None
        Least share found.
    """

    name: str
    n_pairs: int
    period_days: int
    ratio: float
    trend: float = 0.0
    rho: float | None = None
    missing: float = 0.05
    carry_over: float = 0.0
    wanted: float | None = None


DESIGNS = (
    Design("no effect, 10 x 5 days", 10, 5, 1.0),
    Design("no effect, 6 x 5 days", 6, 5, 1.0),
    Design("no effect, falling trend", 8, 5, 1.0, trend=1.5),
    Design("no effect, long spells", 8, 5, 1.0, rho=0.9),
    Design("no effect, 8 x 7 days", 8, 7, 1.0),
    Design("cut by 40 %, 10 x 5 days", 10, 5, 0.6, wanted=0.75),
    Design("cut by 40 %, 10 x 3 days", 10, 3, 0.6),
    Design("cut by 40 %, 8 x 5 days", 8, 5, 0.6),
    Design("cut by 55 %, 6 x 5 days", 6, 5, 0.45),
    Design("cut by 40 %, a quarter missing", 10, 5, 0.6, missing=0.25),
    Design("cut by 40 %, carry-over", 10, 5, 0.6, carry_over=0.6),
)


@dataclass(frozen=True, slots=True)
class TrialMarks:
    """How the trials of one design came out; `promised` is the power that the planner states for them."""

    claimed: float
    by_coin: float
    coverage: float
    bias: float
    promised: float


def run_trials(design: Design, n_trials: int, seed: int) -> TrialMarks:
    """Simulate and analyse trials."""
    results = [analyse_trial(_simulate(design, np.random.default_rng([seed, number]))) for number in range(n_trials)]
    truth = float(np.log(design.ratio))
    found = [result for result in results if result.rate_ratio is not None]
    promised = estimate_power(
        design.ratio,
        rate_per_day=4.0,
        n_pairs=design.n_pairs,
        period_days=design.period_days,
        share_recorded=1 - design.missing,
    )
    return TrialMarks(
        float(np.mean([result.verdict in {"helps", "harms"} for result in results])),
        float(np.mean([(result.p_coin or 1.0) <= 0.05 for result in results])),
        float(np.mean([_holds(result, truth) for result in found])),
        float(np.mean([np.log(result.rate_ratio or 1.0) - truth for result in found])),
        promised if design.ratio < 1 else 0.05,
    )


def _holds(result: TrialResult, truth: float) -> bool:
    return bool(np.log(result.ci_low or 1e-9) <= truth <= np.log(result.ci_high or 1e9))


def _simulate(design: Design, rng: np.random.Generator) -> DayTable:
    first = rng.integers(0, 2, design.n_pairs).astype(bool)
    has_remedy = np.repeat(np.column_stack([first, ~first]).ravel(), design.period_days)
    n_days = len(has_remedy)
    exposure = has_remedy.astype(float)
    for day in range(1, n_days):
        exposure[day] = max(exposure[day], design.carry_over * exposure[day - 1])
    rho = rng.uniform(0.3, 0.85) if design.rho is None else design.rho
    weekday = (np.arange(n_days) + rng.integers(7)) % 7
    log_rate = (
        rng.uniform(np.log(2), np.log(8))
        + draw_spell(n_days, rng.uniform(0.2, 0.5), rho, rng)
        + np.log(design.ratio) * exposure
        - design.trend * np.linspace(-0.5, 0.5, n_days)
        + rng.normal(0, 0.15) * (weekday >= 5)
    )
    k = rng.uniform(0.05, 0.4)
    episodes = rng.poisson(np.exp(log_rate) * rng.gamma(1 / k, k, n_days)).astype(float)
    episodes[rng.uniform(size=n_days) < design.missing] = np.nan
    columns = {"episodes": episodes, "pair": np.repeat(np.arange(1.0, design.n_pairs + 1), 2 * design.period_days)}
    return DayTable(date(2026, 1, 5), columns, {"arm": tuple("B" if arm else "A" for arm in has_remedy)})
