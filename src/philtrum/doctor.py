"""Describe this installation, for a bug report: versions, codecs, machine.

Nothing personal is told: no path, no name of a person or machine, no clip and
no diary text. Everything is looked up on this machine only.
"""

from __future__ import annotations

import os
import platform
import sqlite3
from importlib.metadata import PackageNotFoundError, version

from philtrum.errors import SetupError
from philtrum.video import networks

LIBRARIES = (
    "av",
    "click",
    "django",
    "django-htmx",
    "django-tasks",
    "django-tasks-db",
    "matplotlib",
    "numpy",
    "opencv-python-headless",
    "platformdirs",
    "scipy",
    "waitress",
    "whitenoise",
)
# What phones and browsers record in, and FFmpeg's name of the decoder.
CODECS = {"H.264": "h264", "HEVC": "hevc", "VP8": "vp8", "VP9": "vp9", "AV1": "libdav1d", "MJPEG": "mjpeg"}


def describe_installation() -> str:
    """Return the state of this installation as a Markdown table of two columns."""
    rows = [
        ("philtrum", _version_of("philtrum")),
        ("Python", f"{platform.python_implementation()} {platform.python_version()}"),
        ("System", f"{platform.system()} {platform.release()} {platform.machine()}"),
        ("Processor cores", str(os.cpu_count() or "unknown")),
        ("Memory", _describe_memory()),
        ("Face networks", _describe_networks()),
        ("Reads", _describe_codecs()),
        ("SQLite", sqlite3.sqlite_version),
        *((name, _version_of(name)) for name in LIBRARIES),
    ]
    return "\n".join(f"| {name} | {value} |" for name, value in [("What", "Found"), ("---", "---"), *rows]) + "\n"


def _version_of(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _describe_memory() -> str:
    try:
        n_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # Windows has no sysconf
        return "unknown"
    return f"{n_bytes / 2**30:.1f} GiB"


def _describe_networks() -> str:
    try:
        for name in networks.FILES:
            networks.read_network(name)
    except SetupError as error:
        return str(error)
    return "ok"


def _describe_codecs() -> str:
    try:
        import av
    except ImportError as error:  # a broken wheel is what a bug report has to tell
        return f"no video at all: {type(error).__name__}"
    return ", ".join(f"{name} {'yes' if decoder in av.codecs_available else 'NO'}" for name, decoder in CODECS.items())
