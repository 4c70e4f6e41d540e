"""Regressions equal exact ones in every unit, and models without an estimate are refused."""

from dataclasses import replace

import numpy as np
import pytest

from obs.errors import ObsError
from obs.stats.survey import fit_regression, make_design, make_replicates
from tests.stats.linear.exact import exact_least_squares

UNITS = [1e-9, 1e-3, 1e6, 1e12]


@pytest.fixture
def rng():
    return np.random.default_rng(6)


def clustered(rng, n, units=12):
    return make_design(rng.uniform(1, 3, n), clusters=[np.arange(n) % units])


def with_replicates(design):
    stage = design.stages[0]
    made = make_replicates(design.weight, stage.unit, stage.first, method="jk1")
    return replace(design, replicates=made)


def outcome_of(family, rng, linear):
    if family == "gaussian":
        return linear + rng.normal(size=len(linear))
    if family == "binomial":
        return (rng.random(len(linear)) < 1 / (1 + np.exp(-linear))).astype(float)
    return rng.poisson(np.exp(linear)).astype(float)


@pytest.mark.parametrize("family", ["gaussian", "binomial", "poisson"])
@pytest.mark.parametrize("replicated", [False, True])
def test_no_unit_of_a_predictor_changes_a_result(rng, family, replicated):
    design, turnover = clustered(rng, 120), rng.lognormal(3, 0.7, 120)
    design = with_replicates(design) if replicated else design
    group = np.arange(120) % 3 == 0
    y = outcome_of(family, rng, 0.3 * group + turnover / 50 - 0.5)
    base = fit_regression(
        design, y, np.column_stack([np.ones(120), turnover, group]), family=family
    )
    for unit in UNITS:
        x = np.column_stack([np.ones(120), turnover * unit, group])
        found = fit_regression(design, y, x, family=family)
        size = np.array([1.0, 1 / unit, 1.0])
        assert found.coefficients == pytest.approx(base.coefficients * size, rel=1e-7)
        assert np.sqrt(np.diag(found.covariance)) == pytest.approx(
            np.sqrt(np.diag(base.covariance)) * size, rel=1e-7
        )


@pytest.mark.parametrize("unit", UNITS)
def test_a_number_far_from_zero_beside_its_square_equals_exact_fractions(rng, unit):
    year = rng.integers(2010, 2024, 60) * unit
    x = np.column_stack([np.ones(60), year, year**2])
    design = clustered(rng, 60)
    y = 1e9 * (5 - 0.3 * (year / unit - 2016) ** 2 + rng.normal(size=60))
    expected = exact_least_squares(x, design.weight, y)
    assert fit_regression(design, y, x).coefficients == pytest.approx(expected, rel=1e-7)


@pytest.mark.parametrize("family", ["binomial", "poisson"])
def test_the_score_is_zero_at_the_coefficients(rng, family):
    design = clustered(rng, 200)
    x = np.column_stack([np.ones(200), rng.normal(size=200), rng.lognormal(size=200)])
    y = outcome_of(family, rng, x @ [-0.5, 0.4, 0.1])
    beta = fit_regression(design, y, x, family=family).coefficients
    mean = np.exp(x @ beta) if family == "poisson" else 1 / (1 + np.exp(-x @ beta))
    score = x.T @ (design.weight * (y - mean))
    assert score == pytest.approx(np.zeros(3), abs=1e-9)


@pytest.mark.parametrize("family", ["binomial", "poisson"])
@pytest.mark.parametrize("replicated", [False, True])
def test_a_group_without_events_is_refused_beside_any_covariate(rng, family, replicated):
    design = clustered(rng, 300)
    design = with_replicates(design) if replicated else design
    bank, age = np.arange(300) % 10 == 0, rng.integers(18, 90, 300)
    y = ((rng.random(300) < 0.4) & ~bank).astype(float)
    x = np.column_stack([np.ones(300), bank, age, age**2, rng.normal(size=300)])
    names = ["(intercept)", "sector=bank", "age", "age2", "z"]
    with pytest.raises(ObsError, match="in 30 rows .* Columns: .*sector=bank") as caught:
        fit_regression(design, y, x, family=family, names=names)
    assert "age" not in str(caught.value)


@pytest.mark.parametrize("family", ["binomial", "poisson"])
def test_answers_that_one_replicate_separates_are_refused_with_its_number(rng, family):
    design = with_replicates(clustered(rng, 120))
    unit = np.arange(120) % 12
    bank = np.isin(unit, [3, 7])
    y = np.where(bank, unit == 7, rng.random(120) < 0.5).astype(float)
    x = np.column_stack([np.ones(120), bank])
    y[(unit == 7) & (np.arange(120) < 60)] = 0.0  # events of the banks lie in unit 7 alone
    with pytest.raises(ObsError, match=r"rows in replicate 8 the fitted value runs to"):
        fit_regression(design, y, x, family=family)


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_answers_that_are_all_alike_have_no_logit(value):
    x = np.column_stack([np.ones(30), np.arange(30.0)])
    with pytest.raises(ObsError, match="separates the answers"):
        fit_regression(make_design(np.ones(30)), np.full(30, value), x, family="binomial")


def test_no_event_at_all_has_no_rate():
    x = np.column_stack([np.ones(30), np.arange(30.0)])
    with pytest.raises(ObsError, match="separates the answers"):
        fit_regression(make_design(np.ones(30)), np.zeros(30), x, family="poisson")


def test_a_coefficient_that_one_sampling_unit_carries_is_told(rng):
    design = clustered(rng, 120)
    lone = np.arange(120) % 12 == 5
    x = np.column_stack([np.ones(120), lone, rng.normal(size=120)])
    found = fit_regression(design, rng.normal(size=120), x)
    assert found.one_unit.tolist() == [False, True, False]
    two = np.isin(np.arange(120) % 12, [5, 6])
    x = np.column_stack([np.ones(120), two, rng.normal(size=120)])
    assert not fit_regression(design, rng.normal(size=120), x).one_unit.any()


def test_a_perfect_fit_has_no_variance(rng):
    x = np.column_stack([np.ones(50), rng.normal(size=50) * 1e7])
    found = fit_regression(make_design(rng.uniform(1, 2, 50)), 3 + x[:, 1] / 7, x)
    assert found.flat.all()
    assert not fit_regression(make_design(np.ones(50)), rng.normal(size=50), x).flat.any()


def test_a_lost_direction_is_named_in_the_sample_and_in_a_replicate(rng):
    design, a = clustered(rng, 120), rng.normal(size=120)
    names = ["(intercept)", "a", "b", "sum"]
    x = np.column_stack([np.ones(120), a, a**2, a + a**2])
    with pytest.raises(ObsError, match="told apart in 120 respondents: .* is a combination of"):
        fit_regression(design, a, x, names=names)
    lone = np.column_stack([np.ones(120), np.arange(120) % 12 == 2])
    with pytest.raises(ObsError, match="in replicate 3: bank is a combination of .intercept"):
        fit_regression(with_replicates(design), a, lone, names=["(intercept)", "bank"])


@pytest.mark.parametrize("place", ["outcome", "predictors", "offset"])
def test_infinite_values_are_refused(place):
    parts = {"outcome": np.arange(9.0), "predictors": np.ones((9, 1)), "offset": np.zeros(9)}
    parts[place] = parts[place].copy()
    parts[place][2] = -np.inf
    with pytest.raises(ObsError, match="infinite in 1 rows"):
        fit_regression(make_design(np.ones(9)), **parts, family="poisson")
