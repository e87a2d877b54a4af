"""Records in words, for templates."""

from __future__ import annotations

from datetime import UTC, datetime

from django import template

from philtrum.diary.records import Episode, Record
from philtrum.diary.text import clock_of, duration_text, line_of, words_of
from philtrum.web.diary.words import KIND_WORDS

register = template.Library()


@register.filter
def clock(record: Record) -> str:
    """Return a record's time of day where it happened."""
    return clock_of(record)


@register.filter
def told(record: Record) -> str:
    """Return what a record tells, with a capital letter."""
    words = words_of(record)
    return words[:1].upper() + words[1:]


@register.filter
def line(record: Record) -> str:
    """Return a record as one line with its time."""
    return line_of(record)


@register.filter
def kind_name(kind: str) -> str:
    """Return a kind of record in words."""
    return str(KIND_WORDS.get(kind, kind))


@register.filter
def so_far(record: Episode) -> str:
    """Return for how long a spell that goes on has lasted."""
    return duration_text(max(0.0, (datetime.now(UTC) - record.started_at).total_seconds()))
