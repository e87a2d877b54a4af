"""The diary as a person uses it: in headless Chromium, on a telephone and at a desk, by touch, keyboard and offline."""

from __future__ import annotations

import re
import signal
import sqlite3
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect, sync_playwright

from .serving import Server, serving, wait_for
from .test_browser import FLAGS, SIZES, foreign, must_be_fine, until

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Return a running philtrum."""
    with serving(tmp_path_factory.mktemp("diary") / "data") as running:
        yield running


@pytest.fixture(scope="module")
def chrome(chromium):
    """Return Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, headless=True, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def empty(server):
    """Empty the diary before the test."""
    with sqlite3.connect(server.folder / "philtrum.sqlite3", timeout=20) as database:
        for table in ("diary_revision", "diary_entry", "diary_sought"):
            database.execute(f"DELETE FROM {table}")  # noqa: S608 - names of our own
    database.close()


def opened(chrome, server, size="telephone", **options):
    width, height = SIZES[size]
    context = chrome.new_context(
        viewport={"width": width, "height": height}, reduced_motion="reduce", timezone_id="Europe/Berlin", **options
    )
    page = context.new_page()
    page.wrong = []
    context.on("request", lambda asked: foreign(asked.url) and page.wrong.append(asked.url))
    page.on("console", lambda message: message.type in ("error", "warning") and page.wrong.append(message.text))
    page.on("pageerror", lambda error: page.wrong.append(str(error)))
    page.goto(server.new_link())
    return page


@pytest.fixture
def page(request, chrome, server, empty):
    """Return a signed-in page; whatever it asks for elsewhere, or complains about, fails the test."""
    page = opened(chrome, server, getattr(request, "param", "telephone"))
    yield page
    page.context.close()
    assert page.wrong == []


def rows(server, what="count(*)", where="1"):
    with sqlite3.connect(server.folder / "philtrum.sqlite3", timeout=20) as database:
        found = database.execute(f"SELECT {what} FROM diary_entry WHERE removed_at IS NULL AND {where}").fetchall()  # noqa: S608
    database.close()
    return found if what != "count(*)" else found[0][0]


@pytest.mark.parametrize("page", SIZES, indirect=True)
def test_from_the_first_visit_over_the_evening_to_the_calendar(page, server):
    must_be_fine(page)
    page.get_by_role("button", name="It’s twitching").click()  # noqa: RUF001
    expect(page.locator("#logged")).to_contain_text("Written down")
    must_be_fine(page)
    page.get_by_role("button", name="It has just stopped").click()
    expect(page.locator(".going-on")).to_have_count(0)

    page.locator("label", has_text="7").first.click()
    page.locator("fieldset", has_text="stressful").locator("label", has_text="4").click()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("Saved: the check-in of")
    must_be_fine(page)

    page.get_by_role("link", name="Calendar").click()
    must_be_fine(page)
    page.locator(".square.today").click()
    expect(page.get_by_role("link", name=re.compile("Spell"))).to_have_count(1)
    must_be_fine(page)
    page.get_by_role("link", name=re.compile("Spell")).click()
    must_be_fine(page)
    page.locator(".lip-upper_left").click()
    page.locator(".scale label", has_text="6").click()
    page.get_by_text("short runs of quick flicks").click()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("link", name=re.compile("upper lip, left, strength 6"))).to_be_visible()
    page.get_by_role("link", name="Charts").click()
    expect(page.locator(".day-chart:visible")).to_have_count(1)
    must_be_fine(page)
    assert rows(server) == 2


def test_one_tap_is_acknowledged_within_a_third_of_a_second(page):
    took_ms = page.evaluate(
        """() => new Promise((resolve) => {
            const start = performance.now();
            const words = document.querySelector(".big-words");
            new MutationObserver(() => resolve(performance.now() - start)).observe(words, { childList: true });
            document.getElementById("big").click();
        })"""
    )
    assert took_ms < 300
    expect(page.locator("#logged")).to_be_visible()


def test_undo_is_there_for_ten_seconds_and_takes_the_tap_back(page, server):
    page.get_by_role("button", name="15 min ago").click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("status").first).to_contain_text("Undone")
    assert rows(server) == 0
    page.clock.install()
    page.get_by_role("button", name="5 min ago", exact=True).click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    page.clock.fast_forward(9_000)
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    page.clock.fast_forward(1_500)
    expect(page.get_by_role("button", name="Undo")).to_have_count(0)
    expect(page.get_by_role("link", name="Add details")).to_be_visible()


def test_holding_the_button_writes_down_for_how_long(page, server):
    button = page.locator("#big")
    box = button.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    expect(button).to_contain_text("Hold: 2 s", timeout=5000)
    page.mouse.up()
    expect(page.locator("#logged")).to_be_visible()
    ((ending, seconds),) = rows(
        server,
        "data->>'ending', strftime('%s', data->>'ended_at') - strftime('%s', data->>'started_at')",
    )
    assert ending == "ended"
    assert 1 <= seconds <= 4


