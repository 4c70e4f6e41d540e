"""Count regressions against R: MASS, sandwich and the tutorial on interrupted series."""

import csv
import json

import numpy as np
import pytest
import statsmodels.api as sm

from obs.errors import ObsError
from obs.stats import ljung_box
from obs.stats.series.count_regression import (
    fit_counts,
    newey_west_covariance,
)


def read_case(shared, name):
    folder = shared / "cases" / name
    with (folder / "input.csv").open() as lines:
        rows = list(csv.DictReader(lines))
    columns = {key: np.array([float(r[key]) for r in rows]) for key in rows[0]}
    return columns, json.loads((folder / "expected.json").read_text())["expected"]


def waves(time):
    angles = [2 * np.pi * k * time / 12 for k in (1, 2)]
    return [f(a) for a in angles for f in (np.sin, np.cos)]


@pytest.fixture(scope="module")
def seatbelts(shared):
    columns, expected = read_case(shared, "its_negbin_seatbelts")
    time, law = columns["time"], columns["law"]
    after = np.maximum(0, time - 169) * law
    design = np.column_stack(
        [np.ones(time.size), law, time, after, *waves(time), columns["PetrolPrice"]]
    )
    return columns, design, expected


@pytest.mark.parametrize(
    ("name", "family", "covariance"),
    [
        ("poisson", "poisson", lambda f: f.covariance),
        ("quasipoisson", "quasipoisson", lambda f: f.covariance),
        ("negbin", "negbin", lambda f: f.covariance),
        ("negbin_hc0", "negbin", lambda f: newey_west_covariance(f, lags=0)),
        ("poisson_nw6", "poisson", lambda f: newey_west_covariance(f, lags=6)),
        ("negbin_nw6", "negbin", lambda f: newey_west_covariance(f, lags=6)),
    ],
)
def test_seatbelts(seatbelts, name, family, covariance):
    columns, design, expected = seatbelts
    fit = fit_counts(columns["drivers"], design, exposure=columns["kms"], family=family)
    np.testing.assert_allclose(fit.coefficients, [t["est"] for t in expected[name]], rtol=1e-5)
    errors = np.sqrt(np.diag(covariance(fit)))
    np.testing.assert_allclose(errors, [t["se"] for t in expected[name]], rtol=1e-5)


def test_seatbelts_theta_likelihood_and_counterfactual(seatbelts):
    columns, design, expected = seatbelts
    fit = fit_counts(columns["drivers"], design, exposure=columns["kms"])
    assert fit.theta == pytest.approx(expected["negbin_theta"], rel=1e-5)
    assert fit.log_likelihood == pytest.approx(expected["negbin_loglik"], rel=1e-8)
    statistic, p_value = ljung_box(fit.pearson, lags=12)
    assert statistic == pytest.approx(expected["ljung_box12"]["stat"], rel=1e-5)
    assert p_value == pytest.approx(expected["ljung_box12"]["p"], rel=1e-4)
    assert fit.aic == pytest.approx(expected["negbin_aic"], rel=1e-8)
    poisson = fit_counts(columns["drivers"], design, exposure=columns["kms"], family="poisson")
    assert poisson.dispersion == pytest.approx(expected["poisson_dispersion"], rel=1e-8)
    ratio = 2 * (fit.log_likelihood - poisson.log_likelihood)
    assert ratio == pytest.approx(expected["overdispersion_lr"], rel=1e-8)
    law = columns["law"] == 1
    assert np.exp(fit.coefficients[1]) == pytest.approx(expected["irr_law"], rel=1e-5)
    without = np.where(np.isin(np.arange(design.shape[1]), [1, 3]), 0.0, fit.coefficients)
    expected_counts = columns["kms"] * np.exp(design @ without)
    assert fit.mean[law].sum() == pytest.approx(expected["fitted_post"], rel=1e-5)
    assert expected_counts[law].sum() == pytest.approx(expected["counterfactual_post"], rel=1e-5)
    averted = (expected_counts - fit.mean)[law].sum()
    assert averted == pytest.approx(expected["averted"], rel=1e-5)


def r_glm(y, x, offset):
    """R's glm: it stops when the deviance moves by 1e-8 and reports the last but one weights."""
    mean, before = y + 0.1, np.inf
    while True:
        weights = mean
        working = np.log(mean) - offset + (y - mean) / mean
        root = np.sqrt(weights)
        beta = np.linalg.lstsq(root[:, None] * x, root * working, rcond=None)[0]
        mean = np.exp(offset + x @ beta)
        deviance = 2 * np.sum(y * np.log(y / mean) - (y - mean))
        if abs(deviance - before) / (abs(deviance) + 0.1) < 1e-8:
            break
        before = deviance
    dispersion = np.sum(weights * ((y - mean) / mean) ** 2) / (y.size - x.shape[1])
    return np.linalg.inv(x.T @ (weights[:, None] * x)), dispersion


