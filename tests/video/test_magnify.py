"""A film for the eye: the twitch is seen at the promised size, and nothing else moves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from tests.clips import pattern, write_clip
from tests.films import IOD_PX, astronaut
from tests.measurements import QUIET, REFUSED, TWITCH, TWITCHING

from philtrum.errors import ClipError, ClipNotFoundError
from philtrum.video.film import FILM_FPS, HEIGHT, ORANGE, SLOWDOWN, STRIP, WIDTH, Film
from philtrum.video.magnify import CONTEXT_S, MAX_FACTOR, MAX_FILM_S, MIN_FACTOR, magnify, plan_film
from philtrum.video.measure import measure
from philtrum.video.measurement import Exclusion, Measurement, Run
from philtrum.video.simulate import Scene, SimTwitch, simulate_clip

TRUTH = SimTwitch(1.5, 0.2, 1.0, "left")
PX_PER_PCT_IOD = 5.12  # 640 px of the film are 1.25 eye distances
# Patches of the film's picture, (y, x): the left half of the upper lip, the ridge of the nose, the lower eyelids.
LIP, NOSE, LIDS = np.s_[300:380, 330:520], np.s_[150:210, 290:360], np.s_[10:60, 60:580]


@dataclass
class Shot:
    """A film and what it was made from."""

    clip: Path
    measurement: Measurement
    film: Film
    path: Path
    pictures: list[NDArray[np.uint8]]
    told: list[tuple[float | None, str]]

    def at(self, t_s: float) -> NDArray[np.uint8]:
        """Return the picture at a time of the clip."""
        return self.pictures[round((t_s - self.film.stretches[0][0]) * SLOWDOWN * FILM_FPS)]


@pytest.fixture(scope="module")
def shot(tmp_path_factory):
    """Return the film of a clip with one twitch of 1 % IOD, measured for real."""
    folder = tmp_path_factory.mktemp("magnify")
    clip = simulate_clip(folder / "lip.mp4", astronaut(), Scene(3.2, twitches=(TRUTH,), seed=3), iod_px=IOD_PX)
    measurement = measure(clip)
    told = []
    film = magnify(clip, measurement, folder / "film.mp4", on_progress=lambda *step: told.append(step))
    return Shot(clip, measurement, film, folder / "film.mp4", read_pictures(folder / "film.mp4"), told)


def read_pictures(path):
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def moved(rest, picture):
    """Return the displacement of every point between two pictures of a film, % IOD, by OpenCV's own flow."""
    flow = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    flow.setFinestScale(0)
    grey = [cv2.cvtColor(one[:HEIGHT], cv2.COLOR_RGB2GRAY) for one in (rest, picture)]
    return flow.calc(*grey, None) / PX_PER_PCT_IOD


def size(displacement, share=99):
    return float(np.percentile(np.linalg.norm(displacement, axis=-1), share))


def with_twitches(*twitches, **values):
    duration_s = values.pop("duration_s", 10.0)
    clip = replace(TWITCHING.clip, duration_s=duration_s)
    return replace(TWITCHING, clip=clip, twitches=twitches, runs=(), excluded=(), **values)


def twitch_at(onset_s, amplitude_pct_iod=1.5):
    return replace(
        TWITCH, onset_s=onset_s, apex_s=onset_s + 0.1, offset_s=onset_s + 0.25, amplitude_pct_iod=amplitude_pct_iod
    )


# --- What is shown


def test_each_twitch_is_shown_with_half_a_second_before_and_after():
    film = plan_film(with_twitches(twitch_at(2.0), twitch_at(6.0)))
    assert film.stretches == ((1.5, 2.75), (5.5, 6.75))
    assert film.duration_s == pytest.approx(SLOWDOWN * 2.5)


def test_twitches_close_together_are_one_stretch_and_the_clips_ends_are_kept():
    film = plan_film(with_twitches(twitch_at(0.1), twitch_at(0.9), twitch_at(9.7)))
    assert film.stretches == ((0.0, 1.65), (9.2, 10.0))


def test_a_run_is_shown_whole_even_where_no_single_beat_was_found():
    run = Run(3.0, 6.0, "undulating", 3.0, "left", 0)
    film = plan_film(replace(QUIET, runs=(run,)))
    assert film.stretches == ((3.0 - CONTEXT_S, 6.0 + CONTEXT_S),)


@pytest.mark.parametrize("amplitude_pct_iod", [0.32, 0.5, 0.8, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0])
def test_the_typical_twitch_is_shown_6_to_10_percent_of_the_eye_distance_large(amplitude_pct_iod):
    film = plan_film(with_twitches(*[twitch_at(onset_s, amplitude_pct_iod) for onset_s in (1, 3, 5)]))
    assert 6 <= film.factor * amplitude_pct_iod <= 10


