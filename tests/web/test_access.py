"""Alice, Charlie (a stranger) and nobody, at every address the router knows."""

from __future__ import annotations

import uuid

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from tests.measurements import FILM

from philtrum.web.clips.models import Clip

from .conftest import signed_in

OPEN = {"sign-in"}
SHARED = {"home", "clip-add"}  # the same address for everybody, with everybody's own rows behind it
ANSWERS = {
    "home": (200, 405),
    "clip-add": (405, 422),
    "clip": (200, 405),
    "clip-progress": (200, 405),
    "clip-cancel": (405, 302),
    "clip-remove": (200, 302),
    "clip-video": (200, 405),
    "clip-film": (200, 405),
    "clip-film-progress": (200, 405),
    "clip-measurement": (200, 405),
    "clip-trace": (200, 405),
}


def names(patterns):
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from names(pattern.url_patterns)
        elif isinstance(pattern, URLPattern):
            yield pattern.name


ALL = sorted(set(names(get_resolver("philtrum.web.urls").url_patterns)) - OPEN)


def address(name, clip):
    return reverse(name) if name in SHARED else reverse(name, args=[clip.id])


def test_every_address_has_its_answers_written_down_here():
    assert set(ALL) == set(ANSWERS)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("method", ["get", "post"])
def test_the_owner_reaches_every_address(name, method, add_clip, browser):
    response = getattr(browser, method)(address(name, add_clip(film_state=Clip.FilmState.MADE, film=FILM)))
    response.close()
    assert response.status_code == ANSWERS[name][method == "post"]


@pytest.mark.parametrize("name", sorted(set(ALL) - SHARED))
@pytest.mark.parametrize("method", ["get", "post", "head"])
def test_a_stranger_cannot_tell_a_persons_clip_from_none(name, method, add_clip, charlie):
    clip = add_clip(film_state=Clip.FilmState.MADE, film=FILM)
    stranger = signed_in(charlie)
    theirs = getattr(stranger, method)(address(name, clip))
    nothing = getattr(stranger, method)(reverse(name, args=[uuid.uuid4()]))
    assert theirs.status_code == nothing.status_code
    assert theirs.status_code in (404, 405)
    assert b"lip.mp4" not in theirs.content
    assert Clip.objects.filter(pk=clip.pk).exists()
    assert clip.video_path.exists()


def test_a_strangers_home_lists_none_of_a_persons_clips(add_clip, charlie, browser):
    add_clip(name="private.mp4")
    assert b"private.mp4" in browser.get("/").content
    assert b"private.mp4" not in signed_in(charlie).get("/").content


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("method", ["get", "post", "head", "put", "delete", "options"])
def test_nobody_gets_past_the_gate(name, method, add_clip):
    clip = add_clip()
    response = getattr(Client(), method)(address(name, clip))
    assert response.status_code == 403
    assert b"lip.mp4" not in response.content
    assert Clip.objects.filter(pk=clip.pk).exists()


@pytest.mark.django_db
def test_without_a_session_an_address_that_does_not_exist_looks_like_one_that_does():
    answers = [Client().get(path).content for path in ("/", "/clips/", "/admin/", "/nothing/here")]
    assert len(set(answers)) == 1
    assert b"philtrum web" in answers[0]


@pytest.mark.parametrize("name", ["clip-add", "clip-cancel", "clip-remove"])
def test_a_form_from_another_page_changes_nothing(name, add_clip, alice):
    clip = add_clip()
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    response = client.post(address(name, clip))
    assert response.status_code == 403
    assert b"nothing was changed" in response.content
    assert Clip.objects.filter(pk=clip.pk).exists()


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "philtrum.local", ""])
def test_another_host_name_is_refused_even_on_this_machine(host, browser):
    assert browser.get("/", headers={"host": host or "evil"}).status_code == 400
