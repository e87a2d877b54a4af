"""Pieces that all charts are made of: words at a place, round steps for an axis.

No `style` attribute and no script, so that a strict content security policy holds; looks come from presentation
attributes, which a page may override through the classes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

LETTER_WIDTH = 0.6  # of the font size: a safe mean for sans-serif digits and letters
_NICE_STEPS = (1.0, 2.0, 5.0)
_RATIOS = (0.1, 0.2, 0.33, 0.5, 0.67, 0.8, 1.0, 1.25, 1.5, 2.0, 3.0, 5.0, 10.0)


def svg_start(
    class_: str, width: int, height: float, *, id_prefix: str, title: str, description: str, font: int
) -> str:
    """Return the start tag of a chart with what screen readers say of it; its words must be escaped already."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{class_}" viewBox="0 0 {width} {height}" '
        f'role="img" aria-labelledby="{id_prefix}-title {id_prefix}-desc" font-size="{font}" '
        f'font-family="system-ui, sans-serif"><title id="{id_prefix}-title">{title}</title>'
        f'<desc id="{id_prefix}-desc">{description}</desc>'
    )


def svg_text(
    x: float,
    y: float,
    words: str,
    class_: str = "label",
    *,
    anchor: str = "start",
    weight: int = 400,
    fill: str = "#57524c",
) -> str:
    """Return a `<text>` element; `words` must be escaped already."""
    return (
        f'<text class="{class_}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-weight="{weight}" '
        f'fill="{fill}">{words}</text>'
    )


def nice_step(span: float, n_wanted: int) -> float:
    """Return a round step that divides `span` into at most `n_wanted` parts, or nearly so."""
    exponent = 10.0**-4
    while True:
        for digit in _NICE_STEPS:
            if digit * exponent * n_wanted >= span * 0.999:
                return digit * exponent
        exponent *= 10


def ratio_axis(at: Callable[[float], float], reach: float, top: float, bottom: float, *, font: int) -> Iterator[str]:
    """Draw the grid of a logarithmic axis of ratios, with the labels that have room under it.

    Parameters
    ----------
    at : function
        Horizontal place of a ratio.
    reach : float
        How far the axis goes from 1, log units.
    top, bottom : float
        Ends of the grid lines.
    font : int
        Size of the letters.
    """
    free_from = -1e9
    ticks = [tick for tick in _RATIOS if abs(np.log(tick)) <= reach * 1.001]
    for tick in sorted(ticks, key=lambda tick: tick != 1):  # the middle one first: it always has its label
        kind, colour = ("no-effect", "#6b6560") if tick == 1 else ("grid", "#e3ded5")
        yield (
            f'<line class="{kind}" x1="{at(tick):.1f}" x2="{at(tick):.1f}" y1="{top:.1f}" y2="{bottom:.1f}" '
            f'stroke="{colour}"/>'
        )
    for tick in ticks:
        label = "same" if tick == 1 else f"× {tick:g}"  # noqa: RUF001 - the true multiplication sign
        half = (len(label) * font * LETTER_WIDTH) / 2 + 3
        from_middle = abs(at(tick) - at(1.0))
        is_clear = tick == 1 or from_middle > half + 2 * font * LETTER_WIDTH + 3
        if at(tick) - half >= free_from and is_clear:
            yield svg_text(at(tick), bottom + font + 4, label, anchor="middle")
            free_from = at(tick) + half
