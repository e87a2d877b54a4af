"""What a diary says of every trigger: chance that it does something, on which day, and how much.

Which model holds and how noisy the days are is not known, so every figure is
an average: over the models (`philtrum.nof1.average`) and over 15 points of
the noise parameters around their mode, laid out and weighed as in [1]_.

Intervals do not come from the models that a trigger was picked by: those are
chosen because they look large. They come from models that hold *all* the days
before of one trigger together, with the other triggers averaged over; so they
keep their promise for triggers that do nothing as for those that do.

References
----------
.. [1] Rue H, Martino S, Chopin N (2009). Approximate Bayesian inference for latent Gaussian models.
   Journal of the Royal Statistical Society B 71:319-392, section 6.5.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from philtrum.nof1.average import Prior, empty_model, find_models, fit_models, log_evidence, log_of_signs
from philtrum.nof1.design import Design
from philtrum.nof1.estimate import (
    USUAL_NOISE,
    Gram,
    Noise,
    Working,
    clip_noise,
    find_noise,
    fit_nuisance,
    log_prior,
    make_working,
    measure_gram,
)

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

# An effect on the same day is the commonest; measured on other seeds, the exact shares hardly matter.
_LAG_SHARES = (0.6, 0.25, 0.15)
_FURTHER_LAG_SHARE = 0.1
_SHAPE_SHARE = 0.3  # of a trigger's chance that goes to "only on high days"
_INCLUSION = (2.0, 10.0)  # about one in six of the factors that people suspect is expected to do something
_EXPECTED_SHARE = 2 / 3  # of the effects that go the way that is generally thought

_N_ROUNDS = 3
_WINDOW = 8.0  # models this much less likely (log units) than the best are left out
_MOST_MODELS = 600
_MOST_FOR_NOISE = 30
_MOST_OTHERS = 120
_OWN_SD = 1.0  # prior of a trigger's own columns in its interval: so wide that it hardly shrinks
_REACH = 1.1  # of the design points, as in the reference


@dataclass(frozen=True, slots=True)
class Lag:
    """The estimate for one trigger and lag.

    Parameters
    ----------
    lag_days : int
    log_ratio : float
        Per unit of the trigger, all lags of the trigger and the other triggers being equal.
    standard_error : float
        Of `log_ratio`.
    df : float
        Degrees of freedom of its t distribution.
    chance : float
        Posterior probability that the trigger acts, and on this day.
    """

    lag_days: int
    log_ratio: float
    standard_error: float
    df: float
    chance: float


@dataclass(frozen=True, slots=True)
class HighDay:
    """A trigger that acts only above some amount.

    Parameters
    ----------
    above : float
        The amount, in units of the trigger.
    log_ratio, standard_error : float
        Of days above it against the others.
    chance : float
        Posterior probability of this shape at any amount, given that the trigger acts.
    """

    above: float
    log_ratio: float
    standard_error: float
    chance: float


@dataclass(frozen=True, slots=True)
class Posterior:
    """What the diary says of one trigger.

    Parameters
    ----------
    trigger : str
    chance : float
        Posterior probability that it goes with the twitching at all.
    lags : tuple of Lag
    high_day : HighDay or None
        The likeliest amount, where there is one.
    """

    trigger: str
    chance: float
    lags: tuple[Lag, ...]
    high_day: HighDay | None


@dataclass(frozen=True, slots=True)
class Analysis:
    """Posteriors of all triggers, and the noise they were found in."""

    triggers: tuple[Posterior, ...]
    noise: Noise


def analyse_counts(
    counts: FloatArray, design: Design, triggers: Sequence[str], expected: Mapping[str, int] | None = None
) -> Analysis:
    """Weigh all models for counts (NaN = not recorded) over the columns of a design.

    Parameters
    ----------
    counts : array, shape (n_days,)
    design : Design
    triggers : sequence of str
        Those of `design`, each with at least one state.
    expected : mapping of str to int, optional
        Direction that is generally thought, by trigger: 1 raises, -1 lowers. The other one needs twice the evidence.
    """
    search = _Search(counts, design, _make_prior(design, triggers, expected or {}))
    search.run()
    weighed = search.integrate()
    return Analysis(
        tuple(_summarise(weighed, design, search.prior, number, name) for number, name in enumerate(triggers)),
        Noise.from_vector(search.theta),
    )


def _make_prior(design: Design, triggers: Sequence[str], expected: Mapping[str, int]) -> Prior:
    trigger_of = np.array([triggers.index(state.trigger) for state in design.states], dtype=np.int64)
    is_shape = np.array([state.above is not None for state in design.states])
    share = np.zeros(len(design.states))
    for number in range(len(triggers)):
        lines = np.flatnonzero((trigger_of == number) & ~is_shape)
        shapes = np.flatnonzero((trigger_of == number) & is_shape)
        by_lag = np.array([_lag_share(design.states[column].lag_days) for column in lines])
        share[lines] = by_lag / by_lag.sum() * (1 - _SHAPE_SHARE * bool(len(shapes)))
        share[shapes] = _SHAPE_SHARE / max(len(shapes), 1)
    tilt = np.array([expected.get(state.trigger, 0) for state in design.states])
    return Prior(trigger_of, share, 0.5 + tilt * (_EXPECTED_SHARE - 0.5), _INCLUSION)


def _lag_share(lag_days: int) -> float:
    return _LAG_SHARES[lag_days] if lag_days < len(_LAG_SHARES) else _FURTHER_LAG_SHARE


@dataclass(frozen=True, slots=True)
class _Weighed:
    """Models by design points, with their weights."""

    members: IntArray
    grams: tuple[Gram, ...]
    weight: FloatArray  # shape (n_points, n_models), sums to 1


class _Search:
    """The alternation between models, noise and the mean around which counts are linearised."""

    def __init__(self, counts: FloatArray, design: Design, prior: Prior) -> None:
        self.counts = counts
        self.design = design
        self.prior = prior
        self.log_mean = np.full(len(counts), np.log(max(float(np.nanmean(counts)), 0.05)))
        self.theta = USUAL_NOISE
        self.members = empty_model(design.candidates.shape[1])

    def run(self) -> None:
        """Find models, noise and mean together; at the end all three belong to each other."""
        for number in range(_N_ROUNDS):
            working = make_working(self.counts, self.log_mean)
            self._find_noise(working)
            if number == 0:
                self._find_members(working)
                self._find_noise(working)
            self._find_members(working)
            self.log_mean = self._average_log_mean(working)
        self._find_noise(make_working(self.counts, self.log_mean))

    def integrate(self) -> _Weighed:
        """Weigh the models at the design points of the noise parameters."""
        working = make_working(self.counts, self.log_mean)
        points = _design_points(self._log_posterior(working), self.theta)
        grams = tuple(self._gram(working, theta) for theta, _ in points)
        log_models = self.prior.log_density(self.members)
        logs = np.array(
            [
                log_models
                + log_evidence(gram, self.members)
                + log_of_signs(fit_models(gram, self.members), self.members, self.prior)
                + log_prior(theta)
                + log_mass
                for gram, (theta, log_mass) in zip(grams, points, strict=True)
            ]
        )
        weight = np.exp(logs - logs.max())
        return _Weighed(self.members, grams, weight / weight.sum())

    def _gram(self, working: Working, theta: FloatArray) -> Gram:
        return measure_gram(working, self.design.nuisance, self.design.candidates, Noise.from_vector(theta))

    def _find_noise(self, working: Working) -> None:
        self.theta = find_noise(self._log_posterior(working), self.theta)

    def _log_posterior(self, working: Working) -> Callable[[FloatArray], float]:
        """Return the log density of the noise parameters, summed over the likeliest models."""
        p = self.design.candidates.shape[1]
        members = self.members[:_MOST_FOR_NOISE]
        log_models = self.prior.log_density(members)
        used, packed = np.unique(members, return_inverse=True)
        columns = self.design.candidates[:, used[used < p]]
        packed = packed.reshape(members.shape)

        def log_posterior(theta: FloatArray) -> float:
            gram = measure_gram(working, self.design.nuisance, columns, Noise.from_vector(theta))
            return _log_sum(log_models + log_evidence(gram, packed)) + log_prior(theta)

        return log_posterior

    def _find_members(self, working: Working) -> None:
        """Search the models, best first."""
        gram = self._gram(working, self.theta)
        members = find_models(gram, self.prior)
        score = self.prior.log_density(members) + log_evidence(gram, members)
        order = np.argsort(-score)[:_MOST_MODELS]
        self.members = members[order[score[order] > score[order[0]] - _WINDOW]]

    def _average_log_mean(self, working: Working) -> FloatArray:
        gram = self._gram(working, self.theta)
        score = self.prior.log_density(self.members) + log_evidence(gram, self.members)
        weight = np.exp(score - _log_sum(score))
        fit = fit_models(gram, self.members)
        effect = np.bincount(
            self.members.ravel(), (fit.coefficient * weight[:, None]).ravel(), minlength=len(gram.response) + 1
        )
        offset = self.design.candidates @ effect[:-1]
        return offset + fit_nuisance(working, self.design.nuisance, offset, Noise.from_vector(self.theta))


def _log_sum(values: FloatArray) -> float:
    top = float(values.max())
    return top + float(np.log(np.exp(values - top).sum()))


def _design_points(log_posterior: Callable[[FloatArray], float], mode: FloatArray) -> list[tuple[FloatArray, float]]:
    """Return the centre, 6 points along the axes and 8 corners, each with its log mass over its density.

    The masses reproduce mean and covariance of a normal posterior.
    """
    d = len(mode)
    root = _inverse_root(_curvature(log_posterior, mode))
    axes = [sign * np.sqrt(d) * axis for axis in np.eye(d) for sign in (-1, 1)]
    corners = [np.array(signs, dtype=float) for signs in np.ndindex(*(2,) * d)]
    around = [*axes, *(2 * corner - 1 for corner in corners)]
    mass = 1 / (len(around) * _REACH**2)
    points = [(mode, float(np.log(1 - 1 / _REACH**2)))]
    for place in around:
        points.append((clip_noise(mode + root @ (_REACH * place)), float(np.log(mass) + d * _REACH**2 / 2)))
    return points


def _curvature(log_posterior: Callable[[FloatArray], float], mode: FloatArray, step: float = 0.2) -> FloatArray:
    d = len(mode)
    steps = step * np.eye(d)
    centre = log_posterior(mode)
    curvature = np.zeros((d, d))
    for i in range(d):
        curvature[i, i] = 2 * centre - log_posterior(mode + steps[i]) - log_posterior(mode - steps[i])
        for j in range(i):
            curvature[i, j] = curvature[j, i] = 0.25 * (
                log_posterior(mode + steps[i] - steps[j])
                + log_posterior(mode - steps[i] + steps[j])
                - log_posterior(mode + steps[i] + steps[j])
                - log_posterior(mode - steps[i] - steps[j])
            )
    return curvature / step**2


def _inverse_root(curvature: FloatArray) -> FloatArray:
    values, vectors = np.linalg.eigh(curvature)
    root: FloatArray = vectors / np.sqrt(np.maximum(values, 0.4))
    return root


def _summarise(weighed: _Weighed, design: Design, prior: Prior, number: int, name: str) -> Posterior:
    own = np.flatnonzero(prior.trigger_of == number)
    chances = np.array([weighed.weight[:, (weighed.members == column).any(axis=1)].sum() for column in own])
    lines = [int(column) for column in own if design.states[column].above is None]
    shapes = [int(column) for column in own if design.states[column].above is not None]
    mean, error, df = _interval(weighed, own, np.array(lines))
    lags = tuple(
        Lag(
            design.states[column].lag_days,
            float(mean[place]) / design.states[column].scale,
            float(error[place]) / design.states[column].scale,
            df,
            float(chances[own == column].sum() + (chances[np.isin(own, shapes)].sum() if is_same_day else 0)),
        )
        for place, column in enumerate(lines)
        for is_same_day in [design.states[column].lag_days == 0]
    )
    return Posterior(name, float(chances.sum()), lags, _high_day(weighed, design, own, chances, shapes))


def _high_day(
    weighed: _Weighed, design: Design, own: IntArray, chances: FloatArray, shapes: Sequence[int]
) -> HighDay | None:
    if not shapes:
        return None
    by_shape = chances[np.isin(own, shapes)]
    best = int(shapes[int(np.argmax(by_shape))])
    mean, error, _ = _interval(weighed, own, np.array([best]))
    state = design.states[best]
    above = float(state.above or 0)
    return HighDay(
        above,
        float(mean[0]) / state.scale,
        float(error[0]) / state.scale,
        float(by_shape.sum() / max(chances.sum(), 1e-300)),
    )


def _interval(weighed: _Weighed, own: IntArray, columns: IntArray) -> tuple[FloatArray, FloatArray, float]:
    """Return mean and standard deviation of `columns` held together, the other triggers averaged over.

    Parameters
    ----------
    own : int array
        All states of the trigger, which leave the models.
    columns : int array
        Those that come in instead.
    """
    nothing = len(weighed.grams[0].response)
    others = np.sort(np.where(np.isin(weighed.members, own), nothing, weighed.members), axis=1)
    unique, place = np.unique(others, axis=0, return_inverse=True)
    weight = np.array([np.bincount(place.ravel(), row, minlength=len(unique)) for row in weighed.weight])
    best = np.argsort(-weight.sum(axis=0))[:_MOST_OTHERS]
    weight = weight[:, best] / weight[:, best].sum()
    members = np.concatenate([np.tile(columns, (len(best), 1)), unique[best]], axis=1)
    first = second = np.zeros(len(columns))
    df = 1.0
    for gram, row in zip(weighed.grams, weight, strict=True):
        fit = fit_models(gram, members, own=len(columns), own_sd=_OWN_SD)
        mean, variance, df = fit.coefficient[:, : len(columns)], fit.variance[:, : len(columns)], fit.df
        first = first + row @ mean
        second = second + row @ (variance + mean**2)
    return first, np.sqrt(np.maximum(second - first**2, 1e-12)), df
