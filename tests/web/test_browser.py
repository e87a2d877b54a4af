"""The pages as a person uses them, in headless Chromium, with a real clip measured for real."""

from __future__ import annotations

import re

import av
import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright
from tests.clips import write_clip

from .serving import serving, wait_for

pytestmark = pytest.mark.browser

FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
SIZES = {"telephone": (390, 844), "desk": (1280, 900)}
RESULT_MS = 60_000
TWITCHES = re.compile(r"^[2-9] twitches of the upper lip")
LEAD_S = 0.5  # how long before a twitch watching starts


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Return a running philtrum."""
    with serving(tmp_path_factory.mktemp("served") / "data") as running:
        yield running


@pytest.fixture(scope="module")
def fake_camera(lip_clip, tmp_path_factory):
    """Return a film that Chromium plays instead of a camera."""
    path = tmp_path_factory.mktemp("camera") / "face.mjpeg"
    with av.open(str(lip_clip)) as source, av.open(str(path), "w", format="mjpeg") as film:
        stream = film.add_stream("mjpeg", rate=30, options={"qmin": "2", "qmax": "4"})
        stream.width, stream.height, stream.pix_fmt = 512, 512, "yuvj420p"
        for frame in source.decode(video=0):
            film.mux(stream.encode(frame.reformat(width=512, height=512, format="yuvj420p")))
        film.mux(stream.encode(None))
    return path


@pytest.fixture(scope="module")
def chrome(chromium, fake_camera):
    """Return Chromium, with a film for a camera."""
    camera = [
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={fake_camera}",
    ]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, headless=True, args=[*FLAGS, *camera])
        yield browser
        browser.close()


@pytest.fixture(params=SIZES)
def page(request, chrome, server):
    """Return a signed-in page; whatever it asks for outside 127.0.0.1, or complains about, fails the test."""
    width, height = SIZES[request.param]
    context = chrome.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce")
    page = context.new_page()
    wrong = []
    context.on("request", lambda asked: foreign(asked.url) and wrong.append(asked.url))
    page.on("console", lambda message: message.type in ("error", "warning") and wrong.append(message.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(server.new_link())
    page.goto(f"{server.base}/film/")
    yield page
    context.close()
    assert [text for text in wrong if "422" not in text] == []


def foreign(url):
    return not re.match(r"(http://127\.0\.0\.1:\d+/|blob:http://127\.0\.0\.1:|data:)", url)


def must_be_fine(page):
    """Check what holds on every page: axe finds nothing, nothing sticks out, help comes first."""
    found = Axe().run(page).response["violations"]
    assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    expect(page.get_by_role("heading", name="Get help at once")).to_be_visible()


def until(page, claim):
    """Wait for a claim in JavaScript; Playwright's own way needs `eval`, which the pages forbid."""
    wait_for(lambda: page.evaluate(claim), within_s=20)


def start_of(page, number):
    return float(page.locator(f"#twitch-{number}").get_attribute("data-start"))


def measure(page, path, *, keep):
    page.goto(page.url)
    page.get_by_label("Choose a video of your face").set_input_files(path)
    if keep:
        page.get_by_label("Keep the video on this computer").check()
    page.get_by_role("button", name="Measure").click()
    page.wait_for_url("**/clips/*/")


