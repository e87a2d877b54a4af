"""Bases: real clips that movements are added to; whole, or their longest stretch with the mouth at rest.

Landmarks are taken from every fifth frame, fitted by a similarity to the clip's median face, and smoothed over time, so
that the added movements do not jitter.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from faces import Portrait, is_in_set, portrait, to_face_units
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d, maximum_filter1d, minimum_filter1d
from warp import Planes, Still

from philtrum.errors import PhiltrumError
from philtrum.video.clip import Frame, open_clip
from philtrum.video.face import Face, FaceFinder, FaceTracker

FloatArray = NDArray[np.float64]

VIDEO_SUFFIXES = {".mp4", ".mov", ".webm", ".mkv", ".avi"}
EVERY = 5
SMOOTH_S = 0.2
MAX_S, LEAST_S, LEAST_REST_S, FILLED_S = 20.0, 4.0, 3.0, 10.0
# Travel of mouth landmarks against the face within a second, in % IOD: above it the mouth is not at rest.
REST_TRAVEL_PCT_IOD = 3.0
# A portrait's face may be this far from plain (see `_grimace`), and this far, share of the picture, from its border.
PLAIN, MARGIN = 1.7, 0.05
LEAST_PORTRAIT_PX, EYES_OPEN_IOD = 80.0, 0.08
_MOUTH = (61, 291, 0, 17, 13, 14, 37, 267, 200)


@dataclass(frozen=True, slots=True, eq=False)
class Base:
    """A stretch of a real clip, and where the face is in each of its frames."""

    path: Path
    name: str
    sha256: str
    first: int
    stop: int
    fps: float
    width: int
    height: int
    landmarks: FloatArray
    """Median face, face units, shape (468, 3)."""
    to_picture: FloatArray
    """Affines from face units to pixels, one a frame of the stretch, shape (F, 2, 3)."""
    is_whole: bool

    @property
    def iod_px(self) -> float:
        """Median distance of the outer eye corners."""
        return float(np.median(np.hypot(self.to_picture[:, 0, 0], self.to_picture[:, 1, 0])))

    @property
    def duration_s(self) -> float:
        """Length that can be filmed; a short stretch at rest is played there and back until it is long enough."""
        length_s = (self.stop - self.first) / self.fps
        if self.is_whole or length_s >= FILLED_S:
            return min(MAX_S, length_s)
        return length_s * int(np.ceil(FILLED_S / length_s))

    def stills(self, n_frames: int) -> Iterator[Still]:
        """Yield the frames."""
        kept: list[Still] = []
        is_repeated = n_frames > self.stop - self.first
        with open_clip(self.path) as reader:
            for frame in reader:
                if self.first <= frame.index < min(self.stop, self.first + n_frames):
                    still = Still(_planes(frame, self), self.to_picture[frame.index - self.first])
                    kept += [still] if is_repeated else []
                    yield still
        cycle = len(kept[::-1][1:] + kept[1:]) if len(kept) > 1 else 0
        for index in range(n_frames - len(kept) if is_repeated else 0):
            yield (kept[::-1][1:] + kept[1:])[index % cycle]


@dataclass(frozen=True, slots=True, eq=False)
class _Track:
    """Landmarks of every fifth frame; NaN where no face was followed."""

    frames: NDArray[np.int64]
    landmarks: FloatArray
    n_frames: int
    fps: float
    size: tuple[int, int]


def find_bases(folder: Path | None, set_name: str, cache: Path) -> tuple[list[Base], list[Base], list[Portrait]]:
    """Return the set's clips: whole, their rest, and a portrait out of each (its most usual face)."""
    whole, rest, portraits = [], [], []
    for path in sorted(folder.iterdir()) if folder else ():
        if path.suffix.lower() not in VIDEO_SUFFIXES or not is_in_set(path, set_name):
            continue
        try:
            sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
            track = _track(path, cache / f"track-{sha256[:12]}.npz")
        except PhiltrumError:
            continue
        seen = np.isfinite(track.landmarks[:, 0, 0])
        for mask, bases, least_s in ((seen, whole, LEAST_S), (_is_at_rest(track, seen), rest, LEAST_REST_S)):
            stretch = _longest(mask)
            if (stretch[1] - stretch[0]) * EVERY / track.fps >= least_s:
                bases.append(_base(path, sha256, track, stretch, bases is whole))
        face = _still_of(path, track)
        portraits += [face] if face is not None else []
    return whole, rest, portraits


def _track(path: Path, cache: Path) -> _Track:
    if cache.exists():
        kept = np.load(cache)
        size = tuple(int(side) for side in kept["size"])
        return _Track(kept["frames"], kept["landmarks"], int(kept["n"]), float(kept["fps"]), size)
    tracker = FaceTracker(FaceFinder())
    frames, found = [], []
    with open_clip(path) as reader:
        for frame in reader:
            if frame.index % EVERY == 0:
                face = tracker.update(frame)
                frames.append(frame.index)
                found.append(face.landmarks if face is not None else np.full((468, 3), np.nan))
        info = reader.summarise()
    size = info.width // 2 * 2, info.height // 2 * 2
    track = _Track(np.array(frames), np.array(found), info.n_frames, info.fps, size)
    np.savez(cache, frames=track.frames, landmarks=track.landmarks, n=track.n_frames, fps=track.fps, size=size)
    return track