def test_one_large_twitch_among_small_ones_is_not_blown_up():
    film = plan_film(with_twitches(twitch_at(1, 0.5), twitch_at(3, 0.5), twitch_at(5, 4.0)))
    assert film.factor * 4.0 <= 12


@pytest.mark.parametrize(("amplitude_pct_iod", "factor"), [(0.1, MAX_FACTOR), (8.0, MIN_FACTOR)])
def test_the_factor_stays_within_its_bounds(amplitude_pct_iod, factor):
    assert plan_film(with_twitches(twitch_at(1, amplitude_pct_iod))).factor == factor


def test_a_film_lasts_a_minute_at_most_and_busy_stretches_go_first():
    lonely = [twitch_at(2.0 * n) for n in range(30)]
    busy = [twitch_at(100 + 0.5 * n) for n in range(10)]
    film = plan_film(with_twitches(*lonely, *busy, duration_s=120.0))
    assert 50 < film.duration_s <= MAX_FILM_S + 1
    assert film.stretches[-1] == (99.5, 105.25)
    assert list(film.stretches) == sorted(film.stretches)
    assert len(busy) < film.n_twitches < len(lonely)


def test_certain_twitches_go_before_doubtful_ones():
    doubtful = [replace(twitch_at(2.0 * n), confidence=0.6) for n in range(20)]
    certain = [twitch_at(50.0 + 2 * n) for n in range(12)]
    film = plan_film(with_twitches(*doubtful, *certain, duration_s=90.0))
    assert film.stretches[0][0] > 40
    assert film.n_twitches == 12


def test_a_run_longer_than_the_film_is_cut_short():
    film = plan_film(
        replace(QUIET, clip=replace(QUIET.clip, duration_s=90.0), runs=(Run(5, 80, "rhythmic", 5, "left", 0),))
    )
    assert film.stretches == ((4.5, 19.5),)


def test_of_a_clip_without_twitches_the_longest_quiet_stretch_is_shown_as_little_magnified_as_is_useful():
    gaps = (Exclusion(1.0, 2.0, "speech"), Exclusion(1.5, 2.5, "smile"), Exclusion(6.5, 7.0, "blink"))
    film = plan_film(replace(QUIET, excluded=gaps))
    assert (film.stretches, film.factor, film.n_twitches) == (((2.5, 6.5),), MIN_FACTOR, 0)


def test_a_refused_clip_is_an_error_that_says_what_to_do_next(tmp_path):
    with pytest.raises(ClipError) as caught:
        magnify("lip.mp4", REFUSED, tmp_path / "film.mp4")
    assert (caught.value.id, caught.value.next_step) == ("magnify-refused", REFUSED.quality.reasons[0].advice)
    assert list(tmp_path.iterdir()) == []


def test_a_measurement_and_its_plain_data_give_the_same_film():
    assert plan_film(TWITCHING) == plan_film(TWITCHING.to_dict())


# --- How it looks


def test_a_twitch_of_1_percent_is_shown_as_many_times_larger_as_the_film_says(shot):
    # Flow between pictures of the film, against the truth that was put into the clip. Tolerance: 10 % for the measured
    # amplitude that sets the scale, 10 % for the cells' windows and the two flows, both of which smooth a peak.
    times_s = np.arange(TRUTH.onset_s, TRUTH.offset_s, 1 / 30)
    shown = [size(moved(shot.at(TRUTH.onset_s - 0.2), shot.at(t_s))[LIP]) for t_s in times_s]
    truth = max(TRUTH.course(t_s) for t_s in np.arange(0, 3, 1 / 30)) * TRUTH.amplitude_pct_iod
    assert max(shown) == pytest.approx(shot.film.factor * truth, rel=0.2)


def test_nose_and_eyelids_are_held_still_while_the_lip_twitches(shot):
    during = moved(shot.at(TRUTH.onset_s - 0.2), shot.at(TRUTH.apex_s))
    assert np.abs(np.median(during[NOSE].reshape(-1, 2), axis=0)).max() < 0.2
    assert size(during[LIDS], 95) < 0.6


def test_the_resting_lip_does_not_shiver(shot):
    times_s = np.arange(TRUTH.offset_s + 0.15, shot.film.stretches[0][1] - 0.1, 1 / 60)
    places = [np.median(moved(shot.at(times_s[0]), shot.at(t_s))[LIP].reshape(-1, 2), axis=0) for t_s in times_s]
    assert np.abs(np.diff(places, axis=0)).max() < 0.15, "the lip jumps from picture to picture"
    assert np.ptp(places, axis=0).max() < 0.6, "the lip drifts"