def test_from_choosing_a_clip_to_watching_a_twitch_to_removing_it(page, lip_clip):
    must_be_fine(page)
    measure(page, lip_clip, keep=True)
    expect(page.get_by_role("heading", name="Measuring your clip")).to_be_visible()
    must_be_fine(page)
    expect(page.get_by_role("progressbar")).to_have_attribute("value", re.compile(r"0\.[1-9]"), timeout=RESULT_MS)
    expect(page.get_by_role("heading", name=TWITCHES)).to_be_visible(timeout=RESULT_MS)
    must_be_fine(page)

    video = page.locator("#video")
    until(page, "document.getElementById('video').readyState >= 1")
    head = page.locator(".trace-chart:visible .playhead")
    at_rest = float(head.get_attribute("x1"))
    page.locator(".trace-chart:visible .twitch-mark").nth(1).click()
    until(page, "document.getElementById('video').currentTime > 0")
    assert video.evaluate("v => v.currentTime") == pytest.approx(start_of(page, 2) - LEAD_S, abs=0.05)
    until(page, "!document.getElementById('video').seeking")
    assert float(head.get_attribute("x1")) > at_rest + 20
    expect(page.locator("tr.now")).to_have_attribute("id", "twitch-2")

    before_s = video.evaluate("v => v.currentTime")
    page.get_by_role("link", name="Watch twitch 1,").click()
    until(page, f"document.getElementById('video').currentTime < {before_s}")
    at_s = video.evaluate("v => v.currentTime")
    assert at_s == pytest.approx(start_of(page, 1) - LEAD_S, abs=0.05)
    page.get_by_role("button", name="¼").click()
    assert video.evaluate("v => v.playbackRate") == 0.25
    video.evaluate("v => v.play()")
    until(page, f"document.getElementById('video').currentTime > {at_s} + 0.1")

    film = page.locator("#film-video")
    expect(film).to_be_visible(timeout=RESULT_MS)
    expect(page.locator("#film figcaption")).to_contain_text("Slowed 4 times, movement shown")
    must_be_fine(page)
    until(page, "document.getElementById('film-video').readyState >= 2")
    is_wide = page.viewport_size["width"] > 1000
    own, slow = video.bounding_box(), film.bounding_box()
    assert (slow["x"] > own["x"] + own["width"]) == is_wide, "beside the original on a desk, below it on a telephone"
    assert (slow["y"] > own["y"] + own["height"] - 1) != is_wide
    page.get_by_role("link", name="Watch twitch 2,").click()
    until(page, "document.getElementById('film-video').currentTime > 1")
    film.evaluate("v => v.play()")
    until(page, f"document.getElementById('film-video').currentTime > {film.evaluate('v => v.currentTime')} + 0.1")

    page.get_by_role("link", name="Remove this clip").click()
    must_be_fine(page)
    page.get_by_role("button", name="Remove for good").click()
    expect(page.get_by_role("status")).to_contain_text("Removed")


def test_a_clip_that_was_not_kept_is_watched_from_the_persons_own_file(page, lip_clip, tmp_path):
    measure(page, lip_clip, keep=False)
    expect(page.get_by_role("heading", name=TWITCHES)).to_be_visible(timeout=RESULT_MS)
    must_be_fine(page)
    other = write_clip(tmp_path / "other.mp4", [np.zeros((64, 64, 3), np.uint8)] * 5)
    page.get_by_label("The same video file").set_input_files(other)
    expect(page.locator("#local-words")).to_contain_text("another file")
    expect(page.locator("#video")).to_be_hidden()
    page.get_by_label("The same video file").set_input_files(lip_clip)
    expect(page.locator("#video")).to_be_visible()
    until(page, "document.getElementById('video').readyState >= 1")
    page.get_by_role("link", name="Watch twitch 2,").click()
    until(page, f"document.getElementById('video').currentTime > {start_of(page, 2) - LEAD_S - 0.05}")


def test_everything_can_be_done_with_the_keyboard(page, lip_clip):
    def tab_to(locator):
        for _ in range(60):
            if locator.evaluate("e => e === document.activeElement"):
                return
            page.keyboard.press("Tab")
        raise AssertionError("not reached with the keyboard")

    page.bring_to_front()
    page.wait_for_load_state("networkidle")  # the browser opens no dialog for a page that is still settling
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    tab_to(page.get_by_label("Choose a video of your face"))
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Space")
    chooser.value.set_files(lip_clip)
    tab_to(page.get_by_label("Keep the video on this computer"))
    page.keyboard.press("Space")
    tab_to(page.get_by_role("button", name="Measure"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=TWITCHES)).to_be_visible(timeout=RESULT_MS)
    tab_to(page.get_by_role("link", name="Watch twitch 2,"))
    page.keyboard.press("Enter")
    until(page, f"document.getElementById('video').currentTime > {start_of(page, 2) - LEAD_S - 0.05}")
    expect(page.locator("#video")).to_be_focused()
    link = page.get_by_role("link", name="Watch twitch 1,")
    link.focus()
    page.keyboard.press("n")
    expect(page.locator("#reviewed")).to_contain_text("Not twitches: 1.")
    expect(page.locator("#twitch-1")).to_have_class(re.compile("rejected"))
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="Watch twitch 2,")).to_be_focused()
    page.keyboard.press("y")
    expect(page.locator("#reviewed")).to_contain_text("You have looked at 2 of")
    must_be_fine(page)
    page.keyboard.press("k")
    page.keyboard.press("n")
    expect(page.locator("#reviewed")).to_contain_text("Not twitches: 0.")
    summary = page.locator("summary").first
    tab_to(summary)
    page.keyboard.press("Enter")
    expect(page.get_by_text("stands clear of this clip's own noise")).to_be_visible()


