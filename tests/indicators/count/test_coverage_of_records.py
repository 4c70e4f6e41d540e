"""Coverage of cases, calls, services and delivered counts: what is not covered is missing."""

import datetime as dt
from dataclasses import replace

import pandas as pd
import pytest

from obs.clean import clean_services
from obs.indicators import compute
from obs.reference import Merger, load_territory
from obs.schemas import ALL, CALL_DAYS, CALLS, CASES, empty_table


def coverage(source, *stretches, how="file"):
    rows = [
        (source, code, pd.Timestamp(start), pd.Timestamp(end), how, f"{start}.csv")
        for code, start, end in stretches
    ]
    return pd.DataFrame(rows, columns=["source", "territory", "start", "end", "how", "delivery"])


def statuses(table, code="04000"):
    own = table[table["territory"] == code]
    return dict(zip(own["period"].astype(str), own["status"], strict=True))


# --- cases ----------------------------------------------------------------------------


def cases(*years, old=()):
    """One case a week of each year, closed three weeks later."""
    days = [
        day for year in years for day in pd.date_range(f"{year}-01-02", f"{year}-11-30", freq="7D")
    ]
    days += [pd.Timestamp(day) for day in old]
    table = empty_table(CASES).reindex(range(len(days)))
    return table.assign(
        case_id=[f"C{i}" for i in range(len(days))],
        entry_date=days,
        decision="technical",
        decision_date=pd.DatetimeIndex(days) + pd.Timedelta(days=21),
        first_close_date=pd.NaT,
        reopened_date=pd.NaT,
        extracted=pd.Timestamp("2024-01-31"),
        delivery=[f"cases_{day.year}.csv" for day in days],
        synthetic=True,
    )


@pytest.mark.parametrize("indicator", ["cases_entered", "cases_closed", "cases_pending"])
def test_years_of_cases_that_no_delivery_tells_are_missing(indicator):
    made = compute(indicator, {"prosecutor": cases(2019, 2023)})
    told = statuses(made)
    assert [told[str(y)] for y in (2020, 2021, 2022)] == ["missing"] * 3
    assert {told["2019"], told["2023"]} <= {"ok", "zero"}
    assert made.loc[made["status"] == "missing", "numerator"].isna().all()


def test_one_old_case_makes_no_century():
    table = cases(2022, 2023, old=["1924-05-01"])
    table["delivery"] = table["delivery"].replace("cases_1924.csv", "cases_2022.csv")
    made = compute("cases_entered", {"prosecutor": table})
    assert [str(p) for p in made["period"]] == ["2022", "2023"]


def test_a_table_of_coverage_is_read_for_cases():
    told = coverage(
        "prosecutor", (ALL, "2022-01-01", "2022-12-31"), (ALL, "2023-01-01", "2023-06-30")
    )
    made = compute("cases_entered", {"prosecutor": cases(2022, 2023)}, coverage=told)
    assert statuses(made) == {"2022": "ok", "2023": "provisional"}
    assert made["numerator"].tolist() == [
        48,
        26,
    ]  # weeks from 2 January: to 27 November, to 26 June


# --- calls ----------------------------------------------------------------------------


def calls(**lines):
    """Calls every second day of spans (first, last), by line."""
    rows = [
        (day, line)
        for line, spans in lines.items()
        for first, last in spans
        for day in pd.date_range(first, last, freq="2D")
    ]
    table = empty_table(CALLS).reindex(range(len(rows)))
    return table.assign(
        call_id=[f"K{i}" for i in range(len(rows))],
        date=[day for day, _ in rows],
        line=[line for _, line in rows],
        n=1,
        source="helpline",
        synthetic=True,
    ).astype({"n": "Int64"})


YEAR_19, YEAR_22 = ("2019-01-01", "2019-12-31"), ("2022-01-01", "2022-12-31")


