"""The commands `philtrum trial plan` and `philtrum trial analyse`."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from philtrum.commands.output import check_folder, check_suffix, whole_file
from philtrum.commands.tables import read_table

if TYPE_CHECKING:
    from philtrum.nof1.background import Background
    from philtrum.nof1.planning import Plan


_END_OF_TIME = date(9000, 1, 1)


@click.group()
def trial() -> None:
    """Test a remedy on yourself, with and without it, in an order that a coin decides."""


@trial.command()
@click.argument("remedy")
@click.option("--start", type=click.DateTime(["%Y-%m-%d"]), help="First day; tomorrow by default.")
@click.option("--pairs", type=int, default=10, show_default=True, help="Pairs of periods, 6 to 40.")
@click.option("--days", type=int, default=5, show_default=True, help="Days of one period.")
@click.option("--washout", type=int, default=0, show_default=True, help="Days at its start that are not counted.")
@click.option(
    "--cut",
    type=click.FloatRange(5, 95),
    default=40.0,
    show_default=True,
    help="The cut of the twitching that is worth finding, in percent.",
)
@click.option("--diary", type=click.Path(path_type=Path), metavar="FILE", help="Your diary: how you twitch as usual.")
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Write the table to fill in; FILE.csv.")
@click.option("--ics", type=click.Path(path_type=Path), metavar="FILE", help="Write it for your calendar; FILE.ics.")
@click.option("--name-remedy", is_flag=True, help="Name the remedy in the calendar, which others may see.")
@click.option("--seed", type=int, help="Draw the same order again.")
def plan(
    remedy: str,
    start: datetime | None,
    pairs: int,
    days: int,
    washout: int,
    cut: float,
    diary: Path | None,
    out: Path | None,
    ics: Path | None,
    name_remedy: bool,
    seed: int | None,
) -> None:
    """Draw a trial of REMEDY, and say how likely it is to find what it looks for.

    \b
    philtrum trial plan "warm compress" --diary diary.csv --out trial.csv --ics trial.ics
    philtrum trial plan "less coffee" --pairs 8 --days 4 --start 2026-05-04
    """  # noqa: D301 - \b is click's mark for "leave these lines as they are"
    _check_files(out, ics)
    background = _read_background(diary)
    from philtrum.nof1.planning import estimate_power, plan_trial
    from philtrum.report.trial_words import render_plan

    first_day = (datetime.now().astimezone() + timedelta(days=1)).date() if start is None else start.date()
    drawn = plan_trial(remedy, first_day, n_pairs=pairs, period_days=days, washout_days=washout, seed=seed)
    power = estimate_power(
        1 - cut / 100,
        rate_per_day=background.rate_per_day,
        n_pairs=pairs,
        period_days=days,
        washout_days=washout,
        noise=background.noise,
    )
    _write_files(drawn, out, ics, shows_remedy=name_remedy)
    text = render_plan(drawn, power=power, cut=cut / 100, rate_per_day=background.rate_per_day, is_usual=diary is None)
    click.echo(text, nl=False)


@trial.command()
@click.argument("table", type=click.Path(path_type=Path))
@click.option("--json", "is_json", is_flag=True, help="Print the result as JSON.")
@click.option("--plot", type=click.Path(path_type=Path), metavar="FILE", help="Draw the pairs; FILE.svg.")
@click.option(
    "--outcome",
    type=click.Choice(["episodes", "minutes", "rate_per_min"]),
    help="What the twitching is measured by; by default the first of these columns.",
)
def analyse(table: Path, is_json: bool, plot: Path | None, outcome: str | None) -> None:
    """Say whether the remedy of a trial helps.

    TABLE is the file that `philtrum trial plan --out` has written, filled in: the columns
    date, pair, arm (A as usual, B with the remedy) and the twitching of each day.

    \b
    philtrum trial analyse trial.csv
    philtrum trial analyse trial.csv --json
    """  # noqa: D301 - \b is click's mark for "leave these lines as they are"
    if plot is not None:
        check_suffix(plot, {".svg"})
        check_folder(plot.parent)
    days = read_table(table, labels=["arm"], today=_END_OF_TIME)  # the days to come are part of the plan
    from philtrum.nof1.trials import analyse_trial

    result = analyse_trial(days, outcome=outcome)
    if plot is not None:
        from philtrum.report.trial_chart import render_trial

        with whole_file(plot) as unfinished:
            unfinished.write_text(render_trial(result), encoding="utf-8")
    if is_json:
        from philtrum.report.answers import trial_to_json

        click.echo(trial_to_json(result), nl=False)
    else:
        from philtrum.report.trial_words import render_result

        click.echo(render_result(result, table.name), nl=False)


def _check_files(out: Path | None, ics: Path | None) -> None:
    for path, suffix in ((out, ".csv"), (ics, ".ics")):
        if path is not None:
            check_suffix(path, {suffix})
            check_folder(path.parent)


def _write_files(drawn: Plan, out: Path | None, ics: Path | None, *, shows_remedy: bool) -> None:
    if out is not None:
        from philtrum.nof1.schedule import render_schedule

        with whole_file(out) as unfinished:
            unfinished.write_text(render_schedule(drawn), encoding="utf-8")
    if ics is not None:
        from philtrum.report.calendar import render_calendar

        calendar = render_calendar(drawn, made_at=datetime.now(UTC), shows_remedy=shows_remedy)
        with whole_file(ics) as unfinished:
            unfinished.write_bytes(calendar.encode())


def _read_background(diary: Path | None) -> Background:
    from philtrum.nof1.background import USUAL, measure_background

    return USUAL if diary is None else measure_background(read_table(diary))
