"""Separation is found as by hand, and never where the two sides overlap."""

from itertools import product

import numpy as np
import pytest

from obs.errors import ObsError
from obs.stats.linear.pivoted_qr import scale_columns
from obs.stats.linear.separation import find_separation, refuse_separation


def columns(*parts):
    return scale_columns(np.column_stack([np.ones(len(parts[0])), *parts])).values


@pytest.mark.parametrize(
    ("answers", "separated"),
    [
        ([0, 0, 0, 1, 1, 1], True),  # complete
        ([0, 0, 1, 0, 1, 1], False),
        ([1, 1, 0, 0, 0, 0], True),
        ([0, 1, 0, 1, 0, 1], False),
        ([0, 0, 0.5, 1, 1, 1], True),  # a share between holds its own row on the line
        ([0, 0.5, 0, 1, 0.5, 1], False),
    ],
)
def test_a_number_that_tells_the_answers_apart(answers, separated):
    x = columns(np.arange(6.0))
    assert (find_separation(np.array(answers, dtype=float), x, "binomial") is not None) == separated


def test_ties_at_the_edge_are_quasi_complete_separation():
    x = columns(np.array([1.0, 2.0, 3.0, 3.0, 4.0, 5.0]))
    found = find_separation(np.array([0.0, 0.0, 0.0, 1.0, 1.0, 1.0]), x, "binomial")
    assert found.rows.tolist() == [True, True, False, False, True, True]


def test_every_table_of_two_groups_by_hand():
    group = np.array([0.0, 0.0, 1.0, 1.0])
    for answers in product([0.0, 1.0], repeat=4):
        alike = [len({*answers[:2]}) == 1, len({*answers[2:]}) == 1]
        found = find_separation(np.array(answers), columns(group), "binomial")
        assert (found is not None) == any(alike), answers
        none = [not any(answers[:2]), not any(answers[2:])]
        found = find_separation(np.array(answers), columns(group), "poisson")
        assert (found is not None) == any(none), answers


@pytest.mark.parametrize("unit", [1e-9, 1.0, 1e12])
def test_a_group_without_events_beside_covariates(unit):
    rng = np.random.default_rng(2)
    bank, age = rng.random(200) < 0.1, rng.integers(18, 90, 200) * unit
    answers = ((rng.random(200) < 0.4) & ~bank).astype(float)
    x = columns(bank, age, rng.normal(size=200))
    for family, end in (("binomial", "0 or 1"), ("poisson", "0")):
        found = find_separation(answers, x, family)
        assert (found.rows == bank).all()
        said = f"in {bank.sum()} rows here the fitted value runs to {end}, so"
        with pytest.raises(ObsError, match=said):
            refuse_separation(answers, x, family, where="here")
        with pytest.raises(ObsError, match=r"Columns: \(intercept\), bank\. Merge|Columns: bank"):
            refuse_separation(answers, x, family, names=["(intercept)", "bank", "age", "z"])
    answers[bank] = np.arange(bank.sum()) % 2
    assert find_separation(answers, x, "binomial") is None
    assert find_separation(answers, x, "poisson") is None


def test_two_predictors_that_separate_together_only():
    x1, x2 = np.meshgrid(np.arange(4.0), np.arange(4.0))
    answers = (x1 + x2 > 3).astype(float).ravel()
    both = find_separation(answers, columns(x1.ravel(), x2.ravel()), "binomial")
    assert both.rows.all() or both.rows.sum() >= 10
    assert find_separation(answers, columns(x1.ravel()), "binomial") is None