def _base(path: Path, sha256: str, track: _Track, stretch: tuple[int, int], is_whole: bool) -> Base:
    part = slice(*stretch)
    units, affines = _fitted(track.landmarks[part])
    first, last = int(track.frames[part][0]), int(track.frames[part][-1])
    frames = np.arange(first, last + 1)
    dense = np.array([np.interp(frames, track.frames[part], values) for values in affines.reshape(-1, 6).T]).T
    smooth = gaussian_filter1d(dense, SMOOTH_S * track.fps, axis=0, mode="nearest").reshape(-1, 2, 3)
    name = path.name if is_whole else f"{path.name} at rest"
    return Base(path, name, sha256, first, last + 1, track.fps, *track.size, units, smooth, is_whole)


def _fitted(landmarks: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the median face in face units, and the similarity from it to each frame, shape (F, 2, 3)."""
    median = np.median([to_face_units(one) for one in landmarks], axis=0)
    centre = median[:, :2].mean(axis=0)
    x, y = (median[:, :2] - centre).T
    affines = []
    for one in landmarks[..., :2]:
        middle = one.mean(axis=0)
        u, v = (one - middle).T
        a, b = (np.array([x @ u + y @ v, x @ v - y @ u]) / (x @ x + y @ y)).tolist()
        turn = np.array([[a, -b], [b, a]])
        affines.append(np.column_stack([turn, middle - turn @ centre]))
    return median, np.array(affines)


def _is_at_rest(track: _Track, seen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell for every tracked frame whether the mouth keeps still within a second around it."""
    if not seen.any():
        return seen
    median, affines = _fitted(track.landmarks[seen])
    back = np.linalg.inv(affines[:, :, :2])
    units = np.einsum("fij,fnj->fni", back, track.landmarks[seen][..., :2] - affines[:, np.newaxis, :, 2])
    mouth = np.full((len(seen), 2 * len(_MOUTH)), np.nan)
    mouth[seen] = (units - median[:, :2])[:, _MOUTH].reshape(-1, 2 * len(_MOUTH))
    window = max(2, round(track.fps / EVERY)) | 1
    low = minimum_filter1d(np.nan_to_num(mouth, nan=-9.0), window, axis=0)
    high = maximum_filter1d(np.nan_to_num(mouth, nan=9.0), window, axis=0)
    return np.asarray((100 * (high - low).max(axis=1) < REST_TRAVEL_PCT_IOD) & seen)


def _longest(mask: NDArray[np.bool_]) -> tuple[int, int]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(np.int8), [0]]))).reshape(-1, 2)
    return max(((int(a), int(b)) for a, b in edges), key=lambda run: run[1] - run[0], default=(0, 0))


def _still_of(path: Path, track: _Track) -> Portrait | None:
    """Return the plainest face of a clip as a portrait; None where no face is plain enough."""
    grimaces = [_grimace(one, track.size) for one in track.landmarks]
    if min(grimaces, default=np.inf) > PLAIN:
        return None
    index = int(track.frames[int(np.argmin(grimaces))])
    with open_clip(path) as reader:
        frame = next(frame for frame in reader if frame.index == index)
    height, width = frame.luma.shape
    return portrait(path.name, frame.rgb(np.eye(2, 3), (width, height)))


def _grimace(landmarks: FloatArray, size: tuple[int, int]) -> float:
    """Tell how far a face is from plain: it looks ahead, mouth closed and even; infinite if it is cut off or small."""
    points = landmarks[:, :2]
    margin = MARGIN * min(size)
    face, units = Face(landmarks, 1.0), to_face_units(landmarks)
    is_whole = bool(((points > margin) & (points < np.array(size) - margin)).all())
    if not is_whole or face.iod_px < LEAST_PORTRAIT_PX:
        return float("inf")
    uneven = abs(units[61, 1] - units[291, 1]) + abs(units[[61, 291], 0].mean() - units[[168, 1], 0].mean())
    gap = abs(units[13, 1] - units[14, 1])
    shut = max(0.0, EYES_OPEN_IOD - float((units[[145, 374], 1] - units[[159, 386], 1]).min()))
    return float((abs(face.yaw_deg) + abs(face.pitch_deg)) / 15 + (uneven + gap + 2 * shut) / 0.05)


def _planes(frame: Frame, base: Base) -> Planes:
    half = base.width // 2, base.height // 2
    luma = np.ascontiguousarray(frame.luma[: base.height, : base.width])
    blue, red = (
        plane if plane.shape == half[::-1] else cv2.resize(plane, half, interpolation=cv2.INTER_AREA)
        for plane in (frame.cb, frame.cr)
    )
    return luma, np.asarray(blue, np.uint8), np.asarray(red, np.uint8)
