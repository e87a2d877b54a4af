"""Filming: ways in which a camera, the light or the recorder disturb; each changes a scene."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from draw import Script
from scene import Scene


def shake(script: Script, scene: Scene) -> Scene:
    """Hold the phone in the hand."""
    rng = script.rng
    camera = replace(scene.camera, shake_pct_iod=rng.uniform(0.6, 2.0), sway_pct_iod=rng.uniform(1, 4), roll_deg=0.6)
    return replace(scene, camera=camera)


def breathing(script: Script, scene: Scene) -> Scene:
    """Let the head bob with the breath."""
    return replace(scene, camera=replace(scene.camera, breath_pct_iod=script.rng.uniform(2, 4)))


def zoom(script: Script, scene: Scene) -> Scene:
    """Bring the face nearer and away."""
    return replace(scene, camera=replace(scene.camera, zoom=script.rng.uniform(0.04, 0.12)))


def exposure_steps(script: Script, scene: Scene) -> Scene:
    """Let the automatic exposure correct itself, at once or within 0.3 s."""
    rng = script.rng
    steps = [(t_s, _step(rng, 0.05, 0.22), float(rng.choice([0.0, 0.1, 0.3]))) for t_s in _moments(script, scene)]
    return replace(scene, light=replace(scene.light, steps=tuple(steps)))


def white_jumps(script: Script, scene: Scene) -> Scene:
    """Let the automatic white balance jump."""
    rng = script.rng
    whites = [(t_s, rng.uniform(-9, 9), rng.uniform(-9, 9)) for t_s in _moments(script, scene)]
    return replace(scene, light=replace(scene.light, whites=tuple(whites)))


def flicker(script: Script, scene: Scene) -> Scene:
    """Let mains light beat with the frame rate, in bands that wander."""
    rng = script.rng
    return replace(
        scene, light=replace(scene.light, flicker=rng.uniform(0.01, 0.04), flicker_hz=float(rng.uniform(0.4, 9)))
    )


def shadow(script: Script, scene: Scene) -> Scene:
    """Move the soft edge of a shadow across the face."""
    rng = script.rng
    shadows = [
        (t_s, float(rng.uniform(1.5, 3.5)), float(rng.uniform(0.2, 0.5)), float(rng.uniform(-50, 50)))
        for t_s in np.arange(0.8, scene.duration_s - 2, 4.5)
    ]
    return replace(scene, light=replace(scene.light, shadows=tuple(shadows)))


def dim(script: Script, scene: Scene) -> Scene:
    """Darken the room: little light, much noise."""
    rng = script.rng
    camera = replace(scene.camera, noise_grey=rng.uniform(3, 6))
    return replace(scene, camera=camera, light=replace(scene.light, gain=rng.uniform(0.22, 0.4)))


def dropped_frames(script: Script, scene: Scene) -> Scene:
    """Drop frames, alone and up to three in a row; the times of the others stay true."""
    return replace(scene, timing=replace(scene.timing, dropped=script.rng.uniform(0.05, 0.15)))


def duplicated_frames(script: Script, scene: Scene) -> Scene:
    """Let the recorder repeat pictures."""
    return replace(scene, timing=replace(scene.timing, duplicated=script.rng.uniform(0.05, 0.15)))


def variable_rate(script: Script, scene: Scene) -> Scene:
    """Vary the intervals between frames by up to a fifth, and let them wander."""
    return replace(scene, timing=replace(scene.timing, jitter=script.rng.uniform(0.08, 0.2)))


def hand(script: Script, scene: Scene) -> Scene:
    """Let a hand scratch a cheek, the nose or the chin, or wipe the mouth."""
    rng, hands = script.rng, []
    for start_s in np.arange(0.8 + rng.uniform(0, 1), scene.duration_s - 2, 4.0):
        lasts_s = float(rng.uniform(1.2, 2.2))
        hands.append((float(start_s), lasts_s, float(rng.uniform(-0.15, 0.5)), float(rng.uniform(0.35, 0.9))))
        script.hidden.append((float(start_s) - 0.1, float(start_s) + lasts_s + 0.1))
    return replace(scene, cover=replace(scene.cover, hands=tuple(hands)))


def beard(script: Script, scene: Scene) -> Scene:
    """Draw a beard around the mouth."""
    return replace(scene, cover=replace(scene.cover, beard=script.rng.uniform(0.4, 1.0)))


def glasses(script: Script, scene: Scene) -> Scene:
    """Draw glasses with a dark frame."""
    return replace(scene, cover=replace(scene.cover, has_glasses=True))


def small_face(script: Script, scene: Scene) -> Scene:
    """Show a face of 40-80 px between the eyes."""
    return replace(scene, iod_px=script.size(40, 80), width=640, height=360)


def low_resolution(script: Script, scene: Scene) -> Scene:
    """Film at 360p, as a video call sends it."""
    coding = replace(scene.coding, crf=26)
    return replace(scene, iod_px=script.size(80, 115), width=640, height=360, coding=coding)


def high_resolution(script: Script, scene: Scene) -> Scene:
    """Film in 4K."""
    return replace(scene, iod_px=script.size(220, 400), width=3840, height=2160, fps=30.0, duration_s=6.0)


def compression(script: Script, scene: Scene) -> Scene:
    """Compress strongly, some with a key frame every second or more often."""
    rng = script.rng
    gop = int(rng.choice([0, 12, round(scene.fps)]))
    return replace(scene, coding=replace(scene.coding, crf=int(rng.integers(30, 37)), gop=gop))


def codecs(script: Script, scene: Scene) -> Scene:
    """Encode as HEVC, VP9, AV1 and Motion JPEG in turn."""
    kinds = (("libx265", ".mp4", 22), ("libvpx-vp9", ".webm", 24), ("libsvtav1", ".mp4", 28), ("mjpeg", ".mov", 20))
    codec, suffix, crf = kinds[script.number % len(kinds)]
    return replace(scene, coding=replace(scene.coding, codec=codec, suffix=suffix, crf=crf), fps=min(scene.fps, 30.0))


def _step(rng: np.random.Generator, low: float, high: float) -> float:
    return float(1 + rng.choice([-1, 1]) * rng.uniform(low, high))


def _moments(script: Script, scene: Scene) -> list[float]:
    """Draw times 1-2.5 s apart."""
    times = 0.8 + np.cumsum(script.rng.uniform(1, 2.5, 40))
    return [float(t_s) for t_s in times if t_s < scene.duration_s - 0.3]
