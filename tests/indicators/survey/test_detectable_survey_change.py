"""The least change that a survey can see, by its formula."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from obs.errors import ObsError, SchemaError
from obs.indicators.survey import add_detectable_change

SE = pd.DataFrame({"se": [0.01, np.nan]})


def change(**options):
    return add_detectable_change(SE, **options)["detectable_change"]


@pytest.mark.parametrize(
    ("power", "confidence", "correlation", "ratio"),
    [
        (0.8, 0.95, 0.0, 1.0),
        (0.9, 0.9, 0.0, 1.0),
        (0.8, 0.95, 0.5, 1.0),
        (0.8, 0.95, 0.3, 4.0),
        (0.8, 0.95, -0.3, 0.25),
    ],
)
def test_it_is_that_of_bloom(power, confidence, correlation, ratio):
    """Two waves of errors s and s / sqrt(ratio), correlated: the error of their difference."""
    other = 0.01 / np.sqrt(ratio)
    of_both = np.sqrt(0.01**2 + other**2 - 2 * correlation * 0.01 * other)
    z = stats.norm.isf((1 - confidence) / 2) + stats.norm.isf(1 - power)
    found = change(power=power, confidence=confidence, correlation=correlation, size_ratio=ratio)
    assert found[0] == pytest.approx(z * of_both)
    assert np.isnan(found[1])


@pytest.mark.parametrize(
    "option",
    [
        {"power": 0},
        {"power": 1},
        {"confidence": 0},
        {"confidence": 1},
        {"correlation": -1},
        {"correlation": 1},
        {"size_ratio": 0},
    ],
)
def test_options_outside_their_range_are_refused(option):
    with pytest.raises(ObsError, match="Power and confidence lie between 0 and 1"):
        change(**option)


def test_a_table_without_errors_is_refused():
    with pytest.raises(SchemaError, match="no column 'se'"):
        add_detectable_change(pd.DataFrame({"x": [1]}))
