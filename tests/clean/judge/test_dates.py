"""Days, hours and periods: decided on the cell, with their precision, in local time."""

import datetime as dt

import pandas as pd
import pytest

from obs.clean import clean_police
from obs.clean.judge.dates_and_hours import judge_dates, judge_hours, judge_periods
from obs.errors import CatalogueError
from obs.indicators import count_events
from tests.clean.profile_texts import FACTS, profile

BRUSSELS = "Europe/Brussels"
HOUR = 'event_hour = "Heure"'


def facts(*changes):
    base = {"ID": "1", "Date": "05/03/2024", "Commune": "21004", "Fait": "VOL"}
    return pd.DataFrame([base | {"ID": str(i)} | c for i, c in enumerate(changes, start=1)])


def clean(*changes, **lines):
    return clean_police(facts(*changes), profile=profile(FACTS, **lines))


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("05/03/2024", dt.date(2024, 3, 5)),
        ("2024-03-05", dt.date(2024, 3, 5)),
        ("05/03/2024 21:30", dt.date(2024, 3, 5)),
        ("05/03/2024 24:00", dt.date(2024, 3, 6)),
        ("2024-12-31T23:30:00Z", dt.date(2025, 1, 1)),
        ("2024-03-31T01:30:00+01:00", dt.date(2024, 3, 31)),
        ("2024-07-01 00:30:00+0300", dt.date(2024, 6, 30)),
        ("2024-12-31T23:30:00", dt.date(2024, 12, 31)),
    ],
)
def test_a_day_is_read_with_the_time_beside_it(text, day):
    judged = judge_dates([text], ["%d/%m/%Y"], zone=BRUSSELS)
    assert (judged.values["value"], judged.faults) == ([day], [None])


@pytest.mark.parametrize(
    "text",
    [
        *("03/25/2024", "5 mars", "31/02/2024", "05/03/2024 25:00", "05/03/0024", "45356"),
        *(
            "05/03/2024-07/03/2024",
            "05/03/2024 14:00 - 07/03/2024 15:00",
            "entre 05/03 et 07/03/2024",
        ),
        *("vers 05/03/2024", "05/03/2024 ?", "05/03/2024 environ", "mars 2024", "2024", "05/03/24"),
    ],
)
def test_what_is_not_one_day_is_none(text):
    assert judge_dates([text], ["%d/%m/%Y"]).faults == ["impossible_date"]


def test_a_time_with_an_offset_needs_the_zone_of_the_place():
    assert judge_dates(["2024-12-31T23:30Z"], []).faults == ["unknown_time_zone"]


@pytest.mark.parametrize(
    ("text", "form", "month"),
    [
        *[
            ("5 mars 2024", "%d %B %Y", 3),
            ("1er août 2024", "%d %B %Y", 8),
            ("5 mrt 2024", "%d %b %Y", 3),
        ],
        *[
            ("5. März 2024", "%d. %B %Y", 3),
            ("5 Dezember 2024", "%d %B %Y", 12),
            ("5-okt-2024", "%d-%b-%Y", 10),
        ],
        *[
            ("May 5, 2024", "%B %d, %Y", 5),
            ("5 févr. 2024", "%d %b %Y", 2),
            ("5 DÉCEMBRE 2024", "%d %B %Y", 12),
        ],
    ],
)
def test_months_in_words(text, form, month):
    assert judge_dates([text], [form]).values["value"][0].month == month


def test_days_that_a_spreadsheet_counts():
    judged = judge_dates(["45356", "45356.5", "45356,99", "4535", "x"], ["excel"])
    assert [d and d.isoformat() for d in judged.values["value"]] == ["2024-03-05"] * 3 + [None] * 2


def test_precision_is_that_of_the_format():
    judged = judge_dates(["05/03/2024", "2024-03", "2024"], ["%d/%m/%Y", "%Y-%m", "%Y"])
    assert judged.values["precision"] == ["day", "month", "year"]


