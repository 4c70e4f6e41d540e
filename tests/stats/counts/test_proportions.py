"""Intervals of proportions against R (epiR, stats), the PHE workbook, and their properties."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from obs.errors import ObsError
from obs.stats import (
    agresti_coull_interval,
    clopper_pearson_interval,
    jeffreys_interval,
    newcombe_difference,
    wilson_interval,
)

SHARE_KERNELS = (
    wilson_interval,
    clopper_pearson_interval,
    jeffreys_interval,
    agresti_coull_interval,
)


def load_case(shared, name):
    case = json.loads((shared / "cases" / name / "expected.json").read_text())
    return case["expected"]["rows"], case["meta"]["tolerance_hint"]


def column(rows, name):
    return np.array([np.nan if r[name] is None else r[name] for r in rows], dtype=float)


def close(ours, theirs, rtol):
    np.testing.assert_allclose(ours, theirs, rtol=rtol, atol=1e-15, equal_nan=True)


def test_wilson_primitives(shared):
    rows, rtol = load_case(shared, "byars_wilson_primitives")
    for row in (r for r in rows if r["method"] == "Wilson"):
        confidence = float(row["confidence"].rstrip("%")) / 100
        limits = wilson_interval(row["x"], row["n"], confidence=confidence)
        close(limits, [row["lowercl"], row["uppercl"]], rtol)


@pytest.mark.parametrize(("confidence", "column_name"), [(0.95, "95_0"), (0.998, "99_8")])
def test_wilson_limits_of_the_phe_workbook(shared, confidence, column_name):
    rows, rtol = load_case(shared, "proportion_wilson")
    low, high = wilson_interval(
        column(rows, "Numerator"), column(rows, "Denominator"), confidence=confidence
    )
    close(low * column(rows, "multiplier"), column(rows, f"lower{column_name}cl"), rtol)
    close(high * column(rows, "multiplier"), column(rows, f"upper{column_name}cl"), rtol)


@pytest.mark.parametrize(
    ("kernel", "name"),
    [
        (wilson_interval, "wilson"),
        (clopper_pearson_interval, "clopper"),
        (jeffreys_interval, "jeffreys"),
        (agresti_coull_interval, "agresti"),
    ],
)
def test_share_limits_are_those_of_r(shared, kernel, name):
    rows, rtol = load_case(shared, "binomial_ci_methods")
    for row in rows:
        low, high = kernel(row["x"], row["n"], confidence=row["conf"])
        theirs = np.clip([row[f"{name}_lcl"], row[f"{name}_ucl"]], 0, 1)
        if name == "jeffreys":  # ours holds the estimate at both ends; R gives plain quantiles
            theirs[0] = 0 if row["x"] == 0 else theirs[0]
            theirs[1] = 1 if row["x"] == row["n"] else theirs[1]
        close([low, high], theirs, rtol)


def test_continuity_correction_is_newcombes_everywhere(shared):
    """R's prop.test drops the correction where x is n/2; ours keeps it: both are shown."""
    rows, rtol = load_case(shared, "binomial_ci_methods")
    for row in rows:
        limits = wilson_interval(row["x"], row["n"], confidence=row["conf"], continuity=True)
        theirs = [row["wilson_cc_lcl"], row["wilson_cc_ucl"]]
        if abs(row["x"] - row["n"] / 2) < 0.5:
            assert limits[0] < theirs[0]
            assert limits[1] > theirs[1]
        else:
            close(limits, theirs, rtol)


@pytest.mark.parametrize("confidence", [0.1, 0.5, 0.95])
def test_the_corrected_interval_holds_the_share_at_any_confidence(confidence):
    x = np.arange(11)
    low, high = wilson_interval(x, 10, confidence=confidence, continuity=True)
    assert ((low <= x / 10) & (x / 10 <= high)).all()


def test_newcombe_difference_is_the_published_example():
    """Newcombe 1998, table II, row (a): 56/70 - 48/80, method 10."""
    low, high = newcombe_difference(56, 70, 48, 80)
    assert (round(float(low), 4), round(float(high), 4)) == (0.0524, 0.3339)


@pytest.mark.parametrize("kernel", SHARE_KERNELS)
def test_shares_of_nothing_are_unknown_and_shapes_kept(kernel):
    low, high = kernel([[0, 0], [np.nan, 3]], [[0, 4], [4, np.nan]])
    assert low.shape == high.shape == (2, 2)
    assert np.isnan(low).tolist() == np.isnan(high).tolist() == [[True, False], [True, True]]


@given(st.integers(1, 10**9), st.data(), st.sampled_from(SHARE_KERNELS))
def test_the_interval_holds_the_share_and_mirrors(n, data, kernel):
    x = data.draw(st.integers(0, n))
    low, high = kernel(x, n)
    assert 0 <= low <= x / n <= high <= 1
    mirrored_low, mirrored_high = kernel(n - x, n)
    assert low == pytest.approx(1 - mirrored_high, abs=1e-9)
    assert high == pytest.approx(1 - mirrored_low, abs=1e-9)


@given(st.integers(1, 10**4), st.integers(1, 10**4), st.data())
def test_the_difference_holds_its_estimate_and_changes_sign(n1, n0, data):
    x1, x0 = data.draw(st.integers(0, n1)), data.draw(st.integers(0, n0))
    low, high = newcombe_difference(x1, n1, x0, n0)
    assert -1 - 1e-12 <= low <= x1 / n1 - x0 / n0 <= high <= 1 + 1e-12
    back_low, back_high = newcombe_difference(x0, n0, x1, n1)
    assert (low, high) == (pytest.approx(-back_high), pytest.approx(-back_low))


def test_a_part_above_its_whole_is_refused():
    with pytest.raises(ObsError, match="above their whole"):
        wilson_interval(3, 2)
    with pytest.raises(ObsError, match="below 0"):
        jeffreys_interval(-1, 2)
