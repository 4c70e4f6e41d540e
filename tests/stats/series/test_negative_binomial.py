"""The dispersion of negative binomial counts against exact arithmetic and statsmodels."""

import warnings
from decimal import Decimal, getcontext

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats
from statsmodels.discrete.discrete_model import NegativeBinomial

from obs.stats.series.count_regression import fit_counts
from obs.stats.series.negative_binomial import (
    MOST_DISPERSION,
    best_dispersion,
    dispersion_score,
    log_likelihood,
)

MONTHS = np.arange(120)
DESIGN = np.column_stack(
    [
        np.ones(120),
        MONTHS / 120,
        np.cos(MONTHS * np.pi / 6),
        np.sin(MONTHS * np.pi / 6),
        MONTHS >= 90,
    ]
)


def exact(counts, means, dispersion):
    """Sum log((1 + a) (1 + 2a) ...) one factor at a time, in fifty digits."""
    getcontext().prec = 50
    a, total = Decimal(dispersion), Decimal(0)
    for y, mu in zip(counts, means, strict=True):
        mean = Decimal(mu)
        total += sum((((1 + a * j) / (j + 1)).ln() for j in range(y)), Decimal(0))
        total += y * mean.ln() - (y + 1 / a) * (1 + a * mean).ln()
    return total


def planted(seed, theta, mean=60.0):
    rate = mean * np.exp(0.1 * np.cos(MONTHS * np.pi / 6))
    return np.random.default_rng(seed).negative_binomial(theta, theta / (theta + rate))


@pytest.mark.parametrize("dispersion", [1e-15, 1e-9, 1e-5, 0.01, 0.0999, 0.1001, 3.0, 1e4])
def test_the_likelihood_and_its_score_are_exact_at_every_dispersion(dispersion):
    counts, means = [0, 1, 14, 15, 16, 90], [0.3, 2.0, 14.0, 10.0, 17.0, 70.0]
    y, mu = np.array(counts, dtype=float), np.array(means)
    step = Decimal(dispersion) * Decimal("1e-12")
    low, here, high = (exact(counts, means, Decimal(dispersion) + k * step) for k in (-1, 0, 1))
    assert log_likelihood(y, mu, dispersion) == pytest.approx(float(here), rel=1e-13)
    slope = (high - low) / (2 * step)
    assert dispersion_score(y, mu, dispersion) == pytest.approx(float(slope), rel=1e-9)


def test_at_zero_it_is_poisson_and_the_score_is_that_of_dean_and_lawless():
    y, mu = np.array([3.0, 0.0, 1e6, 40.0]), np.array([2.0, 0.1, 1.001e6, 44.0])
    assert log_likelihood(y, mu, 0.0) == pytest.approx(-13.0917330975621443, rel=1e-14)  # 40 digits
    assert log_likelihood(y, mu, 0.0) == pytest.approx(stats.poisson.logpmf(y, mu).sum(), rel=1e-9)
    assert dispersion_score(y, mu, 0.0) == pytest.approx(np.sum((y - mu) ** 2 - y) / 2)


@pytest.mark.parametrize("theta", [2, 20, 200, 2000])
def test_no_other_fit_of_statsmodels_is_more_likely(theta):
    for seed in range(12):
        y = planted(seed, theta)
        ours = fit_counts(y, DESIGN)
        start = np.append(ours.coefficients, 1 / ours.theta + 1e-3)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = NegativeBinomial(y, DESIGN)
            theirs = model.fit(start, method="bfgs", disp=0, maxiter=500, gtol=1e-7)
        alpha = theirs.params[-1]
        if alpha < 1e-5:  # its own likelihood is rounding noise there
            assert ours.theta == np.inf
            continue
        assert ours.log_likelihood > theirs.llf - 1e-7
        if theirs.mle_retvals["converged"]:
            assert 1 / ours.theta == pytest.approx(alpha, rel=1e-3)
            np.testing.assert_allclose(ours.coefficients, theirs.params[:-1], atol=1e-4)


