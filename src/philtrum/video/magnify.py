"""Magnify: a short film for the eye, with the skull held still, time slowed and the lip's movement made larger.

A twitch of 1 % of the eye distance lasts a fifth of a second and moves the lip
by less than a millimetre: most people cannot see it in their own clip. The
film shows the stretches in which something was found, with half a second
before and after, at a quarter of the speed.

Method (Lagrangian motion magnification [1]_)
---------------------------------------------
1. The face is cut out upright (`crop`), and what the landmarks leave of the
   head's motion is taken out (`stabilise`), as in measuring.
2. The displacement of small cells against the mean of about a second is
   linked from second to second. Its running median is rest; what differs from
   rest is the movement. It is faded out where it does not stand above the
   clip's own noise, outside the lips, cheeks and chin, and in time that was
   not judged.
3. Every picture of the film is blended from the two pictures of the clip
   around its time, each warped so that the movement becomes `Film.factor`
   times as large.

Cells average over a few percent of the eye distance and so see less than the
most-moved point of the skin: the movement is scaled so that the twitches of
the film are as large as they were measured, times the factor.

Limits
------
The film is an illustration; numbers come from the measurement. A movement held
longer than about a second counts as rest and is shown as large as it was. Only
what is needed of the clip is read, frame by frame; memory grows with the
length of the film (a minute at most), not with that of the clip.

Times are seconds from the first frame; intervals are half-open.

References
----------
.. [1] Liu C et al. (2005). Motion magnification. ACM Trans Graph 24:519.
   doi:10.1145/1073204.1073223
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import dropwhile, takewhile
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from philtrum.errors import ClipError
from philtrum.video.clip import Frame, open_clip
from philtrum.video.crop import IOD_CROP_PX, look_at
from philtrum.video.face import FaceFinder, FaceTracker
from philtrum.video.film import (
    BOTTOM,
    FILM_FPS,
    FILM_TO_CROP,
    LEFT,
    RIGHT,
    SLOWDOWN,
    TOP,
    Film,
    Picture,
    Span,
    Track,
    draw_pictures,
    encode,
    is_in,
)
from philtrum.video.isolated import write_whole
from philtrum.video.measurement import Measurement
from philtrum.video.stabilise import CELL_PX, Block, coverage, stabilise
from philtrum.video.zones import LIP

FloatArray = NDArray[np.float64]
FloatImage = NDArray[np.float32]
Facts = Mapping[str, Any]

MAX_FILM_S, QUIET_FILM_S = 60.0, 20.0
CONTEXT_S = 0.5
# The typical twitch is shown this large, the largest one no larger than that, % IOD: plainly seen, and still a face.
SHOWN_PCT_IOD, MOST_SHOWN_PCT_IOD = 8.0, 12.0
MIN_FACTOR, MAX_FACTOR = 2, 20

# The cells that the film shows.
CELLS = (slice(TOP // CELL_PX, BOTTOM // CELL_PX), slice(LEFT // CELL_PX, RIGHT // CELL_PX))
MOVING = (*LIP, "mouth_corner_left", "mouth_corner_right", "cheek_left", "cheek_right", "lower_lip", "chin")
# Rest is the median over this time, found this often; twitches last less than half of it.
REST_S, REST_EVERY_S = 1.1, 0.1
# Movement is smoothed over this time (standard deviation): nothing at 30 frames per second, noise at 120.
SMOOTH_S = 0.012
# Movement of this many times the clip's noise is magnified by half, of twice as many almost fully.
GATE_NOISE, GATE_S, GATE_CELLS = 2.0, 0.035, 2.0
# Magnification ends this long before time that was not judged.
FADE_S = 0.1
# A twitch narrower than the cells' window is seen at half its size or more.
MAX_GAIN = 1.6


def magnify(
    path: str | Path,
    measurement: Measurement | Facts,
    out: Path,
    *,
    on_progress: Callable[[float | None, str], None] | None = None,
) -> Film:
    """Write a slowed and magnified film (H.264, mp4) of what was found in a clip.

    Parameters
    ----------
    path : str or Path
        The clip.
    measurement : Measurement or mapping
        Of this very clip, as `measure` returned it or as plain data (schema `philtrum.measurement/1`).
    out : Path
        File to write; appears when it is complete, or never.
    on_progress : callable, optional
        Called with (share done 0-1, what is being done). An exception it raises stops the work.

    Returns
    -------
    Film
        What the film shows.

    Raises
    ------
    ClipError
        ``magnify-refused`` (the clip could not be judged), ``magnify-other-clip`` (no face where the measurement has
        its twitches), ``magnify-onto-clip`` (`out` is the clip itself), and those of `clip.open_clip`.

    Examples
    --------
    >>> from philtrum import measure
    >>> film = magnify("lip.mp4", measure("lip.mp4"), Path("lip-magnified.mp4"))  # doctest: +SKIP
    """
    facts = measurement.to_dict() if isinstance(measurement, Measurement) else measurement
    film = plan_film(facts)
    if out.exists() and out.samefile(path):
        what = "The film would take the place of the clip that it is made from."
        raise ClipError("magnify-onto-clip", what, "Give the film another name.")
    tell = on_progress or (lambda share, stage: None)
    with threadpool_limits(1, user_api="blas"):  # as in measuring
        followed, mask = _follow(path, film, lambda share: tell(0.6 * share, "following the lip"))
    track = replace(followed, movement=_worth_magnifying(followed, mask, facts, film))
    with open_clip(path) as clip:
        pictures = draw_pictures(clip, film, track, facts)
        told = _told(pictures, film.n_pictures, lambda share: tell(0.6 + 0.4 * share, "drawing the film"))
        write_whole(out, lambda unfinished: encode(unfinished, told))
    tell(1.0, "done")
    return film


def plan_film(measurement: Measurement | Facts) -> Film:
    """Choose what to show, and how many times larger.

    Twitches and runs are shown with `CONTEXT_S` around them. Where they do not
    fit into a film of `MAX_FILM_S`, stretches with more certain twitches go first.
    Where nothing was found, the longest undisturbed stretch is shown.

    Raises
    ------
    ClipError: ``magnify-refused``.
    """
    facts = measurement.to_dict() if isinstance(measurement, Measurement) else measurement
    if facts["quality"]["verdict"] == "refused":
        reasons = facts["quality"]["reasons"]
        raise ClipError(
            "magnify-refused",
            "This clip could not be judged, so there is nothing to magnify.",
            reasons[0]["advice"] if reasons else "Film again: face from the front, at rest, in even light.",
        )
    twitches, end_s = facts["twitches"], facts["clip"]["duration_s"]
    found = [(twitch["onset_s"], twitch["offset_s"]) for twitch in twitches]
    found += [(run["start_s"], run["end_s"]) for run in facts["runs"]]
    if not found:
        return Film(MIN_FACTOR, (_quietest(facts),), 0)
    spans = _merged([(max(0.0, start - CONTEXT_S), min(end_s, end + CONTEXT_S)) for start, end in found])
    chosen = _chosen(spans, twitches, MAX_FILM_S / SLOWDOWN)
    shown = [twitch for twitch in twitches if is_in(twitch["apex_s"], chosen)]
    sizes = [twitch["amplitude_pct_iod"] for twitch in shown] or [facts["quality"]["detectable_pct_iod"]]
    wanted = min(SHOWN_PCT_IOD / float(np.median(sizes)), MOST_SHOWN_PCT_IOD / max(sizes))
    factor = int(np.clip(round(wanted), MIN_FACTOR, MAX_FACTOR))
    return Film(factor, chosen, len(shown))


def _told(pictures: Iterable[Picture], n_pictures: int, tell: Callable[[float], None]) -> Iterator[Picture]:
    """Pass pictures on and tell the share that is done."""
    for number, picture in enumerate(pictures):
        if number % FILM_FPS == 0:
            tell(number / n_pictures)
        yield picture


def _merged(spans: Iterable[Span], gap_s: float = 0.2) -> list[Span]:
    """Join spans that overlap or nearly do."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1] + gap_s:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def _chosen(spans: Sequence[Span], twitches: Sequence[Facts], budget_s: float) -> tuple[Span, ...]:
    """Choose spans until the time is used up, those with the most certain twitches first; one may be cut short."""

    def certainty(span: Span) -> float:
        return float(sum(twitch["confidence"] for twitch in twitches if is_in(twitch["apex_s"], [span])))

    chosen: list[Span] = []
    for start, end in sorted(spans, key=certainty, reverse=True):
        left_s = budget_s - sum(b - a for a, b in chosen)
        if left_s >= min(end - start, 3 * CONTEXT_S):
            chosen.append((start, min(end, start + left_s)))
    return tuple(sorted(chosen))


