"""The command `philtrum response`: how the twitching answered to dated treatments."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from philtrum.commands.output import check_folder, check_suffix, whole_file
from philtrum.commands.tables import read_table


@click.command()
@click.argument("diary", type=click.Path(path_type=Path))
@click.option(
    "--treated",
    "treated",
    type=click.DateTime(["%Y-%m-%d"]),
    multiple=True,
    required=True,
    help="Day of a treatment, such as 2026-03-31. May be repeated.",
)
@click.option("--json", "is_json", is_flag=True, help="Print the result as JSON.")
@click.option("--plot", type=click.Path(path_type=Path), metavar="FILE", help="Draw the curve; FILE.svg.")
def response(diary: Path, treated: tuple[datetime, ...], is_json: bool, plot: Path | None) -> None:
    """Say how the twitching in DIARY answered to treatments such as botulinum injections.

    For each treatment and for all together: when the effect set in, how large it
    was at its best, when it wore off. DIARY is a CSV file with one row per day:
    date, and episodes, minutes or rate_per_min (as measured in clips), or both.

    \b
    philtrum response diary.csv --treated 2026-01-12 --treated 2026-05-04
    philtrum response diary.csv --treated 2026-01-12 --plot response.svg
    """  # noqa: D301 - \b is click's mark for "leave these lines as they are"
    if plot is not None:
        check_suffix(plot, {".svg"})
        check_folder(plot.parent)
    table = read_table(diary)
    from philtrum.nof1.response import estimate_response

    found = estimate_response(table, [day.date() for day in treated])
    if plot is not None:
        from philtrum.report.response_chart import render_response

        with whole_file(plot) as unfinished:
            unfinished.write_text(render_response(found), encoding="utf-8")
    if is_json:
        from philtrum.report.answers import response_to_json

        click.echo(response_to_json(found), nl=False)
    else:
        from philtrum.report.response_words import render_answers

        click.echo(render_answers(found, diary.name), nl=False)
