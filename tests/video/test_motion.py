"""From frames to the displacement of every zone."""

from dataclasses import fields, replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.clips import write_clip
from tests.films import TWITCHES, frames_of, pictures_of
from tests.motions import LEFT, RIGHT, lost, pulse, still, twitching

from philtrum.video.bumps import CONTROLS, LIP_BUMPS
from philtrum.video.face import FaceFinder, FaceTracker
from philtrum.video.frame import frame_from_rgb
from philtrum.video.measure import measure_with_trace
from philtrum.video.motion import Motion, evenly_spaced, follow, joined, measure_motion, mirror, rows
from philtrum.video.simulate import Scene, SimTwitch
from philtrum.video.zones import LIP, ZONES

FPS = 30.0
# One twitch of each half, head swaying by 1 % IOD meanwhile: ten times what is asked of the lip's rest.
SCENE = Scene(3.0, twitches=(SimTwitch(0.5, 0.3, 3.0, "left"), SimTwitch(1.8, 0.3, 3.0, "right")), seed=3)


def motion_of(frames):
    return measure_motion(frames, FaceTracker(FaceFinder()), fps=FPS)


@cache
def swaying():
    return motion_of(frames_of(SCENE))


def near(motion, time_s, reach_s=0.05):
    return np.abs(motion.t_s - time_s) < reach_s


def assert_same(one: Motion, other: Motion, **tolerance):
    for field in fields(Motion):
        expected = pytest.approx(getattr(one, field.name).astype(float), nan_ok=True, **tolerance)
        assert getattr(other, field.name).astype(float) == expected, field.name


def test_there_is_one_row_per_frame_and_all_of_them_are_seen():
    motion = swaying()
    assert motion.t_s == pytest.approx(np.arange(90) / FPS)
    assert motion.displacement.shape == (90, len(ZONES), 2)
    assert motion.is_seen.all()
    assert motion.bumps.shape == (90, len(LIP_BUMPS), 2)
    assert motion.controls.shape == (90, len(CONTROLS), 2)
    assert motion.iod_px == pytest.approx(110, rel=0.05)


def test_the_swaying_head_leaves_the_lip_still():
    motion = swaying()
    at_rest = ~near(motion, 0.65, 0.25) & ~near(motion, 1.95, 0.25)
    assert np.std(motion.skull[at_rest], axis=0).max() > 0.5
    for zone in LIP:
        assert np.std(motion.zone(zone)[at_rest], axis=0).max() < 0.1, zone


@pytest.mark.parametrize(
    ("twitch", "side", "other"), [(SCENE.twitches[0], "left", "right"), (SCENE.twitches[1], "right", "left")]
)
def test_a_twitch_shows_in_its_own_half_of_the_lip_with_its_size(twitch, side, other):
    motion = swaying()
    moved = motion.zone(f"upper_lip_{side}")[near(motion, twitch.apex_s)].mean(axis=0)
    rest = np.median(motion.zone(f"upper_lip_{side}"), axis=0)
    # The zone is wider than the bump, so its mean is a good half of the peak.
    assert 0.35 < (moved - rest)[1] / twitch.amplitude_pct_iod < 1
    calm = motion.zone(f"upper_lip_{other}")[near(motion, twitch.apex_s)].mean(axis=0)
    assert np.abs(calm - np.median(motion.zone(f"upper_lip_{other}"), axis=0)).max() < 0.2
    up = motion.bumps[..., 1]
    bumps = np.abs(up[near(motion, twitch.apex_s)].mean(axis=0) - np.median(up, axis=0))
    assert 0.8 < bumps.max() / twitch.amplitude_pct_iod < 1.6  # narrower bumps than the one that moved show more
    assert np.sign(LIP_BUMPS[bumps.argmax()].along) == (1 if side == "left" else -1)


