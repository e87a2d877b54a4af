"""The entries of the knowledge files: what each row of `knowledge/*.toml` holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as default
from typing import Any

LEVELS = ("emergency", "same_day", "urgent", "routine", "self_care")
BASES = ("guideline", "inferred", "looked_up", "general_knowledge")


@dataclass(frozen=True, slots=True)
class Source:
    """Where a statement comes from; `seen` is False when nothing was looked up."""

    id: str
    title: str
    publisher: str = ""
    year: int | None = None
    url: str = ""
    seen: bool = True


@dataclass(frozen=True, slots=True)
class Level:
    """How soon to seek help, in words."""

    id: str
    name: str
    text: str
    when: str
    change: str


@dataclass(frozen=True, slots=True)
class Condition:
    """When a rule holds: one of `any` and one of `and_any` (where given), all of `all`, none of `none`."""

    any: tuple[str, ...] = ()
    and_any: tuple[str, ...] = ()
    all: tuple[str, ...] = ()
    none: tuple[str, ...] = ()

    def holds(self, signs: Mapping[str, str]) -> bool:
        """Tell whether the present signs meet this condition."""
        return (
            (not self.any or any(id in signs for id in self.any))
            and (not self.and_any or any(id in signs for id in self.and_any))
            and all(id in signs for id in self.all)
            and not any(id in signs for id in self.none)
        )

    @property
    def n_demands(self) -> int:
        """How much has to come together: a rule that demands more says more about this person."""
        return bool(self.any) + bool(self.and_any) + len(self.all)

    @property
    def ids(self) -> tuple[str, ...]:
        """All signs that the condition names."""
        return (*self.any, *self.and_any, *self.all, *self.none)


@dataclass(frozen=True, slots=True)
class Flag:
    """A rule that sets a level."""

    id: str
    level: str
    text: str
    act: str
    when: Condition
    basis: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Exemption:
    """A named exception: it lowers the flags that it names to `level`, and no others."""

    id: str
    flags: tuple[str, ...]
    level: str
    text: str
    when: Condition
    basis: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cause:
    """What may stand behind a movement, and which signs speak for (positive) and against it (negative weight)."""

    id: str
    name: str
    clinical: str
    group: str
    level: str
    common: str
    what: str
    course: str
    next_step: str
    evidence: Mapping[str, float]
    basis: str
    sources: tuple[str, ...]
    needs: tuple[str, ...] = ()
    icd10: tuple[str, ...] = ()
    snomed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Effect:
    """A movement that medicines can cause; it begins `from_days` to `to_days` after the start or a raise."""

    id: str
    text: str
    from_days: float
    to_days: float
    like: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Medicine:
    """A medicine with the names people use for it and the movements that it can cause."""

    inn: str
    names: tuple[str, ...]
    kind: str
    movements: tuple[str, ...]
    link: str
    mouth: str
    stop: str
    basis: str
    sources: tuple[str, ...]
    tags: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class MedicineGroup:
    """A group of medicines that people read about, by the `kind` of its medicines."""

    id: str
    name: str
    text: str
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Movement:
    """A kind of movement and how to tell it from the others.

    `beat_hz` is how often it repeats, `lasts_s` how long one movement is seen, lowest and highest, where known.
    """

    id: str
    name: str
    clinical: str
    shows: tuple[str, ...]
    looks: str
    hold_back: str
    in_sleep: str
    tell: str
    causes: tuple[str, ...]
    sources: tuple[str, ...]
    beat_hz: tuple[float, float] | None = None
    lasts_s: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Remedy:
    """Something to try. `kind`: self_care, everyday, training, clinician, prescription, procedure or avoid."""

    id: str
    name: str
    kind: str
    how: tuple[str, ...]
    dose: str
    judge_after: str
    judge_days: int
    evidence: str
    evidence_note: str
    causes: tuple[str, ...]
    basis: str
    sources: tuple[str, ...]
    cautions: tuple[str, ...] = ()
    not_if: tuple[str, ...] = ()
    only_if: tuple[str, ...] = ()
    careful_if: Mapping[str, str] = default(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Phrase:
    """How people write a sign (see `phrases.toml`)."""

    sign: str
    kind: str
    patterns: tuple[str, ...]
    days: tuple[float, float] | None = None
    untimed: bool = False
    relative: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer to a question and the facts that it sets."""

    id: str
    text: str
    sets: tuple[str, ...] = ()
    field: str = ""
    value: Any = None


@dataclass(frozen=True, slots=True)
class Question:
    """A question of the check-up. `kind`: many, one, number, text or medicines."""

    id: str
    text: str
    kind: str
    choices: tuple[Choice, ...] = ()
    help: str = ""
    field: str = ""
    none: str = ""
    when: Condition = default(default_factory=Condition)
    always: bool = False


@dataclass(frozen=True, slots=True)
class Myth:
    """A common claim about lip twitching, and what is true of it."""

    id: str
    claim: str
    verdict: str
    truth: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Knowledge:
    """All of it. `signs` maps every id that facts may use, or that is derived from them, to its text."""

    levels: Mapping[str, Level]
    vocabularies: Mapping[str, Mapping[str, str]]
    signs: Mapping[str, str]
    flags: tuple[Flag, ...]
    exemptions: tuple[Exemption, ...]
    causes: Mapping[str, Cause]
    medicines: tuple[Medicine, ...]
    effects: Mapping[str, Effect]
    stops: Mapping[str, str]
    groups: Mapping[str, MedicineGroup]
    movements: tuple[Movement, ...]
    remedies: tuple[Remedy, ...]
    phrases: tuple[Phrase, ...]
    questions: tuple[Question, ...]
    myths: tuple[Myth, ...]
    sources: Mapping[str, Source]
