"""No kernel gives a figure for an infinite or a negative number: it is refused in words."""

import numpy as np
import pytest

from obs.errors import ObsError
from obs.stats import (
    chapman,
    closed_population,
    dark_share,
    dobson_interval,
    ljung_box,
    lower_bound,
    poisson_interval,
    rank_draws,
    recent_ratio,
    severity_index,
    smooth_gamma,
    smooth_global,
    sparse_population,
    standardised_ratio,
    unreported,
    wilson_interval,
)

LISTS = [[1, 1], [1, 0], [0, 1]]
RNG = np.random.default_rng(0)
CALLS = {
    "severity, population": lambda v: severity_index([5, 3], [1.0, 2.0], v, base=2.0),
    "severity, base": lambda v: severity_index([5, 3], [1.0, 2.0], 100, base=v),
    "severity, weight": lambda v: severity_index([5, 3], [1.0, v], 100, base=2.0),
    "severity, count": lambda v: severity_index([5, v], [1.0, 2.0], 100, base=2.0),
    "dobson, rate": lambda v: dobson_interval(v, 1.0, 20),
    "dobson, variance": lambda v: dobson_interval(1.0, v, 20),
    "standardised ratio": lambda v: standardised_ratio(5, v),
    "smoothing, count": lambda v: smooth_global([5, v, 9], [100, 200, 300]),
    "smoothing, population": lambda v: smooth_global([5, 6, 9], [100, v, 300]),
    "smoothing, expected": lambda v: smooth_gamma([5, 6, 9, 3], [4, 5, v, 2]),
    "chapman": lambda v: chapman(v, 200, 60),
    "lists": lambda v: closed_population(LISTS, [60, 240, v]),
    "sparse lists": lambda v: sparse_population(LISTS, [60, 240, v]),
    "lower bound": lambda v: lower_bound(LISTS, [60, 240, v]),
    "unreported": lambda v: unreported(v, 1.0, dark_share(0.3, 0.2, 0.4)),
    "unreported, error": lambda v: unreported(100.0, v, dark_share(0.3, 0.2, 0.4)),
    "ranks": lambda v: rank_draws([1.0, 2.0, v], [10] * 3, rng=RNG, draws=5),
    "weeks": lambda v: recent_ratio([5], [[1, 2, 3, v]]),
    "count": poisson_interval,
    "share": lambda v: wilson_interval(v, 100),
}


@pytest.mark.parametrize("value", [np.inf, -np.inf, -1.0])
@pytest.mark.parametrize("name", CALLS)
def test_an_impossible_number_is_refused(name, value):
    with pytest.raises(ObsError, match=r"infinite|finite|below 0|at least 0|negative"):
        CALLS[name](value)


@pytest.mark.parametrize("value", [np.inf, np.nan])
def test_memory_of_unknown_residuals_is_not_tested(value):
    with pytest.raises(ObsError, match="some are missing or infinite"):
        ljung_box([1.0, 2.0, 1.0, value] * 5, lags=2)
