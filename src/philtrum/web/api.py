"""The API: what the pages do, for programs of the signed-in person. `docs/openapi.json` describes it.

Whoever calls needs the session of a sign-in link, and for writing the header
`X-CSRFToken`, which `GET /api/token` gives. Ids are made by the caller, so
that a request can be sent again without harm. A refusal has one shape:
`{"ok": false, "id", "error", "fix", "field"}`.
"""

from __future__ import annotations

import math
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404
from ninja import Body, NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.security import django_auth
from pydantic import Field

from philtrum.diary.checks import RecordError
from philtrum.diary.days import day_table
from philtrum.diary.exchange import SCHEMA, in_order
from philtrum.diary.merge import Merged
from philtrum.diary.plain import KINDS, record_from_plain, to_plain
from philtrum.diary.schema import record_schema
from philtrum.errors import PhiltrumError
from philtrum.web.access.ownership import all_owned, one_owned, signed_in
from philtrum.web.clips.models import Clip
from philtrum.web.diary import store
from philtrum.web.diary.models import Entry
from philtrum.web.diary.redflags import urgency_of
from philtrum.web.diary.zones import today

MOST_AT_ONCE = 500

# Authentication is set here, once, so that no operation can be without it.
api = NinjaAPI(title="philtrum", version="1", auth=django_auth, docs_url=None, openapi_url=None, urls_namespace="api")


def openapi() -> dict[str, Any]:
    """Return the description of the API (OpenAPI), with the schema of records."""
    described = dict(api.get_openapi_schema(path_prefix="/api/"))
    described.setdefault("components", {}).setdefault("schemas", {})["Record"] = record_schema()
    body = described["paths"]["/api/entries/{record_id}"]["put"]["requestBody"]
    body["content"]["application/json"]["schema"] = {"$ref": "#/components/schemas/Record"}
    return described


@api.get("/token")
def token(request: HttpRequest) -> dict[str, str]:
    """Give the token that requests which write must carry as `X-CSRFToken`."""
    return {"token": get_token(request)}


@api.get("/entries")
def list_entries(
    request: HttpRequest,
    kind: str = "",
    first: date | None = None,
    last: date | None = None,
    limit: Annotated[int, Field(ge=1, le=MOST_AT_ONCE)] = 100,
    offset: Annotated[int, Field(ge=0, le=10**9)] = 0,
) -> dict[str, Any]:
    """List entries by day and time; of one kind, and from a first to a last day, where asked for."""
    if kind and kind not in KINDS:
        what = f"The kind of this record is {kind[:40]!r}."
        raise RecordError("record-kind-unknown", what, f"Give one of {', '.join(KINDS)}.", "kind")
    found = store.entries_of(signed_in(request), *([kind] if kind else []))
    if first is not None:
        found = found.filter(day__gte=first)
    if last is not None:
        found = found.filter(day__lte=last)
    data = found.values_list("data", flat=True)[offset : offset + limit]
    return {"ok": True, "n": found.count(), "entries": list(data)}


@api.get("/entries/{uuid:record_id}")
def read_entry(request: HttpRequest, record_id: UUID) -> dict[str, Any]:
    """Read one entry."""
    entry = _entry(request, record_id)
    return {"ok": True, "entry": entry.data, "saved_at": entry.saved_at, "is_removed": entry.is_removed}


@api.put("/entries/{uuid:record_id}")
def put_entry(request: HttpRequest, record_id: UUID, record: Body[dict[str, Any]]) -> dict[str, Any]:
    """Write an entry: a new one, or in the place of what its id held before. Sent twice, it is stored once."""
    made = record_from_plain({**record, "id": str(record_id)})
    owner = signed_in(request)
    is_new = not all_owned(Entry, request).filter(record_id=record_id).exists()
    entry = store.add(owner, made) if is_new else store.change(owner, made)
    return {"ok": True, "entry": entry.data, "is_new": is_new, "is_removed": entry.is_removed}


@api.delete("/entries/{uuid:record_id}")
def remove_entry(request: HttpRequest, record_id: UUID) -> dict[str, Any]:
    """Remove an entry; it can be brought back."""
    store.remove(signed_in(request), _entry(request, record_id).record_id)
    return {"ok": True}


@api.post("/entries/{uuid:record_id}/bring-back")
def bring_entry_back(request: HttpRequest, record_id: UUID) -> dict[str, Any]:
    """Undo a removal; `is_back` is false where the day has another check-in by now."""
    entry = _entry(request, record_id)
    is_back = store.bring_back(signed_in(request), record_id) or not entry.is_removed
    return {"ok": True, "is_back": is_back}


@api.get("/entries/{uuid:record_id}/history")
def list_history(request: HttpRequest, record_id: UUID) -> dict[str, Any]:
    """List what an entry was before, newest first."""
    revisions = _entry(request, record_id).revisions.all()
    return {"ok": True, "history": [{"entry": old.data, "until": old.replaced_at} for old in revisions]}


@api.get("/days")
def list_days(request: HttpRequest, first: date | None = None, last: date | None = None) -> dict[str, Any]:
    """List one row per day; null was not recorded."""
    records = store.records_of(signed_in(request), first=first, last=last)
    table = day_table(records)
    rows = [
        {"date": day} | {name: _or_null(values[row]) for name, values in table.columns.items()}
        for row, day in enumerate(table.days)
    ]
    return {"ok": True, "days": rows if records else []}


