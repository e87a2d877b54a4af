"""The matched filter alone."""

from dataclasses import replace

import numpy as np
import pytest
from tests.motions import FPS, coded_in_patches, still, twitching

from philtrum.video.bumps import LIP_BUMPS, Bump
from philtrum.video.response import PULSES_S, is_renewed_in_patches, pulse, respond, take_out
from philtrum.video.voluntary import texture_change

USUAL = PULSES_S.index(0.2)
AT = LIP_BUMPS.index(Bump("one", 0.45, 0.4, 0.1))


def responses_to(motion, assessable=None, fps=FPS):
    return respond(motion, np.ones(len(motion.t_s), bool) if assessable is None else assessable, fps)


def test_a_pulse_rises_to_one_and_is_zero_outside():
    phase = np.linspace(-1, 2, 301)
    values = pulse(phase, 0.3)
    assert values.max() == pytest.approx(1) and phase[values.argmax()] == pytest.approx(0.3)
    assert (values[(phase <= 0) | (phase >= 1)] == 0).all()


@pytest.mark.parametrize("number", range(len(PULSES_S)))
def test_a_pulse_of_the_filters_own_length_is_answered_with_its_size(number):
    length_s = max(PULSES_S[number], 2.5 / FPS)
    response = responses_to(twitching(still(10, noise=0.005), 5.0, length_s=length_s))[number]
    assert response.bumps[round(5 * FPS), AT] == pytest.approx([0, 2.0], abs=0.05)
    assert response.z().max(axis=1).argmax() == round(5 * FPS)


def test_the_filter_gives_one_for_its_pulse_and_nothing_for_rest_and_drift():
    for response in responses_to(still(10, drift=0.2)):
        t = (np.arange(response.kernel.shape[1]) - response.kernel.shape[1] // 2) / FPS
        shape = pulse(t / max(response.length_s, 2.5 / FPS) + 0.5)
        for axis in range(2):
            told = [response.kernel[axis] @ one for one in (shape, np.ones_like(t), t)]
            assert told == pytest.approx([1, 0, 0], abs=1e-6)


def test_a_filter_that_knows_of_drift_sees_less_of_it():
    drifting = still(30, noise=0.02, drift=0.5, seed=3)
    response = responses_to(drifting)[USUAL]
    t = (np.arange(response.kernel.shape[1]) - response.kernel.shape[1] // 2) / FPS
    design = np.column_stack([pulse(t / 0.2 + 0.5), np.ones_like(t), t])
    blind = np.linalg.pinv(design)[0]
    seen = np.convolve(drifting.bumps[:, AT, 1], blind[::-1], "same")[30:-30]
    assert response.bumps[30:-30, AT, 1].std() < 0.9 * seen.std()


def test_taking_a_pulse_out_leaves_what_would_have_been_without_it():
    calm, motion = still(), twitching(still(), 8.0, size=2.0)
    index = round(8 * FPS)
    responses = responses_to(motion)
    picked = responses[USUAL].bumps[index].copy()
    for response, without in zip(responses, responses_to(calm), strict=True):
        left = replace(response, bumps=response.bumps.copy())
        take_out(left, responses[USUAL].length_s, picked, index, FPS)
        near = slice(index - 30, index + 31)
        assert np.abs(response.bumps[near] - without.bumps[near]).max() > 0.9
        assert np.abs(left.bumps[near] - without.bumps[near]).max() < 0.3


def test_gaps_are_bridged_and_do_not_spread():
    motion = still()
    bumps = motion.bumps.copy()
    bumps[200:230] = np.nan
    seen = ~np.isnan(bumps[:, 0, 0])
    for response in responses_to(replace(motion, bumps=bumps), seen):
        assert np.isfinite(response.bumps).all()
        assert np.isfinite(response.limit).all()


def test_twitches_now_and_then_do_not_pass_for_noise():
    calm, busy = (responses_to(one)[USUAL] for one in (still(), twitching(still(), 4.0, 8.0, 12.0, 16.0)))
    assert busy.bump_sd == pytest.approx(calm.bump_sd, rel=0.35)
    assert np.median(busy.limit) == pytest.approx(np.median(calm.limit), rel=0.1)


def test_the_limit_is_higher_beside_time_that_is_left_out():
    motion = still()
    mask = ~((motion.t_s >= 8) & (motion.t_s < 9))
    limit = responses_to(motion, mask)[USUAL].limit
    beside, away = (np.median(limit[np.abs(motion.t_s - t_s) < 0.2]) for t_s in (7.75, 4.0))
    assert beside > 1.3 * away


def test_a_strongly_compressed_clip_is_told_by_texture_that_is_renewed_in_patches():
    assert is_renewed_in_patches(texture_change(coded_in_patches(still())))
    assert not is_renewed_in_patches(texture_change(still()))
    assert not is_renewed_in_patches(np.full(30, np.nan))


def test_strong_compression_raises_the_limit():
    plain, coded = (responses_to(motion)[USUAL].limit for motion in (still(), coded_in_patches(still())))
    assert np.median(coded) > 1.5 * np.median(plain)
