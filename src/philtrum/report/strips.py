"""Strips of trace as SVG text: what each kind of movement looks like over ten seconds.

The lines are drawn examples from `courses`, all at the same scale so that they can be compared. No `style`
attribute and no script; looks come from presentation attributes that a page may override through the classes.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from philtrum.advice.entries import Movement
from philtrum.report.courses import LASTS_S, Course, example_of
from philtrum.report.svg import svg_text

WIDTH, LANE_HEIGHT, GAP, TOP, BOTTOM = 360, 46, 20, 16, 22
LOWEST, HIGHEST = -0.75, 1.1
POINTS_PER_S = 50


def render_strip(movement: Movement) -> str:
    """Draw the example of a movement.

    Parameters
    ----------
    movement : Movement
        An entry of `knowledge/movements.toml`.

    Returns
    -------
    str
        An `<svg>` element with a title and a description for screen readers.
    """
    example = example_of(movement.id)
    height = TOP + len(example.lanes) * (LANE_HEIGHT + GAP) - GAP + BOTTOM
    id = f"strip-{movement.id}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="trace-strip" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'aria-labelledby="{id}-title {id}-desc" font-size="12" font-family="system-ui, sans-serif">',
        f'<title id="{id}-title">{escape(movement.name)}: a drawn example of {LASTS_S:.0f} seconds</title>',
        f'<desc id="{id}-desc">{escape(example.shows)}</desc>',
    ]
    for n, lane in enumerate(example.lanes):
        parts += _lane(TOP + n * (LANE_HEIGHT + GAP), lane.name, lane.course)
    return "".join([*parts, *_seconds(height), "</svg>"])


def _lane(top: int, name: str, course: Course) -> Iterator[str]:
    yield svg_text(0, top - 4, escape(name), "lane-name", weight=600, fill="#2b2a28")
    yield (
        f'<rect class="lane" x="0.5" y="{top}" width="{WIDTH - 1}" height="{LANE_HEIGHT}" rx="4" fill="#faf8f5" '
        'stroke="#d8d2c8"/>'
    )
    yield (f'<line class="grid" x1="1" x2="{WIDTH - 1}" y1="{_y(top, 0):.1f}" y2="{_y(top, 0):.1f}" stroke="#e3ded5"/>')
    points = " ".join(f"{x:.1f},{_y(top, value):.1f}" for x, value in _bends(course))
    yield (
        f'<polyline class="curve" points="{points}" fill="none" stroke="#0b6e75" stroke-width="1.6" '
        'stroke-linejoin="round"/>'
    )


def _bends(course: Course) -> Iterator[tuple[float, float]]:
    """Yield the points of a line, without those in the middle of a flat stretch."""
    n_points = round(LASTS_S * POINTS_PER_S)
    values = [course(n / POINTS_PER_S) for n in range(n_points + 1)]
    for n, value in enumerate(values):
        is_flat = 0 < n < n_points and values[n - 1] == value == values[n + 1]
        if not is_flat:
            yield 1 + (WIDTH - 2) * n / n_points, value


def _y(top: int, value: float) -> float:
    return top + LANE_HEIGHT * (HIGHEST - value) / (HIGHEST - LOWEST)


def _seconds(height: int) -> Iterator[str]:
    for second in range(0, round(LASTS_S) + 1, 2):
        x = 1 + (WIDTH - 2) * second / LASTS_S
        anchor = "start" if second == 0 else "end" if second == LASTS_S else "middle"
        yield svg_text(x, height - 6, f"{second} s", anchor=anchor)
