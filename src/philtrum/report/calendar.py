"""A trial as an iCalendar file (RFC 5545): one all-day event per period, so that any calendar reminds of it.

Only what a trial needs: lines end with CR LF and are folded at 75 octets,
texts are escaped, the same plan gives the same bytes. Calendars are shared and
synchronised: a title says which period it is, and names the remedy only where
that is asked for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from philtrum.nof1.planning import Period, Plan

_MOST_OCTETS = 75
_ESCAPES = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})


def render_calendar(plan: Plan, *, made_at: datetime, remind_at_h: int = 8, shows_remedy: bool = False) -> str:
    """Return the plan as an iCalendar file.

    Parameters
    ----------
    plan : Plan
    made_at : datetime
        Aware; stands in the file as the time of its making.
    remind_at_h : int, 0-23
        Hour of the reminder on the first day of each period.
    shows_remedy : bool
        True names the remedy; otherwise it is "it".
    """
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//philtrum//trial//EN", "CALSCALE:GREGORIAN"]
    remedy = plan.remedy if shows_remedy else "it"
    for period in plan.periods:
        lines += _event(period, plan, remedy, made_at, remind_at_h)
    lines.append("END:VCALENDAR")
    return "".join(f"{folded}\r\n" for line in lines for folded in _fold(line))


def _event(period: Period, plan: Plan, remedy: str, made_at: datetime, remind_at_h: int) -> Iterator[str]:
    does = f"with {remedy}" if period.arm == "B" else f"without {remedy}"
    note = "Write down every day, 0 included."
    if period.washout_days:
        note += f" Not counted, but part of the plan: the first {period.washout_days} of these days."
    last = plan.periods[-1].number
    yield "BEGIN:VEVENT"
    yield f"UID:{_uid(period, plan)}"
    yield f"DTSTAMP:{made_at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    yield f"DTSTART;VALUE=DATE:{period.first_day:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{period.last_day + timedelta(days=1):%Y%m%d}"
    yield f"SUMMARY:{_escape(f'Trial, period {period.number} of {last}: {does}')}"
    yield f"DESCRIPTION:{_escape(note)}"
    yield "TRANSP:TRANSPARENT"
    yield "BEGIN:VALARM"
    yield "ACTION:DISPLAY"
    yield f"DESCRIPTION:{_escape(f'From today: {does}')}"
    yield f"TRIGGER:PT{remind_at_h}H"
    yield "END:VALARM"
    yield "END:VEVENT"


def _uid(period: Period, plan: Plan) -> str:
    """Return an id that the same trial always has, so that importing it again changes nothing."""
    key = f"{plan.remedy}|{plan.periods[0].first_day}|{period.number}"
    return f"{hashlib.sha256(key.encode()).hexdigest()[:24]}@philtrum"


def _escape(text: str) -> str:
    return text.replace("\r", "").translate(_ESCAPES)


def _fold(line: str) -> Iterator[str]:
    """Cut a line at 75 octets, never inside a character; each further piece starts with a space."""
    piece, n_octets = "", 0
    for character in line:
        size = len(character.encode())
        if n_octets + size > _MOST_OCTETS:
            yield piece
            piece, n_octets = " ", 1
        piece += character
        n_octets += size
    yield piece
