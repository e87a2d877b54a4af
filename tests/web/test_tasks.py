"""Measuring in the background: each clip once, whatever happens to the server in the meantime."""

from __future__ import annotations

import os
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django_tasks_db.models import DBTaskResult
from tests.measurements import FILM, REFUSED, TWITCHING

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


@contextmanager
def removed_meanwhile(clip):
    """Remove a clip's row from another thread, a second later."""

    def remove():
        Clip.objects.filter(pk=clip.pk).delete()
        connection.connection.close()  # this thread's own; Django's `close` leaves databases in memory open

    remover = threading.Timer(1.0, remove)
    remover.start()
    yield
    remover.join()


def measure(clip):
    tasks.measure_clip.call(str(clip.id))
    tasks.film_clip.call(str(clip.id))
    return Clip.objects.filter(pk=clip.pk).first()


def files(clip):
    return sorted(path.name for path in clip.folder.iterdir())


def test_a_measured_clip_has_its_measurement_its_trace_and_its_name(add_clip, child_that):
    child_that("succeed")
    clip = measure(add_clip(**WAITING, name="my lip.mp4"))
    assert (clip.state, clip.n_attempts) == ("measured", 1)
    assert clip.measurement["clip"]["name"] == "my lip.mp4"
    assert clip.measurement["summary"]["n_twitches"] == TWITCHING.summary.n_twitches
    assert files(clip) == ["film.mp4", "trace.csv", "video"]


def test_the_video_is_deleted_after_measuring_unless_the_person_keeps_it(add_clip, child_that):
    child_that("succeed")
    assert files(measure(add_clip(**WAITING, is_kept=False))) == ["trace.csv"]


def test_a_kept_clip_gets_a_film_that_lives_in_its_folder(add_clip, child_that):
    child_that("succeed")
    clip = measure(add_clip(**WAITING))
    assert (clip.film_state, clip.film, clip.n_film_attempts) == ("made", FILM, 1)
    assert clip.film_path.read_bytes().endswith(b"lip.mp4")
    folder = clip.folder
    clip.remove()
    assert not folder.exists()


def test_of_a_clip_that_is_not_kept_no_film_is_made(add_clip, child_that):
    child_that("succeed+abort")
    clip = measure(add_clip(**WAITING, is_kept=False))
    assert (clip.state, clip.film_state, clip.film) == ("measured", "none", None)


def test_of_a_refused_clip_no_film_is_made(add_clip, child_that):
    child_that("refuse+abort")
    assert measure(add_clip(**WAITING)).film_state == "none"


@pytest.mark.parametrize(("behaviour", "id"), [("reject", "clip-not-a-video"), ("abort", "child-crashed")])
def test_a_film_that_fails_leaves_the_measurement_and_the_clip_as_they_are(add_clip, child_that, behaviour, id):
    child_that(f"succeed+{behaviour}")
    clip = measure(add_clip(**WAITING))
    assert (clip.state, clip.film_state, clip.film["id"]) == ("measured", "failed", id)
    assert clip.measurement["summary"]["n_twitches"] == TWITCHING.summary.n_twitches
    assert clip.film["what"] and clip.film["next_step"]
    assert files(clip) == ["trace.csv", "video"]


def test_the_result_stands_before_the_film_is_begun(add_clip, child_that, monkeypatch):
    child_that("succeed")
    seen = []

    def pretend(path, measurement, out, *, on_progress, is_cancelled):
        on_progress(0.25, "drawing the film")
        seen.append(Clip.objects.values_list("state", "film_state", "fraction").get())
        raise ClipError("magnify-other-clip", "No face.", "Film again.")

    monkeypatch.setattr(tasks, "magnify_in_child", pretend)
    clip = measure(add_clip(**WAITING))
    assert seen == [("measured", "making", 0.25)]
    assert (clip.film_state, clip.fraction, clip.stage) == ("failed", None, "")


def test_a_stopping_worker_leaves_the_film_for_the_next_one(add_clip, child_that, monkeypatch):
    def pretend(path, measurement, out, *, on_progress, is_cancelled):
        tasks.stopping.set()
        assert is_cancelled()
        raise MeasuringCancelled

    child_that("succeed")
    monkeypatch.setattr(tasks, "magnify_in_child", pretend)
    clip = measure(add_clip(**WAITING))
    assert (clip.state, clip.film_state, clip.n_film_attempts) == ("measured", "waiting", 0)
    tasks.take_over()
    assert DBTaskResult.objects.get().args_kwargs["args"] == [str(clip.id)]
    assert DBTaskResult.objects.get().task_path.endswith("film_clip")


@pytest.mark.django_db(transaction=True)
def test_films_wait_until_every_clip_is_measured(add_clip, child_that, monkeypatch):
    child_that("succeed")
    order = []
    for name in ("measure_in_child", "magnify_in_child"):
        real = getattr(tasks, name)
        monkeypatch.setattr(tasks, name, lambda *a, real=real, name=name, **k: order.append(name) or real(*a, **k))
    clips = [add_clip(**WAITING), add_clip(**WAITING)]
    tasks.take_over()
    call_command("db_worker", "--batch", "--no-startup-delay", "--no-reload", verbosity=0)
    assert order == ["measure_in_child"] * 2 + ["magnify_in_child"] * 2
    assert [Clip.objects.get(pk=clip.pk).film_state for clip in clips] == ["made", "made"]


def test_a_film_under_way_gives_way_to_a_clip_that_comes_in(add_clip, child_that, monkeypatch):
    def pretend(path, measurement, out, *, on_progress, is_cancelled):
        assert not is_cancelled()
        tasks.measure_clip.enqueue(str(add_clip(**WAITING).id))
        time.sleep(0.5)
        assert is_cancelled()
        raise MeasuringCancelled

    monkeypatch.setattr(tasks, "magnify_in_child", pretend)
    clip = add_clip(film_state=Clip.FilmState.WAITING)
    tasks.film_clip.call(str(clip.id))
    clip.refresh_from_db()
    assert (clip.film_state, clip.n_film_attempts) == ("waiting", 0)
    queued = [row.task_path.rpartition(".")[2] for row in DBTaskResult.objects.all()]
    assert sorted(queued) == ["film_clip", "measure_clip"]


def test_a_film_left_by_a_dead_worker_is_tried_once_more_and_then_given_up(add_clip):
    once = add_clip(film_state=Clip.FilmState.MAKING, n_film_attempts=1, fraction=0.5, stage="x")
    twice = add_clip(film_state=Clip.FilmState.MAKING, n_film_attempts=2)
    tasks.take_over()
    once.refresh_from_db()
    twice.refresh_from_db()
    assert (once.film_state, once.fraction, once.stage) == ("waiting", None, "")
    assert DBTaskResult.objects.get().args_kwargs["args"] == [str(once.id)]
    assert (twice.state, twice.film_state, twice.film["id"]) == ("measured", "failed", "filming-interrupted-twice")
    assert twice.video_path.exists()


@pytest.mark.django_db(transaction=True)
def test_a_clip_removed_while_its_film_is_made_leaves_nothing(add_clip, child_that):
    child_that("hang")
    clip = add_clip(film_state=Clip.FilmState.WAITING)
    folder, started_s = clip.folder, time.monotonic()
    with removed_meanwhile(clip):
        tasks.film_clip.call(str(clip.id))
    assert time.monotonic() - started_s < 10
    assert not folder.exists()


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
    with removed_meanwhile(clip):
        tasks.measure_clip.call(str(clip.id))
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
