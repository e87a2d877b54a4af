"""Advice as plain text for a terminal: the level first, why, what to do, then causes, medicines and remedies."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from philtrum.advice.advice import NOT_A_DIAGNOSIS, Advice
from philtrum.advice.causes import FITS, CauseFit
from philtrum.advice.knowledge import load_knowledge
from philtrum.advice.medicines import MedicineAdvice
from philtrum.advice.remedies import RemedyAdvice
from philtrum.report.text import EMERGENCY

WIDTH = 96
MOST_REASONS, MOST_SIGNS, MOST_QUESTIONS = 3, 5, 3
NO_GUIDELINE = "no guideline sets this level"


def render_advice(advice: Advice) -> str:
    """Return the advice as text of at most about 100 columns, ending with a line break."""
    level = load_knowledge().levels[advice.urgency.level]
    lines = [level.name.upper(), *_wrap(advice.urgency.do_now), "", *_reasons(advice)]
    if advice.urgency.level == "emergency":
        return (
            "\n".join([*lines, "", *_causes(advice), *_medicines(advice), *_notes(advice), *_wrap(NOT_A_DIAGNOSIS)])
            + "\n"
        )
    lines += ["", *_wrap(f"Look again: {advice.urgency.recheck_when}. {advice.urgency.recheck_change}"), ""]
    for part in (_questions, _causes, _medicines, _remedies, _notes):
        lines += part(advice)
    return "\n".join([*lines, *EMERGENCY.splitlines(), "", *_wrap(NOT_A_DIAGNOSIS)]) + "\n"


def _reasons(advice: Advice) -> list[str]:
    if not advice.urgency.reasons:
        return ["Why: too little is known to say more. The questions below help."]
    lines = ["Why:"]
    leading = [reason for reason in advice.urgency.reasons if reason.level == advice.urgency.level]
    for reason in leading[:MOST_REASONS]:
        remark = "" if reason.basis == "guideline" else f" ({NO_GUIDELINE})"
        lines += _item(f"{reason.text}{remark} [{', '.join(reason.source_ids)}]")
        lines += _wrap(f"you told: {'; '.join(reason.because[:MOST_SIGNS])}", indent=4)
    return lines


def _questions(advice: Advice) -> list[str]:
    if not advice.ask_next:
        return []
    lines = ["Worth answering next:"]
    for one in advice.ask_next[:MOST_QUESTIONS]:
        lines += _item(one.question.text)
    return [*lines, ""]


def _causes(advice: Advice) -> list[str]:
    lines = ["What fits:"]
    poor = [cause for cause in advice.causes[1:] if cause.fit == FITS[-1]]
    for cause in advice.causes:
        lines += [] if cause in poor else _cause(cause)
    if poor:
        lines += _item(f"Fits poorly: {'; '.join(cause.name for cause in poor)}.")
    return [*lines, ""]


def _cause(cause: CauseFit) -> Iterator[str]:
    yield from _item(f"{cause.name} ({cause.clinical}): {cause.fit}. {cause.what}")
    if cause.speaks_for:
        yield from _wrap(f"for: {'; '.join(cause.speaks_for[:MOST_SIGNS])}", indent=4)
    if cause.speaks_against:
        yield from _wrap(f"against: {'; '.join(cause.speaks_against[:MOST_SIGNS])}", indent=4)
    yield from _wrap(f"sources: {', '.join(cause.source_ids)}", indent=4)


def _medicines(advice: Advice) -> list[str]:
    if not advice.medicines:
        return []
    lines = ["Your medicines:"]
    for medicine in advice.medicines:
        lines += _medicine(medicine)
    return [*lines, ""]


def _medicine(medicine: MedicineAdvice) -> Iterator[str]:
    name = medicine.written if medicine.inn is None else f"{medicine.written} ({medicine.inn}, {medicine.kind})"
    can = f" It can cause {', '.join(medicine.movements)}." if medicine.movements else ""
    yield from _item(f"{name}: {medicine.relevance}.{can}")
    yield from _wrap(" ".join(part for part in (medicine.note, medicine.ask, medicine.stop) if part), indent=4)


def _remedies(advice: Advice) -> list[str]:
    if not advice.remedies:
        return []
    lines = ["Worth trying:"]
    for remedy in advice.remedies:
        lines += _remedy(remedy)
    return [*lines, ""]


def _remedy(remedy: RemedyAdvice) -> Iterator[str]:
    offer = "" if remedy.offer == "try" else " (a doctor may offer it)"
    yield from _item(f"{remedy.name}{offer}. {' '.join(remedy.how)} {remedy.dose}")
    yield from _wrap(f"Judge it after {remedy.judge_after}. Proof: {remedy.evidence}. {remedy.evidence_note}", indent=4)
    if remedy.cautions:
        yield from _wrap(f"Take care: {' '.join(remedy.cautions)}", indent=4)


def _notes(advice: Advice) -> list[str]:
    lines = [line for note in advice.notes for line in _item(f"{note.text} [{note.id}]")]
    return ["Please check:", *lines, ""] if lines else []


def _item(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent="- ", subsequent_indent="  ")


def _wrap(text: str, indent: int = 0) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=" " * indent, subsequent_indent=" " * indent)
