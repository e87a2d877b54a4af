"""Twitch: find brief movements of the upper lip in its displacement, and describe each.

Method
------
*Matched filter.* Five lengths of pulse (0.08-0.5 s) are fitted at every
instant, as bumps at many places along the lip (see `response`).

*Threshold, calibrated on the clip itself.* Amplitudes are divided by their
own spread in this clip (from the lower part of their distribution, so that
twitches do not raise it), x and y are combined, and the largest of all places
and lengths must pass `Z_THRESHOLD`, and an absolute floor. Where the
reference zones are restless, the threshold rises with them.

*Description.* Onset, apex, offset and amplitude come from a least-squares fit
of an asymmetric pulse to the displacement along the twitch's own direction.

The reported amplitude is that of the peak of the best-fitting bump. `score` is
the filter's value divided by the threshold: twitches are where it passes 1.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from philtrum.video.measurement import MEAN_IOD_MM, Side, Twitch
from philtrum.video.motion import Motion
from philtrum.video.response import HEAD_ZONES, Response, Templates, fit_bump, make_templates, pulse, respond, take_out
from philtrum.video.zones import LIP, ZONES

FloatArray = NDArray[np.float64]
Mask = NDArray[np.bool_]

# Fasciculations and myokymic discharges move skin for about 0.05-0.5 s.
PULSES_S = (0.08, 0.13, 0.2, 0.32, 0.5)
# The one that noise and the smallest detectable twitch are stated for.
USUAL = 2
# About 3 places x 600 independent instants x 5 lengths a minute: one false alarm in ten minutes by Gaussian noise
# (Rayleigh tail exp(-z^2/2) = 1/90000) asks for z = 4.8; real noise has heavier tails.
Z_THRESHOLD = 5.8
# Smaller displacements are not told from coding artefacts in any clip, % IOD.
FLOOR_PCT_IOD = 0.3
# Narrow, brief or coded twitches show less than their size. With this factor, nine in ten are found just above the
# stated limit (`benchmarks/twitches.py`).
DETECTABLE_FACTOR = 1.5
# Around a twitch, another one counts from this share of its size: a pulse never fits quite.
AFTERGLOW = 0.6
# A shorter pulse stands for a movement where it is larger by this factor.
SHARPER = 1.15
# Share of a template's amplitude that the spots themselves must show.
AGREEMENT = 0.5
# Zones that may move along with the lip.
PARTNERS = (
    "lower_eyelid_left",
    "lower_eyelid_right",
    "upper_eyelid_left",
    "upper_eyelid_right",
    "brow_left",
    "brow_right",
    "cheek_left",
    "cheek_right",
    "chin",
    "lower_lip",
)
PARTNER_Z, PARTNER_SHARE = 5.0, 0.3
# Zones whose noise says how far the clip's noise reaches out: by the quantile that leaves this share above.
CONTROLS = ("forehead", "nose_bridge", "temple_left", "temple_right", "cheek_left", "cheek_right", "chin")
TAIL_SHARE = 0.01
# A movement shared by nose and forehead to this share of the lip's is head motion that was left over.
HEAD_SHARE = 0.6
# Left and right: the weaker half below this share of the stronger makes the twitch one-sided.
ONE_SIDED_BELOW = 0.55


@dataclass(frozen=True, slots=True)
class TwitchSearch:
    """What the search found, and what it found it in."""

    twitches: tuple[Twitch, ...]
    """In time order."""
    score: FloatArray
    """Shape (T,): filter value over threshold."""
    noise_pct_iod: float | None
    """Standard deviation of the lip's displacement (0.2 s pulses) where no twitch is."""
    detectable_pct_iod: float | None
    """Smallest amplitude that passes the threshold 9 times in 10."""
    blinks_s: tuple[tuple[float, float], ...]
    """Lip movements that came with a blink of both eyes and are not counted."""
    head_s: tuple[tuple[float, float], ...]
    """Lip movements that nose and forehead shared and that are not counted."""
    speech_s: tuple[tuple[float, float], ...]
    """Lip movements that lower lip or chin shared and that are not counted."""


@dataclass(frozen=True, slots=True)
class _Peak:
    """One candidate."""

    index: int
    response: Response
    template: int
    score: float
    claimed: FloatArray
    """Shape (2,): amplitude of the template, earlier twitches taken out."""
    spots: FloatArray
    """Shape (N, 2): displacement of the lip's spots, earlier twitches taken out."""


