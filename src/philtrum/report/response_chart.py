"""The curve of an answer to treatments: the rate over the rate without treatment, by days since treatment."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

import numpy as np

from philtrum.nof1.response import Answer, Response
from philtrum.report.response_words import answer_sentence, details
from philtrum.report.svg import nice_step, svg_start, svg_text

_HEIGHT, _TOP, _BOTTOM, _FONT = 380, 34, 60, 14
_LEFT, _RIGHT = 64, 16
_TICKS = (0.1, 0.2, 0.33, 0.5, 0.67, 1.0, 1.5, 2.0, 3.0)


def render_response(response: Response, *, width: int = 760, id_prefix: str = "response") -> str:
    """Draw the curve of all treatments with its 95 % band, and when half of the effect came and went.

    Parameters
    ----------
    response : Response
    width : int
        760 for large screens and paper, 360 for telephones.
    id_prefix : str
        Start of every id in the chart; two charts on one page need two.

    Returns
    -------
    str
        An `<svg>` element.
    """
    return "".join(_Chart(response, width, id_prefix).parts())


class _Chart:
    """One chart in the making."""

    def __init__(self, response: Response, width: int, id_prefix: str) -> None:
        self.response = response
        self.width = width
        self.id = id_prefix
        ends = np.concatenate([response.low, response.high, [0.67, 1.1]])
        self.low = float(np.log(max(ends.min(), 0.05)))
        self.high = float(np.log(min(ends.max(), 4.0)))
        self.n_days = float(response.days[-1]) if len(response.days) else 30.0

    def parts(self) -> Iterator[str]:
        overall = self.response.overall
        cycles = " ".join(answer_sentence(cycle) for cycle in self.response.cycles)
        yield svg_start(
            "response-chart",
            self.width,
            _HEIGHT,
            id_prefix=self.id,
            title="Twitching after treatment",
            description=escape(f"{answer_sentence(overall)} {details(overall)} {cycles}"),
            font=_FONT,
        )
        yield from self._axes()
        if len(self.response.days):
            yield from self._curve()
            yield from self._half_marks(overall)
        else:
            yield svg_text(_LEFT + 12, _TOP + 30, escape(answer_sentence(overall)), "shortage", weight=600)
        yield "</svg>"

    def x(self, day: float) -> float:
        return _LEFT + (self.width - _LEFT - _RIGHT) * day / self.n_days

    def y(self, ratio: float) -> float:
        share = (np.clip(np.log(ratio), self.low, self.high) - self.low) / (self.high - self.low)
        return float(_TOP + (_HEIGHT - _TOP - _BOTTOM) * (1 - share))

    def _axes(self) -> Iterator[str]:
        yield svg_text(8, 18, "twitching; 100 % is that without treatment", weight=600)
        for tick in _TICKS:
            if self.low - 1e-6 <= np.log(tick) <= self.high + 1e-6:
                is_one = tick == 1
                yield (
                    f'<line class="{"no-effect" if is_one else "grid"}" x1="{_LEFT}" x2="{self.width - _RIGHT}" '
                    f'y1="{self.y(tick):.1f}" y2="{self.y(tick):.1f}" stroke="{"#6b6560" if is_one else "#e3ded5"}"/>'
                )
                yield svg_text(_LEFT - 8, self.y(tick) + 5, f"{100 * tick:.0f} %", anchor="end")
        step = nice_step(self.n_days / 7, 4 if self.width < 600 else 8) * 7
        for k in range(int(self.n_days / step) + 1):
            yield svg_text(self.x(k * step), _HEIGHT - _BOTTOM + 20, f"{k * step / 7:g}", anchor="middle")
        yield svg_text(self.width / 2, _HEIGHT - 12, "weeks since treatment", anchor="middle", weight=600)

    def _curve(self) -> Iterator[str]:
        found = self.response
        upper = [f"{self.x(day):.1f},{self.y(value):.1f}" for day, value in zip(found.days, found.high, strict=True)]
        lower = [f"{self.x(day):.1f},{self.y(value):.1f}" for day, value in zip(found.days, found.low, strict=True)]
        middle = [f"{self.x(day):.1f},{self.y(value):.1f}" for day, value in zip(found.days, found.ratio, strict=True)]
        yield f'<polygon class="band" points="{" ".join(upper + lower[::-1])}" fill="#0b6e75" fill-opacity="0.18"/>'
        yield f'<polyline class="curve" points="{" ".join(middle)}" fill="none" stroke="#0b6e75" stroke-width="2.5"/>'

    def _half_marks(self, overall: Answer) -> Iterator[str]:
        places = (_TOP + 14, _HEIGHT - _BOTTOM - 8)  # at both ends, so that the words never meet
        marks = ((overall.onset_days, "half there"), (overall.wears_off_days, "half gone"))
        for (found, words), y in zip(marks, places, strict=True):
            if found is None or found.value > self.n_days:
                continue
            x = self.x(found.value)
            yield (
                f'<line class="half" x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP}" y2="{_HEIGHT - _BOTTOM}" stroke="#8a4b00" '
                'stroke-dasharray="5 4"/>'
            )
            anchor = "end" if x > self.width - 150 else "start"
            shift = -6 if anchor == "end" else 6
            yield svg_text(x + shift, y, f"{words}: day {found.value:.0f}", anchor=anchor, fill="#8a4b00")
