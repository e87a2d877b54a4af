"""Frame: one upright picture of a clip with its time, and colour crops of it.

Conventions
-----------
- Pixel centres lie at whole numbers; (0, 0) is the centre of the upper left pixel.
- Planes are 8-bit, upright (display matrix applied: turns by 90 degrees and
  mirrors) and have square pixels. Luma keeps the clip's full resolution.
- Deeper pixels (10-16 bit) are rounded to 8. Anything that is not planar YCbCr
  or grey (RGB, palette, packed) goes through RGB to full-range BT.601.
- The colour of HDR clips is not tone-mapped: good enough to find a face in, not
  to be looked at.

Full-frame colour is never computed; `Frame.rgb` converts only the crop asked for.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from functools import lru_cache

import av
import cv2
import numpy as np
from av.buffer import Buffer
from numpy.typing import NDArray

Plane = NDArray[np.uint8]
Matrix = NDArray[np.float64]
Size = tuple[int, int]

_PLANAR = re.compile(r"(?:yuv[aj]?4\d\dp|gray)(?:(\d+)le)?")
_NEUTRAL = 128

# Weights of red and blue in luma by matrix number (ITU-T H.273, table 4).
_LUMA_WEIGHTS = {1: (0.2126, 0.0722), 4: (0.30, 0.11), 7: (0.212, 0.087), 9: (0.2627, 0.0593), 10: (0.2627, 0.0593)}
_BT601 = (0.299, 0.114)
_BT709_NUMBER, _UNSPECIFIED_NUMBER, _FULL_RANGE_NUMBER = 1, 2, 2


def _colour_matrix(weights: tuple[float, float], *, is_full_range: bool) -> Matrix:
    """Return the 3x4 matrix from (Y, Cb, Cr, 1), 8-bit, to RGB 0-255."""
    red, blue = weights
    green = 1 - red - blue
    black, luma_span, chroma_span = (0, 255, 255) if is_full_range else (16, 219, 224)
    to_blue, to_red = 2 * (1 - blue), 2 * (1 - red)
    turn = np.array([[1, 0, to_red], [1, -to_blue * blue / green, -to_red * red / green], [1, to_blue, 0]])
    turn *= 255 / np.array([luma_span, chroma_span, chroma_span])
    return np.column_stack([turn, -turn @ [black, _NEUTRAL, _NEUTRAL]])


_FULL_BT601 = _colour_matrix(_BT601, is_full_range=True)


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One upright picture of a clip."""

    index: int
    """Counts the frames of the clip from 0."""
    t_s: float
    """Presentation time, seconds from the first frame."""
    luma: Plane
    """Shape (H, W), rows without gaps; read-only where it is the decoder's own memory."""
    cb: Plane
    """Blue difference, any subsampling, 128 = no colour."""
    cr: Plane
    """Red difference, same shape as `cb`."""
    colour_matrix: Matrix
    """Shape (3, 4): from (Y, Cb, Cr, 1) to RGB."""

    def rgb(self, to_frame: Matrix, size: Size) -> Plane:
        """Cut a colour crop out of the frame.

        Parameters
        ----------
        to_frame : ndarray, shape (2, 3)
            Affine that maps a crop's pixel (x, y, 1) to a frame's pixel.
        size : (width, height)
            Size of the crop, pixels.

        Returns
        -------
        ndarray, shape (height, width, 3), uint8
            RGB, bilinear, averaged first where the crop is half as fine as the
            frame or less; black outside the frame.
        """
        crops = [
            _warp(plane, self.luma.shape, to_frame, size, outside)
            for plane, outside in ((self.luma, 0), (self.cb, _NEUTRAL), (self.cr, _NEUTRAL))
        ]
        return np.asarray(cv2.transform(cv2.merge(crops), self.colour_matrix), np.uint8)


