"""The commands `triggers`, `trial` and `response`, from a file to what is printed."""

import csv
import json
from xml.etree import ElementTree

import numpy as np
import pytest
from tests.nof1.test_response import treated
from tests.people import diary, trial

from philtrum import cli

STRONG = np.log(1.8)
ORDER = [True, False, False, True, True, False, True, False, True, False]
KEYS = {"trigger", "lag_days", "rate_ratio", "ci_low", "ci_high", "per", "q_value", "p_value", "verdict"}
VERDICTS = {"raises", "lowers", "no_association", "unclear", "not_enough_data", "maybe_consequence"}


def write(path, table):
    """Write a day table as CSV; NaN as blank."""
    names = [*table.columns, *table.labels]
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["date", *names])
        for row, day in enumerate(table.days):
            numbers = [table.columns[name][row] for name in table.columns]
            words = [table.labels[name][row] for name in table.labels]
            writer.writerow([day, *("" if np.isnan(value) else f"{value:g}" for value in numbers), *words])
    return path


@pytest.fixture
def diary_csv(tmp_path):
    return write(tmp_path / "diary.csv", diary(1, effects={"stress": STRONG}))


def check_drawing(path):
    assert ElementTree.parse(path).getroot().tag.endswith("svg")  # noqa: S314 - our own drawing


def run_json(*arguments, capsys):
    assert cli.main([str(argument) for argument in arguments]) == cli.OK
    return json.loads(capsys.readouterr().out)


def test_triggers_json_is_a_list_with_one_object_per_trigger_and_lag(diary_csv, capsys):
    rows = run_json("triggers", diary_csv, "--json", capsys=capsys)
    assert all(set(row) >= KEYS and row["verdict"] in VERDICTS for row in rows)
    assert len({(row["trigger"], row["lag_days"]) for row in rows}) == len(rows)
    assert {row["trigger"] for row in rows} == {"sleep_hours", "caffeine_mg", "stress", "screen_hours"}
    claims = [
        (row["trigger"], row["lag_days"], row["verdict"]) for row in rows if row["verdict"] in {"raises", "lowers"}
    ]
    assert claims == [("stress", 0, "raises")]


def test_a_short_diary_gives_nulls_and_every_trigger_once(tmp_path, capsys):
    rows = run_json("triggers", write(tmp_path / "short.csv", diary(1, 18)), "--json", capsys=capsys)
    assert [row["verdict"] for row in rows] == ["not_enough_data"] * 4
    assert all(row["rate_ratio"] is None and row["days_needed"] > 0 for row in rows)


def test_triggers_are_drawn_where_it_is_asked(diary_csv, tmp_path, capsys):
    assert cli.main(["triggers", str(diary_csv), "--plot", str(tmp_path / "forest.svg")]) == cli.OK
    check_drawing(tmp_path / "forest.svg")
    assert "Stress goes with more twitching" in capsys.readouterr().out


def test_a_declared_lag_is_the_only_one_looked_at(diary_csv, capsys):
    rows = run_json("triggers", diary_csv, "--json", "--lag", "stress=1-2", capsys=capsys)
    assert {row["lag_days"] for row in rows if row["trigger"] == "stress"} == {1, 2}


def test_an_earlier_look_can_be_given_back(diary_csv, tmp_path, capsys):
    rows = run_json("triggers", diary_csv, "--json", capsys=capsys)
    (tmp_path / "before.json").write_text(json.dumps(rows))
    assert run_json("triggers", diary_csv, "--json", "--before", tmp_path / "before.json", capsys=capsys) == rows


@pytest.mark.parametrize("value", ["stress", "stress=x", "stress=3-1", "stress=9", "nobody=1"])
def test_a_lag_that_cannot_be_is_refused(diary_csv, value, capsys):
    assert cli.main(["triggers", str(diary_csv), "--lag", value]) == cli.BAD_INPUT
    assert capsys.readouterr().out == ""


def test_what_could_not_be_read_is_said_on_standard_error_and_the_rest_is_analysed(diary_csv, capsys):
    lines = diary_csv.read_text().splitlines()
    lines[5] = lines[5].rpartition(",")[0] + ",lots"
    diary_csv.write_text("\n".join(lines))
    assert cli.main(["triggers", str(diary_csv), "--json"]) == cli.OK
    out, err = capsys.readouterr()
    assert json.loads(out)
    assert 'Row 6, column screen_hours: "lots"' in err


