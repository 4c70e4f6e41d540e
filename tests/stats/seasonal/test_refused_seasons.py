"""Series of which no season can be told are refused, at the very number that is too small."""

import numpy as np
import pytest

from obs.errors import ObsError
from obs.stats.seasonal import (
    adjust_seasonal,
    decompose_stl,
    fit_count_season,
    revision_history,
    sliding_spans,
)
from obs.stats.seasonal.adjust import _Scale
from obs.stats.seasonal.calendar_effects import calendar_regressors, leap_year_factor
from obs.stats.seasonal.outliers import critical_value, outlier_regressors
from obs.stats.series.harmonics import harmonic_terms


def months(n, start="2015-01"):
    return np.datetime64(start, "M") + np.arange(n)


def waves(n):
    return 100 + 20 * np.cos(np.arange(n) * np.pi / 6)


def with_gap():
    return np.delete(months(49), 20)


REFUSED = {
    "a period of weeks": (
        lambda: adjust_seasonal(waves(48), months(48), period=52),
        "a season of 52 periods is not known",
    ),
    "a month too few": (
        lambda: adjust_seasonal(waves(35), months(35)),
        "35 periods are fewer than 3 years",
    ),
    "a value too few": (
        lambda: adjust_seasonal(waves(47), months(48)),
        "one value for each period is needed",
    ),
    "a month left out": (
        lambda: adjust_seasonal(waves(48), with_gap()),
        "follow one another without a gap",
    ),
    "an infinite value": (
        lambda: adjust_seasonal(np.r_[waves(47), np.inf], months(48)),
        "an infinite value, or no event at all",
    ),
    "five of forty missing": (
        lambda: adjust_seasonal(np.where(np.arange(40) % 8 == 3, np.nan, waves(40)), months(40)),
        "more than one value in ten",
    ),
    "the first missing": (
        lambda: adjust_seasonal(np.r_[np.nan, waves(47)], months(48)),
        "the first or the last, is missing",
    ),
    "the last missing": (
        lambda: adjust_seasonal(np.r_[waves(47), np.nan], months(48)),
        "the first or the last, is missing",
    ),
    "a product with a zero": (
        lambda: adjust_seasonal(np.r_[0.0, waves(47)], months(48), mode="multiplicative"),
        "needs values above 0: use mode='additive'",
    ),
    "calendar": (
        lambda: calendar_regressors(months(3), kind="moon"),
        "unknown calendar 'moon'; none, working_days or trading_days",
    ),
    "counts of two years": (
        lambda: fit_count_season(np.full(35, 9.0), months(35)),
        "35 periods are fewer than three years",
    ),
    "a missing count": (
        lambda: fit_count_season(np.r_[np.nan, np.full(35, 9.0)], months(36)),
        "a missing count: a count model needs every period",
    ),
    "few events": (
        lambda: fit_count_season(np.full(36, 4.9), months(36)),
        "4.9 events a period are fewer than 5",
    ),
    "outliers of a year": (lambda: critical_value(12), "needs 13 months or more"),
    "a chance of 1": (lambda: critical_value(60, false_alarm=1.0), "a chance between 0 and 1"),
    "a chance of 0": (lambda: critical_value(60, false_alarm=0.0), "a chance between 0 and 1"),
    "spans": (
        lambda: sliding_spans(131, lambda part: np.ones(96)),
        "4 spans of 8 years need 11 years",
    ),
    "replays": (
        lambda: revision_history(59, lambda part: np.ones(59)[part]),
        "24 replays leave fewer than 3 years",
    ),
    "STL of two years less a month": (
        lambda: decompose_stl(waves(23)),
        "STL needs two years or more and no missing value",
    ),
    "STL of a missing value": (
        lambda: decompose_stl(np.r_[np.nan, waves(47)]),
        "STL needs two years or more and no missing value",
    ),
    "no harmonic": (
        lambda: harmonic_terms([1, 2], period=12, harmonics=0),
        "a length above 0 and one harmonic or more",
    ),
    "no length": (lambda: harmonic_terms([1, 2], period=0), "a length above 0"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_says_why(case):
    call, words = REFUSED[case]
    with pytest.raises(ObsError, match=words):
        call()


def test_the_shortest_spans_and_replays_are_made():
    unstable, difference = sliding_spans(132, lambda part: np.ones(part.stop - part.start))
    assert unstable == 0
    assert np.isnan(difference[:12]).all()  # one span alone covers the first year
    assert (difference[12:120] == 0).all()
    first, final = revision_history(60, lambda part: np.arange(60.0)[part])
    assert first.tolist() == final.tolist() == list(range(36, 60))


def test_spans_that_differ_by_more_than_three_per_cent_are_unstable():
    """Each span a hundredth above the one before: two differ by 1 %, four by 3.03 %."""
    spans = iter(1.01**k for k in range(4))
    unstable, difference = sliding_spans(132, lambda part: np.full(96, next(spans)))
    assert np.nanmax(difference) == pytest.approx(1.01**3 - 1)
    assert difference[12] == pytest.approx(0.01)  # covered by the first two spans
    # all four spans share the fourth to the eighth year, of nine that two or more share
    assert unstable == pytest.approx(5 / 9)


def test_thirteen_months_have_a_limit_of_outliers():
    assert critical_value(13) == pytest.approx(3.4329, abs=1e-4)  # by hand, from the formula
    assert critical_value(13, false_alarm=0.01) > critical_value(13)


def test_shapes_of_outliers_by_hand():
    shapes = outlier_regressors(5, [("AO", 2), ("LS", 2), ("TC", 2)]).T
    assert shapes[0].tolist() == [0, 0, 1, 0, 0]
    assert shapes[1].tolist() == [-1, -1, 0, 0, 0]
    assert shapes[2] == pytest.approx([0, 0, 1, 0.7, 0.49])


def test_leap_years_of_months_and_quarters():
    quarters = np.array(["2024-01", "2023-01", "2024-04"], dtype="M8[M]")
    assert leap_year_factor(quarters, step=3) == pytest.approx([91 / 90.25, 90 / 90.25, 1.0])


def test_scales_go_there_and_back():
    log, plain = (_Scale.of(np.array([2.0, 4.0]), mode) for mode in ("multiplicative", "additive"))
    assert log.back(log.values) == pytest.approx([2, 4])
    assert plain.values == pytest.approx([2 / 3, 4 / 3])
    assert plain.back(plain.values) == pytest.approx([2, 4])
    assert log.jacobian(1) == pytest.approx(2 * np.log(4))
    assert plain.jacobian(1) == pytest.approx(2 * np.log(3))


def test_rates_below_one_have_a_multiplicative_season():
    found = adjust_seasonal(
        waves(48) / 1000, months(48), mode="multiplicative", calendar="none", critical=99
    )
    assert found.mode == "multiplicative"
    assert found.seasonal[:12] == pytest.approx(waves(12) / 100, rel=1e-3)


def test_harmonics_of_a_quarter_by_hand():
    columns, names = harmonic_terms([0, 1], period=4, harmonics=2)
    assert names == ("sin1", "cos1", "sin2", "cos2")
    assert columns == pytest.approx(np.array([[0, 1, 0, 1], [1, 0, 0, -1]]), abs=1e-12)
