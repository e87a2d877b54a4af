"""Jobs in a child process: whatever the child does, the parent gets an answer and nothing is left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.measurements import FILM, REFUSED, TWITCHING, trace

from philtrum.errors import ClipError, PhiltrumError
from philtrum.video import isolated
from philtrum.video.isolated import ChildLimits, MeasuringCancelled, magnify_in_child, measure_in_child, write_whole
from philtrum.video.trace import read_trace

ROOT = Path(__file__).parents[2]


@pytest.fixture
def child_that(monkeypatch):
    """Return a function that makes the next children behave in a given way."""

    def choose(behaviour: str) -> None:
        monkeypatch.setattr(isolated, "_CHILD", (sys.executable, "-m", "tests.video.pretend_measuring", behaviour))

    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), str(ROOT / "src")]))
    return choose


def is_running(pid: int) -> bool:
    state = Path(f"/proc/{pid}/stat")
    return state.exists() and state.read_text().rpartition(")")[2].split()[0] != "Z"


def wait_until(condition, *, within_s: float = 10.0) -> bool:
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


def test_a_measurement_and_its_trace_come_back_whole(child_that, tmp_path):
    child_that("succeed")
    steps = []
    measurement = measure_in_child(
        tmp_path / "lip.mp4", tmp_path, mirrored=True, on_progress=lambda *step: steps.append(step)
    )
    assert measurement == json.loads(TWITCHING.to_json())
    assert steps == [(None, "opening"), (0.5, "mirrored=True")]
    assert read_trace(tmp_path / "trace.csv").t_s == pytest.approx(trace().t_s, abs=1e-4)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["measurement.json", "trace.csv"]


def test_a_refused_clip_is_a_measurement_without_a_trace(child_that, tmp_path):
    child_that("refuse")
    assert measure_in_child(tmp_path / "lip.mp4", tmp_path)["quality"]["verdict"] == "refused"
    assert REFUSED.quality.verdict == "refused"
    assert not (tmp_path / "trace.csv").exists()


def test_a_film_and_what_it_shows_come_back(child_that, tmp_path):
    child_that("succeed")
    steps = []
    film = magnify_in_child(
        tmp_path / "lip.mp4", TWITCHING.to_dict(), tmp_path, on_progress=lambda *step: steps.append(step)
    )
    assert film == FILM
    assert steps[0] == (None, "opening")
    assert (tmp_path / "film.mp4").read_bytes().endswith(b"of lip.mp4")


@pytest.mark.parametrize(
    ("behaviour", "limits", "id"),
    [
        ("reject", {}, "clip-not-a-video"),
        ("abort", {}, "child-crashed"),
        ("hang", {"wall_s": 1.5}, "child-timed-out"),
        ("devour", {"address_space_bytes": 1024**3}, "child-out-of-memory"),
    ],
)
def test_a_film_that_cannot_be_made_is_an_error_and_no_file(child_that, tmp_path, behaviour, limits, id):
    child_that(behaviour)
    with pytest.raises(PhiltrumError) as caught:
        magnify_in_child(tmp_path / "lip.mp4", TWITCHING.to_dict(), tmp_path, limits=ChildLimits(**limits))
    assert caught.value.id == id
    assert [path.name for path in tmp_path.iterdir()] == ["measurement.json"]


def test_filming_can_be_cancelled(child_that, tmp_path):
    child_that("hang")
    seen = []
    with pytest.raises(MeasuringCancelled):
        magnify_in_child(
            tmp_path / "lip.mp4",
            TWITCHING.to_dict(),
            tmp_path,
            on_progress=lambda _, stage: seen.append(int(stage)),
            is_cancelled=lambda: bool(seen),
        )
    assert not is_running(seen[0])


def test_an_error_crosses_with_its_kind_id_and_sentences(child_that, tmp_path):
    child_that("reject")
    with pytest.raises(ClipError) as caught:
        measure_in_child(tmp_path / "notes.mp4", tmp_path)
    assert (caught.value.id, caught.value.next_step) == ("clip-not-a-video", "Choose a video.")
    assert caught.value.what == "notes.mp4: this is text."
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("behaviour", "id"),
    [("abort", "child-crashed"), ("break_down", "child-crashed"), ("devour", "child-out-of-memory")],
)
def test_a_child_that_fails_is_an_error_of_its_own_kind(child_that, tmp_path, behaviour, id):
    child_that(behaviour)
    with pytest.raises(PhiltrumError) as caught:
        measure_in_child(tmp_path / "lip.mp4", tmp_path, limits=ChildLimits(address_space_bytes=1024**3))
    assert caught.value.id == id
    assert list(tmp_path.iterdir()) == []


def test_a_bug_in_the_child_leaves_its_traceback_as_a_note_and_not_in_the_message(child_that, tmp_path):
    child_that("break_down")
    with pytest.raises(PhiltrumError) as caught:
        measure_in_child(tmp_path / "lip.mp4", tmp_path)
    assert "a bug in measuring" in caught.value.__notes__[0]
    assert "a bug in measuring" not in str(caught.value)


def test_a_child_that_hangs_is_ended_when_its_time_is_over(child_that, tmp_path):
    child_that("hang")
    pids = []
    with pytest.raises(PhiltrumError) as caught:
        measure_in_child(
            tmp_path / "lip.mp4",
            tmp_path,
            limits=ChildLimits(wall_s=1.5),
            on_progress=lambda _, stage: pids.append(int(stage)),
        )
    assert caught.value.id == "child-timed-out"
    assert len(pids) == 1
    assert not is_running(pids[0])


def test_a_child_that_spins_is_ended_when_its_processor_time_is_used_up(child_that, tmp_path):
    child_that("spin")
    with pytest.raises(PhiltrumError) as caught:
        measure_in_child(tmp_path / "lip.mp4", tmp_path, limits=ChildLimits(wall_s=60, cpu_s=2))
    assert caught.value.id == "child-timed-out"


def test_cancelling_ends_the_child_within_a_second(child_that, tmp_path):
    child_that("hang")
    pids = []
    started = []

    def note(_fraction, stage):
        pids.append(int(stage))
        started.append(time.monotonic())

    with pytest.raises(MeasuringCancelled):
        measure_in_child(tmp_path / "lip.mp4", tmp_path, on_progress=note, is_cancelled=lambda: bool(pids))
    assert time.monotonic() - started[0] < 1
    assert not is_running(pids[0])


def test_an_error_in_the_callers_own_progress_does_not_leave_a_child_behind(child_that, tmp_path):
    child_that("hang")
    pids = []

    def fail(_fraction, stage):
        pids.append(int(stage))
        raise RuntimeError("the caller's own")

    with pytest.raises(RuntimeError, match="the caller's own"):
        measure_in_child(tmp_path / "lip.mp4", tmp_path, on_progress=fail)
    assert not is_running(pids[0])


def test_the_child_ends_when_its_parent_is_killed(child_that, tmp_path):
    child_that("hang")
    code = (
        "from pathlib import Path; from philtrum.video import isolated;"
        f"isolated._CHILD = {isolated._CHILD!r};"
        f"isolated.measure_in_child(Path('x'), Path({str(tmp_path)!r}),"
        " on_progress=lambda f, stage: print(stage, flush=True))"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent:
        child = int(parent.stdout.readline())
        assert is_running(child)
        parent.send_signal(signal.SIGKILL)
        assert wait_until(lambda: not is_running(child))


def test_the_parent_loads_no_video_library():
    code = "import sys; import philtrum.video.isolated; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert {name.partition(".")[0] for name in loaded.split()}.isdisjoint({"cv2", "av", "numpy"})


def test_a_file_appears_under_its_name_only_when_it_is_whole(tmp_path):
    target = tmp_path / "measurement.json"
    target.write_text("old")

    def half(path: Path) -> None:
        path.write_text("ne")
        assert target.read_text() == "old"
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_whole(target, half)
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]
    write_whole(target, lambda path: path.write_text("new"))
    assert target.read_text() == "new"
