"""Rates use the denominators that are delivered; a year without one has no rate, and says why."""

from dataclasses import replace

import pandas as pd
import pytest

from obs.catalogue import get_indicator
from obs.indicators import compute
from obs.reference import load_territory

COMMUNES = load_territory().codes("commune")


def exposure(kind, number, years):
    rows = [(kind, code, year, number, "observed") for code in COMMUNES for year in years]
    table = pd.DataFrame(rows, columns=["kind", "territory", "year", "exposure", "flag"])
    types = {"year": "Int64", "exposure": "Float64"}
    return (
        table.astype(types)
        .assign(source="town hall", vintage="1 January")
        .astype(
            {"source": "str", "vintage": "str", "kind": "str", "territory": "str", "flag": "str"}
        )
    )


def events(years):
    days = pd.DatetimeIndex([f"{year}-0{month}-15" for year in years for month in range(1, 7)])
    return pd.DataFrame(
        {
            "event_date": days,
            "territory": "21004",
            "phenomenon": "vehicle_theft",
            "synthetic": True,
            "source": "police",
        }
    )


def rates(given, years=(2019, 2020), denominators=("population",)):
    entry = replace(get_indicator("vehicle_theft"), denominators=denominators)
    whole = ("2019-01-01", "2020-12-31")
    table = compute(entry, {"police": events(years)}, exposure=given, coverage=whole)
    return table.set_index(["territory", table["period"].astype("str")])


def test_the_delivered_population_goes_before_the_packaged_one():
    table = rates(exposure("population", 2_000, (2019, 2020)))
    assert table.loc[("21004", "2019"), "value"] == 6 / 2_000 * 1_000
    assert table.loc[("04000", "2019"), "denominator"] == 19 * 2_000


def test_vehicles_and_premises_are_denominators_of_their_own():
    for kind in ("vehicles", "premises"):
        given = exposure(kind, 500, (2019, 2020))
        table = rates(given, denominators=(kind, "population"))
        assert set(table["scale"]) == {f"per_1000_{kind}"}
        assert table.loc[("21004", "2020"), "value"] == 6 / 500 * 1_000


def test_a_year_without_population_is_missing_and_says_why():
    table = rates(exposure("population", 2_000, (2019,)))
    told, untold = table.loc[("21004", "2019")], table.loc[("21004", "2020")]
    assert (told["status"], untold["status"]) == ("ok", "missing")
    assert pd.isna(untold["value"])
    assert untold["numerator"] == 6
    assert untold["reason"] == "no_denominator"
    assert pd.isna(told["reason"])
    assert table.loc[("04000", "2020"), "reason"] == "no_denominator"


def test_a_delivered_denominator_is_never_replaced_by_another():
    given = pd.concat(
        [exposure("vehicles", 500, (2019,)), exposure("population", 2_000, (2019, 2020))]
    )
    table = rates(given, denominators=("vehicles", "population"))
    assert set(table["scale"]) == {"per_1000_vehicles"}
    assert table.loc[("21004", "2020"), "reason"] == "no_denominator"


def test_without_any_year_in_common_rates_are_missing_and_not_counts():
    table = rates(exposure("population", 2_000, (2010,)))
    assert set(table["scale"]) == {"per_1000_inhabitants"}
    assert set(table["status"]) == {"missing"}


@pytest.mark.parametrize(("untold", "scale"), [(0, "dwellings"), (1, "inhabitants")])
def test_a_denominator_beside_the_counts_is_taken_if_every_place_has_it(untold, scale):
    known = [500.0] * (len(COMMUNES) - untold) + [None] * untold
    counts = pd.DataFrame({"territory": COMMUNES, "dwellings": known}).assign(
        period=pd.Period("2019", freq="Y"),
        phenomenon="vehicle_theft",
        unit="fact",
        numerator=6,
        status="ok",
        delivery="counts.csv",
    )
    entry = replace(get_indicator("vehicle_theft"), denominators=("dwellings", "population"))
    table = compute(entry, {"police": counts})
    assert set(table["scale"]) == {f"per_1000_{scale}"}
    assert table["denominator"].notna().all()
