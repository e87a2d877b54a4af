"""Rows of the clips app."""

from __future__ import annotations

import shutil
import uuid
from pathlib import Path

from django.conf import settings
from django.db import models
from django.utils import timezone

from philtrum.video.isolated import FILM_FILE, TRACE_FILE


class Clip(models.Model):
    """One clip that a person chose, and all that is known from it."""

    class State(models.TextChoices):
        """Where a clip is on its way."""

        WAITING = "waiting"
        MEASURING = "measuring"
        MEASURED = "measured"
        FAILED = "failed"

    class FilmState(models.TextChoices):
        """Where the slowed and magnified film of a kept clip is on its way."""

        NONE = "none"
        WAITING = "waiting"
        MAKING = "making"
        MADE = "made"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    name = models.CharField(max_length=80)
    """As the person's device called it, cleaned; shown to its owner and used for nothing else."""
    added_at = models.DateTimeField(default=timezone.now)
    is_kept = models.BooleanField(default=False)
    """The video stays after measuring."""
    is_mirrored = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    n_attempts = models.PositiveSmallIntegerField(default=0)
    stage = models.CharField(max_length=80, blank=True)
    fraction = models.FloatField(null=True)
    error = models.JSONField(null=True)
    """Why it failed: `id`, `what`, `next_step`."""
    measurement = models.JSONField(null=True)
    """Schema `philtrum.measurement/1`."""
    review = models.JSONField(default=dict)
    """What the person says of each found twitch, by its number: true, it is one; false, it is none. Kept beside the
    measurement, which stays as it was made."""
    film_state = models.CharField(max_length=10, choices=FilmState.choices, default=FilmState.NONE)
    n_film_attempts = models.PositiveSmallIntegerField(default=0)
    film = models.JSONField(null=True)
    """What the film shows (see `video.film.Film`), or why there is none: `id`, `what`, `next_step`."""

    class Meta:
        """Newest first."""

        ordering = ("-added_at",)

    def __str__(self) -> str:
        return f"Clip {self.id}"

    @property
    def folder(self) -> Path:
        """The clip's own folder."""
        return Path(settings.PHILTRUM_DATA) / "clips" / str(self.id)

    @property
    def video_path(self) -> Path:
        """The video, while it is needed or kept."""
        return self.folder / "video"

    @property
    def trace_path(self) -> Path:
        """The trace, once measured."""
        return self.folder / TRACE_FILE

    @property
    def film_path(self) -> Path:
        """The slowed and magnified film, once made; it lives and dies with the kept clip."""
        return self.folder / FILM_FILE

    @property
    def is_finished(self) -> bool:
        """Measuring is over, one way or the other; a film may still be made."""
        return self.state in (self.State.MEASURED, self.State.FAILED)

    @property
    def is_being_filmed(self) -> bool:
        """The film is queued or being made."""
        return self.film_state in (self.FilmState.WAITING, self.FilmState.MAKING)

    @property
    def n_before(self) -> int:
        """How many clips are to be measured before this one."""
        ahead = models.Q(state=self.State.MEASURING) | models.Q(state=self.State.WAITING, added_at__lt=self.added_at)
        return Clip.objects.filter(ahead).exclude(pk=self.pk).count()

    def remove(self) -> None:
        """Remove the row and every file; measuring that is under way notices and stops."""
        folder = self.folder
        self.delete()
        shutil.rmtree(folder, ignore_errors=True)
