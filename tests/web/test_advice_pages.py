"""The check-up, its result, the emergency page and the pages to understand, as the server answers them."""

from __future__ import annotations

import re
import statistics
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone
from tests.advice.readability import grade
from tests.diary.diaries import spell

from philtrum.advice.knowledge import load_knowledge
from philtrum.web.advice.evidence import add_facts
from philtrum.web.advice.models import CheckUp
from philtrum.web.diary import store

from .conftest import signed_in

PLAIN = {
    "movement": {"choice": "flick"},
    "duration": {"choice": "days"},
    "age": {"words": "29"},
    "everyday": {"choice": ["coffee", "stress"]},
}
KNOWLEDGE = load_knowledge()


def send(browser, question, **answer):
    return browser.post(reverse("check-up-question", args=[question]), {"go": "next"} | answer)


def ask(browser):
    """Return the id of the question that comes next; "" at the result."""
    response = browser.get("/check-up/", follow=True)
    found = re.search(r"/check-up/questions/(\w+)", response.redirect_chain[-1][0] if response.redirect_chain else "")
    return found[1] if found else ""


def words_of(page):
    """Return what a page says, without its marks, on one line."""
    text = re.sub(r"<(script|style|title)\b.*?</\1>|<[^>]+>", " ", page.content.decode(), flags=re.S)
    return " ".join(unescape(text).split())


def check_up(browser, answers=PLAIN):
    """Answer until the result, with "none" or "don't know" by default; return the questions and the page."""
    page, asked = browser.get("/check-up/", follow=True), []
    while found := re.search(r"/check-up/questions/(\w+)$", page.redirect_chain[-1][0]):
        asked.append(found[1])
        assert len(asked) < 30
        has_none = 'value="none"' in page.content.decode()
        default = {"go": "none" if has_none else "skip"}
        page = browser.post(page.redirect_chain[-1][0], {"go": "next", **answers.get(found[1], default)}, follow=True)
    return asked, page


@pytest.mark.django_db
def test_the_check_up_begins_with_the_emergency_question(browser):
    assert ask(browser) == "emergency"
    page = browser.get("/check-up/", follow=True)
    assert "Is any of this happening now" in words_of(page)
    assert "Question 1 of about 1" in words_of(page)


def test_a_plain_case_takes_at_most_12_questions_and_says_look_after_it_yourself(browser):
    asked, page = check_up(browser)
    assert len(asked) <= 12
    assert asked[0] == "emergency"
    words = words_of(page)
    order = ["Look after yourself", "Why", "What to do now", "When to look again", "What fits", "What is worth trying"]
    places = [words.index(part) for part in order]
    assert places == sorted(places)
    assert "This is not a diagnosis" in words
    assert "%" not in words[words.index("What fits") : words.index("What is worth trying")]


@pytest.mark.parametrize("choice", [choice.id for choice in KNOWLEDGE.questions[0].choices])
def test_every_emergency_answer_ends_at_once_on_the_emergency_page(browser, choice):
    response = send(browser, "emergency", choice=choice)
    assert response.status_code == 302
    assert response.url == "/check-up/result"
    page = browser.get(response.url)
    words = words_of(page)
    main = words[words.index("this computer.") :] if "this computer." in words else words
    assert main.removeprefix("this computer.").strip().startswith("Emergency")
    assert "worth trying" not in words
    assert "<nav" not in page.content.decode()
    assert "tel:112" in page.content.decode()


def test_same_day_puts_what_to_do_first_and_offers_no_remedy(browser):
    send(browser, "emergency", go="none")
    send(browser, "today", choice="weak_face")
    page = browser.get("/check-up/result")
    words = words_of(page)
    assert words.index("Today") < words.index("Why")
    assert "worth trying" not in words
    assert "<nav" not in page.content.decode()


def test_each_reason_has_a_source_and_says_where_no_guideline_sets_the_level(browser):
    send(browser, "emergency", go="none")
    send(browser, "today", choice=["mouth_tingles", "fingers_tingle"])
    page = browser.get("/check-up/result").content.decode()
    reasons = page[page.index('id="why"') : page.index('id="causes"')]
    n_reasons = reasons.count("You told:")
    assert n_reasons
    assert len(re.findall(r"Sources?:", reasons)) == n_reasons
    assert "No guideline sets this level" in reasons


