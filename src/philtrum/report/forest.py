"""The estimates for all triggers as one chart: a row each, its ratio and interval on a logarithmic scale.

What is known can be told without colour: a claim is a filled square with its verdict in words, everything else an
open circle; a trigger without enough data has words instead of a mark.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

import numpy as np

from philtrum.nof1.triggers import Link, Trigger, TriggerReport
from philtrum.report.svg import LETTER_WIDTH, ratio_axis, svg_start, svg_text
from philtrum.report.trigger_words import OUTCOME_WORDS, name_of, shortage_sentence, step_words, verdict_sentence

VERDICT_WORDS = {
    "raises": "more twitching",
    "lowers": "less twitching",
    "no_association": "not it",
    "unclear": "not clear yet",
    "not_enough_data": "not enough data",
    "maybe_consequence": "maybe a result",
}
_WIDE_NAMES, _WIDE_VERDICTS = 270, 150
_ROW, _NARROW_ROW, _TOP, _BOTTOM, _FONT = 46, 84, 40, 58, 14
_MOST, _LEAST = np.log(8.0), np.log(1.35)  # the scale reaches at least and at most so far from 1


def render_forest(report: TriggerReport, *, width: int = 860, id_prefix: str = "forest") -> str:
    """Draw the likeliest link of every trigger.

    Parameters
    ----------
    report : TriggerReport
    width : int
        860 for large screens and paper, 360 for telephones: below 600 names stand above their rows.
    id_prefix : str
        Start of every id in the chart; two charts on one page need two.

    Returns
    -------
    str
        An `<svg>` element.
    """
    return "".join(_Forest(report, width, id_prefix).parts())


class _Forest:
    """One chart in the making."""

    def __init__(self, report: TriggerReport, width: int, id_prefix: str) -> None:
        self.report = report
        self.width = width
        self.id = id_prefix
        self.is_narrow = width < 600
        self.row = _NARROW_ROW if self.is_narrow else _ROW
        self.left = 14 if self.is_narrow else _WIDE_NAMES
        self.right = width - (14 if self.is_narrow else _WIDE_VERDICTS)
        self.bottom = _TOP + self.row * max(len(report.triggers), 1)
        self.reach = _reach([link for trigger in report.triggers for link in _shown(trigger)])

    def parts(self) -> Iterator[str]:
        many = OUTCOME_WORDS[self.report.outcome]
        yield svg_start(
            "forest-chart",
            self.width,
            self.bottom + _BOTTOM,
            id_prefix=self.id,
            title="What goes with the twitching",
            description=escape(_description(self.report)),
            font=_FONT,
        )
        if any(trigger.links for trigger in self.report.triggers):
            yield from self._axis(many)
        for place, trigger in enumerate(self.report.triggers):
            yield from self._trigger(trigger, _TOP + place * self.row)
        yield "</svg>"

    def x(self, ratio: float) -> float:
        share = (np.clip(np.log(max(ratio, 1e-6)), -self.reach, self.reach) / self.reach + 1) / 2
        return float(self.left + share * (self.right - self.left))

    def _axis(self, many: str) -> Iterator[str]:
        yield from ratio_axis(self.x, self.reach, _TOP - 8, self.bottom, font=_FONT)
        words = (f"fewer {many}", f"more {many}")
        yield svg_text(self.left, self.bottom + 42, f"← {words[0]}", weight=600)
        yield svg_text(self.right, self.bottom + 42, f"{words[1]} →", anchor="end", weight=600)

    def _trigger(self, trigger: Trigger, top: float) -> Iterator[str]:
        is_claim = trigger.verdict in {"raises", "lowers"}
        middle = top + 44 if self.is_narrow else top + self.row / 2 - 4
        name = name_of(trigger.name)
        yield f'<g class="trigger trigger-{trigger.verdict}"><title>{escape(verdict_sentence(trigger))}</title>'
        words_y = top + 12 if self.is_narrow else middle - 2
        yield svg_text(14, words_y, escape(name[:1].upper() + name[1:]), "name", weight=600, fill="#2b2a28")
        yield svg_text(
            self.width - 14,
            words_y if self.is_narrow else middle + 5,
            VERDICT_WORDS[trigger.verdict],
            "verdict",
            anchor="end",
            weight=600 if is_claim else 400,
            fill="#8a4b00" if is_claim else "#57524c",
        )
        if not trigger.links:
            words = _short(shortage_sentence(trigger), self.right - self.left)
            width = len(words) * _FONT * LETTER_WIDTH * 0.9 + 8
            yield (
                f'<rect class="plate" x="{self.left - 4:.1f}" y="{middle - 10:.1f}" width="{width:.1f}" height="22" '
                'fill="#fff"/>'
            )
            yield svg_text(self.left, middle + 5, escape(words), "shortage")
        else:
            below = _step(trigger)
            yield svg_text(14, words_y + 17, escape(below), "step")
            yield from self._marks(trigger, middle + (8 if self.is_narrow else 0), is_claim)
        yield "</g>"

    def _marks(self, trigger: Trigger, y: float, is_claim: bool) -> Iterator[str]:
        for link in _shown(trigger):
            colour = "#8a4b00" if is_claim else "#0b6e75"
            x, low, high = self.x(link.rate_ratio), self.x(link.ci_low), self.x(link.ci_high)
            yield (
                f'<line class="interval" x1="{low:.1f}" x2="{high:.1f}" y1="{y:.1f}" y2="{y:.1f}" stroke="{colour}" '
                f'stroke-width="{3 if is_claim else 2}"/>'
            )
            if is_claim:
                yield f'<rect class="estimate" x="{x - 6:.1f}" y="{y - 6:.1f}" width="12" height="12" fill="{colour}"/>'
            else:
                yield (
                    f'<circle class="estimate" cx="{x:.1f}" cy="{y:.1f}" r="5" fill="#fff" stroke="{colour}" '
                    'stroke-width="2"/>'
                )


def _shown(trigger: Trigger) -> list[Link]:
    return [] if trigger.best is None else [trigger.links[trigger.best]]


def _reach(links: Sequence[Link]) -> float:
    """Return how far from 1 the scale goes, log units: to the end of most intervals."""
    ends = [max(abs(np.log(link.ci_low)), abs(np.log(link.ci_high))) for link in links]
    return float(np.clip(np.quantile(ends, 0.9) * 1.05, _LEAST, _MOST)) if ends else float(np.log(2))


def _step(trigger: Trigger) -> str:
    lag = trigger.links[trigger.best or 0].lag_days
    day = "" if lag == 0 else ", day before" if lag == 1 else f", {lag} days before"
    return f"{step_words(trigger)}{day}"


def _short(words: str, width: float) -> str:
    """Cut words to what fits, at a sentence or a word."""
    most = int(width / (_FONT * LETTER_WIDTH * 0.85))
    first = words.split(": ")[0].split(". ")[0].rstrip(".")
    return first if len(first) <= most else first[: most - 1].rsplit(" ", 1)[0] + " …"


def _description(report: TriggerReport) -> str:
    sentences = []
    for trigger in report.triggers:
        sentence = verdict_sentence(trigger)
        for link in _shown(trigger):
            sentence += (
                f" Ratio for {step_words(trigger)}: {link.rate_ratio:.2f}, 95 percent interval {link.ci_low:.2f} to "
                f"{link.ci_high:.2f}."
            )
        sentences.append(sentence)
    return " ".join(sentences)
