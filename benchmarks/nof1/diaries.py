"""Diaries of made-up people, with known triggers: what the analysis is judged on.

Daily episodes are drawn around exp(level + weekday + trend + good and bad spells + what the triggers do). Everything
that is not the question differs from person to person and is drawn by lot: base rate, over-dispersion, how long spells
last, weekday, trend, how habits go together, what is not written down. *Families* leave the usual form on purpose:
`plain` is gamma-Poisson counts with an AR(1) spell; `drifting` has a level that wanders and habits that hardly change;
`rough` has log-normal days with outliers, spells of two speeds and a share of quiet days.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from philtrum.diary.table import DayTable

FloatArray = NDArray[np.float64]

HABITS = ("sleep_hours", "caffeine_mg", "stress", "alcohol_units", "water_l", "talking_hours", "screen_hours")
TRIGGERS = (*HABITS, "medication")
LINKS = {
    ("sleep_hours", "stress"): -0.35,
    ("caffeine_mg", "stress"): 0.3,
    ("sleep_hours", "caffeine_mg"): -0.2,
    ("sleep_hours", "alcohol_units"): -0.2,
    ("stress", "screen_hours"): 0.2,
    ("talking_hours", "stress"): 0.2,
}
WEEKEND = {"sleep_hours": 0.6, "stress": -0.5, "alcohol_units": 0.7, "talking_hours": -0.3, "screen_hours": -0.5}


@dataclass(frozen=True, slots=True)
class Scenario:
    """What drives the twitching in the diaries of one kind, and how long they are."""

    kind: str
    n_days: int
    family: str = "plain"

    @property
    def name(self) -> str:
        """Name for the table."""
        return f"{'' if self.family == 'plain' else self.family + ' '}{self.kind} {self.n_days}"


@dataclass(frozen=True, slots=True)
class SimEffect:
    """What one more unit of a trigger does to the rate, how many days later."""

    lag_days: int
    log_ratio_per_unit: float
    threshold: float | None = None


@dataclass(frozen=True, slots=True)
class SimDiary:
    """A diary and its truth; triggers that are not named do nothing."""

    table: DayTable
    effects: Mapping[str, SimEffect] = field(default_factory=dict)


def simulate_diary(scenario: Scenario, rng: np.random.Generator) -> SimDiary:
    """Draw one person's diary."""
    n_run_in = 14
    n = scenario.n_days + n_run_in
    weekday = (np.arange(n) + rng.integers(7)) % 7
    habits = _draw_habits(scenario, weekday, rng)
    effects = _draw_effects(scenario, habits, rng)
    log_rate = _draw_background(scenario, weekday, rng)
    for name, effect in effects.items():
        log_rate += _contribution(habits[name], effect)
    episodes = _draw_counts(scenario, log_rate, rng)
    if scenario.kind == "reverse":
        episodes = _twitch_and_react(habits, log_rate, scenario, rng)
    minutes = np.array([rng.gamma(2.0, rng.uniform(1, 6), int(count)).sum() if count else 0.0 for count in episodes])
    columns = {"episodes": episodes, "minutes": np.round(minutes, 1), **habits}
    columns = {column: values[n_run_in:].astype(float) for column, values in columns.items()}
    _forget(scenario, columns, weekday[n_run_in:], rng)
    first_day = date(2024, 1, 1) + timedelta(days=int(weekday[n_run_in]) + 7 * int(rng.integers(60)))
    return SimDiary(DayTable(first_day, columns), effects)


def draw_spell(n_days: int, sd: float, rho: float, rng: np.random.Generator) -> FloatArray:
    """Return good and bad days that come in rows, on the log scale."""
    spell: FloatArray = sd * _unit(_ar1(rng.standard_normal(n_days + 50), rho)[50:])
    return spell


def _draw_habits(scenario: Scenario, weekday: FloatArray, rng: np.random.Generator) -> dict[str, FloatArray]:
    n = len(weekday)
    latent = _draw_latent(scenario, n, rng)
    if scenario.kind == "confounded":
        stress = latent["stress"]
        latent["caffeine_mg"] = _along(stress, latent["caffeine_mg"], 0.8)
        latent["sleep_hours"] = _along(stress, latent["sleep_hours"], -0.6)
    if scenario.kind == "recovery":
        fall = np.linspace(0.9, -0.9, n)
        latent["stress"] = latent["stress"] + fall * rng.uniform(0.7, 1.3)
        latent["caffeine_mg"] = latent["caffeine_mg"] + fall * rng.uniform(0.7, 1.3)
    for name, shift in WEEKEND.items():
        latent[name] = latent[name] + shift * rng.uniform(0.2, 1.2) * (weekday >= 5)
    habits = {name: _as_written(name, latent[name], rng) for name in HABITS}
    habits["medication"] = _draw_medication(scenario, n, rng)
    return habits