def test_a_check_up_that_was_stopped_goes_on_where_it_was(browser, alice):
    send(browser, "emergency", go="none")
    send(browser, "today", go="none")
    again = signed_in(alice)
    page = again.get("/check-up/")
    assert "You answered 2 questions" in words_of(page)
    assert reverse("check-up-question", args=["movement"]) in page.content.decode()


def test_back_shows_the_answer_before_and_changing_it_keeps_the_others(browser):
    send(browser, "emergency", go="none")
    send(browser, "today", go="none")
    send(browser, "movement", choice=["flick", "runs"])
    page = browser.get(reverse("check-up-question", args=["duration"])).content.decode()
    assert f'class="back" href="{reverse("check-up-question", args=["movement"])}"' in page
    page = browser.get(reverse("check-up-question", args=["movement"])).content.decode()
    assert re.findall(r'value="(\w+)" checked', page) == ["flick", "runs"]
    send(browser, "movement", choice="ripple")
    assert [row["question"] for row in CheckUp.objects.get().answers] == ["emergency", "today", "movement"]
    assert "Fine rippling" in words_of(browser.get("/check-up/answers"))


def test_every_answered_question_can_be_looked_at_again(browser):
    medicines = {"name_0": "Zoloft", "when_0": "began_days"}
    asked, _ = check_up(browser, PLAIN | {"medicines": medicines, "words": {"words": "after coffee"}})
    for question in asked:
        assert browser.get(reverse("check-up-question", args=[question])).status_code == 200
    assert 'value="29"' in browser.get(reverse("check-up-question", args=["age"])).content.decode()
    assert "after coffee</textarea>" in browser.get(reverse("check-up-question", args=["words"])).content.decode()


def test_do_not_know_is_kept_as_not_known_and_named_on_the_result(browser):
    asked, page = check_up(browser, PLAIN | {"emergency": {"go": "skip"}})
    assert len(asked) == len(set(asked))
    words = words_of(page)
    assert "You did not know the answer here" in words
    assert "Is any of this happening now" in words


@pytest.mark.parametrize(
    ("question", "answer", "id"),
    [
        ("emergency", {}, "answer-missing"),
        ("emergency", {"choice": "nonsense"}, "answer-missing"),
        ("emergency", {"choice": "speech", "go": "none"}, "answer-contradicts"),
        ("duration", {}, "answer-missing"),
        ("age", {"words": " "}, "answer-missing"),
        ("age", {"words": "old"}, "facts-wrong-type"),
        ("age", {"words": "-3"}, "facts-age-impossible"),
        ("age", {"words": "400"}, "facts-age-impossible"),
        ("medicines", {"name_0": " ", "when_0": "same"}, "answer-missing"),
        ("medicines", {"name_0": "Zoloft", "go": "none"}, "answer-contradicts"),
        ("words", {"words": "thyroid out", "go": "none"}, "answer-contradicts"),
    ],
)
def test_an_answer_that_cannot_be_taken_is_told_beside_the_question_and_kept_nowhere(browser, question, answer, id):
    response = send(browser, question, **answer)
    assert response.status_code == 422
    assert f"[{id}]" in words_of(response)
    assert 'role="alert"' in response.content.decode()
    assert not CheckUp.objects.exists()


def test_nothing_written_in_own_words_is_nothing_else(browser):
    assert send(browser, "words", words="  ").status_code == 302
    assert "Nothing else" in words_of(browser.get("/check-up/answers"))


def test_an_age_of_zero_is_an_age(browser):
    assert send(browser, "age", words="0").status_code == 302


def test_what_was_ticked_is_still_there_beside_the_error(browser):
    page = send(browser, "emergency", choice="speech", go="none").content.decode()
    assert re.findall(r'value="(\w+)" checked', page) == ["speech"]


def test_medicines_take_more_lines_and_keep_what_stands_in_the_others(browser):
    page = send(browser, "medicines", go="more", name_0="Zoloft", when_0="began_days", name_1="", when_1="")
    text = page.content.decode()
    assert page.status_code == 200
    assert text.count('name="name_') == 5
    assert 'value="Zoloft"' in text
    assert 'value="began_days" selected' in text


