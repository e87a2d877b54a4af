"""Results about one person as plain data, for machines: the same keys whatever the verdict, null where unknown."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from philtrum.nof1.response import Answer, Range, Response
from philtrum.nof1.trials import TrialResult, arm_means
from philtrum.nof1.triggers import Link, Trigger, TriggerReport


def triggers_to_json(report: TriggerReport) -> str:
    """Return a list with one object per trigger and lag; a trigger without any estimate has one object, for lag 0."""
    rows = [row for trigger in report.triggers for row in _trigger_rows(trigger)]
    return json.dumps(rows, indent=1) + "\n"


def trial_to_json(result: TrialResult) -> str:
    """Return one object with the ratio of the rate with the remedy over the rate without."""
    without, with_remedy = arm_means(result.trial)
    facts = {
        "rate_ratio": result.rate_ratio,
        "ci_low": result.ci_low,
        "ci_high": result.ci_high,
        "p_value": result.p_value,
        "p_coin": result.p_coin,
        "verdict": result.verdict,
        "reasons": list(result.reasons),
        "outcome": result.trial.outcome,
        "n_pairs": result.trial.n_pairs,
        "n_recorded": int(np.isfinite(result.trial.values).sum()),
        "pairs": [
            {"A": _number(a), "B": _number(b)} for a, b in zip(without.tolist(), with_remedy.tolist(), strict=True)
        ],
    }
    return json.dumps(facts, indent=1) + "\n"


def response_to_json(response: Response) -> str:
    """Return one object with the answer to all treatments and one for each, in order of time."""
    facts = {
        "outcomes": list(response.outcomes),
        "overall": _answer(response.overall),
        "cycles": [_answer(cycle) for cycle in response.cycles],
    }
    return json.dumps(facts, indent=1) + "\n"


def _answer(answer: Answer) -> dict[str, Any]:
    return {
        "treated_on": None if answer.treated_on is None else answer.treated_on.isoformat(),
        "verdict": answer.verdict,
        "best_ratio": _range(answer.best_ratio),
        "onset_days": _range(answer.onset_days),
        "wears_off_days": _range(answer.wears_off_days),
        "n_days": answer.n_days,
    }


def _range(span: Range | None) -> dict[str, float] | None:
    return None if span is None else {"value": span.value, "ci_low": span.low, "ci_high": span.high}


def _trigger_rows(trigger: Trigger) -> list[dict[str, Any]]:
    common = {
        "per": trigger.per,
        "q_value": None if trigger.chance is None else 1 - trigger.chance,
        "reason": trigger.reason,
        "days_needed": trigger.days_needed,
        "tied_with": trigger.tied_with,
    }
    if not trigger.links:
        nothing = dict.fromkeys(("rate_ratio", "ci_low", "ci_high", "p_value"))
        return [{"trigger": trigger.name, "lag_days": 0, **nothing, **common, "verdict": trigger.verdict}]
    return [
        {"trigger": trigger.name, "lag_days": link.lag_days, **_figures(link), **common, **_verdict(trigger, place)}
        for place, link in enumerate(trigger.links)
    ]


def _figures(link: Link) -> dict[str, float]:
    return {
        "rate_ratio": link.rate_ratio,
        "ci_low": link.ci_low,
        "ci_high": link.ci_high,
        "p_value": link.p_value,
        "chance": link.chance,
    }


def _verdict(trigger: Trigger, place: int) -> dict[str, Any]:
    """Return the verdict of a link; what holds for the trigger as a whole stands with its likeliest link."""
    is_best = place == trigger.best
    facts: dict[str, Any] = {"verdict": trigger.verdict if is_best else trigger.links[place].verdict}
    if is_best and trigger.high_days is not None:
        high = trigger.high_days
        facts["high_days"] = {
            "above": high.above,
            "rate_ratio": high.rate_ratio,
            "ci_low": high.ci_low,
            "ci_high": high.ci_high,
        }
    return facts


def _number(value: float) -> float | None:
    return value if np.isfinite(value) else None
