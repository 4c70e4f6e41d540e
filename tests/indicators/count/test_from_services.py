"""Indicators of activities of services, by hand: what is told, by whom, of which whole."""

import pandas as pd
import pytest

from obs.clean import clean_services
from obs.errors import CodeError, ObsError
from obs.indicators import compute
from obs.reference import load_territory
from obs.schemas import SERVICES, empty_table


def services(rows):
    names = ["territory", "period", "activity", "numerator", "unit", "part", "status", "bound"]
    given = pd.DataFrame(rows, columns=names)
    table = empty_table(SERVICES, freq="Y").reindex(range(len(given)))
    return table.assign(
        **given.assign(
            period=pd.PeriodIndex(given["period"], freq="Y"),
            numerator=given["numerator"].astype("Int64"),
        ),
        provider="commune",
        synthetic=True,
    )


IXELLES, BRUSSELS = "21009", "21004"


@pytest.mark.slow
def test_activities_climb_to_zone_and_region_where_all_are_told():
    rows = [
        (t, "2022", "mediation_files", 10, "file", "all", "ok", "exact") for t in load_communes()
    ]
    made = compute("mediation_files", {"services": services(rows)}).set_index("territory")
    assert made.loc["04000", "numerator"] == 190
    assert made.loc["5339", "numerator"] == 20
    lacking = compute("mediation_files", {"services": services(rows[1:])}).set_index("territory")
    assert lacking.loc["04000", "status"] == "missing"
    assert pd.isna(lacking.loc["04000", "numerator"])


def load_communes():
    return load_territory("brussels").codes("commune")


@pytest.mark.slow
def test_the_total_is_taken_and_not_its_parts():
    rows = [
        (IXELLES, "2022", "vif_support", 30, "person", "all", "ok", "exact"),
        (IXELLES, "2022", "vif_support", 20, "person", "age:adult", "ok", "exact"),
        (IXELLES, "2022", "vif_support", 13, "person", "age:minor", "ok", "exact"),
        (IXELLES, "2022", "mediation_files", 99, "file", "all", "ok", "exact"),
    ]
    made = compute("vif_support", {"services": services(rows)}).set_index("territory")
    assert made.loc[IXELLES, "numerator"] == 30
    assert made.loc[BRUSSELS, "status"] == "missing"  # not declared, not zero


def region(year, activity, number, unit):
    return ("04000", year, activity, number, unit, "all", "ok", "exact")


def test_a_share_of_activities_is_that_of_its_whole_and_unknown_without_it():
    rows = [
        region("2021", "cyber_referrals_with_procedure", 50, "file"),
        region("2022", "cyber_referrals_with_procedure", 381, "file"),
        region("2022", "cyber_referrals", 1144, "file"),
    ]
    made = compute("cyber_procedure_share", {"services": services(rows)})
    made = made.set_index(["territory", "period"])
    share = made.loc[("04000", pd.Period("2022"))]
    assert share["value"] == pytest.approx(381 / 1144)
    assert (share["numerator"], share["denominator"]) == (381, 1144)
    assert share["low"] < 1 / 3 < share["high"]  # a third, as the platform said
    without = made.loc[("04000", pd.Period("2021"))]
    assert without["status"] == "missing"
    assert pd.isna(without["value"])


def test_a_whole_whose_places_are_all_known_is_not_said_to_count_others():
    rows = [region("2022", "cyber_referrals", 1144, "file")]
    made = compute("cyber_referrals", {"services": services(rows)})
    assert made["reason"].isna().all()
    rows.append(("99", *region("2022", "cyber_referrals", 3, "file")[1:]))
    made = compute("cyber_referrals", {"services": services(rows)})
    assert made["reason"].tolist() == ["other_places"]


@pytest.mark.slow
def test_a_bound_is_provisional_and_other_units_are_refused():
    row = (IXELLES, "2022", "vif_support", 30, "person", "all", "ok", "at_least")
    made = compute("vif_support", {"services": services([row])}).set_index("territory")
    assert made.loc[IXELLES, "status"] == "provisional"
    other = services([(*row[:4], "file", *row[5:])])
    with pytest.raises(ObsError, match=r"counts in person, and table SERVICES has file"):
        compute("vif_support", {"services": other})
    with pytest.raises(ObsError, match="longer periods than 'month'"):
        compute("vif_support", {"services": services([row])}, period="month")
    with pytest.raises(CodeError, match="is of territory 'brussels'"):
        compute("vif_support", {"services": services([("99", *row[1:])])})


