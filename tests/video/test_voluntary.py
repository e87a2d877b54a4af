"""What is not a twitch, and when no twitch could be told."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.motions import FPS, lost, pulse, shifted_zone, still, twitching

from philtrum.video.measurement import Exclusion
from philtrum.video.voluntary import MARGIN_S, assessable, find_exclusions, texture_change
from philtrum.video.zones import ZONES

FROM_S, TO_S = 6.0, 8.0
CORNERS = ("mouth_corner_left", "mouth_corner_right")


def during(motion):
    return (motion.t_s >= FROM_S) & (motion.t_s < TO_S)


def with_values(name, value):
    """A resting face with one column set for two seconds."""
    motion = still()
    column = getattr(motion, name).copy()
    column[during(motion)] = value
    return replace(motion, **{name: column})


def speaking():
    motion = still()
    syllables = 4 * np.sin(2 * np.pi * 4 * motion.t_s) * during(motion)
    return shifted_zone(motion, syllables, "lower_lip", "chin")


def smiling():
    motion = still()
    return shifted_zone(motion, 8 * np.clip((motion.t_s - FROM_S) * during(motion), 0, 1), *CORNERS)


def chewing():
    motion = still()
    jaw = 4 * np.sin(2 * np.pi * 1.4 * motion.t_s) * (np.abs(motion.t_s - 7) < 3)
    return shifted_zone(motion, jaw, "lower_lip", "chin")


def nodding():
    motion = still()
    skull = motion.skull.copy()
    skull[:, 1] += 20 * np.sin(2 * np.pi * 2 * motion.t_s) * during(motion)
    return replace(motion, skull=skull)


def flickering():
    motion = still()
    gain = 1 - 0.15 * during(motion)
    return replace(motion, brightness=gain * motion.brightness, sharpness=gain**2 * motion.sharpness)


def far_out():
    motion = still()
    return shifted_zone(motion, 5 * np.sin(2 * np.pi * 2 * motion.t_s) * during(motion), "upper_lip_left")


MOVEMENTS = {
    "speech": speaking(),
    "smile": smiling(),
    "chewing": chewing(),
    "head_motion": nodding(),
    "exposure": flickering(),
    "face_lost": lost(still(), FROM_S, TO_S),
    "blur": with_values("sharpness", 0.2),
    "duplicate_frames": with_values("is_duplicate", True),
}


@pytest.mark.parametrize("reason", MOVEMENTS)
def test_each_kind_of_movement_is_excluded_while_it_lasts_and_for_its_own_reason(reason):
    exclusions = find_exclusions(MOVEMENTS[reason], FPS)
    assert {exclusion.reason for exclusion in exclusions} == {reason}
    assert min(exclusion.start_s for exclusion in exclusions) == pytest.approx(FROM_S, abs=3.2)
    t_s = MOVEMENTS[reason].t_s
    could_tell = assessable(t_s, exclusions)
    assert could_tell[(t_s < 2) | (t_s > 13)].all()
    if reason == "exposure":  # only the two steps
        assert not could_tell[np.abs(t_s - FROM_S) < 0.2].any() and not could_tell[np.abs(t_s - TO_S) < 0.2].any()
    else:
        assert not could_tell[(t_s > FROM_S + 0.2) & (t_s < TO_S - 0.2)].any()


@pytest.mark.parametrize(("column", "limit"), [(0, 45), (1, 40)])
@pytest.mark.parametrize("sign", [-1, 1])
def test_a_head_turned_far_is_excluded_whichever_way(column, limit, sign):
    motion = still()
    pose = motion.pose_deg.copy()
    pose[during(motion), column] = sign * limit
    (exclusion,) = find_exclusions(replace(motion, pose_deg=pose), FPS)
    assert exclusion.reason == "head_motion"
    assert exclusion.start_s == pytest.approx(FROM_S - MARGIN_S, abs=1 / FPS)
    assert exclusion.end_s == pytest.approx(TO_S + MARGIN_S, abs=1 / FPS)


def test_a_skull_that_does_not_move_as_one_is_excluded():
    assert {exclusion.reason for exclusion in find_exclusions(with_values("rest", 2.0), FPS)} == {"head_motion"}


def test_a_lip_that_travels_further_than_any_twitch_is_excluded():
    exclusions = find_exclusions(far_out(), FPS)
    assert {exclusion.reason for exclusion in exclusions} == {"smile"}


def test_one_corner_of_the_mouth_alone_is_no_smile():
    motion = still()
    assert find_exclusions(shifted_zone(motion, 5.0 * during(motion), CORNERS[0]), FPS) == []


def test_two_equal_pictures_are_no_gap():
    motion = still()
    is_duplicate = np.zeros(len(motion.t_s), bool)
    is_duplicate[::3] = is_duplicate[1::3] = True
    assert find_exclusions(replace(motion, is_duplicate=is_duplicate), FPS) == []


@pytest.mark.parametrize("seed", range(4))
def test_a_resting_face_is_judged_throughout(seed):
    assert find_exclusions(still(seed=seed), FPS) == []


def test_twitches_are_not_excluded():
    motion = twitching(still(), 4, 8, 12, size=3.0, zones={"lower_lip": 0.15, "mouth_corner_left": 0.5})
    assert find_exclusions(motion, FPS) == []


@pytest.mark.parametrize("usual", [0.98, 0.8])
def test_a_covered_lip_is_not_seen_however_like_its_reference_picture_the_clip_usually_is(usual):
    motion = still()
    likeness = motion.likeness - 0.98 + usual
    assert find_exclusions(replace(motion, likeness=likeness), FPS) == []
    (exclusion,) = find_exclusions(replace(motion, likeness=np.where(during(motion), 0.8 * likeness, likeness)), FPS)
    assert exclusion.reason == "face_lost"
    assert exclusion.start_s == pytest.approx(FROM_S - MARGIN_S, abs=1.5 / FPS)
    assert exclusion.end_s == pytest.approx(TO_S + MARGIN_S, abs=1.5 / FPS)


def test_a_likeness_that_a_large_twitch_takes_away_hides_nothing():
    motion = still()
    dipping = motion.likeness - 0.05 * pulse(motion.t_s, 7.0)
    assert find_exclusions(replace(motion, likeness=dipping), FPS) == []


def recoded(at_s, share=0.3):
    """A face whose lip has another texture from some time on, as after a key frame."""
    motion = still()
    return replace(motion, sharpness=motion.sharpness * np.where(motion.t_s >= at_s, 1 - share, 1.0))


def test_the_instant_at_which_the_texture_is_coded_anew_is_left_out():
    (exclusion,) = find_exclusions(recoded(7.0), FPS)
    assert exclusion.reason == "blur"
    assert exclusion.start_s < 7.0 < exclusion.end_s
    assert exclusion.end_s - exclusion.start_s < 0.3


def test_a_blurred_stretch_is_one_exclusion_though_its_texture_jumps_too():
    (exclusion,) = find_exclusions(with_values("sharpness", 0.1), FPS)
    assert exclusion.reason == "blur"
    assert (exclusion.start_s, exclusion.end_s) == pytest.approx((FROM_S - MARGIN_S, TO_S + MARGIN_S), abs=0.05)


def test_texture_that_changes_slowly_or_as_much_as_ever_hides_nothing():
    motion = still()
    slowly = motion.sharpness * (1 - 0.3 * np.clip((motion.t_s - 7) / 2, 0, 1))
    assert find_exclusions(replace(motion, sharpness=slowly), FPS) == []
    restless = 1 + 0.05 * np.sin(2 * np.pi * 10 * motion.t_s)
    once = np.where(motion.t_s >= 7, 0.8, 1.0)
    assert find_exclusions(replace(motion, sharpness=restless * once), FPS) == []


def test_the_texture_follows_the_light_without_a_change_of_its_own():
    motion = still()
    gain = 0.7 + 0.3 * pulse(motion.t_s, 7.0, 3.0)
    same, shaded = texture_change(motion), replace(motion, brightness=gain * motion.brightness)
    assert texture_change(replace(shaded, sharpness=gain**2 * motion.sharpness))[1:] == pytest.approx(same[1:])
    assert np.isnan(same[0])


def test_a_face_never_seen_is_lost_for_the_whole_clip():
    (exclusion,) = find_exclusions(lost(still(2), 0, 9), FPS)
    assert exclusion == Exclusion(0.0, 2.0, "face_lost")


def test_one_frame_is_not_too_short():
    assert find_exclusions(still(1 / FPS), FPS) == []


@settings(deadline=None, max_examples=20)
@given(spans=st.lists(st.tuples(st.floats(0, 10), st.floats(0.05, 4)), max_size=4))
def test_intervals_are_sorted_lie_inside_the_clip_and_those_of_one_reason_do_not_touch(spans):
    motion = still(10)
    moving, yaw = motion.displacement.copy(), motion.pose_deg.copy()
    for number, (from_s, length_s) in enumerate(spans):
        part = (motion.t_s >= from_s) & (motion.t_s < from_s + length_s)
        if number % 2:
            moving[part, ZONES.index("chin"), 1] += 9 * np.sin(2 * np.pi * 4 * motion.t_s[part])
        else:
            yaw[part, 0] = 60
    exclusions = find_exclusions(replace(motion, displacement=moving, pose_deg=yaw), FPS)
    assert exclusions == sorted(exclusions, key=lambda exclusion: exclusion.start_s)
    assert all(0 <= exclusion.start_s < exclusion.end_s <= 10.0001 for exclusion in exclusions)
    for reason in ("speech", "head_motion"):
        own = [exclusion for exclusion in exclusions if exclusion.reason == reason]
        assert all(one.end_s < other.start_s for one, other in pairwise(own))


def test_an_interval_holds_its_start_and_not_its_end():
    t_s = np.arange(6) / 10
    mask = assessable(t_s, [Exclusion(float(t_s[1]), float(t_s[3]), "blur")])
    assert mask.tolist() == [True, False, False, True, True, True]
