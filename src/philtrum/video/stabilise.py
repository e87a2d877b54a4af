"""Stabilise: looks at a face in, crops with the skull held still and the displacement of every cell out.

Crops (see `crop`) are taken in blocks of about a second. In each block

1. what the landmarks leave of the head's motion is measured by `flow` in the
   reference zones (bridge of the nose, forehead, temples; never the lip) and
   taken out of the crop;
2. the mean of the block's crops becomes the new reference picture, and the
   displacement of every cell against it is measured, minus the skull's.

The last frames of a block are measured against the next reference, too, so
that displacement can run on; it starts anew when the face was lost. Only one
block of crops is held at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice

import cv2
import numpy as np
from numpy.typing import NDArray

from philtrum.video.crop import (
    CROP_HEIGHT,
    CROP_WIDTH,
    EYES_X,
    EYES_Y,
    IOD_CROP_PX,
    Aim,
    Look,
    Picture,
    Sight,
    canonical_face,
    cut,
)
from philtrum.video.face import Face
from philtrum.video.flow import FloatImage, Reference, band_pass, windowed
from philtrum.video.skull import SkullFit
from philtrum.video.zones import REFERENCE, ZONES, zone_mask

FloatArray = NDArray[np.float64]

BLOCK_S = 1.0
# Windows of the flow: cells of 5 px are 4 % IOD wide, their Gaussian window has a standard deviation of 5 % IOD.
CELL_PX = 5
CELLS = (CROP_HEIGHT // CELL_PX, CROP_WIDTH // CELL_PX)
# Brightness is levelled over squares of a quarter of the eye distance.
BAND_PX = 31
# The crop is held still to this, pixels (the rest is taken off by the flow, to first order); at most so many tries.
STILL_PX, MAX_TRIES = 0.2, 3
# Depth is taken from landmarks within about this distance, pixels.
DEPTH_PX = 6.0
# How well landmarks aim the crop, and how still it is held: standard deviations, pixels.
AIM_SD_PX, HELD_SD_PX = 0.7, 0.3
# Blocks are linked by what their references say of the same frames, so many.
N_LINKS = 5
MOUTH = np.array([EYES_X, EYES_Y + IOD_CROP_PX / 2, 1.0])


@dataclass(frozen=True, slots=True)
class Block:
    """Neighbouring frames that show the face, held still. F frames."""

    times_s: tuple[float, ...]
    faces: tuple[Face, ...]
    crops: tuple[Picture, ...]
    """Shape (CROP_HEIGHT, CROP_WIDTH) each, the skull in the same place in all of them; rounded to whole greys."""
    to_frame: FloatArray
    """Shape (F, 3, 3): affine from crop to frame."""
    displacement: FloatArray
    """Shape (F, h, w, 2): of each cell against the reference, relative to the skull, pixels, x right, y down."""
    own_pulls: FloatArray
    """Shape (F, h, w, 2): what each cell by itself says of its displacement relative to the skull (see `flow`)."""
    linking: FloatArray
    """Shape (L, h, w, 2): displacement of the last frames of the block before; none if the face was not seen then."""
    linking_pulls: FloatArray
    """Shape (L, h, w, 2): their own pulls."""
    rest: FloatArray
    """Shape (F,): root mean square of what the skull's motion leaves unexplained in the cells over bone, pixels."""
    pictures: tuple[FloatImage, ...]
    """The crops, band-passed."""
    reference: Reference
    """The block's own picture; what is not displacement of cells can be taken from it."""
    landmarks: FloatArray
    """Shape (468, 3): their mean place in the crops."""


def stabilise(
    looks: Iterable[Look], fps: float, *, canonical: FloatArray | None = None
) -> Iterator[Block | list[float]]:
    """Yield blocks of frames with the face held still, and the times of frames without a face between them.

    Parameters
    ----------
    looks : iterable of Look
        In time order.
    fps : float
        Nominal frames per second.
    canonical : array, shape (468, 3), optional
        Landmarks in the crop that all crops are aimed at; the mean face of each stretch's first block if not given.
    """
    stretch: _Stretch | None = None
    looks = iter(looks)
    while block := list(islice(looks, max(2, round(BLOCK_S * fps)))):
        for has_face, part in groupby(block, key=lambda look: look.sight is not None):
            part_looks = list(part)
            times_s = [look.t_s for look in part_looks]
            if not has_face:
                stretch = None
                yield times_s
                continue
            sights = [look.sight for look in part_looks if look.sight is not None]
            stretch = stretch or _Stretch(sights, canonical)
            yield stretch.block(times_s, sights)


def coverage(zones: Sequence[str], landmarks: FloatArray) -> FloatArray:
    """Return the share of each cell that lies in each zone, shape (Z, h, w), for landmarks in the crop."""
    masks = (zone_mask(zone, landmarks, (CROP_HEIGHT, CROP_WIDTH)).astype(np.float32) for zone in zones)
    return np.array([cv2.resize(mask, CELLS[::-1], interpolation=cv2.INTER_AREA) for mask in masks], np.float64)


