"""What noise remembers, and how far it reaches out, in noise whose nature is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter1d

from philtrum.video.noise import FALSE_PER_MIN, LEVEL, Memory, estimate_memory, limit, spread, unrest

FPS = 30.0
N, CHANNELS = 3000, 24
QUIET = np.ones(N, bool)


def white(seed=0, n=N, n_channels=CHANNELS):
    return np.random.default_rng(seed).normal(0, 1, (n, n_channels))


def walk(per_s=1.0, seed=1, n=N):
    """Random walk: variance grows by `per_s` a second."""
    return np.cumsum(np.sqrt(per_s / FPS) * white(seed, n), axis=0)


def filters(n=15):
    """Filters that add to 0: a difference, a step, a pulse on a straight base line."""
    t = np.arange(n) - n // 2
    design = np.column_stack([np.exp(-((t / 2) ** 2)), np.ones(n), t])
    return {
        "difference": np.eye(n)[0] - np.eye(n)[n // 2],
        "step": np.repeat([-1.0, 0.0, 1.0], [n // 2, 1, n // 2]) / (n // 2),
        "pulse": np.linalg.pinv(design)[0],
    }


NOISES = {
    "white": 0.5 * white(),
    "walk": walk(2.0),
    "both": 0.3 * white() + walk(0.8),
}


def variance_by(memory, kernel):
    return float(kernel @ memory.covariance(np.arange(len(kernel)) / FPS) @ kernel)


@pytest.mark.parametrize("noise", NOISES)
@pytest.mark.parametrize("kernel", filters())
def test_the_estimated_memory_gives_the_variance_of_what_filters_let_through(noise, kernel):
    weights = filters()[kernel]
    memory = estimate_memory(NOISES[noise], QUIET, FPS)
    through = np.apply_along_axis(np.convolve, 0, NOISES[noise], weights[::-1], "valid")
    assert variance_by(memory, weights) == pytest.approx(through.var(), rel=0.25)


def test_white_noise_has_the_same_difference_however_far_apart():
    memory = estimate_memory(0.5 * white(), QUIET, FPS)
    for apart_s in (1 / FPS, 0.1, 0.5):
        assert memory.nugget + memory.slope * apart_s**memory.power == pytest.approx(0.25, rel=0.1)


def test_the_difference_of_a_random_walk_grows_with_its_distance():
    memory = estimate_memory(walk(2.0), QUIET, FPS)
    for apart_s in (1 / FPS, 0.1, 0.5):  # half of what the variance grows by
        assert memory.nugget + memory.slope * apart_s**memory.power == pytest.approx(apart_s, rel=0.2)


def test_what_is_not_quiet_does_not_count():
    loud = NOISES["white"].copy()
    loud[1000:1500] *= 20
    memory = estimate_memory(loud, np.arange(N) // 500 != 2, FPS)
    assert memory.nugget + memory.slope * 0.1**memory.power == pytest.approx(0.25, rel=0.1)


def test_too_short_a_rest_is_taken_for_white_noise():
    assert estimate_memory(white(n=9), np.ones(9, bool), FPS) == Memory(1.0, 0.0, 1.0)


@settings(deadline=None, max_examples=60)
@given(nugget=st.floats(0, 4), slope=st.floats(0, 4), power=st.floats(0.1, 1.9), seed=st.integers(0, 99))
def test_no_filter_that_adds_to_nothing_has_a_variance_below_nothing(nugget, slope, power, seed):
    weights = np.random.default_rng(seed).normal(size=20)
    weights -= weights.mean()
    assert variance_by(Memory(nugget, slope, power), weights) >= -1e-9


@settings(deadline=None, max_examples=60)
@given(slope=st.floats(0.1, 4), seed=st.integers(0, 99))
def test_the_variance_of_a_random_walk_through_a_filter_is_the_one_of_the_text_book(slope, seed):
    weights = np.random.default_rng(seed).normal(size=12)
    weights -= weights.mean()
    # Steps are independent and each moves all samples after it.
    steps = np.cumsum(weights[::-1])[::-1][1:]
    assert variance_by(Memory(0.0, slope, 1.0), weights) == pytest.approx(2 * slope / FPS * (steps**2).sum())


def filtered(values):
    """Filter values as the search makes them: smooth, x and y together, in standard deviations."""
    smooth = gaussian_filter1d(values, 1.5, axis=0)
    smooth = (smooth - smooth.mean(axis=0)) / spread(smooth)
    return np.hypot(*np.split(smooth, 2, axis=1))


def controls(seed=0, n=900, n_controls=20):
    return filtered(white(seed, n, 2 * n_controls))


def limit_of(z):
    return limit(z, np.ones(len(z), bool), FPS)


@pytest.mark.parametrize("seed", range(6))
def test_the_limit_of_normal_noise_is_that_of_its_distribution(seed):
    assert 4.3 < limit_of(controls(seed)) < 6.5


def test_noise_passes_its_limit_about_as_rarely_as_is_claimed():
    pool = controls(99, n=90_000)
    minutes = pool.size / FPS / 60
    tops = np.concatenate([_tops(column) for column in pool.T])
    limits = np.array([limit_of(controls(seed)) for seed in range(12)])
    # The tail of normal noise falls faster than the exponential that is fitted, so that it passes its limit even less.
    assert np.mean([(tops > one).sum() for one in limits]) / minutes <= FALSE_PER_MIN
    assert np.mean([(tops > 0.8 * one).sum() for one in limits]) / minutes > FALSE_PER_MIN


def test_noise_with_the_tail_that_is_fitted_passes_its_limit_as_often_as_is_claimed():
    def heavy(seed, n):  # peaks above the level are exponential, as coding with few bits makes them
        rng = np.random.default_rng(seed)
        z = np.minimum(controls(seed, n), LEVEL)
        return np.where(rng.random(z.shape) < 0.004, LEVEL + rng.exponential(1.0, z.shape), z)

    pool = heavy(99, 60_000)
    minutes = pool.size / FPS / 60
    rates = [(pool > limit_of(heavy(seed, 900))).sum() / minutes for seed in range(20)]
    assert 0.4 < np.median(rates) / FALSE_PER_MIN < 2.5


def _tops(column):
    is_top = (column[1:-1] > column[:-2]) & (column[1:-1] >= column[2:])
    return column[1:-1][is_top]


def test_noise_that_seldom_moves_far_has_a_higher_limit():
    rng = np.random.default_rng(5)
    seldom = white(5, 900, 40) * np.where(rng.random((900, 40)) < 0.02, 6, 1)
    assert limit_of(filtered(seldom)) > 1.3 * limit_of(controls(5))


def test_one_control_that_moves_by_itself_does_not_count():
    z = controls(3)
    moving = z.copy()
    moving[::50, 0] += 30
    assert limit_of(moving) == pytest.approx(limit_of(z[:, 1:]), abs=0.15)


def test_all_controls_together_do_count():
    z = controls(3)
    z[::100] += 8
    assert limit_of(z) > 1.5 * limit_of(controls(3))


def test_time_that_is_not_usable_does_not_count():
    z = controls(4)
    z[300:330] += 10
    usable = np.ones(len(z), bool)
    usable[290:340] = False
    assert limit(z, usable, FPS) == pytest.approx(limit_of(controls(4)), abs=0.3)


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 99), n=st.integers(1, 300))
def test_a_limit_is_never_below_its_level_however_short_the_clip(seed, n):
    assert limit_of(np.abs(white(seed, n, 5))) >= LEVEL


def test_controls_at_rest_are_hardly_restless():
    restless = unrest(controls(), np.ones(900, bool), FPS)
    assert restless.shape == (900,)
    assert restless.min() >= 1 and np.median(restless) < 1.3


def test_unrest_is_what_most_controls_share_and_only_where_they_do():
    z = controls()
    z[400:430, :15] *= 4
    restless = unrest(z, np.ones(900, bool), FPS)
    assert restless[405:425].min() > 2
    assert restless[:370].max() < 2 and restless[460:].max() < 2


def test_a_minority_of_controls_is_no_unrest():
    z = controls()
    calm = unrest(z, np.ones(900, bool), FPS)
    z[400:430, :6] *= 10
    assert np.abs(unrest(z, np.ones(900, bool), FPS) - calm).max() < 0.6


@settings(deadline=None, max_examples=20)
@given(factor=st.floats(0.1, 50))
def test_unrest_is_measured_against_the_clips_usual(factor):
    z = controls(7)
    assert unrest(factor * z, np.ones(900, bool), FPS) == pytest.approx(unrest(z, np.ones(900, bool), FPS), rel=1e-3)


def test_the_spread_is_that_of_the_noise_and_not_of_the_twitches_in_it():
    values = 0.4 * white(8, 5000, 1)
    assert spread(values) == pytest.approx(0.4, rel=0.07)
    values[::10] += 5
    assert spread(values) == pytest.approx(0.4, rel=0.3)
