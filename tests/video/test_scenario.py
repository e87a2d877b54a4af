import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skimage.io import imsave
from tests.clips import pattern, write_clip

from philtrum.errors import ClipError
from philtrum.video.scenario import draw_scene, film_scene, read_length_s, read_portrait, render_truth


@given(seed=st.integers(0, 2**32 - 1), n_twitches=st.integers(0, 12), slack_s=st.floats(0, 60))
def test_drawn_twitches_lie_inside_the_clip_and_never_overlap(seed, n_twitches, slack_s):
    duration_s = 0.6 * n_twitches + slack_s + 0.01
    twitches = draw_scene(n_twitches, duration_s=duration_s, seed=seed).twitches
    assert len(twitches) == n_twitches
    times = [0.0, *(t for twitch in twitches for t in (twitch.onset_s, twitch.offset_s)), duration_s + 1e-9]
    assert times == sorted(times)


def test_the_same_seed_draws_the_same_scene_and_another_seed_another_one():
    assert draw_scene(3, duration_s=5, seed=4) == draw_scene(3, duration_s=5, seed=4)
    assert draw_scene(3, duration_s=5, seed=4) != draw_scene(3, duration_s=5, seed=5)


def test_more_twitches_than_fit_are_refused():
    with pytest.raises(ClipError, match=r"need 6\.0 s") as caught:
        draw_scene(10, duration_s=5)
    assert caught.value.id == "scene-too-short"


def test_the_truth_tells_onset_apex_and_offset_of_every_twitch():
    scene = draw_scene(2, duration_s=5, seed=1)
    truth = json.loads(render_truth(scene))
    assert truth["schema"] == "philtrum.truth/1"
    assert [twitch["offset_s"] for twitch in truth["twitches"]] == [twitch.offset_s for twitch in scene.twitches]
    assert all(twitch["onset_s"] < twitch["apex_s"] < twitch["offset_s"] for twitch in truth["twitches"])


@pytest.mark.parametrize("suffix", ["png", "jpg"])
def test_a_picture_serves_as_portrait(tmp_path, suffix):
    path = tmp_path / f"me.{suffix}"
    picture = np.zeros((40, 60, 3), np.uint8)
    picture[:, :30] = (200, 40, 10)
    imsave(path, picture, check_contrast=False)
    assert read_portrait(path)[20, 10] == pytest.approx([200, 40, 10], abs=6)


def test_a_portrait_is_read_with_its_colours(tmp_path):
    picture = pattern(128, 96, n_frames=1)[0]
    path = write_clip(tmp_path / "face.mov", [picture], codec="mjpeg", pix_fmt="yuvj444p")
    read = read_portrait(path)
    assert read.shape == picture.shape
    assert np.abs(read.astype(int) - picture).mean() < 6


def test_the_length_of_a_clip_is_what_it_states(tmp_path):
    assert read_length_s(write_clip(tmp_path / "lip.mp4", pattern(n_frames=15), fps=30)) == pytest.approx(0.5, abs=0.05)


def test_without_any_face_to_play_it_the_error_names_the_options(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "skimage.data", None)
    with pytest.raises(ClipError, match="--portrait IMAGE or --base CLIP") as caught:
        film_scene(tmp_path / "lip.mp4", draw_scene(1, duration_s=2))
    assert caught.value.id == "portrait-missing"
    assert list(tmp_path.iterdir()) == []
