"""A long clip, searched in parts: what is found must not depend on where it was cut."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.motions import FPS, lost, moved, shifted_zone, still, twitching

from philtrum.video.measure import search_part
from philtrum.video.measurement import Exclusion
from philtrum.video.motion import joined, rows
from philtrum.video.parts import CONTEXT_S, PART_S, WHOLE_S, Found, Part, in_parts, together, within

LONG_S, PIECE_S = 100.0, 1.0


def pieces(motion):
    """Motion a second at a time, as it is measured."""
    n = round(PIECE_S * FPS)
    return [rows(motion, slice(first, first + n)) for first in range(0, len(motion.t_s), n)]


def cuts_s(motion):
    return [part.end_s for part in in_parts(pieces(motion))][:-1]


def found_in(parts):
    return together([search_part(part)[0] for part in parts])


def found(motion):
    return found_in(in_parts(pieces(motion)))


def found_uncut(motion):
    return found_in([Part(motion, 0.0, np.inf)])


@pytest.mark.parametrize("duration_s", [0.5, 30.0, WHOLE_S])
def test_a_clip_of_up_to_a_minute_is_one_part_and_searched_as_it_is(duration_s):
    motion = still(duration_s)
    (part,) = in_parts(pieces(motion))
    assert part.is_whole
    assert (part.motion.t_s == motion.t_s).all()
    assert (part.motion.bumps == motion.bumps).all()


def test_no_motion_has_no_part():
    assert list(in_parts([])) == []


@settings(deadline=None, max_examples=30)
@given(duration_s=st.floats(WHOLE_S + 1, 200), seed=st.integers(0, 99))
def test_the_parts_of_a_long_clip_hold_every_time_once_and_see_what_surrounds_them(duration_s, seed):
    motion = still(duration_s, seed=seed)
    parts = list(in_parts(pieces(motion)))
    own = [part.motion.t_s[part.own(part.motion.t_s)] for part in parts]
    assert (np.concatenate(own) == motion.t_s).all()
    for before, after in pairwise(parts):
        assert PART_S[0] - 1 / FPS < before.end_s - before.start_s < PART_S[1] + 1 / FPS
        for context_s in (before.motion.t_s[-1] - before.end_s, before.end_s - after.motion.t_s[0]):
            assert CONTEXT_S - 1.5 / FPS < context_s <= CONTEXT_S + PIECE_S
    assert PART_S[0] - 1 / FPS < motion.t_s[-1] - parts[-1].start_s <= 2 * PART_S[0]


def test_a_clip_is_cut_where_the_lip_is_quietest():
    motion = twitching(still(65), *np.arange(15.0, 24.5, 0.7), *np.arange(26.5, 50, 0.7))
    assert cuts_s(motion)[0] == pytest.approx(25.5, abs=0.6)


def test_a_clip_is_cut_where_no_face_is_seen_rather_than_where_the_lip_moves():
    motion = lost(twitching(still(65), *np.arange(15.0, 50.0, 0.7)), 22.0, 25.0)
    assert 22.5 < cuts_s(motion)[0] < 24.5


@settings(deadline=None, max_examples=2)
@given(seed=st.integers(0, 999))
def test_the_twitches_of_a_long_clip_are_those_that_are_found_without_cuts(seed):
    rng = np.random.default_rng(seed)
    apices_s = np.arange(2.0, LONG_S - 2, 3.0) + rng.uniform(-1, 1, len(np.arange(2.0, LONG_S - 2, 3.0)))
    motion = twitching(still(LONG_S, seed=seed), *apices_s)
    cut, whole = found(motion), found_uncut(motion)
    assert [twitch.apex_s for twitch in cut.twitches] == pytest.approx(apices_s, abs=0.05)
    assert [twitch.apex_s for twitch in whole.twitches] == pytest.approx(apices_s, abs=0.05)
    assert cut.observed_s == pytest.approx(whole.observed_s, abs=0.1)
    assert cut.noise_pct_iod == pytest.approx(whole.noise_pct_iod, rel=0.1)
    assert cut.detectable_pct_iod == pytest.approx(whole.detectable_pct_iod, rel=0.1)


def test_tremor_that_goes_on_across_cuts_is_one_stretch():
    t_s = np.arange(round(LONG_S * FPS)) / FPS
    course = np.sin(2 * np.pi * 5 * t_s) * ((t_s > 12) & (t_s < 88))
    (stretch,) = [one for one in found(moved(still(LONG_S), course)).stretches if one.pattern == "rhythmic"]
    assert (stretch.start_s, stretch.end_s) == (pytest.approx(12, abs=0.5), pytest.approx(88, abs=0.5))
    assert stretch.frequency_hz == pytest.approx(5, abs=0.05)


def test_time_that_is_left_out_across_a_cut_is_one_exclusion():
    t_s = np.arange(round(LONG_S * FPS)) / FPS
    talking = shifted_zone(still(LONG_S), 6 * np.sin(2 * np.pi * 2.5 * t_s) * ((t_s > 15) & (t_s < 45)), "lower_lip")
    cut = found(talking)
    (gap,) = [gap for gap in cut.excluded if gap.reason == "speech"]
    assert (gap.start_s, gap.end_s) == (pytest.approx(15, abs=0.8), pytest.approx(45, abs=0.8))
    assert cut.observed_s == pytest.approx(found_uncut(talking).observed_s, abs=0.5)


def test_a_face_that_appears_late_is_searched_from_then_on():
    motion = twitching(still(LONG_S), 50.0, 80.0)
    cut = found(lost(motion, 0.0, 40.0))
    assert [twitch.apex_s for twitch in cut.twitches] == pytest.approx([50, 80], abs=0.05)
    assert [(gap.start_s, round(gap.end_s)) for gap in cut.excluded if gap.reason == "face_lost"] == [(0.0, 40)]


def test_the_stated_limit_holds_in_nine_tenths_of_the_observed_time():
    parts = [
        Found(observed_s=s, noise_pct_iod=n, detectable_pct_iod=10 * n) for s, n in ((30, 0.02), (30, 0.03), (5, 0.9))
    ]
    whole = together(parts)
    assert (whole.noise_pct_iod, whole.detectable_pct_iod) == (0.03, 0.3)
    assert together([Found(), *parts]).noise_pct_iod == 0.03
    assert together([Found(), Found()]).detectable_pct_iod is None


def test_what_lies_outside_a_parts_own_time_is_not_its():
    part = Part(joined([still(40)]), 10.0, 20.0)
    gaps = [Exclusion(0, 9, "blur"), Exclusion(8, 12, "blur"), Exclusion(19, 25, "speech"), Exclusion(20, 21, "smile")]
    kept = within(Found(excluded=tuple(gaps)), part).excluded
    assert kept == (Exclusion(10.0, 12, "blur"), Exclusion(19, 20.0, "speech"))
