from pathlib import Path

import numpy as np
import pytest
from tests.nof1.test_response import treated
from tests.people import diary, trial

from philtrum.nof1.planning import plan_trial
from philtrum.nof1.response import estimate_response
from philtrum.nof1.trials import analyse_trial
from philtrum.nof1.triggers import find_triggers
from philtrum.report.response_words import render_answers
from philtrum.report.trial_words import REASONS, power_words, render_plan, render_result
from philtrum.report.trigger_words import SHORTAGES, change_words, render_triggers, summary

STRONG = np.log(1.8)
ORDER = [True, False, False, True, True, False, True, False, True, False]
NEVER = ("proven", "significant", "causes the", "cure")


@pytest.mark.parametrize(
    ("ratio", "words"), [(0.71, "29 % fewer"), (1.37, "37 % more"), (2.2, "2.2 times as many"), (1.001, "as many")]
)
def test_a_ratio_is_told_as_people_say_it(ratio, words):
    assert change_words(ratio) == words


def test_red_flags_come_before_any_statistics():
    texts = [
        render_triggers(find_triggers(diary(1, 60)), "diary.csv"),
        render_result(analyse_trial(trial(1, ratio=0.4, order=ORDER)), "trial.csv"),
        render_answers(estimate_response(*treated(1, [60])), "diary.csv"),
    ]
    assert all(text.startswith("If one side of the face suddenly droops") for text in texts)


def test_a_claim_is_told_with_its_interval_and_as_a_link_only():
    text = render_triggers(find_triggers(diary(1, effects={"stress": STRONG})), "diary.csv")
    assert "Stress goes with more twitching." in text
    assert "1 point more stress" in text
    assert "95 % interval" in text
    assert "not proof of a cause" in text
    assert not any(word in text for word in NEVER)


def test_finding_nothing_is_told_as_a_result():
    assert "That is a result, too." in summary(find_triggers(diary(100, 120)))


def test_a_short_diary_is_told_in_one_paragraph_for_all_columns():
    text = render_triggers(find_triggers(diary(1, 18, missing=0)), "diary.csv")
    assert "Too early to say" in text
    assert text.count("10 more") == 1


def test_a_medicine_that_goes_with_twitching_is_for_its_prescriber_to_change():
    table = diary(3, 150)
    on_off = np.tile(np.repeat([0.0, 1.0], 5), 15)
    episodes = np.where(on_off == 1, np.round(table.columns["episodes"] * 2.5), table.columns["episodes"])
    table.columns.update(episodes=episodes, medication=on_off)
    text = render_triggers(find_triggers(table), "diary.csv").replace("\n  ", " ")
    assert "Do not stop or change a prescribed medicine" in text
    assert "speak to the prescriber" in text


def test_lines_stay_within_a_terminal():
    texts = [
        render_triggers(find_triggers(diary(1, effects={"stress": STRONG})), "diary.csv"),
        render_result(analyse_trial(trial(1, ratio=0.4, order=ORDER)), "trial.csv"),
        render_plan(
            plan_trial("heat", diary(0, 30).first_day, seed=1), power=0.7, cut=0.4, rate_per_day=4, is_usual=True
        ),
    ]
    assert max(len(line) for text in texts for line in text.splitlines()) <= 102


def test_a_trial_without_lot_says_why_it_shows_nothing():
    text = render_result(analyse_trial(trial(4, n_pairs=8, order=[True] * 8)), "trial.csv")
    assert "cannot be called an effect" in text
    assert "[same-order]" in text


def test_every_reason_has_its_words():
    from philtrum.nof1 import screening, trials, triggers

    source = "".join(Path(module.__file__).read_text("utf-8") for module in (screening, trials, triggers))
    for reason in (*REASONS, *SHORTAGES):
        assert f'"{reason}"' in source


@pytest.mark.parametrize(("power", "words"), [(0.81, "8 times in 10"), (0.97, "More than 9"), (0.04, "Hardly ever")])
def test_a_chance_is_told_in_tenths(power, words):
    assert power_words(power).startswith(words)


def test_a_plan_tells_how_to_stop_and_not_to_look_early():
    text = render_plan(
        plan_trial("heat", diary(0, 30).first_day, seed=1, washout_days=1),
        power=0.7,
        cut=0.4,
        rate_per_day=4,
        is_usual=False,
    )
    for words in ("7 times in 10", "40%", "side effect", "Do not look", "Blinding", "prescribed", "washout"):
        assert words in text
