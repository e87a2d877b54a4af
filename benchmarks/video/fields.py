"""Fields: displacement over the face, from shapes; their sum at one instant, ready for backward warping.

A field lies on a grid in face units, `GRID_PX` points per eye distance. Warping asks where a point of the picture
came from; the fields say where a point of the skin goes; `Fields.backward` turns one into the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from movement import Movement, Shape, evaluate
from numpy.typing import NDArray
from scipy.interpolate import RBFInterpolator

FloatArray = NDArray[np.float64]
Map = NDArray[np.float32]

GRID_PX = 128
ORIGIN = np.array([-1.6, -1.5])
SIZE = np.array([3.2, 3.5])
# Half the width of the seam's transition; narrower, a 3 % twitch would fold the skin.
SEAM_IOD = 0.035
# A compact bump of this radius has its half height where a Gaussian of standard deviation 1 has it.
COMPACT_RADIUS = 2.355
NEGLIGIBLE = 5e-4
_SEAM = (61, 78, 13, 308, 291)
_OVAL = (10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152)
_OVAL_RIGHT = (148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109)


@dataclass(frozen=True, slots=True)
class Box:
    """Part of the grid: first column and row, and the map of it."""

    column: int
    row: int
    map: Map
    """Shape (rows, columns, 2), face units."""


class Fields:
    """All movements of a scene, placed on one face.

    Parameters
    ----------
    movements : sequence of Movement
    landmarks : float array, shape (468, 3)
        Face units.
    t_s : float array
        Times of the frames.
    """

    def __init__(self, movements: Sequence[Movement], landmarks: FloatArray, t_s: FloatArray) -> None:
        columns, rows = (SIZE * GRID_PX).astype(int)
        x, y = np.meshgrid(ORIGIN[0] + np.arange(columns) / GRID_PX, ORIGIN[1] + np.arange(rows) / GRID_PX)
        self._x, self._y, self._landmarks = x, y, landmarks
        self._below = self._seam_side()
        self._boxes = [_trimmed(self._field(movement)) for movement in movements]
        self._amounts = np.array([evaluate(movement.course, t_s) for movement in movements]).reshape(-1, len(t_s))

    def backward(self, frame: int) -> Box | None:
        """Return where skin came from in this frame: to be subtracted from a place in the picture; None at rest."""
        active = [i for i, amount in enumerate(self._amounts[:, frame]) if abs(amount) > NEGLIGIBLE]
        if not active:
            return None
        low = np.min([(self._boxes[i].column, self._boxes[i].row) for i in active], axis=0)
        high = np.max([np.add((b.column, b.row), b.map.shape[1::-1]) for b in (self._boxes[i] for i in active)], axis=0)
        total = np.zeros((high[1] - low[1], high[0] - low[0], 2), np.float32)
        for i in active:
            box = self._boxes[i]
            row, column = box.row - low[1], box.column - low[0]
            part = total[row : row + box.map.shape[0], column : column + box.map.shape[1]]
            part += np.float32(self._amounts[i, frame]) * box.map
        return Box(int(low[0]), int(low[1]), _inverted(total))

    def _field(self, movement: Movement) -> FloatArray:
        field = np.sum([self._shape(shape) for shape in movement.shapes], axis=0)
        size = movement.size_pct_iod / 100
        peak = float(np.hypot(field[..., 0], field[..., 1]).max()) if movement.is_scaled else 1.0
        return np.asarray(field * size / peak)

    def _shape(self, shape: Shape) -> FloatArray:
        if shape.kind in ("depth", "flatten_x", "flatten_y"):
            return self._turn(shape)
        at = sum(weight * self._landmarks[landmark, :2] for landmark, weight in shape.place)
        turn = np.radians(shape.angle_deg)
        x, y = self._x - at[0], self._y - at[1]
        u = (np.cos(turn) * x + np.sin(turn) * y) / shape.spread_iod
        v = (np.cos(turn) * y - np.sin(turn) * x) / shape.spread_iod * shape.aspect
        r = np.hypot(u, v)
        bell = np.exp(-(r**2) / 2)
        if shape.kind == "compact":
            bell = np.where(r < COMPACT_RADIUS, 0.5 + 0.5 * np.cos(np.pi * r / COMPACT_RADIUS), 0.0)
        if shape.kind == "wave":
            bell *= np.cos(2 * np.pi * x / shape.wave_iod + np.radians(shape.phase_deg))
        bell = bell * (shape.above + (shape.below - shape.above) * self._below)
        return np.stack([shape.dx * bell, shape.dy * bell], axis=-1)

    def _seam_side(self) -> FloatArray:
        """0 above the seam of the lips, 1 below it, soft."""
        points = self._landmarks[list(_SEAM), :2]
        part = np.clip((self._y - np.interp(self._x, points[:, 0], points[:, 1])) / SEAM_IOD / 2 + 0.5, 0, 1)
        return np.asarray(part * part * (3 - 2 * part))

    def _turn(self, shape: Shape) -> FloatArray:
        """Parallax (by depth) or foreshortening of a turning head, fading out beyond the face's outline."""
        oval = np.array([*_OVAL, *_OVAL_RIGHT])
        points, where = np.unique(self._landmarks[::4, :2], axis=0, return_index=True)
        coarse = np.stack([self._x[::8, ::8].ravel(), self._y[::8, ::8].ravel()], axis=1)
        middle = self._landmarks[oval].mean(axis=0)
        radius = np.interp(*_polar(coarse - middle[:2], self._landmarks[oval, :2] - middle[:2]))
        fade = np.clip(1.9 - np.hypot(*(coarse - middle[:2]).T) / radius, 0, 0.9) / 0.9
        values = coarse[:, 0 if shape.kind == "flatten_x" else 1] - middle[0 if shape.kind == "flatten_x" else 1]
        if shape.kind == "depth":
            depth = -(self._landmarks[::4, 2] - self._landmarks[oval, 2].mean())[where]
            nearest = RBFInterpolator(points, depth, neighbors=24, smoothing=0.02, kernel="thin_plate_spline")
            values = np.clip(nearest(coarse), depth.min(), depth.max())
        field = (values * fade * fade * (3 - 2 * fade)).reshape(self._x[::8, ::8].shape)
        smooth = cv2.resize(field, self._x.shape[::-1], interpolation=cv2.INTER_CUBIC)
        return np.stack([shape.dx * smooth, shape.dy * smooth], axis=-1)


