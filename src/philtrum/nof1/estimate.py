"""Daily counts of one person as a log-linear model with good and bad spells.

The count of day t has mean ``exp(x_t b + u_t)``: ``u`` is a spell, an AR(1)
process that explains why bad days come in rows, and days vary more than
Poisson by ``k``. Around a mean ``mu`` the working response
``z = log(mu) + (y - mu) / mu`` has the covariance

    S = diag(1 / mu + k) + s2 * rho ** |t - t'|

on the days with a count (quasi-likelihood with the latent process kept [1]_;
the first two moments are all that is assumed). All products with the inverse
of S come from one banded Cholesky factor: with ``W`` the inverse of the
diagonal (0 on days without a count) and ``Q`` the tridiagonal precision of
the spell, ``S^-1 = W - W (W + Q)^-1 W``. So the cost grows with the number of
days only, and days without a count need no special case.

References
----------
.. [1] Zeger SL (1988). A regression model for time series of counts. Biometrika 75:621-629.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

# Where the parameters of everyday diaries lie: mean and standard deviation of log k, log s2 and logit rho. Wide: two
# standard deviations span k 0.02-1.5, spell 0.08-0.8 (as SD of the log rate), rho 0.1-0.95.
USUAL_NOISE = np.array([np.log(0.2), np.log(0.1), 0.6])
_PRIOR_SD = np.array([1.0, 1.2, 1.2])
_LEAST_MEAN = 0.02  # episodes a day; below it a working response has no meaning
_BOUNDS = ((-6.0, 2.0), (-7.0, 1.5), (-3.0, 4.0))


@dataclass(frozen=True, slots=True)
class Noise:
    """How days differ when nothing that was written down differs.

    Parameters
    ----------
    k : float
        Variance beyond Poisson, relative to the squared mean.
    s2 : float
        Variance of the spell, on the log scale.
    rho : float
        Correlation of the spell from one day to the next.
    """

    k: float
    s2: float
    rho: float

    @classmethod
    def from_vector(cls, theta: FloatArray) -> Noise:
        """Make it from log k, log s2, logit rho."""
        return cls(float(np.exp(theta[0])), float(np.exp(theta[1])), float(1 / (1 + np.exp(-theta[2]))))


@dataclass(frozen=True, slots=True)
class Working:
    """Counts made ready around a mean.

    Parameters
    ----------
    response : array, shape (n_days,)
        ``z``; 0 on days without a count.
    mean : array, shape (n_days,)
        Expected count.
    is_counted : bool array, shape (n_days,)
        Days with a count.
    """

    response: FloatArray
    mean: FloatArray
    is_counted: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Gram:
    """All products of columns and response with the inverse covariance, nuisance columns swept out.

    Parameters
    ----------
    columns : array, shape (p, p)
        Products between candidate columns.
    response : array, shape (p,)
        Products of candidate columns with the response.
    total : float
        Quadratic form of the response.
    log_density : float
        The part of the log likelihood that is the same for all models.
    n_free : int
        Counted days less nuisance columns.
    """

    columns: FloatArray
    response: FloatArray
    total: float
    log_density: float
    n_free: int


def make_working(counts: FloatArray, log_mean: FloatArray) -> Working:
    """Linearise counts around ``exp(log_mean)``; NaN counts are days without one."""
    is_counted = np.isfinite(counts)
    mean = np.maximum(np.exp(np.clip(log_mean, -20, 12)), _LEAST_MEAN)
    response = np.where(is_counted, np.log(mean) + (np.where(is_counted, counts, 0) - mean) / mean, 0.0)
    return Working(response, mean, is_counted)


def measure_gram(working: Working, nuisance: FloatArray, candidates: FloatArray, noise: Noise) -> Gram:
    """Return the products that every model over these columns needs.

    Parameters
    ----------
    working : Working
    nuisance : array, shape (n_days, q)
        Columns in every model, unpenalised.
    candidates : array, shape (n_days, p)
        Columns that a model may hold.
    noise : Noise
    """
    stacked = np.column_stack([candidates, working.response])
    swept, log_density = sweep(working, nuisance, stacked, noise)
    rest = stacked.T @ swept
    n_free = int(working.is_counted.sum()) - nuisance.shape[1]
    return Gram(rest[:-1, :-1], rest[:-1, -1], float(rest[-1, -1]), log_density, n_free)


def sweep(working: Working, nuisance: FloatArray, columns: FloatArray, noise: Noise) -> tuple[FloatArray, float]:
    """Return ``P columns`` with ``P = S^-1 - S^-1 F (F' S^-1 F)^-1 F' S^-1``, and ``-(log|S| + log|F' S^-1 F|) / 2``.

    `P` gives what is left of a column when the nuisance columns F are accounted for; the second is the part of the
    restricted log likelihood that no candidate column changes.
    """
    q = nuisance.shape[1]
    solved, log_det = _solve(np.column_stack([nuisance, columns]), working, noise)
    factor = np.linalg.cholesky(nuisance.T @ solved[:, :q])
    inner = np.linalg.solve(factor, nuisance.T @ solved[:, q:])
    swept = solved[:, q:] - solved[:, :q] @ np.linalg.solve(factor.T, inner)
    return swept, -0.5 * log_det - float(np.log(np.diag(factor)).sum())


def fit_nuisance(working: Working, nuisance: FloatArray, offset: FloatArray, noise: Noise) -> FloatArray:
    """Return the fitted nuisance part of the log mean, given what the candidates explain (`offset`)."""
    response = np.where(working.is_counted, working.response - offset, 0.0)
    solved, _ = _solve(nuisance, working, noise)
    fitted: FloatArray = nuisance @ np.linalg.solve(nuisance.T @ solved, solved.T @ response)
    return fitted


def clip_noise(theta: FloatArray) -> FloatArray:
    """Bring parameters back to where the formulae are sound."""
    low, high = np.array(_BOUNDS).T
    clipped: FloatArray = np.clip(theta, low, high)
    return clipped


def log_prior(theta: FloatArray) -> float:
    """Return the log density of the noise parameters before seeing this diary, up to a constant."""
    return float(-0.5 * (((theta - USUAL_NOISE) / _PRIOR_SD) ** 2).sum())


def find_noise(log_posterior: Callable[[FloatArray], float], start: FloatArray = USUAL_NOISE) -> FloatArray:
    """Return the noise parameters (log k, log s2, logit rho) of highest posterior density."""
    from scipy.optimize import minimize

    found = minimize(
        lambda theta: -log_posterior(theta),
        start,
        method="L-BFGS-B",
        bounds=_BOUNDS,
        options={"maxiter": 30, "eps": 1e-3, "ftol": 1e-6},
    )
    best: FloatArray = found.x
    return best


def _solve(columns: FloatArray, working: Working, noise: Noise) -> tuple[FloatArray, float]:
    """Return ``S^-1 columns`` and ``log|S|`` over the counted days."""
    from scipy.linalg import cho_solve_banded, cholesky_banded

    weight = np.where(working.is_counted, 1 / (1 / working.mean + noise.k), 0.0)
    n_days = len(weight)
    scale = 1 / (noise.s2 * (1 - noise.rho**2))
    band = np.zeros((2, n_days))
    band[0] = scale * (1 + noise.rho**2)
    band[0, [0, -1]] = scale
    band[0] += weight
    band[1, :-1] = -scale * noise.rho
    factor = cholesky_banded(band, lower=True, check_finite=False)
    weighted = weight[:, None] * columns
    solved = weighted - weight[:, None] * cho_solve_banded((factor, True), weighted, check_finite=False)
    log_det_spell = -np.log(1 / noise.s2) - (n_days - 1) * np.log(scale)
    log_det = 2 * np.log(factor[0]).sum() + log_det_spell - np.log(weight[working.is_counted]).sum()
    return solved, float(log_det)
