"""A record as one line of plain text, for the command line and for histories."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from philtrum.diary.factors import KNOWN
from philtrum.diary.medicines import Dose, Medicine, Treatment
from philtrum.diary.records import CheckIn, Episode, Event, Exposure, Factor, Record

PLACE_WORDS = {
    "upper_left": "upper lip, left",
    "upper_middle": "upper lip, middle",
    "upper_right": "upper lip, right",
    "lower_left": "lower lip, left",
    "lower_middle": "lower lip, middle",
    "lower_right": "lower lip, right",
}
ENDING_WORDS = {
    "unknown": "end not known",
    "ongoing": "still going on when written",
    "came_and_went": "came and went",
}


def line_of(record: Record) -> str:
    """Return one line: when, what, and what is known about it."""
    note = getattr(record, "note", "")
    return f"{_when(record)}  {words_of(record)}" + (f": {' '.join(note.split())}" if note else "")


def words_of(record: Record) -> str:
    """Return what a record tells, without its time and its note."""
    return ", ".join(part for part in _parts(record) if part)


def clock_of(record: Record) -> str:
    """Return the time of day by the clocks of the record's zone; empty for what belongs to a day as a whole."""
    if isinstance(record, Episode | Exposure | Dose):
        moment = record.taken_at if isinstance(record, Dose) else record.started_at
        return f"{moment.astimezone(ZoneInfo(record.zone)):%H:%M}"
    return ""


def duration_text(seconds: float) -> str:
    """Return a length of time in words: "40 s", "5 min", "2 h 10 min"."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min".replace(" 0 min", "")


def answer_text(key: str, value: float, unit: str = "") -> str:
    """Return an answer to a factor with its unit; yes and no where that is what was asked."""
    known = KNOWN.get(key)
    if known is not None and known.answered_as == "yes_no":
        return "yes" if value else "no"
    if known is not None and known.answered_as == "scale":
        return f"{value:g} of 10"
    return f"{value:g} {known.unit if known else unit}".strip()


def _when(record: Record) -> str:
    match record:
        case Episode() | Exposure():
            return _clock(record.started_at, record.zone)
        case Dose():
            return _clock(record.taken_at, record.zone)
        case CheckIn():
            return record.day.isoformat()
        case Treatment() | Event():
            return record.on.isoformat()
        case Medicine():
            return f"{record.started_on or 'long ago'}"
        case Factor():
            return "factor"


def _clock(moment: datetime, zone: str) -> str:
    return f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M} {zone}"


def _parts(record: Record) -> Iterator[str]:
    match record:
        case Episode():
            yield from _episode_parts(record)
        case CheckIn():
            yield from _check_in_parts(record)
        case Exposure():
            label = KNOWN[record.factor].label if record.factor in KNOWN else record.factor
            yield f"{label} {answer_text(record.factor, record.amount)}"
            yield record.source
        case Dose():
            yield f"took {record.medicine}"
            yield record.amount
        case Medicine():
            yield f"medicine {record.name}"
            yield record.dose
            yield from (f"from {change.on} {change.dose}" for change in record.changes)
            yield f"stopped {record.stopped_on}" if record.stopped_on else ""
        case Treatment():
            yield record.method
            yield record.product
            yield f"{record.units:g} units" if record.units else ""
        case Event():
            yield record.what
        case Factor():
            yield f"{record.label or record.key}{'' if record.is_active else ' (not asked about)'}"


def _episode_parts(record: Episode) -> Iterator[str]:
    yield "spell"
    yield duration_text(record.duration_s) if record.duration_s is not None else ENDING_WORDS.get(record.ending, "")
    yield "; ".join(PLACE_WORDS[place] for place in record.places)
    yield f"strength {record.strength}" if record.strength is not None else ""
    yield "recalled later" if record.logged == "recalled" else ""


def _check_in_parts(record: CheckIn) -> Iterator[str]:
    yield {True: "twitched", False: "no twitch", None: "check-in"}[record.has_twitched]
    yield f"{record.n_episodes} spells" if record.n_episodes else ""
    yield f"{record.minutes:g} min in all" if record.minutes else ""
    for key, value in record.answers.items():
        yield f"{(KNOWN[key].label if key in KNOWN else key).lower()} {answer_text(key, value)}"
