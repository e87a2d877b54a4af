"""Film: pictures of a face that is held still, slowed, its movement made larger; written as mp4.

Draws what `magnify` has planned and followed. The pictures show the face from
the lower eyelids to the chin, upright, `SCALE` times as fine as the crop (see
`crop`), above a strip with the clip's time, slow-down, factor, a scale bar and
a mark that lasts as long as a twitch.

Every picture is blended from the two pictures of the clip around its time,
each warped so that the movement is `Film.factor` times as large as it was.

Coordinates are pixels, x to the right of the picture, y down; displacements of
cells are in % IOD in the same directions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from philtrum.video.clip import Frame
from philtrum.video.crop import IOD_CROP_PX
from philtrum.video.measurement import MEAN_IOD_MM

FloatArray = NDArray[np.float64]
FloatImage = NDArray[np.float32]
Picture = NDArray[np.uint8]
Span = tuple[float, float]

SLOWDOWN = 4
FILM_FPS = 30
# The film's part of the crop, pixels of the crop.
LEFT, TOP, RIGHT, BOTTOM = 30, 85, 190, 235
SCALE = 4
WIDTH, HEIGHT, STRIP = SCALE * (RIGHT - LEFT), SCALE * (BOTTOM - TOP), 40
FILM_TO_CROP = np.array([[1 / SCALE, 0, LEFT - 0.5 + 0.5 / SCALE], [0, 1 / SCALE, TOP - 0.5 + 0.5 / SCALE], [0, 0, 1]])
"""Affine from the film's pixels to the crop's."""
# No point is moved further than this from where it was, whatever the face does: more tears the picture.
MOST_ADDED_PCT_IOD = 14.0
# The way back from a shown pixel to its resting place converges to a hundredth of a pixel in these steps.
N_STEPS_HOME = 5
# Displacements below this, 0.02 % IOD, are not drawn.
UNSEEN_PX = 0.1
# Pictures further apart than this (the face was not seen) are not blended.
MAX_BLEND_S = 0.25
# The film dips to black where it is cut, so that a cut is not taken for a twitch.
N_FADE = 8
BAR_MM = 10
ORANGE, GREY, WHITE = (255, 160, 40), (170, 170, 170), (240, 240, 240)
# A fixed number, so that the same film has the same bytes on every machine.
N_THREADS = 2


@dataclass(frozen=True, slots=True)
class Film:
    """What a film shows."""

    factor: int
    """How many times larger the movement is shown than it was."""
    stretches: tuple[Span, ...]
    """Parts of the clip that are shown, seconds, in order."""
    n_twitches: int
    """Twitches whose apex is shown."""
    slowdown: int = SLOWDOWN

    @property
    def duration_s(self) -> float:
        """Length of the film."""
        return self.n_pictures / FILM_FPS

    @property
    def n_pictures(self) -> int:
        """Pictures of the film."""
        return sum(_n_pictures(span) for span in self.stretches)

    def to_dict(self) -> dict[str, Any]:
        """Return what the film shows as plain data."""
        return {**asdict(self), "duration_s": round(self.duration_s, 3)}


@dataclass(frozen=True, slots=True)
class Track:
    """Frames in which the face was followed, T of them, in time order."""

    t_s: FloatArray
    to_frame: FloatArray
    """Shape (T, 2, 3): from the film's pixels to the frame's, skull held still."""
    movement: FloatImage
    """Shape (T, h, w, 2): displacement from rest of even cells that fill the film's picture, % IOD."""


def draw_pictures(frames: Iterable[Frame], film: Film, track: Track, facts: Mapping[str, Any]) -> Iterator[Picture]:
    """Yield the pictures of a film.

    Parameters
    ----------
    frames : iterable of Frame
        The clip from its start.
    film : Film
        What is shown.
    track : Track
        Holds at least one frame of the clip.
    facts : mapping
        The clip's measurement (schema `philtrum.measurement/1`), for the marks.

    Yields
    ------
    ndarray, shape (HEIGHT + STRIP, WIDTH, 3), uint8
        RGB.
    """
    row_of = {float(t_s): row for row, t_s in enumerate(track.t_s)}
    strip = _Strip(film, facts)
    seen = (_still(frame, row_of[frame.t_s], track) for frame in frames if frame.t_s in row_of)
    before = after = next(seen)
    for span in film.stretches:
        n_pictures, is_first, is_last = _n_pictures(span), span == film.stretches[0], span == film.stretches[-1]
        for number in range(n_pictures):
            t_s = span[0] + number / (film.slowdown * FILM_FPS)
            while after.t_s < t_s and (still := next(seen, None)) is not None:
                before, after = after, still
            fade = min(1.0, is_first or (number + 1) / N_FADE, is_last or (n_pictures - number) / N_FADE)
            picture = _between(before, after, t_s, film.factor)
            yield np.vstack([cv2.convertScaleAbs(picture, alpha=fade), strip.draw(t_s)])


def encode(path: Path, pictures: Iterable[Picture]) -> None:
    """Write H.264 that every browser plays: yuv420p, index first, no sound, nothing about where it comes from."""
    options = {"movflags": "+faststart", "fflags": "+bitexact"}
    with av.open(str(path), "w", format="mp4", container_options=options) as container:
        # With its macroblock tree, x264 does not give the same file every time.
        coding = {"crf": "20", "preset": "fast", "mbtree": "0"}
        stream = container.add_stream("libx264", rate=FILM_FPS, options=coding)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT + STRIP, "yuv420p"
        stream.codec_context.thread_count = N_THREADS
        for picture in pictures:
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            container.mux(stream.encode(frame.reformat(format="yuv420p")))
        container.mux(stream.encode(None))


