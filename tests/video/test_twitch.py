"""Twitches of known time, size and side among noise."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.motions import (
    FPS,
    LEFT,
    MIDDLE,
    RIGHT,
    coded_in_patches,
    lost,
    moved,
    pulse,
    shares_of_bumps,
    shifted_zone,
    still,
    twitching,
)

from philtrum.video.measurement import MEAN_IOD_MM
from philtrum.video.motion import mirror, rows
from philtrum.video.twitch import FLOOR_PCT_IOD, TwitchSearch, find_twitches

APEX_TOLERANCE_S = 1 / FPS


def search(motion, assessable=None) -> TwitchSearch:
    return find_twitches(motion, np.ones(len(motion.t_s), bool) if assessable is None else assessable, FPS)


def found(motion, assessable=None):
    return search(motion, assessable).twitches


def apices(motion, assessable=None):
    return [twitch.apex_s for twitch in found(motion, assessable)]


@pytest.mark.parametrize("length_s", [0.1, 0.2, 0.4])
@pytest.mark.parametrize(("x", "side"), [(LEFT, "left"), (MIDDLE, "midline"), (RIGHT, "right")])
def test_a_twitch_is_found_with_its_time_size_and_side(length_s, x, side):
    (twitch,) = found(twitching(still(), 8.01, length_s=length_s, x=x))
    assert twitch.apex_s == pytest.approx(8.01, abs=APEX_TOLERANCE_S)
    assert twitch.onset_s == pytest.approx(8.01 - length_s / 2, abs=0.25 * length_s + 1 / FPS)
    assert twitch.offset_s == pytest.approx(8.01 + length_s / 2, abs=0.25 * length_s + 1 / FPS)
    assert twitch.onset_s < twitch.apex_s < twitch.offset_s
    assert twitch.amplitude_pct_iod == pytest.approx(2.0, rel=0.3)
    assert twitch.side == side
    assert twitch.confidence > 0.9


@pytest.mark.parametrize("direction_deg", [0, 60, 90, 180, 300])
def test_the_direction_is_the_one_the_lip_went(direction_deg):
    (twitch,) = found(twitching(still(), 8.0, direction_deg=direction_deg))
    assert np.cos(np.radians(twitch.direction_deg - direction_deg)) > np.cos(np.radians(8))


def test_millimetres_are_percents_of_the_mean_eye_distance():
    (twitch,) = found(twitching(still(), 8.0))
    assert twitch.amplitude_mm == pytest.approx(twitch.amplitude_pct_iod / 100 * MEAN_IOD_MM, abs=0.002)


def test_both_sides_at_once_are_both():
    both = moved(twitching(still(), 8.0, x=LEFT), pulse(still().t_s, 8.0), x=RIGHT)
    (twitch,) = found(both)
    assert twitch.side == "both"


def test_many_twitches_come_in_time_order():
    times_s = [2.0, 4.5, 6.0, 9.3, 12.0, 15.5, 18.0]
    assert apices(twitching(still(), *times_s)) == pytest.approx(times_s, abs=APEX_TOLERANCE_S)


@pytest.mark.parametrize("size", [0.8, 2.0])
@pytest.mark.parametrize("every_s", [1.0, 1.5])
def test_many_twitches_do_not_hide_each_other(size, every_s):
    times_s = np.arange(2.0, 18.5, every_s)
    times_s += np.random.default_rng(1).uniform(-0.1, 0.1, len(times_s))
    twitches = found(twitching(still(), *times_s, size=size))
    assert [twitch.apex_s for twitch in twitches] == pytest.approx(times_s, abs=2 * APEX_TOLERANCE_S)


@pytest.mark.parametrize("size", [1.0, 4.0])
@pytest.mark.parametrize(("apart_s", "length_s"), [(0.15, 0.1), (0.2, 0.1), (0.2, 0.16), (0.3, 0.2)])
def test_a_doublet_is_two_twitches_and_not_the_gap_between_them(size, apart_s, length_s):
    twitches = found(twitching(still(), 8.0, 8.0 + apart_s, length_s=length_s, size=size))
    assert [twitch.apex_s for twitch in twitches] == pytest.approx([8.0, 8.0 + apart_s], abs=0.05)
    for twitch in twitches:
        assert np.sin(np.radians(twitch.direction_deg)) > 0.9
        assert twitch.amplitude_pct_iod == pytest.approx(size, rel=0.35)


@pytest.mark.parametrize("size", [1.0, 4.0])
@pytest.mark.parametrize("length_s", [0.1, 0.15, 0.25, 0.35, 0.5])
def test_one_twitch_stays_one(size, length_s):
    assert len(found(twitching(still(), 8.0, length_s=length_s, size=size))) == 1


@pytest.mark.parametrize("seed", range(8))
def test_noise_alone_holds_no_twitch(seed):
    result = search(still(30, seed=seed))
    assert result.twitches == ()
    assert (result.score < 1).all()


def test_a_drift_is_no_twitch():
    motion = still()
    assert found(moved(motion, np.sin(2 * np.pi * 0.1 * motion.t_s), x=MIDDLE)) == ()


@pytest.mark.parametrize("ramp_s", [0.05, 0.1, 0.2, 0.4])
@pytest.mark.parametrize("size", [1.0, -3.0])
def test_a_step_is_no_twitch(ramp_s, size):
    motion = still()
    assert found(moved(motion, np.clip((motion.t_s - 8.0) / ramp_s, 0, 1), size=size)) == ()


def test_what_is_larger_than_any_twitch_is_not_counted():
    assert len(found(twitching(still(), 8.0, size=5.0))) == 1
    assert found(twitching(still(), 8.0, size=9.0)) == ()


def test_what_is_smaller_than_coding_can_do_is_not_counted_however_quiet_the_clip():
    assert found(twitching(still(noise=0.005), 8.0, size=0.6 * FLOOR_PCT_IOD)) == ()
    assert len(found(twitching(still(noise=0.005), 8.0, size=1.6 * FLOOR_PCT_IOD))) == 1


@pytest.mark.parametrize("split_s", [5.0, 10.0])
def test_splitting_at_a_quiet_point_changes_nothing(split_s):
    motion = twitching(still(15), 2.0, 3.5, 6.2, 8.7, 11.9, 13.1, x=RIGHT)
    at = round(split_s * FPS)
    before, after = (found(rows(motion, part)) for part in (slice(at), slice(at, None)))
    for one, other in zip(found(motion), before + after, strict=True):
        assert other.apex_s == pytest.approx(one.apex_s, abs=0.02)
        assert other.side == one.side
        assert 0.7 < other.amplitude_pct_iod / one.amplitude_pct_iod < 1.4  # another bump may fit best


def test_the_score_passes_one_at_twitches_and_nowhere_else():
    result = search(twitching(still(), 8.0))
    near = np.abs(still().t_s - 8.0) < 0.5
    assert result.score[near].max() >= 1
    assert result.score[~near].max() < 1


def test_a_twitch_of_the_size_called_detectable_is_found_nine_times_in_ten():
    smallest = search(still()).detectable_pct_iod
    assert FLOOR_PCT_IOD <= smallest < 1
    n_found = sum(len(found(twitching(still(10, seed=seed), 5.0, size=1.15 * smallest))) for seed in range(20))
    assert n_found >= 18


@pytest.mark.parametrize("how", [{"noise": 0.2}, {"noise": 0.1, "drift": 0.4}])
def test_in_a_noisy_clip_the_size_called_detectable_is_larger_and_holds(how):
    quiet, smallest = (search(still(**one)).detectable_pct_iod for one in ({}, how))
    assert smallest > 1.5 * quiet
    n_found = sum(len(found(twitching(still(10, seed=seed, **how), 5.0, size=1.15 * smallest))) for seed in range(10))
    assert n_found >= 8


def test_noise_that_drifts_holds_hardly_a_twitch():
    n_false = sum(len(found(still(30, seed=seed, noise=0.1, drift=0.3))) for seed in range(4))
    assert n_false <= 2


def test_strong_compression_raises_the_size_called_detectable():
    noisy = still(noise=0.1)
    plain, coded = (search(motion).detectable_pct_iod for motion in (noisy, coded_in_patches(noisy)))
    assert coded > 1.3 * plain


def test_noise_is_measured_where_no_twitch_is():
    quiet, restless = search(still()), search(twitching(still(), *np.arange(2, 18, 3)))
    assert restless.noise_pct_iod == pytest.approx(quiet.noise_pct_iod, rel=0.5)


@settings(deadline=None, max_examples=10)
@given(from_s=st.floats(0, 18), length_s=st.floats(0.1, 6))
@example(from_s=1.625, length_s=1.625)
def test_excluded_time_never_contains_a_twitch(from_s, length_s):
    motion = twitching(still(), 3.0, 6.0, 9.0, 12.0, 15.0, length_s=0.3)
    excluded = (motion.t_s >= from_s) & (motion.t_s < from_s + length_s)
    result = search(motion, ~excluded)
    assert (result.score[excluded] == 0).all()
    for twitch in result.twitches:
        assert not from_s <= twitch.apex_s < from_s + length_s, twitch


def test_time_without_a_face_gives_no_twitch_and_hides_none_beside_it():
    motion = lost(twitching(still(), 3.0, 8.0, 13.0), 7.0, 9.0)
    assert apices(motion, motion.is_seen) == pytest.approx([3.0, 13.0], abs=APEX_TOLERANCE_S)


def test_too_little_time_gives_nothing_and_says_that_nothing_is_known():
    motion = still()
    result = search(motion, motion.t_s < 0.9)
    assert (result.twitches, result.noise_pct_iod, result.detectable_pct_iod) == ((), None, None)
    assert result.score.shape == motion.t_s.shape


@settings(deadline=None, max_examples=5)
@given(factor=st.floats(1.0, 3.0))
def test_movement_that_is_larger_throughout_gives_the_same_twitches_in_the_same_proportion(factor):
    motion = twitching(still(), 3.0, 8.0, 13.0, size=1.8)
    larger = replace(
        motion,
        bumps=motion.bumps * factor,
        controls=motion.controls * factor,
        displacement=motion.displacement * factor,
    )
    for small, large in zip(found(motion), found(larger), strict=True):
        assert large.apex_s == pytest.approx(small.apex_s, abs=0.005)
        assert large.amplitude_pct_iod == pytest.approx(factor * small.amplitude_pct_iod, rel=0.25)


@settings(deadline=None, max_examples=10)
@given(times_s=st.lists(st.floats(1, 9), min_size=1, max_size=3), sign=st.sampled_from([LEFT, RIGHT]))
def test_a_mirrored_face_has_its_twitches_on_the_other_side(times_s, sign):
    motion = twitching(still(10), *times_s, x=sign, direction_deg=60)
    swap = {"left": "right", "right": "left", "both": "both", "midline": "midline"}
    for one, other in zip(found(motion), found(mirror(motion)), strict=True):
        assert other.side == swap[one.side]
        assert other.apex_s == pytest.approx(one.apex_s, abs=1e-3)
        assert other.amplitude_pct_iod == pytest.approx(one.amplitude_pct_iod, rel=1e-3)
        assert other.zones["upper_lip_left"] == pytest.approx(one.zones["upper_lip_right"], abs=2e-3)


@settings(deadline=None, max_examples=5)
@given(n_frames=st.integers(-60, 60))
def test_later_movement_gives_later_twitches(n_frames):
    motion = twitching(still(), 6.0, 9.0, 12.0)
    columns = {name: np.roll(getattr(motion, name), n_frames, axis=0) for name in ("bumps", "controls", "displacement")}
    later = replace(motion, **columns)
    shifted = np.add(apices(motion), n_frames / FPS)
    assert apices(later) == pytest.approx(shifted, abs=0.01)


def test_an_eyelid_of_the_same_side_is_a_partner():
    (twitch,) = found(twitching(still(), 8.0, zones={"lower_eyelid_left": 0.6, "cheek_left": 0.5}))
    assert set(twitch.partners) == {"lower_eyelid_left", "cheek_left"}


def test_a_twitch_alone_has_no_partner():
    (twitch,) = found(twitching(still(), 8.0))
    assert twitch.partners == ()


def test_a_blink_that_drags_the_lip_is_not_a_twitch():
    result = search(twitching(still(), 8.0, x=MIDDLE, zones={"upper_eyelid_left": 4, "upper_eyelid_right": 4}))
    assert result.twitches == ()
    ((start_s, end_s),) = result.blinks_s
    assert start_s < 8 < end_s


def test_a_movement_that_the_head_shares_is_not_a_twitch():
    whole_face = {zone: 0.9 for zone in ("nose_bridge", "forehead")}
    result = search(twitching(still(), 8.0, zones=whole_face))
    assert result.twitches == ()


def test_a_movement_that_the_jaw_shares_is_not_a_twitch():
    result = search(twitching(still(), 8.0, x=MIDDLE, zones={"lower_lip": 1.2, "chin": 1.2}))
    assert result.twitches == ()
    assert len(result.speech_s) == 1


def test_where_the_skull_is_restless_a_twitch_must_be_larger():
    motion = twitching(still(), 8.0, size=1.0)
    restless = replace(motion, rest=np.where(np.abs(motion.t_s - 8) < 1, 0.45, motion.rest))
    assert len(found(motion)) == 1
    calm, wild = search(motion).score.max(), search(restless).score.max()
    assert wild < 0.7 * calm


def jumps(rng, n, n_places):
    """Seldom and far, as coding with few bits moves skin."""
    return (rng.random((n, n_places, 1)) < 0.03) * rng.normal(0, 0.5, (n, n_places, 2))


def test_noise_that_reaches_far_in_the_controls_raises_the_threshold():
    n_found = {"lip only": 0, "controls too": 0}
    for seed in range(4):
        motion, rng = still(seed=seed), np.random.default_rng(seed)
        only = replace(motion, bumps=motion.bumps + jumps(rng, len(motion.t_s), 1) * shares_of_bumps(LEFT))
        everywhere = motion.controls + jumps(rng, len(motion.t_s), motion.controls.shape[1])
        n_found["lip only"] += len(found(only))
        n_found["controls too"] += len(found(replace(only, controls=everywhere)))
    assert n_found["controls too"] < 0.6 * n_found["lip only"]


def test_where_the_controls_are_restless_a_twitch_must_be_larger():
    motion = twitching(still(), 8.0, size=1.0)
    is_near = np.abs(motion.t_s - 8) < 0.5
    restless = replace(motion, controls=motion.controls * np.where(is_near, 6.0, 1.0)[:, np.newaxis, np.newaxis])
    calm, wild = search(motion).score.max(), search(restless).score.max()
    assert wild < 0.6 * calm


def test_one_cheek_that_moves_hides_no_twitch():
    motion = twitching(still(), 4.0, 8.0, 12.0)
    controls = motion.controls.copy()
    controls[:, 0] += 3 * (np.sin(2 * np.pi * 2 * motion.t_s) > 0.8)[:, np.newaxis]
    assert apices(replace(motion, controls=controls)) == pytest.approx([4, 8, 12], abs=APEX_TOLERANCE_S)


def test_noise_of_the_jaw_is_no_speech():
    motion = twitching(still(), 4.0, 8.0, 12.0, size=1.0)
    noise = np.random.default_rng(1).normal(0, 0.2, motion.displacement.shape)
    result = search(replace(motion, displacement=motion.displacement + noise))
    assert [twitch.apex_s for twitch in result.twitches] == pytest.approx([4, 8, 12], abs=APEX_TOLERANCE_S)
    assert result.speech_s == ()


def test_a_mouth_that_moves_around_it_makes_it_speech():
    motion = twitching(still(), 8.0, size=1.5)
    result = search(shifted_zone(motion, 2.5 * pulse(motion.t_s, 8.3, 0.6), "lower_lip", "chin"))
    assert result.twitches == ()
    assert len(result.speech_s) == 1
