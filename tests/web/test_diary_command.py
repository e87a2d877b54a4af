"""`philtrum diary`, on the store that the pages use."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from datetime import UTC, datetime

import pytest
from tests.diary.diaries import evening, spell

from philtrum import cli
from philtrum.web.diary import command, store

pytestmark = pytest.mark.django_db


@pytest.fixture
def diary(alice, monkeypatch, capsys):
    """Return a function that runs `philtrum diary ...` as Alice and returns exit code, output and messages."""
    monkeypatch.setattr(command, "_owner", lambda: alice)

    def run(*arguments):
        code = cli.main(["diary", *map(str, arguments)])
        return (code, *capsys.readouterr())

    return run


def test_add_writes_a_spell_down_now(diary, alice):
    before = datetime.now(UTC)
    code, out, _ = diary("add", "--zone", "Europe/Berlin")
    assert code == cli.OK
    assert "Written down: " in out
    (episode,) = store.records_of(alice)
    assert before <= episode.started_at <= datetime.now(UTC)
    assert (episode.ending, episode.logged, episode.zone) == ("unknown", "at_once", "Europe/Berlin")


def test_add_takes_what_is_known(diary, alice):
    diary("add", "--at", "2026-03-01 22:15", "--zone", "Europe/Berlin", "--minutes", 2, "--strength", 4,
          "--place", "upper_left", "--note", "after coffee")  # fmt: skip
    (episode,) = store.records_of(alice)
    assert episode.started_at == datetime(2026, 3, 1, 21, 15, tzinfo=UTC)
    assert (episode.duration_s, episode.strength, episode.places, episode.note) == (
        120,
        4,
        ("upper_left",),
        "after coffee",
    )
    assert episode.logged == "recalled"


@pytest.mark.parametrize(
    "arguments",
    [
        ("--at", "25:00"),
        ("--at", "2199-01-01 10:00"),
        ("--at", "10:00", "--minutes-ago", 5),
        ("--zone", "Mars/Olympus"),
        ("--strength", 11),
        ("--place", "nose"),
    ],
)
def test_add_refuses_what_cannot_be_right_and_writes_nothing(diary, alice, arguments):
    code, out, err = diary("add", *arguments)
    assert (code, out) == (cli.BAD_INPUT, "")
    assert err
    assert store.records_of(alice) == []


def test_list_prints_a_line_per_entry_oldest_first(diary, alice):
    store.add(alice, spell("2026-03-02 22:00", "2026-03-02 22:05", strength=4, note="while\nreading"))
    store.add(alice, evening("2026-03-01", has_twitched=False, answers={"sleep_hours": 7.5, "stress": 3}))
    _, out, _ = diary("list")
    assert out.splitlines() == [
        "2026-03-01  no twitch, sleep 7.5 h, stress 3 of 10",
        "2026-03-02 22:00 Europe/Berlin  spell, 5 min, strength 4: while reading",
    ]
    _, out, _ = diary("list", "--from", "2026-03-02", "--to", "2026-03-02")
    assert len(out.splitlines()) == 1


def test_list_json_is_a_diary_that_can_be_read_back(diary, alice, tmp_path):
    store.add(alice, spell("2026-03-02 22:00"))
    _, out, _ = diary("list", "--json")
    assert json.loads(out)["schema"] == "philtrum.diary/1"
    store.delete_all(alice)
    (tmp_path / "d.json").write_text(out)
    _, out, _ = diary("import", tmp_path / "d.json")
    assert "1 added" in out


def test_export_and_import_give_the_same_diary(diary, alice, tmp_path):
    records = [spell("2026-03-02 22:00"), evening("2026-03-02", has_twitched=True)]
    store.take_in(alice, records)
    path = tmp_path / "diary.zip"
    assert diary("export", "--out", path)[0] == cli.OK
    with zipfile.ZipFile(path) as pack:
        assert "days.csv" in pack.namelist()
    store.delete_all(alice)
    diary("import", path)
    assert sorted(map(repr, store.records_of(alice))) == sorted(map(repr, records))


def test_import_says_what_it_did_and_a_dry_run_does_nothing(diary, alice, tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("Tag;Kaffee\n2026-03-01;95\n2026-03-02;\n2026-03-03;190\n")
    columns = ("--column", "Tag=date", "--column", "Kaffee=caffeine_mg")
    assert "2 would be added" in diary("import", path, "--dry-run", *columns)[1]
    assert store.records_of(alice) == []
    assert "2 added" in diary("import", path, *columns)[1]
    assert "0 added, 0 filled in, 0 brought back, 2 there already" in diary("import", path, *columns)[1]


def test_import_refuses_a_column_without_its_meaning(diary, tmp_path):
    code, _, err = diary("import", tmp_path / "x.csv", "--column", "Kaffee")
    assert code == cli.BAD_INPUT
    assert "Kaffee=caffeine_mg" in err


def test_days_prints_the_table_for_triggers(diary, alice, tmp_path):
    store.take_in(alice, [spell("2026-03-01 22:00"), evening("2026-03-03", has_twitched=False)])
    _, out, _ = diary("days")
    assert out == "date,episodes,minutes\n2026-03-01,1,\n2026-03-02,,\n2026-03-03,0,0\n"
    _, out, _ = diary("days", "--json")
    assert json.loads(out)[1] == {"date": "2026-03-02", "episodes": None, "minutes": None}
    assert "3 days" in diary("days", "--out", tmp_path / "days.csv")[1]


def test_an_empty_diary_is_said_to_be_empty(diary):
    assert diary("days") == (cli.OK, "", "The diary is empty.\n")


@pytest.mark.slow
def test_the_command_keeps_its_diary_where_the_pages_look_for_it(tmp_path):
    environment = os.environ | {"PHILTRUM_DATA": str(tmp_path / "data"), "TZ": "Asia/Tokyo"}
    environment.pop("DJANGO_SETTINGS_MODULE", None)

    def run(*arguments):
        command = [sys.executable, "-m", "philtrum", "diary", *arguments]
        return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout

    assert "Asia/Tokyo" in run("add")
    assert run("list").count("spell") == 1
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "data/philtrum.sqlite3").stat().st_mode & 0o777 == 0o600
