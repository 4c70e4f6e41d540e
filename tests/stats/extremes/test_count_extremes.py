"""Every estimator of counts, places and lists on extreme inputs: equal, refused or withheld."""

import pytest

from tests.stats.extremes.count_estimators import ESTIMATORS
from tests.stats.extremes.count_extremes import SCENARIOS, outcomes

SLOW = {"seasonal_adjust", "funnel", "rank_places", "aoristic_hours", "compare_exposures"}
NAMES = [pytest.param(n, marks=pytest.mark.slow) if n in SLOW else n for n in ESTIMATORS]


def check(found):
    assert "wrong" not in found or not found["wrong"].any(), found[found["wrong"] > 0].to_string()


@pytest.mark.parametrize("name", NAMES)
def test_no_number_of_a_count_is_wrong_without_a_word(name):
    found = outcomes([0], [name])
    check(found)
    sound = found[found["scenario"].isin(["sound", "tiny sizes", "huge sizes", "huge counts"])]
    assert (sound["equal"] > 0).all(), sound.to_string()  # nothing is refused for its unit


@pytest.mark.proof
@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("name", ESTIMATORS)
def test_no_number_of_a_count_is_wrong_in_many_draws(name, scenario):
    check(outcomes(range(10, 40), [name], scenarios=(scenario,)))
