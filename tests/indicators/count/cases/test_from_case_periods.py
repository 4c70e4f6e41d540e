"""The prosecutor's cases of which a period alone is told: counts by hand, and what cannot be told."""

import pandas as pd
import pytest

from obs.catalogue import own_catalogue
from obs.clean import clean_prosecutor
from obs.errors import SchemaError
from obs.indicators import compute
from obs.indicators.count.cases.from_case_periods import tells_periods_alone
from obs.schemas import CASES, empty_table
from tests.clean.profile_texts import profile

COUNTED = """
name = "counted"
title = "Cases by charge and year"
kind = "prosecutor"
shape = "case_counts"
period = "{period}"
offences = [
  {{ offence = "beating at home", phenomenon = "assault_family", relation = "family" }},
  {{ offence = "beating", phenomenon = "assault" }},
  {{ offence = "theft", phenomenon = "theft_other" }},
]
[territory]
match = "pattern"
pattern = "04000"
[columns]
period = "when"
offence = "charge"
numerator = "n"
[constants]
territory = "04000"
[marks]
"x" = "suppressed_source"
"""
ROWS = [
    ("2021", "beating at home", "30"),
    ("2021", "beating", "50"),
    ("2021", "theft", "20"),
    ("2022", "beating", "60"),
    ("2022", "theft", "x"),
]
YEARS = ("2021-01-01", "2022-12-31")


def counts(rows=ROWS, form="%Y"):
    frame = pd.DataFrame(rows, columns=["when", "charge", "n"])
    return clean_prosecutor(frame, profile=profile(COUNTED.format(period=form))).table


def told(indicator, table, **options):
    made = compute(indicator, {"prosecutor": table}, **options)
    numbers = [None if pd.isna(n) else int(n) for n in made["numerator"]]
    return list(zip(made["period"].astype("str"), numbers, made["status"], strict=True))


def test_charges_share_the_cases_out_and_one_withheld_withholds_the_sum():
    found = told("cases_entered", counts(), coverage=YEARS)
    assert found == [("2021", 100, "ok"), ("2022", None, "suppressed_source")]


def test_the_counts_of_some_charges_are_those_of_an_indicator(root):
    with own_catalogue(root / "examples" / "lambayeque" / "catalogue"):
        found = told("family_violence", counts(), coverage=YEARS)
    assert found == [("2021", 30, "ok"), ("2022", 0, "zero")]


def test_a_context_told_of_some_charges_is_counted():
    assert told("vif_cases", counts(), coverage=YEARS)[0] == ("2021", 30, "ok")


def test_years_are_not_split_into_months():
    made = compute("cases_entered", {"prosecutor": counts()}, period="month", coverage=YEARS)
    assert len(made) == 24
    assert set(made["status"]) == {"not_applicable"}
    assert set(made["reason"]) == {"longer_periods"}
    assert made["numerator"].isna().all()


def test_months_make_a_year_which_is_provisional_where_one_lacks():
    rows = [(f"2021-{m:02d}", "theft", "2") for m in range(1, 13)]
    rows += [(f"2022-{m:02d}", "theft", "2") for m in range(1, 12)]
    found = told("cases_entered", counts(rows, "%Y-%m"), coverage=YEARS)
    assert found == [("2021", 24, "ok"), ("2022", 22, "provisional")]


def test_a_year_that_is_not_delivered_is_missing_whatever_is_declared():
    rows = [("2021", "theft", "5"), ("2023", "theft", "7")]
    found = told("cases_entered", counts(rows), coverage=("2021-01-01", "2023-12-31"))
    assert found == [("2021", 5, "ok"), ("2022", None, "missing"), ("2023", 7, "ok")]


def test_days_that_are_not_declared_are_not_counted():
    found = told("cases_entered", counts(), coverage=("2021-01-01", "2021-12-31"))
    assert found[0] == ("2021", 100, "ok")
    assert all(status == "missing" for _, _, status in found[1:])


def test_a_year_that_one_commune_lacks_is_provisional_and_says_why():
    days = pd.DataFrame(
        {
            "source": "prosecutor",
            "territory": ["all", "21001"],
            "delivery": "a.csv",
            "start": pd.to_datetime(["2021-01-01", "2022-01-01"]),
            "end": pd.to_datetime(["2022-12-31", "2022-12-31"]),
            "how": "delivery",
        }
    )
    made = compute("cases_entered", {"prosecutor": counts()}, coverage=days)
    assert list(made["status"]) == ["provisional", "suppressed_source"]
    assert made["reason"].iloc[0] == "untold_days"
    assert made["numerator"].iloc[0] == 100


