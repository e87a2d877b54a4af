"""Zones: named patches of the face, cut out of the landmarks.

A zone is a polygon whose corners are landmarks, or points half-way between
two landmarks, of the 468-point face mesh [1]_. "Left" is the person's left.

- The *upper lip* has three zones. They reach from the base of the nose into
  the red of the lip but stop half-way to the seam, because the seam follows
  the lower lip.
- The *lower lip* zone lies below the red: one that touches the seam follows
  a twitch of the upper lip's middle.
- *Reference* zones (ridge of the nose, forehead, temples) lie over bone and
  gristle and move with the skull; head motion is estimated from them only. They
  keep away from the outline of the face, behind which the background moves.

References
----------
.. [1] Kartynnik Y et al. (2019). Real-time facial surface geometry from
   monocular video on mobile GPUs. arXiv:1907.06724
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

LIP = ("upper_lip_left", "philtrum", "upper_lip_right")
REFERENCE = ("nose_bridge", "forehead", "temple_left", "temple_right")

Corner = int | tuple[int, int]

# The person's right half, as the mesh numbers it; the left half is its mirror image.
_RIGHT: dict[str, tuple[Corner, ...]] = {
    "upper_lip": ((185, 191), (40, 80), (39, 81), (37, 82), 167, 97, 98, 206, 216, 186),
    "mouth_corner": (186, 185, 61, 146, 43, 57, 212, 216),
    "cheek": (50, 101, 36, 205, 187, 147, 123),
    "lower_eyelid": (33, 7, 163, 144, 145, 153, 154, 155, 232, 231, 230, 229, 228, 31),
    "upper_eyelid": (33, 246, 161, 160, 159, 158, 157, 173, 56, 28, 27, 29, 30),
    "brow": (70, 63, 105, 66, 107, 55, 65, 52, 53, 46),
    "temple": ((54, 68), 68, 71, 156, 143, 34, 139, (21, 71)),
}
_MIDDLE: dict[str, tuple[Corner, ...]] = {
    "philtrum": (167, (37, 82), (0, 13), (267, 312), 393, 326, 2, 97),
    "lower_lip": (182, 181, 84, 17, 314, 405, 406, 313, 18, 83),
    "chin": (201, 200, 421, 396, 377, 152, 148, 171),
    "nose_bridge": (9, 193, 244, 217, 198, 131, 51, (4, 5), 281, 360, 420, 437, 464, 417),
    "forehead": (10, 109, 67, 69, 108, 151, 337, 299, 297, 338),
}
# Mirror images of the landmarks used above (the mesh is symmetric but its numbering is not).
# fmt: off
_MIRROR = {
    185: 409, 191: 415, 40: 270, 80: 310, 39: 269, 81: 311, 37: 267, 82: 312, 167: 393, 97: 326, 98: 327,
    206: 426, 216: 436, 186: 410, 61: 291, 146: 375, 43: 273, 57: 287, 212: 432,
    50: 280, 101: 330, 36: 266, 205: 425, 187: 411, 147: 376, 123: 352,
    33: 263, 7: 249, 163: 390, 144: 373, 145: 374, 153: 380, 154: 381, 155: 382, 232: 452, 231: 451, 230: 450,
    229: 449, 228: 448, 31: 261, 246: 466, 161: 388, 160: 387, 159: 386, 158: 385, 157: 384, 173: 398, 56: 286,
    28: 258, 27: 257, 29: 259, 30: 260, 70: 300, 63: 293, 105: 334, 66: 296, 107: 336, 55: 285, 65: 295,
    52: 282, 53: 283, 46: 276, 54: 284, 68: 298, 71: 301, 139: 368, 34: 264, 156: 383, 143: 372, 21: 251,
}
# fmt: on


def _mirrored(corner: Corner) -> Corner:
    return _MIRROR[corner] if isinstance(corner, int) else (_MIRROR[corner[0]], _MIRROR[corner[1]])


POLYGONS: dict[str, tuple[Corner, ...]] = {
    **{f"{name}_right": corners for name, corners in _RIGHT.items()},
    **{f"{name}_left": tuple(_mirrored(corner) for corner in corners) for name, corners in _RIGHT.items()},
    **_MIDDLE,
}
ZONES = tuple(sorted(POLYGONS))
# Each corner as a pair of landmarks; twice the same one where it is no point between two.
_PAIRS = {
    name: np.array([(corner, corner) if isinstance(corner, int) else corner for corner in corners]).T
    for name, corners in POLYGONS.items()
}


def polygon(zone: str, landmarks: FloatArray) -> FloatArray:
    """Return the corners of a zone, shape (N, 2), in the landmarks' coordinates."""
    one, other = _PAIRS[zone]
    return np.asarray((landmarks[one, :2] + landmarks[other, :2]) / 2)


def zone_mask(zone: str, landmarks: FloatArray, shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Return the pixels of a zone as a mask of the given (height, width)."""
    mask = np.zeros(shape, np.uint8)
    corners = np.round(polygon(zone, landmarks) * 16).astype(np.int32)
    cv2.fillPoly(mask, [corners], 1, shift=4)
    return mask.view(bool)
