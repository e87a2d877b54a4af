from __future__ import annotations

import io
import json
import zipfile
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings

from philtrum.diary.checks import RecordError
from philtrum.diary.days import day_table
from philtrum.diary.exchange import ExchangeError, read_diary, render_days, render_diary
from philtrum.diary.reading import read_day_table
from philtrum.diary.records import Event

from .diaries import evening, spell, whole_diaries

DIARY = [
    spell("2026-03-01 22:00", "2026-03-01 22:05", places=("upper_left",), note="while reading"),
    evening("2026-03-01", n_episodes=2, answers={"stress": 4, "sleep_hours": 6.5}),
    evening("2026-03-03", has_twitched=False),
]


def files(packed):
    with zipfile.ZipFile(io.BytesIO(packed)) as pack:
        return {name: pack.read(name).decode() for name in pack.namelist()}


@settings(deadline=None, max_examples=40)
@given(whole_diaries)
def test_what_is_written_is_read_back_without_loss(tmp_path_factory, diary):
    path = tmp_path_factory.mktemp("diary") / "diary.zip"
    path.write_bytes(render_diary(diary))
    assert sorted(read_diary(path), key=lambda r: str(r.id)) == sorted(diary, key=lambda r: str(r.id))


@settings(deadline=None, max_examples=40)
@given(whole_diaries)
def test_the_same_diary_gives_the_same_bytes_in_any_order(diary):
    assert render_diary(diary) == render_diary(diary[::-1])


def test_the_zip_holds_json_tables_and_a_word_on_what_it_is():
    found = files(render_diary(DIARY))
    assert set(found) == {"diary.json", "days.csv", "episode.csv", "check_in.csv", "README.txt"}
    assert json.loads(found["diary.json"])["schema"] == "philtrum.diary/1"
    assert "while reading" in found["episode.csv"]
    assert found["days.csv"].splitlines()[2] == "2026-03-02,,,,", "a day without a record is blank, not zero"


def test_the_day_table_of_the_zip_is_read_as_a_diary_for_triggers(tmp_path):
    path = tmp_path / "days.csv"
    table = day_table(DIARY)
    path.write_text(render_days(table), encoding="utf-8")
    again, remarks = read_day_table(path)
    assert remarks == ()
    assert again.first_day == table.first_day
    for name, values in table.columns.items():
        np.testing.assert_allclose(again.columns[name], values)


def test_a_text_that_a_spreadsheet_would_run_is_only_text():
    found = files(render_diary([Event(on=date(2026, 3, 1), what="=HYPERLINK(1)")]))
    assert "'=HYPERLINK(1)" in found["event.csv"]
    assert '"what": "=HYPERLINK(1)"' in found["diary.json"]


@pytest.mark.parametrize(
    ("content", "id"),
    [
        (b"", "diary-file-other"),
        (b"{", "diary-file-other"),
        (b"[]", "diary-file-other"),
        (b'{"schema": "philtrum.diary/9", "records": []}', "diary-file-newer"),
        (render_diary(DIARY)[:-40], "diary-file-other"),
    ],
)
def test_a_file_that_is_no_diary_is_refused(tmp_path, content, id):
    (tmp_path / "x.zip").write_bytes(content)
    with pytest.raises(ExchangeError) as error:
        read_diary(tmp_path / "x.zip")
    assert error.value.id == id


def test_a_zip_without_a_diary_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as pack:
        pack.writestr("other.txt", "x")
    with pytest.raises(ExchangeError, match="diary-file-unreadable"):
        read_diary(tmp_path / "x.zip")


def test_one_record_that_cannot_be_right_refuses_the_whole_file(tmp_path):
    data = {"schema": "philtrum.diary/1", "records": [{"kind": "event", "on": "2026-03-01", "what": ""}]}
    (tmp_path / "diary.json").write_text(json.dumps(data))
    with pytest.raises(RecordError, match="record-name-missing"):
        read_diary(tmp_path / "diary.json")
