"""Units merged since: before the merger they are the sum of their parts, or missing."""

import datetime as dt
from dataclasses import replace

import pandas as pd
import pytest

import obs
from obs.indicators.count.coverage_by_place import CoveredDays
from obs.indicators.count.merged_units import follow_counts, follow_days, follow_exposure
from obs.reference import Merger, make_territory

UNITS = pd.DataFrame(
    {
        "code": ["N", "C", "T"],
        "level": ["commune", "commune", "region"],
        "parent": ["T", "T", None],
    }
).assign(name_fr=["Nord", "Coron", "Terre"], name_nl="x", name_en="x")
NORTH = Merger("N", "Nord", dt.date(2023, 1, 1), {"A": "Alba", "B": "Borra"}, "decree")
CORON = Merger("C", "Coron", dt.date(2023, 1, 1), {"C": "Coron", "D": "Dorna"}, "decree")


def land(*mergers):
    plain = make_territory(UNITS, name="land", levels=("commune", "region"))
    return replace(plain, mergers=mergers)


def counts(*rows):
    """Rows of (territory, year, numerator or status)."""
    given = pd.DataFrame(rows, columns=["territory", "period", "given"])
    told = given["given"].map(lambda g: not isinstance(g, str))
    numerator = given["given"].where(told).astype("Int64")
    status = given["given"].where(
        ~told, numerator.map(lambda n: "ok" if pd.notna(n) and n else "zero")
    )
    return pd.DataFrame(
        {
            "territory": given["territory"].astype("str"),
            "period": pd.PeriodIndex(given["period"].astype("str"), freq="Y"),
            "phenomenon": "bicycle_theft",
            "unit": "fact",
            "numerator": numerator,
            "status": status.astype("str"),
            "delivery": "one.csv",
        }
    )


def figures(*rows, place, **options):
    table = obs.compute("bicycle_theft", {"police": counts(*rows)}, territory=place, **options)
    return {
        (t, str(p)): (None if pd.isna(n) else int(n), s, None if pd.isna(r) else r)
        for t, p, n, s, r in zip(
            *(table[c] for c in ("territory", "period", "numerator", "status", "reason")),
            strict=True,
        )
    }


LATER = (("N", 2023, 50), ("C", 2023, 20))


def test_a_merged_unit_is_the_sum_of_its_parts_before():
    found = figures(("A", 2022, 30), ("B", 2022, 12), ("C", 2022, 8), *LATER, place=land(NORTH))
    assert found["N", "2022"] == (42, "ok", None)
    assert found["N", "2023"] == (50, "ok", None)
    assert found["T", "2022"] == (50, "ok", None)
    assert not {"A", "B"} & {territory for territory, _ in found}


def test_a_whole_that_lacks_a_part_is_missing_and_says_why():
    found = figures(("A", 2022, 30), ("C", 2022, 8), *LATER, place=land(NORTH))
    assert found["N", "2022"] == (None, "missing", "merged_part_missing")
    assert found["T", "2022"][:2] == (None, "missing")  # nor is the whole smaller


@pytest.mark.parametrize("status", ["missing", "suppressed_source"])
def test_a_part_without_its_number_leaves_the_whole_without(status):
    found = figures(("A", 2022, 30), ("B", 2022, status), *LATER, place=land(NORTH))
    assert found["N", "2022"][:2] == (None, status)


def test_zeros_and_provisional_parts_are_what_their_sum_is():
    rows = (("A", 2022, 0), ("B", 2022, 0), ("C", 2022, 8), *LATER)
    assert figures(*rows, place=land(NORTH))["N", "2022"] == (0, "zero", None)


def test_a_sum_of_parts_has_the_status_of_its_number():
    rows = (("A", 2022, 30), ("B", 2022, 12), ("A", 2021, 0), ("B", 2021, 0))
    made, lacking = follow_counts(counts(*rows), land(NORTH))
    told = made.set_index(made["period"].astype("str"))[["territory", "numerator", "status"]]
    assert told.loc["2022"].tolist() == ["N", 42, "ok"]
    assert told.loc["2021"].tolist() == ["N", 0, "zero"]
    assert lacking.empty