def is_in(t_s: float, spans: Iterable[Span]) -> bool:
    """Tell whether a time lies in one of the spans."""
    return any(start <= t_s < end for start, end in spans)


def _n_pictures(span: Span) -> int:
    return max(1, round((span[1] - span[0]) * SLOWDOWN * FILM_FPS))


@dataclass(frozen=True, slots=True)
class _Still:
    """One picture of the clip, skull held still, and what moves in it."""

    t_s: float
    picture: Picture
    movement: FloatImage
    """Shape (BOTTOM - TOP, RIGHT - LEFT, 2), pixels of the crop, given at the resting place."""


def _still(frame: Frame, row: int, track: Track) -> _Still:
    size = RIGHT - LEFT, BOTTOM - TOP
    movement = cv2.resize(track.movement[row], size, interpolation=cv2.INTER_CUBIC) * np.float32(IOD_CROP_PX / 100)
    return _Still(frame.t_s, frame.rgb(track.to_frame[row], (WIDTH, HEIGHT)), np.asarray(movement, np.float32))


def _between(before: _Still, after: _Still, t_s: float, factor: float) -> Picture:
    """Return the picture of an instant between two pictures of the clip, its movement `factor` times as large."""
    gap_s = after.t_s - before.t_s
    share = float(np.clip((t_s - before.t_s) / max(gap_s, 1e-9), 0, 1))
    if gap_s > MAX_BLEND_S:
        share = round(share)
    now = np.asarray((1 - share) * before.movement + share * after.movement, np.float32)
    home = _home(now + _limited((factor - 1) * now))
    warped = [_warped(still.picture, home + _sampled(still.movement, home)) for still in (before, after)]
    return np.asarray(cv2.addWeighted(warped[0], 1 - share, warped[1], share, 0), np.uint8)


def _limited(added: FloatImage) -> FloatImage:
    """Bend large displacements down to `MOST_ADDED_PCT_IOD`; small ones stay as they are."""
    size = np.sqrt((added**2).sum(axis=-1, keepdims=True)) / (MOST_ADDED_PCT_IOD * IOD_CROP_PX / 100)
    return np.asarray(added / (1 + size**8) ** 0.125, np.float32)


def _home(shown: FloatImage) -> FloatImage:
    """Return the way from each pixel to where its content rests; `shown` is given at the resting place."""
    home = -shown
    for _ in range(N_STEPS_HOME):
        home = -_sampled(shown, home)
    return home


def _sampled(field: FloatImage, away: FloatImage) -> FloatImage:
    """Return a field's values at a displacement from each pixel."""
    x, y = _places(away)
    return np.asarray(cv2.remap(field, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32)


def _places(away: FloatImage) -> tuple[FloatImage, FloatImage]:
    """Return x and y of each pixel plus its displacement."""
    height, width = away.shape[:2]
    columns, rows = np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)
    return columns + away[..., 0], rows[:, np.newaxis] + away[..., 1]


def _warped(picture: Picture, away: FloatImage) -> Picture:
    """Return the picture sampled at a displacement that is given for each pixel of the crop."""
    if np.abs(away).max() * SCALE < UNSEEN_PX:
        return picture
    x, y = _places(np.asarray(cv2.resize(away * np.float32(SCALE), (WIDTH, HEIGHT)), np.float32))
    # The picture is an enlargement: there is nothing so fine in it that linear interpolation would lose it.
    return np.asarray(cv2.remap(picture, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.uint8)


class _Strip:
    """The line of text and marks below the picture."""

    def __init__(self, film: Film, facts: Mapping[str, Any]) -> None:
        self._twitches = [(twitch["onset_s"], twitch["offset_s"]) for twitch in facts["twitches"]]
        self._runs = [(run["start_s"], run["end_s"]) for run in facts["runs"]]
        self._excluded = [(gap["start_s"], gap["end_s"]) for gap in facts["excluded"]]
        self._blank = np.full((STRIP, WIDTH, 3), 25, np.uint8)
        bar_px = round(BAR_MM / MEAN_IOD_MM * SCALE * IOD_CROP_PX)
        cv2.line(self._blank, (WIDTH - 15 - bar_px, 33), (WIDTH - 15, 33), WHITE, 2)
        _write(self._blank, f"about {BAR_MM} mm", WIDTH - 122, 25, WHITE)
        _write(self._blank, f"{film.slowdown}x slower, movement {film.factor}x larger", 95, 28, WHITE)

    def draw(self, t_s: float) -> Picture:
        """Return the strip for a time of the clip."""
        strip = self._blank.copy()
        _write(strip, f"{t_s:.2f} s", 10, 28, WHITE)
        number = next((n for n, span in enumerate(self._twitches, start=1) if is_in(t_s, [span])), None)
        if number is not None or is_in(t_s, self._runs):
            strip[:6] = ORANGE
            _write(strip, "run" if number is None else f"twitch {number}", 400, 28, ORANGE)
        elif is_in(t_s, self._excluded):
            _write(strip, "not judged", 400, 28, GREY)
        return strip


def _write(strip: Picture, text: str, x: int, y: int, colour: tuple[int, int, int]) -> None:
    cv2.putText(strip, text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, 0.5, colour, 1, cv2.LINE_AA)
