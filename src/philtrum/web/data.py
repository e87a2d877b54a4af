"""Where philtrum keeps a person's data: one folder that only they can read.

::

    PHILTRUM_DATA/            0700
        secret-key            0600, made once
        philtrum.sqlite3      every row
        clips/<id>/           one folder per clip: `video` while it is needed or kept, `trace.csv`
        uploads/              files on their way in
        static/               the pages' own scripts and styles, collected at start
"""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
import zoneinfo
from pathlib import Path

import platformdirs

from philtrum.errors import SetupError

_KEY_FILE = "secret-key"
FOLDERS = ("clips", "uploads", "static")


def data_dir() -> Path:
    """Return the data folder: the environment's `PHILTRUM_DATA`, or the system's usual place."""
    chosen = os.environ.get("PHILTRUM_DATA")
    return Path(chosen).expanduser().absolute() if chosen else platformdirs.user_data_path("philtrum", appauthor=False)


def secret_key(folder: Path) -> str:
    """Return the key that signs sessions; empty before `prepare` has made it."""
    path = folder / _KEY_FILE
    return path.read_text(encoding="ascii") if path.is_file() else ""


def local_zone() -> str:
    """Return the IANA name of this machine's time zone; UTC where the system does not tell."""
    candidates = [os.environ.get("TZ", "").lstrip(":"), str(Path("/etc/localtime").resolve()).partition("zoneinfo/")[2]]
    return next((name for name in candidates if name in zoneinfo.available_timezones()), "UTC")


def prepare(folder: Path) -> None:
    """Make the data folder and the key; from here on, this process makes files that only their owner can read.

    Raises
    ------
    SetupError: ``data-folder-unusable``.
    """
    os.umask(0o077)
    try:
        for path in (folder, *(folder / name for name in FOLDERS)):
            path.mkdir(parents=True, exist_ok=True)
            path.chmod(0o700)
        with contextlib.suppress(FileExistsError), (folder / _KEY_FILE).open("x", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(50))
    except OSError as error:
        raise SetupError(
            "data-folder-unusable",
            f"The folder for philtrum's data cannot be used ({error.strerror}).",
            "Free some space, allow writing there, or name another folder in the variable PHILTRUM_DATA.",
        ) from error
    # The server and its parts put half-received bodies here instead of in a folder that everyone shares.
    tempfile.tempdir = str(folder / "uploads")
