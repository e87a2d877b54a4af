"""The JSON Schema (draft 2020-12) of the facts that advice is given on, made from the vocabularies."""

from __future__ import annotations

from typing import Any

from philtrum.advice.facts import LONGEST_DAYS, OLDEST_YEARS, ONSETS, SCHEMA, SEXES
from philtrum.advice.knowledge import load_knowledge

DAYS = {"type": ["number", "null"], "minimum": 0, "maximum": LONGEST_DAYS}
TEXT = {"type": ["string", "null"]}
YES_NO = {"type": ["boolean", "null"]}


def facts_schema() -> dict[str, Any]:
    """Return the schema of the facts, every id with its text."""
    vocabularies = load_knowledge().vocabularies
    movements, symptoms = (_ids(vocabularies[name]) for name in ("movements", "symptoms"))
    tags = _ids({**vocabularies["contexts"], **vocabularies["signs"]})
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Facts about one person with a twitching lip",
        "description": "All fields are optional. What is absent is unknown, never 'no'.",
        "type": "object",
        "properties": {
            "schema": {"const": SCHEMA},
            "age": {"type": ["number", "null"], "minimum": 0, "maximum": OLDEST_YEARS, "description": "years"},
            "sex": {"enum": [*SEXES, None]},
            "side": {**TEXT, "description": "left, right, both, changes; the person's own side"},
            "location": {**TEXT, "description": "where, in words"},
            "duration_days": {**DAYS, "description": "days since it began"},
            "onset": {"enum": [*ONSETS, None]},
            "frequency": {**TEXT, "description": "how often, in words"},
            "movement": _list(movements),
            "suppressible": {**YES_NO, "description": "can be held back for a moment"},
            "present_in_sleep": YES_NO,
            "associated_symptoms": _list(symptoms),
            "medications": {"type": ["array", "null"], "items": _medication()},
            "lifestyle": {"type": ["object", "null"], "description": "free: sleep, stress, caffeine, alcohol ..."},
            "history": {"type": ["array", "null"], "items": {"type": "string"}, "description": "in own words"},
            "context_tags": _list(tags),
            "denied": {**_list(tags), "items": {"type": "string"}, "description": "ids that were asked and denied"},
            "skipped": {"type": ["array", "null"], "items": {"type": "string"}, "description": "questions passed over"},
            "measurement": {"type": ["object", "null"], "description": "output of philtrum measure --json"},
            "diary": _diary(),
        },
    }


def _ids(texts: Any) -> list[dict[str, str]]:
    return [{"const": id, "description": text} for id, text in texts.items()]


def _list(choices: list[dict[str, str]]) -> dict[str, Any]:
    return {"type": ["array", "null"], "items": {"oneOf": choices}}


def _medication() -> dict[str, Any]:
    days = {name: DAYS for name in ("started_days_ago", "changed_days_ago", "stopped_days_ago")}
    entry = {"type": "object", "properties": {"name": {"type": "string"}, **days}, "required": ["name"]}
    return {"oneOf": [{"type": "string", "description": "as a person would write it"}, entry]}


def _diary() -> dict[str, Any]:
    names = ("in_sleep", "after_coffee", "daily_since_dose_change", "spreading")
    properties: dict[str, Any] = {name: {"type": "boolean"} for name in names}
    properties |= {
        "days": {"type": "integer", "minimum": 0},
        "symptoms": {"type": "array", "items": {"type": "string"}},
    }
    return {"type": ["object", "null"], "properties": properties}
