"""Skull: how a rigid head moves the cells of a picture, fitted to those over bone.

Under weak perspective a small movement of a rigid body displaces a point at
(x, y) and depth z by six numbers: growth, rotation in the picture, two shifts,
and z times the change of yaw and of pitch [1]_. Depth is that of the
face's mesh. The fit is least squares in the flow's own equations, so cells
count by how much they tell, with Cauchy weights: cells that move on their own
(a blink, hair) hardly count [2]_.

Displacements are pixels of the crop, x right, y down.

References
----------
.. [1] Koenderink JJ, van Doorn AJ (1991). Affine structure from motion. J Opt
   Soc Am A 8:377. doi:10.1364/JOSAA.8.000377
.. [2] Holland PW, Welsch RE (1977). Robust regression using iteratively
   reweighted least squares. Commun Stat A 6:813. doi:10.1080/03610927708827533
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from philtrum.video.flow import WINDOW_CELLS, Reference

FloatArray = NDArray[np.float64]

# Rotation, growth and turns in units that displace the edge of the face by about as much as a shift does.
UNIT_PX = 64.0
# A cell further off than this many robust standard deviations hardly counts.
OUTLIER_SD = 1.5
N_ROUNDS = 4
# No cell counts for more than this quantile of them: a sharp edge may be the outline of the face or hair.
FULL_TRUST = 0.75
# Turns of the head are held towards none by this share of what the picture tells about shifts: depth is known roughly.
TURN_RIDGE = 0.02
SIMILARITY = 4
# Windows of neighbouring cells overlap (2 sd each way): so many cells tell as much as one that stands alone.
CELLS_PER_WINDOW = 4 * np.pi * WINDOW_CELLS**2


class SkullFit:
    """The equations of one reference picture.

    Parameters
    ----------
    reference : Reference
        What pictures are compared with.
    is_bony : bool array, shape (h, w)
        Cells over bone.
    depth : array, shape (h, w)
        Depth of each cell, pixels of the crop.
    """

    def __init__(self, reference: Reference, is_bony: NDArray[np.bool_], depth: FloatArray) -> None:
        places = np.concatenate([reference.places, depth[..., np.newaxis]], axis=-1)
        x, y, z = np.moveaxis((places - places[is_bony].mean(axis=0)) / UNIT_PX, -1, 0)
        one, none = np.ones_like(x), np.zeros_like(x)
        ways = np.stack([[x, -y, one, none, z, none], [y, x, none, one, none, z]])
        self._ways = np.ascontiguousarray(ways.transpose(2, 3, 0, 1))  # (h, w, 2, 6)
        self._reference, self._is_bony = reference, is_bony
        self._bony_ways = self._ways[is_bony]
        energy = reference.energy[is_bony]
        trust = np.trace(energy, axis1=1, axis2=2) + 1e-6  # a flat picture has none
        self._share = np.minimum(1, np.quantile(trust, FULL_TRUST) / trust)
        energy = energy * self._share[:, np.newaxis, np.newaxis]
        self._left = np.einsum("nij,nik,nkl->njl", self._bony_ways, energy, self._bony_ways).reshape(len(energy), -1)
        self._trust = trust * self._share

    def fit(
        self, pulls: FloatArray, *, expected: FloatArray | None = None, expected_sd_px: float, n_rounds: int = N_ROUNDS
    ) -> FloatArray:
        """Return the head's movement in each picture, shape (F, 6), from the flow's pulls, shape (F, h, w, 2).

        Where skin has no texture, or its cells disagree, the movement is held towards what is expected, shape (6,),
        none if not given, with the standard deviation given. More rounds weigh down more firmly what moves on its own.
        """
        bony = pulls[:, self._is_bony]
        single = np.einsum("nij,fnj->fni", self._reference.inverse[self._is_bony], bony)
        right = np.einsum("nij,fni->fnj", self._bony_ways, bony * self._share[:, np.newaxis])
        held = np.zeros(6) if expected is None else expected
        weight = np.ones(right.shape[:2])
        hold = np.full(len(pulls), 1e-6)
        for _ in range(n_rounds):
            left = np.einsum("fn,nj->fj", weight, self._left).reshape(-1, 6, 6)
            prior = hold[:, np.newaxis] * np.ones(6)
            prior[:, SIMILARITY:] += TURN_RIDGE * left[:, [2, 3], [2, 3]]
            left[:, range(6), range(6)] += prior
            told = np.einsum("fn,fnj->fj", weight, right) + prior * held
            head = np.linalg.solve(left, told[..., np.newaxis])[..., 0]
            off = np.hypot(*np.moveaxis(single - self._moved(self._bony_ways, head), -1, 0))
            capped = np.minimum(off, 3 * np.median(off, axis=1, keepdims=True)) ** 2
            variance = capped @ self._trust / self._trust.sum() + 1e-6
            weight = 1 / (1 + off**2 / (OUTLIER_SD**2 * variance[:, np.newaxis]))
            hold = CELLS_PER_WINDOW * variance / 2 * self._trust.mean() / 2 / expected_sd_px**2
        return np.asarray(head)

    def displacement(self, heads: FloatArray) -> FloatArray:
        """Return how movements of the head, shape (F, 6), displace all cells, shape (F, h, w, 2)."""
        return self._moved(self._ways.reshape(-1, 2, 6), heads).reshape(-1, *self._ways.shape[:3])

    def matrix(self, head: FloatArray) -> FloatArray:
        """Return the shift, rotation and growth of one movement as an affine of the picture, shape (3, 3)."""
        growth, rotation = head[:2] / UNIT_PX
        middle = self._reference.places[self._is_bony].mean(axis=0)
        matrix = np.eye(3)
        matrix[:2, :2] += [[growth, -rotation], [rotation, growth]]
        matrix[:2, 2] = head[2:SIMILARITY] - (matrix[:2, :2] - np.eye(2)) @ middle
        return matrix

    @staticmethod
    def _moved(ways: FloatArray, heads: FloatArray) -> FloatArray:
        """Displacement of cells with the given ways to move, shape (n, 2, 6), for each head, shape (F, n, 2).

        `einsum` and not a matrix product, here and in `flow`: threads of the linear algebra cost more than they give.
        """
        return np.asarray(np.einsum("fk,nik->fni", heads, ways))
