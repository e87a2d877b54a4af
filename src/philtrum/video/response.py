"""Response: how large a twitch fits the lip's displacement at every instant (matched filter in time and space).

*Time.* At places along the lip, and for every zone of the face, a pulse
(raised cosine of a given length, on a straight base line fitted to its
surroundings of three times its length) is fitted at every instant by least
squares. For white noise this is the optimal linear detector [1]_.

*Space.* A twitch is a bump: it moves some places more than others. Noise (what
is left of head motion, and coding) moves them much alike. `Templates` are
bumps of two widths at places along the lip, one on both sides, and the whole
lip; each is fitted to the places by generalised least squares with the
clip's own noise covariance, so that what all places share counts for little
unless the template itself is the whole lip.

What the bridge of the nose and the forehead explain of the places' movement,
by regression over the clip, is taken off first as head motion. Cheeks and eyelids
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
# Bumps: standard deviations, IOD (muscle twitches of the lip dimple 1-3 cm of skin; 1 IOD is about 9 cm), and places as
# shares of the lip's half width.
BUMP_WIDTHS_IOD = (0.08, 0.14)
BUMP_PLACES = (-0.9, -0.6, -0.3, 0.0, 0.3, 0.6, 0.9)
BOTH_PLACE, BOTH_WIDTH_IOD = 0.5, 0.1
# The size is measured with a finer mesh: widths, heights as shares of the lip's height, places along it.
FINE_WIDTHS_IOD = (0.07, 0.09, 0.12, 0.16, 0.22)
FINE_HEIGHTS = (-0.3, 0.0, 0.3)
FINE_PLACES = tuple(np.linspace(-0.9, 0.9, 13))
# Window of the flow's cells (see `flow` and `motion`).
FLOW_WINDOW_IOD = 0.05
# Noise covariance: share of samples it is taken from, and how far it is drawn towards its diagonal.
QUIET_SHARE, SHRINKAGE = 0.6, 0.1
# A pulse is never taken for shorter than this many frames: its apex may fall between two.
SHORTEST_FRAMES = 2.5


@dataclass(frozen=True, slots=True)
class Response:
    """Answer of one pulse length at every instant. T samples, P places, K templates, Z zones, N spots."""

    length_s: float
    places: FloatArray
    """Shape (T, P, 2): amplitude at the places, head motion taken off."""
    zones: FloatArray
    """Shape (T, Z, 2)."""
    spots: FloatArray
    """Shape (T, N, 2)."""
    covariance: FloatArray
    """Shape (2, P, P): noise of the places, for x and for y."""
    weights: FloatArray
    """Shape (2, K, P): for x and for y, what each place counts in the amplitude of each template."""
    template_sd: FloatArray
    """Shape (K, 2): spread of the templates' amplitudes in this clip."""
    zone_sd: FloatArray
    """Shape (Z, 2)."""

    @property
    def leverage(self) -> FloatArray:
        """How much each template makes of an error of form at the places, shape (K,); about 1 where it makes none."""
        return np.asarray(np.linalg.norm(self.weights, axis=2).max(axis=0))

    def amplitudes(self, part: slice = slice(None)) -> FloatArray:
        """Return the amplitude of each template, % IOD at the peak of the bump, shape (T, K, 2)."""
        return np.asarray(np.einsum("ckp,tpc->tkc", self.weights, self.places[part]))


@dataclass(frozen=True, slots=True)
class Templates:
    """Where on the lip a twitch may be, seen through the places."""

    place_weights: FloatArray
    """Shape (P, N): weight of every spot of the lip in each place."""
    bumps: FloatArray
    """Shape (B, N): displacement of the spots for bumps of many places and widths, one-sided and on both sides."""
    shapes: FloatArray
    """Shape (K, P): displacement of the places when the peak of the template's bump moves by 1."""


def make_templates(spots: FloatArray) -> Templates:
    """Lay places and templates along the lip, for spots of shape (N, 2) in IOD."""
    x = spots[:, 0]
    centres = np.quantile(x, np.linspace(0.1, 0.9, N_PLACES))
    weights = np.exp(-((x - centres[:, np.newaxis]) ** 2) / (2 * PLACE_WIDTH_IOD**2))
    weights /= weights.sum(axis=1, keepdims=True)
    reach = np.abs(x).max()
    found = [_bump(spots, share * reach, width) for width in BUMP_WIDTHS_IOD for share in BUMP_PLACES]
    found.append(_both(_bump(spots, BOTH_PLACE * reach, BOTH_WIDTH_IOD), spots, BOTH_PLACE * reach, BOTH_WIDTH_IOD))
    shapes = np.array([*found, np.ones(len(spots))]) @ weights.T
    return Templates(weights, _measuring_bumps(spots, reach), shapes)


