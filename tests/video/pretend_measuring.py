"""A child as `philtrum.video.isolated` starts it, but with measuring replaced by one kind of (mis)behaviour."""

from __future__ import annotations

import os
import sys
import time
import types
from pathlib import Path

from tests.measurements import REFUSED, TWITCHING, trace

from philtrum.errors import ClipError
from philtrum.video import isolated


def succeed(path, mirrored, on_progress):
    print("noise of a library, on standard output")
    os.write(1, b"and from below Python\n")
    on_progress(None, "opening")
    on_progress(0.5, f"mirrored={mirrored}")
    return TWITCHING, trace()


def refuse(path, mirrored, on_progress):
    return REFUSED, None


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


if __name__ == "__main__":
    behaviour = globals()[sys.argv.pop(1)]
    stand_in = types.ModuleType("philtrum.video.measure")
    stand_in.measure_with_trace = lambda path, *, mirrored, on_progress: behaviour(path, mirrored, on_progress)
    sys.modules["philtrum.video.measure"] = stand_in
    isolated.main()
