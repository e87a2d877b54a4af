"""The API: described as it is, for the signed-in person only, with one shape for every refusal."""

from __future__ import annotations

import json
import runpy
import uuid
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.diary.diaries import evening, records, spell, whole_diaries

from philtrum.diary.plain import to_plain
from philtrum.diary.records import Episode
from philtrum.diary.schema import record_schema
from philtrum.web.api import openapi
from philtrum.web.diary import store

from .conftest import signed_in

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parents[2]
OPERATIONS = [(path, method) for path, methods in openapi()["paths"].items() for method in methods]
OF_A_ROW = [operation for operation in OPERATIONS if "{" in operation[0]]
EVENT = {"kind": "event", "on": "2026-03-01", "what": "New job"}


NO_BODY = object()


def call(client, method, path, body=NO_BODY, **options):
    data = {"data": json.dumps(body), "content_type": "application/json"} if body is not NO_BODY else {}
    return getattr(client, method)(path, **data, **options)


def put(client, record, id=None):
    return call(client, "put", f"/api/entries/{id or uuid.uuid4()}", record)


def is_refusal(answer):
    return set(answer.json()) == {"ok", "id", "error", "fix", "field"} and answer.json()["ok"] is False


@pytest.fixture
def row(add_clip, alice):
    """Return a function that gives the address of something of Alice's for an operation, and for nothing at all."""
    ids = {
        "record_id": store.add(alice, spell("2026-03-01 22:00", note="secret note")).record_id,
        "clip_id": add_clip().id,
    }

    def address(path, *, of_nothing=False):
        for name, id in ids.items():
            path = path.replace("{" + name + "}", str(uuid.uuid4() if of_nothing else id))
        return path

    return address


def test_the_description_in_the_documents_is_what_the_code_gives():
    rendered = runpy.run_path(str(ROOT / "docs/generate.py"))["render_openapi"]()
    assert (ROOT / "docs/openapi.json").read_text("utf-8") == rendered, "run `make docs`"


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_every_operation_says_what_it_does_and_needs_a_session(path, method):
    operation = openapi()["paths"][path][method]
    assert operation["summary"]
    assert operation["description"]
    assert operation["security"]


@settings(deadline=None, max_examples=40)
@given(records)
def test_every_record_fits_its_schema(record):
    jsonschema.validate(json.loads(json.dumps(to_plain(record))), record_schema())


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_nobody_gets_an_answer_without_a_session(path, method, row):
    answer = call(Client(), method, row(path), EVENT if method in ("put", "post") else NO_BODY)
    assert answer.status_code == 403
    assert answer.json()["id"] == "api-signed-out"
    assert answer.content == Client().get("/api/does/not/exist").content


@pytest.mark.parametrize(("path", "method"), OF_A_ROW)
def test_a_stranger_cannot_tell_a_persons_row_from_none(path, method, row, charlie, alice):
    stranger = signed_in(charlie)
    body = EVENT if method in ("put", "post") else NO_BODY
    theirs, nothing = call(stranger, method, row(path), body), call(stranger, method, row(path, of_nothing=True), body)
    assert theirs.status_code == nothing.status_code
    if method == "put":
        assert theirs.json()["is_new"] is nothing.json()["is_new"] is True, "an entry of the stranger's own"
    else:
        assert theirs.content == nothing.content
        assert is_refusal(theirs)
    assert [record.note for record in store.records_of(alice)] == ["secret note"]


@pytest.mark.parametrize(("path", "method"), [operation for operation in OPERATIONS if "{" not in operation[0]])
def test_a_stranger_sees_and_changes_nothing_of_a_person(path, method, row, charlie, alice):
    body = {"schema": "philtrum.diary/1", "records": []} if method == "post" else NO_BODY
    answer = call(signed_in(charlie), method, path + ("?sure=delete" if method == "delete" else ""), body)
    assert answer.status_code == 200
    assert b"secret note" not in answer.content
    assert len(store.records_of(alice)) == 1


@pytest.mark.parametrize(("path", "method"), [operation for operation in OPERATIONS if operation[1] != "get"])
def test_writing_needs_the_token_so_that_no_other_page_can(path, method, row, alice):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    body = EVENT if method in ("put", "post") else NO_BODY
    assert call(client, method, row(path), body).status_code == 403
    assert [record.note for record in store.records_of(alice)] == ["secret note"]


def test_with_the_token_it_writes(alice):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    token = client.get("/api/token").json()["token"]
    answer = call(client, "put", f"/api/entries/{uuid.uuid4()}", EVENT, headers={"X-CSRFToken": token})
    assert answer.status_code == 200
    assert len(store.records_of(alice)) == 1


def test_an_entry_is_written_once_however_often_it_is_sent_and_changed_with_its_history(browser, alice):
    id = uuid.uuid4()
    assert put(browser, EVENT, id).json()["is_new"] is True
    assert put(browser, EVENT, id).json()["is_new"] is False
    put(browser, EVENT | {"what": "Old job"}, id)
    assert call(browser, "get", f"/api/entries/{id}").json()["entry"]["what"] == "Old job"
    (old,) = call(browser, "get", f"/api/entries/{id}/history").json()["history"]
    assert old["entry"]["what"] == "New job"
    assert len(store.records_of(alice)) == 1


