"""How one person twitches when nothing is changed: the rate, and how days differ by themselves."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from philtrum.diary.table import DayTable
from philtrum.nof1.average import log_evidence
from philtrum.nof1.design import make_nuisance, weekend_days
from philtrum.nof1.estimate import (
    USUAL_NOISE,
    Noise,
    Working,
    find_noise,
    fit_nuisance,
    log_prior,
    make_working,
    measure_gram,
)
from philtrum.nof1.outcome import choose_outcome

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Background:
    """A person's usual course.

    Parameters
    ----------
    rate_per_day : float
        Episodes a day.
    noise : Noise
    """

    rate_per_day: float
    noise: Noise


# The middle of what the noise priors in `philtrum.nof1.estimate` take for everyday: a person of whom nothing is known.
USUAL = Background(4.0, Noise(k=0.2, s2=0.1, rho=0.65))


def measure_background(table: DayTable) -> Background:
    """Measure rate and noise from a diary, without looking at any trigger.

    Raises
    ------
    OutcomeError
        ``outcome-missing``.
    """
    outcome = choose_outcome(table)
    nuisance = make_nuisance(weekend_days(table.first_day, table.n_days))
    noise, _ = fit_background(outcome.counts, nuisance)
    return Background(max(float(np.nanmean(outcome.counts)), 0.05), noise)


def fit_background(counts: FloatArray, nuisance: FloatArray, *, n_rounds: int = 3) -> tuple[Noise, FloatArray]:
    """Fit noise and log mean with the nuisance columns alone."""
    log_mean = np.full(len(counts), np.log(max(float(np.nanmean(counts)), 0.05)))
    theta = USUAL_NOISE
    noise = USUAL.noise
    for _ in range(n_rounds):
        working = make_working(counts, log_mean)
        theta = find_noise(partial(_log_posterior, working, nuisance), theta)
        noise = Noise.from_vector(theta)
        log_mean = fit_nuisance(working, nuisance, np.zeros(len(counts)), noise)
    return noise, log_mean


def _log_posterior(working: Working, nuisance: FloatArray, theta: FloatArray) -> float:
    gram = measure_gram(working, nuisance, np.zeros((len(nuisance), 0)), Noise.from_vector(theta))
    return float(log_evidence(gram, np.zeros((1, 0), dtype=np.int64))[0]) + log_prior(theta)
