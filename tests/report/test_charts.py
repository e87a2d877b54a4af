"""The chart of a trace: everything that was found is in it, it can be read by all, and no policy blocks it."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.measurements import QUIET, TWITCHING, trace

from philtrum.report.charts import NARROW, WIDE, mm_from_pct_iod, render_trace
from philtrum.report.lines import signed_lines, stretches
from philtrum.video.measurement import MEAN_IOD_MM, Exclusion
from philtrum.video.trace import Trace

SVG = "{http://www.w3.org/2000/svg}"
LIP = ("upper_lip_left", "philtrum", "upper_lip_right")


def drawn(measurement=TWITCHING, of=None, **options):
    return ElementTree.fromstring(render_trace(measurement, of or trace(), **options))  # noqa: S314 - our own text


def with_class(svg, name):
    return [element for element in svg.iter() if name in element.get("class", "").split()]


def numbers(points):
    return [tuple(map(float, point.split(","))) for point in points.split()]


def test_every_twitch_has_a_numbered_mark_that_says_where_it_starts():
    marks = with_class(drawn(), "twitch-mark")
    assert [(mark.get("data-number"), mark.get("data-start")) for mark in marks] == [("1", "1.000"), ("2", "5.000")]
    assert [mark.get("id") for mark in marks] == ["trace-mark-1", "trace-mark-2"]


def test_a_twitch_is_shaded_over_its_own_time_in_every_lane():
    svg = drawn()
    bands = with_class(svg, "twitch-band")
    assert len(bands) == 3 * len(TWITCHING.twitches)
    left, width = float(svg.get("data-left")), float(svg.get("data-width"))
    duration_s = float(svg.get("data-duration"))
    start_s = (float(bands[0].get("x")) - left) / width * duration_s
    end_s = start_s + float(bands[0].get("width")) / width * duration_s
    assert (start_s, end_s) == pytest.approx((1.0, 1.25), abs=0.01)


def test_each_part_of_the_lip_has_a_lane_with_its_name_and_its_line():
    svg = drawn()
    assert [name.text for name in with_class(svg, "lane-name")] == ["Your left", "Middle", "Your right"]
    assert len(with_class(svg, "curve")) == 3


def test_the_peak_of_the_line_stands_at_the_twitch_and_in_the_lane_of_its_side():
    svg = drawn()
    points = numbers(with_class(svg, "curve-0")[0].get("points"))
    peak_x, _ = min(points, key=lambda point: point[1])
    t_s = (peak_x - float(svg.get("data-left"))) / float(svg.get("data-width")) * float(svg.get("data-duration"))
    assert t_s == pytest.approx(1.1, abs=0.03)
    others = numbers(with_class(svg, "curve-1")[0].get("points"))
    assert max(y for _, y in others) - min(y for _, y in others) < 1


def test_time_that_was_not_judged_is_hatched_and_says_why():
    svg = drawn(replace(TWITCHING, excluded=(Exclusion(2.0, 6.0, "speech"),)))
    gap = with_class(svg, "excluded")[0]
    assert "2.0 to 6.0 s: talking" in gap.find(f"{SVG}title").text
    assert {rect.get("fill") for rect in gap.iter(f"{SVG}rect")} == {"url(#trace-hatch)"}
    assert "talking" in [text.text for text in svg.iter(f"{SVG}text")]


def test_the_smallest_size_that_could_be_seen_is_a_dashed_line_in_each_lane():
    lines = with_class(drawn(), "smallest")
    assert len(lines) == 6
    assert all(line.get("stroke-dasharray") for line in lines)
    unknown = replace(TWITCHING, quality=replace(TWITCHING.quality, detectable_pct_iod=None))
    assert with_class(drawn(unknown), "smallest") == []


def test_a_screen_reader_is_told_what_the_picture_shows():
    svg = drawn()
    assert svg.get("role") == "img"
    ids = svg.get("aria-labelledby").split()
    texts = [next(e.text for e in svg.iter() if e.get("id") == id) for id in ids]
    assert texts[0] == "Movement of the upper lip over time"
    assert "1 at 1.0 s, 2 at 5.0 s" in texts[1]
    assert "talking" in texts[1]
    assert "0.31 percent" in texts[1]
    assert "No twitch was found." in render_trace(QUIET, trace())


@pytest.mark.parametrize("layout", [WIDE, NARROW])
def test_a_strict_content_policy_has_nothing_to_block(layout):
    svg = drawn(layout=layout)
    names = {name for element in svg.iter() for name in element.attrib}
    assert "style" not in names
    assert not [name for name in names if name.startswith("on")]
    assert not {element.tag for element in svg.iter()} & {f"{SVG}script", f"{SVG}style", f"{SVG}foreignObject"}


@pytest.mark.parametrize("layout", [WIDE, NARROW])
def test_texts_stay_inside_the_picture(layout):
    svg = drawn(layout=layout)
    for text in svg.iter(f"{SVG}text"):
        width = len(text.text) * layout.font * 0.6
        start = {"start": 0.0, "middle": width / 2, "end": width}[text.get("text-anchor")]
        left = float(text.get("x")) - start
        assert left >= -2, text.text
        assert left + width <= layout.width + 2, text.text
        assert 0 < float(text.get("y")) < layout.height


def test_numbers_of_twitches_close_together_do_not_overlap():
    close = tuple(replace(TWITCHING.twitches[0], onset_s=1 + n / 10, apex_s=1 + n / 10) for n in range(40))
    handles = with_class(drawn(replace(TWITCHING, twitches=close)), "handle")
    spans = [(float(handle.get("x")), float(handle.get("width"))) for handle in handles]
    assert 1 < len(spans) < 40
    assert all(x + width <= following for (x, width), (following, _) in pairwise(spans))


def test_the_same_data_give_the_same_bytes_and_plain_data_the_same_chart():
    assert render_trace(TWITCHING, trace()) == render_trace(TWITCHING, trace())
    assert render_trace(TWITCHING.to_dict(), trace()) == render_trace(TWITCHING, trace())


def test_two_charts_on_a_page_share_no_id():
    first, second = (
        {e.get("id") for e in drawn(id_prefix=prefix).iter() if e.get("id")}
        for prefix in ("trace-wide", "trace-narrow")
    )
    assert first and not first & second


def test_a_name_with_markup_stays_text():
    odd = TWITCHING.to_dict() | {"excluded": ({"start_s": 1.0, "end_s": 9.0, "reason": "<script>alert(1)</script>"},)}
    assert "<script" not in render_trace(odd, trace())


def test_an_hour_is_drawn_with_as_many_points_as_the_picture_has_columns_and_keeps_its_peak():
    t_s = np.arange(3600 * 30) / 30
    displacement = np.zeros((len(t_s), 3, 2))
    displacement[54_321, 0, 1] = 2.0
    hour = replace(TWITCHING, clip=replace(TWITCHING.clip, duration_s=3600.0), twitches=(), excluded=())
    svg = drawn(hour, Trace(t_s, LIP, displacement, np.zeros(len(t_s))))
    points = numbers(with_class(svg, "curve-0")[0].get("points"))
    assert len(points) <= 2.1 * WIDE.plot_width
    assert min(y for _, y in points) < WIDE.lane_top(0) + WIDE.lane_height / 4


def test_time_without_a_face_breaks_the_line():
    gap = trace()
    gap.displacement[100:130] = np.nan
    assert len(with_class(drawn(of=gap), "curve-0")) == 2


def test_a_smile_outside_the_judged_time_does_not_shrink_the_twitches():
    smiling = trace()
    smiling.displacement[215:250, :, 1] = -20
    assert peak_height(smiling) == pytest.approx(peak_height(trace()), rel=0.05)


def peak_height(of):
    ys = [y for _, y in numbers(with_class(drawn(of=of), "curve-0")[0].get("points"))]
    return max(ys[:60]) - min(ys[:60])


def test_a_trace_without_any_face_or_without_frames_is_still_a_chart():
    blind = trace()
    blind.displacement[:] = np.nan
    assert with_class(drawn(QUIET, blind), "curve") == []
    assert with_class(drawn(QUIET, trace(0)), "curve") == []


@pytest.mark.parametrize("angle", np.deg2rad([90, 20, 160, 250]))
def test_the_line_follows_the_direction_in_which_the_lip_moves(angle):
    up = trace()
    size = up.displacement[:, 0, 1].copy()
    up.displacement[:, 0] = size[:, None] * [np.cos(angle), np.sin(angle)]
    line = signed_lines(TWITCHING.to_dict(), up, LIP)["upper_lip_left"]
    assert np.abs(line).max() == pytest.approx(size.max(), rel=0.05)
    larger = max(np.cos(angle), np.sin(angle), key=abs)
    assert np.sign(line[np.abs(line).argmax()]) == np.sign(larger)


@settings(max_examples=30)
@given(st.lists(st.one_of(st.floats(-5, 5), st.just(float("nan"))), max_size=400), st.integers(10, 100))
def test_thinning_keeps_the_extremes_and_the_order(values, n_points):
    values = np.array(values, dtype=float)
    pieces = list(stretches(np.arange(len(values), dtype=float), values, n_points))
    kept = [point for piece in pieces for point in piece]
    assert [t for t, _ in kept] == sorted({t for t, _ in kept})
    seen = values[np.isfinite(values)]
    if len(seen):
        assert (min(v for _, v in kept), max(v for _, v in kept)) == (seen.min(), seen.max())


def test_millimetres_are_those_of_the_measurement():
    assert mm_from_pct_iod(100) == MEAN_IOD_MM


def test_axes_carry_both_units_and_whole_numbers_of_seconds():
    text = render_trace(TWITCHING, trace())
    assert ">%<" in text
    assert ">≈ mm<" in text
    assert re.findall(r'text-anchor="middle"[^>]*>(\d+)</text>', text)[:3] == ["0", "1", "2"]
