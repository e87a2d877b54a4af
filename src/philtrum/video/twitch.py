"""Twitch: find brief movements of the upper lip in its displacement.

Method
------
*Matched filter.* Five lengths of pulse (0.08-0.5 s) are fitted at every
instant to every bump along the lip (see `response` and `bumps`).

*Threshold, calibrated on the clip itself.* Displacements are divided by their
own spread in this clip (from the lower part of their distribution, so that
twitches do not raise it); x and y are combined. The largest of all bumps and
lengths must pass a limit that this clip's control bumps would pass once in
many minutes (see `noise`), and an absolute floor. Where the reference zones are
restless, the limit rises with them.

`score` is the filter's value divided by the limit: twitches are where it
passes 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from philtrum.video.describe import LONGEST_FLANK_S, Peak, describe
from philtrum.video.measurement import Twitch
from philtrum.video.motion import Motion
from philtrum.video.response import PULSES_S, Response, respond, take_out
from philtrum.video.zones import ZONES

FloatArray = NDArray[np.float64]
SmallArray = NDArray[np.float32]
Mask = NDArray[np.bool_]

# The length that noise and the smallest detectable twitch are stated for.
USUAL = PULSES_S.index(0.2)
# Smaller displacements are not told from coding artefacts in any clip, % IOD.
FLOOR_PCT_IOD = 0.35
# Larger ones are no twitch of a muscle of the lip (5 mm) but a hand or a face pulled on purpose.
LARGEST_PCT_IOD = 6.0
# So much of a twitch must lie in time that can be judged.
MOSTLY = 0.75
# Narrow, brief or coded twitches show less than their size. With this factor, nine in ten are found just above the
# stated limit (`benchmarks/video`).
DETECTABLE_FACTOR = 1.25
# Around a twitch, another one counts from this share of its size: a pulse never fits quite.
AFTERGLOW = 0.6
# A shorter pulse stands for a movement where it is larger by this factor.
SHARPER = 1.15
# Rest is looked for between these times before and after; a movement that reaches less than this share of its size
# away from there is none.
REST_S, GAP_BELOW = (0.4, 0.9), 0.35
# A fitted pulse that is so much longer than the one that found it does not come back to rest.
LONGER = 0.8
# A flank of this share of the longest that is fitted has no end.
STEP_SHARE = 0.8
# A movement of the middle or of both sides that lower lip and chin share to this extent is the jaw's.
JAW_SHARE = 0.35
# So does one that comes with a blink of both eyes so many times as large.
BLINK_SHARE = 3.0
# Where lower lip or chin travel further than the candidate, and this far, within AROUND_S of it, the mouth is moving.
JAW_TRAVEL_PCT_IOD, AROUND_S, SMOOTHED_S = 0.8, 0.6, 0.1
# A movement shared by nose and forehead to this share of the lip's is head motion that was left over.
HEAD_ZONES, HEAD_SHARE = ("nose_bridge", "forehead"), 0.6


@dataclass(frozen=True, slots=True)
class TwitchSearch:
    """What the search found, and what it found it in."""

    twitches: tuple[Twitch, ...]
    """In time order."""
    score: FloatArray
    """Shape (T,): filter value over the limit."""
    noise_pct_iod: float | None
    """Standard deviation of the lip's displacement (0.2 s pulses) where no twitch is."""
    detectable_pct_iod: float | None
    """Smallest amplitude that passes the limit 9 times in 10."""
    blinks_s: tuple[tuple[float, float], ...]
    """Lip movements that came with a blink of both eyes and are not counted."""
    head_s: tuple[tuple[float, float], ...]
    """Lip movements that nose and forehead shared and that are not counted."""
    speech_s: tuple[tuple[float, float], ...]
    """Lip movements that lower lip or chin shared and that are not counted."""


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
    responses = respond(motion, assessable, fps)
    searchable = _well_inside(assessable, fps)
    pursuit = _Pursuit(motion.bumps, responses, searchable, fps)
    best = pursuit.score()
    kept: list[Twitch] = []
    refused: dict[str, list[tuple[float, float]]] = {"blink": [], "head": [], "speech": []}
    for peak in pursuit.peaks():
        twitch = describe(motion, peak, fps)
        span = slice(*np.searchsorted(motion.t_s, [twitch.onset_s, twitch.offset_s + 1 / fps]))
        is_small_enough = FLOOR_PCT_IOD <= twitch.amplitude_pct_iod <= LARGEST_PCT_IOD
        if not is_small_enough or assessable[span].mean() < MOSTLY:
            continue
        if any(stronger.onset_s <= twitch.apex_s < stronger.offset_s for stronger in kept):
            continue  # what the fitted pulse left over of a stronger one
        if not _comes_back(peak, twitch):
            continue
        reason = _not_a_twitch(motion, peak, twitch, fps)
        if reason is None:
            kept.append(twitch)
        else:
            refused[reason].append((twitch.onset_s, twitch.offset_s))
    noise, detectable = _limits(responses[USUAL], responses[USUAL].limit[assessable])
    return TwitchSearch(
        tuple(sorted(kept, key=lambda twitch: twitch.onset_s)),
        best,
        noise,
        detectable,
        tuple(refused["blink"]),
        tuple(refused["head"]),
        tuple(refused["speech"]),
    )