def _quietest(facts: Facts) -> Span:
    """Return the longest time without anything that was excluded, no longer than needed."""
    gaps = _merged([(gap["start_s"], gap["end_s"]) for gap in facts["excluded"]], 0.0)
    ends, starts = [start for start, _ in gaps] + [facts["clip"]["duration_s"]], [0.0] + [end for _, end in gaps]
    start, end = max(zip(starts, ends, strict=True), key=lambda span: span[1] - span[0])
    return start, min(end, start + QUIET_FILM_S / SLOWDOWN)


def _follow(path: str | Path, film: Film, tell: Callable[[float], None]) -> tuple[Track, FloatImage]:
    """Follow face and lip through the stretches of a film, and as long around them as rest needs."""
    sections = _merged([(start - REST_S / 2, end + REST_S / 2) for start, end in film.stretches])
    parts: list[_Part] = []
    landmarks: FloatArray | None = None  # of the first block, so that the film does not jump
    with open_clip(path) as clip:
        frames, finder, fps = iter(clip), FaceFinder(), clip.nominal_fps
        for section in sections:
            looks = look_at(_between(frames, *section), FaceTracker(finder), fps)
            for block in stabilise(looks, fps, canonical=landmarks):
                if isinstance(block, Block):
                    landmarks = block.landmarks if landmarks is None else landmarks
                    if not len(block.linking):
                        parts.append(_Part())
                    parts[-1].add(block)
                    tell(min(1.0, block.times_s[-1] / sections[-1][1]))
    times = np.array([t_s for part in parts for t_s in part.t_s])
    if landmarks is None or not any(is_in(t_s, film.stretches) for t_s in times):
        what = "No face was found where the measurement says that the lip was seen."
        raise ClipError("magnify-other-clip", what, "Give the clip together with its own measurement.")
    to_frame = np.array([affine for part in parts for affine in part.to_frame])
    movement = np.concatenate([_without_rest(np.array(part.t_s), np.array(part.displacement)) for part in parts])
    return Track(times, to_frame, movement), _mask(landmarks)


