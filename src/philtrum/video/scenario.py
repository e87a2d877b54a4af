"""Scenes drawn by lot, and the face that plays them: what `philtrum simulate` films.

The same seed draws the same scene. Times are seconds from the first frame.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import cv2
import numpy as np

from philtrum.errors import ClipError
from philtrum.video.clip import open_clip
from philtrum.video.simulate import Picture, Scene, SimTwitch, simulate_clip, simulate_on_clip

# A twitch of the lip muscles lasts 0.04-0.5 s; two of them are kept apart so that each can be told.
LASTS_S = (0.10, 0.35)
APART_S = 0.25
SIZE_PCT_IOD = (0.8, 3.0)
PICTURES = {".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff"}


def draw_scene(n_twitches: int, *, duration_s: float, fps: float = 30.0, seed: int = 0) -> Scene:
    """Draw a scene of twitches of random time, length, size, side and direction, none overlapping.

    Parameters
    ----------
    n_twitches : int
        How many, 0 or more.
    duration_s : float
        Length of the clip, seconds.
    fps : float
        Frames per second.
    seed : int
        The same seed draws the same scene.

    Raises
    ------
    ClipError: ``scene-too-short`` (the twitches would overlap).
    """
    least_s = n_twitches * (LASTS_S[1] + APART_S)
    if duration_s < least_s:
        raise ClipError(
            "scene-too-short",
            f"{n_twitches} twitches do not fit into {duration_s:g} s; they need {least_s:.1f} s.",
            "Ask for fewer twitches or more seconds.",
        )
    share_s = duration_s / max(n_twitches, 1)
    rng = np.random.default_rng(seed)
    twitches = tuple(_draw_twitch(rng, n * share_s, share_s) for n in range(n_twitches))
    return Scene(duration_s=duration_s, fps=fps, twitches=twitches, seed=seed)


def film_scene(path: Path, scene: Scene, *, portrait: Path | None = None, base: Path | None = None) -> None:
    """Write a clip of a scene, played by a portrait, by a real clip, or by scikit-image's astronaut.

    Parameters
    ----------
    path : Path
        Clip to write.
    scene : Scene
        What happens.
    portrait : Path, optional
        Picture file (JPEG, PNG, WebP) with one face.
    base : Path, optional
        Clip of a face; goes before `portrait`.

    Raises
    ------
    ClipError: ``portrait-missing`` (neither is given and scikit-image is not
        installed), ``portrait-without-face``, and those of `clip.open_clip`.
    """
    if base is not None:
        simulate_on_clip(path, base, scene)
    else:
        simulate_clip(path, _read_astronaut() if portrait is None else read_portrait(portrait), scene)


def read_portrait(path: Path) -> Picture:
    """Read a picture file, or a clip's first frame, as RGB, shape (H, W, 3); errors as `clip.open_clip`."""
    if path.suffix.lower() in PICTURES and path.is_file():
        picture = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
        if picture is not None:
            return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8)
    with open_clip(path) as reader:
        return next(iter(reader)).rgb(np.eye(2, 3), (reader.info.width, reader.info.height))


def read_length_s(path: Path) -> float | None:
    """Read the length that a clip states, seconds; None where it states none. Errors as `clip.open_clip`."""
    with open_clip(path) as reader:
        return reader.info.duration_s


def render_truth(scene: Scene) -> str:
    """Return what happens in a scene as JSON text (schema `philtrum.truth/1`)."""
    twitches = [{**asdict(twitch), "apex_s": twitch.apex_s, "offset_s": twitch.offset_s} for twitch in scene.twitches]
    truth = {"schema": "philtrum.truth/1", "duration_s": scene.duration_s, "seed": scene.seed, "twitches": twitches}
    return json.dumps(truth, indent=2) + "\n"


def _read_astronaut() -> Picture:
    try:
        from skimage.data import astronaut
    except ImportError as error:
        what = "There is no face to simulate with: neither a portrait nor a clip is given."
        raise ClipError("portrait-missing", what, "Give --portrait IMAGE or --base CLIP.") from error
    return np.asarray(astronaut(), np.uint8)


def _draw_twitch(rng: np.random.Generator, start_s: float, share_s: float) -> SimTwitch:
    lasts_s = rng.uniform(*LASTS_S)
    return SimTwitch(
        onset_s=float(start_s + rng.uniform(APART_S, share_s - lasts_s)),
        duration_s=float(lasts_s),
        amplitude_pct_iod=float(rng.uniform(*SIZE_PCT_IOD)),
        side=str(rng.choice(["left", "right", "midline", "both"])),
        direction_deg=float(rng.uniform(60, 120)),
    )
