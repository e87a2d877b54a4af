"""Measuring in the background: each clip once, whatever happens to the server in the meantime."""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django_tasks_db.models import DBTaskResult
from tests.measurements import REFUSED, TWITCHING

from philtrum.errors import ClipError
from philtrum.video import isolated
from philtrum.video.isolated import MeasuringCancelled
from philtrum.web.clips import tasks
from philtrum.web.clips.models import Clip

ROOT = Path(__file__).parents[2]
WAITING = {"measurement": None, "state": Clip.State.WAITING}


@pytest.fixture(autouse=True)
def not_stopping():
    """Let no test leave the worker's stop sign up."""
    tasks.stopping.clear()
    yield
    tasks.stopping.clear()


@pytest.fixture
def child_that(monkeypatch):
    """Return a function that makes the next children behave in a given way (see `pretend_measuring`)."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), str(ROOT / "src")]))
    return lambda behaviour: monkeypatch.setattr(
        isolated, "_CHILD", (sys.executable, "-m", "tests.video.pretend_measuring", behaviour)
    )


def measure(clip):
    tasks.measure_clip.call(str(clip.id))
    return Clip.objects.filter(pk=clip.pk).first()


def files(clip):
    return sorted(path.name for path in clip.folder.iterdir())


def test_a_measured_clip_has_its_measurement_its_trace_and_its_name(add_clip, child_that):
    child_that("succeed")
    clip = measure(add_clip(**WAITING, name="my lip.mp4"))
    assert (clip.state, clip.n_attempts) == ("measured", 1)
    assert clip.measurement["clip"]["name"] == "my lip.mp4"
    assert clip.measurement["summary"]["n_twitches"] == TWITCHING.summary.n_twitches
    assert files(clip) == ["trace.csv", "video"]


def test_the_video_is_deleted_after_measuring_unless_the_person_keeps_it(add_clip, child_that):
    child_that("succeed")
    assert files(measure(add_clip(**WAITING, is_kept=False))) == ["trace.csv"]


def test_a_refused_clip_is_a_result(add_clip, child_that):
    child_that("refuse")
    clip = measure(add_clip(**WAITING))
    assert (clip.state, clip.measurement["quality"]["verdict"]) == ("measured", REFUSED.quality.verdict)


@pytest.mark.parametrize(("behaviour", "id"), [("reject", "clip-not-a-video"), ("abort", "child-crashed")])
def test_a_clip_that_cannot_be_measured_says_why_and_leaves_no_file(add_clip, child_that, behaviour, id):
    child_that(behaviour)
    clip = measure(add_clip(**WAITING))
    assert (clip.state, clip.error["id"]) == ("failed", id)
    assert clip.error["what"] and clip.error["next_step"]
    assert files(clip) == []


def test_a_clip_is_measured_once_however_often_it_is_queued(add_clip, child_that):
    child_that("succeed")
    clip = measure(add_clip(**WAITING))
    child_that("abort")
    assert measure(clip).state == "measured"


def test_progress_reaches_the_row_while_measuring(add_clip, monkeypatch):
    seen = []

    def pretend(path, out, *, mirrored, on_progress, is_cancelled):
        on_progress(0.25, "finding the face")
        seen.append(Clip.objects.values_list("state", "fraction", "stage").get())
        raise ClipError("clip-empty", "It is empty.", "Film again.")

    monkeypatch.setattr(tasks, "measure_in_child", pretend)
    clip = measure(add_clip(**WAITING))
    assert seen == [("measuring", 0.25, "finding the face")]
    assert (clip.fraction, clip.stage) == (None, "")


@pytest.mark.django_db(transaction=True)
def test_a_clip_removed_while_it_is_measured_stops_the_child_and_leaves_nothing(add_clip, child_that):
    child_that("hang")
    clip = add_clip(**WAITING)
    folder, started_s = clip.folder, time.monotonic()

    def remove():
        Clip.objects.filter(pk=clip.pk).delete()
        connection.connection.close()  # this thread's own; Django's `close` leaves databases in memory open

    remover = threading.Timer(1.0, remove)
    remover.start()
    tasks.measure_clip.call(str(clip.id))
    remover.join()
    assert time.monotonic() - started_s < 10
    assert not folder.exists()


def test_a_stopping_worker_puts_the_clip_back_and_does_not_count_the_attempt(add_clip, monkeypatch):
    def pretend(path, out, *, mirrored, on_progress, is_cancelled):
        tasks.stopping.set()
        assert is_cancelled()
        raise MeasuringCancelled

    monkeypatch.setattr(tasks, "measure_in_child", pretend)
    clip = measure(add_clip(**WAITING))
    assert (clip.state, clip.n_attempts, clip.video_path.exists()) == ("waiting", 0, True)


def test_a_clip_left_by_a_dead_worker_is_queued_again_once(add_clip):
    clip = add_clip(measurement=None, state=Clip.State.MEASURING, n_attempts=1, stage="x", fraction=0.5)
    tasks.measure_clip.enqueue(str(clip.id))
    tasks.take_over()
    clip.refresh_from_db()
    assert (clip.state, clip.stage, clip.fraction) == ("waiting", "", None)
    assert DBTaskResult.objects.get().args_kwargs["args"] == [str(clip.id)]


def test_a_clip_that_ended_two_workers_is_given_up_with_a_reason(add_clip):
    clip = add_clip(measurement=None, state=Clip.State.MEASURING, n_attempts=2)
    tasks.take_over()
    clip.refresh_from_db()
    assert (clip.state, clip.error["id"]) == ("failed", "measuring-interrupted-twice")
    assert not clip.video_path.exists()
    assert not DBTaskResult.objects.exists()


def test_waiting_clips_keep_their_order_when_a_new_worker_takes_over(add_clip):
    first, second = add_clip(**WAITING), add_clip(**WAITING)
    tasks.measure_clip.enqueue(str(second.id))
    tasks.take_over()
    queued = [row.args_kwargs["args"][0] for row in DBTaskResult.objects.order_by("enqueued_at")]
    assert queued == [str(first.id), str(second.id)]


def test_a_new_worker_removes_files_that_belong_to_nothing(add_clip, data_folder):
    kept, forgotten = add_clip(), add_clip(is_kept=False)
    orphan = data_folder / "clips" / "orphan"
    orphan.mkdir()
    (orphan / "video").touch()
    os.utime(orphan, (0, 0))
    tasks.take_over()
    assert not orphan.exists()
    assert kept.video_path.exists()
    assert not forgotten.video_path.exists()
    assert forgotten.trace_path.exists()


@pytest.mark.django_db(transaction=True)
def test_the_worker_command_measures_what_is_queued(add_clip, child_that):
    child_that("succeed")
    clip = add_clip(**WAITING)
    tasks.take_over()
    call_command("db_worker", "--batch", "--no-startup-delay", "--no-reload", verbosity=0)
    clip.refresh_from_db()
    assert clip.state == "measured"
