"""Reading a person's table for a command: what could not be used is said on standard error."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from philtrum.diary.table import DayTable


def read_table(path: Path, *, labels: Collection[str] = (), today: date | None = None) -> DayTable:
    """Read a day table and print the remarks on it.

    Raises
    ------
    DiaryNotFoundError, DiaryError
        With the ids of `philtrum.diary.reading`.
    """
    from philtrum.diary.reading import read_day_table

    table, remarks = read_day_table(path, labels=labels, today=today)
    for remark in remarks:
        click.echo(f"{path.name}: {remark.text} [{remark.id}]", err=True)
    return table
