"""What the benchmarks share: faces from pictures and clips, and the clips of a folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from skimage import data, io

from philtrum.errors import PhiltrumError
from philtrum.video.clip import open_clip
from philtrum.video.face import Face, FaceFinder, FaceTracker
from philtrum.video.frame import frame_from_rgb

Picture = NDArray[np.uint8]

VIDEO_SUFFIXES = {".mp4", ".mov", ".webm", ".mkv", ".avi"}
PICTURE_SUFFIXES = {".png", ".jpg", ".jpeg", ".webp"}


def find_portraits(folder: Path | None) -> list[Picture]:
    """Return the faces of a folder's pictures and clips (first frame with a face), cut out; else the astronaut's."""
    if folder is None:
        return [_around_face(np.asarray(data.astronaut(), np.uint8))]
    portraits = []
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() in VIDEO_SUFFIXES | PICTURE_SUFFIXES:
            try:
                portraits.append(_around_face(_read_face(path)))
            except PhiltrumError as error:
                print(f"left out: {error}")
    return portraits


def _read_face(path: Path) -> Picture:
    if path.suffix.lower() in PICTURE_SUFFIXES:
        return np.asarray(io.imread(path), np.uint8)[..., :3]
    tracker = FaceTracker(FaceFinder())
    with open_clip(path) as reader:
        frame = next((frame for frame in reader if tracker.update(frame) is not None), None)
    if frame is None:
        raise PhiltrumError("portrait-without-face", f"{path.name}: no face in it.", "Choose another clip.")
    return frame.rgb(np.eye(2, 3), (frame.luma.shape[1], frame.luma.shape[0]))


def _around_face(picture: Picture) -> Picture:
    """Cut a picture down to 4 x 4.4 eye distances around the face: it fills the frame, as in a selfie."""
    face = find_face(picture)
    middle = face.landmarks[:, :2].mean(axis=0)
    reach = np.array([2.0, 2.2]) * face.iod_px
    low, high = np.clip(middle - reach, 0, None).astype(int), np.ceil(middle + reach).astype(int)
    return np.ascontiguousarray(picture[low[1] : high[1], low[0] : high[0]])


def find_face(picture: Picture) -> Face:
    """Return the face of an RGB picture."""
    face = FaceTracker(FaceFinder()).update(frame_from_rgb(picture))
    if face is None:
        raise PhiltrumError("portrait-without-face", "No face in the picture.", "Choose another picture.")
    return face


def videos_of(folder: Path) -> list[Path]:
    """Return the clips of a folder in the order of their names."""
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in VIDEO_SUFFIXES)
