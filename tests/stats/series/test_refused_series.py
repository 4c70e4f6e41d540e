"""Series that cannot be modelled are refused in words; small cases worked out by hand."""

import numpy as np
import pytest

from obs.errors import ObsError
from obs.stats import fit_counts, fit_interruption
from obs.stats.series.aoristic import aoristic_hours
from obs.stats.series.interruption import interruption_columns, placebo_interruptions
from obs.stats.series.log_regression import fit_logs
from obs.stats.series.nowcast import nowcast, reporting_triangle

ONES = np.ones((3, 1))
YEARS = np.tile([20, 22, 19, 25, 21, 18], 8)
REFUSED = {
    "family": (
        lambda: fit_counts([1, 2, 3], ONES, family="normal"),
        "unknown family 'normal'; choose negbin, quasipoisson or poisson",
    ),
    "a missing count": (lambda: fit_counts([1, np.nan, 3], ONES), "a missing value"),
    "a missing regressor": (
        lambda: fit_counts([1, 2, 3], [[1], [np.nan], [1]]),
        "a missing value: leave its row out",
    ),
    "no event": (lambda: fit_counts([0, 0, 0], ONES), "no event at all: nothing can be fitted"),
    "a count below 0": (lambda: fit_counts([1, -1, 3], ONES), "counts are at least 0"),
    "an exposure of 0": (
        lambda: fit_counts([1, 2, 3], ONES, exposure=[1, 0, 1]),
        "exposures above 0 and finite",
    ),
    "a row too many": (lambda: fit_counts([1, 2, 3], np.ones((4, 1))), "must agree in length"),
    "a flat design": (lambda: fit_counts([1, 2, 3], np.ones(3)), "must agree in length"),
    "an exposure too many": (
        lambda: fit_counts([1, 2, 3], ONES, exposure=[1, 1]),
        "must agree in length",
    ),
    "errors": (
        lambda: fit_interruption(YEARS, start=30, errors="white"),
        "unknown errors 'white'; choose autoregressive, newey_west or model",
    ),
    "season": (
        lambda: fit_interruption(YEARS, start=30, season=np.ones((47, 1))),
        "the season has 47 rows for 48 counts",
    ),
    "an intervention after the end": (
        lambda: interruption_columns(48, 48, 48, None),
        "must hold one observation or more",
    ),
    "an end after the end": (
        lambda: interruption_columns(48, 30, 49, None),
        "must hold one observation or more",
    ),
    "a late placebo": (
        lambda: placebo_interruptions(YEARS, start=40, starts=[39]),
        "a placebo date needs .* observations before the true start",
    ),
    "shapes": (
        lambda: reporting_triangle([0, 0], [0], periods=2, delays=2, last=1),
        r"occurred \(2,\) and delay \(1,\) differ in shape",
    ),
    "no period": (
        lambda: reporting_triangle([], [], periods=0, delays=2, last=1),
        "at least one period and one delay",
    ),
    "no delay": (
        lambda: reporting_triangle([], [], periods=1, delays=0, last=1),
        "at least one period and one delay",
    ),
    "a period outside": (
        lambda: reporting_triangle([2], [0], periods=2, delays=2, last=1),
        "periods must lie within the triangle",
    ),
    "a period before": (
        lambda: reporting_triangle([-1], [0], periods=2, delays=2, last=1),
        "periods must lie within the triangle",
    ),
    "a delay before": (
        lambda: reporting_triangle([0], [-1], periods=2, delays=2, last=1),
        "delays be at least 0",
    ),
    "a fraction": (lambda: nowcast([[1.5, 2.0]]), "whole counts, at least 0"),
    "fewer than none": (lambda: nowcast([[-1.0, 2.0]]), "whole counts, at least 0"),
    "a hole": (lambda: nowcast([[np.nan, 2.0], [3.0, 1.0]]), "come first in each row"),
    "a last delay that is unknown": (
        lambda: nowcast([[3.0, np.nan], [4.0, np.nan]]),
        "no period is known up to the last delay",
    ),
    "a flat triangle": (lambda: nowcast([3.0, 4.0]), r"this one is of shape \(2,\)"),
    "begins without ends": (
        lambda: aoristic_hours(["2024-01-01T01:00"] * 2, ["2024-01-01T02:00"]),
        "2 begins and 1 ends",
    ),
    "a count of 0": (
        lambda: fit_logs([0, 2, 3, 4, 5], np.ones((5, 1))),
        "without events have no logarithm",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_says_why(case):
    call, words = REFUSED[case]
    with pytest.raises(ObsError, match=words):
        call()


def test_a_fact_of_the_very_last_day_is_counted():
    found = reporting_triangle([0, 1, 1, 0], [1, 0, 1, 2], periods=2, delays=2, last=1)
    np.testing.assert_array_equal(found, [[0, 1], [1, np.nan]])


def test_columns_of_an_intervention_by_hand():
    columns, names = interruption_columns(48, 40, 46, None)
    made = dict(zip(names, columns.T.tolist(), strict=True))
    assert list(made)[:3] == ["intercept", "time", "level"]
    assert made["time"][39:42] == [-1, 0, 1]
    assert (sum(made["level"]), made["level"][39], made["level"][46]) == (6, 0, 0)
    assert (sum(made["aftermath"]), made["aftermath"][45], made["aftermath"][46]) == (2, 0, 1)
    _, without = interruption_columns(48, 40, 48, None)
    assert "aftermath" not in without  # it lasts to the end


def test_rates_of_counts_by_hand():
    """One term: the rate is all events over all exposure, its error one over their root."""
    fit = fit_counts([4, 9, 12], ONES, exposure=[1, 2, 2], family="poisson")
    assert np.exp(fit.coefficients[0]) == pytest.approx(25 / 5)
    assert fit.covariance[0, 0] == pytest.approx(1 / 25)
    expected = np.array([5, 10, 10])
    pearson = float(np.sum((np.array([4, 9, 12]) - expected) ** 2 / expected)) / 2
    assert fit.dispersion == pytest.approx(pearson)
    quasi = fit_counts([4, 9, 12], ONES, exposure=[1, 2, 2], family="quasipoisson")
    assert quasi.covariance[0, 0] == pytest.approx(pearson / 25)


@pytest.mark.parametrize(
    ("begin", "end", "hours"),
    [
        ("2024-01-01T05:00", "2024-01-01T05:00", {5: 1.0}),
        ("2024-01-01T05:00", None, {5: 1.0}),
        ("2024-01-01T06:00", "2024-01-01T05:00", {5: 1.0}),  # swapped
        ("2024-01-01T05:45", "2024-01-01T07:00", {5: 0.2, 6: 0.8}),
        ("2024-01-07T23:30", "2024-01-08T00:30", {167: 0.5, 0: 0.5}),  # into the next week
    ],
)
def test_hours_of_a_window_by_hand(begin, end, hours):
    found = aoristic_hours([begin], [end or "NaT"])[0]
    assert {int(h): found[h] for h in np.flatnonzero(found)} == pytest.approx(hours)


def test_a_window_of_a_week_or_more_says_nothing():
    found = aoristic_hours(["2024-01-01T05:00", "NaT"], ["2024-01-08T05:00", "2024-01-08T05:00"])
    assert found[0] == pytest.approx(np.full(168, 1 / 168))
    assert found[1].sum() == 0
