"""What is known about one person: the facts that advice is given on, read and checked.

All fields are optional; an absent field is unknown, never "no". What the
person has said no to stands in `denied`. Ids are taken in any case and with
spaces or hyphens; an id of one vocabulary is understood in the field of
another. An id that nobody knows is an error, because a misspelt sign of an
emergency must not vanish.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

from philtrum.advice.entries import Knowledge
from philtrum.advice.knowledge import load_knowledge
from philtrum.errors import PhiltrumError

SCHEMA = "philtrum.facts/1"
OLDEST_YEARS = 125
LONGEST_DAYS = OLDEST_YEARS * 366
# More than anyone writes; what lies beyond is left out with a note.
LONGEST_TEXT, LONGEST_LIST = 20_000, 500

SEXES = ("female", "male", "unknown")
ONSETS = ("sudden", "gradual", "unknown")
ID_FIELDS = ("movement", "associated_symptoms", "context_tags", "denied")
TEXT_FIELDS = ("side", "location", "frequency")
FIELDS = (
    *("age", "sex", "side", "location", "duration_days", "onset", "frequency", "movement", "suppressible"),
    *("present_in_sleep", "associated_symptoms", "medications", "lifestyle", "history", "context_tags"),
    *("denied", "skipped", "measurement", "diary", "schema"),
)
STEPS = ("started_days_ago", "changed_days_ago", "stopped_days_ago")
YES_NO = {"yes": True, "true": True, "no": False, "false": False}
UNKNOWN = {"", "unknown", "unsure", "don't know", "not sure", "n/a", "none given", "?"}


class FactsError(PhiltrumError, ValueError):
    """The facts cannot be used as they are."""


@dataclass(frozen=True, slots=True)
class Medication:
    """A medicine as a person wrote it; days are counted back from today, None = not told.

    `remark` holds what else was given with it, such as "since 2 weeks".
    """

    name: str
    started_days_ago: float | None = None
    changed_days_ago: float | None = None
    stopped_days_ago: float | None = None
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """A remark on the facts that the reader should see: what was left out, contradictory or not understood."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts about one person. None and empty mean unknown."""

    age: float | None = None
    sex: str = "unknown"
    side: str = ""
    location: str = ""
    duration_days: float | None = None
    onset: str = "unknown"
    frequency: str = ""
    movement: tuple[str, ...] = ()
    suppressible: bool | None = None
    present_in_sleep: bool | None = None
    associated_symptoms: tuple[str, ...] | None = None
    medications: tuple[Medication, ...] | None = None
    lifestyle: tuple[tuple[str, str], ...] = ()
    history: tuple[str, ...] = ()
    context_tags: tuple[str, ...] = ()
    denied: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    measurement: Mapping[str, Any] | None = None
    diary: Mapping[str, Any] | None = None
    notes: tuple[Note, ...] = ()


def read_facts(given: Mapping[str, Any]) -> Facts:
    """Check facts in the form of `philtrum advise --schema`.

    Raises
    ------
    FactsError
        `facts-not-an-object`, `facts-unknown-field`, `facts-unknown-id`, `facts-wrong-type`,
        `facts-age-impossible`, `facts-duration-impossible`.
    """
    if not isinstance(given, Mapping):
        what = f"The facts are {_kind(given)}; a JSON object with fields such as age and movement is expected."
        raise FactsError("facts-not-an-object", what, "Write them as { ... }; `philtrum advise --schema` shows how.")
    notes: list[Note] = []
    known = _known_fields(given, notes)
    knowledge = load_knowledge()
    ids = {name: _ids(known, name, knowledge) for name in ID_FIELDS}
    facts = Facts(
        age=_number(known, "age", OLDEST_YEARS, "facts-age-impossible", "years"),
        sex=_choice(known, "sex", SEXES),
        side=_text(known, "side", notes),
        location=_text(known, "location", notes),
        duration_days=_number(known, "duration_days", LONGEST_DAYS, "facts-duration-impossible", "days"),
        onset=_choice(known, "onset", ONSETS),
        frequency=_text(known, "frequency", notes),
        movement=ids["movement"] or (),
        suppressible=_yes_no(known, "suppressible"),
        present_in_sleep=_yes_no(known, "present_in_sleep"),
        associated_symptoms=ids["associated_symptoms"],
        medications=_medications(known, notes),
        lifestyle=_lifestyle(known, notes),
        history=_texts(known, "history", notes),
        context_tags=ids["context_tags"] or (),
        denied=ids["denied"] or (),
        skipped=_texts(known, "skipped", notes),
        measurement=_mapping(known, "measurement"),
        diary=_mapping(known, "diary"),
        notes=tuple(notes),
    )
    return _with_contradictions(facts)


