"""A calendar file that reminds of the evening's check-in: made on request, switched off where calendars are."""

from __future__ import annotations

from datetime import UTC, datetime, time

_LINES = (
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//philtrum//diary//EN",
    "BEGIN:VEVENT",
    "UID:evening-check-in@philtrum",
    "DTSTAMP:{stamp}",
    "DTSTART:{start}",
    "DURATION:PT5M",
    "RRULE:FREQ=DAILY",
    "SUMMARY:Diary",
    "TRANSP:TRANSPARENT",
    "BEGIN:VALARM",
    "ACTION:DISPLAY",
    "DESCRIPTION:Diary",
    "TRIGGER:PT0M",
    "END:VALARM",
    "END:VEVENT",
    "END:VCALENDAR",
)


def render_reminder(at: time, *, first: datetime) -> str:
    """Return an iCalendar file (RFC 5545) with one daily event.

    Its time floats: it is the same by the clocks of every place and through
    every clock change, so that it follows a person on a journey. The title
    says nothing about health, because calendars are shared and synchronised.

    Parameters
    ----------
    at : time
        When to be reminded.
    first : datetime
        The present moment, by the clocks of the person's zone.
    """
    start = f"{first:%Y%m%d}T{at:%H%M}00"
    text = "\r\n".join(_LINES).format(stamp=f"{first.astimezone(UTC):%Y%m%dT%H%M%SZ}", start=start)
    return f"{text}\r\n"
