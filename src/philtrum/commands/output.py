"""Files that commands write: checked before any work is done, and whole or not there at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from philtrum.errors import PhiltrumError


class OutputError(PhiltrumError, ValueError):
    """The result cannot be written where it was asked for."""


def check_suffix(path: Path, known: set[str]) -> None:
    """Refuse a file name whose ending is not among the known ones.

    Raises
    ------
    OutputError: ``output-format-unknown``.
    """
    if path.suffix.lower() not in known:
        what = f"{path.name}: this can be written as {' or '.join(sorted(known))} only."
        raise OutputError("output-format-unknown", what, "Give the file a name with such an ending.")


def check_folder(folder: Path) -> None:
    """Make the folder if need be, and refuse one into which nothing can be written.

    Raises
    ------
    OutputError: ``output-not-writable``.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        what = f"{folder.name or folder}: nothing can be written into this folder ({error.strerror})."
        raise OutputError("output-not-writable", what, "Choose a folder of your own.") from error


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a temporary name beside `path`; the file takes its own name when all of it is on the disk, or never."""
    unfinished = path.with_name(f".{path.stem}.unfinished{path.suffix}")
    try:
        yield unfinished
        with unfinished.open("rb+") as file:
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
