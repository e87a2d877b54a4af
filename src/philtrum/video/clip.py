"""Clip: a video file in, upright frames with true times out.

Time
----
A frame's time is its presentation time stamp (PTS) times the time base of the
stream, minus that of the first frame. Frame number divided by frame rate is no
clock: phones record with a variable rate. Where stamps are missing or run
backwards, `_Clock` says what happens.

Limits and safety
-----------------
Only ordinary local files are opened, only by the demuxers in `_CONTAINERS`,
and FFmpeg may open nothing else (no play lists, no network). Size, picture and
duration are checked before decoding, and again while decoding, because headers
can be wrong or silent. Damaged packets and pictures are left out and counted.

Memory does not grow with the length of the clip.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from io import BufferedReader
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import NoReturn, Self

import av
from av.codec.context import ThreadType
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition
from av.video.stream import VideoStream

from philtrum.errors import ClipError, ClipNotFoundError
from philtrum.video.frame import Frame as Frame
from philtrum.video.frame import Orientation, Size, frame_from_picture, read_orientation, upright_size
from philtrum.video.frame import frame_from_rgb as frame_from_rgb
from philtrum.video.measurement import ClipInfo

_CONTAINERS = "mov,matroska,avi,mpegts"
_STILLS = Disposition.attached_pic | Disposition.timed_thumbnails | Disposition.still_image
# A fixed number, so that a damaged file gives the same frames on every machine,
# and memory does not depend on the number of processors.
_N_THREADS = 4
# Browsers' recordings may state 1000 frames per second, meaning milliseconds.
_USUAL_FPS, _MAX_FPS = Fraction(30), 300
_USUAL_TIME_BASE = Fraction(1, 90_000)
# Decoders put out frames in the order of presentation; a step back by more than
# this is a recording that was joined from parts, not jitter.
_RESTART_S = 1
# Stored pixels up to this factor from square are believed; 1 % is not worth the blur.
_MAX_PIXEL_ASPECT = 4.0
_SQUARE_ENOUGH = 0.01
_SAME_SHAPE = 0.02


@dataclass(frozen=True, slots=True)
class ClipLimits:
    """What is refused, so that no file can exhaust the machine."""

    max_bytes: int = 2 * 1024**3
    max_pixels: int = 4096 * 2304
    """Width times height: 4K in either orientation."""
    max_duration_s: float = 7200.0


DEFAULT_LIMITS = ClipLimits()


@dataclass(frozen=True, slots=True)
class ClipFacts:
    """What is known of a clip before it is read."""

    name: str
    """File name without folders and control characters."""
    width: int
    """Upright width in square pixels."""
    height: int
    """Upright height in square pixels."""
    codec: str
    duration_s: float | None
    """As the file states it, which may be wrong; `None` where it does not (recordings of a browser)."""


class ClipReader:
    """Frames of one clip, in one pass; made by `open_clip`.

    Attributes
    ----------
    info : ClipFacts
    nominal_fps : float
        Frames per second as the file states them: for a rough idea only.
    n_corrupt : int
        Packets and pictures left out so far because they were damaged.
    """

    def __init__(self, name: str, file: BufferedReader, container: InputContainer, limits: ClipLimits) -> None:
        self._name, self._file, self._container, self._limits = name, file, container, limits
        self._stream = _choose_stream(container, name)
        duration_s = _stated_duration_s(container, self._stream)
        self._check_size((self._stream.width, self._stream.height))
        self._check_duration(duration_s or 0.0)
        self._stream.thread_type = ThreadType.AUTO
        self._stream.thread_count = _N_THREADS
        self._pixel_aspect = _believed_aspect(self._stream.sample_aspect_ratio)
        self._clock = _Clock(self._stream.time_base or _USUAL_TIME_BASE, self._stream.average_rate)
        self._size: Size | None = None
        self._orientation, self._rotation_deg = Orientation(), 0
        self._n_frames, self._last_s = 0, 0.0
        self.nominal_fps = float(1 / self._clock.interval_s)
        self.n_corrupt = 0
        frames = self._frames()
        first = next(frames, None)
        if first is None:
            raise self._refusal("clip-no-frames", "not one picture in it can be decoded.", "Record it again.")
        self._iterator = chain([first], frames)
        height, width = first.luma.shape
        self.info = ClipFacts(name, width, height, self._stream.codec.canonical_name, duration_s)

    def __enter__(self) -> Self:
        """Return the reader itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close the file."""
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._container.close()
        self._file.close()

    def __iter__(self) -> Iterator[Frame]:
        """Yield the frames in order of time; a second loop goes on where the first one stopped.

        Raises
        ------
        ClipError
            `clip-too-long`, `clip-too-many-pixels`, `clip-size-changed`, `clip-not-readable`.
        """
        return self._iterator

    def summarise(self) -> ClipInfo:
        """Return true number, duration and rate of the frames read, and the file's SHA-256; call it after the loop."""
        interval_s = float(self._clock.interval_s) if self._n_frames < 2 else self._last_s / (self._n_frames - 1)
        self._file.seek(0)
        return ClipInfo(
            name=self._name,
            sha256=hashlib.file_digest(self._file, "sha256").hexdigest(),
            duration_s=self._last_s + interval_s,
            n_frames=self._n_frames,
            fps=1 / interval_s,
            width=self.info.width,
            height=self.info.height,
            codec=self.info.codec,
        )

    def _frames(self) -> Iterator[Frame]:
        has_only_decoding_times = self._container.format.name == "avi"
        for picture in self._pictures():
            t_s = self._clock.time_of(picture.dts if has_only_decoding_times else picture.pts)
            self._check_duration(t_s)
            if self._size is None or picture.rotation != self._rotation_deg:
                self._orientation, self._rotation_deg = read_orientation(picture), picture.rotation
            size = self._fitting_size(picture, t_s)
            frame = frame_from_picture(picture, self._orientation, size, index=self._n_frames, t_s=t_s)
            self._n_frames, self._last_s = self._n_frames + 1, t_s
            yield frame

    def _pictures(self) -> Iterator[av.VideoFrame]:
        """Yield the undamaged pictures; count the others.

        A packet and its picture come at different times and know each other by time stamp only.
        """
        damaged_pts: set[int | None] = set()
        for packet in self._packets():
            if packet is not None and packet.is_corrupt:
                damaged_pts.add(packet.pts)
            try:
                pictures = self._stream.decode(packet)
            except av.FFmpegError:
                self.n_corrupt += 1
                continue
            for picture in pictures:
                if picture.is_corrupt or (damaged_pts and picture.pts in damaged_pts):
                    self.n_corrupt += 1
                else:
                    yield picture

    def _packets(self) -> Iterator[Packet[VideoStream] | None]:
        """Yield the stream's packets; `None` at the end lets the decoder give out what it holds."""
        try:
            yield from self._container.demux(self._stream)
        except av.FFmpegError:
            self.n_corrupt += 1
            yield None
        except OSError as error:
            raise _unreadable(self._name, error) from error

    def _fitting_size(self, picture: av.VideoFrame, t_s: float) -> Size:
        """Return the size of the first picture, which all others are scaled to; refuse another shape."""
        width, height = upright_size(picture, self._orientation, self._pixel_aspect)
        self._check_size((width, height))
        if self._size is None:
            self._size = width, height
        if abs(width * self._size[1] / (height * self._size[0]) - 1) > _SAME_SHAPE:
            before = f"{self._size[0]} x {self._size[1]}"
            raise self._refusal(
                "clip-size-changed",
                f"the picture changes its shape from {before} to {width} x {height} after {t_s:.1f} s.",
                "Record again without turning the phone, or cut the clip there.",
            )
        return self._size

    def _check_size(self, size: Size) -> None:
        if size[0] * size[1] > self._limits.max_pixels:
            raise self._refusal(
                "clip-too-many-pixels",
                f"{size[0]} x {size[1]} pixels; at most {self._limits.max_pixels / 1e6:.1f} million can be measured.",
                "Record again in 4K or, better for most phones, in 1080p.",
            )

    def _check_duration(self, duration_s: float) -> None:
        if duration_s > self._limits.max_duration_s:
            raise self._refusal(
                "clip-too-long",
                f"{duration_s / 60:.0f} minutes or more; at most {self._limits.max_duration_s / 60:g} can be measured.",
                "Cut the clip to the minutes that matter.",
            )

    def _refusal(self, id: str, what: str, next_step: str) -> ClipError:
        return _refusal(self._name, id, what, next_step)


