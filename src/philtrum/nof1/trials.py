"""Does a remedy help this person? The result of a trial in pairs of periods, one with and one without it.

Arm A is life as usual, arm B the same with the remedy. Only a trial whose
order was drawn can tell a remedy from getting better anyway: a diary of A and
then B is described, never called an effect.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from philtrum.diary.table import DayTable
from philtrum.errors import PhiltrumError
from philtrum.nof1.design import make_nuisance, weekend_days
from philtrum.nof1.outcome import choose_outcome
from philtrum.nof1.randomisation import Contrast, Periods, contrast_arms

FloatArray = NDArray[np.float64]
TrialVerdict = Literal["helps", "harms", "unclear", "not_enough_data"]

COIN_LEVEL = 0.1
"""Randomisation p-value up to which an interval is believed. At 0.05 the exact test alone would decide, and find 70
instead of 74 of 100 remedies that cut the episodes by 40 % (benchmarks/nof1, 10 pairs of 5 days)."""
LEAST_PAIRS = 6
"""With fewer, no order can be unusual enough: 5 pairs have 32 orders, each with its mirror image (2/32 > 0.05)."""
LEAST_EPISODES = 24
"""Holsteen (2017, thesis, Stanford): fewer than 24 events do not show a moderate association reliably."""
_LEAST_SHARE_RECORDED = 0.5
_SMALL = 1.25  # a remedy that changes the rate by less than a fifth is called a small difference
_LINGERS = 0.5


class TrialError(PhiltrumError, ValueError):
    """The given file or plan cannot be used as a trial."""


@dataclass(frozen=True, slots=True)
class Trial:
    """The days of a trial.

    Parameters
    ----------
    first_day : date
    outcome : str
        Column that is compared.
    values : array, shape (n_days,)
        The outcome as written; NaN = not recorded, washout, or outside the whole pairs.
    counts : array, shape (n_days,)
        The same on the scale of the model.
    periods : Periods or None
        None if there is no whole pair.
    n_incomplete : int
        Pairs without a period of each arm.
    """

    first_day: date
    outcome: str
    values: FloatArray
    counts: FloatArray
    periods: Periods | None
    n_incomplete: int

    @property
    def n_pairs(self) -> int:
        """Whole pairs."""
        return 0 if self.periods is None else self.periods.n_pairs


@dataclass(frozen=True, slots=True)
class TrialResult:
    """What a trial shows.

    Parameters
    ----------
    verdict : str
        ``helps``, ``harms``, ``unclear`` or ``not_enough_data``.
    reasons : tuple of str
        What limits the result: ``not-finished``, ``not-randomised``, ``same-order``, ``too-few-pairs``,
        ``too-few-episodes``, ``too-many-blanks``, ``pair-incomplete``, ``remedy-lingers``,
        ``difference-small``.
    rate_ratio, ci_low, ci_high, p_value : float or None
        Rate with the remedy over the rate without it, its 95 % interval and the p-value that goes
        with it. None where the trial cannot say.
    p_coin : float or None
        How often the coin alone would show as much: the share of the orders that could have been
        drawn which do.
    trial : Trial
        What it rests on.
    """

    verdict: TrialVerdict
    reasons: tuple[str, ...]
    rate_ratio: float | None
    ci_low: float | None
    ci_high: float | None
    p_value: float | None
    p_coin: float | None
    trial: Trial


def analyse_trial(table: DayTable, *, outcome: str | None = None, seed: int = 0) -> TrialResult:
    """Say whether the remedy of a trial helps.

    Parameters
    ----------
    table : DayTable
        With the label ``arm`` (A or B), the column ``pair``, an outcome, and maybe a column
        ``washout`` (1 = a day that the plan left out beforehand).
    outcome : str, optional
        ``episodes``, ``minutes`` or ``rate_per_min``; by default the first that is there.
    seed : int
        For trials of more than 12 pairs, whose possible orders are drawn by lot.

    Raises
    ------
    TrialError
        ``trial-columns-missing`` or ``trial-arm-unknown``.
    OutcomeError
        ``outcome-missing``.
    """
    trial = read_trial(table, outcome=outcome)
    notes = ("pair-incomplete",) if trial.n_incomplete and trial.n_pairs else ()
    limits = _limits(trial)
    if limits or trial.periods is None:
        return TrialResult("not_enough_data", (*limits, *notes), None, None, None, None, None, trial)
    nuisance = make_nuisance(weekend_days(trial.first_day, len(trial.counts)))
    contrast = contrast_arms(trial.counts, nuisance, trial.periods, seed=seed)
    verdict = _judge(contrast)
    ratio, low, high = np.exp([contrast.log_ratio, contrast.low, contrast.high]).tolist()
    reasons = (*notes, *_remarks(contrast, verdict))
    return TrialResult(verdict, reasons, ratio, low, high, contrast.p_value, contrast.p_coin, trial)


def read_trial(table: DayTable, *, outcome: str | None = None) -> Trial:
    """Find the pairs of a trial in a day table; a day without a label belongs to the period before it."""
    missing = [name for name, home in (("arm", table.labels), ("pair", table.columns)) if name not in home]
    if missing:
        what = f"A trial needs the columns arm (A or B) and pair; missing: {', '.join(missing)}."
        raise TrialError("trial-columns-missing", what, "Keep the columns that `philtrum trial plan` has written.")
    chosen = choose_outcome(table, outcome)
    arms, pairs = _read_arms(table), table.columns["pair"]
    is_labelled = (arms != "") & np.isfinite(pairs)
    whole = [pair for pair in np.unique(pairs[is_labelled]) if _is_whole(arms[is_labelled & (pairs == pair)])]
    n_incomplete = len(np.unique(pairs[is_labelled])) - len(whole)
    is_used = is_labelled & np.isin(pairs, whole)
    is_counted = is_used & ~(table.columns.get("washout", np.zeros(table.n_days)) == 1)
    values, counts = (np.where(is_counted, numbers, np.nan) for numbers in (chosen.values, chosen.counts))
    if not whole:
        return Trial(table.first_day, chosen.column, chosen.values, chosen.counts, None, n_incomplete)
    span = slice(int(np.flatnonzero(is_used)[0]), int(np.flatnonzero(is_used)[-1]) + 1)
    periods = _fill(np.searchsorted(whole, pairs)[span], (arms == "B")[span], is_used[span])
    first_day = table.first_day + timedelta(days=span.start)
    return Trial(first_day, chosen.column, values[span], counts[span], periods, n_incomplete)


def arm_means(trial: Trial) -> tuple[FloatArray, FloatArray]:
    """Return the mean outcome of a day without and with the remedy, pair by pair; NaN without a record."""
    if trial.periods is None:
        return np.array([]), np.array([])
    means = [
        [_mean(trial.values[(trial.periods.pair == pair) & (trial.periods.has_remedy == arm)]) for arm in (False, True)]
        for pair in range(trial.n_pairs)
    ]
    without, with_remedy = np.array(means).T
    return without, with_remedy


def _read_arms(table: DayTable) -> NDArray[np.str_]:
    arms = np.char.upper(np.array(table.labels["arm"]))
    for day, arm in zip(table.days, arms, strict=True):
        if arm not in {"", "A", "B"}:
            what = f'Column arm, {day.isoformat()}: "{arm[:20]}" is neither A (as usual) nor B (with the remedy).'
            raise TrialError("trial-arm-unknown", what, "Write A or B.")
    return arms


def _is_whole(arms: NDArray[np.str_]) -> bool:
    """Say whether the days of a pair are one period of each arm."""
    return len(arms) > 1 and int((arms[1:] != arms[:-1]).sum()) == 1


def _fill(pair: NDArray[np.int64], has_remedy: NDArray[np.bool_], is_known: NDArray[np.bool_]) -> Periods:
    last = np.maximum.accumulate(np.where(is_known, np.arange(len(pair)), 0))
    return Periods(pair[last], has_remedy[last])


def _limits(trial: Trial) -> tuple[str, ...]:
    """Return what keeps the trial from saying anything."""
    if trial.periods is None or trial.n_incomplete > trial.n_pairs:
        return ("not-randomised",)
    recorded = np.isfinite(trial.values)
    if not recorded[trial.periods.pair == trial.n_pairs - 1].any():
        return ("not-finished",)
    starts_with_remedy = [trial.periods.has_remedy[trial.periods.pair == pair][0] for pair in range(trial.n_pairs)]
    found = {
        "too-few-pairs": trial.n_pairs < LEAST_PAIRS,
        "same-order": trial.n_pairs >= LEAST_PAIRS and len(set(starts_with_remedy)) == 1,
        "too-few-episodes": trial.outcome == "episodes" and float(np.nansum(trial.values)) < LEAST_EPISODES,
        "too-many-blanks": float(recorded.mean()) < _LEAST_SHARE_RECORDED,
    }
    return tuple(reason for reason, holds in found.items() if holds)


def _judge(contrast: Contrast) -> TrialVerdict:
    """Ask for an interval without 1, and that the test which needs no model does not speak against it."""
    if contrast.p_coin > COIN_LEVEL or contrast.low <= 0 <= contrast.high:
        return "unclear"
    return "helps" if contrast.log_ratio < 0 else "harms"


def _remarks(contrast: Contrast, verdict: TrialVerdict) -> tuple[str, ...]:
    found = {
        "remedy-lingers": verdict != "unclear" and contrast.carry_over > _LINGERS,
        "difference-small": max(-contrast.low, contrast.high) < np.log(_SMALL),
    }
    return tuple(reason for reason, holds in found.items() if holds)


def _mean(values: FloatArray) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else float("nan")
