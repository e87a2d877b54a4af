"""Bumps of skin on pictures that are known in every point, so that they can be moved by any part of a pixel."""

from functools import cache

import numpy as np
import pytest
from tests.films import large_face

from philtrum.video import bumps
from philtrum.video.bumps import BUMPS, CONTROLS, LIP_BUMPS, MIRROR_SIGNS, MIRRORED, Bump, BumpMeter
from philtrum.video.crop import CROP_HEIGHT, CROP_WIDTH, IOD_CROP_PX, canonical_face
from philtrum.video.flow import Reference, band_pass
from philtrum.video.stabilise import BAND_PX, CELL_PX

N_LIP = len(LIP_BUMPS)
Y, X = np.mgrid[0:CROP_HEIGHT, 0:CROP_WIDTH].astype(float)
_RNG = np.random.default_rng(7)
_WAVES, _ANGLES = _RNG.uniform(2 * np.pi / 30, 2 * np.pi / 8, 40), _RNG.uniform(0, 2 * np.pi, 40)
_PHASES = _RNG.uniform(0, 2 * np.pi, 40)
# Edges that run along x, within about 7 degrees: almost nothing tells of sideways movement.
LEVEL = np.pi / 2 + _RNG.normal(0, 0.12, 40)
NOISE_GREY = 2.0
UP, LEFTWARDS = (0.0, -1.0), (1.0, 0.0)
MIDDLE, LEFT = (LIP_BUMPS.index(Bump("one", along, 0.4, 0.1)) for along in (0.0, 0.45))
# Landmarks that a mirror swaps: border of the red, skin above it, seam, cheeks and chin.
RIGHT_TO_LEFT = {
    **{185: 409, 40: 270, 39: 269, 37: 267, 186: 410, 92: 322, 165: 391, 167: 393},
    **{61: 291, 78: 308, 205: 425, 207: 427, 214: 434, 187: 411, 147: 376, 213: 433, 215: 435, 208: 428, 171: 396},
}


@cache
def landmarks():
    return canonical_face([large_face()[1]])


@cache
def reference(is_level=False):
    return Reference(picture(is_level=is_level), CELL_PX)


@cache
def meter(is_level=False):
    return BumpMeter(reference(is_level), landmarks())


def picture(x=0.0, y=0.0, *, is_level=False, noise_seed=None):
    """The texture with every point moved by x and y pixels (numbers, or arrays of the picture's shape)."""
    angles = LEVEL if is_level else _ANGLES
    grey = np.full(X.shape, 128.0)
    for wave, angle, phase in zip(_WAVES, angles, _PHASES, strict=True):
        grey += 5 * np.cos(wave * (np.cos(angle) * (X - x) + np.sin(angle) * (Y - y)) + phase)
    if noise_seed is not None:
        grey += np.random.default_rng(noise_seed).normal(0, NOISE_GREY, grey.shape)
    return band_pass(grey.astype(np.float32), BAND_PX)


def pulls(moved, against):
    still = np.zeros((1, *against.energy.shape[:2], 2))
    return against.local([moved], [against.own_pull(moved)], against.pull(moved)[np.newaxis], still)


def measured(moved, *, is_level=False):
    """Displacement of every bump, shape (B, 2), pixels."""
    return meter(is_level).measure(pulls(moved, reference(is_level))[1])[0]


def place(number):
    """Middle of a bump in the crop."""
    return bumps._middles(landmarks())[number]


def bell(at, width_iod=0.1):
    return np.exp(-((X - at[0]) ** 2 + (Y - at[1]) ** 2) / (2 * (width_iod * IOD_CROP_PX) ** 2))


def lifted(number, size=1.0, direction=UP, **how):
    """A picture in which one bump, and nothing else, has moved by `size` pixels."""
    shape = size * bell(place(number), BUMPS[number].width_iod)
    return picture(direction[0] * shape, direction[1] * shape, **how)


@cache
def noise_px():
    """Standard deviation of every bump when nothing but the noise of the picture changes, shape (B, 2)."""
    return np.std([measured(picture(noise_seed=seed)) for seed in range(8)], axis=0)


