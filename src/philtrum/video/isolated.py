"""Measure or magnify a clip in a process of its own, so that a bad file can harm nothing else.

Video files are hostile input: a decoder may crash, hang, or ask for all of the
memory. The child has limits on memory and processor time (where the system
offers them) and low priority; the parent watches the clock. Neither outlives
the other: the parent ends the child's process group when it leaves, and the
child ends when its standard input, held open by the parent, is closed by the
parent's death.

A child does one job. One that measures writes `measurement.json` and, unless
the clip was refused before anything could be traced, `trace.csv` into a
folder; one that magnifies reads `measurement.json` there and writes
`film.mp4`. Each file has a temporary name first, so that one with the final
name is always whole. Its standard output is one JSON object per line::

    {"stage": "measuring", "fraction": 0.35}
    {"error": {"kind": "ClipError", "id": "...", "what": "...", "next_step": "..."}}
    {"done": {"factor": 8, "slowdown": 4, ...}}

What comes with "done" says what a film shows; after measuring it is empty.

The parent's side imports neither OpenCV nor PyAV nor NumPy.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, NoReturn

from philtrum import errors
from philtrum.errors import PhiltrumError

MEASUREMENT_FILE = "measurement.json"
TRACE_FILE = "trace.csv"
FILM_FILE = "film.mp4"

OnProgress = Callable[[float | None, str], None]

# -P: no module is taken from the folder in which philtrum was started.
_CHILD = (sys.executable, "-P", "-m", "philtrum.video.isolated")
_LOOK_EVERY_S = 0.1
_NICENESS = 10
_NOTE_BYTES = 4000


@dataclass(frozen=True, slots=True)
class ChildLimits:
    """What one child may use."""

    wall_s: float = 3600.0
    cpu_s: int = 3600
    address_space_bytes: int = 4 * 1024**3 + (os.cpu_count() or 1) * 256 * 1024**2
    """Virtual memory: on two cores, 4K HEVC reserves 1.2 GiB (and uses 0.3); each core adds threads with their own."""


DEFAULT_LIMITS = ChildLimits()


class MeasuringCancelled(Exception):  # noqa: N818 - a wish that was granted, not an error
    """The caller asked to stop."""


def measure_in_child(
    path: Path,
    out_dir: Path,
    *,
    limits: ChildLimits = DEFAULT_LIMITS,
    mirrored: bool = False,
    on_progress: OnProgress | None = None,
    is_cancelled: Callable[[], bool] | None = None,
) -> dict[str, Any]:
    """Measure one clip in a child process.

    Parameters
    ----------
    path : Path
        The clip.
    out_dir : Path
        Existing folder for `measurement.json` and `trace.csv`.
    limits : ChildLimits
        What the child may use.
    mirrored : bool
        True when the recorder mirrored the picture, so that left and right are swapped.
    on_progress : callable, optional
        Called with the share that is done (0-1, or None where that is not known) and the stage in words.
    is_cancelled : callable, optional
        Asked several times per second; measuring stops when it returns True.

    Returns
    -------
    dict
        The measurement as plain data (schema `philtrum.measurement/1`). A refused clip is a measurement too.

    Raises
    ------
    PhiltrumError
        As the child raised it (bad input), or `child-crashed`, `child-timed-out`, `child-out-of-memory`.
    MeasuringCancelled
        `is_cancelled` returned True.
    """
    options = ["--mirrored"] if mirrored else []
    _run(["measure", path, out_dir, *options], limits, on_progress, is_cancelled)
    measurement: dict[str, Any] = json.loads((out_dir / MEASUREMENT_FILE).read_text(encoding="utf-8"))
    return measurement


def magnify_in_child(
    path: Path,
    measurement: Mapping[str, Any],
    out_dir: Path,
    *,
    limits: ChildLimits = DEFAULT_LIMITS,
    on_progress: OnProgress | None = None,
    is_cancelled: Callable[[], bool] | None = None,
) -> dict[str, Any]:
    """Write a slowed and magnified film of a clip as `film.mp4`, in a child process.

    Parameters
    ----------
    path : Path
        The clip.
    measurement : mapping
        Of this clip (schema `philtrum.measurement/1`).
    out_dir : Path
        Existing folder for `film.mp4`; the measurement is written there, too.
    limits, on_progress, is_cancelled
        As in `measure_in_child`.

    Returns
    -------
    dict
        What the film shows: `factor`, `slowdown`, `n_twitches`, `duration_s`, `stretches` (pairs of seconds).

    Raises
    ------
    PhiltrumError
        As the child raised it (``magnify-refused``, bad input), or as in `measure_in_child`.
    MeasuringCancelled
        `is_cancelled` returned True.
    """
    text = json.dumps(measurement)
    write_whole(out_dir / MEASUREMENT_FILE, lambda unfinished: unfinished.write_text(text, encoding="utf-8"))
    return _run(["magnify", path, out_dir], limits, on_progress, is_cancelled)


def _run(
    job: list[str | Path],
    limits: ChildLimits,
    on_progress: OnProgress | None,
    is_cancelled: Callable[[], bool] | None,
) -> dict[str, Any]:
    """Let a child do one job, and return what it says at the end."""
    words = [str(word.absolute()) if isinstance(word, Path) else word for word in job]
    command = [*_CHILD, *words, "--cpu-s", str(limits.cpu_s), "--address-space-bytes", str(limits.address_space_bytes)]
    with tempfile.TemporaryFile() as complaints, _running(command, complaints) as child:
        for message in _messages(child, limits.wall_s, is_cancelled or (lambda: False)):
            if "error" in message:
                raise _rebuilt(message["error"])
            if "stage" in message and on_progress:
                on_progress(message["fraction"], message["stage"])
            if "done" in message:
                said: dict[str, Any] = message["done"]
                return said
        raise _cause_of_end(child.wait(), complaints)


@contextlib.contextmanager
def _running(command: list[str], complaints: IO[bytes]) -> Iterator[subprocess.Popen[str]]:
    child = subprocess.Popen(  # noqa: S603 - our own interpreter and module; the clip is an argument, not a shell word
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=complaints,
        encoding="utf-8",
        # Threads of the linear algebra spin while they wait, and starve a busy machine.
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        start_new_session=True,
        creationflags=getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0),
    )
    try:
        yield child
    finally:
        if os.name == "posix":
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
        else:
            child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe:
                pipe.close()


def _messages(
    child: subprocess.Popen[str], wall_s: float, is_cancelled: Callable[[], bool]
) -> Iterator[dict[str, Any]]:
    """Yield what the child says until it falls silent, is cancelled, or its time is over."""
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()

    def listen() -> None:
        # Closing the pipe under a blocked read may surface as either error; both only mean "over".
        with contextlib.suppress(ValueError, OSError):
            for line in child.stdout or ():
                lines.put(line)
        lines.put(None)

    threading.Thread(target=listen, daemon=True).start()
    deadline = time.monotonic() + wall_s
    while True:
        if is_cancelled():
            raise MeasuringCancelled
        if time.monotonic() > deadline:
            raise _timed_out()
        try:
            line = lines.get(timeout=_LOOK_EVERY_S)
        except queue.Empty:
            continue
        if line is None:
            return
        yield json.loads(line)


def _rebuilt(error: dict[str, str]) -> PhiltrumError:
    kind = getattr(errors, error["kind"], PhiltrumError)
    rebuilt: PhiltrumError = kind(error["id"], error["what"], error["next_step"])
    return rebuilt


def _timed_out() -> PhiltrumError:
    return PhiltrumError(
        "child-timed-out",
        "This took longer than the time allowed for one clip.",
        "Cut the clip to a minute or less, or record it at a lower resolution, and try again.",
    )


def _out_of_memory() -> PhiltrumError:
    return PhiltrumError(
        "child-out-of-memory",
        "This needed more memory than is allowed for one clip.",
        "Record at 1080p or less, close other programs, and try again.",
    )


def _cause_of_end(code: int, complaints: IO[bytes]) -> PhiltrumError:
    """Say why a child ended without an answer; a negative code is the signal that ended it."""
    if code == -getattr(signal, "SIGXCPU", 0) != 0:
        return _timed_out()
    if code == -getattr(signal, "SIGKILL", 0) != 0:  # not by us: this is how the system frees memory
        return _out_of_memory()
    error = PhiltrumError(
        "child-crashed",
        f"The part of philtrum that reads video stopped unexpectedly (code {code}).",
        "Try another recording; if this happens again, report it with the output of `philtrum doctor`.",
    )
    complaints.seek(max(0, complaints.seek(0, os.SEEK_END) - _NOTE_BYTES))
    error.add_note(complaints.read().decode("utf-8", "replace"))
    return error


# --- The child's side -------------------------------------------------------------------------------------------------


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a temporary file beside `path`, then give it that name at once.

    Parameters
    ----------
    path : Path
        The final name; replaced if it exists.
    write : callable
        Called with the temporary path; must create that file.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        write(temporary)
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def main(arguments: list[str] | None = None) -> NoReturn:
    """Be the child: do the job named in the arguments and end."""
    parser = ArgumentParser(prog="philtrum.video.isolated", description="Do one job; started by philtrum itself.")
    parser.add_argument("job", choices=("measure", "magnify"))
    parser.add_argument("clip", type=Path)
    parser.add_argument("out_dir", type=Path)
    parser.add_argument("--mirrored", action="store_true")
    parser.add_argument("--cpu-s", type=int, required=True)
    parser.add_argument("--address-space-bytes", type=int, required=True)
    options = parser.parse_args(arguments)

    say = _private_voice()

    def tell(fraction: float | None, stage: str) -> None:
        say({"stage": stage, "fraction": fraction})

    _end_with_parent()
    _limit(options.cpu_s, options.address_space_bytes)
    try:
        if options.job == "measure":
            done = _measure(options.clip, options.out_dir, options.mirrored, tell)
        else:
            done = _magnify(options.clip, options.out_dir, tell)
        say({"done": done})
    except PhiltrumError as error:
        say(_as_message(error))
    except Exception as error:
        if not _is_out_of_memory(error):
            raise
        say(_as_message(_out_of_memory()))
    # Threads of the decoders may still run; nothing is left to be done, so none is waited for.
    os._exit(0)


def _measure(clip: Path, out_dir: Path, mirrored: bool, tell: OnProgress) -> dict[str, Any]:
    # Only now, under the limits.
    from philtrum.video.measure import measure
    from philtrum.video.trace import open_trace

    with open_trace(out_dir / TRACE_FILE) as trace:
        measurement = measure(clip, mirrored=mirrored, on_progress=tell, on_trace=trace.add)
    text = measurement.to_json()
    write_whole(out_dir / MEASUREMENT_FILE, lambda path: path.write_text(text, encoding="utf-8"))
    return {}


def _magnify(clip: Path, out_dir: Path, tell: OnProgress) -> dict[str, Any]:
    from philtrum.video.magnify import magnify

    measurement = json.loads((out_dir / MEASUREMENT_FILE).read_text(encoding="utf-8"))
    return magnify(clip, measurement, out_dir / FILM_FILE, on_progress=tell).to_dict()


def _private_voice() -> Callable[[dict[str, Any]], None]:
    """Keep standard output for our messages: whatever a library prints goes to standard error."""
    voice = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def say(message: dict[str, Any]) -> None:
        voice.write(json.dumps(message) + "\n")
        voice.flush()

    return say


def _end_with_parent() -> None:
    def watch() -> None:
        # The bare descriptor: Python cannot end while a thread reads from its buffered standard input.
        while os.read(0, 1):
            pass
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _limit(cpu_s: int, address_space_bytes: int) -> None:
    """Bound what this process may use, where the system knows such bounds."""
    with contextlib.suppress(AttributeError, OSError):  # no os.nice on Windows
        os.nice(_NICENESS)
    try:
        import resource
    except ImportError:
        return
    # macOS knows RLIMIT_AS but refuses to set it; the clock still holds there.
    for what, amount in ((resource.RLIMIT_CPU, cpu_s), (resource.RLIMIT_AS, address_space_bytes)):
        with contextlib.suppress(ValueError, OSError):
            _, hard = resource.getrlimit(what)
            ceiling = amount if hard == resource.RLIM_INFINITY else min(amount, hard)
            resource.setrlimit(what, (ceiling, hard))


def _is_out_of_memory(error: Exception) -> bool:
    # OpenCV raises its own error, code -4 (StsNoMem).
    return isinstance(error, MemoryError) or getattr(error, "code", None) == -4


def _as_message(error: PhiltrumError) -> dict[str, Any]:
    kind = type(error).__name__
    return {"error": {"kind": kind, "id": error.id, "what": error.what, "next_step": error.next_step}}


if __name__ == "__main__":
    main()
