"""A trial as a chart: the pairs with and without the remedy, and the ratio with its interval under them.

Without the remedy is an open circle, with it a filled square, so that the arms can be told without colour.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

import numpy as np

from philtrum.nof1.trials import TrialResult, arm_means
from philtrum.report.svg import nice_step, ratio_axis, svg_start, svg_text
from philtrum.report.trial_words import estimate_words, result_sentence
from philtrum.report.trigger_words import OUTCOME_WORDS

_HEIGHT, _TOP, _PLOT, _FONT = 420, 48, 230, 14
_LEFT, _RIGHT = 52, 16
_AS_USUAL, _WITH = "#0b6e75", "#8a4b00"


def render_trial(result: TrialResult, *, width: int = 760, id_prefix: str = "trial") -> str:
    """Draw the result of a trial.

    Parameters
    ----------
    result : TrialResult
    width : int
        760 for large screens and paper, 360 for telephones.
    id_prefix : str
        Start of every id in the chart; two charts on one page need two.

    Returns
    -------
    str
        An `<svg>` element.
    """
    return "".join(_Chart(result, width, id_prefix).parts())


class _Chart:
    """One chart in the making."""

    def __init__(self, result: TrialResult, width: int, id_prefix: str) -> None:
        self.result = result
        self.width = width
        self.id = id_prefix
        self.means = arm_means(result.trial)
        known = np.concatenate(self.means)
        known = known[np.isfinite(known)]
        self.most = max(float(known.max()), 1e-3) * 1.08 if len(known) else 1.0

    def parts(self) -> Iterator[str]:
        words = f"{result_sentence(self.result)} {estimate_words(self.result)}"
        yield svg_start(
            "trial-chart",
            self.width,
            _HEIGHT,
            id_prefix=self.id,
            title="Trial of a remedy, pair by pair",
            description=f"{escape(words)} {escape(self._pairs_described())}",
            font=_FONT,
        )
        yield from self._key()
        yield from self._scale()
        yield from self._pairs()
        yield from self._ratio()
        yield "</svg>"

    def y(self, value: float) -> float:
        return _TOP + _PLOT * (1 - value / self.most)

    def x(self, pair: int, arm: int) -> float:
        n_pairs = max(len(self.means[0]), 1)
        step = (self.width - _LEFT - _RIGHT) / n_pairs
        return _LEFT + step * (pair + 0.5) + (arm - 0.5) * min(step * 0.4, 28)

    def _key(self) -> Iterator[str]:
        yield _mark(_LEFT + 6, 16, 0)
        yield svg_text(_LEFT + 18, 21, "as usual", weight=600)
        yield _mark(_LEFT + 116, 16, 1)
        yield svg_text(_LEFT + 128, 21, "with the remedy", weight=600)

    def _scale(self) -> Iterator[str]:
        step = nice_step(self.most, 4)
        for k in range(int(self.most / step) + 1):
            y = self.y(k * step)
            yield (
                f'<line class="grid" x1="{_LEFT}" x2="{self.width - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}" '
                'stroke="#e3ded5"/>'
            )
            yield svg_text(_LEFT - 8, y + 5, f"{k * step:g}", anchor="end")
        many = OUTCOME_WORDS[self.result.trial.outcome]
        yield svg_text(
            _LEFT,
            _TOP + _PLOT + 40,
            f"pair; height: {many} a day"
            if self.width < 600
            else (f"pair of periods, in the order of time; height: {many} a day, mean of the period"),
        )

    def _pairs(self) -> Iterator[str]:
        for pair, means in enumerate(zip(*self.means, strict=True)):
            yield svg_text((self.x(pair, 0) + self.x(pair, 1)) / 2, _TOP + _PLOT + 20, str(pair + 1), anchor="middle")
            if np.isfinite(means).all():
                yield (
                    f'<line class="pair" x1="{self.x(pair, 0):.1f}" y1="{self.y(means[0]):.1f}" '
                    f'x2="{self.x(pair, 1):.1f}" y2="{self.y(means[1]):.1f}" stroke="#6b6560"/>'
                )
            for arm, mean in enumerate(means):
                if np.isfinite(mean):
                    yield _mark(self.x(pair, arm), self.y(mean), arm)

    def _ratio(self) -> Iterator[str]:
        low, high, ratio = self.result.ci_low, self.result.ci_high, self.result.rate_ratio
        top = _HEIGHT - 62
        if low is None or high is None or ratio is None:
            yield svg_text(_LEFT, top + 20, escape(result_sentence(self.result)), "verdict", weight=600)
            return
        reach = float(np.clip(max(-np.log(low), np.log(high)) * 1.15, np.log(1.6), np.log(10)))
        middle, half = (_LEFT + self.width - _RIGHT) / 2, (self.width - _LEFT - _RIGHT) / 2

        def at(value: float) -> float:
            return middle + half * float(np.clip(np.log(value) / reach, -1, 1))

        yield from ratio_axis(at, reach, top - 14, top + 18, font=_FONT)
        yield (
            f'<line class="interval" x1="{at(low):.1f}" x2="{at(high):.1f}" y1="{top}" y2="{top}" stroke="{_WITH}" '
            f'stroke-width="3"/>{_mark(at(ratio), top, 1)}'
        )
        less, more = ("← less", "more →") if self.width < 600 else ("← less with the remedy", "more with the remedy →")
        yield svg_text(_LEFT, _HEIGHT - 6, less, weight=600)
        yield svg_text(self.width - _RIGHT, _HEIGHT - 6, more, anchor="end", weight=600)

    def _pairs_described(self) -> str:
        return " ".join(
            f"Pair {number}: {a:.1f} as usual, {b:.1f} with the remedy."
            for number, (a, b) in enumerate(zip(*self.means, strict=True), start=1)
        )


def _mark(x: float, y: float, arm: int) -> str:
    if arm:
        return f'<rect class="with" x="{x - 6:.1f}" y="{y - 6:.1f}" width="12" height="12" fill="{_WITH}"/>'
    return (
        f'<circle class="as-usual" cx="{x:.1f}" cy="{y:.1f}" r="6" fill="#fff" stroke="{_AS_USUAL}" stroke-width="2"/>'
    )
