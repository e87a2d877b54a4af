"""Small video files for tests, made by PyAV on the spot."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.packet import Packet
from av.video.stream import VideoStream
from numpy.typing import NDArray

Picture = NDArray[np.uint8]

TIME_BASE = Fraction(1, 90_000)
_FORMATS = {".mp4": "mp4", ".mov": "mov", ".webm": "webm", ".mkv": "matroska", ".avi": "avi", ".ts": "mpegts"}
# Fast and nearly lossless, so that a test may compare pixels; and silent.
_OPTIONS = {
    "libx264": {"preset": "ultrafast", "crf": "4"},
    # Without B-frames: of a clip of a few frames x265 now and then gives one an undefined time.
    "libx265": {
        "preset": "ultrafast",
        "crf": "4",
        "x265-params": "log-level=none:pools=none:frame-threads=1:bframes=0",
    },
    "libvpx-vp9": {"deadline": "realtime", "cpu-used": "8", "crf": "4", "b": "0"},
    "libsvtav1": {"preset": "12", "crf": "8"},
    "mjpeg": {"qmin": "1", "qmax": "2"},
}


def pattern(width: int = 96, height: int = 64, *, n_frames: int = 6) -> list[Picture]:
    """Return pictures that differ from all their turns and mirrors, with a grey bar that moves right."""
    rows, columns = np.mgrid[0:height, 0:width]
    still = np.stack([60 + 120 * columns // width, 60 + 120 * rows // height, np.full_like(rows, 90)], axis=2)
    still[: height // 4, : width // 4] = 220, 40, 40
    still[-height // 4 :, : width // 4] = 40, 40, 220
    still[: height // 4, -width // 8 :] = 40, 200, 60
    pictures = []
    for n in range(n_frames):
        picture = still.astype(np.uint8)
        left = width // 4 + 4 * n % (width // 2)
        picture[height // 3 : height // 2, left : left + 8] = 128
        pictures.append(picture)
    return pictures


def write_clip(
    path: Path,
    frames: Iterable[Picture],
    *,
    fps: float = 30,
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    rotation: int = 0,
    hflip: bool = False,
    vflip: bool = False,
    times_s: Sequence[float] | None = None,
    options: dict[str, str] | None = None,
    container_options: dict[str, str] | None = None,
    pixel_aspect: Fraction | None = None,
    matrix: str = "ITU601",
    is_full_range: bool = False,
    audio: bool = False,
    live: bool = False,
) -> Path:
    """Encode RGB pictures, shape (H, W, 3) uint8, into a clip and return its path.

    `rotation` is the turn that a player makes, degrees counter-clockwise, before
    it mirrors; `times_s` gives each frame its own time; `live` leaves duration
    and index out, as a browser's recorder does.
    """
    os.environ.setdefault("SVT_LOG", "0")
    with path.open("wb") as file:
        target = _OneWay(file) if live else file
        with av.open(target, "w", format=_FORMATS[path.suffix], container_options=container_options or {}) as container:
            rate = Fraction(fps).limit_denominator(1001)
            stream = container.add_stream(codec, rate=rate, options=_OPTIONS.get(codec, {}) | (options or {}))
            assert isinstance(stream, VideoStream)
            stream.pix_fmt = pix_fmt
            stream.width, stream.height = 96, 64
            if pixel_aspect is not None:
                stream.codec_context.sample_aspect_ratio = pixel_aspect
            if is_full_range:
                stream.codec_context.color_range = av.video.reformatter.ColorRange.JPEG
            if rotation or hflip or vflip:
                stream.set_display_rotation(rotation, hflip=hflip, vflip=vflip)
            if times_s is not None:
                stream.codec_context.time_base = TIME_BASE
            sound = container.add_stream("aac", rate=16_000) if audio else None
            for n, picture in enumerate(frames):
                if n == 0:
                    stream.height, stream.width = picture.shape[:2]
                frame = av.VideoFrame.from_ndarray(picture, "rgb24").reformat(
                    format=pix_fmt,
                    dst_colorspace=matrix,
                    dst_color_range="JPEG" if is_full_range else "MPEG",
                )
                frame.pts = n if times_s is None else round(times_s[n] / TIME_BASE)
                frame.time_base = 1 / rate if times_s is None else TIME_BASE
                container.mux(stream.encode(frame))
            container.start_encoding()  # a clip of no frames has a header too
            container.mux(stream.encode())
            if sound is not None:
                write_silence(container, sound)
    return path


def write_sound(path: Path) -> Path:
    """Write a file with sound only."""
    with av.open(path, "w") as container:
        write_silence(container, container.add_stream("aac", rate=16_000))
    return path


def write_silence(container: OutputContainer, sound: AudioStream) -> None:
    """Encode a fifth of a second of silence."""
    for n in range(4):
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        frame.sample_rate, frame.pts = 16_000, 1024 * n
        container.mux(sound.encode(frame))
    container.mux(sound.encode())


def write_stamped(path: Path, frames: Sequence[Picture], stamps: Sequence[int]) -> Path:
    """Write every picture by itself as MJPEG with the given time stamp (ms, any order); sizes may differ."""
    with av.open(path, "w") as container:
        stream = container.add_stream("mjpeg", rate=1000)
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = "yuvj420p"
        for n, (picture, stamp) in enumerate(zip(frames, stamps, strict=True)):
            for packet in _jpeg(picture):
                packet.stream = stream
                packet.time_base = Fraction(1, 1000)
                packet.dts, packet.pts = n - len(frames), stamp
                container.mux(packet)
    return path


def _jpeg(picture: Picture) -> list[Packet[VideoStream]]:
    encoder = av.CodecContext.create("mjpeg", "w")
    encoder.height, encoder.width = picture.shape[:2]
    encoder.pix_fmt = "yuvj420p"
    encoder.time_base = Fraction(1, 1000)
    encoder.options = _OPTIONS["mjpeg"]
    return [*encoder.encode(av.VideoFrame.from_ndarray(picture, "rgb24")), *encoder.encode()]


class _OneWay:
    """A file that cannot go back to fill in duration and index."""

    def __init__(self, file: BinaryIO) -> None:
        self.write = file.write
