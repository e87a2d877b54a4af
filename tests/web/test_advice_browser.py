"""The check-up and the pages to understand as a person uses them: by touch, by keyboard, without scripts."""

from __future__ import annotations

import re
import sqlite3

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright

from .serving import serving
from .test_browser import FLAGS, foreign, must_be_fine

pytestmark = pytest.mark.browser

SIZES = {"small telephone": (360, 740), "telephone": (390, 844), "desk": (1280, 900)}
LEAST_TARGET_PX = 44
# Everything that can be pressed in the check-up, but for links inside a sentence.
TARGETS = "button:visible, .answer:visible, select:visible, input[type=text]:visible, textarea:visible, a.back:visible"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Return a running philtrum."""
    with serving(tmp_path_factory.mktemp("advice") / "data") as running:
        yield running


@pytest.fixture(scope="module")
def chrome(chromium):
    """Return Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, headless=True, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def opened(server, chrome):
    """Return a function that opens a signed-in page with no check-up; complaints of the page fail the test."""
    contexts, wrong = [], []
    with sqlite3.connect(server.folder / "philtrum.sqlite3", timeout=20) as database:
        database.execute("DELETE FROM advice_checkup")
    database.close()

    def open_page(size="telephone", **options):
        width, height = SIZES[size]
        context = chrome.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce", **options)
        contexts.append(context)
        context.on("request", lambda asked: foreign(asked.url) and wrong.append(asked.url))
        page = context.new_page()
        page.on("console", lambda message: message.type in ("error", "warning") and wrong.append(message.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto(server.new_link())
        page.goto(f"{server.base}/check-up/")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert [text for text in wrong if "422" not in text] == []


def press(page, name):
    page.get_by_role("button", name=name, exact=True).click()


def must_be_reachable(page):
    """Check that everything to press is large enough for a thumb."""
    for target in page.locator(TARGETS).all():
        box = target.bounding_box()
        assert box["height"] >= LEAST_TARGET_PX, target.evaluate("e => e.outerHTML")
        assert box["width"] >= LEAST_TARGET_PX, target.evaluate("e => e.outerHTML")


def must_be_fine_alarm(page):
    """Check a page on which nothing stands above what to do."""
    found = Axe().run(page).response["violations"]
    assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    expect(page.locator("nav, aside")).to_have_count(0)
    first = page.locator("main > *").first
    assert first.get_attribute("class").startswith("level level-")
    assert first.bounding_box()["y"] < 200


@pytest.mark.parametrize("size", ["small telephone", "desk"])
def test_a_plain_check_up_from_the_first_question_to_the_result(opened, size):
    page = opened(size)
    looks = {"movement": "Single flicks", "duration": "Up to two weeks", "everyday": "A lot of coffee"}
    n_questions = 0
    while "/questions/" in page.url:
        n_questions += 1
        question = page.url.rpartition("/")[2]
        must_be_reachable(page)
        if size == "small telephone":
            must_be_fine(page)
        if question in looks:
            page.locator("label", has_text=looks[question]).click()
            press(page, "Continue")
        elif question == "age":
            page.get_by_label("How old").fill("29")
            press(page, "Continue")
        else:
            page.locator("button[value=none]").click()
    assert n_questions <= 12
    expect(page.get_by_role("heading", level=1)).to_contain_text("Look after")
    must_be_fine(page)
    page.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")
    must_be_fine(page)


@pytest.mark.parametrize(("size", "scheme"), [("small telephone", "dark"), ("desk", "light")])
def test_an_emergency_and_a_doctor_today_stand_alone_at_the_top(opened, size, scheme):
    page = opened(size, color_scheme=scheme)
    page.locator("label", has_text="My speech is suddenly slurred").click()
    press(page, "Continue")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Call an ambulance now")
    must_be_fine_alarm(page)
    page.get_by_role("link", name="See or change my answers").click()
    page.get_by_role("link", name="Change").click()
    page.locator("label", has_text="My speech is suddenly slurred").click()
    press(page, "None of these")
    page.locator("label", has_text="Painful blisters").click()
    press(page, "Continue")
    page.goto(page.url.partition("/check-up/")[0] + "/check-up/result")
    must_be_fine_alarm(page)


def test_the_keyboard_alone_is_enough(opened):
    page = opened("desk")

    def tab_to(locator):
        for _ in range(80):
            if locator.evaluate("e => e === document.activeElement"):
                return
            page.keyboard.press("Tab")
        raise AssertionError("not reached with the keyboard")

    tab_to(page.locator("button[value=none]"))
    page.keyboard.press("Enter")
    tab_to(page.locator("button[value=none]"))
    page.keyboard.press("Enter")
    tab_to(page.locator("input[value=flick]"))
    page.keyboard.press("Space")
    page.keyboard.press("Enter")  # from within the form: Continue
    expect(page.get_by_role("heading", level=1)).to_contain_text("How long")
    tab_to(page.locator("input[value=today]"))
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    tab_to(page.locator("button[value=next]"))
    page.keyboard.press("Enter")
    tab_to(page.get_by_label("How old"))
    page.keyboard.type("29")
    page.keyboard.press("Enter")
    tab_to(page.get_by_role("link", name="Back"))
    page.keyboard.press("Enter")
    expect(page.get_by_label("How old")).to_have_value("29")
    tab_to(page.locator("button[value=skip]"))
    page.keyboard.press("Enter")
    tab_to(page.get_by_role("link", name="Show the result so far"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("You did not know the answer here")).to_be_visible()


def test_without_scripts_a_check_up_is_stopped_gone_on_with_read_and_deleted(opened, server):
    page = opened(java_script_enabled=False)
    press(page, "None of these")
    press(page, "I don’t know")  # noqa: RUF001
    page.goto(f"{server.base}/")
    page.get_by_role("link", name="Check-up").click()
    expect(page.get_by_text("You answered 2 questions")).to_be_visible()
    page.get_by_role("link", name="Go on").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("What does it do?")
    page.goto(f"{server.base}/check-up/questions/medicines")
    page.get_by_label("Name").first.fill("Zoloft")
    press(page, "More lines")
    expect(page.get_by_label("Name").first).to_have_value("Zoloft")
    expect(page.get_by_label("Name")).to_have_count(6)
    press(page, "Continue")
    page.goto(f"{server.base}/check-up/result")
    expect(page.get_by_role("heading", name="Zoloft")).to_be_visible()
    expect(page.get_by_role("button", name="Print")).to_have_count(0)
    page.get_by_role("link", name="Start again or delete").click()
    press(page, "Delete and start again")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Is any of this happening now")
    press(page, "None of these")
    page.goto(f"{server.base}/check-up/delete")
    press(page, "Delete for good")
    expect(page.get_by_role("heading", name="Deleted")).to_be_visible()


def test_an_error_stands_beside_the_question_and_is_read_out(opened):
    page = opened()
    press(page, "Continue")
    expect(page.get_by_role("alert")).to_contain_text("There is no answer yet.")
    must_be_fine(page)


def test_printing_shows_what_is_folded_and_leaves_out_what_cannot_be_pressed(opened, server):
    page = opened()
    press(page, "None of these")
    page.goto(f"{server.base}/check-up/result")
    expect(page.get_by_role("button", name="Print")).to_be_visible()
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(page.locator("details:not([open])")).to_have_count(0)
    expect(page.get_by_role("link", name="See or change my answers")).to_be_hidden()
    expect(page.locator("nav")).to_be_hidden()
    for heading in page.locator("summary h3").all():
        assert heading.bounding_box()["width"] > 40 or len(heading.inner_text()) < 6
    expect(page.get_by_text("This is not a diagnosis").first).to_be_visible()


@pytest.mark.parametrize(("size", "scheme"), [("small telephone", "dark"), ("desk", "light")])
def test_the_pages_to_understand_are_fine_in_light_and_dark(opened, server, size, scheme):
    page = opened(size, color_scheme=scheme)
    paths = ("", "movements", "causes/hemifacial_spasm", "medicines/antidepressants", "remedies/caffeine_reduction")
    for path in (*paths, "claims-of-the-web", "sources"):
        page.goto(f"{server.base}/understand/{path}")
        must_be_fine(page)
    page.goto(f"{server.base}/emergency/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Call now")
    found = Axe().run(page).response["violations"]
    assert [rule["id"] for rule in found] == []


def test_every_strip_has_words_for_those_who_cannot_see_it(opened, server):
    page = opened()
    page.goto(f"{server.base}/understand/movements")
    expect(page.get_by_role("img", name=re.compile("a drawn example of 10 seconds"))).to_have_count(11)
