"""Intervals of counts and means against R (epitools, stats) and the PHE workbook."""

import csv
import json
from itertools import groupby

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from obs.errors import ObsError
from obs.stats import mean_interval, poisson_interval

COUNT_METHODS = ("auto", "exact", "byar", "midp", "normal")


def load_case(shared, name):
    case = json.loads((shared / "cases" / name / "expected.json").read_text())
    return case["expected"]["rows"], case["meta"]["tolerance_hint"]


def column(rows, name):
    return np.array([np.nan if r[name] is None else r[name] for r in rows], dtype=float)


def close(ours, theirs, rtol):
    np.testing.assert_allclose(ours, theirs, rtol=rtol, atol=1e-15, equal_nan=True)


@pytest.mark.parametrize("method", ["exact", "normal"])
def test_poisson_limits_are_those_of_r(shared, method):
    rows, rtol = load_case(shared, "poisson_ci_counts")
    for confidence, group in groupby(rows, key=lambda r: r["conf"]):
        some = list(group)
        low, high = poisson_interval(column(some, "x"), confidence=confidence, method=method)
        close(low / column(some, "exposure"), column(some, f"{method}_lcl"), rtol)
        close(high / column(some, "exposure"), column(some, f"{method}_ucl"), rtol)


def test_byar_is_the_form_of_phe_and_not_that_of_epitools(shared):
    """epitools puts x + 0.5 in both limits; Breslow and Day, and PHE, x and x + 1."""
    rows, rtol = load_case(shared, "byars_wilson_primitives")
    for row in (r for r in rows if r["method"] == "Byars"):
        confidence = float(row["confidence"].rstrip("%")) / 100
        limits = poisson_interval(row["x"], confidence=confidence, method="byar")
        close(limits, column([row], "lowercl").tolist() + [row["uppercl"]], rtol)
    theirs, _ = load_case(shared, "poisson_ci_counts")
    forty = next(r for r in theirs if r["x"] >= 10)
    low, _ = poisson_interval(forty["x"], confidence=forty["conf"], method="byar")
    assert low / forty["exposure"] != pytest.approx(forty["byar_epitools_lcl"], rel=1e-4)


@pytest.mark.parametrize(("confidence", "column_name"), [(0.95, "95_0"), (0.998, "99_8")])
def test_auto_is_exact_below_ten_and_byar_from_ten(shared, confidence, column_name):
    rows, rtol = load_case(shared, "rate_byars_exact")
    low, high = poisson_interval(column(rows, "Numerator"), confidence=confidence)
    factor = column(rows, "multiplier") / column(rows, "Denominator")
    close(low * factor, column(rows, f"lower{column_name}cl"), rtol)
    close(high * factor, column(rows, f"upper{column_name}cl"), rtol)


@pytest.mark.parametrize("count", [9, 10])
def test_the_method_changes_at_ten(count):
    method = "exact" if count < 10 else "byar"
    assert poisson_interval(count) == poisson_interval(count, method=method)


def test_mean_limits_are_those_of_the_phe_workbook(shared):
    rows, rtol = load_case(shared, "mean_t_ci")
    with (shared / "cases" / "mean_t_ci" / "input.csv").open() as file:
        given_rows = list(csv.DictReader(file))
    for row in rows:
        values = [
            float(r["values"]) for r in given_rows if row["area"] in (r["area"], "No grouping")
        ]
        for confidence, name in ((0.95, "95_0"), (0.998, "99_8")):
            limits = mean_interval(values, confidence=confidence)
            close(limits, [row[f"lower{name}cl"], row[f"upper{name}cl"]], rtol)


def test_seed_figures_have_the_intervals_of_the_methods_page():
    low, high = poisson_interval([37, 16, 2355])
    assert low.round(1).tolist() == [26.0, 9.1, 2260.8]
    assert high.round(1).tolist() == [51.0, 26.0, 2452.1]


@pytest.mark.parametrize("method", COUNT_METHODS)
@pytest.mark.parametrize("counts", [5, [0], [[1, np.nan], [12, 3e9]], []])
def test_shapes_are_kept(method, counts):
    for limit in poisson_interval(counts, method=method):
        assert limit.shape == np.shape(counts)
        assert np.array_equal(np.isnan(limit), np.isnan(np.asarray(counts, dtype=float)))


def test_one_value_has_a_mean_but_no_interval():
    assert np.isnan(mean_interval([[3.0], [4.0]])).tolist() == [[True, True], [True, True]]
    assert np.isnan(mean_interval([1.0, np.nan, 2.0])).all()


def test_midp_limits_solve_their_equation():
    low, high = poisson_interval(0, method="midp")
    assert float(low) == 0
    assert float(high) == pytest.approx(-np.log(0.05), rel=1e-9)  # 0.5 exp(-m) = 0.025


@pytest.mark.parametrize("confidence", [0, 1, 95, -0.5, np.nan])
def test_a_confidence_is_between_0_and_1(confidence):
    with pytest.raises(ObsError, match=r"0\.95, not 95"):
        poisson_interval(3, confidence=confidence)


def test_impossible_inputs_are_refused():
    with pytest.raises(ObsError, match="below 0"):
        poisson_interval([3, -1])
    with pytest.raises(ObsError, match="unknown method"):
        poisson_interval(3, method="guess")


@pytest.mark.slow
@given(st.integers(0, 10**9), st.sampled_from(["auto", "exact", "byar", "midp"]))
def test_the_interval_holds_the_count(count, method):
    low, high = poisson_interval(count, method=method)
    assert low <= count <= high


@pytest.mark.slow
@given(st.integers(0, 10**6))
def test_midp_is_inside_exact(count):
    low, high = poisson_interval(count, method="midp")
    exact_low, exact_high = poisson_interval(count, method="exact")
    assert exact_low <= low
    assert high <= exact_high
