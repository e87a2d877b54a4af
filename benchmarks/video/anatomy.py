"""Anatomy: where movements sit, as landmarks of the 468-point face mesh, and shapes drawn by lot on them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from movement import Place, Shape

# From the middle of the upper lip outwards: border of the red, and the skin half-way to the nose.
_RED = {"left": (0, 267, 269, 270, 409), "right": (0, 37, 39, 40, 185)}
_SKIN = {"left": (164, 393, 391, 322, 410), "right": (164, 167, 165, 92, 186)}
PARTNERS = {
    "lower_eyelid_left": ((374, 0.7), (450, 0.3)),
    "lower_eyelid_right": ((145, 0.7), (230, 0.3)),
    "cheek_left": ((425, 1.0),),
    "cheek_right": ((205, 1.0),),
}
KINDS = ("gaussian", "anisotropic", "compact")


def lip_place(side: str, along: float, up: float) -> Place:
    """Return a place on the upper lip: `along` 0 (middle) - 1 (corner), `up` 0 (border of the red) - 1 (skin)."""
    index = min(int(along * 4), 3)
    part = along * 4 - index
    return tuple(
        (arc[index + step], across * weight)
        for arc, across in ((_RED[side], 1 - up), (_SKIN[side], up))
        for step, weight in ((0, 1 - part), (1, part))
    )


def draw_lip_shapes(rng: np.random.Generator, side: str, direction_deg: float) -> tuple[Shape, ...]:
    """Draw the bump of a twitch (two of them for `both`), of a kind drawn by lot."""
    kind = str(rng.choice(KINDS))
    up = rng.uniform(0, 0.8)
    shape = Shape(
        place=lip_place("left", 0.0, up),
        dx=float(np.cos(np.radians(direction_deg))),
        dy=-float(np.sin(np.radians(direction_deg))),
        spread_iod=float(0.07 * 2.1 ** rng.uniform()),
        kind="gaussian" if kind == "anisotropic" else kind,
        aspect=rng.uniform(1.3, 2.2) if kind == "anisotropic" else 1.0,
        angle_deg=rng.uniform(0, 180) if kind == "anisotropic" else 0.0,
        below=rng.uniform(0.15, 0.8),
    )
    if side == "midline":
        toward = str(rng.choice(["left", "right"]))
        return (replace(shape, place=lip_place(toward, rng.uniform(0, 0.12), up)),)
    if side != "both":
        return (replace(shape, place=lip_place(side, rng.uniform(0.5, 0.95), up)),)
    along = rng.uniform(0.5, 0.9)
    mirror = float(rng.choice([-1.0, 1.0]))
    left = replace(shape, place=lip_place("left", along, up), spread_iod=min(shape.spread_iod, 0.1))
    right = replace(left, place=lip_place("right", along, up), dx=mirror * left.dx, angle_deg=-left.angle_deg)
    return left, right


def partner_shape(name: str, weight: float, shape: Shape) -> Shape:
    """Return the bump of a zone outside the lip that moves along: a lid up, a cheek as the lip does."""
    if name.startswith("lower_eyelid"):
        return Shape(PARTNERS[name], 0.3 * weight * np.sign(shape.dx), -0.95 * weight, 0.1, aspect=1.6)
    return Shape(PARTNERS[name], weight * shape.dx, weight * shape.dy, 0.12)


def at(*landmarks: int) -> Place:
    """Return the mean of some landmarks as a place."""
    return tuple((landmark, 1 / len(landmarks)) for landmark in landmarks)
