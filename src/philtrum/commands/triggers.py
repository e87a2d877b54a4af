"""The command `philtrum triggers`: a diary in, what goes with the twitching out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click

from philtrum.commands.output import check_folder, check_suffix, whole_file
from philtrum.commands.tables import read_table

if TYPE_CHECKING:
    from philtrum.nof1.triggers import Verdict


@click.command()
@click.argument("diary", type=click.Path(path_type=Path))
@click.option("--json", "is_json", is_flag=True, help="Print one object per trigger and day before, as JSON.")
@click.option("--plot", type=click.Path(path_type=Path), metavar="FILE", help="Draw the estimates; FILE.svg.")
@click.option(
    "--outcome",
    type=click.Choice(["episodes", "minutes", "rate_per_min"]),
    help="What the twitching is measured by; by default the first of these columns.",
)
@click.option(
    "--lag",
    "declared",
    multiple=True,
    metavar="COLUMN=DAYS",
    help="Look at this column only so many days before (0: the same day; 1-3 is a range). May be repeated.",
)
@click.option(
    "--before",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The JSON of an earlier look: what was found then stays until the diary speaks against it.",
)
def triggers(
    diary: Path, is_json: bool, plot: Path | None, outcome: str | None, declared: tuple[str, ...], before: Path | None
) -> None:
    """Say which columns of DIARY go with more or less twitching in this person, and which do not.

    DIARY is a CSV file with one row per day: a column date, the twitching (episodes,
    minutes or rate_per_min) and any further columns with numbers. A blank cell is
    "not recorded", never zero.

    \b
    philtrum triggers diary.csv
    philtrum triggers diary.csv --json
    philtrum triggers diary.csv --plot triggers.svg --lag alcohol_units=1
    """  # noqa: D301 - \b is click's mark for "leave these lines as they are"
    lags = dict(_read_lag(text) for text in declared)
    if plot is not None:
        check_suffix(plot, {".svg"})
        check_folder(plot.parent)
    known = {} if before is None else _read_before(before)
    table = read_table(diary)
    from philtrum.nof1.triggers import find_triggers

    _check_columns(lags, [*table.columns])
    report = find_triggers(table, outcome=outcome, lags=lags, before=known)
    if plot is not None:
        from philtrum.report.forest import render_forest

        with whole_file(plot) as unfinished:
            unfinished.write_text(render_forest(report), encoding="utf-8")
    if is_json:
        from philtrum.report.answers import triggers_to_json

        click.echo(triggers_to_json(report), nl=False)
    else:
        from philtrum.report.trigger_words import render_triggers

        click.echo(render_triggers(report, diary.name), nl=False)


def _read_lag(text: str) -> tuple[str, tuple[int, ...]]:
    column, _, days = text.rpartition("=")
    first, _, last = days.partition("-")
    if not column or not first.isdigit() or not (last or first).isdigit():
        raise click.BadParameter(f"{text!r}: COLUMN=DAYS is expected, such as alcohol_units=1 or coffee=0-2.")
    window = tuple(range(int(first), int(last or first) + 1))
    if not window or window[-1] > 7:
        raise click.BadParameter(f"{text!r}: days from 0 to 7 are possible, the smaller one first.")
    return column, window


def _check_columns(lags: Mapping[str, object], columns: list[str]) -> None:
    for column in lags:
        if column not in columns:
            raise click.BadParameter(f"--lag {column}: the diary has no such column; it has {', '.join(columns)}.")


def _read_before(path: Path) -> dict[str, Verdict]:
    """Read what was claimed in the JSON of an earlier look."""
    from philtrum.nof1.triggers import Verdict

    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
        claims: dict[str, Verdict] = {
            row["trigger"]: row["verdict"] for row in rows if row["verdict"] in {"raises", "lowers"}
        }
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise click.BadParameter(
            f"--before {path.name}: the output of `philtrum triggers --json` is expected."
        ) from error
    return {name: verdict for name, verdict in claims.items() if verdict in get_args(Verdict)}
