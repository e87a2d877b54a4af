"""`philtrum backup` and `philtrum restore`."""

from __future__ import annotations

from pathlib import Path

import click

from philtrum.commands.output import check_folder, whole_file
from philtrum.web.data import data_dir

_PASSPHRASE_FILE = click.option(
    "--passphrase-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="Read the passphrase from the first line of a file instead of asking for it.",
)


@click.command()
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", required=True, help="Backup to write.")
@_PASSPHRASE_FILE
def backup(out: Path, passphrase_file: Path | None) -> None:
    """Write all data of philtrum, diary and clips, into one file that only a passphrase opens.

    philtrum may be running. Keep the passphrase elsewhere: without it nobody
    can open the file, and there is no other way in.
    """
    from philtrum.web.backup import write_backup

    check_folder(out.parent)
    passphrase = _passphrase(passphrase_file, confirms=True)
    with whole_file(out) as unfinished, unfinished.open("wb") as file:
        write_backup(data_dir(), file, passphrase)
    click.echo(f"{out.name}: {out.stat().st_size / 1e6:.1f} MB. Try it out with: philtrum restore --check {out.name}")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--replace", is_flag=True, help="Take the place of data that are there; they are moved aside.")
@click.option("--check", is_flag=True, help="Only read all of the backup, and change nothing.")
@_PASSPHRASE_FILE
def restore(file: Path, replace: bool, check: bool, passphrase_file: Path | None) -> None:
    """Read a backup FILE back. Nothing is changed unless all of it can be read."""
    import tempfile

    from philtrum.web.backup import restore_backup

    passphrase = _passphrase(passphrase_file, confirms=False)
    with file.open("rb") as content:
        if check:
            with tempfile.TemporaryDirectory() as folder:
                restore_backup(content, passphrase, Path(folder) / "data")
            click.echo(f"{file.name}: whole, and the passphrase opens it.")
            return
        aside = restore_backup(content, passphrase, data_dir(), replaces=replace)
    click.echo("Restored. Start philtrum with: philtrum web")
    if aside is not None:
        click.echo(f"The data that were there are now in {aside.name}, beside the data folder.")


def _passphrase(file: Path | None, *, confirms: bool) -> str:
    if file is not None:
        return file.read_text(encoding="utf-8").partition("\n")[0].strip()
    asked: str = click.prompt("Passphrase", hide_input=True, confirmation_prompt=confirms)
    return asked
