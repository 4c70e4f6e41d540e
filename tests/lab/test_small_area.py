"""Fay-Herriot against R's sae; areas without a sample; a variance of zero."""

import json

import numpy as np
import pandas as pd
import pytest

from obs.errors import ObsError
from obs.lab.small_area import fay_herriot


@pytest.fixture
def milk(shared):
    folder = shared / "cases" / "sae_fay_herriot_milk"
    case = json.loads((folder / "expected.json").read_text())
    table = pd.read_csv(folder / "input.csv")
    areas = pd.get_dummies(table["MajorArea"]).to_numpy(float, copy=True)
    areas[:, 0] = 1
    return case["expected"], case["meta"]["tolerance_hint"], table, areas


@pytest.mark.parametrize("method", ["reml", "ml", "fh"])
def test_estimates_and_errors_are_those_of_sae(milk, method):
    expected, rtol, table, areas = milk
    theirs = expected[method.upper()]
    ours = fay_herriot(table["yi"], table["SD"] ** 2, areas, method=method)
    for mine, name in (
        (ours.estimate, "eblup"),
        (ours.mse, "mse"),
        (ours.coefficients, "beta"),
        (ours.variance, "refvar"),
        (ours.log_likelihood, "loglik"),
    ):
        np.testing.assert_allclose(mine, theirs[name], rtol=rtol)


def test_without_covariates_areas_are_drawn_to_their_common_mean(milk):
    expected, rtol, table, _ = milk
    theirs = expected["intercept_only_reml"]
    ours = fay_herriot(table["yi"], table["SD"] ** 2)
    np.testing.assert_allclose(ours.estimate, theirs["eblup"], rtol=rtol)
    np.testing.assert_allclose(ours.mse, theirs["mse"], rtol=rtol)


def test_the_search_ends_where_the_likelihood_is_highest(milk):
    _, _, table, areas = milk
    y, d = table["yi"].to_numpy(), table["SD"].to_numpy() ** 2

    def restricted(a):
        v = 1 / (a + d)
        info = areas.T @ (areas * v[:, None])
        residual = y - areas @ np.linalg.solve(info, areas.T @ (v * y))
        return 0.5 * (np.log(v).sum() - np.linalg.slogdet(info)[1] - (v * residual**2).sum())

    a = fay_herriot(y, d, areas).variance
    assert restricted(a) > max(restricted(a * 0.999), restricted(a * 1.001))


def test_an_area_without_a_sample_gets_the_regression_and_a_larger_error(milk):
    _, _, table, areas = milk
    direct = table["yi"].mask(table.index == 4)
    result = fay_herriot(direct, table["SD"] ** 2, areas)
    assert result.weight[4] == 0
    assert result.estimate[4] == pytest.approx(areas[4] @ result.coefficients)
    assert result.mse[4] > result.variance
    rest = table.index != 4
    again = fay_herriot(direct[rest], table["SD"][rest] ** 2, areas[rest])
    np.testing.assert_allclose(result.estimate[rest], again.estimate, rtol=1e-10)


def test_areas_that_differ_less_than_their_errors_get_the_mean():
    result = fay_herriot([0.30, 0.31, 0.29, 0.30], [0.01] * 4)
    assert result.variance == 0
    np.testing.assert_allclose(result.estimate, 0.3)


def test_planted_differences_are_recovered():
    rng = np.random.default_rng(3)
    d = rng.uniform(0.5, 2.0, 800)
    truth = 10 + rng.normal(0, 1.5, 800)
    result = fay_herriot(truth + rng.normal(0, np.sqrt(d)), d)
    assert result.variance == pytest.approx(2.25, rel=0.1)
    error = ((result.estimate - truth) ** 2).mean()
    assert error == pytest.approx(result.mse.mean(), rel=0.1)
    assert error < 0.8 * d.mean()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (([1.0, 2.0, 3.0], [1.0, 0.0, 1.0]), "above 0"),
        (([1.0], [1.0]), "cannot carry"),
        (([1.0, 2.0], [1.0, 1.0], [[1.0], [np.nan]]), "every area"),
        (([1.0, 2.0], [1.0]), "one variance"),
    ],
)
def test_impossible_inputs_are_refused(arguments, said):
    with pytest.raises(ObsError, match=said):
        fay_herriot(*arguments)
