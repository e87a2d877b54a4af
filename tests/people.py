"""Made-up diaries and trials with known truth, small and quick."""

from datetime import date

import numpy as np

from philtrum.diary.table import DayTable

MONDAY = date(2026, 1, 5)


def spell(rng, n_days, *, rho=0.6, sd=0.3):
    """Good and bad days that come in rows."""
    values = np.empty(n_days)
    values[0] = rng.standard_normal()
    for day in range(1, n_days):
        values[day] = rho * values[day - 1] + np.sqrt(1 - rho**2) * rng.standard_normal()
    return sd * values


def counts(rng, log_rate, *, k=0.2):
    """Over-dispersed counts around a rate."""
    return rng.poisson(np.exp(log_rate) * rng.gamma(1 / k, k, len(log_rate))).astype(float)


def habits(rng, n_days):
    """Four unrelated habits, rounded as people write them down."""
    return {
        "sleep_hours": np.round((7.2 + rng.standard_normal(n_days)) * 4) / 4,
        "caffeine_mg": 95.0 * np.clip(np.round(2.5 + 1.4 * rng.standard_normal(n_days)), 0, 9),
        "stress": np.clip(np.round(4 + 1.8 * rng.standard_normal(n_days)), 0, 10),
        "screen_hours": np.clip(np.round((6 + 1.7 * rng.standard_normal(n_days)) * 2) / 2, 0, 16),
    }


def diary(seed, n_days=120, *, effects=None, lags=None, level=1.4, missing=0.05):
    """A diary in which `effects` (log ratio per SD, by habit) drive the episodes."""
    rng = np.random.default_rng(seed)
    columns = habits(rng, n_days)
    log_rate = level + spell(rng, n_days)
    for name, effect in (effects or {}).items():
        lag = (lags or {}).get(name, 0)
        unit = (columns[name] - columns[name].mean()) / columns[name].std()
        log_rate += effect * np.concatenate([np.zeros(lag), unit[: n_days - lag]])
    columns = {"episodes": counts(rng, log_rate), **columns}
    for values in columns.values():
        values[rng.uniform(size=n_days) < missing] = np.nan
    return DayTable(MONDAY, columns)


def trial(seed, *, ratio=1.0, n_pairs=10, period_days=5, order=None, trend=0.0, missing=0.05, rho=0.6):
    """A trial of `n_pairs` pairs in drawn order (or in `order`, True = the remedy first)."""
    rng = np.random.default_rng(seed)
    first = rng.integers(0, 2, n_pairs).astype(bool) if order is None else np.array(order)
    has_remedy = np.repeat(np.column_stack([first, ~first]).ravel(), period_days)
    n_days = len(has_remedy)
    log_rate = 1.4 + spell(rng, n_days, rho=rho) + np.log(ratio) * has_remedy + trend * np.linspace(0.5, -0.5, n_days)
    episodes = counts(rng, log_rate)
    episodes[rng.uniform(size=n_days) < missing] = np.nan
    columns = {"episodes": episodes, "pair": np.repeat(np.arange(1.0, n_pairs + 1), 2 * period_days)}
    return DayTable(MONDAY, columns, {"arm": tuple("B" if arm else "A" for arm in has_remedy)})