def test_days_outside_the_periods_delivered_are_refused_in_words():
    with pytest.raises(SchemaError, match="no row of a period that is covered"):
        told("cases_entered", counts(), coverage=("2019-01-01", "2019-12-31"))


def test_what_needs_another_day_is_refused_and_what_is_not_told_does_not_apply():
    with pytest.raises(SchemaError, match="tells no day.*'cases_decided' counts cases decided"):
        told("cases_decided", counts(), coverage=YEARS)
    silent = counts([row for row in ROWS if row[1] != "beating at home"])
    made = compute("vif_cases", {"prosecutor": silent}, coverage=YEARS)
    assert set(made["status"]) == {"not_applicable"}
    assert set(made["reason"]) == {"absent_from_source"}


def _cases(**columns):
    n = len(columns["entry_period"])
    made = {"case_id": [str(i) for i in range(n)], "synthetic": True} | columns
    made["entry_period"] = pd.PeriodIndex(made["entry_period"], freq="Y")
    return empty_table(CASES).reindex(range(n)).assign(**made)


def test_cases_of_which_the_year_of_entry_is_told_are_counted_by_year():
    table = _cases(
        entry_period=["2021", "2021", "2021", "2023"],
        context=["couple", "none", None, "family"],
        phenomenon=["assault", "theft_other", "robbery", "assault"],
    )
    years = ("2021-01-01", "2023-12-31")
    found = told("cases_entered", table, coverage=years)
    assert found == [("2021", 3, "ok"), ("2022", 0, "zero"), ("2023", 1, "ok")]
    assert told("vif_cases", table, coverage=years)[0] == ("2021", 1, "ok")
    made = compute(
        "cases_entered", {"prosecutor": table}, breakdown=["context"], coverage=years
    ).set_index(["context", "period"])["numerator"]
    assert made["all", pd.Period("2021")] == 3
    assert made["unknown", pd.Period("2021")] == 1


def test_a_share_of_cases_has_its_whole(root):
    table = _cases(entry_period=["2015"] * 4, decision=["charged", "charged", "declined", None])
    with own_catalogue(root / "examples" / "cook_county" / "catalogue"):
        made = compute(
            "charges_approved", {"prosecutor": table}, coverage=("2015-01-01", "2015-12-31")
        ).iloc[0]
    assert (made["numerator"], made["denominator"]) == (2, 3)
    assert made["value"] == pytest.approx(2 / 3)


def test_cases_with_days_are_counted_by_charge_too(root):
    table = _cases(entry_period=["2021", "2021"], phenomenon=["assault_family", "theft_other"])
    table = table.drop(columns="entry_period").assign(
        entry_date=pd.to_datetime(["2021-02-01", "2021-03-01"])
    )
    with own_catalogue(root / "examples" / "lambayeque" / "catalogue"):
        found = told("family_violence", table, coverage=("2021-01-01", "2021-12-31"))
    assert found == [("2021", 1, "ok")]


def test_shares_of_charges_are_of_all_their_cases_and_not_of_each_charge():
    """Two charges within the family, 30 and 10: three quarters and one, of 40."""
    threats = '{{ offence = "threats at home", phenomenon = "threats", relation = "family" }},'
    text = COUNTED.replace("offences = [", f"offences = [\n  {threats}").format(period="%Y")
    rows = [*ROWS[:3], ("2021", "threats at home", "10")]
    frame = pd.DataFrame(rows, columns=["when", "charge", "n"])
    table = clean_prosecutor(frame, profile=profile(text)).table
    made = compute(
        "vif_charge_share",
        {"prosecutor": table},
        breakdown=["phenomenon"],
        coverage=("2021-01-01", "2021-12-31"),
    )
    told_of = made[made["numerator"].gt(0)]
    assert sorted(told_of["numerator"]) == [10, 30]
    assert set(told_of["denominator"]) == {40}


def test_a_table_tells_periods_alone_where_every_case_has_one_and_none_a_day():
    years = pd.PeriodIndex(["2021", "2021"], freq="Y")
    table = _cases(entry_period=["2021", "2021"])
    assert tells_periods_alone(table)
    assert not tells_periods_alone(table.assign(entry_period=years.where([True, False])))
    day = pd.to_datetime(pd.Series(["2021-01-01", None]))
    assert not tells_periods_alone(table.assign(entry_date=day))
    assert tells_periods_alone(table.drop(columns="entry_date"))
    assert not tells_periods_alone(table.drop(columns="entry_period"))
    assert tells_periods_alone(counts())
