"""What is worth trying for this person: by the leading causes, without what could do harm.

With an emergency or a same-day level nothing is offered: help comes first.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

from philtrum.advice.causes import FITS, CauseFit
from philtrum.advice.entries import Remedy
from philtrum.advice.knowledge import load_knowledge
from philtrum.advice.signs import Signs

OWN = ("self_care", "everyday", "training")
OFFERED = ("clinician", "prescription", "procedure")
MOST_OWN, MOST_OFFERED = 6, 3
NO_REMEDY_LEVELS = ("emergency", "same_day")
# A cause has to be among the first and fit at least partly for its remedies to be offered.
CAUSES_USED = 3
STRENGTH = ("good", "weak", "anecdotal", "none")


@dataclass(frozen=True, slots=True)
class RemedyAdvice:
    """A remedy with its use and cautions. `offer` is "try" or "a doctor may offer"."""

    id: str
    name: str
    kind: str
    offer: str
    how: tuple[str, ...]
    dose: str
    judge_after: str
    judge_days: int
    evidence: str
    evidence_note: str
    cautions: tuple[str, ...]
    for_causes: tuple[str, ...]
    source_ids: tuple[str, ...]
    basis: str


def find_remedies(level: str, causes: tuple[CauseFit, ...], signs: Signs) -> tuple[RemedyAdvice, ...]:
    """Return remedies for the leading causes, what the person can do alone first."""
    if level in NO_REMEDY_LEVELS:
        return ()
    leading = [cause for cause in causes[:CAUSES_USED] if cause.fit != FITS[2]]
    weights = {cause.id: CAUSES_USED - n for n, cause in enumerate(leading)}
    firm = {cause.id for n, cause in enumerate(leading) if n == 0 or cause.fit == FITS[0]}
    fitting = [
        remedy for remedy in load_knowledge().remedies if weights.keys() & set(remedy.causes) and _suits(remedy, signs)
    ]
    fitting.sort(key=lambda remedy: (-sum(weights.get(id, 0) for id in remedy.causes), STRENGTH.index(remedy.evidence)))
    own = [remedy for remedy in fitting if remedy.kind in OWN][:MOST_OWN]
    offered = [remedy for remedy in fitting if remedy.kind in OFFERED and firm & set(remedy.causes)][:MOST_OFFERED]
    return tuple(_advice(remedy, signs, weights) for remedy in (*own, *offered))


def _suits(remedy: Remedy, signs: Signs) -> bool:
    is_wanted = not remedy.only_if or any(map(signs.has, remedy.only_if))
    return remedy.kind != "avoid" and is_wanted and not any(map(signs.has, remedy.not_if))


def _advice(remedy: Remedy, signs: Signs, leading: Container[str]) -> RemedyAdvice:
    special = [text for sign, text in remedy.careful_if.items() if signs.has(sign)]
    return RemedyAdvice(
        id=remedy.id,
        name=remedy.name,
        kind=remedy.kind,
        offer="try" if remedy.kind in OWN else "a doctor may offer",
        how=remedy.how,
        dose=remedy.dose,
        judge_after=remedy.judge_after,
        judge_days=remedy.judge_days,
        evidence=remedy.evidence,
        evidence_note=remedy.evidence_note,
        cautions=tuple(dict.fromkeys((*special, *remedy.cautions))),
        for_causes=tuple(id for id in remedy.causes if id in leading),
        source_ids=remedy.sources,
        basis=remedy.basis,
    )
