"""The command `philtrum advise`: facts about one person in, advice out."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from philtrum.advice.facts import FactsError

MAX_BYTES = 5_000_000


@click.command()
@click.argument("facts", type=click.Path(path_type=Path, allow_dash=True), required=False)
@click.option("--json", "is_json", is_flag=True, help="Print the advice as JSON.")
@click.option("--schema", "is_schema", is_flag=True, help="Print the JSON Schema of FACTS, with all ids, and stop.")
def advise(facts: Path | None, is_json: bool, is_schema: bool) -> None:
    """Say how soon to seek help, what fits, which medicine plays a part and what is worth trying.

    FACTS is a JSON file about one person ("-" reads it from standard input). All
    its fields are optional; what is absent is unknown, never "no".

    \b
    philtrum advise facts.json
    echo '{"movement": ["isolated_twitch"], "duration_days": 2}' | philtrum advise -
    philtrum advise --schema
    """  # noqa: D301 - \b is click's mark for "leave these lines as they are"
    if is_schema:
        from philtrum.advice.schema import facts_schema

        click.echo(json.dumps(facts_schema(), indent=2, ensure_ascii=False))
        return
    if facts is None:
        raise click.UsageError("Give a file with facts, or --schema to see what it may hold.")
    from philtrum.advice.advice import advise as advise_on
    from philtrum.report.advice import render_advice

    advice = advise_on(_read(facts))
    click.echo(advice.to_json() if is_json else render_advice(advice), nl=False)


def _read(path: Path) -> Any:
    text = _read_text(path)
    try:
        return json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        at = f" (line {error.lineno}, column {error.colno})" if isinstance(error, json.JSONDecodeError) else ""
        what = f"{path.name}: this is not JSON{at}; an object such as {{'age': 30}} in JSON is expected."
        raise FactsError("facts-not-json", what, "Check quotes, commas and brackets at that place.") from error


def _read_text(path: Path) -> str:
    try:
        with sys.stdin.buffer if str(path) == "-" else path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            what = f"{path.name}: more than {MAX_BYTES // 1_000_000} MB; the facts of one person are expected."
            raise FactsError("facts-too-big", what, "Leave out what does not belong to the facts.")
        return data.decode("utf-8-sig")
    except OSError as error:
        what = f"{path.name}: the facts cannot be read ({error.strerror})."
        raise FactsError("facts-not-readable", what, "Check name, folder and permissions.") from error
    except UnicodeDecodeError as error:
        what = f"{path.name}: this is not text in UTF-8."
        raise FactsError("facts-not-json", what, "Save it as JSON in UTF-8.") from error
