"""Planted interruptions are recovered, covered as often as stated, and not invented."""

import numpy as np
import pytest

from obs.errors import ObsError
from obs.stats.series.harmonics import harmonic_terms
from obs.stats.series.interruption import fit_interruption, placebo_interruptions


def simulate(rng, *, n=96, start=60, level=0.7, slope=0.0, mean=200.0, spread=0.0, memory=0.0):
    t = np.arange(n)
    disturbance = rng.normal(size=n)
    for i in range(1, n):
        kept = memory * disturbance[i - 1]
        disturbance[i] = kept + np.sqrt(1 - memory**2) * disturbance[i]
    after = (t >= start).astype(float)
    log_rate = np.log(mean) + 0.2 * np.cos(2 * np.pi * t / 12) + 0.003 * t
    log_rate += after * (np.log(level) + slope * (t - start)) + spread * disturbance
    season, _ = harmonic_terms(t, period=12)
    return rng.poisson(np.exp(log_rate)), season


def test_a_planted_level_and_slope_are_recovered():
    y, season = simulate(np.random.default_rng(1), mean=5000, level=0.7, slope=0.01)
    found = fit_interruption(y, start=60, season=season)
    assert found.level.ratio == pytest.approx(0.7, abs=0.02)
    assert found.slope.ratio == pytest.approx(np.exp(0.01), abs=0.002)
    assert found.level.p_value < 1e-6
    expected = 5000 * np.exp(0.2 * np.cos(2 * np.pi * np.arange(60, 96) / 12))
    np.testing.assert_allclose(
        found.expected[60:], expected * np.exp(0.003 * np.arange(60, 96)), rtol=0.04
    )


def test_an_intervention_that_ends_leaves_an_aftermath():
    rng = np.random.default_rng(2)
    t = np.arange(80)
    mean = np.where((t >= 50) & (t < 60), 0.5, np.where(t >= 60, 1.2, 1.0)) * 1000
    found = fit_interruption(rng.poisson(mean), start=50, end=60, slope=False)
    assert found.level.ratio == pytest.approx(0.5, abs=0.05)
    assert found.aftermath.ratio == pytest.approx(1.2, abs=0.12)
    assert found.excess.expected == pytest.approx(10_000, rel=0.06)
    assert found.excess.low < found.excess.excess < found.excess.high < 0


def test_few_observations_after_the_start_give_no_slope():
    y, season = simulate(np.random.default_rng(3), n=64, start=60)
    found = fit_interruption(y, start=60, season=season)
    assert np.isnan(found.slope.ratio)
    assert found.level.low < 0.7 < found.level.high


@pytest.mark.parametrize(("n", "lags"), [(27, 2), (28, 3), (99, 3), (100, 4), (102, 4)])
def test_newey_west_takes_more_lags_of_a_longer_series(n, lags):
    """Four times (n/100)^(2/9): 2.99 of 27 periods, 3.01 of 28, 3.99 of 99, 4 of 100."""
    y, _ = simulate(np.random.default_rng(6), n=n, start=25, spread=0.2)
    own, chosen = (
        fit_interruption(y, start=25, slope=False, errors="newey_west", lags=k)
        for k in (None, lags)
    )
    assert own.level == chosen.level


def test_a_missing_count_is_left_out():
    y, season = simulate(np.random.default_rng(4), mean=2000)
    holed = y.astype(float)
    holed[[10, 70]] = np.nan
    found = fit_interruption(holed, start=60, season=season)
    assert found.level.ratio == pytest.approx(0.7, abs=0.04)
    assert np.isfinite(found.expected).all()


def test_exposure_is_an_offset():
    rng = np.random.default_rng(5)
    days = np.where(np.arange(72) % 2, 30.0, 15.0)
    found = fit_interruption(rng.poisson(20 * days), start=48, exposure=days, slope=False)
    assert found.level.low < 1 < found.level.high
    assert found.fitted[1] / found.fitted[0] == pytest.approx(2, rel=0.02)


def test_the_same_data_give_the_same_interval():
    y, season = simulate(np.random.default_rng(6), spread=0.1)
    first, second = (fit_interruption(y, start=60, season=season).excess for _ in range(2))
    assert first == second


@pytest.mark.slow
def test_level_intervals_cover_the_truth_with_autocorrelated_rates():
    rng = np.random.default_rng(7)
    covered, naive = [], []
    for _ in range(120):
        y, season = simulate(rng, n=84, start=54, spread=0.1, memory=0.5, mean=300)
        found = fit_interruption(y, start=54, season=season)
        covered.append(found.level.low <= 0.7 <= found.level.high)
        plain = fit_interruption(y, start=54, season=season, errors="model")
        naive.append(plain.level.low <= 0.7 <= plain.level.high)
    assert np.mean(covered) >= 0.89
    assert np.mean(covered) > np.mean(naive)


@pytest.mark.slow
def test_excess_intervals_cover_what_would_have_been():
    rng = np.random.default_rng(8)
    covered = []
    for _ in range(100):
        y, season = simulate(rng, level=1.0, spread=0.05)
        excess = fit_interruption(y, start=60, season=season, slope=False).excess
        covered.append(excess.low <= 0 <= excess.high)
    assert np.mean(covered) >= 0.9


@pytest.mark.slow
def test_placebos_seldom_find_anything():
    rng = np.random.default_rng(9)
    called = []
    for _ in range(25):
        y, season = simulate(rng, spread=0.05)
        found = placebo_interruptions(y, start=60, starts=[30, 40, 50], season=season)
        called += [not e.low <= 1 <= e.high for e in found]
    assert np.mean(called) <= 0.1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"start": 20}, "20 observations before the start"),
        ({"start": 60, "end": 60}, "one observation or more"),
        ({"start": 96}, "one observation or more"),
        ({"start": 60, "season": np.ones((5, 1))}, "season has 5 rows"),
        ({"start": 60, "errors": "none"}, "unknown errors"),
    ],
)
def test_wrong_use_is_refused(change, message):
    with pytest.raises(ObsError, match=message):
        fit_interruption(np.full(96, 50.0), **change)


def test_a_placebo_beside_the_start_is_refused():
    with pytest.raises(ObsError, match="placebo date"):
        placebo_interruptions(np.full(96, 50.0), start=60, starts=[58])
