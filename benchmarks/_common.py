"""What the benchmarks share: filmings drawn by lot, faces to play them, and pairing of true and found twitches.

The same set, seed and number draw the same filming, whatever else is drawn.
Times are seconds from the first frame; sizes are % IOD.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from skimage import data, io

from philtrum.errors import PhiltrumError
from philtrum.video.clip import open_clip
from philtrum.video.face import Face, FaceFinder, FaceTracker
from philtrum.video.frame import frame_from_rgb
from philtrum.video.measurement import Twitch
from philtrum.video.simulate import Distractor, Scene, SimTwitch, simulate_clip

Picture = NDArray[np.uint8]

APEX_WITHIN_S = 0.1
CLIP_S = 15.0
SETS = ("development", "check")
"""Constants may be tuned on the first set only."""

# Kinds of clips in the order in which they are drawn; then again from the start.
KINDS = (
    *("twitches", "speech", "twitches", "still", "twitches", "smile", "twitches", "twitches", "blink", "twitches"),
    *("twitches", "speech", "twitches", "still", "twitches", "smile", "twitches", "twitches", "blink", "twitches"),
)
# How long one distractor lasts, how often it begins, and how large it is.
DISTRACTORS = {"speech": (2.0, 3.0, 5.0), "smile": (1.5, 3.0, 6.0), "blink": (0.2, 1.5, 3.0)}
DISTRACTED_S = 9.0
"""Distractors come before this time, twitches of the same clip after it."""
FRAMES_PER_S = (24.0, 25.0, 30.0, 48.0, 60.0)
VIDEO_SUFFIXES = {".mp4", ".mov", ".webm", ".mkv", ".avi"}
PICTURE_SUFFIXES = {".png", ".jpg", ".jpeg", ".webp"}


@dataclass(frozen=True, slots=True)
class Filming:
    """One clip before it is made."""

    kind: str
    """`twitches`, `still`, or the distractor that comes before the twitches."""
    scene: Scene
    iod_px: float


def draw_filming(set_name: str, seed: int, number: int) -> Filming:
    """Draw what happens in a clip and how it is filmed: face of 85-250 px, 24-60 frames per second, noise, coding."""
    rng = np.random.default_rng([SETS.index(set_name), seed, number])
    kind = KINDS[number % len(KINDS)]
    scene = Scene(
        duration_s=CLIP_S,
        fps=float(rng.choice(FRAMES_PER_S)),
        sway_pct_iod=rng.uniform(0.3, 2.0),
        shake_pct_iod=rng.uniform(0.0, 0.2),
        noise_grey=rng.uniform(0.8, 2.5),
        crf=int(rng.integers(14, 24)),
        seed=int(rng.integers(1 << 30)),
        twitches=() if kind == "still" else _draw_twitches(rng, DISTRACTED_S + 1 if kind in DISTRACTORS else 0.8),
        distractors=_draw_distractors(kind, rng) if kind in DISTRACTORS else (),
    )
    return Filming(kind, scene, float(85 * (250 / 85) ** rng.uniform()))


def _draw_twitches(rng: np.random.Generator, first_s: float) -> tuple[SimTwitch, ...]:
    """Draw twitches of all sizes (evenly on a logarithmic scale), sides and directions, 0.7-1.6 s apart."""
    twitches = []
    onset_s = first_s
    while onset_s < CLIP_S - 0.8:
        twitches.append(
            SimTwitch(
                onset_s=onset_s,
                duration_s=rng.uniform(0.08, 0.35),
                amplitude_pct_iod=float(0.3 * 10 ** rng.uniform()),
                side=str(rng.choice(["left", "right", "midline", "both"], p=[0.35, 0.35, 0.2, 0.1])),
                direction_deg=rng.uniform(0, 360),
                rise_fraction=rng.uniform(0.3, 0.5),
                width_iod=rng.uniform(0.14, 0.3),
            )
        )
        onset_s += rng.uniform(0.7, 1.6)
    return tuple(twitches)


def _draw_distractors(kind: str, rng: np.random.Generator) -> tuple[Distractor, ...]:
    lasts_s, every_s, size = DISTRACTORS[kind]
    starts_s = np.arange(1.0, DISTRACTED_S - lasts_s, every_s)
    return tuple(Distractor(kind, float(start_s), lasts_s, size, int(rng.integers(99))) for start_s in starts_s)


def film(path: Path, filming: Filming, portrait: Picture) -> Path:
    """Write the clip of a filming."""
    return simulate_clip(path, portrait, filming.scene, iod_px=filming.iod_px)


def match(true: Sequence[SimTwitch], found: Sequence[Twitch]) -> list[tuple[SimTwitch, Twitch]]:
    """Pair true and found twitches one to one, apices at most `APEX_WITHIN_S` apart: as many pairs as possible."""
    off_s = np.abs(np.subtract.outer([twitch.apex_s for twitch in true], [twitch.apex_s for twitch in found]))
    rows, columns = linear_sum_assignment(np.where(off_s <= APEX_WITHIN_S, off_s, 1e3)) if off_s.size else ((), ())
    return [(true[i], found[j]) for i, j in zip(rows, columns, strict=True) if off_s[i, j] <= APEX_WITHIN_S]


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
