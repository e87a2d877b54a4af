"""Trials: exactness of the randomisation, what is found, and what is refused."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.people import diary, trial

from philtrum.nof1.background import USUAL, measure_background
from philtrum.nof1.design import make_nuisance
from philtrum.nof1.planning import estimate_power, find_pairs_needed, periods_of, plan_trial
from philtrum.nof1.randomisation import Periods, contrast_arms, draw_orders, expose
from philtrum.nof1.schedule import render_schedule
from philtrum.nof1.trials import LEAST_PAIRS, TrialError, analyse_trial, arm_means, read_trial

DRAWN = [True, False, False, True, True, False, True, False, True, False]


def periods(n_pairs=6, period_days=3):
    arms = np.tile(np.repeat([False, True], period_days), n_pairs)
    return Periods(np.repeat(np.arange(n_pairs), 2 * period_days), arms)


def test_the_orders_of_a_trial_are_all_there_once_the_real_one_first():
    orders = draw_orders(6)
    assert orders.shape == (64, 6)
    assert len(np.unique(orders, axis=0)) == 64
    assert not orders[0].any()


def test_turning_a_pair_round_swaps_its_two_periods_and_no_other():
    real = periods()
    turned = np.zeros((1, 6), dtype=bool)
    turned[0, 2] = True
    exposure = expose(real, turned, 0.0)[:, 0]
    in_pair = real.pair == 2
    np.testing.assert_array_equal(exposure[in_pair], ~real.has_remedy[in_pair])
    np.testing.assert_array_equal(exposure[~in_pair], real.has_remedy[~in_pair])


def test_what_is_left_of_the_remedy_fades_day_by_day():
    exposure = expose(Periods(np.zeros(8, dtype=int), np.arange(8) < 4), np.zeros((1, 1), dtype=bool), 0.5)
    np.testing.assert_allclose(exposure[:, 0], [1, 1, 1, 1, 0.5, 0.25, 0.125, 0.0625])


def test_the_coin_test_is_exact_whatever_the_course():
    """Every order in turn taken for the real one: at most 5 % of them may be below 0.05, on wild counts too."""
    rng = np.random.default_rng(0)
    counts = rng.poisson(np.exp(np.linspace(3, 0, 24) + rng.standard_normal(24))).astype(float)
    counts[5] = np.nan
    nuisance = make_nuisance(np.zeros(24))
    base = periods(n_pairs=6, period_days=2)
    p_values = [
        contrast_arms(counts, nuisance, Periods(base.pair, base.has_remedy ^ order[base.pair])).p_coin
        for order in draw_orders(6)
    ]
    for level in (0.05, 0.1, 0.25):
        assert np.mean(np.array(p_values) <= level) <= level


def test_a_remedy_that_halves_the_twitching_is_found():
    result = analyse_trial(trial(1, ratio=0.4, order=DRAWN))
    assert result.verdict == "helps"
    assert result.ci_low < 0.4 < result.ci_high < 1
    assert result.p_value < 0.05
    assert result.p_coin < 0.05


def test_a_remedy_that_makes_it_worse_is_said_to_harm():
    assert analyse_trial(trial(2, ratio=2.5, order=DRAWN)).verdict == "harms"


def test_getting_better_anyway_is_not_taken_for_an_effect():
    verdicts = [analyse_trial(trial(seed, trend=2.0, n_pairs=8)).verdict for seed in range(20)]
    assert sum(verdict in {"helps", "harms"} for verdict in verdicts) <= 4  # at 0.05, 5 or more has a chance of 0.003


def test_before_and_after_is_never_called_an_effect():
    table = trial(3, ratio=0.2, n_pairs=6)
    before_after = replace(table, labels={"arm": tuple("A" * 30 + "B" * 30)})
    result = analyse_trial(before_after)
    assert result.verdict == "not_enough_data"
    assert result.reasons == ("not-randomised",)
    assert result.rate_ratio is None


def test_a_fixed_order_is_not_a_drawn_one():
    assert analyse_trial(trial(4, ratio=0.4, n_pairs=8, order=[True] * 8)).reasons == ("same-order",)


@pytest.mark.parametrize(
    ("options", "reason"),
    [({"n_pairs": 5}, "too-few-pairs"), ({"missing": 0.7}, "too-many-blanks")],
)
def test_too_little_is_said_to_be_too_little(options, reason):
    order = DRAWN[: options.get("n_pairs", 10)]
    result = analyse_trial(trial(5, ratio=0.4, **{"order": order, **options}))
    assert (result.verdict, result.p_value) == ("not_enough_data", None)
    assert reason in result.reasons


def test_hardly_any_twitching_is_said_to_be_too_little():
    table = trial(6, order=DRAWN)
    rare = {**table.columns, "episodes": (np.arange(table.n_days) % 10 == 0).astype(float)}
    assert "too-few-episodes" in analyse_trial(replace(table, columns=rare)).reasons


def test_an_unfinished_pair_is_left_out_with_a_word():
    table = trial(7, ratio=0.4, order=DRAWN).rows(0, 95)
    result = analyse_trial(table)
    assert result.trial.n_pairs == 9
    assert "pair-incomplete" in result.reasons


def test_a_trial_that_still_runs_is_not_judged():
    table = trial(7, ratio=0.4, order=DRAWN)
    episodes = table.columns["episodes"].copy()
    episodes[85:] = np.nan
    result = analyse_trial(replace(table, columns={**table.columns, "episodes": episodes}))
    assert (result.verdict, result.reasons) == ("not_enough_data", ("not-finished",))


def test_days_of_washout_are_not_counted():
    table = trial(8, order=DRAWN)
    washout = (np.arange(table.n_days) % 5 == 0).astype(float)
    counted = read_trial(replace(table, columns={**table.columns, "washout": washout})).counts
    assert np.isnan(counted[washout == 1]).all()


def test_the_means_of_each_pair_are_those_of_its_days():
    table = trial(9, order=DRAWN, missing=0)
    without, with_remedy = arm_means(read_trial(table))
    episodes = table.columns["episodes"]
    assert with_remedy[0] == episodes[:5].mean()  # the first pair starts with the remedy
    assert without[0] == episodes[5:10].mean()


@pytest.mark.parametrize(
    ("change", "id"),
    [
        (lambda table: replace(table, labels={}), "trial-columns-missing"),
        (lambda table: replace(table, labels={"arm": tuple("X" * table.n_days)}), "trial-arm-unknown"),
    ],
)
def test_a_table_that_is_no_trial_is_an_error(change, id):
    with pytest.raises(TrialError) as caught:
        analyse_trial(change(trial(10)))
    assert caught.value.id == id


@settings(deadline=None)
@given(st.integers(6, 20), st.integers(2, 9), st.integers(0, 10_000))
def test_a_plan_holds_each_arm_once_in_every_pair_on_consecutive_days(n_pairs, period_days, seed):
    plan = plan_trial("heat", diary(0, 30).first_day, n_pairs=n_pairs, period_days=period_days, seed=seed)
    assert plan.n_days == 2 * n_pairs * period_days
    for first, second in zip(plan.periods[::2], plan.periods[1::2], strict=True):
        assert first.pair == second.pair
        assert {first.arm, second.arm} == {"A", "B"}
    for earlier, later in zip(plan.periods, plan.periods[1:], strict=False):
        assert (later.first_day - earlier.last_day).days == 1


def test_a_seed_draws_the_same_order_again_and_without_one_orders_differ():
    day = diary(0, 30).first_day
    assert plan_trial("heat", day, seed=3) == plan_trial("heat", day, seed=3)
    assert len({plan_trial("heat", day, n_pairs=20).periods for _ in range(5)}) == 5


@pytest.mark.parametrize(
    ("options", "id"),
    [
        ({"n_pairs": 5}, "trial-too-few-pairs"),
        ({"n_pairs": 41}, "trial-too-long"),
        ({"n_pairs": 20, "period_days": 14}, "trial-too-long"),
        ({"period_days": 1}, "trial-period-length"),
        ({"washout_days": 5}, "trial-washout"),
    ],
)
def test_a_plan_that_cannot_work_is_refused(options, id):
    with pytest.raises(TrialError) as caught:
        plan_trial("heat", diary(0, 30).first_day, **options)
    assert caught.value.id == id


def test_the_written_schedule_is_what_the_analysis_reads(tmp_path):
    from philtrum.diary.reading import read_day_table

    plan = plan_trial("heat", diary(0, 30).first_day, n_pairs=LEAST_PAIRS, seed=1, washout_days=1)
    path = tmp_path / "trial.csv"
    lines = render_schedule(plan).splitlines()
    path.write_text("\n".join([lines[0], *(f"{line[:-2]},3," for line in lines[1:])]))
    table, remarks = read_day_table(path, labels=["arm"], today=plan.periods[-1].last_day)
    read = read_trial(table)
    assert remarks == ()
    np.testing.assert_array_equal(read.periods.has_remedy, periods_of(plan).has_remedy)
    np.testing.assert_array_equal(read.periods.pair, periods_of(plan).pair)
    assert np.isnan(read.counts).sum() == 2 * LEAST_PAIRS


def test_power_grows_with_pairs_effect_and_rate_and_falls_with_washout():
    def power(ratio=0.6, **options):
        return estimate_power(ratio, **{"rate_per_day": 4, "n_pairs": 10, "period_days": 5, **options})

    usual = power()
    assert 0.5 < usual < 0.9
    assert power(n_pairs=16) > usual
    assert power(ratio=0.5) > usual
    assert power(rate_per_day=1) < usual
    assert power(washout_days=2) < usual
    assert power(n_pairs=5) == 0


def test_power_is_about_the_share_of_simulated_trials_that_find_the_remedy():
    table_of = [trial(seed, ratio=0.5, n_pairs=8, missing=0) for seed in range(300, 330)]
    found = np.mean([analyse_trial(table).verdict == "helps" for table in table_of])
    noise = replace(USUAL.noise, k=0.2, s2=0.09, rho=0.6)
    promised = estimate_power(0.5, rate_per_day=4.0, n_pairs=8, period_days=5, noise=noise, share_recorded=1)
    assert abs(found - promised) < 0.25  # 30 trials: standard error 0.08


def test_the_pairs_needed_reach_the_wanted_power_and_one_fewer_do_not():
    needed = find_pairs_needed(0.5, rate_per_day=4, period_days=5)
    powers = [estimate_power(0.5, rate_per_day=4, n_pairs=n, period_days=5) for n in (needed - 1, needed)]
    assert powers[0] < 0.8 <= powers[1]
    assert find_pairs_needed(0.95, rate_per_day=1, period_days=5) is None


def test_the_background_of_a_diary_is_its_rate_and_noise():
    background = measure_background(diary(20, 200))
    assert background.rate_per_day == pytest.approx(4.2, abs=1.0)
    assert 0.05 < background.noise.k < 0.5
