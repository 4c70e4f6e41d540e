"""The days a source tells of, found from its rows: each rule by hand, each kind of false alarm."""

from math import comb

import numpy as np
import pytest

from obs.stats import covered_stretches, falls_short, silent_gaps


def days(first, last, step=1):
    return np.arange(first, last, step, dtype="datetime64[D]")


def day(text):
    return np.datetime64(text, "D")


YEAR = days("2024-01-01", "2025-01-01")


def ones(some):
    return np.ones(len(some), dtype="int64")


def test_a_source_without_gaps_tells_from_its_first_to_its_last_day():
    assert covered_stretches(YEAR, ones(YEAR)) == [(day("2024-01-01"), day("2024-12-31"))]
    assert covered_stretches(YEAR[:0], ones(YEAR[:0])) == []


def test_whole_years_without_a_row_part_two_stretches():
    both = np.concatenate(
        [days("2019-01-01", "2020-01-01", 5), days("2024-01-01", "2025-01-01", 5)]
    )
    assert covered_stretches(both, ones(both)) == [
        (day("2019-01-01"), day("2019-12-27")),
        (day("2024-01-01"), day("2024-12-31")),
    ]


@pytest.mark.parametrize("stray", ["1924-03-01", "2019-03-01", "2023-03-01"])
def test_one_old_row_stretches_nothing(stray):
    some = np.concatenate([[day(stray)], YEAR])
    assert covered_stretches(some, ones(some)) == [(day("2024-01-01"), day("2024-12-31"))]


def test_one_row_far_ahead_stretches_nothing():
    some = np.concatenate([YEAR, [day("2031-01-01")]])
    assert covered_stretches(some, ones(some)) == [(day("2024-01-01"), day("2024-12-31"))]


def test_few_rows_far_apart_are_not_strays():
    some = np.array(["2022-01-01", "2022-12-31", "2023-06-30"], dtype="datetime64[D]")
    assert covered_stretches(some, ones(some)) == [(some[0], some[-1])]


def test_a_file_that_ends_in_march_falls_short_of_its_year_and_a_quiet_december_does_not():
    ends = {"start": day("2024-01-01"), "end": day("2024-12-31")}
    assert falls_short(YEAR[:90], **ends) == (False, True)
    assert falls_short(YEAR[-90:], **ends) == (True, False)
    assert falls_short(YEAR, **ends) == (False, False)
    assert falls_short(YEAR[:-20], **ends) == (False, False)  # no whole month is left out
    assert falls_short(YEAR[:250:60], **ends) == (False, False)  # five rows: chance
    assert falls_short(YEAR[:0], **ends) == (False, False)


def test_a_place_is_silent_below_the_chance_of_the_hypergeometric_law():
    """Twelve days before July, of 12 + M + rest: C(N - M, 12) / C(N, 12) by hand."""
    place, others = YEAR[:180:15], np.ones(366, dtype="int64")
    kept = dict(stretches=[(YEAR[0], YEAR[-1])])
    total, missed = 12 + 366, 366 - 166  # days of the others after the last of the place
    assert comb(total - missed, 12) / comb(total, 12) > 1e-6
    assert silent_gaps(place, others, YEAR, **kept) == []
    closer = YEAR[:180:8]
    assert comb(23 + 366 - 189, 23) / comb(23 + 366, 23) < 1e-6
    assert silent_gaps(closer, others, YEAR, **kept) == [(day("2024-06-26"), day("2024-12-31"))]


def test_no_place_is_silent_when_all_are():
    others = np.where(day("2024-07-01") > YEAR, 5, 0)
    assert silent_gaps(YEAR[:182], others, YEAR, stretches=[(YEAR[0], YEAR[-1])]) == []


def test_a_place_silent_for_months_inside_is_found_and_one_for_weeks_is_not():
    inside = YEAR[(day("2024-03-31") > YEAR) | (day("2024-06-01") <= YEAR)]
    found = silent_gaps(inside, 18 * ones(YEAR), YEAR, stretches=[(YEAR[0], YEAR[-1])])
    assert found == [(day("2024-03-31"), day("2024-05-31"))]
    weeks = YEAR[(day("2024-03-10") > YEAR) | (day("2024-04-05") <= YEAR)]
    assert silent_gaps(weeks, 18 * ones(YEAR), YEAR, stretches=[(YEAR[0], YEAR[-1])]) == []


def test_chance_silences_hardly_any_of_many_places():
    rng = np.random.default_rng(20241)
    false = 0
    for _ in range(300):
        place = np.unique(rng.choice(YEAR, size=rng.integers(2, 60)))
        false += len(silent_gaps(place, 5 * ones(YEAR), YEAR, stretches=[(YEAR[0], YEAR[-1])]))
    assert false == 0
