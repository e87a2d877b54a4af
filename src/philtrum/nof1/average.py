"""Which few of many columns go with the twitching: a sparse set of models, each with its weight.

A model picks for each trigger "nothing" or one state: its value on one of the
days before, or a "high day". The effects have a normal prior, the scale of
the noise an inverse-gamma one, so that the weight of a model has a closed
form. All models of one and of two triggers are looked at, larger ones
outwards from the best. Models of one size are computed together, with one
small Cholesky factor each.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from philtrum.nof1.estimate import Gram

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

EFFECT_SD = 0.4
"""Prior standard deviation of a log rate ratio per SD of a column: two thirds lie between 0.67 and 1.5."""

# The noise is measured by its parameters (see `philtrum.nof1.estimate`); its overall scale is 1 give or take a third.
_SCALE_DF = 10.0
MOST_TRIGGERS = 6
# How many models of a size grow into larger ones.
_BEAMS = {1: 10_000, 2: 150, 3: 80, 4: 50, 5: 30}


@dataclass(frozen=True, slots=True)
class Prior:
    """What is believed of every column before the diary is seen.

    Parameters
    ----------
    trigger_of : int array, shape (p,)
        Which trigger a column is a state of.
    state : array, shape (p,)
        Probability of the state, given that its trigger does something.
    positive : array, shape (p,)
        Probability that an effect of the column raises the rate, if it has one.
    inclusion : tuple of float
        Parameters of the beta distribution of the share of triggers that do something. So what
        is needed to believe in one more trigger grows with the number looked at [1]_.

    References
    ----------
    .. [1] Scott JG, Berger JO (2010). Bayes and empirical-Bayes multiplicity adjustment in the
       variable-selection problem. Annals of Statistics 38:2587-2619.
    """

    trigger_of: IntArray
    state: FloatArray
    positive: FloatArray
    inclusion: tuple[float, float]

    @property
    def n_triggers(self) -> int:
        """How many triggers there are."""
        return int(self.trigger_of.max()) + 1

    def log_density(self, members: IntArray) -> FloatArray:
        """Return the log prior of models, given as padded rows of column numbers."""
        from scipy.special import betaln

        a, b = self.inclusion
        n_in = (members < len(self.state)).sum(axis=1)
        log_state = np.append(np.log(self.state), 0.0)
        logs: FloatArray = betaln(a + n_in, b + self.n_triggers - n_in) + log_state[members].sum(axis=1)
        return logs


@dataclass(frozen=True, slots=True)
class Fit:
    """Coefficients of models, and how well they are known.

    Parameters
    ----------
    coefficient, variance : array, shape (n_models, size)
    df : float
        Degrees of freedom of their t distribution.
    """

    coefficient: FloatArray
    variance: FloatArray
    df: float


def empty_model(n_columns: int) -> IntArray:
    """Return the model without any trigger, padded."""
    return np.full((1, MOST_TRIGGERS), n_columns, dtype=np.int64)


def find_models(gram: Gram, prior: Prior) -> IntArray:
    """Search the models that carry the weight.

    Returns
    -------
    int array, shape (n_models, MOST_TRIGGERS)
        Column numbers of each model, padded with ``p`` ("nothing").
    """
    p = len(prior.trigger_of)
    found = [empty_model(p)]
    best = found[0]
    for size in range(1, min(MOST_TRIGGERS, prior.n_triggers) + 1):
        grown = _grow(best[:, : size - 1], prior.trigger_of)
        padded = np.full((len(grown), MOST_TRIGGERS), p, dtype=np.int64)
        padded[:, :size] = grown
        found.append(padded)
        if size in _BEAMS:
            score = prior.log_density(padded) + log_evidence(gram, grown)
            best = padded[np.argsort(-score)[: _BEAMS[size]]]
    return np.concatenate(found)


def log_evidence(gram: Gram, members: IntArray) -> FloatArray:
    """Return the log marginal likelihood of models given as rows of column numbers, padded or not."""
    columns, response = _padded(gram)
    rows = members.T
    size = len(rows)
    inner = columns[rows[:, None, :], rows[None, :, :]]
    inner[np.arange(size), np.arange(size)] += 1 / EFFECT_SD**2
    right = response[rows]
    log_det = np.full(len(members), 2 * size * np.log(EFFECT_SD))
    explained = np.zeros(len(members))
    for i in range(size):  # Cholesky of all models at once, with the forward solution on the way
        pivot = np.sqrt(inner[i, i])
        log_det += 2 * np.log(pivot)
        below = inner[i + 1 :, i] / pivot
        half = right[i] / pivot
        explained += half**2
        right[i + 1 :] -= below * half
        inner[i + 1 :, i + 1 :] -= below[:, None] * below[None, :]
    left = np.maximum(gram.total - explained, 1e-9)
    value: FloatArray = gram.log_density - 0.5 * log_det - 0.5 * (_SCALE_DF + gram.n_free) * np.log1p(left / _SCALE_DF)
    return value


def fit_models(gram: Gram, members: IntArray, *, own: int = 0, own_sd: float = EFFECT_SD) -> Fit:
    """Return the coefficients of models; the first `own` columns of each have a prior of their own width."""
    columns, response = _padded(gram)
    size = members.shape[1]
    penalty = np.full(size, 1 / EFFECT_SD**2)
    penalty[:own] = 1 / own_sd**2
    inverse = np.linalg.inv(columns[members[:, :, None], members[:, None, :]] + np.diag(penalty))
    right = response[members]
    coefficient = np.einsum("mij,mj->mi", inverse, right)
    left = np.maximum(gram.total - np.einsum("mi,mi->m", coefficient, right), 1e-9)
    df = _SCALE_DF + gram.n_free
    variance = np.diagonal(inverse, axis1=1, axis2=2) * ((_SCALE_DF + left) / df)[:, None]
    return Fit(coefficient, variance, df)


def log_of_signs(fit: Fit, members: IntArray, prior: Prior) -> FloatArray:
    """Return how the directions of a model's effects change its log evidence, given what is expected of them.

    A normal prior whose halves have unequal weights changes the evidence by the posterior weight of the halves;
    for several effects the product of their own is taken.
    """
    from scipy.special import ndtr

    positive = np.append(prior.positive, 0.5)[members]
    above = ndtr(fit.coefficient / np.sqrt(fit.variance))
    logs: FloatArray = np.log(2 * (positive * above + (1 - positive) * (1 - above))).sum(axis=1)
    return logs


def _padded(gram: Gram) -> tuple[FloatArray, FloatArray]:
    """Add the column "nothing", which is orthogonal to all."""
    p = len(gram.response)
    columns = np.zeros((p + 1, p + 1))
    columns[:p, :p] = gram.columns
    return columns, np.append(gram.response, 0.0)


def _grow(members: IntArray, trigger_of: IntArray) -> IntArray:
    """Return every model with one more trigger, each once, columns in order."""
    p = len(trigger_of)
    added = np.tile(np.arange(p, dtype=np.int64), len(members))[:, None]
    grown = np.concatenate([np.repeat(members, p, axis=0), added], axis=1)
    owner = trigger_of[grown]
    grown = np.sort(grown[(owner[:, :-1] != owner[:, -1:]).all(axis=1)], axis=1)
    code = grown @ (np.int64(p) ** np.arange(grown.shape[1], dtype=np.int64))
    return grown[np.unique(code, return_index=True)[1]]
