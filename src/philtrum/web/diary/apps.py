"""The diary app."""

from __future__ import annotations

from django.apps import AppConfig


class DiaryConfig(AppConfig):
    """Entries of the diary and their history."""

    name = "philtrum.web.diary"
    label = "diary"
    default_auto_field = "django.db.models.BigAutoField"
