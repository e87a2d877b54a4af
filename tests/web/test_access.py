"""Alice, Charlie (a stranger) and nobody, at every address the router knows."""

from __future__ import annotations

import uuid
from datetime import date

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from tests.diary.diaries import spell
from tests.measurements import FILM

from philtrum.web.clips.models import Clip
from philtrum.web.diary import store

from .conftest import signed_in

DAY = date(2026, 3, 1)
OPEN = {"sign-in"}
CLIP = {
    "clip": (200, 405),
    "clip-progress": (200, 405),
    "clip-cancel": (405, 302),
    "clip-remove": (200, 302),
    "clip-review": (405, 404),
    "clip-video": (200, 405),
    "clip-film": (200, 405),
    "clip-film-progress": (200, 405),
    "clip-measurement": (200, 405),
    "clip-trace": (200, 405),
}
ENTRY = {
    "diary-entry": (200, 422),
    "diary-stop": (405, 302),
    "diary-undo": (405, 302),
    "diary-remove": (200, 302),
    "diary-bring-back": (405, 302),
    "diary-history": (200, 405),
}
# The same address for everybody, with everybody's own rows behind it.
SHARED = {
    "home": (200, 405),
    "away": (200, 405),
    "service-worker": (200, 405),
    "film-it": (200, 405),
    "clip-add": (405, 422),
    "diary-log": (405, 302),
    "diary-day": (200, 405),
    "diary-check-in": (405, 302),
    "diary-new-episode": (200, 422),
    "diary-this-month": (200, 405),
    "diary-month": (200, 405),
    "diary-charts": (200, 405),
    "what-drives-it": (200, 405),
    "treatments": (200, 405),
    "diary-new": (200, 422),
    "diary-sought": (405, 302),
    "diary-more": (200, 405),
    "diary-factors": (200, 302),
    "diary-add-factor": (405, 422),
    "diary-data": (200, 405),
    "diary-export": (200, 405),
    "diary-export-days": (200, 405),
    "diary-import": (405, 422),
    "diary-delete-all": (200, 422),
    "diary-reminder": (200, 405),
    "check-up": (302, 405),
    "check-up-question": (200, 422),
    "check-up-result": (302, 405),
    "check-up-answers": (302, 405),
    "check-up-again": (405, 302),
    "check-up-delete": (200, 200),
    "emergency": (200, 405),
    "understand": (200, 405),
    "understand-movements": (200, 405),
    "understand-cause": (200, 405),
    "understand-medicines": (200, 405),
    "understand-remedy": (200, 405),
    "understand-myths": (200, 405),
    "understand-sources": (200, 405),
}
ANSWERS = {**CLIP, **ENTRY, **SHARED}
PARTS = {
    "diary-day": [DAY],
    "diary-check-in": [DAY],
    "diary-new-episode": [DAY],
    "diary-month": [DAY],
    "diary-new": ["event"],
    "check-up-question": ["emergency"],
    "understand-cause": ["hemifacial_spasm"],
    "understand-medicines": ["antidepressants"],
    "understand-remedy": ["warm_compress"],
}


def names(patterns):
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            if pattern.namespace != "api":  # see test_api
                yield from names(pattern.url_patterns)
        elif isinstance(pattern, URLPattern):
            yield pattern.name


ALL = sorted(set(names(get_resolver("philtrum.web.urls").url_patterns)) - OPEN)


def address(name, row):
    """Return an address: of a clip or an entry by its id, of a shared page as it is."""
    return reverse(name, args=PARTS.get(name, []) if name in SHARED else [getattr(row, "record_id", row.pk)])


@pytest.fixture
def add_row(add_clip, alice):
    """Return a function that makes what an address is about: a clip or an entry of Alice's."""

    def add(name):
        if name in CLIP:
            return add_clip(film_state=Clip.FilmState.MADE, film=FILM)
        return store.add(alice, spell("2026-03-01 22:00", note="secret note"))

    return add


def test_every_address_has_its_answers_written_down_here():
    assert set(ALL) == set(ANSWERS)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("method", ["get", "post"])
def test_the_owner_reaches_every_address(name, method, add_row, browser):
    response = getattr(browser, method)(address(name, add_row(name)))
    response.close()
    assert response.status_code == ANSWERS[name][method == "post"]


@pytest.mark.parametrize("name", sorted(set(ALL) - set(SHARED)))
@pytest.mark.parametrize("method", ["get", "post", "head"])
def test_a_stranger_cannot_tell_a_persons_row_from_none(name, method, add_row, charlie):
    row = add_row(name)
    stranger = signed_in(charlie)
    theirs = getattr(stranger, method)(address(name, row))
    nothing = getattr(stranger, method)(reverse(name, args=[uuid.uuid4()]))
    assert theirs.status_code == nothing.status_code
    assert theirs.status_code in (404, 405)
    assert b"lip.mp4" not in theirs.content
    assert b"secret note" not in theirs.content
    row.refresh_from_db()
    if isinstance(row, Clip):
        assert row.video_path.exists()
    else:
        assert not row.is_removed


@pytest.mark.parametrize("name", SHARED)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_stranger_sees_and_changes_nothing_of_a_persons_diary_on_shared_pages(name, method, add_row, alice, charlie):
    row = add_row(name)
    sent = {"sure": "delete", "id": str(row.record_id), "minutes_ago": "5", "factor": ["stress"]}
    response = getattr(signed_in(charlie), method)(address(name, row), sent)
    content = b"".join(response.streaming_content) if response.streaming else response.content
    assert b"secret note" not in content
    assert [record.note for record in store.records_of(alice)] == ["secret note"]


def test_a_strangers_home_lists_none_of_a_persons_clips(add_clip, charlie, browser):
    add_clip(name="private.mp4")
    assert b"private.mp4" in browser.get("/film/").content
    assert b"private.mp4" not in signed_in(charlie).get("/film/").content


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("method", ["get", "post", "head", "put", "delete", "options"])
def test_nobody_gets_past_the_gate(name, method, add_row):
    row = add_row(name)
    response = getattr(Client(), method)(address(name, row))
    assert response.status_code == 403
    assert b"lip.mp4" not in response.content
    assert b"secret note" not in response.content
    row.refresh_from_db()


@pytest.mark.django_db
def test_without_a_session_an_address_that_does_not_exist_looks_like_one_that_does():
    answers = [Client().get(path).content for path in ("/", "/clips/", "/admin/", "/nothing/here")]
    assert len(set(answers)) == 1
    assert b"philtrum web" in answers[0]


@pytest.mark.parametrize("name", [name for name, (_get, post) in ANSWERS.items() if post != 405])
def test_a_form_from_another_page_changes_nothing(name, add_row, alice):
    row = add_row(name)
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    response = client.post(address(name, row), {"sure": "delete"})
    assert response.status_code == 403
    assert b"nothing was changed" in response.content
    row.refresh_from_db()
    assert not getattr(row, "is_removed", False)
    assert not store.records_of(alice, "event", "check_in", "factor")


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "philtrum.local", ""])
def test_another_host_name_is_refused_even_on_this_machine(host, browser):
    assert browser.get("/", headers={"host": host or "evil"}).status_code == 400
