"""Absent is zero only in days told, place by place; COVERAGE is checked against the rows."""

import pandas as pd
import pytest

from obs import compare_periods, compute, count_events
from obs.errors import ObsError
from obs.schemas import ALL

SMALL = ("21001", "21004", "21009")


def facts(*spans, each=7):
    """One bicycle theft every `each` days in each place, over spans (first, last, places)."""
    parts = [
        pd.DataFrame({"event_date": pd.date_range(first, last, freq=f"{each}D"), "territory": code})
        for first, last, places in spans
        for code in places
    ]
    table = pd.concat(parts, ignore_index=True)
    return table.assign(phenomenon="bicycle_theft", source="police", synthetic=True).astype(
        {"territory": "str", "phenomenon": "str", "event_date": "datetime64[us]"}
    )


def coverage(*rows):
    lines = [(ALL, *row) if len(row) == 2 else row for row in rows]
    return pd.DataFrame(
        {
            "source": "police",
            "territory": [line[0] for line in lines],
            "start": pd.to_datetime([line[1] for line in lines]),
            "end": pd.to_datetime([line[2] for line in lines]),
            "how": "observatory",
            "delivery": "one.csv",
        }
    )


def by_year(table, code):
    rows = table[table["territory"] == code].assign(year=lambda t: t["period"].dt.year)
    return rows.set_index("year")


GAP = facts(("2019-01-01", "2019-12-31", SMALL), ("2022-01-01", "2022-12-24", SMALL))


def test_years_never_delivered_are_missing_at_every_level():
    table = compute("bicycle_theft", {"police": GAP})
    for code in ("21009", "21019", "5339", "04000"):
        rows = by_year(table, code)
        assert rows.loc[[2020, 2021], "status"].tolist() == ["missing", "missing"]
        assert rows.loc[[2020, 2021], "numerator"].isna().all()
    assert by_year(table, "21009").loc[2019, "numerator"] == 53
    assert by_year(table, "21019").loc[2019, "status"] == "zero"
    assert by_year(table, "21019").loc[2022, "status"] == "provisional"  # ends on the 24th


def test_declared_coverage_makes_a_year_whole_without_a_fact_on_its_last_day():
    table = compute(
        "bicycle_theft", {"police": GAP}, coverage=coverage(("2019-01-01", "2022-12-31"))
    )
    rows = by_year(table, "21009")
    assert rows["status"].tolist() == ["ok", "zero", "zero", "ok"]


def test_coverage_by_place_leaves_the_others_missing_and_the_whole_provisional():
    declared = coverage(*(("21001", f"{y}-01-01", f"{y}-12-31") for y in (2019, 2022)))
    table = compute("bicycle_theft", {"police": GAP}, coverage=declared)
    assert by_year(table, "21001").loc[2022, "status"] == "ok"
    assert by_year(table, "21009").loc[2022, "status"] == "missing"
    region = by_year(table, "04000").loc[2022]
    assert (region["status"], region["reason"]) == ("provisional", "untold_days")


def test_a_zone_is_all_its_communes_and_its_own_days_stand_for_those_of_all_places():
    declared = coverage(("2019-01-01", "2022-12-31"), ("5339", "2019-01-01", "2020-12-31"))
    table = compute("bicycle_theft", {"police": GAP}, coverage=declared)
    assert by_year(table, "21009").loc[2021, "status"] == "missing"
    assert by_year(table, "21001").loc[2021, "status"] == "zero"


SILENT = facts(
    ("2023-01-01", "2024-12-31", ("21001", "21004", "21015")),
    ("2023-01-01", "2024-06-30", ("21009",)),
    each=3,
)


def test_a_silent_place_is_told_and_it_and_its_wholes_are_not_compared():
    table = compute("bicycle_theft", {"police": SILENT}, coverage=("2023-01-01", "2024-12-31"))
    commune = by_year(table, "21009").loc[2024]
    assert (commune["status"], commune["reason"]) == ("provisional", "untold_days")
    assert commune["covered_to"] < pd.Timestamp("2024-07-01")
    trends = compare_periods(table, base="2023").set_index("territory")
    for code in ("21009", "5339", "04000"):
        assert trends.loc[code, "verdict"] == "not comparable"
        assert pd.isna(trends.loc[code, "change"])
    assert trends.loc["21001", "verdict"] == "stable"


def test_months_of_a_silent_place_are_missing_and_a_place_without_any_fact_has_zeros():
    table = compute(
        "bicycle_theft",
        {"police": SILENT},
        period="month",
        coverage=("2023-01-01", "2024-12-31"),
    )
    late = table[table["period"] == pd.Period("2024-09", "M")].set_index("territory")
    assert late.loc["21009", "status"] == "missing"
    assert late.loc["21019", "status"] == "zero"
    assert late.loc["04000", ["status", "reason"]].tolist() == ["provisional", "untold_days"]


def test_a_place_that_coverage_names_is_believed():
    declared = coverage(("2023-01-01", "2024-12-31"), ("21009", "2023-01-01", "2024-12-31"))
    table = compute("bicycle_theft", {"police": SILENT}, coverage=declared)
    assert by_year(table, "21009").loc[2024, "status"] == "ok"


def test_counts_know_the_same_days():
    counts = count_events(SILENT, by=("territory", "month"), coverage=("2023-01-01", "2024-12-31"))
    own = counts[counts["territory"] == "21009"].set_index("month")
    assert own.loc[pd.Period("2024-09", "M"), "status"] == "missing"
    whole = count_events(SILENT, by=("year",), coverage=("2023-01-01", "2024-12-31"))
    assert whole["status"].tolist() == ["ok", "provisional"]
    gaps = count_events(GAP).groupby("year")["status"].unique()
    assert gaps[pd.Period("2020", "Y-DEC")].tolist() == ["missing"]


def test_an_empty_coverage_is_refused():
    with pytest.raises(ObsError, match="COVERAGE has no row; leave it out"):
        compute("bicycle_theft", {"police": GAP}, coverage=coverage().astype({"how": "str"}))
