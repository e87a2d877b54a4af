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

from collections.abc import Sequence
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

FloatImage = NDArray[np.float32]
FloatArray = NDArray[np.float64]

# Standard deviation of a cell's window, in cells.
WINDOW_CELLS = 1.25
# A flat cell is held back towards "no displacement": share of the picture's median gradient energy.
FLATNESS = 0.05
# The linear step is exact for displacements well below the size of an edge; larger ones are taken in several steps.
SMALL_STEP_PX = 0.35
MAX_STEPS = 6
# After the second step, so few cells that still move (fewer than a window holds) do not ask for another.
FEW_CELLS = 14


def band_pass(picture: NDArray[np.uint8] | FloatImage, wide_px: int) -> FloatImage:
    """Return the picture as float32, smoothed a little and with the mean of each surrounding square removed."""
    fine = cv2.GaussianBlur(picture.astype(np.float32, copy=False), (5, 5), 0.8)
    return np.asarray(cv2.subtract(fine, cv2.blur(fine, (wide_px, wide_px))), np.float32)


def times(matrices: FloatArray, vectors: FloatArray) -> FloatArray:
    """Return the product of 2 x 2 matrices and vectors, shapes (..., 2, 2) and (..., 2): quicker than `einsum`."""
    x, y = vectors[..., 0], vectors[..., 1]
    product = np.empty(vectors.shape)
    product[..., 0] = matrices[..., 0, 0] * x + matrices[..., 0, 1] * y
    product[..., 1] = matrices[..., 1, 0] * x + matrices[..., 1, 1] * y
    return product


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
        self._gradient = gx, gy = _gradient(picture)
        own = self._averaged(gx * gx, gx * gy, gy * gy)
        self.own_energy = _symmetric(own)
        """The sum over the cell alone, without its window, shape (h, w, 2, 2)."""
        self.energy = _symmetric(windowed(own))
        """G of each cell, shape (h, w, 2, 2)."""
        rows, columns = np.indices(self.energy.shape[:2])
        self.places = (np.stack([columns, rows], -1) + 0.5) * cell_px - 0.5
        """Centre of each cell, shape (h, w, 2), pixels."""
        usual = float(np.median(self.energy.trace(axis1=2, axis2=3)))
        self.inverse = _inverse(self.energy + FLATNESS * (usual + 1e-3) * np.eye(2))
        self._free_inverse = _inverse(self.energy + FLATNESS / 50 * (usual + 1e-3) * np.eye(2))

    def _averaged(self, *products: FloatImage) -> FloatImage:
        """Average n products, shape (H, W) each, over the cells, shape (h, w, n)."""
        height, width = self.picture.shape
        size = width // self.cell_px, height // self.cell_px
        averages = [cv2.resize(product, size, interpolation=cv2.INTER_AREA) for product in products]
        return np.asarray(cv2.merge(averages), np.float32)

    def own_pull(self, picture: FloatImage) -> FloatImage:
        """Return -r of each cell alone for a band-passed picture, shape (h, w, 2), after matching its contrast."""
        gain = float(np.vdot(picture, self.picture) / (np.vdot(picture, picture) + 1e-6))
        change = cv2.addWeighted(self.picture, 1, picture, -min(max(gain, 0.5), 2.0), 0)
        return self._averaged(*(np.asarray(cv2.multiply(slope, change), np.float32) for slope in self._gradient))

    def pull(self, picture: FloatImage) -> FloatArray:
        """Return -r of each cell through its window, shape (h, w, 2)."""
        return windowed(self.own_pull(picture))

    def zones(self, displacement: FloatArray, weights: FloatArray) -> FloatArray:
        """Return the displacement of sets of cells, each moving as one: cells count by gradient and by weight.

        `displacement` has shape (F, h, w, 2), `weights` (Z, h, w), the result (F, Z, 2).
        """
        rows, columns = np.nonzero(weights.any(axis=0))
        energy, shares = self.energy[rows, columns], weights[:, rows, columns]
        whole = np.einsum("zn,nij->zij", shares, energy) + 1e-6 * np.eye(2)
        # One small product for each picture: a large one would start threads, which cost more than they give.
        pulls = np.matmul(shares, times(energy, displacement[:, rows, columns]))
        return times(_inverse(whole), pulls)

    def local(
        self,
        pictures: Sequence[FloatImage],
        own_pulls: Sequence[FloatImage],
        pulls: FloatArray,
        skulls: FloatArray,
        *,
        counts: NDArray[np.bool_] | None = None,
    ) -> tuple[FloatArray, FloatArray]:
        """Return each cell's displacement relative to the skull in each picture, and its own pull less the skull's.

        Both have the shape (F, h, w, 2). Where displacements are too large
        for one step the pulls are those of the picture with the displacement
        undone, and of that displacement: as if the picture were linear.

        Parameters
        ----------
        pictures : F float32 arrays, shape (H, W) each
            Band-passed.
        own_pulls : F arrays, shape (h, w, 2) each
            `own_pull` of the pictures.
        pulls : array, shape (F, h, w, 2)
            `pull` of the pictures.
        skulls : array, shape (F, h, w, 2)
            How the skull's movement, already known, displaces the cells.
        counts : bool array, shape (h, w), optional
            Cells that are worth further steps; all if not given.
        """
        totals = times(self.inverse, pulls - times(self.energy, skulls))
        left = np.array(own_pulls, np.float64) - times(self.own_energy, skulls)
        sizes = np.abs(totals).max(axis=-1) * (1 if counts is None else counts)
        for number in np.flatnonzero(sizes.max(axis=(1, 2)) >= SMALL_STEP_PX).tolist():
            totals[number], left[number] = self._refined(pictures[number], totals[number], skulls[number], counts)
        return totals, left

    def _refined(
        self, picture: FloatImage, total: FloatArray, skull: FloatArray, counts: NDArray[np.bool_] | None
    ) -> tuple[FloatArray, FloatArray]:
        """Take further steps from a displacement that is too large for one; return it and the own pulls, (h, w, 2)."""
        height, width = picture.shape
        fine = cv2.resize(picture, (2 * width, 2 * height), interpolation=cv2.INTER_LANCZOS4)
        for _ in range(MAX_STEPS - 1):
            # What is known already is seen through the window, as the step is: the result does not get sharper with
            # the number of steps.
            own = self.own_pull(_warped(np.asarray(fine, np.float32), total + skull)).astype(np.float64)
            left = own + times(self.own_energy, total)
            step = times(self.inverse, windowed(own))
            before, total = total, step + self._through_window(total)
            is_large = np.abs(total - before).max(axis=-1) >= SMALL_STEP_PX
            if (is_large if counts is None else is_large & counts).sum() < FEW_CELLS:
                break
        return total, left

    def _through_window(self, displacement: FloatArray) -> FloatArray:
        """Return a known displacement of the cells as the windows see it, shape (h, w, 2)."""
        pull = windowed(times(self.own_energy, displacement))
        return times(self._free_inverse, pull)