def test_a_twitch_is_marked_as_long_as_it_lasts(shot):
    twitch = shot.measurement.twitches[0]
    start_s, end_s = shot.film.stretches[0]
    for t_s, is_marked in [
        (twitch.onset_s - 0.05, False),
        (twitch.onset_s + 0.02, True),
        (twitch.apex_s, True),
        (twitch.offset_s - 0.02, True),
        (twitch.offset_s + 0.05, False),
    ]:
        if start_s <= t_s < end_s:
            bar = shot.at(t_s)[HEIGHT + 2, WIDTH // 2].astype(int)
            assert (np.abs(bar - ORANGE).max() < 25) == is_marked, t_s


def test_the_twitch_is_not_torn(shot):
    apex, rest = shot.at(TRUTH.apex_s)[:HEIGHT], shot.at(TRUTH.onset_s - 0.2)[:HEIGHT]
    assert cv2.Laplacian(apex, cv2.CV_32F).std() < 1.3 * cv2.Laplacian(rest, cv2.CV_32F).std()


def test_time_that_was_not_judged_is_shown_as_it_was(shot, tmp_path):
    gap = Exclusion(TRUTH.onset_s - 0.1, TRUTH.offset_s + 0.2, "speech")
    film = magnify(shot.clip, replace(shot.measurement, excluded=(gap,)), tmp_path / "film.mp4")
    pictures = replace(shot, film=film, pictures=read_pictures(tmp_path / "film.mp4"))
    during = moved(pictures.at(TRUTH.onset_s - 0.2), pictures.at(TRUTH.apex_s))
    assert size(during[LIP]) < 1.6 * TRUTH.amplitude_pct_iod


# --- The file


def test_the_film_is_h264_that_browsers_play_without_sound_and_without_metadata(shot):
    with av.open(str(shot.path)) as container:
        stream = container.streams.video[0]
        assert len(container.streams) == 1
        assert (stream.codec.canonical_name, stream.pix_fmt) == ("h264", "yuv420p")
        assert (stream.width, stream.height) == (WIDTH, HEIGHT + STRIP)
        assert set(container.metadata) <= {"major_brand", "minor_version", "compatible_brands"}
        assert set(stream.metadata) <= {"language", "handler_name"}
    head = shot.path.read_bytes()
    assert head.index(b"moov") < head.index(b"mdat"), "a browser would have to load all of it first"
    assert b"lip.mp4" not in head


def test_the_film_lasts_as_long_as_its_stretches_slowed_down(shot):
    start_s, end_s = shot.film.stretches[0]
    with av.open(str(shot.path)) as container:
        assert container.duration / av.time_base == pytest.approx(SLOWDOWN * (end_s - start_s), abs=1 / FILM_FPS)
    assert len(shot.pictures) == shot.film.n_pictures


def test_the_same_clip_gives_the_same_bytes(shot, tmp_path):
    assert magnify(str(shot.clip), shot.measurement.to_dict(), tmp_path / "again.mp4") == shot.film
    assert (tmp_path / "again.mp4").read_bytes() == shot.path.read_bytes()


@pytest.mark.parametrize("share", [0.0, 0.6])
def test_whoever_follows_the_progress_can_stop_it_and_nothing_is_half_written(shot, tmp_path, share):
    target = tmp_path / "film.mp4"
    target.write_text("an older film")

    def stop(done, stage):
        if done >= share:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        magnify(shot.clip, shot.measurement, target, on_progress=stop)
    assert target.read_text() == "an older film"
    assert list(tmp_path.iterdir()) == [target]


def test_progress_rises_from_nothing_to_done(shot):
    shares = [share for share, _ in shot.told]
    assert shares == sorted(shares)
    assert shot.told[-1] == (1.0, "done")
    assert {stage for _, stage in shot.told} == {"following the lip", "drawing the film", "done"}


def test_the_clip_is_never_overwritten_by_its_film(shot):
    before = shot.clip.read_bytes()
    with pytest.raises(ClipError, match=r"magnify-onto-clip"):
        magnify(shot.clip, shot.measurement, shot.clip)
    assert shot.clip.read_bytes() == before


def test_a_measurement_of_another_clip_is_noticed(shot, tmp_path):
    other = write_clip(tmp_path / "other.mp4", pattern(128, 96, n_frames=90))
    with pytest.raises(ClipError, match=r"magnify-other-clip"):
        magnify(other, shot.measurement, tmp_path / "film.mp4")
    with pytest.raises(ClipNotFoundError, match=r"clip-not-found"):
        magnify(tmp_path / "none.mp4", shot.measurement, tmp_path / "film.mp4")
    assert list(tmp_path.iterdir()) == [other]


def test_a_face_that_is_lost_on_the_way_does_not_stop_the_film(shot, tmp_path):
    pictures = read_pictures(shot.clip)
    blank = np.full_like(pictures[0], 90)
    clip = write_clip(tmp_path / "lost.mp4", [*pictures[:40], *[blank] * 20, *pictures[60:]])
    film = magnify(clip, shot.measurement, tmp_path / "film.mp4")
    assert len(read_pictures(tmp_path / "film.mp4")) == film.n_pictures
