"""The clips app."""

from __future__ import annotations

from django.apps import AppConfig


class ClipsConfig(AppConfig):
    """Clips and their measurements."""

    name = "philtrum.web.clips"
    label = "clips"
    default_auto_field = "django.db.models.BigAutoField"
