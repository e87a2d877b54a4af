"""What a person writes down: frozen records that are right by construction.

Conventions
-----------
- Times are aware; they are kept in UTC, beside the IANA `zone` the person was
  in. Durations are differences in UTC, so a change of the clocks cannot bend
  them. Intervals are half-open, [start, end).
- A day is a date of the person's own calendar.
- None, an empty text and a missing answer mean "not known", never zero or no.
- "Left" is the person's left.
- Movements and companions are ids of the clinical vocabulary; that they exist
  is checked where a person enters them, not here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Literal
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from philtrum.diary.checks import (
    LONGEST_NAME,
    LONGEST_NOTE,
    RecordError,
    check_answer,
    check_day,
    check_key,
    check_name,
    check_span,
    check_text,
    check_zone,
    keep_in_utc,
)
from philtrum.diary.factors import KNOWN, FactorKind
from philtrum.diary.medicines import Dose, Medicine, Treatment

Ending = Literal["ended", "ongoing", "unknown", "came_and_went"]
Logged = Literal["at_once", "recalled"]
Place = Literal["upper_left", "upper_middle", "upper_right", "lower_left", "lower_middle", "lower_right"]
Side = Literal["left", "right", "both", "middle"]

PLACES: tuple[Place, ...] = ("upper_left", "upper_middle", "upper_right", "lower_left", "lower_middle", "lower_right")


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """A spell of twitching that the person noticed.

    Parameters
    ----------
    id : UUID
        Made where the record is made, so that sending it twice stores it once.
    started_at : datetime
        Aware; kept in UTC.
    zone : str
        IANA name of the zone in which it happened.
    ending : {'unknown', 'ended', 'ongoing', 'came_and_went'}
        `came_and_went` is off and on between start and end, so its minutes are not known.
    ended_at : datetime, optional
        Needed for `ended`, allowed for `came_and_went`.
    logged : {'at_once', 'recalled'}
        Written down while it happened, or remembered.
    places : tuple of str
        Where on the lips, in the order of `PLACES`.
    strength : int, optional
        0 (hardly felt) to 10 (as strong as can be).
    movements, companions : tuple of str
        What it looked like and what came with it, as ids of the clinical vocabulary.
    note : str
        In the person's own words.
    clips : tuple of UUID
        Clips that show it.

    Raises
    ------
    RecordError
        When a value cannot be right.
    """

    id: UUID = field(default_factory=uuid4)
    started_at: datetime
    zone: str
    ending: Ending = "unknown"
    ended_at: datetime | None = None
    logged: Logged = "at_once"
    places: tuple[Place, ...] = ()
    strength: int | None = None
    movements: tuple[str, ...] = ()
    companions: tuple[str, ...] = ()
    note: str = ""
    clips: tuple[UUID, ...] = ()

    def __post_init__(self) -> None:
        keep_in_utc(self, "started_at")
        keep_in_utc(self, "ended_at")
        check_zone(self.zone)
        check_span(self.started_at, self.ended_at)
        if (self.ending == "ended") != (self.ended_at is not None) and self.ending != "came_and_went":
            raise RecordError(
                "record-end-missing" if self.ended_at is None else "record-end-unexpected",
                f"The spell is marked '{self.ending}' but {'has no' if self.ended_at is None else 'has an'} end.",
                "Give the end, or say that it is not known.",
                "ended_at",
            )
        if self.strength is not None and not 0 <= self.strength <= 10:
            raise RecordError("record-strength", f"The strength is {self.strength}.", "Choose 0 to 10.", "strength")
        object.__setattr__(self, "places", tuple(place for place in PLACES if place in self.places))
        check_text(self.note, "note", LONGEST_NOTE)

    @property
    def side(self) -> Side | None:
        """The person's side, as far as the places tell."""
        sides = {place.partition("_")[2] for place in self.places}
        if not sides:
            return None
        if {"left", "right"} <= sides:
            return "both"
        return "left" if "left" in sides else "right" if "right" in sides else "middle"

    @property
    def duration_s(self) -> float | None:
        """Seconds from start to end in true time; None where that is not known."""
        if self.ended_at is None or self.ending != "ended":
            return None
        return (self.ended_at - self.started_at).total_seconds()

    @property
    def day(self) -> date:
        """The person's own date when it began."""
        return local_day(self.started_at, self.zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckIn:
    """The evening answers of one day; each of them may be missing.

    Parameters
    ----------
    day : date
        The day it is about; there is one check-in per day.
    zone : str
        Where the person was when answering.
    has_twitched : bool, optional
        False means "no twitch today", which is a record of its own worth.
    n_episodes : int, optional
        About how many spells the day had, where the person did not log each of them.
    minutes : float, optional
        About how many minutes of twitching the day had in all.
    answers : mapping of str to float
        Factor key to answer in the factor's unit.
    note : str
        In the person's own words.

    Raises
    ------
    RecordError
        When a value cannot be right.
    """

    id: UUID = field(default_factory=uuid4)
    day: date
    zone: str
    has_twitched: bool | None = None
    n_episodes: int | None = None
    minutes: float | None = None
    answers: Mapping[str, float] = field(default_factory=dict)
    note: str = ""

    def __post_init__(self) -> None:
        check_day(self.day, "day")
        check_zone(self.zone)
        check_text(self.note, "note", LONGEST_NOTE)
        if self.n_episodes is not None and not 0 <= self.n_episodes <= 1000:
            what = f"{self.n_episodes} spells in one day."
            raise RecordError("record-episodes-of-day", what, "Give a number from 0 to 1000.", "n_episodes")
        if self.minutes is not None and not 0 <= self.minutes <= 1440:
            what = f"{self.minutes:g} minutes in one day."
            raise RecordError("record-minutes-of-day", what, "Give 0 to 1440 minutes.", "minutes")
        told = [bool(n) for n in (self.has_twitched, self.n_episodes, self.minutes) if n is not None]
        if len(set(told)) > 1:
            what = "One answer says that the day had twitches, another that it had none."
            raise RecordError("record-answers-contradict", what, "Change one of them.", "n_episodes")
        for key, answer in self.answers.items():
            check_answer(key, answer)
        object.__setattr__(self, "answers", MappingProxyType({k: float(v) for k, v in sorted(self.answers.items())}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """An amount of one factor at a time of day: a coffee, a night's sleep as a watch saw it.

    Parameters
    ----------
    factor : str
        Key of the factor.
    amount : float
        In the factor's unit; for stretches of time, their length.
    started_at, ended_at : datetime
        Aware; kept in UTC. Without an end it is a moment.
    zone : str
        Where the person was.
    source : str
        Where the record comes from, for example "Apple Health".

    Raises
    ------
    RecordError
        When a value cannot be right.
    """

    id: UUID = field(default_factory=uuid4)
    factor: str
    amount: float
    started_at: datetime
    ended_at: datetime | None = None
    zone: str
    source: str = ""

    def __post_init__(self) -> None:
        keep_in_utc(self, "started_at")
        keep_in_utc(self, "ended_at")
        check_zone(self.zone)
        check_span(self.started_at, self.ended_at)
        check_answer(self.factor, self.amount)
        check_text(self.source, "source", LONGEST_NAME)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something of note on a day: a new job, a journey, an infection."""

    id: UUID = field(default_factory=uuid4)
    on: date
    what: str
    note: str = ""

    def __post_init__(self) -> None:
        check_day(self.on, "on")
        check_name(self.what, "what")
        check_text(self.note, "note", LONGEST_NOTE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """A factor that this person has chosen or made: whether it is asked about, and for their own ones what it is.

    Parameters
    ----------
    key : str
        Column in the day table: small letters, digits, underscores.
    label, unit : str
        As the person calls it; for a known factor both may be empty.
    answered_as : {'amount', 'scale', 'yes_no'}
        How it is answered.
    is_active : bool
        Asked about in the evening.

    Raises
    ------
    RecordError
        When a value cannot be right.
    """

    id: UUID = field(default_factory=uuid4)
    key: str
    label: str = ""
    unit: str = ""
    answered_as: FactorKind = "amount"
    is_active: bool = True

    def __post_init__(self) -> None:
        check_key(self.key)
        check_text(self.label, "label", LONGEST_NAME)
        check_text(self.unit, "unit", 20)
        if self.key not in KNOWN and not self.label.strip():
            raise RecordError("record-name-missing", "The factor has no name.", "Give it one.", "label")


Record = Episode | CheckIn | Exposure | Dose | Medicine | Treatment | Event | Factor


def local_day(moment: datetime, zone: str) -> date:
    """Return the date that the calendar of `zone` shows at a moment."""
    return moment.astimezone(ZoneInfo(zone)).date()


def day_of(record: Record) -> date | None:
    """Return the day under which a record is listed; None for what belongs to no single day."""
    match record:
        case CheckIn():
            return record.day
        case Episode():
            return record.day
        case Exposure():
            return local_day(record.ended_at or record.started_at, record.zone)
        case Dose():
            return local_day(record.taken_at, record.zone)
        case Treatment() | Event():
            return record.on
        case Medicine():
            return record.started_on
        case Factor():
            return None
