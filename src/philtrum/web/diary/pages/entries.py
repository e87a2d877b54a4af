"""One entry: written, changed, removed, brought back; and what it was before."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from philtrum.diary.medicines import Dose, Medicine, Treatment
from philtrum.diary.records import Episode, Event, Record
from philtrum.web.access.ownership import all_owned, signed_in
from philtrum.web.clips.models import Clip
from philtrum.web.diary import store
from philtrum.web.diary.forms import FORMS, DoseForm, EpisodeForm, EventForm, MedicineForm, RecordForm, TreatmentForm
from philtrum.web.diary.models import Entry, Sought
from philtrum.web.diary.redflags import urgency_of
from philtrum.web.diary.words import KIND_WORDS, movements, symptom_groups
from philtrum.web.diary.zones import now_in, today, zone_of

_CLIP_NEAR = timedelta(days=1)


@require_http_methods(["GET", "POST"])
def entry(request: HttpRequest, record_id: UUID) -> HttpResponse:
    """Show an entry in its form; store what was changed."""
    row = _owned(request, record_id)
    if row.is_removed:
        return render(request, "diary/removed.html", {"entry": row})
    record = row.record
    if isinstance(record, Episode):
        return _episode_page(request, record, row)
    if row.kind == "check_in":
        return redirect("diary-day", row.day)
    if row.kind not in FORMS:
        return render(request, "diary/fixed.html", {"entry": row})
    form = _form_of(record, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        store.change(signed_in(request), form.made)
        messages.success(request, _("Saved."))
        return redirect(_place_of(form.made))
    return _form_page(request, form, row.kind, row)


@require_http_methods(["GET", "POST"])
def new_episode(request: HttpRequest, day: date) -> HttpResponse:
    """Write down a spell of an earlier time on a day."""
    zone = zone_of(request)
    start = min(datetime.combine(day, datetime.min.time()).replace(hour=12), now_in(zone).replace(tzinfo=None))
    initial = {"started_at": f"{start:%Y-%m-%dT%H:%M}", "ending": "unknown"}
    sent = request.POST if request.method == "POST" else None
    form = EpisodeForm(sent, initial=initial, record_id=_sent_id(request), zone=zone, clips=_clip_ids(request))
    if sent is not None and form.is_valid():
        store.add(signed_in(request), form.made)
        messages.success(request, _("Written down."))
        return redirect(_after_episode(request, form.made))
    return _episode_form_page(request, form, None)


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, kind: str) -> HttpResponse:
    """Write down a medicine, a dose, a treatment or an event."""
    if kind not in FORMS:
        raise Http404
    zone, day = zone_of(request), today(request)
    initial = {"on": day, "method": "botulinum toxin", "taken_at": f"{now_in(zone):%Y-%m-%dT%H:%M}"}
    sent = request.POST if request.method == "POST" else None
    form = FORMS[kind](sent, initial=initial, record_id=_sent_id(request), zone=zone)
    if sent is not None and form.is_valid():
        store.add(signed_in(request), form.made)
        messages.success(request, _("Written down."))
        return redirect(_place_of(form.made))
    return _form_page(request, form, kind, None)


@require_POST
def stop(request: HttpRequest, record_id: UUID) -> HttpResponse:
    """Say how a spell that was going on has ended: now, it came and went, or nobody knows."""
    record = _owned(request, record_id).record
    if not isinstance(record, Episode):
        raise Http404
    how = request.POST.get("how", "now")
    if record.ending == "ongoing":
        now = max(datetime.now(UTC), record.started_at)
        ended = replace(record, ending="ended", ended_at=now)
        others = {
            "unknown": replace(record, ending="unknown"),
            "came_and_went": replace(record, ending="came_and_went"),
        }
        store.change(signed_in(request), others.get(how, ended))
    return redirect("diary-entry", record_id) if how == "details" else redirect("home")


@require_POST
def undo(request: HttpRequest, record_id: UUID) -> HttpResponse:
    """Take back what was just written down."""
    store.remove(signed_in(request), _owned(request, record_id).record_id)
    messages.success(request, _("Undone. Nothing is written down."))
    return redirect("home")


@require_http_methods(["GET", "POST"])
def remove(request: HttpRequest, record_id: UUID) -> HttpResponse:
    """Ask, then remove an entry; it can be brought back."""
    row = _owned(request, record_id)
    if request.method == "GET":
        return render(request, "diary/remove.html", {"entry": row})
    store.remove(signed_in(request), row.record_id)
    return redirect("diary-entry", row.record_id)


@require_POST
def bring_back(request: HttpRequest, record_id: UUID) -> HttpResponse:
    """Undo a removal."""
    row = _owned(request, record_id)
    if not store.bring_back(signed_in(request), row.record_id):
        messages.error(request, _("This day has another check-in by now, so the old one stays removed."))
    return redirect("diary-entry", row.record_id)


@require_safe
def history(request: HttpRequest, record_id: UUID) -> HttpResponse:
    """Show what an entry was before."""
    row = _owned(request, record_id)
    return render(request, "diary/history.html", {"entry": row, "revisions": row.revisions.all()})


@require_POST
def sought(request: HttpRequest) -> HttpResponse:
    """Note that the person sought help for what was written down until now."""
    Sought.objects.create(owner=signed_in(request))
    messages.success(request, _("Noted. New signs will be told again at once."))
    return redirect("home")


def _owned(request: HttpRequest, record_id: UUID) -> Entry:
    return get_object_or_404(all_owned(Entry, request), record_id=record_id)


def _sent_id(request: HttpRequest) -> UUID:
    """Return the id that the form was given when it was shown, so that sending it twice stores it once."""
    try:
        return UUID(request.POST.get("id", ""))
    except ValueError:
        return uuid4()


def _clip_ids(request: HttpRequest) -> list[UUID]:
    return list(all_owned(Clip, request).values_list("id", flat=True))


def _episode_page(request: HttpRequest, record: Episode, row: Entry) -> HttpResponse:
    sent = request.POST if request.method == "POST" else None
    form = EpisodeForm(
        sent,
        initial=EpisodeForm.initial_of(record),
        record_id=record.id,
        zone=record.zone,
        logged=record.logged,
        clips={*_clip_ids(request), *record.clips},
    )
    if sent is not None and form.is_valid():
        store.change(signed_in(request), form.made)
        messages.success(request, _("Saved."))
        return redirect(_after_episode(request, form.made))
    return _episode_form_page(request, form, row)


def _after_episode(request: HttpRequest, record: Record) -> str:
    """Return where to go next: home where a sign needs attention at once, else the day."""
    told = urgency_of(signed_in(request), today(request))
    return reverse("home") if told is not None and told.is_alarming else _place_of(record)


def _episode_form_page(request: HttpRequest, form: EpisodeForm, row: Entry | None) -> HttpResponse:
    record = row.record if row else None
    near = _near_clips(request, record if isinstance(record, Episode) else None)
    context = {
        "form": form,
        "entry": row,
        "new_id": form.record_id,
        "zone": form.zone,
        "movements": movements(),
        "symptom_groups": _groups(form),
        "clips": near,
        "overlapping": _overlapping(signed_in(request), record) if isinstance(record, Episode) else [],
    }
    return render(request, "diary/episode.html", context, status=422 if form.errors else 200)


def _groups(form: EpisodeForm) -> list[tuple[str, list[tuple[str, str]], bool]]:
    """Return the groups of symptoms; one is open where something in it is chosen."""
    chosen = set(form["companions"].value() or ())
    return [(name, group, any(id in chosen for id, _words in group)) for name, group in symptom_groups()]


def _near_clips(request: HttpRequest, record: Episode | None) -> list[Clip]:
    """Return the clips of the hours around a spell, and those that are linked to it already."""
    if record is None:
        return []
    near = all_owned(Clip, request).filter(
        added_at__gte=record.started_at - _CLIP_NEAR, added_at__lte=record.started_at + _CLIP_NEAR
    )
    return list(near | all_owned(Clip, request).filter(id__in=record.clips))


def _overlapping(owner: User, record: Episode) -> list[Entry]:
    """Return other spells that share time with this one."""
    end = record.ended_at or record.started_at
    others = store.entries_of(owner, "episode").filter(
        moment__gte=record.started_at - timedelta(days=2), moment__lte=end
    )
    return [other for other in others.exclude(record_id=record.id) if _reaches(other.record, record.started_at)]


def _reaches(other: Record, moment: datetime) -> bool:
    return isinstance(other, Episode) and (other.ended_at or other.started_at) >= moment


def _form_of(record: Record, sent: Any) -> RecordForm:
    match record:
        case Medicine():
            initial = MedicineForm.initial_of(record)
            return MedicineForm(sent, initial=initial, record_id=record.id, zone="UTC", changes=record.changes)
        case Dose():
            return DoseForm(sent, initial=DoseForm.initial_of(record), record_id=record.id, zone=record.zone)
        case Treatment():
            return TreatmentForm(sent, initial=TreatmentForm.initial_of(record), record_id=record.id, zone="UTC")
        case Event():
            return EventForm(sent, initial=EventForm.initial_of(record), record_id=record.id, zone="UTC")
    raise Http404


def _form_page(request: HttpRequest, form: RecordForm, kind: str, row: Entry | None) -> HttpResponse:
    context = {"form": form, "kind": kind, "kind_words": KIND_WORDS[kind], "entry": row, "new_id": form.record_id}
    return render(request, "diary/form.html", context, status=422 if form.errors else 200)


def _place_of(record: Record) -> str:
    """Return the page on which a record is seen among its like."""
    if isinstance(record, Episode):
        return reverse("diary-day", args=[record.day])
    return reverse("diary-more")
