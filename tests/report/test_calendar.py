"""The calendar file against the rules of RFC 5545."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from philtrum.nof1.planning import plan_trial
from philtrum.report.calendar import render_calendar

MADE_AT = datetime(2026, 1, 1, 12, tzinfo=UTC)
ESCAPED = {"\\n": "\n", "\\,": ",", "\\;": ";", "\\\\": "\\"}


def calendar(remedy="warm compress", **options):
    plan = plan_trial(remedy, date(2026, 3, 2), n_pairs=6, period_days=4, seed=1)
    return plan, render_calendar(plan, made_at=MADE_AT, **options)


def unfold(text):
    return text.replace("\r\n ", "").split("\r\n")


def unescape(value):
    out, place = "", 0
    while place < len(value):
        pair = value[place : place + 2]
        out += ESCAPED.get(pair, value[place])
        place += 2 if pair in ESCAPED else 1
    return out


def test_every_period_is_one_all_day_event():
    plan, text = calendar()
    lines = unfold(text)
    starts = [line for line in lines if line.startswith("DTSTART")]
    ends = [line for line in lines if line.startswith("DTEND")]
    assert len(starts) == len(plan.periods)
    assert starts[0] == "DTSTART;VALUE=DATE:20260302"
    assert ends[0] == "DTEND;VALUE=DATE:20260306"  # the end is the day after


def test_begins_and_ends_are_nested():
    open_blocks = []
    for line in unfold(calendar()[1]):
        if line.startswith("BEGIN:"):
            open_blocks.append(line[6:])
        elif line.startswith("END:"):
            assert open_blocks.pop() == line[4:]
    assert open_blocks == []


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=120))
def test_any_name_of_a_remedy_survives_folding_and_escaping(remedy):
    plan, text = calendar(remedy, shows_remedy=True)
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    summaries = [unescape(line[8:]) for line in unfold(text) if line.startswith("SUMMARY:")]
    arm = {"A": "without", "B": "with"}[plan.periods[0].arm]
    assert summaries[0] == f"Trial, period 1 of 12: {arm} {remedy}"


def test_importing_a_plan_again_changes_nothing():
    first, second = (
        [line for line in unfold(calendar()[1]) if line.startswith("UID:")],
        [line for line in unfold(calendar(remind_at_h=20)[1]) if line.startswith("UID:")],
    )
    assert first == second
    assert len(set(first)) == 12


@pytest.mark.parametrize("shows_remedy", [True, False])
def test_the_remedy_is_named_only_where_it_is_asked_for(shows_remedy):
    assert ("warm compress" in calendar(shows_remedy=shows_remedy)[1]) is shows_remedy
