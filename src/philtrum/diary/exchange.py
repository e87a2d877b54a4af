"""All of a diary as one file, and back without loss.

The zip holds::

    diary.json      every record, schema `philtrum.diary/1` (docs/diary.md); the only part that is read back
    days.csv        one row per local day, for `philtrum triggers` and for spreadsheets; blank = not recorded
    <kind>.csv      the records of each kind as a table, for spreadsheets
    README.txt      what this is

The same diary gives the same bytes.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from philtrum.diary.days import day_table
from philtrum.diary.plain import KINDS, kind_of, record_from_plain, to_plain
from philtrum.diary.records import Record, day_of
from philtrum.diary.table import DayTable
from philtrum.errors import PhiltrumError

SCHEMA = "philtrum.diary/1"

_JSON, _DAYS = "diary.json", "days.csv"
_MOST_BYTES = 200_000_000  # 200 000 records; what is larger is no diary
_LAST_DAY = date(9999, 12, 31)
_TIMELESS = (1980, 1, 1, 0, 0, 0)  # the zip format's first moment: the same diary, the same bytes
_README = """This is a diary kept with philtrum.

diary.json   every record; philtrum reads it back: philtrum diary import FILE
days.csv     one row per day; a blank cell was not recorded, which is not zero
*.csv        the records of each kind as tables, for spreadsheets

Times are in UTC, each with the time zone the person was in. Left is the person's left.
"""


class ExchangeError(PhiltrumError, ValueError):
    """A file that cannot be read as a diary."""


def render_diary(records: Iterable[Record]) -> bytes:
    """Return the zip of a diary."""
    ordered = in_order(records)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as pack:
        for name, text in _files(ordered).items():
            pack.writestr(zipfile.ZipInfo(name, _TIMELESS), text, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def read_diary(path: Path) -> tuple[Record, ...]:
    """Read the records of a zip made by `render_diary`, or of its `diary.json` alone.

    Raises
    ------
    ExchangeError: ``diary-file-unreadable``, ``diary-file-other``, ``diary-file-newer``.
    RecordError: a record in it cannot be right; nothing is returned then.
    """
    try:
        text = _json_text(path)
    except (OSError, zipfile.BadZipFile, KeyError, RuntimeError) as error:
        what = f"{path.name}: this is not a diary that philtrum has written, or it is damaged."
        raise ExchangeError("diary-file-unreadable", what, "Choose the zip from 'Save everything'.") from error
    return _parse(text, path.name)


def render_json(records: Iterable[Record]) -> str:
    """Return all records as JSON, in the order of `in_order`."""
    data = {"schema": SCHEMA, "records": [to_plain(record) for record in in_order(records)]}
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def render_days(table: DayTable) -> str:
    """Return a day table as CSV: `date`, then its columns; a blank cell was not recorded."""
    lines = _Lines(["date", *table.columns])
    for row, day in enumerate(table.days):
        lines.add([day.isoformat(), *(_number(float(values[row])) for values in table.columns.values())])
    return lines.text()


def in_order(records: Iterable[Record]) -> list[Record]:
    """Return records by kind, day and id: the order of every file."""
    kinds = list(KINDS)
    return sorted(records, key=lambda r: (kinds.index(kind_of(r)), day_of(r) or _LAST_DAY, str(r.id)))


def _files(ordered: Sequence[Record]) -> dict[str, str]:
    files = {_JSON: render_json(ordered), _DAYS: render_days(day_table(ordered)), "README.txt": _README}
    for kind in KINDS:
        if rows := [to_plain(record) for record in ordered if kind_of(record) == kind]:
            files[f"{kind}.csv"] = _as_table(rows)
    return files


def _as_table(rows: Sequence[Mapping[str, Any]]) -> str:
    names = [name for name in dict.fromkeys(name for row in rows for name in row) if name != "kind"]
    lines = _Lines(names)
    for row in rows:
        lines.add([_cell(row.get(name, "")) for name in names])
    return lines.text()


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(_cell(item) for item in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={_cell(item)}" for key, item in value.items())
    text = _number(value) if isinstance(value, float) else str(value)
    # A spreadsheet would take such a text for a formula (OWASP, "CSV injection").
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _number(value: float) -> str:
    return "" if np.isnan(value) else f"{round(value, 4):g}" if abs(value) < 1e5 else repr(value)


class _Lines:
    """Lines of a CSV in the making."""

    def __init__(self, heading: Sequence[str]) -> None:
        self._file = io.StringIO(newline="")
        self._writer = csv.writer(self._file, lineterminator="\n")
        self.add(heading)

    def add(self, cells: Sequence[str]) -> None:
        self._writer.writerow(cells)

    def text(self) -> str:
        return self._file.getvalue()


def _json_text(path: Path) -> bytes:
    if not zipfile.is_zipfile(path):
        with path.open("rb") as file:
            return file.read(_MOST_BYTES)
    with zipfile.ZipFile(path) as pack, pack.open(_JSON) as part:
        return part.read(_MOST_BYTES)  # a bomb unpacks no further


def _parse(text: bytes, name: str) -> tuple[Record, ...]:
    try:
        data = json.loads(text)
        schema, plain = data["schema"], data["records"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ExchangeError("diary-file-other", f"{name}: this holds no diary.", "Choose another file.") from error
    if schema != SCHEMA:
        what = f"{name}: this diary has the schema {str(schema)[:40]!r}; {SCHEMA!r} is known here."
        raise ExchangeError("diary-file-newer", what, "Read it with the version of philtrum that wrote it.")
    return tuple(record_from_plain(item) for item in plain)
