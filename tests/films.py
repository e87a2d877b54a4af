"""Simulated clips of a face, and the face itself: what tests of the measuring look at."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import cache
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from philtrum.video.clip import frame_from_rgb, open_clip
from philtrum.video.face import Face, FaceFinder, FaceTracker
from philtrum.video.frame import Frame
from philtrum.video.simulate import Distractor, Scene, SimTwitch, render, simulate_clip

Picture = NDArray[np.uint8]

IOD_PX = 110.0
TWITCHES = (
    SimTwitch(1.0, 0.2, 2.0, "left"),
    SimTwitch(2.6, 0.25, 2.5, "right"),
    SimTwitch(4.4, 0.2, 2.0, "left", partners=("lower_eyelid_left",)),
)
SCENES = {
    "twitching": Scene(6.0, twitches=TWITCHES, seed=1),
    "still": Scene(6.0, seed=2),
    "talking": Scene(
        9.0, distractors=(Distractor("speech", 1.5, 2.0), Distractor("smile", 5.0, 1.5), Distractor("blink", 7.8, 0.3))
    ),
    "two": Scene(3.5, seed=4),
}


@cache
def astronaut() -> Picture:
    """Return a face of about 62 px between the outer eye corners."""
    from skimage.data import astronaut

    return np.ascontiguousarray(astronaut()[20:230, 115:335])


def side_by_side(small: float) -> Picture:
    """Return the astronaut twice: as she is on the right of the picture, and `small` times her size on the left."""
    face = astronaut()
    other = cv2.resize(face, None, fx=small, fy=small, interpolation=cv2.INTER_AREA)
    left = np.full((face.shape[0], other.shape[1], 3), 90, np.uint8)
    left[: len(other)] = other
    return np.hstack([left, face])


def drawing(width: int = 320, height: int = 320) -> Picture:
    """Return a face as a child draws it: lines on white paper."""
    paper = np.full((height, width, 3), 255, np.uint8)
    middle = (width // 2, height // 2)
    cv2.circle(paper, middle, height // 3, (0, 0, 0), 3)
    for side in (-1, 1):
        cv2.line(paper, (middle[0] + side * 40, middle[1] - 40), (middle[0] + side * 40, middle[1] - 25), (0, 0, 0), 3)
    cv2.ellipse(paper, (middle[0], middle[1] + 20), (50, 30), 0, 20, 160, (0, 0, 0), 3)
    return paper


def shoot(folder: Path, name: str) -> Path:
    """Return the clip of a scene; the first of several processes to ask makes it, and the others wait."""
    path, lock = folder / f"{name}.mp4", folder / f"{name}.lock"
    while not path.exists():
        try:
            lock.mkdir()
        except FileExistsError:
            time.sleep(0.1)
            continue
        try:
            if not path.exists():
                simulate_clip(path, side_by_side(0.9) if name == "two" else astronaut(), SCENES[name], iod_px=IOD_PX)
        finally:
            lock.rmdir()
    return path


@cache
def large_face() -> tuple[Picture, Face]:
    """Return the astronaut enlarged to `IOD_PX`, and her landmarks."""
    scale = IOD_PX / 62.3
    picture = np.asarray(cv2.resize(astronaut(), None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC), np.uint8)
    face = FaceTracker(FaceFinder()).update(frame_from_rgb(picture))
    assert face is not None
    return picture, face


def frames_of(scene: Scene) -> list[Frame]:
    """Return the frames of a scene, never coded."""
    n_frames = round(scene.duration_s * scene.fps)
    pictures = render(((n / scene.fps, *large_face()) for n in range(n_frames)), scene)
    return [frame_from_rgb(picture, index=n, t_s=n / scene.fps) for n, picture in enumerate(pictures)]


def pictures_of(path: Path, n_frames: int | None = None) -> Iterator[Picture]:
    """Yield the first pictures of a clip in colour."""
    with open_clip(path) as clip:
        for frame in islice(clip, n_frames):
            yield frame.rgb(np.eye(2, 3), frame.luma.shape[::-1])
