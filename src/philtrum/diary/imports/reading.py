"""Find out what a file is by what is in it, and read it."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Mapping
from pathlib import Path

from philtrum.diary.exchange import read_diary
from philtrum.diary.imports.apple import read_apple_health
from philtrum.diary.imports.bearable import is_bearable, read_bearable
from philtrum.diary.imports.google import is_google_fit, read_google_fit, read_health_connect
from philtrum.diary.imports.imported import Imported, ImportFileError
from philtrum.diary.imports.tables import read_table

OWN = "philtrum"

_FIT_FILE = "Daily activity metrics.csv"
_MOST_BYTES_OF_TABLE = 50_000_000


def read_import(path: Path, *, zone: str, names: Mapping[str, str] | None = None) -> Imported:
    """Read a diary of philtrum or a file of another app.

    Parameters
    ----------
    path : Path
        A zip of philtrum (or its `diary.json`), Apple Health's `export.zip` or `export.xml`, Health Connect's zip or
        SQLite file, Takeout's zip or "Daily activity metrics.csv" of Google Fit, Bearable's CSV, or any CSV with one
        row per day.
    zone : str
        IANA name of the zone the person lived in, for records that do not say.
    names : mapping of str to str, optional
        For a table of one's own: its column name to philtrum's.

    Raises
    ------
    ImportFileError: ``import-file-missing``, ``import-file-unknown``, and those of each format.
    """
    try:
        start = _first_bytes(path)
    except OSError as error:
        what = f"{path.name}: this file cannot be read ({error.strerror})."
        raise ImportFileError("import-file-missing", what, "Check its name and folder.") from error
    if zipfile.is_zipfile(path):
        return _read_zip(path, zone)
    if start.startswith(b"SQLite format 3\0"):
        return read_health_connect(path, zone=zone)
    if start.lstrip(b"\xef\xbb\xbf \r\n\t").startswith((b"<?xml", b"<HealthData", b"<!DOCTYPE")):
        return read_apple_health(path, zone=zone)
    if start.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{"):
        return Imported(OWN, read_diary(path))
    return _read_table(path, zone, names)


def _read_zip(path: Path, zone: str) -> Imported:
    try:
        with zipfile.ZipFile(path) as pack:
            names = pack.namelist()
            if "diary.json" in names:
                return Imported(OWN, read_diary(path))
            if any(name.endswith(".db") for name in names):
                return read_health_connect(path, zone=zone)
            if fit := next((name for name in names if name.endswith(_FIT_FILE)), None):
                with pack.open(fit) as part:
                    return read_google_fit(_decoded(part.read(_MOST_BYTES_OF_TABLE)), zone=zone)
            if any(name.endswith(".xml") for name in names):
                return read_apple_health(path, zone=zone)
    except (zipfile.BadZipFile, OSError, RuntimeError) as error:
        raise ImportFileError("import-zip-damaged", f"{path.name}: this zip is damaged.", "Copy it again.") from error
    what = f"{path.name}: none of the files in this zip is known."
    next_step = "Give the zip of philtrum, Apple Health, Health Connect or Google Takeout."
    raise ImportFileError("import-file-unknown", what, next_step)


def _read_table(path: Path, zone: str, names: Mapping[str, str] | None) -> Imported:
    text = _decoded(_first_bytes(path, _MOST_BYTES_OF_TABLE))
    heading = next(csv.reader(text.splitlines()[:1]), [])
    if is_bearable(heading):
        return read_bearable(text, zone=zone)
    if is_google_fit(heading):
        return read_google_fit(text, zone=zone)
    return read_table(path, zone=zone, names=names)


def _first_bytes(path: Path, n_bytes: int = 4096) -> bytes:
    with path.open("rb") as file:
        return file.read(n_bytes)


def _decoded(raw: bytes) -> str:
    return raw.decode("utf-8-sig", "replace")
