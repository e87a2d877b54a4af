"""Read a day table from a CSV file, and say what in it could not be used.

One row per day; a blank cell is "not recorded". Rows may be missing, unsorted
or double. What can be read is read: a cell or row that cannot is left out
with a remark that names row and column (row 1 is the heading, as in a
spreadsheet). Only a file in which nothing can be read is an error.

Taken as they are: commas, semicolons or tabs between cells; decimal commas
where commas do not separate cells; dates as 2026-03-31, 31.3.2026, 31/3/2026
(or month first, if the file as a whole leaves no doubt) and as the day number
of a spreadsheet; yes and no for 1 and 0.
"""

from __future__ import annotations

import csv
import io
import itertools
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np

from philtrum.diary.columns import COLUMNS
from philtrum.diary.dates import read_dates
from philtrum.diary.table import DayTable, FloatArray
from philtrum.errors import PhiltrumError

# 20 years of days with 100 columns are 4 MB; what is larger is another kind of file.
_MOST_BYTES = 20_000_000
# After so many remarks of one kind on one column, the rest is only counted.
_MOST_ALIKE = 3
# A column with more words than numbers is one of words: it is left out as a whole.
_LEAST_NUMBERS = 0.5
_OWN_GREATEST = 1e9  # of a column of the person's own
_WORDS_FOR_NUMBERS = {"yes": 1.0, "no": 0.0, "true": 1.0, "false": 0.0, "y": 1.0, "n": 0.0}
_BLANKS = {"", "na", "n/a", "nan", "-", "null", "none"}


class DiaryError(PhiltrumError, ValueError):
    """The given file cannot be used as a diary."""


class DiaryNotFoundError(PhiltrumError, FileNotFoundError):
    """There is no diary at the given path."""


@dataclass(frozen=True, slots=True)
class Remark:
    """What of a file was left out or taken with care.

    Parameters
    ----------
    id : str
        Stable name in words.
    text : str
        What was found and what was made of it, with row and column.
    """

    id: str
    text: str


def read_day_table(
    path: Path,
    *,
    labels: Collection[str] = (),
    names: Mapping[str, str] | None = None,
    today: date | None = None,
) -> tuple[DayTable, tuple[Remark, ...]]:
    """Read a CSV file with a column `date` into a day table.

    Parameters
    ----------
    path : Path
        The file; its name stands in the messages, its folder does not.
    labels : collection of str
        Columns that hold words, such as ``arm``; all others hold numbers.
    names : mapping of str to str, optional
        Other names for columns, as in the file to as in the table: ``{"Tag": "date"}``.
    today : date, optional
        Later days are left out; the local date by default.

    Returns
    -------
    table : DayTable
        Full calendar from the first to the last day with a record.
    remarks : tuple of Remark
        What was left out or taken with care; empty if the file is clean.

    Raises
    ------
    DiaryNotFoundError, DiaryError
        With an id that stands in ``docs/errors.md``.
    """
    sheet = _read_sheet(path, {"date", *COLUMNS, *labels}, names or {})
    reader = _Reader(path.name, sheet, frozenset(labels), today or datetime.now().astimezone().date())
    return reader.table(), tuple(reader.remarks)


@dataclass(frozen=True, slots=True)
class _Sheet:
    """The cells of a file: the heading, and the rows with their numbers."""

    heading: list[str]
    rows: list[tuple[int, list[str]]]
    has_decimal_commas: bool