def test_most_controls_hardly_see_a_twitch_of_the_lip():
    motion = swaying()
    usual = np.median(motion.controls, axis=0)
    for twitch in SCENE.twitches:
        shown = np.hypot(*(motion.controls[near(motion, twitch.apex_s)].mean(axis=0) - usual).T)
        assert np.median(shown) < 0.1 * twitch.amplitude_pct_iod


def test_the_lip_is_like_its_reference_picture_and_less_so_while_it_twitches():
    motion = swaying()
    at_rest = ~near(motion, 0.65, 0.25) & ~near(motion, 1.95, 0.25)
    assert motion.likeness[at_rest].min() > 0.95
    assert motion.likeness.max() <= 1
    assert motion.likeness[near(motion, 0.62)].min() < motion.likeness[at_rest].min()


def test_where_the_face_is_gone_nothing_is_known_and_afterwards_it_starts_anew():
    frames = frames_of(replace(SCENE, duration_s=2.0))
    for n in range(24, 36):
        frames[n] = frame_from_rgb(np.zeros((*frames[n].luma.shape, 3), np.uint8), index=n, t_s=frames[n].t_s)
    motion = motion_of(frames)
    assert not motion.is_seen[24:36].any()
    assert motion.is_seen[:20].all() and motion.is_seen[42:].all()
    for name in {field.name for field in fields(Motion)} - {"t_s", "is_duplicate"}:
        assert (np.isnan(getattr(motion, name)).reshape(60, -1).any(axis=1) == ~motion.is_seen).all(), name
    assert np.std(motion.zone("upper_lip_right")[42:50], axis=0).max() < 0.15


def test_a_clip_without_a_face_has_times_and_nothing_else():
    frames = [frame_from_rgb(np.zeros((64, 64, 3), np.uint8), index=n, t_s=n / FPS) for n in range(6)]
    motion = motion_of(frames)
    assert len(motion.t_s) == 6
    assert not motion.is_seen.any()
    assert np.isnan(motion.bumps).all() and motion.bumps.shape == (6, len(LIP_BUMPS), 2)


def test_no_frame_is_no_motion():
    assert motion_of([]).t_s.shape == (0,)


def test_repeated_pictures_are_marked():
    frames = frames_of(replace(SCENE, duration_s=0.5, sway_pct_iod=0.0))
    frames = [replace(frames[n - n % 3], index=n, t_s=n / FPS) for n in range(15)]
    is_repeated = motion_of(frames).is_duplicate
    # Landmarks jitter by less than the crop is held still to, but not by nothing: most repeats, not all, are equal.
    assert not is_repeated[::3].any()


def test_motion_comes_a_second_at_a_time_and_joined_it_is_the_same():
    frames = frames_of(replace(SCENE, duration_s=1.5))
    pieces = list(follow(frames, FaceTracker(FaceFinder()), fps=FPS))
    assert [len(piece.t_s) for piece in pieces] == [30, 15]
    assert_same(joined(pieces), motion_of(frames))


def test_time_before_the_face_was_seen_joins_what_comes_after():
    blank = [frame_from_rgb(np.zeros((64, 64, 3), np.uint8), index=n, t_s=n / FPS) for n in range(6)]
    before, after = motion_of(blank), replace(still(1), t_s=still(1).t_s + 0.2)
    motion = joined([before, after])
    assert motion.is_seen.tolist() == [False] * 6 + [True] * 30
    assert_same(rows(motion, slice(6)), before)
    assert_same(rows(motion, slice(6, None)), after)


