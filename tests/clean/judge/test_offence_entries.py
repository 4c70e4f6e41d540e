"""Entries of offences by hand: the first that fits and applies on the days of the row."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from obs.clean.judge.offence_entries import days_of, judge_offences, map_offences
from obs.clean.profiles.profile import OffenceEntry, Profile
from tests.clean.judge.some_rows import faults, rows_of, told

LAW = dt.date(2021, 6, 1)
OLD = OffenceEntry(offence="VOL", phenomenon="theft_other", until=LAW - dt.timedelta(days=1))
NEW = OffenceEntry(offence="VOL", phenomenon="pickpocketing", from_=LAW)
ANY = OffenceEntry(
    offence="COUPS.*", detail="famille", phenomenon="assault_family", relation="family"
)
PLAIN = OffenceEntry(offence="COUPS.*", phenomenon="assault", form="physical", unit="fact")


def profile(*entries, columns=("offence", "detail", "event_date"), **keys):
    return Profile(
        *("own", "Own", "police", "events"),
        **{"columns": {name: (name,) for name in columns}, "offences": entries} | keys,
    )


def mapped(by, *, to=None, days=None, **texts):
    n = len(texts["offence"])
    rows = rows_of(n, to=to, **texts)
    if days is not None:
        rows.to["event_date"] = np.array(days, dtype="datetime64[D]")
    map_offences(rows, by)
    return rows


def test_the_first_entry_that_fits_gives_what_follows():
    rows = mapped(
        profile(ANY, PLAIN),
        offence=["COUPS 1", "coups", "Autre", None],
        detail=["famille", "x", "famille", None],
    )
    assert told(rows.by["phenomenon"]) == ["assault_family", "assault", None, None]
    assert told(rows.by["relation"]) == ["family", None, None, None]
    assert told(rows.by["form"]) == [None, "physical", None, None]
    assert told(rows.by["unit"]) == [None, "fact", None, None]
    assert faults(rows) == [
        None,
        None,
        ("offence", "unknown_offence"),
        ("offence", "unknown_offence"),
    ]


def test_what_fits_none_is_the_other_phenomenon_where_one_is_said():
    rows = mapped(
        profile(PLAIN, other="theft_other"), offence=["Autre", "coups"], detail=[None, None]
    )
    assert told(rows.by["phenomenon"]) == ["theft_other", "assault"]
    assert faults(rows) == [None, None]


def test_conditions_on_columns_that_the_file_has_not_are_of_blanks():
    rows = mapped(profile(ANY, PLAIN, columns=("offence",)), offence=["COUPS"])
    assert told(rows.by["phenomenon"]) == ["assault"]


def test_without_a_column_of_offences_nothing_is_mapped():
    rows = rows_of(1, detail=["x"])
    map_offences(rows, profile(PLAIN, columns=("detail",)))
    assert rows.by == {}


@pytest.mark.parametrize(
    ("day", "phenomenon"),
    [
        ("2021-05-31", "theft_other"),
        ("2021-06-01", "pickpocketing"),
        ("2020-01-01", "theft_other"),
        ("NaT", None),
    ],
)
def test_the_day_of_the_row_decides_which_entry_applies(day, phenomenon):
    rows = mapped(profile(OLD, NEW), offence=["VOL"], detail=[None], days=[day])
    assert told(rows.by["phenomenon"]) == [phenomenon]
    assert [f and f[1] for f in faults(rows)] == [None if phenomenon else "out_of_validity"]


def test_an_undated_row_is_of_an_entry_without_days():
    rows = mapped(
        profile(NEW, OffenceEntry(offence="VOL", phenomenon="robbery")),
        offence=["VOL"],
        detail=[None],
        days=["NaT"],
    )
    assert told(rows.by["phenomenon"]) == ["robbery"]


@pytest.mark.parametrize(
    ("period", "phenomenon"),
    [
        ("2021", None),
        ("2021-05", "theft_other"),
        ("2021-06", "pickpocketing"),
        ("2020", "theft_other"),
        ("2022", "pickpocketing"),
    ],
)
def test_a_period_is_of_an_entry_only_where_it_lies_wholly_in_its_days(period, phenomenon):
    by = profile(OLD, NEW, columns=("offence", "period"))
    rows = mapped(by, to={"period": [period]}, offence=["VOL"])
    assert told(rows.by["phenomenon"]) == [phenomenon]


def test_an_entry_of_some_years_ends_on_its_last_day():
    stretch = OffenceEntry(
        offence="VOL", phenomenon="robbery", from_=dt.date(2020, 1, 1), until=dt.date(2020, 12, 31)
    )
    rows = mapped(
        profile(stretch),
        offence=["VOL"] * 4,
        detail=[None] * 4,
        days=["2019-12-31", "2020-01-01", "2020-12-31", "2021-01-01"],
    )
    assert told(rows.by["phenomenon"]) == [None, "robbery", "robbery", None]


def test_a_fact_of_a_month_or_a_year_lies_there_whole():
    rows = rows_of(4)
    rows.to["event_date"] = np.array(
        ["2021-02-01", "2020-02-01", "2021-01-01", "NaT"], dtype="datetime64[D]"
    )
    rows.to["date_precision"] = rows_of(4, x=["month", "day", "year", None]).texts["x"]
    first, last = days_of(rows)
    assert told(first) == ["2021-02-01", "2020-02-01", "2021-01-01", None]
    assert told(last) == ["2021-02-28", "2020-02-01", "2021-12-31", None]


def test_the_day_that_is_asked_for_goes_first_and_none_is_none():
    rows = rows_of(1)
    rows.to["event_date"] = np.array(["2021-02-01"], dtype="datetime64[D]")
    rows.to["decision_date"] = np.array(["2022-02-01"], dtype="datetime64[D]")
    rows.to["date_precision"] = rows_of(1, x=["year"]).texts["x"]
    assert told(days_of(rows, "decision_date")[1]) == ["2022-02-01"]
    assert told(days_of(rows, "entry_date")[1]) == ["2021-12-31"]
    bare = rows_of(2)
    assert told(days_of(bare)[0]) == [None, None]


def test_a_unit_other_than_that_of_its_class_rejects_the_row():
    entry = OffenceEntry(offence="COUPS", phenomenon="assault", unit="victim")
    plain = OffenceEntry(offence="VOL", phenomenon="theft_other")
    by = profile(entry, plain, columns=("offence",))
    rows = mapped(
        by,
        to={"unit": ["fact", "victim", None, "fact"]},
        offence=["COUPS", "COUPS", "COUPS", "VOL"],
    )
    assert faults(rows) == [("unit", "other_unit"), None, None, None]
    assert faults(mapped(by, offence=["COUPS"])) == [None]


def test_combinations_are_judged_each_by_itself():
    cells = pd.DataFrame({"offence": ["COUPS", "x"], "detail": ["famille", ""]})
    found = judge_offences(cells, profile(ANY, PLAIN))
    assert found.values["phenomenon"] == ["assault_family", None]
    assert found.faults == [None, "unknown_offence"]
