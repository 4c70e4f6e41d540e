"""The nowcast: published figures of the method, coverage where the truth is known, limits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from obs.errors import ObsError
from obs.stats.series.nowcast import nowcast, reporting_triangle

# Taylor and Ashe's triangle and its chain ladder under the over-dispersed Poisson model:
# England and Verrall (2002), reserves and analytic prediction errors by year of origin.
TAYLOR_ASHE = """
357848 766940 610542 482940 527326 574398 146342 139950 227229 67948
352118 884021 933894 1183289 445745 320996 527804 266172 425046
290507 1001799 926219 1016654 750816 146923 495992 280405
310608 1108250 776189 1562400 272482 352053 206286
443160 693190 991983 769488 504851 470639
396132 937085 847498 805037 705960
440832 847631 1131398 1063269
359480 1061648 1443370
376686 986608
344014
"""
RESERVES = [0, 94634, 469511, 709638, 984889, 1419459, 2177641, 3920301, 4278972, 4625811]
ERRORS = [0, 110100, 216043, 260872, 303550, 375014, 495378, 789961, 1046514, 1980101]
DELAYS = np.array([0.55, 0.2, 0.1, 0.05, 0.04, 0.03, 0.02, 0.01])


def taylor_ashe():
    triangle = np.full((10, 10), np.nan)
    for row, line in zip(triangle, TAYLOR_ASHE.split("\n")[1:], strict=False):
        values = [float(text) for text in line.split()]
        row[: len(values)] = values
    return triangle


def test_the_published_reserves_and_errors_come_out():
    result = nowcast(taylor_ashe())
    assert (result.expected - result.reported).round().tolist() == RESERVES
    np.testing.assert_allclose(result.se, ERRORS, rtol=1e-5)
    assert result.dispersion == pytest.approx(52_601, abs=1)


def simulated(rng, *, mean, dispersion, periods=24):
    """Draw final counts and the triangle known of them, every cell over-dispersed alike."""
    level = mean * (1 + 0.3 * np.sin(np.arange(periods) / 6 * np.pi))
    cells = level[:, None] * DELAYS
    if dispersion > 1:
        full = rng.negative_binomial(cells / (dispersion - 1), 1 / dispersion)
    else:
        full = rng.poisson(cells)
    known = np.add.outer(np.arange(periods), np.arange(len(DELAYS))) < periods
    return full.sum(axis=1), np.where(known, full, np.nan)


@pytest.mark.slow
@pytest.mark.parametrize(("mean", "dispersion"), [(10, 1), (200, 1), (200, 3)])
def test_the_interval_covers_the_final_count_as_often_as_it_says(mean, dispersion):
    rng = np.random.default_rng(20)
    covered, close = [], []
    for _ in range(60):
        final, triangle = simulated(rng, mean=mean, dispersion=dispersion)
        result = nowcast(triangle)
        recent = slice(-7, None)
        covered += ((result.low <= final) & (final <= result.high))[recent].tolist()
        close += (result.expected - final)[recent].tolist()
    assert 0.93 <= np.mean(covered) <= 0.995  # of 420 periods; standard error 0.01
    assert abs(np.mean(close)) < 0.03 * mean


def test_completeness_is_that_of_the_delays_drawn():
    _, triangle = simulated(np.random.default_rng(3), mean=50_000, dispersion=1)
    truth = np.append(np.ones(17), DELAYS.cumsum()[6::-1])
    np.testing.assert_allclose(nowcast(triangle).completeness, truth, atol=0.003)


def test_with_delays_well_known_what_is_to_come_is_negative_binomial():
    triangle = np.array([[6e9, 4e9]] * 3 + [[30, np.nan]])
    result = nowcast(triangle)
    expected = 30 + stats.nbinom.ppf([0.025, 0.975], 30.5, 0.6)
    assert [result.low[-1], result.high[-1]] == expected.tolist()


def test_a_spoilt_delay_is_seen_in_the_dispersion():
    _, triangle = simulated(np.random.default_rng(4), mean=500, dispersion=1)
    spoilt = triangle.copy()
    spoilt[10] = spoilt[10][::-1]
    assert nowcast(triangle).dispersion < 1.5
    assert nowcast(spoilt).dispersion > 10


def test_a_complete_period_is_left_as_it_is():
    result = nowcast([[5, 1], [7, 2], [4, np.nan]])
    assert result.low[0] == result.high[0] == result.expected[0] == 6
    assert result.se[0] == 0
    assert result.completeness[0] == 1


def test_a_period_with_nothing_registered_still_has_an_interval():
    result = nowcast([[50, 50], [50, 50], [0, np.nan]])
    assert result.expected[2] == result.low[2] == 0
    assert result.high[2] > 0


def test_unknown_rows_stay_unknown():
    result = nowcast([[5, 1], [7, np.nan], [np.nan, np.nan]])
    assert np.isnan([result.reported[2], result.low[2], result.completeness[2]]).all()


def test_the_order_of_periods_does_not_matter():
    _, triangle = simulated(np.random.default_rng(6), mean=80, dispersion=1)
    order = np.random.default_rng(7).permutation(len(triangle))
    np.testing.assert_allclose(nowcast(triangle[order]).high, nowcast(triangle).high[order])


@pytest.mark.parametrize("first", [0, 3])
def test_what_no_older_period_tells_is_unknown(first):
    result = nowcast([[0, first], [0, np.nan]])
    assert np.isnan([result.expected[1], result.high[1]]).all()


@pytest.mark.parametrize(
    ("triangle", "says"),
    [
        ([1, 2], "rows and columns"),
        ([[1, -2]], "at least 0"),
        ([[1.5, 2]], "whole counts"),
        ([[np.nan, 1]], "come first"),
        ([[1, np.nan]], "last delay"),
    ],
)
def test_a_faulty_triangle_is_refused(triangle, says):
    with pytest.raises(ObsError, match=says):
        nowcast(triangle)


@pytest.mark.parametrize(
    ("occurred", "delay", "says"),
    [([0, 1], [0], "differ"), ([3], [0], "within"), ([0], [-1], "at least 0")],
)
def test_facts_outside_the_triangle_are_refused(occurred, delay, says):
    with pytest.raises(ObsError, match=says):
        reporting_triangle(occurred, delay, periods=2, delays=2, last=1)


def test_a_registration_after_the_last_known_period_does_not_count():
    made = reporting_triangle([0, 0, 1], [0, 2, 1], periods=2, delays=3, last=1)
    np.testing.assert_array_equal(made, [[1, 0, np.nan], [0, np.nan, np.nan]])


@pytest.mark.slow
@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32), st.floats(5, 500))
def test_the_interval_holds_what_is_registered_and_what_is_expected(seed, mean):
    _, triangle = simulated(np.random.default_rng(seed), mean=mean, dispersion=2)
    result = nowcast(triangle)
    assert (result.reported <= result.low).all()
    assert (result.low <= result.expected.round() + 1e-9).all()
    assert (result.expected.round() <= result.high + 1e-9).all()
    assert (np.diff(result.completeness) <= 1e-12).all()


def test_more_confidence_is_wider():
    _, triangle = simulated(np.random.default_rng(1), mean=80, dispersion=1)
    narrow, wide = (nowcast(triangle, confidence=c) for c in (0.8, 0.99))
    assert (wide.low[-7:] <= narrow.low[-7:]).all()
    assert (wide.high[-7:] > narrow.high[-7:]).any()
