"""Light: brightness, colour, shadows, a hand and sensor noise, put on moved pictures."""

from __future__ import annotations

import cv2
import numpy as np
from cover import hand_mask
from numpy.typing import NDArray
from scene import Light, Scene
from warp import Planes

FloatArray = NDArray[np.float64]

BLACK = 16
# Skin of the hand before gain: luma, blue and red difference.
HAND = (150, 112, 152)
N_NOISES = 12


class Lighting:
    """Light of one scene, frame by frame."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        rng = np.random.default_rng([scene.seed, 2])
        self._phases = rng.uniform(0, 2 * np.pi, 2)
        self._rng = rng
        size = scene.height + 64, scene.width + 64
        # A few pictures of noise, shifted by lot each time: no two frames alike, and cheap.
        self._noises = [rng.normal(0, scene.camera.noise_grey, size).astype(np.int16) for _ in range(N_NOISES)]

    def apply(self, planes: Planes, to_frame: FloatArray, t_s: float) -> Planes:
        """Return the planes as the sensor delivers them; `to_frame` places the face (for the hand)."""
        luma, blue, red = planes
        hand = hand_mask(self._scene.cover.hands, to_frame, (luma.shape[0], luma.shape[1]), t_s)
        if hand is not None:
            luma, blue, red = _covered(planes, hand)
        gain = self._gain(t_s, luma.shape)
        levels = luma.astype(np.float32) if np.ndim(gain) else np.arange(256, dtype=np.float32)
        lit = np.clip((levels - BLACK) * gain + BLACK + 0.5, 0, 255).astype(np.uint8)
        luma = lit if np.ndim(gain) else cv2.LUT(luma, lit)
        level = self._scene.light.gain
        if level != 1:
            blue, red = (cv2.convertScaleAbs(plane, alpha=level, beta=128 * (1 - level)) for plane in (blue, red))
        blue_shift, red_shift = self._white(t_s)
        if blue_shift or red_shift:
            blue, red = cv2.add(blue, blue_shift), cv2.add(red, red_shift)
            luma = cv2.add(luma, 0.1 * blue_shift + 0.25 * red_shift)
        return self._noisy(np.asarray(luma, np.uint8)), np.asarray(blue, np.uint8), np.asarray(red, np.uint8)

    def _gain(self, t_s: float, shape: tuple[int, ...]) -> NDArray[np.float32] | float:
        light = self._scene.light
        gain = light.gain * (1 + light.drift * np.sin(2 * np.pi * 0.07 * t_s + self._phases[0]))
        level = 1.0
        for at_s, target, takes_s in light.steps:
            part = np.clip((t_s - at_s) / max(takes_s, 1e-6), 0, 1)
            level += (target - level) * part
        gain *= level
        if light.flicker:
            rows = 2 * np.pi * (0.8 * np.arange(shape[0]) / shape[0] + light.flicker_hz * t_s) + self._phases[1]
            return np.asarray(gain * (1 + light.flicker * np.sin(rows)), np.float32)[:, np.newaxis]
        return gain * _shadow(light, t_s, shape) if light.shadows else gain

    def _white(self, t_s: float) -> tuple[float, float]:
        past = [(blue, red) for at_s, blue, red in self._scene.light.whites if at_s <= t_s]
        return past[-1] if past else (0.0, 0.0)

    def _noisy(self, luma: NDArray[np.uint8]) -> NDArray[np.uint8]:
        if not self._scene.camera.noise_grey:
            return luma
        noise = self._noises[int(self._rng.integers(N_NOISES))]
        top, left = self._rng.integers(0, 64, 2)
        part = noise[top : top + luma.shape[0], left : left + luma.shape[1]]
        return np.asarray(cv2.add(luma, part, dtype=cv2.CV_8U), np.uint8)


def _covered(planes: Planes, hand: NDArray[np.float32]) -> Planes:
    """Lay a skin-coloured hand with a little shading over a picture."""
    half = cv2.resize(hand, planes[1].shape[::-1], interpolation=cv2.INTER_AREA)
    shade = cv2.GaussianBlur(hand, (0, 0), 12) * 25 - 20
    covered = [
        plane * (1 - mask) + (colour + extra) * mask
        for plane, mask, colour, extra in zip(planes, (hand, half, half), HAND, (shade, 0, 0), strict=True)
    ]
    luma, blue, red = (np.asarray(plane + 0.5, np.uint8) for plane in covered)
    return luma, blue, red


def _shadow(light: Light, t_s: float, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Return the share of light that reaches each pixel."""
    height, width = shape[:2]
    x = (np.arange(width, dtype=np.float32) - width / 2) / width
    y = (np.arange(height, dtype=np.float32)[:, np.newaxis] - height / 2) / width
    gain = np.ones((height, width), np.float32)
    for start_s, lasts_s, depth, angle_deg in light.shadows:
        part = (t_s - start_s) / lasts_s
        if 0 < part < 1:
            along = np.float32(np.cos(np.radians(angle_deg))) * x + np.float32(np.sin(np.radians(angle_deg))) * y
            edge = np.clip((along + 0.9 - 1.8 * part) / -0.04, 0, 1) * np.clip((along + 1.5 - 1.8 * part) / 0.04, 0, 1)
            gain *= 1 - np.float32(depth) * edge
    return gain