def open_clip(path: str | Path, *, limits: ClipLimits = DEFAULT_LIMITS) -> ClipReader:
    """Open a video file and decode its first frame.

    Parameters
    ----------
    path : str or Path
        A local file: H.264, HEVC, VP9, AV1, MJPEG or whatever else FFmpeg
        decodes, in mp4, mov, webm, mkv, avi or mpegts. The suffix does not matter.
    limits : ClipLimits
        What is refused.

    Returns
    -------
    ClipReader
        A context manager to iterate over. Frames that differ in size from the
        first one are scaled to it if they have the same shape.

    Raises
    ------
    ClipNotFoundError
        `clip-not-found`.
    ClipError
        `clip-not-a-file`, `clip-not-readable`, `clip-empty`, `clip-too-big`,
        `clip-not-a-video`, `clip-no-video-stream`, `clip-codec-unknown`,
        `clip-too-many-pixels`, `clip-too-long`, `clip-no-frames`.

    Examples
    --------
    >>> with open_clip("lip.mp4") as clip:  # doctest: +SKIP
    ...     times = [frame.t_s for frame in clip]
    ...     info = clip.summarise()
    """
    path = Path(path)
    name = "".join(letter for letter in path.name if letter.isprintable()) or "clip"
    with ExitStack() as opened:
        file = opened.enter_context(_open_file(path, name))
        _check_bytes(file, name, limits)
        container = opened.enter_context(_open_container(file, name))
        reader = ClipReader(name, file, container, limits)
        opened.pop_all()
    return reader


