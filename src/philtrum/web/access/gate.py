"""The gate: without a session, every address but a sign-in link answers the same plain page, or as the API does."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render

_OPEN, _API = "/sign-in/", "/api/"
_SIGNED_OUT = {
    "ok": False,
    "id": "api-signed-out",
    "error": "Nobody is signed in.",
    "fix": "Open a sign-in link: philtrum web.",
    "field": "",
}


class SignedInOnly:
    """Let only signed-in people pass, whether or not the address exists."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, or say how to sign in."""
        if request.user.is_authenticated or request.path.startswith(_OPEN):
            return self.get_response(request)
        if request.path.startswith(_API):
            return JsonResponse(_SIGNED_OUT, status=403)
        return render(request, "access/signed_out.html", status=403)


def form_too_old(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say that a form was sent from another page or is too old (Django's check against forged forms)."""
    if not getattr(request, "user", None) or not request.user.is_authenticated:
        return render(request, "access/signed_out.html", status=403)
    return render(request, "access/form_too_old.html", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that there is nothing at this address (any more)."""
    return render(request, "access/not_found.html", status=404)


def broken(request: HttpRequest) -> HttpResponse:
    """Say that philtrum itself failed."""
    return render(request, "access/broken.html", status=500)
