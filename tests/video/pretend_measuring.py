"""A child as `philtrum.video.isolated` starts it, but with its job replaced by one kind of (mis)behaviour.

Given two behaviours, as in `succeed+abort`, measuring shows the first and filming the second.
"""

from __future__ import annotations

import os
import sys
import time
import types
from functools import partial
from pathlib import Path

from tests.measurements import FILM, REFUSED, TWITCHING, trace

from philtrum.errors import ClipError
from philtrum.video import isolated


def succeed(path, mirrored, on_progress):
    print("noise of a library, on standard output")
    os.write(1, b"and from below Python\n")
    on_progress(None, "opening")
    on_progress(0.5, f"mirrored={mirrored}")
    return TWITCHING, [trace()]


def refuse(path, mirrored, on_progress):
    return REFUSED, []


def reject(path, mirrored, on_progress):
    raise ClipError("clip-not-a-video", f"{Path(path).name}: this is text.", "Choose a video.")


def abort(path, mirrored, on_progress):
    os.abort()


def break_down(path, mirrored, on_progress):
    raise ZeroDivisionError("a bug in measuring")


def hang(path, mirrored, on_progress):
    on_progress(0.1, str(os.getpid()))
    time.sleep(600)


def spin(path, mirrored, on_progress):
    while True:
        pass


def devour(path, mirrored, on_progress):
    return [bytearray(64 * 1024**2) for _ in range(10_000)]


def measure(behaviour, path, *, mirrored, on_progress, on_trace):
    measurement, pieces = behaviour(path, mirrored, on_progress)
    for piece in pieces:
        on_trace(piece)
    return measurement


def film(behaviour, path, measurement, out, on_progress):
    behaviour(path, None, on_progress)
    out.write_bytes(b"\x00\x00\x00\x18ftypisom of " + measurement["clip"]["name"].encode())
    return types.SimpleNamespace(to_dict=lambda: FILM)


if __name__ == "__main__":
    names = sys.argv.pop(1).split("+")
    measuring, filming = globals()[names[0]], globals()[names[-1]]
    stand_in = types.ModuleType("philtrum.video.measure")
    stand_in.measure = partial(measure, measuring)
    sys.modules["philtrum.video.measure"] = stand_in
    stand_in = types.ModuleType("philtrum.video.magnify")
    stand_in.magnify = lambda path, facts, out, *, on_progress: film(filming, path, facts, out, on_progress)
    sys.modules["philtrum.video.magnify"] = stand_in
    isolated.main()
