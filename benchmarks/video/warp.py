"""Warp: one picture moved by a displacement of the skin and by the camera.

Pictures are three planes (luma, and both colour differences at half the size). Luma is sampled from an enlarged copy,
because OpenCV rounds positions to 1/32 px, which is not small beside a twitch; only the part in which skin moves is
sampled point by point.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from fields import GRID_PX, ORIGIN, Box
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Plane = NDArray[np.uint8]
Planes = tuple[Plane, Plane, Plane]
Rect = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Still:
    """A picture and where the face is in it."""

    planes: Planes
    to_picture: FloatArray
    """Affine from face units to pixels, shape (2, 3)."""
    large: Plane | None = None
    """Luma enlarged `enlarge` times; made of the needed part only where there is none."""
    enlarge: int = 4


def planes_of(rgb: Plane) -> Planes:
    """Return the planes of an RGB picture with even sides (BT.601, limited range)."""
    height, width = rgb.shape[:2]
    flat = cv2.cvtColor(np.ascontiguousarray(rgb), cv2.COLOR_RGB2YUV_I420)
    colour = flat[height:].reshape(2, height // 2, width // 2)
    return np.asarray(flat[:height]), np.asarray(colour[0]), np.asarray(colour[1])


def enlarged(luma: Plane, times: int) -> Plane:
    """Return luma enlarged."""
    return np.asarray(cv2.resize(luma, None, fx=times, fy=times, interpolation=cv2.INTER_CUBIC))


def warp(still: Still, skin: Box | None, camera: FloatArray | None) -> Planes:
    """Move a picture.

    Parameters
    ----------
    still : Still
        With `large` where a camera is given.
    skin : Box or None
        Backward displacement.
    camera : float array, shape (3, 3), or None
        From the still's pixels to the result's.
    """
    planes = tuple(plane.copy() for plane in still.planes) if camera is None else _filmed(still, camera)
    if skin is not None:
        to_still = np.eye(3) if camera is None else np.linalg.inv(camera)
        rect = _rect(still, skin, camera, planes[0].shape)
        if rect is not None:
            _paint(planes, still, _sources(still, skin, to_still, rect), rect)
    return planes


def _filmed(still: Still, camera: FloatArray) -> Planes:
    """Move the whole picture."""
    back = np.linalg.inv(camera)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    assert still.large is not None
    size = still.planes[0].shape[::-1]
    luma = cv2.warpPerspective(
        still.large, _scaling(still.enlarge) @ back, size, flags=flags, borderMode=cv2.BORDER_REPLICATE
    )
    half = _scaling(0.5) @ back @ np.linalg.inv(_scaling(0.5))
    small = size[0] // 2, size[1] // 2
    colours = [
        cv2.warpPerspective(plane, half, small, flags=flags, borderMode=cv2.BORDER_REPLICATE)
        for plane in still.planes[1:]
    ]
    return luma, colours[0], colours[1]


def _scaling(times: float) -> FloatArray:
    """Map pixel coordinates to those of a picture scaled by a factor; centres of pixels are whole numbers."""
    return np.array([[times, 0, (times - 1) / 2], [0, times, (times - 1) / 2], [0, 0, 1.0]])


def _rect(still: Still, skin: Box, camera: FloatArray | None, shape: tuple[int, ...]) -> Rect | None:
    """Part of the result that the moved skin covers: x, y, width, height, all even."""
    rows, columns = skin.map.shape[:2]
    first = np.array([skin.column, skin.row])
    corners = first + np.array([[0, 0], [columns, 0], [0, rows], [columns, rows]])
    points = (ORIGIN + corners / GRID_PX) @ still.to_picture[:, :2].T + still.to_picture[:, 2]
    if camera is not None:
        points = cv2.perspectiveTransform(points[np.newaxis], camera)[0]
    low = np.clip(np.floor(points.min(axis=0)), 0, shape[1::-1]).astype(int) // 2 * 2
    high = np.clip(np.ceil(points.max(axis=0)), 0, shape[1::-1]).astype(int) // 2 * 2
    width, height = high - low
    return (int(low[0]), int(low[1]), int(width), int(height)) if width > 0 and height > 0 else None


def _sources(still: Still, skin: Box, to_still: FloatArray, rect: Rect) -> NDArray[np.float32]:
    """Place in the still, pixels, of every pixel of a part of the result; shape (height, width, 2)."""
    left, top, width, height = rect
    x = np.arange(left, left + width, dtype=np.float32)
    y = np.arange(top, top + height, dtype=np.float32)[:, np.newaxis]
    m = to_still.astype(np.float32)
    depth = m[2, 0] * x + m[2, 1] * y + m[2, 2]
    still_x, still_y = ((m[row, 0] * x + m[row, 1] * y + m[row, 2]) / depth for row in (0, 1))
    linear = still.to_picture[:, :2]
    to_face = np.linalg.inv(linear)
    offset = -to_face @ still.to_picture[:, 2] - ORIGIN
    to_grid = (GRID_PX * to_face).astype(np.float32)
    origin = (GRID_PX * offset - [skin.column, skin.row]).astype(np.float32)
    grid_x, grid_y = (to_grid[row, 0] * still_x + to_grid[row, 1] * still_y + origin[row] for row in (0, 1))
    moved = cv2.remap(skin.map, grid_x, grid_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    return np.stack([still_x, still_y], axis=-1) - moved @ linear.T.astype(np.float32)


def _paint(planes: Planes | tuple[Plane, ...], still: Still, sources: NDArray[np.float32], rect: Rect) -> None:
    """Sample a part of the result, in place."""
    left, top, width, height = rect
    luma, first = _around(still, sources)
    at = (sources - first + 0.5) * still.enlarge - 0.5
    part = cv2.remap(luma, at[..., 0], at[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    planes[0][top : top + height, left : left + width] = part
    half = cv2.resize(sources, (width // 2, height // 2), interpolation=cv2.INTER_AREA) / 2 - 0.25
    for plane, source in zip(planes[1:], still.planes[1:], strict=True):
        part = cv2.remap(source, half[..., 0], half[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        plane[top // 2 : (top + height) // 2, left // 2 : (left + width) // 2] = part


def _around(still: Still, sources: NDArray[np.float32]) -> tuple[Plane, NDArray[np.float32]]:
    """Return enlarged luma that holds all sources, and its first pixel."""
    if still.large is not None:
        return still.large, np.zeros(2, np.float32)
    luma = still.planes[0]
    low = np.clip(sources.min(axis=(0, 1)) - 4, 0, None).astype(int)
    high = np.clip(sources.max(axis=(0, 1)) + 5, low + 1, luma.shape[::-1]).astype(int)
    return enlarged(luma[low[1] : high[1], low[0] : high[0]], still.enlarge), low.astype(np.float32)
