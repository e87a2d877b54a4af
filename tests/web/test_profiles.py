"""Several people on one machine: separate diaries, separate sign-in, and real deletion."""

from __future__ import annotations

import io

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from tests.diary.diaries import spell

from philtrum import cli
from philtrum.web import profile_command
from philtrum.web.access.ownership import ProfileError, add_profile, local_person, profile, profiles
from philtrum.web.access.signin import make_link
from philtrum.web.clips.models import Clip
from philtrum.web.diary import command, store
from philtrum.web.diary.models import Entry

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(monkeypatch, capsys):
    """Return a function that runs a command on the test's own store."""
    monkeypatch.setattr(profile_command, "_open", lambda: None)
    monkeypatch.setattr("philtrum.web.opening.open_store", lambda: None)
    monkeypatch.setattr("philtrum.web.opening.bring_up_to_date", lambda: None)

    def run(*arguments):
        code = cli.main(list(arguments))
        return (code, *capsys.readouterr())

    return run


def test_without_a_name_it_is_the_one_person_of_this_machine():
    assert profile("") == local_person()
    assert list(profiles()) == []


def test_a_profile_is_found_by_its_name_however_it_is_spelt():
    anna = add_profile("  Anna   Lena ")
    assert profile("anna lena") == profile("ANNA LENA") == anna
    assert anna.first_name == "Anna Lena"
    assert not anna.has_usable_password()


def test_an_unknown_name_is_refused_and_makes_nobody():
    add_profile("Anna")
    with pytest.raises(ProfileError, match=r"there are: Anna\."):
        profile("Ana")
    assert profiles().count() == 1


@pytest.mark.parametrize("name", ["", "   ", "x" * 41, "a\u202eb"])
def test_a_name_that_cannot_be_shown_is_refused(name):
    with pytest.raises(ProfileError, match="profile-name"):
        add_profile(name)


def test_a_name_is_given_once():
    add_profile("Anna")
    with pytest.raises(ProfileError, match="profile-twice"):
        add_profile("anna")


def test_nobody_can_take_the_place_of_the_person_of_this_machine():
    assert add_profile("local") != local_person()


def test_each_profile_signs_in_with_its_own_link_and_sees_its_own_diary():
    anna, ben = add_profile("Anna"), add_profile("Ben")
    store.add(anna, spell("2026-03-01 22:00", note="only Anna's"))
    pages = {}
    for person in (anna, ben):
        client = Client()
        client.get(make_link(person))
        pages[person] = client.get("/calendar/2026-03/").content.decode()
        assert f"<strong>{person.first_name}</strong>" in pages[person]
    assert "only Anna" in pages[anna]
    assert "only Anna" not in pages[ben]


def test_the_commands_add_list_and_use_a_profile(run):
    assert "philtrum web --profile" in run("profile", "add", "Anna")[1]
    assert run("profile", "list")[1] == "Anna\n"
    assert run("diary", "--profile", "anna", "add")[0] == cli.OK
    assert [entry.owner for entry in Entry.objects.all()] == [profile("Anna")]
    assert run("diary", "list")[1] == ""
    assert "spell" in run("diary", "--profile", "Anna", "list")[1]
    code, _, err = run("diary", "--profile", "Nobody", "list")
    assert code == cli.BAD_INPUT
    assert "[profile-unknown]" in err


def test_removing_a_profile_deletes_its_diary_and_clips_and_no_others(run, add_clip, alice, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    anna = add_profile("Anna")
    theirs, mine = add_clip(owner=anna), add_clip()
    store.add(anna, spell("2026-03-01 22:00"))
    store.add(alice, spell("2026-03-01 22:00"))
    assert run("profile", "remove", "Anna")[0] == cli.STOPPED, "nobody said yes"
    assert profiles().exists()
    assert run("profile", "remove", "Anna", "--yes")[0] == cli.OK
    assert not theirs.folder.exists()
    assert mine.folder.exists()
    assert [clip.owner for clip in Clip.objects.all()] == [alice]
    assert [entry.owner for entry in Entry.objects.all()] == [alice]
    assert not get_user_model().objects.filter(first_name="Anna").exists()


def test_the_diary_command_without_a_profile_is_that_of_the_person_of_this_machine(run):
    run("diary", "add")
    assert [entry.owner for entry in Entry.objects.all()] == [local_person()]
    assert command.diary.name == "diary"
