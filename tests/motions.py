"""Motion of a face made of numbers: noise, and pulses of known time, size and place.

The lip is flat here: x to the person's left from its middle, y up from the border of the red, in eye distances (IOD).
What a bump of skin does to each bump that is fitted follows from least squares over the cells near it, with a shift and
shifts that grow with x and y beside it. The face's skin has gradients everywhere, so x and y do not touch each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from philtrum.video.bumps import CONTROLS, LIP_BUMPS, Bump
from philtrum.video.motion import Motion
from philtrum.video.zones import LIP, ZONES

FloatArray = NDArray[np.float64]

FPS = 30.0
NOISE_PCT_IOD = 0.04
# From the middle to a corner of the mouth, and from the red to half-way to the nose, IOD.
HALF_MOUTH, HALF_SKIN = 0.36, 0.1
LEFT, MIDDLE, RIGHT = 0.45 * HALF_MOUTH, 0.0, -0.45 * HALF_MOUTH
# Height, and width (standard deviation), of what moves, IOD.
HEIGHT, WIDTH = 0.4 * HALF_SKIN, 0.1
# Cells of skin that a fit sees, from the seam of the lips upwards; and how near to the bump they must be.
_CELLS = np.stack(np.meshgrid(np.arange(-0.64, 0.65, 0.04), np.arange(-0.08, 0.53, 0.04)), axis=-1).reshape(-1, 2)
_REACH = 0.45


def still(
    duration_s: float = 20.0,
    *,
    seed: int = 0,
    fps: float = FPS,
    noise: float = NOISE_PCT_IOD,
    drift: float = 0.0,
) -> Motion:
    """Return a face that does not move.

    `noise` is the standard deviation of white noise in bumps, `drift` what a random walk of theirs adds in a second,
    % IOD. Zones, which are means of much skin, are never noisier than `NOISE_PCT_IOD`. Neighbouring bumps of the lip
    see the same cells, and so the same noise; so do the two control bumps at one place.
    """
    rng = np.random.default_rng(seed)
    n = round(duration_s * fps)

    def white(*shape: int) -> FloatArray:
        return rng.normal(0, NOISE_PCT_IOD, (n, *shape))

    def drifting(n_sources: int) -> FloatArray:
        steps = rng.normal(0, drift / np.sqrt(fps), (n, n_sources, 2))
        return rng.normal(0, noise, (n, n_sources, 2)) + np.cumsum(steps, axis=0)

    sources, elsewhere = _noise_of_bumps(), _noise_of_controls()
    return Motion(
        t_s=np.arange(n) / fps,
        displacement=white(len(ZONES), 2) * min(1.0, noise / NOISE_PCT_IOD),
        bumps=np.einsum("bs,tsi->tbi", sources, drifting(sources.shape[1])),
        controls=np.einsum("cs,tsi->tci", elsewhere, drifting(elsewhere.shape[1])),
        skull=white(2),
        rest=0.1 + 0.1 * white(),
        brightness=128 + white(),
        sharpness=1 + 0.1 * white(),
        likeness=0.98 + 0.1 * white(),
        is_duplicate=np.zeros(n, bool),
        iod_px=np.full(n, 120.0),
        pose_deg=white(3),
        mouth_opening=1 + white(),
    )


def pulse(t_s: FloatArray, apex_s: float, length_s: float = 0.2) -> FloatArray:
    """Return a raised cosine, 0-1, of the given length around its apex."""
    phase = (t_s - apex_s) / length_s
    return np.where(np.abs(phase) < 0.5, 0.5 + 0.5 * np.cos(2 * np.pi * phase), 0)


def moved(
    motion: Motion,
    course: FloatArray,
    *,
    size: float = 2.0,
    x: float = LEFT,
    direction_deg: float = 90.0,
    zones: Mapping[str, float] | None = None,
) -> Motion:
    """Add a bump of the lip that follows a course, shape (T,), and zones outside it by shares of its size."""
    angle = np.radians(direction_deg)
    move = size * course[:, np.newaxis] * [np.cos(angle), np.sin(angle)]
    shares = dict.fromkeys(ZONES, 0.0) | shares_of_zones(x) | (zones or {})
    return replace(
        motion,
        bumps=motion.bumps + shares_of_bumps(x) * move[:, np.newaxis],
        displacement=motion.displacement + np.array([shares[zone] for zone in ZONES])[:, None] * move[:, np.newaxis],
    )


def twitching(motion: Motion, *apices_s: float, length_s: float = 0.2, **how: object) -> Motion:
    """Add one pulse at each of the given times."""
    for apex_s in apices_s:
        motion = moved(motion, pulse(motion.t_s, apex_s, length_s), **how)  # type: ignore[arg-type]
    return motion


def shifted_zone(motion: Motion, course: FloatArray, *names: str) -> Motion:
    """Let whole zones, and nothing else, go up and down by a course in % IOD, shape (T,)."""
    displacement = motion.displacement.copy()
    for name in names:
        displacement[:, ZONES.index(name), 1] += course
    return replace(motion, displacement=displacement)


def coded_in_patches(motion: Motion, every_s: float = 1.0, *, seed: int = 2) -> Motion:
    """Let the texture repeat itself from frame to frame and be coded anew now and then, as with very few bits."""
    rng = np.random.default_rng(seed)
    step = np.floor(motion.t_s / every_s).astype(int)
    levels = 1 + 0.25 * rng.uniform(-1, 1, step.max() + 1)
    sharpness = levels[step] + 0.0005 * rng.normal(size=len(step))
    return replace(motion, sharpness=sharpness, brightness=np.full(len(step), 128.0))


def lost(motion: Motion, from_s: float, to_s: float) -> Motion:
    """Take the face away for a while."""
    gone = (motion.t_s >= from_s) & (motion.t_s < to_s)
    names = set(Motion.__dataclass_fields__) - {"t_s", "is_duplicate"}
    columns = {name: getattr(motion, name).copy() for name in names}
    for column in columns.values():
        column[gone] = np.nan
    return replace(motion, **columns)


@cache
def shares_of_bumps(x: float) -> FloatArray:
    """Return what a fit of each bump of the lip shows, along x and along y, of a bump of size 1 at x; shape (B, 2)."""
    seen = _bell(x, HEIGHT, WIDTH)
    return np.array([[_fit(bump, axis) @ seen for axis in range(2)] for bump in LIP_BUMPS])


def shares_of_zones(x: float) -> dict[str, float]:
    """Return how far each zone of the lip moves, as the mean of its skin, when a bump of size 1 at x does."""
    across = np.arange(-71, 72, 2) / 72 * HALF_MOUTH
    bell = np.exp(-((across - x) ** 2) / (2 * WIDTH**2))
    parts = across > 0.088, np.abs(across) <= 0.088, across < -0.088
    return {zone: 0.75 * float(bell[part].mean()) for zone, part in zip(LIP, parts, strict=True)}


def _place(along: float, up: float) -> FloatArray:
    return np.array([along * HALF_MOUTH, up * HALF_SKIN])


def _bell(x: float, y: float, width: float) -> FloatArray:
    """Return a bump of height 1 in every cell, shape (n,)."""
    return np.exp(-((_CELLS - [x, y]) ** 2).sum(axis=1) / (2 * width**2))


def _shape(bump: Bump, axis: int) -> FloatArray:
    """Return how far a bump of size 1 along x or y moves every cell, shape (n,)."""
    left, right = (_bell(*_place(along, bump.up), bump.width_iod) for along in (bump.along, -bump.along))
    if bump.kind == "one":
        return left
    if bump.kind == "whole":
        along = np.linspace(-0.9, 0.9, 9)
        return np.max([_bell(*_place(one, bump.up), bump.width_iod) for one in along], axis=0)
    return left - right if bump.kind == "mirror" and axis == 0 else np.maximum(left, right)


@cache
def _fit(bump: Bump, axis: int) -> FloatArray:
    """Return the weights of the cells that give the size of a bump by least squares, shape (n,)."""
    middle = _place(bump.along, bump.up) if bump.kind == "one" else _place(0.0, bump.up)
    near = np.hypot(*(_CELLS - middle).T) < (_REACH if bump.kind == "one" else 1.5 * _REACH)
    design = np.column_stack([_shape(bump, axis), np.ones(len(_CELLS)), _CELLS])[near]
    weights = np.zeros(len(_CELLS))
    weights[near] = np.linalg.pinv(design)[0]
    return weights


@cache
def _noise_of_bumps() -> FloatArray:
    """Return what sources of white noise add to each bump of the lip, shape (B, S); their usual size is 1."""
    weights = np.array([_fit(bump, 1) for bump in LIP_BUMPS])
    left, sizes, _ = np.linalg.svd(weights, full_matrices=False)
    told = (left * sizes)[:, sizes > 1e-6 * sizes[0]]
    return np.asarray(told / np.median(np.linalg.norm(told, axis=1)))


@cache
def _noise_of_controls() -> FloatArray:
    """Return the same of the control bumps, shape (C, S): one source each, and one for each place."""
    places = sorted({bump.along for bump in CONTROLS})
    shared = np.array([[bump.along == place for place in places] for bump in CONTROLS], float)
    return np.hstack([0.9 * shared, np.sqrt(1 - 0.9**2) * np.eye(len(CONTROLS))])