def test_two_orders_of_day_and_month_are_a_fault_of_the_profile():
    with pytest.raises(CatalogueError, match="read the same text as two days"):
        profile(FACTS, **{'"%d/%m/%Y"': '"%d/%m/%Y", "%m/%d/%Y"'})
    assert profile(FACTS, **{'"%d/%m/%Y"': '"%d/%m/%Y", "%d/%m/%y", "excel"'}).dates[2] == "excel"


def test_periods_kept_as_days_by_a_spreadsheet_are_the_first_day_of_one():
    judged = judge_periods(["2024-01-01", "2024-03-01", "2024", "2024.0", "2024-01-01 10:00"], "%Y")
    assert judged.values["value"] == ["2024", None, "2024", "2024", None]
    assert judge_periods(["2024-03-01", "2024-03-02", "mars 2024"], "%B %Y").values["value"] == [
        "2024-03",
        None,
        "2024-03",
    ]


@pytest.mark.parametrize("hour", ["09:30", "0930", "9h30", "21u15", "0,395833", "25:00", "9"])
def test_an_hour_has_one_fate_whatever_stands_beside_it(hour):
    alone = clean({"Heure": hour}, columns=HOUR)
    beside = clean({"Heure": hour}, {"Heure": "21:30"}, {"Heure": "x"}, columns=HOUR)
    assert alone.table["event_hour"].iloc[0] is beside.table["event_hour"].iloc[0] or (
        alone.table["event_hour"].iloc[0] == beside.table["event_hour"].iloc[0]
    )
    assert (
        len(alone.flagged)
        == (beside.flagged["row"] == 1).sum()
        == alone.table["event_hour"].isna().sum()
    )


def test_an_unreadable_hour_rejects_the_row_where_the_profile_is_strict():
    cleaned = clean({"Heure": "x"}, columns=HOUR, more='strict = ["event_hour"]')
    assert cleaned.rejected["rule"].tolist() == ["impossible_hour"]


def test_whole_hours_are_read_where_the_profile_says_so():
    assert clean({"Heure": "21"}, columns=HOUR).table["event_hour"].isna().all()
    read = clean({"Heure": "21"}, {"Heure": "9:30"}, columns=HOUR, more='hours = ["%H"]')
    assert read.table["event_hour"].tolist() == [21, 9]


def test_midnight_at_the_end_of_a_day_is_the_next_day_and_said():
    cleaned = clean({"Date": "31/12/2023", "Heure": "24:00"}, {"Heure": "00:00"}, columns=HOUR)
    assert cleaned.table["event_date"].dt.date.tolist() == [
        dt.date(2024, 1, 1),
        dt.date(2024, 3, 5),
    ]
    assert cleaned.table["event_hour"].tolist() == [0, 0]
    assert cleaned.flagged[["row", "column", "rule"]].to_numpy().tolist() == [
        [1, "Heure", "midnight"]
    ]


def test_day_and_hour_in_two_columns_are_brought_together_from_another_zone():
    written = {"columns": HOUR, "file": 'time_zone = "UTC"'}
    cleaned = clean({"Date": "31/12/2023", "Heure": "23:30"}, {"Heure": "11:30"}, **written)
    assert cleaned.table["event_date"].dt.date.tolist() == [
        dt.date(2024, 1, 1),
        dt.date(2024, 3, 5),
    ]
    assert cleaned.table["event_hour"].tolist() == [0, 12]
    told = clean({"Date": "31/12/2023", "Heure": "23:30Z"}, columns=HOUR)
    assert told.table["event_hour"].tolist() == [0]


def test_hours_that_clocks_skip_or_repeat_are_said():
    cleaned = clean(
        {"Date": "31/03/2024", "Heure": "02:30"},
        {"Date": "27/10/2024", "Heure": "02:30"},
        {"Date": "27/10/2024", "Heure": "03:30"},
        columns=HOUR,
    )
    assert cleaned.flagged[["row", "rule"]].to_numpy().tolist() == [
        [1, "no_such_hour"],
        [2, "hour_twice"],
    ]
    assert judge_hours(["2024-10-27T00:30Z"], zone=BRUSSELS).values["exact"] == [True]


