"""The command `philtrum`: parse, call, print.

Results go to standard output, progress and messages to standard error.

Exit codes: 0 done; 1 a fault in philtrum itself; 2 the input, the options or
the installation are not right (the message says what to do); 3 the clip is
not good enough to measure (the result says why); 130 stopped with Ctrl-C.
"""

from __future__ import annotations

import os
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click

from philtrum.commands.output import check_folder, check_suffix, whole_file
from philtrum.errors import ClipError, PhiltrumError

if TYPE_CHECKING:
    from philtrum.video.measurement import Measurement

OK, BUG, BAD_INPUT, REFUSED, STOPPED = 0, 1, 2, 3, 130

# Commands of the packages beside this one, imported when they are asked for.
ELSEWHERE = {
    "advise": "philtrum.commands.advise:advise",
    "backup": "philtrum.web.backup_command:backup",
    "diary": "philtrum.web.diary.command:diary",
    "profile": "philtrum.web.profile_command:profile",
    "response": "philtrum.commands.response:response",
    "restore": "philtrum.web.backup_command:restore",
    "trial": "philtrum.commands.trial:trial",
    "triggers": "philtrum.commands.triggers:triggers",
    "web": "philtrum.web.command:web",
}


class _Commands(click.Group):
    """The commands below, and those of `ELSEWHERE`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *ELSEWHERE})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in ELSEWHERE:
            return super().get_command(ctx, cmd_name)
        module, _, name = ELSEWHERE[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    With `PHILTRUM_DEBUG=1` in the environment a fault shows Python's traceback.
    """
    try:
        return philtrum.main(arguments, prog_name="philtrum", standalone_mode=False) or OK
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except PhiltrumError as error:
        click.echo(str(error), err=True)
        return BAD_INPUT
    except (KeyboardInterrupt, click.Abort):
        click.echo("Stopped.", err=True)
        return STOPPED
    except BrokenPipeError:  # the reader, `head` for example, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except Exception as error:
        if os.environ.get("PHILTRUM_DEBUG") == "1":
            raise
        click.echo(_bug_report(error), err=True)
        return BUG


@click.group(cls=_Commands)
@click.version_option(package_name="philtrum", message="%(prog)s %(version)s")
def philtrum() -> None:
    """Record, measure and understand twitching of the upper lip, on your own machine."""


@philtrum.command()
@click.argument("clip", type=click.Path(path_type=Path))
@click.option("--json", "is_json", is_flag=True, help="Print the measurement as JSON.")
@click.option("--plot", type=click.Path(path_type=Path), metavar="FILE", help="Draw the trace; FILE.svg or FILE.png.")
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="DIR", help="Write measurement, trace and drawing here."
)
@click.option("--mirrored", is_flag=True, help="The clip is mirrored, as some phones save selfies: swap the sides.")
def measure(clip: Path, is_json: bool, plot: Path | None, out: Path | None, mirrored: bool) -> int:
    """Find the upper-lip twitches in CLIP, an ordinary video of a face.

    \b
    philtrum measure lip.mp4
    philtrum measure lip.mov --json
    philtrum measure lip.webm --plot trace.svg --out results/
    """  # noqa: D301 - \b is click's mark for "leave these lines as they are"
    _check_outputs(plot, out)
    from philtrum.video.measure import measure as measure_clip
    from philtrum.video.trace import open_trace

    with tempfile.TemporaryDirectory() as elsewhere:
        trace_path = (out or Path(elsewhere)) / "trace.csv"
        with _progress() as on_progress, open_trace(trace_path) as trace:
            on_trace = None if out is None and plot is None else trace.add
            measurement = measure_clip(clip, mirrored=mirrored, on_progress=on_progress, on_trace=on_trace)
        if out is not None:
            _write_results(out, measurement, trace_path if trace.has_face else None)
        if plot is not None:
            _write_plot(plot, measurement, trace_path if trace.has_face else None)
    from philtrum.report.text import render_text

    click.echo(measurement.to_json() if is_json else render_text(measurement), nl=False)
    return REFUSED if measurement.quality.verdict == "refused" else OK


