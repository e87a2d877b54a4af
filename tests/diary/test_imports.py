"""Files as the apps write them, made here in the shape of real exports."""

from __future__ import annotations

import io
import json
import sqlite3
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest

from philtrum.diary.days import day_table
from philtrum.diary.exchange import render_diary
from philtrum.diary.imports.imported import ImportFileError, zone_at
from philtrum.diary.imports.reading import read_import
from philtrum.diary.merge import merge
from philtrum.diary.records import CheckIn, Exposure, Factor

from .diaries import BERLIN, at, spell

# The list of element types is broken as iOS 16 writes it: VisionPrescription's list is not closed.
APPLE_START = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE HealthData [
<!-- HealthKit Export Version: 12 -->
<!ELEMENT HealthData (ExportDate,Me,(Record|VisionPrescription)*)>
<!ATTLIST VisionPrescription
  type             CDATA #REQUIRED
<!ATTLIST RightEye
  sphere           CDATA #IMPLIED
>
]>
<HealthData locale="de_DE">
 <ExportDate value="2026-03-05 10:00:00 +0100"/>
"""


def apple_record(kind, start, end, *, inner="", **attributes):
    listed = " ".join(f'{name}="{value}"' for name, value in attributes.items())
    head = f' <Record type="{kind}" sourceName="Watch" startDate="{start}" endDate="{end}" {listed}'
    return f"{head}>{inner}</Record>\n" if inner else f"{head}/>\n"


SLEEP, CAFFEINE = "HKCategoryTypeIdentifierSleepAnalysis", "HKQuantityTypeIdentifierDietaryCaffeine"
WATER, MINDFUL = "HKQuantityTypeIdentifierDietaryWater", "HKCategoryTypeIdentifierMindfulSession"
IN_BED, AWAKE = "HKCategoryValueSleepAnalysisInBed", "HKCategoryValueSleepAnalysisAwake"
STEPS = "HKQuantityTypeIdentifierStepCount"
ASLEEP = "HKCategoryValueSleepAnalysisAsleep"
APPLE = APPLE_START + "".join(
    [
        apple_record(SLEEP, "2026-03-01 22:30:00 +0100", "2026-03-02 07:00:00 +0100", value=IN_BED),
        apple_record(SLEEP, "2026-03-01 23:00:00 +0100", "2026-03-02 02:00:00 +0100", value=ASLEEP + "Core"),
        apple_record(SLEEP, "2026-03-02 02:00:00 +0100", "2026-03-02 03:00:00 +0100", value=ASLEEP + "REM"),
        apple_record(SLEEP, "2026-03-02 03:00:00 +0100", "2026-03-02 03:30:00 +0100", value=AWAKE),
        apple_record(SLEEP, "2026-03-02 03:30:00 +0100", "2026-03-02 06:00:00 +0100", value=ASLEEP + "Deep"),
        # a second device saw part of the same night
        apple_record(SLEEP, "2026-03-01 23:30:00 +0100", "2026-03-02 02:30:00 +0100", value=ASLEEP + "Unspecified"),
        apple_record(CAFFEINE, "2026-03-02 08:00:00 +0100", "2026-03-02 08:00:00 +0100", unit="mg", value="95"),
        apple_record(CAFFEINE, "2026-03-02 08:00:00 +0100", "2026-03-02 08:00:00 +0100", unit="mg", value="95"),
        apple_record(CAFFEINE, "2026-03-02 14:00:00 +0100", "2026-03-02 14:00:00 +0100", unit="g", value="0.08"),
        apple_record(CAFFEINE, "2026-03-02 15:00:00 +0100", "2026-03-02 15:00:00 +0100", unit="drops", value="3"),
        apple_record(WATER, "2026-03-02 09:00:00 +0100", "2026-03-02 09:00:00 +0100", unit="mL", value="500"),
        apple_record(WATER, "2026-03-02 12:00:00 +0100", "2026-03-02 12:00:00 +0100", unit="fl_oz_us", value="10"),
        apple_record(MINDFUL, "2026-03-02 20:00:00 +0100", "2026-03-02 20:10:00 +0100"),
        apple_record(
            CAFFEINE,
            "2026-03-04 01:00:00 +0100",
            "2026-03-04 01:00:00 +0100",
            unit="mg",
            value="60",
            inner='<MetadataEntry key="HKTimeZone" value="America/New_York"/>',
        ),
        apple_record(STEPS, "2026-03-02 09:00:00 +0100", "2026-03-02 09:10:00 +0100", value="812"),
        ' <Record type="HKQuantityTypeIdentifierBodyMass" sourceName="Sc\x0bale" startDate="x" endDate="y"/>\n',
        "</HealthData>\n",
    ]
)  # fmt: skip


@pytest.fixture
def file(tmp_path):
    """Return a function that writes a file and returns its path."""

    def write(name, content) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def zipped(**files):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as pack:
        for name, content in files.items():
            pack.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return packed.getvalue()


def values(imported, name):
    table = day_table(imported.records)
    found = zip(table.days, table.columns[name].tolist(), strict=True)
    return {day.isoformat(): value for day, value in found if not np.isnan(value)}


def test_apple_health_gives_sleep_caffeine_water_and_mindful_minutes(file):
    imported = read_import(file("export.xml", APPLE), zone=BERLIN)
    assert imported.source == "Apple Health"
    assert values(imported, "sleep_hours") == {"2026-03-02": 6.5}, "in bed or awake is not asleep"
    assert values(imported, "caffeine_mg") == {"2026-03-02": 175, "2026-03-03": 60}
    assert values(imported, "water_l")["2026-03-02"] == pytest.approx(0.5 + 0.295735)
    assert values(imported, "mindful_minutes") == {"2026-03-02": 10}
    assert imported.remarks == ("1 records could not be understood and were left out.",)


def test_a_record_of_apple_health_that_names_its_zone_lies_on_the_date_of_that_zone(file):
    """01:00 in Berlin is 19:00 of the day before in New York."""
    imported = read_import(file("export.xml", APPLE), zone=BERLIN)
    (cup,) = [record for record in imported.records if getattr(record, "amount", 0) == 60]
    assert cup.zone == "America/New_York"


def test_the_zip_of_apple_health_is_read_whatever_the_language_of_its_names(file):
    packed = zipped(apple_health_export__Export_dot_xml=APPLE, apple_health_export__export_cda_dot_xml="<x/>" * 9000)
    assert len(read_import(file("export.zip", packed), zone=BERLIN).records) == 7


def test_a_long_apple_health_file_is_read_piece_by_piece(file):
    filler = apple_record(STEPS, "2026-03-02 09:00:00 +0100", "2026-03-02 09:10:00 +0100")
    long = APPLE.replace("</HealthData>", filler * 20_000 + "</HealthData>")
    assert len(long) > 2 << 20
    assert len(read_import(file("export.xml", long), zone=BERLIN).records) == 7


@pytest.mark.parametrize("end", [100, -30])
def test_half_an_apple_health_file_is_refused(file, end):
    with pytest.raises(ImportFileError, match="import-apple-unreadable"):
        read_import(file("export.xml", APPLE[:end]), zone=BERLIN)


def test_an_apple_health_file_cannot_define_entities(file):
    bomb = APPLE.replace("<!ELEMENT HealthData", '<!ENTITY a "aaaa"><!ELEMENT HealthData').replace("de_DE", "&a;")
    with pytest.raises(ImportFileError, match="import-apple-unreadable"):
        read_import(file("export.xml", bomb), zone=BERLIN)


def ms(text, zone=BERLIN):
    return int(at(text, zone).timestamp() * 1000)


@pytest.fixture
def health_connect(tmp_path):
    """Return the SQLite file of an export of Health Connect, with the tables that matter here."""
    path = tmp_path / "health_connect_export.db"
    base = "row_id INTEGER PRIMARY KEY, start_time, start_zone_offset, end_time, end_zone_offset"
    database = sqlite3.connect(path)
    database.executescript(
        f"CREATE TABLE sleep_session_record_table ({base});"
        "CREATE TABLE sleep_stages_table (parent_key, stage_start_time, stage_end_time, stage_type);"
        f"CREATE TABLE hydration_record_table ({base}, volume REAL);"
        f"CREATE TABLE nutrition_record_table ({base}, energy REAL, caffeine REAL);"
        f"CREATE TABLE mindfulness_session_record_table ({base}, title TEXT);"
    )
    night = ms("2026-03-01 23:00"), 3600, ms("2026-03-02 07:00"), 3600
    nap = ms("2026-03-02 14:00"), 3600, ms("2026-03-02 14:30"), 3600
    database.executemany("INSERT INTO sleep_session_record_table VALUES (?,?,?,?,?)", [(1, *night), (2, *nap)])
    stages = [(ms("2026-03-01 23:00"), ms("2026-03-02 03:00"), 4), (ms("2026-03-02 03:00"), ms("2026-03-02 04:00"), 1),
              (ms("2026-03-02 04:00"), ms("2026-03-02 07:00"), 5)]  # fmt: skip
    database.executemany("INSERT INTO sleep_stages_table VALUES (1,?,?,?)", stages)
    drink = ms("2026-03-02 09:00"), 3600, ms("2026-03-02 09:00"), 3600
    database.execute("INSERT INTO hydration_record_table VALUES (1,?,?,?,?,0.5)", drink)
    abroad = ms("2026-03-02 23:30"), -18000, ms("2026-03-02 23:30"), -18000
    database.execute("INSERT INTO nutrition_record_table VALUES (1,?,?,?,?,100,0.095)", drink)
    database.execute("INSERT INTO nutrition_record_table VALUES (2,?,?,?,?,100,0.060)", abroad)
    database.execute("INSERT INTO nutrition_record_table VALUES (3,?,?,?,?,100,NULL)", drink)
    calm = ms("2026-03-02 20:00"), 3600, ms("2026-03-02 20:15"), 3600
    database.execute("INSERT INTO mindfulness_session_record_table VALUES (1,?,?,?,?,'')", calm)
    database.commit()
    database.close()
    return path


def test_health_connect_gives_sleep_drinks_caffeine_and_mindful_minutes(health_connect):
    imported = read_import(health_connect, zone=BERLIN)
    assert imported.source == "Health Connect"
    assert values(imported, "sleep_hours") == {"2026-03-02": 7.5}, "7 h asleep, without the hour awake, and a nap"
    assert values(imported, "water_l") == {"2026-03-02": 0.5}
    assert values(imported, "caffeine_mg") == {"2026-03-02": 155}, "17:30 in New York is the same date as 23:30 here"
    assert values(imported, "mindful_minutes") == {"2026-03-02": 15}


def test_the_zip_of_health_connect_is_read_and_the_file_itself_stays_untouched(file, health_connect):
    before = health_connect.read_bytes()
    packed = file("Health Connect.zip", zipped(health_connect_export_dot_db=before))
    assert len(read_import(packed, zone=BERLIN).records) == len(read_import(health_connect, zone=BERLIN).records)
    assert health_connect.read_bytes() == before


def test_a_damaged_health_connect_file_is_refused(file, health_connect):
    path = file("damaged.db", health_connect.read_bytes()[:100] + b"x" * 4000)
    with pytest.raises(ImportFileError, match="import-health-connect-unreadable"):
        read_import(path, zone=BERLIN)


def test_an_offset_gives_the_persons_zone_where_it_agrees_and_one_of_that_offset_otherwise():
    summer = datetime(2026, 7, 1, tzinfo=UTC)
    assert zone_at(summer, 7200, BERLIN) == BERLIN
    assert zone_at(summer, 3600, BERLIN) == "Etc/GMT-1"
    assert zone_at(summer, -18000, BERLIN) == "Etc/GMT+5"
    assert zone_at(summer, 0, BERLIN) == "Etc/GMT"
    assert zone_at(summer, 19800, BERLIN) == BERLIN, "no such zone by offset: the person's own is nearest"
    assert zone_at(summer, None, BERLIN) == BERLIN


FIT = (
    "Date,Step count,Light sleeping duration (ms),Deep sleeping duration (ms),REM sleeping duration (ms)\n"
    "2026-03-01,8123,14400000,7200000,3600000\n2026-03-02,400,,,\n"
)


def test_google_fit_gives_sleep_and_a_day_without_a_figure_stays_open(file):
    packed = zipped(**{"Takeout__Fit__Daily activity metrics.csv": FIT})
    for path in (file("Daily activity metrics.csv", FIT), file("t.zip", packed)):
        imported = read_import(path, zone=BERLIN)
        assert imported.source == "Google Fit"
        assert values(imported, "sleep_hours") == {"2026-03-01": 7}


BEARABLE = """date formatted,date,weekday,time of day,category,rating/amount,detail,notes
"2026-03-01","1st Mar 2026","Sunday","am","Symptom","2","Lip twitching (Moderate)",""
"2026-03-01","1st Mar 2026","Sunday","pm","Symptom","3","Lip twitching (Severe)",""
"2026-03-01","1st Mar 2026","Sunday","","Lifestyle","","\u2615 Caffeine - A lot | \U0001f4a3 Stress - Moderate",""
"2026-03-01","1st Mar 2026","Sunday","am","Meds/Supplements","1","Magnesium",""
"2026-03-02","2nd Mar 2026","Monday","all day","Mood","7","",""
"nonsense","","","","Mood","7","",""
"""


def test_bearable_gives_ratings_and_says_where_twitching_was_noted(file):
    imported = read_import(file("bearable-export.csv", BEARABLE), zone=BERLIN)
    days = {record.day.isoformat(): record for record in imported.records if isinstance(record, CheckIn)}
    assert days["2026-03-01"].has_twitched is True
    assert days["2026-03-01"].answers == {"lip_twitching": 3, "caffeine": 3, "stress_level": 2}
    assert days["2026-03-02"].has_twitched is None, "nothing noted is not the same as quiet"
    assert days["2026-03-02"].answers == {"mood": 7}
    labels = {record.label for record in imported.records if isinstance(record, Factor)}
    assert labels == {"Lip twitching", "Caffeine", "Stress", "Mood"}
    assert not any(record.is_active for record in imported.records if isinstance(record, Factor))
    assert len(imported.remarks) == 2


def test_a_table_of_ones_own_is_read_with_names_for_its_columns(file):
    path = file("mine.csv", "Tag;Anfaelle;Kaffee;Schokolade g\n2026-03-01;2;190;20\n2026-03-02;0;;\n2026-03-03;;95;\n")
    names = {"Tag": "date", "Anfaelle": "episodes", "Kaffee": "caffeine_mg"}
    imported = read_import(path, zone=BERLIN, names=names)
    assert values(imported, "episodes") == {"2026-03-01": 2, "2026-03-02": 0}
    assert values(imported, "caffeine_mg") == {"2026-03-01": 190, "2026-03-03": 95}
    assert values(imported, "schokolade_g") == {"2026-03-01": 20}
    (own,) = [record for record in imported.records if isinstance(record, Factor)]
    assert own.label == "Schokolade g"


def test_an_own_export_is_read_back(file):
    episode = spell("2026-03-01 22:00")
    for path in (file("d.zip", render_diary([episode])), file("d.json", render_json_of(episode))):
        assert read_import(path, zone=BERLIN).records == (episode,)


def render_json_of(*records):
    with zipfile.ZipFile(io.BytesIO(render_diary(records))) as pack:
        return pack.read("diary.json").decode()


@pytest.mark.parametrize("name", ["apple", "fit", "bearable", "table", "health_connect"])
def test_nothing_is_imported_twice(file, name, health_connect):
    contents = {"apple": ("a.xml", APPLE), "fit": ("f.csv", FIT), "bearable": ("b.csv", BEARABLE),
                "table": ("t.csv", "date,episodes,stress\n2026-03-01,2,4\n2026-03-02,0,\n")}  # fmt: skip
    path = health_connect if name == "health_connect" else file(*contents[name])
    once = merge([], read_import(path, zone=BERLIN).records)
    again = merge(once.added, read_import(path, zone=BERLIN).records)
    assert once.added
    assert again.added == again.changed == ()


def test_a_later_export_with_more_of_the_same_night_brings_it_up_to_date(file):
    early = APPLE.replace("2026-03-02 06:00:00 +0100", "2026-03-02 04:00:00 +0100")
    first = merge([], read_import(file("a.xml", early), zone=BERLIN).records)
    later = merge(first.added, read_import(file("b.xml", APPLE), zone=BERLIN).records)
    assert [type(record) for record in later.changed] == [Exposure]
    assert later.added == ()


@pytest.mark.parametrize(
    ("name", "content", "id"),
    [
        ("missing.csv", None, "import-file-missing"),
        ("other.zip", zipped(readme="x"), "import-file-unknown"),
        ("broken.zip", zipped(readme="x")[:-30] + b"PK\x05\x06" + b"\0" * 18, "import-file-unknown"),
    ],
)
def test_files_that_are_none_of_these_are_refused(file, tmp_path, name, content, id):
    path = tmp_path / name if content is None else file(name, content)
    with pytest.raises(ImportFileError) as error:
        read_import(path, zone=BERLIN)
    assert error.value.id in (id, "import-zip-damaged")
    assert str(tmp_path) not in str(error.value)


def test_a_json_that_is_no_diary_is_refused(file):
    with pytest.raises(ValueError, match="diary-file-other"):
        read_import(file("x.json", json.dumps({"hello": 1})), zone=BERLIN)


def test_days_of_an_import_lie_where_they_belong(file):
    imported = read_import(file("export.xml", APPLE), zone=BERLIN)
    assert min(day_table(imported.records).days) == date(2026, 3, 2)
