"""Flow: sub-pixel displacement of small cells of a picture against a reference picture.

Gradient-based registration (Lucas and Kanade [1]_) on a grid of overlapping
windows. In a window with reference gradient g and brightness change e, the
displacement d that minimises the squared rest sum(e + g.d)^2 solves G d = -r
with G = sum(g g') and r = sum(g e). For white sensor noise this is the
maximum-likelihood estimate and reaches the Cramer-Rao bound [2]_: pixels count
by how much they tell about motion. G and r add over windows, so a zone's
displacement, or the skull's rigid motion, is one small solve over its cells.
`benchmarks/flow.py` compares it with OpenCV's DIS flow averaged over zones.

Pictures are float32, band-passed (`band_pass`), so that a change of exposure
or of white balance is not taken for motion. Displacements are pixels of the
picture, x right, y down: where the content of the reference has gone.

References
----------
.. [1] Lucas BD, Kanade T (1981). An iterative image registration technique
   with an application to stereo vision. IJCAI 81:674-679.
.. [2] Robinson D, Milanfar P (2004). Fundamental performance limits in image
   registration. IEEE Trans Image Process 13:1185. doi:10.1109/TIP.2004.832923
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

FloatImage = NDArray[np.float32]
FloatArray = NDArray[np.float64]

# Standard deviation of a cell's window, in cells.
WINDOW_CELLS = 1.25
# A flat cell is held back towards "no displacement": share of the picture's median gradient energy.
FLATNESS = 0.05
# A cell further off than this many robust standard deviations hardly counts in the rigid fit (Cauchy weight).
OUTLIER_SD = 1.5
# The linear step is exact for displacements well below the size of an edge; larger ones are taken in several steps.
SMALL_STEP_PX = 0.35
MAX_STEPS = 6


def band_pass(picture: NDArray[np.uint8] | FloatImage, wide_px: int) -> FloatImage:
    """Return the picture as float32, smoothed a little and with the mean of each surrounding square removed."""
    fine = cv2.GaussianBlur(picture.astype(np.float32), (0, 0), 0.8)
    return np.asarray(fine - cv2.blur(fine, (wide_px, wide_px)), np.float32)


@dataclass(frozen=True, slots=True)
class Rigid:
    """A similarity transform near identity: x -> x + turn @ x + shift."""

    turn: FloatArray
    """Shape (2, 2): [[a, -b], [b, a]], growth a and rotation b."""
    shift: FloatArray
    """Shape (2,), pixels."""

    def __call__(self, places: NDArray[np.floating[Any]]) -> FloatArray:
        """Return the displacement at the given places, shape (..., 2)."""
        return np.asarray(places @ self.turn.T + self.shift, np.float64)

    def matrix(self) -> FloatArray:
        """Return the transform as an affine matrix, shape (3, 3)."""
        matrix = np.eye(3)
        matrix[:2, :2] += self.turn
        matrix[:2, 2] = self.shift
        return matrix


class Reference:
    """The picture that others are compared with: its gradients, summed over cells.

    Parameters
    ----------
    picture : float32 array, shape (H, W)
        Band-passed; H and W are multiples of `cell_px`.
    cell_px : int
        Side of a cell, pixels.
    """

    def __init__(self, picture: FloatImage, cell_px: int) -> None:
        self.picture = picture
        self.cell_px = cell_px
        self._gx, self._gy = _gradients(picture)
        self.energy = self._energy_of(picture)
        """G of each cell, shape (h, w, 2, 2)."""
        rows, columns = np.indices(self.energy.shape[:2])
        self.places = (np.stack([columns, rows], -1) + 0.5) * cell_px - 0.5
        """Centre of each cell, shape (h, w, 2), pixels."""
        usual = float(np.median(self.energy.trace(axis1=2, axis2=3)))
        held = self.energy + FLATNESS * (usual + 1e-3) * np.eye(2)
        self._inverse = np.linalg.inv(held)

    def _energy_of(self, picture: FloatImage) -> FloatArray:
        gx, gy = _gradients(picture)
        xx, xy, yy = self._sum(gx * gx), self._sum(gx * gy), self._sum(gy * gy)
        return np.stack([np.stack([xx, xy], -1), np.stack([xy, yy], -1)], -2).astype(np.float64)

    def _sum(self, product: NDArray[np.float32]) -> NDArray[np.float32]:
        """Sum a product over the cells' windows (up to a constant factor), shape (h, w)."""
        height, width = product.shape
        cells = cv2.resize(product, (width // self.cell_px, height // self.cell_px), interpolation=cv2.INTER_AREA)
        return np.asarray(cv2.GaussianBlur(cells, (0, 0), WINDOW_CELLS), np.float32)

    def pull(self, picture: FloatImage) -> FloatArray:
        """Return -r of each cell for a band-passed picture, shape (h, w, 2), after matching its contrast."""
        gain = float((picture * self.picture).sum() / ((picture * picture).sum() + 1e-6))
        change = picture * np.float32(np.clip(gain, 0.5, 2.0)) - self.picture
        pulls = np.stack([self._sum(self._gx * change), self._sum(self._gy * change)], -1)
        return np.asarray(-pulls, np.float64)

    def cells(self, pull: FloatArray) -> FloatArray:
        """Return the displacement of each cell, shape (h, w, 2); flat cells are held back towards 0."""
        return np.asarray(np.einsum("...ij,...j->...i", self._inverse, pull), np.float64)

    def zone(self, displacement: FloatArray, weight: FloatArray) -> FloatArray:
        """Return the displacement of a set of cells as one, shape (2,): cells count by gradient and by `weight`."""
        energy = weight[..., np.newaxis, np.newaxis] * self.energy
        pull = np.einsum("...ij,...j->...i", energy, displacement)
        return np.linalg.solve(energy.sum(axis=(0, 1)) + 1e-6 * np.eye(2), pull.sum(axis=(0, 1)))

    def relative_sharpness(self, picture: FloatImage, mask: NDArray[np.bool_]) -> float:
        """Return the gradient energy of a picture in the masked cells relative to the reference's; 1 = as sharp."""
        own = self._energy_of(picture)[mask].trace(axis1=1, axis2=2).sum()
        return float(own / (self.energy[mask].trace(axis1=1, axis2=2).sum() + 1e-6))

    def rigid(self, pull: FloatArray, mask: NDArray[np.bool_]) -> Rigid:
        """Fit the similarity transform that the masked cells share; cells that move on their own hardly count."""
        places, energy, pulls = self.places[mask], self.energy[mask], pull[mask]
        single = self.cells(pull)[mask]
        middle = places.mean(axis=0)
        x, y = (places - middle).T / 64  # 64 px: rotation and shift of like size in the equations
        one, none = np.ones_like(x), np.zeros_like(x)
        basis = np.stack([np.stack([x, -y, one, none], -1), np.stack([y, x, none, one], -1)], -2)
        left = np.einsum("nij,nik,nkl->njl", basis, energy, basis)
        right = np.einsum("nij,ni->nj", basis, pulls)
        weight = np.ones(len(places))
        trust = np.trace(energy, axis1=1, axis2=2) + 1e-6  # a flat picture has none
        for _ in range(4):
            solution = np.linalg.solve(np.tensordot(weight, left, 1) + 1e-6 * np.eye(4), weight @ right)
            off = np.hypot(*(single - basis @ solution).T)
            spread = np.sqrt(np.average(np.minimum(off, 3 * np.median(off)) ** 2, weights=trust)) + 1e-3
            weight = 1 / (1 + (off / (OUTLIER_SD * spread)) ** 2)
        a, b, *shift = solution
        turn = np.array([[a, -b], [b, a]]) / 64
        return Rigid(turn, np.array(shift) - turn @ middle)

    def local(self, picture: FloatImage, rigid: Rigid, pull: FloatArray) -> FloatArray:
        """Return each cell's displacement relative to the skull, shape (h, w, 2).

        Parameters
        ----------
        picture : float32 array, shape (H, W)
            Band-passed.
        rigid : Rigid
            The skull's movement, already known.
        pull : array, shape (h, w, 2)
            `pull` of the picture.
        """
        skull = rigid(self.places)
        step = self.cells(pull - np.einsum("...ij,...j->...i", self.energy, skull))
        total = step
        for _ in range(MAX_STEPS - 1):
            if np.abs(step).max() < SMALL_STEP_PX:
                break
            step = self.cells(self.pull(self._warped(picture, total + skull)))
            total = total + step
        return total

    def _warped(self, picture: FloatImage, displacement: FloatArray) -> FloatImage:
        """Undo a displacement of the cells, so that the picture lies on the reference as far as it is known."""
        height, width = picture.shape
        dense = cv2.resize(displacement.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
        x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
        return np.asarray(
            cv2.remap(
                picture, x + dense[..., 0], y + dense[..., 1], cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REPLICATE
            ),
            np.float32,
        )


def _gradients(picture: FloatImage) -> tuple[FloatImage, FloatImage]:
    x, y = (cv2.Scharr(picture, cv2.CV_32F, *axis, scale=1 / 32) for axis in ((1, 0), (0, 1)))
    return np.asarray(x, np.float32), np.asarray(y, np.float32)