def test_a_diary_without_twitching_exits_with_2_and_its_id(tmp_path, capsys):
    (tmp_path / "diary.csv").write_text("date,stress\n2026-01-01,3\n2026-01-02,4\n")
    assert cli.main(["triggers", str(tmp_path / "diary.csv")]) == cli.BAD_INPUT
    out, err = capsys.readouterr()
    assert out == ""
    assert "[outcome-missing]" in err


@pytest.mark.parametrize(
    "text",
    [
        "date,episodes\n2026-01-01,3\n",  # one day, nothing beside the twitching
        "date,episodes,stress\n2026-01-01,3,4\n",
        "date,episodes,stress\n"
        + "".join(f"2026-0{1 + day // 28}-{1 + day % 28:02},0,{day % 7}\n" for day in range(80)),
    ],
)
def test_what_says_nothing_is_answered_and_not_refused(tmp_path, text, capsys):
    (tmp_path / "diary.csv").write_text(text)
    rows = run_json("triggers", tmp_path / "diary.csv", "--json", capsys=capsys)
    assert all(row["verdict"] == "not_enough_data" for row in rows)
    assert cli.main(["triggers", str(tmp_path / "diary.csv")]) == cli.OK


def test_a_trial_is_planned_filled_in_and_analysed(tmp_path, capsys):
    table, calendar = tmp_path / "trial.csv", tmp_path / "trial.ics"
    arguments = [
        "trial",
        "plan",
        "heat",
        "--start",
        "2026-01-05",
        "--seed",
        "1",
        "--out",
        str(table),
        "--ics",
        str(calendar),
    ]
    assert cli.main(arguments) == cli.OK
    assert "times in 10" in capsys.readouterr().out
    assert calendar.read_bytes().startswith(b"BEGIN:VCALENDAR\r\n")
    rows = table.read_text().splitlines()
    rng = np.random.default_rng(1)
    filled = [f"{row[:-2]},{rng.poisson(3 if ',B,' in row else 9)}," for row in rows[1:]]
    table.write_text("\n".join([rows[0], *filled]))
    result = run_json("trial", "analyse", table, "--json", capsys=capsys)
    assert result["verdict"] == "helps"
    assert result["ci_low"] < 1 / 3 * 1.2
    assert result["ci_high"] < 1


def test_a_trial_of_which_days_are_still_to_come_is_not_judged(tmp_path, capsys):
    table = tmp_path / "trial.csv"
    assert cli.main(["trial", "plan", "heat", "--out", str(table)]) == cli.OK
    capsys.readouterr()
    assert cli.main(["trial", "analyse", str(table)]) == cli.BAD_INPUT  # nothing is written down yet
    assert "[outcome-missing]" in capsys.readouterr().err
    lines = table.read_text().splitlines()
    table.write_text("\n".join([lines[0], *(f"{line[:-2]},3," for line in lines[1:61]), *lines[61:]]))
    result = run_json("trial", "analyse", table, "--json", capsys=capsys)
    assert result["reasons"] == ["not-finished"]


def test_a_trial_result_is_drawn(tmp_path, capsys):
    path = write(tmp_path / "trial.csv", trial(1, ratio=0.4, order=ORDER))
    assert cli.main(["trial", "analyse", str(path), "--plot", str(tmp_path / "trial.svg")]) == cli.OK
    check_drawing(tmp_path / "trial.svg")
    assert "The remedy helps" in capsys.readouterr().out


def test_a_plan_takes_the_persons_own_rate_from_a_diary(diary_csv, capsys):
    assert cli.main(["trial", "plan", "heat", "--diary", str(diary_csv)]) == cli.OK
    assert "the course of your diary" in " ".join(capsys.readouterr().out.split())


def test_an_impossible_plan_exits_with_2_and_writes_nothing(tmp_path, capsys):
    out = tmp_path / "trial.csv"
    assert cli.main(["trial", "plan", "heat", "--pairs", "3", "--out", str(out)]) == cli.BAD_INPUT
    assert "[trial-too-few-pairs]" in capsys.readouterr().err
    assert not out.exists()


def test_the_answer_to_treatments_is_told_drawn_and_given_as_json(tmp_path, capsys):
    table, days = treated(1, [60])
    path, plot = write(tmp_path / "diary.csv", table), tmp_path / "response.svg"
    dated = ["--treated", days[0].isoformat()]
    assert cli.main(["response", str(path), *dated, "--plot", str(plot)]) == cli.OK
    assert "less twitching after" in capsys.readouterr().out
    check_drawing(plot)
    facts = run_json("response", path, *dated, "--json", capsys=capsys)
    assert facts["overall"]["verdict"] == "less"
    assert facts["cycles"][0]["treated_on"] == days[0].isoformat()
