import numpy as np
import pytest
from tests.people import MONDAY, spell

from philtrum.diary.table import DayTable
from philtrum.nof1.design import make_nuisance, weekend_days
from philtrum.nof1.estimate import Noise
from philtrum.nof1.outcome import OutcomeError, choose_outcome
from philtrum.nof1.screening import (
    choose_lags,
    estimate_days_needed,
    find_company,
    find_shortage_of_column,
    find_shortage_of_outcome,
    measure_consequence,
    usual_step,
)

NAN = float("nan")


def outcome(values):
    return choose_outcome(DayTable(MONDAY, {"episodes": np.array(values, dtype=float)}))


def shortage(values, counts=None):
    return find_shortage_of_column(np.array(values, dtype=float), outcome(counts or [2.0] * len(values)))


def test_a_diary_needs_four_weeks_and_says_how_many_days_are_missing():
    lack = find_shortage_of_outcome(outcome([2.0] * 19))
    assert (lack.id, lack.days_needed) == ("too-few-days", 9)
    assert find_shortage_of_outcome(outcome([2.0] * 28)) is None


def test_a_blank_day_is_no_recorded_day():
    assert find_shortage_of_outcome(outcome([2.0] * 27 + [NAN] * 30)).days_needed == 1


def test_rare_twitching_needs_days_at_its_own_rate():
    lack = find_shortage_of_outcome(outcome([1.0] * 12 + [0.0] * 28))
    assert (lack.id, lack.days_needed) == ("too-few-episodes", 40)


def test_no_twitching_at_all_is_not_a_matter_of_days():
    lack = find_shortage_of_outcome(outcome([0.0] * 60))
    assert (lack.id, lack.days_needed) == ("no-twitching", None)


def test_a_column_of_few_days_is_not_judged():
    lack = shortage([1.0, 2.0] * 10 + [NAN] * 40)
    assert (lack.id, lack.days_needed) == ("column-too-few-days", 10)


@pytest.mark.parametrize(
    ("values", "id"),
    [
        ([3.0] * 40, "column-constant"),
        ([1e-300, 2e-300] * 20, "column-constant"),
        ([3.0] * 36 + [4.0, 5.0, 4.0, 5.0], "column-hardly-varies"),
        ([0.0] * 20 + [1.0] * 20, "column-one-switch"),
    ],
)
def test_a_column_that_hardly_changes_is_not_judged(values, id):
    assert shortage(values).id == id


def test_a_medicine_taken_on_and_off_is_judged():
    assert shortage(([0.0] * 6 + [1.0] * 6) * 4) is None


def test_the_third_day_is_looked_at_in_longer_diaries_only():
    varied = np.tile([1.0, 2.0, 3.0], 40)
    assert choose_lags(varied[:60], outcome([2.0] * 60)) == (0, 1)
    assert choose_lags(varied, outcome([2.0] * 120)) == (0, 1, 2)


def test_runs_of_weeks_have_no_day_before():
    on_off = np.array(([0.0] * 15 + [1.0] * 15) * 4)
    assert choose_lags(on_off, outcome([2.0] * 120)) == (0,)


def test_columns_that_rise_and_fall_together_name_each_other():
    rng = np.random.default_rng(5)
    coffee, sleep = rng.standard_normal(100), rng.standard_normal(100)
    columns = {"coffee": coffee, "cups": coffee * 2 + 0.1 * rng.standard_normal(100), "sleep": sleep}
    weekend = weekend_days(MONDAY, 100)
    company = find_company(columns, make_nuisance(weekend), weekend)
    assert company["coffee"].partner == "cups"
    assert company["coffee"].explained > 0.9
    assert company["sleep"].explained < 0.2


def test_an_exact_copy_is_fully_explained_and_breaks_nothing():
    coffee = np.random.default_rng(6).standard_normal(60)
    weekend = weekend_days(MONDAY, 60)
    company = find_company({"coffee": coffee, "copy": coffee.copy()}, make_nuisance(weekend), weekend)
    assert company["copy"].explained == pytest.approx(1)


def test_stress_that_follows_twitching_is_seen_and_its_direction_too():
    rng = np.random.default_rng(7)
    episodes = rng.poisson(np.exp(1.2 + spell(rng, 150))).astype(float)
    stress = 4 + rng.standard_normal(150)
    stress[1:] += 0.8 * np.log1p(episodes[:-1])
    weekend = weekend_days(MONDAY, 150)
    assert measure_consequence(stress, outcome(episodes), weekend) > 3
    assert measure_consequence(-stress, outcome(episodes), weekend) < -3


def test_stress_of_its_own_seldom_looks_like_a_consequence():
    found = 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        episodes = rng.poisson(np.exp(1.2 + spell(rng, 100))).astype(float)
        stress = 4 + spell(rng, 100, sd=1.0)
        found += abs(measure_consequence(stress, outcome(episodes), weekend_days(MONDAY, 100))) > 3
    assert found <= 3  # expected 0.3; more than 3 has a chance below 0.001


def test_more_days_are_needed_for_weaker_effects_rarer_twitching_and_tied_columns():
    noise = Noise(0.2, 0.1, 0.6)
    usual = estimate_days_needed(1.5, 4, noise)
    assert 60 < usual < 120
    assert estimate_days_needed(1.3, 4, noise) > usual
    assert estimate_days_needed(1.5, 0.5, noise) > usual
    assert estimate_days_needed(1.5, 4, noise, explained=0.8) > usual


@pytest.mark.parametrize(("values", "step"), [([0, 1, 1, 0], 1), ([0, 30, 60, 90], 20), ([1.0, 1.2, 1.4], 0.1)])
def test_the_step_of_an_own_column_is_round_and_near_its_spread(values, step):
    assert usual_step(np.array(values, dtype=float)) == pytest.approx(step)


def test_minutes_stand_in_where_episodes_are_missing():
    table = DayTable(MONDAY, {"episodes": np.full(5, NAN), "minutes": np.array([5.0, 0, 10, NAN, 5])})
    assert choose_outcome(table).column == "minutes"


def test_a_table_without_twitching_is_an_error():
    with pytest.raises(OutcomeError) as caught:
        choose_outcome(DayTable(MONDAY, {"stress": np.zeros(5)}))
    assert caught.value.id == "outcome-missing"
