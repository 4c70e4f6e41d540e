"""Counts as delivered, piece by piece: totals, units, codes and what a share is of."""

import pandas as pd
import pytest

from obs.catalogue import get_indicator
from obs.errors import ObsError
from obs.indicators.count.cases.from_case_periods import count_from_case_periods
from obs.indicators.count.from_calls import count_from_calls
from obs.indicators.count.from_counts import count_from_counts
from obs.indicators.count.from_records import count_records, provenance_of_counts
from obs.reference import load_territory
from obs.schemas import CASES, empty_table
from tests.indicators.count.cases.test_from_cases import cases
from tests.indicators.count.test_from_calls import DAYS
from tests.indicators.count.test_from_counts import PLACE, make_counts

BRUSSELS = load_territory("brussels")


def counted(indicator, counts, *, period="year", breakdown=()):
    entry = get_indicator(indicator)
    return count_from_counts(counts, entry, period=period, breakdown=breakdown, place=PLACE)


def row(table, territory="a", **codes):
    found = table[table["territory"] == territory]
    for column, code in codes.items():
        found = found[found[column] == code]
    (one,) = found.to_dict("records")
    number = None if pd.isna(one["numerator"]) else int(one["numerator"])
    return number, one["status"], None if pd.isna(one["reason"]) else one["reason"]


def rows(*given, **columns):
    return make_counts(*[("a", "2022", *one) for one in given], **columns)


def test_a_blank_breakdown_is_the_total_and_is_not_added_to_its_parts():
    counts = rows(("robbery", 30), ("robbery", 12), place=[None, "home"])
    assert row(counted("robbery", counts)) == (30, "ok", None)
    whole = counted("robbery", counts, breakdown=["place"])
    assert row(whole, place="all") == (30, "ok", None)
    assert row(whole, place="home") == (12, "ok", None)


def test_two_units_or_another_one_do_not_apply_with_the_reason():
    both = rows(("robbery_armed", 3), ("robbery_unarmed", 4), unit=["fact", "victim"])
    assert row(counted("robbery", both)) == (None, "not_applicable", "mixed_units")
    victims = rows(("robbery", 3), unit="victim")
    made = counted("robbery", victims)
    assert row(made) == (None, "not_applicable", "other_unit")
    assert set(made["unit"]) == {get_indicator("robbery").unit}
    of_both = rows(("robbery_armed", 3), ("theft", 4), unit=["victim", "fact"])
    assert row(counted("robbery", of_both)) == (None, "not_applicable", "incomplete_in_source")


def test_what_the_source_has_not_is_told_apart_from_what_it_has_in_part():
    assert row(counted("robbery", rows(("theft", 4)))) == (
        *(None, "not_applicable", "absent_from_source"),
    )
    assert row(counted("robbery", rows(("robbery_armed", 4)))) == (
        *(None, "not_applicable", "incomplete_in_source"),
    )


def test_a_crossing_that_was_not_delivered_has_no_row_and_the_total_has():
    counts = rows(("robbery", 30), ("theft", 9), place=["all", "home"])
    made = counted("robbery", counts, breakdown=["place"])
    assert row(made, place="all") == (30, "ok", None)
    assert set(made["place"]) == {"all"}
    none = counted("robbery", rows(("theft", 9), place="home"), breakdown=["place"])
    assert row(none, place="all") == (None, "not_applicable", "absent_from_source")
    assert set(none["place"]) == {"all"}


def test_the_parts_of_a_breakdown_are_those_below_the_indicator_and_not_nested():
    counts = rows(("robbery", 9), ("robbery_armed", 4), ("robbery_unarmed", 5), ("theft", 7))
    made = counted("robbery", counts, breakdown=["phenomenon"])
    assert sorted(set(made["phenomenon"])) == ["all", "robbery_armed", "robbery_unarmed"]
    assert row(made, phenomenon="robbery_armed") == (4, "ok", None)
    assert row(made, phenomenon="all") == (9, "ok", None)


def test_years_are_not_split_and_months_make_a_year():
    made = counted("robbery", rows(("robbery", 30)), period="month")
    assert len(made) == 12 * len(PLACE.units)
    assert set(made["reason"]) == {"longer_periods"}
    assert made[["numerator", "days", "covered_from", "covered_to"]].isna().all().all()
    months = [("a", f"2022-{m:02d}", "robbery", 2) for m in range(1, 13)]
    year = counted("robbery", make_counts(*months, freq="M"))
    assert row(year) == (24, "ok", None)
    assert set(year["days"]) == {365}
    part = counted("robbery", make_counts(*months[:11], freq="M"))
    assert row(part) == (22, "provisional", None)
    assert set(part["days"]) == {334}
    assert set(part["covered_to"]) == {pd.Timestamp("2022-11-30")}


def test_a_month_that_a_place_lacks_makes_its_year_missing():
    months = [(code, f"2022-{m:02d}", "robbery", 2) for m in range(1, 13) for code in ("a", "b")]
    table = counted("robbery", make_counts(*months[:-1], freq="M"))
    assert row(table, "a") == (24, "ok", None)
    assert row(table, "b")[:2] == (None, "missing")
    assert row(table, "north")[:2] == (None, "missing")


def test_days_that_are_covered_in_part_are_told_and_make_a_count_provisional():
    days = {"covered_days": 300, "first_covered": pd.Timestamp("2022-01-01")}
    counts = rows(("robbery", 30), **days, last_covered=pd.Timestamp("2022-10-27"))
    made = counted("robbery", counts)
    assert row(made) == (30, "provisional", None)
    assert set(made["days"]) == {300}
    assert set(made["covered_to"]) == {pd.Timestamp("2022-10-27")}
    missing = rows(("robbery", "missing"), **days, last_covered=pd.Timestamp("2022-10-27"))
    assert row(counted("robbery", missing))[1] == "missing"


