"""Calibrated weights reach their totals in every unit, or the totals are refused in words."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, sparse

from obs.errors import ObsError
from obs.stats.survey import calibrate_weights, make_calibration, trim_weights
from obs.stats.survey.calibration_distances import make_link

DISTANCES = {"raking": None, "linear": None, "bounded": (0.3, 2.5), "logit": (0.3, 2.5)}


def sample(seed, unit, n=60):
    rng = np.random.default_rng(seed)
    group = rng.permutation(np.arange(n) % 3)
    columns = np.column_stack([np.eye(3)[group], rng.lognormal(10, 1, n) * unit])
    weight = rng.uniform(50, 150, n)
    return columns, weight, columns.T @ (weight * rng.uniform(0.6, 1.8, n))


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 10_000), power=st.integers(-9, 12))
def test_every_distance_reaches_its_totals_in_every_unit(seed, power):
    columns, weight, totals = sample(seed, 10.0**power)
    plain, _, plain_totals = sample(seed, 1.0)
    for distance, bounds in DISTANCES.items():
        options = {"distance": distance, "bounds": bounds}
        found = calibrate_weights(weight, sparse.csr_array(columns), totals, **options)
        assert columns.T @ found == pytest.approx(totals, rel=1e-8)
        same = calibrate_weights(weight, sparse.csr_array(plain), plain_totals, **options)
        assert found == pytest.approx(same, rel=1e-6)
        if bounds:
            assert (found >= 0.3 * weight * (1 - 1e-12)).all()
            assert (found <= 2.5 * weight * (1 + 1e-12)).all()


def test_bounded_weights_are_the_nearest_ones():
    columns, weight, totals = sample(3, 1.0, n=24)
    bounds = [(0.3 * w, 2.5 * w) for w in weight]
    nearest = optimize.minimize(
        lambda w: ((w - weight) ** 2 / weight).sum(),
        weight,
        jac=lambda w: 2 * (w - weight) / weight,
        bounds=bounds,
        constraints={
            "type": "eq",
            "fun": lambda w: (columns.T @ w - totals) / totals,
            "jac": lambda w: columns.T / totals[:, None],
        },
        method="SLSQP",
        options={"ftol": 1e-14, "maxiter": 500},
    )
    found = calibrate_weights(
        weight, sparse.csr_array(columns), totals, distance="bounded", bounds=(0.3, 2.5)
    )
    assert found == pytest.approx(nearest.x, rel=1e-4)


@pytest.mark.parametrize("distance", DISTANCES)
def test_the_integral_of_a_distance_is_the_area_under_it(distance):
    link = make_link(distance, DISTANCES[distance])
    grid = np.linspace(-3, 3, 60_001)
    area = np.concatenate([[0], np.cumsum(np.diff(grid) * (link.ratio(grid[:-1] + 5e-5)))])
    middle = len(grid) // 2
    assert link.integral(grid) == pytest.approx(area - area[middle], abs=1e-6)
    slope = np.gradient(link.ratio(grid), grid)
    assert link.slope(grid[::97]) == pytest.approx(slope[::97], abs=1e-3)


def test_the_basis_is_orthonormal_for_the_weights_and_leaves_redundant_columns_out():
    columns, weight, _ = sample(5, 1e9)
    columns = np.column_stack([columns, columns[:, :3].sum(axis=1)])
    made = make_calibration(sparse.csr_array(columns), weight, weight)
    basis = columns @ made.root
    assert basis.T @ (basis * weight[:, None]) == pytest.approx(np.eye(4), abs=1e-9)


def test_totals_that_contradict_one_another_are_named():
    a = np.array([0, 0, 1, 1, 2, 2])
    columns = np.column_stack([np.eye(3)[a], np.eye(2)[(a > 0).astype(int)]])
    labels = ["a=0", "a=1", "a=2", "b=0", "b=1"]
    with pytest.raises(ObsError, match="contradict one another: among the respondents"):
        calibrate_weights(
            np.ones(6), sparse.csr_array(columns), np.array([2.0, 2, 2, 3, 3]), labels=labels
        )
    fine = calibrate_weights(np.ones(6), sparse.csr_array(columns), np.array([3.0, 1, 2, 3, 3]))
    assert fine == pytest.approx([1.5, 1.5, 0.5, 0.5, 1, 1])


def test_bounds_that_hold_the_totals_off_are_told():
    with pytest.raises(ObsError, match=r"by bounded: these totals are not reached: x \(\+"):
        calibrate_weights(
            np.ones(4),
            sparse.csr_array(np.ones((4, 1))),
            np.array([9.0]),
            distance="bounded",
            bounds=(0.5, 2.0),
            labels=["x"],
        )


def test_a_trim_that_leaves_no_room_returns_the_mean():
    assert trim_weights(np.array([1.0, 3.0]), upper=2.0).tolist() == [2.0, 2.0]
    assert trim_weights(np.array([1.0, 3.0]), lower=2.0, upper=2.0).tolist() == [2.0, 2.0]
