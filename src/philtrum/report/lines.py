"""Lines for a chart: what is drawn of a trace, as plain numbers.

Displacements are in % of the inter-ocular distance; NaN = not seen. Times are
seconds from the first frame; intervals are half-open, ``[start, end)``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from philtrum.video.trace import FloatArray, Trace

# Half the height of a lane is never less than this, % IOD: a quiet clip must look quiet.
_LEAST_LIMIT = 0.3


def signed_lines(facts: Mapping[str, Any], trace: Trace, zones: Sequence[str]) -> dict[str, FloatArray]:
    """Project each lip zone on the direction in which the lip moved most; up (or left) is positive, rest is 0."""
    judged = ~_inside(trace.t_s, [(gap["start_s"], gap["end_s"]) for gap in facts["excluded"]])
    moving = _inside(trace.t_s, [(twitch["onset_s"], twitch["offset_s"]) for twitch in facts["twitches"]])
    centred = {zone: trace.zone(zone) - _median(trace.zone(zone)[judged]) for zone in zones if zone in trace.zones}
    if not centred:
        return {}
    moves = np.concatenate([values[moving if moving.any() else judged] for values in centred.values()])
    moves = moves[np.isfinite(moves).all(axis=1)]
    if len(moves) == 0:
        return {zone: values[:, 1] for zone, values in centred.items()}
    main = np.linalg.eigh(moves.T @ moves)[1][:, -1]
    larger = np.argmax(np.abs(main))
    return {zone: values @ (main * np.sign(main[larger])) for zone, values in centred.items()}


def y_limit(facts: Mapping[str, Any], t_s: FloatArray, lines: Mapping[str, FloatArray]) -> float:
    """Return half the height of a lane, % IOD: room for every twitch and for the rest, not for what is excluded."""
    judged = ~_inside(t_s, [(gap["start_s"], gap["end_s"]) for gap in facts["excluded"]])
    moving = _inside(t_s, [(twitch["onset_s"], twitch["offset_s"]) for twitch in facts["twitches"]])
    largest = np.max(_sizes(lines, moving), initial=0.0)
    rest = np.percentile(_sizes(lines, judged), 99.5) if len(_sizes(lines, judged)) else 0.0
    return max(
        1.25 * float(largest), 1.25 * float(rest), 1.6 * (facts["quality"]["detectable_pct_iod"] or 0.0), _LEAST_LIMIT
    )


def stretches(t_s: FloatArray, values: FloatArray, n_points: int) -> Iterator[list[tuple[float, float]]]:
    """Yield unbroken pieces of a line, thinned to about `n_points` in all; NaN breaks the line."""
    seen = np.flatnonzero(np.isfinite(values))
    if len(seen) == 0:
        return
    n_frames_per_column = max(1, -(-2 * len(values) // n_points))
    for piece in np.split(seen, np.flatnonzero(np.diff(seen) > 1) + 1):
        kept = piece if n_frames_per_column <= 2 else _extremes(values, piece, n_frames_per_column)
        yield list(zip(t_s[kept].tolist(), values[kept].tolist(), strict=True))


def _inside(t_s: FloatArray, spans: list[tuple[float, float]]) -> NDArray[np.bool_]:
    inside = np.zeros(len(t_s), dtype=bool)
    for start, end in spans:
        inside |= (t_s >= start) & (t_s < end)
    return inside


def _sizes(lines: Mapping[str, FloatArray], frames: NDArray[np.bool_]) -> FloatArray:
    sizes = np.abs(np.concatenate([values[frames] for values in lines.values()] or [np.zeros(0)]))
    return np.asarray(sizes[np.isfinite(sizes)])


def _median(values: FloatArray) -> FloatArray:
    seen = values[np.isfinite(values).all(axis=1)]
    return np.asarray(np.median(seen, axis=0) if len(seen) else np.zeros(2))


def _extremes(values: FloatArray, piece: NDArray[np.intp], n_frames_per_column: int) -> NDArray[np.intp]:
    """Return the frames of the least and the greatest value of each column, in time order."""
    columns = np.split(piece, range(n_frames_per_column, len(piece), n_frames_per_column))
    return np.unique(
        [column[pick] for column in columns for pick in (values[column].argmin(), values[column].argmax())]
    )
