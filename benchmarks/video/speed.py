"""Speed: measuring one 720p clip of 30 frames per second, against its own length and against decoding it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
from av.codec.context import ThreadType
from conditions import CONDITIONS, draw_scene
from faces import Portrait
from film import kept_film

from philtrum.video.measure import measure

SIZE = {"width": 1280, "height": 720, "iod_px": 150.0, "fps": 30.0, "duration_s": 12.0}
N_TIMES = 3


def measure_speed(folder: Path, face: Portrait) -> list[dict[str, Any]]:
    """Return rows of the table; the best of three times each, on an idle machine."""
    rest = next(condition for condition in CONDITIONS if condition.name == "rest")
    scene = draw_scene(replace(rest, change=None), "development", 0, SIZE)
    scene = replace(scene, camera=replace(scene.camera, noise_grey=1.5))
    path = kept_film(folder, "speed", scene, face)
    decoding_s, measuring_s = _best_s(lambda: _decode(path)), _best_s(lambda: measure(path))
    row = {"condition": "speed, 720p, 30 frames/s", "clips": 1, "format": ".2f"}
    return [
        row | {"figure": "times real time", "philtrum": SIZE["duration_s"] / measuring_s},
        row | {"figure": "times the time of decoding", "philtrum": measuring_s / decoding_s},
    ]


def _decode(path: Path) -> None:
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.thread_type = ThreadType.AUTO
        for _ in container.decode(stream):
            pass


def _best_s(act: Callable[[], object]) -> float:
    times = []
    for _ in range(N_TIMES):
        started_s = time.perf_counter()
        act()
        times.append(time.perf_counter() - started_s)
    return min(times)
