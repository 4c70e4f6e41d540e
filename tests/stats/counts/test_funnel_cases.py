"""Control limits and over-dispersion against PHE's workbook and FunnelPlotR."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, chi2, poisson

from obs.errors import ObsError
from obs.stats.counts.funnel_limits import funnel_limits, funnel_position, share_limits
from obs.stats.counts.intervals import poisson_interval
from obs.stats.counts.overdispersion import (
    adjusted_limits,
    iterated_overdispersion,
    overdispersion,
    scores,
)

CLASSES = {
    -2: "Low (0.001)",
    -1: "Low (0.025)",
    0: "Not significant",
    1: "High (0.025)",
    2: "High (0.001)",
}
SIGMAS = [("2s", 0.95), ("3s", 0.998)]
SEARCHED = 5e-5  # the workbook's search stops there; see the test of both sides' residuals


def read_case(shared, name):
    folder = shared / "cases" / name
    return json.loads((folder / "expected.json").read_text()), pd.read_csv(folder / "input.csv")


def both(limits):
    return [limits(c) for c in (0.95, 0.998)]


@pytest.mark.parametrize(("sigma", "confidence"), SIGMAS)
def test_normal_limits_of_a_share_are_those_of_the_workbook(shared, sigma, confidence):
    case, table = read_case(shared, "funnel_limits_proportion")
    rows = pd.DataFrame(case["expected"]["limits"])
    share = table["numerator"].sum() / table["denominator"].sum()
    lower, upper = share_limits(rows["Population"], share, confidence=confidence, method="normal")
    # the workbook gives 6 decimals of a percentage
    np.testing.assert_allclose(lower * 100, rows[f"lower_{sigma}_limit"], atol=5.1e-7, rtol=1e-8)
    np.testing.assert_allclose(upper * 100, rows[f"upper_{sigma}_limit"], atol=5.1e-7, rtol=1e-8)
    np.testing.assert_allclose(share * 100, rows["baseline"], atol=5.1e-7)


@pytest.mark.parametrize("method", ["exact", "normal"])
def test_the_303_shares_are_classed_as_published_by_both_methods(shared, method):
    case, table = read_case(shared, "funnel_limits_proportion")
    share = table["numerator"].sum() / table["denominator"].sum()
    whole = table["denominator"]
    limits = both(lambda c: share_limits(whole, share, confidence=c, method=method))
    ours = funnel_position(table["numerator"] / whole, *limits)
    assert [CLASSES[int(p)] for p in ours] == case["expected"]["significance"]


@pytest.mark.parametrize(("sigma", "confidence"), SIGMAS)
def test_exact_limits_of_a_rate_are_those_of_the_workbook(shared, sigma, confidence):
    """The workbook turns it round: the population at which a count touches a limit."""
    case, _ = read_case(shared, "funnel_limits_rate")
    rows = pd.DataFrame(case["expected"]["limits"])
    events, years = rows["Events"].to_numpy(float), 3
    low, high = poisson_interval(events, confidence=confidence, method="exact")
    for side, touching in (("lower", high), ("upper", low)):
        theirs = rows[f"{side}_{sigma}_population_1_year"]
        ours = touching / rows["baseline"] * 1e5 / years
        np.testing.assert_allclose(ours, theirs, rtol=SEARCHED, atol=1e-8)
        rate = events / touching * rows["baseline"]
        np.testing.assert_allclose(rate, rows[f"{side}_{sigma}_limit"], rtol=SEARCHED)


@pytest.mark.parametrize(("sigma", "confidence"), SIGMAS)
def test_exact_limits_of_a_ratio_are_those_of_the_workbook(shared, sigma, confidence):
    case, _ = read_case(shared, "funnel_limits_ratio")
    rows = pd.DataFrame(case["expected"]["limits"])
    observed = rows["Observed_events"].to_numpy(float)
    low, high = poisson_interval(observed, confidence=confidence, method="exact")
    for side, touching in (("lower", high), ("upper", low)):
        theirs = rows[f"{side}_{sigma}_exp_events"]
        np.testing.assert_allclose(touching, theirs, rtol=SEARCHED, atol=1e-9)
        ratio = observed / touching
        np.testing.assert_allclose(ratio * 100, rows[f"{side}_{sigma}_isr"], rtol=SEARCHED)
        # what the workbook calls a count is the ratio less one
        np.testing.assert_allclose(
            ratio - 1, rows[f"{side}_{sigma}_count"], rtol=SEARCHED, atol=1e-6
        )


def test_both_sides_solve_the_same_equation_and_ours_to_the_last_digit(shared):
    case, _ = read_case(shared, "funnel_limits_ratio")
    rows = pd.DataFrame(case["expected"]["limits"])
    observed = rows["Observed_events"].to_numpy(float)
    for sigma, confidence in SIGMAS:
        tail = (1 - confidence) / 2
        _, high = poisson_interval(observed, confidence=confidence, method="exact")
        ours = np.abs(poisson.cdf(observed, high) - tail).max()
        theirs = np.abs(poisson.cdf(observed, rows[f"lower_{sigma}_exp_events"]) - tail).max()
        assert ours < 1e-13 < 1e-8 < theirs < 1e-6
        lower, _ = funnel_limits(high, confidence=confidence)
        np.testing.assert_allclose(lower, observed, rtol=1e-9)  # and the limit is its inverse


def test_the_300_ratios_are_classed_as_published(shared):
    case, table = read_case(shared, "funnel_limits_ratio")
    limits = both(lambda c: funnel_limits(table["expected"], confidence=c))
    ours = funnel_position(table["obs"], *limits)
    assert [CLASSES[int(p)] for p in ours] == case["expected"]["significance"]


PEER = {  # FunnelPlotR's method -> ours
    "SR_SHMI": {"transform": "log", "method": "truncate"},
    "SR_CQC": {"transform": "sqrt", "method": "winsorise"},
}


@pytest.mark.parametrize("name", PEER)
def test_overdispersion_is_that_of_funnelplotr(shared, name):
    case, table = read_case(shared, "funnel_overdispersion_spiegelhalter")
    theirs, rtol = case["expected"][name], case["meta"]["tolerance_hint"]
    expected = table["expected"].round(2) if name == "SR_SHMI" else table["expected"]
    z, error = scores(table["obs"] / expected, expected, transform=PEER[name]["transform"])
    rows = pd.DataFrame(theirs["rows"])
    np.testing.assert_allclose(z, rows["Uzscore"], rtol=rtol, atol=1e-12)
    np.testing.assert_allclose(error, rows["s"], rtol=rtol)
    ours = overdispersion(z, error, method=PEER[name]["method"])
    np.testing.assert_allclose([ours.phi, ours.tau2], [theirs["phi"], theirs["tau2"]], rtol=rtol)


@pytest.mark.parametrize(
    ("confidence", "lower", "upper"), [(0.95, "odll95", "odul95"), (0.998, "odll998", "odul998")]
)
def test_adjusted_limits_are_those_of_funnelplotr(shared, confidence, lower, upper):
    """On the log scale equal; on the root scale the peer gives its limits untransformed."""
    case, _ = read_case(shared, "funnel_overdispersion_spiegelhalter")
    for name, undo in (("SR_SHMI", lambda x: x), ("SR_CQC", lambda x: np.maximum(x, 0) ** 2)):
        theirs = case["expected"][name]
        grid = pd.DataFrame(theirs["limits_at_number"])
        ours = adjusted_limits(
            grid["number_seq"],
            theirs["tau2"],
            transform=PEER[name]["transform"],
            confidence=confidence,
        )
        for mine, column in zip(ours, (lower, upper), strict=True):
            rtol = 1e-7 if confidence == 0.95 else 4e-7  # the peer's z is 3.090232, cut there
            np.testing.assert_allclose(mine, undo(grid[column]), rtol=rtol, atol=1e-9)


def test_a_ratio_of_counts_has_the_published_tau2_but_not_the_halved_error(shared):
    """FunnelPlotR estimates tau2 with the log error and draws with that of the root."""
    case, table = read_case(shared, "funnel_overdispersion_spiegelhalter")
    theirs = case["expected"]["RC"]
    top, bottom = table["obs"].to_numpy(), table["expected"].to_numpy()
    target = np.log(top.sum() / bottom.sum())
    error = np.sqrt(top / (top + 0.5) ** 2 + bottom / (bottom + 0.5) ** 2)
    ours = overdispersion((np.log((top + 0.5) / (bottom + 0.5)) - target) / error, error)
    np.testing.assert_allclose([ours.phi, ours.tau2], [theirs["phi"], theirs["tau2"]], rtol=1e-7)
    grid = pd.DataFrame(theirs["limits_at_number"])
    halved = adjusted_limits(
        4 * grid["number_seq"], ours.tau2, target=float(np.exp(target)), transform="log"
    )
    np.testing.assert_allclose(halved[0], grid["odll95"], rtol=1e-7)
    np.testing.assert_allclose(halved[1], grid["odul95"], rtol=1e-7)


def test_the_peers_unadjusted_limits_are_an_interval_of_the_expected_count(shared):
    """FunnelPlotR draws Garwood's interval of E; control limits answer another question."""
    case, _ = read_case(shared, "funnel_overdispersion_spiegelhalter")
    grid = pd.DataFrame(case["expected"]["SR_SHMI"]["limits_at_number"])
    number = grid["number_seq"].to_numpy()
    low, high = poisson_interval(number, method="exact")
    np.testing.assert_allclose(low / number, grid["ll95"], rtol=1e-7)
    np.testing.assert_allclose(high / number, grid["ul95"], rtol=1e-7)
    ours = funnel_limits(number)
    assert ours[0][0] == 0 < grid["ll95"][0]  # no event is no surprise when 1.1 is expected


