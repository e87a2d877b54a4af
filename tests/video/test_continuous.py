"""Tremor, rippling and pulls are found in traces that hold them, and in no others."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.motions import FPS, LEFT, MIDDLE, RIGHT, moved, shifted_zone, still, twitching

from philtrum.video.continuous import find_continuous

SIDES = pytest.mark.parametrize(("x", "side"), [(LEFT, "left"), (RIGHT, "right"), (MIDDLE, "midline")])


def stretches_of(motion, assessable=None):
    mask = np.ones(len(motion.t_s), bool) if assessable is None else assessable
    return find_continuous(motion, mask)


def oscillating(frequency_hz, *, size=1.0, x=LEFT, from_s=5.0, to_s=12.0):
    motion = still()
    is_on = (motion.t_s >= from_s) & (motion.t_s < to_s)
    return moved(motion, is_on * np.sin(2 * np.pi * frequency_hz * motion.t_s), size=size, x=x)


def pulled(start_s=6.0, end_s=8.0, *, size=1.5, x=LEFT, ramp_s=0.2, **how):
    motion = still(**how)
    rise, fall = (np.clip((motion.t_s - t_s) / ramp_s + 0.5, 0, 1) for t_s in (start_s, end_s))
    return moved(motion, rise - fall, size=size, x=x)


@settings(deadline=None, max_examples=20)
@given(frequency_hz=st.floats(3, 8))
def test_the_frequency_of_a_tremor_is_right_to_a_few_hundredths(frequency_hz):
    (stretch,) = stretches_of(oscillating(frequency_hz))
    assert stretch.pattern == "rhythmic"
    assert stretch.frequency_hz == pytest.approx(frequency_hz, abs=0.03)
    assert (stretch.start_s, stretch.end_s) == (pytest.approx(5, abs=0.3), pytest.approx(12, abs=0.3))


@settings(deadline=None, max_examples=20)
@given(frequency_hz=st.floats(0.8, 2.0), size=st.floats(0.6, 2.0))
def test_a_slow_ripple_is_undulating_from_its_beginning_to_its_end(frequency_hz, size):
    (stretch,) = stretches_of(oscillating(frequency_hz, size=size))
    assert stretch.pattern == "undulating"
    assert stretch.frequency_hz == pytest.approx(frequency_hz, abs=0.05)
    assert (stretch.start_s, stretch.end_s) == (pytest.approx(5, abs=0.8), pytest.approx(12, abs=0.8))


@SIDES
@pytest.mark.parametrize("frequency_hz", [1.3, 5.0])
def test_the_side_is_that_of_the_larger_movement(frequency_hz, x, side):
    (stretch,) = stretches_of(oscillating(frequency_hz, x=x))
    assert stretch.side == side


@pytest.mark.parametrize("frequency_hz", [1.2, 5.0])
def test_an_oscillation_of_the_head_is_no_tremor(frequency_hz):
    motion = oscillating(frequency_hz)
    sway = np.sin(2 * np.pi * frequency_hz * motion.t_s)
    assert stretches_of(shifted_zone(motion, sway, "nose_bridge", "forehead")) == []


@pytest.mark.parametrize("seed", range(6))
def test_noise_holds_nothing(seed):
    assert stretches_of(still(seed=seed)) == []


@pytest.mark.parametrize("frequency_hz", [1.3, 5.0])
def test_an_oscillation_in_excluded_time_does_not_count(frequency_hz):
    motion = oscillating(frequency_hz)
    assert stretches_of(motion, (motion.t_s < 5.5) | (motion.t_s > 11.5)) == []


@pytest.mark.parametrize("every_s", [0.8, 1.5, 3.0])
def test_single_twitches_are_nothing_continuous(every_s):
    times_s = 3.0 + np.cumsum(np.random.default_rng(1).uniform(0.7, 1.3, 5) * every_s)
    assert stretches_of(twitching(still(), *times_s)) == []


@SIDES
@settings(deadline=None, max_examples=10)
@given(lasts_s=st.floats(0.9, 4.0), size=st.floats(1.0, 4.0), ramp_s=st.floats(0.1, 0.3))
def test_a_pull_is_found_from_beginning_to_end(x, side, lasts_s, size, ramp_s):
    (pull,) = stretches_of(pulled(6.0, 6.0 + lasts_s, size=size, x=x, ramp_s=ramp_s))
    assert (pull.pattern, pull.side, pull.frequency_hz) == ("sustained", side, None)
    assert pull.edges_s == (pytest.approx(6.0, abs=0.25), pytest.approx(6.0 + lasts_s, abs=0.25))


def test_a_lip_that_stays_where_it_went_is_no_pull():
    motion = still()
    assert stretches_of(moved(motion, np.clip(motion.t_s - 6.0, 0, 1))) == []


def test_a_pull_of_the_head_is_none_of_the_lip():
    motion = pulled()
    course = ((motion.t_s > 6) & (motion.t_s < 8)).astype(float)
    assert stretches_of(shifted_zone(motion, course, "nose_bridge", "forehead")) == []


def test_a_motion_of_one_sample_holds_nothing():
    assert stretches_of(still(1 / FPS)) == []


@pytest.mark.parametrize("lasts_s", [0.5, 0.65])
def test_what_comes_back_sooner_than_a_pull_lasts_is_none(lasts_s):
    assert [one.pattern for one in stretches_of(pulled(6.0, 6.0 + lasts_s))] == []


@pytest.mark.parametrize(("n_cycles", "is_tremor"), [(1, False), (12, True)])
def test_one_cycle_is_no_tremor_and_a_dozen_are(n_cycles, is_tremor):
    stretches = stretches_of(oscillating(5.0, from_s=6.0, to_s=6.0 + n_cycles / 5.0))
    assert [one.pattern for one in stretches] == ["rhythmic"] * is_tremor


@pytest.mark.parametrize("frequency_hz", [1.2, 5.0])
def test_what_the_controls_do_as_much_is_noise_of_the_clip(frequency_hz):
    motion = oscillating(frequency_hz)
    sway = np.sin(2 * np.pi * frequency_hz * motion.t_s)[:, np.newaxis, np.newaxis]
    assert stretches_of(replace(motion, controls=motion.controls + 0.8 * sway)) == []


def test_one_cheek_that_sways_hides_no_tremor():
    motion = oscillating(5.0)
    controls = motion.controls.copy()
    controls[:, 0, 1] += np.sin(2 * np.pi * 5 * motion.t_s)
    assert [one.pattern for one in stretches_of(replace(motion, controls=controls))] == ["rhythmic"]


def cheeks(*sides, size):
    motion = pulled(size=1.5)
    course = size * ((motion.t_s > 6) & (motion.t_s < 8))
    return shifted_zone(motion, course, *(f"cheek_{side}" for side in sides))


def test_a_spasm_may_pull_the_cheek_of_its_side_but_not_both():
    assert [one.pattern for one in stretches_of(cheeks("left", size=1.5))] == ["sustained"]
    assert stretches_of(cheeks("left", "right", size=1.5)) == []
