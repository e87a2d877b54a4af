import re
import runpy
import shutil
import statistics
from pathlib import Path

import pytest
from tests.advice.readability import grade

from philtrum.advice.knowledge import FOLDER, KnowledgeError, load_knowledge, read_knowledge

ROOT = Path(__file__).parents[2]
KNOWLEDGE = load_knowledge()
TEXTS = {
    "reasons": [flag.text for flag in (*KNOWLEDGE.flags, *KNOWLEDGE.exemptions)],
    "what to do": [flag.act for flag in KNOWLEDGE.flags],
    "levels": [f"{level.text} {level.change}" for level in KNOWLEDGE.levels.values()],
    "causes": [f"{cause.what} {cause.course} {cause.next_step}" for cause in KNOWLEDGE.causes.values()],
    "medicines": [one.note for one in KNOWLEDGE.medicines if one.note] + list(KNOWLEDGE.stops.values()),
    "remedies": [" ".join((*one.how, one.dose, one.evidence_note, *one.cautions)) for one in KNOWLEDGE.remedies],
    "groups": [group.text for group in KNOWLEDGE.groups.values()],
    "movements": [f"{one.looks} {one.hold_back} {one.in_sleep} {one.tell}" for one in KNOWLEDGE.movements],
    "questions": [f"{one.text} {one.help}" for one in KNOWLEDGE.questions],
    "myths": [f"{myth.claim} {myth.truth}" for myth in KNOWLEDGE.myths],
}
# Reading age 12 is grade 6 to 7; one long word lifts a short sentence, so single texts get some room.
MEAN_GRADE, WORST_GRADE = 6.0, 11.0
ORDERS_TO_STOP = re.compile(
    r"(?<!do not )(?<!never )(?<!not )\b(stop|quit|discontinue|skip) (taking|the (medicine|dose|drug)|it\b)", re.I
)


@pytest.fixture
def folder(tmp_path):
    """A copy of the knowledge files that a test may spoil."""
    return Path(shutil.copytree(FOLDER, tmp_path / "knowledge"))


def spoil(folder, file, old, new):
    path = folder / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


@pytest.mark.parametrize(
    ("file", "old", "new", "problem"),
    [
        (
            "flags.toml",
            'any = ["swallowing_trouble_sudden"]',
            'any = ["swalowing_trouble"]',
            "unknown sign 'swalowing_trouble'",
        ),
        (
            "flags.toml",
            'sources = ["stroke_assoc", "nice_ng127"',
            'sources = ["stroke", "nice_ng127"',
            "unknown source 'stroke'",
        ),
        ("flags.toml", 'level = "emergency"', 'level = "now"', "unknown level 'now'"),
        ("flags.toml", 'flags = ["tingling_new"]', 'flags = ["tingling"]', "unknown flag 'tingling'"),
        ("causes.toml", '"nhs_twitching", "ebm_myokymia"', '"nhs", "ebm_myokymia"', "unknown source 'nhs'"),
        ("causes.toml", 'common = "common"', 'common = "often"', "common is 'often'"),
        ("medicines.toml", 'stop = "relapse"', 'stop = "whenever"', "unknown stop text 'whenever'"),
        ("medicines.toml", '"Haldol"', '"Zoloft"', "zoloft: stands twice"),
        ("remedies.toml", 'kind = "self_care"', 'kind = "magic"', "kind is 'magic'"),
        ("remedies.toml", 'causes = ["muscle_overuse_twitch"]', 'causes = ["overuse"]', "unknown cause 'overuse'"),
        ("questions.toml", 'sets = ["face_droop_sudden"]', 'sets = ["face_drop"]', "unknown sign 'face_drop'"),
        ("phrases.toml", 'sign = "pregnancy"', 'sign = "expecting"', "unknown sign 'expecting'"),
    ],
)
def test_a_fault_in_a_knowledge_file_is_named_with_file_and_line(folder, file, old, new, problem):
    spoil(folder, file, old, new)
    with pytest.raises(KnowledgeError, match=re.escape(problem)) as error:
        read_knowledge(folder)
    assert re.search(rf"{file}:\d+: ", str(error.value))
    assert error.value.id == "knowledge-inconsistent"


def test_a_statement_without_a_source_is_refused(folder):
    path = folder / "flags.toml"
    path.write_text(re.sub(r"sources = \[[^\]]*\]", "sources = []", path.read_text("utf-8"), count=1), "utf-8")
    with pytest.raises(KnowledgeError, match="has no source"):
        read_knowledge(folder)


def test_a_rule_that_would_always_fire_is_refused(folder):
    spoil(folder, "flags.toml", 'any = ["swallowing_trouble_sudden"]\n', "")
    with pytest.raises(KnowledgeError, match="would always fire"):
        read_knowledge(folder)


def test_the_line_that_is_named_holds_the_fault(folder):
    spoil(folder, "causes.toml", 'id = "tetanus"\nname', 'id = "tetanus"\nsnomed = []\nname')
    spoil(folder, "causes.toml", 'needs = ["jaw_locked"', 'needs = ["jaw_shut"')
    with pytest.raises(KnowledgeError) as error:
        read_knowledge(folder)
    number = int(re.search(r"causes\.toml:(\d+)", str(error.value))[1])
    assert (folder / "causes.toml").read_text("utf-8").splitlines()[number - 1] == 'id = "tetanus"'


@pytest.mark.parametrize("kind", TEXTS)
def test_what_people_read_can_be_read_at_the_age_of_twelve(kind):
    grades = {text: grade(text) for text in TEXTS[kind]}
    assert statistics.mean(grades.values()) <= MEAN_GRADE
    assert {
        text: round(value, 1) for text, value in grades.items() if value > WORST_GRADE and len(text.split()) > 8
    } == {}


def test_the_readability_formula_tells_plain_from_hard():
    assert grade("The cat sat on the mat. It was a good day.") < 3
    assert (
        grade("Neurological deterioration necessitates immediate multidisciplinary evaluation and hospitalisation.")
        > 14
    )


def test_nothing_tells_anyone_to_stop_a_medicine():
    own = {"watchful_waiting", "smoking_cessation"}
    texts = [text for texts in TEXTS.values() for text in texts]
    texts += [line for one in KNOWLEDGE.remedies if one.id not in own for line in one.how]
    orders = [text for text in texts if ORDERS_TO_STOP.search(text) and "medicine" in text]
    assert orders == []


def test_every_medicine_with_a_known_link_belongs_to_one_group():
    kinds = [kind for group in KNOWLEDGE.groups.values() for kind in group.kinds]
    assert len(kinds) == len(set(kinds))
    assert {medicine.kind for medicine in KNOWLEDGE.medicines if medicine.movements} <= set(kinds)


def test_every_movement_that_can_be_told_is_explained():
    shown = {id for movement in KNOWLEDGE.movements for id in movement.shows}
    assert shown == set(KNOWLEDGE.vocabularies["movements"])


def test_every_cause_of_the_common_list_is_there_with_a_level_and_a_next_step():
    assert len(KNOWLEDGE.causes) == 56
    for cause in KNOWLEDGE.causes.values():
        assert cause.what
        assert cause.next_step


def test_a_rare_cause_needs_a_sign_of_its_own():
    assert all(cause.needs for cause in KNOWLEDGE.causes.values() if cause.common == "rare")


def test_the_list_for_the_clinician_is_up_to_date():
    render = runpy.run_path(str(ROOT / "docs/clinical_review.py"))["render_clinical_review"]
    assert (ROOT / "docs/clinical-review.md").read_text("utf-8") == render(), "run `make docs`"