@pytest.mark.slow
def test_theta_is_infinite_only_where_the_score_at_zero_does_not_rise():
    found = []
    for seed in range(60):
        fit = fit_counts(planted(seed, 200), DESIGN)
        poisson = fit_counts(fit.counts, DESIGN, family="poisson")
        rises = np.sum((poisson.counts - poisson.mean) ** 2 - poisson.counts) > 0
        assert np.isfinite(fit.theta) == rises
        found.append(rises)
    assert 0.6 < np.mean(found) < 1


@pytest.mark.parametrize("unit", [1e-9, 1e-3, 1e6, 1e12])
def test_no_unit_of_exposure_or_regressor_changes_the_fit(unit):
    y = planted(3, 20)
    fit = fit_counts(y, DESIGN)
    other = fit_counts(y, DESIGN * [1, unit, 1, 1, 1], exposure=np.full(120, unit))
    assert other.theta == pytest.approx(fit.theta, rel=1e-8)
    np.testing.assert_allclose(other.mean, fit.mean, rtol=1e-8)
    assert other.errors[1] * unit == pytest.approx(fit.errors[1], rel=1e-7)


@pytest.mark.parametrize("size", [1e3, 1e6, 1e9, 1e12])
def test_overdispersion_of_large_counts_is_found(size):
    """Counts whose rate varies by 1 % have a dispersion of 1e-4, whatever their size."""
    rng = np.random.default_rng(8)
    y = np.round(size * np.exp(0.01 * rng.normal(size=400)))
    fit = fit_counts(rng.poisson(y) if size < 1e9 else y, np.ones((400, 1)))
    chance = 1 / size
    assert 1 / fit.theta == pytest.approx(1e-4, abs=4 * (chance + 1e-4) / 20)


def test_a_profile_of_two_summits_gives_the_higher_one():
    def profile(a):
        return np.exp(-((np.log10(a + 1e-9) + 2) ** 2)) + 2 * np.exp(
            -((np.log10(a + 1e-9) - 1) ** 2)
        )

    def slope(a):
        return (profile(a * 1.0001) - profile(a)) / (a * 0.0001 + 1e-12)

    assert best_dispersion(1.0, profile, slope) == pytest.approx(10.0, rel=0.01)


def test_a_year_and_its_square_keep_their_coefficients_and_errors():
    """Against the same model in centred years, whose columns are far from collinear."""
    years = np.arange(1990.0, 2025.0)
    centred = years - 2007
    y = np.random.default_rng(0).poisson(np.exp(5 + 0.02 * centred - 0.003 * centred**2))
    fits = [
        fit_counts(y, np.column_stack([np.ones(35), x, x**2]), family="poisson")
        for x in (years, centred)
    ]
    theirs = sm.GLM(y, fits[1].design, family=sm.families.Poisson()).fit(tol=1e-12)
    assert fits[0].coefficients[2] == pytest.approx(theirs.params[2], rel=1e-6)
    assert fits[0].errors[2] == pytest.approx(theirs.bse[2], rel=1e-6)
    np.testing.assert_allclose(fits[0].mean, theirs.fittedvalues, rtol=1e-8)


@pytest.mark.parametrize(
    ("summit", "found"),
    [
        (-1.0, 0.0),  # it falls from 0 on
        (4e-4, 4e-4),  # below the first step, a thousandth
        (0.03, 0.03),
        (700.0, 700.0),
        (2e4, MOST_DISPERSION),  # beyond the most
    ],
)
def test_the_summit_of_a_profile_is_found_wherever_it_is(summit, found):
    """A parabola in the dispersion, whose lattice steps are tens of one another."""
    width = max(abs(summit), 1e-3)
    made = best_dispersion(
        1.0, lambda a: -(((a - summit) / width) ** 2), lambda a: -2 * (a - summit) / width**2
    )
    assert made == pytest.approx(found, rel=1e-6, abs=1e-12)
