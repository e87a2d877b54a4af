"""How the twitching answered to dated treatments, such as botulinum injections.

The rate falls (or rises) by a factor that sets in over days, holds, and wears
off over weeks or months:

    log ratio on day d = depth * rise((d - onset) / w) * (1 - rise((d - wears_off) / v))

with a logistic rise; `onset` is the day by which half of the effect is there,
`wears_off` the day by which half of it is gone. Treatments that overlap count
as the stronger one. All onsets and wearings-off of a grid are weighed by what
they explain (`philtrum.nof1.average`, one curve a model), first with one depth
and timing for all treatments, then for each of them with the others held.
The diary and what was measured in clips are two views of the same curve: each
has its own level and noise, and their evidence is added up.

Limits: this is not a trial. What comes and goes by itself at the same time
cannot be told from the treatment; several cycles that look alike make that
less likely.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from philtrum.diary.columns import OUTCOMES
from philtrum.diary.table import DayTable
from philtrum.errors import PhiltrumError
from philtrum.nof1.average import fit_models, log_evidence
from philtrum.nof1.design import weekend_days
from philtrum.nof1.estimate import (
    USUAL_NOISE,
    Gram,
    Noise,
    Working,
    find_noise,
    fit_nuisance,
    log_prior,
    make_working,
    measure_gram,
)
from philtrum.nof1.outcome import Outcome, choose_outcome

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
ResponseVerdict = Literal["less", "more", "unclear", "not_enough_data"]

# Days. Botulinum toxin is judged from two weeks on and repeated every 10 to 16 weeks (docs/statistics.md); the grid
# reaches further both ways.
ONSETS = (1.0, 2.0, 3.0, 4.0, 5.0, 7.0, 9.0, 12.0, 16.0, 21.0)
WEARINGS_OFF = (21.0, 28.0, 35.0, 42.0, 49.0, 56.0, 63.0, 70.0, 84.0, 98.0, 112.0, 126.0, 140.0, 168.0, 210.0)
_ONSET_WIDTH, _OFF_WIDTH = 0.3, 0.12  # of the logistic rises, as shares of onset and wearing off
LEAST_DAYS = 28
LEAST_DAYS_BEFORE = 7
LEAST_DAYS_AFTER = 7
_DEPTH_SD = 1.0  # prior SD of the log ratio: two thirds lie between 0.37 and 2.7
_N_ROUNDS = 3
_Z = 1.96


class ResponseError(PhiltrumError, ValueError):
    """The treatments cannot be laid over the diary."""


@dataclass(frozen=True, slots=True)
class Range:
    """An estimate with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Answer:
    """How the twitching answered to one treatment, or to all of them alike.

    Parameters
    ----------
    treated_on : date or None
        None for all treatments together.
    verdict : str
        ``less`` or ``more`` twitching if the interval of `best_ratio` excludes 1, else ``unclear``, or
        ``not_enough_data``.
    best_ratio : Range or None
        Rate at the best effect over the rate without treatment.
    onset_days : Range or None
        Day by which half of the effect is there.
    wears_off_days : Range or None
        Day by which half of it is gone; None where that is not seen yet.
    n_days : int
        Recorded days after the treatment, up to the next one.
    """

    treated_on: date | None
    verdict: ResponseVerdict
    best_ratio: Range | None
    onset_days: Range | None
    wears_off_days: Range | None
    n_days: int


@dataclass(frozen=True, slots=True)
class Response:
    """How the twitching answered to treatments.

    Parameters
    ----------
    overall : Answer
    cycles : tuple of Answer
        One for each treatment, in order of time.
    days : array, shape (n,)
        Days since treatment of the curve.
    ratio, low, high : array, shape (n,)
        Rate over the rate without treatment, with its 95 % interval; empty if there is not enough data.
    outcomes : tuple of str
        Columns that it rests on.
    """

    overall: Answer
    cycles: tuple[Answer, ...]
    days: FloatArray
    ratio: FloatArray
    low: FloatArray
    high: FloatArray
    outcomes: tuple[str, ...]


def estimate_response(table: DayTable, treated_on: Sequence[date]) -> Response:
    """Estimate onset, best effect and wearing off of treatments.

    Parameters
    ----------
    table : DayTable
        With ``episodes`` (or ``minutes``), ``rate_per_min``, or both.
    treated_on : sequence of date
        Days of treatment, in any order.

    Raises
    ------
    ResponseError
        ``response-no-treatment``, ``response-outside-diary``.
    OutcomeError
        ``outcome-missing``.
    """
    days = sorted(set(treated_on))
    _check(table, days)
    outcomes = _choose_outcomes(table)
    starts = np.array([(day - table.first_day).days for day in days])
    recorded = np.any([np.isfinite(outcome.values) for outcome in outcomes], axis=0)
    counted = _count_days(recorded, starts)
    names = tuple(outcome.column for outcome in outcomes)
    if not _has_enough(recorded, starts):
        nothing = [Answer(day, "not_enough_data", None, None, None, n) for day, n in zip(days, counted, strict=True)]
        empty = np.array([])
        overall = Answer(None, "not_enough_data", None, None, None, int(counted.sum()))
        return Response(overall, tuple(nothing), empty, empty, empty, empty, names)
    return _Curves(table, outcomes, days, starts, counted).response(names)