def _known_fields(given: Mapping[str, Any], notes: list[Note]) -> dict[str, Any]:
    known: dict[str, Any] = {}
    for name, value in given.items():
        if name in FIELDS:
            known[name] = value
            continue
        near = get_close_matches(str(name), FIELDS, n=1, cutoff=0.6) or (
            ["associated_symptoms"] if "symptom" in str(name) else ["medications"] if str(name)[:4] == "drug" else []
        )
        if near:
            what = f"{str(name)[:60]!r} is not a field of the facts; did you mean {near[0]!r}?"
            raise FactsError("facts-unknown-field", what, "Correct the name, or leave the field out.")
        notes.append(Note("field-not-read", f"The field {str(name)[:60]!r} is not known and was not read."))
    return known


def _ids(known: Mapping[str, Any], name: str, knowledge: Knowledge) -> tuple[str, ...] | None:
    value = known.get(name)
    if value is None:
        return None
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, Sequence) or not all(isinstance(one, str) for one in values):
        raise _wrong_type(name, value, "a list of ids")
    return tuple(dict.fromkeys(_id(one, name, knowledge) for one in values[:LONGEST_LIST] if one.strip()))


def _id(written: str, field: str, knowledge: Knowledge) -> str:
    plain = re.sub(r"[\s\-]+", "_", written.strip().lower())
    if plain in knowledge.signs:
        return plain
    by_text = {text.lower(): id for id, text in knowledge.signs.items()}
    if written.strip().lower() in by_text:
        return by_text[written.strip().lower()]
    near = get_close_matches(plain, knowledge.signs, n=3, cutoff=0.6)
    hint = f"did you mean {' or '.join(map(repr, near))}?" if near else "no known id is like it."
    what = f"{written[:60]!r} in {field!r} is not an id that philtrum knows; {hint}"
    raise FactsError(
        "facts-unknown-id", what, "`philtrum advise --schema` lists all ids; write free text in 'history'."
    )


def _number(known: Mapping[str, Any], name: str, highest: float, id: str, unit: str) -> float | None:
    value = known.get(name)
    if isinstance(value, str):
        if value.strip().lower() in UNKNOWN:
            return None
        value = _as_number(value, unit)
    if value is None and known.get(name) is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        raise _wrong_type(name, known[name], f"a number of {unit}")
    if not 0 <= value <= highest:
        what = f"{name} is {value:g}; a number of {unit} from 0 to {highest} is expected."
        raise FactsError(id, what, "Correct it, or leave it out if it is not known.")
    return float(value)


def _as_number(text: str, unit: str) -> float | None:
    """Read "45", "45 years", "18 months" or "3 weeks" in the given unit; None when it is no number."""
    match = re.fullmatch(
        r"(\d+(?:[.,]\d+)?|-\d+(?:[.,]\d+)?)\s*(day|week|month|year|yr|y)?s?( old)?", text.strip().lower()
    )
    if match is None:
        return None
    number = float(match[1].replace(",", "."))
    days = {"day": 1.0, "week": 7.0, "month": 30.4, "year": 365.25, "yr": 365.25, "y": 365.25}
    if match[2] is None:
        return number
    return number * days[match[2]] / (365.25 if unit == "years" else 1.0)


def _choice(known: Mapping[str, Any], name: str, choices: tuple[str, ...]) -> str:
    value = known.get(name)
    if value is None:
        return "unknown"
    if not isinstance(value, str):
        raise _wrong_type(name, value, f"one of {', '.join(choices)}")
    plain = {"f": "female", "m": "male", "woman": "female", "man": "male", "girl": "female", "boy": "male"}.get(
        value.strip().lower(), value.strip().lower()
    )
    return plain if plain in choices else "unknown"


def _yes_no(known: Mapping[str, Any], name: str) -> bool | None:
    value = known.get(name)
    if value is None or isinstance(value, bool):
        return value
    if not isinstance(value, str):
        raise _wrong_type(name, value, "true, false or null")
    return YES_NO.get(value.strip().lower().split()[0] if value.strip() else "")


