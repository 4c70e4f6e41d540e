"""Lists that no model can carry are refused in words."""

import numpy as np
import pytest

from obs.errors import ObsError
from obs.stats.lists.capture_histories import full_table, list_terms
from obs.stats.lists.closed_population import (
    abundance_profile,
    chapman,
    closed_population,
    lower_bound,
)

TWO = [[1, 1], [1, 0], [0, 1]]
THREE = [[1, 1, 1], [1, 1, 0], [1, 0, 1], [0, 1, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1]]
SEEN = [5, 12, 11, 10, 60, 50, 40]
SHAPES = "one row per history, one column of 0 and 1 per list, two lists"
NUMBERS = "one per history, known, finite, at least 0, not all 0"
REFUSED = {
    "one list": (lambda: full_table([[1], [0]], [5, 5]), SHAPES),
    "a flat list": (lambda: full_table([1, 0], [5, 5]), SHAPES),
    "a two": (lambda: full_table([[1, 2], [0, 1]], [5, 5]), SHAPES),
    "a count too many": (lambda: full_table(TWO, [5, 5, 5, 5]), NUMBERS),
    "a count below 0": (lambda: full_table(TWO, [5, 5, -1]), NUMBERS),
    "no one": (lambda: full_table(TWO, [0, 0, 0]), NUMBERS),
    "an unknown count": (lambda: full_table(TWO, [5, np.nan, 5]), NUMBERS),
    "those on no list": (lambda: full_table([[0, 0], [1, 1]], [5, 5]), "leave the row out"),
    "terms": (
        lambda: closed_population(TWO, [5, 9, 9], terms=[(0,), (1,), (0, 1)]),
        "terms: 3 histories cannot carry 4 terms",
    ),
    "model": (
        lambda: closed_population(TWO, [5, 9, 9], model="Mx"),
        "unknown model 'Mx'; choose M0, Mt, Mh, Mth, Mb or Mbh",
    ),
    "heterogeneity": (
        lambda: closed_population(THREE, SEEN, model="Mh", heterogeneity="normal"),
        "unknown heterogeneity 'normal'; choose chao, poisson, darroch, gamma",
    ),
    "rising listings": (
        lambda: closed_population(THREE, [1, 1, 1, 30, 1, 30, 60], model="Mb"),
        "Mb: first listings do not fall from list to list",
    ),
    "profile of behaviour": (
        lambda: abundance_profile(closed_population(THREE, SEEN, model="Mb")),
        "not for Mb and Mbh",
    ),
    "profile, confidence": (
        lambda: abundance_profile(closed_population(TWO, [60, 240, 140]), confidence=1.0),
        "confidence between 0 and 1",
    ),
    "more on both": (lambda: chapman([10, 10], 20, [11, 5]), "at most those on either"),
    "more on both than on the second": (
        lambda: chapman(20, [10, 30], 11),
        "at most those on either",
    ),
    "fewer than none": (lambda: chapman(10, 20, [-1, 3]), "at least 0"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_says_why(case):
    call, words = REFUSED[case]
    with pytest.raises(ObsError, match=words):
        call()


def test_lists_of_the_same_persons_have_no_one_left():
    total, error = chapman(10, 20, 10)  # all of the first are on the second
    assert (float(total), float(error)) == (20.0, 0.0)
    total, error = chapman(3, 4, 0)  # no overlap: 4 x 5 - 1, and the square root of 4 5 3 4 / 2
    assert float(total) == 19.0
    assert float(error) == pytest.approx(np.sqrt(4 * 5 * 3 * 4 / 2))


def test_one_person_on_one_list_tells_nothing_of_those_on_none():
    assert lower_bound(TWO, [9, 1, 0])[0] == 10
    assert np.isnan(lower_bound(TWO, [9, 1, 0])[1:]).all()
    # two persons on one list: 11 + 1/2 x 2 x 1 / (2 x 10)
    assert lower_bound(TWO, [9, 1, 1])[0] == pytest.approx(11 + 0.5 * 2 / 20)


def test_the_histories_are_all_there_the_most_lists_first():
    lists, counts = full_table([[0, 0, 1], [1, 1, 1], [0, 0, 1]], [5, 2, 4])
    assert lists.tolist() == [*THREE[:3], [1, 0, 0], [0, 1, 1], [0, 1, 0], [0, 0, 1]]
    assert counts.tolist() == [2, 0, 0, 0, 0, 0, 9]
    assert list_terms((2, 0), (1,)) == [(0,), (1,), (2,), (0, 2)]


def test_as_many_terms_as_histories_are_carried():
    """Three terms of three histories: the odds of independence, 240 x 140 / 60 on no list."""
    found = closed_population(TWO, [60, 240, 140], terms=[(0,), (1,)])
    assert found.total == pytest.approx(440 + 240 * 140 / 60)
    assert (found.df, found.observed) == (0, 440)
    assert found.bic - found.aic == pytest.approx((np.log(440) - 2) * 3)
