"""Claims and intervals against the truth of a diary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from diaries import SimDiary
from methods import Reading


@dataclass(frozen=True, slots=True)
class Marks:
    """One method on the diaries of one scenario.

    Parameters
    ----------
    false_share : float
        Mean over diaries of the share of claims on a column that does nothing, or in the wrong direction.
    any_false : float
        Share of diaries with such a claim.
    power : float
        Share of true triggers that are claimed in the right direction; NaN where there is none.
    wrong_lag : float
        Share of those with another day than the true one.
    sign_errors : float
        Share of claims on true triggers in the wrong direction.
    coverage : float
        Share of intervals that hold the truth; 0 for the days and columns that do nothing.
    """

    n_diaries: int
    false_share: float
    any_false: float
    power: float
    wrong_lag: float
    sign_errors: float
    coverage: float


def mark(diaries: Sequence[SimDiary], readings: Sequence[Reading]) -> Marks:
    """Compare what was read with what is true."""
    false_shares, powers, lags, signs, covered = [], [], [], [], []
    for diary, reading in zip(diaries, readings, strict=True):
        true = [claim for claim in reading.claims if _is_true(diary, claim.trigger, claim.sign)]
        false_shares.append((len(reading.claims) - len(true)) / max(len(reading.claims), 1))
        if diary.effects:
            powers.append(len(true) / len(diary.effects))
        lags += [claim.lag_days != diary.effects[claim.trigger].lag_days for claim in true]
        on_true = [claim for claim in reading.claims if claim.trigger in diary.effects]
        signs += [not _is_true(diary, claim.trigger, claim.sign) for claim in on_true]
        covered += _covered(diary, reading)
    return Marks(
        len(diaries),
        float(np.mean(false_shares)),
        float(np.mean([share > 0 for share in false_shares])),
        _mean(powers),
        _mean(lags),
        _mean(signs),
        _mean(covered),
    )


def _is_true(diary: SimDiary, trigger: str, sign: int) -> bool:
    effect = diary.effects.get(trigger)
    return effect is not None and np.sign(effect.log_ratio_per_unit) == sign


def _covered(diary: SimDiary, reading: Reading) -> list[bool]:
    """Leave out a trigger with a threshold: it has no ratio per unit."""
    hits = []
    for interval in reading.intervals:
        effect = diary.effects.get(interval.trigger)
        if effect is not None and effect.threshold is not None:
            continue
        is_acting = effect is not None and effect.lag_days == interval.lag_days
        truth = effect.log_ratio_per_unit if effect is not None and is_acting else 0.0
        hits.append(interval.low <= truth <= interval.high)
    return hits


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if len(values) else float("nan")
