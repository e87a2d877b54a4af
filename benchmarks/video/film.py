"""Film: write the clip of a scene, and keep it for the next time.

A kept clip's name holds a hash of its scene, of its face and of the code that films, so that nothing stale is used.
"""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from bases import Base
from faces import Portrait, set_up
from fields import Fields
from light import Lighting
from numpy.typing import NDArray
from scene import Coding, Scene, Timing, to_json
from warp import Planes, warp

FloatArray = NDArray[np.float64]

TIME_BASE = Fraction(1, 90_000)
# Larger pictures are coded in less time, as phones do.
LARGE_PX, HUGE_PX = 500_000, 4_000_000
_SOURCES = ("bases", "cover", "faces", "fields", "film", "light", "movement", "warp")
_OPTIONS = {
    "libx264": {"preset": "veryfast"},
    "libx265": {"preset": "superfast", "x265-params": "log-level=error"},
    "libvpx-vp9": {"deadline": "realtime", "cpu-used": "8", "row-mt": "1", "b": "0"},
    "libsvtav1": {"preset": "10"},
    "mjpeg": {},
}
_CODE = b"".join(Path(__file__).with_name(f"{name}.py").read_bytes() for name in _SOURCES)
os.environ.setdefault("SVT_LOG", "1")  # errors only


def kept_film(folder: Path, name: str, scene: Scene, face: Portrait | Base) -> Path:
    """Return the clip of a scene; film it and write its truth beside it where the folder does not have it yet."""
    if isinstance(face, Base) and face.is_whole and not scene.movements:
        return face.path
    path = folder / f"{name}-{_key(scene, face)}{scene.coding.suffix}"
    if not path.exists():
        unfinished = path.with_name(f".{os.getpid()}-{path.name}")
        try:
            film(unfinished, scene, face)
            path.with_suffix(".json").write_text(to_json(scene), encoding="utf-8")
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
    return path


def _key(scene: Scene, face: Portrait | Base) -> str:
    parts = _CODE, to_json(scene).encode(), face.name.encode(), face.sha256.encode()
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:12]


def film(path: Path, scene: Scene, face: Portrait | Base) -> None:
    """Write the clip of a scene."""
    shown_s, stamped_s = frame_times(scene)
    pictures = _animated(scene, face, shown_s) if isinstance(face, Portrait) else _injected(scene, face, shown_s)
    _write(path, pictures, stamped_s, scene)


def frame_times(scene: Scene) -> tuple[FloatArray, FloatArray]:
    """Return the times that the frames show and those that the file states; they differ for duplicates only."""
    rng = np.random.default_rng([scene.seed, 3])
    timing: Timing = scene.timing
    n = round(scene.duration_s * scene.fps)
    wander = 2 * timing.jitter * np.sin(2 * np.pi * (0.1 * np.arange(n) / scene.fps + rng.uniform()))
    interval = np.clip(1 + wander + timing.jitter * rng.normal(size=n), 0.4, 3) / scene.fps
    stamped = np.concatenate([[0.0], np.cumsum(interval)[:-1]])
    if timing.dropped:
        starts = rng.random(n) < timing.dropped / 2
        is_dropped = (
            starts | (np.roll(starts, 1) & (rng.random(n) < 0.6)) | (np.roll(starts, 2) & (rng.random(n) < 0.3))
        )
        is_dropped[[0, -1]] = False
        stamped = stamped[~is_dropped]
    shown = stamped.copy()
    for index in np.flatnonzero(rng.random(len(shown)) < timing.duplicated):
        shown[index] = shown[max(0, index - 1)]
    return shown, np.round(stamped / float(TIME_BASE)) * float(TIME_BASE)


def _animated(scene: Scene, face: Portrait, t_s: FloatArray) -> Iterator[Planes]:
    """Yield the pictures of a portrait that moves."""
    still, landmarks = set_up(face, scene)
    fields, lighting = Fields(scene.movements, landmarks, t_s), Lighting(scene)
    before, last_s = None, -1.0
    for index, (now_s, camera) in enumerate(zip(t_s, _camera(scene, t_s), strict=True)):
        if before is None or now_s != last_s:
            to_frame = camera[:2, :2] @ still.to_picture + np.column_stack([np.zeros((2, 2)), camera[:2, 2]])
            before = lighting.apply(warp(still, fields.backward(index), camera), to_frame, float(now_s))
            last_s = now_s
        yield before