def curve_on(days_since: FloatArray, onset: float, wears_off: float) -> FloatArray:
    """Return the share of the effect so many days after a treatment; 0 before it."""
    from scipy.special import expit

    rise = expit((days_since - onset) / (_ONSET_WIDTH * onset))
    fall = 1 - expit((days_since - wears_off) / (_OFF_WIDTH * wears_off))
    return np.where(days_since >= 0, rise * fall, 0.0)


class _Curves:
    """The grid of curves laid over one diary."""

    def __init__(
        self, table: DayTable, outcomes: Sequence[Outcome], days: Sequence[date], starts: IntArray, counted: IntArray
    ) -> None:
        self.days = days
        self.counted = counted
        self.outcomes = outcomes
        self.grid = [(onset, off) for onset in ONSETS for off in WEARINGS_OFF if off > 2 * onset]
        since = np.arange(table.n_days)[:, None] - starts[None, :]
        # Shape (n_days, n_treatments, n_grid); where treatments overlap, the stronger one counts.
        shares = np.stack([curve_on(since.astype(float), *timing) for timing in self.grid], axis=2)
        is_strongest = shares == shares.max(axis=1, keepdims=True)
        first = is_strongest & (np.cumsum(is_strongest, axis=1) == 1)
        self.by_cycle = np.where(first, shares, 0.0)
        self.together = shares.max(axis=1)
        self.nuisance = _make_nuisance(table, len(starts))

    def response(self, names: tuple[str, ...]) -> Response:
        noises = [self._find_noise(outcome) for outcome in self.outcomes]
        gram = self._gram(self.together, noises)
        weight, depth, error = _weigh(gram, np.arange(len(self.grid))[:, None])
        best = int(np.argmax(weight))
        overall = self._answer(None, weight, depth[:, 0], error[:, 0], int(self.counted.sum()))
        cycles = tuple(self._cycle(place, best, noises) for place in range(len(self.days)))
        since, ratio, low, high = self._curve(weight, depth[:, 0], error[:, 0])
        return Response(overall, cycles, since, ratio, low, high, names)

    def _cycle(self, place: int, best: int, noises: Sequence[tuple[Noise, FloatArray]]) -> Answer:
        """Weigh the timings of one treatment, the others held at the timing of all."""
        if self.counted[place] < LEAST_DAYS_AFTER:
            return Answer(self.days[place], "not_enough_data", None, None, None, int(self.counted[place]))
        others = np.delete(np.arange(len(self.days)), place)
        held = self.by_cycle[:, others, best]
        gram = self._gram(np.column_stack([self.by_cycle[:, place], held]), noises)
        n_grid = len(self.grid)
        held_columns = np.tile(n_grid + np.arange(len(others)), (n_grid, 1))
        weight, depth, error = _weigh(gram, np.column_stack([np.arange(n_grid), held_columns]))
        return self._answer(self.days[place], weight, depth[:, 0], error[:, 0], int(self.counted[place]))

    def _answer(
        self, day: date | None, weight: FloatArray, depth: FloatArray, error: FloatArray, n_days: int
    ) -> Answer:
        mean = float(weight @ depth)
        spread = float(np.sqrt(weight @ (error**2 + depth**2) - mean**2))
        best = Range(float(np.exp(mean)), float(np.exp(mean - _Z * spread)), float(np.exp(mean + _Z * spread)))
        verdict: ResponseVerdict = "less" if best.high < 1 else "more" if best.low > 1 else "unclear"
        if verdict == "unclear":
            return Answer(day, verdict, best, None, None, n_days)
        onset = _quantiles(weight, np.array([timing[0] for timing in self.grid]))
        off = _quantiles(weight, np.array([timing[1] for timing in self.grid]))
        is_seen = off.value < n_days if day is not None else off.value < max(self.counted)
        return Answer(day, verdict, best, onset, off if is_seen else None, n_days)

    def _curve(
        self, weight: FloatArray, depth: FloatArray, error: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        since = np.arange(0, max(int(self.counted.max()), 30) + 1, dtype=float)
        shares = np.array([curve_on(since, *timing) for timing in self.grid])
        mean = weight @ (shares * depth[:, None])
        square = weight @ (shares**2 * (error**2 + depth**2)[:, None])
        spread = np.sqrt(np.maximum(square - mean**2, 0))
        return since, np.exp(mean), np.exp(mean - _Z * spread), np.exp(mean + _Z * spread)

    def _gram(self, columns: FloatArray, noises: Sequence[tuple[Noise, FloatArray]]) -> Gram:
        grams = [
            measure_gram(make_working(outcome.counts, log_mean), self.nuisance, columns, noise)
            for outcome, (noise, log_mean) in zip(self.outcomes, noises, strict=True)
        ]
        return Gram(
            np.sum([gram.columns for gram in grams], axis=0),
            np.sum([gram.response for gram in grams], axis=0),
            sum(gram.total for gram in grams),
            sum(gram.log_density for gram in grams),
            sum(gram.n_free for gram in grams),
        )

    def _find_noise(self, outcome: Outcome) -> tuple[Noise, FloatArray]:
        """Alternate between noise, curve and mean for one outcome."""
        log_mean = np.full(len(outcome.counts), np.log(max(float(np.nanmean(outcome.counts)), 0.05)))
        curve = np.zeros((len(log_mean), 0))
        theta, noise = USUAL_NOISE, Noise.from_vector(USUAL_NOISE)
        for _ in range(_N_ROUNDS):
            working = make_working(outcome.counts, log_mean)
            theta = find_noise(partial(_log_posterior, working, self.nuisance, curve), theta)
            noise = Noise.from_vector(theta)
            weight, depth, _ = _weigh(
                measure_gram(working, self.nuisance, self.together, noise), np.arange(len(self.grid))[:, None]
            )
            offset = self.together @ (weight * depth[:, 0])
            curve = self.together[:, [int(np.argmax(weight))]]
            log_mean = offset + fit_nuisance(working, self.nuisance, offset, noise)
        return noise, log_mean


def _log_posterior(working: Working, nuisance: FloatArray, curve: FloatArray, theta: FloatArray) -> float:
    gram = measure_gram(working, nuisance, curve, Noise.from_vector(theta))
    members = np.arange(curve.shape[1], dtype=np.int64)[None, :]
    return float(log_evidence(gram, members)[0]) + log_prior(theta)


def _weigh(gram: Gram, members: IntArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the weight of every model, its coefficients and their standard errors."""
    fit = fit_models(gram, members, own=members.shape[1], own_sd=_DEPTH_SD)
    score = log_evidence(gram, members)
    weight = np.exp(score - score.max())
    return weight / weight.sum(), fit.coefficient, np.sqrt(fit.variance)


def _quantiles(weight: FloatArray, values: FloatArray) -> Range:
    """Return median and 95 % interval of a weighted grid, between its points."""
    points = np.unique(values)
    share = np.array([weight[values == point].sum() for point in points])
    middle = np.cumsum(share) - share / 2
    low, median, high = np.interp([0.025, 0.5, 0.975], middle, points)
    return Range(float(median), float(low), float(high))


def _make_nuisance(table: DayTable, n_treatments: int) -> FloatArray:
    """Return level, weekend and, from two treatments on, a trend: with one, trend and effect cannot be told apart."""
    is_weekend = weekend_days(table.first_day, table.n_days)
    columns = [np.ones(table.n_days)]
    if 0 < is_weekend.sum() < table.n_days:
        columns.append(is_weekend - is_weekend.mean())
    if n_treatments > 1:
        columns.append(np.linspace(-0.5, 0.5, table.n_days))
    return np.column_stack(columns)


def _choose_outcomes(table: DayTable) -> list[Outcome]:
    """Return what the person noticed and what was measured, those of them that have a record."""
    found = []
    for names in (OUTCOMES[:2], OUTCOMES[2:]):
        present = [name for name in names if name in table.columns and np.isfinite(table.columns[name]).any()]
        found += [choose_outcome(table, name) for name in present[:1]]
    return found or [choose_outcome(table)]


def _check(table: DayTable, days: Sequence[date]) -> None:
    if not days:
        raise ResponseError("response-no-treatment", "No day of treatment was given.", "Give at least one date.")
    inside = [day for day in days if table.first_day <= day <= table.last_day]
    if len(inside) < len(days):
        outside = next(day for day in days if day not in inside)
        what = (
            f"The treatment of {outside.isoformat()} lies outside the diary "
            f"({table.first_day.isoformat()} to {table.last_day.isoformat()})."
        )
        raise ResponseError("response-outside-diary", what, "Leave it out, or give a diary that covers it.")


def _count_days(recorded: NDArray[np.bool_], starts: IntArray) -> IntArray:
    ends = np.append(starts[1:], len(recorded))
    return np.array([int(recorded[start:end].sum()) for start, end in zip(starts, ends, strict=True)])


def _has_enough(recorded: NDArray[np.bool_], starts: IntArray) -> bool:
    before = int(recorded[: starts[0]].sum())
    return (
        int(recorded.sum()) >= LEAST_DAYS
        and before >= LEAST_DAYS_BEFORE
        and int(recorded[starts[0] :].sum()) >= LEAST_DAYS_AFTER
    )