@philtrum.command()
@click.argument("clip", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", required=True, help="Film to write; FILE.mp4.")
def magnify(clip: Path, out: Path) -> int:
    """Make a short film of the twitches in CLIP: slowed, the movement made larger.

    The clip is measured first. The film holds the head still and shows each
    twitch with half a second before and after, a minute at most. It is meant
    for the eye: the numbers come from `philtrum measure`.
    """
    check_suffix(out, {".mp4"})
    check_folder(out.parent)
    from philtrum.video.magnify import magnify
    from philtrum.video.measure import measure

    with _progress() as on_progress:
        measurement = measure(clip, on_progress=_part_of(on_progress, 0.0, 0.6))
        try:
            film = magnify(clip, measurement, out, on_progress=_part_of(on_progress, 0.6, 1.0))
        except ClipError as error:
            if error.id != "magnify-refused":
                raise
            click.echo(str(error), err=True)
            return REFUSED
    n_all = measurement.summary.n_twitches
    shows = f"{film.n_twitches} of {n_all} twitches" if n_all else "no twitch was found"
    click.echo(
        f"{out.name}: slowed {film.slowdown} times, movement shown {film.factor} times larger than it was; "
        f"{shows}, {film.duration_s:.0f} s."
    )
    return OK


@philtrum.command()
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", required=True, help="Clip to write; FILE.mp4.")
@click.option("--portrait", type=click.Path(path_type=Path), metavar="IMAGE", help="Picture of the face to move.")
@click.option("--base", type=click.Path(path_type=Path), metavar="CLIP", help="Clip to put the twitches into instead.")
@click.option("--twitches", type=click.IntRange(0, 1000), default=5, show_default=True, help="How many.")
@click.option("--seconds", type=click.FloatRange(1, 600), default=10.0, show_default=True, help="Length of the clip.")
@click.option("--seed", type=int, default=0, show_default=True, help="The same seed makes the same clip.")
def simulate(out: Path, portrait: Path | None, base: Path | None, twitches: int, seconds: float, seed: int) -> None:
    """Make a clip with known twitches, and write their truth beside it as FILE.truth.json.

    Without a portrait or a clip, scikit-image's picture of an astronaut is used.
    """
    if portrait is not None and base is not None:
        raise click.UsageError("Give either --portrait or --base, not both.")
    check_suffix(out, {".mp4", ".mov", ".mkv"})
    check_folder(out.parent)
    from philtrum.video.scenario import draw_scene, film_scene, read_length_s, render_truth

    if base is not None:
        seconds = min(seconds, read_length_s(base) or seconds)
    scene = draw_scene(twitches, duration_s=seconds, seed=seed)
    film_scene(out, scene, portrait=portrait, base=base)
    with whole_file(out.with_suffix(".truth.json")) as unfinished:
        unfinished.write_text(render_truth(scene), encoding="utf-8")
    click.echo(f"{out.name}: twitches: {twitches}; {out.stem}.truth.json tells when, where and how large.")


@philtrum.command()
def doctor() -> None:
    """Describe this installation for a bug report, without personal paths."""
    from philtrum.doctor import describe_installation

    click.echo(describe_installation(), nl=False)


@contextmanager
def _progress() -> Iterator[Callable[[float | None, str], None] | None]:
    """Give a function that draws a progress bar on standard error, or None where nobody would see it."""
    if not sys.stderr.isatty():
        yield None
        return
    with click.progressbar(length=1000, file=sys.stderr, width=30, label="Starting") as bar:

        def show(fraction: float | None, stage: str) -> None:
            bar.label = f"{stage:<20}"
            bar.update(0 if fraction is None else max(0, round(1000 * fraction) - bar.pos))

        yield show


def _part_of(
    on_progress: Callable[[float | None, str], None] | None, start: float, stop: float
) -> Callable[[float | None, str], None] | None:
    """Let one step of several fill its own part of the bar."""
    if on_progress is None:
        return None
    return lambda share, stage: on_progress(None if share is None else start + (stop - start) * share, stage)


def _check_outputs(plot: Path | None, out: Path | None) -> None:
    """Refuse what could not be written before any time is spent on measuring."""
    if out is not None:
        check_folder(out)
    if plot is None:
        return
    check_suffix(plot, {".svg", ".png"})
    check_folder(plot.parent)
    if plot.suffix.lower() == ".png":
        from philtrum.report.plot import require_matplotlib

        require_matplotlib()


def _write_results(folder: Path, measurement: Measurement, trace_path: Path | None) -> None:
    with whole_file(folder / "measurement.json") as unfinished:
        unfinished.write_text(measurement.to_json(), encoding="utf-8")
    if trace_path is not None:
        _write_plot(folder / "trace.svg", measurement, trace_path)


def _write_plot(path: Path, measurement: Measurement, trace_path: Path | None) -> None:
    if trace_path is None:
        click.echo(f"{path.name} is not written: no face was seen long enough to draw anything.", err=True)
        return
    from philtrum.report.charts import LANES, render_trace
    from philtrum.video.trace import read_trace_for_drawing

    trace = read_trace_for_drawing(trace_path, [zone for zone, _ in LANES])
    with whole_file(path) as unfinished:
        if path.suffix.lower() == ".png":
            from philtrum.report.plot import draw_trace

            draw_trace(measurement, trace, unfinished)
        else:
            unfinished.write_text(render_trace(measurement, trace), encoding="utf-8")


def _bug_report(error: Exception) -> str:
    """Describe a fault without the error's own text and without folders: both may hold a person's name."""
    from philtrum.doctor import describe_installation

    calls = [
        f"- {Path(call.filename).name}:{call.lineno} in {call.name}"
        for call in traceback.extract_tb(error.__traceback__)
    ]
    return "\n".join(
        [
            "This is a fault in philtrum, not in your clip. Please report it with the lines below.",
            "(PHILTRUM_DEBUG=1 shows more; that may contain names of your files.)",
            "",
            f"**{type(error).__name__}**",
            "",
            *calls,
            "",
            describe_installation(),
        ]
    )
