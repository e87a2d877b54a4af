"""The weights of models against the closed formula, and the search against all models."""

import itertools

import numpy as np
import pytest
from scipy.stats import multivariate_t

from philtrum.nof1 import average
from philtrum.nof1.average import MOST_TRIGGERS, Fit, Prior, find_models, fit_models, log_evidence, log_of_signs
from philtrum.nof1.estimate import Gram


def make_gram(seed=0, n=40, p=6):
    """Products of unit noise: candidate columns orthogonal to no nuisance at all."""
    rng = np.random.default_rng(seed)
    x, z = rng.standard_normal((n, p)), rng.standard_normal(n)
    z += 0.6 * x[:, 1]
    return x, z, Gram(x.T @ x, x.T @ z, float(z @ z), 0.0, n)


def make_prior(p=6, per_trigger=2):
    trigger_of = np.repeat(np.arange(p // per_trigger), per_trigger)
    return Prior(trigger_of, np.full(p, 1 / per_trigger), np.full(p, 0.5), (2.0, 5.0))


def test_the_evidence_is_the_density_of_a_multivariate_t():
    x, z, gram = make_gram()
    df = average._SCALE_DF

    def oracle(members):
        columns = x[:, members]
        shape = np.eye(len(z)) + average.EFFECT_SD**2 * columns @ columns.T
        return multivariate_t(np.zeros(len(z)), shape, df=df).logpdf(z)

    models = [(0, 1), (1, 4), (2, 5)]
    found = log_evidence(gram, np.array(models))
    expected = [oracle(list(model)) for model in models]
    np.testing.assert_allclose(np.diff(found), np.diff(expected), rtol=1e-8)


def test_padding_with_nothing_changes_no_evidence():
    _, _, gram = make_gram()
    bare = log_evidence(gram, np.array([[1, 4]]))
    padded = log_evidence(gram, np.array([[1, 4, 6, 6]]))
    np.testing.assert_allclose(bare, padded)


def test_coefficients_are_those_of_ridge_regression():
    x, z, gram = make_gram()
    fit = fit_models(gram, np.array([[1, 4]]))
    columns = x[:, [1, 4]]
    ridge = np.linalg.solve(columns.T @ columns + np.eye(2) / average.EFFECT_SD**2, columns.T @ z)
    np.testing.assert_allclose(fit.coefficient[0], ridge)
    assert fit.df == average._SCALE_DF + 40


def test_the_prior_of_all_models_adds_up_to_one():
    prior = make_prior()
    choices = itertools.product(*[(6, 2 * trigger, 2 * trigger + 1) for trigger in range(3)])
    members = np.array([sorted(choice) + [6] * (MOST_TRIGGERS - 3) for choice in choices])
    from scipy.special import betaln

    total = np.exp(prior.log_density(members) - betaln(*prior.inclusion)).sum()
    assert total == pytest.approx(1)


def test_the_search_finds_every_model_of_one_and_two_triggers_once():
    _, _, gram = make_gram()
    models = {tuple(row) for row in find_models(gram, make_prior()).tolist()}
    everything = find_models(gram, make_prior())
    assert len(models) == len(everything)
    for first, second in itertools.combinations(range(6), 2):
        wanted = (first, second, *[6] * (MOST_TRIGGERS - 2))
        assert (wanted in models) == (first // 2 != second // 2)


def test_no_model_holds_two_states_of_one_trigger():
    _, _, gram = make_gram()
    for row in find_models(gram, make_prior()):
        owners = [column // 2 for column in row if column < 6]
        assert len(owners) == len(set(owners))


def test_the_search_carries_nearly_all_the_weight_of_a_full_enumeration():
    _, _, gram = make_gram(seed=3)
    prior = make_prior()
    choices = itertools.product(*[(6, 2 * trigger, 2 * trigger + 1) for trigger in range(3)])
    everything = np.array([sorted(choice) + [6] * (MOST_TRIGGERS - 3) for choice in choices])
    whole, found = (
        np.exp(prior.log_density(members) + log_evidence(gram, members)).sum()
        for members in (everything, find_models(gram, prior))
    )
    assert found == pytest.approx(whole)


def test_an_effect_in_the_expected_direction_gains_what_the_other_one_loses():
    prior = Prior(np.array([0]), np.array([1.0]), np.array([2 / 3]), (1.0, 1.0))
    clear = Fit(np.array([[0.5], [-0.5]]), np.full((2, 1), 0.01), 50.0)
    up, down = log_of_signs(clear, np.array([[0], [0]]), prior)
    assert up == pytest.approx(np.log(4 / 3), abs=1e-6)
    assert down == pytest.approx(np.log(2 / 3), abs=1e-6)


def test_without_an_expected_direction_nothing_changes():
    prior = Prior(np.array([0]), np.array([1.0]), np.array([0.5]), (1.0, 1.0))
    fit = Fit(np.array([[0.5]]), np.array([[0.01]]), 50.0)
    assert log_of_signs(fit, np.array([[0]]), prior)[0] == pytest.approx(0)
