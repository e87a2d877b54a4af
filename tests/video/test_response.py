"""The matched filter alone."""

from dataclasses import replace

import numpy as np
import pytest
from tests.motions import FPS, LEFT, SPOTS, still, twitching

from philtrum.video.response import make_templates, pulse, respond, take_out

TEMPLATES = make_templates(SPOTS)


def response_to(motion, length_s=0.2):
    return respond(motion, np.ones(len(motion.t_s), bool), TEMPLATES, length_s, FPS)


def test_a_pulse_rises_to_one_and_is_zero_outside():
    phase = np.linspace(-1, 2, 301)
    values = pulse(phase, 0.3)
    assert values.max() == pytest.approx(1) and phase[values.argmax()] == pytest.approx(0.3)
    assert (values[(phase <= 0) | (phase >= 1)] == 0).all()


def test_places_are_weighted_means():
    assert TEMPLATES.place_weights.sum(axis=1) == pytest.approx(1)


def test_templates_are_symmetric_like_the_lip():
    bumps = TEMPLATES.shapes[:7]
    assert bumps[::-1, ::-1] == pytest.approx(bumps)


def test_the_best_template_answers_with_the_size_of_the_bump():
    response = response_to(twitching(still(), 8.0, size=2.0, x=LEFT))
    amplitudes = np.hypot(*np.moveaxis(response.amplitudes(), -1, 0))
    z = np.hypot(*np.moveaxis(response.amplitudes() / response.template_sd, -1, 0))
    index, template = np.unravel_index(z.argmax(), z.shape)
    assert index == round(8 * FPS)
    assert amplitudes[index, template] == pytest.approx(2.0, rel=0.25)


def test_a_straight_drift_gives_no_response():
    motion = still()
    drifting = replace(motion, lip=motion.lip + 3 * motion.t_s[:, np.newaxis, np.newaxis])
    inside = slice(30, -30)
    assert response_to(drifting).spots[inside] == pytest.approx(response_to(motion).spots[inside], abs=1e-9)


def test_a_pulse_that_is_taken_out_leaves_what_would_have_been_without_it():
    calm, motion = still(), twitching(still(), 8.0, size=2.0)
    response, without = response_to(motion), response_to(calm)
    index = round(8 * FPS)
    added = replace(response, places=response.places - without.places, spots=response.spots - without.spots)
    take_out(response, added, index, FPS)
    assert np.abs(response.places - without.places).max() < 0.35
