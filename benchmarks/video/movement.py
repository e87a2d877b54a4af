"""Movement: what moves on a filmed face - where (shapes), when (courses) and how far.

Face units: the distance of the outer eye corners (IOD) is 1, the origin lies half-way between them, x runs to the
picture's right (the person's left), y down. Times are seconds from the first frame.

A movement's field is scaled so that its most-moved point moves by `size_pct_iod` when its course is 1; sizes are
therefore exact by construction. Onset and offset of a pulse are the times at which it leaves, and is back at, 5 % of
its peak.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Place = tuple[tuple[int, float], ...]
"""Landmarks and their weights; the place is the weighted mean."""

PULSES = ("cosine", "half_sine", "gamma")
EDGE_LEVEL = 0.05
TABLE_HZ = 120.0


@dataclass(frozen=True, slots=True)
class Shape:
    """One soft bump of displacement."""

    place: Place
    dx: float
    dy: float
    spread_iod: float
    """Standard deviation across the longer axis; a compact bump has the same width at half its height."""
    kind: str = "gaussian"
    """`gaussian`, `compact` (raised cosine, zero outside), `wave` (ripples under a bell), or `depth`, `flatten_x`,
    `flatten_y` for a turning head (place and spread do not matter then)."""
    aspect: float = 1.0
    """Longer over shorter axis."""
    angle_deg: float = 0.0
    above: float = 1.0
    """Share that remains above the seam of the lips."""
    below: float = 1.0
    """Share that remains below the seam of the lips."""
    wave_iod: float = 0.0
    """Wave length along x, `wave` only."""
    phase_deg: float = 0.0


@dataclass(frozen=True, slots=True)
class Course:
    """A time course: a pulse, a plateau, an oscillation or a table of values."""

    kind: str
    """`cosine`, `half_sine`, `gamma`, `plateau`, `oscillation` or `table`."""
    start_s: float
    """Onset of a pulse; first value of a table."""
    duration_s: float
    """Onset to offset of a pulse; a table's is set by its values."""
    form: float = 0.0
    """Share of the rise (`cosine`), exponent (`gamma`), seconds of rise (`plateau`, `oscillation`)."""
    hz: float = 0.0
    phase_deg: float = 0.0
    values: tuple[float, ...] = ()
    """`TABLE_HZ` values per second."""


@dataclass(frozen=True, slots=True)
class Movement:
    """Shapes that share one time course."""

    shapes: tuple[Shape, ...]
    course: Course
    size_pct_iod: float
    is_scaled: bool = True
    """Scale the field to a peak of 1; not for waves and head turns, whose shapes are exact already."""


def evaluate(course: Course, t_s: FloatArray) -> FloatArray:
    """Return a course at some times."""
    if course.kind in PULSES:
        start, _, end = _unit_edges(course.kind, course.form)
        x = start + (t_s - course.start_s) / course.duration_s * (end - start)
        return _unit_pulse(course.kind, course.form, x)
    if course.kind == "table":
        at = (t_s - course.start_s) * TABLE_HZ
        return np.interp(at, np.arange(len(course.values)), course.values, left=0.0, right=0.0)
    window = _plateau((t_s - course.start_s), course.duration_s, course.form)
    if course.kind == "oscillation":
        window = window * np.cos(2 * np.pi * course.hz * (t_s - course.start_s) + np.radians(course.phase_deg))
    return window


def apex_s(course: Course) -> float:
    """Return the time of a pulse's peak."""
    start, apex, end = _unit_edges(course.kind, course.form)
    return course.start_s + course.duration_s * (apex - start) / (end - start)


def _unit_pulse(kind: str, form: float, x: FloatArray) -> FloatArray:
    """Pulse of peak 1 that starts at x = 0; `cosine` and `half_sine` end at 1, `gamma` peaks there."""
    if kind == "gamma":
        inside = np.clip(x, 1e-12, None)
        return np.where(x > 0, (inside * np.exp(1 - inside)) ** form, 0.0)
    if kind == "half_sine":
        return np.where((x > 0) & (x < 1), np.sin(np.pi * x), 0.0)
    part = np.where(x < form, x / form, 1 + (x - form) / (1 - form))
    return np.where((x > 0) & (x < 1), 0.5 - 0.5 * np.cos(np.pi * part), 0.0)


@lru_cache(maxsize=1024)
def _unit_edges(kind: str, form: float) -> tuple[float, float, float]:
    """Return onset, apex and offset of a unit pulse."""
    x = np.linspace(0, 20 if kind == "gamma" else 1, 40_001)
    high = np.flatnonzero(_unit_pulse(kind, form, x) >= EDGE_LEVEL)
    apex = {"gamma": 1.0, "half_sine": 0.5, "cosine": form}[kind]
    return float(x[high[0]]), apex, float(x[high[-1]])


def _plateau(t_s: FloatArray, duration_s: float, ramp_s: float) -> FloatArray:
    part = np.clip(np.minimum(t_s, duration_s - t_s) / ramp_s, 0, 1)
    return np.asarray(0.5 - 0.5 * np.cos(np.pi * part))
