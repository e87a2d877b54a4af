"""Speed and memory of measuring a 720p clip of 30 frames per second.

Wall time is compared with the clip's length and with decoding it, and is true only on an idle machine; processor time
is told by stage, too. *Start-up* is what a fresh process needs in addition. Memory is the most that `philtrum measure`
had in use, for 30 s and for the same half minute many times over.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
from av.codec.context import ThreadType
from conditions import CONDITIONS, draw_scene
from faces import Portrait
from film import kept_film
from scene import Scene
from stages import watched

from philtrum.video.measure import measure

SIZE = {"width": 1280, "height": 720, "iod_px": 150.0, "fps": 30.0}
DURATION_S, SHORT_S = 12.0, 30.0
N_TIMES = 3
# An hour must not become a larger file than philtrum takes.
LEAN_CRF = 28
# Linux counts the pages of the process that started this one in `ru_maxrss`, but not here.
MEASURE = """
import contextlib, io, sys
from philtrum.cli import main
with contextlib.redirect_stdout(io.StringIO()):
    main(["measure", sys.argv[1], "--json"])
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""

Row = dict[str, Any]


def measure_speed(folder: Path, face: Portrait, long_min: float) -> list[Row]:
    """Return rows of the table; times are the best of three."""
    path = kept_film(folder, "speed", _scene(DURATION_S), face)
    measure(path)  # loads what is loaded once
    (decoding_s, decoding_cpu_s), (measuring_s, measuring_cpu_s) = (
        _best_s(lambda: _decode(path)),
        _best_s(lambda: measure(path)),
    )
    cold_s, _ = _best_s(lambda: _measure_afresh(path))
    n = DURATION_S * SIZE["fps"]
    rows = {
        "times real time": DURATION_S / measuring_s,
        "times the time of decoding": measuring_s / decoding_s,
        "start-up, s": cold_s - measuring_s,
        "processor time, ms a frame": 1000 * measuring_cpu_s / n,
        "of this, decoding": 1000 * decoding_cpu_s / n,
    }
    with watched() as spent_s:
        measure(path)
    rows |= {f"of this, {stage}": 1000 * took_s / n for stage, took_s in spent_s.most_common()}
    what = {"condition": "speed, 720p, 30 frames/s", "clips": 1, "format": ".2f"}
    return [what | {"figure": figure, "philtrum": value} for figure, value in rows.items()] + list(
        _memory(folder, face, long_min)
    )


def _memory(folder: Path, face: Portrait, long_min: float) -> Iterator[Row]:
    scene = _scene(SHORT_S)
    short = kept_film(folder, "memory", replace(scene, coding=replace(scene.coding, crf=LEAN_CRF)), face)
    long = _repeated(short, folder / f"memory-{long_min:g}.mp4", round(long_min * 60 / SHORT_S))
    short_mb, long_mb = _measure_afresh(short), _measure_afresh(long)
    what = {"condition": "memory, 720p, 30 frames/s", "clips": 1, "format": ".0f"}
    yield what | {"figure": f"peak for {SHORT_S:.0f} s, MB", "philtrum": short_mb}
    yield what | {"figure": f"peak for {long_min:g} min, MB", "philtrum": long_mb}
    yield what | {"figure": "growth, MB", "philtrum": long_mb - short_mb}


def _scene(duration_s: float) -> Scene:
    rest = next(condition for condition in CONDITIONS if condition.name == "rest")
    scene = draw_scene(replace(rest, change=None), "development", 0, SIZE | {"duration_s": duration_s})
    return replace(scene, camera=replace(scene.camera, noise_grey=1.5))


def _decode(path: Path) -> None:
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.thread_type = ThreadType.AUTO
        for _ in container.decode(stream):
            pass


def _measure_afresh(path: Path) -> float:
    """Measure a clip in a process of its own; return the most memory it had in use, MB."""
    command = [sys.executable, "-c", MEASURE, str(path)]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout) / 1024  # noqa: S603


def _repeated(path: Path, out: Path, n_times: int) -> Path:
    """Write a clip that shows another one several times over, without coding it again."""
    with av.open(str(out), "w") as target:
        stream, shift = None, 0
        for _ in range(n_times):
            with av.open(str(path)) as source:
                stream = stream or target.add_stream_from_template(source.streams.video[0])
                packets = [packet for packet in source.demux(video=0) if packet.dts is not None]
                length = max((packet.pts or 0) + (packet.duration or 0) for packet in packets)
                for packet in packets:
                    packet.pts, packet.dts = (packet.pts or 0) + shift, (packet.dts or 0) + shift
                    packet.stream = stream
                    target.mux(packet)
            shift += length
    return out


def _best_s(act: Callable[[], object]) -> tuple[float, float]:
    """Return the least wall time and processor time."""
    times = []
    for _ in range(N_TIMES):
        started_s = time.perf_counter(), time.process_time()
        act()
        times.append((time.perf_counter() - started_s[0], time.process_time() - started_s[1]))
    return min(wall_s for wall_s, _ in times), min(cpu_s for _, cpu_s in times)