def test_years_of_calls_that_no_delivery_tells_are_missing_and_one_old_call_adds_none():
    made = compute("helpline_calls", {"helpline": calls(a=[YEAR_19, YEAR_22])})
    assert statuses(made) == {
        "2019": "ok",
        "2020": "missing",
        "2021": "missing",
        "2022": "ok",
    }
    old = calls(a=[("1924-05-01", "1924-05-01"), YEAR_22])
    assert list(statuses(compute("helpline_calls", {"helpline": old}))) == ["2022"]


def test_a_covered_month_without_a_call_has_none():
    told = coverage("helpline", (ALL, "2022-01-01", "2022-12-31"))
    quiet = calls(a=[("2022-01-01", "2022-02-28")])
    made = compute("helpline_calls", {"helpline": quiet}, coverage=told, period="month")
    assert statuses(made)["2022-01"] == "ok"
    assert statuses(made)["2022-09"] == "zero"


def test_of_named_places_the_one_with_the_most_days_says_what_is_covered():
    """A year in one stretch is more than two months in two."""
    told = coverage(
        "helpline",
        ("21001", "2022-01-01", "2022-12-31"),
        ("21002", "2022-01-01", "2022-01-31"),
        ("21002", "2022-06-01", "2022-06-30"),
    )
    made = compute("helpline_calls", {"helpline": calls(a=[YEAR_22])}, coverage=told)
    assert statuses(made) == {"2022": "ok"}


def test_a_line_that_falls_silent_makes_the_sum_provisional():
    table = calls(a=[YEAR_22], b=[("2022-01-01", "2022-06-30")])
    told = coverage("helpline", (ALL, "2022-01-01", "2022-12-31"))
    made = compute("helpline_calls", {"helpline": table}, coverage=told, breakdown=("line",))
    own = made.set_index("line")[["status", "reason"]].fillna("")
    assert own.loc["a"].tolist() == ["ok", ""]
    assert own.loc["b"].tolist() == ["provisional", ""]
    assert own.loc[ALL].tolist() == ["provisional", "untold_days"]


def test_each_source_of_calls_has_its_days():
    table = calls(a=[YEAR_19, YEAR_22], b=[YEAR_22])
    table = table.assign(source=table["line"].map({"a": "one", "b": "two"}))
    told = pd.concat(
        [
            coverage("one", (ALL, *YEAR_19), (ALL, *YEAR_22)),
            coverage("two", (ALL, *YEAR_22)),
        ]
    )
    made = compute("helpline_calls", {"helpline": table}, coverage=told)
    assert statuses(made) == {
        "2019": "provisional",  # line b is not told
        "2020": "missing",
        "2021": "missing",
        "2022": "ok",
    }


def test_a_day_that_is_not_delivered_is_no_day_without_calls():
    days = [*pd.date_range("2021-01-01", "2021-12-31"), *pd.date_range("2022-01-01", "2022-03-31")]
    days += [*pd.date_range("2023-01-01", "2023-12-31")]
    table = empty_table(CALL_DAYS).reindex(range(len(days)))
    table = table.assign(date=days, line="a", n=3, status="ok", source="helpline", synthetic=True)
    made = compute("helpline_calls", {"helpline": table.astype({"n": "Int64"})})
    assert statuses(made) == {"2021": "ok", "2022": "provisional", "2023": "ok"}
    assert made.set_index(made["period"].astype(str)).loc["2022", "days"] == 90


# --- services and delivered counts ----------------------------------------------------


def services(*rows):
    """Rows of (year, code, number)."""
    given = pd.DataFrame(
        {
            "ANNEE": [str(year) for year, _, _ in rows],
            "NIVEAU": "commune",
            "TERRITOIRE": [code for _, code, _ in rows],
            "ACTIVITE": "prevention_visits",
            "PARTIE": "",
            "UNITE": "visites",
            "PRESTATAIRE": "Commune",
            "MESURE": "",
            "NOMBRE": [str(n) for _, _, n in rows],
        }
    )
    return clean_services(given, profile="obs_sample_services")


BRUSSELS = load_territory("brussels").codes("commune")