def frame_from_rgb(rgb: Plane, *, index: int = 0, t_s: float = 0.0) -> Frame:
    """Make a frame of an RGB picture, shape (H, W, 3) uint8."""
    luma, cr, cb = cv2.split(cv2.cvtColor(np.ascontiguousarray(rgb), cv2.COLOR_RGB2YCrCb))
    return Frame(index, t_s, np.asarray(luma), np.asarray(cb), np.asarray(cr), _FULL_BT601)


@dataclass(frozen=True, slots=True)
class Orientation:
    """How stored planes become upright: rows and columns are swapped first, then mirrored."""

    is_transposed: bool = False
    is_mirrored_x: bool = False
    is_mirrored_y: bool = False

    def turned(self, plane: Plane) -> Plane:
        """Return a plane upright."""
        mirrored = None
        if self.is_transposed:
            plane = mirrored = np.asarray(cv2.transpose(plane), np.uint8)  # mirrored in place: 10 times as fast
        if self.is_mirrored_x or self.is_mirrored_y:
            axis = -1 if self.is_mirrored_x and self.is_mirrored_y else int(self.is_mirrored_x)
            plane = np.asarray(cv2.flip(plane, axis, mirrored), np.uint8)
        return plane


def read_orientation(picture: av.VideoFrame) -> Orientation:
    """Read the display matrix of a decoded picture.

    FFmpeg's matrix [a b u, c d v, x y w] shows the stored pixel (p, q) at
    (a p + c q + x, b p + d q + y). Turns that are no multiple of 90 degrees are
    taken as the nearest one.

    Side data once looked at keep their picture alive until the next garbage
    collection: do not call this for every frame.
    """
    matrix = picture.side_data.get("DISPLAYMATRIX")
    if not isinstance(matrix, Buffer):
        return Orientation()
    a, b, _, c, d = struct.unpack_from("<5i", memoryview(matrix))
    if abs(b) + abs(c) > abs(a) + abs(d):
        return Orientation(True, c < 0, b < 0)
    return Orientation(False, a < 0, d < 0)


def upright_size(picture: av.VideoFrame, orientation: Orientation, pixel_aspect: float) -> Size:
    """Return width and height of a decoded picture once upright and with square pixels.

    `pixel_aspect` is width / height of one stored pixel; the picture is
    stretched along the side that is too short, so that no detail is lost.
    """
    width = round(picture.width * max(1.0, pixel_aspect))
    height = round(picture.height * max(1.0, 1 / pixel_aspect))
    return (height, width) if orientation.is_transposed else (width, height)


