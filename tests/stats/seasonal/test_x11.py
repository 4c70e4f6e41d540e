"""Filters against published weights; X-11 against planted seasons."""

import numpy as np
import pytest

from obs.errors import ObsError
from obs.stats.seasonal.moving_averages import (
    apply_filter,
    centred_year,
    henderson_weights,
    seasonal_average,
)
from obs.stats.seasonal.x11 import PAD_YEARS, decompose_x11

PAD = PAD_YEARS * 12


def test_henderson_weights_as_published():
    half = [0.24006, 0.21434, 0.14736, 0.06549, 0.0, -0.02786, -0.01935]  # Shiskin et al. 1967
    np.testing.assert_allclose(henderson_weights(13)[6:], half, atol=5e-6)
    assert henderson_weights(23)[11] == pytest.approx(0.14406, abs=5e-6)
    assert henderson_weights(9)[4] == pytest.approx(0.33114, abs=5e-6)


def test_henderson_leaves_a_cubic_alone():
    t = np.arange(40.0)
    cubic = 3 + t - 0.1 * t**2 + 0.002 * t**3
    np.testing.assert_allclose(apply_filter(cubic, henderson_weights(13))[6:-6], cubic[6:-6])


def test_the_centred_year_kills_a_season_and_keeps_a_line():
    t = np.arange(48.0)
    smoothed = apply_filter(2 * t + np.tile(np.arange(12.0) - 5.5, 4), centred_year(12))
    np.testing.assert_allclose(smoothed[6:-6], 2 * t[6:-6])


def test_the_3x5_average_has_its_known_weights():
    impulse = np.zeros(12 * 9)
    impulse[12 * 4] = 1
    found = seasonal_average(impulse, period=12, length=5)
    months = found[12 * np.arange(3, 6)]
    np.testing.assert_allclose(months, [3 / 15, 3 / 15, 3 / 15])


@pytest.mark.parametrize("mode", ["multiplicative", "additive"])
def test_a_planted_season_is_found(mode):
    rng = np.random.default_rng(3)
    n = 120
    t = np.arange(-PAD, n + PAD)
    season = 0.2 * np.cos(2 * np.pi * t / 12) + 0.05 * np.sin(2 * np.pi * t / 3)
    noise = np.where((t >= 0) & (t < n), rng.normal(0, 0.02, t.size), 0.0)
    if mode == "multiplicative":
        y, truth = 100 * np.exp(0.001 * t) * (1 + season) * (1 + noise), 1 + season
    else:
        y, truth = 100 + 0.1 * t + 20 * season + 20 * noise, 20 * season
    found = decompose_x11(y, n=n, mode=mode)
    scale = 1.0 if mode == "multiplicative" else 20.0
    assert np.abs(found.seasonal - truth[PAD : PAD + n]).max() < 0.035 * scale
    whole = (
        found.trend * found.seasonal * found.irregular
        if mode == "multiplicative"
        else found.trend + found.seasonal + found.irregular
    )
    np.testing.assert_allclose(whole, y[PAD : PAD + n])


def test_a_spoilt_month_loses_its_weight_and_hardly_moves_the_season():
    t = np.arange(-PAD, 120 + PAD)
    inside = (t >= 0) & (t < 120)
    noise = np.where(inside, np.random.default_rng(1).normal(0, 0.02, t.size), 0.0)
    y = 100 * (1 + 0.2 * np.cos(2 * np.pi * t / 12)) * (1 + noise)
    clean = decompose_x11(y, n=120)
    spoilt = y.copy()
    spoilt[PAD + 54] *= 3
    found = decompose_x11(spoilt, n=120)
    assert found.weights[54] == 0
    assert np.abs(found.seasonal / clean.seasonal - 1).max() < 0.05


def test_a_moving_season_gets_a_short_filter_and_a_stable_one_a_long():
    t = np.arange(-PAD, 180 + PAD)
    noise = np.where((t >= 0) & (t < 180), np.random.default_rng(2).normal(0, 0.03, t.size), 0.0)
    stable = 100 * (1 + 0.2 * np.cos(2 * np.pi * t / 12)) * (1 + noise)
    moving = 100 * (1 + (0.2 + 0.004 * t) * np.cos(2 * np.pi * t / 12 + t / 25)) * (1 + noise / 20)
    assert decompose_x11(stable, n=180).seasonal_length >= 5
    assert decompose_x11(np.abs(moving) + 1, n=180).seasonal_length == 3


@pytest.mark.parametrize("period", [12, 4])
def test_symmetric_filters_reach_every_month_of_the_shortest_series(period):
    n, pad = 3 * period, PAD_YEARS * period
    t = np.arange(-pad, n + pad)
    noise = np.where((t >= 0) & (t < n), np.random.default_rng(4).normal(0, 0.02, t.size), 0.0)
    y = 100 * (1 + 0.2 * np.cos(2 * np.pi * t / period)) * (1 + noise)
    found = decompose_x11(y, n=n, period=period, seasonal_length=9)
    for part in (found.trend, found.seasonal, found.irregular, found.weights):
        assert np.isfinite(part).all()


def test_extremes_at_both_ends_lose_their_weight():
    t = np.arange(-PAD, 120 + PAD)
    inside = (t >= 0) & (t < 120)
    noise = np.where(inside, np.random.default_rng(1).normal(0, 0.02, t.size), 0.0)
    y = 100 * (1 + 0.2 * np.cos(2 * np.pi * t / 12)) * (1 + noise)
    y[[PAD + 4, PAD + 115]] *= 1.5
    assert decompose_x11(y, n=120).weights[[4, 115]].tolist() == [0, 0]


def test_wrong_sizes_are_refused():
    with pytest.raises(ObsError, match="11 years at each end"):
        decompose_x11(np.ones(100), n=60)
    with pytest.raises(ObsError, match="odd number of terms"):
        henderson_weights(12)
