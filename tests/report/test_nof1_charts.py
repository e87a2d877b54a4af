"""Forest, trial and response: drawn as well-formed SVG that says the same without colour and without eyes."""

import re
from datetime import timedelta
from xml.etree import ElementTree

import numpy as np
import pytest
from tests.nof1.test_response import treated
from tests.people import MONDAY, diary, trial

from philtrum.nof1.response import estimate_response
from philtrum.nof1.trials import analyse_trial
from philtrum.nof1.triggers import find_triggers
from philtrum.report.forest import render_forest
from philtrum.report.response_chart import render_response
from philtrum.report.trial_chart import render_trial

SVG = "{http://www.w3.org/2000/svg}"
STRONG = np.log(1.8)
ORDER = [True, False, False, True, True, False, True, False, True, False]
CHARTS = {
    "triggers": lambda **options: render_forest(find_triggers(diary(1, effects={"stress": STRONG})), **options),
    "too short": lambda **options: render_forest(find_triggers(diary(1, 18)), **options),
    "trial": lambda **options: render_trial(analyse_trial(trial(1, ratio=0.4, order=ORDER)), **options),
    "no trial": lambda **options: render_trial(analyse_trial(trial(1, n_pairs=6, order=[True] * 6)), **options),
    "response": lambda **options: render_response(estimate_response(*treated(1, [60])), **options),
    "no response": lambda **options: render_response(
        estimate_response(diary(1, 60), [MONDAY + timedelta(days=2)]), **options
    ),
}


def parse(svg):
    return ElementTree.fromstring(svg)  # noqa: S314 - our own drawing


@pytest.fixture(params=CHARTS)
def chart(request):
    return CHARTS[request.param]


@pytest.mark.parametrize("width", [360, 860])
def test_a_chart_is_one_well_formed_image_without_style_or_script(chart, width):
    svg = chart(width=width)
    root = parse(svg)
    assert root.tag == f"{SVG}svg"
    assert root.get("viewBox").split()[2] == str(width)
    assert "style=" not in svg
    assert "<script" not in svg


def test_a_chart_says_in_words_what_it_shows(chart):
    root = parse(chart())
    title, words = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == f"{title.get('id')} {words.get('id')}"
    assert len(words.text) > 20


@pytest.mark.parametrize("width", [360, 860])
def test_nothing_is_drawn_outside_the_chart(chart, width):
    svg = chart(width=width)
    height = float(parse(svg).get("viewBox").split()[3])
    for name, value in re.findall(r' (x|x1|x2|cx|y|y1|y2|cy)="(-?[\d.]+)"', svg):
        assert -1 <= float(value) <= (width if "x" in name else height) + 1, (name, value)


def test_the_same_result_gives_the_same_bytes(chart):
    assert chart() == chart()


def test_two_charts_on_a_page_have_ids_of_their_own():
    first, second = (set(re.findall(r' id="([^"]+)"', CHARTS["trial"](id_prefix=name))) for name in ("a", "b"))
    assert first.isdisjoint(second)


def test_a_claim_is_a_square_and_everything_else_a_circle():
    root = parse(CHARTS["triggers"]())
    for group in root.iter(f"{SVG}g"):
        is_claim = group.get("class").split("-")[-1] in {"raises", "lowers"}
        mark = group.find(f"{SVG}rect[@class='estimate']")
        assert (mark is not None) == is_claim


def test_a_name_with_markup_is_drawn_as_text():
    table = diary(1, 60)
    table.columns["<b>&"] = table.columns["stress"] * 2 + np.arange(60) % 3
    root = parse(render_forest(find_triggers(table)))
    assert "<b>&" in [element.text for element in root.iter(f"{SVG}text")]
