"""Conditions: what each kind of clip shows, drawn by lot; the same set and number draw the same clip.

A name with a plus sign is the condition without it, filmed alike, with twitches added.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import behaviour
import filming
import numpy as np
from draw import Script
from faces import SETS
from scene import Camera, Coding, Scene

CLIP_S = 12.0
HEAD_IOD = (2.2, 2.9)
"""How much of the head must fit into the frame, in eye distances."""
FRAME_SIZES = ((360, 640), (640, 360), (480, 640), (640, 480), (720, 1280), (1280, 720), (1080, 1920), (1920, 1080))
# Sizes of the face (px) and frame rates; the narrow choice keeps clips cheap where neither is the question.
WIDE = (85.0, 330.0), (24.0, 25.0, 30.0, 30.0, 50.0, 60.0)
NARROW = (95.0, 215.0), (24.0, 25.0, 30.0, 30.0)
ALL_SIZES, EASY_SIZES = (0.2, 3.0), (0.5, 3.0)

Plot = Callable[[Script, float], None]
"""Puts twitches into a clip of a given length."""
Change = Callable[[Script, Scene], Scene]
"""Changes how a clip is filmed, or adds movements that are no twitches."""
Group = Literal["animated", "patterns", "real", "behaviour", "filming"]


@dataclass(frozen=True, slots=True)
class Condition:
    """One row of clips."""

    name: str
    group: Group
    n_clips: int
    plot: Plot | None = None
    change: Change | None = None
    source: Literal["portrait", "rest", "whole"] = "portrait"


def draw_scene(condition: Condition, set_name: str, number: int, frame: dict[str, Any]) -> Scene:
    """Draw one clip; `frame` fixes duration, rate, size of the picture and of the face where they are given."""
    plain_name = condition.name.rstrip("+")
    rng = np.random.default_rng([SETS.index(set_name), number, *plain_name.encode()])
    script = Script(rng, number)
    scene = _filmed_usually(rng, WIDE if condition.group == "animated" else NARROW, frame)
    scene = condition.change(script, scene) if condition.change else scene
    if condition.plot:  # last, so that the clips of a pair are filmed alike
        condition.plot(script, scene.duration_s)
    return replace(
        scene,
        movements=tuple(script.movements),
        twitches=tuple(sorted(script.twitches, key=lambda twitch: twitch.apex_s)),
        runs=tuple(script.runs),
    )


def _filmed_usually(
    rng: np.random.Generator, ranges: tuple[tuple[float, float], tuple[float, ...]], frame: dict[str, Any]
) -> Scene:
    """Draw a clip at rest, well coded."""
    (low, high), rates = ranges
    iod_px = float(low * (high / low) ** rng.uniform())
    width, height = _fitting_frame(rng, iod_px)
    drawn = {"duration_s": CLIP_S, "fps": float(rng.choice(rates)), "iod_px": iod_px}
    return Scene(
        **(drawn | {"width": width, "height": height} | frame),
        camera=Camera(
            sway_pct_iod=rng.uniform(0.3, 1.5),
            shake_pct_iod=rng.uniform(0, 0.15),
            roll_deg=rng.uniform(0, 0.3),
            breath_pct_iod=rng.uniform(0, 0.4),
            # A real clip has its own noise.
            noise_grey=0.0 if frame else rng.uniform(0.8, 2.5),
        ),
        coding=Coding(crf=int(rng.integers(16, 24))),
        seed=int(rng.integers(1 << 30)),
    )


def _fitting_frame(rng: np.random.Generator, iod_px: float) -> tuple[int, int]:
    """Return the smallest usual frame that the head fits in, upright or wide."""
    fits = [size for size in FRAME_SIZES if size[0] > HEAD_IOD[0] * iod_px and size[1] > HEAD_IOD[1] * iod_px]
    least = min(width * height for width, height in fits)
    near = [size for size in fits if size[0] * size[1] <= 1.3 * least]
    return near[int(rng.integers(len(near)))]


def _scattered(script: Script, duration_s: float) -> None:
    script.scatter(duration_s, ALL_SIZES)


def _scattered_easy(script: Script, duration_s: float) -> None:
    script.scatter(duration_s, EASY_SIZES)


def _isolated(script: Script, duration_s: float) -> None:
    for apex_s in _starts(script, duration_s, 2.0, 2.8):
        script.group("isolated", np.array([apex_s]), script.size(0.1, 0.35))


def _doublets(script: Script, duration_s: float) -> None:
    for apex_s in _starts(script, duration_s, 2.2, 3.2):
        gap_s = script.rng.uniform(0.18, 0.3)
        script.group("doublet", apex_s + np.array([0, gap_s]), 0.75 * gap_s)


def _bursts(script: Script, duration_s: float) -> None:
    """Add three to six twitches at irregular intervals of 0.16-0.5 s."""
    for apex_s in _starts(script, duration_s - 2, 3.6, 4.6):
        gaps_s = script.rng.permutation(np.linspace(0.18, 0.5, int(script.rng.integers(2, 6))))
        script.group("burst", apex_s + np.concatenate([[0], np.cumsum(gaps_s)]), script.rng.uniform(0.1, 0.14))


def _with_eye(script: Script, duration_s: float) -> None:
    """Move lip, lower eyelid and sometimes cheek of one side together, once or several times."""
    for apex_s in _starts(script, duration_s - 1, 2.2, 3.4):
        gaps_s = script.rng.uniform(0.3, 0.5, int(script.rng.integers(0, 3)))
        apices_s = apex_s + np.concatenate([[0], np.cumsum(gaps_s)])
        script.group("with_eye", apices_s, script.rng.uniform(0.12, 0.25), partners=True)


def _tremor(script: Script, duration_s: float) -> None:
    script.continuous("rhythmic", script.rng.uniform(1, 3), script.rng.uniform(4, 7))


def _ripple(script: Script, duration_s: float) -> None:
    script.continuous("undulating", script.rng.uniform(0.7, 2), script.rng.uniform(6, 9))


def _pulls(script: Script, duration_s: float) -> None:
    for start_s in _starts(script, duration_s - 2.5, 3.8, 4.5):
        script.continuous("sustained", start_s, script.rng.uniform(1, 3))


def _starts(script: Script, duration_s: float, low_s: float, high_s: float) -> list[float]:
    """Draw times that far apart."""
    times = 1.0 + script.rng.uniform(0, 0.5) + np.concatenate([[0], np.cumsum(script.rng.uniform(low_s, high_s, 20))])
    return [float(t_s) for t_s in times if t_s < duration_s - 0.7]


def _sometimes_blinks(script: Script, scene: Scene) -> Scene:
    return behaviour.blinks(script, scene) if script.rng.random() < 0.5 else scene


def _pair(group: Group, name: str, change: Change, n_clips: int = 1) -> tuple[Condition, Condition]:
    return Condition(name, group, n_clips, None, change), Condition(f"{name}+", group, n_clips, _scattered_easy, change)


CONDITIONS: tuple[Condition, ...] = (
    Condition("rest", "animated", 14, _scattered, _sometimes_blinks),
    Condition("still", "animated", 6, None, _sometimes_blinks),
    Condition("rest-real", "real", 6, _scattered, source="rest"),
    Condition("still-real", "real", 6, source="rest"),
    Condition("expressive-real", "real", 6, source="whole"),
    Condition("expressive-real+", "real", 6, _scattered_easy, source="whole"),
    Condition("isolated", "patterns", 2, _isolated),
    Condition("doublet", "patterns", 3, _doublets),
    Condition("burst", "patterns", 3, _bursts),
    Condition("tremor", "patterns", 4, _tremor),
    Condition("undulating", "patterns", 4, _ripple),
    Condition("with-eye", "patterns", 3, _with_eye),
    Condition("sustained", "patterns", 2, _pulls),
    *_pair("behaviour", "speech", behaviour.speech, 3),
    *_pair("behaviour", "smile", behaviour.smile, 2),
    *_pair("behaviour", "chewing", behaviour.chewing, 2),
    *_pair("behaviour", "pursing", behaviour.pursing, 2),
    *_pair("behaviour", "swallowing", behaviour.swallowing, 2),
    *_pair("filming", "blinks", behaviour.blinks, 2),
    *_pair("filming", "head-turns", behaviour.head_turns, 2),
    *_pair("filming", "shake", filming.shake, 2),
    *_pair("filming", "breathing", filming.breathing),
    *_pair("filming", "zoom", filming.zoom),
    *_pair("filming", "exposure", filming.exposure_steps, 2),
    *_pair("filming", "white-balance", filming.white_jumps),
    *_pair("filming", "flicker", filming.flicker, 2),
    *_pair("filming", "dropped", filming.dropped_frames),
    *_pair("filming", "duplicated", filming.duplicated_frames),
    *_pair("filming", "variable-rate", filming.variable_rate),
    *_pair("filming", "hand", filming.hand, 2),
    *_pair("filming", "shadow", filming.shadow, 2),
    *_pair("filming", "beard", filming.beard, 2),
    *_pair("filming", "glasses", filming.glasses),
    *_pair("filming", "dim", filming.dim, 2),
    *_pair("filming", "small-face", filming.small_face, 2),
    *_pair("filming", "360p", filming.low_resolution),
    *_pair("filming", "4k", filming.high_resolution),
    *_pair("filming", "compression", filming.compression, 2),
    *_pair("filming", "codecs", filming.codecs, 4),
)
