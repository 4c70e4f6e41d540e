"""Least squares equal those in exact fractions, in every unit, or are refused by name."""

import numpy as np
import pytest

from obs.errors import ObsError
from obs.stats.linear.pivoted_qr import factor_rows, refuse_dependent, scale_columns
from tests.stats.linear.exact import exact_least_squares


def solve(columns, weight, target):
    scaled = scale_columns(columns)
    refuse_dependent(scaled.values)
    return scaled.back @ factor_rows(scaled.values, weight).solve(target)


@pytest.fixture
def rng():
    return np.random.default_rng(4)


@pytest.mark.parametrize("power", [2, 3])
def test_powers_of_the_year_are_solved(rng, power):
    year = rng.integers(2010, 2024, 60).astype(float)
    columns = np.column_stack([year**k for k in range(power + 1)])
    target, weight = 5 - 0.3 * (year - 2016) ** 2 + rng.normal(size=60), rng.uniform(1, 3, 60)
    expected = exact_least_squares(columns, weight, target)
    assert solve(columns, weight, target) == pytest.approx(expected, rel=1e-7)


@pytest.mark.parametrize("unit", [1e-9, 1e-3, 1e6, 1e12])
def test_units_and_unequal_weights_change_nothing(rng, unit):
    columns = np.column_stack([np.ones(40), rng.lognormal(17, 1, 40), 1e12 + rng.normal(size=40)])
    target, weight = rng.normal(size=40), 10 ** rng.uniform(-9, 12, 40)
    columns[:, 1] *= unit
    expected = exact_least_squares(columns, weight, target)
    assert solve(columns, weight, target) == pytest.approx(expected, rel=1e-9)


def test_the_inverse_and_the_influence_are_those_of_the_cross_product(rng):
    columns, weight = rng.normal(size=(30, 3)), rng.uniform(0, 2, 30)
    weight[:3] = 0
    found = factor_rows(columns, weight)
    cross = columns.T @ (columns * weight[:, None])
    assert found.inverse @ cross == pytest.approx(np.eye(3), abs=1e-12)
    assert found.through[3:] == pytest.approx(columns[3:] @ found.inverse)
    assert (found.through[:3] == 0).all()


def test_lost_directions_are_named(rng):
    a, b = rng.normal(size=30) * 1e9, rng.normal(size=30)
    columns = np.column_stack([np.ones(30), a, b, 3 * a - 2])
    with pytest.raises(ObsError, match=r"4 columns cannot be told apart in 30 rows: (a|c) is a"):
        refuse_dependent(scale_columns(columns).values, ["one", "a", "b", "c"])
    columns[:, 3] = 7e5
    with pytest.raises(ObsError, match="c has one value in all of them"):
        refuse_dependent(scale_columns(columns).values, ["one", "a", "b", "c"])
    with pytest.raises(ObsError, match="3 columns cannot be told apart in 2 people: x, y, z"):
        refuse_dependent(np.ones((2, 3)), ["x", "y", "z"], rows="people")


def test_weights_that_leave_a_direction_without_information():
    columns = np.column_stack([np.ones(4), [0.0, 0.0, 0.0, 1.0]])
    with pytest.raises(ObsError, match="0 in every row"):
        factor_rows(columns, np.array([1.0, 1.0, 1.0, 0.0]))
    same = np.column_stack([np.ones(4), np.ones(4)])
    with pytest.raises(ObsError, match="weights are so unequal"):
        factor_rows(same)
    with pytest.raises(ObsError, match="2 columns cannot be told apart in 1 rows"):
        factor_rows(np.ones((1, 2)))