@pytest.mark.parametrize("rotation", [90, 180])
def test_a_recording_marked_as_turned_gives_the_same_twitches(tmp_path, film, rotation):
    pictures = list(pictures_of(film("twitching"), 105))
    plain = write_clip(tmp_path / "plain.mp4", pictures)
    turned = write_clip(
        tmp_path / "turned.mp4",
        [np.ascontiguousarray(np.rot90(picture, -rotation // 90)) for picture in pictures],
        rotation=rotation,
    )
    (expected, _), (measurement, _) = measure_with_trace(plain), measure_with_trace(turned)
    assert len(expected.twitches) == len([twitch for twitch in TWITCHES if twitch.offset_s < 3.4])
    for one, other in zip(expected.twitches, measurement.twitches, strict=True):
        assert other.apex_s == pytest.approx(one.apex_s, abs=0.01)
        assert other.amplitude_pct_iod == pytest.approx(one.amplitude_pct_iod, rel=0.15)
        assert other.side == one.side


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10_000))
def test_a_variable_rate_keeps_its_time_courses(seed):
    rng = np.random.default_rng(seed)
    t_s = np.cumsum(np.where(rng.random(200) < 0.1, 2, 1) / FPS + rng.uniform(-0.008, 0.008, 200))
    t_s -= t_s[0]
    course = np.sin(2 * np.pi * 0.8 * t_s)
    motion = replace(still(200 / FPS), t_s=t_s, brightness=course)
    even = evenly_spaced(motion)
    assert np.diff(even.t_s) == pytest.approx(np.median(np.diff(t_s)))
    assert even.t_s[-1] == pytest.approx(t_s[-1], abs=1 / FPS)
    assert even.brightness == pytest.approx(np.sin(2 * np.pi * 0.8 * np.minimum(even.t_s, t_s[-1])), abs=0.06)


def test_even_frames_stay_as_they_are():
    motion = still(2)
    assert evenly_spaced(motion) is motion


def test_a_twitch_after_a_pause_of_the_recorder_keeps_its_time():
    t_s = np.concatenate([np.arange(60), np.arange(75, 200)]) / FPS
    motion = replace(still(len(t_s) / FPS), t_s=t_s)
    even = evenly_spaced(twitching(motion, 5.0))
    lip = even.zone("upper_lip_left")[:, 1]
    assert even.t_s[np.correlate(lip, pulse(np.arange(-5, 6) / FPS, 0.0), "same").argmax()] == pytest.approx(
        5, abs=0.02
    )


def test_even_spacing_fills_in_no_face():
    rng = np.random.default_rng(1)
    motion = lost(still(5), 2.0, 3.0)
    uneven = replace(motion, t_s=motion.t_s + np.concatenate([[0], rng.uniform(-0.01, 0.01, 149)]))
    even = evenly_spaced(uneven)
    inside = (even.t_s > 2.05) & (even.t_s < 2.95)
    assert not even.is_seen[inside].any()
    assert even.is_seen[(even.t_s < 1.9) | (even.t_s > 3.1)].all()


def test_even_spacing_of_one_frame_or_none_does_nothing():
    for n in (0, 1):
        motion = still(n / FPS)
        assert evenly_spaced(motion) is motion


def test_two_mirrors_show_the_face_itself():
    motion = twitching(lost(still(3), 1, 1.5), 2.0)
    assert_same(motion, mirror(mirror(motion)))


def test_a_mirror_swaps_sides_and_keeps_what_lies_in_the_middle():
    motion = twitching(still(4), 2.0, direction_deg=60)
    turned = mirror(motion)
    assert turned.zone("upper_lip_right") == pytest.approx(motion.zone("upper_lip_left") * [-1, 1])
    assert turned.zone("lower_eyelid_left") == pytest.approx(motion.zone("lower_eyelid_right") * [-1, 1])
    assert turned.zone("philtrum") == pytest.approx(motion.zone("philtrum") * [-1, 1])
    assert turned.pose_deg == pytest.approx(motion.pose_deg * [-1, 1, -1])


def test_what_a_bump_on_the_left_shows_in_a_mirror_is_what_one_on_the_right_would():
    quiet = still(4, noise=0.0)
    left = twitching(quiet, 2.0, x=LEFT, direction_deg=60)
    right = twitching(quiet, 2.0, x=RIGHT, direction_deg=120)
    assert np.abs(left.bumps - right.bumps).max() > 1
    assert mirror(left).bumps == pytest.approx(right.bumps, abs=1e-9)
    assert mirror(left).zone("upper_lip_right") == pytest.approx(right.zone("upper_lip_right"), abs=1e-9)
