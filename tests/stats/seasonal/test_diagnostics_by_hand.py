"""Tests of what is left of a season, and moving averages, worked out by hand."""

import numpy as np
import pytest
from scipy import stats

from obs.errors import ObsError
from obs.stats.seasonal import ljung_box, qs_test, seasonality_f
from obs.stats.seasonal.moving_averages import (
    apply_filter,
    centred_year,
    henderson_weights,
    seasonal_average,
)
from obs.stats.seasonal.x11 import moving_seasonality_ratio

RNG = np.random.default_rng(6)


def test_ljung_and_box_by_hand():
    e = np.array([1.0, 2, -1, 0, -3, 1, 2, -2])
    d = e - e.mean()
    r = [float(d[h:] @ d[:-h] / (d @ d)) for h in (1, 2)]
    statistic = 8 * 10 * (r[0] ** 2 / 7 + r[1] ** 2 / 6)
    found = ljung_box(e, lags=2)
    assert found == pytest.approx((statistic, stats.chi2.sf(statistic, 2)))
    assert ljung_box(e, lags=2, fitted=1)[1] == pytest.approx(stats.chi2.sf(statistic, 1))
    assert ljung_box(e, lags=2, fitted=5)[1] == pytest.approx(stats.chi2.sf(statistic, 1))
    assert ljung_box(e, lags=99) == ljung_box(e, lags=4)  # half of eight
    assert ljung_box([3.0] * 8, lags=2) == (0.0, 1.0)


def test_qs_by_hand():
    y = np.cumsum(RNG.normal(size=41) + np.tile([1.0, -1, 0, 0], 11)[:41])
    d = np.diff(y) - np.diff(y).mean()
    n = d.size
    first, second = (float(d[h:] @ d[:-h] / (d @ d)) for h in (4, 8))
    assert first > 0
    assert second > 0
    statistic = n * (n + 2) * (first**2 / (n - 4) + second**2 / (n - 8))
    assert qs_test(y, period=4) == pytest.approx((statistic, stats.chi2.sf(statistic, 2)))
    assert qs_test(np.arange(40.0)) == (0.0, 1.0)
    swinging = np.cumsum(np.tile([1.0, -1, 1, -1, -1, 1, -1, 1], 6))
    assert qs_test(swinging, period=4) == (0.0, 1.0)  # the year after it is the other way round


def test_differences_by_the_time_of_the_year_by_hand():
    y = RNG.normal(size=25)
    d = np.diff(y)
    groups = [d[p::4] for p in range(4)]
    between = sum(len(g) * (g.mean() - d.mean()) ** 2 for g in groups) / 3
    within = sum(((g - g.mean()) ** 2).sum() for g in groups) / 20
    found = seasonality_f(y, period=4)
    assert found == pytest.approx((between / within, stats.f.sf(between / within, 3, 20)))
    assert seasonality_f(np.arange(25.0)) == (0.0, 1.0)


def test_filters_reach_as_far_as_they_can():
    assert np.isnan(apply_filter(np.arange(4.0), np.full(5, 0.2))).all()
    assert apply_filter(np.arange(5.0), np.full(5, 0.2))[2] == pytest.approx(2)
    assert centred_year(12).tolist() == pytest.approx([1 / 24, *[1 / 12] * 11, 1 / 24])
    for terms in (5, 9, 13, 23):
        weights = henderson_weights(terms)
        assert weights.sum() == pytest.approx(1)
        assert weights == pytest.approx(weights[::-1])
        place = np.arange(terms) - terms // 2
        assert float(weights @ place**2) == pytest.approx(0, abs=1e-9)  # a cubic passes through
    for terms in (3, 8):
        with pytest.raises(ObsError, match=f"odd number of terms from 5 up, not {terms}"):
            henderson_weights(terms)
    # published weights of five terms
    assert henderson_weights(5) == pytest.approx([-0.073, 0.294, 0.558, 0.294, -0.073], abs=2e-3)


def test_a_calendar_month_is_smoothed_over_the_years():
    years = np.repeat(np.arange(9.0), 4)
    found = seasonal_average(years, period=4, length=3)
    assert found[16:20] == pytest.approx([4.0] * 4)
    assert np.isnan(found[:8]).all()
    assert np.isnan(found[28:]).all()


@pytest.mark.parametrize("mode", ["multiplicative", "additive"])
def test_a_season_that_stays_has_a_large_ratio(mode):
    """Nothing moves: the ratio is what the noise is over the least that is counted."""
    level = 1.0 if mode == "multiplicative" else 0.0
    steady = np.tile(level + np.array([0.1, -0.1, 0.0, 0.0]), 8)
    assert moving_seasonality_ratio(steady, period=4, mode=mode) == pytest.approx(0, abs=1)
    noisy = steady + RNG.normal(0, 0.01, 32)
    drift = steady + np.repeat(np.arange(8.0), 4) * np.tile([0.05, -0.05, 0, 0], 8)
    ratios = [moving_seasonality_ratio(y, period=4, mode=mode) for y in (noisy, drift)]
    assert ratios[0] > ratios[1]
