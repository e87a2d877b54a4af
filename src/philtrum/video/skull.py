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

from philtrum.video.flow import WINDOW_CELLS, Reference, times

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
        middle = places[is_bony].mean(axis=0)
        x, y, z = np.moveaxis((places - middle) / UNIT_PX, -1, 0)
        one, none = np.ones_like(x), np.zeros_like(x)
        ways = np.stack([[x, -y, one, none, z, none], [y, x, none, one, none, z]])
        self._ways = np.ascontiguousarray(ways.transpose(2, 3, 0, 1))  # (h, w, 2, 6)
        self._middle, self._bony = middle[:2], np.flatnonzero(is_bony)
        bony_ways = self._ways[is_bony]
        self._bony_ways = np.ascontiguousarray(bony_ways.reshape(-1, 6).T)  # (6, n * 2)
        energy, self._inverse = reference.energy[is_bony], reference.inverse[is_bony]
        trust = np.trace(energy, axis1=1, axis2=2) + 1e-6  # a flat picture has none
        share = np.minimum(1, np.quantile(trust, FULL_TRUST) / trust)[:, np.newaxis, np.newaxis]
        self._right = bony_ways * share
        self._left = np.einsum("nij,nik,nkl->njl", self._right, energy, bony_ways).reshape(len(energy), -1)
        trust *= share[:, 0, 0]
        self._trust, self._hold = trust / trust.sum(), CELLS_PER_WINDOW * trust.mean() / 4

    def fit(
        self, pulls: FloatArray, *, expected: FloatArray | None = None, expected_sd_px: float, n_rounds: int = N_ROUNDS
    ) -> FloatArray:
        """Return the head's movement in each picture, shape (F, 6), from the flow's pulls, shape (F, h, w, 2).

        Where skin has no texture, or its cells disagree, the movement is held towards what is expected, shape (6,),
        none if not given, with the standard deviation given. More rounds weigh down more firmly what moves on its own.
        """
        bony = pulls.reshape(len(pulls), -1, 2)[:, self._bony]
        single = times(self._inverse, bony).reshape(len(bony), -1)
        right = self._right[:, 0] * bony[..., :1] + self._right[:, 1] * bony[..., 1:]
        held = np.zeros(6) if expected is None else expected
        weight, prior = np.ones(right.shape[:2]), np.full((len(bony), 6), 1e-6)
        for _ in range(n_rounds):
            # `einsum` and not a matrix product: threads of the linear algebra cost more than they give.
            left = np.einsum("fn,nj->fj", weight, self._left).reshape(-1, 6, 6)
            prior[:, SIMILARITY:] += TURN_RIDGE * np.einsum("fjj->fj", left)[:, 2:SIMILARITY]
            told = np.einsum("fn,fnj->fj", weight, right) + prior * held
            head = np.linalg.solve(left + prior[..., np.newaxis] * np.eye(6), told[..., np.newaxis])[..., 0]
            off = (single - np.einsum("fk,kn->fn", head, self._bony_ways)) ** 2
            off = off[:, ::2] + off[:, 1::2]  # squared distance
            usual = np.partition(off, off.shape[1] // 2)[:, off.shape[1] // 2, np.newaxis]
            variance = np.einsum("fn,n->f", np.minimum(off, 9 * usual), self._trust) + 1e-6
            weight = 1 / (1 + off / (OUTLIER_SD**2 * variance[:, np.newaxis]))
            prior = np.outer(self._hold * variance / expected_sd_px**2, np.ones(6))
        return np.asarray(head)

    def displacement(self, heads: FloatArray) -> FloatArray:
        """Return how movements of the head, shape (F, 6), displace all cells, shape (F, h, w, 2)."""
        return np.asarray(np.einsum("hwik,fk->fhwi", self._ways, heads))

    def matrix(self, head: FloatArray) -> FloatArray:
        """Return the shift, rotation and growth of one movement as an affine of the picture, shape (3, 3)."""
        growth, rotation = (head[:2] / UNIT_PX).tolist()
        (x, y), (to_x, to_y) = self._middle.tolist(), head[2:SIMILARITY].tolist()
        return np.array(
            [
                [1 + growth, -rotation, to_x - growth * x + rotation * y],
                [rotation, 1 + growth, to_y - rotation * x - growth * y],
                [0, 0, 1],
            ]
        )