def _text(known: Mapping[str, Any], name: str, notes: list[Note]) -> str:
    value = known.get(name)
    if value is None:
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = f"{value:g}"
    if not isinstance(value, str):
        raise _wrong_type(name, value, "text")
    return _cut("" if value.strip().lower() in UNKNOWN else value, name, notes)


def _texts(known: Mapping[str, Any], name: str, notes: list[Note]) -> tuple[str, ...]:
    value = known.get(name)
    values = [] if value is None else [value] if isinstance(value, str) else value
    if isinstance(values, Mapping):
        values = [f"{key}: {_plain(one)}" for key, one in values.items()]
    if not isinstance(values, Sequence) or not all(isinstance(one, str) for one in values):
        raise _wrong_type(name, value, "a list of texts")
    if len(values) > LONGEST_LIST:
        notes.append(Note("list-cut", f"Only the first {LONGEST_LIST} entries of {name!r} were read."))
    return tuple(_cut(one, name, notes) for one in values[:LONGEST_LIST])


def _cut(text: str, name: str, notes: list[Note]) -> str:
    if len(text) > LONGEST_TEXT:
        notes.append(Note("text-cut", f"Only the first {LONGEST_TEXT} characters of {name!r} were read."))
    return text[:LONGEST_TEXT]


def _medications(known: Mapping[str, Any], notes: list[Note]) -> tuple[Medication, ...] | None:
    value = known.get("medications")
    if value is None:
        return None
    values = [value] if isinstance(value, str | Mapping) else value
    if not isinstance(values, Sequence):
        raise _wrong_type("medications", value, "a list of names or of objects with a name")
    if len(values) > LONGEST_LIST:
        notes.append(Note("list-cut", f"Only the first {LONGEST_LIST} entries of 'medications' were read."))
    return tuple(_medication(one) for one in values[:LONGEST_LIST])


def _medication(value: Any) -> Medication:
    if isinstance(value, str):
        return Medication(value[:300])
    name = value.get("name") if isinstance(value, Mapping) else None
    if not isinstance(name, str):
        raise _wrong_type("medications", value, "a name, or an object with a name")
    days = {key: _number(value, key, LONGEST_DAYS, "facts-duration-impossible", "days") for key in STEPS}
    others = [f"{key} {_plain(one)}" for key, one in value.items() if key not in ("name", *STEPS) and one is not None]
    return Medication(name[:300], **days, remark=", ".join(others)[:300])


def _lifestyle(known: Mapping[str, Any], notes: list[Note]) -> tuple[tuple[str, str], ...]:
    value = known.get("lifestyle")
    if value is None:
        return ()
    if isinstance(value, str | Sequence):
        return tuple(("", text) for text in _texts(known, "lifestyle", notes))
    if not isinstance(value, Mapping):
        raise _wrong_type("lifestyle", value, "an object such as {'sleep': '5 hours'}")
    pairs = ((str(key)[:60], _cut(_plain(one), "lifestyle", notes)) for key, one in value.items() if one is not None)
    return tuple(pairs)[:LONGEST_LIST]


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(_plain, value))
    return f"{value:g}" if isinstance(value, int | float) else str(value)


def _mapping(known: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    value = known.get(name)
    if value is not None and not isinstance(value, Mapping):
        raise _wrong_type(name, value, "an object")
    return value


def _with_contradictions(facts: Facts) -> Facts:
    """Add a note for what is both reported and denied; reported counts, to be on the safe side."""
    reported = {*facts.movement, *(facts.associated_symptoms or ()), *facts.context_tags}
    texts = load_knowledge().signs
    notes = [
        Note("facts-contradict", f"Both reported and denied: {texts[id]}. It was taken as reported.")
        for id in facts.denied
        if id in reported
    ]
    if facts.age is not None and facts.duration_days is not None and facts.duration_days > (facts.age + 1) * 366:
        notes.append(Note("facts-contradict", "It is said to have lasted longer than the person has lived."))
    denied = tuple(id for id in facts.denied if id not in reported)
    return replace(facts, denied=denied, notes=(*facts.notes, *notes))


def _wrong_type(name: str, value: Any, expected: str) -> FactsError:
    what = f"{name!r} is {_kind(value)}; {expected} is expected."
    return FactsError("facts-wrong-type", what, "Correct it, or leave it out if it is not known.")


def _kind(value: Any) -> str:
    names = {str: "text", bool: "true or false", list: "a list", dict: "an object", type(None): "empty"}
    return names.get(type(value), f"{value!r:.40}" if isinstance(value, int | float) else "of another kind")
