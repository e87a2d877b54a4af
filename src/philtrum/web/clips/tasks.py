"""Measuring a clip in the background, filming it, and picking up what a dead server left behind.

The slowed and magnified film is made when the result already stands on its
page and no other clip waits to be measured (one that comes in stops it; it is
begun again afterwards), and only of clips that the person keeps: it shows the
face, and is removed with the clip.

One worker at a time works on a data folder (see `philtrum.web.worker`), so a
row in state "measuring" at the worker's start was left by one that died.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from philtrum.errors import PhiltrumError
from philtrum.video.isolated import FILM_FILE, MeasuringCancelled, magnify_in_child, measure_in_child
from philtrum.web.clips.models import Clip

MAX_ATTEMPTS = 2
_REPORT_EVERY_S = 0.4
_AFTER_MEASURING = -10
"""Priority of films; the queue's usual one is 0."""

stopping = threading.Event()
"""Set when the server is gone and the worker should end."""


@task()
def measure_clip(clip_id: str) -> None:
    """Measure one queued clip; nothing happens if it is not waiting (any more)."""
    waiting = Clip.objects.filter(pk=clip_id, state=Clip.State.WAITING)
    if stopping.is_set() or not waiting.update(state=Clip.State.MEASURING, n_attempts=F("n_attempts") + 1):
        return
    clip = Clip.objects.get(pk=clip_id)
    with _attempt(clip, _fail, state=Clip.State.WAITING, n_attempts=F("n_attempts") - 1):
        _measure(clip)
    _enqueue_film(clip)


@task(priority=_AFTER_MEASURING)
def film_clip(clip_id: str) -> None:
    """Make the film of one clip; nothing happens if none is waiting for it."""
    waiting = Clip.objects.filter(pk=clip_id, film_state=Clip.FilmState.WAITING)
    making = {"film_state": Clip.FilmState.MAKING, "n_film_attempts": F("n_film_attempts") + 1}
    if stopping.is_set() or not waiting.update(**making):
        return
    clip = Clip.objects.get(pk=clip_id)
    with _attempt(clip, _fail_film, film_state=Clip.FilmState.WAITING, n_film_attempts=F("n_film_attempts") - 1):
        _film(clip)
    _enqueue_film(clip)


def take_over() -> None:
    """Queue again what was left, give up on what ended two workers, and remove files that belong to nothing."""
    with transaction.atomic():
        DBTaskResult.objects.all().delete()  # tasks of an earlier worker: every unfinished clip gets a new one
        left = Clip.objects.filter(state=Clip.State.MEASURING)
        for clip in left.filter(n_attempts__gte=MAX_ATTEMPTS):
            _fail(clip, _gave_up())
        left.update(state=Clip.State.WAITING, stage="", fraction=None)
        for clip in Clip.objects.filter(state=Clip.State.WAITING).order_by("added_at"):
            measure_clip.enqueue(str(clip.id))
        _take_over_films()
    _sweep()


def _take_over_films() -> None:
    left = Clip.objects.filter(film_state=Clip.FilmState.MAKING)
    for clip in left.filter(n_film_attempts__gte=MAX_ATTEMPTS):
        _fail_film(clip, _gave_up_film())
    left.update(film_state=Clip.FilmState.WAITING, stage="", fraction=None)
    for clip in Clip.objects.filter(film_state=Clip.FilmState.WAITING).order_by("added_at"):
        film_clip.enqueue(str(clip.id))


def _enqueue_film(clip: Clip) -> None:
    """Queue the film of a clip that waits for one: it was just measured, or its film gave way to another clip."""
    if not stopping.is_set() and Clip.objects.filter(pk=clip.pk, film_state=Clip.FilmState.WAITING).exists():
        film_clip.enqueue(str(clip.pk))


@contextmanager
def _attempt(clip: Clip, fail: Callable[[Clip, PhiltrumError], None], **before: Any) -> Iterator[None]:
    """Let one piece of work on a clip end in an orderly way; `before` undoes its start."""
    row = Clip.objects.filter(pk=clip.pk)
    try:
        yield
    except MeasuringCancelled:
        # Back to where it was: the worker was told to stop, or a film gave way. That was no attempt. A removed clip has
        # no row.
        row.update(stage="", fraction=None, **before)
    except PhiltrumError as error:
        fail(clip, error)
    except FileNotFoundError:  # the clip was removed under our hands
        if row.exists():
            raise
    if not row.exists():
        shutil.rmtree(clip.folder, ignore_errors=True)


