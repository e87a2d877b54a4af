"""What a person reads: plain sentences, every number explained, help for clips that could not be measured."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from django.urls import reverse
from tests.measurements import FILM, QUIET, REFUSED, TWITCHING

from philtrum.web.clips import wording
from philtrum.web.clips.models import Clip

from .conftest import VIDEO

ERROR = {"id": "clip-not-a-video", "what": "notes.mp4: this is text.", "next_step": "Choose a video."}
STATES = {
    "twitching": {},
    "quiet": {"measurement": QUIET},
    "refused": {"measurement": REFUSED},
    "failed": {"measurement": None, "state": Clip.State.FAILED, "error": ERROR},
    "waiting": {"measurement": None, "state": Clip.State.WAITING},
    "measuring": {"measurement": None, "state": Clip.State.MEASURING, "fraction": 0.4, "stage": "finding the face"},
}


@pytest.fixture
def read(add_clip, browser):
    """Return a function that opens the page of a new clip and returns its text."""

    def page(**values):
        return browser.get(reverse("clip", args=[add_clip(**values).id])).content.decode()

    return page


@pytest.mark.parametrize("state", STATES)
def test_every_page_says_first_when_to_get_help_at_once(read, state):
    page = read(**STATES[state])
    assert page.index("Get help at once") < page.index("<main")
    assert "suddenly droops" in page
    assert "emergency number" in page


def test_the_first_sentence_says_how_many_and_where():
    words = wording.words_for(TWITCHING.to_dict())
    assert words.first_sentence == "2 twitches of the upper lip, mostly on your left."
    assert words.second_sentence == (
        "8 s of the clip's 10 s could be judged. The smallest twitch that this clip could have shown is about 0.3 mm."
    )


@pytest.mark.parametrize(
    ("n", "side", "sentence"),
    [
        (0, None, "No twitch of the upper lip was found."),
        (1, "right", "1 twitch of the upper lip, mostly on your right."),
        (5, None, "5 twitches of the upper lip."),
        (5, "both", "5 twitches of the upper lip, mostly on both sides at once."),
        (5, "midline", "5 twitches of the upper lip, mostly in the middle."),
    ],
)
def test_one_none_and_many_are_all_said_in_good_english(n, side, sentence):
    summary = replace(TWITCHING.summary, n_twitches=n, dominant_side=side)
    assert wording.words_for(replace(TWITCHING, summary=summary).to_dict()).first_sentence == sentence


def test_every_number_says_how_it_was_computed_with_the_clips_own_values(read):
    page = read()
    words = wording.words_for(TWITCHING.to_dict())
    assert len(words.numbers) == 6
    assert page.count("How was this computed?") == 6
    for number in words.numbers:
        assert number.how and number.formula and number.values
    rate = next(number for number in words.numbers if number.label == "Twitches per minute")
    assert (rate.value, rate.values) == ("15", "2 ÷ 8 × 60")  # noqa: RUF001
    assert page.count(f"philtrum {TWITCHING.method}") >= 6


def test_numbers_that_are_not_known_are_left_out_instead_of_shown_as_zero():
    words = wording.words_for(REFUSED.to_dict())
    assert [number.label for number in words.numbers] == ["Twitches", "Time judged"]


def test_the_list_has_a_row_per_twitch_with_everything_about_it(read):
    page = read()
    row = re.search(r'<tr id="twitch-1".*?</tr>', page, re.S).group()
    for text in ("1.00 s", "0.25 s", "1.50 %", "≈ 1.3 mm", "your left", "lower eyelid left", 'data-start="1.00"'):
        assert text in row
    assert page.count('<tr id="twitch-') == 2


def test_a_row_opens_a_kept_video_shortly_before_the_twitch_without_any_script(add_clip, browser):
    clip = add_clip()
    page = browser.get(reverse("clip", args=[clip.id])).content.decode()
    assert f'href="/clips/{clip.id}/video#t=4.50"' in page


def test_the_chart_stands_on_the_page_in_a_wide_and_a_narrow_form_without_a_shared_id(read):
    page = read()
    assert page.count('class="trace-chart"') == 2
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_the_film_stands_beside_the_video_with_a_caption_in_plain_words(read):
    page = read(film_state="made", film=FILM)
    assert page.index('id="video"') < page.index('id="film-video"') < page.index('class="chart')
    assert "Slowed 4 times, movement shown 8 times larger than it was. It shows all 2 twitches." in page
    assert 'data-stretches="[[0.5, 1.75], [4.5, 5.75]]"' in page
    assert "hx-get" not in page


@pytest.mark.parametrize(
    ("values", "measurement", "sentence"),
    [
        ({"n_twitches": 1}, TWITCHING, "It shows 1 of the 2 twitches."),
        (
            {"n_twitches": 1},
            replace(TWITCHING, summary=replace(TWITCHING.summary, n_twitches=1)),
            "It shows the twitch.",
        ),
        ({"n_twitches": 0}, replace(QUIET, runs=TWITCHING.runs), "It shows the time in which the lip kept moving."),
        ({"n_twitches": 0}, QUIET, "No twitch was found, so it shows a stretch of rest"),
    ],
)
def test_the_caption_says_which_part_of_the_clip_the_film_shows(values, measurement, sentence):
    assert wording.film_words(FILM | values, measurement.to_dict())[1].startswith(sentence)


def test_a_film_under_way_is_followed_while_the_result_is_read(read, add_clip, browser):
    page = read(film_state="making", fraction=0.4)
    assert "2 twitches of the upper lip" in page
    assert "is being made" in page
    assert 'hx-trigger="every 2s"' in page
    clip = add_clip(film_state="made", film=FILM)
    part = browser.get(reverse("clip-film-progress", args=[clip.id])).content.decode()
    assert f'src="/clips/{clip.id}/film"' in part
    assert "hx-get" not in part and "<html" not in part


def test_a_film_that_failed_says_why_and_that_the_measurement_stands(read):
    page = read(film_state="failed", film=ERROR)
    assert "the measurement is not affected" in page
    for text in ERROR.values():
        assert text in page


def test_without_the_persons_consent_to_keep_the_clip_there_is_no_film_and_the_page_says_so(read, browser):
    page = read(is_kept=False)
    assert "made only of clips that you keep" in page
    assert "film-video" not in page
    assert (
        "Also makes a slowed and magnified film of them, kept with the video." in browser.get("/film/").content.decode()
    )


def test_the_film_is_served_in_the_pieces_that_a_player_asks_for(add_clip, browser):
    clip = add_clip(film_state="made", film=FILM)
    address = reverse("clip-film", args=[clip.id])
    assert browser.get(address).getvalue() == VIDEO[::-1]
    piece = browser.get(address, headers={"range": "bytes=4-7"})
    assert (piece.status_code, piece.getvalue()) == (206, VIDEO[::-1][4:8])
    assert browser.get(reverse("clip-film", args=[add_clip().id])).status_code == 404


def test_a_video_that_was_not_kept_can_be_watched_from_the_persons_own_file(read):
    page = read(is_kept=False)
    assert f'data-sha256="{TWITCHING.clip.sha256}"' in page
    assert not re.search(r"/clips/[^\"]+/video", page)


@pytest.mark.parametrize(("is_mirrored", "text"), [(True, "You said that the video is mirrored"), (False, "if it is")])
def test_the_assumption_about_left_and_right_is_stated(read, is_mirrored, text):
    assert text in read(is_mirrored=is_mirrored)


def test_time_that_was_not_judged_is_added_up_by_reason(read):
    assert wording.words_for(TWITCHING.to_dict()).excluded == (("talking", "2.0"),)
    assert "<strong>2.0 s</strong> talking" in read()


def test_a_quiet_clip_does_not_promise_that_there_are_no_twitches(read):
    page = read(measurement=QUIET)
    assert "No twitch of the upper lip was found." in page
    assert "smaller than the limit above may still be there" in page


def test_a_refused_clip_gets_help_and_no_number(read):
    page = read(measurement=REFUSED)
    assert "could not be judged" in page
    assert "The face is dark." in page
    assert "Turn on a lamp in front of you." in page
    assert "Film again" in page
    assert "Twitches per minute" not in page


def test_bad_input_is_told_with_what_to_do_and_its_id(read):
    page = read(**STATES["failed"])
    for text in (*ERROR.values(), "Choose or film another clip"):
        assert text in page


def test_a_clip_under_way_is_followed_with_and_without_script(read):
    page = read(**STATES["measuring"])
    assert 'hx-trigger="every 1s"' in page
    assert '<noscript><meta http-equiv="refresh"' in page
    assert "finding the face · 40 %" in " ".join(page.split())


def test_the_moving_part_sends_the_page_on_when_the_clip_is_finished(add_clip, browser):
    clip = add_clip()
    response = browser.get(reverse("clip-progress", args=[clip.id]))
    assert response["HX-Redirect"] == f"/clips/{clip.id}/"


def test_the_moving_part_says_a_change_of_state_once(add_clip, browser):
    clip = add_clip(**STATES["measuring"])
    address = reverse("clip-progress", args=[clip.id])
    assert b"hx-swap-oob" in browser.get(address, {"said": "waiting"}).content
    assert b"hx-swap-oob" not in browser.get(address, {"said": "measuring"}).content


def test_home_lists_earlier_clips_newest_first_with_their_results(add_clip, browser):
    add_clip(name="old.mp4")
    add_clip(name="new.mp4", measurement=QUIET)
    page = browser.get("/film/").content.decode()
    assert page.index("new.mp4") < page.index("old.mp4")
    assert "2 twitches" in page
    assert "no twitch found" in page


def test_removing_takes_two_steps_and_removes_rows_and_files(add_clip, browser):
    clip = add_clip()
    folder, address = clip.folder, reverse("clip-remove", args=[clip.id])
    assert b"cannot be undone" in browser.get(address).content
    assert folder.exists()
    assert browser.post(address)["Location"] == "/film/"
    assert not folder.exists()
    assert not Clip.objects.exists()
    assert b"Removed" in browser.get("/film/").content


def test_cancelling_removes_a_clip_under_way_but_not_a_finished_one(add_clip, browser):
    under_way, finished = add_clip(**STATES["waiting"]), add_clip()
    for clip in (under_way, finished):
        browser.post(reverse("clip-cancel", args=[clip.id]))
    assert list(Clip.objects.all()) == [finished]
    assert not under_way.folder.exists()


def test_the_numbers_and_the_trace_can_be_saved(add_clip, browser):
    clip = add_clip()
    saved = browser.get(reverse("clip-measurement", args=[clip.id]))
    assert saved.json() == json.loads(TWITCHING.to_json())
    assert "attachment" in saved["Content-Disposition"]
    trace = browser.get(reverse("clip-trace", args=[clip.id]))
    assert trace.getvalue().startswith(b"t_s,score,")
    trace.close()


def test_a_kept_video_is_the_persons_own_bytes(add_clip, browser):
    clip = add_clip()
    assert browser.get(reverse("clip-video", args=[clip.id])).getvalue() == VIDEO


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", '"><img src=x>'])
def test_a_name_with_markup_stays_text_on_every_page(add_clip, browser, name):
    clip = add_clip(name=name)
    for address in ("/film/", reverse("clip", args=[clip.id]), reverse("clip-remove", args=[clip.id])):
        page = browser.get(address).content.decode()
        assert "<script>alert" not in page
        assert "<img src=x>" not in page
