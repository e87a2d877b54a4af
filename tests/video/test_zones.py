"""Zones on the astronaut's face and on a face made symmetric."""

import numpy as np
import pytest
from tests.films import large_face

from philtrum.video.zones import LIP, POLYGONS, REFERENCE, ZONES, polygon, zone_mask

SCALE = 4  # so that the edges' pixels weigh little
SHAPE = (390 * SCALE, 410 * SCALE)
PAIRS = sorted(zone.removesuffix("_left") for zone in ZONES if zone.endswith("_left"))
# Inner edge of the mesh's upper lip: the seam.
SEAM = [78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308]


@pytest.fixture(scope="module")
def landmarks():
    return SCALE * large_face()[1].landmarks


def area(corners):
    x, y = corners.T
    return 0.5 * abs(x @ np.roll(y, 1) - y @ np.roll(x, 1))


@pytest.mark.parametrize("name", PAIRS)
def test_a_zone_lies_where_its_partner_would_be_in_a_mirror(landmarks, name):
    left, right = polygon(f"{name}_left", landmarks), polygon(f"{name}_right", landmarks)
    iod = np.linalg.norm(landmarks[263] - landmarks[33])
    across = (landmarks[263] - landmarks[33])[:2] / np.linalg.norm((landmarks[263] - landmarks[33])[:2])
    middle = (landmarks[263] + landmarks[33])[:2] / 2

    def in_face(corners):
        return (corners - middle) @ np.column_stack([across, [-across[1], across[0]]]) / iod

    off = in_face(left) * [-1, 1] - in_face(right)
    assert np.abs(off).max() < 0.2  # a real face is not quite symmetric and hers is turned a little
    assert in_face(left)[:, 0].mean() > 0.1 > -0.1 > in_face(right)[:, 0].mean()


@pytest.mark.parametrize("name", PAIRS)
def test_both_sides_use_landmarks_of_their_own(name):
    def numbers(zone):
        return {number for corner in POLYGONS[zone] for number in np.atleast_1d(corner).tolist()}

    assert len(POLYGONS[f"{name}_left"]) == len(POLYGONS[f"{name}_right"])
    assert numbers(f"{name}_left").isdisjoint(numbers(f"{name}_right"))


@pytest.mark.parametrize("zone", ZONES)
def test_every_zone_is_a_patch_of_some_size(landmarks, zone):
    mask = zone_mask(zone, landmarks, SHAPE)
    iod = np.linalg.norm(landmarks[263] - landmarks[33])
    assert 0.005 < mask.sum() / iod**2 < 0.4
    assert mask.sum() == pytest.approx(area(polygon(zone, landmarks)), rel=0.15)  # no polygon crosses itself


@pytest.mark.parametrize("zone", LIP)
def test_no_zone_of_the_upper_lip_touches_the_seam(landmarks, zone):
    mask = zone_mask(zone, landmarks, SHAPE)
    seam = np.round(landmarks[SEAM, :2]).astype(int)
    assert not mask[seam[:, 1], seam[:, 0]].any()


def test_the_lower_lip_and_the_chin_lie_below_the_mouth(landmarks):
    mouth = landmarks[[13, 14, 17], 1]
    assert polygon("lower_lip", landmarks)[:, 1].min() > mouth.min()
    assert polygon("lower_lip", landmarks)[:, 1].mean() > mouth.max()
    assert polygon("chin", landmarks)[:, 1].mean() > polygon("lower_lip", landmarks)[:, 1].mean()


@pytest.mark.parametrize("zone", REFERENCE)
def test_what_head_motion_is_measured_from_lies_off_the_lip_and_the_eyelids(landmarks, zone):
    mask = zone_mask(zone, landmarks, SHAPE)
    moving = [z for z in ZONES if z.startswith(("upper_lip", "philtrum", "mouth", "lower", "upper_eyelid", "chin"))]
    for other in moving:
        assert not (mask & zone_mask(other, landmarks, SHAPE)).any(), other


def test_the_parts_of_the_lip_do_not_overlap_by_more_than_their_edges(landmarks):
    total = sum(zone_mask(zone, landmarks, SHAPE).astype(int) for zone in LIP)
    assert (total > 1).sum() < 0.05 * (total > 0).sum()


def test_zones_move_with_the_landmarks(landmarks):
    assert polygon("philtrum", np.add(landmarks, [5, -3, 0])) == pytest.approx(
        np.add(polygon("philtrum", landmarks), [5, -3])
    )
