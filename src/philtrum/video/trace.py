"""Trace: the displacement of every zone of the face over time.

Displacements are in percent of the inter-ocular distance, relative to the
skull, x to the person's left, y up. A row is one frame; NaN means that
the zone was not seen in that frame. Times are seconds from the first frame.

A long trace is written while it is measured and read for drawing without ever
being held as a whole. Plain numpy data: imports neither OpenCV nor PyAV.
"""

from __future__ import annotations

import csv
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

# A trace of more rows than this (nine minutes at 30 frames per second) is thinned before it is drawn.
MOST_DRAWN = 16_384


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

    @property
    def is_seen(self) -> NDArray[np.bool_]:
        """Shape (T,): the face was measured in this frame."""
        return np.asarray(~np.isnan(self.displacement).all(axis=(1, 2)), bool)

    def zone(self, name: str) -> FloatArray:
        """Return the displacement of one zone, shape (T, 2)."""
        return self.displacement[:, self.zones.index(name)]


def join_traces(traces: Sequence[Trace]) -> Trace:
    """Return traces that follow each other as one; at least one."""
    return Trace(
        np.concatenate([trace.t_s for trace in traces]),
        traces[0].zones,
        np.concatenate([trace.displacement for trace in traces]),
        np.concatenate([trace.score for trace in traces]),
    )


@dataclass(slots=True)
class TraceSink:
    """Takes a trace piece by piece; see `open_trace`."""

    file: IO[bytes]
    has_face: bool = field(default=False, init=False)
    """Whether any piece so far shows a face."""
    _has_header: bool = field(default=False, init=False)

    def add(self, trace: Trace) -> None:
        """Write the next piece."""
        if not self._has_header:
            names = [f"{zone}_{axis}" for zone in trace.zones for axis in "xy"]
            self.file.write((",".join(["t_s", "score", *names]) + "\r\n").encode())
            self._has_header = True
        n_columns = 2 + 2 * len(trace.zones)
        moved = trace.displacement.reshape(len(trace.t_s), n_columns - 2)
        table = np.column_stack([trace.t_s, trace.score, moved])
        layout = ",".join(["%.4f"] * n_columns) + "\r\n"
        self.file.writelines((layout % tuple(row)).replace("nan", "").encode() for row in table.tolist())
        self.has_face |= bool(trace.is_seen.any())


@contextmanager
def open_trace(path: Path) -> Iterator[TraceSink]:
    """Write a trace as CSV while it is measured: `t_s`, `score`, `<zone>_x` and `<zone>_y` in % IOD; empty = not seen.

    There is no file before the end, not even a half one if the process is killed on the way, and none at all if no
    face was seen.
    """
    with tempfile.TemporaryFile(dir=path.parent) as file:
        sink = TraceSink(file)
        yield sink
        if sink.has_face:
            _name(file, path)


def _name(nameless: IO[bytes], path: Path) -> None:
    """Copy a file that has no name to the given one, which appears when all of it is on the disk."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    nameless.seek(0)
    try:
        with unfinished.open("wb") as file:
            shutil.copyfileobj(nameless, file)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def write_trace(trace: Trace, path: Path) -> None:
    """Write a whole trace as `open_trace` does, whether or not it shows a face."""
    with path.open("wb") as file:
        TraceSink(file).add(trace)


def read_trace(path: Path) -> Trace:
    """Read a trace that `write_trace` or `open_trace` wrote."""
    with path.open(newline="", encoding="utf-8") as file:
        zones, tables = _tables(file, None)
        return _as_trace(zones, np.concatenate([np.zeros((0, 2 + 2 * len(zones))), *tables]))


def read_trace_for_drawing(path: Path, zones: Sequence[str], *, n_most: int = MOST_DRAWN) -> Trace:
    """Read some zones of a trace; of a long one, only the rows that a drawing shows.

    From each of equally many rows in turn, those are kept where a zone is furthest to any side, or the score highest,
    or nothing is seen, so that no twitch is lost.
    """
    with path.open(newline="", encoding="utf-8") as file:
        n_rows = sum(1 for _ in file) - 1
    with path.open(newline="", encoding="utf-8") as file:
        known, tables = _tables(file, zones, n_at_once=max(1, -(-n_rows * (4 * len(zones) + 3) // n_most)))
        if n_rows > n_most:
            tables = (table[_telling(table)] for table in tables)
        return _as_trace(known, np.concatenate([np.zeros((0, 2 + 2 * len(known))), *tables]))


def _tables(
    file: IO[str], zones: Sequence[str] | None, n_at_once: int = 4096
) -> tuple[tuple[str, ...], Iterator[FloatArray]]:
    """Return the zones of the file that are wanted, and their columns (after time and score), some rows at once."""
    rows = csv.reader(file)
    there = [name[: -len("_x")] for name in next(rows)[2::2]]
    wanted = [number for number, zone in enumerate(there) if zones is None or zone in zones]
    columns = [0, 1, *(2 + 2 * number + axis for number in wanted for axis in range(2))]

    def tables() -> Iterator[FloatArray]:
        while some := list(islice(rows, n_at_once)):
            yield np.array([[float(row[column] or "nan") for column in columns] for row in some])

    return tuple(there[number] for number in wanted), tables()


def _as_trace(zones: tuple[str, ...], table: FloatArray) -> Trace:
    return Trace(table[:, 0], zones, table[:, 2:].reshape(len(table), len(zones), 2), table[:, 1])


def _telling(table: FloatArray) -> NDArray[np.intp]:
    """Return the rows, in order, in which any column but the time is smallest or largest, or nothing is seen."""
    values = table[:, 1:]
    is_seen = ~np.isnan(values).any(axis=1)
    kept = [0, *np.flatnonzero(~is_seen)[:1]]
    if is_seen.any():
        kept += [*np.nanargmin(values, axis=0), *np.nanargmax(values, axis=0)]
    return np.unique(kept).astype(np.intp)
