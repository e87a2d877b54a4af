from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from philtrum.diary.days import covered_s, day_table, night_of, split_by_day
from philtrum.diary.medicines import Dose
from philtrum.diary.records import Episode, Exposure

from .diaries import BERLIN, ZONES, at, evening, lengths, moments, spell, whole_diaries, zones


def column(records, name, **options):
    table = day_table(records, **options)
    return dict(zip([day.isoformat() for day in table.days], table.columns[name].tolist(), strict=True))


def is_unknown(value):
    return np.isnan(value)


def test_a_day_that_nobody_wrote_about_is_not_a_quiet_day():
    counts = column([spell("2026-03-01 10:00"), evening("2026-03-03", has_twitched=False)], "episodes")
    assert counts["2026-03-01"] == 1
    assert is_unknown(counts["2026-03-02"])
    assert counts["2026-03-03"] == 0


def test_a_check_in_without_an_answer_about_twitching_leaves_it_open():
    counts = column([evening("2026-03-01", answers={"stress": 4})], "episodes")
    assert is_unknown(counts["2026-03-01"])


def test_twitched_without_a_count_and_without_a_spell_is_not_known_as_a_number():
    assert is_unknown(column([evening("2026-03-01", has_twitched=True)], "episodes")["2026-03-01"])


def test_the_larger_count_of_logged_and_said_holds():
    day = "2026-03-01"
    logged = [spell(f"{day} 10:00"), spell(f"{day} 12:00")]
    assert column([*logged, evening(day, n_episodes=5)], "episodes")[day] == 5
    assert column([*logged, evening(day, n_episodes=1)], "episodes")[day] == 2
    assert column([*logged, evening(day, has_twitched=False)], "episodes")[day] == 2, "what was logged happened"


def test_minutes_are_cut_at_midnight_and_the_spell_counts_on_the_day_it_began():
    records = [spell("2026-03-01 23:50", "2026-03-02 00:20"), evening("2026-03-02", has_twitched=False)]
    assert column(records, "episodes") == {"2026-03-01": 1, "2026-03-02": 0}
    assert column(records, "minutes") == {"2026-03-01": 10, "2026-03-02": 20}


def test_minutes_are_not_known_where_one_spell_has_no_length():
    records = [spell("2026-03-01 10:00", "2026-03-01 10:05"), spell("2026-03-01 12:00")]
    assert is_unknown(column(records, "minutes")["2026-03-01"])


def test_minutes_are_not_known_where_more_spells_are_told_than_logged():
    records = [spell("2026-03-01 10:00", "2026-03-01 10:05"), evening("2026-03-01", n_episodes=3)]
    assert is_unknown(column(records, "minutes")["2026-03-01"])


def test_minutes_told_in_the_evening_stand_in_for_lengths_that_are_not_known():
    records = [spell("2026-03-01 10:00", "2026-03-01 10:30"), spell("2026-03-01 12:00")]
    assert column([*records, evening("2026-03-01", minutes=45)], "minutes")["2026-03-01"] == 45
    assert column([*records, evening("2026-03-01", minutes=5)], "minutes")["2026-03-01"] == 30, "so much was logged"


def test_overlapping_spells_count_twice_but_their_time_once():
    records = [spell("2026-03-01 10:00", "2026-03-01 10:30"), spell("2026-03-01 10:20", "2026-03-01 10:40")]
    assert column(records, "episodes")["2026-03-01"] == 2
    assert column(records, "minutes")["2026-03-01"] == 40


def test_a_quiet_day_has_no_minutes():
    assert column([evening("2026-03-01", has_twitched=False)], "minutes")["2026-03-01"] == 0


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-01", 24)])
def test_a_spell_of_a_whole_day_has_as_many_minutes_as_that_day(day, hours):
    after = (date.fromisoformat(day) + timedelta(days=1)).isoformat()
    assert column([spell(f"{day} 00:00", f"{after} 00:00")], "minutes")[day] == hours * 60


def test_after_a_journey_each_spell_has_the_date_of_the_place_where_it_was():
    records = [spell("2026-03-01 23:00", zone="Asia/Tokyo"), spell("2026-03-01 08:00", zone="America/Los_Angeles")]
    assert column(records, "episodes") == {"2026-03-01": 2}


def test_a_date_that_a_zone_skipped_gets_no_minutes():
    """Samoa had no 30 December 2011."""
    start, end = at("2011-12-29 23:00", "Pacific/Apia"), at("2011-12-31 01:00", "Pacific/Apia")
    pieces = [(day.day, (b - a).total_seconds() / 3600) for day, (a, b) in split_by_day(start, end, "Pacific/Apia")]
    assert pieces == [(29, 1), (31, 1)]


def test_a_midnight_that_does_not_exist_is_cut_where_the_date_changes():
    """In Beirut the clocks jump from 00:00 to 01:00 on 29 March 2026."""
    start, end = at("2026-03-28 23:30", "Asia/Beirut"), at("2026-03-29 01:30", "Asia/Beirut")
    pieces = {day.day: (b - a).total_seconds() / 60 for day, (a, b) in split_by_day(start, end, "Asia/Beirut")}
    assert pieces == {28: 30, 29: 30}


