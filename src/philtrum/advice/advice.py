"""All advice for one person, from facts to the answer in contract form (schema `philtrum.advice/1`)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from philtrum.advice.causes import CauseFit, find_causes
from philtrum.advice.facts import Facts, Note, read_facts
from philtrum.advice.knowledge import load_knowledge
from philtrum.advice.medicines import MedicineAdvice, assess_medicines
from philtrum.advice.questions import NextQuestion, open_questions
from philtrum.advice.remedies import RemedyAdvice, find_remedies
from philtrum.advice.signs import Signs, derive_signs
from philtrum.advice.urgency import Urgency, assess_urgency

SCHEMA = "philtrum.advice/1"
NOT_A_DIAGNOSIS = "This is not a diagnosis. It says how soon to seek help, and what fits what you told."


@dataclass(frozen=True, slots=True)
class Advice:
    """The advice: urgency first, then what to ask, causes, medicines and remedies.

    `understood` lists what was read from free text, medicines, a clip or a diary, so that the person can correct it.
    """

    urgency: Urgency
    ask_next: tuple[NextQuestion, ...]
    causes: tuple[CauseFit, ...]
    medicines: tuple[MedicineAdvice, ...]
    remedies: tuple[RemedyAdvice, ...]
    understood: tuple[tuple[str, str], ...]
    notes: tuple[Note, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the advice as plain data (schema `philtrum.advice/1`)."""
        return {
            "schema": SCHEMA,
            "urgency": self.urgency.level,
            "reasons": [asdict(reason) for reason in self.urgency.reasons],
            "do_now": self.urgency.do_now,
            "recheck": {"when": self.urgency.recheck_when, "sooner_if": self.urgency.recheck_change},
            "ask_next": [_question(one) for one in self.ask_next],
            "causes": [_cause(cause) for cause in self.causes],
            "medicines": [asdict(medicine) for medicine in self.medicines],
            "remedies": [asdict(remedy) for remedy in self.remedies],
            "understood": [{"sign": sign, "text": text} for sign, text in self.understood],
            "notes": [asdict(note) for note in self.notes],
            "not_a_diagnosis": NOT_A_DIAGNOSIS,
        }

    def to_json(self) -> str:
        """Return the advice as JSON with a line break at the end."""
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False) + "\n"


def advise(facts: Mapping[str, Any] | Facts, *, today: date | None = None) -> Advice:
    """Give advice on facts.

    Parameters
    ----------
    facts : mapping or Facts
        What is known, in the form of `philtrum advise --schema`; absent means unknown.
    today : date
        The day that years in free text are counted from; the default is the day of the call.

    Returns
    -------
    Advice

    Raises
    ------
    FactsError
        See `philtrum.advice.facts.read_facts`.

    Examples
    --------
    >>> advise({"movement": ["isolated_twitch"], "duration_days": 2, "associated_symptoms": []}).urgency.level
    'self_care'
    """
    read = facts if isinstance(facts, Facts) else read_facts(facts)
    signs = derive_signs(read, today=today)
    urgency = assess_urgency(signs)
    causes = find_causes(signs, urgency.level)
    return Advice(
        urgency=urgency,
        ask_next=open_questions(read, signs),
        causes=causes,
        medicines=assess_medicines(signs),
        remedies=find_remedies(urgency.level, causes, signs),
        understood=_understood(signs),
        notes=read.notes,
    )


def _understood(signs: Signs) -> tuple[tuple[str, str], ...]:
    derived = (sign for sign, origin in signs.present.items() if origin and not origin.startswith("age "))
    return tuple((sign, signs.text(sign)) for sign in derived)


def _cause(cause: CauseFit) -> dict[str, Any]:
    row = asdict(cause)
    return {"for" if key == "speaks_for" else "against" if key == "speaks_against" else key: row[key] for key in row}


def _question(one: NextQuestion) -> dict[str, Any]:
    names = load_knowledge().levels
    row: dict[str, Any] = {"id": one.question.id, "question": one.question.text}
    if one.could_raise_to is not None:
        row["could_raise_to"] = names[one.could_raise_to].id
    return row
