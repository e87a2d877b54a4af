"""What a trial shows: an estimate with its interval, and how often the coin alone would show as much.

The order of the two arms was drawn for every pair. If the remedy does nothing,
the counts would have been the same under every order that could have been
drawn; so the measure of a difference is computed for all of them (or 1500
drawn ones), and `p_coin` is the share that shows at least as much as the real
order. That holds whatever trend, spells or weekdays do [1]_; the model of
`philtrum.nof1.estimate` only makes the measure sharp, and its noise is found
for all orders together.

Estimate and interval are those of the model for the real order, with a t
reference for the number of periods (restricted randomisation leaves little
more to go by). A remedy may go on working after it is left off: everything is
averaged over how much of its effect is left a day later (`CARRY_OVERS`).

References
----------
.. [1] Edgington ES, Onghena P (2007). Randomization Tests, 4th ed. Chapman & Hall, chapters 1 and 13.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from philtrum.nof1.estimate import (
    USUAL_NOISE,
    Noise,
    Working,
    find_noise,
    fit_nuisance,
    log_prior,
    make_working,
    sweep,
)

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

CARRY_OVERS = (0.0, 0.4, 0.8)
"""Share of the effect that is left one day after the remedy was left off."""
_CARRY_OVER_CHANCES = (0.92, 0.04, 0.04)
_EFFECT_SD = 0.5  # prior SD of the log rate ratio: the measure is sharpest for ratios around 0.6
_MOST_EXACT_PAIRS = 10
_N_DRAWN = 1500
_N_ROUNDS = 3
_SCALE_DF = 10.0
LEVEL = 0.05


@dataclass(frozen=True, slots=True)
class Periods:
    """The trial, day by day.

    Parameters
    ----------
    pair : int array, shape (n_days,)
        Number of the pair, from 0.
    has_remedy : bool array, shape (n_days,)
        Arm B, with the remedy.
    """

    pair: IntArray
    has_remedy: BoolArray

    @property
    def n_pairs(self) -> int:
        """How many pairs the trial has."""
        return int(self.pair.max()) + 1


@dataclass(frozen=True, slots=True)
class Contrast:
    """What the trial shows.

    Parameters
    ----------
    log_ratio : float
        Log of the rate with the remedy over the rate without.
    low, high : float
        95 % interval of `log_ratio`.
    p_value : float
        Two-sided, of the model, in agreement with the interval.
    p_coin : float
        Share of the possible orders that show at least as much as the real one.
    carry_over : float
        Posterior chance that the effect outlasts the remedy by days.
    """

    log_ratio: float
    low: float
    high: float
    p_value: float
    p_coin: float
    carry_over: float


def contrast_arms(counts: FloatArray, nuisance: FloatArray, periods: Periods, *, seed: int = 0) -> Contrast:
    """Compare the arms of a randomised trial by its own randomisation.

    Parameters
    ----------
    counts : array, shape (n_days,)
        NaN = not recorded, or not to be counted (washout).
    nuisance : array, shape (n_days, q)
        Level, trend, weekend.
    periods : Periods
    seed : int
        For the drawn orders of a long trial.
    """
    orders = draw_orders(periods.n_pairs, seed)
    exposures = [expose(periods, orders, share) for share in CARRY_OVERS]
    measure = _measure_orders(counts, nuisance, exposures)
    p_coin = float((measure >= measure[0] - 1e-9).mean())
    estimate, error, lingers = _estimate(counts, nuisance, [exposure[:, 0] for exposure in exposures])
    df = max(2 * periods.n_pairs - 3, 6)
    reach = error * _t_quantile(df)
    return Contrast(estimate, estimate - reach, estimate + reach, _p_value(estimate / error, df), p_coin, lingers)


def draw_orders(n_pairs: int, seed: int = 0) -> BoolArray:
    """Return which pairs are turned round, shape (n_orders, n_pairs); the first order is the real one."""
    if n_pairs <= _MOST_EXACT_PAIRS:
        return (np.arange(2**n_pairs)[:, None] >> np.arange(n_pairs) & 1).astype(bool)
    drawn = np.random.default_rng(seed).integers(0, 2, (_N_DRAWN, n_pairs)).astype(bool)
    drawn[0] = False
    return drawn


def expose(periods: Periods, orders: BoolArray, share_left: float) -> FloatArray:
    """Return how much of the remedy's effect each day has under each order, shape (n_days, n_orders).

    1 with the remedy; without it, what is left of the day before.
    """
    is_on = periods.has_remedy[:, None] ^ orders.T[periods.pair]
    exposure = is_on.astype(float)
    for day in range(1, len(exposure)):
        exposure[day] = np.maximum(exposure[day], share_left * exposure[day - 1])
    return exposure


def _measure_orders(counts: FloatArray, nuisance: FloatArray, exposures: list[FloatArray]) -> FloatArray:
    """Return for every order how much better the counts fit with the remedy than without, log scale.

    The noise is found for all orders together, each as likely as the others, so that the real one has no advantage.
    """
    log_mean = np.full(len(counts), np.log(max(float(np.nanmean(counts)), 0.05)))
    theta = USUAL_NOISE
    for _ in range(_N_ROUNDS):
        working = make_working(counts, log_mean)
        theta = find_noise(partial(_log_mixture, working, nuisance, exposures[0]), theta)
        noise = Noise.from_vector(theta)
        log_mean = fit_nuisance(working, nuisance, np.zeros(len(counts)), noise)
    working = make_working(counts, log_mean)
    logs = [
        np.log(chance) + _log_factor(working, nuisance, exposure, noise)[0]
        for exposure, chance in zip(exposures, _CARRY_OVER_CHANCES, strict=True)
    ]
    measure: FloatArray = np.logaddexp.reduce(logs, axis=0)
    return measure


def _log_mixture(working: Working, nuisance: FloatArray, exposure: FloatArray, theta: FloatArray) -> float:
    log_factor, log_base = _log_factor(working, nuisance, exposure, Noise.from_vector(theta))
    top = float(log_factor.max())
    return log_base + top + float(np.log(np.exp(log_factor - top).mean())) + log_prior(theta)


def _log_factor(working: Working, nuisance: FloatArray, exposure: FloatArray, noise: Noise) -> tuple[FloatArray, float]:
    """Return the log Bayes factor of an effect under each order, and the log likelihood without any."""
    swept, log_density = sweep(working, nuisance, np.column_stack([working.response, exposure]), noise)
    total = float(swept[:, 0] @ working.response)
    information = np.maximum((exposure * swept[:, 1:]).sum(axis=0), 1e-12)
    score = swept[:, 1:].T @ working.response
    explained = score**2 / (information + 1 / _EFFECT_SD**2)
    df = _SCALE_DF + int(working.is_counted.sum()) - nuisance.shape[1]
    gain = -0.5 * df * np.log1p(-explained / (_SCALE_DF + total))
    log_factor: FloatArray = gain - 0.5 * np.log1p(_EFFECT_SD**2 * information)
    return log_factor, log_density - 0.5 * df * float(np.log1p(total / _SCALE_DF))


def _estimate(counts: FloatArray, nuisance: FloatArray, own: list[FloatArray]) -> tuple[float, float, float]:
    """Return the log rate ratio of the real order, its standard error, and the chance that the effect lingers."""
    found = [_estimate_one(counts, nuisance, exposure) for exposure in own]
    log_evidence = np.array([evidence for _, _, evidence in found]) + np.log(_CARRY_OVER_CHANCES)
    weight = np.exp(log_evidence - log_evidence.max())
    weight /= weight.sum()
    means, errors = np.array([mean for mean, _, _ in found]), np.array([error for _, error, _ in found])
    mean = float(weight @ means)
    variance = float(weight @ (errors**2 + means**2)) - mean**2
    return mean, float(np.sqrt(variance)), float(1 - weight[0])


def _estimate_one(counts: FloatArray, nuisance: FloatArray, own: FloatArray) -> tuple[float, float, float]:
    columns = np.column_stack([nuisance, own])
    log_mean = np.full(len(counts), np.log(max(float(np.nanmean(counts)), 0.05)))
    theta = USUAL_NOISE
    for _ in range(_N_ROUNDS):
        working = make_working(counts, log_mean)
        theta = find_noise(partial(_log_mixture, working, nuisance, own[:, None]), theta)
        noise = Noise.from_vector(theta)
        log_mean = fit_nuisance(working, columns, np.zeros(len(counts)), noise)
    working = make_working(counts, log_mean)
    swept, _ = sweep(working, nuisance, own[:, None], noise)
    information = float(swept[:, 0] @ own)
    estimate = float(swept[:, 0] @ working.response) / information
    return estimate, float(1 / np.sqrt(information)), _log_mixture(working, nuisance, own[:, None], theta)


def _t_quantile(df: int) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(df, 1 - LEVEL / 2))


def _p_value(t: float, df: int) -> float:
    from scipy.special import stdtr

    return float(2 * stdtr(df, -abs(t)))
