"""What `philtrum measure` says to clips that cannot be measured, or only in part.

Bad input: exit code 2, one line with the id, nothing printed and nothing written.
A refusal: exit code 3, and the measurement says why. What limits a clip: exit code 0 and a reason.
"""

import json
import os

import numpy as np
import pytest
from tests.clips import pattern, write_clip, write_sound
from tests.films import drawing, pictures_of

from philtrum import cli

BLACK = np.zeros((390, 410, 3), np.uint8)


@pytest.fixture
def measure(tmp_path, capsys):
    """Run the command; return exit code, measurement or None, error text, and the names of the files written."""

    def run(clip):
        out = tmp_path / "out"
        code = cli.main(["measure", str(clip), "--json", "--out", str(out)])
        printed, error = capsys.readouterr()
        names = sorted(path.name for path in out.iterdir())
        return code, json.loads(printed) if printed else None, error, names

    return run


def reason_ids(measurement):
    return [reason["id"] for reason in measurement["quality"]["reasons"]]


def not_a_video(folder):
    path = folder / "lip.mp4"
    path.write_bytes(b"Dear diary\n" * 500)
    return path


def empty(folder):
    path = folder / "lip.mp4"
    path.touch()
    return path


def truncated(folder):
    whole = write_clip(folder / "whole.mp4", pattern()).read_bytes()
    path = folder / "lip.mp4"
    path.write_bytes(whole[: len(whole) // 2])  # the index stands at the end
    return path


def eight_k(folder):
    return write_clip(folder / "lip.mp4", [np.zeros((4320, 7680, 3), np.uint8)])


def three_hours(folder):
    return write_clip(folder / "lip.mp4", pattern(), times_s=[0, 1, 2, 3, 4, 3 * 3600])


BAD = {
    "clip-not-found": lambda folder: folder / "lip.mp4",
    "clip-not-a-file": lambda folder: folder,
    "clip-not-a-video": not_a_video,
    "clip-empty": empty,
    "clip-no-video-stream": lambda folder: write_sound(folder / "lip.mp4"),
    "clip-too-many-pixels": eight_k,
    "clip-too-long": three_hours,
}


def assert_bad(result, id, folder):
    code, measurement, error, names = result
    assert code == cli.BAD_INPUT
    assert error.endswith(f"[{id}]\n") and error.count("\n") == 1
    assert str(folder) not in error
    assert (measurement, names) == (None, [])


@pytest.mark.parametrize("id", BAD)
def test_bad_input_is_named_and_nothing_is_written(measure, tmp_path, id):
    assert_bad(measure(BAD[id](tmp_path)), id, tmp_path)


def test_a_truncated_clip_is_no_video(measure, tmp_path):
    assert_bad(measure(truncated(tmp_path)), "clip-not-a-video", tmp_path)


def test_a_clip_of_zero_length_holds_no_video(measure, tmp_path):
    assert_bad(measure(write_clip(tmp_path / "lip.mp4", [])), "clip-no-video-stream", tmp_path)


@pytest.mark.parametrize("name", ["\x1b[31mlip\r\n.mp4", "lip\u202e4pm.mp4", "a" * 200 + ".mp4"])
def test_a_strange_file_name_does_no_harm(measure, tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b"no video")
    _, _, error, _ = result = measure(path)
    assert_bad(result, "clip-not-a-video", tmp_path)
    assert error[:-1].isprintable()


def test_a_way_through_other_folders_is_not_repeated_in_the_message(measure, tmp_path):
    (tmp_path / "secret").mkdir()
    not_a_video(tmp_path)
    _, _, error, _ = result = measure(os.path.join(tmp_path, "secret", "..", "lip.mp4"))  # noqa: PTH118 - Path keeps it
    assert_bad(result, "clip-not-a-video", tmp_path)
    assert error.startswith("lip.mp4: ") and "secret" not in error


NO_FACE = {
    "black": lambda n: BLACK,
    "noise": lambda n: np.random.default_rng(n).integers(0, 256, (160, 160, 3), np.uint8),
    "drawing": lambda n: drawing(),
    "pattern": lambda n: pattern(n_frames=1)[0],
}


@pytest.mark.parametrize("name", NO_FACE)
def test_a_clip_without_a_face_is_refused_with_a_measurement_that_says_so(measure, tmp_path, name):
    clip = write_clip(tmp_path / "lip.mp4", map(NO_FACE[name], range(8)))
    code, measurement, error, names = measure(clip)
    assert code == cli.REFUSED
    assert reason_ids(measurement) == ["no-face"]
    assert (measurement["twitches"], measurement["summary"]["rate_per_min"]) == ([], None)
    assert names == ["measurement.json"]
    assert "[" not in error


def test_one_frame_per_second_is_refused(measure, tmp_path):
    code, measurement, _, _ = measure(write_clip(tmp_path / "lip.mp4", pattern(), fps=1))
    assert code == cli.REFUSED
    assert reason_ids(measurement) == ["clip-too-slow"]


def test_one_frame_is_refused(measure, tmp_path, film):
    code, measurement, _, _ = measure(write_clip(tmp_path / "lip.mp4", pictures_of(film("still"), 1)))
    assert code == cli.REFUSED
    assert measurement["twitches"] == []


def test_a_second_face_is_told(measure, film):
    code, measurement, _, names = measure(film("two"))
    assert code == cli.OK
    assert reason_ids(measurement)[0] == "several-faces"
    assert measurement["quality"]["face_visible_fraction"] == 1
    assert measurement["twitches"] == []
    assert names == ["measurement.json", "trace.csv", "trace.svg"]


def test_a_face_lost_halfway_is_measured_as_long_as_it_is_there(measure, tmp_path, film):
    pictures = list(pictures_of(film("twitching"), 75))
    clip = write_clip(tmp_path / "lip.mp4", [*pictures, *[np.zeros_like(pictures[0])] * 75])
    code, measurement, _, _ = measure(clip)
    assert code == cli.OK
    assert "face-often-lost" in reason_ids(measurement)
    assert measurement["quality"]["face_visible_fraction"] == pytest.approx(0.5, abs=0.05)
    assert measurement["summary"]["observed_s"] < 2.6
    (lost,) = [span for span in measurement["excluded"] if span["reason"] == "face_lost"]
    assert lost["start_s"] == pytest.approx(2.5, abs=0.3)
    assert lost["end_s"] == pytest.approx(5.0, abs=0.05)
    assert [twitch["side"] for twitch in measurement["twitches"]] == ["left"]


def test_an_upside_down_face_is_measured_with_the_persons_own_left(measure, tmp_path, film):
    turned = (np.ascontiguousarray(picture[::-1, ::-1]) for picture in pictures_of(film("twitching"), 75))
    code, measurement, _, _ = measure(write_clip(tmp_path / "lip.mp4", turned))
    assert code == cli.OK
    assert "picture-turned" in reason_ids(measurement)
    (twitch,) = measurement["twitches"]
    assert twitch["side"] == "left"
    assert np.cos(np.radians(twitch["direction_deg"] - 90)) > 0.9


def test_a_wrong_ending_does_not_matter(measure, tmp_path, film):
    clip = tmp_path / "lip.txt"
    clip.write_bytes(write_clip(tmp_path / "lip.mp4", pictures_of(film("still"), 70)).read_bytes())
    code, measurement, _, _ = measure(clip)
    assert code == cli.OK
    assert measurement["clip"]["name"] == "lip.txt"
