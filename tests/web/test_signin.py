"""A sign-in link works once, for a short time, for its own person."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from philtrum.web.access.models import SignInLink
from philtrum.web.access.ownership import local_person
from philtrum.web.access.signin import VALID_FOR, make_link

pytestmark = pytest.mark.django_db


def test_a_link_signs_in_and_leaves_the_address_bar():
    client = Client()
    response = client.get(make_link(local_person()))
    assert response.status_code == 302
    assert response["Location"] == "/"
    assert client.get("/").status_code == 200


def test_a_link_works_once():
    link = make_link(local_person())
    assert Client().get(link).status_code == 302
    second = Client().get(link)
    assert second.status_code == 403
    assert b"used already" in second.content


def test_a_link_becomes_too_old():
    link = make_link(local_person())
    SignInLink.objects.update(made_at=timezone.now() - VALID_FOR - timedelta(seconds=1))
    assert Client().get(link).status_code == 403


def test_a_new_link_replaces_the_one_before():
    first, second = make_link(local_person()), make_link(local_person())
    assert Client().get(first).status_code == 403
    assert Client().get(second).status_code == 302


def test_a_guess_does_not_sign_in():
    make_link(local_person())
    assert Client().get("/sign-in/guess").status_code == 403


def test_the_table_holds_no_token():
    token = make_link(local_person()).rpartition("/")[2]
    assert token not in SignInLink.objects.get().token_sha256
    assert len(token) >= 43


def test_the_session_cookie_is_out_of_reach_of_scripts_and_of_other_sites():
    cookie = Client().get(make_link(local_person())).cookies["philtrum-session"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


def test_there_is_one_local_person_and_no_password_opens_their_account():
    assert local_person() == local_person()
    assert not local_person().has_usable_password()
