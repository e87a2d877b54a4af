"""The page on treatments: an answer, too little, and none."""

from datetime import timedelta

import pytest
from tests.nof1.test_response import treated
from tests.web.test_diary_pages import here_today
from tests.web.test_drivers_pages import keep

from philtrum.diary.medicines import Treatment
from philtrum.web.diary import store

pytestmark = pytest.mark.django_db


def page_of(browser):
    answer = browser.get("/treatments/")
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def keep_treated(person, seed, starts, **options):
    table, _ = treated(seed, starts, **options)
    keep(person, table)
    first = here_today() - timedelta(days=table.n_days)
    for start in starts:
        store.add(person, Treatment(on=first + timedelta(days=start)))


def test_without_treatment_the_page_leads_to_writing_one_down(browser):
    assert "No treatment with its day is written down yet." in page_of(browser)


def test_without_a_diary_there_is_nothing_to_compare(alice, browser):
    store.add(alice, Treatment(on=here_today() - timedelta(days=20)))
    assert "nothing to compare" in page_of(browser)


def test_the_answer_comes_first_then_its_curve_then_each_treatment(alice, browser):
    keep_treated(alice, 2, [40, 160])
    page = page_of(browser)
    places = [page.index(text) for text in ("less twitching after the treatments", "<svg", "Treatment by treatment")]
    assert places == sorted(places)
    assert "This is not a trial" in page


def test_too_few_days_before_the_treatment_draw_nothing(alice, browser):
    keep_treated(alice, 5, [3], n_days=60)
    page = page_of(browser)
    assert "Too few days are recorded" in page
    assert "<svg" not in page


def test_a_treatment_before_the_diary_is_left_out_with_a_word(alice, browser):
    keep_treated(alice, 1, [60], n_days=150)
    store.add(alice, Treatment(on=here_today() - timedelta(days=400)))
    assert "1 treatment lies before the first day" in page_of(browser)


def test_the_treatments_lead_here(alice, browser):
    assert "/treatments/" not in browser.get("/more/").content.decode()
    store.add(alice, Treatment(on=here_today()))
    assert "/treatments/" in browser.get("/more/").content.decode()
