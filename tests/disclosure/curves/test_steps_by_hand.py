"""Which horizons and states of a cohort are shown, from the numbers of a few steps, by hand."""

import numpy as np
import pytest

from obs.disclosure.curves.curve_steps import Cohort, Shown, choose_shown
from obs.disclosure.sensitive.rules import get_rule

RULE = get_rule("default")  # a threshold of 5, a cover of 10, a base of 20
DAYS = np.array([90, 180, 365])


def chosen(*ended, size=400, at_risk=(300, 200, 100), censored=(0, 0, 0), reached=3, before=None):
    cohort = Cohort(
        size,
        DAYS,
        np.array(at_risk),
        np.array(censored),
        np.array(ended),
        np.arange(3) < reached,
        before or {},
    )
    return choose_shown(cohort, RULE)


def shown(horizons, states):
    return Shown(tuple(horizons), tuple(states))


WIDE, OTHER = (40, 60, 90), (20, 40, 60)


@pytest.mark.parametrize(
    ("given", "horizons"),
    [
        ({}, [0, 1, 2]),
        ({"size": 20}, [0, 1, 2]),
        ({"size": 19}, []),
        ({"at_risk": (300, 200, 20)}, [0, 1, 2]),
        ({"at_risk": (300, 200, 19)}, [0, 1]),
        ({"reached": 2}, [0, 1]),
        ({"censored": (0, 4, 4)}, [0]),  # four of the first two, and of the first and the last
        ({"censored": (0, 4, 9)}, [0, 2]),
        ({"censored": (0, 5, 5)}, [0, 1, 2]),
        ({"censored": (4, 4, 9)}, [2]),
    ],
)
def test_horizons_are_shown_that_enough_reach_and_where_steps_are_none_or_many(given, horizons):
    assert chosen(WIDE, OTHER, **given).horizons == tuple(horizons)


@pytest.mark.parametrize(
    ("ended", "horizons"),
    [
        ((40, 44, 90), [0, 2]),  # four ended
        ((40, 45, 90), [0, 1, 2]),
        ((40, 40, 90), [0, 1, 2]),
        ((4, 44, 90), [1, 2]),
    ],
)
def test_a_horizon_goes_at_which_all_that_ended_since_are_a_few(ended, horizons):
    assert chosen(ended).horizons == tuple(horizons)


def test_a_state_with_a_small_step_is_hidden_among_the_least_other():
    few = (12, 14, 30)  # two in the second step
    assert chosen(WIDE, few, OTHER) == shown([0, 1, 2], [0])  # 32, 22, 36 together
    assert chosen(OTHER, few, WIDE) == shown([0, 1, 2], [2])
    assert chosen(WIDE, OTHER) == shown([0, 1, 2], [0, 1])


def test_states_are_hidden_until_they_are_enough_together():
    """2 and 7 are 9 in the second step: a third goes with them; 2 and 8 are 10."""
    few, most = (12, 14, 30), (100, 140, 200)
    assert chosen(most, few, (20, 27, 50), WIDE) == shown([0, 1, 2], [0])
    assert chosen(most, few, (20, 28, 50), WIDE) == shown([0, 1, 2], [0, 3])
    assert chosen(most, few, (12, 16, 35), (12, 22, 40)) == shown([0, 1, 2], [0])  # 2 and 4


def test_a_horizon_goes_where_all_hidden_are_still_too_few():
    """Both states are hidden; 8 in the second step are too few, and 30 of 90 to 365 days are not."""
    few, least = (12, 16, 30), (20, 24, 40)
    assert chosen(few, least) == shown([0, 2], [0, 1])  # from 90 to 365 days no step is small
    still = (12, 13, 14), (20, 27, 40)
    assert chosen(*still) == shown([0, 2], [])  # 22 of both, of which two of the first
    none = (3, 3, 3), (4, 4, 4)
    assert chosen(*none) == shown([], [])


def test_a_step_in_which_nobody_ended_hides_nobody_and_stays():
    assert chosen((3, 3, 20), (20, 20, 40)) == shown([0, 1, 2], [])


def test_what_an_edition_showed_between_two_horizons_is_a_step_too():
    assert chosen(WIDE, OTHER, before={0: [(270, 88)]}) == shown([0, 1, 2], [])  # two until 365
    assert chosen(WIDE, OTHER, before={0: [(270, 85)]}) == shown([0, 1, 2], [0, 1])
    assert chosen(WIDE, OTHER, before={1: [(400, 62)]}) == shown([0, 1, 2], [])
    assert chosen(WIDE, OTHER, before={0: [(180, 58)]}) == shown([0, 1, 2], [0, 1])  # told anew
    assert chosen(WIDE, OTHER, before={0: [(270, 92)]}) == shown([0, 1, 2], [])  # revised by two
    assert chosen(WIDE, OTHER, before={0: [(30, 38)]}) == shown([0, 1, 2], [])
