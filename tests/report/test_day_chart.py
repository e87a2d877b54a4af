from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from philtrum.diary.table import DayTable
from philtrum.report.day_chart import NARROW, WIDE, Course, Lane, Mark, Measured, render_days, stretch_days

SVG = "{http://www.w3.org/2000/svg}"
FIRST = date(2026, 3, 1)
NAN = float("nan")
LANES = [Lane("episodes", "Spells a day"), Lane("sleep_hours", "Sleep", "h")]


def table(episodes, sleep=None):
    columns = {"episodes": np.array(episodes, float)}
    if sleep is not None:
        columns["sleep_hours"] = np.array(sleep, float)
    return DayTable(FIRST, columns)


def draw(*arguments, **options):
    return ET.fromstring(render_days(*arguments, **options))  # noqa: S314 - made by us


def of_class(chart, name):
    return [part for part in chart.iter() if name in part.get("class", "").split()]


def words(chart):
    return ["".join(part.itertext()) for part in chart.iter(f"{SVG}text")]


def test_a_day_without_a_record_is_hatched_and_a_quiet_day_is_a_mark_on_the_ground():
    chart = draw(table([2, NAN, 0]), LANES[:1])
    assert len(of_class(chart, "unknown")) == 1
    bars = of_class(chart, "bar")
    assert len(bars) == 2
    assert float(bars[1].get("height")) == 2.0
    assert "3 Mar 2026: 0" in "".join(bars[1].itertext())


def test_the_height_of_a_bar_is_its_value():
    bars = of_class(draw(table([1, 2, 4]), LANES[:1]), "bar")
    one, two, four = (float(bar.get("height")) for bar in bars)
    assert two == pytest.approx(2 * one, abs=0.11)
    assert four == pytest.approx(4 * one, abs=0.21)


def test_the_ground_line_is_zero_so_that_no_difference_looks_larger_than_it_is():
    assert "0" in words(draw(table([5, 6]), LANES[:1]))


def test_lanes_medicines_treatments_and_clips_share_one_time_axis():
    day = FIRST + timedelta(days=10)
    chart = draw(
        table([1] * 20, [7] * 20),
        LANES,
        courses=[Course("Sertraline", day, None)],
        marks=[Mark(day, "botulinum toxin", is_treatment=True)],
        measured=[Measured(day, 12.0)],
    )
    (bar,), (mark,), (dot,) = of_class(chart, "course-bar"), of_class(chart, "mark-line"), of_class(chart, "dot")
    spells = [part for part in of_class(chart, "bar") if "11 Mar 2026" in "".join(part.itertext())]
    assert float(bar.get("x")) == pytest.approx(float(mark.get("x1")), abs=0.1)
    left, width = float(spells[0].get("x")), float(spells[0].get("width"))
    assert left < float(dot.get("cx")) < left + width
    assert float(bar.get("x")) < left
    assert len(spells) == 2, "one in each lane"


def test_what_lies_outside_the_days_is_left_out():
    chart = draw(
        table([1, 1]),
        LANES[:1],
        courses=[Course("Old", None, FIRST), Course("Later", FIRST + timedelta(days=9), None)],
        marks=[Mark(FIRST - timedelta(days=1), "before")],
        measured=[Measured(FIRST + timedelta(days=9), 3.0)],
    )
    for name in ("course-bar", "mark", "dot"):
        assert of_class(chart, name) == []


def test_a_medicine_taken_for_long_reaches_from_edge_to_edge():
    (bar,) = of_class(draw(table([1] * 9), LANES[:1], courses=[Course("A", None, None)]), "course-bar")
    assert float(bar.get("x")) == WIDE.left
    assert float(bar.get("width")) == pytest.approx(WIDE.plot_width)


@pytest.mark.parametrize("layout", [WIDE, NARROW])
@pytest.mark.parametrize("n_days", [1, 30, 90, 365, 3650])
def test_any_span_fits_and_long_ones_are_drawn_as_means_of_the_known_days(layout, n_days):
    values = np.where(np.arange(n_days) % 3 == 0, np.nan, 2.0)
    chart = draw(table(values), LANES[:1], layout=layout)
    step = stretch_days(n_days, layout)
    assert len(of_class(chart, "bar")) + len(of_class(chart, "unknown")) == -(-n_days // step)
    assert (f"each bar: mean of {step} days" in words(chart)) == (step > 1)
    if step > 1:
        assert "days known" in "".join(of_class(chart, "bar")[0].itertext())
    for part in chart.iter():
        for name in ("x", "x1", "x2", "cx"):
            if part.get(name) and part.tag != f"{SVG}line":
                assert -0.1 <= float(part.get(name)) <= layout.width


def test_labels_of_the_time_axis_do_not_touch():
    for n_days in (20, 61, 90, 400, 3000):
        chart = draw(table([1] * n_days), LANES[:1], layout=NARROW)
        places = [float(t.get("x")) for t in chart.iter(f"{SVG}text") if t.get("text-anchor") == "middle"]
        assert all(b - a > 20 for a, b in pairwise(places)), n_days


def test_a_hostile_name_is_only_text():
    evil = "<script>alert(1)</script>\"'&"
    svg = render_days(
        table([1, 1]),
        [Lane("episodes", evil)],
        courses=[Course(evil, None, None, ((FIRST, evil),))],
        marks=[Mark(FIRST, evil)],
    )
    assert "<script" not in svg
    ET.fromstring(svg)  # noqa: S314 - made by us


def test_the_chart_says_in_words_what_it_shows():
    chart = draw(table([2, NAN, 0]), LANES[:1], courses=[Course("Sertraline", None, None)])
    said = chart.findtext(f"{SVG}desc")
    assert "3 days; for 2 of them it is known" in said
    assert "Sertraline" in said
    assert chart.get("role") == "img"


def test_the_same_data_give_the_same_bytes_and_no_style_and_no_script():
    svg = render_days(table([1, 2, NAN]), LANES[:1])
    assert svg == render_days(table([1, 2, NAN]), LANES[:1])
    assert not re.search(r"style=|<script|on\w+=", svg)


def test_two_charts_on_a_page_have_different_ids():
    one, two = (render_days(table([1]), LANES[:1], id_prefix=prefix) for prefix in ("a", "b"))
    assert set(re.findall(r' id="([^"]+)"', one)).isdisjoint(re.findall(r' id="([^"]+)"', two))


@given(st.lists(st.none() | st.floats(0, 1e6), min_size=1, max_size=40))
def test_any_values_make_a_chart(values):
    draw(table([NAN if value is None else value for value in values]), LANES[:1])