def test_everything_can_be_done_with_the_keyboard(page, server):
    def tab_to(locator):
        for _ in range(80):
            if locator.evaluate("e => e === document.activeElement"):
                return
            page.keyboard.press("Tab")
        raise AssertionError("not reached with the keyboard")

    tab_to(page.locator("#big"))
    page.keyboard.press("Enter")
    expect(page.locator("#logged")).to_be_visible()
    tab_to(page.get_by_role("button", name="It has just stopped"))
    page.keyboard.press("Enter")
    expect(page.locator(".going-on")).to_have_count(0)
    tab_to(page.locator("input[name=answer_stress]").first)
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    expect(page.locator("input[name=answer_stress][value='2']")).to_be_checked()
    tab_to(page.get_by_role("button", name="Save"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Saved")
    assert rows(server, "data->>'answers'", "kind = 'check_in'") == [('{"stress":2.0}',)]
    page.goto(f"{server.base}/days/{datetime.now(UTC).date()}/spell")
    tab_to(page.locator("input[value=upper_right]"))
    page.keyboard.press("Space")
    tab_to(page.locator("input[name=strength]").first)
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    tab_to(page.locator("input[name=note], textarea[name=note]"))
    page.keyboard.type("by keyboard")
    page.keyboard.press("Tab")
    tab_to(page.get_by_role("button", name="Save"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("by keyboard")).to_be_visible()


@pytest.mark.parametrize(("size", "scheme"), [("telephone", "dark"), ("desk", "light")])
def test_every_page_is_fine_in_light_and_dark(chrome, server, empty, size, scheme):
    page = opened(chrome, server, size, color_scheme=scheme)
    page.get_by_role("button", name="60 min ago").click()
    expect(page.locator("#logged")).to_be_visible()
    ((entry,),) = rows(server, "record_id")
    entry = f"{entry[:8]}-{entry[8:12]}-{entry[12:16]}-{entry[16:20]}-{entry[20:]}"
    page.goto(f"{server.base}/entries/{entry}/")
    page.get_by_text("face drops on one side").click()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("Call an ambulance now")
    must_be_fine(page)
    today = datetime.now(UTC).date()
    for path in (
        *(f"/entries/{entry}/{part}" for part in ("", "history", "remove")),
        *(f"/days/{today - timedelta(days=1)}/", f"/days/{today}/spell", "/calendar/2026-03/", "/charts/?days=30"),
        *("/more/", "/more/questions", "/more/data", "/more/data/delete"),
        *(f"/entries/new/{kind}" for kind in ("medicine", "dose", "treatment", "event")),
    ):
        page.goto(server.base + path)
        must_be_fine(page)
    page.context.close()
    assert page.wrong == []


def test_without_scripts_the_whole_way_works_too(chrome, server, empty):
    page = opened(chrome, server, java_script_enabled=False)
    page.get_by_role("button", name="It’s twitching").click()  # noqa: RUF001
    expect(page.get_by_text("Written down").first).to_be_visible()
    page.get_by_role("button", name="It came and went").click()
    page.locator("fieldset", has_text="stressful").locator("label", has_text="4").click()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("Saved")
    page.get_by_role("link", name="Calendar").click()
    page.locator(".square.today").click()
    page.get_by_role("link", name=re.compile("Spell")).click()
    page.get_by_role("link", name="Remove").click()
    page.get_by_role("button", name="Remove").click()
    page.get_by_role("button", name="Bring it back").click()
    expect(page.get_by_role("heading", name="This spell")).to_be_visible()
    assert rows(server) == 2
    page.context.close()


@pytest.mark.slow
def test_taps_while_philtrum_is_down_are_there_once_when_it_is_back(chrome, tmp_path):
    server = Server(tmp_path / "data")
    page = opened(chrome, server)
    port = server.base.rpartition(":")[2]
    until(page, "navigator.serviceWorker.controller !== null")
    server.stop(signal.SIGKILL)
    page.locator("#big").click()
    expect(page.locator("#kept")).to_contain_text("1 spell")
    page.reload()
    expect(page.get_by_role("heading", name="philtrum is not running")).to_be_visible()
    must_be_fine(page)
    page.goto(f"{server.base}/calendar/")
    expect(page.get_by_role("heading", name="philtrum is not running")).to_be_visible()
    page.get_by_role("button", name="15 min ago").click()
    expect(page.locator("#kept")).to_contain_text("2 spells")
    again = Server(tmp_path / "data", port=port)
    try:
        page.wait_for_url(f"{again.base}/", timeout=20_000)
        wait_for(lambda: rows(again) == 2, within_s=20)
        expect(page.locator("#kept")).to_be_hidden(timeout=20_000)
        page.wait_for_load_state()
        assert rows(again) == 2, "nothing lost, nothing twice"
        assert page.evaluate("localStorage.length") == 0, "the browser keeps nothing that philtrum has"
        kept = page.evaluate("""async () => {
            const urls = [];
            for (const name of await caches.keys()) {
                for (const request of await (await caches.open(name)).keys()) urls.push(new URL(request.url).pathname);
            }
            return urls;
        }""")
        assert {path for path in kept if not path.startswith("/static/")} == {"/away"}, "no page with entries is kept"
    finally:
        again.stop()
        page.context.close()
