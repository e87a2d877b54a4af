import pytest

from philtrum.advice.advice import advise
from philtrum.advice.medicine_names import match_medicines


def inns(written):
    return [match.medicine.inn for match in match_medicines(written)]


def only(facts):
    (medicine,) = advise(facts).medicines
    return medicine


def signs_of(facts):
    from philtrum.advice.facts import read_facts
    from philtrum.advice.signs import derive_signs

    return derive_signs(read_facts(facts))


@pytest.mark.parametrize(
    ("written", "inn"),
    [
        ("Zoloft", "sertraline"),
        ("sertraline 50 mg in the morning", "sertraline"),
        ("SERTRALIN", "sertraline"),
        ("Paspertin Tropfen", "metoclopramide"),
        ("Primpéran", "metoclopramide"),
        ("Plasil", "metoclopramide"),
        ("Tavor 1mg", "lorazepam"),
        ("Dogmatil", "sulpiride"),
        ("Trevilor ret.", "venlafaxine"),
        ("Seroplex", "escitalopram"),
        ("Leponex", "clozapine"),
        ("Mopral", "omeprazole"),
        ("Lasilix", "furosemide"),
        ("st john's wort", "St John wort"),
        ("birth control pill", "ethinylestradiol combined pill"),
        ("Prolia injection", "denosumab"),
        ("vitamin D", "calcium and vitamin D"),
    ],
)
def test_brands_of_several_countries_and_inns_are_known(written, inn):
    assert inns(written) == [inn]
    assert not match_medicines(written)[0].is_guess


@pytest.mark.parametrize(
    ("written", "inn"),
    [("metoclopromid", "metoclopramide"), ("risperidon", "risperidone"), ("escitalophram", "escitalopram"),
     ("gabapentine 300", "gabapentin"), ("haloperidoll", "haloperidol"), ("venlafaxin XR", "venlafaxine")],
)  # fmt: skip
def test_a_misspelt_name_is_found(written, inn):
    assert inns(written) == [inn]


def test_a_guess_is_never_silent():
    note = only({"medications": ["haloperidoll"]}).note
    assert "haloperidol" in note
    assert "Correct it" in note


@pytest.mark.parametrize(
    ("written", "not_inn"),
    [("Lamisil", "lamotrigine"), ("Zyrtec", "olanzapine"), ("Zantac", "alprazolam"), ("Celebrex", "citalopram"),
     ("hydralazine", "hydroxyzine"), ("clonidine", "clonazepam"), ("primidone", "prednisone"), ("Losec", "furosemide"),
     ("Lasix", "omeprazole"), ("buspirone", "bupropion"), ("Toprol", "topiramate"), ("paracetamol", "paroxetine")],
)  # fmt: skip
def test_names_that_look_alike_are_kept_apart(written, not_inn):
    assert not_inn not in inns(written)
    assert inns(written) != []


@pytest.mark.parametrize("written", ["abc", "xyz", "tablet", "blue pill", "zzzzzzzz", "", "10 mg", "!!!", "med"])
def test_what_is_no_name_is_not_matched(written):
    assert inns(written) == []


def test_an_unknown_medicine_is_named_as_unknown():
    medicine = only({"medications": ["Foobarinol"]})
    assert (medicine.written, medicine.inn, medicine.relevance) == ("Foobarinol", None, "not recognised")


def test_two_medicines_in_one_entry_are_both_read():
    assert set(inns("sertraline and metoclopramide")) == {"sertraline", "metoclopramide"}


def test_times_are_read_from_the_entry_itself():
    assert signs_of({"medications": ["Zoloft, started 10 days ago"], "duration_days": 4}).has("antidepressant_timed")
    assert signs_of({"medications": ["Xanax daily for a year, stopped 3 days ago"]}).has("alcohol_or_sedative_stopped")
    assert not signs_of({"medications": ["Zoloft for 6 years"], "duration_days": 4}).has("antidepressant_timed")


def test_a_movement_that_began_before_the_medicine_is_not_its_effect():
    facts = {"medications": [{"name": "Zoloft", "started_days_ago": 10}], "duration_days": 60}
    medicine = only(facts | {"movement": ["rhythmic_tremor"]})
    assert medicine.relevance == "less likely"
    assert "began before" in medicine.note
    assert not signs_of(facts).has("new_medicine_90_days")


def test_timing_that_fits_may_play_a_part_and_gives_a_question_for_the_prescriber():
    medicine = only(
        {
            "medications": [{"name": "Zoloft", "started_days_ago": 20}],
            "duration_days": 6,
            "movement": ["rhythmic_tremor"],
        }
    )
    assert medicine.relevance == "may play a part"
    assert "The timing fits." in medicine.note
    assert "Ask the prescriber" in medicine.ask
    assert medicine.stop.startswith("Do not stop it at once")


def test_a_stimulant_is_not_blamed_without_a_dose_pattern():
    facts = {"age": 9, "movement": ["suppressible_movement"], "duration_days": 40}
    facts |= {"medications": [{"name": "Ritalin", "started_days_ago": 60}], "associated_symptoms": ["premonitory_urge"]}
    assert only(facts).relevance == "less likely"
    assert advise(facts).causes[0].id == "tic_disorder"
    with_pattern = facts | {
        "movement": ["complex_repetitive"],
        "history": ["an hour after each dose, wears off by noon"],
    }
    assert only(with_pattern).relevance != "less likely"


def test_a_medicine_of_the_history_is_read_too_unless_denied_or_of_others():
    assert signs_of({"history": ["on haloperidol for 3 years"]}).has("dopamine_blocker_long")
    for text in (
        "never took haloperidol",
        "allergic to metoclopramide",
        "my brother takes lithium",
        "is it the haloperidol?",
    ):
        assert not signs_of({"history": [text]}).taken, text


def test_stopping_is_never_advised_and_dangerous_stops_are_named():
    names = ["Xanax", "Risperdal", "Keppra", "prednisone", "insulin", "Tegretol", "alcohol"]
    for medicine in advise({"medications": names}).medicines:
        assert "top" in medicine.stop
        assert not medicine.stop.startswith("Stop")
