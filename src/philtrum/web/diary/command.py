"""`philtrum diary`: the same diary as on the pages, from the command line."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from philtrum.commands.output import check_folder, check_suffix, whole_file
from philtrum.web.data import local_zone

if TYPE_CHECKING:
    from django.contrib.auth.models import User

_DAY = click.DateTime(formats=["%Y-%m-%d"])
_PLACES = ("upper_left", "upper_middle", "upper_right", "lower_left", "lower_middle", "lower_right")


@click.group()
@click.option("--profile", default="", metavar="NAME", help="Whose diary (philtrum profile list).")
@click.pass_context
def diary(context: click.Context, profile: str) -> None:
    """Keep, read, import and export the diary that the pages show."""
    context.obj = profile


@diary.command()
@click.option("--at", "at_text", metavar="TIME", help="When it began: 2026-03-01 22:15, or 22:15 (today).")
@click.option("--minutes-ago", type=click.IntRange(0, 60 * 24 * 7), help="Instead: so many minutes ago.")
@click.option("--minutes", type=click.FloatRange(0, 60 * 24 * 7), help="How long it lasted, where that is known.")
@click.option("--strength", type=click.IntRange(0, 10), help="0 hardly felt, 10 as strong as can be.")
@click.option("--place", "places", multiple=True, type=click.Choice(_PLACES), help="Where; may be given several times.")
@click.option("--note", default="", help="In your own words.")
@click.option("--zone", default=local_zone, show_default="this machine's", help="IANA name of the time zone.")
def add(at_text: str | None, minutes_ago: int | None, **values: Any) -> None:
    """Write down a spell of twitching.

    \b
    philtrum diary add
    philtrum diary add --minutes-ago 15 --minutes 2 --strength 4 --place upper_left
    """  # noqa: D301 - \b is click's mark for "leave these lines as they are"
    if at_text is not None and minutes_ago is not None:
        raise click.UsageError("Give either --at or --minutes-ago, not both.")
    owner = _owner()
    from philtrum.diary.checks import check_zone
    from philtrum.diary.records import Episode
    from philtrum.web.diary.store import add as store

    check_zone(values["zone"])
    now = datetime.now(UTC)
    started_at = _moment(at_text, values["zone"]) if at_text else now - timedelta(minutes=minutes_ago or 0)
    if started_at > now:
        raise click.BadParameter("this lies in the future.", param_hint="--at")
    minutes = values.pop("minutes")
    episode = Episode(
        started_at=started_at,
        ending="unknown" if minutes is None else "ended",
        ended_at=None if minutes is None else started_at + timedelta(minutes=minutes),
        logged="at_once" if at_text is None and not minutes_ago else "recalled",
        **values,
    )
    store(owner, episode)
    click.echo(f"Written down: {_local(episode.started_at, episode.zone)}  {episode.id}")


@diary.command("list")
@click.option("--from", "first", type=_DAY, metavar="DATE", help="First day.")
@click.option("--to", "last", type=_DAY, metavar="DATE", help="Last day.")
@click.option("--json", "is_json", is_flag=True, help="Print whole records as JSON.")
def list_(first: datetime | None, last: datetime | None, is_json: bool) -> None:
    """Print what the diary holds, oldest first."""
    owner = _owner()
    from philtrum.diary.exchange import render_json
    from philtrum.diary.text import line_of
    from philtrum.web.diary.store import records_of

    records = records_of(owner, first=first.date() if first else None, last=last.date() if last else None)
    if is_json:
        click.echo(render_json(records), nl=False)
        return
    for record in records:
        click.echo(line_of(record))
    if not records:
        click.echo("Nothing is written down for these days.", err=True)


@diary.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--column", "columns", multiple=True, metavar="OLD=NEW", help='What a column is: "Kaffee=caffeine_mg".')
@click.option("--zone", default=local_zone, show_default="this machine's", help="Where you lived.")
@click.option("--dry-run", is_flag=True, help="Only say what would be taken in.")
def import_(file: Path, columns: tuple[str, ...], zone: str, dry_run: bool) -> None:
    """Take in a FILE of philtrum, Apple Health, Health Connect, Google Fit, Bearable, or any CSV with a row per day.

    Nothing is taken in twice, and nothing that you wrote is overwritten.
    """
    names = dict(_pair(column) for column in columns)
    owner = _owner()
    from philtrum.diary.checks import check_zone
    from philtrum.diary.imports.reading import OWN, read_import
    from philtrum.diary.merge import merge
    from philtrum.web.diary.store import records_of, take_in

    check_zone(zone)
    imported = read_import(file, zone=zone, names=names)
    if dry_run:
        merged = merge(records_of(owner), imported.records)
    else:
        merged = take_in(owner, imported.records, revives=imported.source == OWN)
    would = "would be " if dry_run else ""
    click.echo(
        f"{imported.source}: {len(merged.added)} {would}added, {len(merged.changed)} {would}filled in, "
        f"{merged.n_revived} {would}brought back, {merged.n_known} there already."
    )
    for remark in imported.remarks:
        click.echo(remark, err=True)


@diary.command()
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", required=True, help="Zip to write; FILE.zip.")
def export(out: Path) -> None:
    """Write the whole diary as one zip: JSON that can be read back, and tables for spreadsheets."""
    owner = _owner()
    from philtrum.diary.exchange import render_diary
    from philtrum.web.diary.store import records_of

    records = records_of(owner)
    _write(out, render_diary(records), {".zip"})
    click.echo(f"{out.name}: {len(records)} entries.")


@diary.command()
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="CSV to write instead of printing it.")
@click.option("--json", "is_json", is_flag=True, help="Print as JSON; null = not recorded.")
def days(out: Path | None, is_json: bool) -> None:
    """Print one row per day, for `philtrum triggers`; a blank cell was not recorded."""
    owner = _owner()
    from philtrum.diary.days import day_table
    from philtrum.diary.exchange import render_days
    from philtrum.web.diary.store import records_of

    records = records_of(owner)
    if not records:
        click.echo("The diary is empty.", err=True)
        return
    table = day_table(records)
    if out is not None:
        _write(out, render_days(table).encode(), {".csv"})
        click.echo(f"{out.name}: {table.n_days} days.")
    elif is_json:
        rows = [
            {"date": day.isoformat()} | {name: _or_null(values[row]) for name, values in table.columns.items()}
            for row, day in enumerate(table.days)
        ]
        click.echo(json.dumps(rows, indent=1))
    else:
        click.echo(render_days(table), nl=False)


def _owner() -> User:
    """Open the store and return the person of the profile; without one, the person of this machine."""
    from philtrum.web.opening import bring_up_to_date, open_store

    open_store()
    bring_up_to_date()
    from philtrum.web.access.ownership import profile

    return profile(click.get_current_context().find_object(str) or "")


def _moment(text: str, zone: str) -> datetime:
    here = ZoneInfo(zone)
    try:
        if len(text) <= 5:
            clock = datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007 - gets its day and zone below
            return datetime.combine(datetime.now(here).date(), clock, here)
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter("write 2026-03-01 22:15, or 22:15 for today.", param_hint="--at") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=here)


def _pair(column: str) -> tuple[str, str]:
    old, sign, new = column.partition("=")
    if not sign or not old.strip() or not new.strip():
        raise click.BadParameter('write "Kaffee=caffeine_mg".', param_hint="--column")
    return old.strip(), new.strip()


def _local(moment: datetime, zone: str) -> str:
    return f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M} {zone}"


def _or_null(value: float) -> float | None:
    return None if value != value else float(value)


def _write(path: Path, content: bytes, suffixes: set[str]) -> None:
    check_suffix(path, suffixes)
    check_folder(path.parent)
    with whole_file(path) as unfinished:
        unfinished.write_bytes(content)
