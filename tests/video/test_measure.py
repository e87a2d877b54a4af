"""The whole way from a clip to its measurement."""

import json
import threading

import numpy as np
import pytest
from tests.clips import write_clip
from tests.films import SCENES, TWITCHES, pictures_of
from threadpoolctl import threadpool_info, threadpool_limits

from philtrum.video.measure import measure, measure_with_trace
from philtrum.video.scenario import draw_scene, film_scene
from philtrum.video.trace import read_trace, write_trace
from philtrum.video.zones import LIP, ZONES

TALKING = SCENES["talking"]
# Contract 1: the keys of schema `philtrum.measurement/1`, and no other.
KEYS = {
    "": "schema method clip quality twitches runs pattern summary excluded",
    "clip": "name sha256 duration_s n_frames fps width height codec",
    "quality": "verdict reasons face_visible_fraction iod_px noise_pct_iod detectable_pct_iod",
    "twitches": "onset_s apex_s offset_s amplitude_pct_iod amplitude_mm direction_deg side zones partners confidence",
    "runs": "start_s end_s pattern frequency_hz side n_twitches",
    "pattern": "label frequency_hz regularity why",
    "summary": "n_twitches rate_per_min observed_s time_twitching_fraction median_amplitude_pct_iod dominant_side",
    "excluded": "start_s end_s reason",
}


def test_every_twitch_is_found_once_with_its_time_side_and_size(measured):
    found = measured("twitching")[0].twitches
    assert len(found) == len(TWITCHES)
    for truth, twitch in zip(TWITCHES, found, strict=True):
        assert twitch.side == truth.side
        assert twitch.apex_s == pytest.approx(truth.apex_s, abs=0.05)
        assert twitch.onset_s == pytest.approx(truth.onset_s, abs=0.08)
        assert twitch.offset_s == pytest.approx(truth.offset_s, abs=0.1)
        # Simulated bumps have just the form that is fitted: what real ones lose is made up for all the same.
        assert 0.7 < twitch.amplitude_pct_iod / truth.amplitude_pct_iod < 1.45
        assert np.cos(np.radians(twitch.direction_deg - truth.direction_deg)) > 0.9
        assert set(twitch.zones) == set(LIP)


def test_the_eyelid_that_moves_along_is_told(measured):
    partners = [twitch.partners for twitch in measured("twitching")[0].twitches]
    assert "lower_eyelid_left" in partners[2]
    assert "lower_eyelid_right" not in partners[2]
    assert not any("eyelid" in partner for partner in (*partners[0], *partners[1]))


def test_runs_and_summary_agree_with_the_twitches(measured):
    measurement, _ = measured("twitching")
    assert sum(run.n_twitches for run in measurement.runs) == 3
    summary = measurement.summary
    assert (summary.n_twitches, summary.dominant_side) == (3, "left")
    assert 4 < summary.observed_s <= 6
    assert summary.rate_per_min == pytest.approx(60 * 3 / summary.observed_s, abs=0.01)
    assert 0 < summary.time_twitching_fraction < 0.5
    sizes = sorted(twitch.amplitude_pct_iod for twitch in measurement.twitches)
    assert summary.median_amplitude_pct_iod == sizes[1]


def test_a_still_face_has_no_twitch_and_says_how_small_a_one_it_could_have_shown(measured):
    measurement, trace = measured("still")
    assert (measurement.twitches, measurement.runs, measurement.excluded) == ((), (), ())
    assert measurement.pattern.label == "none"
    assert (measurement.summary.rate_per_min, measurement.summary.dominant_side) == (0.0, None)
    assert measurement.summary.observed_s == pytest.approx(6, abs=0.05)
    assert 0 < measurement.quality.noise_pct_iod < measurement.quality.detectable_pct_iod < 1
    assert (trace.score < 1).all()


def test_speech_smile_and_blink_are_no_twitches_and_their_time_is_left_out(measured):
    measurement, _ = measured("talking")
    assert measurement.twitches == ()
    assert {"speech", "smile"} <= {exclusion.reason for exclusion in measurement.excluded}
    for distractor in TALKING.distractors[:2]:
        middle_s = distractor.start_s + distractor.duration_s / 2
        spans = [exclusion for exclusion in measurement.excluded if exclusion.reason == distractor.kind]
        assert any(span.start_s <= middle_s < span.end_s for span in spans), distractor.kind
    assert measurement.summary.observed_s < TALKING.duration_s - 3


def test_no_twitch_lies_in_excluded_time_and_exclusions_are_in_order(measured):
    for name in ("twitching", "talking"):
        measurement, _ = measured(name)
        starts = [exclusion.start_s for exclusion in measurement.excluded]
        assert starts == sorted(starts)
        for exclusion in measurement.excluded:
            assert exclusion.start_s < exclusion.end_s
            assert not any(exclusion.start_s <= t.apex_s < exclusion.end_s for t in measurement.twitches)


