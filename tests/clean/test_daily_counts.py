"""Counts by day are added up to months; a month that lacks a day is provisional."""

import pandas as pd
import pytest

from obs.clean import clean_police
from obs.errors import CatalogueError, DeliveryError
from tests.clean.profile_texts import COUNTS, profile

DAILY = {'"%Y"': '"%Y-%m-%d"'}
SUMMED = 'summed = ["period"]'


def days(first, last, n="2", **more):
    dates = pd.date_range(first, last).strftime("%Y-%m-%d")
    return pd.DataFrame({"nis": "21004", "annee": dates, "fait": "VOL", "n": n} | more)


def counts(frame, more=SUMMED):
    cleaned = clean_police(frame, profile=profile(COUNTS, more=more, **DAILY))
    rows = cleaned.table[["period", "numerator", "status"]].astype("str")
    return cleaned, rows.to_numpy().tolist()


def test_days_are_added_up_to_months():
    cleaned, found = counts(days("2024-02-01", "2024-03-31"))
    assert found == [["2024-02", "58", "ok"], ["2024-03", "62", "ok"]]
    assert cleaned.report[["read", "kept", "merged", "rejected"]].iloc[0].tolist() == [60, 2, 58, 0]
    assert int(cleaned.report["sum_read"].iloc[0]) == 120


def test_a_month_that_lacks_a_day_is_provisional_and_remarked():
    whole = days("2024-02-01", "2024-03-31")
    cleaned, found = counts(whole[whole["annee"] != "2024-03-17"])
    assert found == [["2024-02", "58", "ok"], ["2024-03", "60", "provisional"]]
    assert "days_lacking" in set(cleaned.flagged["rule"])


def test_one_day_alone_is_no_month():
    assert counts(days("2024-02-05", "2024-02-05"))[1] == [["2024-02", "2", "provisional"]]


def test_a_day_without_a_number_leaves_its_month_without_one():
    frame = days("2024-02-01", "2024-02-29")
    frame.loc[3, "n"] = "n.d."
    cleaned, _ = counts(frame)
    assert cleaned.table["numerator"].isna().all()
    assert cleaned.table["status"].tolist() == ["missing"]


def test_zeros_of_every_day_are_a_zero_of_the_month():
    assert counts(days("2024-02-01", "2024-02-29", n="0"))[1] == [["2024-02", "0", "zero"]]


def test_a_column_that_goes_with_the_day_needs_no_word_and_one_that_splits_it_does():
    frame = days("2024-02-01", "2024-02-29")
    assert counts(frame.assign(weekday=frame["annee"].str[-1]))[1] == [["2024-02", "58", "ok"]]
    split = pd.concat([frame.assign(zone="A"), frame.assign(zone="B", n="3")])
    with pytest.raises(DeliveryError, match="differ in column 'zone'"):
        counts(split)


def test_a_format_of_days_says_that_the_days_are_added():
    with pytest.raises(
        CatalogueError, match=r'add the days of each month with `summed = \["period"\]`'
    ):
        counts(days("2024-02-01", "2024-02-29"), more="")
