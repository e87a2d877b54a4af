import dataclasses
import json
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from philtrum.advice import urgency
from philtrum.advice.advice import advise
from philtrum.advice.entries import LEVELS
from philtrum.advice.facts import read_facts
from philtrum.advice.knowledge import load_knowledge
from philtrum.advice.signs import derive_signs
from philtrum.advice.urgency import find_level

KNOWLEDGE = load_knowledge()
VOCABULARIES = KNOWLEDGE.vocabularies
ANY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

movements = st.lists(st.sampled_from(sorted(VOCABULARIES["movements"])), max_size=3)
symptoms = st.lists(st.sampled_from(sorted(VOCABULARIES["symptoms"])), max_size=6)
contexts = st.lists(st.sampled_from(sorted(VOCABULARIES["contexts"])), max_size=4)
names = ["Zoloft", "haloperidol", "lithium", "Ritalin", "Reglan", "omeprazol", "Prolia", "Valium", "Nurofen", "xyz"]
days = st.one_of(st.none(), st.floats(0, 4000))
medicine = st.fixed_dictionaries(
    {"name": st.sampled_from(names)}, optional={"started_days_ago": days, "stopped_days_ago": days}
)
facts = st.fixed_dictionaries(
    {},
    optional={
        "age": st.integers(0, 100),
        "sex": st.sampled_from(["female", "male", "unknown"]),
        "side": st.sampled_from(["left", "right", "both", "changes"]),
        "duration_days": st.floats(0, 4000),
        "onset": st.sampled_from(["sudden", "gradual"]),
        "movement": movements,
        "suppressible": st.booleans(),
        "present_in_sleep": st.booleans(),
        "associated_symptoms": symptoms,
        "context_tags": contexts,
        "medications": st.lists(medicine, max_size=3),
    },
)
# Signs that appear only in what a flag asks for, never in what an exception or a "none" asks for.
CALMING = {sign for rule in (*KNOWLEDGE.flags, *KNOWLEDGE.exemptions) for sign in rule.when.none} | {
    sign for rule in KNOWLEDGE.exemptions for sign in (*rule.when.any, *rule.when.all)
}
RAISING = sorted({sign for flag in KNOWLEDGE.flags for sign in flag.when.any if flag.when.any} - CALMING)


def rank(level):
    return LEVELS.index(level)


def level_of(facts):
    return advise(facts).urgency.level


@ANY
@given(facts, st.sampled_from(sorted(VOCABULARIES["symptoms"])))
def test_adding_a_symptom_never_lowers_the_level_unless_a_named_exception_says_so(facts, symptom):
    more = facts | {"associated_symptoms": [*facts.get("associated_symptoms", []), symptom]}
    before, after = advise(facts), advise(more)
    exceptions = {one.id for one in KNOWLEDGE.exemptions} & {reason.rule for reason in after.urgency.reasons}
    nothing_known = not before.urgency.reasons
    if not exceptions and not nothing_known and symptom not in CALMING:
        assert rank(after.urgency.level) <= rank(before.urgency.level)


@ANY
@given(facts, st.sampled_from(RAISING))
def test_a_sign_that_only_raises_never_lowers(facts, sign):
    present = dict.fromkeys(
        [*facts.get("movement", []), *facts.get("associated_symptoms", []), "duration_under_14_days"], ""
    )
    assert rank(find_level({**present, sign: ""})) <= rank(find_level(present))


@ANY
@given(facts, st.randoms())
def test_the_order_of_the_facts_does_not_matter(facts, random):
    shuffled = {key: facts[key] for key in random.sample(sorted(facts), len(facts))}
    for key in ("movement", "associated_symptoms", "context_tags", "medications"):
        if key in shuffled:
            shuffled[key] = random.sample(shuffled[key], len(shuffled[key]))
    assert level_of(shuffled) == level_of(facts)
    assert {cause.id for cause in advise(shuffled).causes[:1]} == {cause.id for cause in advise(facts).causes[:1]}


@ANY
@given(facts)
def test_the_level_is_never_below_what_any_single_flag_that_remains_says(facts):
    found = advise(facts).urgency
    for reason in found.reasons:
        assert rank(found.level) <= rank(reason.level)


@ANY
@given(facts)
def test_with_an_emergency_or_a_same_day_level_no_remedy_is_shown(facts):
    advice = advise(facts)
    if advice.urgency.level in {"emergency", "same_day"}:
        assert advice.remedies == ()


@ANY
@given(facts)
def test_the_same_facts_give_the_same_advice_and_it_is_plain_json(facts):
    first, second = advise(facts).to_json(), advise(facts).to_json()
    assert first == second
    assert json.loads(first)["schema"] == "philtrum.advice/1"


@pytest.mark.parametrize(
    "flag",
    [flag for flag in KNOWLEDGE.flags if flag.level == "emergency" and not flag.when.and_any and not flag.when.all],
    ids=lambda flag: flag.id,
)
def test_each_single_sign_of_an_emergency_is_an_emergency_whatever_else_is_known(flag):
    for sign in flag.when.any:
        calm = {"age": 30, "duration_days": 3, "movement": ["isolated_twitch"], "lifestyle": {"stress": "exams"}}
        assert level_of(calm | {"associated_symptoms": [sign], "context_tags": [sign]}) == "emergency", sign


def test_empty_facts_ask_first_for_an_emergency_and_stay_on_the_safe_side():
    advice = advise({})
    assert advice.urgency.level == "routine"
    assert advice.ask_next[0].question.id == "emergency"
    assert advice.ask_next[0].could_raise_to == "emergency"


def test_an_emergency_asks_nothing_more():
    assert advise({"associated_symptoms": ["face_droop_sudden"]}).ask_next == ()


def test_a_twitch_of_a_few_days_is_no_reason_for_a_doctor():
    base = {"movement": ["isolated_twitch"], "associated_symptoms": []}
    assert level_of(base | {"duration_days": 5}) == "self_care"
    assert level_of(base | {"duration_days": 14}) == "self_care"
    assert level_of(base | {"duration_days": 15}) == "routine"


def test_every_reason_has_a_source_and_says_on_what_it_rests():
    for flag in KNOWLEDGE.flags:
        assert flag.sources
        assert flag.basis in {"guideline", "inferred", "general_knowledge"}


@ANY
@given(facts, st.sets(st.sampled_from(sorted(flag.id for flag in KNOWLEDGE.flags))))
def test_taking_rules_away_never_lowers_below_what_remains(facts, taken_away):
    signs = derive_signs(read_facts(facts))
    whole = urgency.assess_urgency(signs)
    less = dataclasses.replace(KNOWLEDGE, flags=tuple(flag for flag in KNOWLEDGE.flags if flag.id not in taken_away))
    with mock.patch.object(urgency, "load_knowledge", return_value=less):
        part = urgency.assess_urgency(signs)
    left = {flag.id for flag in less.flags}
    for reason in whole.reasons:
        if reason.rule in left:
            assert rank(part.level) <= rank(reason.level)
