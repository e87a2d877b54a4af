"""Scene: everything that determines a filmed clip, and what is true in it; plain data that goes to JSON and back.

Times are seconds from the first frame; intervals half-open; left and right are the person's own; directions: 0 to the
person's left, 90 up.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from movement import Movement


@dataclass(frozen=True, slots=True)
class TrueTwitch:
    """One twitch put in; onset and offset at 5 % of its peak."""

    onset_s: float
    apex_s: float
    offset_s: float
    amplitude_pct_iod: float
    direction_deg: float
    side: str
    partners: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TrueRun:
    """Movement that belongs together; a continuous one (tremor, ripple, pull) has no true twitches of its own."""

    start_s: float
    end_s: float
    pattern: str
    side: str
    frequency_hz: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Camera:
    """How the camera, or the head as a whole, moves."""

    sway_pct_iod: float = 0.5
    """Slow (0.1-0.7 Hz), standard deviation."""
    shake_pct_iod: float = 0.0
    """Hand-held (2-9 Hz), standard deviation."""
    roll_deg: float = 0.0
    """Slow turn in the picture's plane, standard deviation."""
    breath_pct_iod: float = 0.0
    """Vertical bob at 0.25 Hz, with a scale change a tenth as large."""
    zoom: float = 0.0
    """Share by which the picture grows and shrinks, 6 s a cycle."""
    noise_grey: float = 1.5
    """Standard deviation, of 255."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Light:
    """How the light changes."""

    drift: float = 0.02
    gain: float = 1.0
    steps: tuple[tuple[float, float, float], ...] = ()
    """(time, gain from then on, seconds it takes)."""
    whites: tuple[tuple[float, float, float], ...] = ()
    """(time, blue difference, red difference): jumps of the white balance, grey levels."""
    flicker: float = 0.0
    flicker_hz: float = 1.0
    shadows: tuple[tuple[float, float, float, float], ...] = ()
    """(start, seconds to cross, depth, angle in degrees): a dark half-plane that comes and goes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """What lies on the face."""

    beard: float = 0.0
    """Density of the hairs, 0-1."""
    has_glasses: bool = False
    hands: tuple[tuple[float, float, float, float], ...] = ()
    """(start, seconds, x, y): a hand comes in, rests with its finger tips at x, y (face units) and leaves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """What the recorder does with frames; their times stay true."""

    dropped: float = 0.0
    duplicated: float = 0.0
    jitter: float = 0.0
    """Standard deviation of the interval, share of it; the mean interval wanders by twice as much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coding:
    """How the clip is compressed."""

    codec: str = "libx264"
    crf: int = 19
    gop: int = 0
    """Frames from key to key; 0 = the encoder's choice."""
    suffix: str = ".mp4"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One clip before it is filmed."""

    duration_s: float
    fps: float
    width: int
    height: int
    iod_px: float
    seed: int
    movements: tuple[Movement, ...] = ()
    twitches: tuple[TrueTwitch, ...] = ()
    runs: tuple[TrueRun, ...] = ()
    camera: Camera = Camera()
    light: Light = Light()
    cover: Cover = Cover()
    timing: Timing = Timing()
    coding: Coding = Coding()


def to_json(scene: Scene) -> str:
    """Return a scene as JSON; the same scene gives the same text."""
    return json.dumps(asdict(scene), sort_keys=True)
