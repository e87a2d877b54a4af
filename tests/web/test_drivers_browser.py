"""The page "What drives it" in headless Chromium, on a telephone and at a desk."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from .serving import serving
from .test_browser import SIZES, must_be_fine
from .test_diary_browser import chrome, opened

pytestmark = pytest.mark.browser
__all__ = ["chrome"]

ROOT = Path(__file__).parents[2]
FILL = """
import django; django.setup()
import numpy as np
from tests.people import diary
from tests.web.test_drivers_pages import keep
from philtrum.web.access.ownership import local_person
keep(local_person(), diary(1, 90, effects={"stress": np.log(1.9)}))
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Return a running philtrum with three months of a diary in which stress drives the twitching."""
    with serving(tmp_path_factory.mktemp("drivers") / "data") as running:
        environment = running.environment | {
            "DJANGO_SETTINGS_MODULE": "philtrum.web.settings",
            "PYTHONPATH": str(ROOT),
        }
        subprocess.run([sys.executable, "-c", FILL], env=environment, check=True)
        yield running


@pytest.mark.parametrize("size", SIZES)
def test_the_page_is_reached_from_the_charts_and_fits_every_screen(chrome, server, size):
    page = opened(chrome, server, size)
    page.goto(f"{server.base}/charts/")
    page.get_by_role("link", name="What drives it?").click()
    assert "Stress goes with more twitching." in page.locator(".lead").inner_text()
    assert page.locator("svg.forest-chart:visible").count() == 1
    must_be_fine(page)
    assert page.wrong == []
    page.context.close()