@pytest.mark.parametrize(
    ("name", "family", "terms"),
    [
        ("step_poisson", "poisson", ()),
        ("step_quasi", "quasipoisson", ()),
        ("step_seasonal", "quasipoisson", ("waves",)),
        ("step_slope_seasonal", "quasipoisson", ("waves", "slope")),
    ],
)
def test_sicily(shared, name, family, terms):
    columns, expected = read_case(shared, "its_sicily_tutorial")
    time, ban = columns["time"], columns["smokban"]
    named = {"(Intercept)": np.ones(time.size), "smokban": ban, "time": time}
    if "waves" in terms:
        named |= dict(zip(("Hs1", "Hc1", "Hs2", "Hc2"), waves(time), strict=True))
    if "slope" in terms:
        named["smokban:time"] = ban * time
    design = np.column_stack([named[t["term"]] for t in expected[name]])
    fit = fit_counts(columns["aces"], design, exposure=columns["stdpop"], family=family)
    np.testing.assert_allclose(fit.coefficients, [t["est"] for t in expected[name]], rtol=1e-7)
    theirs = np.array([t["se"] for t in expected[name]])
    covariance, dispersion = r_glm(columns["aces"], design, np.log(columns["stdpop"]))
    scale = dispersion if family == "quasipoisson" else 1.0
    np.testing.assert_allclose(np.sqrt(scale * np.diag(covariance)), theirs, rtol=1e-7)
    # ours iterates to the end, which moves the sixth digit of the standard errors
    np.testing.assert_allclose(np.sqrt(np.diag(fit.covariance)), theirs, rtol=5e-6)


def test_sicily_dispersion_and_test_of_the_slope(shared):
    columns, expected = read_case(shared, "its_sicily_tutorial")
    time, ban = columns["time"], columns["smokban"]
    base = np.column_stack([np.ones(time.size), ban, time])
    step = fit_counts(columns["aces"], base, exposure=columns["stdpop"], family="quasipoisson")
    _, theirs = r_glm(columns["aces"], base, np.log(columns["stdpop"]))
    assert theirs == pytest.approx(expected["step_dispersion"], rel=1e-7)
    assert step.dispersion == pytest.approx(expected["step_dispersion"], rel=5e-6)
    seasonal = np.column_stack([base, *waves(time)])
    small, large = (
        fit_counts(columns["aces"], x, exposure=columns["stdpop"], family="quasipoisson")
        for x in (seasonal, np.column_stack([seasonal, ban * time]))
    )
    f = 2 * (large.log_likelihood - small.log_likelihood) / large.dispersion
    assert f == pytest.approx(expected["anova_F_slope"]["F"], rel=5e-6)


def test_poisson_agrees_with_statsmodels():
    rng = np.random.default_rng(0)
    x = np.column_stack([np.ones(50), rng.normal(size=50)])
    y = rng.poisson(np.exp(x @ [1.0, 0.4]))
    theirs = sm.GLM(y, x, family=sm.families.Poisson()).fit()
    ours = fit_counts(y, x, family="poisson")
    np.testing.assert_allclose(ours.coefficients, theirs.params, rtol=1e-8)
    np.testing.assert_allclose(ours.covariance, theirs.cov_params(), rtol=1e-6)


def test_criteria_that_a_family_has_not_are_missing():
    quasi = fit_counts([12, 15, 11, 31], np.ones((4, 1)), family="quasipoisson")
    poisson = fit_counts([10, 10, 11, 9], np.ones((4, 1)), family="poisson")
    assert np.isnan(quasi.aic)
    assert poisson.errors == pytest.approx([40**-0.5])


def test_counts_without_overdispersion_have_an_infinite_theta():
    fit = fit_counts([10, 10, 11, 9, 10, 10], np.ones((6, 1)))
    assert fit.theta == np.inf
    np.testing.assert_allclose(fit.covariance, [[1 / 60]], rtol=1e-6)


@pytest.mark.parametrize(
    ("counts", "design", "exposure", "message"),
    [
        ([1, 2], [[1]], None, "agree in length"),
        ([1, np.nan], [[1], [1]], None, "missing value"),
        ([1, -2], [[1], [1]], None, "at least 0"),
        ([1, 2], [[1], [1]], [1, 0], "above 0"),
        ([0, 0], [[1], [1]], None, "no event"),
        ([1, 2], [[1, 2], [1, 2]], None, "cannot be told apart in 2 rows"),
    ],
)
def test_wrong_use_is_refused(counts, design, exposure, message):
    with pytest.raises(ObsError, match=message):
        fit_counts(counts, design, exposure=exposure)


def test_a_term_without_events_is_refused():
    with pytest.raises(ObsError, match="runs away"):
        fit_counts([30, 31, 29, 30, 0, 0], np.column_stack([np.ones(6), [0, 0, 0, 0, 1, 1]]))


def test_an_unknown_family_is_refused():
    with pytest.raises(ObsError, match="unknown family"):
        fit_counts([1, 2, 3], np.ones((3, 1)), family="normal")
