"""Simulated courses of the movements that people tell apart: what a trace of each looks like.

Drawn examples, not measurements: rates and lengths lie inside the ranges of `knowledge/movements.toml`, sizes
are chosen to be seen. Values are shares of a strong pull: 0 is rest, 1 the strongest, below 0 the other way.
Times are seconds from the start; an example lasts `LASTS_S`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import pi, sin

LASTS_S = 10.0
Course = Callable[[float], float]


@dataclass(frozen=True, slots=True)
class Lane:
    """One line of an example: what moves, and its course."""

    name: str
    course: Course


@dataclass(frozen=True, slots=True)
class Example:
    """The lines of one movement, and in a sentence what they show."""

    lanes: tuple[Lane, ...]
    shows: str


def example_of(movement_id: str) -> Example:
    """Return the example of a movement, by its id in `knowledge/movements.toml`; KeyError for an unknown one."""
    return EXAMPLES[movement_id]


def flicks(onsets_s: Iterable[float], lasts_s: float, sizes: tuple[float, ...] = (1.0,)) -> Course:
    """Return quick pulls that begin at `onsets_s` and last `lasts_s` each; `sizes` are used in turn."""
    starts = [(onset_s, sizes[n % len(sizes)]) for n, onset_s in enumerate(onsets_s)]
    return lambda t_s: max((size * _hump((t_s - onset_s) / lasts_s) for onset_s, size in starts), default=0.0)


def holds(spans_s: Iterable[tuple[float, float]], size: float = 0.9, ramp_s: float = 0.4) -> Course:
    """Return pulls that hold from start to end of each span, with ramps of `ramp_s`."""
    listed = list(spans_s)
    return lambda t_s: max((size * _plateau(t_s, start, end, ramp_s) for start, end in listed), default=0.0)


def beats(rate_hz: float, size: float, span_s: tuple[float, float] = (0.0, LASTS_S)) -> Course:
    """Return a steady beat both ways during a span."""
    return lambda t_s: size * sin(2 * pi * rate_hz * t_s) * _plateau(t_s, *span_s, 0.5)


def together(*courses: Course) -> Course:
    """Return the sum of courses."""
    return lambda t_s: sum(course(t_s) for course in courses)


def _hump(phase: float) -> float:
    """Rise and fall of one pull, quicker up than down."""
    if not 0 < phase < 1:
        return 0.0
    return sin(pi * phase**0.7) ** 2


def _plateau(t_s: float, start_s: float, end_s: float, ramp_s: float) -> float:
    return max(0.0, min(1.0, (t_s - start_s) / ramp_s, (end_s - t_s) / ramp_s))


def _rippling(t_s: float) -> float:
    waves = 0.30 * sin(2 * pi * 3.4 * t_s) + 0.18 * sin(2 * pi * 5.3 * t_s + 1) + 0.10 * sin(2 * pi * 7.1 * t_s + 2)
    return waves * (0.8 + 0.2 * sin(2 * pi * 0.23 * t_s))


def _urge(onsets_s: Iterable[float]) -> Course:
    """Return an urge that grows over two seconds and is gone with the tic."""
    listed = list(onsets_s)
    return lambda t_s: max((_ramp(t_s, onset_s) for onset_s in listed), default=0.0)


def _ramp(t_s: float, onset_s: float) -> float:
    return 0.85 * max(0.0, 1 + (t_s - onset_s) / 2) if t_s <= onset_s else max(0.0, 0.85 - (t_s - onset_s) / 0.3)


def _still(_t_s: float) -> float:
    return 0.0


def _chewing(t_s: float) -> float:
    return 0.35 + 0.4 * sin(2 * pi * 0.9 * t_s + 0.8 * sin(2 * pi * 0.31 * t_s)) + 0.15 * sin(2 * pi * 1.7 * t_s + 1)


_FLICKS_S, _TICS_S, _BLINKS_S = (1.2, 4.5, 4.85, 8.3), (2.6, 7.2), (1.4, 4.8, 8.1)
_SPASM = together(
    flicks((0.8, 1.15, 1.4, 1.8, 2.6, 7.9, 8.3), 0.25, (0.7, 0.9, 0.6)), holds(((3.6, 6.4),), 0.85, 0.3),
    beats(4.5, 0.06, (3.9, 6.2)),
)  # fmt: skip
_JERKS_S = tuple(1 + 0.5 * n for n in range(16))

EXAMPLES = {
    "twitch": Example(
        (Lane("Lip", flicks(_FLICKS_S, 0.25, (0.8, 0.6, 0.9))),),
        "Four quick flicks at uneven times. Between them the line is flat.",
    ),
    "rippling": Example((Lane("Lip", _rippling),), "Small waves that never come to rest."),
    "tremor": Example((Lane("Lip", beats(5.0, 0.6)),), "A steady beat up and down, about five times a second."),
    "tic": Example(
        (Lane("Urge", _urge(_TICS_S)), Lane("Mouth", flicks(_TICS_S, 0.6, (0.9,)))),
        "An urge grows for two seconds. Then comes the tic, and the urge is gone. The second tic is the same.",
    ),
    "face_spasm": Example(
        (Lane("Eye", _SPASM), Lane("Mouth", _SPASM)),
        "Eye and mouth do the same at the same moment: flicks, a pull that holds for almost three seconds, flicks.",
    ),
    "dystonia": Example(
        (Lane("Mouth", together(holds(((1.5, 8.0),), 0.85, 0.8), beats(0.7, 0.05, (2.5, 7.5)))),),
        "One pull that holds for more than six seconds.",
    ),
    "jerk": Example(
        (Lane("Mouth", flicks(_JERKS_S, 0.22, (0.95,))), Lane("Hand", flicks(_JERKS_S, 0.22, (0.7,)))),
        "Mouth and hand jerk together, twice a second, each jerk like the one before.",
    ),
    "smacking": Example((Lane("Mouth", _chewing),), "Slow, uneven moves that flow into each other, like chewing."),
    "linked": Example(
        (Lane("Eye", flicks(_BLINKS_S, 0.35, (0.95,))), Lane("Mouth", flicks(_BLINKS_S, 0.35, (0.45,)))),
        "With each of three blinks the mouth moves a little, at the same moment.",
    ),
    "weakness": Example(
        (Lane("Well side", holds(((1.5, 3.8), (6.0, 8.3)))), Lane("Weak side", _still)),
        "Two smiles: one side goes up, the other stays flat.",
    ),
    "felt_only": Example((Lane("Lip", _still),), "A flat line: nothing moves."),
}
