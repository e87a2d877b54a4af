import json
from pathlib import Path

import pytest

from philtrum import cli

CALM = {"movement": ["isolated_twitch"], "duration_days": 2, "associated_symptoms": []}


def write(tmp_path, content):
    path = tmp_path / "facts.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return str(path)


def test_advise_prints_the_level_first(tmp_path, capsys):
    assert cli.main(["advise", write(tmp_path, CALM)]) == cli.OK
    assert capsys.readouterr().out.startswith("LOOK AFTER IT YOURSELF")


def test_advise_json_has_the_fields_of_the_contract(tmp_path, capsys):
    assert cli.main(["advise", write(tmp_path, CALM), "--json"]) == cli.OK
    advice = json.loads(capsys.readouterr().out)
    assert advice["schema"] == "philtrum.advice/1"
    assert {"urgency", "reasons", "do_now", "ask_next", "recheck", "causes", "medicines", "remedies"} <= set(advice)
    assert {"id", "name", "fit", "for", "against", "source_ids"} <= set(advice["causes"][0])
    assert {"rule", "text", "source_ids", "basis"} <= set(advice["reasons"][0])
    assert {"id", "question"} <= set(advice["ask_next"][0])


def test_schema_is_printed_without_facts(capsys):
    assert cli.main(["advise", "--schema"]) == cli.OK
    assert "isolated_twitch" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "id"),
    [("{", "facts-not-json"), ("[]", "facts-not-an-object"), ('{"age": -3}', "facts-age-impossible"),
     ("[" * 100_000, "facts-not-json"), ('{"movement": ["isolated_twich"]}', "facts-unknown-id")],
)  # fmt: skip
def test_bad_input_exits_with_2_one_line_and_no_result(tmp_path, capsys, content, id):
    assert cli.main(["advise", write(tmp_path, content), "--json"]) == cli.BAD_INPUT
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert err.endswith(f"[{id}]\n")


def test_a_missing_file_or_none_exits_with_2(capsys):
    assert cli.main(["advise", str(Path("nowhere.json"))]) == cli.BAD_INPUT
    assert cli.main(["advise"]) == cli.BAD_INPUT


def test_a_file_that_is_no_text_exits_with_2(tmp_path):
    path = tmp_path / "facts.json"
    path.write_bytes(b"\xff\xfe\x00{")
    assert cli.main(["advise", str(path)]) == cli.BAD_INPUT