def test_a_medicine_is_named_as_written_and_as_understood_and_never_to_be_stopped(browser):
    _, page = check_up(browser, PLAIN | {"medicines": {"name_0": "Zoloft", "when_0": "began_days"}})
    words = words_of(page)
    assert "Zoloft sertraline" in words
    assert "Do not stop a prescribed medicine on your own" in words
    text = browser.get(reverse("check-up-question", args=["medicines"])).content.decode()
    assert 'value="began_days" selected' in text


def test_markup_in_own_words_and_names_is_shown_as_text(browser):
    evil = "<script>alert(1)</script><b>thyroid out last week</b>"
    _, page = check_up(browser, PLAIN | {"words": {"words": evil}, "medicines": {"name_0": "<img src=x>"}})
    for shown in (page, browser.get("/check-up/answers"), browser.get(reverse("check-up-question", args=["words"]))):
        text = shown.content.decode()
        assert "<script>alert" not in text
        assert "<img src=x" not in text
        assert "<b>thyroid" not in text
    assert evil in words_of(browser.get("/check-up/answers"))


def test_own_words_count_and_the_result_says_how_they_were_read(browser):
    _, page = check_up(browser, PLAIN | {"words": {"words": "my thyroid was taken out in 2019"}})
    assert "thyroid" in words_of(page)[words_of(page).index("How we read your answers") :]


def test_enormous_words_are_cut_not_refused(browser):
    assert send(browser, "words", words="a" * 50_000).status_code == 302
    assert len(CheckUp.objects.get().answers[0]["chosen"]) == 2000


def test_deleting_takes_every_answer_away(browser):
    check_up(browser)
    assert CheckUp.objects.count() == 1
    assert browser.get("/check-up/delete").status_code == 200
    assert CheckUp.objects.count() == 1
    browser.post("/check-up/delete")
    assert CheckUp.objects.count() == 0
    assert ask(browser) == "emergency"


def test_starting_again_begins_with_nothing(browser):
    send(browser, "emergency", choice="speech")
    assert browser.post("/check-up/again", follow=True).redirect_chain[-1][0].endswith("/questions/emergency")
    assert CheckUp.objects.count() == 0


def test_a_stranger_sees_nothing_of_a_persons_answers_and_cannot_delete_them(browser, charlie):
    check_up(browser, PLAIN | {"words": {"words": "secret words"}})
    stranger = signed_in(charlie)
    for path in ("/check-up/", "/check-up/answers", "/check-up/result", "/check-up/questions/words"):
        assert b"secret words" not in stranger.get(path, follow=True).content
    stranger.post("/check-up/delete")
    stranger.post("/check-up/again")
    send(stranger, "words", words="mine")
    assert "secret words" in words_of(browser.get("/check-up/answers"))


def test_answers_never_reach_the_log(browser, caplog, capfd):
    with caplog.at_level("DEBUG"):
        check_up(browser, PLAIN | {"words": {"words": "canary-words"}, "medicines": {"name_0": "canary-drug"}})
    assert "canary" not in caplog.text + "".join(capfd.readouterr())


def test_old_answers_say_so(browser):
    check_up(browser)
    assert "You answered on" not in words_of(browser.get("/check-up/result"))
    CheckUp.objects.update(answered_at=timezone.now() - timedelta(days=9))
    assert "You answered on" in words_of(browser.get("/check-up/result"))


def test_an_answer_of_another_version_is_passed_over(browser, alice):
    CheckUp.objects.create(owner=alice, answers=[{"question": "gone", "chosen": ["x"]}])
    assert ask(browser) == "emergency"


def test_an_unknown_question_is_not_found(browser):
    assert browser.get("/check-up/questions/nothing").status_code == 404


def test_a_danger_in_the_diary_counts_in_the_check_up_too(browser, alice):
    record = spell(f"{timezone.now() - timedelta(hours=2):%Y-%m-%d %H:%M}", companions=("face_droop_sudden",))
    store.add(alice, record)
    _, page = check_up(browser)
    words = words_of(page)
    assert "Call an ambulance now" in words
    assert "Both reported and denied" in words


