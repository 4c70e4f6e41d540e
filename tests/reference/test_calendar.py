"""Days and public holidays, checked against a calendar by hand."""

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from obs.errors import CodeError, SchemaError
from obs.reference import days_in_period, holidays_in_period


def test_days_of_years_quarters_and_months():
    assert days_in_period(pd.PeriodIndex(["2023", "2024", "1900"], freq="Y")).tolist() == [
        365, 366, 365,
    ]  # fmt: skip
    assert days_in_period(pd.PeriodIndex(["2024Q1", "2023Q1"], freq="Q")).tolist() == [91, 90]
    assert days_in_period(pd.PeriodIndex(["2024-02", "2023-02"], freq="M")).tolist() == [29, 28]


def test_a_belgian_month_by_hand():
    # May 2024: 23 weekdays; 1 (Labour Day), 9 (Ascension) and 20 (Whit Monday) are holidays
    may = pd.PeriodIndex(["2024-05"], freq="M")
    assert holidays_in_period(may).tolist() == [3]


def test_a_belgian_year_by_hand():
    # 2023: 260 weekdays; of the 10 legal holidays, 1 January is a Sunday, 11 November a Saturday
    year = pd.PeriodIndex(["2023"], freq="Y")
    assert holidays_in_period(year).tolist() == [8]


def test_a_holiday_on_a_week_end_takes_no_working_day_away():
    # 21 July 2024 is a Sunday
    assert holidays_in_period(pd.PeriodIndex(["2024-07"], freq="M")).tolist() == [0]


def test_another_country_has_other_holidays():
    july = pd.PeriodIndex(["2025-07"], freq="M")
    assert holidays_in_period(july, country="BE").tolist() == [1]  # 21 July
    assert holidays_in_period(july, country="FR").tolist() == [1]  # 14 July
    assert holidays_in_period(july, country="NL").tolist() == [0]
    with pytest.raises(CodeError, match="'XX' are not known"):
        holidays_in_period(july, country="XX")


def test_index_is_kept_and_a_missing_period_gives_a_missing_count():
    periods = pd.Series(pd.PeriodIndex(["2024", None], freq="Y"), index=[5, 5], name="period")
    days = days_in_period(periods)
    assert days.index.tolist() == [5, 5]
    assert days.dtype == "Int64"
    assert days.iloc[0] == 366
    assert days.isna().tolist() == [False, True]
    assert holidays_in_period(periods).isna().tolist() == [False, True]


def test_no_period_gives_no_count():
    assert holidays_in_period(pd.PeriodIndex([], freq="M")).tolist() == []


def test_what_is_no_period_is_refused_with_the_remedy():
    with pytest.raises(SchemaError, match="PeriodIndex"):
        days_in_period([2024, 2025])


@given(st.dates(min_value=dt.date(1950, 1, 1), max_value=dt.date(2049, 12, 31)))
def test_months_add_up_to_their_year(day):
    year = pd.Period(day, freq="Y")
    months = pd.period_range(f"{year}-01", f"{year}-12", freq="M")
    for count in (days_in_period, holidays_in_period):
        assert count(months).sum() == count(pd.PeriodIndex([year])).sum()
