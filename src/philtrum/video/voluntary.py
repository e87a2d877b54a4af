"""Voluntary: time in which something else than a twitch moved the lip, or the lip could not be seen.

A twitch is small, brief and local. Speech, smiles and chewing are large, last
longer, move both sides or the jaw; a turning head, a passing shadow or a
blurred picture move everything. Such time is *excluded*: it does not count as
quiet, and no twitch is looked for in it.

Rules look at displacements in % IOD over short windows; all thresholds stand
in the table below. Intervals are half-open ``[start, end)``, seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from philtrum.video.measurement import Exclusion, ExclusionReason
from philtrum.video.motion import Motion

FloatArray = NDArray[np.float64]
Mask = NDArray[np.bool_]

# How far the lower lip or chin may travel within 0.6 s. A 3 % twitch of the middle of the upper lip drags them by
# about 0.4 %; a spoken syllable moves them by 3-10 %. In a small or noisy face the quietest fifth of the clip already
# travels; the limit is then that times QUIET_FACTOR, but never above the highest limit.
JAW_RANGE_PCT_IOD = (3.0, 6.0)
QUIET_FACTOR = 2.5
JAW_WINDOW_S = 0.6
# Both corners of the mouth, 1 s: a faint smile moves each by 2-4 %; a twitch moves one.
CORNER_RANGE_PCT_IOD = (3.0, 6.0)
CORNER_WINDOW_S = 1.0
# The upper lip itself: larger than any fasciculation (3 % IOD is 2.7 mm) and for longer than 0.5 s.
LIP_RANGE_PCT_IOD = 6.0
# Chewing opens and closes the jaw 1-2 times a second with closed lips.
CHEWING_HZ = (0.8, 2.2)
# Head: beyond this speed the picture smears; beyond this turn one half of the lip is hidden.
HEAD_SPEED_PCT_IOD_PER_S = 150.0
MAX_YAW_DEG, MAX_PITCH_DEG = 40.0, 35.0
# What the rigid fit leaves in the reference zones, against the clip's median and at least 0.5 % IOD.
REST_FACTOR, REST_PCT_IOD = 5.0, 0.5
# A step of brightness within 0.1 s, share of the mean.
LIGHT_STEP = 0.06
# Lip texture against its reference picture.
MIN_SHARPNESS = 0.45
# Likeness of the lip region with its reference picture, against the clip's median: below, something lies over the lip.
# A twitch of 3 % of IOD leaves 0.93 of it, a hand 0.8 or less.
MIN_LIKENESS = 0.85
# Texture that jumps by this share from frame to frame, and so many times as far as it usually does, was coded anew.
RECODED_CHANGE, RECODED_FACTOR, RECODED_MARGIN_S = 0.12, 12.0, 0.08
# Repeated pictures: three in a row hide up to 0.13 s at 30 fps.
MIN_DUPLICATES = 3
# Excluded time is widened by this, and gaps shorter than twice this are closed: movement starts before it is large.
MARGIN_S = 0.25


def find_exclusions(motion: Motion, fps: float) -> list[Exclusion]:
    """Find the time in which no twitch could be told.

    Parameters
    ----------
    motion : Motion
        Evenly spaced.
    fps : float
        Samples per second.

    Returns
    -------
    list of Exclusion
        In time order; those of one reason do not overlap, those of different reasons may.
    """
    hidden: dict[ExclusionReason, Mask] = {"face_lost": ~motion.is_seen}
    moving: dict[ExclusionReason, Mask] = {
        "head_motion": _head_motion(motion, fps),
        "exposure": _light_step(motion, fps),
        "blur": motion.sharpness < MIN_SHARPNESS,
        "face_lost": motion.likeness < MIN_LIKENESS * _usual(motion.likeness),
        **_mouth_movements(motion, fps),
    }
    found = [exclusion for reason, mask in hidden.items() for exclusion in _intervals(motion.t_s, mask, reason, 0.0)]
    found += _intervals(motion.t_s, _long_runs(motion.is_duplicate, MIN_DUPLICATES), "duplicate_frames", 1 / fps)
    found += _intervals(motion.t_s, _is_recoded(texture_change(motion)), "blur", RECODED_MARGIN_S)
    for reason, mask in moving.items():
        found += _intervals(motion.t_s, mask, reason, MARGIN_S)
    return sorted(_joined(found), key=lambda exclusion: (exclusion.start_s, exclusion.end_s, exclusion.reason))


def _joined(found: Sequence[Exclusion]) -> list[Exclusion]:
    """Join what overlaps and has the same reason."""
    joined: list[Exclusion] = []
    for one in sorted(found, key=lambda exclusion: (exclusion.reason, exclusion.start_s)):
        if joined and joined[-1].reason == one.reason and one.start_s <= joined[-1].end_s:
            joined[-1] = replace(joined[-1], end_s=max(joined[-1].end_s, one.end_s))
        else:
            joined.append(one)
    return joined


def assessable(t_s: FloatArray, exclusions: Sequence[Exclusion]) -> Mask:
    """Tell for every sample whether a twitch could be told there, shape (T,)."""
    mask = np.ones(len(t_s), bool)
    for exclusion in exclusions:
        mask &= (t_s < exclusion.start_s) | (t_s >= exclusion.end_s)
    return mask


def _mouth_movements(motion: Motion, fps: float) -> dict[ExclusionReason, Mask]:
    """Tell speech, smiles and chewing by jaw, both corners, and size."""
    jaw = np.maximum(
        _travel(motion.zone("lower_lip"), JAW_WINDOW_S, fps), _travel(motion.zone("chin"), JAW_WINDOW_S, fps)
    )
    corners = np.minimum(
        _travel(motion.zone("mouth_corner_left"), CORNER_WINDOW_S, fps),
        _travel(motion.zone("mouth_corner_right"), CORNER_WINDOW_S, fps),
    )
    lip = np.max([_travel(motion.zone(zone), 0.5, fps) for zone in ("upper_lip_left", "upper_lip_right")], axis=0)
    has_jaw, has_corners, has_lip = (
        jaw > _limit(jaw, JAW_RANGE_PCT_IOD),
        corners > _limit(corners, CORNER_RANGE_PCT_IOD),
        lip > LIP_RANGE_PCT_IOD,
    )
    is_chewing = has_jaw & _is_chewing(motion, fps)
    is_smile = (has_corners | has_lip) & ~has_jaw
    return {"chewing": is_chewing, "speech": has_jaw & ~is_chewing, "smile": is_smile}


def _limit(travel: FloatArray, allowed: tuple[float, float]) -> float:
    """Raise the lower limit to what even the quietest fifth of the clip travels, up to the upper limit."""
    return float(np.clip(QUIET_FACTOR * np.quantile(travel, 0.2), *allowed))


def _is_chewing(motion: Motion, fps: float) -> Mask:
    """Tell whether the chin's movement repeats at the rate of chewing while the lips stay closed, per sample."""
    chin = np.nan_to_num(motion.zone("chin")[:, 1])
    window = max(4, round(3 * fps))
    if len(chin) < window:
        return np.zeros(len(chin), bool)
    is_chewing = np.zeros(len(chin), bool)
    frequency = np.fft.rfftfreq(window, 1 / fps)
    slow = (frequency >= CHEWING_HZ[0]) & (frequency <= CHEWING_HZ[1])
    fast = frequency > CHEWING_HZ[1]
    for start in range(0, len(chin) - window + 1, max(1, window // 3)):
        part = slice(start, start + window)
        power = np.abs(np.fft.rfft((chin[part] - chin[part].mean()) * np.hanning(window))) ** 2
        opening = motion.mouth_opening[part]
        if power[slow].sum() > 2 * power[fast].sum() and np.nanmax(opening, initial=0) < 5:
            is_chewing[part] = True
    return is_chewing


def _head_motion(motion: Motion, fps: float) -> Mask:
    """Tell a head that moves too fast, is turned too far, or moves in a way that the rigid fit cannot follow."""
    speed = np.hypot(*np.gradient(motion.skull, axis=0).T) * fps if len(motion.skull) > 1 else np.zeros(1)
    is_turned = (np.abs(motion.pose_deg[:, 0]) > MAX_YAW_DEG) | (np.abs(motion.pose_deg[:, 1]) > MAX_PITCH_DEG)
    usual = float(np.nanmedian(motion.rest)) if motion.is_seen.any() else 0.0
    is_loose = motion.rest > max(REST_FACTOR * usual, REST_PCT_IOD)
    return (_nan_to(speed, 0) > HEAD_SPEED_PCT_IOD_PER_S) | is_turned | is_loose


def _light_step(motion: Motion, fps: float) -> Mask:
    travel = _travel(motion.brightness[:, np.newaxis], 0.1, fps)
    return travel > LIGHT_STEP * _nan_to(motion.brightness, 255.0)


def texture_change(motion: Motion) -> FloatArray:
    """Return the change of the lip's texture from the frame before, of its logarithm, brightness apart; shape (T,)."""
    texture = np.maximum(motion.sharpness, 1e-6) / np.maximum(motion.brightness, 1.0) ** 2
    return np.asarray(np.abs(np.diff(np.log(texture), prepend=np.nan)))


def _is_recoded(change: FloatArray) -> Mask:
    """Tell where the picture's texture was coded anew, as a key frame of a strongly compressed clip does."""
    return np.asarray(change > max(RECODED_CHANGE, RECODED_FACTOR * _usual(change)))


def _travel(values: FloatArray, window_s: float, fps: float) -> FloatArray:
    """Largest change of a displacement within a window around each sample, shape (T,); 0 where not seen.

    The window covers the sample only from one side or the other at its ends, so it is as wide as `window_s`.
    """
    from scipy.ndimage import maximum_filter1d, minimum_filter1d

    size = max(2, round(window_s * fps))
    is_missing = np.isnan(values)
    low = minimum_filter1d(np.where(is_missing, np.inf, values), size, axis=0, mode="nearest")
    high = maximum_filter1d(np.where(is_missing, -np.inf, values), size, axis=0, mode="nearest")
    span = np.where(np.isfinite(low) & np.isfinite(high), high - np.where(np.isfinite(low), low, 0), 0)
    return np.asarray(np.sqrt((span**2).sum(axis=1)))


def _usual(values: FloatArray) -> float:
    """Return the median of what is known, 0 where nothing is."""
    known = values[~np.isnan(values)]
    return float(np.median(known)) if len(known) else 0.0


def _nan_to(values: FloatArray, fill: float) -> FloatArray:
    return np.where(np.isnan(values), fill, values)


def _long_runs(mask: Mask, n_least: int) -> Mask:
    """Keep only runs of at least `n_least` True values."""
    kept = np.zeros_like(mask)
    for start, end in _runs(mask):
        if end - start >= n_least:
            kept[start:end] = True
    return kept


def _runs(mask: Mask) -> list[tuple[int, int]]:
    """Return the runs of True values as half-open index ranges."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(np.int8), [0]])))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]


def _intervals(t_s: FloatArray, mask: Mask, reason: ExclusionReason, margin_s: float) -> list[Exclusion]:
    """Turn a mask into intervals, widened by a margin; those that then touch are joined."""
    if not len(t_s):
        return []
    step_s = float(np.median(np.diff(t_s))) if len(t_s) > 1 else 0.0
    end_of_clip = float(t_s[-1]) + step_s
    joined: list[list[float]] = []
    for start, end in _runs(mask):
        start_s = max(0.0, float(t_s[start]) - margin_s)
        end_s = min(end_of_clip, float(t_s[end - 1]) + step_s + margin_s)
        if joined and start_s <= joined[-1][1]:
            joined[-1][1] = end_s
        else:
            joined.append([start_s, end_s])
    return [Exclusion(round(start_s, 4), round(end_s, 4), reason) for start_s, end_s in joined]
