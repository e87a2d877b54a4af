"""Bumps: how far soft bumps of skin move, fitted to the cells' own gradients.

A twitch moves a patch of the lip as a soft bump, largest in its middle. For a
bump b (1 in the middle) the displacement v of its middle is fitted together
with what moves the skin around it, a shift, growth, turn and shear N n:

    minimise  sum_c  w_c |e_c + g_c . (b_c v + N_c n)|^2

over the cells c near the bump, in the flow's own sums (see `flow`). The rest
of the head's motion, which all cells share, goes into n; what is left in v is
local. Because the whole bump is fitted at once, a patch without gradients in
one direction does not hold the answer back, as it would in a window of its own.

*Lip bumps* lie along the upper lip, in the red and above it, in three widths; some
are on both sides at once. *Control bumps* lie on cheeks and chin: what they show
while the lip is not moving strongly is this clip's noise.

Displacements are pixels of the crop, x right, y down.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from philtrum.video.crop import IOD_CROP_PX
from philtrum.video.flow import FloatImage, Reference

FloatArray = NDArray[np.float64]

# From the right corner of the mouth to the left: border of the red, and skin half-way to the nose.
_RED = (185, 40, 39, 37, 0, 267, 269, 270, 409)
_SKIN = (186, 92, 165, 167, 164, 393, 391, 322, 410)
_SEAM = (61, 78, 13, 308, 291)
# Cheeks and chin, 0.2 IOD or more away from the middles of the lip's bumps: a large twitch may reach the nearest, so
# controls do not count while the lip moves strongly (see `response`).
_CONTROL_PLACES = (205, 425, 187, 411, 214, 434, 207, 427, 199, 208, 428)
# Muscle twitches of the lip dimple 1-3 cm of skin; 1 IOD is about 9 cm. Standard deviations, IOD.
_WIDTHS_IOD = (0.07, 0.10, 0.14)
_HEIGHTS = (0.0, 0.4, 0.8)
_ALONG = (-0.9, -0.675, -0.45, -0.225, 0.0, 0.225, 0.45, 0.675, 0.9)
_PAIR_WIDTH_IOD, _PAIR_HEIGHTS, _PAIR_ALONG = 0.09, (0.2, 0.6), (0.45, 0.7)
_CONTROL_WIDTHS_IOD = (0.08, 0.125)
_MIDDLE_UP = 0.3
# What of a bump remains below the seam of the lips, and what cells there count: the lower lip moves by itself, too.
_BELOW, _BELOW_COUNTS = 0.45, 0.15
# Cells this near take part, IOD.
_REACH_IOD, _PAIR_REACH_IOD = 0.45, (0.7, 0.55)
# A patch without gradients is held towards no movement: share of the bump's own information; and the background's
# growth, turn and shear, much less.
_RIDGE, _BACKGROUND_RIDGE = 0.02, 1e-3
# No cell counts for more than this quantile of those near: it may be the edge of a nostril.
_FULL_TRUST = 0.9
N_BACKGROUND = 6
# A twitch never has quite the form of a bump, and coding smooths it: so much of its size is seen, as the median over
# simulated twitches of many forms (`benchmarks/video`), and made up for.
_SEEN = 0.83

Kind = Literal["one", "both", "mirror", "whole", "control"]


@dataclass(frozen=True, slots=True)
class Bump:
    """A soft bump of skin."""

    kind: Kind
    """On `one` place of the lip; on `both` sides alike; as in a `mirror`; the `whole` lip; or a `control`."""
    along: float
    """-1 right corner of the mouth, 1 left; of a control the number of its landmark."""
    up: float
    """0 border of the red, 1 half-way to the nose."""
    width_iod: float
    """Standard deviation."""


LIP_BUMPS: tuple[Bump, ...] = (
    *(Bump("one", along, up, width) for width in _WIDTHS_IOD for up in _HEIGHTS for along in _ALONG),
    *(Bump("both", along, up, _PAIR_WIDTH_IOD) for up in _PAIR_HEIGHTS for along in _PAIR_ALONG),
    *(Bump("mirror", along, up, _PAIR_WIDTH_IOD) for up in _PAIR_HEIGHTS for along in _PAIR_ALONG),
    Bump("whole", 0.0, _MIDDLE_UP, 0.1),
)
CONTROLS: tuple[Bump, ...] = tuple(
    Bump("control", place, 0.0, width) for width in _CONTROL_WIDTHS_IOD for place in _CONTROL_PLACES
)
BUMPS = LIP_BUMPS + CONTROLS
MIRRORED: tuple[int, ...] = tuple(
    LIP_BUMPS.index(replace(bump, along=-bump.along)) if bump.kind == "one" else number
    for number, bump in enumerate(LIP_BUMPS)
)
"""For each bump of the lip, the number of the one on the other side."""
MIRROR_SIGNS = np.array([[1.0 if bump.kind == "mirror" else -1.0, 1.0] for bump in LIP_BUMPS])
"""Signs of x and y, shape (B, 2), in a mirror: outwards on both sides stays outwards."""
_FIRST_CONTROL = len(LIP_BUMPS)
_PAIRS = [number for number, bump in enumerate(LIP_BUMPS) if bump.kind in {"both", "mirror"}]
_MIRROR_PAIRS = [number for number in _PAIRS if LIP_BUMPS[number].kind == "mirror"]
_WHOLE = next(number for number, bump in enumerate(LIP_BUMPS) if bump.kind == "whole")
_WIDTHS = np.array([bump.width_iod for bump in BUMPS])
_REACHES = np.array([(_REACH_IOD,) * 2 if bump.kind in {"one", "control"} else _PAIR_REACH_IOD for bump in BUMPS])


class BumpMeter:
    """Fits every bump to pictures of one block.

    Parameters
    ----------
    reference : Reference
        What the pictures are compared with.
    landmarks : array, shape (468, 3)
        In the crop, pixels.
    """

    def __init__(self, reference: Reference, landmarks: FloatArray) -> None:
        middles = _middles(landmarks)
        self._near = _near_any(reference.places, middles)
        places = np.asarray(reference.places[self._near], np.float32)
        shapes, counts = _shapes(places, landmarks, middles)
        off = places.reshape(-1, 2) - _on_lip(landmarks, 0.0, _MIDDLE_UP).astype(np.float32)
        energy = reference.own_energy[self._near].reshape(-1, 2, 2).astype(np.float32)
        self._weights = _projection(off, energy, shapes, counts) / np.float32(_SEEN)

    def measure(self, own_pulls: FloatArray) -> FloatArray:
        """Return the displacement of each bump's middle, shape (F, B, 2), from the cells' own pulls, (F, h, w, 2)."""
        # One small product for each picture: a large one would start threads, which cost more than they give.
        told = [self._weights @ one[self._near].ravel().astype(np.float32) for one in own_pulls]
        return np.array(told, np.float64).reshape(len(own_pulls), len(BUMPS), 2)


def _middles(landmarks: FloatArray) -> FloatArray:
    """Return the middle of every bump, shape (B, 2), in the crop; of those on both sides the left one."""
    on_lip = [_on_lip(landmarks, bump.along, bump.up) for bump in LIP_BUMPS]
    return np.concatenate([on_lip, landmarks[[int(bump.along) for bump in CONTROLS], :2]])


def _on_lip(landmarks: FloatArray, along: float, up: float) -> FloatArray:
    """Return a place on the upper lip, shape (2,)."""
    at = (along + 1) / 2 * (len(_RED) - 1)
    number = min(int(at), len(_RED) - 2)
    part = at - number
    red, skin = (
        landmarks[arc[number], :2] * (1 - part) + landmarks[arc[number + 1], :2] * part for arc in (_RED, _SKIN)
    )
    return np.asarray(red * (1 - up) + skin * up)


def _near_any(places: NDArray[np.floating], middles: FloatArray) -> tuple[slice, slice]:
    """Return the rows and columns of the cells that take part in any fit, of places of shape (h, w, 2)."""
    low, high = middles.min(axis=0) - _REACH_IOD * IOD_CROP_PX, middles.max(axis=0) + _REACH_IOD * IOD_CROP_PX
    columns, rows = places[0, :, 0], places[:, 0, 1]
    return (
        slice(*np.searchsorted(rows, [low[1], high[1]]).tolist()),
        slice(*np.searchsorted(columns, [low[0], high[0]]).tolist()),
    )


def _shapes(places: FloatImage, landmarks: FloatArray, middles: FloatArray) -> tuple[FloatImage, FloatImage]:
    """Return how far each cell goes along x and along y when a bump moves by 1, (B, 2, n), and what it counts, (B, n).

    `places` has shape (h, w, 2). Below the seam of the lips less of a bump of the lip remains, and cells count less.
    """
    seam = np.interp(places[..., 0], landmarks[list(_SEAM), 0], landmarks[list(_SEAM), 1])
    is_below = (places[..., 1] > seam).ravel()
    bells = _bells(places, middles, _WIDTHS)
    shapes = np.stack([bells, bells], axis=1)
    others = np.array([_on_lip(landmarks, -LIP_BUMPS[pair].along, LIP_BUMPS[pair].up) for pair in _PAIRS])
    mirrored = _bells(places, others, _WIDTHS[_PAIRS])
    shapes[_PAIRS] = np.maximum(bells[_PAIRS], mirrored)[:, np.newaxis]
    shapes[_MIRROR_PAIRS, 0] = (bells[_PAIRS] - mirrored)[[pair in _MIRROR_PAIRS for pair in _PAIRS]]
    arc = np.array([_on_lip(landmarks, along, _MIDDLE_UP) for along in _ALONG])
    shapes[_WHOLE] = _bells(places, arc, np.full(len(arc), LIP_BUMPS[_WHOLE].width_iod)).max(axis=0)
    shapes[:_FIRST_CONTROL] *= np.where(is_below, _BELOW, 1.0).astype(np.float32)
    windows = middles.copy()
    windows[[*_PAIRS, _WHOLE]] = arc[len(arc) // 2]
    counts = _is_within(places, windows, _REACHES)
    counts[:_FIRST_CONTROL] *= np.where(is_below, _BELOW_COUNTS, 1.0).astype(np.float32)
    return shapes, counts


def _bells(places: FloatImage, middles: FloatArray, widths_iod: FloatArray) -> FloatImage:
    """Return bells of height 1, shape (B, n): a Gaussian is that along x times that along y."""
    off = _off(places, middles, widths_iod[:, np.newaxis] * [1, 1])
    by_column, by_row = (np.exp(-(one**2) / 2) for one in off)
    return np.asarray(by_row[:, :, np.newaxis] * by_column[:, np.newaxis]).reshape(len(middles), -1)


def _is_within(places: FloatImage, middles: FloatArray, reaches_iod: FloatArray) -> FloatImage:
    """Return 1 where a cell lies in the ellipse around a middle, else 0, shape (B, n)."""
    by_column, by_row = (one**2 for one in _off(places, middles, reaches_iod))
    is_within = by_row[:, :, np.newaxis] + by_column[:, np.newaxis] < 1
    return np.asarray(is_within.reshape(len(middles), -1), np.float32)


def _off(places: FloatImage, middles: FloatArray, scales_iod: FloatArray) -> tuple[FloatImage, FloatImage]:
    """Return how far columns, (B, w), and rows, (B, h), lie from each middle, in units of a scale for x and for y."""
    scales = scales_iod * IOD_CROP_PX
    by_column = (places[0, :, 0] - middles[:, :1]) / scales[:, :1]
    by_row = (places[:, 0, 1] - middles[:, 1:]) / scales[:, 1:]
    return np.asarray(by_column, np.float32), np.asarray(by_row, np.float32)


def _projection(off: FloatImage, energy: FloatImage, shapes: FloatImage, counts: FloatImage) -> FloatImage:
    """Return what each cell's pull adds to each bump's displacement, shape (2 B, 2 n).

    `off` has shape (n, 2), `energy` (n, 2, 2), `shapes` (B, 2, n), `counts` (B, n).
    """
    trust = energy.trace(axis1=1, axis2=2)
    near_lip = counts[:_FIRST_CONTROL].any(axis=0)
    counts = counts * np.minimum(1, np.quantile(trust[near_lip], _FULL_TRUST) / (trust + 1e-9))
    background = _background(off)
    left = _normal_equations(energy, shapes, counts, background)
    inverse = np.linalg.inv(left)[:, :2].astype(np.float32)
    n_bumps, n = counts.shape
    weights = inverse[:, :, 2:].reshape(-1, N_BACKGROUND) @ background.reshape(-1, N_BACKGROUND).T
    weights = weights.reshape(n_bumps, 2, n, 2)
    for axis in range(2):
        weights[..., axis] += inverse[:, :, axis, np.newaxis] * shapes[:, np.newaxis, axis]
    weights *= counts[:, np.newaxis, :, np.newaxis]
    return np.asarray(weights.reshape(2 * n_bumps, 2 * n))


def _background(off: FloatImage) -> FloatImage:
    """Return how a shift, and shifts that grow with x and with y, displace the cells, shape (n, 2, 6)."""
    both = np.broadcast_to(np.eye(2, dtype=np.float32), (len(off), 2, 2))
    x, y = (off / np.float32(0.4 * IOD_CROP_PX)).T[..., np.newaxis, np.newaxis]
    return np.concatenate([both, both * x, both * y], axis=2)


def _normal_equations(energy: FloatImage, shapes: FloatImage, counts: FloatImage, background: FloatImage) -> FloatArray:
    """Return the left side of each bump's least squares, bump first, then background; shape (B, 8, 8)."""
    n_bumps, n = counts.shape
    told = np.einsum("nij,njq->niq", energy, background)
    both = np.einsum("nip,niq->npq", background, told).reshape(n, -1)
    left = np.zeros((n_bumps, 2 + N_BACKGROUND, 2 + N_BACKGROUND))
    left[:, 2:, 2:] = (counts @ both).reshape(n_bumps, N_BACKGROUND, N_BACKGROUND)
    for i in range(2):
        moved = counts * shapes[:, i]
        left[:, i, 2:] = left[:, 2:, i] = moved @ told[:, i]
        for j in range(2):
            left[:, i, j] = (moved * shapes[:, j]) @ energy[:, i, j]
    own = (left[:, 0, 0] + left[:, 1, 1]) / 2
    around = (left[:, 2, 2] + left[:, 3, 3]) / 2
    ridge = np.zeros((n_bumps, 2 + N_BACKGROUND)) + 1e-6
    ridge[:, :2] += _RIDGE * own[:, np.newaxis]
    ridge[:, 4:] += _BACKGROUND_RIDGE * around[:, np.newaxis]
    index = np.arange(2 + N_BACKGROUND)
    left[:, index, index] += ridge
    return left
