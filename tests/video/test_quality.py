"""Verdict and advice."""

from dataclasses import replace

import numpy as np
import pytest
from tests.measurements import CLIP
from tests.motions import lost, still

from philtrum.video.quality import Findings, assess_quality, is_refused_early

MOTION = still(30)
CLIP_30_S = replace(CLIP, duration_s=30.0, n_frames=900)
GOOD = Findings(CLIP_30_S, MOTION, 29.0, 0, 0.0, 900 * 1080 * 1920 // 80, 0.05, 0.3)


def turned(degrees):
    pose = MOTION.pose_deg.copy()
    pose[:, 2] = degrees
    return replace(MOTION, pose_deg=pose)


def filled(name, value):
    return replace(MOTION, **{name: np.full(900, value)})


REFUSALS = {
    "clip-too-slow": replace(GOOD, clip=replace(CLIP_30_S, fps=12.0)),
    "no-face": replace(GOOD, motion=lost(MOTION, 0, 31)),
    "face-too-small": replace(GOOD, motion=filled("iod_px", 50.0)),
    "too-little-to-judge": replace(GOOD, observed_s=1.0),
}
REMARKS = {
    "several-faces": replace(GOOD, crowded_fraction=0.5),
    "face-often-lost": replace(GOOD, motion=lost(MOTION, 10, 20), observed_s=20.0),
    "picture-turned": replace(GOOD, motion=turned(180.0)),
    "face-small": replace(GOOD, motion=filled("iod_px", 80.0)),
    "face-dark": replace(GOOD, motion=filled("brightness", 20.0)),
    "much-movement": replace(GOOD, observed_s=15.0),
    "clip-short": replace(GOOD, clip=replace(CLIP, duration_s=8.0), observed_s=8.0),
    "strongly-compressed": replace(GOOD, size_bytes=900 * 1080 * 1920 // 800),
    "clip-noisy": replace(GOOD, detectable_pct_iod=1.4),
    "clip-slow": replace(GOOD, clip=replace(CLIP_30_S, fps=20.0)),
    "clip-damaged": replace(GOOD, n_corrupt=2),
}


def test_a_clip_without_any_fault_is_good():
    quality = assess_quality(GOOD)
    assert (quality.verdict, quality.reasons) == ("good", ())
    assert (quality.face_visible_fraction, quality.iod_px) == (1.0, 120.0)
    assert (quality.noise_pct_iod, quality.detectable_pct_iod) == (0.05, 0.3)


@pytest.mark.parametrize("id", REFUSALS)
def test_what_makes_a_clip_useless_refuses_it_for_one_reason(id):
    quality = assess_quality(REFUSALS[id])
    assert quality.verdict == "refused"
    assert [reason.id for reason in quality.reasons] == [id]


@pytest.mark.parametrize("id", REMARKS)
def test_what_limits_a_clip_leaves_it_usable(id):
    quality = assess_quality(REMARKS[id])
    assert quality.verdict == "usable"
    assert [reason.id for reason in quality.reasons] == [id]


@pytest.mark.parametrize("findings", [*REFUSALS.values(), *REMARKS.values()], ids=[*REFUSALS, *REMARKS])
def test_every_reason_says_what_was_seen_and_what_to_do(findings):
    for reason in assess_quality(findings).reasons:
        assert reason.text.endswith(".") and reason.advice.endswith(".")
        assert "nan" not in reason.text


def test_the_other_person_comes_before_anything_else():
    everything = replace(GOOD, crowded_fraction=1.0, n_corrupt=1, observed_s=5.0, detectable_pct_iod=2.0)
    ids = [reason.id for reason in assess_quality(everything).reasons]
    assert ids[0] == "several-faces"
    assert len(ids) == 5


@pytest.mark.parametrize("degrees", [-90.0, 90.0, 180.0, -175.0])
def test_a_picture_on_its_side_is_turned_and_a_tilted_head_is_not(degrees):
    assert [reason.id for reason in assess_quality(replace(GOOD, motion=turned(degrees))).reasons] == ["picture-turned"]
    assert assess_quality(replace(GOOD, motion=turned(degrees / 9))).verdict == "good"


def test_time_without_a_face_is_not_called_movement():
    findings = replace(GOOD, motion=lost(MOTION, 0, 12), observed_s=17.0)
    assert [reason.id for reason in assess_quality(findings).reasons] == ["face-often-lost"]


def test_no_frame_at_all_is_no_face():
    quality = assess_quality(replace(GOOD, motion=still(0), noise_pct_iod=None, detectable_pct_iod=None))
    assert [reason.id for reason in quality.reasons] == ["no-face"]
    assert (quality.face_visible_fraction, quality.iod_px) == (0.0, None)


@pytest.mark.parametrize(("fps", "is_refused"), [(14.9, True), (15.0, False), (30.0, False)])
def test_only_a_rate_too_low_spares_the_search(fps, is_refused):
    assert is_refused_early(fps) is is_refused
