"""The model of daily counts against dense formulae and against statsmodels."""

import numpy as np
import pytest
import statsmodels.api as sm
from tests.people import counts, spell

from philtrum.nof1.estimate import (
    USUAL_NOISE,
    Noise,
    find_noise,
    fit_nuisance,
    log_prior,
    make_working,
    measure_gram,
    sweep,
)

NOISE = Noise(k=0.3, s2=0.15, rho=0.7)


@pytest.fixture
def case():
    """Counts with gaps, a nuisance and three candidate columns, and the dense covariance of the counted days."""
    rng = np.random.default_rng(1)
    n_days = 50
    y = counts(rng, 1.2 + spell(rng, n_days))
    y[rng.uniform(size=n_days) < 0.2] = np.nan
    working = make_working(y, np.full(n_days, 1.1) + 0.2 * rng.standard_normal(n_days))
    nuisance = np.column_stack([np.ones(n_days), np.linspace(-1, 1, n_days)])
    candidates = rng.standard_normal((n_days, 3))
    on = working.is_counted
    apart = np.abs(np.subtract.outer(np.arange(n_days), np.arange(n_days)))
    covariance = (np.diag(1 / working.mean + NOISE.k) + NOISE.s2 * NOISE.rho**apart)[np.ix_(on, on)]
    return working, nuisance, candidates, covariance


def test_the_swept_products_equal_the_dense_formula(case):
    working, nuisance, candidates, covariance = case
    on = working.is_counted
    inverse = np.linalg.inv(covariance)
    f = nuisance[on]
    p = inverse - inverse @ f @ np.linalg.inv(f.T @ inverse @ f) @ f.T @ inverse
    gram = measure_gram(working, nuisance, candidates, NOISE)
    z, x = working.response[on], candidates[on]
    np.testing.assert_allclose(gram.columns, x.T @ p @ x, rtol=1e-8)
    np.testing.assert_allclose(gram.response, x.T @ p @ z, rtol=1e-8)
    assert gram.total == pytest.approx(z @ p @ z)
    expected = -0.5 * (np.linalg.slogdet(covariance)[1] + np.linalg.slogdet(f.T @ inverse @ f)[1])
    assert gram.log_density == pytest.approx(expected)
    assert gram.n_free == on.sum() - 2


def test_generalised_least_squares_equals_statsmodels(case):
    working, nuisance, candidates, covariance = case
    on = working.is_counted
    oracle = sm.GLS(working.response[on], np.column_stack([nuisance, candidates])[on], sigma=covariance).fit()
    gram = measure_gram(working, nuisance, candidates, NOISE)
    np.testing.assert_allclose(np.linalg.solve(gram.columns, gram.response), oracle.params[2:], rtol=1e-8)


def test_the_nuisance_fit_equals_statsmodels(case):
    working, nuisance, _, covariance = case
    on = working.is_counted
    oracle = sm.GLS(working.response[on], nuisance[on], sigma=covariance).fit()
    fitted = fit_nuisance(working, nuisance, np.zeros(len(nuisance)), NOISE)
    np.testing.assert_allclose(fitted, nuisance @ oracle.params, rtol=1e-8)


def test_without_spell_the_iterated_fit_is_the_negative_binomial_regression_of_statsmodels():
    rng = np.random.default_rng(2)
    n_days = 200
    x = np.column_stack([np.ones(n_days), rng.standard_normal(n_days)])
    y = counts(rng, x @ [1.0, 0.3], k=0.25)
    log_mean = np.full(n_days, np.log(y.mean()))
    noise = Noise(k=0.25, s2=1e-9, rho=0.1)
    for _ in range(30):
        log_mean = fit_nuisance(make_working(y, log_mean), x, np.zeros(n_days), noise)
    oracle = sm.GLM(y, x, family=sm.families.NegativeBinomial(alpha=0.25)).fit(tol=1e-12)
    np.testing.assert_allclose(log_mean, x @ oracle.params, atol=1e-5)


def test_a_day_without_a_count_changes_nothing(case):
    working, nuisance, candidates, _ = case
    gap = int(np.flatnonzero(~working.is_counted)[0])
    other = candidates.copy()
    other[gap] = 99.0
    first, second = (measure_gram(working, nuisance, columns, NOISE) for columns in (candidates, other))
    np.testing.assert_allclose(first.columns, second.columns)


def test_what_the_nuisance_explains_is_swept_out(case):
    working, nuisance, _, _ = case
    swept, _ = sweep(working, nuisance, nuisance @ np.array([[2.0], [3.0]]), NOISE)
    np.testing.assert_allclose(swept, 0, atol=1e-10)


def test_the_noise_of_a_long_diary_is_found_again():
    rng = np.random.default_rng(3)
    y = counts(rng, 1.8 + spell(rng, 3000, rho=0.8, sd=0.4), k=0.2)
    nuisance, log_mean = np.ones((3000, 1)), np.full(3000, np.log(y.mean()))
    working = make_working(y, log_mean)

    def log_posterior(theta):
        gram = measure_gram(working, nuisance, np.zeros((3000, 0)), Noise.from_vector(theta))
        return gram.log_density - 0.5 * gram.total + log_prior(theta)

    noise = Noise.from_vector(find_noise(log_posterior, USUAL_NOISE))
    # The spell raises variances on the scale of counts by exp(s2): 0.16 becomes 0.17, and carries 0.2 to about 0.24.
    assert noise.s2 == pytest.approx(0.17, abs=0.05)
    assert noise.k == pytest.approx(0.23, abs=0.06)
    assert noise.rho == pytest.approx(0.8, abs=0.07)
