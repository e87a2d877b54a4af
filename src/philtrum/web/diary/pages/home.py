"""The home page: one tap when it twitches, what is going on, and the evening's check-in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from philtrum.diary.checks import RecordError
from philtrum.diary.records import Episode
from philtrum.web.access.ownership import signed_in
from philtrum.web.diary import store
from philtrum.web.diary.calendar import strip_of
from philtrum.web.diary.checkin import check_in_context
from philtrum.web.diary.models import Entry
from philtrum.web.diary.redflags import urgency_of
from philtrum.web.diary.zones import today, zone_of

UNDO_S = 10
MINUTES_AGO = (5, 15, 60)

_STRIP_DAYS = 14
_LATEST = timedelta(days=60)  # a telephone that was off for longer is not believed about the time
_GOING_ON = timedelta(days=60)  # longer without a word is a spell whose end was not told
_AHEAD = timedelta(minutes=5)
_LONGEST_HOLD_S = 3600.0


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show what can be done now."""
    owner, day = signed_in(request), today(request)
    going_on = list(store.entries_of(owner, "episode").filter(day__gte=day - _GOING_ON, data__ending="ongoing"))
    context = {
        "new_id": uuid4(),
        "zone": zone_of(request),
        "minutes_ago": MINUTES_AGO,
        "logged": _just_logged(request),
        "undo_s": UNDO_S,
        "going_on": going_on,
        "day": day,
        "n_today": store.entries_of(owner, "episode").filter(day=day).count(),
        "strip": strip_of(owner, day, _STRIP_DAYS),
        "urgency": urgency_of(owner, day),
        "yesterday": day - timedelta(days=1),
        "is_yesterday_open": store.check_in_of(owner, day - timedelta(days=1)) is None and _is_used(owner),
        **check_in_context(owner, day, zone_of(request)),
    }
    return render(request, "diary/home.html", context)


@require_POST
def log(request: HttpRequest) -> HttpResponse:
    """Write a spell down: now, some minutes ago, or held from press to release. Sent twice, it is stored once."""
    try:
        episode = _episode(request)
        entry = store.add(signed_in(request), episode)
    except RecordError as error:
        if request.headers.get("Accept") == "application/json":
            return JsonResponse({"ok": False, "id": error.id, "error": error.what, "fix": error.next_step}, status=422)
        messages.error(request, f"{error.what} {error.next_step} [{error.id}]")
        return redirect("home")
    if request.headers.get("Accept") == "application/json":
        return JsonResponse({"ok": True, "id": str(entry.record_id)})
    return redirect(f"{reverse('home')}?logged={entry.record_id}")


def _episode(request: HttpRequest) -> Episode:
    zone, sent = zone_of(request), request.POST
    minutes_ago = int(sent["minutes_ago"]) if sent.get("minutes_ago", "").isdecimal() else 0
    tapped_at = _tapped_at(sent.get("at", ""))
    started_at = tapped_at - timedelta(minutes=min(minutes_ago, 60 * 24 * 7))
    held_s = _held_s(sent.get("held_s", ""))
    try:
        id = UUID(sent.get("id", ""))
    except ValueError:
        id = uuid4()
    if held_s and not minutes_ago:
        started = tapped_at - timedelta(seconds=held_s)
        return Episode(id=id, started_at=started, ended_at=tapped_at, ending="ended", zone=zone)
    if minutes_ago:
        return Episode(id=id, started_at=started_at, zone=zone, logged="recalled")
    return Episode(id=id, started_at=started_at, zone=zone, ending="ongoing")


def _tapped_at(text: str) -> datetime:
    """Return when the person tapped, which may be long before it reaches us; the browser says so."""
    now = datetime.now(UTC)
    try:
        tapped_at = datetime.fromisoformat(text)
    except ValueError:
        return now
    if tapped_at.tzinfo is None or not now - _LATEST <= tapped_at <= now + _AHEAD:
        return now
    return min(tapped_at.astimezone(UTC), now)


def _held_s(text: str) -> float:
    try:
        held_s = float(text)
    except ValueError:
        return 0.0
    return held_s if 0 < held_s <= _LONGEST_HOLD_S else 0.0


def _just_logged(request: HttpRequest) -> Entry | None:
    try:
        id = UUID(request.GET.get("logged", ""))
    except ValueError:
        return None
    return store.entries_of(signed_in(request), "episode").filter(record_id=id).first()


def _is_used(owner: User) -> bool:
    """Tell whether there is anything in the diary; a new one is not reproached with yesterday."""
    return Entry.objects.filter(owner=owner).exists()