def _between(frames: Iterator[Frame], start_s: float, end_s: float) -> Iterator[Frame]:
    """Yield the frames of a span; reads one frame more."""
    return takewhile(lambda frame: frame.t_s < end_s, dropwhile(lambda frame: frame.t_s < start_s, frames))


class _Part:
    """Neighbouring blocks that all show the face: where it is, and how its cells are displaced."""

    def __init__(self) -> None:
        self.t_s: list[float] = []
        self.to_frame: list[FloatArray] = []
        self.displacement: list[FloatImage] = []

    def add(self, block: Block) -> None:
        """Take in a block, linked to the one before by the frames that both have measured."""
        moved = block.displacement[:, *CELLS]
        if self.displacement:
            before = np.array(self.displacement[-len(block.linking) :]) * IOD_CROP_PX / 100
            moved = moved + (before - block.linking[:, *CELLS]).mean(axis=0)
        self.t_s += block.times_s
        self.to_frame += [(affine @ FILM_TO_CROP)[:2] for affine in block.to_frame]
        self.displacement += list((moved * 100 / IOD_CROP_PX).astype(np.float32))


def _mask(landmarks: FloatArray) -> FloatImage:
    """Return the share of the movement that is magnified in each of `CELLS`, soft at the border."""
    cover = coverage(MOVING, landmarks).max(axis=0).astype(np.float32)
    whole = cv2.dilate(cv2.morphologyEx(cover, cv2.MORPH_CLOSE, np.ones((9, 9))), np.ones((3, 3)))
    return np.asarray(cv2.GaussianBlur(whole, (0, 0), 1.2), np.float32)[CELLS]