def test_a_year_of_services_covered_in_part_is_provisional_and_not_at_all_missing():
    made = services(*((year, code, 2) for year in (2021, 2022, 2023) for code in BRUSSELS))
    told = coverage(
        "services", (ALL, "2021-01-01", "2021-12-31"), (ALL, "2022-01-01", "2022-09-30")
    )
    table = compute("prevention_visits", {"services": made.table}, coverage=told)
    assert statuses(table) == {"2021": "ok", "2022": "provisional", "2023": "missing"}
    days = table[table["territory"] == "04000"].set_index("status")["days"]
    assert days[["ok", "provisional"]].tolist() == [365, 273]


def test_a_place_without_services_in_a_year_is_remarked_and_in_no_total():
    rows = [(year, code, 2) for year in (2021, 2022) for code in BRUSSELS]
    made = services(*[row for row in rows if row[:2] != (2022, "21004")])
    (said,) = made.flagged.loc[made.flagged["rule"] == "silent_place", "message"]
    assert said.endswith(": 21004, 2022-01-01 to 2022-12-31")
    table = compute("prevention_visits", {"services": made.table}, coverage=made.coverage)
    assert statuses(table) == {"2021": "ok", "2022": "missing"}
    assert made.coverage["how"].tolist() == ["assumed"]
    assert made.coverage[["start", "end"]].iloc[0].astype(str).tolist() == [
        "2021-01-01",
        "2022-12-31",
    ]


def test_merged_units_are_followed_back_in_services():
    """21004 is of 2022 on; before, 99001 and 99002 are its parts, and 21005 keeps its code."""
    made = services(*((2022, code, 2) for code in BRUSSELS)).table
    before = [code for code in BRUSSELS if code != "21004"]
    parts = made.iloc[:2].assign(territory=["99001", "99002"], period=pd.Period("2021", "Y-DEC"))
    early = made[made["territory"].isin(before)].assign(period=pd.Period("2021", "Y-DEC"))
    merger = Merger("21004", "X", dt.date(2022, 1, 1), {"99001": "P", "99002": "Q"}, "decree")
    place = replace(load_territory("brussels"), mergers=(merger,))
    both = pd.concat([made, early, parts], ignore_index=True)
    table = compute("prevention_visits", {"services": both}, territory=place)
    own = table[table["territory"] == "21004"]
    assert own["period"].astype(str).tolist() == ["2021", "2022"]
    assert own["numerator"].tolist() == [4, 2]
    assert statuses(table) == {"2021": "ok", "2022": "ok"}
    one = pd.concat([made, early, parts.iloc[:1]], ignore_index=True)
    table = compute("prevention_visits", {"services": one}, territory=place)
    lone = table[(table["territory"] == "21004") & (table["status"] == "missing")]
    assert lone["reason"].tolist() == ["merged_part_missing"]
    assert statuses(table)["2021"] == "missing"


def counted(*years):
    rows = [(code, year) for code in BRUSSELS for year in years]
    return pd.DataFrame(
        {
            "territory": [code for code, _ in rows],
            "period": pd.PeriodIndex([str(y) for _, y in rows], freq="Y"),
            "phenomenon": "bicycle_theft",
            "unit": "fact",
            "numerator": pd.array([50] * len(rows), dtype="Int64"),
            "status": "ok",
            "source": "police",
            "delivery": "one.csv",
        }
    )


def test_a_count_of_a_year_that_was_extracted_in_autumn_is_provisional():
    told = coverage("police", (ALL, "2022-01-01", "2023-09-30"))
    table = compute("bicycle_theft", {"police": counted(2022, 2023, 2024)}, coverage=told)
    assert statuses(table) == {"2022": "ok", "2023": "provisional", "2024": "missing"}


def test_a_place_that_coverage_names_has_its_days_in_counts_too():
    told = coverage(
        "police", (ALL, "2022-01-01", "2022-12-31"), ("21004", "2022-01-01", "2022-03-31")
    )
    told["delivery"] = "one.csv"
    table = compute("bicycle_theft", {"police": counted(2022)}, coverage=told)
    assert statuses(table, "21004") == {"2022": "provisional"}
    assert statuses(table, "21005") == {"2022": "ok"}
    assert statuses(table) == {"2022": "provisional"}
