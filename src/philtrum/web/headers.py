"""Response headers that keep a page to itself: no foreign script, frame, font, picture or request.

Django 6 has the content security policy built in; this module goes then.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase


class StrictHeaders:
    """Add the content security policy and its companions to every response, static files included."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.headers = {
            "Content-Security-Policy": "; ".join(f"{k} {v}" for k, v in settings.CONTENT_SECURITY_POLICY.items()),
            "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), display-capture=()",
            "Cross-Origin-Resource-Policy": "same-origin",
        }

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, with the headers."""
        response = self.get_response(request)
        for name, value in self.headers.items():
            response.headers[name] = value
        if not request.path.startswith(settings.STATIC_URL):
            # Pages hold a person's results: nothing of them stays in the browser's cache.
            response.headers.setdefault("Cache-Control", "no-store")
        return response
