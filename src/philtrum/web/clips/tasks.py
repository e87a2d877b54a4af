"""Measuring a clip in the background, and picking up what a dead server left behind.

One worker at a time works on a data folder (see `philtrum.web.worker`), so a
row in state "measuring" at the worker's start was left by one that died.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from philtrum.errors import PhiltrumError
from philtrum.video.isolated import MeasuringCancelled, measure_in_child
from philtrum.web.clips.models import Clip

MAX_ATTEMPTS = 2
_REPORT_EVERY_S = 0.4

stopping = threading.Event()
"""Set when the server is gone and the worker should end."""


@task()
def measure_clip(clip_id: str) -> None:
    """Measure one queued clip; nothing happens if it is not waiting (any more)."""
    waiting = Clip.objects.filter(pk=clip_id, state=Clip.State.WAITING)
    if stopping.is_set() or not waiting.update(state=Clip.State.MEASURING, n_attempts=F("n_attempts") + 1):
        return
    row = Clip.objects.filter(pk=clip_id)
    clip = row.get()
    try:
        _measure(clip)
    except MeasuringCancelled:
        # Back into the queue if the worker was told to stop: that was no attempt. A removed clip has no row.
        row.update(state=Clip.State.WAITING, n_attempts=F("n_attempts") - 1, stage="", fraction=None)
    except PhiltrumError as error:
        _fail(clip, error)
    except FileNotFoundError:  # the clip was removed under our hands
        if row.exists():
            raise
    if not row.exists():
        shutil.rmtree(clip.folder, ignore_errors=True)


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
    _sweep()


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
    _finish(clip, state=Clip.State.MEASURED, measurement=measurement)


def _fail(clip: Clip, error: PhiltrumError) -> None:
    _finish(
        clip,
        state=Clip.State.FAILED,
        error={"id": error.id, "what": error.what, "next_step": error.next_step},
    )


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
    """Say whether to stop: the worker must end, or the clip was removed. Looks into the table at times only."""

    def __init__(self, clip: Clip) -> None:
        self._row = Clip.objects.filter(pk=clip.pk)
        self._next = 0.0

    def __call__(self) -> bool:
        if stopping.is_set():
            return True
        if time.monotonic() < self._next:
            return False
        self._next = time.monotonic() + _REPORT_EVERY_S
        return not self._row.exists()
