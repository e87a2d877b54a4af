"""A trial as an iCalendar file (RFC 5545): one all-day event per period, so that any calendar reminds of it.

Only what a trial needs: lines end with CR LF and are folded at 75 octets,
texts are escaped, the same plan gives the same bytes. Nothing in it names the
person; the title says the arm and, unless it is left out, the remedy.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from philtrum.nof1.planning import Period, Plan

_MOST_OCTETS = 75
_ESCAPES = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})


def render_calendar(plan: Plan, *, made_at: datetime, remind_at_h: int = 8, shows_remedy: bool = True) -> str:
    """Return the plan as an iCalendar file.

    Parameters
    ----------
    plan : Plan
    made_at : datetime
        Aware; stands in the file as the time of its making.
    remind_at_h : int, 0-23
        Hour of the reminder on the first day of each period.
    shows_remedy : bool
        False leaves the remedy's name out, for a calendar that others see.
    """
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//philtrum//trial//EN", "CALSCALE:GREGORIAN"]
    remedy = plan.remedy if shows_remedy else "the remedy"
    for period in plan.periods:
        lines += _event(period, plan, remedy, made_at, remind_at_h)
    lines.append("END:VCALENDAR")
    return "".join(f"{folded}\r\n" for line in lines for folded in _fold(line))


def _event(period: Period, plan: Plan, remedy: str, made_at: datetime, remind_at_h: int) -> Iterator[str]:
    does = f"with {remedy}" if period.arm == "B" else f"without {remedy}"
    note = "Write down the twitching of every day, 0 included."
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
