"""A person's own look at the found twitches: noted beside the measurement, and never in its place."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse
from tests.measurements import REFUSED, TWITCHING

from philtrum.web.clips.review import reviewed

N_FOUND = len(TWITCHING.twitches)


@pytest.fixture
def say(add_clip, browser):
    """Return a clip, and a function that says of a twitch whether it is one and returns the answer."""
    clip = add_clip()

    def say(number, verdict, **options):
        answer = browser.post(reverse("clip-review", args=[clip.id]), {"number": number, "verdict": verdict}, **options)
        clip.refresh_from_db()
        return answer

    return clip, say


def page_of(clip, browser):
    return re.sub(r"\s+", " ", browser.get(reverse("clip", args=[clip.id])).content.decode())


def test_what_is_said_is_kept_and_the_measurement_stays_as_it_was(say, browser):
    clip, judge = say
    clip.refresh_from_db()
    before = clip.measurement
    assert judge(1, "none")["Location"].endswith("#twitch-1")
    judge(2, "twitch")
    assert clip.review == {"1": False, "2": True}
    assert clip.measurement == before
    page = page_of(clip, browser)
    assert f"You have looked at 2 of {N_FOUND}." in page
    assert f"Not twitches: 1. That leaves {N_FOUND - 1}" in page
    assert "2 twitches of the upper lip" in page, "philtrum's own count stands above"
    assert re.search(r'<tr id="twitch-1"[^>]* class="rejected">', page)


def test_saying_the_same_again_takes_it_back(say, browser):
    clip, judge = say
    judge(1, "none")
    assert re.search(r'value="open" data-verdict="none" aria-pressed="true"', page_of(clip, browser))
    judge(1, "open")
    assert clip.review == {}


def test_the_corrected_rate_is_per_observed_minute(say):
    clip, judge = say
    judge(1, "none")
    observed_s = clip.measurement["summary"]["observed_s"]
    assert reviewed(clip).rate_per_min == pytest.approx(60 * (N_FOUND - 1) / observed_s)


def test_scripts_get_the_counts_only(say):
    _, judge = say
    answer = judge(1, "twitch", headers={"hx-request": "true"})
    assert b"You have looked at 1 of" in answer.content
    assert b"<html" not in answer.content


@pytest.mark.parametrize(
    ("number", "verdict"), [(0, "none"), (N_FOUND + 1, "none"), ("x", "none"), ("", "none"), (1, "maybe"), (1, "")]
)
def test_what_is_no_twitch_or_no_verdict_is_not_found(say, number, verdict):
    clip, judge = say
    assert judge(number, verdict).status_code == 404
    assert clip.review == {}


def test_a_clip_that_could_not_be_judged_has_nothing_to_look_at(add_clip, browser):
    clip = add_clip(measurement=REFUSED)
    answer = browser.post(reverse("clip-review", args=[clip.id]), {"number": 1, "verdict": "none"})
    assert answer.status_code == 404
    assert page_of(clip, browser)


def test_the_api_gives_both(say, browser):
    clip, judge = say
    judge(2, "none")
    told = browser.get(f"/api/clips/{clip.id}").json()
    assert told["review"] == {"2": False}
    assert len(told["measurement"]["twitches"]) == N_FOUND
