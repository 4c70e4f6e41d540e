"""Spread and memory of a rate: against plain matrices, recovered, and mixed into intervals."""

import numpy as np
import pytest
from scipy import stats

from obs.errors import ObsError
from obs.stats.series.count_regression import fit_counts
from obs.stats.series.rate_disturbance import Disturbance, rate_disturbance
from obs.stats.series.student_mixture import ErrorMixture


def remembering(rng, n, memory):
    noise = rng.normal(size=n)
    for i in range(1, n):
        noise[i] = memory * noise[i - 1] + np.sqrt(1 - memory**2) * noise[i]
    return noise


def fitted(rng, *, n=200, mean=400.0, spread=0.15, memory=0.6):
    y = rng.poisson(mean * np.exp(spread * remembering(rng, n, memory)))
    return fit_counts(y, np.column_stack([np.ones(n), np.linspace(-1, 1, n)]))


def restricted_likelihood(fit, spread, memory, position):
    """Write the likelihood of the residuals' contrasts with whole matrices."""
    residual = (fit.counts - fit.mean) / fit.mean
    lag = np.abs(np.subtract.outer(position, position))
    total = np.diag(1 / fit.mean) + spread**2 * memory**lag
    inverse = np.linalg.inv(total)
    inner = fit.design.T @ inverse @ fit.design
    left = inverse - inverse @ fit.design @ np.linalg.solve(inner, fit.design.T @ inverse)
    determinants = np.linalg.slogdet(total)[1] + np.linalg.slogdet(inner)[1]
    return -(determinants + residual @ left @ residual) / 2


def test_weights_are_the_restricted_likelihood_of_plain_matrices():
    fit = fitted(np.random.default_rng(1), n=60)
    position = np.delete(np.arange(63), [5, 6, 40])
    found = rate_disturbance(fit, position=position)
    spreads = np.unique(found.spread)
    one = found.correlation == np.unique(found.correlation)[3]  # equal steps of spread there
    wanted = np.array(
        [
            restricted_likelihood(fit, s, m, position)
            for s, m in zip(found.spread[one], found.correlation[one], strict=True)
        ]
    )
    # the prior of a cell is its width: twice the root of the spread, steps of the root equal
    wanted += np.log(np.sqrt(found.spread[one]))
    ours = np.log(found.weight[one])
    assert spreads.size > 5
    np.testing.assert_allclose(ours - ours[0], wanted - wanted[0], atol=1e-8)


def test_covariance_of_sums_agrees_with_plain_matrices():
    position = np.array([0, 1, 2, 5, 6, 9])
    columns = np.random.default_rng(2).normal(size=(6, 3))
    given = Disturbance(
        spread=np.array([0.1, 0.3]),
        correlation=np.array([0.5, 0.9]),
        forgotten=np.array([0.0, 0.25]),
        weight=np.array([0.4, 0.6]),
        position=position.astype(float),
    )
    lag = np.abs(np.subtract.outer(position, position))
    wanted = [
        s**2 * columns.T @ ((1 - f) * m**lag + f * np.eye(6)) @ columns
        for s, m, f in ((0.1, 0.5, 0.0), (0.3, 0.9, 0.25))
    ]
    np.testing.assert_allclose(given.covariance(columns), wanted, rtol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("unit", [1e-9, 1e12])
def test_the_unit_of_a_regressor_changes_no_weight(unit):
    rng = np.random.default_rng(3)
    y, trend = rng.poisson(40 * np.exp(0.1 * remembering(rng, 60, 0.6))), np.linspace(-1, 1, 60)
    plain, other = (
        rate_disturbance(fit_counts(y, np.column_stack([np.ones(60), trend * size])))
        for size in (1.0, unit)
    )
    assert other.weight == pytest.approx(plain.weight, rel=1e-6)
    assert other.mean_spread == pytest.approx(plain.mean_spread, rel=1e-9)


def test_a_spread_and_a_memory_are_recovered():
    rng = np.random.default_rng(11)
    found = [rate_disturbance(fitted(rng)) for _ in range(20)]
    assert np.median([f.mean_spread for f in found]) == pytest.approx(0.15, rel=0.1)
    assert np.median([f.weight @ f.correlation for f in found]) == pytest.approx(0.6, abs=0.08)


def test_a_long_series_tells_slow_waves_from_good_and_bad_days():
    rng = np.random.default_rng(12)
    rate = 0.1 * remembering(rng, 800, 0.97) + 0.1 * rng.normal(size=800)
    found = rate_disturbance(fit_counts(rng.poisson(500 * np.exp(rate)), np.ones((800, 1))))
    assert found.weight @ found.forgotten == pytest.approx(0.5, abs=0.15)
    assert found.weight @ found.correlation > 0.92


def test_chance_alone_shows_little_spread_whatever_the_count():
    for mean in (2.0, 1e3, 1e8):
        y = np.random.default_rng(3).normal(mean, np.sqrt(mean), 100).round().clip(0)
        found = rate_disturbance(fit_counts(y, np.ones((100, 1))))
        assert found.mean_spread < 0.6 / np.sqrt(mean)
        assert found.weight.sum() == pytest.approx(1)


def test_small_counts_leave_the_memory_open():
    found = rate_disturbance(fitted(np.random.default_rng(4), n=60, mean=5, spread=0.1))
    low = found.weight[found.correlation < 0.3].sum()
    high = found.weight[found.correlation > 0.7].sum()
    assert min(low, high) > 0.1


def test_positions_must_rise():
    fit = fitted(np.random.default_rng(5), n=30)
    for position in (np.zeros(30), np.arange(29)):
        with pytest.raises(ObsError, match="rise"):
            rate_disturbance(fit, position=position)


def test_a_mixture_of_one_is_student_or_normal():
    distance = np.array([0.0, 0.5, 3.0])
    student = ErrorMixture(np.full((1, 3), 4.0), np.ones(1), 7.0)
    np.testing.assert_allclose(student.tail(distance), 2 * stats.t.sf(distance / 2, 7))
    np.testing.assert_allclose(student.half_width(0.9), 2 * stats.t.ppf(0.95, 7), rtol=1e-6)
    normal = ErrorMixture(np.full((1, 1), 9.0), np.ones(1), np.inf)
    assert normal.half_width(0.95)[0] == pytest.approx(3 * 1.959964, rel=1e-6)


def test_a_mixture_holds_what_it_says_and_is_drawn_alike():
    given = ErrorMixture(np.array([[1.0], [16.0]]), np.array([0.8, 0.2]), np.inf)
    half = given.half_width(0.95)
    by_hand = 2 * (0.8 * stats.norm.sf(half) + 0.2 * stats.norm.sf(half / 4))
    assert by_hand == pytest.approx(0.05, abs=1e-6)
    drawn = given.draw(200_000, np.random.default_rng(6))
    assert np.mean(np.abs(drawn) <= half) == pytest.approx(0.95, abs=0.003)
    tails = ErrorMixture(np.ones((1, 1)), np.ones(1), 5.0).draw(200_000, np.random.default_rng(7))
    assert np.var(tails) == pytest.approx(5 / 3, rel=0.05)


def test_no_error_at_all_is_certain():
    given = ErrorMixture(np.zeros((2, 1)), np.array([0.5, 0.5]), np.inf)
    assert given.half_width(0.95)[0] == 0
    assert given.tail(np.array([1.0]))[0] == 0
