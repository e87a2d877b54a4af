"""Rows of the access app."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone


class SignInLink(models.Model):
    """A link that signs its owner in, once; only a digest of its token is stored."""

    token_sha256 = models.CharField(max_length=64, primary_key=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    made_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"Sign-in link of {self.made_at:%Y-%m-%d %H:%M}"