def test_the_json_has_exactly_the_keys_of_the_schema(measured):
    measurement, _ = measured("twitching")
    plain = json.loads(measurement.to_json())
    assert plain["schema"] == "philtrum.measurement/1"
    for part, keys in KEYS.items():
        value = plain[part] if part else plain
        for row in value if isinstance(value, list) else [value]:
            assert list(row) == keys.split(), part
    assert [set(reason) for reason in plain["quality"]["reasons"]] == [{"id", "text", "advice"}]
    assert [exclusion.reason for exclusion in measured("talking")[0].excluded]  # so that its keys can be seen, too
    assert set(json.loads(measured("talking")[0].to_json())["excluded"][0]) == set(KEYS["excluded"].split())


def test_the_trace_has_a_row_per_frame_and_shows_the_twitches(measured):
    measurement, trace = measured("twitching")
    assert trace.zones == ZONES
    assert trace.displacement.shape == (measurement.clip.n_frames, len(ZONES), 2)
    for twitch in measurement.twitches:
        at = np.abs(trace.t_s - twitch.apex_s) < 0.07
        assert trace.score[at].max() > 1
        assert np.ptp(trace.zone(f"upper_lip_{twitch.side}")[np.abs(trace.t_s - twitch.apex_s) < 0.3, 1]) > 0.6


def test_a_measured_trace_comes_back_from_its_file(measured, tmp_path):
    trace = measured("twitching")[1]
    write_trace(trace, tmp_path / "trace.csv")
    read = read_trace(tmp_path / "trace.csv")
    assert read.zones == trace.zones
    assert read.displacement == pytest.approx(trace.displacement, abs=6e-5, nan_ok=True)


@pytest.fixture(scope="module")
def short(film, tmp_path_factory):
    """The first 2.5 s of the twitching clip: one twitch, on the left."""
    path = tmp_path_factory.mktemp("short") / "short.mp4"
    return write_clip(path, pictures_of(film("twitching"), 75))


def test_the_same_clip_gives_the_same_measurement_and_a_mirror_swaps_its_sides(short):
    (one, trace), (same, _) = measure_with_trace(short), measure_with_trace(short)
    assert one.to_json() == same.to_json()
    mirrored, turned = measure_with_trace(short, mirrored=True)
    assert [twitch.side for twitch in one.twitches] == ["left"]
    assert [twitch.side for twitch in mirrored.twitches] == ["right"]
    assert mirrored.twitches[0].apex_s == pytest.approx(one.twitches[0].apex_s, abs=0.01)
    assert turned.zone("upper_lip_right") == pytest.approx(trace.zone("upper_lip_left") * [-1, 1])


def test_progress_rises_from_nothing_to_all(short):
    told = []
    measure(short, on_progress=lambda share, stage: told.append((share, stage)))
    shares = [share for share, _ in told]
    assert shares[0] == 0 and shares[-1] == 1
    assert shares == sorted(shares) and len(set(shares)) > 3
    assert all(stage for _, stage in told)


def test_the_linear_algebra_has_one_thread_while_measuring_and_its_own_number_again_afterwards(short):
    def n_threads():
        return [library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"]

    seen = []
    with threadpool_limits(2, user_api="blas"):
        measure(short, on_progress=lambda share, stage: seen.append((stage, max(n_threads()))))
        assert max(n_threads()) == 2
    assert {n for stage, n in seen if stage == "following the face"} == {1}


def test_an_error_raised_by_progress_stops_the_measuring(short):
    told = []

    def stop(share, stage):
        told.append(share)
        if len(told) == 2:
            raise KeyboardInterrupt

    before = threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        measure(short, on_progress=stop)
    assert len(told) == 2
    assert threading.active_count() == before  # none goes on to read from the closed clip


def test_where_the_length_is_not_known_progress_says_so(short, tmp_path):
    live = write_clip(tmp_path / "live.mkv", pictures_of(short, 40), live=True)
    shares = []
    measure(live, on_progress=lambda share, stage: shares.append(share))
    assert shares[0] == 0 and shares[-1] == 1 and None in shares


def test_large_twitches_of_a_small_face_leave_no_echoes(tmp_path):
    scene = draw_scene(5, duration_s=10, seed=7)
    film_scene(tmp_path / "demo.mp4", scene)
    found = measure(tmp_path / "demo.mp4").twitches
    assert [twitch.apex_s for twitch in found] == pytest.approx([truth.apex_s for truth in scene.twitches], abs=0.1)
    assert [twitch.side for twitch in found] == [truth.side for truth in scene.twitches]
