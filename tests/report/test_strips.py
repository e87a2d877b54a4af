import xml.etree.ElementTree as ElementTree
from itertools import pairwise

import pytest

from philtrum.advice.knowledge import load_knowledge
from philtrum.report.courses import EXAMPLES, LASTS_S, example_of
from philtrum.report.strips import HIGHEST, LOWEST, render_strip

MOVEMENTS = load_knowledge().movements
SVG = "{http://www.w3.org/2000/svg}"
SAMPLES_PER_S = 200


def sampled(course):
    return [course(n / SAMPLES_PER_S) for n in range(round(LASTS_S * SAMPLES_PER_S))]


def pulls(values, over=0.1):
    """Return the lengths, in seconds, of the stretches in which a line is above rest."""
    lengths, n = [], 0
    for value in [*values, 0.0]:
        if value > over:
            n += 1
        elif n:
            lengths.append(n / SAMPLES_PER_S)
            n = 0
    return lengths


def test_every_movement_has_an_example_and_no_example_is_left_over():
    assert {movement.id for movement in MOVEMENTS} == set(EXAMPLES)


@pytest.mark.parametrize("movement", MOVEMENTS, ids=lambda movement: movement.id)
def test_a_strip_can_be_read_without_seeing_it_and_obeys_a_strict_policy(movement):
    text = render_strip(movement)
    root = ElementTree.fromstring(text)  # noqa: S314 - our own
    named = root.get("aria-labelledby").split()
    assert [root.find(f".//*[@id='{id}']").text for id in named] == [
        f"{movement.name}: a drawn example of 10 seconds",
        example_of(movement.id).shows,
    ]
    assert root.get("role") == "img"
    assert "style=" not in text
    assert "<script" not in text
    assert len(root.findall(f"{SVG}polyline")) == len(example_of(movement.id).lanes)
    assert len(text) < 25_000


@pytest.mark.parametrize("movement", MOVEMENTS, ids=lambda movement: movement.id)
def test_an_example_stays_inside_its_lane(movement):
    for lane in example_of(movement.id).lanes:
        assert all(LOWEST < value < HIGHEST for value in sampled(lane.course))


def test_twitches_last_as_long_as_the_knowledge_says_and_have_no_beat():
    (movement,) = (one for one in MOVEMENTS if one.id == "twitch")
    values = sampled(example_of("twitch").lanes[0].course)
    assert all(movement.lasts_s[0] <= length_s <= movement.lasts_s[1] for length_s in pulls(values))
    starts = [n / SAMPLES_PER_S for n in range(1, len(values)) if values[n - 1] <= 0.05 < values[n]]
    gaps_s = [later - earlier for earlier, later in pairwise(starts)]
    assert max(gaps_s) > 3 * min(gaps_s)


@pytest.mark.parametrize("id", ["tremor", "jerk", "smacking"])
def test_a_beat_is_one_that_the_knowledge_names(id):
    (movement,) = (one for one in MOVEMENTS if one.id == id)
    values = sampled(example_of(id).lanes[0].course)
    n_beats = len(pulls(values, over=0.2))
    span_s = LASTS_S if id != "jerk" else 8.0
    assert movement.beat_hz[0] <= n_beats / span_s <= movement.beat_hz[1]


def test_a_held_pull_holds_a_tic_repeats_itself_and_a_felt_one_is_flat():
    assert max(pulls(sampled(example_of("dystonia").lanes[0].course))) > 5
    tic = sampled(example_of("tic").lanes[1].course)
    first, second = (tic[round(start * SAMPLES_PER_S) :][: round(0.6 * SAMPLES_PER_S)] for start in (2.6, 7.2))
    assert first == pytest.approx(second, abs=1e-6)
    assert max(first) > 0.5
    assert not any(sampled(example_of("felt_only").lanes[0].course))


@pytest.mark.parametrize("id", ["face_spasm", "linked", "jerk"])
def test_two_parts_that_move_together_do_so_at_the_same_moment(id):
    one, other = (sampled(lane.course) for lane in example_of(id).lanes)
    moves_one, moves_other = ([value > 0.05 for value in values] for values in (one, other))
    n_apart = sum(a != b for a, b in zip(moves_one, moves_other, strict=True))
    assert n_apart < 0.1 * sum(moves_one)