def _draw_latent(scenario: Scenario, n: int, rng: np.random.Generator) -> dict[str, FloatArray]:
    k = len(HABITS)
    correlation = np.eye(k)
    for (a, b), value in LINKS.items():
        i, j = HABITS.index(a), HABITS.index(b)
        correlation[i, j] = correlation[j, i] = value * rng.uniform(0.5, 1.5)
    values, vectors = np.linalg.eigh(correlation)
    root = vectors * np.sqrt(np.maximum(values, 0.02))
    low, high = (0.7, 0.95) if scenario.family == "drifting" else (0.05, 0.6)
    shocks = rng.standard_normal((n + 100, k)) @ root.T
    series = np.column_stack([_ar1(shocks[:, j], rng.uniform(low, high)) for j in range(k)])[100:]
    if scenario.family != "drifting":
        drift = np.linspace(-0.5, 0.5, n)[:, None] * rng.normal(0, 0.5, k)
        series = series + drift
    return {name: series[:, j] / series[:, j].std() for j, name in enumerate(HABITS)}


def _along(leader: FloatArray, other: FloatArray, correlation: float) -> FloatArray:
    """Return a series with this correlation to the leader, and the rest of the other one."""
    leader = _unit(leader)
    rest = other - (other @ leader / len(leader)) * leader
    return correlation * leader + np.sqrt(1 - correlation**2) * _unit(rest)


