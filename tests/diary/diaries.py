"""Diaries for tests: a written one, and hypothesis strategies for any."""

from __future__ import annotations

import zoneinfo
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from hypothesis import strategies as st

from philtrum.diary.factors import KNOWN
from philtrum.diary.medicines import Dose, DoseChange, Medicine, Site, Treatment
from philtrum.diary.records import PLACES, CheckIn, Episode, Event, Exposure, Factor

BERLIN = "Europe/Berlin"
ZONES = sorted(zoneinfo.available_timezones() - {"localtime", "Factory"})


def at(text: str, zone: str = BERLIN) -> datetime:
    """Return the moment that the clocks of a zone show as "2026-03-29 01:30"."""
    return datetime.fromisoformat(text).replace(tzinfo=zoneinfo.ZoneInfo(zone))


def spell(start: str, end: str | None = None, *, zone: str = BERLIN, **values) -> Episode:
    """Return an episode by what the clocks of its zone showed."""
    ending = {"ending": "ended", "ended_at": at(end, zone)} if end else {}
    return Episode(started_at=at(start, zone), zone=zone, **ending, **values)


def evening(day: str, **values) -> CheckIn:
    """Return the check-in of a day."""
    return CheckIn(day=date.fromisoformat(day), zone=BERLIN, **values)


uuids = st.integers(min_value=0, max_value=2**128 - 1).map(lambda n: UUID(int=n))
zones = st.sampled_from(ZONES)
days = st.dates(min_value=date(2024, 1, 1), max_value=date(2027, 1, 1))
recent = st.datetimes(
    datetime.fromisoformat("2024-01-01"), datetime.fromisoformat("2027-01-01"), timezones=st.just(UTC)
)
moments = st.integers(-630_000_000_000, 3_786_000_000_000).map(  # 1950 to 2089, in milliseconds
    lambda ms: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)
)
texts = st.text(max_size=60)
names = texts.filter(str.strip)
words = st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1, max_size=20)
keys = st.from_regex(r"[a-z][a-z0-9_]{0,20}", fullmatch=True).filter(lambda key: key not in KNOWN)
answers = st.dictionaries(keys, st.floats(0, 1e6), max_size=4)
lengths = st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=3))


@st.composite
def episodes(draw) -> Episode:
    start = draw(recent)
    ending = draw(st.sampled_from(["unknown", "ended", "ongoing", "came_and_went"]))
    has_end = ending == "ended" or (ending == "came_and_went" and draw(st.booleans()))
    return Episode(
        id=draw(uuids),
        started_at=start,
        zone=draw(zones),
        ending=ending,
        ended_at=start + draw(lengths) if has_end else None,
        logged=draw(st.sampled_from(["at_once", "recalled"])),
        places=tuple(draw(st.sets(st.sampled_from(PLACES)))),
        strength=draw(st.none() | st.integers(0, 10)),
        movements=tuple(draw(st.lists(words, max_size=2))),
        companions=tuple(draw(st.lists(words, max_size=2))),
        note=draw(texts),
        clips=tuple(draw(st.lists(uuids, max_size=2))),
    )


check_ins = st.builds(
    CheckIn, id=uuids, day=days, zone=zones, has_twitched=st.none() | st.booleans(), answers=answers, note=texts
)
exposures = st.builds(
    Exposure, id=uuids, factor=keys, amount=st.floats(0, 1e6), started_at=recent, zone=zones, source=texts
)
doses = st.builds(Dose, id=uuids, taken_at=recent, zone=zones, medicine=names, amount=texts, note=texts)
events = st.builds(Event, id=uuids, on=days, what=names, note=texts)
factors = st.builds(Factor, id=uuids, key=keys, label=names, answered_as=st.sampled_from(["amount", "scale", "yes_no"]))
treatments = st.builds(
    Treatment,
    id=uuids,
    on=days,
    product=texts,
    units=st.none() | st.floats(0.5, 1000),
    sites=st.lists(st.builds(Site, place=names, units=st.none() | st.floats(0.5, 50)), max_size=3).map(tuple),
)


@st.composite
def medicines(draw) -> Medicine:
    start, *changes, stop = sorted(draw(st.lists(days, min_size=2, max_size=4)))
    return Medicine(
        id=draw(uuids),
        name=draw(names),
        dose=draw(texts),
        started_on=draw(st.sampled_from([None, start])),
        changes=tuple(DoseChange(on=day, dose=draw(texts)) for day in changes),
        stopped_on=draw(st.sampled_from([None, stop])),
    )


records = st.one_of(episodes(), check_ins, exposures, doses, events, factors, treatments, medicines())


def place_of(record):
    """Return what a diary holds only one of: the check-in of a day, a factor, the record of an id."""
    if isinstance(record, CheckIn):
        return record.day
    return record.key if isinstance(record, Factor) else record.id


whole_diaries = st.lists(records, max_size=12, unique_by=(lambda record: record.id, place_of))
