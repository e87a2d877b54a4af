"""Response: how large a twitch fits the movement of every bump and zone at every instant (matched filter in time).

A pulse (raised cosine of a given length) on a straight base line is fitted at
every instant by generalised least squares, with what the clip's noise
remembers (see `noise`): the best linear detector for noise of that kind [1]_.

References
----------
.. [1] Turin GL (1960). An introduction to matched filters. IRE Trans Inf
   Theory 6:311. doi:10.1109/TIT.1960.1057571
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from philtrum.video.motion import Motion
from philtrum.video.noise import Memory, estimate_memory, limit, spread, unrest
from philtrum.video.voluntary import texture_change

FloatArray = NDArray[np.float64]
SmallArray = NDArray[np.float32]
Mask = NDArray[np.bool_]

# Fasciculations and myokymic discharges move skin for about 0.05-0.5 s.
PULSES_S = (0.08, 0.13, 0.2, 0.32, 0.5)
# A pulse is never taken for shorter than this many frames: its apex may fall between two.
SHORTEST_FRAMES = 2.5
# A pulse is fitted with so many times its length on each side, and this much at least: there drifting noise is known.
REACH, LEAST_REACH_S = 1.5, 0.35
# Noise is what lies below this filter value and further than this from what is above.
QUIET_BELOW, QUIET_MARGIN_S = 4.5, 0.2
# Where less than this share would be left, noise is the quieter half.
LEAST_QUIET = 0.3
# Restlessness of the reference zones is judged within this time, and counts no more than so many times the usual.
UNREST_S, MOST_UNREST = 0.3, 5.0
# Texture of the lip from frame to frame: a change that one frame in a hundred exceeds, against the usual one. Of 155
# development clips those coded at crf 30-36 have 15 and more, all others 11 and less (`benchmarks/video`).
RENEWED_CHANGE, RENEWED_RATIO, RENEWED_FACTOR = 0.07, 13.0, 2.0
# Beside time that is left out, movements begin and end that are no twitches: this near, the limit is so much higher.
BESIDE_S, BESIDE_FACTOR = 0.4, 1.5
# Controls do not count this near to a very strong movement of the lip: it may reach them.
STRONG = 9.0


@dataclass(frozen=True, slots=True)
class Response:
    """Answer of one pulse length at every instant. T samples, B bumps of the lip, Z zones."""

    length_s: float
    kernel: FloatArray
    """Shape (2, n): filter for x and for y; n is odd."""
    bumps: SmallArray
    """Shape (T, B, 2): amplitude, % IOD; half of the search's memory."""
    zones: SmallArray
    """Shape (T, Z, 2)."""
    bump_sd: FloatArray
    """Shape (B, 2): spread of the amplitudes in this clip."""
    zone_sd: FloatArray
    """Shape (Z, 2)."""
    limit: FloatArray
    """Shape (T,): filter value that noise alone hardly ever passes at this time."""

    def z(self, part: slice = slice(None)) -> SmallArray:
        """Return the filter value of each bump, in standard deviations, shape (T, B)."""
        return np.asarray(np.hypot(*np.moveaxis(self.bumps[part] / self.bump_sd.astype(np.float32), -1, 0)))


def respond(motion: Motion, assessable: Mask, fps: float) -> list[Response]:
    """Run every pulse length over the lip's bumps and all zones, once to know the noise and once knowing it."""
    white = (Memory(1.0, 0.0, 1.0),) * 2
    first = (_filtered_by(motion, assessable, _kernels(length_s, fps, white), length_s) for length_s in PULSES_S)
    is_quiet = _quiet(_highest(first), assessable, fps)
    memories = tuple(estimate_memory(_bridged(motion.bumps)[..., axis], is_quiet, fps) for axis in range(2))
    second = [_filtered_by(motion, assessable, _kernels(length_s, fps, memories), length_s) for length_s in PULSES_S]
    usable = assessable & ~_widened(_highest(second) > STRONG, QUIET_MARGIN_S, fps)
    return [replace(response, limit=_limit(motion, response, assessable, usable, fps)) for response in second]


def pulse(phase: FloatArray, rise: float = 0.5) -> FloatArray:
    """Return a raised cosine up and down, 0-1, for phases 0-1."""
    part = np.where(phase < rise, phase / rise, 1 + (phase - rise) / (1 - rise))
    return np.where((phase > 0) & (phase < 1), 0.5 - 0.5 * np.cos(np.pi * part), 0.0)


def take_out(response: Response, length_s: float, bumps: SmallArray, index: int, fps: float) -> None:
    """Subtract from a response what a pulse of a length at a sample adds to it, with the bumps given, shape (B, 2)."""
    length_s = max(length_s, SHORTEST_FRAMES / fps)
    half = response.kernel.shape[1] // 2 + max(1, round(length_s * fps))
    t = np.arange(-2 * half, 2 * half + 1) / fps
    shape = pulse(t / length_s + 0.5)
    echo = np.stack([np.correlate(shape, one, mode="same")[half : 3 * half + 1] for one in response.kernel], axis=-1)
    low, high = max(0, index - half), min(len(response.bumps), index + half + 1)
    part = echo[low - index + half : high - index + half, np.newaxis].astype(np.float32)
    response.bumps[low:high] -= part * bumps


