"""Charts as SVG text, the same string for the page and for the printed report.

Conventions
-----------
- Same data, same bytes: every number is written with a fixed count of digits.
- No `style` attribute and no script, so that a strict content security policy
  holds. Looks come from presentation attributes; a page may override them
  through the classes, and a dark page does.
- A line's zone can be told without colour: each zone has a lane of its own.
- Long clips are thinned to the least and the greatest value per pixel column,
  so that no twitch is lost.
- Times are seconds from the first frame; "left" is the person's left.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from philtrum.report.lines import signed_lines, stretches, y_limit
from philtrum.report.svg import LETTER_WIDTH, nice_step, svg_text
from philtrum.video.measurement import MEAN_IOD_MM, Measurement
from philtrum.video.trace import Trace

LANES = (("upper_lip_left", "Your left"), ("philtrum", "Middle"), ("upper_lip_right", "Your right"))

REASON_WORDS = {
    "speech": "talking",
    "smile": "smiling",
    "chewing": "chewing",
    "blink": "blinking",
    "head_motion": "head moved",
    "face_lost": "face not seen",
    "blur": "blurred",
    "exposure": "light changed",
    "duplicate_frames": "picture stood still",
}


def mm_from_pct_iod(pct_iod: float) -> float:
    """Return a size in approximate millimetres (assumes an adult's mean eye distance, `MEAN_IOD_MM`)."""
    return pct_iod / 100 * MEAN_IOD_MM


@dataclass(frozen=True, slots=True)
class Format:
    """Size and proportions of a chart, in its own units (one unit is one CSS pixel at full size)."""

    width: int
    lane_height: int
    font: int
    left: int
    right: int
    top: int = 54
    gap: int = 28
    bottom: int = 46

    @property
    def height(self) -> int:
        """Height of the whole chart."""
        return self.top + len(LANES) * (self.lane_height + self.gap) - self.gap + self.bottom

    @property
    def plot_width(self) -> int:
        """Width between the two axes."""
        return self.width - self.left - self.right

    def lane_top(self, lane: int) -> int:
        """Upper edge of a lane."""
        return self.top + lane * (self.lane_height + self.gap)

    @property
    def plot_bottom(self) -> int:
        """Lower edge of the last lane."""
        return self.lane_top(len(LANES) - 1) + self.lane_height


WIDE = Format(width=1080, lane_height=92, font=13, left=58, right=58)
NARROW = Format(width=360, lane_height=84, font=12, left=40, right=46)


def render_trace(
    measurement: Measurement | Mapping[str, Any], trace: Trace, *, layout: Format = WIDE, id_prefix: str = "trace"
) -> str:
    """Draw the movement of the upper lip over time, with what was found in it.

    Parameters
    ----------
    measurement : Measurement or mapping
        A measurement, or the same as plain data (`Measurement.to_dict`).
    trace : Trace
        Displacement of every zone; the three zones of the upper lip are drawn.
    layout : Format
        `WIDE` for large screens and paper, `NARROW` for telephones.
    id_prefix : str
        Start of every id in the chart; two charts on one page need two.

    Returns
    -------
    str
        An `<svg>` element. Each twitch is a `<g class="twitch-mark">` with `data-number` and `data-start`
        (seconds); the playhead is `<line class="playhead">`, to be moved by `x1`/`x2` between `data-left`
        and `data-left + data-width` of the `<svg>`, which stand for 0 and `data-duration` seconds.
    """
    facts = measurement.to_dict() if isinstance(measurement, Measurement) else measurement
    chart = _Chart(facts, trace, layout, id_prefix)
    return "".join(chart.parts())


class _Chart:
    """One chart in the making: the scales, and the parts drawn with them."""

    def __init__(self, facts: Mapping[str, Any], trace: Trace, layout: Format, id_prefix: str) -> None:
        self.facts = facts
        self.layout = layout
        self.id = id_prefix
        self.t_s = trace.t_s
        self.duration_s = max(float(facts["clip"]["duration_s"]), float(trace.t_s[-1]) if len(trace.t_s) else 0.0, 0.1)
        self.lines = signed_lines(facts, trace, [zone for zone, _ in LANES])
        self.limit = y_limit(facts, trace.t_s, self.lines)

    def x(self, t_s: float) -> float:
        return self.layout.left + self.layout.plot_width * min(max(t_s / self.duration_s, 0.0), 1.0)

    def y(self, lane: int, value: float) -> float:
        half = self.layout.lane_height / 2
        return self.layout.lane_top(lane) + half - half * value / self.limit

    def parts(self) -> Iterator[str]:
        yield self._head()
        yield self._definitions()
        yield from self._lane_frames()
        yield from self._excluded()
        yield from self._twitch_bands()
        yield from self._limits()
        yield from self._curves()
        yield from self._excluded_words()
        yield from self._time_axis()
        yield from self._twitch_marks()
        yield (
            f'<line class="playhead" id="{self.id}-playhead" x1="{self.layout.left}" x2="{self.layout.left}" '
            f'y1="{self.layout.top - 6}" y2="{self.layout.plot_bottom}" stroke="#b3261e" stroke-width="2"/></svg>'
        )

    def _head(self) -> str:
        page = self.layout
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="trace-chart" viewBox="0 0 {page.width} {page.height}" '
            f'role="img" aria-labelledby="{self.id}-title {self.id}-desc" font-size="{page.font}" '
            f'font-family="system-ui, sans-serif" data-left="{page.left}" data-width="{page.plot_width}" '
            f'data-duration="{self.duration_s:.3f}">'
            f'<title id="{self.id}-title">Movement of the upper lip over time</title>'
            f'<desc id="{self.id}-desc">{escape(_description(self.facts, self.duration_s))}</desc>'
        )

    def _definitions(self) -> str:
        clips = "".join(
            f'<clipPath id="{self.id}-lane-{lane}"><rect x="{self.layout.left}" y="{self.layout.lane_top(lane)}" '
            f'width="{self.layout.plot_width}" height="{self.layout.lane_height}"/></clipPath>'
            for lane in range(len(LANES))
        )
        hatch = (
            f'<pattern id="{self.id}-hatch" width="7" height="7" patternUnits="userSpaceOnUse" '
            'patternTransform="rotate(45)"><rect class="hatch-ground" width="7" height="7" fill="#e9e6e1"/>'
            '<line class="hatch-line" x1="0" y1="0" x2="0" y2="7" stroke="#b9b2a8" stroke-width="2.4"/></pattern>'
        )
        return f"<defs>{clips}{hatch}</defs>"

    def _lane_frames(self) -> Iterator[str]:
        page = self.layout
        step = nice_step(self.limit, 2)
        for lane, (_, name) in enumerate(LANES):
            top = page.lane_top(lane)
            yield (
                f'<rect class="lane" x="{page.left}" y="{top}" width="{page.plot_width}" height="{page.lane_height}" '
                'rx="4" fill="#faf8f5" stroke="#d8d2c8"/>'
            )
            yield svg_text(page.left, top - 7, name, "lane-name", weight=600, fill="#2b2a28")
            for value in (-step, 0.0, step):
                y = self.y(lane, value)
                yield (
                    f'<line class="grid" x1="{page.left}" x2="{page.left + page.plot_width}" y1="{y:.1f}" '
                    f'y2="{y:.1f}" stroke="#e3ded5"/>'
                )
                yield svg_text(page.left - 6, y + 4, _signed(value), anchor="end")
                right_x = page.left + page.plot_width + 6
                yield svg_text(right_x, y + 4, _signed(mm_from_pct_iod(value)), anchor="start")
        yield svg_text(page.left - 6, page.lane_top(0) - 7, "%", anchor="end", weight=600)
        yield svg_text(page.width - 4, page.lane_top(0) - 7, "≈ mm", anchor="end", weight=600)

    def _excluded(self) -> Iterator[str]:
        page = self.layout
        for gap in self.facts["excluded"]:
            start, end = self.x(gap["start_s"]), self.x(gap["end_s"])
            words = _reason(gap)
            span = f"{gap['start_s']:.1f} to {gap['end_s']:.1f} s"
            yield f'<g class="excluded"><title>Not judged, {span}: {escape(words)}</title>'
            for lane in range(len(LANES)):
                yield (
                    f'<rect x="{start:.1f}" y="{page.lane_top(lane)}" width="{max(end - start, 1.5):.1f}" '
                    f'height="{page.lane_height}" fill="url(#{self.id}-hatch)"/>'
                )
            yield "</g>"

    def _twitch_bands(self) -> Iterator[str]:
        page = self.layout
        for twitch in self.facts["twitches"]:
            start, end = self.x(twitch["onset_s"]), self.x(twitch["offset_s"])
            width = max(end - start, 2.5)
            for lane in range(len(LANES)):
                yield (
                    f'<rect class="twitch-band" x="{(start + end - width) / 2:.1f}" y="{page.lane_top(lane)}" '
                    f'width="{width:.1f}" height="{page.lane_height}" fill="#f0b35a" fill-opacity="0.42"/>'
                )

    def _limits(self) -> Iterator[str]:
        """Draw the smallest size that this clip could have shown, both ways from rest."""
        smallest = self.facts["quality"]["detectable_pct_iod"]
        if smallest is None or smallest > self.limit:
            return
        for lane in range(len(LANES)):
            for value in (-smallest, smallest):
                y = self.y(lane, value)
                yield (
                    f'<line class="smallest" x1="{self.layout.left}" x2="{self.layout.left + self.layout.plot_width}" '
                    f'y1="{y:.1f}" y2="{y:.1f}" stroke="#6b6560" stroke-dasharray="5 4"/>'
                )

    def _curves(self) -> Iterator[str]:
        for lane, (zone, _) in enumerate(LANES):
            if zone not in self.lines:
                continue
            for stretch in stretches(self.t_s, self.lines[zone], 2 * self.layout.plot_width):
                points = " ".join(f"{self.x(t):.1f},{self.y(lane, value):.1f}" for t, value in stretch)
                yield (
                    f'<polyline class="curve curve-{lane}" clip-path="url(#{self.id}-lane-{lane})" '
                    f'points="{points}" fill="none" stroke="#0b6e75" stroke-width="1.5" stroke-linejoin="round"/>'
                )

    def _excluded_words(self) -> Iterator[str]:
        """Write the reason on hatched time, where there is room for it."""
        page = self.layout
        y = page.plot_bottom - 8
        for gap in self.facts["excluded"]:
            start, end, words = self.x(gap["start_s"]), self.x(gap["end_s"]), _reason(gap)
            width = (len(words) + 2) * LETTER_WIDTH * page.font
            if end - start < width:
                continue
            yield (
                f'<rect class="plate" x="{(start + end - width) / 2:.1f}" y="{y - page.font:.1f}" width="{width:.1f}" '
                f'height="{page.font + 5}" rx="3" fill="#faf8f5"/>'
                + svg_text((start + end) / 2, y, escape(words), anchor="middle")
            )

    def _time_axis(self) -> Iterator[str]:
        page = self.layout
        step = nice_step(self.duration_s, max(page.plot_width // 80, 5))
        for k in range(int(self.duration_s / step + 1e-6) + 1):
            x = self.x(k * step)
            yield (
                f'<line class="tick" x1="{x:.1f}" x2="{x:.1f}" y1="{page.plot_bottom}" y2="{page.plot_bottom + 5}" '
                'stroke="#6b6560"/>'
            )
            yield svg_text(x, page.plot_bottom + 6 + page.font, f"{k * step:g}", anchor="middle")
        yield svg_text(
            page.left + page.plot_width / 2,
            page.height - 6,
            "seconds from the start" if page.width < 600 else "seconds from the start of the clip",
            anchor="middle",
        )

    def _twitch_marks(self) -> Iterator[str]:
        """Draw numbered handles above the lanes; where they would overlap, the later one keeps its band only."""
        page = self.layout
        radius = page.font * 0.85
        free_from = 0.0
        for number, twitch in enumerate(self.facts["twitches"], start=1):
            x = self.x(twitch["apex_s"])
            label = str(number)
            half = max(radius, len(label) * page.font * LETTER_WIDTH / 2 + 4)
            is_labelled = x - half >= free_from
            yield (
                f'<g class="twitch-mark" id="{self.id}-mark-{number}" data-number="{number}" '
                f'data-start="{twitch["onset_s"]:.3f}"><title>Twitch {number}, at {twitch["onset_s"]:.2f} s</title>'
                f'<rect class="twitch-hit" x="{x - max(half, 8):.1f}" y="0" width="{2 * max(half, 8):.1f}" '
                f'height="{page.plot_bottom}" fill="#000" fill-opacity="0"/>'
            )
            if is_labelled:
                free_from = x + half + 1
                yield (
                    f'<rect class="handle" x="{x - half:.1f}" y="{16 - page.font:.1f}" width="{2 * half:.1f}" '
                    f'height="{page.font + 5}" rx="{(page.font + 5) / 2:.1f}" fill="#8a4b00"/>'
                    + svg_text(
                        x, 16 + page.font * 0.05, label, "handle-number", anchor="middle", weight=600, fill="#fff"
                    )
                )
            yield "</g>"


def _reason(gap: Mapping[str, Any]) -> str:
    return REASON_WORDS.get(gap["reason"], str(gap["reason"]).replace("_", " "))


def _signed(value: float) -> str:
    return "0" if abs(value) < 0.005 else f"{value:+.2g}".replace("-", "−")  # noqa: RUF001 - the true minus sign


def _description(facts: Mapping[str, Any], duration_s: float) -> str:
    twitches, excluded = facts["twitches"], facts["excluded"]
    found = ", ".join(f"{number} at {twitch['onset_s']:.1f} s" for number, twitch in enumerate(twitches[:20], start=1))
    more = f" and {len(twitches) - 20} more" if len(twitches) > 20 else ""
    sentences = [
        f"Three lanes over {duration_s:.1f} seconds: left part, middle and right part of the upper lip.",
        "Height is the movement along the lip's main direction, in percent of the distance between the eyes.",
        f"Twitches found: {found}{more}." if twitches else "No twitch was found.",
    ]
    if excluded:
        reasons = sorted({_reason(gap) for gap in excluded})
        sentences.append(f"Hatched time could not be judged: {', '.join(reasons)}.")
    smallest = facts["quality"]["detectable_pct_iod"]
    if smallest is not None:
        sentences.append(f"Dashed lines: the smallest twitch this clip could have shown, {smallest:.2f} percent.")
    return " ".join(sentences)
