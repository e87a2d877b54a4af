"""`philtrum profile`: several people on one machine, each with a diary and clips of their own."""

from __future__ import annotations

import click


@click.group()
def profile() -> None:
    """Keep the diaries of several people on this machine apart.

    Each profile signs in with a link of its own: philtrum web --profile NAME.
    Whoever can use this account of the computer can open each of them.
    """


@profile.command()
@click.argument("name")
def add(name: str) -> None:
    """Make a profile called NAME."""
    _open()
    from philtrum.web.access.ownership import add_profile

    person = add_profile(name)
    click.echo(f'Made. Open it with: philtrum web --profile "{person.first_name}"')


@profile.command("list")
def list_() -> None:
    """Print the names of all profiles."""
    _open()
    from philtrum.web.access.ownership import profiles

    for person in profiles():
        click.echo(person.first_name)


@profile.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
def remove(name: str, yes: bool) -> None:
    """Delete the profile NAME for good, with its diary and its clips."""
    _open()
    from philtrum.web.access.ownership import profile as find
    from philtrum.web.clips.models import Clip

    if not name.strip():
        raise click.UsageError("Name the profile.")
    person = find(name)
    clips = list(Clip.objects.filter(owner=person))
    question = f"Delete {person.first_name} with the whole diary and {len(clips)} clips? This cannot be undone."
    if not yes:
        click.confirm(question, abort=True)
    for clip in clips:
        clip.remove()
    person.delete()
    click.echo("Deleted.")


def _open() -> None:
    from philtrum.web.opening import bring_up_to_date, open_store

    open_store()
    bring_up_to_date()