class _Stretch:
    """Neighbouring blocks that all show the face."""

    def __init__(self, sights: list[Sight], canonical: FloatArray | None) -> None:
        self._canonical = canonical_face(sight.face for sight in sights) if canonical is None else canonical
        self._aim = Aim(self._canonical)
        self._off = np.zeros(6)
        self._last: list[FloatImage] = []
        first = cut(sights[0].picture.astype(np.float32), self._aim.at(sights[0]))
        self._refer_to(band_pass(first, BAND_PX), self._canonical)

    def block(self, times_s: list[float], sights: list[Sight]) -> Block:
        """Hold the frames of one block still and measure them."""
        held = [self._held_still(sight) for sight in sights]
        pictures = [picture for _, picture, _ in held]
        faces = [sight.face for sight in sights]
        to_frame = np.array([to_frame for _, _, to_frame in held])
        landmarks = _mean_landmarks(faces, to_frame)
        self._refer_to(_mean(pictures), landmarks)
        counts = coverage(ZONES, landmarks).sum(axis=0) > 0
        (moved, pulls), (linking, linking_pulls) = (self._measure(some, counts) for some in (pictures, self._last))
        self._last = pictures[-N_LINKS:]
        return Block(
            times_s=tuple(times_s),
            faces=tuple(faces),
            crops=tuple(crop for crop, _, _ in held),
            pictures=tuple(pictures),
            to_frame=to_frame,
            displacement=moved,
            own_pulls=pulls,
            linking=linking,
            linking_pulls=linking_pulls,
            rest=np.sqrt((moved[:, self._is_bony] ** 2).sum(-1).mean(axis=1)),
            reference=self._reference,
            landmarks=landmarks,
        )

    def _refer_to(self, picture: FloatImage, landmarks: FloatArray) -> None:
        """Compare with this picture from now on; the landmarks say where bone is."""
        self._reference = Reference(picture, CELL_PX)
        self._is_bony = coverage(REFERENCE, landmarks).sum(axis=0) > 0.5
        self._skull = SkullFit(self._reference, self._is_bony, _depth(landmarks))

    def _held_still(self, sight: Sight) -> tuple[Picture, FloatImage, FloatArray]:
        """Return a frame's crop with the skull where it is in the reference, band-passed too, and its place.

        What the landmarks were off by in the frame before is a good guess for this one.
        """
        aimed, whole = self._aim.at(sight), sight.picture.astype(np.float32)
        for _ in range(MAX_TRIES):
            to_picture = aimed @ self._skull.matrix(self._off)
            crop = cut(whole, to_picture)
            picture = band_pass(crop, BAND_PX)
            pull = self._reference.pull(picture)[np.newaxis]
            step = self._skull.fit(pull, expected=-self._off, expected_sd_px=AIM_SD_PX, n_rounds=2)[0]
            self._off = self._off + step
            if np.abs(self._skull.matrix(step) @ MOUTH - MOUTH).max() < STILL_PX:
                break
        return np.asarray(cv2.convertScaleAbs(crop), np.uint8), picture, np.linalg.inv(sight.to_picture) @ to_picture

    def _measure(self, pictures: list[FloatImage], counts: NDArray[np.bool_]) -> tuple[FloatArray, FloatArray]:
        """Return each cell's displacement against the reference, minus the skull's, and its own pull, (F, h, w, 2)."""
        if not pictures:
            return np.zeros((0, *CELLS, 2)), np.zeros((0, *CELLS, 2))
        own = [self._reference.own_pull(picture) for picture in pictures]
        pulls = np.array([windowed(one) for one in own])
        skulls = self._skull.displacement(self._skull.fit(pulls, expected_sd_px=HELD_SD_PX))
        return self._reference.local(pictures, own, pulls, skulls, counts=counts)


def _mean(pictures: Sequence[FloatImage]) -> FloatImage:
    """Return the mean picture."""
    total = np.zeros_like(pictures[0])
    for picture in pictures:
        cv2.add(total, picture, total)
    return np.asarray(total / np.float32(len(pictures)), np.float32)


def _mean_landmarks(faces: list[Face], to_frame: FloatArray) -> FloatArray:
    """Return the mean place of the landmarks in the crops, and their depth in the crop's scale; shape (468, 3)."""
    points = np.mean([face.landmarks for face in faces], axis=0)
    to_crop = np.linalg.inv(to_frame.mean(axis=0))
    flat = points[:, :2] @ to_crop[:2, :2].T + to_crop[:2, 2]
    depth = (points[:, 2] - points[[33, 263], 2].mean()) * np.hypot(*to_crop[:2, 0])
    return np.column_stack([flat, depth])


def _depth(landmarks: FloatArray) -> FloatArray:
    """Return the mesh's depth at each cell, shape (h, w), pixels: the mean of near landmarks."""
    # A Gaussian weight is that by rows times that by columns; beyond the face the nearest landmarks count alone.
    by_rows, by_columns = (
        np.exp(-(((np.arange(n) + 0.5) * CELL_PX - 0.5 - along[:, np.newaxis]) ** 2) / (2 * DEPTH_PX**2))
        for n, along in zip(CELLS, (landmarks[:, 1], landmarks[:, 0]), strict=True)
    )
    depth = np.einsum("nh,nw->hw", by_rows * landmarks[:, 2:], by_columns)
    return np.asarray(depth / np.einsum("nh,nw->hw", by_rows, by_columns))
