"""What may be said of a trigger, on diaries with known truth."""

from dataclasses import replace

import numpy as np
import pytest
from tests.people import MONDAY, diary

from philtrum.diary.table import DayTable
from philtrum.nof1.triggers import CLAIM, KEEP, LONGEST_DAYS, NO_TRIGGERS, find_triggers

STRONG = np.log(1.7)


def by_name(report):
    return {trigger.name: trigger for trigger in report.triggers}


@pytest.fixture(scope="module")
def with_stress():
    return find_triggers(diary(1, effects={"stress": STRONG}))


def test_a_strong_trigger_is_found_with_its_size_and_day(with_stress):
    stress = by_name(with_stress)["stress"]
    assert stress.verdict == "raises"
    link = stress.links[stress.best]
    assert link.lag_days == 0
    assert link.verdict == "raises"
    spread = stress.spread
    assert link.ci_low < np.exp(STRONG / spread) < link.ci_high
    assert link.ci_low > 1


def test_only_one_day_of_a_trigger_carries_the_verdict(with_stress):
    verdicts = [link.verdict for link in by_name(with_stress)["stress"].links]
    assert sum(verdict in {"raises", "lowers"} for verdict in verdicts) == 1


def test_what_does_nothing_is_not_claimed(with_stress):
    others = [trigger.verdict for name, trigger in by_name(with_stress).items() if name != "stress"]
    assert set(others).isdisjoint({"raises", "lowers"})


def test_a_protective_habit_lowers():
    sleep = by_name(find_triggers(diary(2, effects={"sleep_hours": -STRONG})))["sleep_hours"]
    assert sleep.verdict == "lowers"
    assert sleep.links[sleep.best].ci_high < 1


def test_an_effect_on_the_next_day_is_found_there():
    report = find_triggers(diary(3, effects={"caffeine_mg": STRONG}, lags={"caffeine_mg": 1}))
    caffeine = by_name(report)["caffeine_mg"]
    assert caffeine.verdict == "raises"
    assert caffeine.links[caffeine.best].lag_days == 1


def test_ratios_are_told_per_useful_step(with_stress):
    assert by_name(with_stress)["caffeine_mg"].per == 100
    assert by_name(with_stress)["sleep_hours"].per == 1


def test_false_claims_are_rare_where_nothing_drives_the_twitching():
    false = sum(
        any(trigger.verdict in {"raises", "lowers"} for trigger in find_triggers(diary(seed, 60)).triggers)
        for seed in range(100, 140)
    )
    assert false <= 6  # at a true rate of 0.05, more than 6 of 40 has a chance of 0.003


def test_intervals_hold_what_they_promise():
    hits = []
    for seed in range(200, 225):
        report = find_triggers(diary(seed, 60, effects={"stress": np.log(1.3)}))
        for trigger in report.triggers:
            for link in trigger.links:
                truth = np.log(1.3) / trigger.spread if (trigger.name, link.lag_days) == ("stress", 0) else 0.0
                hits.append(np.log(link.ci_low) <= truth * trigger.per <= np.log(link.ci_high))
    assert 0.90 <= np.mean(hits) <= 0.99  # 200 intervals: standard error 0.015


def test_a_short_diary_says_how_many_days_are_missing():
    for trigger in find_triggers(diary(4, 18, missing=0)).triggers:
        assert (trigger.verdict, trigger.reason, trigger.days_needed) == ("not_enough_data", "too-few-days", 10)
        assert trigger.links == ()


def test_a_long_diary_can_say_that_something_is_not_it():
    report = by_name(find_triggers(diary(5, 365, effects={"stress": STRONG})))
    assert [name for name in report if report[name].verdict == "no_association"]


def test_an_unclear_trigger_says_how_many_more_days_would_help():
    unclear = [trigger for trigger in find_triggers(diary(6, 60)).triggers if trigger.verdict == "unclear"]
    assert unclear
    assert all(trigger.days_needed and trigger.sought for trigger in unclear)


def test_a_copy_of_a_trigger_cannot_be_told_from_it():
    table = diary(7, effects={"stress": STRONG})
    table = replace(table, columns={**table.columns, "tension": table.columns["stress"].copy()})
    found = by_name(find_triggers(table))
    for name, partner in (("stress", "tension"), ("tension", "stress")):
        assert (found[name].verdict, found[name].reason, found[name].tied_with) == ("unclear", "tied", partner)


