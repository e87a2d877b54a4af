from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.diary.diaries import evening, spell, whole_diaries

from philtrum.advice.advice import advise
from philtrum.advice.entries import LEVELS
from philtrum.advice.facts import read_facts
from philtrum.advice.from_diary import facts_from_diary
from philtrum.advice.knowledge import load_knowledge
from philtrum.diary.medicines import DoseChange, Medicine, Treatment
from philtrum.diary.records import Event

TODAY = date(2026, 3, 31)
SYMPTOMS = sorted(load_knowledge().vocabularies["symptoms"])


def facts(*records, **options):
    return facts_from_diary(records, today=TODAY, **options)


def level(*records, **options):
    return advise(facts(*records, **options), today=TODAY).urgency.level


def at(days_ago, clock="20:00", **values):
    return spell(f"{TODAY - timedelta(days=days_ago)} {clock}", **values)


def test_an_empty_diary_tells_nothing():
    assert facts() == {"movement": [], "diary": {"days": 0}}


@pytest.mark.parametrize(
    ("companion", "least"),
    [
        ("face_droop_sudden", "emergency"),
        ("arm_or_leg_weakness_sudden", "emergency"),
        ("speech_trouble_sudden", "emergency"),
        ("facial_weakness_new", "same_day"),
        ("spread_to_eye_or_cheek", "urgent"),
    ],
)
def test_a_grave_sign_of_one_spell_is_told_at_once(companion, least):
    assert LEVELS.index(level(at(0, companions=(companion,)))) <= LEVELS.index(least)


def test_a_sign_of_three_weeks_ago_still_counts_and_one_of_last_year_does_not():
    assert level(at(21, companions=("face_droop_sudden",)), at(0)) == "emergency"
    assert facts(at(300, companions=("face_droop_sudden",)), at(0)).get("associated_symptoms") is None


def test_tingling_after_surgery_of_the_neck_is_told_as_the_rules_tell_it():
    surgery = Event(on=TODAY - timedelta(days=4), what="thyroid surgery")
    with_surgery = level(at(0, companions=("finger_tingling", "perioral_tingling")), surgery)
    assert LEVELS.index(with_surgery) <= LEVELS.index("same_day")


def test_a_sign_that_has_joined_in_makes_an_old_twitch_no_longer_a_stable_one():
    years = [TODAY - timedelta(days=k) for k in range(0, 700, 10)]
    new = facts(at(0, companions=("spread_to_eye_or_cheek",)), earlier_days=years)
    assert new["diary"]["spreading"] is True
    assert advise(new, today=TODAY).urgency.level == "urgent"
    old = [at(days, companions=("spread_to_eye_or_cheek",)) for days in (100, 50, 0)]
    established = facts(*old, earlier_days=years)
    assert "spreading" not in established["diary"]
    assert advise(established, today=TODAY).urgency.level == "routine"


def test_what_was_there_from_the_start_has_not_spread():
    assert "spreading" not in facts(*(at(days, companions=("half_face_involved",)) for days in (20, 10, 0)))["diary"]


def test_a_sign_in_the_persons_own_words_is_not_missed():
    assert level(at(0, note="my face suddenly drooped on the left and my speech was slurred")) == "emergency"
    assert level(evening("2026-03-30", note="left arm suddenly weak, face drooping")) == "emergency"


def test_an_id_of_another_version_is_read_as_words_instead_of_breaking_or_vanishing():
    told = facts(at(0, companions=("sudden_face_droop",), movements=("a_new_kind",)))
    assert "sudden face droop" in told["history"]
    read_facts(told)


@pytest.mark.parametrize(
    ("days_ago", "duration"),
    [((0,), 0), ((3, 1), 3), ((20, 10, 1), 20), ((40, 20), None), ((60, 40, 5, 0), 5), ((), None)],
)
def test_the_twitching_has_lasted_since_the_last_break_of_more_than_two_weeks(days_ago, duration):
    assert facts(*(at(days) for days in days_ago)).get("duration_days") == duration


def test_earlier_days_count_for_the_duration_without_their_entries():
    earlier = [TODAY - timedelta(days=k) for k in (50, 40, 35)]
    assert facts(at(25), at(0), earlier_days=earlier)["duration_days"] == 0, "a break of 25 days ended it"
    assert facts(at(25), at(12), at(0), earlier_days=earlier)["duration_days"] == 50
    assert facts(earlier_days=earlier).get("duration_days") is None


def test_days_of_the_check_in_count_for_the_duration_too():
    evenings = [evening(str(TODAY - timedelta(days=k)), has_twitched=True) for k in (16, 8, 0)]
    assert facts(*evenings)["duration_days"] == 16
    assert "duration_over_14_days" in dict(advise(facts(*evenings), today=TODAY).understood)


@pytest.mark.parametrize(
    ("places", "side"),
    [
        ([("upper_left",), ("lower_left",)], "left"),
        ([("upper_left",), ("upper_right",)], "changes"),
        ([("upper_left", "upper_right")], "both"),
        ([()], None),
    ],
)
def test_the_side_is_that_of_all_recent_spells(places, side):
    assert facts(*(at(0, places=place) for place in places)).get("side") == side


def test_medicines_are_told_with_their_days():
    medicine = Medicine(
        name="Sertraline",
        started_on=TODAY - timedelta(days=70),
        changes=(DoseChange(on=TODAY - timedelta(days=9), dose="100 mg"),),
    )
    told = facts(medicine)["medications"]
    assert told == [{"name": "Sertraline", "started_days_ago": 70, "changed_days_ago": 9}]
    assert "new_medicine_90_days" in dict(advise(facts(medicine, at(0)), today=TODAY).understood)


def test_recent_botulinum_toxin_is_told_and_an_old_one_is_not():
    recent, old = Treatment(on=TODAY - timedelta(days=20)), Treatment(on=TODAY - timedelta(days=200))
    assert facts(recent)["context_tags"] == ["recent_botulinum_toxin"]
    assert "context_tags" not in facts(old)


def test_everyday_life_is_told_as_means_of_enough_days():
    evenings = [evening(str(TODAY - timedelta(days=k)), answers={"sleep_hours": 5, "stress": 8}) for k in range(3)]
    assert facts(*evenings)["lifestyle"] == {"sleep": "5.0 hours", "stress": "8 of 10"}
    assert "lifestyle" not in facts(*evenings[:2])
    assert "sleep_short" in dict(advise(facts(*evenings, at(0)), today=TODAY).understood)


def test_what_lies_in_the_future_is_not_told():
    assert facts(Treatment(on=TODAY + timedelta(days=3))).get("context_tags") is None


@settings(deadline=None, max_examples=60)
@given(whole_diaries)
def test_the_facts_of_any_diary_can_be_read(diary):
    advise(facts_from_diary(diary, today=date(2027, 6, 1)))
    read_facts(facts_from_diary(diary, today=date(2025, 6, 1)))


@settings(deadline=None, max_examples=60)
@given(st.lists(st.sampled_from(SYMPTOMS), min_size=1, max_size=4), st.sampled_from(SYMPTOMS))
def test_one_more_grave_sign_never_lowers_the_level(companions, more):
    before, after = level(at(0, companions=tuple(companions))), level(at(0, companions=(*companions, more)))
    if more in ("face_droop_sudden", "speech_trouble_sudden", "breathing_trouble"):
        assert LEVELS.index(after) <= LEVELS.index(before)
        assert after == "emergency"
