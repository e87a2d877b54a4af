"""Pages of the clips app."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from philtrum.errors import PhiltrumError
from philtrum.report.charts import LANES, NARROW, WIDE, render_trace
from philtrum.video.trace import read_trace_for_drawing
from philtrum.web.access.ownership import all_owned, one_owned, signed_in
from philtrum.web.clips import wording
from philtrum.web.clips.models import Clip
from philtrum.web.clips.ranges import serve_ranges
from philtrum.web.clips.review import judge, reviewed
from philtrum.web.clips.uploads import take_upload
from philtrum.web.diary.redflags import urgency_of
from philtrum.web.diary.store import entries_of, link_clip
from philtrum.web.diary.zones import today


@require_safe
def film_it(request: HttpRequest) -> HttpResponse:
    """Choose or film a clip; earlier clips."""
    return _film_it(request)


@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """Take an upload and queue it."""
    try:
        clip = take_upload(request)
    except PhiltrumError as error:
        return _film_it(request, error)
    if episode := _episode_id(request.POST.get("episode", "")):
        link_clip(signed_in(request), episode, clip.id)
    return redirect("clip", clip.id)


@require_safe
def show(request: HttpRequest, clip_id: UUID) -> HttpResponse:
    """Show a clip: on its way, measured, refused or failed."""
    clip = one_owned(Clip, request, clip_id)
    if not clip.is_finished:
        return render(request, "clips/underway.html", {"clip": clip})
    if clip.state == Clip.State.FAILED:
        return render(request, "clips/failed.html", {"clip": clip})
    urgency = urgency_of(signed_in(request), today(request))
    return render(request, "clips/result.html", {**_result(clip), "urgency": urgency})


@require_safe
def progress(request: HttpRequest, clip_id: UUID) -> HttpResponse:
    """Answer with the moving part of the page that shows a clip on its way."""
    clip = one_owned(Clip, request, clip_id)
    if clip.is_finished:
        return HttpResponseClientRedirect(reverse("clip", args=[clip.id]))
    return render(request, "clips/_progress.html", {"clip": clip, "said": request.GET.get("said", "")})


@require_POST
def cancel(request: HttpRequest, clip_id: UUID) -> HttpResponse:
    """Stop measuring and remove the clip; a finished one stays."""
    clip = one_owned(Clip, request, clip_id)
    if clip.is_finished:
        return redirect("clip", clip.id)
    clip.remove()
    messages.success(request, _("Cancelled. The clip and everything from it were removed."))
    return redirect("film-it")


@require_http_methods(["GET", "POST"])
def remove(request: HttpRequest, clip_id: UUID) -> HttpResponse:
    """Ask, then remove a clip with every row and file."""
    clip = one_owned(Clip, request, clip_id)
    if request.method == "GET":
        return render(request, "clips/remove.html", {"clip": clip})
    clip.remove()
    messages.success(request, _("Removed: the clip, its measurement and its files."))
    return redirect("film-it")


@require_POST
def review(request: HttpRequest, clip_id: UUID) -> HttpResponse:
    """Note what the person says of one twitch; answer with the part of the page that counts them."""
    clip = one_owned(Clip, request, clip_id)
    number = request.POST.get("number", "")
    judge(clip, number, request.POST.get("verdict", ""))
    if request.headers.get("HX-Request"):
        return render(request, "clips/_reviewed.html", {"reviewed": reviewed(clip)})
    return redirect(f"{reverse('clip', args=[clip.id])}#twitch-{number}")


@require_safe
def video(request: HttpRequest, clip_id: UUID) -> HttpResponseBase:
    """Serve the kept video of a clip."""
    return _serve(request, one_owned(Clip, request, clip_id).video_path)


@require_safe
def film(request: HttpRequest, clip_id: UUID) -> HttpResponseBase:
    """Serve the slowed and magnified film of a kept clip."""
    return _serve(request, one_owned(Clip, request, clip_id).film_path)


@require_safe
def film_progress(request: HttpRequest, clip_id: UUID) -> HttpResponse:
    """Answer with the part of the result page that shows the film, or how far it is."""
    clip = one_owned(Clip, request, clip_id)
    return render(request, "clips/_film.html", _film(clip))


@require_GET
def measurement_file(request: HttpRequest, clip_id: UUID) -> HttpResponse:
    """Hand out the measurement as a file."""
    clip = one_owned(Clip, request, clip_id)
    if clip.measurement is None:
        raise Http404
    text = json.dumps(clip.measurement, indent=2, ensure_ascii=False) + "\n"
    headers = {"Content-Disposition": 'attachment; filename="measurement.json"'}
    return HttpResponse(text, content_type="application/json", headers=headers)


@require_GET
def trace_file(request: HttpRequest, clip_id: UUID) -> FileResponse:
    """Hand out the trace as a file."""
    clip = one_owned(Clip, request, clip_id)
    if not clip.trace_path.is_file():
        raise Http404
    return FileResponse(clip.trace_path.open("rb"), as_attachment=True, filename="trace.csv", content_type="text/csv")


def _film_it(request: HttpRequest, error: PhiltrumError | None = None) -> HttpResponse:
    episode_id = _episode_id(request.GET.get("episode", "") or request.POST.get("episode", ""))
    episode = entries_of(signed_in(request), "episode").filter(record_id=episode_id).first() if episode_id else None
    context = {
        "clips": all_owned(Clip, request),
        "error": error,
        "max_bytes": settings.MAX_CLIP_BYTES,
        "episode": episode,
    }
    return render(request, "clips/home.html", context, status=422 if error else 200)


def _episode_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _result(clip: Clip) -> dict[str, object]:
    facts = clip.measurement or {}
    charts = {}
    if clip.trace_path.is_file() and facts["quality"]["verdict"] != "refused":
        trace = read_trace_for_drawing(clip.trace_path, [zone for zone, _ in LANES])
        for name, layout in (("wide", WIDE), ("narrow", NARROW)):
            svg = render_trace(facts, trace, layout=layout, id_prefix=f"trace-{name}")
            charts[name] = mark_safe(svg)  # noqa: S308 - made by us; its texts are escaped there
    words = wording.words_for(facts)
    rows = [(row, clip.review.get(str(row.number))) for row in words.rows]
    return {"facts": facts, "charts": charts, "words": words, "rows": rows, "reviewed": reviewed(clip), **_film(clip)}


def _film(clip: Clip) -> dict[str, object]:
    is_made = clip.film_state == Clip.FilmState.MADE and clip.film_path.is_file()
    return {"clip": clip, "film_words": wording.film_words(clip.film or {}, clip.measurement or {}) if is_made else ()}


def _serve(request: HttpRequest, path: Path) -> HttpResponseBase:
    if not path.is_file():
        raise Http404
    return serve_ranges(request, path)