@pytest.mark.parametrize("size", [0.3, 1.0, 2.5])
@pytest.mark.parametrize("number", [MIDDLE, LEFT, LIP_BUMPS.index(Bump("one", -0.45, 0.4, 0.14)), N_LIP + 1])
def test_a_bump_is_measured_with_its_size_and_direction(number, size):
    for direction in (UP, LEFTWARDS):
        shown = measured(lifted(number, size, direction, noise_seed=number))[number]
        expected = size * np.array(direction) / bumps._SEEN  # what real forms lose is made up for
        # Steps and ridge hold a few per cent back; the rest is noise.
        tolerance = 0.08 * size + 4 * noise_px()[number].max()
        assert shown == pytest.approx(expected, abs=tolerance)


def test_noise_of_the_picture_is_small_beside_a_twitch():
    assert noise_px().max() < 0.0035 * IOD_CROP_PX / 4  # a quarter of the smallest size that counts


def test_two_bumps_at_once_show_what_each_of_them_would():
    both = bell(place(MIDDLE)), bell(place(LEFT))
    together = measured(picture(both[0], -both[1]))
    alone = measured(picture(both[0], 0.0)) + measured(picture(0.0, -both[1]))
    assert np.abs(alone).max() > 1
    assert together == pytest.approx(alone, abs=0.08)


@pytest.mark.parametrize("number", [MIDDLE, LEFT])
def test_the_bump_that_moved_shows_most_among_those_of_its_width_and_height(number):
    size = np.hypot(*measured(lifted(number)).T)
    alike = [n for n, one in enumerate(LIP_BUMPS) if (one.kind, one.up, one.width_iod) == ("one", 0.4, 0.1)]
    assert alike[int(size[alike].argmax())] == number
    far = [n for n in alike if abs(LIP_BUMPS[n].along - LIP_BUMPS[number].along) > 0.8]
    assert size[far].max() < 0.25 * size[number]


def test_level_edges_hold_sideways_movement_back_less_than_windows_of_their_own_would():
    column, row = np.round((place(LEFT) + 0.5) / CELL_PX - 0.5).astype(int)
    shares = []
    for direction in (UP, LEFTWARDS):
        moved = lifted(LEFT, 1.0, direction, is_level=True)
        window, bump = pulls(moved, reference(True))[0][0, row, column], measured(moved, is_level=True)[LEFT]
        shares.append((window @ direction, bump @ direction))
        assert abs(bump @ direction[::-1]) < 0.2 * abs(bump @ direction)
    (window_up, bump_up), (window_sideways, bump_sideways) = shares
    assert bump_sideways > 0.45 * bump_up
    assert bump_sideways / bump_up > 1.5 * window_sideways / window_up


WHOLE = {
    "shift": (0.8, -0.5),
    "growth": (0.01 * (X - 110), 0.01 * (Y - 165)),
    "turn": (-0.01 * (Y - 165), 0.01 * (X - 110)),
    "shear": (0.01 * (Y - 165), 0.0),
}


@pytest.mark.parametrize("name", WHOLE)
def test_what_moves_everything_moves_no_bump(name):
    moved = WHOLE[name]
    within_reach = 0.01 * 0.45 * IOD_CROP_PX  # how far growth, turn and shear displace what a fit sees, pixels
    assert np.abs(measured(picture(*moved))).max() < 0.2 * (1.0 if name == "shift" else within_reach)


def test_a_bump_beside_movement_of_everything_is_measured_as_it_is():
    shape = bell(place(LEFT))
    alone, swaying = measured(picture(0.0, -shape)), measured(picture(0.3, -0.2 - shape))
    assert swaying[:N_LIP] == pytest.approx(alone[:N_LIP], abs=0.06)


def test_a_change_of_light_is_no_movement():
    assert np.abs(measured(np.asarray(0.8 * picture(), np.float32))).max() < 0.01


def test_the_same_picture_has_not_moved():
    assert np.abs(measured(picture())).max() == 0


