from hypothesis import given, settings
from hypothesis import strategies as st

from philtrum.advice.advice import advise
from philtrum.advice.questions import answer, next_questions

ONE_OF = {"movement": ["flick"], "duration": ["days"], "everyday": ["coffee", "stress"]}


def plain_check_up():
    """Answer like a person with a short flicker and nothing else, until no question is left."""
    facts, asked = {}, []
    while questions := next_questions(facts):
        question = questions[0].question
        asked.append(question.id)
        reply = 30 if question.id == "age" else ONE_OF.get(question.id, ["none"])
        facts = answer(facts, question, reply)
        assert len(asked) < 40
    return facts, asked


def test_the_emergency_question_comes_first():
    assert next_questions({})[0].question.id == "emergency"


def test_a_plain_case_needs_at_most_12_questions_and_ends_with_self_care():
    facts, asked = plain_check_up()
    assert len(asked) <= 12
    assert len(set(asked)) == len(asked)
    assert advise(facts).urgency.level == "self_care"


def test_an_emergency_ends_the_questions():
    facts = answer({}, next_questions({})[0].question, ["speech"])
    assert next_questions(facts) == ()
    assert advise(facts).urgency.level == "emergency"


def test_do_not_know_is_not_no_and_is_not_asked_again():
    question = next_questions({})[0].question
    facts = answer({}, question, ["skip"])
    assert "denied" not in facts
    assert question.id not in [one.question.id for one in next_questions(facts)]


def test_none_of_these_denies_every_sign_of_the_question():
    question = next_questions({})[0].question
    facts = answer({}, question, ["none"])
    assert set(facts["denied"]) == {sign for choice in question.choices for sign in choice.sets}


def test_the_movement_that_comes_closest_does_not_deny_the_others():
    question = next(one.question for one in next_questions({}) if one.question.id == "movement")
    facts = answer({}, question, ["flick"])
    assert facts["movement"] == ["isolated_twitch"]
    assert not facts.get("denied")
    assert "movement" not in [one.question.id for one in next_questions(facts)]


def test_a_medicine_opens_the_questions_that_belong_to_it():
    ids = [one.question.id for one in next_questions({"medications": ["lithium"]})]
    assert "lithium_signs" in ids
    assert "lithium_signs" not in [one.question.id for one in next_questions({"medications": []})]


def test_answers_leave_the_given_facts_alone():
    facts = {"movement": ["isolated_twitch"]}
    answer(facts, next_questions(facts)[0].question, ["face"])
    assert facts == {"movement": ["isolated_twitch"]}


def test_i_take_nothing_is_an_answer():
    question = next(one.question for one in next_questions({}) if one.question.id == "medicines")
    facts = answer({}, question, ["none"])
    assert facts["medications"] == []
    assert "medicines" not in [one.question.id for one in next_questions(facts)]


def test_when_a_doctor_is_needed_today_only_what_can_change_that_is_asked():
    facts = {"associated_symptoms": ["facial_weakness_new"], "movement": ["weakness"], "duration_days": 1, "age": 40}
    ids = [one.question.id for one in next_questions(facts)]
    assert ids[0] == "emergency"
    assert "everyday" not in ids
    assert "history" in ids  # toxin near the mouth would explain it


def test_a_medicine_without_a_date_asks_for_it():
    assert "medicine_start" in [one.question.id for one in next_questions({"medications": ["Zoloft"]})]
    dated = {"medications": [{"name": "Zoloft", "started_days_ago": 500}]}
    assert "medicine_start" not in [one.question.id for one in next_questions(dated)]


def some_answer(question, chance):
    if question.kind == "number":
        return chance.choice([1, 5, 20, 100, ["skip"]])
    if question.kind == "medicines":
        return chance.choice([["none"], ["skip"], ["sertraline"], [{"name": "lithium", "started_days_ago": 5}]])
    if question.kind == "text":
        return chance.choice(["", "worse after coffee", "my face suddenly dropped", ["skip"]])
    ids = [choice.id for choice in question.choices]
    picks = [["skip"], ["none"], [chance.choice(ids)], ids[-2:]]
    return chance.choice(picks if question.kind == "many" else picks[:3:2])


@settings(max_examples=40, deadline=None)
@given(st.randoms(use_true_random=False))
def test_whatever_is_answered_nothing_is_asked_twice_and_the_questions_end(chance):
    facts, asked = {}, []
    while questions := next_questions(facts):
        question = questions[0].question
        assert question.id not in asked
        asked.append(question.id)
        is_danger = question.id in {"emergency", "today"} and chance.random() < 0.8
        facts = answer(facts, question, ["none"] if is_danger else some_answer(question, chance))
    assert len(asked) <= 18
    assert advise(facts).urgency.level
