"""What a kernel of counts refuses, in which words, and the last value that it still takes."""

from dataclasses import replace

import numpy as np
import pytest

from obs.errors import ObsError
from obs.stats import (
    Scope,
    adjust_p_values,
    adjusted_limits,
    class_breaks,
    dark_share,
    direct_rate,
    dobson_interval,
    expected_events,
    funnel_limits,
    mean_interval,
    minimum_detectable_change,
    overdispersion,
    poisson_interval,
    rank_intervals,
    rank_sets,
    rate_ratio,
    recent_ratio,
    scale_up,
    severity_index,
    unreported,
)

CONFIDENCES = {
    "funnel": lambda c: funnel_limits([5.0], confidence=c),
    "adjusted funnel": lambda c: adjusted_limits([5.0], 0.1, confidence=c),
    "ranks": lambda c: rank_intervals([[1.0, 2.0]], confidence=c),
    "rank sets": lambda c: rank_sets([1.0, 2.0], [0.1, 0.1], confidence=c),
    "counts": lambda c: poisson_interval([5.0], confidence=c),
    "ratio": lambda c: rate_ratio(5, 10, 6, 10, confidence=c),
}


@pytest.mark.parametrize("confidence", [0.0, 1.0, 95])
@pytest.mark.parametrize("name", CONFIDENCES)
def test_a_confidence_lies_between_nothing_and_all(name, confidence):
    with pytest.raises(ObsError, match=r"confidence.*between 0 and 1"):
        CONFIDENCES[name](confidence)