def _polar(points: FloatArray, outline: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return (angles of points, angles of the outline, radii of the outline), sorted and wrapped for `np.interp`."""
    angle = np.arctan2(outline[:, 1], outline[:, 0])
    order = np.argsort(angle)
    angle, radius = angle[order], np.hypot(outline[:, 0], outline[:, 1])[order]
    wrapped = np.concatenate([angle - 2 * np.pi, angle, angle + 2 * np.pi])
    return np.arctan2(points[:, 1], points[:, 0]), wrapped, np.tile(radius, 3)


def _trimmed(field: FloatArray) -> Box:
    size = np.hypot(field[..., 0], field[..., 1])
    is_moved = size > NEGLIGIBLE * max(float(size.max()), 1e-12)
    rows, columns = np.flatnonzero(is_moved.any(axis=1)), np.flatnonzero(is_moved.any(axis=0))
    part = field[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return Box(int(columns[0]), int(rows[0]), np.ascontiguousarray(part, np.float32))


def _inverted(forward: Map) -> Map:
    """Solve e(q) = d(q - e(q)) by repetition."""
    rows, columns = np.indices(forward.shape[:2], np.float32)
    back = forward
    for _ in range(3):
        x, y = columns - GRID_PX * back[..., 0], rows - GRID_PX * back[..., 1]
        back = cv2.remap(forward, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    return np.asarray(back, np.float32)