def test_a_clip_without_a_face_gets_a_page_that_helps(page, tmp_path):
    rng = np.random.default_rng(1)
    wall = [np.clip(rng.normal(120, 8, (240, 320, 3)), 0, 255).astype(np.uint8) for _ in range(90)]
    measure(page, write_clip(tmp_path / "wall.mp4", wall), keep=False)
    expect(page.get_by_role("heading", name="This recording could not be judged")).to_be_visible(timeout=RESULT_MS)
    expect(page.get_by_role("heading", name="What to do")).to_be_visible()
    expect(page.get_by_role("link", name="Film again")).to_be_visible()
    must_be_fine(page)


def test_a_text_with_the_name_of_a_video_gets_a_page_that_helps(page, tmp_path):
    (tmp_path / "notes.mp4").write_text("dear diary")
    measure(page, tmp_path / "notes.mp4", keep=False)
    expect(page.get_by_role("heading", name="This clip could not be measured")).to_be_visible(timeout=RESULT_MS)
    expect(page.get_by_text(re.compile(r"\[clip-[a-z-]+\]"))).to_be_visible()
    must_be_fine(page)


def test_a_file_too_large_is_told_before_anything_is_sent(page, lip_clip):
    page.evaluate("document.getElementById('upload').dataset.maxBytes = '1000'")
    sent = []
    page.on("request", lambda asked: asked.method == "POST" and sent.append(asked.url))
    page.get_by_label("Choose a video of your face").set_input_files(lip_clip)
    expect(page.get_by_role("alert")).to_contain_text("upload-too-big")
    page.get_by_role("button", name="Measure").click()
    assert sent == []
    must_be_fine(page)


def test_no_file_at_all_is_told_beside_the_form(page):
    page.get_by_role("button", name="Measure").click()
    expect(page.get_by_role("alert")).to_contain_text("upload-no-file")
    must_be_fine(page)


def test_a_clip_under_way_can_be_cancelled(page, long_clip):
    measure(page, long_clip, keep=True)
    page.get_by_role("button", name="Cancel and remove the clip").click()
    expect(page.get_by_role("status")).to_contain_text("Cancelled")


@pytest.mark.slow
def test_a_recording_of_the_camera_is_measured_like_any_clip(chrome, server):
    context = chrome.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(server.new_link())
    page.goto(f"{server.base}/film/")
    page.get_by_role("button", name="Film now with this device").click()
    expect(page.locator("#camera-words")).to_contain_text("Fit your face into the outline")
    must_be_fine(page)
    page.get_by_role("button", name="Start recording").click()
    expect(page.locator("#camera-count")).to_have_text(re.compile("[123]"))
    expect(page.locator("#chosen")).to_contain_text("Recorded", timeout=40_000)
    page.get_by_label("Keep the video on this computer").check()
    page.get_by_role("button", name="Measure").click()
    page.wait_for_url("**/clips/*/")
    expect(page.get_by_role("heading", name=re.compile("upper lip"))).to_be_visible(timeout=120_000)
    assert re.search(r"of the clip's (19|2\d) s could be judged", page.inner_text("main"))
    until(page, "Number.isFinite(document.getElementById('video').duration)")
    page.locator(".jump").first.click()
    until(page, "!document.getElementById('video').seeking")
    context.close()


def test_without_scripts_the_whole_way_works_too(chrome, server, lip_clip):
    context = chrome.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False)
    page = context.new_page()
    page.goto(server.new_link())
    page.goto(f"{server.base}/film/")
    page.get_by_label("Choose a video of your face").set_input_files(lip_clip)
    page.get_by_label("Keep the video on this computer").check()
    page.get_by_role("button", name="Measure").click()
    expect(page.get_by_role("heading", name=TWITCHES)).to_be_visible(timeout=RESULT_MS)
    assert "/video#t=" in page.get_by_role("link", name="Watch twitch 2,").get_attribute("href")
    page.get_by_role("link", name="Remove this clip").click()
    page.get_by_role("button", name="Remove for good").click()
    expect(page.get_by_role("status")).to_contain_text("Removed")
    context.close()
