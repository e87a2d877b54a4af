"""Medicines, treatments, events, what is asked about, and the data themselves: out, in, away."""

from __future__ import annotations

import re
import tempfile
from dataclasses import replace
from datetime import time
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from philtrum.diary.checks import RecordError
from philtrum.diary.days import day_table
from philtrum.diary.exchange import render_days, render_diary
from philtrum.diary.factors import MOST_ACTIVE
from philtrum.diary.imports.reading import OWN, read_import
from philtrum.diary.imports.tables import column_key
from philtrum.diary.records import Factor
from philtrum.diary.reminder import render_reminder
from philtrum.errors import PhiltrumError
from philtrum.web.access.ownership import signed_in
from philtrum.web.diary import store
from philtrum.web.diary.factors import factors_of
from philtrum.web.diary.zones import now_in, today, zone_of

_KINDS = ("medicine", "treatment", "event", "dose")
_MOST_DOSES = 30


@require_safe
def more(request: HttpRequest) -> HttpResponse:
    """List medicines, treatments, events and doses, and lead to everything that is not needed every day."""
    owner = signed_in(request)
    rows = {kind: store.entries_of(owner, kind).order_by("-day", "-moment") for kind in _KINDS}
    context = {**rows, "dose": rows["dose"][:_MOST_DOSES], "factors": factors_of(owner), "today": today(request)}
    return render(request, "diary/more.html", context)


@require_http_methods(["GET", "POST"])
def factors(request: HttpRequest) -> HttpResponse:
    """Choose what is asked about in the evening, five at most, and add a factor of one's own."""
    owner = signed_in(request)
    if request.method == "GET":
        return _factors_page(request)
    chosen = set(request.POST.getlist("factor"))
    if len(chosen) > MOST_ACTIVE:
        error = _("%(n)s are chosen; five at a time can be asked about. Every further one makes a false find likelier.")
        return _factors_page(request, error % {"n": len(chosen)}, chosen)
    known = {record.key: record for record in store.records_of(owner, "factor") if isinstance(record, Factor)}
    for factor in factors_of(owner):
        is_active = factor.key in chosen
        mine = known.get(factor.key)
        if mine is None:
            store.add(owner, Factor(id=uuid4(), key=factor.key, is_active=is_active))
        elif mine.is_active != is_active:
            store.change(owner, replace(mine, is_active=is_active))
    messages.success(request, _("Saved: %(n)s questions in the evening.") % {"n": len(chosen)})
    return redirect("home")


@require_POST
def add_factor(request: HttpRequest) -> HttpResponse:
    """Add a factor of the person's own; it is asked about as soon as there is room for it."""
    owner = signed_in(request)
    label = " ".join(request.POST.get("label", "").split())
    answered_as = request.POST.get("answered_as", "amount")
    all_factors = factors_of(owner)
    try:
        if answered_as not in ("amount", "scale", "yes_no"):
            answered_as = "amount"
        key = column_key(label)
        if key in {factor.key for factor in all_factors} or key in {"date", "episodes", "minutes"}:
            raise RecordError("record-factor-twice", f"{label} is there already.", "Choose it in the list.", "label")
        is_active = sum(factor.is_active for factor in all_factors) < MOST_ACTIVE
        unit = request.POST.get("unit", "").strip()
        store.add(owner, Factor(key=key, label=label, unit=unit, answered_as=answered_as, is_active=is_active))  # type: ignore[arg-type]
    except RecordError as error:
        return _factors_page(request, f"{error.what} {error.next_step} [{error.id}]")
    return redirect("diary-factors")


@require_safe
def data(request: HttpRequest) -> HttpResponse:
    """Show how to save, read in and delete the diary."""
    n_entries = store.entries_of(signed_in(request)).count()
    return render(request, "diary/data.html", {"n_entries": n_entries, "zone": zone_of(request)})


@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """Hand out the whole diary as one zip."""
    content = render_diary(store.records_of(signed_in(request)))
    name = f"philtrum-diary-{today(request).isoformat()}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type="application/zip", headers=headers)


@require_safe
def export_days(request: HttpRequest) -> HttpResponse:
    """Hand out one row per day as CSV."""
    content = render_days(day_table(store.records_of(signed_in(request))))
    headers = {"Content-Disposition": 'attachment; filename="days.csv"'}
    return HttpResponse(content, content_type="text/csv; charset=utf-8", headers=headers)


@require_POST
def import_file(request: HttpRequest) -> HttpResponse:
    """Take in a file of philtrum or of another app."""
    try:
        upload = _upload(request)
        with tempfile.TemporaryDirectory(dir=Path(settings.PHILTRUM_DATA) / "uploads") as folder:
            path = Path(folder) / _plain_name(upload.name or "")
            with path.open("xb") as file:
                for piece in upload.chunks():
                    file.write(piece)
            imported = read_import(path, zone=zone_of(request))
        merged = store.take_in(signed_in(request), imported.records, revives=imported.source == OWN)
    except PhiltrumError as error:
        return render(request, "diary/data.html", {"error": error, "zone": zone_of(request)}, status=422)
    context = {"imported": imported, "merged": merged, "zone": zone_of(request)}
    return render(request, "diary/data.html", context)


@require_http_methods(["GET", "POST"])
def delete_all(request: HttpRequest) -> HttpResponse:
    """Ask, then delete the whole diary for good."""
    owner = signed_in(request)
    n_entries = store.entries_of(owner).count()
    is_sure = request.POST.get("sure") == "delete"
    if request.method == "GET" or not is_sure:
        context = {"n_entries": n_entries, "is_unsure": request.method == "POST"}
        return render(request, "diary/delete_all.html", context, status=422 if request.method == "POST" else 200)
    store.delete_all(owner)
    said = _("Deleted for good: the whole diary with its history. Clips and the check-up are kept apart and remain.")
    messages.success(request, said)
    return redirect("home")


@require_safe
def reminder(request: HttpRequest) -> HttpResponse:
    """Hand out a calendar file that reminds of the check-in every evening."""
    match = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)", request.GET.get("at", "20:30"))
    at = time(int(match[1]), int(match[2])) if match else time(20, 30)
    content = render_reminder(at, first=now_in(zone_of(request)))
    headers = {"Content-Disposition": 'attachment; filename="philtrum-evening.ics"'}
    return HttpResponse(content, content_type="text/calendar; charset=utf-8", headers=headers)


def _factors_page(request: HttpRequest, error: str = "", chosen: set[str] | None = None) -> HttpResponse:
    rows = [
        (factor, factor.key in chosen if chosen is not None else factor.is_active)
        for factor in factors_of(signed_in(request))
    ]
    context = {"factors": rows, "error": error, "most": MOST_ACTIVE}
    return render(request, "diary/factors.html", context, status=422 if error else 200)


def _upload(request: HttpRequest) -> UploadedFile[bytes]:
    found: list[UploadedFile[bytes]] = request.FILES.getlist("file")
    if any(getattr(handler, "is_too_big", False) for handler in request.upload_handlers):
        what = _("This file is larger than %(limit)s MB.") % {"limit": settings.MAX_CLIP_BYTES // 10**6}
        next_step = _("Read it in on the command line: philtrum diary import FILE.")
        raise PhiltrumError("import-too-big", what, next_step)
    if not found:
        raise PhiltrumError("import-no-file", _("No file was chosen."), _("Choose a file first."))
    return found[0]


def _plain_name(name: str) -> str:
    """Return a name for messages that cannot lead out of its folder."""
    return re.sub(r"[^\w. -]", "_", name.replace("\\", "/").rpartition("/")[2])[-80:].lstrip(".") or "file"
