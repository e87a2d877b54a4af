"""A clip on its way in: what is taken, under which name, and what is told to the person otherwise."""

from __future__ import annotations

import stat

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django_tasks_db.models import DBTaskResult
from hypothesis import given
from hypothesis import strategies as st

from philtrum.web.clips.models import Clip
from philtrum.web.clips.uploads import clean_name

from .conftest import VIDEO


def upload(browser, *files, **fields):
    return browser.post("/clips/", {"clip": [SimpleUploadedFile(name, body) for name, body in files], **fields})


def nothing_is_left(folder):
    return not Clip.objects.exists() and not DBTaskResult.objects.exists() and not list(folder.rglob("*/*"))


def test_an_upload_becomes_a_waiting_clip_with_its_file_and_its_task(browser, alice):
    response = upload(browser, ("lip.mp4", VIDEO))
    clip = Clip.objects.get()
    assert (response.status_code, response["Location"]) == (302, f"/clips/{clip.id}/")
    assert (clip.owner, clip.name, clip.state, clip.is_kept, clip.is_mirrored) == (
        alice, "lip.mp4", "waiting", False, False,
    )  # fmt: skip
    assert clip.video_path.read_bytes() == VIDEO
    assert DBTaskResult.objects.get().args_kwargs == {"args": [str(clip.id)], "kwargs": {}}


def test_the_persons_choices_are_stored(browser):
    upload(browser, ("lip.mp4", VIDEO), keep="on", mirrored="on")
    assert (Clip.objects.get().is_kept, Clip.objects.get().is_mirrored) == (True, True)


def test_nothing_stays_among_the_half_received_files(browser, data_folder):
    upload(browser, ("lip.mp4", VIDEO))
    assert list((data_folder / "uploads").iterdir()) == []


def test_a_file_too_large_is_told_with_its_id_and_leaves_nothing(browser, settings, data_folder):
    settings.MAX_CLIP_BYTES = 1000
    response = upload(browser, ("lip.mp4", VIDEO))
    assert response.status_code == 422
    assert b"upload-too-big" in response.content
    assert nothing_is_left(data_folder)


def test_a_file_whose_announced_length_is_too_large_is_not_written_at_all(browser, settings, data_folder, monkeypatch):
    settings.MAX_CLIP_BYTES = 1000
    monkeypatch.setattr("philtrum.web.clips.uploads._FORM_OVERHEAD_BYTES", 0)
    assert b"upload-too-big" in upload(browser, ("lip.mp4", VIDEO)).content
    assert nothing_is_left(data_folder)


@pytest.mark.parametrize(
    ("files", "id"),
    [
        ([], b"upload-no-file"),
        ([("lip.mp4", b"")], b"upload-empty"),
        ([("a.mp4", VIDEO), ("b.mp4", VIDEO)], b"upload-one-file"),
    ],
)
def test_anything_but_one_file_with_content_is_told_and_leaves_nothing(browser, data_folder, files, id):
    response = upload(browser, *files)
    assert response.status_code == 422
    assert id in response.content
    assert nothing_is_left(data_folder)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("lip.mp4", "lip.mp4"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\windows\\win.ini", "win.ini"),
        ("a\x00b\nc\x1b[31m.mp4", "a b c [31m.mp4"),
        ("cod\u202e4pm.exe", "cod 4pm.exe"),
        ("x" * 500, "x" * 80),
        ("", "clip"),
        ("\x01\x02", "clip"),
        ("Zähne, 口.mov", "Zähne, 口.mov"),
    ],
)
def test_a_name_is_shown_without_folders_and_control_characters(name, shown):
    assert clean_name(name) == shown


@given(st.text())
def test_no_name_can_hold_a_folder_or_a_control_character(name):
    shown = clean_name(name)
    assert 0 < len(shown) <= 80
    assert shown.isprintable()
    assert "/" not in shown and "\\" not in shown


@pytest.mark.parametrize("name", ["../../../evil.mp4", "/etc/evil", "<img src=x onerror=alert(1)>.mp4"])
def test_a_hostile_name_is_neither_a_path_nor_markup(browser, data_folder, name):
    upload(browser, (name, VIDEO))
    clip = Clip.objects.get()
    files = [path for path in data_folder.rglob("*") if path.is_file()]
    assert files == [data_folder / "clips" / str(clip.id) / "video"]
    page = browser.get(f"/clips/{clip.id}/").content
    assert b"<img src=x" not in page


def test_only_the_owner_of_the_folder_can_read_what_was_uploaded(browser, data_folder):
    import os

    before = os.umask(0o077)  # as `prepare` sets it for server and worker
    try:
        upload(browser, ("lip.mp4", VIDEO))
    finally:
        os.umask(before)
    clip = Clip.objects.get()
    assert stat.S_IMODE(clip.video_path.stat().st_mode) == 0o600
    assert stat.S_IMODE(clip.folder.stat().st_mode) == 0o700


def test_a_second_upload_is_queued_and_says_its_place(browser):
    upload(browser, ("first.mp4", VIDEO))
    upload(browser, ("second.mp4", VIDEO))
    second = Clip.objects.get(name="second.mp4")
    assert second.n_before == 1
    assert b"1 clip is before this one" in browser.get(f"/clips/{second.id}/").content
