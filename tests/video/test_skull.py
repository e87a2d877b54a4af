"""The head's movement, from displacements that are known in every cell."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.video.test_flow import INNER, MIDDLE, REFERENCE, TOLERANCE_PX, WIDE_PX, picture

from philtrum.video.flow import Reference, band_pass
from philtrum.video.skull import SkullFit

# A face bulges towards the camera: nearer in the middle by a third of its width.
DEPTH = -60 * np.exp(-((REFERENCE.places - MIDDLE) ** 2).sum(axis=-1) / (2 * 50**2))
SKULL = SkullFit(REFERENCE, INNER, DEPTH)


def head_of(moved, **how):
    pull = REFERENCE.pull(band_pass(moved, WIDE_PX))
    return SKULL.fit(pull[np.newaxis], **{"expected_sd_px": 1.0} | how)[0]


def shift_of(head, place=MIDDLE):
    return (SKULL.matrix(head) @ [*place, 1])[:2] - place


def pulled(displacement):
    """What the flow would say of a displacement of the cells, shape (h, w, 2)."""
    return np.einsum("hwij,hwj->hwi", REFERENCE.energy, displacement)[np.newaxis]


@settings(deadline=None, max_examples=15)
@given(x=st.floats(-0.3, 0.3), y=st.floats(-0.3, 0.3), turn_deg=st.floats(-0.2, 0.2), seed=st.integers(0, 99))
def test_a_small_turn_and_shift_of_the_picture_are_recovered(x, y, turn_deg, seed):
    matrix = SKULL.matrix(head_of(picture((x, y), turn_deg, noise_seed=seed)))
    assert (matrix @ [*MIDDLE, 1])[:2] - MIDDLE == pytest.approx([x, y], abs=TOLERANCE_PX)
    assert np.degrees(matrix[1, 0]) == pytest.approx(turn_deg, abs=0.03)
    assert matrix[0, 0] == pytest.approx(1, abs=1e-3)


@settings(deadline=None, max_examples=15)
@given(head=st.lists(st.floats(-0.5, 0.5), min_size=6, max_size=6))
def test_turns_in_depth_are_told_from_shifts(head):
    true = SKULL.displacement(np.array([head]))[0]
    found = SKULL.displacement(SKULL.fit(pulled(true), expected_sd_px=1.0))[0]
    # Turns are held back a little on purpose; most of what they do is seen all the same.
    assert np.abs(found - true)[INNER].max() < 0.4 * np.abs(true).max() + 1e-6


def test_without_depth_the_matrix_says_the_same_as_the_displacement():
    head = np.array([0.2, -0.1, 0.4, 0.3, 0.0, 0.0])
    moved = SKULL.displacement(head[np.newaxis])[0]
    for row, column in ((5, 5), (20, 30)):
        assert shift_of(head, REFERENCE.places[row, column]) == pytest.approx(moved[row, column], abs=1e-9)


def test_a_patch_that_moves_on_its_own_does_not_bias_the_head():
    moved = picture((0.2, -0.1))
    own = picture((1.4, 0.8))
    moved[100:140, 120:170] = own[100:140, 120:170]
    assert shift_of(head_of(moved)) == pytest.approx([0.2, -0.1], abs=0.04)


def test_a_flat_picture_says_what_was_expected():
    flat = Reference(band_pass(np.full((160, 200), 90, np.uint8), WIDE_PX), REFERENCE.cell_px)
    fit = SkullFit(flat, INNER, DEPTH)
    pull = flat.pull(band_pass(picture(noise_seed=1), WIDE_PX))[np.newaxis]
    assert fit.fit(pull, expected_sd_px=1.0)[0] == pytest.approx(np.zeros(6), abs=1e-6)
    expected = np.array([0.1, 0.2, -0.3, 0.4, 0.0, 0.0])
    assert fit.fit(pull, expected=expected, expected_sd_px=1.0)[0] == pytest.approx(expected, abs=1e-3)


def test_cells_that_disagree_count_less_than_what_is_expected():
    rng = np.random.default_rng(1)
    chaos = rng.normal(0, 4, (*INNER.shape, 2)) + np.array([2.0, 0.0])
    tight, loose = (SKULL.fit(pulled(chaos), expected_sd_px=sd_px)[0, 2] for sd_px in (0.05, 50.0))
    assert abs(tight) < 0.2 * abs(loose)