def test_what_the_diary_says_is_only_ever_added():
    told = {"movement": ["isolated_twitch"], "duration_days": 7, "side": "left", "history": "one", "medications": []}
    noted = {
        "movement": ["twitch_burst"],
        "duration_days": 40,
        "side": "right",
        "history": ["two"],
        "medications": [{"name": "Zoloft", "started_days_ago": 5}],
        "diary": {"days": 9},
    }
    facts = add_facts(told, noted)
    assert facts["movement"] == ["isolated_twitch", "twitch_burst"]
    assert facts["duration_days"] == 40
    assert facts["side"] == "left"
    assert facts["history"] == ["one", "two"]
    assert facts["medications"] == noted["medications"]
    assert facts["diary"] == {"days": 9}
    assert add_facts(told, {}) == told
    assert add_facts(told | {"duration_days": 800}, noted)["duration_days"] == 800


def test_a_medicine_in_both_is_taken_from_the_diary_which_knows_the_date():
    told = {"medications": [{"name": "zoloft"}, {"name": "Lithium"}]}
    noted = {"medications": [{"name": "Zoloft", "started_days_ago": 5}]}
    assert add_facts(told, noted)["medications"] == [{"name": "Zoloft", "started_days_ago": 5}, {"name": "Lithium"}]


def test_the_emergency_page_names_every_sign_with_what_to_do_and_its_source(browser):
    page = browser.get("/emergency/")
    words = words_of(page)
    for choice in (choice for question in KNOWLEDGE.questions[:2] for choice in question.choices):
        assert choice.text in words
    assert "Call an ambulance now" in words
    n_rules = page.content.decode().count("<h3>")
    assert n_rules >= 15
    assert len(re.findall(r"Sources?:", words)) == n_rules + 1


def test_the_emergency_is_one_link_away_on_every_page(browser):
    for path in ("/", "/film/", "/more/", "/check-up/questions/movement", "/understand/", "/understand/movements"):
        assert 'href="/emergency/"' in browser.get(path).content.decode()


PAGES = [
    *(reverse("understand-cause", args=[id]) for id in KNOWLEDGE.causes),
    *(reverse("understand-medicines", args=[id]) for id in KNOWLEDGE.groups),
    *(reverse("understand-remedy", args=[remedy.id]) for remedy in KNOWLEDGE.remedies),
]


@pytest.mark.django_db
def test_every_cause_medicine_group_and_remedy_has_a_page_with_a_source_linked_from_the_index(browser):
    index = browser.get("/understand/").content.decode()
    for path in PAGES:
        page = browser.get(path)
        assert page.status_code == 200, path
        assert re.search(r"/understand/sources#\w+|was not looked up", page.content.decode()), path
        assert f'href="{path}"' in index


def test_every_movement_myth_and_source_is_on_its_page(browser):
    movements = browser.get("/understand/movements").content.decode()
    assert movements.count("<svg") == len(KNOWLEDGE.movements)
    assert all(f'id="{movement.id}"' in movements for movement in KNOWLEDGE.movements)
    myths = words_of(browser.get("/understand/claims-of-the-web"))
    assert all(" ".join(myth.claim.split()) in myths for myth in KNOWLEDGE.myths)
    sources = browser.get("/understand/sources").content.decode()
    assert all(f'id="{id}"' in sources for id in KNOWLEDGE.sources)


@pytest.mark.parametrize("path", ["causes/nothing", "medicines/nothing", "remedies/nothing"])
def test_what_does_not_exist_is_not_found(browser, path):
    assert browser.get(f"/understand/{path}").status_code == 404


def test_a_level_without_a_guideline_says_so_on_a_causes_page(browser):
    assert "No guideline sets this level" in words_of(browser.get(reverse("understand-cause", args=["stroke_tia"])))


def test_a_page_about_medicines_never_tells_to_stop(browser):
    for id in KNOWLEDGE.groups:
        assert "Do not stop a prescribed medicine on your own" in words_of(
            browser.get(reverse("understand-medicines", args=[id]))
        )


def test_what_the_pages_say_themselves_can_be_read_at_twelve(settings):
    texts = []
    for path in sorted(Path(settings.BASE, "templates", "advice").glob("*.html")):
        texts += re.findall(r'{% translate "([^"]+)" %}', path.read_text("utf-8"))
    sentences = [text for text in texts if text.endswith((".", "?")) and len(text.split()) > 4]
    assert len(sentences) > 20
    assert statistics.mean(map(grade, sentences)) <= 6
    assert [text for text in sentences if grade(text) > 10] == []
