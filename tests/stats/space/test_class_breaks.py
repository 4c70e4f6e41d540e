"""Class breaks against classInt, and where it differs."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from obs.errors import ObsError
from obs.stats.space.class_breaks import class_breaks, round_breaks

CASES = [
    ("quantile7", "quantile", 5),
    ("equal", "equal", 5),
    ("pretty", "pretty", 5),
    ("fisher", "fisher", 5),
    ("fisher_k4", "fisher", 4),
    ("jenks", "jenks", 5),
    ("sd", "sd", 5),
    ("headtails", "headtails", 5),
    ("maximum", "maximum", 5),
]


@pytest.mark.parametrize(("name", "scheme", "k"), CASES, ids=[c[0] for c in CASES])
def test_breaks_are_those_of_classint(shared, name, scheme, k):
    folder = shared / "cases" / "map_classes"
    case = json.loads((folder / "expected.json").read_text())
    rates = pd.read_csv(folder / "input.csv")["rate"]
    ours = class_breaks(rates, k=k, scheme=scheme)
    rtol = case["meta"]["tolerance_hint"]
    np.testing.assert_allclose(ours, case["expected"][name], rtol=rtol, atol=1e-12)


@pytest.mark.parametrize(
    ("low", "high", "k", "expected"),
    [
        (0, 1, 5, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (3, 97, 5, [0, 20, 40, 60, 80, 100]),
        (101, 108, 4, [100, 102, 104, 106, 108]),
        (-7, 12, 3, [-10, -5, 0, 5, 10, 15]),
    ],
)
def test_round_breaks_are_those_of_rs_pretty(low, high, k, expected):
    np.testing.assert_allclose(round_breaks(low, high, k=k), expected, atol=1e-12)


@given(
    st.lists(st.floats(0, 1e4), min_size=6, max_size=40, unique=True),
    st.sampled_from([c[1] for c in CASES]),
)
def test_breaks_ascend_and_cover_all_values(values, scheme):
    spread = np.ptp(values)
    if spread < 1e-6:
        return
    breaks = class_breaks(values, k=4, scheme=scheme)
    assert (np.diff(breaks) >= 0).all()
    slack = 1e-6 * max(values)
    assert breaks[0] <= min(values) + slack
    assert breaks[-1] >= max(values) - slack


@pytest.mark.parametrize(
    ("values", "options", "said"),
    [
        ([np.nan], {}, "no value"),
        ([1.0, 1.0], {"k": 2}, "does not make classes"),
        ([1.0, 2.0], {"scheme": "nice", "k": 2}, "unknown scheme"),
    ],
)
def test_impossible_inputs_are_refused(values, options, said):
    with pytest.raises(ObsError, match=said):
        class_breaks(values, **options)
