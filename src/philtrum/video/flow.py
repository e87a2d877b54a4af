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


def band_pass(picture: NDArray[np.uint8] | FloatImage, wide_px: int) -> FloatImage:
    """Return the picture as float32, smoothed a little and with the mean of each surrounding square removed."""
    fine = cv2.GaussianBlur(picture.astype(np.float32), (0, 0), 0.8)
    return np.asarray(fine - cv2.blur(fine, (wide_px, wide_px)), np.float32)


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
        self._gradient = _gradient(picture)
        gx, gy = np.moveaxis(self._gradient, -1, 0)
        self._own = _symmetric(self._averaged(np.stack([gx * gx, gx * gy, gy * gy], axis=-1)))
        self.energy = _symmetric(self._sum(np.stack([gx * gx, gx * gy, gy * gy], axis=-1)))
        """G of each cell, shape (h, w, 2, 2)."""
        rows, columns = np.indices(self.energy.shape[:2])
        self.places = (np.stack([columns, rows], -1) + 0.5) * cell_px - 0.5
        """Centre of each cell, shape (h, w, 2), pixels."""
        usual = float(np.median(self.energy.trace(axis1=2, axis2=3)))
        self.inverse = np.linalg.inv(self.energy + FLATNESS * (usual + 1e-3) * np.eye(2))
        self._free_inverse = np.linalg.inv(self.energy + FLATNESS / 50 * (usual + 1e-3) * np.eye(2))

    def _averaged(self, product: FloatImage) -> FloatImage:
        """Average products, shape (H, W, n), over each cell, shape (h, w, n)."""
        height, width = product.shape[:2]
        size = width // self.cell_px, height // self.cell_px
        return np.asarray(cv2.resize(product, size, interpolation=cv2.INTER_AREA), np.float32)

    def _sum(self, product: FloatImage) -> FloatImage:
        """Sum products, shape (H, W, n), over the cells' windows (up to a constant factor), shape (h, w, n)."""
        return _windowed(self._averaged(product))

    def pull(self, picture: FloatImage) -> FloatArray:
        """Return -r of each cell for a band-passed picture, shape (h, w, 2), after matching its contrast."""
        gain = float(np.vdot(picture, self.picture) / (np.vdot(picture, picture) + 1e-6))
        change = self.picture - picture * np.float32(np.clip(gain, 0.5, 2.0))
        return self._sum(self._gradient * change[..., np.newaxis]).astype(np.float64)

    def cells(self, pull: FloatArray) -> FloatArray:
        """Return the displacement of each cell, shape (h, w, 2); flat cells are held back towards 0."""
        return np.asarray(np.einsum("...ij,...j->...i", self.inverse, pull), np.float64)

    def zones(self, displacement: FloatArray, weights: FloatArray) -> FloatArray:
        """Return the displacement of sets of cells, each moving as one: cells count by gradient and by weight.

        `displacement` has shape (F, h, w, 2), `weights` (Z, h, w), the result (F, Z, 2).
        """
        flat = weights.reshape(len(weights), -1)
        whole = np.linalg.inv(np.einsum("zhw,hwij->zij", weights, self.energy) + 1e-6 * np.eye(2))
        pulls = (self.energy * displacement[..., np.newaxis, :]).sum(axis=-1)
        pulls = np.einsum("zn,fnj->fzj", flat, pulls.reshape(len(pulls), flat.shape[1], 2))
        return np.asarray(np.einsum("zij,fzj->fzi", whole, pulls))

    def local(self, picture: FloatImage, pull: FloatArray, skull: FloatArray) -> FloatArray:
        """Return each cell's displacement relative to the skull, shape (h, w, 2).

        Parameters
        ----------
        picture : float32 array, shape (H, W)
            Band-passed.
        pull : array, shape (h, w, 2)
            `pull` of the picture.
        skull : array, shape (h, w, 2)
            How the skull's movement, already known, displaces the cells.
        """
        step = total = self.cells(pull - np.einsum("...ij,...j->...i", self.energy, skull))
        for _ in range(MAX_STEPS - 1):
            if np.abs(step).max() < SMALL_STEP_PX:
                break
            step = self.cells(self.pull(self._warped(picture, total + skull)))
            # What is known already is seen through the window, as the step is: the result does not get sharper with
            # the number of steps.
            step, total = step + self._through_window(total) - total, step + self._through_window(total)
        return total

    def _through_window(self, displacement: FloatArray) -> FloatArray:
        """Return a known displacement of the cells as the windows see it, shape (h, w, 2)."""
        own = (self._own * displacement[..., np.newaxis, :]).sum(axis=-1)
        pull = _windowed(own.astype(np.float32)).astype(np.float64)
        return np.asarray((self._free_inverse * pull[..., np.newaxis, :]).sum(axis=-1))

    def _warped(self, picture: FloatImage, displacement: FloatArray) -> FloatImage:
        """Undo a displacement of the cells, so that the picture lies on the reference as far as it is known."""
        height, width = picture.shape
        dense = cv2.resize(displacement.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
        x, y = cv2.split(dense + _grid(height, width))
        how = cv2.INTER_LANCZOS4
        return np.asarray(cv2.remap(picture, x, y, how, borderMode=cv2.BORDER_REPLICATE), np.float32)


def _windowed(cells: FloatImage) -> FloatImage:
    return np.asarray(cv2.GaussianBlur(cells, (0, 0), WINDOW_CELLS), np.float32)


def _symmetric(sums: FloatImage) -> FloatArray:
    """Return matrices [[a, b], [b, c]] from their three numbers, shape (h, w, 3)."""
    xx, xy, yy = np.moveaxis(sums.astype(np.float64), -1, 0)
    return np.stack([np.stack([xx, xy], -1), np.stack([xy, yy], -1)], -2)


@cache
def _grid(height: int, width: int) -> FloatImage:
    """Return the place (x, y) of every pixel, shape (height, width, 2)."""
    y, x = np.indices((height, width), np.float32)
    return np.stack([x, y], axis=-1)


def _gradient(picture: FloatImage) -> FloatImage:
    """Return the derivatives by x and by y, shape (H, W, 2)."""
    return np.asarray(
        cv2.merge([cv2.Scharr(picture, cv2.CV_32F, *axis, scale=1 / 32) for axis in ((1, 0), (0, 1))]), np.float32
    )


def sharpness(picture: FloatImage) -> float:
    """Return the mean squared difference of neighbouring pixels."""
    return float(np.square(np.diff(picture, axis=0)).mean() + np.square(np.diff(picture, axis=1)).mean())
