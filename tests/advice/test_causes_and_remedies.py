import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from philtrum.advice.advice import advise
from philtrum.advice.evidence import tremor_bands
from philtrum.advice.knowledge import load_knowledge

FLICKER = {"movement": ["isolated_twitch"], "location": "upper lip", "duration_days": 3, "associated_symptoms": []}
CLIP = {"quality": {"verdict": "good"}, "summary": {"n_twitches": 12, "dominant_side": "left"}, "runs": []}
RARE = {cause.id for cause in load_knowledge().causes.values() if cause.common == "rare"}


def leading(facts):
    return [cause.id for cause in advise(facts).causes]


def remedies(facts):
    return {remedy.id for remedy in advise(facts).remedies}


def test_the_common_harmless_causes_lead_when_nothing_points_elsewhere():
    assert leading(FLICKER)[0] == "benign_lip_twitch"
    assert set(leading({})) <= {"benign_lip_twitch", "stress_anxiety_twitch", "fatigue_sleep_loss_twitch"}


@settings(max_examples=60, deadline=None)
@given(
    st.fixed_dictionaries(
        {},
        optional={
            "age": st.integers(4, 95),
            "sex": st.sampled_from(["female", "male"]),
            "duration_days": st.floats(0, 2000),
            "lifestyle": st.fixed_dictionaries({}, optional={"stress": st.just("high"), "sleep": st.just("4 hours")}),
        },
    )
)
def test_no_rare_illness_leads_without_a_sign_of_its_own(person):
    assert leading(person | {"movement": ["isolated_twitch"]})[0] not in RARE


def test_no_percentage_stands_in_what_is_said_of_a_cause_in_this_person():
    causes = advise(FLICKER | {"age": 40, "associated_symptoms": ["half_face_involved"]}).causes
    assert all("%" not in json.dumps([cause.speaks_for, cause.speaks_against, cause.fit]) for cause in causes)
    assert {cause.fit for cause in causes} <= {"fits well", "fits partly", "fits poorly"}


def test_what_speaks_for_and_against_is_from_this_person_and_has_sources():
    cause = advise(FLICKER | {"duration_days": 200, "associated_symptoms": ["half_face_involved"]}).causes[0]
    assert cause.id == "hemifacial_spasm"
    assert "one whole side of the face twitches" in cause.speaks_for
    assert cause.source_ids


def test_a_typical_sign_that_was_denied_speaks_against():
    facts = {"movement": ["isolated_twitch"], "history": ["thyroid out in 2019"], "denied": ["perioral_tingling"]}
    cause = next(cause for cause in advise(facts).causes if cause.id == "hypocalcaemia")
    assert "no tingling round the mouth" in cause.speaks_against


@pytest.mark.parametrize(
    ("evidence", "cause"),
    [
        ({"measurement": CLIP | {"pattern": {"label": "with_eye"}}}, "hemifacial_spasm"),
        (
            {"measurement": CLIP | {"pattern": {"label": "undulating"}}, "frequency": "never stops"},
            "facial_myokymia_symptomatic",
        ),
        ({"diary": {"days": 10, "after_coffee": True}}, "caffeine_excess"),
    ],
)
def test_a_clip_and_a_diary_count_as_evidence(evidence, cause):
    assert cause not in leading(FLICKER)
    assert cause in leading(FLICKER | evidence)[:3]


def test_a_refused_clip_and_a_short_diary_prove_nothing():
    refused = CLIP | {"quality": {"verdict": "refused"}, "pattern": {"label": "with_eye"}}
    assert leading(FLICKER | {"measurement": refused, "diary": {"days": 2, "after_coffee": True}}) == leading(FLICKER)


def test_a_beat_is_shown_with_the_kinds_of_shaking_whose_bands_overlap():
    text = tremor_bands(5.0)
    assert "Parkinson" in text
    assert "essential tremor" in text
    facts = {"movement": ["rhythmic_tremor"], "associated_symptoms": ["lip_jaw_tremor"]}
    clip = CLIP | {"pattern": {"label": "rhythmic", "frequency_hz": 5.0}}
    assert any(text in cause.speaks_against for cause in advise(facts | {"measurement": clip}).causes)


def test_a_red_flag_of_the_diary_comes_before_everything():
    assert advise(FLICKER | {"diary": {"days": 1, "symptoms": ["speech_trouble_sudden"]}}).urgency.level == "emergency"


@pytest.mark.parametrize(
    ("facts", "remedy"),
    [
        ({"history": ["kidney disease"], "medications": ["omeprazole for years", "Lasix"],
          "associated_symptoms": ["muscle_cramps"]}, "magnesium_supplement"),
        ({"history": ["lip filler last week"]}, "massage"),
        ({"history": ["gets cold sores"]}, "massage"),
        ({"lifestyle": {"alcohol": "bottle of wine daily", "stress": "high"}}, "alcohol_reduction"),
        ({"lifestyle": {"caffeine": "none"}}, "caffeine_reduction"),
        ({"lifestyle": {"stress": "low"}}, "alcohol_reduction"),
    ],
)  # fmt: skip
def test_a_remedy_that_could_do_harm_or_has_no_point_is_not_shown(facts, remedy):
    assert remedy not in remedies(FLICKER | facts)


def test_squeezing_the_face_is_left_out_after_a_facial_palsy():
    facts = FLICKER | {"history": ["Bell's palsy 2 years ago"], "associated_symptoms": ["panic_attacks"]}
    relaxation = next(one for one in advise(facts).remedies if one.id == "relaxation")
    assert "facial palsy" in relaxation.cautions[0]


def test_a_prescription_or_procedure_is_only_what_a_doctor_may_offer():
    facts = {
        "side": "left",
        "movement": ["twitch_burst"],
        "duration_days": 400,
        "associated_symptoms": ["half_face_involved"],
    }
    offered = {one.id: one.offer for one in advise(facts).remedies}
    assert offered["botulinum_toxin"] == "a doctor may offer"
    assert "botulinum_toxin" not in remedies(facts | {"context_tags": ["pregnancy"]})


def test_what_is_advised_against_is_never_offered():
    avoid = {one.id for one in load_knowledge().remedies if one.kind == "avoid"}
    for cause in load_knowledge().causes.values():
        assert not avoid & remedies(FLICKER | {"context_tags": [need for need in cause.needs[:1] if "+" not in need]})
