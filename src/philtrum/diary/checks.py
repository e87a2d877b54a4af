"""What a record may hold: checks that refuse with a message and name the field."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from philtrum.diary.factors import KNOWN
from philtrum.errors import PhiltrumError

LONGEST_NOTE = 4000
LONGEST_NAME = 120

_FIRST, _LAST = date(1900, 1, 1), date(2199, 12, 31)  # what a living person can mean
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")


class RecordError(PhiltrumError, ValueError):
    """A record that cannot be right; `field` names the part that is wrong."""

    def __init__(self, id: str, what: str, next_step: str, field: str = "") -> None:
        super().__init__(id, what, next_step)
        self.field = field


def check_answer(key: str, answer: float) -> None:
    """Check that an answer to a factor can be meant.

    Raises
    ------
    RecordError: ``record-factor-key``, ``record-answer-range``.
    """
    check_key(key)
    highest = KNOWN[key].highest if key in KNOWN else 1e6
    if not 0 <= answer <= highest:  # refuses NaN, too
        label = KNOWN[key].label if key in KNOWN else key
        what = f"{label}: {answer:g} was given, 0 to {highest:g} is expected."
        raise RecordError("record-answer-range", what, "Check the number and its unit.", key)


def check_zone(zone: str) -> None:
    """Check that a time zone is known.

    Raises
    ------
    RecordError: ``record-zone-unknown``.
    """
    if not _is_zone(zone):
        what = f"'{zone[:40]}' is not a time zone."
        raise RecordError("record-zone-unknown", what, "Give an IANA name such as Europe/Berlin.", "zone")


@cache
def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return bool(name)


def check_day(day: date, name: str) -> None:
    """Check that a date can be meant by a living person."""
    if not _FIRST <= day <= _LAST:
        raise RecordError("record-date-range", f"The date {day} cannot be meant.", "Check the year.", name)


def keep_in_utc(record: object, name: str) -> None:
    """Turn a time of a record into UTC; refuse one that does not say in which zone it is meant."""
    moment: datetime | None = getattr(record, name)
    if moment is None:
        return
    if moment.utcoffset() is None:
        what = f"The time {moment.isoformat()} does not say in which zone it is meant."
        raise RecordError("record-time-without-zone", what, "Give it with its offset, for example +01:00.", name)
    check_day(moment.date(), name)
    object.__setattr__(record, name, moment.astimezone(UTC))


def check_span(started_at: datetime, ended_at: datetime | None) -> None:
    """Check that an end does not come before its start."""
    if ended_at is not None and ended_at < started_at:
        what = "The end lies before the start."
        raise RecordError("record-ends-before-start", what, "Check both times, and the date of the end.", "ended_at")


def check_key(key: str) -> None:
    """Check that a text can name a factor."""
    if not _KEY.fullmatch(key):
        what = f"'{key[:40]}' cannot name a factor."
        next_step = "Use small letters, digits and underscores, a letter first, at most 40."
        raise RecordError("record-factor-key", what, next_step, "key")


def check_name(text: str, name: str) -> None:
    """Check that something is named, in few words."""
    if not text.strip():
        raise RecordError("record-name-missing", f"The {name} is empty.", "Write at least a word.", name)
    check_text(text, name, LONGEST_NAME)


def check_text(text: str, name: str, longest: int) -> None:
    """Check the length of a text."""
    if len(text) > longest:
        what = f"The {name} has {len(text)} characters; {longest} are kept."
        raise RecordError("record-text-too-long", what, "Shorten it, or split it into two entries.", name)


def check_units(units: float | None, name: str) -> None:
    """Check an amount in units, where it is given."""
    if units is not None and not 0 < units <= 10_000:
        raise RecordError("record-units-range", f"{units:g} units.", "Give a number above 0, up to 10000.", name)
