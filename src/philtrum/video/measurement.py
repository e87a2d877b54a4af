"""Measurement: all that is known from one clip (schema `philtrum.measurement/1`).

Conventions
-----------
- Times are seconds from the first frame, by presentation time stamp.
- Intervals are half-open, ``[start, end)``.
- "Left" and "right" are the person's own.
- IOD is the distance between the outer corners of the eyes; sizes are given
  in percent of it (`_pct_iod`). Millimetres assume an adult's mean distance
  (`MEAN_IOD_MM`) and are approximate.
- ``None`` means "not known" or "does not apply", never zero.

This module holds plain data only and imports neither OpenCV nor PyAV, so that
pages and reports can read a stored measurement cheaply.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

SCHEMA = "philtrum.measurement/1"

# Mean distance between the outer corners of the eyes (exocanthion to
# exocanthion) of adults, both sexes, about 90 mm: Farkas LG (1994),
# Anthropometry of the Head and Face, 2nd ed. (women 87, men 91 mm).
MEAN_IOD_MM = 89.0

Verdict = Literal["good", "usable", "refused"]
Side = Literal["left", "right", "both", "midline"]
RunPattern = Literal["isolated", "doublet", "burst", "rhythmic", "undulating", "with_eye", "sustained"]
PatternLabel = Literal["none", "isolated", "bursts", "rhythmic", "undulating", "with_eye", "sustained", "mixed"]
ExclusionReason = Literal[
    "speech", "smile", "chewing", "blink", "head_motion", "face_lost", "blur", "exposure", "duplicate_frames"
]


@dataclass(frozen=True, slots=True)
class ClipInfo:
    """What was measured: the file itself."""

    name: str
    """File name without folders."""
    sha256: str
    duration_s: float
    """Last minus first presentation time, plus one frame."""
    n_frames: int
    """Frames decoded."""
    fps: float
    """Mean frames per second (not a clock: every frame has its own time)."""
    width: int
    """Upright width, pixels."""
    height: int
    """Upright height, pixels."""
    codec: str


@dataclass(frozen=True, slots=True)
class Reason:
    """One remark on quality: what was seen, and what would help."""

    id: str
    text: str
    advice: str


@dataclass(frozen=True, slots=True)
class Quality:
    """Can the clip be trusted, and how small a twitch could it have shown."""

    verdict: Verdict
    reasons: tuple[Reason, ...]
    """Most important first; the first one's `advice` is the one to follow."""
    face_visible_fraction: float
    """Share of the clip's time with a usable face, 0-1."""
    iod_px: float | None
    noise_pct_iod: float | None
    """Standard deviation of the lip's displacement at rest."""
    detectable_pct_iod: float | None
    """Smallest twitch found 9 times in 10 in this clip."""


@dataclass(frozen=True, slots=True)
class Twitch:
    """One found movement of the upper lip: a rise and a fall."""

    onset_s: float
    apex_s: float
    offset_s: float
    amplitude_pct_iod: float
    """Largest displacement relative to the skull."""
    amplitude_mm: float
    """Approximate: assumes `MEAN_IOD_MM`."""
    direction_deg: float
    """Direction at the apex: 0 to the person's left, 90 up, 180 to the right, 270 down."""
    side: Side
    zones: dict[str, float]
    """Displacement of every upper-lip zone at the apex, % IOD."""
    partners: tuple[str, ...]
    """Zones outside the lip that moved with it, for example `lower_eyelid_left`."""
    confidence: float
    """0-1: how far the movement stands above what noise does in this clip; not a probability of disease."""


@dataclass(frozen=True, slots=True)
class Run:
    """Twitches that belong together in time."""

    start_s: float
    end_s: float
    pattern: RunPattern
    frequency_hz: float | None
    side: Side
    n_twitches: int


@dataclass(frozen=True, slots=True)
class Pattern:
    """How the clip's twitches are arranged in time and space."""

    label: PatternLabel
    frequency_hz: float | None
    """Beats per second of the rhythm, where there is one."""
    regularity: float | None
    """0 (irregular) to 1 (metronome); ``None`` with fewer than three twitches."""
    why: tuple[str, ...]
    """The figures behind the label, in plain sentences."""


@dataclass(frozen=True, slots=True)
class Summary:
    """The numbers that a reader wants first."""

    n_twitches: int
    rate_per_min: float | None
    """Twitches per observed minute."""
    observed_s: float
    """Time in which a twitch could have been seen."""
    time_twitching_fraction: float | None
    """Share of the observed time inside a run."""
    median_amplitude_pct_iod: float | None
    dominant_side: Side | None


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Time in which no twitch could have been told from something else."""

    start_s: float
    end_s: float
    reason: ExclusionReason


@dataclass(frozen=True, slots=True)
class Measurement:
    """Everything known from one clip."""

    method: str
    """Version of philtrum that measured."""
    clip: ClipInfo
    quality: Quality
    twitches: tuple[Twitch, ...] = ()
    runs: tuple[Run, ...] = ()
    pattern: Pattern = field(default_factory=lambda: Pattern("none", None, None, ()))
    summary: Summary = field(default_factory=lambda: Summary(0, None, 0.0, None, None, None))
    excluded: tuple[Exclusion, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the measurement as plain data, schema name first."""
        return {"schema": SCHEMA, **asdict(self)}

    def to_json(self) -> str:
        """Return the measurement as JSON text; the same measurement gives the same text."""
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
