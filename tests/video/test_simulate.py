"""Simulated clips hold exactly what their scene says."""

from dataclasses import replace
from itertools import islice

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.films import IOD_PX, SCENES, astronaut, large_face, pictures_of

from philtrum.errors import ClipError
from philtrum.video.clip import open_clip
from philtrum.video.face import FaceFinder, FaceTracker
from philtrum.video.simulate import Distractor, Scene, SimTwitch, _Sway, render, simulate_clip, simulate_on_clip

QUIET = Scene(1.0, sway_pct_iod=0.0, noise_grey=0.0, light_drift=0.0)
TWITCH = SimTwitch(0.1, 0.4, 4.0, "left", rise_fraction=0.5)


def pictures(scene, *times_s):
    return list(render(((t_s, *large_face()) for t_s in times_s), scene))


def movement(before, after):
    """Dense flow between two pictures, as an independent witness, shape (H, W, 2)."""
    grey = [cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) for picture in (before, after)]
    flow = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    flow.setFinestScale(0)
    return flow.calc(*grey, None)


@given(st.floats(-1, 3), st.floats(0.05, 0.9))
def test_a_twitch_rises_once_to_one_and_is_zero_outside(t_s, rise):
    twitch = SimTwitch(0.5, 0.4, 2.0, rise_fraction=rise)
    assert 0 <= twitch.course(t_s) <= 1
    if not twitch.onset_s < t_s < twitch.offset_s:
        assert twitch.course(t_s) == 0
    assert twitch.course(twitch.apex_s) == pytest.approx(1)
    assert twitch.onset_s < twitch.apex_s < twitch.offset_s


@pytest.mark.parametrize("kind", ["speech", "smile", "blink"])
def test_a_distractor_moves_in_its_own_time_only(kind):
    distractor = Distractor(kind, 1.0, 2.0)
    assert distractor.course(0.99) == distractor.course(3.01) == 0
    values = [distractor.course(t_s) for t_s in np.linspace(1, 3, 200)]
    assert max(values) > 0.7 and min(values) >= 0 and max(values) <= 1


def test_a_scene_of_nothing_changes_nothing():
    (picture,) = pictures(QUIET, 0.5)
    difference = np.abs(picture.astype(int) - large_face()[0])  # it was enlarged and made smaller again
    assert difference.max() < 10 and difference.mean() < 0.5


@pytest.mark.parametrize(("side", "sign"), [("left", 1), ("right", -1)])
def test_a_twitch_moves_its_half_of_the_lip_upwards_by_its_size_and_nothing_far_away(side, sign):
    scene = replace(QUIET, twitches=(replace(TWITCH, side=side),))
    flow = movement(*pictures(scene, 0.0, TWITCH.apex_s))
    expected_px = TWITCH.amplitude_pct_iod / 100 * IOD_PX
    face = large_face()[1]
    x, y = face.landmarks[[269, 391] if side == "left" else [39, 165], :2].mean(axis=0)
    around = flow[round(y) - 8 : round(y) + 9, round(x) - 8 : round(x) + 9, 1]
    assert -around.min() == pytest.approx(expected_px, rel=0.3)
    assert np.sign(x - face.landmarks[0, 0]) == sign
    eyes_y = round(face.landmarks[[33, 263], 1].mean())
    assert np.abs(flow[eyes_y - 20 : eyes_y + 10]).max() < 0.1 * expected_px


def test_partners_move_along():
    scene = replace(QUIET, twitches=(replace(TWITCH, partners=("lower_eyelid_left",)),))
    flow = movement(*pictures(scene, 0.0, TWITCH.apex_s))
    x, y = large_face()[1].landmarks[374, :2]
    expected_px = 0.6 * TWITCH.amplitude_pct_iod / 100 * IOD_PX
    assert -flow[round(y), round(x), 1] == pytest.approx(expected_px, rel=0.4)


def test_sway_has_the_stated_size():
    scene = Scene(sway_pct_iod=1.0, seed=5)
    sways = [_Sway(scene, np.random.default_rng(seed)) for seed in range(40)]
    values = np.array([[sway(t_s) for t_s in np.linspace(0, 60, 300)] for sway in sways])
    assert values.std() == pytest.approx(0.01, rel=0.05)


def test_the_same_seed_gives_the_same_pictures_and_another_one_others():
    one, same, other = (pictures(Scene(seed=seed), 0.0, 0.5) for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_the_clip_has_the_scenes_length_rate_and_face(film):
    with open_clip(film("still")) as clip:
        frames = list(islice(clip, 3))
        face = FaceTracker(FaceFinder()).update(frames[0])
        n_frames = len(frames) + sum(1 for _ in clip)
    scene = SCENES["still"]
    assert n_frames == round(scene.duration_s * scene.fps)
    assert [frame.t_s for frame in frames] == pytest.approx([0, 1 / 30, 2 / 30], abs=1e-3)
    assert face.iod_px == pytest.approx(IOD_PX, rel=0.03)


def test_the_same_scene_gives_the_same_file(tmp_path):
    scene = Scene(1.5, twitches=(TWITCH,), seed=1)
    clips = [simulate_clip(tmp_path / f"{n}.mp4", astronaut(), scene, iod_px=IOD_PX) for n in range(3)]
    assert len({clip.read_bytes() for clip in clips}) == 1


def test_a_picture_without_a_face_is_refused_and_nothing_is_written(tmp_path):
    with pytest.raises(ClipError) as caught:
        simulate_clip(tmp_path / "lip.mp4", np.zeros((99, 99, 3), np.uint8), QUIET)
    assert caught.value.id == "portrait-without-face"
    assert list(tmp_path.iterdir()) == []


def test_writing_that_fails_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setattr("philtrum.video.simulate.render", lambda source, scene: _failing())
    with pytest.raises(RuntimeError, match="disk full"):
        simulate_clip(tmp_path / "lip.mp4", astronaut(), QUIET)
    assert list(tmp_path.iterdir()) == []


def _failing():
    yield astronaut()
    raise RuntimeError("disk full")


def test_twitches_can_be_put_into_a_real_clip_whose_rate_and_length_stay(tmp_path, film):
    base = tmp_path / "base.mp4"
    simulate_clip(base, large_face()[0], replace(QUIET, duration_s=0.8))
    path = simulate_on_clip(tmp_path / "lip.mp4", base, replace(QUIET, duration_s=99, fps=5, twitches=(TWITCH,)))
    before, after = list(pictures_of(base)), list(pictures_of(path))
    assert len(after) == len(before) == 24
    difference = [np.abs(one.astype(int) - other).max() for one, other in zip(before, after, strict=True)]
    assert np.argmax(difference) == pytest.approx(TWITCH.apex_s * 30, abs=3)
