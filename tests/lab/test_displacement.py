"""The weighted displacement difference by hand and by simulation."""

import numpy as np
import pytest

from obs.errors import ObsError
from obs.lab.displacement import weighted_displacement_difference


def test_the_difference_by_hand():
    found = weighted_displacement_difference([100, 70], [100, 95], [40, 42], [40, 40])
    assert found.difference == (70 - 100) - (95 - 100) + (42 - 40) - (40 - 40)
    assert found.standard_error == pytest.approx(np.sqrt(100 + 70 + 100 + 95 + 40 + 42 + 40 + 40))
    assert found.local == -25
    assert found.displaced == 2


def test_without_displacement_areas():
    found = weighted_displacement_difference([50, 30], [60, 58])
    assert (found.difference, found.displaced) == (-18, 0)


def test_a_longer_before_is_weighted_down():
    found = weighted_displacement_difference([200, 70], [200, 95], weights=(0.5, 1.0))
    assert found.difference == -30 + 5
    assert found.standard_error == pytest.approx(np.sqrt(50 + 70 + 50 + 95))


def test_many_measures_at_once_keep_their_shape():
    found = weighted_displacement_difference(np.full((4, 2), 10), np.full((4, 2), 12))
    assert found.low.shape == (4,)
    assert (found.low < 0).all()
    assert (found.high > 0).all()


def test_the_interval_covers_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(4)
    means = np.array([[120, 90], [100, 100], [50, 55], [45, 45]])
    counts = rng.poisson(means[:, None, :], (4, 3000, 2))
    found = weighted_displacement_difference(*counts)
    truth = -30 - 0 + 5 - 0
    assert np.mean((found.low <= truth) & (truth <= found.high)) == pytest.approx(0.95, abs=0.015)


@pytest.mark.parametrize("treated", [[1, -1], [1, 2, 3], [1, np.nan]])
def test_counts_that_are_no_counts_are_refused(treated):
    with pytest.raises(ObsError, match="treated: counts before and after"):
        weighted_displacement_difference(treated, [1, 1])
