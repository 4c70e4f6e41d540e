"""The day by which half of the cases have ended is the day of a case: it is told in spans."""

import numpy as np
import pandas as pd
import pytest

from obs.disclosure import audit, release
from obs.errors import ObsError
from obs.indicators import case_days, compute
from tests.disclosure.followed_cases import PLAIN, cases_of


def ended(days, still_open):
    return [("technical", int(d), 1) for d in days] + [("open", None, still_open)]


def told(ends, shares=(50,), **options):
    table = case_days(cases_of(ends), indicator="vif_cases", years=[2021], shares=shares)
    return table, release({"days": table}, **options)["days"].table


def test_the_median_is_the_end_of_the_span_in_which_it_lies():
    """200 cases end on days 1 to 200, one a day, and none is open: half have ended on day 100.

    Spans of 5 days hold 5 of them, those of 10 hold 10: 91 to 100.
    """
    table, shown = told(ended(range(1, 201), 0))
    assert table["ended_around"].tolist() == [10]
    assert shown["value"].tolist() == [100]
    assert (shown["low"] % 10 == 0).all()
    assert (shown["high"] % 10 == 0).all()
    assert (shown["low"] < 100).all()
    assert (shown["high"] > 100).all()
    assert "spans of 10" in shown["method"].iloc[0]
    assert "ended_around" not in shown


def test_many_on_each_day_are_told_in_short_spans():
    days = np.repeat(np.arange(1, 101), 4)
    _, shown = told(ended(days, 0), shares=(25, 50, 75))
    assert shown["value"].tolist() == [25, 50, 75]


def test_a_share_that_is_not_reached_is_missing():
    _, shown = told([("technical", 30, 60), ("open", None, 200)], shares=(50,))
    assert shown["status"].tolist() == ["missing"]
    assert shown["value"].isna().all()


def test_a_day_on_which_a_few_ended_is_not_told():
    """Three of forty ended on day 800 and reach three quarters: no span holds enough of them."""
    _, shown = told(
        [("technical", 10, 27), ("technical", 800, 3), ("open", None, 10)], shares=(75,)
    )
    assert shown["status"].tolist() == ["suppressed_primary"]
    assert shown[["value", "low", "high"]].isna().all(axis=None)


def test_a_small_cohort_tells_nothing():
    _, shown = told([("technical", 10, 19)])
    assert shown["status"].tolist() == ["suppressed_primary"]
    assert shown[["value", "low", "high", "denominator"]].isna().all(axis=None)


def test_its_size_is_the_count_of_its_indicator():
    cases = cases_of(PLAIN)
    counted = compute("vif_cases", {"prosecutor": cases})
    counted = counted[counted["period"].dt.year == 2021]
    table = case_days(cases, indicator="vif_cases", years=[2021], shares=[25])
    released = release({"days": table, "years": counted})
    assert released["years"].table["numerator"].tolist() == [350]
    assert audit(released)["safe"].all()


def test_an_indicator_of_no_cases_entered_is_refused():
    with pytest.raises(ObsError, match="case_days: 'theft' counts no cases entered"):
        case_days(cases_of(PLAIN), indicator="theft", years=[2021])


def test_no_single_case_moves_what_is_told_by_its_own_day():
    """One case more or less on a day between two ends of spans leaves the median as it was."""
    days = np.repeat(np.arange(2, 202, 4), 4)
    values = {told(ended(np.r_[days, extra], 0))[1]["value"].iloc[0] for extra in (97, 98, 99)}
    assert len(values) == 1
    assert pd.notna(next(iter(values)))
