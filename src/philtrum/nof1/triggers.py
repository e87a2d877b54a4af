"""What goes with more or less twitching in this one person.

From a day table to one verdict for every column: the figures come from
`philtrum.nof1.posterior`; what may be said of them is decided here.

- A column `raises` or `lowers` the twitching if it very likely does something
  (`CLAIM`) and its 95 % interval excludes 1. How many columns were looked at
  is part of that chance.
- `no_association`: on every day looked at, the interval excludes a ratio of
  `MEANINGFUL` per SD of the column, so that even a usual high day changes little.
- `maybe_consequence`: yesterday's twitching goes with today's value, so that
  the column may be a result of twitching.
- `not_enough_data`: with the number of days still needed, where days help.
- `unclear`: everything else, the normal answer of the first months.

Looking again every day would turn up more false claims if each look stood for
itself. The chance used here is a posterior one, which stays near or above
`CLAIM` only rarely where nothing is the matter, however often one looks; and a
verdict once given is kept until the chance falls below `KEEP`, so that it does
not flicker. `benchmarks/nof1` measures both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from philtrum.diary.columns import COLUMNS, OUTCOMES
from philtrum.diary.table import DayTable
from philtrum.nof1.design import make_design, make_nuisance, weekend_days
from philtrum.nof1.estimate import Noise
from philtrum.nof1.outcome import Outcome, choose_outcome
from philtrum.nof1.posterior import Lag, Posterior, analyse_counts
from philtrum.nof1.screening import (
    CONSEQUENCE_T,
    TIED_SHARE,
    Company,
    Shortage,
    choose_lags,
    estimate_days_needed,
    find_company,
    find_shortage_of_column,
    find_shortage_of_outcome,
    measure_consequence,
    usual_step,
)

FloatArray = NDArray[np.float64]
Verdict = Literal["raises", "lowers", "no_association", "unclear", "not_enough_data", "maybe_consequence"]

CLAIM = 0.69
"""Least chance that a column does something: measured, so that fewer than one in twenty statements is wrong."""
CLAIM_IF_HARD = 0.76
"""The same for a column that goes with another one (correlation above `_ALONG`), and where many days are blank."""
KEEP = 0.4
"""A verdict given before is withdrawn below this chance."""
MEANINGFUL = 1.2
_ALONG = 0.5
_GAPPY = 0.75  # share of days with a record below which a diary has many blanks
_LEAST_FOR_NONE = 0.2  # chance above which "no association" is not said
_HIGH_DAY = 0.5  # chance of the shape from which it is told
STRONG, MODERATE = 1.5, 1.3
"""Ratios per SD of a strong and of a moderate trigger."""
_SOUGHT_RATIOS = (STRONG, MODERATE)
# What else may stand in a table and is no trigger.
NO_TRIGGERS = (*OUTCOMES, "pair", "period", "washout")
LONGEST_DAYS = 1096
"""Only the last three years are looked at: habits, remedies and the twitching itself change."""


@dataclass(frozen=True, slots=True)
class Link:
    """The estimate for one trigger, so many days before.

    Parameters
    ----------
    lag_days : int
        0 the same day, 1 the day before.
    rate_ratio, ci_low, ci_high : float
        Factor on the rate for `Trigger.per` more of the column, with its 95 % interval, other columns being equal.
    p_value : float
        Two-sided, of this ratio alone; the verdict does not rest on it.
    chance : float
        Posterior chance that the column does something, on this day.
    verdict : str
    """

    lag_days: int
    rate_ratio: float
    ci_low: float
    ci_high: float
    p_value: float
    chance: float
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class HighDays:
    """A trigger that acts only above some amount."""

    above: float
    rate_ratio: float
    ci_low: float
    ci_high: float


@dataclass(frozen=True, slots=True)
class Trigger:
    """What can be said of one column.

    Parameters
    ----------
    name : str
        Name of the column.
    verdict : str
    reason : str or None
        Id of what limits the verdict: of `philtrum.nof1.screening`, or ``tied``.
    days_needed : int or None
        More days until something could be known; None where more days alone do not help.
    sought : float or None
        Ratio per SD that would be found after `days_needed`.
    chance : float or None
        Posterior chance that it does something.
    per : float
        Step for which the ratios are told, in units of the column.
    spread : float or None
        Standard deviation of the column over this person's days.
    links : tuple of Link
        One per day before that was looked at; empty if nothing could be computed.
    best : int or None
        Place of the likeliest link.
    high_days : HighDays or None
    tied_with : str or None
        Column that goes along with it.
    after_twitching : str or None
        ``higher`` or ``lower`` where it clearly is so on the day after much twitching.
    """

    name: str
    verdict: Verdict
    reason: str | None = None
    days_needed: int | None = None
    sought: float | None = None
    chance: float | None = None
    per: float = 1.0
    spread: float | None = None
    links: tuple[Link, ...] = ()
    best: int | None = None
    high_days: HighDays | None = None
    tied_with: str | None = None
    after_twitching: Literal["higher", "lower"] | None = None


@dataclass(frozen=True, slots=True)
class TriggerReport:
    """What drives the twitching of one person, as far as their diary shows.

    Parameters
    ----------
    triggers : tuple of Trigger
        Most likely first.
    outcome : str
        Column that the twitching is measured by.
    n_days, n_recorded, n_twitching_days : int
        Days of the calendar; with a record of the outcome; with any twitching.
    total : float
        Sum of the outcome.
    noise : Noise or None
        How days differ by themselves.
    is_shortened : bool
        True if only the last `LONGEST_DAYS` were looked at.
    """

    triggers: tuple[Trigger, ...]
    outcome: str
    n_days: int
    n_recorded: int
    n_twitching_days: int
    total: float
    noise: Noise | None
    is_shortened: bool


def find_triggers(
    table: DayTable,
    *,
    outcome: str | None = None,
    lags: Mapping[str, Sequence[int]] | None = None,
    before: Mapping[str, Verdict] | None = None,
) -> TriggerReport:
    """Weigh every column of a day table as a trigger.

    Parameters
    ----------
    table : DayTable
        With an outcome; every other numeric column is looked at.
    outcome : str, optional
        ``episodes``, ``minutes`` or ``rate_per_min``; by default the first that has a record.
    lags : mapping of str to sequence of int, optional
        Days before on which a column is expected to act, declared beforehand: others are not looked at.
    before : mapping of str to str, optional
        Verdicts of an earlier look, by column.

    Raises
    ------
    OutcomeError
        ``outcome-missing``.
    """
    is_shortened = table.n_days > LONGEST_DAYS
    recent = table.rows(table.n_days - LONGEST_DAYS, table.n_days) if is_shortened else table
    chosen = choose_outcome(recent, outcome)
    names = [name for name in recent.columns if name not in NO_TRIGGERS]
    shortages = _find_shortages(recent, chosen, names)
    asked = {name: recent.columns[name] for name in names if name not in shortages}
    found = {name: Trigger(name, "not_enough_data", short.id, short.days_needed) for name, short in shortages.items()}
    noise = None
    if asked:
        examined, noise = _examine(recent, chosen, asked, lags or {}, before or {})
        found |= examined
    order = sorted(names, key=lambda name: -(found[name].chance or 0.0))
    total = float(np.nansum(chosen.values))
    return TriggerReport(
        tuple(found[name] for name in order),
        chosen.column,
        recent.n_days,
        chosen.n_recorded,
        chosen.n_twitching_days,
        total,
        noise,
        is_shortened,
    )


def _find_shortages(table: DayTable, outcome: Outcome, names: Sequence[str]) -> dict[str, Shortage]:
    general = find_shortage_of_outcome(outcome)
    if general is not None:
        return dict.fromkeys(names, general)
    shortages = {name: find_shortage_of_column(table.columns[name], outcome) for name in names}
    return {name: shortage for name, shortage in shortages.items() if shortage is not None}


def _examine(
    table: DayTable,
    outcome: Outcome,
    columns: Mapping[str, FloatArray],
    lags: Mapping[str, Sequence[int]],
    before: Mapping[str, Verdict],
) -> tuple[dict[str, Trigger], Noise]:
    names = list(columns)
    is_weekend = weekend_days(table.first_day, table.n_days)
    company = find_company(columns, make_nuisance(is_weekend), is_weekend)
    wanted = {name: tuple(lags.get(name) or choose_lags(columns[name], outcome)) for name in names}
    design = make_design(table.first_day, columns, wanted)
    expected = {name: COLUMNS[name].expected for name in names if name in COLUMNS}
    analysis = analyse_counts(outcome.counts, design, names, expected)
    found = {}
    for posterior in analysis.triggers:
        name = posterior.trigger
        consequence = measure_consequence(columns[name], outcome, is_weekend)
        limits = before.get(name), _wanted_chance(table, outcome, company.get(name))
        trigger = _judge(posterior, columns[name], company.get(name), consequence, limits)
        found[name] = _say_what_is_needed(trigger, outcome, analysis.noise, company.get(name))
    return found, analysis.noise


def _judge(
    posterior: Posterior,
    values: FloatArray,
    company: Company | None,
    consequence: float,
    limits: tuple[Verdict | None, float],
) -> Trigger:
    """Make the verdict; `limits` holds the verdict of an earlier look and the chance that a new one takes."""
    name = posterior.trigger
    per = COLUMNS[name].step if name in COLUMNS else usual_step(values)
    spread = float(np.nanstd(values))
    best = max(range(len(posterior.lags)), key=lambda place: posterior.lags[place].chance)
    is_on_off = len(np.unique(values[np.isfinite(values)])) == 2
    links = [_make_link(lag, per, per if is_on_off else spread) for lag in posterior.lags]
    claim = _claim(posterior, links[best], *limits)
    is_consequence = abs(consequence) > CONSEQUENCE_T
    if is_consequence:
        claim = "maybe_consequence"
    links[best] = replace(links[best], verdict=claim or links[best].verdict)
    is_none = posterior.chance < _LEAST_FOR_NONE and all(link.verdict == "no_association" for link in links)
    is_tied = company is not None and company.explained > TIED_SHARE
    return Trigger(
        name,
        claim or ("no_association" if is_none else "unclear"),
        reason="tied" if is_tied and claim not in {"raises", "lowers"} and not is_none else None,
        chance=posterior.chance,
        per=per,
        spread=spread,
        links=tuple(links),
        best=best,
        high_days=_find_high_days(posterior) if claim in {"raises", "lowers"} else None,
        tied_with=company.partner if company is not None and is_tied else None,
        after_twitching=("higher" if consequence > 0 else "lower") if is_consequence else None,
    )


def _wanted_chance(table: DayTable, outcome: Outcome, company: Company | None) -> float:
    is_along = company is not None and company.correlation > _ALONG
    is_gappy = outcome.n_recorded < _GAPPY * table.n_days
    return CLAIM_IF_HARD if is_along or is_gappy else CLAIM


def _claim(posterior: Posterior, link: Link, before: Verdict | None, wanted: float) -> Verdict | None:
    """Return `raises` or `lowers` if the likeliest link bears it."""
    if link.ci_low <= 1 <= link.ci_high:
        return None
    direction: Verdict = "raises" if link.rate_ratio > 1 else "lowers"
    return direction if posterior.chance >= (KEEP if before == direction else wanted) else None


def _make_link(lag: Lag, per: float, swing: float) -> Link:
    """Return the link per step; `swing` is the change that happens anyway: an SD, or on and off."""
    from scipy.special import stdtr, stdtrit

    reach = float(stdtrit(lag.df, 0.975)) * lag.standard_error
    low, high = lag.log_ratio - reach, lag.log_ratio + reach
    is_small = max(-low, high) * swing < np.log(MEANINGFUL)
    return Link(
        lag.lag_days,
        _exp(lag.log_ratio * per),
        _exp(low * per),
        _exp(high * per),
        float(2 * stdtr(lag.df, -abs(lag.log_ratio) / lag.standard_error)),
        lag.chance,
        "no_association" if is_small else "unclear",
    )


def _find_high_days(posterior: Posterior) -> HighDays | None:
    shape = posterior.high_day
    if shape is None or shape.chance < _HIGH_DAY:
        return None
    reach = 1.96 * shape.standard_error
    return HighDays(shape.above, _exp(shape.log_ratio), _exp(shape.log_ratio - reach), _exp(shape.log_ratio + reach))


def _say_what_is_needed(trigger: Trigger, outcome: Outcome, noise: Noise, company: Company | None) -> Trigger:
    """Add the days after which a strong trigger would be known, and then a moderate one.

    A diary that must grow to more than twice its length before it shows a strong trigger has not enough data.
    """
    if trigger.verdict != "unclear" or trigger.reason == "tied":
        return trigger
    explained = 0.0 if company is None else min(company.explained, 0.95)
    mean = float(np.nanmean(outcome.counts))
    missing = {
        ratio: estimate_days_needed(ratio, mean, noise, explained) - outcome.n_recorded for ratio in _SOUGHT_RATIOS
    }
    sought = next((ratio for ratio, days in missing.items() if days > 0), None)
    if sought is None:
        return trigger
    trigger = replace(trigger, days_needed=missing[sought], sought=sought)
    if sought == STRONG and missing[sought] > outcome.n_recorded:
        return replace(trigger, verdict="not_enough_data", reason="too-little-to-tell")
    return trigger


def _exp(value: float) -> float:
    return float(np.exp(np.clip(value, -30, 30)))
