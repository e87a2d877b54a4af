"""What a browser keeps for when philtrum is not running: one page with the big button, and nothing personal."""

from __future__ import annotations

import hashlib
import json
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.http import require_safe

from philtrum.web.diary.pages.home import MINUTES_AGO

_FILES = ("app.css", "diary.css", "device.js", "log.js", "icon.svg", "app.webmanifest")


@require_safe
def away(request: HttpRequest) -> HttpResponse:
    """Show the button that works without philtrum."""
    return render(
        request, "diary/away.html", {"new_id": uuid4(), "minutes_ago": MINUTES_AGO, "command": "philtrum web"}
    )


@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """Hand out the script that shows that page; it has a new name whenever a file of it has changed."""
    kept = [reverse("away"), *(static(f"philtrum/{name}") for name in _FILES)]
    context = {"kept": json.dumps(kept), "version": hashlib.sha256("".join(kept).encode()).hexdigest()[:12]}
    text = render_to_string("diary/service-worker.js", context)
    return HttpResponse(text, content_type="text/javascript; charset=utf-8")