def test_skin_that_is_burnt_out_does_not_move_and_is_no_error():
    flat = Reference(np.zeros(X.shape, np.float32), CELL_PX)
    assert np.abs(BumpMeter(flat, landmarks()).measure(pulls(picture(), flat)[1])).max() < 1e-3
    half = picture()
    half[100:, :125] = 0  # the right half of the face below the eyes
    against = Reference(half, CELL_PX)
    assert np.isfinite(BumpMeter(against, landmarks()).measure(pulls(picture(noise_seed=1), against)[1])).all()


def test_the_lower_lip_by_itself_moves_no_bump_of_the_upper_one_by_much():
    below = landmarks()[17, :2] + [0, 0.05 * IOD_CROP_PX]
    assert np.abs(measured(picture(0.0, bell(below)))[:N_LIP]).max() < 0.35


def test_controls_lie_outside_the_reach_of_what_the_lip_does():
    for number in (MIDDLE, LEFT, MIRRORED[LEFT]):
        for direction in (UP, LEFTWARDS):
            size = np.hypot(*measured(lifted(number, 1.0, direction)).T)
            assert size[N_LIP:].max() < 0.2 * size[:N_LIP].max()
    places = bumps._middles(landmarks()) / IOD_CROP_PX
    apart = np.linalg.norm(places[:N_LIP, np.newaxis] - places[np.newaxis, N_LIP:], axis=-1)
    assert apart.min() > 0.15  # even of one at the corner of a smiling mouth


def test_every_control_sees_what_moves_at_its_own_place():
    for number in range(N_LIP, len(BUMPS), 3):
        assert -measured(lifted(number))[number, 1] > 0.9


def test_two_mirrors_show_the_lip_itself():
    assert [MIRRORED[other] for other in MIRRORED] == list(range(N_LIP))
    for number, other in enumerate(MIRRORED):
        one, there = LIP_BUMPS[number], LIP_BUMPS[other]
        assert (one.kind, one.up, one.width_iod) == (there.kind, there.up, there.width_iod)
        assert there.along == (-one.along if one.kind == "one" else one.along)


def test_no_two_bumps_are_the_same_and_lip_and_controls_are_all():
    assert len(set(BUMPS)) == len(BUMPS) == len(LIP_BUMPS) + len(CONTROLS)
    assert {bump.kind for bump in CONTROLS} == {"control"}


def mirrored_landmarks():
    points = landmarks().copy()
    for right, left in RIGHT_TO_LEFT.items():
        points[[right, left]] = points[[left, right]]
    points[:, 0] = CROP_WIDTH - 1 - points[:, 0]
    return points


@pytest.mark.parametrize("direction", [UP, LEFTWARDS])
def test_a_picture_in_a_mirror_shows_the_bumps_of_the_other_side(direction):
    moved = lifted(LEFT, 1.0, direction)
    ahead, flipped = (Reference(np.ascontiguousarray(one), CELL_PX) for one in (picture(), picture()[:, ::-1]))
    seen = BumpMeter(ahead, landmarks()).measure(pulls(moved, ahead)[1])[0, :N_LIP]
    in_mirror = BumpMeter(flipped, mirrored_landmarks()).measure(
        pulls(np.ascontiguousarray(moved[:, ::-1]), flipped)[1]
    )[0, :N_LIP]
    assert in_mirror[list(MIRRORED)] == pytest.approx(seen * MIRROR_SIGNS, abs=0.05)


def test_both_sides_that_move_apart_show_best_in_a_bump_of_the_mirror_kind():
    number = next(n for n, bump in enumerate(LIP_BUMPS) if bump.kind == "mirror")
    pair = LIP_BUMPS[number]
    right = place(LIP_BUMPS.index(Bump("one", -pair.along, 0.0, 0.1))) * 0.5
    right += 0.5 * place(LIP_BUMPS.index(Bump("one", -pair.along, 0.4, 0.1)))
    outwards = bell(place(number), pair.width_iod) - bell(right, pair.width_iod)
    told = measured(picture(outwards, 0.0))[:N_LIP, 0]
    both = LIP_BUMPS.index(Bump("both", pair.along, pair.up, pair.width_iod))
    assert told[number] == pytest.approx(1 / bumps._SEEN, rel=0.1)
    assert abs(told[both]) < 0.3 * told[number]
