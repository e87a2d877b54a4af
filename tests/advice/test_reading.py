import tomllib
from datetime import date
from pathlib import Path

import pytest

from philtrum.advice.advice import advise
from philtrum.advice.facts import read_facts
from philtrum.advice.signs import derive_signs

TODAY = date(2026, 6, 1)
OWN_WORDS = tomllib.loads((Path(__file__).parent / "own_words.toml").read_text(encoding="utf-8"))


def signs_in(text, **facts):
    return derive_signs(read_facts({"history": [text], **facts}), today=TODAY)


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("thyroid out in 2019", "thyroid_or_parathyroid_surgery"),
        ("Total thyroidectomy for cancer 3 years ago", "thyroid_or_parathyroid_surgery"),
        ("had my thyroid removed two weeks ago", "neck_surgery_recent"),
        ("parathyroid operation last month", "neck_surgery_recent"),
        ("lip filler last week", "lip_injected_recent"),
        ("Botox 3 weeks ago", "recent_botulinum_toxin"),
        ("Botox for gummy smile, 10 days ago", "botulinum_lower_face"),
        ("on dialysis", "kidney_disease"),
        ("CKD stage 4", "kidney_disease"),
        ("Bell's palsy on the same side years ago", "old_facial_palsy_same_side"),
        ("Bell\u2019s palsy 8 months ago", "old_facial_palsy_same_side"),
        ("had braces fitted last week", "dental_work_recent"),
        ("wisdom tooth out 4 days ago", "dental_work_recent"),
        ("gets cold sores", "cold_sores_before"),
        ("multiple sclerosis since 2015", "ms_known"),
        ("radiotherapy to the neck for tonsil cancer in 2012", "face_radiotherapy"),
        ("28 weeks pregnant", "pregnancy"),
        ("stopped Xanax 3 days ago", "alcohol_or_sedative_stopped"),
        ("quit drinking two days ago", "alcohol_or_sedative_stopped"),
        ("type 1 diabetes", "diabetes_treatment"),
        ("sugar was 2.9", "glucose_under_4"),
        ("kidney transplant 2018", "immunosuppression"),
        ("tick removed from neck in May", "tick_bite_or_ring_rash"),
        ("worked with insecticide this morning", "pesticide_exposed"),
        ("neuro exam and MRI normal", "examined_normal"),
        ("my father has the same trembling chin", "family_chin_quiver"),
        ("<b>thyroid</b> <i>out</i> in 2019", "thyroid_or_parathyroid_surgery"),
    ],
)
def test_history_in_own_words_gives_its_sign(text, sign):
    assert signs_in(text).has(sign), signs_in(text).present


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("no thyroid surgery", "thyroid_or_parathyroid_surgery"),
        ("never had Botox or filler", "lip_injected_recent"),
        ("thyroid out in 2019", "neck_surgery_recent"),
        ("lip filler two years ago", "lip_injected_recent"),
        ("Botox once in 2020", "recent_botulinum_toxin"),
        ("my mother has MS", "ms_known"),
        ("family history of epilepsy", "epilepsy_known"),
        ("worried it could be MS", "ms_known"),
        ("is it Parkinson's?", "parkinson_known"),
        ("no face droop, no slurred speech", "face_droop_sudden"),
        ("no weakness, numbness or trouble breathing", "breathing_trouble"),
        ("denies suicidal thoughts", "suicidal_thoughts"),
        ("stopped drinking 3 years ago", "alcohol_or_sedative_stopped"),
        ("Bell's palsy 2 weeks ago", "old_facial_palsy_same_side"),
        ("gave birth 2 years ago", "postpartum"),
        ("tick bite: no", "tick_bite_or_ring_rash"),
    ],
)
def test_what_is_denied_feared_long_ago_or_said_of_others_does_not_count(text, sign):
    assert not signs_in(text).has(sign), signs_in(text).present


def test_what_follows_a_denial_but_begins_something_new_counts():
    signs = signs_in("no weakness since my thyroid was removed in 2019")
    assert signs.has("thyroid_or_parathyroid_surgery")


def test_a_man_is_not_taken_for_pregnant():
    assert not signs_in("my wife is pregnant", sex="male").has("pregnancy")


def test_what_was_read_is_shown_with_the_words_it_was_read_from():
    signs = signs_in("thyroid out in 2019")
    assert "thyroid out" in signs.text("thyroid_or_parathyroid_surgery")


def test_enormous_text_is_cut_with_a_note():
    facts = read_facts({"history": ["twitch " * 10_000]})
    assert [note.id for note in facts.notes] == ["text-cut"]