@given(st.integers(1, 400), st.floats(0.01, 0.99), st.sampled_from([0.95, 0.998]))
def test_a_share_is_outside_exactly_when_its_tail_is_thin(whole, share, confidence):
    lower, upper = share_limits([whole], share, confidence=confidence)
    tail = (1 - confidence) / 2
    for count in {0, whole, int(lower[0] * whole), int(upper[0] * whole)}:
        below, above = binom.cdf(count, whole, share), binom.sf(count - 1, whole, share)
        if abs(below - tail) > 1e-9:
            assert (count < lower[0] * whole - 1e-9) == (below < tail)
        if abs(above - tail) > 1e-9:
            assert (count > upper[0] * whole + 1e-9) == (above < tail)


def test_units_that_differ_by_chance_alone_have_no_tau2():
    rng = np.random.default_rng(4)
    expected = rng.uniform(50, 500, 400)
    z, error = scores(rng.poisson(expected) / expected, expected)
    assert overdispersion(z, error).tau2 == 0
    planted = rng.normal(1, 0.1, 400) ** 2 * expected
    z, error = scores(rng.poisson(planted) / expected, expected)
    assert overdispersion(z, error, trim=0.0).tau2 == pytest.approx(0.01, rel=0.2)


@pytest.mark.slow
@pytest.mark.parametrize("method", ["winsorise", "truncate"])
def test_trimming_hides_usual_differences_unless_scores_count_them(method):
    rng = np.random.default_rng(4)
    expected = np.geomspace(50, 5_000, 4_000)
    ratio = rng.normal(1, 0.1, 4_000) ** 2
    z, error = scores(rng.poisson(ratio * expected) / expected, expected)
    assert overdispersion(z, error, method=method).tau2 < 0.007
    assert iterated_overdispersion(z, error).tau2 == pytest.approx(0.01, rel=0.06)