def _highest(responses: Iterable[Response]) -> SmallArray:
    """Return the highest filter value of all bumps and lengths at every instant, shape (T,); holds one at a time."""
    return np.asarray(reduce(np.maximum, (response.z().max(axis=1) for response in responses)))


def _quiet(z: SmallArray, assessable: Mask, fps: float) -> Mask:
    """Tell where there is nothing but noise, shape (T,)."""
    is_quiet = assessable & ~_widened(z > QUIET_BELOW, QUIET_MARGIN_S, fps)
    if is_quiet.sum() < LEAST_QUIET * assessable.sum():
        return np.asarray(assessable & (z <= np.median(z[assessable])))
    return is_quiet


def _widened(mask: Mask, margin_s: float, fps: float) -> Mask:
    from scipy.ndimage import binary_dilation

    return np.asarray(binary_dilation(mask, np.ones(2 * round(margin_s * fps) + 1)), bool)


def _limit(motion: Motion, response: Response, assessable: Mask, usable: Mask, fps: float) -> FloatArray:
    controls = _filtered(motion.controls, response.kernel)
    z = np.hypot(*np.moveaxis(controls / spread(controls[assessable]), -1, 0))
    restless = np.maximum(unrest(z, assessable, fps), _skull_unrest(motion.rest, assessable, fps))
    if is_renewed_in_patches(texture_change(motion)[assessable]):
        restless = RENEWED_FACTOR * restless
    restless = restless * np.where(_widened(~assessable, BESIDE_S, fps), BESIDE_FACTOR, 1.0)
    return limit(z / restless[:, np.newaxis], usable, fps) * restless


def is_renewed_in_patches(change: FloatArray) -> bool:
    """Tell a strongly compressed clip from its changes of texture: mostly repeated, and now and then coded anew.

    Texture then hardly changes from frame to frame, but seldom by much. The lip, which has edges, is
    renewed more often than the controls, so that they do not tell its noise.
    """
    if np.isnan(change).all():
        return False
    usual, seldom = np.nanquantile(change, [0.5, 0.99])
    return bool(seldom > RENEWED_CHANGE and seldom > RENEWED_RATIO * usual)


def _skull_unrest(rest: FloatArray, assessable: Mask, fps: float) -> FloatArray:
    """How restless the reference zones are around each instant, against the clip's usual; at least 1, shape (T,)."""
    from scipy.ndimage import uniform_filter1d

    known = np.where(np.isnan(rest), np.nanmedian(rest), rest)
    usual = float(np.median(known[assessable])) + 1e-3
    smooth = uniform_filter1d(np.minimum(known, MOST_UNREST * usual), max(3, round(UNREST_S * fps)), mode="nearest")
    return np.asarray(np.maximum(1.0, smooth / usual))


def _kernels(length_s: float, fps: float, memories: tuple[Memory, ...]) -> FloatArray:
    """Return the weights that give the amplitude of a pulse on a straight base line, shape (2, n), n odd."""
    half = max(3, round(max(REACH * length_s, LEAST_REACH_S) * fps))
    t = np.arange(-half, half + 1) / fps
    design = np.column_stack([pulse(t / max(length_s, SHORTEST_FRAMES / fps) + 0.5), np.ones_like(t), t])
    kernels = []
    for memory in memories:
        told = np.linalg.solve(memory.covariance(t), design)
        kernels.append(np.linalg.solve(design.T @ told, told.T)[0])
    return np.array(kernels)


def _filtered_by(motion: Motion, assessable: Mask, kernel: FloatArray, length_s: float) -> Response:
    bumps, zones = _filtered(motion.bumps, kernel), _filtered(motion.displacement, kernel)
    return Response(
        length_s,
        kernel,
        bumps,
        zones,
        spread(bumps[assessable]),
        spread(zones[assessable]),
        np.full(len(zones), np.inf),
    )


def _filtered(values: FloatArray, kernel: FloatArray) -> SmallArray:
    """Correlate x and y along time, shape (T, n, 2); ends held."""
    from scipy.ndimage import correlate1d

    bridged, filtered = _bridged(values), np.empty(values.shape, np.float32)
    for axis in range(2):
        correlate1d(bridged[..., axis], kernel[axis], axis=0, mode="nearest", output=filtered[..., axis])
    return filtered


def _bridged(values: FloatArray) -> FloatArray:
    """Bridge gaps in a straight line; ends held."""
    flat = values.reshape(len(values), -1)
    is_seen = ~np.isnan(flat[:, 0])
    if is_seen.all():
        return values
    index = np.arange(len(flat))
    columns = [np.interp(index, index[is_seen], column[is_seen]) for column in flat.T]
    return np.column_stack(columns).reshape(values.shape)