def _score(response: Response, part: slice = slice(None)) -> SmallArray:
    """Return the filter value over the limit, shape (T, B)."""
    size = np.hypot(*np.moveaxis(response.bumps[part], -1, 0))
    score = response.z(part) / response.limit[part, np.newaxis].astype(np.float32)
    # Above the floor, size must not count: it would favour the bump that makes the most of it.
    return np.asarray(np.where(size < FLOOR_PCT_IOD, np.minimum(score, size / FLOOR_PCT_IOD), score))


def _well_inside(assessable: Mask, fps: float) -> Mask:
    """Assessable samples that have assessable neighbours for a tenth of a second on both sides."""
    from scipy.ndimage import binary_erosion

    return np.asarray(binary_erosion(assessable, np.ones(2 * max(1, round(0.1 * fps)) + 1), border_value=0), bool)


class _Pursuit:
    """Takes the highest score, takes its pulse out of all responses, and so on (matching pursuit).

    A fitted pulse never has quite the shape of the twitch, so what is left
    around a strong one counts only if it is a fair share of it. The bumps of
    the responses given are what is left at any time.
    """

    def __init__(self, bumps: FloatArray, responses: list[Response], searchable: Mask, fps: float) -> None:
        self._bumps, self._left, self._searchable, self._fps = bumps, responses, searchable, fps
        self._scores = np.empty((len(responses), *bumps.shape[:2]), np.float32)
        for number, response in enumerate(responses):
            self._scores[number] = _score(response) * searchable[:, np.newaxis]
        self._shade = np.zeros((len(responses), len(searchable)))
        self._index_of = np.arange(len(searchable))

    def score(self) -> FloatArray:
        """Return the highest score that is left at every instant, shape (T,)."""
        return np.asarray(self._scores.max(axis=(0, 2)), np.float64)

    def peaks(self) -> list[Peak]:
        """Return all candidates, the highest first."""
        peaks: list[Peak] = []
        while True:
            which, index, bump = (int(i) for i in np.unravel_index(int(self._scores.argmax()), self._scores.shape))
            if self._scores[which, index, bump] < 1:
                return peaks
            which, index = self._sharpened(which, index, bump)
            if _is_gap(self._bumps[:, bump], index, self._left[which].bumps[index, bump], self._fps):
                beside = self._beside(which, index, bump)
                if beside is None:
                    self._scores[:, max(0, index - 1) : index + 2] = 0
                    continue
                index = beside
            peaks.append(self._take(which, index, bump))

    def _take(self, which: int, index: int, bump: int) -> Peak:
        """Take a pulse out of all responses."""
        length_s, picked = self._left[which].length_s, self._left[which].bumps[index].copy()
        score, claimed = float(self._scores[which, index, bump]), picked[bump].astype(np.float64)
        own = round((0.6 * length_s + 0.05) * self._fps)
        for number, response in enumerate(self._left):
            take_out(response, length_s, picked, index, self._fps)
            reach = round((0.5 * length_s + 1.5 * response.length_s) * self._fps) + 1
            around = slice(max(0, index - reach), index + reach + 1)
            shade = np.where(np.abs(self._index_of[around] - index) <= own, np.inf, AFTERGLOW * np.hypot(*claimed))
            self._shade[number, around] = np.maximum(self._shade[number, around], shade)
            sizes = np.hypot(*np.moveaxis(response.bumps[around], -1, 0))
            counts = self._searchable[around, np.newaxis] & (sizes >= self._shade[number, around, np.newaxis])
            self._scores[number, around] = _score(response, around) * counts
        return Peak(index, self._left[which], bump, score, claimed)

    def _sharpened(self, which: int, index: int, bump: int) -> tuple[int, int]:
        """Return the pulse length and sample that stand for a peak: a shorter pulse where that is clearly larger.

        A long pulse lies over two short twitches and beats each of them in the
        filter, but it is lower than they are; over one long twitch the long pulse
        is the highest.
        """
        size = np.hypot(*self._left[which].bumps[index, bump])
        reach = round(0.6 * self._left[which].length_s * self._fps)
        around = slice(max(0, index - reach), index + reach + 1)
        best = which, index
        for shorter in range(which):
            sizes = np.hypot(*self._left[shorter].bumps[around, bump].T)
            sizes = np.where(self._scores[shorter, around, bump] >= 1, sizes, 0)
            if sizes.max() > SHARPER * size:
                size, best = float(sizes.max()), (shorter, around.start + int(sizes.argmax()))
        return best

    def _beside(self, which: int, index: int, bump: int) -> int | None:
        """Return the sample of the larger of the two movements on both sides of a gap; None where both are known."""
        reach = round(REST_S[0] * self._fps)
        part = slice(max(0, index - reach), index + reach + 1)
        along = self._left[which].bumps[part, bump] @ self._left[which].bumps[index, bump]
        counts = self._scores[which, part, bump] >= 1
        best = int(np.where(counts, along, np.inf).argmin())
        return part.start + best if counts[best] and along[best] < 0 else None


