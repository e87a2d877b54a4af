"""A day: its check-in and everything written down on it. A month: the calendar, and its days one below the other."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from philtrum.diary.records import local_day
from philtrum.web.access.ownership import all_owned, signed_in
from philtrum.web.clips.models import Clip
from philtrum.web.diary import store
from philtrum.web.diary.calendar import month_of
from philtrum.web.diary.checkin import check_in_context, check_in_form
from philtrum.web.diary.redflags import urgency_of
from philtrum.web.diary.zones import today, zone_of


@require_safe
def day(request: HttpRequest, on: date) -> HttpResponse:
    """Show a day."""
    return _day_page(request, on)


@require_POST
def check_in(request: HttpRequest, on: date) -> HttpResponse:
    """Store the evening's answers of a day."""
    owner = signed_in(request)
    if on > today(request):
        raise Http404
    form = check_in_form(owner, on, zone_of(request), request.POST)
    if not form.is_valid():
        return _day_page(request, on, check_in_context(owner, on, zone_of(request), form), status=422)
    store.put_check_in(owner, form.made)  # type: ignore[arg-type]
    messages.success(request, _("Saved: the check-in of %(day)s.") % {"day": f"{on:%-d %B}"})
    told = urgency_of(owner, today(request))
    is_home = on == today(request) or (told is not None and told.is_alarming)
    return redirect("home") if is_home else redirect("diary-day", on)


@require_safe
def month(request: HttpRequest, on: date | None = None) -> HttpResponse:
    """Show a month: the calendar, and below it what was written down."""
    owner, now = signed_in(request), today(request)
    first = (on or now).replace(day=1)
    last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
    entries = store.entries_of(owner, "episode", "check_in", "dose", "treatment", "event", "medicine")
    by_day: dict[date, list[object]] = {}
    for entry in entries.filter(day__gte=first, day__lte=last).order_by("-day", "moment", "id"):
        if entry.day:
            by_day.setdefault(entry.day, []).append(entry)
    weeks = month_of(owner, first, now)
    shown = [day for week in weeks for day in week if not day.is_outside and not day.is_future]
    context = {
        "month": first,
        "weeks": weeks,
        "days": by_day,
        "earlier": first - timedelta(days=1),
        "later": last + timedelta(days=1) if last < now else None,
        "today": now,
        "n_days": len(shown),
        "n_known": sum(day.n_episodes is not None for day in shown),
        "n_quiet": sum(day.n_episodes == 0 for day in shown),
        "n_spells": sum(day.n_episodes or 0 for day in shown),
    }
    return render(request, "diary/month.html", context)


def _day_page(
    request: HttpRequest, on: date, questions: dict[str, object] | None = None, *, status: int = 200
) -> HttpResponse:
    owner, now = signed_in(request), today(request)
    if on > now:
        raise Http404
    context = {
        "on": on,
        "is_today": on == now,
        "earlier": on - timedelta(days=1),
        "later": on + timedelta(days=1) if on < now else None,
        "entries": store.entries_of(owner, "episode", "exposure", "dose", "treatment", "event", "medicine").filter(
            day=on
        ),
        "clips": [clip for clip in all_owned(Clip, request) if _day_of(clip, request) == on],
        "urgency": urgency_of(owner, now),
        **(questions or check_in_context(owner, on, zone_of(request))),
    }
    return render(request, "diary/day.html", context, status=status)


def _day_of(clip: Clip, request: HttpRequest) -> date:
    return local_day(clip.added_at, zone_of(request))
