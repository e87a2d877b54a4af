"""Rebuild the generated parts of the documentation: `make docs`.

- `docs/commands.md`: the help of every command, as the command prints it.
- `docs/clinical-review.md`: what a clinician has still to review of the advice.
- `docs/openapi.json`: the description of the API, as the code gives it.
- `docs/pictures/trace.svg`: the trace of a simulated clip, measured.
"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

import click

from philtrum.cli import philtrum

DOCS = Path(__file__).parent
WIDTH = 100


def render_commands() -> str:
    """Return the help of `philtrum` and of all its commands as Markdown."""
    top = click.Context(philtrum, info_name="philtrum", terminal_width=WIDTH, max_content_width=WIDTH)
    parts = ["# Commands", "What the commands say about themselves; made by `make docs`.", _as_code(philtrum, top)]
    for name in philtrum.list_commands(top):
        command = philtrum.get_command(top, name)
        if command is not None:
            parts += _sections(command, top, name)
    return "\n\n".join(parts) + "\n"


def render_openapi() -> str:
    """Return the description of the API as JSON."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "philtrum.web.settings")
    import django

    django.setup()
    from philtrum.web.api import openapi

    return json.dumps(openapi(), indent=1) + "\n"


def write_trace_picture(path: Path) -> None:
    """Simulate a clip of ten seconds with five twitches, measure it, and draw what was found."""
    from philtrum.report.charts import render_trace
    from philtrum.video.measure import measure_with_trace
    from philtrum.video.scenario import draw_scene, film_scene

    with tempfile.TemporaryDirectory() as folder:
        clip = Path(folder, "simulated.mp4")
        film_scene(clip, draw_scene(5, duration_s=10, seed=7))
        measurement, trace = measure_with_trace(clip)
    if trace is None:
        raise SystemExit("The simulated clip could not be measured, so there is no picture.")
    path.parent.mkdir(exist_ok=True)
    path.write_text(render_trace(measurement, trace), encoding="utf-8")


def _sections(command: click.Command, outer: click.Context, name: str) -> list[str]:
    """Return the section of a command, and those of its own commands."""
    inner = click.Context(command, outer, name, terminal_width=WIDTH, max_content_width=WIDTH)
    sections = [f"## {inner.command_path}", _as_code(command, inner)]
    if isinstance(command, click.Group):
        for part in command.list_commands(inner):
            found = command.get_command(inner, part)
            sections += _sections(found, inner, part) if found is not None else []
    return sections


def _as_code(command: click.Command, context: click.Context) -> str:
    return f"```text\n{command.get_help(context).strip()}\n```"


if __name__ == "__main__":
    from clinical_review import render_clinical_review  # beside this script

    (DOCS / "commands.md").write_text(render_commands(), encoding="utf-8")
    (DOCS / "openapi.json").write_text(render_openapi(), encoding="utf-8")
    (DOCS / "clinical-review.md").write_text(render_clinical_review(), encoding="utf-8")
    write_trace_picture(DOCS / "pictures" / "trace.svg")