def test_a_count_delivered_of_the_unit_of_today_stands_for_the_sum():
    rows = (("A", 2022, 30), ("B", 2022, 12), ("N", 2022, 43), ("C", 2022, 8), *LATER)
    assert figures(*rows, place=land(NORTH))["N", "2022"] == (43, "ok", None)


def test_a_part_that_has_the_name_of_the_whole_is_not_taken_for_it():
    """The delivery writes names: 'Nord' of 2022 stands beside Borra, so it is the part alone."""
    same_name = replace(NORTH, parts={"A": "Nord", "B": "Borra"})
    rows = (("N", 2022, 30), ("B", 2022, 12), ("C", 2022, 8), *LATER)
    assert figures(*rows, place=land(same_name))["N", "2022"] == (42, "ok", None)


def test_a_code_that_was_that_of_a_part_needs_the_other_part():
    rows = (("C", 2022, 8), ("D", 2022, 3), ("N", 2022, 40), *LATER)
    assert figures(*rows, place=land(CORON))["C", "2022"] == (11, "ok", None)


def test_old_codes_after_the_merger_are_of_the_new_unit_if_all_are_there():
    rows = (("C", 2022, 8), ("N", 2022, 40), ("C", 2023, 20), ("A", 2023, 30), ("B", 2023, 12))
    assert figures(*rows, place=land(NORTH))["N", "2023"] == (42, "ok", None)
    found = figures(*rows[:-1], place=land(NORTH))["N", "2023"]
    assert found == (None, "missing", "merged_part_missing")
    found = figures(*LATER, ("C", 2024, 9), ("D", 2024, 4), ("N", 2024, 1), place=land(CORON))
    assert found["C", "2023"] == (20, "ok", None)  # the code of today, alone
    assert found["C", "2024"] == (13, "ok", None)


def test_the_year_of_the_merger_is_summed_where_it_is_delivered_in_parts():
    within = replace(NORTH, date=dt.date(2022, 12, 2))
    rows = (("A", 2022, 30), ("B", 2022, 12), ("C", 2022, 8), *LATER)
    assert figures(*rows, place=land(within))["N", "2022"] == (42, "ok", None)


def test_populations_of_the_parts_add_up_too():
    exposure = pd.DataFrame(
        {
            "kind": "population",
            "territory": ["A", "B", "N", "C", "C"],
            "year": [2022, 2022, 2023, 2022, 2023],
            "exposure": [1000.0, 1100.0, 2200.0, 500.0, 500.0],
            "flag": "observed",
            "source": "register",
            "vintage": "2023",
        }
    ).astype({"year": "Int64", "exposure": "Float64"})
    table = obs.compute(
        "bicycle_theft",
        {"police": counts(("A", 2022, 30), ("B", 2022, 12), ("C", 2022, 8), *LATER)},
        territory=land(NORTH),
        exposure=exposure,
    ).set_index(["territory", "period"])
    row = table.loc[("N", pd.Period("2022", "Y"))]
    assert float(row["denominator"]) == 2100.0
    assert float(row["value"]) == pytest.approx(42 / 2100 * 1000)


@pytest.mark.parametrize(
    ("flags", "flag"),
    [
        (("observed", "observed"), "observed"),
        (("observed", "interpolated"), "interpolated"),
        (("interpolated", "interpolated"), "interpolated"),
    ],
)
def test_a_population_with_an_interpolated_part_is_interpolated(flags, flag):
    parts = pd.DataFrame(
        {"territory": ["A", "B"], "year": 2022, "exposure": [1000.0, 1100.0], "flag": flags}
    ).astype({"year": "Int64"})
    (row,) = follow_exposure(parts, land(NORTH)).to_dict("records")
    assert (row["territory"], row["exposure"], row["flag"]) == ("N", 2100.0, flag)