class _Reader:
    """One file being read: collects remarks while it turns cells into numbers."""

    def __init__(self, name: str, sheet: _Sheet, labels: frozenset[str], today: date) -> None:
        self.name = name
        self.sheet = sheet
        self.labels = labels
        self.today = today
        self.remarks: list[Remark] = []

    def table(self) -> DayTable:
        days = self._days()
        first_day, last_day = min(days.values()), max(days.values())
        rows_of: dict[date, list[int]] = defaultdict(list)
        for index, day in days.items():
            rows_of[day].append(index)
        self._remark_on_order(list(days.values()))
        place = {day: (day - first_day).days for day in rows_of}
        n_days = (last_day - first_day).days + 1
        columns, words = {}, {}
        for position, column in self._named_columns():
            cells = {i: self.sheet.rows[i][1][position].strip() for i in days}
            if column in self.labels:
                words[column] = self._place_words(column, cells, rows_of, place, n_days)
            elif (numbers := self._numbers(column, cells)) is not None:
                columns[column] = self._place_numbers(column, numbers, rows_of, place, n_days)
        if not columns:
            what = f"{self.name}: there is no column with numbers beside the dates."
            raise DiaryError("diary-no-numbers", what, "Give each day at least its count of episodes.")
        return DayTable(first_day, columns, words)

    def _days(self) -> dict[int, date]:
        """Return the date of every usable row, by its index in the sheet."""
        position = self._date_position()
        width = len(self.sheet.heading)
        ragged = [index for index, (_, cells) in enumerate(self.sheet.rows) if len(cells) != width]
        whole = sorted({*range(len(self.sheet.rows))} - {*ragged})
        self._remark_on_ragged(ragged, n_rows=len(self.sheet.rows))
        texts = {index: self.sheet.rows[index][1][position] for index in whole}
        known, style = read_dates(texts)
        if style == "ambiguous":
            what = f'{self.name}: dates such as "{next(iter(texts.values())).strip()}" may mean two different days.'
            raise DiaryError("diary-date-ambiguous", what, "Write dates as 2026-03-31.")
        if style == "serial":
            self._remark("diary-date-serial", "The dates are day numbers of a spreadsheet and were read as such.")
        unread = [index for index in whole if index not in known]
        future = [index for index, day in known.items() if day > self.today + timedelta(days=1)]  # zones ahead of ours
        self._remark_on_rows("diary-date-unreadable", unread, 'column date: "{}" is not a date; the row is left out.')
        self._remark_on_rows("diary-date-future", future, 'column date: "{}" lies in the future; the row is left out.')
        usable = {index: day for index, day in known.items() if index not in set(future)}
        if not usable:
            what = f"{self.name}: not one of its {len(self.sheet.rows)} rows has a date up to today that can be read."
            raise DiaryError("diary-no-days", what, "Write dates as 2026-03-31, one row per day.")
        return usable

    def _date_position(self) -> int:
        try:
            return self.sheet.heading.index("date")
        except ValueError:
            found = ", ".join(name for name in self.sheet.heading if name) or "nothing"
            what = f'{self.name}: the first row needs a column "date"; found {found[:200]}.'
            raise DiaryError("diary-no-date-column", what, "Name the column with the days date.") from None

    def _named_columns(self) -> Iterable[tuple[int, str]]:
        seen = {"date", ""}
        for position, column in enumerate(self.sheet.heading):
            if column in seen and column not in {"date", ""}:
                text = f"Row 1: column {column} stands twice; the second one is left out."
                self._remark("diary-column-twice", text)
            elif column not in seen:
                seen.add(column)
                yield position, column

    def _numbers(self, column: str, cells: Mapping[int, str]) -> dict[int, float] | None:
        """Return the numbers of one column by row index; None if it holds words."""
        filled = {index: cell for index, cell in cells.items() if cell.lower() not in _BLANKS}
        numbers = {index: _number(cell, self.sheet.has_decimal_commas) for index, cell in filled.items()}
        wrong = [index for index, value in numbers.items() if value is None]
        if filled and len(wrong) > (1 - _LEAST_NUMBERS) * len(filled):
            row = self.sheet.rows[wrong[0]][0]
            text = f'Column {column} holds words (row {row}: "{filled[wrong[0]][:20]}"), not numbers; it is left out.'
            self._remark("diary-column-of-words", text)
            return None
        self._remark_on_cells("diary-not-a-number", column, wrong, filled, "is not a number; the cell is left blank.")
        good = {index: value for index, value in numbers.items() if value is not None}
        least, greatest = (0.0, COLUMNS[column].greatest) if column in COLUMNS else (-_OWN_GREATEST, _OWN_GREATEST)
        low = [index for index, value in good.items() if value < least]
        high = [index for index, value in good.items() if value > greatest]
        self._remark_on_cells("diary-negative", column, low, filled, f"is less than {least:g}; the cell is left blank.")
        too_much = f"is more than {greatest:g}, the most that can be; the cell is left blank."
        self._remark_on_cells("diary-too-large", column, high, filled, too_much)
        return {index: value for index, value in good.items() if least <= value <= greatest}

    def _place_numbers(
        self,
        column: str,
        numbers: Mapping[int, float],
        rows_of: Mapping[date, Sequence[int]],
        place: Mapping[date, int],
        n_days: int,
    ) -> FloatArray:
        values = np.full(n_days, np.nan)
        for day, indices in rows_of.items():
            found = {numbers[index] for index in indices if index in numbers}
            if len(found) == 1:
                values[place[day]] = found.pop()
            elif found:
                self._remark_on_double_day(column, day, indices)
        return values

    def _place_words(
        self,
        column: str,
        cells: Mapping[int, str],
        rows_of: Mapping[date, Sequence[int]],
        place: Mapping[date, int],
        n_days: int,
    ) -> tuple[str, ...]:
        words = [""] * n_days
        for day, indices in rows_of.items():
            found = {cells[index] for index in indices if cells[index]}
            if len(found) == 1:
                words[place[day]] = found.pop()
            elif found:
                self._remark_on_double_day(column, day, indices)
        return tuple(words)

    def _remark(self, id: str, text: str) -> None:
        self.remarks.append(Remark(id, text))

    def _remark_on_double_day(self, column: str, day: date, indices: Sequence[int]) -> None:
        rows = " and ".join(str(self.sheet.rows[index][0]) for index in indices[:3])
        text = f"Rows {rows}, column {column}: {day.isoformat()} stands twice with different values; left blank."
        self._remark("diary-day-twice", text)

    def _remark_on_order(self, days: Sequence[date]) -> None:
        for index, (earlier, later) in enumerate(itertools.pairwise(days), start=1):
            if later < earlier:
                row = self.sheet.rows[index][0]
                text = f"Row {row}, column date: the rows are not in the order of their dates; they were sorted."
                self._remark("diary-unsorted", text)
                return

    def _remark_on_ragged(self, ragged: Sequence[int], *, n_rows: int) -> None:
        if not ragged:
            return
        row, cells = self.sheet.rows[ragged[0]]
        found = f"{len(cells)} cells, the heading {len(self.sheet.heading)}"
        if len(ragged) > n_rows / 2:
            what = f"{self.name}, row {row}: the row has {found}; most rows do not fit."
            raise DiaryError("diary-rows-uneven", what, "If commas stand for decimals, write 7.5 instead of 7,5.")
        others = f" {len(ragged) - 1} more such rows are left out." if len(ragged) > 1 else ""
        text = f"Row {row} has {found} (a decimal comma?); the row is left out.{others}"
        self._remark("diary-row-uneven", text)

    def _remark_on_rows(self, id: str, indices: Sequence[int], words: str) -> None:
        position = self.sheet.heading.index("date")
        for index in indices[:_MOST_ALIKE]:
            row, cells = self.sheet.rows[index]
            self._remark(id, f"Row {row}, " + words.format(cells[position].strip()[:20]))
        self._count_the_rest(id, "date", indices)

    def _remark_on_cells(
        self, id: str, column: str, indices: Sequence[int], cells: Mapping[int, str], words: str
    ) -> None:
        for index in indices[:_MOST_ALIKE]:
            row = self.sheet.rows[index][0]
            self._remark(id, f'Row {row}, column {column}: "{cells[index][:20]}" {words}')
        self._count_the_rest(id, column, indices)

    def _count_the_rest(self, id: str, column: str, indices: Sequence[int]) -> None:
        if len(indices) > _MOST_ALIKE:
            self._remark(id, f"Column {column}: {len(indices) - _MOST_ALIKE} more of this kind.")


