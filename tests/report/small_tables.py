"""Small released tables for the tests of the report room: Brussels, three years, by formula."""

from functools import cache

import pandas as pd

import obs
from obs.reference import load_exposure, load_territory
from obs.stats.counts.intervals import poisson_interval

ALT = "Figure des vols enregistrés dans les communes de la Région"
SMALL = {"21008": 3, "21011": 2}  # communes whose counts are under the threshold


def indicator_table(rows, *, scale="per_1000_inhabitants", freq="Y-DEC", unit="fact"):
    """Make INDICATORS of rows with indicator, territory, level, period, numerator, denominator."""
    table = pd.DataFrame(rows)
    table["period"] = pd.PeriodIndex(table["period"].astype(str), freq=freq)
    counts = table["numerator"].astype("float64")
    low, high = poisson_interval(counts.fillna(0).to_numpy())
    factor = 1.0 if scale == "count" else 1000 / table["denominator"].astype("float64")
    for name, column in (("value", counts), ("low", low), ("high", high)):
        values = pd.Series(column, index=table.index) * factor
        table[name] = values.where(counts.notna()).astype("Float64")
    table["numerator"] = table["numerator"].astype("Int64")
    table["n"] = table["numerator"]
    table["denominator"] = table["denominator"].astype("Float64")
    defaults = {"status": "ok", "unit": unit, "scale": scale, "source": "police"}
    defaults |= {"synthetic": True, "extracted": pd.Timestamp("2025-03-01"), "grade": None}
    last = table["period"].dt.end_time
    defaults["days"] = (last - table["period"].dt.start_time).dt.days + 1
    for name, value in defaults.items():
        if name not in table:
            table[name] = value
    table["status"] = table["status"].fillna("ok")
    table["days"] = table["days"].astype("Int64")
    table["grade"] = table["grade"].astype("str")
    return table


def brussels_rows(years=(2022, 2023, 2024), *, indicator="theft", per_thousand=20.0, small=None):
    place = load_territory()
    people = load_exposure("population").set_index(["territory", "year"])["exposure"].astype(float)
    small = SMALL if small is None else small
    rows = []
    for year in years:
        count = {
            code: small.get(code, round(people[(code, year)] / 1000 * per_thousand * (1 + i / 8)))
            for i, code in enumerate(place.codes("commune"))
        }
        for level in place.levels:
            for code in place.codes(level):
                rows.append(
                    {
                        "indicator": indicator,
                        "territory": code,
                        "level": level,
                        "period": year,
                        "numerator": sum(count[m] for m in place.members(code)),
                        "denominator": people[(code, year)],
                    }
                )
    return rows


@cache
def thefts():
    """Released thefts of 2022 to 2024 at three levels, two communes withheld and more with them."""
    return obs.release({"focus_vols.years": indicator_table(brussels_rows())})["focus_vols.years"]


def withheld_rows(**key):
    """Count the rows with these keys that the release of `thefts` withholds."""
    table = thefts().select(**key).table
    return int(table["status"].str.startswith("suppressed").sum())


@cache
def vif():
    """Released domestic violence in the Region by form and relation, with its margins."""
    cells = {
        ("physical", "couple"): 2355,
        ("sexual", "couple"): 16,
        ("psychological", "couple"): 1087,
        ("economic", "couple"): 102,
        ("physical", "descendant"): 557,
        ("physical", "other_family"): 471,
    }
    forms = ("all", "physical", "sexual", "psychological", "economic")
    relations = ("all", "couple", "descendant", "other_family")
    rows = []
    for form in forms:
        for relation in relations:
            parts = [
                n for (f, r), n in cells.items() if form in ("all", f) and relation in ("all", r)
            ]
            if not parts:
                continue
            rows.append(
                {
                    "indicator": "vif_total",
                    "territory": "04000",
                    "level": "region",
                    "period": 2021,
                    "form": form,
                    "relation": relation,
                    "numerator": sum(parts),
                    "denominator": None,
                }
            )
    table = indicator_table(rows, scale="count")
    return obs.release({"focus_vif.classes": table})["focus_vif.classes"]
