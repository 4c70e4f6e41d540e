"""Structural breaks against strucchange, and planted ones found."""

import csv
import json

import numpy as np
import pytest

from obs.errors import ObsError
from obs.lab.structural_breaks import find_breaks, sup_f, sup_f_p_value


@pytest.fixture(scope="module")
def case(shared):
    folder = shared / "cases" / "breakpoints_driver_deaths"
    expected = json.loads((folder / "expected.json").read_text())["expected"]
    with (folder / "input.csv").open() as lines:
        drivers = np.array([float(r["drivers"]) for r in csv.DictReader(lines)])
    return np.log10(drivers), expected


@pytest.fixture(scope="module")
def lagged(case):
    y, _ = case
    return y[12:], np.column_stack([np.ones(y.size - 12), y[11:-1], y[:-12]])


def test_breaks_of_the_mean(case):
    y, expected = case
    found = find_breaks(y, most=5)
    np.testing.assert_allclose(found.rss, expected["mean_only"]["rss_m0_up"], rtol=1e-7)
    np.testing.assert_allclose(found.bic, expected["mean_only"]["bic_m0_up"], rtol=1e-7)
    for m, theirs in enumerate(expected["mean_only"]["for_m"], start=1):
        assert list(found.breaks[m]) == np.atleast_1d(theirs).tolist()
    assert list(found.breaks[found.best]) == expected["mean_only"]["best"]


def test_breaks_of_an_autoregression(case, lagged):
    _, expected = case
    found = find_breaks(*lagged, trim=0.1, most=8)
    np.testing.assert_allclose(found.rss, expected["ar_model"]["rss"], rtol=1e-7)
    np.testing.assert_allclose(found.bic, expected["ar_model"]["bic"], rtol=1e-7)
    assert found.best == 0
    assert list(found.breaks[2]) == expected["ar_model"]["two_breaks"]


def test_sup_f_and_its_p_value(case, lagged):
    _, expected = case
    statistic, position, p_value = sup_f(*lagged)
    assert statistic == pytest.approx(expected["ar_model"]["supF"], rel=1e-7)
    assert position == 46
    # theirs is Hansen's polynomial through simulated tails, ours the tail's own formula
    assert p_value == pytest.approx(0.00652, abs=1e-5)
    assert p_value == pytest.approx(expected["ar_model"]["supF_p"], rel=0.04)


@pytest.mark.parametrize(("k", "limit"), [(1, 8.85), (2, 11.79), (3, 14.15)])
def test_p_values_of_andrews_table(k, limit):
    """The 5 % limits of Andrews (2003), trimming 0.15."""
    assert sup_f_p_value(limit, k, 0.15) == pytest.approx(0.05, rel=0.1)


def test_a_planted_change_of_slope_is_found():
    t = np.arange(80.0)
    y = np.where(t < 50, 0.1 * t, 5 - 0.2 * (t - 50)) + np.random.default_rng(2).normal(0, 0.1, 80)
    found = find_breaks(y, np.column_stack([np.ones(80), t]), most=3)
    assert found.best == 1
    assert abs(found.breaks[1][0] - 50) <= 1


@pytest.mark.slow
def test_no_break_where_there_is_none():
    rng = np.random.default_rng(6)
    called = [sup_f(rng.normal(size=100))[2] < 0.05 for _ in range(300)]
    assert np.mean(called) < 0.09


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: find_breaks(np.arange(10.0), trim=0.6), "at most half"),
        (lambda: find_breaks([1, np.nan, 2, 3]), "missing"),
        (lambda: find_breaks(np.arange(10.0), np.ones((9, 1))), "agree in length"),
        (lambda: sup_f(np.arange(10.0), trim=6), "leaves no date"),
    ],
)
def test_wrong_use_is_refused(call, message):
    with pytest.raises(ObsError, match=message):
        call()
