"""What philtrum knows about movements of the lip: read from `knowledge/*.toml`, checked, kept.

The files are content that a clinician can read and review; this module gives
them types and refuses what is not consistent: an id that stands nowhere, a
statement without a source, a rule that names an unknown sign. Loading takes
less than 0.1 s, once.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from philtrum.advice.entries import (
    Cause,
    Choice,
    Condition,
    Effect,
    Exemption,
    Flag,
    Knowledge,
    Level,
    Medicine,
    MedicineGroup,
    Movement,
    Myth,
    Phrase,
    Question,
    Remedy,
    Source,
)
from philtrum.errors import PhiltrumError

FOLDER = Path(__file__).parent / "knowledge"


class KnowledgeError(PhiltrumError, ValueError):
    """A knowledge file contradicts itself or another."""


@lru_cache(maxsize=1)
def load_knowledge() -> Knowledge:
    """Return the knowledge that comes with philtrum; read and checked at the first call."""
    return read_knowledge(FOLDER)


def read_knowledge(folder: Path) -> Knowledge:
    """Read and check the knowledge files of a folder.

    Raises
    ------
    KnowledgeError
        `knowledge-inconsistent`, with file and line of every fault found.
    """
    tables = {path.stem: tomllib.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.toml"))}
    vocabulary = tables["vocabulary"]
    vocabularies = {name: table for name, table in vocabulary.items() if name != "levels"}
    medicines = tables["medicines"]
    knowledge = Knowledge(
        levels={id: Level(id, **row) for id, row in vocabulary["levels"].items()},
        vocabularies=vocabularies,
        signs={id: text for table in vocabularies.values() for id, text in table.items()},
        flags=tuple(Flag(**_with_condition(row)) for row in tables["flags"]["flag"]),
        exemptions=tuple(Exemption(**_with_condition(row)) for row in tables["flags"]["exception"]),
        causes={row["id"]: _cause(row) for row in tables["causes"]["cause"]},
        medicines=(*(Medicine(**_tuples(row)) for row in medicines["medicine"]), *_unlinked(medicines["unlinked"])),
        effects={id: Effect(id, **_tuples(row)) for id, row in medicines["effects"].items()},
        stops=medicines["stops"],
        groups={id: MedicineGroup(id, **_tuples(row)) for id, row in medicines["groups"].items()},
        movements=tuple(Movement(**_tuples(row)) for row in tables["movements"]["movement"]),
        remedies=tuple(Remedy(**_tuples(row)) for row in tables["remedies"]["remedy"]),
        phrases=tuple(Phrase(**_tuples(row)) for row in tables["phrases"]["phrase"]),
        questions=tuple(_question(row) for row in tables["questions"]["question"]),
        myths=tuple(Myth(**_tuples(row)) for row in tables["myths"]["myth"]),
        sources={row["id"]: Source(**row) for row in tables["sources"]["source"]},
    )
    from philtrum.advice.consistency import find_faults

    faults = list(find_faults(knowledge, folder))
    if faults:
        raise KnowledgeError("knowledge-inconsistent", " ".join(faults), "Correct these lines of the knowledge files.")
    return knowledge


def _tuples(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}


def _with_condition(row: Mapping[str, Any]) -> dict[str, Any]:
    parts = ("any", "and_any", "all", "none")
    rest = {key: value for key, value in _tuples(row).items() if key not in parts}
    return rest | {"when": Condition(**{key: tuple(row[key]) for key in parts if key in row})}


def _unlinked(table: Mapping[str, Any]) -> Iterator[Medicine]:
    """Yield the medicines without a known link, written as plain lists of names."""
    for group, stop, tags in (
        ("plain", "ask", ()),
        ("raises_lithium", "ask", ("lithium_raising",)),
        ("heart", "heart", ()),
    ):
        for inn, *names in table[group]:
            yield Medicine(
                inn,
                tuple(names),
                table["kind"],
                (),
                "rare",
                "low",
                stop,
                "general_knowledge",
                ("general_knowledge",),
                tags,
            )


def _cause(row: Mapping[str, Any]) -> Cause:
    evidence = {sign: float(weight) for weight, *signs in row["evidence"] for sign in signs}
    return Cause(**(_tuples(row) | {"evidence": evidence}))


def _question(row: Mapping[str, Any]) -> Question:
    choices = tuple(Choice(**_tuples(choice)) for choice in row.get("choices", ()))
    when = Condition(**_tuples(row.get("when", {})))
    return Question(**(dict(row) | {"choices": choices, "when": when}))
