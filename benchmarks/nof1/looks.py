"""Looking again every week: how often a false trigger is ever named, and how often a verdict comes and goes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from diaries import Scenario, simulate_diary

from philtrum.nof1.triggers import find_triggers

FIRST_DAY, EVERY_DAYS, LAST_DAY = 30, 7, 120
CLAIMS = {"raises", "lowers"}


@dataclass(frozen=True, slots=True)
class LookMarks:
    """Weekly looks at growing diaries.

    Parameters
    ----------
    ever_false : float
        Share of people to whom a false trigger is named at any look.
    false_at_once : float
        Mean share of people to whom one is named at a look.
    changes : float
        Verdicts that come or go, per person.
    changes_alone : float
        The same if every look stood for itself.
    """

    ever_false: float
    false_at_once: float
    changes: float
    changes_alone: float


def run_looks(kind: str, n_people: int, seed: int) -> LookMarks:
    """Look weekly, giving each look the verdicts of the one before."""
    ever, at_once, changes, changes_alone = [], [], [], []
    for number in range(n_people):
        diary = simulate_diary(Scenario(kind, LAST_DAY), np.random.default_rng([seed, number]))
        kept: dict[str, str] = {}
        alone: dict[str, str] = {}
        false, n_changes, n_alone = [], 0, 0
        for n_days in range(FIRST_DAY, LAST_DAY + 1, EVERY_DAYS):
            table = diary.table.rows(0, n_days)
            now = _claims(find_triggers(table, before=kept))
            now_alone = _claims(find_triggers(table))
            n_changes += now != kept
            n_alone += now_alone != alone
            kept, alone = now, now_alone
            false.append(any(name not in diary.effects for name in now))
        ever.append(any(false))
        at_once.append(np.mean(false))
        changes.append(n_changes)
        changes_alone.append(n_alone)
    return LookMarks(*(float(np.mean(values)) for values in (ever, at_once, changes, changes_alone)))


def _claims(report) -> dict[str, str]:
    return {trigger.name: trigger.verdict for trigger in report.triggers if trigger.verdict in CLAIMS}
