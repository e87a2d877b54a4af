"""Displacement of a picture that is known in every point, so that it can be moved by any part of a pixel."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from philtrum.video.flow import WINDOW_CELLS, Reference, band_pass, sharpness

HEIGHT, WIDTH, CELL_PX, WIDE_PX = 160, 200, 5, 31
MIDDLE = np.array([WIDTH, HEIGHT]) / 2
_RNG = np.random.default_rng(7)
_WAVES = _RNG.uniform(2 * np.pi / 30, 2 * np.pi / 8, 60)
_ANGLES, _PHASES = _RNG.uniform(0, 2 * np.pi, (2, 60))
NOISE_GREY = 2.0
# Far above what the noise does over the inner cells (Cramer-Rao bound: below 0.001 px); one step that is just short
# enough leaves as much along each axis.
TOLERANCE_PX = 0.03
# The steps of the iteration end where the last one is small; what they leave grows with the way.
TOLERANCE_SHARE = 0.01


def texture(x, y):
    waves = np.zeros_like(x)
    for wave, angle, phase in zip(_WAVES, _ANGLES, _PHASES, strict=True):
        waves += np.cos(wave * (np.cos(angle) * x + np.sin(angle) * y) + phase)
    return 128 + 5 * waves


def picture(shift=(0.0, 0.0), turn_deg=0.0, *, noise_seed=None):
    """The texture after a turn around its middle and a shift, as pixels, shape (HEIGHT, WIDTH)."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(float)
    angle = np.radians(turn_deg)
    x, y = x - MIDDLE[0] - shift[0], y - MIDDLE[1] - shift[1]
    grey = texture(MIDDLE[0] + np.cos(angle) * x + np.sin(angle) * y, MIDDLE[1] - np.sin(angle) * x + np.cos(angle) * y)
    if noise_seed is not None:
        grey = grey + np.random.default_rng(noise_seed).normal(0, NOISE_GREY, grey.shape)
    return grey.astype(np.float32)


STILL = picture()
REFERENCE = Reference(band_pass(STILL, WIDE_PX), CELL_PX)
INNER = np.zeros(REFERENCE.energy.shape[:2], bool)
INNER[4:-4, 4:-4] = True  # texture comes and goes at the edges
NO_MOTION = np.zeros((*INNER.shape, 2))


def displacement(moved):
    passed = band_pass(moved, WIDE_PX)
    return local(REFERENCE, passed, NO_MOTION)


def local(reference, passed, skull):
    return local_and_pulls(reference, passed, skull)[0]


def local_and_pulls(reference, passed, skull):
    own, pull = reference.own_pull(passed), reference.pull(passed)
    return tuple(one[0] for one in reference.local([passed], [own], pull[np.newaxis], skull[np.newaxis]))


def zone(cells, weight):
    return REFERENCE.zones(cells[np.newaxis], weight[np.newaxis].astype(float))[0, 0]


@settings(deadline=None, max_examples=15)
@given(x=st.floats(-3, 3), y=st.floats(-3, 3), seed=st.integers(0, 99))
def test_a_shift_by_part_of_a_pixel_or_by_several_is_recovered(x, y, seed):
    cells = displacement(picture((x, y), noise_seed=seed))
    off = zone(cells, INNER) - [x, y]
    assert np.abs(off).max() < TOLERANCE_PX + TOLERANCE_SHARE * np.hypot(x, y)


@settings(deadline=None, max_examples=10)
@given(gain=st.floats(0.7, 1.4), offset=st.floats(-40, 40))
def test_a_change_of_light_is_no_motion(gain, offset):
    cells = displacement((gain * STILL + offset).astype(np.float32))
    assert np.abs(cells[INNER]).max() < TOLERANCE_PX


def test_the_same_picture_has_not_moved():
    assert np.abs(displacement(STILL)).max() == 0


def test_a_flat_picture_gives_no_motion_and_no_error():
    flat = Reference(band_pass(np.full((HEIGHT, WIDTH), 90, np.uint8), WIDE_PX), CELL_PX)
    noisy = band_pass(picture(noise_seed=1), WIDE_PX)
    cells = local(flat, noisy, NO_MOTION)
    assert np.abs(cells).max() < 1e-6


def test_what_the_skull_did_is_taken_off():
    moved = band_pass(picture((0.3, 0.2)), WIDE_PX)
    skull = NO_MOTION + np.array([0.3, 0.2])
    assert np.abs(local(REFERENCE, moved, skull)[INNER]).max() < 3 * TOLERANCE_PX


def test_a_bump_is_found_where_it_is():
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(float)
    bump = 1.5 * np.exp(-((x - 120) ** 2 + (y - 80) ** 2) / (2 * 20**2))
    moved = texture(x, y + bump).astype(np.float32)
    cells = displacement(moved)
    row, column = np.unravel_index(np.hypot(*np.moveaxis(cells, -1, 0)).argmax(), INNER.shape)
    assert REFERENCE.places[row, column] == pytest.approx([120, 80], abs=12)
    seen = 20**2 / (20**2 + (WINDOW_CELLS * CELL_PX) ** 2)
    assert cells[row, column] == pytest.approx([0, -1.5 * seen], abs=0.15)


def test_a_bump_is_seen_through_the_same_window_whether_it_takes_one_step_or_several():
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(float)
    bump = np.exp(-((x - 120) ** 2 + (y - 80) ** 2) / (2 * 12**2))
    small, large = (displacement(texture(x, y + size * bump).astype(np.float32)) / size for size in (0.3, 2.0))
    near = np.hypot(*np.moveaxis(REFERENCE.places - [120, 80], -1, 0)) < 15
    assert large[near, 1].mean() == pytest.approx(small[near, 1].mean(), rel=0.08)


@settings(deadline=None, max_examples=10)
@given(x=st.floats(-0.2, 0.2), y=st.floats(-0.2, 0.2))
def test_own_pulls_are_those_of_the_cells_alone_less_the_skulls(x, y):
    passed = band_pass(picture((x, y)), WIDE_PX)
    own = local_and_pulls(REFERENCE, passed, NO_MOTION)[1]
    assert own == pytest.approx(REFERENCE.own_pull(passed))
    rest = local_and_pulls(REFERENCE, passed, NO_MOTION + np.array([x, y]))[1]
    assert np.abs(rest[INNER]).mean() < 0.15 * np.abs(own[INNER]).mean() + 1e-3


def test_own_pulls_go_on_growing_where_one_step_is_too_short():
    small, large = (local_and_pulls(REFERENCE, band_pass(picture((x, 0.0)), WIDE_PX), NO_MOTION)[1] for x in (0.2, 2.0))
    assert large[INNER, 0].sum() == pytest.approx(10 * small[INNER, 0].sum(), rel=0.06)


def test_a_zone_counts_only_its_own_cells():
    cells = np.zeros((*INNER.shape, 2))
    cells[:, : INNER.shape[1] // 2] = [1, 2]
    left = np.zeros(INNER.shape)
    left[:, :10] = 1
    assert zone(cells, left) == pytest.approx([1, 2], abs=1e-4)
    assert zone(cells, left[:, ::-1]) == pytest.approx([0, 0], abs=1e-4)


def test_sharpness_falls_with_blur_and_not_with_brightness():
    blurred = band_pass(cv2.GaussianBlur(STILL, (0, 0), 3), WIDE_PX)
    assert sharpness(blurred) < 0.5 * sharpness(REFERENCE.picture)
    assert sharpness(band_pass(STILL + 30, WIDE_PX)) == pytest.approx(sharpness(REFERENCE.picture), rel=1e-3)