@api.get("/urgency")
def read_urgency(request: HttpRequest) -> dict[str, Any]:
    """Say how soon to seek help, by what is written down and the newest clip; null where there is neither."""
    told = urgency_of(signed_in(request), today(request))
    if told is None:
        return {"ok": True, "urgency": None}
    reasons = [{"rule": r.rule, "text": r.text, "source_ids": r.source_ids, "basis": r.basis} for r in told.reasons]
    return {"ok": True, "urgency": told.level, "do_now": told.do_now, "reasons": reasons}


@api.get("/diary")
def read_diary(request: HttpRequest) -> dict[str, Any]:
    """Read the whole diary, in the form that can be written back."""
    records = in_order(store.records_of(signed_in(request)))
    return {"schema": SCHEMA, "records": [to_plain(record) for record in records]}


@api.post("/diary")
def merge_diary(request: HttpRequest, diary: Body[dict[str, Any]]) -> dict[str, Any]:
    """Take in a diary, all of it or nothing; what is there already is not doubled."""
    plain = diary.get("records")
    if diary.get("schema") != SCHEMA or not isinstance(plain, list) or not all(isinstance(r, dict) for r in plain):
        what = f"This is no diary of the schema {SCHEMA}."
        raise RecordError("record-field-type", what, "Send what GET /api/diary gives.", "schema")
    merged = store.take_in(signed_in(request), [record_from_plain(item) for item in plain], revives=True)
    return {"ok": True, **_counts(merged)}


@api.delete("/diary")
def delete_diary(request: HttpRequest, sure: str = "") -> dict[str, Any]:
    """Delete the whole diary for good, history included; `sure=delete` says that it is meant."""
    if sure != "delete":
        what = "Nothing was deleted: that it is meant was not said."
        raise RecordError("record-not-sure", what, "Send sure=delete.", "sure")
    return {"ok": True, "n_deleted": store.delete_all(signed_in(request))}


@api.get("/clips")
def list_clips(request: HttpRequest) -> dict[str, Any]:
    """List clips, newest first."""
    clips = all_owned(Clip, request)
    return {"ok": True, "clips": [{"id": clip.id, "added_at": clip.added_at, "state": clip.state} for clip in clips]}


@api.get("/clips/{uuid:clip_id}")
def read_clip(request: HttpRequest, clip_id: UUID) -> dict[str, Any]:
    """Read the measurement of a clip, null while there is none, and what the person says of its twitches by number."""
    clip = one_owned(Clip, request, clip_id)
    told = {"measurement": clip.measurement, "review": clip.review, "problem": clip.error}
    return {"ok": True, "id": clip.id, "state": clip.state, **told}


@api.exception_handler(PhiltrumError)
def tell_refusal(request: HttpRequest, error: PhiltrumError) -> HttpResponse:
    """Answer with what is wrong and what to do."""
    status = 409 if error.id == "record-check-in-twice" else 422
    return _refusal(request, status, error.id, error.what, error.next_step, getattr(error, "field", ""))


@api.exception_handler(IntegrityError)
def tell_conflict(request: HttpRequest, error: IntegrityError) -> HttpResponse:
    """Answer where a day would get two check-ins."""
    what, fix = "The day has another check-in.", "Change that one."
    return _refusal(request, 409, "record-check-in-twice", what, fix, "day")


@api.exception_handler(Http404)
def tell_nothing_there(request: HttpRequest, error: Http404) -> HttpResponse:
    """Answer the same for what is another person's and for what does not exist."""
    return _refusal(request, 404, "api-nothing-there", "There is nothing of yours here.", "Check the id.")


@api.exception_handler(ValidationError)
def tell_invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Answer where a parameter or the body has another form than described."""
    first = error.errors[0]
    field = str(first["loc"][-1])
    return _refusal(request, 422, "api-invalid", f"{field}: {first['msg']}.", "docs/openapi.json describes it.", field)


@api.exception_handler(HttpError)
def tell_unreadable(request: HttpRequest, error: HttpError) -> HttpResponse:
    """Answer where the body is no JSON at all."""
    return _refusal(request, error.status_code, "api-invalid", f"{error}.", "Send JSON.", "")


@api.exception_handler(AuthenticationError)
def tell_stranger(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    """Answer without a session."""
    return _refusal(request, 401, "api-signed-out", "Nobody is signed in.", "Open a sign-in link: philtrum web.")


def _refusal(request: HttpRequest, status: int, id: str, what: str, next_step: str, field: str = "") -> HttpResponse:
    content = {"ok": False, "id": id, "error": what, "fix": next_step, "field": field}
    return api.create_response(request, content, status=status)


def _entry(request: HttpRequest, record_id: UUID) -> Entry:
    return get_object_or_404(all_owned(Entry, request), record_id=record_id)


def _counts(merged: Merged) -> dict[str, int]:
    return {
        "n_added": len(merged.added),
        "n_filled_in": len(merged.changed),
        "n_brought_back": merged.n_revived,
        "n_known": merged.n_known,
    }


def _or_null(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