def test_an_activity_nobody_tells_does_not_apply():
    rows = [(IXELLES, "2022", "mediation_files", 99, "file", "all", "ok", "exact")]
    made = compute("vif_support", {"services": services(rows)})
    assert made[["status", "reason"]].to_numpy().tolist() == [
        ["not_applicable", "absent_from_source"]
    ]


@pytest.mark.slow
def test_the_sample_activities_are_those_of_its_files(sample):
    table = clean_services(
        sorted((sample / "services").glob("*.csv")), profile="obs_sample_services"
    ).table
    whole = table[table["part"] == "all"]
    for name in ("vif_support", "prevention_visits", "street_findings", "mediation_files"):
        made = compute(name, {"services": table}).set_index(["territory", "period"])
        year = pd.Period("2021")
        told = whole[(whole["activity"] == name) & (whole["period"] == year)]["numerator"].sum()
        assert made.loc[("04000", year), "numerator"] == told


@pytest.mark.parametrize("status", ["missing", "suppressed_source"])
def test_a_share_whose_part_is_not_told_has_neither_part_nor_whole(status):
    rows = [
        (*region("2022", "cyber_referrals_with_procedure", None, "file")[:6], status, "exact"),
        region("2022", "cyber_referrals", 1144, "file"),
    ]
    made = compute("cyber_procedure_share", {"services": services(rows)}).set_index("territory")
    assert made.loc["04000", "status"] == status
    assert pd.isna(made.loc["04000", "denominator"])
    assert pd.isna(made.loc["04000", "numerator"])


@pytest.mark.parametrize(
    ("number", "status", "told"),
    [(30, "ok", "provisional"), (0, "zero", "provisional"), (None, "missing", "missing")],
)
def test_a_bound_makes_what_is_known_provisional_and_nothing_else(number, status, told):
    row = ("04000", "2022", "cyber_referrals", number, "file", "all", status, "at_least")
    made = compute("cyber_referrals", {"services": services([row])}).set_index("territory")
    assert made.loc["04000", "status"] == told


def mixed(rows, months):
    """Put counts by year and by month under one another: their periods are then objects."""
    by_month = services(months).assign(period=pd.PeriodIndex([row[1] for row in months], freq="M"))
    parts = [services(rows), by_month]
    periods = [period for part in parts for period in part["period"]]
    whole = pd.concat([part.drop(columns="period") for part in parts], ignore_index=True)
    return whole.assign(period=pd.Series(periods, dtype="object"))


def test_deliveries_by_year_and_by_month_are_each_counted_by_their_own_periods():
    table = mixed(
        [region("2022", "cyber_referrals", 1144, "file")],
        [
            region("2022-03", "mediation_files", 7, "file"),
            region("2022-04", "mediation_files", 5, "file"),
        ],
    )
    yearly = compute("cyber_referrals", {"services": table}).set_index("territory")
    assert yearly.loc["04000", "numerator"] == 1144
    monthly = compute("mediation_files", {"services": table}, period="month")
    region_only = monthly[monthly["territory"] == "04000"].set_index("period")["numerator"]
    assert region_only[pd.Period("2022-03", "M")] == 7
    absent = compute("vif_support", {"services": table})
    assert set(absent["status"]) == {"not_applicable"}


def test_an_activity_counted_by_periods_of_two_lengths_is_refused():
    table = mixed(
        [region("2022", "cyber_referrals", 1144, "file")],
        [region("2022-03", "cyber_referrals", 7, "file")],
    )
    with pytest.raises(ObsError, match="counted by periods of several lengths .M, Y-DEC."):
        compute("cyber_referrals", {"services": table})


def test_activities_of_longer_periods_and_of_elsewhere_are_refused():
    row = region("2022", "cyber_referrals", 5, "file")
    with pytest.raises(ObsError, match="longer periods than 'quarter'; ask for period='year'"):
        compute("cyber_referrals", {"services": services([row])}, period="quarter")
    with pytest.raises(CodeError, match="no row of cyber_referrals is of territory 'brussels'"):
        compute("cyber_referrals", {"services": services([("99", *row[1:])])})
    with pytest.raises(ObsError, match="counts in file, and table SERVICES has person"):
        compute("cyber_referrals", {"services": services([(*row[:4], "person", *row[5:])])})
