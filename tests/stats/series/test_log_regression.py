"""Least squares on logarithms against statsmodels: errors of Newey and West, every diagnostic."""

import numpy as np
import pytest
from statsmodels.regression.linear_model import OLS
from statsmodels.stats.diagnostic import acorr_ljungbox, het_breuschpagan
from statsmodels.stats.stattools import durbin_watson, jarque_bera

from obs.errors import ObsError
from obs.stats import fit_logs


def series(n=72, seed=2):
    rng = np.random.default_rng(seed)
    t = np.arange(n)
    design = np.column_stack([np.ones(n), t, np.sin(t / 6 * np.pi), (t >= 48) * 1.0])
    days = rng.integers(28, 32, n)
    return rng.poisson(days * np.exp(1 + 0.004 * t + 0.2 * design[:, 3])), design, days


@pytest.mark.parametrize("lags", [0, 1, 5])
def test_coefficients_and_errors_are_those_of_statsmodels(lags):
    counts, design, days = series()
    ours = fit_logs(counts, design, exposure=days, lags=lags)
    theirs = OLS(np.log(counts / days), design).fit(
        cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": True}, use_t=True
    )
    np.testing.assert_allclose(ours.coefficients, theirs.params, rtol=1e-10)
    np.testing.assert_allclose(ours.errors, theirs.bse, rtol=1e-10)
    assert ours.df == theirs.df_resid


def test_diagnostics_are_those_of_statsmodels():
    counts, design, days = series()
    found = {d.name: d for d in fit_logs(counts, design, exposure=days).diagnostics}
    theirs = OLS(np.log(counts / days), design).fit()
    assert found["r_squared"].value == pytest.approx(theirs.rsquared)
    assert found["durbin_watson"].value == pytest.approx(durbin_watson(theirs.resid))
    pagan = het_breuschpagan(theirs.resid, design)
    assert (found["breusch_pagan"].value, found["breusch_pagan"].p_value) == pytest.approx(
        pagan[:2]
    )
    bera = jarque_bera(theirs.resid)
    assert (found["jarque_bera"].value, found["jarque_bera"].p_value) == pytest.approx(bera[:2])
    box = acorr_ljungbox(theirs.resid, lags=[10])
    assert found["ljung_box"].value == pytest.approx(box["lb_stat"].iloc[0])
    assert found["ljung_box"].p_value == pytest.approx(box["lb_pvalue"].iloc[0])
    lengths = design / np.linalg.norm(design, axis=0)
    assert found["condition"].value == pytest.approx(np.linalg.cond(lengths))


def test_lags_are_counted_over_a_missing_month():
    """Errors of a mean: S = sum e_t^2 + sum of neighbours' products, the gap's left out."""
    counts = np.array([10.0, 12, np.nan, 9, 14, 11])
    found = fit_logs(counts, np.ones((6, 1)), lags=1)
    e = np.log(counts) - np.nanmean(np.log(counts))
    e = np.nan_to_num(e)
    expected = (e @ e + e[1:] @ e[:-1]) / 25 * 5 / 4
    assert found.covariance[0, 0] == pytest.approx(expected)


@pytest.mark.parametrize("unit", [1e-9, 1e12])
def test_the_unit_of_a_regressor_changes_nothing(unit):
    counts, design, days = series()
    plain = fit_logs(counts, design, exposure=days)
    scaled = fit_logs(counts, design * [1, unit, 1, 1], exposure=days)
    np.testing.assert_allclose(scaled.errors * [1, unit, 1, 1], plain.errors, rtol=1e-9)


def test_what_has_no_logarithm_or_no_error_is_refused():
    counts, design, _ = series()
    with pytest.raises(ObsError, match=r"1 period\(s\) without events have no logarithm"):
        fit_logs(np.where(np.arange(72) == 3, 0, counts), design)
    with pytest.raises(ObsError, match="leaves no error"):
        fit_logs([50] * 30, np.ones((30, 1)))
    with pytest.raises(ObsError, match="too few for 4 regressors"):
        fit_logs(counts[:6], design[:6])
    with pytest.raises(ObsError, match="whole numbers above 0"):
        fit_logs(counts + 0.5, design)
    with pytest.raises(ObsError, match="exposures are above 0"):
        fit_logs(counts, design, exposure=np.zeros(72))
    with pytest.raises(ObsError, match="must agree in length"):
        fit_logs(counts[:-1], design)
