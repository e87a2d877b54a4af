"""Any table with one row per day, as CSV: its columns become check-in answers.

`names` says which column is what: {"Datum": "date", "Kaffee mg": "caffeine_mg"}.
Columns that are not named keep their own name; those that philtrum does not
know become factors of the person's own. `episodes` and `minutes` say whether
the day had a twitch, and how many spells.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

from philtrum.diary.checks import RecordError
from philtrum.diary.factors import KNOWN
from philtrum.diary.imports.imported import Imported, content_id
from philtrum.diary.reading import read_day_table
from philtrum.diary.records import CheckIn, Factor, Record
from philtrum.diary.table import DayTable

SOURCE = "table"

_OUTCOMES = {"episodes", "minutes", "rate_per_min"}


def read_table(path: Path, *, zone: str, names: Mapping[str, str] | None = None) -> Imported:
    """Read a table with one row per day.

    Raises
    ------
    DiaryError, DiaryNotFoundError
        When nothing can be read (see `philtrum.diary.reading`).
    """
    table, notes = read_day_table(path, names=names or {})
    keys = {column: column_key(column) for column in table.columns if column not in _OUTCOMES}
    records, remarks = list(_own_factors(keys)), [note.text for note in notes]
    for row, day in enumerate(table.days):
        try:
            records.extend(_check_in(table, row, day, keys, zone))
        except RecordError as error:
            remarks.append(f"{day}: {error.what} The day is left out.")
    return Imported(SOURCE, tuple(records), tuple(remarks))


def column_key(column: str) -> str:
    """Return the factor key for the name of a column."""
    key = re.sub(r"[^a-z0-9]+", "_", column.lower()).strip("_")[:40].strip("_") or "unnamed"
    return key if key[0].isalpha() else f"x_{key}"[:40]


def _own_factors(keys: Mapping[str, str]) -> Iterator[Record]:
    for column, key in keys.items():
        if key not in KNOWN:
            yield Factor(id=content_id(SOURCE, "factor", key), key=key, label=column[:120], is_active=False)


def _check_in(table: DayTable, row: int, day: date, keys: Mapping[str, str], zone: str) -> Iterator[Record]:
    values = {name: float(cells[row]) for name, cells in table.columns.items() if not math.isnan(cells[row])}
    if not values:
        return
    n_episodes = round(values["episodes"]) if "episodes" in values else None
    minutes = values.get("minutes")
    told = [bool(n) for n in (n_episodes, minutes) if n is not None]
    yield CheckIn(
        id=content_id(SOURCE, "check_in", day),
        day=day,
        zone=zone,
        has_twitched=told[0] if told else None,
        n_episodes=n_episodes,
        minutes=minutes,
        answers={keys[name]: value for name, value in values.items() if name in keys},
    )
