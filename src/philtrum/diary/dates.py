"""Read the dates of a column as a whole: one file has one way of writing them."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from datetime import date, timedelta
from typing import Literal, TypeVar

Style = Literal["plain", "serial", "ambiguous"]
Key = TypeVar("Key", bound=Hashable)

_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ][\d:.]*(?:Z|[+-]\d\d:?\d\d)?)?")
_DAY_FIRST = re.compile(r"(\d{1,2})[.](\d{1,2})[.](\d{4})")  # dots are written in countries that put the day first
_SLASHES = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})")
_SERIAL = re.compile(r"(\d{5})(?:\.\d*)?")
# Spreadsheets count days from here (ECMA-376 part 1, 18.17.4.1, with the leap day of 1900 that never was).
_SERIAL_START = date(1899, 12, 30)
_OLDEST = date(1970, 1, 1)  # a diary day before this is a slip of the pen


def read_dates(texts: Mapping[Key, str]) -> tuple[dict[Key, date], Style]:
    """Return the dates that can be read, by the same keys, and how they were written.

    ``ambiguous``: dates with slashes in which day and month could be exchanged
    in every single one, so that nothing is returned.
    """
    cleaned = {key: text.strip() for key, text in texts.items()}
    slashed = {key: match for key, text in cleaned.items() if (match := _SLASHES.fullmatch(text))}
    day_first, month_first = (
        {key: day for key, match in slashed.items() if (day := _date(match, order))} for order in ((3, 2, 1), (3, 1, 2))
    )
    if len(day_first) == len(month_first) and day_first != month_first:
        return {}, "ambiguous"
    found = dict(day_first if len(day_first) >= len(month_first) else month_first)
    n_serial = 0
    for key, text in cleaned.items():
        day = None
        if match := _YEAR_FIRST.fullmatch(text):
            day = _date(match, (1, 2, 3))
        elif match := _DAY_FIRST.fullmatch(text):
            day = _date(match, (3, 2, 1))
        elif match := _SERIAL.fullmatch(text):
            day = _SERIAL_START + timedelta(days=int(match[1]))
            n_serial += 1
        if day is not None:
            found[key] = day
    dates = {key: found[key] for key in cleaned if key in found and found[key] >= _OLDEST}
    return dates, "serial" if n_serial else "plain"


def _date(match: re.Match[str], order: tuple[int, int, int]) -> date | None:
    year, month, day = (int(match[place]) for place in order)
    try:
        return date(year, month, day)
    except ValueError:
        return None