def test_an_entry_is_removed_and_brought_back(browser, alice):
    id = uuid.uuid4()
    put(browser, EVENT, id)
    call(browser, "delete", f"/api/entries/{id}")
    assert call(browser, "get", f"/api/entries/{id}").json()["is_removed"] is True
    assert call(browser, "get", "/api/entries").json()["n"] == 0
    assert call(browser, "post", f"/api/entries/{id}/bring-back").json()["is_back"] is True
    assert call(browser, "get", "/api/entries").json()["n"] == 1


def test_entries_are_listed_by_kind_and_days_in_pages(browser, alice):
    store.take_in(alice, [*(spell(f"2026-03-0{day} 22:00") for day in range(1, 6)), evening("2026-03-03")])
    listed = call(browser, "get", "/api/entries?kind=episode&first=2026-03-02&last=2026-03-04&limit=2&offset=1").json()
    assert listed["n"] == 3
    assert [entry["started_at"][:10] for entry in listed["entries"]] == ["2026-03-03", "2026-03-04"]


@pytest.mark.parametrize(
    ("path", "id"),
    [
        ("/api/entries?limit=501", "api-invalid"),
        ("/api/entries?limit=-1", "api-invalid"),
        ("/api/entries?first=yesterday", "api-invalid"),
        ("/api/entries?kind=dream", "record-kind-unknown"),
        ("/api/entries/not-an-id", None),
    ],
)
def test_a_request_that_makes_no_sense_is_refused_in_one_shape(browser, path, id):
    answer = call(browser, "get", path)
    assert answer.status_code in (404, 422)
    if id:
        assert is_refusal(answer)
        assert answer.json()["id"] == id


@pytest.mark.parametrize(
    ("record", "id"),
    [
        ({}, "record-kind-unknown"),
        (EVENT | {"what": ""}, "record-name-missing"),
        (EVENT | {"colour": 1}, "record-field-unknown"),
        ({"kind": "event", "what": "x"}, "record-field-missing"),
        ([], "api-invalid"),
        (None, "api-invalid"),
    ],
)
def test_a_record_that_cannot_be_right_is_refused_and_nothing_is_stored(browser, alice, record, id):
    answer = put(browser, record)
    assert answer.status_code == 422
    assert is_refusal(answer)
    assert answer.json()["id"] == id
    assert store.records_of(alice) == []


def test_a_body_that_is_no_json_is_refused_in_the_same_shape(browser):
    for content in (b"", b"{", b"\xff"):
        answer = browser.put(f"/api/entries/{uuid.uuid4()}", content, content_type="application/json")
        assert answer.status_code in (400, 422)
        assert is_refusal(answer)


def test_a_second_check_in_of_a_day_is_a_conflict(browser, alice):
    check_in = {"kind": "check_in", "day": "2026-03-01", "zone": "Europe/Berlin"}
    put(browser, check_in)
    answer = put(browser, check_in)
    assert answer.status_code == 409
    assert answer.json()["id"] == "record-check-in-twice"
    other = uuid.uuid4()
    put(browser, check_in | {"day": "2026-03-02"}, other)
    assert put(browser, check_in, other).status_code == 409, "nor by moving another one to that day"


def test_days_and_urgency_are_told(browser, alice):
    store.take_in(alice, [spell("2026-03-01 22:00"), evening("2026-03-03", has_twitched=False)])
    days = call(browser, "get", "/api/days").json()["days"]
    assert [row["episodes"] for row in days] == [1, None, 0]
    store.add(alice, Episode(started_at=datetime.now(UTC), zone="Europe/Berlin", companions=("face_droop_sudden",)))
    told = call(browser, "get", "/api/urgency").json()
    assert told["urgency"] == "emergency"
    assert told["reasons"][0]["source_ids"]


def test_an_empty_diary_has_no_days_and_no_urgency(browser):
    assert call(browser, "get", "/api/days").json()["days"] == []
    assert call(browser, "get", "/api/urgency").json()["urgency"] is None


def test_deleting_everything_needs_to_be_meant(browser, alice):
    store.add(alice, spell("2026-03-01 22:00"))
    assert call(browser, "delete", "/api/diary").json()["id"] == "record-not-sure"
    assert call(browser, "delete", "/api/diary?sure=delete").json()["n_deleted"] == 1
    assert store.records_of(alice) == []


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(diary=whole_diaries)
def test_a_diary_goes_out_and_comes_back_the_same(browser, alice, diary):
    store.delete_all(alice)
    store.take_in(alice, diary)
    out = call(browser, "get", "/api/diary").json()
    store.delete_all(alice)
    assert call(browser, "post", "/api/diary", out).json()["n_added"] == len(diary)
    assert call(browser, "get", "/api/diary").json() == out
    assert call(browser, "post", "/api/diary", out).json()["n_added"] == 0


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
NAMES = sorted({name for kind in record_schema()["oneOf"] for name in kind["properties"]})
odd_records = st.dictionaries(st.sampled_from(NAMES), json_values, max_size=6).flatmap(
    lambda fields: st.sampled_from(["episode", "check_in", "medicine", "factor"]).map(
        lambda kind: fields | {"kind": kind}
    )
)


@settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=json_values | odd_records)
def test_no_body_breaks_it(browser, body):
    for method, path in (("put", f"/api/entries/{uuid.uuid4()}"), ("post", "/api/diary")):
        answer = call(browser, method, path, body)
        assert answer.status_code in (200, 409, 422), body
        assert answer.json()["ok"] is (answer.status_code == 200)
