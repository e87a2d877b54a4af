"""The access app."""

from __future__ import annotations

from django.apps import AppConfig


class AccessConfig(AppConfig):
    """Sign-in links and the gate."""

    name = "philtrum.web.access"
    label = "access"
    default_auto_field = "django.db.models.BigAutoField"