def _is_gap(moved: FloatArray, index: int, claimed: FloatArray, fps: float) -> bool:
    """Tell whether a "twitch" is the return to rest between two that go the other way.

    The bump then is where it rests, not `claimed` away from there.
    """
    near, far = (round(edge_s * fps) for edge_s in REST_S)
    around = np.concatenate([moved[max(0, index - far) : max(0, index - near)], moved[index + near + 1 : index + far]])
    at = moved[max(0, index - 1) : index + 2]
    if not len(around) or np.isnan(around).all() or np.isnan(at).all():
        return False
    size = float(np.hypot(*claimed))
    return float((np.nanmean(at, axis=0) - np.nanmedian(around, axis=0)) @ claimed) / size < GAP_BELOW * size


def _comes_back(peak: Peak, twitch: Twitch) -> bool:
    """Tell a twitch from a step, whose fitted pulse is drawn out as far as it may be."""
    flank_s = max(twitch.apex_s - twitch.onset_s, twitch.offset_s - twitch.apex_s)
    longest_s = LONGER * peak.response.length_s + LONGEST_FLANK_S / 2
    return flank_s < STEP_SHARE * LONGEST_FLANK_S and twitch.offset_s - twitch.onset_s <= longest_s


def _not_a_twitch(motion: Motion, peak: Peak, twitch: Twitch, fps: float) -> str | None:
    """Tell a candidate that comes with a blink of both eyes, with the head, or with the jaw."""
    moved = {zone: float(np.hypot(*peak.response.zones[peak.index, ZONES.index(zone)])) for zone in ZONES}
    size = twitch.amplitude_pct_iod
    if min(moved["upper_eyelid_left"], moved["upper_eyelid_right"]) > max(0.6, BLINK_SHARE * size):
        return "blink"
    if min(moved[zone] for zone in HEAD_ZONES) > HEAD_SHARE * size:
        return "head"
    if twitch.side in {"both", "midline"} and min(moved["lower_lip"], moved["chin"]) > JAW_SHARE * size:
        return "speech"
    jaw = max(_travel(motion.zone(zone), peak.index, fps) for zone in ("lower_lip", "chin"))
    return "speech" if jaw > max(JAW_TRAVEL_PCT_IOD, size) else None


def _travel(moved: FloatArray, index: int, fps: float) -> float:
    """Return how far a zone travels around a sample, % IOD; noise from frame to frame is averaged out."""
    from scipy.ndimage import uniform_filter1d

    around = moved[max(0, index - round(AROUND_S * fps)) : index + round(AROUND_S * fps) + 1]
    smooth = uniform_filter1d(around, max(3, round(SMOOTHED_S * fps)), axis=0, mode="nearest")
    return float(np.hypot(*np.ptp(smooth, axis=0)))


def _limits(response: Response, limit: FloatArray) -> tuple[float, float]:
    """Return the noise of the lip and the smallest amplitude found 9 times in 10, both % IOD.

    A twitch that lies at the limit is found half of the time; 1.28 standard
    deviations more make it 9 in 10, by noise alone.
    """
    usual = float(np.median(np.sqrt((response.bump_sd**2).mean(axis=1))))
    smallest = DETECTABLE_FACTOR * max(FLOOR_PCT_IOD, (float(np.median(limit)) + 1.28) * usual)
    return round(usual, 4), round(smallest, 3)
