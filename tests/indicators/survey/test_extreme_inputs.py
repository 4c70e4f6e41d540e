"""Every survey estimator on extreme inputs: equal to the textbook, refused, or graded C or F."""

import pytest

from tests.indicators.survey.estimators import BETWEEN, BY_DOMAIN
from tests.indicators.survey.extreme_inputs import KINDS, SCENARIOS, outcomes

NAMES = (*BY_DOMAIN, *BETWEEN)


def check(found):
    assert "wrong" not in found or not found["wrong"].any(), found[found["wrong"] > 0].to_string()
    sound = found[found["scenario"].isin(["sound", "huge numbers", "tiny numbers"])]
    assert (sound["equal"] > 0).all(), sound.to_string()  # nothing is refused for its unit


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_no_number_is_wrong_without_a_word(name):
    check(outcomes([2], [name], kinds=("random", "clustered")))


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_no_replicated_number_is_wrong_without_a_word(name):
    check(outcomes([3], [name], kinds=("jackknife",), scenarios=("sound", "missing")))


@pytest.mark.proof
@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("name", NAMES)
def test_no_number_is_wrong_in_many_draws(name, scenario):
    found = outcomes(range(10, 30), [name], kinds=KINDS, scenarios=(scenario,))
    assert "wrong" not in found or not found["wrong"].any(), found.to_string()
