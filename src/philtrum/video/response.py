"""Response: how large a pulse fits the lip's displacement at every instant (matched filter).

At places along the lip, and for every zone of the face, a pulse (raised
cosine of a given length, on a straight base line fitted to its surroundings
of three times its length) is fitted at every instant by least squares. For
white noise this is the optimal linear detector [1]_.

What the bridge of the nose and the forehead explain of the lip's amplitudes,
by regression over the clip, is taken off as head motion. Cheeks and eyelids
are not used for that: they move along in hemifacial spasm.

References
----------
.. [1] Turin GL (1960). An introduction to matched filters. IRE Trans Inf
   Theory 6:311. doi:10.1109/TIT.1960.1057571
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from philtrum.video.motion import Motion
from philtrum.video.zones import ZONES

FloatArray = NDArray[np.float64]
Mask = NDArray[np.bool_]

# Places along the lip: how many, and the standard deviation of their Gaussian weight, IOD.
N_PLACES = 5
PLACE_WIDTH_IOD = 0.07
HEAD_ZONES = ("nose_bridge", "forehead")
# A pulse is never taken for shorter than this many frames: its apex may fall between two.
SHORTEST_FRAMES = 2.5


@dataclass(frozen=True, slots=True)
class Response:
    """Answer of one pulse length at every instant."""

    length_s: float
    places: FloatArray
    """Shape (T, P, 2): amplitude at the places, head motion taken off."""
    zones: FloatArray
    """Shape (T, Z, 2)."""
    spots: FloatArray
    """Shape (T, N, 2)."""
    place_sd: FloatArray
    """Shape (P, 2)."""
    zone_sd: FloatArray
    """Shape (Z, 2)."""

    def z(self) -> FloatArray:
        """Amplitude over its spread, x and y together, shape (T, P)."""
        return np.asarray(np.sqrt(((self.places / self.place_sd) ** 2).sum(axis=-1)))


def place_weights(spots: FloatArray) -> FloatArray:
    """Weight of every spot for each place along the lip, shape (P, N)."""
    centres = np.quantile(spots[:, 0], np.linspace(0.1, 0.9, N_PLACES))
    weights = np.exp(-((spots[:, 0] - centres[:, np.newaxis]) ** 2) / (2 * PLACE_WIDTH_IOD**2))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def pulse(phase: FloatArray, rise: float = 0.5) -> FloatArray:
    """Return a raised cosine up and down, 0-1, for phases 0-1."""
    part = np.where(phase < rise, phase / rise, 1 + (phase - rise) / (1 - rise))
    return np.where((phase > 0) & (phase < 1), 0.5 - 0.5 * np.cos(np.pi * part), 0.0)


def respond(motion: Motion, assessable: Mask, weights: FloatArray, length_s: float, fps: float) -> Response:
    """Run one pulse length over the lip's spots and all zones."""
    kernel = _kernel(length_s, fps)
    spots = _filtered(motion.lip, kernel)
    zones = _filtered(motion.displacement, kernel)
    head = zones[:, [ZONES.index(zone) for zone in HEAD_ZONES]].reshape(len(zones), -1)
    places = np.einsum("pn,tnc->tpc", weights, spots)
    flat = places.reshape(len(places), -1)
    flat = flat - head @ _regression(head[assessable], flat[assessable])
    places = flat.reshape(places.shape)
    return Response(length_s, places, zones, spots, _spread(places[assessable]), _spread(zones[assessable]))


def take_out(response: Response, index: int, length_s: float, amplitude: FloatArray, fps: float) -> None:
    """Subtract what a pulse of the given length and amplitude, shape (P, 2), at `index` adds to a response."""
    kernel = _kernel(response.length_s, fps)
    half = len(kernel) // 2 + max(1, round(length_s * fps))
    t = np.arange(-2 * half, 2 * half + 1) / fps
    echo = np.correlate(pulse(t / max(length_s, SHORTEST_FRAMES / fps) + 0.5), kernel, mode="same")[half : 3 * half + 1]
    low, high = max(0, index - half), min(len(response.places), index + half + 1)
    response.places[low:high] -= echo[low - index + half : high - index + half, np.newaxis, np.newaxis] * amplitude


def _kernel(length_s: float, fps: float) -> FloatArray:
    """Weights that give the least-squares amplitude of a pulse on a straight base line; odd length."""
    half = max(3, round(1.5 * length_s * fps))
    t = np.arange(-half, half + 1) / fps
    shape = pulse(t / max(length_s, SHORTEST_FRAMES / fps) + 0.5)
    base = np.column_stack([np.ones_like(t), t])
    free = shape - base @ np.linalg.lstsq(base, shape, rcond=None)[0]
    return np.asarray(free / (free @ shape))


def _filtered(values: FloatArray, kernel: FloatArray) -> FloatArray:
    """Correlate along time; gaps are bridged in a straight line, ends held."""
    from scipy.ndimage import correlate1d

    flat = values.reshape(len(values), -1)
    index = np.arange(len(flat))
    is_seen = ~np.isnan(flat[:, 0])
    bridged = np.column_stack([np.interp(index, index[is_seen], column[is_seen]) for column in flat.T])
    return np.asarray(correlate1d(bridged, kernel, axis=0, mode="nearest")).reshape(values.shape)


def _regression(head: FloatArray, lip: FloatArray) -> FloatArray:
    """Coefficients by which head zones explain the lip, shape (H, L); large movements of either do not count."""
    usual = (np.abs(lip) < 3 * _spread(lip)).all(axis=1) & (np.abs(head) < 4 * _spread(head)).all(axis=1)
    if usual.sum() < 20 * head.shape[1]:
        return np.zeros((head.shape[1], lip.shape[1]))
    x, y = head[usual], lip[usual]
    ridge = 0.05 * np.trace(x.T @ x) / x.shape[1] * np.eye(x.shape[1])
    return np.linalg.solve(x.T @ x + ridge, x.T @ y)


def _spread(values: FloatArray) -> FloatArray:
    """Return the standard deviation from the quieter part of the distribution, which twitches do not reach.

    35 % of normal values lie within 0.454 sd, 68 % within 0.994 sd. Coding
    that repeats unchanged blocks makes small values too frequent; the second
    quantile guards against that.
    """
    low, high = np.quantile(np.abs(values), [0.35, 0.68], axis=0)
    return np.asarray(np.maximum(low / 0.454, 0.85 * high / 0.994) + 1e-4)