def _without_rest(t_s: FloatArray, displacement: FloatImage) -> FloatImage:
    """Take out rest, the running median, and smooth a little; shape (T, h, w, 2)."""
    from scipy.ndimage import gaussian_filter1d

    knots_s = np.arange(t_s[0], t_s[-1] + REST_EVERY_S, REST_EVERY_S)
    spans = np.searchsorted(t_s, [knots_s - REST_S / 2, knots_s + REST_S / 2])
    rest = np.array([np.median(displacement[start : max(stop, start + 1)], axis=0) for start, stop in spans.T])
    place = (t_s - t_s[0]) / REST_EVERY_S
    below = np.minimum(place.astype(int), max(0, len(knots_s) - 2))
    share = (place - below)[:, np.newaxis, np.newaxis, np.newaxis]
    above = np.minimum(below + 1, len(knots_s) - 1)
    movement = displacement - ((1 - share) * rest[below] + share * rest[above])
    step_s = float(np.median(np.diff(t_s))) if len(t_s) > 1 else 1.0
    return np.asarray(gaussian_filter1d(movement, SMOOTH_S / step_s, axis=0), np.float32)


def _worth_magnifying(track: Track, mask: FloatImage, facts: Facts, film: Film) -> FloatImage:
    """Return the movement that stands above noise, lies in the mask and was judged; shape (T, h, w, 2), % IOD."""
    from scipy.ndimage import gaussian_filter

    step_s = float(np.median(np.diff(track.t_s))) if len(track.t_s) > 1 else 1.0
    movement = gaussian_filter(track.movement, (0, 1, 1, 0))
    energy = gaussian_filter((movement**2).sum(axis=-1), (GATE_S / step_s, GATE_CELLS, GATE_CELLS))
    noise = GATE_NOISE * (facts["quality"]["noise_pct_iod"] or 0.0)
    gate = energy**2 / (energy**2 + noise**4 + 1e-6)
    movement *= (gate * mask)[..., np.newaxis]
    for gap in facts["excluded"]:
        off_s = np.maximum(gap["start_s"] - track.t_s, track.t_s - gap["end_s"])
        movement *= np.clip(off_s / FADE_S, 0, 1).astype(np.float32)[:, np.newaxis, np.newaxis, np.newaxis]
    return np.asarray(movement * _gain(track.t_s, movement, facts, film), np.float32)


def _gain(t_s: FloatArray, movement: FloatImage, facts: Facts, film: Film) -> float:
    """Return what makes the cells' movement as large as the twitches were measured."""
    sizes = np.sqrt((movement**2).sum(axis=-1)).max(axis=(1, 2))
    shown = [twitch for twitch in facts["twitches"] if is_in(twitch["apex_s"], film.stretches)]
    peaks = [sizes[(t_s >= twitch["onset_s"]) & (t_s <= twitch["offset_s"])].max(initial=0.0) for twitch in shown]
    ratios = [twitch["amplitude_pct_iod"] / max(peak, 1e-6) for twitch, peak in zip(shown, peaks, strict=True)]
    return float(np.clip(np.median(ratios or [1.0]), 1.0, MAX_GAIN))