def test_a_month_is_a_month_and_counts_by_what_it_tells():
    monthly = {'"%d/%m/%Y"': '"%d/%m/%Y", "%m/%Y"'}
    cleaned = clean({"Date": "12/2024"}, {"Date": "05/03/2024"}, **monthly)
    assert cleaned.table["date_precision"].tolist() == ["month", "day"]
    months = count_events(cleaned.table, by=["month"])
    assert months["days"].tolist()[-1] == 31
    assert months["numerator"].tolist()[-1] == 1
    with pytest.raises(ValueError, match="1 events tell only the month or the year"):
        count_events(cleaned.table, by=["weekday"])
    assert "date_precision" not in clean({}).table


def test_another_date_of_a_month_alone_is_not_told():
    cleaned = clean(
        {"PV": "03/2024"}, columns='report_date = "PV"', **{'"%d/%m/%Y"': '"%d/%m/%Y", "%m/%Y"'}
    )
    assert cleaned.table["report_date"].isna().all()
    assert cleaned.flagged["rule"].tolist() == ["not_a_day"]


def test_a_date_in_three_columns():
    parts = facts({"j": "5", "m": "3", "a": "2024"}, {"j": "", "m": "3", "a": "2024"}).drop(
        columns="Date"
    )
    own = profile(
        FACTS,
        tables='[joined]\nevent_date = ["a", "m", "j"]',
        **{'event_date = "Date"\n': "", '"%d/%m/%Y"': '"%Y %m %d", "%Y %m"'},
    )
    table = clean_police(parts, profile=own).table
    assert table["event_date"].dt.strftime("%Y-%m-%d").tolist() == ["2024-03-05", "2024-03-01"]
    assert table["date_precision"].tolist() == ["day", "month"]


def test_the_future_and_the_absurdly_old():
    cleaned = clean({}, {"Date": "05/03/2999"}, {"Date": "05/03/1924"})
    assert cleaned.rejected[["row", "rule"]].to_numpy().tolist() == [[2, "future_date"]]
    assert cleaned.flagged[["row", "rule"]].to_numpy().tolist() == [[3, "far_date"]]
    strict = clean({}, {"Date": "05/03/1924"}, more="earliest = 2000")
    assert strict.rejected["rule"].tolist() == ["too_old"]
    given = clean_police(facts({}), profile=profile(FACTS), extracted="2024-03-04")
    assert given.rejected["rule"].tolist() == ["future_date"]


def deliver(folder, name, *ids):
    path = folder / name
    facts(*({"ID": i} for i in ids)).to_csv(path, sep=";", index=False)
    return path


@pytest.mark.parametrize("rule", ["", "keep", "drop"])
def test_records_that_a_later_delivery_no_longer_has(tmp_path, rule):
    files = [
        deliver(tmp_path, "f_20240401.csv", "a", "b", "c"),
        deliver(tmp_path, "f_20240501.csv", "a"),
        deliver(tmp_path, "f_20240601.csv", "a", "c"),
    ]
    more = f'vanished = "{rule}"' if rule else ""
    own = profile(FACTS, more=more, file="extracted = '_(\\d{8})'")
    cleaned = clean_police(files, profile=own)
    gone = [["f_20240401.csv", 3, "ID"]]
    said = cleaned.flagged[["file", "row", "column"]].to_numpy().tolist()
    lost = cleaned.rejected[["file", "row", "column"]].to_numpy().tolist()
    assert sorted(cleaned.table["event_id"]) == (["a", "c"] if rule == "drop" else ["a", "b", "c"])
    assert (said, lost) == {"": (gone, []), "keep": ([], []), "drop": ([], gone)}[rule]
    assert cleaned.intolerable == 0
