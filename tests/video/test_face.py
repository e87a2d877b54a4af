"""Finding and following a face."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from tests.films import astronaut, drawing, side_by_side

from philtrum.video.face import (
    N_LANDMARKS,
    OUTER_EYE_LEFT,
    OUTER_EYE_RIGHT,
    RECOUNT_S,
    Face,
    FaceFinder,
    FaceTracker,
    box_around,
)
from philtrum.video.frame import frame_from_rgb

TURNS = {0: None, 90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, -90: cv2.ROTATE_90_COUNTERCLOCKWISE}


@pytest.fixture(scope="module")
def finder():
    return FaceFinder()


def frame_of(picture, t_s=0.0):
    return frame_from_rgb(np.ascontiguousarray(picture), t_s=t_s)


def turned(picture, degrees):
    return picture if TURNS[degrees] is None else cv2.rotate(picture, TURNS[degrees])


def test_a_face_is_found_with_all_landmarks_and_a_plausible_size(finder):
    face = FaceTracker(finder).update(frame_of(astronaut()))
    assert face.landmarks.shape == (N_LANDMARKS, 3)
    assert face.presence > 0.9
    assert face.iod_px == pytest.approx(62, rel=0.05)  # the corners lie 62 px apart, measured by hand
    assert abs(face.roll_deg) < 8 and abs(face.yaw_deg) < 15 and abs(face.pitch_deg) < 20


def test_left_is_the_persons_left(finder):
    face = FaceTracker(finder).update(frame_of(astronaut()))
    assert face.landmarks[OUTER_EYE_LEFT, 0] > face.landmarks[OUTER_EYE_RIGHT, 0]


@pytest.mark.parametrize("degrees", [90, 180, -90])
def test_a_turned_picture_shows_the_same_face_turned(finder, degrees):
    picture = astronaut()
    upright = FaceTracker(finder).update(frame_of(picture))
    face = FaceTracker(finder).update(frame_of(turned(picture, degrees)))
    off = (face.roll_deg - upright.roll_deg - degrees + 180) % 360 - 180
    assert abs(off) < 3
    assert face.iod_px == pytest.approx(upright.iod_px, rel=0.04)
    assert face.pitch_deg == pytest.approx(upright.pitch_deg, abs=5)


@pytest.mark.parametrize("shape", [(300, 900), (900, 300)])
def test_a_small_face_in_a_long_picture_is_found(finder, shape):
    picture = np.full((*shape, 3), 120, np.uint8)
    picture[40:250, 50:270] = astronaut()
    face = FaceTracker(finder).update(frame_of(picture))
    assert face.iod_px == pytest.approx(62, rel=0.06)


@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((240, 320, 3), np.uint8),
        np.full((240, 320, 3), 255, np.uint8),
        np.random.default_rng(1).integers(0, 256, (240, 320, 3), np.uint8),
        drawing(),
        np.zeros((2, 2, 3), np.uint8),
    ],
    ids=["black", "white", "noise", "drawing", "tiny"],
)
def test_where_there_is_no_face_none_is_found(finder, picture):
    tracker = FaceTracker(finder)
    assert tracker.update(frame_of(picture)) is None
    assert (tracker.n_looks, tracker.n_crowded) == (1, 0)


def test_the_larger_of_two_faces_is_kept_and_the_other_one_counted(finder):
    picture = side_by_side(0.8)
    tracker = FaceTracker(finder)
    face = tracker.update(frame_of(picture))
    assert face.landmarks[:, 0].mean() > 0.8 * astronaut().shape[1]
    assert face.iod_px == pytest.approx(62, rel=0.06)
    assert (tracker.n_counts, tracker.n_crowded) == (1, 1)


def test_of_two_equal_faces_the_more_central_is_kept(finder):
    face, width = astronaut(), astronaut().shape[1]
    picture = np.hstack([face, face, np.full_like(face, 90)])
    assert FaceTracker(finder).update(frame_of(picture)).landmarks[:, 0].mean() > width


def test_a_face_that_is_followed_stays_the_same_when_a_larger_one_comes(finder):
    small = side_by_side(0.7)
    alone = small.copy()
    alone[:, -astronaut().shape[1] :] = 90
    tracker = FaceTracker(finder)
    first = tracker.update(frame_of(alone))
    later = tracker.update(frame_of(small, t_s=2 * RECOUNT_S))
    assert np.abs(later.landmarks - first.landmarks).max() < 3
    assert tracker.n_crowded == 1


def test_a_single_face_is_not_crowded(finder):
    tracker = FaceTracker(finder)
    for n in range(3):
        tracker.update(frame_of(astronaut(), t_s=n * RECOUNT_S))
    assert (tracker.n_looks, tracker.n_counts, tracker.n_crowded) == (3, 3, 0)


def test_landmarks_follow_a_picture_that_shifts(finder):
    tracker = FaceTracker(finder)
    first = tracker.update(frame_of(astronaut()))
    for n in range(1, 6):
        face = tracker.update(frame_of(np.roll(astronaut(), (2 * n, -3 * n), axis=(0, 1)), t_s=n / 30))
    assert tracker.n_counts == 1  # followed, not searched for
    moved = (face.landmarks - first.landmarks)[:, :2]
    assert moved.mean(axis=0) == pytest.approx([-15, 10], abs=0.02 * first.iod_px)


def test_a_lost_face_is_found_again_elsewhere(finder):
    tracker = FaceTracker(finder)
    wide = np.full((210, 660, 3), 90, np.uint8)
    left, right = wide.copy(), wide.copy()
    left[:, :220], right[:, -220:] = astronaut(), astronaut()
    assert tracker.update(frame_of(left)) is not None
    assert tracker.update(frame_of(wide, t_s=0.1)) is None
    assert tracker.update(frame_of(right, t_s=0.2)).landmarks[:, 0].min() > 440


def test_the_box_for_the_next_look_holds_the_whole_face(finder):
    face = FaceTracker(finder).update(frame_of(turned(astronaut(), 90)))
    box = box_around(face)
    assert (np.hypot(*(face.landmarks[:, :2] - [box.x, box.y]).T) <= box.size * np.sqrt(0.5) + 1e-6).all()
    assert np.degrees(box.roll) == pytest.approx(face.roll_deg)


def test_pose_angles_have_the_stated_signs():
    points = np.zeros((N_LANDMARKS, 3))
    points[234], points[454], points[10], points[152] = (-1, 0, 0), (1, 0, 0), (0, -1, 0), (0, 1, 0)
    points[33], points[263] = (-0.5, -0.2, 0), (0.5, -0.2, 0)
    straight = Face(points, 1.0)
    assert (straight.yaw_deg, straight.pitch_deg, straight.roll_deg) == (0, 0, 0)
    to_the_left = points.copy()
    to_the_left[454, 2], to_the_left[234, 2] = 1, -1  # the left cheek goes away from the camera
    assert replace(straight, landmarks=to_the_left).yaw_deg == pytest.approx(45)
    up = points.copy()
    up[152, 2], up[10, 2] = -1, 1  # the chin comes towards the camera
    assert replace(straight, landmarks=up).pitch_deg == pytest.approx(45)