def frame_from_picture(
    picture: av.VideoFrame, orientation: Orientation, size: Size, *, index: int, t_s: float
) -> Frame:
    """Make a frame of a decoded picture: upright, and scaled to `size` (width, height) where it differs."""
    planes, colour_matrix = _planes(picture)
    luma, cb, cr = (orientation.turned(plane) for plane in planes)
    rows_step, columns_step = (round(n_luma / n_cb) for n_luma, n_cb in zip(luma.shape, cb.shape, strict=True))
    chroma_size = -(-size[0] // columns_step), -(-size[1] // rows_step)
    luma, cb, cr = _scaled(luma, size), _scaled(cb, chroma_size), _scaled(cr, chroma_size)
    return Frame(index, t_s, luma, cb, cr, colour_matrix)


def _planes(picture: av.VideoFrame) -> tuple[tuple[Plane, Plane, Plane], Matrix]:
    """Return luma, cb, cr as stored, 8-bit (views where possible), and their colour matrix."""
    layout = _PLANAR.fullmatch(picture.format.name)
    if layout is None:
        frame = frame_from_rgb(np.asarray(picture.to_ndarray(format="rgb24"), np.uint8))
        return (frame.luma, frame.cb, frame.cr), frame.colour_matrix
    n_bits = int(layout[1] or 8)
    if picture.format.name.startswith("gray"):
        luma = _plane(picture.planes[0], n_bits)
        grey = np.full((-(-luma.shape[0] // 2), -(-luma.shape[1] // 2)), _NEUTRAL, np.uint8)
        planes = luma, grey, grey
    else:
        luma, cb, cr = (_plane(plane, n_bits) for plane in picture.planes[:3])
        planes = luma, cb, cr
    return planes, _matrix_of(picture.format.name, picture.colorspace, picture.color_range, picture.height)


@lru_cache(maxsize=16)
def _matrix_of(layout: str, matrix_number: int, range_number: int, height: int) -> Matrix:
    """Return the colour matrix of a stream; where it does not say, HD is BT.709 and less is BT.601, as players do."""
    is_full_range = range_number == _FULL_RANGE_NUMBER or layout.startswith("yuvj")
    if layout.startswith("gray") and range_number == 0:
        is_full_range = True
    if matrix_number == _UNSPECIFIED_NUMBER and height >= 720:
        matrix_number = _BT709_NUMBER
    return _colour_matrix(_LUMA_WEIGHTS.get(matrix_number, _BT601), is_full_range=is_full_range)


def _plane(plane: av.video.plane.VideoPlane, n_bits: int) -> Plane:
    """Return one plane in 8 bits; a view of the decoder's memory where it has 8 already."""
    if n_bits == 8:
        rows = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
        rows.flags.writeable = False  # later frames are predicted from this memory
    else:
        deep = np.frombuffer(memoryview(plane), np.uint16).reshape(plane.height, plane.line_size // 2)
        rows = np.asarray(cv2.convertScaleAbs(deep, alpha=2.0 ** (8 - n_bits)), np.uint8)
    visible: Plane = rows[:, : plane.width]
    return visible


def _scaled(plane: Plane, size: Size) -> Plane:
    height, width = plane.shape
    if (width, height) == size:
        return plane
    is_smaller = size[0] < width or size[1] < height
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA if is_smaller else cv2.INTER_LINEAR))


def _warp(plane: Plane, frame_shape: tuple[int, ...], to_frame: Matrix, size: Size, outside: int) -> Plane:
    """Cut a crop out of one plane; the affine is given in frame pixels, whatever the plane's subsampling."""
    to_plane = _rescaled(to_frame, np.divide(plane.shape, frame_shape)[::-1])
    coarseness = np.hypot(*to_plane[:, 0])
    if coarseness >= 2:
        plane, to_plane = _halved(plane, to_plane, size, int(np.log2(coarseness)))
    if not plane.size:
        return np.full(size[::-1], outside, np.uint8)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(plane, to_plane, size, flags=flags, borderValue=outside))


def _halved(plane: Plane, to_plane: Matrix, size: Size, n_times: int) -> tuple[Plane, Matrix]:
    """Halve the part of a plane that a crop needs, by averaging (OpenCV is quick at halves only); may be empty."""
    width, height = size
    step = 2**n_times
    corners = to_plane @ [[0, width, 0, width], [0, 0, height, height], [1, 1, 1, 1]]
    first = np.clip(corners.min(axis=1) - 2 * step, 0, plane.shape[::-1]).astype(int)
    stop = np.clip(corners.max(axis=1) + 2 * step, first, plane.shape[::-1]).astype(int)
    columns, rows = (stop - first) // step * step
    part = plane[first[1] : first[1] + rows, first[0] : first[0] + columns]
    if part.size:
        for _ in range(n_times):
            half = part.shape[1] // 2, part.shape[0] // 2
            part = np.asarray(cv2.resize(part, half, interpolation=cv2.INTER_AREA), np.uint8)
    to_part = to_plane - np.column_stack([np.zeros((2, 2)), first])
    return part, _rescaled(to_part, np.full(2, 1 / step))


def _rescaled(affine: Matrix, scale: NDArray[np.float64]) -> Matrix:
    """Let an affine's target have `scale` (x, y) times the pixels; both cover the same picture."""
    return np.column_stack([affine[:, :2] * scale[:, np.newaxis], scale * (affine[:, 2] + 0.5) - 0.5])
