"""How twitches are arranged in time and space."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.motions import RIGHT
from tests.video.test_continuous import oscillating, stretches_of

from philtrum.video.continuous import Stretch
from philtrum.video.measurement import Twitch
from philtrum.video.pattern import describe_pattern, dominant_side, find_runs, without_pulls


def twitch(apex_s, side="left", partners=()):
    return Twitch(apex_s - 0.05, apex_s, apex_s + 0.1, 2.0, 1.8, 90.0, side, {}, tuple(partners), 0.99)


def runs_of(*twitches, motion=None):
    return find_runs(twitches, () if motion is None else stretches_of(motion))


def label_of(*twitches, motion=None):
    return describe_pattern(runs_of(*twitches, motion=motion), twitches).label


def at(*apices_s, **how):
    return [twitch(apex_s, **how) for apex_s in apices_s]


def test_no_twitch_is_no_pattern_and_says_so():
    pattern = describe_pattern((), ())
    assert (pattern.label, pattern.frequency_hz, pattern.regularity) == ("none", None, None)
    assert pattern.why


@pytest.mark.parametrize(
    ("apices_s", "kinds", "label"),
    [
        ((3, 7, 12), ["isolated"] * 3, "isolated"),
        ((3, 3.2), ["doublet"], "bursts"),
        ((3, 3.45), ["burst"], "bursts"),
        ((3, 3.1, 3.45), ["burst"], "bursts"),
        ((3, 3.3, 3.6, 3.9, 4.2, 4.5), ["rhythmic"], "rhythmic"),
        ((3, 3.2, 3.5, 3.6, 4.1, 4.2), ["burst"], "bursts"),
        ((3, 3.3, 3.6, 3.9), ["burst"], "bursts"),
    ],
)
def test_runs_are_named_by_number_and_spacing_of_their_twitches(apices_s, kinds, label):
    twitches = at(*apices_s)
    assert [run.pattern for run in runs_of(*twitches)] == kinds
    assert label_of(*twitches) == label


def test_a_run_reaches_from_its_first_onset_to_its_last_offset_and_counts_its_twitches():
    (run,) = runs_of(*at(3, 3.2, 3.5, side="right"))
    assert (run.start_s, run.end_s) == pytest.approx((2.95, 3.6))
    assert (run.n_twitches, run.side) == (3, "right")


@given(st.lists(st.floats(0.5, 19), min_size=1, max_size=12, unique=True).map(sorted))
def test_every_twitch_lies_in_exactly_one_run(apices_s):
    runs = find_runs(at(*apices_s), ())
    assert sum(run.n_twitches for run in runs) == len(apices_s)
    assert [run.start_s for run in runs] == sorted(run.start_s for run in runs)


@pytest.mark.parametrize("frequency_hz", [2.0, 4.0])
def test_regular_twitches_have_the_frequency_of_their_intervals(frequency_hz):
    twitches = at(*(3 + np.arange(8) / frequency_hz))
    (run,) = runs_of(*twitches)
    assert run.frequency_hz == pytest.approx(frequency_hz, abs=0.01)
    pattern = describe_pattern((run,), twitches)
    assert pattern.frequency_hz == run.frequency_hz
    assert pattern.regularity == pytest.approx(1, abs=1e-3)
    assert any(f"{frequency_hz:.1f} Hz" in reason for reason in pattern.why)


def test_a_tremor_in_which_no_beat_stands_out_gives_the_clip_its_label_and_frequency():
    runs = runs_of(motion=oscillating(5.0))
    pattern = describe_pattern(runs, ())
    assert (pattern.label, pattern.frequency_hz) == ("rhythmic", runs[0].frequency_hz)
    assert label_of(motion=oscillating(1.2)) == "undulating"


def test_the_beginning_and_the_end_of_a_pull_are_no_twitches():
    pull = Stretch(4.8, 7.2, "sustained", None, "left", (5.0, 7.0))
    assert [twitch.apex_s for twitch in without_pulls(at(1.0, 4.9, 6.0, 7.2, 9.0), [pull])] == [1.0, 6.0, 9.0]


def test_the_beats_of_a_tremor_belong_to_its_run():
    twitches = at(1.0, 6.0, 7.0, 8.4, 16.0)
    runs = runs_of(*twitches, motion=oscillating(5.0))
    assert [(run.pattern, run.n_twitches) for run in runs] == [("isolated", 1), ("rhythmic", 3), ("isolated", 1)]


@pytest.mark.parametrize("lid", ["lower_eyelid", "upper_eyelid"])
@pytest.mark.parametrize("side", ["left", "right"])
def test_an_eyelid_of_the_same_side_makes_it_a_pattern_with_the_eye(lid, side):
    twitches = at(3, 8, side=side, partners=[f"{lid}_{side}"])
    assert label_of(*twitches) == "with_eye"
    assert any("2 of 2" in reason for reason in describe_pattern(runs_of(*twitches), twitches).why)


def test_eyelids_of_both_sides_or_of_the_other_one_do_not():
    assert label_of(*at(3, partners=["lower_eyelid_left", "lower_eyelid_right"])) == "isolated"
    assert label_of(*at(3, partners=["lower_eyelid_right"])) == "isolated"
    assert label_of(*at(3, side="midline", partners=["lower_eyelid_left"])) == "isolated"


def test_a_run_of_continuous_movement_is_with_the_eye_where_most_of_its_beats_are():
    beats = at(6.0, 6.5, 7.0, side="left", partners=["lower_eyelid_left"])
    assert label_of(*beats, *at(7.5, side="left"), motion=oscillating(5.0)) == "with_eye"
    assert label_of(*beats[:1], *at(7.5, 8.0, side="left"), motion=oscillating(5.0)) == "rhythmic"


def test_no_pattern_with_two_thirds_of_the_time_is_mixed():
    assert label_of(*at(2, 5), *at(8, 8.2), *at(12, 12.2)) == "mixed"


def test_regularity_needs_three_twitches_and_falls_with_jitter():
    assert describe_pattern(runs_of(*at(3, 8)), at(3, 8)).regularity is None
    even, uneven = at(3, 6, 9, 12), at(3, 4, 9, 12)
    assert describe_pattern(runs_of(*even), even).regularity == 1
    assert 0 <= describe_pattern(runs_of(*uneven), uneven).regularity < 0.7


def test_the_dominant_side_is_that_of_most_twitches_else_of_the_longest_run():
    twitches = [*at(3, 6, side="right"), *at(9)]
    assert dominant_side(twitches, ()) == "right"
    assert dominant_side((), runs_of(motion=oscillating(5.0, x=RIGHT))) == "right"
    assert dominant_side((), ()) is None
