"""Motion of a face made of numbers: noise, and pulses of known time, size and place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from philtrum.video.motion import Motion
from philtrum.video.response import FLOW_WINDOW_IOD
from philtrum.video.zones import LIP, ZONES

FPS = 30.0
NOISE_PCT_IOD = 0.04
LEFT, MIDDLE, RIGHT = 0.17, 0.0, -0.17
_X, _Y = np.meshgrid(np.linspace(-0.27, 0.27, 15), [-0.62, -0.58, -0.54, -0.5])
SPOTS = np.column_stack([_X.ravel(), _Y.ravel()])


def still(duration_s: float = 20.0, *, seed: int = 0, fps: float = FPS) -> Motion:
    """Return a face that does not move: white noise, partly shared by all spots of the lip."""
    rng = np.random.default_rng(seed)
    n = round(duration_s * fps)

    def noise(*shape: int) -> NDArray[np.float64]:
        return rng.normal(0, NOISE_PCT_IOD, (n, *shape))

    return Motion(
        t_s=np.arange(n) / fps,
        displacement=noise(len(ZONES), 2),
        lip=noise(len(SPOTS), 2) + noise(1, 2),
        lip_spots=SPOTS,
        skull=noise(2),
        rest=0.1 + 0.1 * noise(),
        brightness=128 + noise(),
        sharpness=1 + 0.1 * noise(),
        is_duplicate=np.zeros(n, bool),
        iod_px=np.full(n, 120.0),
        pose_deg=noise(3),
        mouth_opening=1 + noise(),
    )


def pulse(t_s: NDArray[np.float64], apex_s: float, length_s: float = 0.2) -> NDArray[np.float64]:
    """Return a raised cosine, 0-1, of the given length around its apex."""
    phase = (t_s - apex_s) / length_s
    return np.where(np.abs(phase) < 0.5, 0.5 + 0.5 * np.cos(2 * np.pi * phase), 0)


def moved(
    motion: Motion,
    course: NDArray[np.float64],
    *,
    size: float = 2.0,
    x: float = LEFT,
    direction_deg: float = 90.0,
    zones: Mapping[str, float] | None = None,
) -> Motion:
    """Add a bump of the lip that follows a course, shape (T,), and zones outside it by shares of its size."""
    angle = np.radians(direction_deg)
    move = size * course[:, np.newaxis] * [np.cos(angle), np.sin(angle)]
    width, seen = 0.1**2, 0.1**2 + FLOW_WINDOW_IOD**2
    off = ((SPOTS - [x, np.median(SPOTS[:, 1])]) ** 2).sum(axis=1)
    bump = width / seen * np.exp(-off / (2 * seen))
    shares = dict.fromkeys(ZONES, 0.0) | (zones or {})
    for zone, part in zip(LIP, (SPOTS[:, 0] > 0.09, np.abs(SPOTS[:, 0]) <= 0.09, SPOTS[:, 0] < -0.09), strict=True):
        shares[zone] = float(bump[part].mean())
    return replace(
        motion,
        lip=motion.lip + bump[:, np.newaxis] * move[:, np.newaxis],
        displacement=motion.displacement + np.array([shares[zone] for zone in ZONES])[:, None] * move[:, np.newaxis],
    )


def twitching(motion: Motion, *apices_s: float, length_s: float = 0.2, **how: object) -> Motion:
    """Add one pulse at each of the given times."""
    for apex_s in apices_s:
        motion = moved(motion, pulse(motion.t_s, apex_s, length_s), **how)  # type: ignore[arg-type]
    return motion


def shifted_zone(motion: Motion, course: NDArray[np.float64], *names: str) -> Motion:
    """Let whole zones, and nothing else, go up and down by a course in % IOD, shape (T,)."""
    displacement = motion.displacement.copy()
    for name in names:
        displacement[:, ZONES.index(name), 1] += course
    return replace(motion, displacement=displacement)


def lost(motion: Motion, from_s: float, to_s: float) -> Motion:
    """Take the face away for a while."""
    gone = (motion.t_s >= from_s) & (motion.t_s < to_s)
    names = ("displacement", "lip", "skull", "rest", "brightness", "sharpness", "iod_px", "pose_deg", "mouth_opening")
    columns = {name: getattr(motion, name).copy() for name in names}
    for column in columns.values():
        column[gone] = np.nan
    return replace(motion, **columns)
