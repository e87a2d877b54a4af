"""Behaviour: what a mouth, eyes and a head do besides twitching.

Every function adds movements to a script for a clip of the scene's length and returns the scene.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from anatomy import at
from draw import Script
from movement import TABLE_HZ, Course, Movement, Shape
from numpy.typing import NDArray
from scene import Scene

FloatArray = NDArray[np.float64]

# Jaw and lower lip move down together; the upper lip does not follow them across the seam.
JAW = (
    Shape(at(17), 0, 0.9, 0.15, aspect=1.4, above=0.05),
    Shape(at(152, 200), 0, 1.0, 0.3, above=0.0),
    Shape(at(172, 136), 0, 0.5, 0.2, above=0.3),
    Shape(at(397, 365), 0, 0.5, 0.2, above=0.3),
)
UPPER_LIP = (Shape(at(0, 164), 0, -1, 0.16, aspect=1.5, below=0.1),)
ROUNDING = (
    Shape(at(61), 1, 0, 0.13),
    Shape(at(291), -1, 0, 0.13),
    Shape(at(0), 0, -0.25, 0.14, below=0.1),
    Shape(at(17), 0, 0.25, 0.14, above=0.1),
)
SMILE = (
    *(Shape(at(*place), -1, -0.65, 0.15) for place in ((61,), (57, 61))),
    *(Shape(at(*place), 1, -0.65, 0.15) for place in ((291,), (287, 291))),
    Shape(at(50, 205), -0.15, -0.5, 0.16),
    Shape(at(280, 425), 0.15, -0.5, 0.16),
    Shape(at(0), 0, -0.3, 0.18, below=0.1),
    Shape(at(145), 0, -0.18, 0.1, aspect=1.6),
    Shape(at(374), 0, -0.18, 0.1, aspect=1.6),
)
PRESS = (Shape(at(0, 164), 0, 0.7, 0.15, below=0.0, aspect=1.6), Shape(at(17), 0, -1, 0.15, above=0.0, aspect=1.6))
CHIN = (Shape(at(152, 200), 0, -1, 0.2, above=0.1),)
LIDS = tuple(Shape(at(*place), 0, 1, 0.14, aspect=1.8) for place in ((159, 160), (386, 387)))


def speech(script: Script, scene: Scene) -> Scene:
    """Speak phrases of 1.5-3.5 s: syllables at 3-6 Hz, rounded and spread lips, lips that close and burst open."""
    for start_s, lasts_s in _spells(script, scene, (1.5, 3.5), (1.0, 2.0)):
        rng, onset_s = script.rng, start_s
        jaw, lip, rounding = (_silence(lasts_s + 0.5) for _ in range(3))
        while onset_s < start_s + lasts_s - 0.2:
            length_s, size = rng.uniform(0.13, 0.28), rng.uniform(0.25, 1.0)
            _add(jaw, onset_s - start_s, length_s, size)
            if rng.random() < 0.4:
                _add(lip, onset_s - start_s, rng.uniform(0.08, 0.2), rng.uniform(-0.35, 0.6))
            if rng.random() < 0.4:
                _add(rounding, onset_s - start_s, rng.uniform(0.2, 0.4), rng.uniform(-1, 1))
            onset_s += rng.uniform(0.17, 0.33) + (rng.random() < 0.1) * rng.uniform(0.1, 0.4)
        _table(script, JAW, start_s, jaw, rng.uniform(3, 7))
        _table(script, UPPER_LIP, start_s, lip, rng.uniform(1.5, 3))
        _table(script, ROUNDING, start_s, rounding, rng.uniform(1.5, 3.5))
    return scene


def smile(script: Script, scene: Scene) -> Scene:
    """Smile, faint to broad, of 1.2-3 s, not quite alike on both sides."""
    for start_s, lasts_s in _spells(script, scene, (1.2, 3.0), (1.2, 2.5)):
        course = Course("plateau", start_s, lasts_s, script.rng.uniform(0.25, 0.6))
        shapes = tuple(_scaled(shape, script.rng.uniform(0.8, 1.2)) for shape in SMILE)
        script.movements.append(Movement(shapes, course, script.size(2.5, 8)))
    return scene


def chewing(script: Script, scene: Scene) -> Scene:
    """Chew with closed lips for spells of 3-5 s, 1-2 strokes a second."""
    for start_s, lasts_s in _spells(script, scene, (3, 5), (1.0, 2.0)):
        rng = script.rng
        t_s = np.arange(0, lasts_s, 1 / TABLE_HZ)
        phase = 2 * np.pi * np.cumsum(rng.uniform(1.1, 1.8) * (1 + 0.15 * np.sin(2.1 * t_s))) / TABLE_HZ
        window = np.clip(np.minimum(t_s, lasts_s - t_s) / 0.4, 0, 1)
        size = rng.uniform(2.5, 5.5)
        _table(script, JAW, start_s, window * (0.5 - 0.5 * np.cos(phase)), size)
        sideways = tuple(Shape(shape.place, 1, 0, shape.spread_iod, above=0.15) for shape in JAW[:2])
        _table(script, sideways, start_s, window * np.sin(phase - 0.6), size * rng.uniform(0.2, 0.5))
        _table(script, ROUNDING, start_s, window * np.sin(phase + 1.0), size * rng.uniform(0.1, 0.3))
        _table(script, PRESS, start_s, window * (0.5 - 0.5 * np.cos(phase + 2.5)), rng.uniform(0.4, 1.0))
        cheek = at(205) if rng.random() < 0.5 else at(425)
        _table(script, (Shape(cheek, 0.3, 1, 0.18),), start_s, window * np.sin(phase), size * 0.3)
    return scene


def pursing(script: Script, scene: Scene) -> Scene:
    """Pout for 0.7-2 s."""
    for start_s, lasts_s in _spells(script, scene, (0.7, 2.0), (1.0, 2.2)):
        course = Course("plateau", start_s, lasts_s, script.rng.uniform(0.15, 0.4))
        script.movements.append(Movement(ROUNDING, course, script.rng.uniform(3, 7)))
        script.movements.append(Movement(PRESS, course, script.rng.uniform(0.5, 1.5)))
    return scene


def swallowing(script: Script, scene: Scene) -> Scene:
    """Swallow every 2-3 s: the lips press together and the chin rises, 0.6-1 s."""
    for start_s, lasts_s in _spells(script, scene, (0.6, 1.0), (1.5, 2.5)):
        rng = script.rng
        course = Course("cosine", start_s, lasts_s, 0.45)
        script.movements.append(Movement(PRESS, course, rng.uniform(0.7, 2.0)))
        later = Course("cosine", start_s + 0.1, lasts_s, 0.5)
        script.movements.append(Movement(CHIN, later, rng.uniform(1.0, 2.5)))
    return scene


def blinks(script: Script, scene: Scene) -> Scene:
    """Close both eyes for 0.2-0.35 s every 2-5 s."""
    for start_s, lasts_s in _spells(script, scene, (0.2, 0.35), (2, 4.5)):
        course = Course("cosine", start_s, lasts_s, round(script.rng.uniform(0.3, 0.4), 2))
        script.movements.append(Movement(LIDS, course, script.rng.uniform(5, 7)))
    return scene


def head_turns(script: Script, scene: Scene) -> Scene:
    """Turn and nod by 3-12 degrees with parallax of the nose, 0.5-1.2 s to go, and back after a while."""
    for start_s, lasts_s in _spells(script, scene, (1.5, 3.5), (0.5, 1.5)):
        rng = script.rng
        t_s = np.arange(0, lasts_s, 1 / TABLE_HZ)
        ramp_s = min(rng.uniform(0.5, 1.2), lasts_s / 2)
        course = 0.5 - 0.5 * np.cos(np.pi * np.clip(np.minimum(t_s, lasts_s - t_s) / ramp_s, 0, 1))
        is_nod = rng.random() < 0.35
        angle = np.radians(rng.choice([-1, 1]) * rng.uniform(3, 12)) * course
        axis = (0.0, 1.0) if is_nod else (1.0, 0.0)
        _table(script, (Shape((), *axis, 1, "depth"),), start_s, np.sin(angle), 100, is_scaled=False)
        flat = Shape((), *axis, 1, "flatten_y" if is_nod else "flatten_x")
        _table(script, (flat,), start_s, np.cos(angle) - 1, 100, is_scaled=False)
    return scene


def _spells(
    script: Script, scene: Scene, lasts_s: tuple[float, float], pause_s: tuple[float, float]
) -> Iterator[tuple[float, float]]:
    """Yield (start, length) of spells with pauses between, from about 0.8 s to the end."""
    start_s = 0.6 + script.rng.uniform(0, 1)
    while True:
        length_s = float(script.rng.uniform(*lasts_s))
        if start_s + length_s > scene.duration_s - 0.3:
            return
        yield start_s, length_s
        start_s += length_s + script.rng.uniform(*pause_s)


def _silence(lasts_s: float) -> FloatArray:
    return np.zeros(round(lasts_s * TABLE_HZ))


def _add(values: FloatArray, start_s: float, lasts_s: float, size: float) -> None:
    """Add a raised cosine to a table, in place."""
    first, n = round(start_s * TABLE_HZ), round(lasts_s * TABLE_HZ)
    part = values[first : first + n]
    part += size * (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n) / n))[: len(part)]


def _table(
    script: Script, shapes: tuple[Shape, ...], start_s: float, values: FloatArray, size: float, is_scaled: bool = True
) -> None:
    course = Course("table", start_s, len(values) / TABLE_HZ, values=tuple(np.round(values, 4).tolist()))
    script.movements.append(Movement(shapes, course, size, is_scaled))


def _scaled(shape: Shape, by: float) -> Shape:
    return Shape(shape.place, by * shape.dx, by * shape.dy, shape.spread_iod, aspect=shape.aspect, below=shape.below)