@pytest.mark.parametrize(
    ("lifestyle", "sign"),
    [
        ({"caffeine": "6 coffees a day"}, "caffeine_high"),
        ({"caffeine_mg": 600}, "caffeine_high"),
        ({"coffee": 5}, "caffeine_high"),
        ({"caffeine": "none"}, "caffeine_none"),
        ({"caffeine": "1 cup"}, "caffeine_daily"),
        ({"sleep": "5 hours"}, "sleep_short"),
        ({"sleep_hours": 4.5}, "sleep_short"),
        ({"sleep": 8}, "sleep_good"),
        ({"sleep": "poor"}, "sleep_short"),
        ({"stress": "exams"}, "stress_high"),
        ({"stress": 8}, "stress_high"),
        ({"stress": "low"}, "stress_low"),
        ({"alcohol": "bottle of wine daily"}, "drinks_daily"),
        ({"smoking": "10 a day"}, "nicotine_use"),
    ],
)
def test_everyday_life_is_read_from_words_and_numbers(lifestyle, sign):
    assert derive_signs(read_facts({"lifestyle": lifestyle}), today=TODAY).has(sign)


@pytest.mark.parametrize("lifestyle", [{"smoking": "never"}, {"smoking": False}, {"alcohol": "no"}, {"stress": 0}])
def test_a_no_in_everyday_life_is_a_no(lifestyle):
    present = derive_signs(read_facts({"lifestyle": lifestyle}), today=TODAY).present
    assert set(present).isdisjoint({"nicotine_use", "drinks_daily", "alcohol_heavy", "stress_high"})


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("My face suddenly dropped on one side this morning", "emergency"),
        ("woke up with a crooked smile and my arm feels weak", "emergency"),
        ("she is talking gibberish", "emergency"),
        ("face is numb on the left side since an hour", "emergency"),
        ("I can not breathe properly", "emergency"),
        ("my throat is closing", "emergency"),
        ("passed out while the lip was jerking", "emergency"),
        ("he had a fit for the first time yesterday", "emergency"),
        ("hands are cramping into claws", "emergency"),
        ("my legs are getting weaker every day", "emergency"),
        ("mouth has been jerking for 20 minutes without stopping", "emergency"),
        ("worst headache of my life", "emergency"),
        ("fever and a stiff neck", "emergency"),
        ("drooling and tiny pupils after spraying", "emergency"),
        ("double vision since Botox last week", "emergency"),
        ("I want to kill myself tonight", "emergency"),
        ("the left side of my face is paralysed since yesterday, the eye won't close", "same_day"),
    ],
)
def test_signs_of_danger_in_own_words_are_seen(text, level):
    facts = {"history": [text], "movement": ["isolated_twitch"], "duration_days": 1, "associated_symptoms": []}
    assert advise(facts, today=TODAY).urgency.level == level


@pytest.mark.parametrize(
    "text",
    [
        "no droop, no slurred speech, no weakness in the arm",
        "my face did not drop",
        "I am afraid my face will droop",
        "I had a stroke with face droop in 2016",
        "I can't breathe through my nose because of hay fever",
        "I can't speak in front of people",
        "numb lip after the dentist this morning",
        "had a fit as a baby",
        "suddenly my lip started to twitch",
        "carpal tunnel, fingers tingle at night",
        "dentist next week",
        "quit smoking in 2010",
        "hearing aids in both ears",
    ],
)
def test_what_only_sounds_like_danger_does_not_raise_the_level(text):
    facts = {"history": [text], "movement": ["isolated_twitch"], "duration_days": 1, "associated_symptoms": []}
    assert advise(facts, today=TODAY).urgency.level in {"self_care", "routine"}


@pytest.mark.parametrize(
    ("sign", "text"), [(sign, text) for sign, texts in OWN_WORDS["said"].items() for text in texts]
)
def test_own_words_give_the_sign(sign, text):
    facts = read_facts({"history": [text], "movement": ["isolated_twitch"]})
    assert sign in derive_signs(facts, today=TODAY).present


@pytest.mark.parametrize("text", OWN_WORDS["harmless"]["texts"])
def test_harmless_words_stay_harmless(text):
    facts = {"history": [text], "movement": ["isolated_twitch"], "duration_days": 3, "associated_symptoms": []}
    assert advise(facts, today=TODAY).urgency.level in {"self_care", "routine"}


def test_own_words_count_even_where_the_question_about_them_was_answered_with_none():
    facts = {"denied": ["face_droop_sudden"], "history": ["half an hour ago my face suddenly dropped on the left"]}
    assert advise(facts).urgency.level == "emergency"