def of_records(source, table, indicator, **more):
    options = {"period": "year", "breakdown": (), "place": BRUSSELS, "coverage": None} | more
    return count_records(table, get_indicator(indicator), **options)


def test_a_share_of_cases_is_of_the_whole_that_its_indicator_names():
    table = cases().assign(phenomenon=["assault", "threats", "assault", "assault", None, "theft"])
    made = of_records("prosecutor", table, "vif_charge_share", breakdown=["phenomenon"])
    year = made[made["period"] == pd.Period("2020", "Y")].set_index("phenomenon")
    assert year.loc["assault", ["numerator", "whole"]].tolist() == [1, 2]
    assert "whole" not in of_records("prosecutor", table, "cases_entered")


def test_records_in_several_frames_or_files_are_counted_together(tmp_path):
    table = cases()
    path = tmp_path / "cases.parquet"
    table.iloc[3:].to_parquet(path)
    made = of_records("prosecutor", [table.iloc[:3], path], "cases_entered")
    assert made["numerator"].tolist() == [3, 3]
    with pytest.raises(ObsError, match="'prosecutor' called none.parquet"):
        of_records("prosecutor", tmp_path / "none.parquet", "cases_entered")


@pytest.mark.parametrize(
    ("synthetic", "days", "told", "latest"),
    [
        ([True, None], ["2022-01-31", "2022-06-30"], True, "2022-06-30"),
        ([False, False], ["2022-01-31", None], False, None),  # of one it is not known
        ([False, True], ["2022-01-31", "2022-01-31"], True, "2022-01-31"),
    ],
)
def test_where_counts_come_from(synthetic, days, told, latest):
    entry = get_indicator("cases_entered")
    table = pd.DataFrame(
        {"synthetic": pd.array(synthetic, "boolean"), "extracted": pd.to_datetime(pd.Series(days))}
    )
    found = provenance_of_counts(table, entry)
    assert (found["source"], found["synthetic"]) == ("prosecutor", told)
    assert pd.isna(found["extracted"]) if latest is None else str(found["extracted"])[:10] == latest
    bare = provenance_of_counts(table[[]], entry)
    assert (bare["synthetic"], pd.isna(bare["extracted"])) == (False, True)


def by_year(n):
    table = empty_table(CASES).reindex(range(n)).assign(case_id=[str(i) for i in range(n)])
    years = pd.PeriodIndex(["2021"] * n, freq="Y")
    return table.assign(entry_period=years, synthetic=True)


@pytest.mark.parametrize(
    ("indicator", "whole"), [("cases_entered", None), ("vif_charge_share", "vif_cases")]
)
def test_what_does_not_apply_has_a_whole_only_where_the_indicator_has(indicator, whole):
    made = count_from_case_periods(
        by_year(3),
        get_indicator(indicator),
        get_indicator(whole) if whole else None,
        **{"period": "month", "breakdown": (), "place": BRUSSELS},
        coverage=("2021-01-01", "2021-12-31"),
    )
    assert ("whole" in made) == (whole is not None)
    assert set(made["status"]) == {"not_applicable"}
    assert set(made["reason"]) == {"longer_periods"}
    assert len(made) == 12


def calls(table, indicator="helpline_calls", breakdown=(), coverage=None):
    options = {"period": "month", "place": BRUSSELS, "coverage": coverage}
    return count_from_calls(table, get_indicator(indicator), breakdown=breakdown, **options)


def test_calls_one_a_row_are_added_by_day_and_a_day_without_one_is_none():
    days = ["2022-01-01", "2022-01-01 23:30", "2022-01-31"]
    table = pd.DataFrame(
        {
            **{"call_id": ["1", "2", "3"], "date": pd.to_datetime(pd.Series(days), format="mixed")},
            **{"line": "EVC", "n": pd.array([1, 2, None], "Int64")},
            **dict.fromkeys(("topic", "relation", "gender"), pd.Series([None] * 3, dtype="str")),
        }
    )
    window = ("2022-01-01", "2022-02-28")
    made = calls(table, coverage=window).set_index("period")
    january, february = pd.Period("2022-01"), pd.Period("2022-02")
    assert made.loc[january, ["numerator", "status", "reason"]].tolist() == [
        3,
        "provisional",
        "untold_days",
    ]
    assert made.loc[february, ["numerator", "status"]].tolist() == [0, "zero"]
    assert made.loc[january, "answered"] == 31
    whole = calls(table.assign(n=pd.array([1, 2, 4], "Int64")), coverage=window).set_index("period")
    assert whole.loc[january, ["numerator", "status"]].tolist() == [7, "ok"]
    assert pd.isna(whole.loc[january, "reason"])


def test_days_of_no_line_have_no_count_and_a_figure_per_day_is_of_those_that_answered():
    table = DAYS.assign(extracted=pd.NaT)
    made = calls(table, breakdown=["line"], coverage=("2022-01-30", "2022-02-01"))
    made = made.set_index(["line", "period"])
    january, february = pd.Period("2022-01"), pd.Period("2022-02")
    assert made.loc[("1712", january), ["numerator", "answered"]].tolist() == [6, 1]
    assert made.loc[("all", january), ["numerator", "answered", "days"]].tolist() == [28, 2, 2]
    assert made.loc[("EVC", february), ["numerator", "answered"]].tolist() == [0, 1]
    assert made.loc[("1712", february), "status"] == "missing"
    assert pd.isna(made.loc[("1712", february), "numerator"])
