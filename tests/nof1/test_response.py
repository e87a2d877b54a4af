from datetime import timedelta

import numpy as np
import pytest
from tests.people import MONDAY, counts, spell

from philtrum.diary.table import DayTable
from philtrum.nof1.response import ResponseError, curve_on, estimate_response

ONSET, WEARS_OFF = 5.0, 90.0
DEPTH = np.log(0.3)


def treated(seed, starts, *, depth=DEPTH, n_days=330, has_clips=False):
    """A diary with treatments on the days `starts`; with clips, a measured rate on every tenth day."""
    rng = np.random.default_rng(seed)
    shares = np.max([curve_on(np.arange(n_days) - float(start), ONSET, WEARS_OFF) for start in starts], axis=0)
    log_rate = 1.6 + spell(rng, n_days) + depth * shares
    columns = {"episodes": counts(rng, log_rate)}
    if has_clips:
        rate = np.full(n_days, np.nan)
        rate[::10] = rng.poisson(np.exp(log_rate[::10]) * 2) / 5
        columns["rate_per_min"] = rate
    return DayTable(MONDAY, columns), [MONDAY + timedelta(days=start) for start in starts]


def test_the_curve_is_half_there_at_its_onset_and_half_gone_at_its_wearing_off():
    days = np.array([-1.0, ONSET, 40.0, WEARS_OFF, 250.0])
    np.testing.assert_allclose(curve_on(days, ONSET, WEARS_OFF), [0, 0.5, 1, 0.5, 0], atol=0.03)


def test_onset_best_effect_and_wearing_off_lie_in_their_intervals():
    overall = estimate_response(*treated(1, [60])).overall
    assert overall.verdict == "less"
    assert overall.best_ratio.low < 0.3 < overall.best_ratio.high
    assert overall.onset_days.low < ONSET < overall.onset_days.high
    assert overall.wears_off_days.low < WEARS_OFF < overall.wears_off_days.high


def test_every_treatment_has_its_own_answer_in_order_of_time():
    table, days = treated(2, [40, 160, 270])
    response = estimate_response(table, days[::-1])
    assert [cycle.treated_on for cycle in response.cycles] == days
    assert response.cycles[0].verdict == "less"


def test_a_treatment_that_does_nothing_is_seldom_given_an_effect():
    verdicts = [estimate_response(*treated(seed, [60, 180], depth=0.0)).overall.verdict for seed in range(20)]
    assert sum(verdict != "unclear" for verdict in verdicts) <= 4


def test_what_was_measured_in_clips_narrows_the_interval():
    alone, both = (estimate_response(*treated(3, [60], has_clips=has_clips)) for has_clips in (False, True))
    assert both.outcomes == ("episodes", "rate_per_min")
    assert np.log(both.overall.best_ratio.high / both.overall.best_ratio.low) < np.log(
        alone.overall.best_ratio.high / alone.overall.best_ratio.low
    )


def test_wearing_off_that_is_not_seen_yet_is_not_told():
    assert estimate_response(*treated(4, [60], n_days=110)).overall.wears_off_days is None


def test_without_days_before_the_first_treatment_nothing_is_said():
    response = estimate_response(*treated(5, [3]))
    assert response.overall.verdict == "not_enough_data"
    assert len(response.days) == 0


def test_the_curve_starts_without_effect_and_its_band_holds_it():
    response = estimate_response(*treated(6, [60]))
    assert response.ratio[0] == pytest.approx(1, abs=0.1)
    assert (response.low <= response.ratio).all()
    assert (response.ratio <= response.high).all()


@pytest.mark.parametrize(
    ("days", "id"),
    [([], "response-no-treatment"), ([MONDAY - timedelta(days=1)], "response-outside-diary")],
)
def test_treatments_that_cannot_be_laid_over_the_diary_are_an_error(days, id):
    table, _ = treated(7, [60])
    with pytest.raises(ResponseError) as caught:
        estimate_response(table, days)
    assert caught.value.id == id