def _measuring_bumps(spots: FloatArray, reach: float) -> FloatArray:
    """Return fine-meshed bumps, shape (B, N)."""
    middle, spread = np.median(spots[:, 1]), np.ptp(spots[:, 1])
    bumps = []
    for width in FINE_WIDTHS_IOD:
        for up in FINE_HEIGHTS:
            y = float(middle + up * spread)
            for share in FINE_PLACES:
                one = _bump(spots, share * reach, width, y)
                bumps += [one] if share <= 0 else [one, _both(one, spots, share * reach, width, y)]
    return np.array(bumps)


def _both(one: FloatArray, spots: FloatArray, x: float, width: float, y: float | None = None) -> FloatArray:
    """Add the mirror image of a bump at `x`."""
    return np.maximum(one, _bump(spots, -x, width, y))


def _bump(spots: FloatArray, x: float, width: float, y: float | None = None) -> FloatArray:
    """Return what the spots show of a bump, widened by the flow's window; `y` is the lip's middle if not given."""
    seen = width**2 + FLOW_WINDOW_IOD**2
    off = (spots[:, 0] - x) ** 2 + (spots[:, 1] - (np.median(spots[:, 1]) if y is None else y)) ** 2
    return np.asarray(width**2 / seen * np.exp(-off / (2 * seen)))


def pulse(phase: FloatArray, rise: float = 0.5) -> FloatArray:
    """Return a raised cosine up and down, 0-1, for phases 0-1."""
    part = np.where(phase < rise, phase / rise, 1 + (phase - rise) / (1 - rise))
    return np.where((phase > 0) & (phase < 1), 0.5 - 0.5 * np.cos(np.pi * part), 0.0)


def respond(motion: Motion, assessable: Mask, templates: Templates, length_s: float, fps: float) -> Response:
    """Run one pulse length over the lip's spots and all zones."""
    kernel = _kernel(length_s, fps)
    spots = _filtered(motion.lip, kernel)
    zones = _filtered(motion.displacement, kernel)
    head = zones[:, [ZONES.index(zone) for zone in HEAD_ZONES]].reshape(len(zones), -1)
    places = np.einsum("pn,tnc->tpc", templates.place_weights, spots)
    flat = places.reshape(len(places), -1)
    flat = flat - head @ _regression(head[assessable], flat[assessable])
    places = flat.reshape(places.shape)
    covariance = np.stack([_noise_covariance(places[assessable][..., axis]) for axis in range(2)])
    weights = np.stack([fit_weights(templates.shapes, covariance[axis]) for axis in range(2)])
    amplitudes = np.einsum("ckp,tpc->tkc", weights, places[assessable])
    return Response(
        length_s, places, zones, spots, covariance, weights, _spread(amplitudes), _spread(zones[assessable])
    )


def _noise_covariance(noise: FloatArray) -> FloatArray:
    """Return the covariance of the places, shape (P, P), from the quieter part of the samples, shape (T, P).

    It is drawn a little towards its diagonal, because short clips give few samples.
    """
    size = ((noise / _spread(noise)) ** 2).sum(axis=1)
    quiet = noise[size <= np.quantile(size, QUIET_SHARE)]
    covariance = quiet.T @ quiet / len(quiet)
    own = np.diag(np.diag(covariance))
    return np.asarray((1 - SHRINKAGE) * covariance + SHRINKAGE * own + 1e-8 * np.eye(len(covariance)))


def fit_weights(shapes: FloatArray, covariance: FloatArray) -> FloatArray:
    """Return the generalised-least-squares weights of the places for each template, shape (K, P)."""
    whitened = np.linalg.solve(covariance, shapes.T).T
    return np.asarray(whitened / (whitened * shapes).sum(axis=1, keepdims=True))


def fit_bump(moved: FloatArray, templates: Templates) -> FloatArray:
    """Return the displacement of the peak, shape (2,), of the bump that fits the spots best, shape (N, 2)."""
    peaks = templates.bumps @ moved / (templates.bumps**2).sum(axis=1, keepdims=True)
    explained = (peaks**2).sum(axis=1) * (templates.bumps**2).sum(axis=1)
    return np.asarray(peaks[explained.argmax()])


def take_out(response: Response, pulled: Response, index: int, fps: float) -> None:
    """Subtract from a response what a pulse adds to it, whose places and spots `pulled` holds at `index`."""
    length_s = pulled.length_s
    kernel = _kernel(response.length_s, fps)
    half = len(kernel) // 2 + max(1, round(length_s * fps))
    t = np.arange(-2 * half, 2 * half + 1) / fps
    echo = np.correlate(pulse(t / max(length_s, SHORTEST_FRAMES / fps) + 0.5), kernel, mode="same")[half : 3 * half + 1]
    low, high = max(0, index - half), min(len(response.places), index + half + 1)
    part = echo[low - index + half : high - index + half, np.newaxis, np.newaxis]
    places, spots = pulled.places[index].copy(), pulled.spots[index].copy()
    response.places[low:high] -= part * places
    response.spots[low:high] -= part * spots


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
