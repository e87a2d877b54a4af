"""The advice app."""

from __future__ import annotations

from django.apps import AppConfig


class AdviceConfig(AppConfig):
    """The check-up, and pages to understand."""

    name = "philtrum.web.advice"
    label = "advice"
    default_auto_field = "django.db.models.BigAutoField"
