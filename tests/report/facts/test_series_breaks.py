"""A break is crossed by what begins before its day and does not end before it."""

import pandas as pd
import pytest

from obs.reference import load_territory
from obs.report.facts.series_breaks import breaks_in
from obs.report.facts.subject import Subject


def series(indicator, periods, *, freq, **columns):
    table = pd.DataFrame(
        {"indicator": indicator, "territory": "04000", **columns}, range(len(periods))
    )
    table["period"] = pd.PeriodIndex(periods, freq=freq)
    return Subject(table, "en", load_territory(), (), "series", synthetic=True)


@pytest.mark.parametrize(
    ("periods", "freq", "crossed"),
    [  # a new law on sexual violence from 1 June 2022
        (["2022-05", "2022-06"], "M", 1),
        (["2022-06", "2022-07"], "M", 0),  # begins on the day of the break
        (["2022-04", "2022-05"], "M", 0),  # ends on the eve
        (["2021", "2022"], "Y", 1),  # the break lies within the last year
        (["2022", "2023"], "Y", 1),  # and within the first
        (["2022-05-31", "2022-06-01"], "D", 1),  # ends on the day of the break
        (["2022-06-01", "2022-06-02"], "D", 0),
    ],
)
def test_a_break_is_crossed_from_its_eve_to_its_day(periods, freq, crossed):
    found = breaks_in(series("rape", periods, freq=freq))
    assert [one.date for one in found] == [pd.Timestamp("2022-06-01")] * crossed


@pytest.mark.parametrize(("base", "crossed"), [("2022-05", 1), ("2022-06", 0)])
def test_a_comparison_is_judged_from_its_base(base, crossed):
    change = {"base": pd.PeriodIndex([base], freq="M"), "change": 0.1}
    assert len(breaks_in(series("rape", ["2022-08"], freq="M", **change))) == crossed


def test_where_a_line_is_cut():
    (one,) = breaks_in(series("rape", ["2022-05", "2022-06"], freq="M"))
    assert one.place("M") == pd.Period("2022-06", "M").ordinal - 0.5  # between two months
    assert one.place("Y") == pd.Period("2022", "Y").ordinal  # inside a year
    assert not one.comparable
    assert "1 June 2022" in one.text
