"""Plots of a measurement for notebooks and papers, with matplotlib (the `plot` extra).

Pages and reports use the SVG of `charts`, which needs no library.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from philtrum.errors import SetupError
from philtrum.video.measurement import Measurement
from philtrum.video.trace import Trace

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Each part of the lip has its own line style too, for those who cannot tell the colours apart.
LINES = {"upper_lip_left": "-", "philtrum": "--", "upper_lip_right": ":"}


def require_matplotlib() -> None:
    """Check that matplotlib is installed.

    Raises
    ------
    SetupError: ``plot-extra-missing``.
    """
    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise SetupError(
            "plot-extra-missing",
            "Drawing this needs matplotlib, which is not installed.",
            "Run `python -m pip install 'philtrum[plot]'`, or choose a file name that ends in .svg.",
        ) from error


def plot_trace(measurement: Measurement, trace: Trace, *, ax: Axes | None = None) -> Axes:
    """Plot the displacement of each part of the upper lip over time, twitches shaded.

    Parameters
    ----------
    measurement : Measurement
        What was found in the clip.
    trace : Trace
        Displacement of every zone, % IOD; of its zones those of the upper lip are drawn.
    ax : matplotlib Axes, optional
        Where to draw; without it a new figure is made.

    Returns
    -------
    matplotlib Axes
        The axes drawn on; `.figure` holds the picture.

    Raises
    ------
    SetupError: ``plot-extra-missing``.
    """
    ax = _new_figure().add_subplot() if ax is None else ax
    for zone, style in LINES.items():
        ax.plot(trace.t_s, trace.zone(zone)[:, 1], style, linewidth=1, label=zone.replace("_", " "))
    for twitch in measurement.twitches:
        ax.axvspan(twitch.onset_s, twitch.offset_s, color="0.85", zorder=0)
    ax.set(title=measurement.clip.name, xlabel="Time, s", ylabel="Upwards, % of eye distance")
    ax.legend(loc="upper right", frameon=False)
    return ax


def draw_trace(measurement: Measurement, trace: Trace, path: Path) -> None:
    """Write the plot of `plot_trace` as a PNG file of 1500 x 525 px; errors as there."""
    figure = _new_figure()
    plot_trace(measurement, trace, ax=figure.add_subplot())
    figure.savefig(path, format="png", dpi=150)


def _new_figure() -> Figure:
    require_matplotlib()
    from matplotlib.figure import Figure  # not pyplot: no window, no global state

    return Figure(figsize=(10, 3.5), layout="constrained")
