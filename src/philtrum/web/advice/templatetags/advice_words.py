"""Sources, bases and levels in words, for templates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django import template
from django.utils.translation import gettext as _

from philtrum.advice.entries import Level, Source
from philtrum.advice.knowledge import load_knowledge
from philtrum.advice.medicines import LINKS
from philtrum.web.advice.answers import rows_of, time_words
from philtrum.web.advice.interview import Answered

register = template.Library()

# What a reader has to know about a statement that no guideline makes.
REMARKS: Mapping[str, str] = {
    "inferred": "No guideline sets this level. We chose it from the sources, on the safe side.",
    "looked_up": "",
    "general_knowledge": "No guideline says this, and it was not looked up. It is general medical knowledge.",
}
LEVEL_REMARKS: Mapping[str, str] = {**REMARKS, "looked_up": REMARKS["inferred"]}


@register.filter
def sources(ids: Iterable[str]) -> list[Source]:
    """Return the sources behind ids, those that were looked up first."""
    known = load_knowledge().sources
    return sorted((known[id] for id in ids if id in known), key=lambda source: not source.seen)


@register.filter
def label(source: Source) -> str:
    """Return a source in a few words: who says it, and when."""
    if not source.seen:
        return "general knowledge, not looked up"
    by = (source.publisher or source.title).split(";")[0].split("(")[0].strip()
    return f"{by}, {source.year}" if source.year and str(source.year) not in by else by


@register.filter
def remark(basis: str) -> str:
    """Return what to say about a statement's basis; empty where a guideline or a listed source makes it."""
    return REMARKS.get(basis, "")


@register.filter
def level_remark(basis: str) -> str:
    """Return what to say about a level's basis; empty where a guideline sets it."""
    return LEVEL_REMARKS.get(basis, "")


@register.filter
def level(id: str) -> Level:
    """Return a level by its id."""
    return load_knowledge().levels[id]


@register.filter
def given(answered: Answered) -> list[str]:
    """Return an answer of the check-up in words, one for each thing that was chosen."""
    question, chosen = answered.question, answered.chosen
    if answered.is_unknown:
        return [_("I don’t know")]  # noqa: RUF001
    if question.kind == "medicines":
        named = [row for row in rows_of(chosen) if row.name]
        return [f"{row.name} ({time_words(row.when)})" for row in named] or [question.none]
    if question.kind in {"number", "text"}:
        return [f"{chosen:g}" if isinstance(chosen, float | int) else chosen or question.none]
    return [choice.text for choice in question.choices if choice.id in chosen] or [question.none]


@register.filter
def link(strength: str) -> str:
    """Return in words how well known a medicine's link to movements is."""
    return LINKS.get(strength, strength)
