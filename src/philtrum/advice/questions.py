"""Which question to ask next: the emergency first, and only what can still change the advice.

A question is answered when a field is filled, when one of its signs is present
or all are denied, or when it was skipped ("don't know"). Answers go back into
the facts with `answer`, so that a check-up can stop and go on at any time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from philtrum.advice.entries import LEVELS, Choice, Question
from philtrum.advice.facts import Facts, read_facts
from philtrum.advice.knowledge import load_knowledge
from philtrum.advice.remedies import NO_REMEDY_LEVELS
from philtrum.advice.signs import Signs, derive_signs
from philtrum.advice.urgency import find_level

NONE, SKIP = "none", "skip"
# What a number, a time or a list of medicines can mean for the level.
LASTING = (("duration_over_14_days",), ("duration_over_14_days", "duration_over_90_days_stable"))
YOUNG = (("child",), ("child", "under_3_years"))
RISKY_SIGNS = "lithium denosumab dopamine_blocker new_dopamine_blocker_days new_medicine_90_days"
RISKY_SIGNS += " alcohol_or_sedative_stopped recent_botulinum_toxin"
RISKY = tuple((sign,) for sign in RISKY_SIGNS.split())


@dataclass(frozen=True, slots=True)
class NextQuestion:
    """A question that is open, and the most urgent level that an answer could lead to (None: only the causes)."""

    question: Question
    could_raise_to: str | None


def next_questions(facts: Facts | Mapping[str, Any], *, today: date | None = None) -> tuple[NextQuestion, ...]:
    """Return the open questions, the one to ask next first; empty when nothing can change the advice.

    Parameters
    ----------
    facts : Facts or mapping
        What is known so far, {} at the start.
    """
    read = facts if isinstance(facts, Facts) else read_facts(facts)
    return open_questions(read, derive_signs(read, today=today))


def open_questions(facts: Facts, signs: Signs) -> tuple[NextQuestion, ...]:
    """Return the open questions for facts whose signs are already known."""
    level = find_level(signs.present)
    if level == LEVELS[0]:
        return ()
    return tuple(
        NextQuestion(question, _could_raise_to(question, signs, level))
        for question in load_knowledge().questions
        if not is_answered(question, facts, signs) and _matters(question, signs, level)
    )


def answer(facts: Mapping[str, Any], question: Question, chosen: Sequence[str] | Any) -> dict[str, Any]:
    """Return the facts with the answer to one question added.

    Parameters
    ----------
    facts : mapping
        The facts so far, in the form of `philtrum advise --schema`.
    question : Question
        The question that was asked.
    chosen : sequence of choice ids, ["none"] or ["skip"]; a number, a text or a list of medicines for those kinds

    Returns
    -------
    dict
        New facts; "none" denies what the question asks for, "skip" only notes that it was asked.
    """
    new = {key: list(value) if isinstance(value, list | tuple) else value for key, value in facts.items()}
    ids = list(chosen) if isinstance(chosen, list | tuple) and all(isinstance(one, str) for one in chosen) else []
    if ids == [SKIP] or chosen in (None, "", []):
        return _add(new, "skipped", [question.id])
    if question.kind == "medicines":
        new["medications"] = [] if ids == [NONE] else list(chosen)
        return new
    if question.kind in {"number", "text"}:
        new[question.field] = chosen
        return new
    return _add_choices(new, question, ids)


def is_answered(question: Question, facts: Facts, signs: Signs) -> bool:
    """Tell whether a question needs no asking any more."""
    if {question.id, f"{question.id}:asked"} & set(facts.skipped):
        return True
    if question.field:
        return _has_field(question.field, facts, signs)
    sets = {sign for choice in question.choices for sign in choice.sets}
    return bool(sets) and sets <= {*signs.present, *signs.denied}


def _has_field(field: str, facts: Facts, signs: Signs) -> bool:
    if field == "duration_days":
        return (
            signs.duration_days is not None or signs.has("duration_over_14_days") or signs.has("duration_under_14_days")
        )
    if field in {"movement", "history"}:
        return bool(getattr(facts, field))
    return getattr(facts, field) not in (None, "")


def _matters(question: Question, signs: Signs, level: str) -> bool:
    """Tell whether an answer can still change the level, or what fits and is safe to try while that is shown."""
    if not question.when.holds(signs.present):
        return False
    if set(_levels(question, signs)) - {level}:
        return True
    return level not in NO_REMEDY_LEVELS and (question.always or bool(question.when.ids))


def _could_raise_to(question: Question, signs: Signs, level: str) -> str | None:
    """Return the most urgent level that any single choice leads to, None when none is above the present one."""
    best = min(_levels(question, signs), key=LEVELS.index, default=level)
    return best if LEVELS.index(best) < LEVELS.index(level) else None


def _levels(question: Question, signs: Signs) -> list[str]:
    """Return the levels that single answers lead to."""
    answers = [choice.sets for choice in question.choices if choice.sets]
    answers += {"duration_days": LASTING, "age": YOUNG, "medications": RISKY}.get(question.field, ())
    return [find_level({**signs.present, **dict.fromkeys(sets, "")}) for sets in answers]


def _add_choices(facts: dict[str, Any], question: Question, ids: list[str]) -> dict[str, Any]:
    chosen: list[Choice] = [choice for choice in question.choices if choice.id in ids]
    vocabularies = load_knowledge().vocabularies
    for choice in chosen:
        if choice.field:
            facts[choice.field] = choice.value
        for sign in choice.sets:
            key = "movement" if sign in vocabularies["movements"] else "context_tags"
            _add(facts, "associated_symptoms" if sign in vocabularies["symptoms"] else key, [sign])
    others = [sign for choice in question.choices if choice not in chosen for sign in choice.sets]
    reported = {*facts.get("movement", ()), *facts.get("associated_symptoms", ()), *facts.get("context_tags", ())}
    if question.kind == "many":
        if question.none:  # a question without "none of these" asks what comes closest; the rest stays open
            _add(facts, "denied", [sign for sign in others if sign not in reported])
        _add(facts, "skipped", [f"{question.id}:asked"])
    if any(sign in vocabularies["symptoms"] for sign in others):
        facts.setdefault("associated_symptoms", [])
    return facts


def _add(facts: dict[str, Any], key: str, values: list[str]) -> dict[str, Any]:
    facts[key] = list(dict.fromkeys([*(facts.get(key) or []), *values]))
    return facts