class _Clock:
    """Turns presentation time stamps into seconds that start at 0 and always rise.

    - A frame without a stamp comes one usual interval after the one before.
    - A stamp that does not rise is jitter or a duplicate: the frame comes half
      an interval after the one before, so that its successor keeps its own time.
    - A stamp more than `_RESTART_S` back is a joined recording: the clock goes
      on one interval after the frame before, and stays shifted.
    """

    def __init__(self, time_base: Fraction, fps: Fraction | None) -> None:
        self._time_base = time_base
        self.interval_s = 1 / (fps if fps and 1 <= fps <= _MAX_FPS else _USUAL_FPS)
        self._interval = max(1, round(self.interval_s / time_base))
        self._shift: int | None = None
        self._last: int | None = None

    def time_of(self, stamp: int | None) -> float:
        """Return the time of the next frame, seconds from the first one."""
        expected = 0 if self._last is None else self._last + self._interval
        self._last = expected if stamp is None else self._placed(stamp, expected)
        return float(self._last * self._time_base)

    def _placed(self, stamp: int, expected: int) -> int:
        if self._shift is None:
            self._shift = expected - stamp
        ticks = stamp + self._shift
        if self._last is None or ticks > self._last:
            return ticks
        if (self._last - ticks) * self._time_base > _RESTART_S:
            self._shift = expected - stamp
            return expected
        return self._last + max(1, self._interval // 2)


def _open_file(path: Path, name: str) -> BufferedReader:
    try:
        is_file, exists = path.is_file(), path.exists()
        file = path.open("rb") if is_file else None
    except OSError as error:
        raise _unreadable(name, error) from error
    if file is not None:
        return file
    if exists:
        raise _refusal(name, "clip-not-a-file", "a folder or a device, not a file.", "Choose the video file itself.")
    raise ClipNotFoundError("clip-not-found", f"{name}: no such file.", "Check its name and folder.")


def _check_bytes(file: BufferedReader, name: str, limits: ClipLimits) -> None:
    n_bytes = os.fstat(file.fileno()).st_size
    if n_bytes == 0:
        raise _refusal(name, "clip-empty", "0 bytes; a video was expected.", "Copy it from the phone or camera again.")
    if n_bytes > limits.max_bytes:
        what = f"{n_bytes / 1e6:.0f} MB; at most {limits.max_bytes / 1e6:.0f} MB can be measured."
        raise _refusal(name, "clip-too-big", what, "Cut the clip to the minutes that matter.")


def _open_container(file: BufferedReader, name: str) -> InputContainer:
    """Let FFmpeg read this one open file and nothing else."""

    def open_nothing(url: str, flags: int, options: dict[str, str]) -> NoReturn:
        raise PermissionError("a clip may not open other files")

    try:
        return av.open(
            file,
            mode="r",
            options={"format_whitelist": _CONTAINERS, "protocol_whitelist": ""},
            io_open=open_nothing,
            metadata_errors="replace",
        )
    except av.FFmpegError as error:
        what = "not a video that can be read, or its recording was broken off before the end."
        raise _refusal(name, "clip-not-a-video", what, "Send the original file from the phone or camera.") from error
    except OSError as error:
        raise _unreadable(name, error) from error


def _choose_stream(container: InputContainer, name: str) -> VideoStream:
    """Choose the moving picture: the default one, else the largest; cover pictures and thumbnails are none."""
    streams = [stream for stream in container.streams.video if not stream.disposition & _STILLS]
    if not streams:
        what = "no moving picture in it, only sound, a still or nothing at all."
        raise _refusal(name, "clip-no-video-stream", what, "Choose the video itself.")
    decodable = [stream for stream in streams if stream.codec_context is not None]
    if not decodable:
        what = "its kind of compression is not known here."
        raise _refusal(name, "clip-codec-unknown", what, "Save it as H.264 (mp4), the usual setting of phones.")
    return max(decodable, key=lambda stream: (stream.disposition & Disposition.default, stream.width * stream.height))


def _stated_duration_s(container: InputContainer, stream: VideoStream) -> float | None:
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    return container.duration / av.time_base if container.duration else None


def _believed_aspect(aspect: Fraction | None) -> float:
    """Return width / height of a stored pixel; 1 where it is not stated, absurd or not worth the blur of scaling."""
    if not aspect or not 1 / _MAX_PIXEL_ASPECT <= aspect <= _MAX_PIXEL_ASPECT or abs(aspect - 1) <= _SQUARE_ENOUGH:
        return 1.0
    return float(aspect)


def _unreadable(name: str, error: OSError) -> ClipError:
    return _refusal(name, "clip-not-readable", f"{error.strerror or 'cannot be read'}.", "Check that you may read it.")


def _refusal(name: str, id: str, what: str, next_step: str) -> ClipError:
    return ClipError(id, f"{name}: {what}", next_step)
