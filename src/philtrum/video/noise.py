"""Noise: what a clip's noise remembers from frame to frame, and how far it reaches out.

*Memory.* What is left of the head's motion, and what coding does, drifts:
noise has much more power at 1 Hz than at 10 Hz. Half the mean squared difference
of noise d seconds apart (the variogram) is fitted by a + b d^h with
0 < h < 2, which any filter that sums to 0 turns into a valid variance [1]_.
The filter that fits a pulse best is made from it (see `response`).

*Reach.* Coding with few bits moves skin seldom and far. How far is asked of
control bumps, which take no part in a twitch: peaks of their filter value above
a level are taken as exponential (peaks over threshold [2]_), and the limit is
where they become as rare as false alarms may be.

References
----------
.. [1] Matheron G (1973). The intrinsic random functions and their
   applications. Adv Appl Probab 5:439. doi:10.2307/1425829
.. [2] Pickands J (1975). Statistical inference using extreme order
   statistics. Ann Stat 3:119. doi:10.1214/aos/1176343003
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Mask = NDArray[np.bool_]

# Differences are taken up to this distance.
MEMORY_S = 0.6
POWERS = tuple(np.arange(0.1, 1.95, 0.1).tolist())
LEAST_PAIRS = 20
# Peaks above LEVEL are looked at, this far apart. For normal noise they exceed it by 1 / LEVEL on average: worth as
# much as PRIOR_PEAKS peaks where a short clip shows few.
LEVEL, APART_S = 3.0, 0.25
PRIOR_EXCESS, PRIOR_PEAKS = 0.36, 6.0
# A control whose highest value is so many times that of the others has moved by itself.
OUTLYING = 2.0
# Restlessness is judged within this time, and at the very instant, where it must be larger by this factor to count.
AROUND_S, INSTANT = 0.6, 1.5
# Peaks of one control that may pass the limit, a minute. A lip holds about eight places that move independently, so
# this is a false twitch in forty minutes by noise like the controls'.
FALSE_PER_MIN = 0.003


@dataclass(frozen=True, slots=True)
class Memory:
    """Variogram of noise: half the mean squared difference of values d seconds apart is nugget + slope d^power."""

    nugget: float
    slope: float
    power: float

    def covariance(self, t_s: FloatArray) -> FloatArray:
        """Return a matrix, shape (n, n), that gives the variance of every sum of samples with weights adding to 0."""
        apart = np.abs(np.subtract.outer(t_s, t_s))
        half = np.where(apart > 0, self.nugget + self.slope * apart**self.power, 0.0)
        return np.asarray(2 * half.max() - half)


def estimate_memory(values: FloatArray, is_quiet: Mask, fps: float) -> Memory:
    """Fit the variogram of noise.

    Parameters
    ----------
    values : array, shape (T, C)
        Evenly spaced.
    is_quiet : bool array, shape (T,)
        Where there is nothing but noise.
    fps : float
        Samples per second.
    """
    distances, halves = [], []
    for lag in range(1, max(3, round(MEMORY_S * fps)) + 1):
        both = is_quiet[lag:] & is_quiet[:-lag]
        if both.sum() >= LEAST_PAIRS:
            distances.append(lag / fps)
            halves.append(float((spread((values[lag:] - values[:-lag])[both]) ** 2).mean()) / 2)
    return _fitted(np.array(distances), np.array(halves)) if len(halves) > 1 else Memory(1.0, 0.0, 1.0)


def _fitted(distance_s: FloatArray, half: FloatArray) -> Memory:
    """Fit nugget, slope and power by least squares of relative errors."""
    from scipy.optimize import nnls

    best = (np.inf, Memory(1.0, 0.0, 1.0))
    for power in POWERS:
        design = np.column_stack([np.ones_like(distance_s), distance_s**power]) / half[:, np.newaxis]
        (nugget, slope), rest = nnls(design, np.ones_like(half))
        if rest < best[0]:
            best = rest, Memory(float(nugget), float(slope), power)
    return best[1]


def limit(z: FloatArray, usable: Mask, fps: float) -> float:
    """Return the filter value that the controls' noise would pass as rarely as false alarms may come.

    Parameters
    ----------
    z : array, shape (T, C)
        Filter value of each control, in standard deviations.
    usable : bool array, shape (T,)
        Where it counts.
    fps : float
        Samples per second.
    """
    from scipy.ndimage import maximum_filter1d

    counted = np.where(usable[:, np.newaxis], z, 0.0)
    tops = counted.max(axis=0)
    counted = counted[:, tops <= OUTLYING * np.median(tops)]
    highest = maximum_filter1d(counted, 2 * max(1, round(APART_S * fps / 2)) + 1, axis=0)
    excesses = counted[(counted == highest) & (counted > LEVEL)] - LEVEL
    minutes = max(usable.sum() / fps / 60 * counted.shape[1], 1e-6)
    excess = (excesses.sum() + PRIOR_EXCESS * PRIOR_PEAKS) / (len(excesses) + PRIOR_PEAKS)
    rate = max(len(excesses), 1) / minutes
    return float(LEVEL + excess * np.log(max(1.0, rate / FALSE_PER_MIN)))


def unrest(z: FloatArray, assessable: Mask, fps: float) -> FloatArray:
    """Tell how restless the controls are around each sample against their usual, at least 1, shape (T,).

    Most of them must be: one alone may move by itself. Parameters: as `limit`.
    """
    from scipy.ndimage import uniform_filter1d

    most = np.median(z, axis=1)
    usual = float(np.median(most[assessable])) + 1e-6
    around = uniform_filter1d(most, 2 * round(AROUND_S * fps / 2) + 1, mode="nearest")
    return np.asarray(np.maximum(1.0, np.maximum(around, most / INSTANT) / usual))


def spread(values: FloatArray | NDArray[np.float32]) -> FloatArray:
    """Return the standard deviation from the quieter part of the distribution, which twitches do not reach.

    35 % of normal values lie within 0.454 sd, 68 % within 0.994 sd. Coding
    that repeats unchanged blocks makes small values too frequent; the second
    quantile guards against that.
    """
    low, high = np.quantile(np.abs(values), [0.35, 0.68], axis=0)
    return np.asarray(np.maximum(low / 0.454, 0.85 * high / 0.994) + 1e-4, np.float64)
