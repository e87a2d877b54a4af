"""Android: sleep, drinks, caffeine and mindfulness from Health Connect; sleep from Google Fit.

Health Connect's own export is a zip with a SQLite file. Its units are seconds
for offsets, milliseconds for times, grams for masses and litres for volumes;
a volume above 20 cannot be one drink in litres and is read as millilitres.
Google Fit's "Daily activity metrics.csv" (from Takeout) has one row per day.
"""

from __future__ import annotations

import contextlib
import csv
import io
import sqlite3
import tempfile
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from philtrum.diary.checks import RecordError
from philtrum.diary.days import Interval
from philtrum.diary.imports.imported import Imported, ImportFileError, content_id, from_ms, nights, zone_at
from philtrum.diary.records import CheckIn, Exposure, Record

HEALTH_CONNECT, GOOGLE_FIT = "Health Connect", "Google Fit"

# androidx.health.connect.client.records.SleepSessionRecord: sleeping, light, deep, REM. Not: awake, out of bed.
_ASLEEP_STAGES = (2, 4, 5, 6)
_MOST_BYTES = 4_000_000_000
_MOST_LITRES_AT_ONCE = 20
_FIT_SLEEP = ("Sleep duration (ms)",)
_FIT_STAGES = ("Light sleeping duration (ms)", "Deep sleeping duration (ms)", "REM sleeping duration (ms)")


def read_health_connect(path: Path, *, zone: str) -> Imported:
    """Read an export of Health Connect: the zip, or the SQLite file in it.

    Raises
    ------
    ImportFileError: ``import-health-connect-unreadable``.
    """
    try:
        with _database(path) as database:
            records = [*_sleep(database, zone), *_drinks(database, zone), *_mindful(database, zone)]
    except (sqlite3.Error, OSError, zipfile.BadZipFile, StopIteration) as error:
        what = f"{path.name}: this is not a whole export of Health Connect."
        raise ImportFileError("import-health-connect-unreadable", what, "Export it again and copy the zip.") from error
    return Imported(HEALTH_CONNECT, tuple(records))


def read_google_fit(text: str, *, zone: str) -> Imported:
    """Read "Daily activity metrics.csv": the sleep of each day as check-in answers.

    A day without a figure for sleep is left open, not zero.
    """
    records: list[Record] = []
    n_unclear = 0
    for row in csv.DictReader(io.StringIO(text, newline="")):
        hours = _fit_hours(row)
        if hours is None:
            continue
        try:
            day = date.fromisoformat((row.get("Date") or "").strip())
            id = content_id(GOOGLE_FIT, "sleep_hours", day)
            records.append(CheckIn(id=id, day=day, zone=zone, answers={"sleep_hours": hours}))
        except (ValueError, RecordError):
            n_unclear += 1
    remarks = (f"{n_unclear} rows could not be understood and were left out.",) if n_unclear else ()
    return Imported(GOOGLE_FIT, tuple(records), remarks)


def is_google_fit(heading: Iterable[str]) -> bool:
    """Tell whether a heading is that of Google Fit's daily table."""
    names = set(heading)
    return "Date" in names and bool(names & {"Move Minutes count", "Step count", *_FIT_SLEEP, *_FIT_STAGES})


def _fit_hours(row: dict[str, str]) -> float | None:
    for names in (_FIT_SLEEP, _FIT_STAGES):
        filled = [row[name] for name in names if row.get(name)]
        with contextlib.suppress(ValueError):
            if filled:
                return round(sum(float(cell) for cell in filled) / 3_600_000, 3)
    return None


@contextlib.contextmanager
def _database(path: Path) -> Iterator[sqlite3.Connection]:
    """Open the SQLite file for reading; out of a zip, a copy that is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as pack:
                inside = next(info for info in pack.infolist() if info.filename.endswith(".db"))
                if inside.file_size > _MOST_BYTES:
                    raise OSError(path.name)
                inside.filename = "export.db"
                path = Path(pack.extract(inside, folder))
        with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
            database.row_factory = sqlite3.Row
            database.execute("SELECT count(*) FROM sqlite_master").fetchone()
            yield database


def _rows(database: sqlite3.Connection, table: str) -> list[dict[str, Any]]:
    """Return all rows of a table; none where this version of Health Connect has no such table."""
    known = {row["name"] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if table not in known:
        return []
    return [dict(row) for row in database.execute(f"SELECT * FROM {table}")]  # noqa: S608 - names of our own


def _sleep(database: sqlite3.Connection, zone: str) -> list[Exposure]:
    stages: dict[Any, list[Interval]] = defaultdict(list)
    staged = set()
    for row in _rows(database, "sleep_stages_table"):
        staged.add(row["parent_key"])
        if row["stage_type"] in _ASLEEP_STAGES:
            span = from_ms(row["stage_start_time"]), from_ms(row["stage_end_time"])
            stages[row["parent_key"]].append(span)
    by_zone: dict[str, list[Interval]] = defaultdict(list)
    for row in _rows(database, "sleep_session_record_table"):
        start, end = from_ms(row["start_time"]), from_ms(row["end_time"])
        own = stages[row["row_id"]] if row["row_id"] in staged else [(start, end)]
        by_zone[zone_at(end, row.get("end_zone_offset"), zone)].extend(own)
    return [night for at, spans in by_zone.items() for night in nights(spans, zone=at, source=HEALTH_CONNECT)]


def _drinks(database: sqlite3.Connection, zone: str) -> Iterator[Exposure]:
    for row in _rows(database, "hydration_record_table"):
        if litres := row.get("volume"):
            yield from _exposure(row, "water_l", litres / 1000 if litres > _MOST_LITRES_AT_ONCE else litres, zone)
    for row in _rows(database, "nutrition_record_table"):
        if grams := row.get("caffeine"):
            yield from _exposure(row, "caffeine_mg", grams * 1000, zone)


def _mindful(database: sqlite3.Connection, zone: str) -> Iterator[Exposure]:
    for row in _rows(database, "mindfulness_session_record_table"):
        if row.get("end_time"):
            yield from _exposure(row, "mindful_minutes", (row["end_time"] - row["start_time"]) / 60_000, zone)


def _exposure(row: dict[str, Any], factor: str, amount: float, zone: str) -> Iterator[Exposure]:
    started_at = from_ms(row["start_time"])
    with contextlib.suppress(RecordError):
        yield Exposure(
            id=content_id(HEALTH_CONNECT, factor, row["start_time"], round(amount, 6)),
            factor=factor,
            amount=amount,
            started_at=started_at,
            zone=zone_at(started_at, row.get("start_zone_offset"), zone),
            source=HEALTH_CONNECT,
        )