def find_twitches(motion: Motion, assessable: Mask, fps: float) -> TwitchSearch:
    """Find every twitch of the upper lip.

    Parameters
    ----------
    motion : Motion
        Evenly spaced, T samples.
    assessable : bool array, shape (T,)
        Where a twitch could be told.
    fps : float
        Samples per second, at least 15.

    Returns
    -------
    TwitchSearch
        Twitches with the score they rest on.
    """
    n = len(motion.t_s)
    if assessable.sum() < fps:
        return TwitchSearch((), np.zeros(n), None, None, (), (), ())
    templates = make_templates(motion.lip_spots)
    responses = [respond(motion, assessable, templates, length_s, fps) for length_s in PULSES_S]
    restless = _unrest(motion, assessable, fps)
    unrest = np.array([np.sqrt(restless**2 + _tail(response, assessable) ** 2 - 1) for response in responses])
    searchable = _well_inside(assessable, fps)
    best = np.max([_score(*one).max(axis=1) for one in zip(responses, unrest, strict=True)], axis=0) * searchable
    kept: list[Twitch] = []
    refused: dict[str, list[tuple[float, float]]] = {"blink": [], "head": [], "speech": []}
    for peak in _peaks(responses, unrest, searchable, fps):
        twitch = _describe(motion, peak, templates, fps)
        first, last = np.searchsorted(motion.t_s, [twitch.onset_s, twitch.offset_s], side="right")
        if not _is_credible(peak, twitch, bool(assessable[max(0, first - 1) : last + 1].all())):
            continue
        if any(stronger.onset_s <= twitch.apex_s < stronger.offset_s for stronger in kept):
            continue  # what the fitted pulse left over of a stronger one
        reason = _not_a_twitch(peak, twitch)
        if reason is None:
            kept.append(twitch)
        else:
            refused[reason].append((twitch.onset_s, twitch.offset_s))
    noise, detectable = _limits(responses[USUAL], unrest[USUAL], assessable)
    return TwitchSearch(
        tuple(sorted(kept, key=lambda twitch: twitch.onset_s)),
        best,
        noise,
        detectable,
        tuple(refused["blink"]),
        tuple(refused["head"]),
        tuple(refused["speech"]),
    )


def _unrest(motion: Motion, assessable: Mask, fps: float) -> FloatArray:
    """How restless the reference zones are around each instant, against the clip's usual; at least 1, shape (T,)."""
    from scipy.ndimage import uniform_filter1d

    rest = np.where(np.isnan(motion.rest), np.nanmedian(motion.rest), motion.rest)
    usual = float(np.median(rest[assessable])) + 1e-3
    smooth = uniform_filter1d(np.minimum(rest, 5 * usual), max(3, round(0.3 * fps)), mode="nearest")
    return np.asarray(np.maximum(1.0, smooth / usual))


def _tail(response: Response, assessable: Mask) -> float:
    """How much further than normal noise this clip's noise reaches out, for one pulse length; at least 1.

    Zones that take no part in a twitch of the lip are asked: their largest
    answers, against those of normal noise with the same spread. Coding with
    few bits moves skin seldom and far.
    """
    controls = [ZONES.index(zone) for zone in CONTROLS]
    z = np.hypot(*np.moveaxis(response.zones[assessable][:, controls] / response.zone_sd[controls], -1, 0))
    reach = np.median(np.quantile(z, 1 - TAIL_SHARE, axis=0))
    return float(max(1.0, reach / np.sqrt(-2 * np.log(TAIL_SHARE))))


def _score(response: Response, unrest: FloatArray) -> FloatArray:
    """Return the filter value over the threshold, shape (T, K)."""
    amplitudes = response.amplitudes()
    z = np.hypot(*np.moveaxis(amplitudes / response.template_sd, -1, 0))
    size = np.hypot(*np.moveaxis(amplitudes, -1, 0))
    score = z / (Z_THRESHOLD * unrest[:, np.newaxis])
    # Above the floor, size must not count: it would favour the template that makes the most of it.
    return np.asarray(np.where(size < FLOOR_PCT_IOD, np.minimum(score, size / FLOOR_PCT_IOD), score))


def _well_inside(assessable: Mask, fps: float) -> Mask:
    """Assessable samples that have assessable neighbours for a tenth of a second on both sides."""
    from scipy.ndimage import binary_erosion

    return np.asarray(binary_erosion(assessable, np.ones(2 * max(1, round(0.1 * fps)) + 1), border_value=0), bool)


