from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings

from philtrum.diary.merge import merge
from philtrum.diary.records import Exposure

from .diaries import BERLIN, at, evening, spell, whole_diaries


@settings(deadline=None)
@given(whole_diaries)
def test_importing_a_diary_into_itself_changes_nothing(diary):
    merged = merge(diary, diary)
    assert merged.added == merged.changed == ()
    assert merged.n_known == len(diary)


@settings(deadline=None)
@given(whole_diaries)
def test_importing_twice_is_importing_once(diary):
    once = merge([], diary)
    twice = merge(once.added, diary)
    assert twice.added == ()
    assert twice.changed == ()


@settings(deadline=None)
@given(whole_diaries)
def test_everything_new_is_added(diary):
    assert list(merge([], diary).added) == diary


def test_an_entry_edited_here_is_not_overwritten():
    mine = spell("2026-03-01 22:00", note="edited")
    merged = merge([mine], [replace(mine, note="as it was")])
    assert merged.added == merged.changed == ()


def test_a_second_check_in_of_a_day_fills_in_only_what_was_left_open():
    mine = evening("2026-03-01", answers={"stress": 4})
    other = evening("2026-03-01", has_twitched=False, answers={"stress": 9, "sleep_hours": 7}, note="from elsewhere")
    (filled,) = merge([mine], [other]).changed
    assert filled.id == mine.id
    assert filled.answers == {"stress": 4, "sleep_hours": 7}
    assert filled.has_twitched is False
    assert filled.note == "from elsewhere"
    assert merge([filled], [other]).changed == ()


def test_counts_of_another_check_in_never_contradict_what_was_said_here():
    mine = evening("2026-03-01", has_twitched=False)
    merged = merge([mine], [evening("2026-03-01", has_twitched=True, n_episodes=3)])
    assert merged.changed == ()


def test_two_check_ins_of_a_day_in_one_file_become_one():
    merged = merge([], [evening("2026-03-01", answers={"stress": 4}), evening("2026-03-01", has_twitched=True)])
    (only,) = merged.added
    assert only.has_twitched is True
    assert only.answers == {"stress": 4}


def test_a_night_that_was_still_going_on_is_brought_up_to_date():
    night = Exposure(factor="sleep_hours", amount=3, started_at=at("2026-03-01 23:00"), zone=BERLIN, source="App")
    longer = replace(night, amount=7.5)
    assert merge([night], [longer]).changed == (longer,)


def test_what_was_removed_here_does_not_come_back():
    gone = spell("2026-03-01 22:00")
    merged = merge([], [gone], removed=[gone.id])
    assert merged.added == ()
    assert merged.n_known == 1