def test_stress_after_twitching_is_called_a_possible_result():
    table = diary(8, missing=0)
    stress = table.columns["stress"].copy()
    stress[1:] += np.round(1.5 * np.log1p(table.columns["episodes"][:-1]))
    found = by_name(find_triggers(replace(table, columns={**table.columns, "stress": stress})))["stress"]
    assert found.verdict == "maybe_consequence"
    assert found.after_twitching == "higher"


def test_a_remedy_that_was_only_started_says_nothing():
    table = diary(9)
    started = (np.arange(table.n_days) > 60).astype(float)
    found = by_name(find_triggers(replace(table, columns={**table.columns, "remedy": started})))["remedy"]
    assert (found.verdict, found.reason) == ("not_enough_data", "column-one-switch")


def test_high_days_are_named_where_only_they_count():
    table = diary(10, 200, missing=0)
    coffee = table.columns["caffeine_mg"]
    more = np.random.default_rng(0).poisson(table.columns["episodes"] * 2.0)
    episodes = np.where(coffee > 300, table.columns["episodes"] + more, table.columns["episodes"])
    found = by_name(find_triggers(replace(table, columns={**table.columns, "episodes": episodes})))["caffeine_mg"]
    assert found.verdict == "raises"
    assert found.high_days is not None
    assert 285 < found.high_days.above < 380
    assert found.high_days.ci_low > 1


def test_a_verdict_once_given_stays_until_the_diary_speaks_against_it():
    tables = (diary(seed, 45, effects={"stress": np.log(1.4)}) for seed in range(50))
    table = next(table for table in tables if KEEP < by_name(find_triggers(table))["stress"].chance < CLAIM)
    assert by_name(find_triggers(table))["stress"].verdict not in {"raises", "lowers"}
    assert by_name(find_triggers(table, before={"stress": "raises"}))["stress"].verdict == "raises"
    assert by_name(find_triggers(table, before={"stress": "lowers"}))["stress"].verdict not in {"raises", "lowers"}


def test_a_declared_window_is_the_only_one_looked_at():
    report = find_triggers(diary(12), lags={"stress": (1,)})
    assert [link.lag_days for link in by_name(report)["stress"].links] == [1]


def test_outcomes_and_the_columns_of_a_trial_are_no_triggers():
    table = diary(13)
    extra = {name: np.arange(120.0) % 7 for name in NO_TRIGGERS if name != "episodes"}
    assert set(by_name(find_triggers(replace(table, columns={**table.columns, **extra})))).isdisjoint(NO_TRIGGERS)


def test_minutes_can_be_the_outcome():
    table = diary(14, effects={"stress": STRONG})
    minutes = table.columns["episodes"] * 4.0
    columns = {"minutes": minutes, **{name: table.columns[name] for name in ("stress", "sleep_hours")}}
    report = find_triggers(DayTable(MONDAY, columns))
    assert report.outcome == "minutes"
    assert by_name(report)["stress"].verdict == "raises"


def test_twenty_years_are_cut_to_the_last_three():
    report = find_triggers(diary(15, 7300, effects={"stress": STRONG}))
    assert report.is_shortened
    assert report.n_days == LONGEST_DAYS
    assert by_name(report)["stress"].verdict == "raises"


def test_the_same_diary_gives_the_same_report():
    table = diary(16)
    assert find_triggers(table) == find_triggers(table)


def test_multiplying_a_column_by_ten_divides_its_log_ratio_by_ten():
    table = diary(17, effects={"stress": STRONG})
    tenfold = replace(table, columns={**table.columns, "own": table.columns["screen_hours"]})
    other = replace(table, columns={**table.columns, "own": table.columns["screen_hours"] * 10})
    one, ten = (by_name(find_triggers(case))["own"].links[0] for case in (tenfold, other))
    per_one, per_ten = (by_name(find_triggers(case))["own"].per for case in (tenfold, other))
    assert np.log(one.rate_ratio) / per_one == pytest.approx(10 * np.log(ten.rate_ratio) / per_ten, rel=1e-4)