def _as_written(name: str, latent: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Turn a standard normal series into what a person writes down: cups, half hours, whole points."""
    if name == "sleep_hours":
        return np.clip(_round(rng.uniform(6.4, 8) + rng.uniform(0.7, 1.2) * latent, 0.25), 2, 13)
    if name == "caffeine_mg":
        cup = float(rng.choice([80, 95, 120]))
        return np.clip(_round(rng.uniform(1.8, 4.2) * cup + rng.uniform(1, 1.6) * cup * latent, cup), 0, 12 * cup)
    if name == "stress":
        return np.clip(np.round(rng.uniform(2.5, 6) + rng.uniform(1.4, 2.2) * latent), 0, 10)
    if name == "alcohol_units":
        return _round(np.maximum(rng.uniform(-0.5, 1.5) + rng.uniform(1.2, 2.2) * latent, 0), 0.5)
    if name == "water_l":
        return np.clip(_round(rng.uniform(1.3, 2.1) + rng.uniform(0.35, 0.6) * latent, 0.1), 0.2, 6)
    if name == "talking_hours":
        return np.clip(_round(rng.uniform(2, 5) + rng.uniform(1, 1.7) * latent, 0.5), 0, 14)
    return np.clip(_round(rng.uniform(4.5, 9) + rng.uniform(1.2, 2.2) * latent, 0.5), 0, 16)


def _draw_medication(scenario: Scenario, n: int, rng: np.random.Generator) -> FloatArray:
    if scenario.kind == "recovery":
        return (np.arange(n) >= n * rng.uniform(0.3, 0.6)).astype(float)
    is_on, state = np.zeros(n), bool(rng.integers(2))
    run = float(rng.uniform(8, 25))
    for day in range(n):
        state = not state if rng.uniform() < 1 / run else state
        is_on[day] = state
    return is_on


def _draw_effects(
    scenario: Scenario, habits: Mapping[str, FloatArray], rng: np.random.Generator
) -> dict[str, SimEffect]:
    def per_sd(name: str, ratio: float, lag: int = 0) -> SimEffect:
        sign = -1 if name in {"sleep_hours", "water_l"} else 1
        return SimEffect(lag, sign * float(np.log(ratio) / max(habits[name].std(), 1e-9)))

    kind = scenario.kind
    if kind in {"strong", "missing40"}:
        return {(name := str(rng.choice(HABITS))): per_sd(name, 1.5)}
    if kind == "sparse":
        return {(name := str(rng.choice(HABITS))): per_sd(name, 1.8)}
    if kind == "weak4":
        return {str(name): per_sd(str(name), 1.22) for name in rng.choice(HABITS, 4, replace=False)}
    if kind == "lag1":
        return {
            (name := str(rng.choice(["sleep_hours", "caffeine_mg", "stress", "alcohol_units"]))): per_sd(name, 1.5, 1)
        }
    if kind == "confounded":
        return {"stress": per_sd("stress", 1.6)}
    if kind == "medicine":
        return {"medication": SimEffect(0, float(np.log(0.55)))}
    if kind == "threshold":
        coffee = habits["caffeine_mg"]
        coffee *= _cups_for_a_threshold(coffee)
        return {"caffeine_mg": SimEffect(0, float(np.log(2.0)), 400.0)}
    return {}


def _cups_for_a_threshold(coffee: FloatArray) -> float:
    """Scale the cups so that about a fifth to a third of days lies above 400 mg."""
    return 400.0 / max(float(np.quantile(coffee, 0.72)), 60.0)


def _contribution(values: FloatArray, effect: SimEffect) -> FloatArray:
    dose = values - values.mean() if effect.threshold is None else (values > effect.threshold).astype(float)
    return effect.log_ratio_per_unit * np.concatenate([np.zeros(effect.lag_days), dose[: len(dose) - effect.lag_days]])


def _draw_background(scenario: Scenario, weekday: FloatArray, rng: np.random.Generator) -> FloatArray:
    n = len(weekday)
    mean = 0.35 if scenario.kind == "sparse" else float(np.exp(rng.uniform(np.log(1.5), np.log(8))))
    level = np.log(mean) + rng.normal(0, 0.15) * (weekday >= 5) + rng.normal(0, 0.08, 7)[weekday]
    trend = rng.normal(0, 0.3) * np.linspace(-0.5, 0.5, n)
    if scenario.kind == "recovery":
        trend = -rng.uniform(1.0, 1.8) * np.linspace(0, 1, n) + 0.6
    sd, rho = rng.uniform(0.2, 0.5), rng.uniform(0.3, 0.85)
    spell = draw_spell(n, sd, rho, rng)
    if scenario.family == "drifting":
        spell = np.cumsum(rng.normal(0, rng.uniform(0.04, 0.1), n))
    if scenario.family == "rough":
        slow = _ar1(rng.standard_normal(n + 100), rng.uniform(0.93, 0.98))[100:]
        spell = spell * 0.7 + sd * 0.7 * _unit(slow)
    return level + trend + spell - spell.mean()


def _draw_counts(scenario: Scenario, log_rate: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Draw counts around a rate: gamma-Poisson, or log-normal with outliers and quiet days."""
    rate = np.exp(np.minimum(log_rate, 6))
    k = rng.uniform(0.05, 0.4)
    if scenario.family == "rough":
        wild = rng.uniform(size=len(rate)) < 0.03
        rate = rate * np.exp(rng.normal(-k / 2, np.sqrt(k), len(rate)) + wild * rng.uniform(0.7, 1.6, len(rate)))
        quiet = rng.uniform(size=len(rate)) < rng.uniform(0, 0.12)
        return np.where(quiet, 0, rng.poisson(rate)).astype(float)
    counts = rng.poisson(rate * rng.gamma(1 / k, k, len(rate))).astype(float)
    if scenario.family == "drifting":
        counts[rng.uniform(size=len(rate)) < 0.1] = 0
    return counts


def _twitch_and_react(
    habits: dict[str, FloatArray], log_rate: FloatArray, scenario: Scenario, rng: np.random.Generator
) -> FloatArray:
    """Let a twitchy day raise the next day's stress and cost sleep in the night between."""
    episodes = _draw_counts(scenario, log_rate, rng)
    push = np.log1p(episodes) - np.log1p(episodes).mean()
    push = np.concatenate([[0.0], push[:-1] / max(push.std(), 1e-9)])
    strength = rng.uniform(0.5, 0.9)
    stress, sleep = habits["stress"], habits["sleep_hours"]
    habits["stress"] = np.clip(np.round(stress + strength * stress.std() * push), 0, 10)
    habits["sleep_hours"] = np.clip(_round(sleep - 0.7 * strength * sleep.std() * push, 0.25), 2, 13)
    return episodes


def _forget(scenario: Scenario, columns: dict[str, FloatArray], weekday: FloatArray, rng: np.random.Generator) -> None:
    """Blank what was not written down; in `missing40` more often on busy and on quiet days."""
    n = len(weekday)
    share = 0.4 if scenario.kind == "missing40" else rng.uniform(0, 0.1)
    weight = np.ones(n)
    if scenario.kind == "missing40":
        busy = _unit(columns["stress"]) + 0.5 * _unit(columns["talking_hours"])
        quiet = -_unit(np.log1p(columns["episodes"]))
        weight = np.exp(0.5 * busy + 0.5 * quiet)
    chance = np.clip(share * weight / weight.mean(), 0, 0.95)
    is_lost = rng.uniform(size=n) < chance
    is_lost[[0, -1]] = False
    p_cell = rng.uniform(0, 0.05)
    for values in columns.values():
        values[is_lost | (rng.uniform(size=n) < p_cell)] = np.nan


def _ar1(shocks: FloatArray, rho: float) -> FloatArray:
    series = np.empty_like(shocks)
    series[0] = shocks[0]
    scale = np.sqrt(1 - rho**2)
    for t in range(1, len(shocks)):
        series[t] = rho * series[t - 1] + scale * shocks[t]
    return series


def _unit(values: FloatArray) -> FloatArray:
    return (values - values.mean()) / max(float(values.std()), 1e-9)


def _round(values: FloatArray, step: float) -> FloatArray:
    return np.round(values / step) * step
