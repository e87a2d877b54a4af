"""What the diary and the newest clip add to the answers of a check-up.

The check-up asks about everything itself, because a diary may have begun later than the twitching; what
stands in the diary is added to its answers, and only ever added.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.contrib.auth.models import User

from philtrum.web.diary.redflags import facts_of

LISTS = ("movement", "associated_symptoms", "context_tags", "history")
ONLY_IF_OPEN = ("side", "location", "lifestyle")
AS_THEY_ARE = ("diary", "measurement")


def with_diary(facts: Mapping[str, Any], owner: User, today: date) -> dict[str, Any]:
    """Return the facts of a check-up with those of the diary and the newest clip added."""
    return add_facts(facts, facts_of(owner, today) or {})


def add_facts(told: Mapping[str, Any], noted: Mapping[str, Any]) -> dict[str, Any]:
    """Return facts that hold all of both; where only one can hold, what was told in the check-up.

    The longer duration counts. A sign that was denied in the check-up and stands in the diary counts as
    reported (`philtrum.advice.facts`). A medicine that stands in both is taken from the diary, which knows dates.
    """
    facts = dict(told)
    for name in LISTS:
        if noted.get(name):
            facts[name] = list(dict.fromkeys([*_listed(facts.get(name)), *noted[name]]))
    facts |= {name: noted[name] for name in ONLY_IF_OPEN if noted.get(name) and not facts.get(name)}
    facts |= {name: noted[name] for name in AS_THEY_ARE if noted.get(name)}
    durations = [days for days in (told.get("duration_days"), noted.get("duration_days")) if days is not None]
    if durations:
        facts["duration_days"] = max(durations)
    if noted.get("medications"):
        dated = {one["name"].casefold() for one in noted["medications"]}
        others = [one for one in facts.get("medications") or () if one["name"].casefold() not in dated]
        facts["medications"] = [*noted["medications"], *others]
    return facts


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value or ())
