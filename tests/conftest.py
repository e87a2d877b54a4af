"""What all tests share."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

import pytest
from hypothesis import settings
from tests.films import shoot

from philtrum.video.measurement import Measurement
from philtrum.video.trace import Trace

# How long one example takes says more about the machine than about the code.
settings.register_profile("philtrum", deadline=None)
settings.load_profile("philtrum")

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


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Give the path of a simulated clip by its name (see `films`); all workers together make it once."""
    folder = tmp_path_factory.getbasetemp()
    return partial(shoot, folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder)


@pytest.fixture(scope="session")
def measured(film: Callable[[str], Path]) -> Callable[[str], tuple[Measurement, Trace]]:
    """Give measurement and trace of a simulated clip by its name."""

    @cache
    def measure_film(name: str) -> tuple[Measurement, Trace]:
        from philtrum.video.measure import measure_with_trace

        measurement, trace = measure_with_trace(film(name))
        assert trace is not None
        return measurement, trace

    return measure_film
