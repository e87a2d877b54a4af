"""Cover: a beard and glasses drawn on a portrait, and a hand that passes before the face."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from scene import Cover

FloatArray = NDArray[np.float64]
Picture = NDArray[np.uint8]

_BEARD = (58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 435, 427, 426, 326, 2, 97)
_BEARD_CLOSING = (206, 207, 215)
_MOUTH = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146)
# Corners of a lens: outer and inner ends, above and below the eye (right, left).
_LENSES = ((33, 133, 105, 119), (263, 362, 334, 348))
SHIFT_BITS = 4
HAND_IN_S = 0.35


def draw_cover(
    rgb: Picture, landmarks: FloatArray, to_frame: FloatArray, cover: Cover, rng: np.random.Generator
) -> Picture:
    """Draw what the cover says on a picture; landmarks in face units, `to_frame` the affine to pixels."""
    points = landmarks[:, :2] @ to_frame[:, :2].T + to_frame[:, 2]
    iod_px = float(np.hypot(*to_frame[:, 0]))
    if cover.beard:
        rgb = _draw_beard(rgb, points, iod_px, cover.beard, rng)
    return _draw_glasses(rgb, points, iod_px) if cover.has_glasses else rgb


def _draw_beard(rgb: Picture, points: FloatArray, iod_px: float, density: float, rng: np.random.Generator) -> Picture:
    """Draw dark strokes that grow downwards around the mouth, and a little shade under them."""
    area = np.zeros(rgb.shape[:2], np.uint8)
    cv2.fillPoly(area, [_fixed(points[[*_BEARD, *_BEARD_CLOSING]])], 255, shift=SHIFT_BITS)
    cv2.fillPoly(area, [_fixed(points[list(_MOUTH)])], 0, shift=SHIFT_BITS)
    shade = cv2.GaussianBlur(area, (0, 0), 0.03 * iod_px)[..., np.newaxis] / 255 * 0.25 * density
    shaded = np.asarray(rgb * (1 - shade), np.uint8)
    rows, columns = np.nonzero(area)
    # Drawn at three times the size, so that a hair may be finer than a pixel.
    hairs = cv2.resize(shaded, None, fx=3, fy=3, interpolation=cv2.INTER_LINEAR)
    for index in rng.integers(0, len(rows), round(2600 * density)):
        start = np.array([columns[index], rows[index]]) + rng.uniform(-0.5, 0.5, 2)
        length = iod_px * rng.uniform(0.02, 0.06)
        lean = rng.normal(0, 0.5) + 0.6 * np.sign(start[0] - points[0, 0])
        end = start + length * np.array([np.sin(lean), np.cos(lean)])
        grey = int(rng.integers(25, 95))
        line = _fixed(3 * np.array([start, end]) + 1)
        cv2.line(hairs, line[0], line[1], (grey + 10, grey + 4, grey), max(1, round(iod_px / 80)), cv2.LINE_AA, 4)
    hairs = cv2.resize(hairs, rgb.shape[1::-1], interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.addWeighted(shaded, 0.2, hairs, 0.8, 0), np.uint8)


def _draw_glasses(rgb: Picture, points: FloatArray, iod_px: float) -> Picture:
    drawn = rgb.copy()
    width = max(1, round(0.035 * iod_px))
    middles = []
    for outer, inner, above, below in _LENSES:
        middle = (points[outer] + points[inner]) / 2
        size = 0.78 * np.abs(points[inner] - points[outer])[0], 0.42 * np.abs(points[below] - points[above])[1]
        cv2.ellipse(drawn, (tuple(map(float, middle)), (2 * size[0], 2 * size[1]), 0.0), (30, 26, 24), width, 16)
        middles.append((middle, size[0]))
    (right, reach), (left, _) = middles
    side = np.array([reach, 0])
    bridge = _fixed(np.array([right + side, left - side]))
    arms = _fixed(np.array([right - side, points[127], left + side, points[356]]))
    for a, b in (bridge, arms[:2], arms[2:]):
        cv2.line(drawn, a, b, (30, 26, 24), width, cv2.LINE_AA, SHIFT_BITS)
    return drawn


def hand_mask(
    hands: Sequence[tuple[float, float, float, float]], to_frame: FloatArray, size: tuple[int, int], t_s: float
) -> NDArray[np.float32] | None:
    """Return how much of each pixel (rows, columns of `size`) a hand covers, 0-1; None where there is none."""
    iod_px = float(np.hypot(*to_frame[:, 0]))
    mask = None
    for start_s, lasts_s, x, y in hands:
        since_s = t_s - start_s
        if not 0 < since_s < lasts_s:
            continue
        come = min(1.0, since_s / HAND_IN_S, (lasts_s - since_s) / HAND_IN_S)
        away = 1.8 * (0.5 + 0.5 * np.cos(np.pi * come))
        tip = to_frame[:, :2] @ np.array([x + away, y + 1.2 * away]) + to_frame[:, 2]
        mask = np.zeros(size, np.uint8) if mask is None else mask
        for finger in range(4):
            start = tip + iod_px * np.array([0.05 * finger, 0.13 * finger - 0.05 * (finger in (1, 2))])
            end = start + iod_px * np.array([0.9, 0.55])
            cv2.line(mask, _at(start), _at(end), 255, max(1, round(0.14 * iod_px)), cv2.LINE_AA, SHIFT_BITS)
        palm = _at(tip + iod_px * np.array([1.1, 0.95]))
        cv2.circle(mask, palm, round(0.5 * iod_px * 16), 255, -1, cv2.LINE_AA, SHIFT_BITS)
    return None if mask is None else cv2.GaussianBlur(mask, (0, 0), 0.012 * iod_px).astype(np.float32) / 255


def _at(point: FloatArray) -> tuple[int, int]:
    x, y = np.round(point * 2**SHIFT_BITS).astype(int)
    return int(x), int(y)


def _fixed(points: FloatArray) -> NDArray[np.int32]:
    """Round to OpenCV's fixed-point coordinates."""
    return np.round(points * 2**SHIFT_BITS).astype(np.int32)
