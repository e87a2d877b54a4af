"""Describe: onset, apex, offset, size, direction, side and partners of one twitch.

Onset, apex, offset and size come from a least-squares fit of an asymmetric
pulse to the displacement of the bump that fits best, along its own direction.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from philtrum.video.bumps import LIP_BUMPS
from philtrum.video.measurement import MEAN_IOD_MM, Side, Twitch
from philtrum.video.motion import Motion
from philtrum.video.response import Response, pulse
from philtrum.video.zones import LIP, ZONES

FloatArray = NDArray[np.float64]

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
PARTNER_Z, PARTNER_SHARE = 4.0, 0.15
# Of a pair, one must exceed the other's z by this factor, or by itself reach VERY_CLEAR_Z.
LOPSIDED, VERY_CLEAR_Z = 1.8, 8.0
# A bump nearer to the middle than this share of the way to the corner of the mouth is the midline's.
MIDLINE_WITHIN = 0.3
# Both sides move where the zone of the weaker one moves more than this share of the other's.
BOTH_ABOVE = 0.92
# The fitted pulse may change the size that the search claimed by this much.
FIT_MAY_CHANGE = (0.8, 1.35)
LONGEST_FLANK_S = 0.6
# Onset and offset are where the fitted pulse has this share of its peak, which is a ninth of each flank inwards.
EDGE_LEVEL = 0.03
EDGE_PART = float(np.arccos(1 - 2 * EDGE_LEVEL) / np.pi)


@dataclass(frozen=True, slots=True)
class Peak:
    """One candidate."""

    index: int
    response: Response
    bump: int
    """Number of the bump that fits best."""
    score: float
    claimed: FloatArray
    """Shape (2,): displacement of the bump, earlier twitches taken out, % IOD."""


def describe(motion: Motion, peak: Peak, fps: float) -> Twitch:
    """Measure one twitch."""
    claimed = float(np.hypot(*peak.claimed))
    direction = peak.claimed / claimed
    (onset_s, apex_s, offset_s), size = _fit_pulse(motion, peak, direction, fps)
    amplitude = claimed * float(np.clip(size / claimed, *FIT_MAY_CHANGE))
    moved = peak.response.zones[peak.index]
    return Twitch(
        onset_s=round(onset_s, 4),
        apex_s=round(apex_s, 4),
        offset_s=round(offset_s, 4),
        amplitude_pct_iod=round(amplitude, 3),
        amplitude_mm=round(amplitude / 100 * MEAN_IOD_MM, 3),
        direction_deg=round(float(np.degrees(np.arctan2(direction[1], direction[0])) % 360), 1),
        side=_side(peak.bump, moved),
        zones={zone: round(float(moved[ZONES.index(zone)] @ direction), 3) for zone in LIP},
        partners=_partners(peak.response, peak.index, amplitude),
        confidence=round(float(1 - np.exp(-(peak.score**2))), 3),
    )


def side_of_bump(number: int) -> Side:
    """Return the side on which a bump of the lip lies."""
    bump = LIP_BUMPS[number]
    if bump.kind != "one":
        return "both"
    if abs(bump.along) < MIDLINE_WITHIN:
        return "midline"
    return "left" if bump.along > 0 else "right"


def _side(bump: int, moved: FloatArray) -> Side:
    """Return the side of the bump that fits best, or both where the other side's zone moves nearly as far."""
    side = side_of_bump(bump)
    left, right = (float(np.hypot(*moved[ZONES.index(zone)])) for zone in ("upper_lip_left", "upper_lip_right"))
    return "both" if side in {"left", "right"} and min(left, right) > BOTH_ABOVE * max(left, right) else side


def _fit_pulse(
    motion: Motion, peak: Peak, direction: FloatArray, fps: float
) -> tuple[tuple[float, float, float], float]:
    """Return onset, apex and offset in seconds, and size, of an asymmetric pulse fitted on a straight base line."""
    from scipy.optimize import least_squares

    length_s = peak.response.length_s
    reach = max(4, round(1.3 * length_s * fps))
    window = slice(max(0, peak.index - reach), peak.index + reach + 1)
    values = motion.bumps[window, peak.bump] @ direction
    t, values = motion.t_s[window][~np.isnan(values)], values[~np.isnan(values)]
    middle = float(motion.t_s[peak.index])

    def fit(shape: FloatArray) -> tuple[FloatArray, FloatArray]:
        apex, rise, fall = shape
        phase = 0.5 + 0.5 * (t - apex) / np.where(t < apex, rise, fall)
        design = np.column_stack([pulse(phase), np.ones_like(t), t - middle])
        sizes = np.linalg.lstsq(design, values, rcond=None)[0]
        return np.asarray(sizes), np.asarray(design @ sizes - values)

    shortest = 1.0 / fps
    start = np.array([middle, max(length_s / 2, 1.5 * shortest), max(length_s / 2, 1.5 * shortest)])
    around = length_s / 2 + shortest
    bounds = ([middle - around, shortest, shortest], [middle + around, LONGEST_FLANK_S, LONGEST_FLANK_S])
    scale = [0.02, 0.05, 0.05]
    best = least_squares(lambda shape: fit(shape)[1], start, bounds=bounds, x_scale=scale, max_nfev=60).x
    apex, rise, fall = best
    onset_s, offset_s = apex - (1 - EDGE_PART) * rise, apex + (1 - EDGE_PART) * fall
    return (float(max(0.0, onset_s)), float(apex), float(offset_s)), float(fit(best)[0][0])


def _partners(response: Response, index: int, amplitude: float) -> tuple[str, ...]:
    """Name the zones outside the lip that moved at the same instant, clearly and by a fair share of the twitch.

    Of a pair the one that moved much more counts, unless both moved very clearly: head motion that was left over
    moves both.
    """
    size = dict(zip(ZONES, np.hypot(*response.zones[index].T), strict=True))
    z = dict(zip(ZONES, np.hypot(*(response.zones[index] / response.zone_sd).T), strict=True))
    clear = [zone for zone in PARTNERS if z[zone] > PARTNER_Z and size[zone] > PARTNER_SHARE * amplitude]
    return tuple(zone for zone in clear if z[zone] > min(LOPSIDED * z.get(_opposite(zone), 0.0), VERY_CLEAR_Z))


def _opposite(zone: str) -> str:
    name, _, side = zone.rpartition("_")
    return f"{name}_{'right' if side == 'left' else 'left'}"
