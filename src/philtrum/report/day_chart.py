"""The diary as a chart: one lane per thing recorded, all on the same days, with medicines and treatments.

Conventions
-----------
- Same data, same bytes. No script and no `style`; a page may restyle the classes.
- What was not recorded is hatched in the lane of the spells and a gap in the
  others; it never looks like zero. A quiet day has a flat mark on the ground line.
- Where days are narrower than can be seen they are drawn as means of equal
  stretches of days; the mean is over the days that are known.
- Lanes are told apart by their place and title, not by colour.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from html import escape

import numpy as np
from numpy.typing import NDArray

from philtrum.diary.table import DayTable
from philtrum.report.svg import svg_text


@dataclass(frozen=True, slots=True)
class Lane:
    """One lane of the chart: a column of the day table with its words."""

    column: str
    title: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Course:
    """A medicine over time: from `start` (None: before the chart) to before `stop` (None: still taken)."""

    name: str
    start: date | None
    stop: date | None
    changes: tuple[tuple[date, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """A treatment or an event on a day."""

    on: date
    words: str
    is_treatment: bool = False


@dataclass(frozen=True, slots=True)
class Measured:
    """A measured clip: twitches per observed minute."""

    on: date
    rate_per_min: float
    is_good: bool = True


@dataclass(frozen=True, slots=True)
class Format:
    """Size of the chart in its own units (one unit is one CSS pixel at full size)."""

    width: int
    lane_height: int
    font: int
    left: int
    right: int
    least_day_width: float
    gap: int = 34
    top: int = 26
    row: int = 22

    @property
    def plot_width(self) -> int:
        """Width in which the days lie."""
        return self.width - self.left - self.right


WIDE = Format(width=1080, lane_height=78, font=13, left=46, right=12, least_day_width=4.0)
NARROW = Format(width=360, lane_height=64, font=12, left=34, right=6, least_day_width=3.0)

# Stretches that people think in: a day, a week, four weeks, a quarter, a year.
_STRETCHES = (1, 7, 28, 91, 364)
_NICE = (1.0, 2.0, 2.5, 5.0, 10.0)


def render_days(
    table: DayTable,
    lanes: Sequence[Lane],
    *,
    courses: Sequence[Course] = (),
    marks: Sequence[Mark] = (),
    measured: Sequence[Measured] = (),
    layout: Format = WIDE,
    id_prefix: str = "days",
) -> str:
    """Draw the days of a diary.

    Parameters
    ----------
    table : DayTable
        The days; NaN = not recorded.
    lanes : sequence of Lane
        Columns to draw, from the top; the first is drawn as bars, with hatching where nothing was recorded.
    courses, marks, measured : sequences
        Medicines, treatments and events, measured clips, on the same time axis; what lies outside it is left out.
    layout : Format
        `WIDE` for large screens and paper, `NARROW` for telephones.
    id_prefix : str
        Start of every id; two charts on one page need two.

    Returns
    -------
    str
        An `<svg>` element.
    """
    return "".join(_Chart(table, lanes, courses, marks, measured, layout, id_prefix).parts())


def stretch_days(n_days: int, layout: Format) -> int:
    """Return how many days are drawn as one, so that each can be seen."""
    n_places = layout.plot_width / layout.least_day_width
    return next((days for days in _STRETCHES if n_days / days <= n_places), _STRETCHES[-1])


class _Chart:
    """One chart in the making: the scales, and the parts drawn with them."""

    def __init__(
        self,
        table: DayTable,
        lanes: Sequence[Lane],
        courses: Sequence[Course],
        marks: Sequence[Mark],
        measured: Sequence[Measured],
        layout: Format,
        id_prefix: str,
    ) -> None:
        self.table, self.lanes, self.layout, self.id = table, lanes, layout, id_prefix
        self.last = table.last_day
        self.courses = [course for course in courses if self._overlaps(course)]
        self.marks = [mark for mark in marks if table.first_day <= mark.on <= self.last]
        self.measured = [clip for clip in measured if table.first_day <= clip.on <= self.last]
        self.days_per_bar = stretch_days(table.n_days, layout)

    @property
    def courses_top(self) -> int:
        return self.layout.top + (self.layout.row if self.marks else 0)

    @property
    def lanes_top(self) -> int:
        return self.courses_top + len(self.courses) * self.layout.row + (self.layout.gap if self.has_rows else 0)

    @property
    def has_rows(self) -> bool:
        return bool(self.courses or self.marks)

    @property
    def n_lanes(self) -> int:
        return len(self.lanes) + bool(self.measured)

    @property
    def bottom(self) -> int:
        return self.lanes_top + self.n_lanes * (self.layout.lane_height + self.layout.gap) - self.layout.gap

    def x(self, day: date) -> float:
        """Return where a day begins."""
        share = (day - self.table.first_day).days / self.table.n_days
        return self.layout.left + self.layout.plot_width * min(max(share, 0.0), 1.0)

    def parts(self) -> Iterator[str]:
        yield self._head()
        yield from self._courses()
        for place, lane in enumerate(self.lanes):
            yield from self._lane(lane, self._lane_top(place), is_first=place == 0)
        if self.measured:
            yield from self._measured(self._lane_top(len(self.lanes)))
        yield from self._marks()
        yield from self._time_axis()
        yield "</svg>"

    def _lane_top(self, place: int) -> int:
        return self.lanes_top + place * (self.layout.lane_height + self.layout.gap)

    def _overlaps(self, course: Course) -> bool:
        starts_in_time = course.start is None or course.start <= self.table.last_day
        return starts_in_time and (course.stop is None or course.stop > self.table.first_day)

    def _head(self) -> str:
        page, height = self.layout, self.bottom + 2 * self.layout.font + 16
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="day-chart" viewBox="0 0 {page.width} {height}" role="img" '
            f'aria-labelledby="{self.id}-title {self.id}-desc" font-size="{page.font}" '
            'font-family="system-ui, sans-serif">'
            f'<title id="{self.id}-title">The diary from {_day(self.table.first_day)} to {_day(self.last)}</title>'
            f'<desc id="{self.id}-desc">{escape(self._description())}</desc>'
            f'<defs><pattern id="{self.id}-hatch" width="7" height="7" patternUnits="userSpaceOnUse" '
            'patternTransform="rotate(45)"><rect class="hatch-ground" width="7" height="7" fill="#f3f0eb"/>'
            '<line class="hatch-line" x1="0" y1="0" x2="0" y2="7" stroke="#d2cbc0" stroke-width="2"/></pattern></defs>'
        )

    def _marks(self) -> Iterator[str]:
        free_from = 0.0
        y = self.layout.top - 6
        for mark in sorted(self.marks, key=lambda mark: mark.on):
            x = self.x(mark.on)
            shape = (
                f"M{x - 5:.1f},{y - 10} h10 l-5,9 z" if mark.is_treatment else f"M{x:.1f},{y - 10} l5,5 -5,5 -5,-5 z"
            )
            yield (
                f'<g class="mark"><title>{_day(mark.on)}: {escape(mark.words)}</title>'
                f'<line class="mark-line" x1="{x:.1f}" x2="{x:.1f}" y1="{y}" y2="{self.bottom}" stroke="#7a4a00" '
                f'stroke-dasharray="3 3"/><path class="mark-sign" d="{shape}" fill="#7a4a00"/>'
            )
            words = _shortened(mark.words, 26)
            width = len(words) * 0.56 * self.layout.font
            if x - 12 >= free_from and x + 10 + width <= self.layout.width:
                free_from = x + 10 + width
                yield svg_text(x + 9, y - 1, escape(words), "label")
            yield "</g>"

    def _courses(self) -> Iterator[str]:
        for row, course in enumerate(self.courses):
            top = self.courses_top + row * self.layout.row
            start = self.x(course.start) if course.start else float(self.layout.left)
            end = self.x(course.stop) if course.stop else float(self.layout.left + self.layout.plot_width)
            since = f"since {_day(course.start)}" if course.start else "for long"
            until = f" until {_day(course.stop)}" if course.stop else ""
            yield (
                f'<g class="course"><title>{escape(course.name)}, {since}{until}</title>'
                f'<rect class="course-bar" x="{start:.1f}" y="{top}" width="{max(end - start, 3):.1f}" '
                f'height="{self.layout.row - 6}" rx="3" fill="#d9e7e6" stroke="#0b6e75"/>'
            )
            for day, dose in course.changes:
                if self.table.first_day <= day <= self.last:
                    x = self.x(day)
                    yield (
                        f'<g><title>{_day(day)}: {escape(dose)}</title><line class="course-change" x1="{x:.1f}" '
                        f'x2="{x:.1f}" y1="{top}" y2="{top + self.layout.row - 6}" stroke="#0b6e75" stroke-width="2"/>'
                        "</g>"
                    )
            room = int((self.layout.width - start) / (0.56 * self.layout.font)) - 1
            words = escape(_shortened(course.name, max(room, 6)))
            yield svg_text(start + 6, top + self.layout.row - 10, words, "course-name", fill="#14383a") + "</g>"

    def _lane(self, lane: Lane, top: int, *, is_first: bool) -> Iterator[str]:
        values = np.asarray(self.table.columns.get(lane.column, np.full(self.table.n_days, np.nan)))
        bars = list(self._bars(values))
        highest = _nice_top(max((value for _, _, value, _ in bars if value is not None), default=1.0))
        yield from self._frame(top, lane.title, lane.unit, highest)
        for first, last, value, n_known in bars:
            x, width = self.x(first), self.x(last + timedelta(days=1)) - self.x(first)
            if value is None:
                if is_first:
                    yield (
                        f'<rect class="unknown" x="{x:.2f}" y="{top}" width="{width:.2f}" '
                        f'height="{self.layout.lane_height}" fill="url(#{self.id}-hatch)"/>'
                    )
                continue
            height = self.layout.lane_height * value / highest
            words = _bar_words(first, last, value, lane.unit, n_known)
            drawn_height, y = (
                (height, top + self.layout.lane_height - height)
                if height >= 2
                else (2.0, top + self.layout.lane_height - 2.0)
            )
            kind = "bar" if is_first else "bar factor"
            yield (
                f'<rect class="{kind}" x="{x + 0.1 * width:.2f}" y="{y:.1f}" width="{0.8 * width:.2f}" '
                f'height="{drawn_height:.1f}" fill="{"#0b6e75" if is_first else "#6d8f92"}">'
                f"<title>{words}</title></rect>"
            )

    def _bars(self, values: NDArray[np.float64]) -> Iterator[tuple[date, date, float | None, int]]:
        """Yield first and last day, the mean of the known days (None: none is known), and how many are known."""
        step = self.days_per_bar
        for start in range(0, self.table.n_days, step):
            piece = values[start : start + step]
            known = piece[np.isfinite(piece)]
            first = self.table.first_day + timedelta(days=start)
            last = first + timedelta(days=len(piece) - 1)
            yield first, last, float(known.mean()) if len(known) else None, len(known)

    def _measured(self, top: int) -> Iterator[str]:
        highest = _nice_top(max(clip.rate_per_min for clip in self.measured))
        yield from self._frame(top, "Measured in clips", "twitches a minute", highest)
        for clip in sorted(self.measured, key=lambda clip: (clip.on, clip.rate_per_min)):
            x = self.x(clip.on) + self.layout.plot_width / self.table.n_days / 2
            y = top + self.layout.lane_height * (1 - clip.rate_per_min / highest)
            yield (
                f'<circle class="dot{"" if clip.is_good else " hollow"}" cx="{x:.1f}" cy="{y:.1f}" r="4.5" '
                f'fill="{"#8a4b00" if clip.is_good else "none"}" stroke="#8a4b00" stroke-width="1.6">'
                f"<title>{_day(clip.on)}: {clip.rate_per_min:.1f} twitches a minute</title></circle>"
            )

    def _frame(self, top: int, title: str, unit: str, highest: float) -> Iterator[str]:
        page = self.layout
        yield (
            f'<rect class="lane" x="{page.left}" y="{top}" width="{page.plot_width}" height="{page.lane_height}" '
            'fill="#faf8f5" stroke="#d8d2c8"/>'
        )
        yield svg_text(page.left, top - 8, escape(title), "lane-name", weight=600, fill="#2b2a28")
        if unit:
            yield svg_text(page.width - page.right, top - 8, escape(unit), "label", anchor="end")
        for share in (0.0, 0.5, 1.0):
            y = top + page.lane_height * (1 - share)
            yield (
                f'<line class="grid" x1="{page.left}" x2="{page.left + page.plot_width}" y1="{y:.1f}" y2="{y:.1f}" '
                'stroke="#e3ded5"/>'
            )
            yield svg_text(page.left - 5, y + 4, f"{share * highest:g}", "label", anchor="end")

    def _time_axis(self) -> Iterator[str]:
        page, free_from = self.layout, 0.0
        for day, words in _ticks(self.table.first_day, self.last):
            x = self.x(day)
            half = len(words) * 0.3 * page.font
            yield (
                f'<line class="tick" x1="{x:.1f}" x2="{x:.1f}" y1="{self.bottom}" y2="{self.bottom + 5}" '
                'stroke="#6b6560"/>'
            )
            if x - half >= free_from and x + half <= page.width:
                free_from = x + half + 8
                yield svg_text(x, self.bottom + 8 + page.font, words, "label", anchor="middle")
        if self.days_per_bar > 1:
            words = f"each bar: mean of {self.days_per_bar} days"
            yield svg_text(page.left, self.bottom + 12 + 2 * page.font, words, "label")

    def _description(self) -> str:
        counts = self.table.columns.get("episodes", np.full(self.table.n_days, np.nan))
        known = counts[np.isfinite(counts)]
        sentences = [
            f"{self.table.n_days} days; for {len(known)} of them it is known whether there was a twitch.",
            f"Spells in all: {known.sum():.0f}; days without: {(known == 0).sum()}." if len(known) else "",
            f"Lanes: {', '.join(lane.title for lane in self.lanes)}.",
            f"Medicines: {', '.join(course.name for course in self.courses)}." if self.courses else "",
            f"Marked: {'; '.join(f'{_day(mark.on)} {mark.words}' for mark in self.marks[:20])}." if self.marks else "",
            f"{len(self.measured)} measured clips." if self.measured else "",
        ]
        return " ".join(sentence for sentence in sentences if sentence)


def _bar_words(first: date, last: date, value: float, unit: str, n_known: int) -> str:
    amount = f"{value:.3g} {unit}".strip()
    if first == last:
        return f"{_day(first)}: {escape(amount)}"
    return f"{_day(first)} to {_day(last)}: {escape(amount)} on average, {n_known} days known"


def _ticks(first: date, last: date) -> Iterator[tuple[date, str]]:
    """Yield Mondays of a short chart, firsts of months of a longer one, Januaries of a long one."""
    n_days = (last - first).days + 1
    for k in range(n_days):
        day = first + timedelta(days=k)
        if n_days <= 62 and (day.weekday() == 0 or k == 0):
            yield day, f"{day.day} {day:%b}"
        elif 62 < n_days <= 1100 and day.day == 1:
            yield day, f"{day:%b %Y}" if day.month == 1 else f"{day:%b}"
        elif n_days > 1100 and day.day == 1 and day.month == 1:
            yield day, f"{day.year}"


def _nice_top(highest: float) -> float:
    """Return a round number, not less than `highest`, for the top of a lane."""
    if highest < 1e-9:  # nothing, or what no lane could show
        return 1.0
    scale = 10.0 ** math.floor(math.log10(highest))
    return next(nice * scale for nice in _NICE if nice * scale >= highest * 0.999)


def _shortened(words: str, longest: int) -> str:
    return words if len(words) <= longest else words[: longest - 1].rstrip() + "…"


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
