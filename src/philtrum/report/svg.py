"""Pieces that all charts are made of: words at a place, round steps for an axis.

No `style` attribute and no script, so that a strict content security policy holds; looks come from presentation
attributes, which a page may override through the classes.
"""

from __future__ import annotations

LETTER_WIDTH = 0.6  # of the font size: a safe mean for sans-serif digits and letters
_NICE_STEPS = (1.0, 2.0, 5.0)


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