def test_the_iterated_estimate_untrimmed_is_paule_and_mandels_but_for_the_median():
    z, error = np.array([4.0, -3.0, 2.5, -1.0, 0.5, -5.0]), np.array([1, 2, 1, 3, 1, 0.5]) / 10
    found = iterated_overdispersion(z, error, trim=0.0).tau2
    total = np.sum((z * error) ** 2 / (error**2 + found))
    assert total == pytest.approx(chi2.median(6) * 5 / 6, rel=0.03)  # drawn, not exact
    assert iterated_overdispersion(z * 0.1, error).tau2 == 0


def test_outliers_hardly_widen_the_iterated_estimate():
    rng = np.random.default_rng(8)
    expected = np.full(19, 1_000.0)
    ratio = rng.normal(1, 0.1, 19) ** 2
    z, error = scores(ratio, expected)
    plain = iterated_overdispersion(z, error).tau2
    ratio[3] *= 9
    wild = iterated_overdispersion(*scores(ratio, expected)).tau2
    assert wild < 2 * plain
    assert wild < iterated_overdispersion(*scores(ratio, expected), trim=0.0).tau2 / 4


@pytest.mark.slow
@pytest.mark.parametrize(("places", "tau"), [(5, 0.1), (19, 0.1), (19, 0.0), (19, 0.3), (60, 0.1)])
def test_adjusted_limits_hold_ordinary_places_of_unequal_size(places, tau):
    rng = np.random.default_rng(places)
    expected = np.geomspace(50, 5_000, places)
    inside = []
    for _ in range(2_000 // places):
        seen = rng.poisson(rng.normal(1, tau, places) ** 2 * expected)
        centre = seen.sum() / expected.sum()
        tau2 = iterated_overdispersion(*scores(seen / expected / centre, expected * centre)).tau2
        low, high = adjusted_limits(expected * centre, tau2)
        inside += ((low <= seen / expected / centre) & (seen / expected / centre <= high)).tolist()
    assert 0.94 <= np.mean(inside) <= 0.995


def test_iterated_overdispersion_refuses_what_the_published_one_does():
    with pytest.raises(ObsError, match="at least three"):
        iterated_overdispersion([1.0, np.nan, 2.0], [0.1] * 3)
    with pytest.raises(ObsError, match="below 0.5"):
        iterated_overdispersion([1.0, 3.0, 2.0], [0.1] * 3, trim=0.5)


def test_a_missing_unit_is_left_out_and_two_units_are_too_few():
    z, error = scores([1.2, 0.8, np.nan, 1.4], [50, 50, 50, 0])
    assert np.isnan(z).tolist() == [False, False, True, True]
    with pytest.raises(ObsError, match="at least three"):
        overdispersion(z, error)


def test_a_zero_on_the_log_scale_is_refused_and_known_on_the_root_scale():
    with pytest.raises(ObsError, match="none infinite"):
        overdispersion(*scores([0.0, 1.0, 1.0], [9, 9, 9], transform="log"))
    assert overdispersion(*scores([0.0, 1.0, 1.0], [9, 9, 9])).n == 3


def test_wide_overdispersion_never_makes_a_limit_negative_or_a_share_above_one():
    lower, _ = adjusted_limits([2.0], 4.0)
    assert lower.tolist() == [0.0]
    lower, upper = adjusted_limits([2.0], 4.0, target=0.5, transform="arcsine")
    assert (lower.tolist(), upper.tolist()) == ([0.0], [1.0])


@pytest.mark.parametrize("bad", [{"share": 1.2}, {"share": 0.5, "confidence": 95}])
def test_impossible_share_limits_are_refused(bad):
    with pytest.raises(ObsError, match="between 0 and 1"):
        share_limits([10], **bad)
