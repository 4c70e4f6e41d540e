"""Counts of periods that are covered in part, and grids of days, by hand."""

import pandas as pd
import pytest

from obs.indicators.count.covered_days import time_grid
from obs.indicators.count.delivered_periods import cut_to_coverage
from obs.reference import make_territory

UNITS = pd.DataFrame(
    {
        **{"code": ["a", "b", "top"], "level": ["commune", "commune", "region"]},
        **{"parent": ["top", "top", None]},
        **{f"name_{lang}": ["A", "B", "All"] for lang in ("fr", "nl", "en")},
    }
)
PLACE = make_territory(UNITS, name="small", levels=("commune", "region"))


def counts(*rows, **columns):
    table = pd.DataFrame(rows, columns=["territory", "period", "numerator", "status"])
    period = pd.PeriodIndex(table["period"], freq="Y")
    return table.assign(period=period, numerator=table["numerator"].astype("Int64"), **columns)


def days(*rows):
    """Give COVERAGE of rows (source, territory, first day, last day)."""
    table = pd.DataFrame(rows, columns=["source", "territory", "start", "end"])
    table[["start", "end"]] = table[["start", "end"]].apply(pd.to_datetime)
    return table.assign(how="delivery", delivery="a.csv")


def told(table):
    cells = table[["numerator", "status", "covered_days"]].astype("object")
    return [tuple(row) for row in cells.where(cells.notna(), None).to_numpy()]


YEARS = [("a", str(y), 5, "ok") for y in (2020, 2021, 2022)]


def test_without_a_word_counts_are_left_as_they_are():
    table = counts(*YEARS)
    assert cut_to_coverage(table, None, PLACE) is table
    none = table.head(0)
    assert cut_to_coverage(none, ("2021-01-01", "2021-12-31"), PLACE) is none


def test_counts_are_whole_cut_or_missing_by_their_days():
    made = cut_to_coverage(counts(*YEARS), ("2021-01-01", "2022-06-30"), PLACE)
    assert told(made) == [(None, "missing", 0), (5, "ok", 365), (5, "provisional", 181)]
    assert made["first_covered"].astype("str").tolist()[1:] == ["2021-01-01", "2022-01-01"]
    assert made["last_covered"].astype("str").tolist()[1:] == ["2021-12-31", "2022-06-30"]


@pytest.mark.parametrize(
    ("status", "partly", "never"),
    [
        ("ok", "provisional", "missing"),
        ("zero", "provisional", "missing"),
        ("missing", "missing", "missing"),
        ("suppressed_source", "suppressed_source", "suppressed_source"),
        ("not_applicable", "not_applicable", "not_applicable"),
    ],
)
def test_what_no_day_would_change_stays(status, partly, never):
    number = 5 if status in ("ok", "zero") else None
    table = counts(("a", "2022", number, status), ("a", "2023", number, status))
    made = cut_to_coverage(table, ("2022-01-01", "2022-06-30"), PLACE)
    assert made["status"].tolist() == [partly, never]


def test_a_whole_is_covered_on_the_days_of_all_its_parts():
    coverage = days(
        ("police", "all", "2021-01-01", "2021-12-31"), ("police", "b", "2021-04-01", "2021-12-31")
    )
    made = cut_to_coverage(
        counts(*[(t, "2021", 5, "ok") for t in ("a", "b", "top", "elsewhere")]), coverage, PLACE
    )
    assert [row[1:] for row in told(made)] == [
        ("ok", 365),
        ("provisional", 275),
        ("provisional", 275),
        ("ok", 365),
    ]
    assert str(made["first_covered"].iloc[2])[:10] == "2021-04-01"


def test_each_source_has_its_own_days_and_rows_keep_their_order():
    table = counts(*[("a", "2021", i, "ok") for i in (1, 2, 3)], source=["x", "y", None])
    coverage = days(
        ("x", "all", "2021-01-01", "2021-06-30"), ("y", "all", "2021-01-01", "2021-12-31")
    )
    made = cut_to_coverage(table, coverage, PLACE)
    assert made["numerator"].tolist() == [1, 2, 3]
    assert made["status"].tolist()[:2] == ["provisional", "ok"]


def window(first, last):
    return pd.Timestamp(first), pd.Timestamp(last)


def test_a_grid_counts_days_by_year_and_weekday():
    grid = time_grid([window("2022-01-01", "2022-01-10")], None, ["year"])
    assert grid[["days", "full"]].to_numpy().tolist() == [[10, 365]]
    week = time_grid([window("2022-01-03", "2022-01-12")], None, ["weekday"])  # Monday to Wednesday
    assert dict(zip(week["weekday"], week["days"], strict=True)) == {
        1: 2,
        2: 2,
        3: 2,
        4: 1,
        5: 1,
        6: 1,
        7: 1,
    }
    none = time_grid([window("2022-01-03", "2022-01-12")], window("2022-01-01", "2022-01-31"), [])
    assert none.to_numpy().tolist() == [[10, 31]]


def test_a_grid_has_the_periods_that_any_span_touches_and_no_other():
    grid = time_grid(
        [window("2022-02-10", "2022-03-05")], window("2022-03-01", "2022-04-02"), ["year", "month"]
    )
    assert grid["month"].astype("str").tolist() == ["2022-02", "2022-03", "2022-04"]
    assert grid["days"].tolist() == [19, 5, 0]
    assert grid["full"].tolist() == [28, 31, 30]
    empty = time_grid([], None, ["year", "weekday"])
    assert (len(empty), str(empty["year"].dtype), str(empty["weekday"].dtype)) == (
        0,
        "period[Y-DEC]",
        "Int64",
    )