def _peaks(responses: list[Response], unrest: FloatArray, searchable: Mask, fps: float) -> list[_Peak]:
    """Take the highest score, take its pulse out of all responses, repeat (matching pursuit).

    A fitted pulse never has quite the shape of the twitch, so what is left
    around a strong one counts only if it is a fair share of it.
    """
    left = [replace(response, places=response.places.copy(), spots=response.spots.copy()) for response in responses]
    scores = np.stack([_score(*one) for one in zip(left, unrest, strict=True)]) * searchable[:, np.newaxis]
    shade = np.zeros(unrest.shape)
    index_of = np.arange(unrest.shape[1])
    peaks: list[_Peak] = []
    while True:
        which, index, template = (int(i) for i in np.unravel_index(int(scores.argmax()), scores.shape))
        if scores[which, index, template] < 1:
            return peaks
        which, index = _sharpened(left, scores, (which, index, template), fps)
        picked = replace(left[which], places=left[which].places.copy(), spots=left[which].spots.copy())
        claimed = picked.amplitudes(slice(index, index + 1))[0, template]
        score = float(scores[which, index, template])
        peaks.append(_Peak(index, responses[which], template, score, claimed, picked.spots[index]))
        size = np.hypot(*picked.places[index].T).max()
        for number, response in enumerate(left):
            take_out(response, picked, index, fps)
            reach = round((0.5 * picked.length_s + 1.5 * response.length_s) * fps) + 1
            around = slice(max(0, index - reach), index + reach + 1)
            is_own = np.abs(index_of[around] - index) <= round((0.6 * picked.length_s + 0.05) * fps)
            shade[number, around] = np.maximum(shade[number, around], np.where(is_own, np.inf, AFTERGLOW * size))
            part = replace(response, places=response.places[around])
            sizes = np.hypot(*np.moveaxis(part.amplitudes(), -1, 0)) / response.leverage
            counts = searchable[around, np.newaxis] & (sizes >= shade[number, around, np.newaxis])
            scores[number, around] = _score(part, unrest[number, around]) * counts


def _sharpened(left: list[Response], scores: FloatArray, at: tuple[int, int, int], fps: float) -> tuple[int, int]:
    """Return the pulse length and sample that stand for a peak: a shorter pulse where that is clearly larger.

    A long pulse lies over two short twitches and beats each of them in the
    filter, but it is lower than they are; over one long twitch the long pulse
    is the highest.
    """
    which, index, template = at
    size = np.hypot(*left[which].amplitudes(slice(index, index + 1))[0, template])
    reach = round(0.6 * left[which].length_s * fps)
    around = slice(max(0, index - reach), index + reach + 1)
    best = which, index
    for shorter in range(which):
        sizes = np.hypot(*left[shorter].amplitudes(around)[:, template].T)
        sizes = np.where(scores[shorter, around, template] >= 1, sizes, 0)
        if sizes.max() > SHARPER * size:
            size, best = float(sizes.max()), (shorter, around.start + int(sizes.argmax()))
    return best


def _describe(motion: Motion, peak: _Peak, templates: Templates, fps: float) -> Twitch:
    """Measure one twitch: times, size, direction, side, partners."""
    response = peak.response
    claimed = float(np.hypot(*peak.claimed))
    times_s, size = _times(motion, peak, templates, peak.claimed / claimed, fps)
    bump = fit_bump(peak.spots, templates)
    direction = bump / np.hypot(*bump)
    # The pulse of the search has not quite the twitch's length; the fitted one has.
    amplitude = float(np.hypot(*bump) * np.clip(size / claimed, 0.8, 1.25))
    onset_s, apex_s, offset_s = times_s
    zones = {zone: float(response.zones[peak.index, ZONES.index(zone)] @ direction) for zone in LIP}
    return Twitch(
        onset_s=round(onset_s, 4),
        apex_s=round(apex_s, 4),
        offset_s=round(offset_s, 4),
        amplitude_pct_iod=round(amplitude, 3),
        amplitude_mm=round(amplitude / 100 * MEAN_IOD_MM, 3),
        direction_deg=round(float(np.degrees(np.arctan2(direction[1], direction[0])) % 360), 1),
        side=_side(motion.lip_spots, peak.spots),
        zones={zone: round(size, 3) for zone, size in zones.items()},
        partners=_partners(response, peak.index),
        confidence=round(float(1 - np.exp(-(peak.score**2))), 3),
    )