def _injected(scene: Scene, base: Base, t_s: FloatArray) -> Iterator[Planes]:
    """Yield the pictures of a real clip with the scene's movements added."""
    fields, lighting = Fields(scene.movements, base.landmarks, t_s), Lighting(scene)
    for index, still in enumerate(base.stills(len(t_s))):
        moved = warp(still, fields.backward(index), None)
        yield lighting.apply(moved, still.to_picture, float(t_s[index]))


def _camera(scene: Scene, t_s: FloatArray) -> FloatArray:
    """Return the matrix from the still to each frame, shape (T, 3, 3)."""
    rng = np.random.default_rng([scene.seed, 4])
    camera, iod_px = scene.camera, scene.iod_px
    slow = _sines(rng, t_s, (0.1, 0.7), 3)
    fast = _sines(rng, t_s, (2.0, 9.0), 3)
    shift = (camera.sway_pct_iod * slow[:, :2] + camera.shake_pct_iod * fast[:, :2]) / 100 * iod_px
    breath = np.sin(2 * np.pi * 0.25 * t_s + rng.uniform(0, 6))
    shift[:, 1] += camera.breath_pct_iod / 100 * iod_px * breath
    roll = np.radians(camera.roll_deg * slow[:, 2] + 0.02 * camera.shake_pct_iod * fast[:, 2])
    zoom = 1 + camera.breath_pct_iod / 1000 * breath + camera.zoom * np.sin(2 * np.pi * t_s / 6 + rng.uniform(0, 6))
    middle = np.array([scene.width, scene.height]) / 2
    matrices = np.tile(np.eye(3), (len(t_s), 1, 1))
    cos, sin = zoom * np.cos(roll), zoom * np.sin(roll)
    matrices[:, 0, 0], matrices[:, 0, 1], matrices[:, 1, 0], matrices[:, 1, 1] = cos, -sin, sin, cos
    matrices[:, :2, 2] = middle - matrices[:, :2, :2] @ middle + shift
    return matrices


def _sines(rng: np.random.Generator, t_s: FloatArray, band_hz: tuple[float, float], n: int) -> FloatArray:
    """Return n sums of four sines, standard deviation 1, shape (T, n)."""
    rates, phases = rng.uniform(*band_hz, (4, n)), rng.uniform(0, 2 * np.pi, (4, n))
    return np.asarray(np.sin(2 * np.pi * rates * t_s[:, np.newaxis, np.newaxis] + phases).sum(axis=1) / np.sqrt(2))


def _write(path: Path, pictures: Iterator[Planes], stamped_s: FloatArray, scene: Scene) -> None:
    coding: Coding = scene.coding
    options = dict(_OPTIONS[coding.codec])
    if coding.codec == "libx264" and scene.width * scene.height > LARGE_PX:
        options["preset"] = "ultrafast" if scene.width * scene.height > HUGE_PX else "superfast"
    if coding.codec == "mjpeg":
        options |= {"qmin": str(coding.crf // 5), "qmax": str(coding.crf // 5)}
    else:
        options["crf"] = str(coding.crf)
    kind = {".mp4": "mp4", ".webm": "webm", ".mov": "mov", ".mkv": "matroska"}[coding.suffix]
    memory = io.BytesIO()
    with av.open(memory, "w", format=kind) as container:
        stream = container.add_stream(coding.codec, rate=Fraction(scene.fps).limit_denominator(1001), options=options)
        stream.width, stream.height = scene.width, scene.height
        stream.pix_fmt = "yuvj420p" if coding.codec == "mjpeg" else "yuv420p"
        stream.codec_context.time_base = TIME_BASE
        if coding.gop:
            stream.codec_context.gop_size = coding.gop
        for planes, t_s in zip(pictures, stamped_s, strict=True):
            flat = np.concatenate([plane.ravel() for plane in planes]).reshape(-1, scene.width)
            frame = av.VideoFrame.from_ndarray(flat, format="yuv420p")
            frame.pts, frame.time_base = round(t_s / float(TIME_BASE)), TIME_BASE
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    path.write_bytes(memory.getvalue())
