from datetime import date

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.people import MONDAY

from philtrum.nof1.design import _lag_correlation, fill_blanks, make_design, make_nuisance, weekend_days

NAN = float("nan")


def test_blanks_are_filled_by_what_is_expected_given_the_days_around():
    rng = np.random.default_rng(4)
    values = np.cumsum(rng.standard_normal(40)) * 0.3 + rng.standard_normal(40)
    is_known = rng.uniform(size=40) > 0.3
    written = np.where(is_known, values, NAN)
    filled = fill_blanks(written, np.zeros(40))
    mean = np.nanmean(written)
    rho = _lag_correlation(np.where(is_known, written - mean, 0), is_known)
    apart = rho ** np.abs(np.subtract.outer(np.arange(40), np.arange(40)))
    gap, known = ~is_known, is_known
    conditional = apart[np.ix_(gap, known)] @ np.linalg.solve(apart[np.ix_(known, known)], written[known] - mean)
    np.testing.assert_allclose(filled[gap], mean + conditional, atol=1e-9)


@settings(deadline=None)
@given(st.lists(st.one_of(st.just(NAN), st.floats(-50, 50)), min_size=12, max_size=40))
def test_filling_keeps_what_was_written_and_leaves_no_blank(values):
    written = np.array(values)
    if np.isfinite(written).sum() < 3:
        return
    filled = fill_blanks(written, weekend_days(MONDAY, len(written)))
    assert np.isfinite(filled).all()
    known = np.isfinite(written)
    np.testing.assert_array_equal(filled[known], written[known])


def test_a_blank_weekend_is_filled_with_what_weekends_are_like():
    is_weekend = weekend_days(MONDAY, 70)
    values = np.where(is_weekend == 1, 9.0, 6.0) + np.tile([0.1, -0.1], 35)
    values[40] = NAN  # a Saturday
    assert abs(fill_blanks(values, is_weekend)[40] - 9.0) < 0.2


def test_yesterday_is_the_day_before_by_the_calendar():
    values = np.arange(40.0) % 7
    design = make_design(MONDAY, {"stress": values}, {"stress": (0, 1)}, has_shapes=False)
    same, before = design.candidates.T
    np.testing.assert_array_equal(before[1:], same[:-1])
    assert before[0] == 0


def test_every_column_is_on_the_scale_of_its_own_days():
    values = np.array([10.0, NAN, 14.0, 6.0] * 10)
    design = make_design(MONDAY, {"caffeine_mg": values}, {"caffeine_mg": (0,)}, has_shapes=False)
    known = np.isfinite(values)
    assert design.states[0].scale == np.nanstd(values)
    np.testing.assert_allclose(design.candidates[known, 0].std(), 1)


def test_high_days_are_cut_between_values_that_occur():
    values = np.tile([0.0, 95.0, 190.0, 285.0, 380.0, 475.0], 10)
    design = make_design(MONDAY, {"caffeine_mg": values}, {"caffeine_mg": (0,)})
    cuts = [state.above for state in design.states if state.above is not None]
    assert len(cuts) == len(set(cuts)) > 1
    assert all(cut % 95 == 47.5 for cut in cuts)


def test_on_and_off_has_no_high_days():
    design = make_design(MONDAY, {"medication": np.tile([0.0, 1.0, 1.0], 20)}, {"medication": (0,)})
    assert [state.above for state in design.states] == [None]


def test_a_year_leaves_room_for_slow_changes_and_a_month_does_not():
    month, year = (make_nuisance(weekend_days(MONDAY, n_days)) for n_days in (30, 365))
    assert month.shape[1] == 3
    assert year.shape[1] > 6
    assert np.linalg.matrix_rank(year) == year.shape[1]


def test_weekends_are_saturday_and_sunday():
    assert weekend_days(date(2026, 1, 2), 5).tolist() == [0, 1, 1, 0, 0]