def _times(
    motion: Motion, peak: _Peak, templates: Templates, direction: FloatArray, fps: float
) -> tuple[tuple[float, float, float], float]:
    """Return onset, apex and offset in seconds, and size, of an asymmetric pulse fitted on a straight base line."""
    from scipy.optimize import least_squares

    length_s = peak.response.length_s
    reach = max(4, round(1.3 * length_s * fps))
    window = slice(max(0, peak.index - reach), peak.index + reach + 1)
    places = np.einsum("pn,tnc->tpc", templates.place_weights, motion.lip[window])
    values = np.einsum("cp,tpc->tc", peak.response.weights[:, peak.template], places) @ direction
    t, values = motion.t_s[window][~np.isnan(values)], values[~np.isnan(values)]
    middle = float(motion.t_s[peak.index])

    def fit(shape: FloatArray) -> tuple[FloatArray, FloatArray]:
        apex, rise, fall = shape
        phase = 0.5 + 0.5 * (t - apex) / np.where(t < apex, rise, fall)
        design = np.column_stack([pulse(phase), np.ones_like(t), t - middle])
        sizes = np.linalg.lstsq(design, values, rcond=None)[0]
        return sizes, np.asarray(design @ sizes - values)

    shortest = 1.0 / fps
    start = np.array([middle, max(length_s / 2, 1.5 * shortest), max(length_s / 2, 1.5 * shortest)])
    bounds = ([middle - length_s / 2 - shortest, shortest, shortest], [middle + length_s / 2 + shortest, 0.6, 0.6])
    scale = [0.02, 0.05, 0.05]
    best = least_squares(lambda shape: fit(shape)[1], start, bounds=bounds, x_scale=scale, max_nfev=60).x
    apex, rise, fall = best
    return (float(max(0.0, apex - rise)), float(apex), float(apex + fall)), float(fit(best)[0][0])


def _side(spots: FloatArray, displacement: FloatArray) -> Side:
    """Tell the side from how the displacement is spread along the lip."""
    x = spots[:, 0]
    size = np.hypot(*displacement.T)
    reach = np.abs(x).max()

    def mean(mask: Mask) -> float:
        return float(np.sqrt((size[mask] ** 2).mean())) if mask.any() else 0.0

    left, right = mean(x > 0.35 * reach), mean(x < -0.35 * reach)
    middle = mean(np.abs(x) <= 0.35 * reach)
    weak, strong = sorted((left, right))
    if weak < ONE_SIDED_BELOW * strong and strong > 0.6 * middle:
        return "left" if left > right else "right"
    return "midline" if middle > strong else "both"


def _partners(response: Response, index: int) -> tuple[str, ...]:
    """Name the zones outside the lip that moved at the same instant, clearly and by a fair share of the lip's zones."""
    size = np.hypot(*response.zones[index].T)
    z = np.hypot(*(response.zones[index] / response.zone_sd).T)
    lip = max(size[ZONES.index(zone)] for zone in LIP)
    numbers = [(zone, ZONES.index(zone)) for zone in PARTNERS]
    return tuple(zone for zone, n in numbers if z[n] > PARTNER_Z and size[n] > PARTNER_SHARE * lip)


def _is_credible(peak: _Peak, twitch: Twitch, is_assessable: bool) -> bool:
    """Tell a twitch from the edge of an excluded movement, and from noise that happens to look like a template.

    The spots of the lip must show by themselves, without the noise model, a
    fair share of what the template claims.
    """
    least = max(FLOOR_PCT_IOD, AGREEMENT * float(np.hypot(*peak.claimed)))
    return is_assessable and twitch.amplitude_pct_iod >= least


def _not_a_twitch(peak: _Peak, twitch: Twitch) -> str | None:
    """Tell a candidate that comes with a blink of both eyes, with the head, or with the jaw."""
    moved = {zone: float(np.hypot(*peak.response.zones[peak.index, ZONES.index(zone)])) for zone in ZONES}
    size = twitch.amplitude_pct_iod
    if min(moved["upper_eyelid_left"], moved["upper_eyelid_right"]) > max(0.6, 0.8 * size):
        return "blink"
    if min(moved[zone] for zone in HEAD_ZONES) > HEAD_SHARE * size:
        return "head"
    if twitch.side in {"both", "midline"} and max(moved["lower_lip"], moved["chin"]) > 0.7 * size:
        return "speech"
    return None


def _limits(response: Response, unrest: FloatArray, assessable: Mask) -> tuple[float, float]:
    """Return the noise of the lip and the smallest amplitude found 9 times in 10, both % IOD.

    A twitch that lies at the threshold is found half of the time; 1.28
    standard deviations more make it 9 in 10, by noise alone.
    """
    spread = np.sqrt((response.template_sd**2).mean(axis=1))
    usual = float(np.median(spread))
    factor = float(np.median(unrest[assessable]))
    limit = DETECTABLE_FACTOR * max(FLOOR_PCT_IOD, (Z_THRESHOLD * factor + 1.28) * usual)
    return round(usual, 4), round(limit, 3)
