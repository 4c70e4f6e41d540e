"""Rate ratios against R, p-value adjustment, detectable change by simulation."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.rates import test_poisson_2indep as score_test

from obs.errors import ObsError
from obs.stats import (
    adjust_p_values,
    dispersion_index,
    minimum_detectable_change,
    minimum_detectable_difference,
    rate_ratio,
)


@pytest.fixture
def case(shared):
    file = shared / "cases" / "rate_ratio_two_periods" / "expected.json"
    return json.loads(file.read_text())


def column(case, name):
    rows = case["expected"]["rows"]
    return np.array([np.nan if r[name] is None else r[name] for r in rows], dtype=float)


def compare(case, method):
    return rate_ratio(*(column(case, c) for c in ("x1", "t1", "x0", "t0")), method=method)


def finite(values):
    return np.where(np.isfinite(values), values, np.nan)


def test_exact_ratio_limits_and_p_values_are_those_of_r(case):
    rtol = case["meta"]["tolerance_hint"]
    ours = compare(case, "exact")
    for mine, name in (
        (ours.ratio, "rate_ratio"),
        (ours.low, "exact_lcl"),
        (ours.high, "exact_ucl"),
        (ours.p_value, "exact_p"),
    ):
        np.testing.assert_allclose(finite(mine), column(case, name), rtol=rtol, err_msg=name)


def test_wald_limits_are_those_of_r(case):
    rtol = case["meta"]["tolerance_hint"]
    ours = compare(case, "wald")
    np.testing.assert_allclose(ours.low, column(case, "wald_lcl"), rtol=rtol)
    np.testing.assert_allclose(ours.high, column(case, "wald_ucl"), rtol=rtol)


def test_midp_limits_agree_with_epitools_to_its_own_root_tolerance(case):
    """epitools stops its root search (R's uniroot) at 1.2e-4 and gives nothing for a zero."""
    ours = compare(case, "midp")
    for mine, name, rtol in (
        (ours.low, "midp_lcl", 2e-4),
        (ours.high, "midp_ucl", 2e-4),
        (ours.p_value, "midp_p", 1e-7),
    ):
        theirs = column(case, name)
        known = ~np.isnan(theirs)
        np.testing.assert_allclose(mine[known], theirs[known], rtol=rtol, err_msg=name)
    half = 0.5 * stats.binom.pmf(25, 37, ours.low[2] / (ours.low[2] + 366 / 365))
    above = stats.binom.sf(25, 37, ours.low[2] / (ours.low[2] + 366 / 365))
    assert half + above == pytest.approx(0.025, rel=1e-9)  # row c solves its equation
    zero = column(case, "x1") == 0
    assert (ours.low[zero] == 0).all()
    assert np.isfinite(ours.high[zero]).all()


@pytest.mark.parametrize(
    ("events", "exposure", "base_events", "base_exposure"),
    [(1310, 366, 1204, 365), (30, 8, 12, 1), (1, 1, 1, 1), (3, 7, 56, 56), (40, 1e-9, 50, 1e12)],
)
def test_score_limits_are_the_ratios_that_the_score_test_does_not_refuse(
    events, exposure, base_events, base_exposure
):
    ours = rate_ratio(events, exposure, base_events, base_exposure, method="score")
    for ratio in (float(ours.low), float(ours.high)):
        at = score_test(events, exposure, base_events, base_exposure, value=ratio, method="score")
        assert at.pvalue == pytest.approx(0.05, abs=1e-9)
    equal = score_test(events, exposure, base_events, base_exposure, method="score")
    assert float(ours.p_value) == pytest.approx(equal.pvalue, abs=1e-12)


def test_score_limits_beside_a_zero_by_hand():
    """x of n = 10 in one period and 0 in the other, equal exposures: Wilson, n / (n + z^2)."""
    z2 = stats.norm.ppf(0.975) ** 2
    none_now = rate_ratio(0, 1, 10, 1, method="score")
    assert (float(none_now.low), float(none_now.high)) == (0, pytest.approx(z2 / 10))
    none_before = rate_ratio(10, 1, 0, 1, method="score")
    assert (float(none_before.low), float(none_before.high)) == (pytest.approx(10 / z2), np.inf)
    assert float(none_before.p_value) == pytest.approx(2 * stats.norm.sf(np.sqrt(10)))
    nothing = rate_ratio(0, 1, 0, 1, method="score")
    assert (float(nothing.low), float(nothing.high), float(nothing.p_value)) == (0, np.inf, 1)


def test_auto_takes_exact_when_either_count_is_below_ten():
    result = rate_ratio([9, 10, 10, 9], 1, [10, 9, 10, 9], 1)
    assert result.method.tolist() == ["exact", "exact", "wald", "exact"]


@pytest.mark.parametrize("method", ["holm", "bh"])
def test_adjusted_p_values_are_those_of_r(case, method):
    ours = adjust_p_values(column(case, "exact_p"), method=method)
    np.testing.assert_allclose(ours, column(case, f"{method}_p"), rtol=1e-9)


def test_a_missing_p_value_is_not_a_comparison():
    adjusted = adjust_p_values([[0.01, np.nan], [0.04, np.nan]])
    np.testing.assert_allclose(adjusted, [[0.02, np.nan], [0.04, np.nan]])
    assert adjust_p_values([]).shape == (0,)
    assert adjust_p_values([0.3, np.nan], method="none").tolist()[0] == 0.3


def test_unknown_stays_unknown_and_shapes_are_kept():
    result = rate_ratio([[5, np.nan], [50, 50]], [[1, 1], [0, np.nan]], 40, 1)
    for part in (result.ratio, result.low, result.high, result.p_value):
        assert part.shape == (2, 2)
        assert np.isnan(part).tolist() == [[False, True], [True, True]]


def test_nothing_against_nothing_says_nothing():
    result = rate_ratio(0, 365, 0, 365)
    assert np.isnan(result.ratio)
    assert (float(result.low), float(result.high), float(result.p_value)) == (0, np.inf, 1)


def test_a_huge_pair_is_handled_by_every_method():
    for method in ("exact", "midp", "wald", "score"):
        result = rate_ratio(10**8, 1, 10**8 + 20_000, 1, method=method)
        assert result.low < result.ratio < result.high < 1.0001
        assert float(result.p_value) == pytest.approx(0.157, abs=0.001)


def test_impossible_inputs_are_refused():
    with pytest.raises(ObsError, match="negative, fractional or infinite"):
        rate_ratio(1.5, 1, 2, 1)
    with pytest.raises(ObsError, match="unknown method"):
        rate_ratio(1, 1, 2, 1, method="guess")
    with pytest.raises(ObsError, match="unknown adjustment"):
        adjust_p_values([0.1], method="bonferroni")
    with pytest.raises(ObsError, match="between 0 and 1"):
        adjust_p_values([1.2])


@pytest.mark.parametrize("base", [60, 2355])
def test_the_detectable_change_is_found_with_the_stated_power(base):
    rng = np.random.default_rng(20240521)
    for change in minimum_detectable_change(base):
        new = rng.poisson(base * (1 + change), 20_000)
        old = rng.poisson(base, 20_000)
        found = rate_ratio(new, 1, old, 1).p_value < 0.05
        assert found.mean() == pytest.approx(0.8, abs=0.02)  # square root against Wald


def test_a_fall_from_a_tiny_base_can_never_show():
    fall, rise = minimum_detectable_change([3, 0, np.nan])
    assert np.isnan(fall).all()
    assert rise[0] == pytest.approx((1 + 2.801585 * 2**0.5 / (2 * 3**0.5)) ** 2 - 1, rel=1e-6)
    assert np.isnan(rise[1:]).all()


def test_dispersion_is_fishers_index():
    """Mean 18: (36 + 49 + 196 + 169) / 18 / 3."""
    result = dispersion_index([12, 25, 4, 31])
    assert float(result.index) == pytest.approx(450 / 18 / 3)
    assert int(result.df) == 3


def test_dispersion_leaves_the_missing_out_and_keeps_shapes():
    result = dispersion_index([[10, np.nan, 30], [0, 0, 0], [np.nan, np.nan, 2]], [1, 5, 3])
    np.testing.assert_allclose(result.index, [0, np.nan, np.nan])
    assert result.df.tolist() == [1, 2, 0]


@pytest.mark.slow
@given(st.integers(0, 5000), st.integers(0, 5000), st.floats(0.1, 10), st.integers(1, 40))
def test_the_interval_holds_the_ratio_and_turns_round(x1, x0, n1, factor):
    new, turned = rate_ratio(x1, n1, x0, 1.0), rate_ratio(x0, 1.0, x1, n1)
    if x1 + x0:
        assert new.low <= new.ratio <= new.high
    assert float(new.p_value) == pytest.approx(float(turned.p_value), rel=1e-6)
    scaled = rate_ratio(x1, n1 * factor, x0, factor)
    assert float(scaled.p_value) == pytest.approx(float(new.p_value), rel=1e-6)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_adjusting_never_lowers_a_p_value_nor_changes_the_order(p_values):
    for method in ("holm", "bh"):
        adjusted = adjust_p_values(p_values, method=method)
        assert (adjusted >= np.array(p_values)).all()
        order = np.argsort(p_values, kind="stable")
        assert (np.diff(adjusted[order]) >= 0).all()


def test_no_share_shows_what_lies_beyond_zero_or_one():
    fall, rise = minimum_detectable_difference([0, 40, 39, np.nan, 1], [40, 40, 40, 40, 0], 40)
    assert np.isnan(fall[[0, 3, 4]]).all()
    assert np.isnan(rise[[1, 2, 3, 4]]).all()
    # arcsin(sqrt 0) = 0: sin^2(2.8016 x sqrt(2 / 40) / 2) = sin^2(0.31323) = 0.09494
    assert rise[0] == pytest.approx(0.09494, abs=1e-4)
    assert fall[1] == pytest.approx(-0.09494, abs=1e-4)
    huge = minimum_detectable_difference(5 * 10**8, 10**9, 10**9)
    assert huge[1] == pytest.approx(2.8016 / 2 * (2 / 10**9) ** 0.5, rel=1e-3)
    assert minimum_detectable_difference([], [], [])[0].shape == (0,)


@pytest.mark.parametrize("option", [{"power": 0}, {"confidence": 95}])
def test_a_bad_power_or_confidence_of_a_share_is_refused(option):
    with pytest.raises(ObsError, match="must lie between 0 and 1"):
        minimum_detectable_difference(10, 100, 100, **option)
