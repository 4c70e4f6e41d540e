"""STL against R; where R's robust weights leave the published rule, both are shown."""

import csv
import json

import numpy as np
import pytest
from statsmodels.tsa.seasonal import STL

from obs.errors import ObsError
from obs.stats.seasonal import decompose_stl

EXACT = {
    "periodic": {"window": "periodic", "jump": True},
    "s7": {"window": 7, "jump": True},
    "s11_t23_l13_nojump": {"window": 11, "trend_window": 23, "low_pass_window": 13},
}
ROBUST = {
    "s13_robust": {"window": 13, "robust": True, "jump": True},
    "s11_robust_nojump": {"window": 11, "robust": True},
}


@pytest.fixture(scope="module")
def case(shared):
    folder = shared / "cases" / "stl_monthly"
    expected = json.loads((folder / "expected.json").read_text())["expected"]
    with (folder / "input.csv").open() as lines:
        return np.array([float(r["y"]) for r in csv.DictReader(lines)]), expected


def rows(expected, name):
    return np.array([r[name] for r in expected["rows"]])


@pytest.mark.parametrize("name", EXACT)
def test_decomposition_is_that_of_r(case, name):
    y, expected = case
    found, wanted = decompose_stl(y, **EXACT[name]), expected[name]
    for part in ("seasonal", "trend", "remainder"):
        ours = getattr(found, part)
        np.testing.assert_allclose(ours[wanted["index0"]], rows(wanted, part), rtol=1e-6, atol=1e-9)
        assert np.abs(ours).sum() == pytest.approx(wanted["sums"][part], rel=1e-6)


@pytest.mark.parametrize("name", ROBUST)
def test_robust_decomposition_stays_near_that_of_r(case, name):
    """R scales the weights by order statistics 234 and 239 of 468, not by their median."""
    y, expected = case
    found, wanted = decompose_stl(y, **ROBUST[name]), expected[name]
    for part in ("seasonal", "trend", "remainder"):
        ours = getattr(found, part)[wanted["index0"]]
        assert np.abs(ours - rows(wanted, part)).max() < 0.05  # ppm of a season of 6 ppm
    assert np.abs(found.weights[wanted["index0"]] - rows(wanted, "weight")).max() < 0.12


def test_parts_add_up_and_a_spoilt_month_loses_its_weight(case):
    y, _ = case
    spoilt = y.copy()
    spoilt[100] += 10
    found = decompose_stl(spoilt, robust=True)
    np.testing.assert_allclose(found.seasonal + found.trend + found.remainder, spoilt)
    assert found.weights[100] == 0


def test_missing_and_short_series_are_refused():
    with pytest.raises(ObsError, match="two years"):
        decompose_stl(np.arange(20.0))
    with pytest.raises(ObsError, match="no missing"):
        decompose_stl(np.append(np.arange(30.0), np.nan))


@pytest.mark.parametrize(("robust", "loops"), [(True, (1, 15)), (False, (2, 0))])
def test_loops_and_steps_are_those_of_the_publication(robust, loops):
    """A tenth of each window between two fits; one inner loop in each of fifteen robust ones."""
    months = np.arange(72.0)
    y = 5 + months / 30 + 3 * np.cos(months * np.pi / 6) + (months % 7 == 3)
    found = decompose_stl(y, window=13, robust=robust, jump=True)
    windows = {"seasonal": 13, "trend": 21, "low_pass": 13}  # 1.5 x 12 / (1 - 1.5 / 13), odd
    steps = {"seasonal_jump": 2, "trend_jump": 3, "low_pass_jump": 2}
    peer = STL(y, period=12, seasonal_deg=0, robust=robust, **windows, **steps)
    wanted = peer.fit(inner_iter=loops[0], outer_iter=loops[1])
    np.testing.assert_allclose(found.seasonal, wanted.seasonal, rtol=0, atol=1e-12)
    np.testing.assert_allclose(found.trend, wanted.trend, rtol=0, atol=1e-12)
