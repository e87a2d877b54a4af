"""Trace: the displacement of every zone of the face over time.

Displacements are in percent of the inter-ocular distance, relative to the
skull, x to the person's left, y up. A row is one frame; NaN means that
the zone was not seen in that frame. Times are seconds from the first frame.

Plain numpy data: imports neither OpenCV nor PyAV.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Trace:
    """Displacement of every zone over time, with the score of the search in it."""

    t_s: FloatArray
    """Time of each frame, shape (T,)."""
    zones: tuple[str, ...]
    """Zone names, length Z."""
    displacement: FloatArray
    """Shape (T, Z, 2), % IOD; x to the person's left, y up."""
    score: FloatArray
    """Shape (T,): how far the lip's movement stands above this clip's noise; twitches are found where it passes 1."""

    def zone(self, name: str) -> FloatArray:
        """Return the displacement of one zone, shape (T, 2)."""
        return self.displacement[:, self.zones.index(name)]


def write_trace(trace: Trace, path: Path) -> None:
    """Write a trace as CSV: `t_s`, `score`, then `<zone>_x` and `<zone>_y` in % IOD; empty = not seen."""
    header = ["t_s", "score", *(f"{zone}_{axis}" for zone in trace.zones for axis in "xy")]
    moved = trace.displacement.reshape(len(trace.t_s), 2 * len(trace.zones))
    columns = np.column_stack([trace.t_s, trace.score, moved])
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows([("" if np.isnan(value) else f"{value:.4f}") for value in row] for row in columns)


def read_trace(path: Path) -> Trace:
    """Read a trace that `write_trace` wrote."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = csv.reader(file)
        header = next(rows)
        table = np.array([[float(cell or "nan") for cell in row] for row in rows]).reshape(-1, len(header))
    zones = tuple(name[: -len("_x")] for name in header[2::2])
    return Trace(table[:, 0], zones, table[:, 2:].reshape(len(table), len(zones), 2), table[:, 1])
