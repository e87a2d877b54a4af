"""What all tests share."""

from __future__ import annotations

import os
import shutil

import pytest

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")


def find_chromium() -> str | None:
    """Return the path of the system's Chromium, if it has one."""
    return next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of the system's Chromium, for Playwright's `executable_path`."""
    path = find_chromium()
    assert path is not None, "mark the test with `browser`"
    return path


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip browser tests where there is no browser; where everything must run, fail them."""
    if item.get_closest_marker("browser") is None or find_chromium() is not None:
        return
    reason = f"Chromium is not installed (looked for {', '.join(CHROMIUM_NAMES)})"
    if os.environ.get("CI"):
        pytest.fail(f"{reason}, and CI must run the browser tests: run .ci/run", pytrace=False)
    pytest.skip(reason)
