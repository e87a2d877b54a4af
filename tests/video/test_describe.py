"""What one twitch was like: pulses of known form, on known sides, with known partners."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.motions import FPS, LEFT, MIDDLE, RIGHT, moved, shares_of_bumps, shares_of_zones, still, twitching

from philtrum.video.bumps import LIP_BUMPS, MIRRORED, Bump
from philtrum.video.describe import EDGE_LEVEL, PARTNER_Z, PARTNERS, Peak, describe, side_of_bump
from philtrum.video.measurement import MEAN_IOD_MM
from philtrum.video.response import PULSES_S, respond
from philtrum.video.response import pulse as skewed
from philtrum.video.zones import LIP, ZONES

AT = LIP_BUMPS.index(Bump("one", 0.45, 0.4, 0.1))
# A raised cosine has this share of its peak this part of a flank from where it starts.
EDGE_PART = np.arccos(1 - 2 * EDGE_LEVEL) / np.pi


@cache
def quiet():
    return still(10, noise=0.01)


def described(motion, apex_s, length_s=0.2, *, bump=AT, score=3.0):
    """What is said of the movement of one bump at one time, as found by the filter of one length."""
    response = respond(motion, np.ones(len(motion.t_s), bool), FPS)[PULSES_S.index(length_s)]
    index = round(apex_s * FPS)
    return describe(motion, Peak(index, response, bump, score, response.bumps[index, bump].copy()), FPS)


def course(apex_s, rise_s, fall_s):
    t_s = quiet().t_s
    return skewed((t_s - apex_s + rise_s) / (rise_s + fall_s), rise_s / (rise_s + fall_s))


@settings(deadline=None, max_examples=12)
@given(apex_s=st.floats(4.97, 5.03), rise_s=st.floats(0.07, 0.14), fall_s=st.floats(0.07, 0.25), size=st.floats(0.6, 5))
def test_onset_apex_offset_and_size_are_those_of_the_pulse(apex_s, rise_s, fall_s, size):
    twitch = described(moved(quiet(), course(apex_s, rise_s, fall_s), size=size), apex_s)
    assert twitch.apex_s == pytest.approx(apex_s, abs=0.025)
    assert twitch.onset_s == pytest.approx(apex_s - (1 - EDGE_PART) * rise_s, abs=0.025)
    assert twitch.offset_s == pytest.approx(apex_s + (1 - EDGE_PART) * fall_s, abs=0.03)
    assert twitch.amplitude_pct_iod == pytest.approx(size, rel=0.08)


def test_onset_and_offset_are_where_three_hundredths_of_the_peak_are_left():
    rise_s, fall_s = 0.12, 0.2
    twitch = described(moved(quiet(), course(5.0, rise_s, fall_s), size=4.0), 5.0)
    for time_s in (twitch.onset_s, twitch.offset_s):
        left = skewed(np.array([(time_s - 5.0 + rise_s) / (rise_s + fall_s)]), rise_s / (rise_s + fall_s))[0]
        assert left == pytest.approx(EDGE_LEVEL, abs=0.05)


def test_a_drift_under_the_twitch_changes_nothing():
    motion = twitching(quiet(), 5.0)
    plain, drifting = (described(one, 5.0) for one in (motion, moved(motion, 0.4 * (motion.t_s - 5))))
    assert drifting.amplitude_pct_iod == pytest.approx(plain.amplitude_pct_iod, rel=0.1)
    assert drifting.apex_s == pytest.approx(plain.apex_s, abs=0.01)


@settings(deadline=None, max_examples=12)
@given(direction_deg=st.floats(0, 360))
def test_the_direction_is_the_one_that_the_bump_went(direction_deg):
    twitch = described(twitching(quiet(), 5.0, direction_deg=direction_deg), 5.0)
    assert 0 <= twitch.direction_deg <= 360
    assert np.cos(np.radians(twitch.direction_deg - direction_deg)) > np.cos(np.radians(3))


def test_the_fit_may_change_what_the_search_claims_only_by_so_much():
    motion = twitching(quiet(), 5.0, length_s=0.2)
    response = respond(motion, np.ones(len(motion.t_s), bool), FPS)[PULSES_S.index(0.2)]
    for claimed, at_most in ((0.5, 1.35), (8.0, 0.8)):
        twitch = describe(motion, Peak(150, response, AT, 3.0, np.array([0.0, claimed])), FPS)
        assert twitch.amplitude_pct_iod == pytest.approx(at_most * claimed, rel=1e-3)


def test_millimetres_are_those_of_the_mean_eye_distance():
    twitch = described(twitching(quiet(), 5.0), 5.0)
    assert twitch.amplitude_mm == pytest.approx(twitch.amplitude_pct_iod / 100 * MEAN_IOD_MM, abs=0.002)


def test_the_zones_of_the_lip_are_told_along_the_direction_of_the_twitch():
    twitch = described(twitching(quiet(), 5.0, size=3.0, direction_deg=200), 5.0)
    assert set(twitch.zones) == set(LIP)
    assert twitch.zones == pytest.approx({zone: 3.0 * part for zone, part in shares_of_zones(LEFT).items()}, abs=0.1)


@settings(deadline=None, max_examples=30)
@given(score=st.floats(1, 20), more=st.floats(0.01, 5))
def test_what_stands_out_more_is_more_certain_and_never_more_than_certain(score, more):
    motion = twitching(quiet(), 5.0)
    response = _response()
    one, other = (
        describe(motion, Peak(150, response, AT, value, response.bumps[150, AT].copy()), FPS).confidence
        for value in (score, score + more)
    )
    assert 0.6 < one <= other <= 1


@cache
def _response():
    motion = twitching(quiet(), 5.0)
    return respond(motion, np.ones(len(motion.t_s), bool), FPS)[PULSES_S.index(0.2)]


def test_times_are_never_before_the_clip():
    assert described(twitching(quiet(), 0.1, length_s=0.32), 0.1).onset_s >= 0


def test_the_side_is_that_on_which_the_bump_lies():
    for number, bump in enumerate(LIP_BUMPS):
        side = side_of_bump(number)
        if bump.kind != "one":
            assert side == "both"
        elif bump.along == 0:
            assert side == "midline"
        elif abs(bump.along) > 0.4:
            assert side == ("left" if bump.along > 0 else "right")


def test_a_mirror_swaps_the_sides_of_bumps():
    swap = {"left": "right", "right": "left"}
    for number, other in enumerate(MIRRORED):
        assert side_of_bump(other) == swap.get(side_of_bump(number), side_of_bump(number))


@pytest.mark.parametrize(("x", "side"), [(LEFT, "left"), (MIDDLE, "midline"), (RIGHT, "right")])
def test_the_bump_that_shows_most_lies_on_the_side_that_moved(x, side):
    assert side_of_bump(int(shares_of_bumps(x)[:, 1].argmax())) == side


def partners(**shares):
    return described(twitching(quiet(), 5.0, zones=shares), 5.0).partners


@pytest.mark.parametrize("zone", PARTNERS)
def test_a_zone_that_moves_along_is_a_partner(zone):
    assert partners(**{zone: 0.5}) == (zone,)


def test_a_twitch_of_the_lip_alone_has_no_partners():
    assert partners() == ()


def test_a_zone_that_hardly_moves_or_that_is_not_told_from_noise_is_none():
    assert partners(lower_eyelid_left=0.1) == ()
    motion = twitching(quiet(), 5.0, zones={"lower_eyelid_left": 0.3})
    displacement = motion.displacement.copy()
    noise = np.random.default_rng(1).normal(0, 1.0, (len(motion.t_s), 2))
    displacement[:, ZONES.index("lower_eyelid_left")] += noise
    assert PARTNER_Z > 3
    assert described(replace(motion, displacement=displacement), 5.0).partners == ()


def noisy_partners(**shares):
    """As `partners`, with zones of which a movement of 0.4 % stands out, but not by far."""
    motion = twitching(quiet(), 5.0, size=1.0, zones=shares)
    noise = np.random.default_rng(3).normal(0, 0.08, motion.displacement.shape)
    return described(replace(motion, displacement=motion.displacement + noise), 5.0).partners


def test_of_two_eyelids_that_move_alike_and_little_neither_is_told():
    assert noisy_partners(lower_eyelid_left=0.4) == ("lower_eyelid_left",)
    assert noisy_partners(lower_eyelid_left=0.4, lower_eyelid_right=0.4) == ()


def test_of_two_eyelids_the_one_that_moves_much_more_is_told():
    assert noisy_partners(lower_eyelid_left=0.45, lower_eyelid_right=0.1) == ("lower_eyelid_left",)


def test_two_eyelids_that_move_very_clearly_are_both_told():
    assert set(partners(lower_eyelid_left=0.8, lower_eyelid_right=0.8)) == {"lower_eyelid_left", "lower_eyelid_right"}