def _read_sheet(path: Path, known: Collection[str], names: Mapping[str, str]) -> _Sheet:
    text = _read_text(path)
    heading_line = text.partition("\n")[0]
    delimiter = max(",;\t", key=heading_line.count)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        rows = [(lines.line_num, cells) for cells in lines if any(cell.strip() for cell in cells)]
    except csv.Error as error:
        what = f"{path.name}, row {lines.line_num}: the row cannot be read ({error})."
        raise DiaryError("diary-not-a-table", what, "Save the table as CSV, UTF-8.") from error
    if len(rows) < 2:
        what = f"{path.name}: there is no day below the heading."
        raise DiaryError("diary-empty", what, "One row of headings, then one row per day.")
    called = [names.get(cell.strip(), cell.strip()) for cell in rows[0][1]]
    heading = [name.lower() if name.lower() in known else name for name in called]
    return _Sheet(heading, rows[1:], has_decimal_commas=delimiter != ",")


def _read_text(path: Path) -> str:
    if not path.exists():
        raise DiaryNotFoundError("diary-not-found", f"{path.name}: there is no such file.", "Check name and folder.")
    try:
        if path.stat().st_size > _MOST_BYTES:
            what = f"{path.name}: {path.stat().st_size:,} bytes; a diary has at most {_MOST_BYTES:,}."
            raise DiaryError("diary-too-big", what, "Give a CSV file with one row per day.")
        raw = path.read_bytes()
    except OSError as error:
        what = f"{path.name}: the file cannot be read ({error.strerror})."
        raise DiaryError("diary-not-readable", what, "Choose a file that you may read.") from error
    return _decode(raw, path.name)


def _decode(raw: bytes, name: str) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif b"\0" in raw[:10_000] or raw.startswith(b"PK\x03\x04"):
        what = f"{name}: the file is not text (a workbook of a spreadsheet, perhaps)."
        raise DiaryError("diary-not-text", what, 'Choose "Save as CSV" there.')
    else:
        encodings = ["utf-8-sig", "cp1252", "latin-1"]
    for encoding in encodings:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise DiaryError("diary-not-text", f"{name}: the file is not text.", "Save the table as CSV, UTF-8.")


def _number(cell: str, has_decimal_commas: bool) -> float | None:
    """Return the number in a cell, or None.

    Between quotes, or where commas do not separate cells, 7,5 is 7.5; but three digits after a comma may be thousands.
    """
    if cell.lower() in _WORDS_FOR_NUMBERS:
        return _WORDS_FOR_NUMBERS[cell.lower()]
    whole, comma, decimals = cell.partition(",")
    if comma and (has_decimal_commas or len(decimals) != 3):
        cell = f"{whole}.{decimals}"
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if np.isfinite(value) else None
