"""Seconds, written the same for people and for addresses."""

from __future__ import annotations

from django import template

register = template.Library()


@register.filter
def seconds(value: float) -> str:
    """Return seconds with two decimals and a point, whatever the language."""
    return f"{value:.2f}"


@register.filter
def before(onset_s: float) -> str:
    """Return a moment shortly before a twitch, where watching it should begin."""
    return f"{max(onset_s - 0.5, 0):.2f}"
