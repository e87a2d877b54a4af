"""A face held still: crops, and the displacement of their cells."""

from functools import cache

import numpy as np
import pytest
from tests.films import frames_of

from philtrum.video.crop import look_at
from philtrum.video.face import FaceFinder, FaceTracker
from philtrum.video.simulate import Scene, SimTwitch
from philtrum.video.stabilise import CELLS, N_LINKS, Block, coverage, stabilise
from philtrum.video.zones import LIP, REFERENCE, ZONES

FPS = 30.0
SCENE = Scene(2.5, twitches=(SimTwitch(0.4, 0.3, 3.0, "left"),), sway_pct_iod=2.0, seed=5)


@cache
def blocks():
    return list(stabilise(look_at(frames_of(SCENE), FaceTracker(FaceFinder()), FPS), FPS))


def test_blocks_last_about_a_second_and_hold_every_frame_once():
    times_s = [t_s for block in blocks() for t_s in block.times_s]
    assert [len(block.times_s) for block in blocks()] == [30, 30, 15]
    assert times_s == pytest.approx(np.arange(75) / FPS)


def test_the_skull_stands_still_in_the_crops():
    first, second, _ = blocks()
    bone = coverage(REFERENCE, first.landmarks).sum(axis=0) > 0.5
    assert np.abs(first.displacement[:, bone]).mean() < 0.1
    moved = np.ptp(first.to_frame[:, :2, 2], axis=0)
    assert moved.max() > 1.0  # pixels: the head did move
    assert first.crops[0].shape == second.crops[0].shape


def test_the_last_frames_of_a_block_are_measured_again_by_the_next():
    first, second, third = blocks()
    assert (len(first.linking), len(second.linking), len(third.linking)) == (0, N_LINKS, N_LINKS)
    step = first.displacement[-N_LINKS:] - second.linking
    assert np.abs(step - step.mean(axis=0)).mean() < 0.1


def test_frames_without_a_face_come_as_their_times_and_displacement_starts_anew():
    frames = list(frames_of(SCENE))
    looks = list(look_at(frames, FaceTracker(FaceFinder()), FPS))
    blank = [look if not 30 <= n < 45 else type(look)(look.t_s, None) for n, look in enumerate(looks)]
    parts = list(stabilise(blank, FPS))
    lost = [part for part in parts if not isinstance(part, Block)]
    assert sum(map(len, lost)) == 15
    after = parts[parts.index(lost[-1]) + 1]
    assert isinstance(after, Block) and len(after.linking) == 0


def test_coverage_is_a_share_and_zones_of_the_lip_do_not_overlap():
    cover = coverage(ZONES, blocks()[0].landmarks)
    assert cover.shape == (len(ZONES), *CELLS)
    assert cover.min() >= 0 and cover.max() <= 1
    assert coverage(LIP, blocks()[0].landmarks).sum(axis=0).max() < 1.3  # the border line belongs to both
