"""Drawing a film: cuts and gaps are seen as what they are, and nothing is moved further than a face can bear."""

from __future__ import annotations

import numpy as np
import pytest
from tests.measurements import QUIET

from philtrum.video.clip import frame_from_rgb
from philtrum.video.film import HEIGHT, MOST_ADDED_PCT_IOD, STRIP, WIDTH, Film, Track, draw_pictures

PX_PER_PCT_IOD = 5.12
CELLS = (30, 32)
TO_FRAME = np.array([[1.0, 0, 0], [0, 1.0, 0]])


def draw(greys, times_s, *stretches, factor=4, movement_pct_iod=0.0, picture=None):
    """Return the pictures of a film of even grey frames, or of one picture, whose cells all moved down alike."""
    pictures = [np.full((HEIGHT, WIDTH, 3), grey, np.uint8) if picture is None else picture for grey in greys]
    frames = [frame_from_rgb(one, index=n, t_s=t_s) for n, (one, t_s) in enumerate(zip(pictures, times_s, strict=True))]
    movement = np.zeros((len(frames), *CELLS, 2), np.float32)
    movement[..., 1] = movement_pct_iod
    track = Track(np.array(times_s), np.array([TO_FRAME] * len(frames)), movement)
    return list(draw_pictures(frames, Film(factor, stretches, 0), track, QUIET.to_dict()))


def brightness(pictures):
    return [float(picture[:HEIGHT].mean()) for picture in pictures]


def test_a_film_dips_to_dark_where_it_is_cut_but_not_at_its_ends():
    times_s = np.arange(60) / 30
    bright = brightness(draw([200] * 60, times_s, (0.0, 0.5), (1.0, 1.5)))
    assert bright[0] == bright[-1] == bright[30] == pytest.approx(200, abs=2)
    assert max(bright[59:61]) < 40


def test_between_two_frames_the_film_blends_evenly():
    bright = brightness(draw([100, 180], [0.0, 0.1], (0.0, 0.1)))
    assert np.diff(bright) == pytest.approx([80 / 12] * 11, abs=1.5)


def test_frames_far_apart_are_not_blended():
    bright = brightness(draw([100, 180], [0.0, 1.0], (0.0, 1.0)))
    assert {round(value / 10) for value in bright} == {10, 18}


def test_a_stretch_that_begins_before_the_first_frame_or_ends_after_the_last_holds_them():
    bright = brightness(draw([100, 180], [1.0, 1.1], (0.9, 1.2)))
    assert bright[0] == pytest.approx(100, abs=2)
    assert bright[-1] == pytest.approx(180, abs=2)


@pytest.mark.parametrize("factor", [2, 6, 10])
def test_a_movement_is_shown_as_many_times_larger_as_the_factor_says(factor):
    # The picture holds the movement once already; the rest is added.
    shift_px = line_y(factor=factor, movement_pct_iod=1.0) - line_y(factor=factor, movement_pct_iod=0.0)
    assert shift_px == pytest.approx((factor - 1) * PX_PER_PCT_IOD, abs=0.6)


def test_no_point_is_moved_further_than_a_face_can_bear():
    shift_px = line_y(factor=20, movement_pct_iod=5.0) - line_y(factor=20, movement_pct_iod=0.0)
    assert 0.9 * MOST_ADDED_PCT_IOD < shift_px / PX_PER_PCT_IOD <= MOST_ADDED_PCT_IOD + 0.1


def line_y(**values):
    """Return where a film shows a white line that lies across the middle of the frame."""
    picture = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    picture[HEIGHT // 2 - 2 : HEIGHT // 2 + 3] = 255
    shown = draw([0], [0.0], (0.0, 0.01), picture=picture, **values)[0]
    assert shown.shape == (HEIGHT + STRIP, WIDTH, 3)
    profile = shown[:HEIGHT, WIDTH // 2, 0].astype(float)
    return float((profile * np.arange(HEIGHT)).sum() / profile.sum())
