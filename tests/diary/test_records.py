from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given, settings

from philtrum.diary.checks import RecordError
from philtrum.diary.medicines import Dose, DoseChange, Medicine, Treatment
from philtrum.diary.plain import KINDS, record_from_plain, to_plain
from philtrum.diary.records import CheckIn, Episode, Event, Exposure, Factor, day_of

from .diaries import BERLIN, at, evening, records, spell

START = datetime(2026, 3, 1, 22, tzinfo=UTC)


def test_an_episode_may_be_ended_ongoing_unknown_or_have_come_and_gone():
    assert spell("2026-03-01 22:00", "2026-03-01 22:05").duration_s == 300
    for ending in ("ongoing", "unknown", "came_and_went"):
        assert Episode(started_at=START, zone=BERLIN, ending=ending).duration_s is None
    off_and_on = Episode(started_at=START, ended_at=START + timedelta(hours=3), zone=BERLIN, ending="came_and_went")
    assert off_and_on.duration_s is None, "it did not twitch all of the three hours"


def test_a_spell_through_the_night_of_a_clock_change_has_its_true_length():
    assert spell("2026-03-29 01:30", "2026-03-29 03:30").duration_s == 3600
    assert spell("2026-10-25 01:30", "2026-10-25 03:30").duration_s == 3 * 3600


def test_the_day_of_an_episode_is_that_of_its_own_zone():
    assert Episode(started_at=START, zone="Asia/Tokyo").day == date(2026, 3, 2)
    assert Episode(started_at=START, zone="America/New_York").day == date(2026, 3, 1)


@pytest.mark.parametrize(
    ("places", "side"),
    [
        ((), None),
        (("upper_left",), "left"),
        (("upper_left", "upper_middle"), "left"),
        (("lower_right",), "right"),
        (("upper_middle",), "middle"),
        (("upper_left", "lower_right"), "both"),
    ],
)
def test_the_side_follows_from_the_places(places, side):
    assert Episode(started_at=START, zone=BERLIN, places=places).side == side


WRONG = {
    "record-time-without-zone": lambda: Episode(started_at=datetime(2026, 3, 1), zone=BERLIN),  # noqa: DTZ001
    "record-zone-unknown": lambda: Episode(started_at=START, zone="Mars/Olympus"),
    "record-ends-before-start": lambda: spell("2026-03-01 22:00", "2026-03-01 21:00"),
    "record-end-missing": lambda: Episode(started_at=START, zone=BERLIN, ending="ended"),
    "record-end-unexpected": lambda: Episode(started_at=START, ended_at=START, zone=BERLIN, ending="ongoing"),
    "record-strength": lambda: Episode(started_at=START, zone=BERLIN, strength=11),
    "record-text-too-long": lambda: Episode(started_at=START, zone=BERLIN, note="x" * 4001),
    "record-date-range": lambda: evening("0206-03-01"),
    "record-episodes-of-day": lambda: evening("2026-03-01", n_episodes=-1),
    "record-minutes-of-day": lambda: evening("2026-03-01", minutes=1441),
    "record-answers-contradict": lambda: evening("2026-03-01", has_twitched=False, n_episodes=2),
    "record-answer-range": lambda: evening("2026-03-01", answers={"sleep_hours": 25}),
    "record-factor-key": lambda: Factor(key="Coffee!", label="Coffee"),
    "record-name-missing": lambda: Event(on=date(2026, 3, 1), what="  "),
    "record-medicine-order": lambda: Medicine(name="A", started_on=date(2026, 3, 2), stopped_on=date(2026, 3, 1)),
    "record-units-range": lambda: Treatment(on=date(2026, 3, 1), units=0),
    "record-kind-unknown": lambda: record_from_plain({"kind": "dream"}),
    "record-field-unknown": lambda: record_from_plain({"kind": "event", "on": "2026-03-01", "what": "A", "colour": 1}),
    "record-field-missing": lambda: record_from_plain({"kind": "event", "on": "2026-03-01"}),
    "record-field-type": lambda: record_from_plain({"kind": "event", "on": "yesterday", "what": "A"}),
}  # fmt: skip


@pytest.mark.parametrize("id", WRONG)
def test_what_cannot_be_right_is_refused_with_its_id_and_names_the_field(id):
    with pytest.raises(RecordError) as error:
        WRONG[id]()
    assert error.value.id == id
    assert error.value.what and error.value.next_step and error.value.field
    assert isinstance(error.value, ValueError)


def test_not_a_number_is_no_answer():
    with pytest.raises(RecordError, match="record-answer-range"):
        evening("2026-03-01", answers={"stress": float("nan")})


@pytest.mark.parametrize(
    "data",
    [
        {"started_at": 5},
        {"started_at": "2026-03-01T22:00:00"},
        {"started_at": "2026-03-01T22:00:00Z", "strength": "7"},
        {"started_at": "2026-03-01T22:00:00Z", "strength": True},
        {"started_at": "2026-03-01T22:00:00Z", "places": ["nose"]},
        {"started_at": "2026-03-01T22:00:00Z", "places": "upper_left"},
        {"started_at": "2026-03-01T22:00:00Z", "clips": ["not an id"]},
        {"started_at": "2026-03-01T22:00:00Z", "note": None},
        {"started_at": "2026-03-01T22:00:00Z", "ending": "exploded"},
    ],
)
def test_plain_data_of_another_type_is_refused(data):
    with pytest.raises(RecordError):
        record_from_plain({"kind": "episode", "zone": BERLIN, **data})


@settings(deadline=None)
@given(records)
def test_a_record_survives_being_plain_data(record):
    assert record_from_plain(to_plain(record)) == record


def test_what_is_not_known_is_absent_from_plain_data():
    plain = to_plain(Episode(id=uuid4(), started_at=START, zone=BERLIN))
    assert set(plain) == {"kind", "id", "started_at", "zone"}


def test_answers_cannot_be_changed_from_outside():
    given_answers = {"stress": 3}
    record = evening("2026-03-01", answers=given_answers)
    given_answers["stress"] = 9
    assert record.answers == {"stress": 3.0}
    with pytest.raises(TypeError):
        record.answers["stress"] = 9


def test_changes_of_a_dose_are_kept_in_the_order_of_their_days():
    later, earlier = DoseChange(on=date(2026, 5, 1), dose="20 mg"), DoseChange(on=date(2026, 4, 1), dose="10 mg")
    assert Medicine(name="A", changes=(later, earlier)).changes == (earlier, later)


def test_every_kind_has_its_day():
    day = date(2026, 3, 1)
    found = {
        "episode": Episode(started_at=at("2026-03-01 23:59"), zone=BERLIN),
        "check_in": CheckIn(day=day, zone=BERLIN),
        "exposure": Exposure(factor="caffeine_mg", amount=95, started_at=at("2026-03-01 08:00"), zone=BERLIN),
        "dose": Dose(taken_at=at("2026-03-01 00:00"), zone=BERLIN, medicine="A"),
        "medicine": Medicine(name="A", started_on=day),
        "treatment": Treatment(on=day),
        "event": Event(on=day, what="A"),
    }
    assert set(found) == set(KINDS) - {"factor"}
    assert {day_of(record) for record in found.values()} == {day}
    assert day_of(Factor(key="chocolate", label="Chocolate")) is None
