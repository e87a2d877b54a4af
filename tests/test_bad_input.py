"""What `philtrum measure` says of input that it cannot use, and that it leaves nothing behind."""

from __future__ import annotations

import json

import numpy as np
import pytest
from skimage import data
from tests.clips import write_clip, write_sound

from philtrum.cli import main
from philtrum.video.simulate import Scene, simulate_clip

FACE = Scene(duration_s=4, fps=30, sway_pct_iod=0.3)


def still(picture, n):
    return (picture for _ in range(n))


def drawing():
    """Return a face as a child draws it."""
    picture = np.full((240, 240, 3), 255, np.uint8)
    y, x = np.mgrid[:240, :240]
    for cx, cy, radius in ((120, 120, 100), (85, 95, 8), (155, 95, 8)):
        ring = np.abs(np.hypot(x - cx, y - cy) - radius) < 3
        picture[ring] = 0
    picture[170:174, 80:160] = 0
    return picture


def refused(clip, tmp_path, capsys):
    """Return exit code, all that was said, and whether a folder of results was left."""
    out = tmp_path / "out"
    code = main(["measure", str(clip), "--out", str(out)])
    said = capsys.readouterr()
    return code, said.out + said.err, out.exists() and any(out.iterdir())


@pytest.mark.parametrize(
    ("content", "id"),
    [(b"", "clip-empty"), (b"This is a letter, not a film.\n" * 50, "clip-not-a-video")],
    ids=["empty", "text"],
)
def test_a_file_that_is_no_video_is_refused_and_nothing_is_written(tmp_path, capsys, content, id):
    clip = tmp_path / "lip.mp4"
    clip.write_bytes(content)
    code, said, left = refused(clip, tmp_path, capsys)
    assert (code, left) == (2, False)
    assert f"[{id}]" in said
    assert "lip.mp4" in said
    assert str(tmp_path) not in said


def test_sound_without_a_picture_is_refused(tmp_path, capsys):
    clip = tmp_path / "voice.mp4"
    write_sound(clip)
    code, said, left = refused(clip, tmp_path, capsys)
    assert (code, left) == (2, False)
    assert "[clip-no-video-stream]" in said


def test_control_characters_of_a_file_name_do_not_reach_the_terminal(tmp_path, capsys):
    clip = tmp_path / "lip\x1b[31m\n.mp4"
    clip.write_bytes(b"nothing")
    code, said, _ = refused(clip, tmp_path, capsys)
    assert code == 2
    assert "\x1b" not in said


@pytest.mark.parametrize(
    ("picture", "fps", "id"),
    [
        (np.zeros((240, 320, 3), np.uint8), 30, "no-face"),
        (drawing(), 30, "no-face"),
        (data.astronaut()[:300, 100:400], 1, "clip-too-slow"),
    ],
    ids=["black", "a drawing", "one frame per second"],
)
def test_a_clip_without_a_measurable_face_is_a_result_with_advice(tmp_path, capsys, picture, fps, id):
    clip = tmp_path / "clip.mp4"
    write_clip(clip, still(picture, 40 if fps > 1 else 6), fps=fps)
    code = main(["measure", str(clip), "--json"])
    measurement = json.loads(capsys.readouterr().out)
    assert code == 3
    assert measurement["quality"]["verdict"] == "refused"
    assert measurement["quality"]["reasons"][0]["id"] == id
    assert measurement["quality"]["reasons"][0]["advice"]
    assert measurement["twitches"] == []


def measured(clip, capsys):
    code = main(["measure", str(clip), "--json"])
    measurement = json.loads(capsys.readouterr().out)
    return code, measurement, {reason["id"] for reason in measurement["quality"]["reasons"]}


def test_a_wrong_suffix_does_not_matter(tmp_path, capsys):
    clip = simulate_clip(tmp_path / "clip.mp4", data.astronaut(), FACE, iod_px=100)
    code, measurement, _ = measured(clip.rename(tmp_path / "clip.txt"), capsys)
    assert code == 0
    assert measurement["clip"]["name"] == "clip.txt"


def test_of_two_faces_one_is_measured_and_the_other_is_mentioned(tmp_path, capsys):
    face = data.astronaut()[:300, 100:380]
    clip = tmp_path / "two.mp4"
    write_clip(clip, still(np.concatenate([face, face], axis=1), 90), options={"crf": "16"})
    code, measurement, ids = measured(clip, capsys)
    assert measurement["quality"]["face_visible_fraction"] > 0.9
    assert code in (0, 3)
    assert code == 3 or "several-faces" in ids


def test_a_face_that_leaves_halfway_is_measured_as_long_as_it_was_there(tmp_path, capsys):
    face = data.astronaut()[:300, 60:420]
    away = np.full_like(face, 90)
    clip = tmp_path / "leaves.mp4"
    write_clip(clip, [*still(face, 120), *still(away, 90)], options={"crf": "16"})
    _, measurement, _ = measured(clip, capsys)
    lost = [span for span in measurement["excluded"] if span["reason"] == "face_lost"]
    assert measurement["quality"]["face_visible_fraction"] == pytest.approx(120 / 210, abs=0.06)
    assert lost[-1]["start_s"] == pytest.approx(4.0, abs=0.3)
    assert lost[-1]["end_s"] == pytest.approx(7.0, abs=0.1)


def test_an_upside_down_face_is_turned_and_that_is_said(tmp_path, capsys):
    upright = simulate_clip(tmp_path / "up.mp4", data.astronaut(), FACE, iod_px=110)
    turned = tmp_path / "down.mp4"
    from philtrum.video.clip import open_clip

    with open_clip(upright) as reader:
        pictures = [frame.rgb(np.eye(2, 3), frame.luma.shape[::-1])[::-1, ::-1] for frame in reader]
    write_clip(turned, pictures, options={"crf": "16"})
    code, measurement, ids = measured(turned, capsys)
    assert code == 0
    assert measurement["quality"]["face_visible_fraction"] > 0.9
    assert "picture-turned" in ids