def windowed(cells: FloatImage | FloatArray) -> FloatArray:
    """Return sums over cells as their windows see them (up to a constant factor), shape (h, w, n)."""
    return np.asarray(cv2.GaussianBlur(cells.astype(np.float32, copy=False), (0, 0), WINDOW_CELLS), np.float64)


def _symmetric(sums: FloatImage | FloatArray) -> FloatArray:
    """Return matrices [[a, b], [b, c]] from their three numbers, shape (h, w, 3)."""
    xx, xy, yy = np.moveaxis(np.asarray(sums, np.float64), -1, 0)
    return np.stack([np.stack([xx, xy], -1), np.stack([xy, yy], -1)], -2)


def _inverse(matrices: FloatArray) -> FloatArray:
    return np.asarray(np.linalg.inv(matrices), np.float64)


def _warped(fine: FloatImage, displacement: FloatArray) -> FloatImage:
    """Undo a displacement of the cells in a picture of twice the size, and bring it to its own size.

    Half a pixel is interpolated as well this way as by Lanczos's formula, in a fifth of the time.
    """
    height, width = fine.shape[0] // 2, fine.shape[1] // 2
    dense = cv2.resize((2 * displacement).astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    place = cv2.add(dense, _grid(height, width))
    warped = cv2.remap(fine, place, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)  # type: ignore[call-overload]
    return np.asarray(warped, np.float32)


@cache
def _grid(height: int, width: int) -> FloatImage:
    """Return the place (x, y) of every pixel in a picture of twice the size, shape (height, width, 2)."""
    y, x = np.indices((height, width), np.float32)
    return 2 * np.stack([x, y], axis=-1) + np.float32(0.5)


def _gradient(picture: FloatImage) -> tuple[FloatImage, FloatImage]:
    """Return the derivatives by x and by y, shape (H, W) each."""
    by_x, by_y = (cv2.Scharr(picture, cv2.CV_32F, *axis, scale=1 / 32) for axis in ((1, 0), (0, 1)))
    return np.asarray(by_x, np.float32), np.asarray(by_y, np.float32)


def sharpness(picture: FloatImage) -> float:
    """Return the mean squared difference of neighbouring pixels."""
    down, right = picture[1:] - picture[:-1], picture[:, 1:] - picture[:, :-1]
    return float(np.vdot(down, down) / max(1, down.size) + np.vdot(right, right) / max(1, right.size))