def _measure(clip: Clip) -> None:
    with tempfile.TemporaryDirectory(dir=clip.folder, ignore_cleanup_errors=True) as out:
        measurement = measure_in_child(
            clip.video_path,
            Path(out),
            mirrored=clip.is_mirrored,
            on_progress=_Reporter(clip),
            is_cancelled=_Cancelled(clip),
        )
        trace = Path(out) / clip.trace_path.name
        if trace.exists():
            trace.replace(clip.trace_path)
    measurement["clip"]["name"] = clip.name
    is_to_be_filmed = clip.is_kept and measurement["quality"]["verdict"] != "refused"
    film_state = Clip.FilmState.WAITING if is_to_be_filmed else Clip.FilmState.NONE
    _finish(clip, state=Clip.State.MEASURED, measurement=measurement, film_state=film_state)


def _film(clip: Clip) -> None:
    with tempfile.TemporaryDirectory(dir=clip.folder, ignore_cleanup_errors=True) as out:
        film = magnify_in_child(
            clip.video_path,
            clip.measurement or {},
            Path(out),
            on_progress=_Reporter(clip),
            is_cancelled=_Cancelled(clip, gives_way=True),
        )
        Path(out, FILM_FILE).replace(clip.film_path)
    _finish_film(clip, film_state=Clip.FilmState.MADE, film=film)


def _fail(clip: Clip, error: PhiltrumError) -> None:
    _finish(clip, state=Clip.State.FAILED, error=_as_row(error))


def _fail_film(clip: Clip, error: PhiltrumError) -> None:
    _finish_film(clip, film_state=Clip.FilmState.FAILED, film=_as_row(error))


def _as_row(error: PhiltrumError) -> dict[str, str]:
    return {"id": error.id, "what": error.what, "next_step": error.next_step}


def _finish_film(clip: Clip, **values: Any) -> None:
    Clip.objects.filter(pk=clip.pk).update(stage="", fraction=None, **values)


def _finish(clip: Clip, **values: Any) -> None:
    Clip.objects.filter(pk=clip.pk).update(stage="", fraction=None, **values)
    if values["state"] == Clip.State.FAILED or not clip.is_kept:
        clip.video_path.unlink(missing_ok=True)


def _gave_up() -> PhiltrumError:
    return PhiltrumError(
        "measuring-interrupted-twice",
        _("philtrum stopped twice while it measured this clip, so it was not tried again."),
        _("Choose another recording, or cut this one to half a minute."),
    )


def _gave_up_film() -> PhiltrumError:
    return PhiltrumError(
        "filming-interrupted-twice",
        _("philtrum stopped twice while it made the film of this clip, so it was not tried again."),
        _("The measurement is not affected; to get a film, measure the clip again."),
    )


def _sweep() -> None:
    """Remove folders without a row, half-received uploads, and videos whose removal was interrupted."""
    known = {str(pk) for pk in Clip.objects.values_list("pk", flat=True)}
    root = Path(settings.PHILTRUM_DATA) / "clips"
    for folder in root.iterdir():
        # An upload's folder exists a moment before its row: leave the very young alone.
        if folder.name not in known and time.time() - folder.stat().st_mtime > 60:
            shutil.rmtree(folder, ignore_errors=True)
    for clip in Clip.objects.filter(is_kept=False, state__in=(Clip.State.MEASURED, Clip.State.FAILED)):
        clip.video_path.unlink(missing_ok=True)


def _is_measuring_queued() -> bool:
    return DBTaskResult.objects.ready().filter(task_path=measure_clip.module_path).exists()


class _Reporter:
    """Write progress into the row, a few times per second at most."""

    def __init__(self, clip: Clip) -> None:
        self._row = Clip.objects.filter(pk=clip.pk)
        self._next = 0.0

    def __call__(self, fraction: float | None, stage: str) -> None:
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + _REPORT_EVERY_S
            self._row.update(fraction=fraction, stage=stage[:80])


class _Cancelled:
    """Say whether to stop: the worker must end, the clip was removed, or another one is to be measured first.

    Looks into the tables at times only.
    """

    def __init__(self, clip: Clip, *, gives_way: bool = False) -> None:
        self._row = Clip.objects.filter(pk=clip.pk)
        self._gives_way = gives_way
        self._next = 0.0

    def __call__(self) -> bool:
        if stopping.is_set():
            return True
        if time.monotonic() < self._next:
            return False
        self._next = time.monotonic() + _REPORT_EVERY_S
        return not self._row.exists() or (self._gives_way and _is_measuring_queued())