@settings(deadline=None)
@given(moments, lengths, zones)
def test_in_every_zone_the_pieces_of_a_spell_add_up_and_lie_on_their_dates(start, length, zone):
    pieces = list(split_by_day(start, start + length, zone))
    assert sum(((b - a) for _, (a, b) in pieces), timedelta()) == length
    assert [a for _, (a, _) in pieces[1:]] == [b for _, (_, b) in pieces[:-1]], "without gap and overlap"
    for day, (a, b) in pieces:
        assert a < b
        assert a.astimezone(ZoneInfo(zone)).date() == day


def clock_changes(zone, year):
    """Yield the moments, to the hour, around which a zone's offset changes in a year."""
    here, moment = ZoneInfo(zone), datetime(year, 1, 1, tzinfo=UTC)
    while moment.year == year:
        after = moment + timedelta(hours=12)
        if moment.astimezone(here).utcoffset() != after.astimezone(here).utcoffset():
            yield moment
        moment = after


@pytest.mark.slow
def test_at_every_clock_change_of_every_zone_the_minutes_are_the_true_ones():
    changes = [(zone, moment) for zone in ZONES for moment in clock_changes(zone, 2026)]
    assert len(changes) > 250
    for zone, moment in changes:
        start, end = moment - timedelta(hours=20), moment + timedelta(hours=20)
        episode = Episode(started_at=start, ended_at=end, ending="ended", zone=zone)
        minutes = column([episode], "minutes")
        assert sum(minutes.values()) == pytest.approx(40 * 60), zone
        here = ZoneInfo(zone)
        for day, value in minutes.items():
            first = datetime.fromisoformat(f"{day} 00:00").replace(tzinfo=here)
            after = datetime.combine(first.date() + timedelta(days=1), first.time(), tzinfo=here)
            if start <= first.astimezone(UTC) and after.astimezone(UTC) <= end:
                true_min = (after.astimezone(UTC) - first.astimezone(UTC)).total_seconds() / 60
                assert value == pytest.approx(true_min, abs=0.02), (zone, day)


@given(st.lists(st.tuples(moments, lengths), max_size=6))
def test_covered_time_is_at_least_the_longest_and_at_most_the_sum(spans):
    intervals = [(start, start + length) for start, length in spans]
    lengths_s = [length.total_seconds() for _, length in spans]
    assert max(lengths_s, default=0) - 1e-3 <= covered_s(intervals) <= sum(lengths_s) + 1e-3


def test_an_answer_of_the_check_in_holds_before_what_an_app_has_counted():
    coffee = Exposure(factor="caffeine_mg", amount=95, started_at=at("2026-03-01 08:00"), zone=BERLIN)
    assert column([coffee], "caffeine_mg")["2026-03-01"] == 95
    assert column([coffee, evening("2026-03-01", answers={"caffeine_mg": 200})], "caffeine_mg")["2026-03-01"] == 200


def test_cups_of_one_app_add_up_and_two_apps_that_saw_the_same_cups_do_not():
    def cup(time, source):
        started_at = at(f"2026-03-01 {time}")
        return Exposure(factor="caffeine_mg", amount=95, started_at=started_at, zone=BERLIN, source=source)

    both = [cup("08:00", "A"), cup("10:00", "A"), cup("08:00", "B")]
    assert column(both, "caffeine_mg")["2026-03-01"] == 190


def test_sleep_belongs_to_the_morning_it_led_to():
    night = Exposure(
        factor="sleep_hours",
        amount=7,
        started_at=at("2026-02-28 23:00"),
        ended_at=at("2026-03-01 06:30"),
        zone=BERLIN,
    )
    assert column([night], "sleep_hours") == {"2026-03-01": 7}
    assert night_of(at("2026-03-01 17:59"), BERLIN) == date(2026, 3, 1)
    assert night_of(at("2026-03-01 18:00"), BERLIN) == date(2026, 3, 2)


def test_a_logged_dose_says_that_the_medicine_was_taken_and_its_absence_says_nothing():
    dose = Dose(taken_at=at("2026-03-01 08:00"), zone=BERLIN, medicine="A")
    taken = column([dose, evening("2026-03-02", has_twitched=False)], "medication")
    assert taken["2026-03-01"] == 1
    assert is_unknown(taken["2026-03-02"])


def test_the_table_ends_where_it_is_told_to():
    records = [spell("2026-03-01 10:00"), spell("2026-03-05 10:00")]
    assert list(column(records, "episodes", last_day=date(2026, 3, 3))) == ["2026-03-01", "2026-03-02", "2026-03-03"]
    assert len(column(records, "episodes", last_day=date(2026, 3, 9))) == 9


def test_an_empty_diary_has_a_table_of_one_unknown_day():
    table = day_table([])
    assert table.n_days == 1
    assert all(np.isnan(values).all() for values in table.columns.values())


@settings(deadline=None)
@given(whole_diaries)
def test_every_diary_has_a_table_and_its_order_does_not_matter(diary):
    table, turned = day_table(diary), day_table(diary[::-1])
    assert table.days == turned.days
    assert list(table.columns) == list(turned.columns)
    for name in table.columns:
        np.testing.assert_allclose(table.columns[name], turned.columns[name])
