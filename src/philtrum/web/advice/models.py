"""Rows of the advice app: one check-up per person, with nothing but its answers."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone


class CheckUp(models.Model):
    """The answers of a person's check-up, in the order in which they were given first."""

    owner = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    answers = models.JSONField(default=list)
    """Rows of `question` (id) and `chosen` (as `philtrum.advice.questions.answer` takes it)."""
    answered_at = models.DateTimeField(default=timezone.now)
    """When an answer was last given."""

    def __str__(self) -> str:
        return f"Check-up of {self.answered_at:%Y-%m-%d}"
