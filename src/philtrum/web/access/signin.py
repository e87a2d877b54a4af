"""Signing in by a link that works once and for a short time.

A port on this machine can be reached by every program and every page in the
browser, so being local is not enough: whoever starts philtrum gets a link
with a random token. Its use starts a session; the link is then worth nothing.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.contrib.auth import login
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from philtrum.web.access.models import SignInLink

VALID_FOR = timedelta(minutes=10)


def make_link(person: User) -> str:
    """Return the path of a new sign-in link; older ones that were never used stop working."""
    SignInLink.objects.filter(owner=person).delete()
    token = secrets.token_urlsafe(32)
    SignInLink.objects.create(token_sha256=_digest(token), owner=person)
    return reverse("sign-in", args=[token])


@require_GET
def sign_in(request: HttpRequest, token: str) -> HttpResponse:
    """Use up the link and start a session."""
    link = SignInLink.objects.filter(token_sha256=_digest(token), made_at__gt=timezone.now() - VALID_FOR).first()
    # Of two requests with the same link only one deletes the row.
    if link is None or not SignInLink.objects.filter(pk=link.pk).delete()[0]:
        return render(request, "access/signed_out.html", {"is_used_link": True}, status=403)
    login(request, link.owner, backend="django.contrib.auth.backends.ModelBackend")
    return redirect("home")


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
