"""Faults of the knowledge files: each as one line that names file and line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from philtrum.advice.entries import Exemption, Flag, Knowledge

COMMON = {"common", "uncommon", "rare"}
VERDICTS = {"right", "partly", "wrong", "not proven"}
KINDS = {"self_care", "everyday", "training", "clinician", "prescription", "procedure", "avoid"}


def find_faults(knowledge: Knowledge, folder: Path) -> Iterator[str]:
    """Yield every fault as "file:line: what is wrong"."""
    for file, id, problem in _faults(knowledge):
        yield f"{file}.toml:{_line_of(folder / f'{file}.toml', id)}: {id}: {problem}."


def _faults(knowledge: Knowledge) -> Iterator[tuple[str, str, str]]:
    yield from _flag_faults(knowledge)
    yield from _cause_faults(knowledge)
    yield from _medicine_faults(knowledge)
    yield from _remedy_faults(knowledge)
    yield from _word_faults(knowledge)
    yield from _source_faults(knowledge)


def _flag_faults(knowledge: Knowledge) -> Iterator[tuple[str, str, str]]:
    flags = {flag.id for flag in knowledge.flags}
    for rule in _rules(knowledge):
        if rule.level not in knowledge.levels:
            yield "flags", rule.id, f"unknown level {rule.level!r}"
        yield from _unknown("flags", rule.id, "sign", rule.when.ids, knowledge.signs)
        if set(rule.when.none) & {*rule.when.any, *rule.when.and_any, *rule.when.all}:
            yield "flags", rule.id, "asks for a sign and its absence"
        if not rule.when.any and not rule.when.all:
            yield "flags", rule.id, "would always fire"
    for exemption in knowledge.exemptions:
        yield from _unknown("flags", exemption.id, "flag", exemption.flags, flags)
    yield from _twice("flags", [rule.id for rule in _rules(knowledge)])


def _cause_faults(knowledge: Knowledge) -> Iterator[tuple[str, str, str]]:
    for cause in knowledge.causes.values():
        signs = [sign for key in (*cause.evidence, *cause.needs) for sign in key.split("+")]
        yield from _unknown("causes", cause.id, "sign", signs, knowledge.signs)
        if cause.level not in knowledge.levels:
            yield "causes", cause.id, f"unknown level {cause.level!r}"
        if cause.common not in COMMON:
            yield "causes", cause.id, f"common is {cause.common!r}"
        if cause.common == "rare" and not cause.needs:
            yield "causes", cause.id, "is rare and needs no sign of its own"


def _medicine_faults(knowledge: Knowledge) -> Iterator[tuple[str, str, str]]:
    for medicine in knowledge.medicines:
        yield from _unknown("medicines", medicine.inn, "effect", medicine.movements, knowledge.effects)
        yield from _unknown("medicines", medicine.inn, "stop text", [medicine.stop], knowledge.stops)
    names = [name.lower() for medicine in knowledge.medicines for name in (medicine.inn, *medicine.names)]
    yield from _twice("medicines", names)
    for effect in knowledge.effects.values():
        yield from _unknown("medicines", effect.id, "sign", effect.like, knowledge.signs)
    kinds = {medicine.kind for medicine in knowledge.medicines}
    for group in knowledge.groups.values():
        yield from _unknown("medicines", group.id, "kind", group.kinds, kinds)


def _remedy_faults(knowledge: Knowledge) -> Iterator[tuple[str, str, str]]:
    for remedy in knowledge.remedies:
        yield from _unknown("remedies", remedy.id, "cause", remedy.causes, knowledge.causes)
        yield from _unknown(
            "remedies", remedy.id, "sign", (*remedy.not_if, *remedy.only_if, *remedy.careful_if), knowledge.signs
        )
        if remedy.kind not in KINDS:
            yield "remedies", remedy.id, f"kind is {remedy.kind!r}"
    yield from _twice("remedies", [remedy.id for remedy in knowledge.remedies])


def _word_faults(knowledge: Knowledge) -> Iterator[tuple[str, str, str]]:
    for phrase in knowledge.phrases:
        yield from _unknown("phrases", phrase.sign, "sign", [phrase.sign], knowledge.signs)
    for question in knowledge.questions:
        sets = [sign for choice in question.choices for sign in choice.sets]
        yield from _unknown("questions", question.id, "sign", (*sets, *question.when.ids), knowledge.signs)
    for movement in knowledge.movements:
        yield from _unknown("movements", movement.id, "movement", movement.shows, knowledge.vocabularies["movements"])
        yield from _unknown("movements", movement.id, "cause", movement.causes, knowledge.causes)
    for myth in knowledge.myths:
        if myth.verdict not in VERDICTS:
            yield "myths", myth.id, f"verdict is {myth.verdict!r}"
    ids = [id for table in knowledge.vocabularies.values() for id in table]
    yield from _twice("vocabulary", ids)


def _source_faults(knowledge: Knowledge) -> Iterator[tuple[str, str, str]]:
    from philtrum.advice.entries import BASES

    rows = [("flags", rule.id, rule.basis, rule.sources) for rule in _rules(knowledge)]
    rows += [("causes", cause.id, cause.basis, cause.sources) for cause in knowledge.causes.values()]
    rows += [("medicines", row.inn, row.basis, row.sources) for row in knowledge.medicines]
    rows += [("remedies", row.id, row.basis, row.sources) for row in knowledge.remedies]
    rows += [("myths", myth.id, "looked_up", myth.sources) for myth in knowledge.myths]
    rows += [("movements", one.id, "looked_up", one.sources) for one in knowledge.movements]
    for file, id, basis, sources in rows:
        yield from _unknown(file, id, "source", sources, knowledge.sources)
        if not sources:
            yield file, id, "has no source"
        if basis not in BASES:
            yield file, id, f"basis is {basis!r}"
        if basis == "guideline" and all(source == "general_knowledge" for source in sources):
            yield file, id, "says guideline but names none"


def _rules(knowledge: Knowledge) -> list[Flag | Exemption]:
    return [*knowledge.flags, *knowledge.exemptions]


def _unknown(
    file: str, id: str, what: str, used: Iterable[str], known: Iterable[str]
) -> Iterator[tuple[str, str, str]]:
    for name in dict.fromkeys(used):
        if name not in known:
            yield file, id, f"unknown {what} {name!r}"


def _twice(file: str, ids: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    for id, n in Counter(ids).items():
        if n > 1:
            yield file, id, "stands twice"


def _line_of(path: Path, id: str) -> int:
    """Return the line where a row with this id begins, 1 when it cannot be told."""
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if line.partition("=")[2].strip() == f'"{id}"' or line.startswith(
            (f"{id} =", f"[effects.{id}]", f"[groups.{id}]")
        ):
            return number
    return 1
