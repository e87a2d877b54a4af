"""A player gets exactly the bytes it asks for."""

from __future__ import annotations

import pytest
from django.urls import reverse

from philtrum.web.clips.ranges import media_type

from .conftest import VIDEO


@pytest.fixture
def ask(add_clip, browser):
    """Return a function that asks for Alice's video."""
    address = reverse("clip-video", args=[add_clip().id])

    def send(range=None, *, method="get", **headers):
        headers = headers | ({"range": range} if range else {})
        return getattr(browser, method)(address, headers={k.replace("_", "-"): v for k, v in headers.items()})

    return send


def body(response):
    return b"".join(response.streaming_content) if response.streaming else response.content


def test_without_a_range_the_whole_file_comes_and_ranges_are_offered(ask):
    response = ask()
    assert (response.status_code, response["Accept-Ranges"], body(response)) == (200, "bytes", VIDEO)
    assert response["Content-Length"] == str(len(VIDEO))
    assert response["Content-Type"] == "video/mp4"


@pytest.mark.parametrize(
    ("range", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=10-19", 10, 19),
        ("bytes=2000-", 2000, len(VIDEO) - 1),
        ("bytes=2000-999999", 2000, len(VIDEO) - 1),
        ("bytes=-5", len(VIDEO) - 5, len(VIDEO) - 1),
        ("bytes=-999999", 0, len(VIDEO) - 1),
        ("bytes= 10 - 19", 10, 19),
    ],
)
def test_a_range_is_served_as_asked(ask, range, first, last):
    response = ask(range)
    assert response.status_code == 206
    assert body(response) == VIDEO[first : last + 1]
    assert response["Content-Range"] == f"bytes {first}-{last}/{len(VIDEO)}"
    assert response["Content-Length"] == str(last - first + 1)


@pytest.mark.parametrize("range", [f"bytes={len(VIDEO)}-", "bytes=999999-", "bytes=-0"])
def test_a_range_outside_the_file_is_refused_with_its_size(ask, range):
    response = ask(range)
    assert response.status_code == 416
    assert response["Content-Range"] == f"bytes */{len(VIDEO)}"


@pytest.mark.parametrize("range", ["bytes=0-1,4-5", "frames=0-1", "bytes=a-b", "bytes=-", "bytes=9-3", "bytes"])
def test_what_is_not_one_byte_range_gets_the_whole_file(ask, range):
    response = ask(range)
    assert (response.status_code, body(response)) == (200, VIDEO)


def test_a_range_of_another_version_of_the_file_gets_the_whole_file(ask):
    etag = ask()["ETag"]
    assert ask("bytes=0-9", if_range=etag).status_code == 206
    assert ask("bytes=0-9", if_range='"other"').status_code == 200
    assert ask("bytes=0-9", if_range="Wed, 21 Oct 2015 07:28:00 GMT").status_code == 200


@pytest.mark.parametrize(("range", "status", "length"), [(None, 200, len(VIDEO)), ("bytes=0-9", 206, 10)])
def test_head_answers_with_the_headers_alone(ask, range, status, length):
    response = ask(range, method="head")
    assert (response.status_code, response["Content-Length"], response.content) == (status, str(length), b"")


def test_a_clip_whose_video_was_deleted_has_none_to_serve(add_clip, browser):
    clip = add_clip(is_kept=False)
    clip.video_path.unlink()
    assert browser.get(reverse("clip-video", args=[clip.id])).status_code == 404


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"\x1a\x45\xdf\xa3....", "video/webm"),
        (b"RIFF....AVI ", "video/x-msvideo"),
        (b"....ftypqt  ", "video/mp4"),
        (b"<html><script>", "application/octet-stream"),
        (b"", "application/octet-stream"),
    ],
)
def test_the_first_bytes_decide_the_type_so_that_no_upload_becomes_a_page(tmp_path, head, expected):
    path = tmp_path / "video"
    path.write_bytes(head)
    assert media_type(path) == expected
