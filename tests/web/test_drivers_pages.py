"""The page "What drives it": strong, nothing, not enough; and what it leaves out."""

from datetime import timedelta

import numpy as np
import pytest
from tests.people import diary
from tests.web.test_diary_pages import ZONE, here_today

from philtrum.diary.records import CheckIn
from philtrum.web.diary import store

pytestmark = pytest.mark.django_db


def keep(person, table, *, last=None):
    """Write a day table down as the check-ins of a person, the last day yesterday."""
    last = last or here_today() - timedelta(days=1)
    records = []
    for row in range(table.n_days):
        counted = table.columns["episodes"][row]
        answers = {
            name: float(values[row])
            for name, values in table.columns.items()
            if name != "episodes" and np.isfinite(values[row])
        }
        n = None if np.isnan(counted) else int(counted)
        day = last - timedelta(days=table.n_days - 1 - row)
        records.append(CheckIn(day=day, zone=ZONE, n_episodes=n, answers=answers))
    for record in records:
        store.add(person, record)


def page_of(browser):
    answer = browser.get("/what-drives-it/")
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_an_empty_diary_is_told_how_to_begin(browser):
    assert "one evening are enough to begin" in page_of(browser)


def test_the_verdict_comes_first_then_the_drawing_then_the_words(alice, browser):
    keep(alice, diary(1, 90, effects={"stress": np.log(1.9)}))
    page = page_of(browser)
    lead, drawing, words = (
        page.index(text) for text in ("Stress goes with more twitching.", "<svg", "Goes with more or less")
    )
    assert lead < drawing < words
    assert "one is expected to be wrong" in page
    assert "speak to the prescriber" in page


def test_nothing_found_is_a_result(alice, browser):
    keep(alice, diary(100, 90))
    page = page_of(browser)
    assert "That is a result, too." in page
    assert "expected to be wrong" not in page


def test_a_short_diary_says_how_many_days_are_missing_and_draws_nothing(alice, browser):
    keep(alice, diary(2, 20, missing=0))
    page = page_of(browser)
    assert "Too early to say" in page
    assert "8 more" in page
    assert "<svg" not in page


def test_a_stranger_sees_nothing_of_it(alice, charlie):
    from tests.web.conftest import signed_in

    keep(alice, diary(1, 40))
    assert "one evening are enough to begin" in page_of(signed_in(charlie))


def test_today_is_not_over_and_not_counted(alice, browser):
    keep(alice, diary(2, 28, missing=0), last=here_today())
    assert "1 more" in page_of(browser)


def test_the_charts_lead_here(alice, browser):
    keep(alice, diary(2, 20))
    assert "/what-drives-it/" in browser.get("/charts/").content.decode()
