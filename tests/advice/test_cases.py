import runpy
from pathlib import Path

import pytest

BENCH = runpy.run_path(str(Path(__file__).parents[2] / "benchmarks/advice/__main__.py"), run_name="cases")
OUTCOMES = {half: BENCH["run"](BENCH["read_cases"](half)) for half in BENCH["HALVES"]}


@pytest.mark.parametrize("half", OUTCOMES)
def test_no_emergency_is_missed(half):
    assert [
        one.case["id"] for one in OUTCOMES[half] if one.case["level"] == "emergency" and not one.is_acceptable
    ] == []


@pytest.mark.parametrize("half", OUTCOMES)
def test_the_level_is_nearly_always_acceptable(half):
    assert sum(one.is_acceptable for one in OUTCOMES[half]) >= 0.97 * len(OUTCOMES[half])


def test_the_level_is_mostly_exact():
    outcomes = [one for half in OUTCOMES.values() for one in half]
    assert sum(one.is_exact for one in outcomes) >= 0.95 * len(outcomes)


@pytest.mark.parametrize("half", OUTCOMES)
def test_hardly_any_level_is_raised_by_more_than_one_step(half):
    far = [one for one in OUTCOMES[half] if one.steps > 1 and not one.is_acceptable]
    assert len(far) <= 0.03 * len(OUTCOMES[half])


@pytest.mark.parametrize("half", OUTCOMES)
def test_the_right_cause_is_among_the_first_three(half):
    assert sum(one.has_cause for one in OUTCOMES[half]) >= 0.9 * len(OUTCOMES[half])


def test_every_case_names_its_source_and_has_its_own_id():
    cases = [case for half in BENCH["HALVES"] for case in BENCH["read_cases"](half)]
    assert len({case["id"] for case in cases}) == len(cases) >= 80
    for case in cases:
        assert case["source"]
        assert case["url"].startswith("http")
        assert case["kind"] in {"question", "report", "guideline"}


def test_the_table_tells_the_cases_of_each_level():
    table = BENCH["render"](OUTCOMES["development"])
    assert table.splitlines()[0].startswith("level        n  exact")
    assert table.splitlines()[-1] == "emergencies missed: none"