def events(*parts):
    """One fact a day of the years given, for each (territory, first year, last year)."""
    tables = [
        pd.DataFrame({"event_date": pd.date_range(f"{a}-01-01", f"{b}-12-31"), "territory": code})
        for code, a, b in parts
    ]
    table = pd.concat(tables, ignore_index=True)
    return table.assign(phenomenon="bicycle_theft", synthetic=True, source="police")


def test_facts_of_the_parts_are_facts_of_the_unit_of_today():
    facts = events(("A", 2022, 2022), ("B", 2022, 2022), ("N", 2023, 2023), ("C", 2022, 2023))
    table = obs.compute("bicycle_theft", {"police": facts}, territory=land(NORTH))
    own = table[table["territory"] == "N"]
    assert own["numerator"].tolist() == [730, 365]
    assert own["status"].tolist() == ["ok", "ok"]
    counted = obs.count_events(facts, territory=land(NORTH))
    assert counted.loc[counted["territory"] == "N", "numerator"].tolist() == [730, 365]


def test_facts_of_one_part_alone_are_not_the_whole():
    facts = events(("A", 2022, 2022), ("N", 2023, 2023), ("C", 2022, 2023))
    table = obs.compute("bicycle_theft", {"police": facts}, territory=land(NORTH))
    own = table[table["territory"] == "N"]
    assert own["status"].tolist() == ["missing", "ok"]
    assert own["reason"].iloc[0] == "merged_part_missing"
    region = table[table["territory"] == "T"]
    assert region["status"].tolist() == ["provisional", "ok"]  # said to lack a part


def test_a_part_that_falls_silent_leaves_the_whole_provisional():
    facts = events(("A", 2021, 2022), ("B", 2021, 2022), ("N", 2023, 2023), ("C", 2021, 2023))
    silent = (facts["territory"] == "B") & (facts["event_date"] >= "2022-04-01")
    table = obs.compute("bicycle_theft", {"police": facts[~silent]}, territory=land(NORTH))
    own = table[table["territory"] == "N"]
    assert own["status"].tolist() == ["ok", "provisional", "ok"]
    assert own["reason"].iloc[1] == "untold_days"


def days(*spans):
    return tuple((pd.Timestamp(first), pd.Timestamp(last)) for first, last in spans)


BOTH = days(("2021-01-01", "2023-12-31"))


@pytest.mark.parametrize(
    ("seen", "apart", "expected"),
    [
        # delivered as the units of today all along: nothing is known of parts
        ({"N", "C"}, {}, None),
        # facts of both parts: all days
        ({"A", "B", "N"}, {}, days(("2021-01-01", "2022-12-31"), ("2023-01-01", "2023-12-31"))),
        # facts of one part alone: no day before the merger
        ({"A", "N"}, {}, days(("2023-01-01", "2023-12-31"))),
        # coverage names the other: its days, those in both
        (
            {"A", "N"},
            {"B": days(("2022-03-01", "2023-06-30"))},
            days(("2022-03-01", "2022-12-31"), ("2023-01-01", "2023-12-31")),
        ),
        (
            set(),
            {"B": days(("2022-03-01", "2022-03-01"))},  # one day; the other part has none
            days(("2023-01-01", "2023-12-31")),
        ),
    ],
)
def test_days_before_a_merger_are_those_of_every_part(seen, apart, expected):
    told = follow_days(CoveredDays(BOTH, apart), seen, land(NORTH))
    assert told.apart.get("N") == expected
    assert told.common == BOTH


def test_days_told_of_a_unit_that_kept_its_code_count_before_its_merger_too():
    """C took D over: before, the days of C itself and of D."""
    apart = {"C": days(("2022-07-01", "2023-12-31"))}
    told = follow_days(CoveredDays(BOTH, apart), {"C", "D"}, land(CORON))
    assert told.apart["C"] == days(("2022-07-01", "2022-12-31"), ("2023-01-01", "2023-12-31"))