REFUSED = {
    "expected below 0": (lambda: funnel_limits([-0.1, 3.0]), "expected counts are at least 0"),
    "expected infinite": (lambda: funnel_limits([np.inf, 3.0]), "expected counts are at least 0"),
    "method of an interval": (
        lambda: poisson_interval([1], method="wilson"),
        "unknown method 'wilson'; choose auto, exact, byar, midp, normal",
    ),
    "method of a ratio": (
        lambda: rate_ratio(5, 10, 6, 10, method="byar"),
        "unknown method 'byar'; choose auto, exact, midp, wald, score",
    ),
    "method of spread": (
        lambda: overdispersion([1, 2, 3], [1, 1, 1], method="trim"),
        "unknown method 'trim'; choose winsorise or truncate",
    ),
    "two scores": (
        lambda: overdispersion([1, 2, np.nan], [1, 1, 1]),
        "at least three scores are needed",
    ),
    "an infinite score": (lambda: overdispersion([1, 2, np.inf], [1] * 3), "none infinite"),
    "half trimmed": (lambda: overdispersion([1, 2, 3], [1] * 3, trim=0.5), "below 0.5"),
    "trimmed below 0": (lambda: overdispersion([1, 2, 3], [1] * 3, trim=-0.1), "at least 0"),
    "spread below 0": (lambda: adjusted_limits([5.0], -0.01), "tau2 is at least 0"),
    "transform": (
        lambda: adjusted_limits([5.0], 0.0, transform="cube"),
        "unknown transform 'cube'; choose sqrt, log, arcsine",
    ),
    "draws of one unit": (lambda: rank_intervals([1.0, 2.0]), "draws are n_draws x n_units"),
    "no draw": (lambda: rank_intervals(np.empty((0, 3))), "draws are n_draws x n_units"),
    "infinite measure": (lambda: mean_interval([1, np.inf]), "values: an infinite one"),
    "adjustment": (
        lambda: adjust_p_values([0.1], method="bonferroni"),
        "unknown adjustment 'bonferroni'; choose holm, bh or none",
    ),
    "a chance below 0": (lambda: adjust_p_values([-0.01, 0.5]), "p-values lie between 0 and 1"),
    "a chance above 1": (lambda: adjust_p_values([1.01, 0.5]), "p-values lie between 0 and 1"),
    "strata that differ": (
        lambda: expected_events([10, 5], [0.1, 0.2, 0.3]),
        r"not the same strata: population \(2,\), reference \(3,\)",
    ),
    "infinite count": (lambda: poisson_interval([np.inf, 2]), "counts: 1 infinite value"),
    "two counts below 0": (lambda: poisson_interval([-1, -2, 3]), r"counts: 2 value\(s\) below 0"),
    "classes": (lambda: class_breaks([1, 2], k=3), "2 distinct values do not make 3 classes"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_says_why(case):
    call, words = REFUSED[case]
    with pytest.raises(ObsError, match=words):
        call()


def test_the_last_values_that_are_taken():
    assert adjust_p_values([0.0, 1.0]).tolist() == [0.0, 1.0]
    assert adjust_p_values([0.2, np.nan], method="none").tolist()[0] == 0.2
    assert overdispersion([1, 2, 3], [1, 1, 1], trim=0.0).n == 3
    lower, upper = funnel_limits([0.0])
    assert (lower[0], upper[0]) == (0.0, 0.0)
    low, _ = adjusted_limits([100.0], 0.0)  # tau2 of 0: (1 - 1.96 / 20) squared
    assert low[0] == pytest.approx((1 - 1.959964 / 20) ** 2, rel=1e-6)


def test_of_two_measures_there_is_an_interval_and_of_one_there_is_none():
    low, high = mean_interval([1.0, 3.0])  # Student's t of one degree of freedom: 12.7062
    assert (float(low), float(high)) == pytest.approx((2 - 12.7062, 2 + 12.7062), abs=1e-3)
    alone = mean_interval([[1.0], [3.0]])
    assert [side.shape for side in alone] == [(2,), (2,)]
    assert np.isnan(alone).all()


def test_truncation_leaves_the_same_share_out_at_each_end():
    """Of ten scores two are left out at a fifth: the least and the greatest two; phi by hand."""
    scores = [-9, -8, -1, -1, 1, 1, 2, 2, 8, 9]
    found = overdispersion(scores, [1.0] * 10, trim=0.2, method="truncate")
    assert (found.n, found.phi) == (6, (1 + 1 + 1 + 1 + 4 + 4) / 6)
    assert found.tau2 == pytest.approx((12 - 5) / (6 - 1))


def test_ranks_of_missing_units_are_none():
    middle, low, high = rank_intervals([[1.0, np.nan, 3.0], [2.0, np.nan, 3.0]])
    assert (middle.tolist(), low.tolist(), high.tolist()) == ([2, 0, 1], [2, 0, 1], [2, 0, 1])
    low, high = rank_sets([np.nan, np.nan], [1.0, 1.0])
    assert (low.tolist(), high.tolist()) == ([0, 0], [0, 0])
    low, high = rank_sets([9.0, np.nan, 1.0], [0.1, 0.1, 0.1])
    assert (low.tolist(), high.tolist()) == ([1, 0, 2], [1, 0, 2])


def test_the_automatic_ratio_is_exact_below_ten_events_on_either_side():
    found = rate_ratio([9, 10, 10, 9], [1] * 4, [10, 9, 10, 9], [1] * 4)
    assert found.method.tolist() == ["exact", "exact", "wald", "exact"]
    wald = rate_ratio(10, 2, 20, 5)
    assert wald.ratio == pytest.approx(1.25)
    half = 1.959964 * np.sqrt(1 / 10 + 1 / 20)
    assert float(wald.high) == pytest.approx(1.25 * np.exp(half), rel=1e-6)
    assert float(wald.low) == pytest.approx(1.25 * np.exp(-half), rel=1e-6)


def test_the_automatic_interval_is_exact_below_ten_events():
    for count in (9, 10):
        found = [side[0] for side in poisson_interval([count])]
        other = "exact" if count < 10 else "byar"
        assert found == [side[0] for side in poisson_interval([count], method=other)]
    low, high = poisson_interval([16], method="normal")
    assert (low[0], high[0]) == pytest.approx((16 - 1.959964 * 4, 16 + 1.959964 * 4), rel=1e-6)


SCOPE = Scope("residents", "in the Region", "2022", frozenset({"theft"}), "fact", True)
SURVEYS = {
    "a rate above its limits": (lambda: dark_share([0.3, 0.5], 0.2, 0.4), "inside its limits"),
    "a rate below its limits": (lambda: dark_share([0.3, 0.1], 0.2, 0.4), "inside its limits"),
    "limits below 0": (lambda: dark_share([0.3, 0.3], [0.2, -0.1], 0.4), "from 0 to 1"),
    "limits above 1": (lambda: dark_share([0.3, 0.3], 0.2, [0.4, 1.1]), "from 0 to 1"),
    "incidents below 0": (
        lambda: unreported([10, -1], 1.0, dark_share(0.3, 0.2, 0.4)),
        "at least 0 and finite",
    ),
    "an error below 0": (
        lambda: unreported(10, [1, -1], dark_share(0.3, 0.2, 0.4)),
        "at least 0 and finite",
    ),
    "a rate of 0": (
        lambda: scale_up(
            [5, 5], [0.5, 0.0], 0.0, 0.6, recorded_scope=SCOPE, survey_scope=SCOPE
        ),
        "a reporting rate of 0 says nothing",
    ),
    "another year": (
        lambda: scale_up(
            5, 0.5, 0.4, 0.6, recorded_scope=SCOPE, survey_scope=replace(SCOPE, period="2021")
        ),
        "period: '2022' in the register, '2021' in the survey",
    ),
    "no base": (lambda: severity_index([5, 3], [1, 2], 100, base=0.0), "the base is above 0"),
    "a missing weight": (
        lambda: severity_index([5, 3], [1, np.nan], 100, base=1.0),
        "no weight is missing",
    ),
    "few weeks": (lambda: recent_ratio([5], [[3.0, 4.0]]), r"2 count\(s\) before are too few"),
    "a count too many": (
        lambda: recent_ratio([5, 6], [[3.0, 4.0, 5.0, 6.0]]),
        "a count for each series",
    ),
    "power": (lambda: minimum_detectable_change([20], power=1.0), "power 1.0 must lie between"),
    "squares below the events": (
        lambda: rate_of_persons([3, 3], [2, 4]),
        r"squares: 1 value\(s\) below the events",
    ),
    "squares above the events squared": (
        lambda: rate_of_persons([3, 3], [10, 4]),
        r"squares: 1 value\(s\) above the events squared",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", SURVEYS)
def test_rates_and_weights_that_cannot_be_are_refused(case):
    call, words = SURVEYS[case]
    with pytest.raises(ObsError, match=words):
        call()


def rate_of_persons(events, squares):
    return direct_rate(events, [100, 100], [1, 1], squares=squares)


def test_an_index_of_severity_by_hand():
    """100 x (1 x 5 + 2 x 3) / (100 x 0.11) is 100; the largest share 6 of 11."""
    found = severity_index([5, 3], [1, 2], 100, base=0.11)
    assert float(found.index) == pytest.approx(100)
    assert (float(found.events), float(found.largest_share)) == (8, pytest.approx(6 / 11))
    low, high = dobson_interval(100.0, (5 + 4 * 3) * (100 / 11) ** 2, 8)
    assert (float(found.low), float(found.high)) == pytest.approx((float(low), float(high)))
    assert np.isnan(severity_index([5, 3], [1, 2], 0, base=1.0).index)


def test_what_is_not_reported_by_hand():
    dark = dark_share(0.25, 0.2, 0.3)
    assert (float(dark.value), float(dark.low), float(dark.high)) == pytest.approx((0.75, 0.7, 0.8))
    found = unreported(1000, 100, dark)
    own = 0.1 / (2 * 1.959964 * 0.75)
    half = 1.959964 * np.hypot(0.1, own)
    assert float(found.value) == 750
    assert float(found.high) == pytest.approx(750 * np.exp(half), rel=1e-6)
    assert float(found.low) == pytest.approx(750 * np.exp(-half), rel=1e-6)
    scaled = scale_up(400, 0.5, 0.4, 0.6, recorded_scope=SCOPE, survey_scope=SCOPE)
    few, many = (float(side) for side in poisson_interval(400))
    up = np.hypot(np.log(many / 400), np.log(0.5 / 0.4))
    down = np.hypot(np.log(400 / few), np.log(0.6 / 0.5))
    assert float(scaled.value) == 800
    assert float(scaled.high) == pytest.approx(800 * np.exp(up))
    assert float(scaled.low) == pytest.approx(800 * np.exp(-down))


def test_the_least_change_that_would_have_been_seen_by_hand():
    reach = 1.959964 + 0.841621
    step = reach * np.sqrt(2) / (2 * np.sqrt(100))
    fall, rise = minimum_detectable_change([100, 0, 3, 4])
    assert (fall[0], rise[0]) == pytest.approx(((1 - step) ** 2 - 1, (1 + step) ** 2 - 1), rel=1e-5)
    assert np.isnan([fall[1], rise[1]]).all()
    assert np.isnan(fall[2])  # of three not even none would have shown: 1.98 / root 3 is above 1
    assert fall[3] == pytest.approx((1 - reach * np.sqrt(2) / 4) ** 2 - 1, rel=1e-5)


def test_weeks_beside_those_before_by_hand():
    """Of steady weeks the dispersion is 1: the score limits with Student's t of n - 1."""
    found = recent_ratio([12], [[10.0] * 8])
    assert float(found.ratio[0]) == pytest.approx(1.2)
    assert float(found.dispersion[0]) == 1.0
    assert found.low[0] < 1.2 < found.high[0]
    none = recent_ratio([0], [[0.0] * 8])
    assert (none.low[0], none.high[0]) == (0, np.inf)
    assert recent_ratio([0], [[1.0] * 8]).low[0] == 0
    assert recent_ratio([3], [[0.0] * 8]).high[0] == np.inf
    assert np.isnan(recent_ratio([np.nan], [[1.0] * 8]).p_value[0])
