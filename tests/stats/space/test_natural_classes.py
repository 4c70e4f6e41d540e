import itertools
import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from obs.errors import ObsError
from obs.stats.space.class_breaks import natural_classes


@pytest.mark.parametrize(("name", "k"), [("fisher", 5), ("fisher_k4", 4)])
def test_classes_are_those_of_the_reference_program(shared, name, k):
    folder = shared / "cases" / "map_classes"
    rates = pd.read_csv(folder / "input.csv")["rate"].to_numpy()
    breaks = json.loads((folder / "expected.json").read_text())["expected"][name][1:-1]
    expected = np.searchsorted(breaks, rates, side="right")
    np.testing.assert_array_equal(natural_classes(rates, k=k), expected)


def within(values, classes):
    return sum(
        ((values[classes == c] - values[classes == c].mean()) ** 2).sum() for c in set(classes)
    )


@given(st.lists(st.integers(0, 50), min_size=3, max_size=9, unique=True), st.integers(1, 3))
def test_no_other_cut_is_more_even(values, k):
    x = np.sort(np.array(values, dtype=float))
    best = within(x, natural_classes(x, k=k))
    for cuts in itertools.combinations(range(1, len(x)), k - 1):
        other = np.searchsorted(cuts, np.arange(len(x)), side="right")
        assert best <= within(x, other) + 1e-9


def test_too_few_values_for_the_classes():
    with pytest.raises(ObsError, match="2 distinct values do not make 3"):
        natural_classes([1, 2, 2], k=3)


def test_an_unknown_value_is_refused():
    with pytest.raises(ObsError, match="known and finite"):
        natural_classes([1, np.nan], k=1)
