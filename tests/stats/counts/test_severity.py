"""The severity index by hand, its limits by simulation, and what it must not hide."""

import numpy as np
import pytest

from obs.errors import ObsError
from obs.stats.counts.intervals import poisson_interval
from obs.stats.counts.severity_index import severity_index

WEIGHTS = [30.0, 300.0, 7_000.0]


def test_the_index_is_the_weighted_sum_over_the_base():
    result = severity_index([[100, 10, 1], [200, 20, 2]], WEIGHTS, 1_000, base=13.0)
    np.testing.assert_allclose(result.index, [100, 200])
    np.testing.assert_allclose(result.largest_share, 7_000 / 13_000)
    assert result.events.tolist() == [111, 222]


def test_equal_weights_give_the_count_and_its_interval():
    result = severity_index([30, 20, 10], [1, 1, 1], 100, base=0.6)
    np.testing.assert_allclose([result.low, result.high], np.array(poisson_interval(60)) / 0.6)


def test_the_limits_hold_the_truth_about_as_often_as_stated():
    rng = np.random.default_rng(10)
    means = np.array([5_000, 200, 12.0])
    truth = 100 * (means * WEIGHTS).sum() / 1e6
    result = severity_index(rng.poisson(means, (4_000, 3)), WEIGHTS, 1e6, base=1.0)
    assert 0.93 < ((result.low <= truth) & (truth <= result.high)).mean() < 0.97


def test_an_unknown_count_or_nobody_makes_the_index_unknown():
    result = severity_index([[1, np.nan, 1], [1, 1, 1]], WEIGHTS, [100, 0], base=1.0)
    assert np.isnan(result.index).all()


@pytest.mark.parametrize(("weights", "base"), [([-1.0], 1.0), ([np.nan], 1.0), ([1.0], 0.0)])
def test_impossible_inputs_are_refused(weights, base):
    with pytest.raises(ObsError, match="below 0|no weight is missing, and the base is above 0"):
        severity_index([1], weights, 10, base=base)
