"""Sums of counts, denominators and merged units: what is known of a sum whose parts differ."""

import datetime as dt

import pandas as pd
import pytest

from obs.catalogue import get_indicator
from obs.errors import CodeError, ObsError, SchemaError
from obs.indicators import compute, limit_maturity, nowcast_events
from obs.indicators.count.from_counts import add_levels, note_other_places, sum_by_keys
from obs.indicators.count.maturity import add_completeness
from obs.indicators.count.tally import (
    add_times,
    check_codes,
    codes_of,
    covered_by_source,
    keep,
    look_over,
    open_events,
    to_frame,
)
from obs.reference import make_territory

UNITS = pd.DataFrame(
    {
        "code": ["a", "b", "top"],
        "level": ["commune", "commune", "region"],
        "parent": ["top", "top", None],
        **{f"name_{lang}": ["A", "B", "All"] for lang in ("fr", "nl", "en")},
    }
)
PLACE = make_territory(UNITS, name="small", levels=("commune", "region"))
YEAR = pd.Period("2022", freq="Y-DEC")


def rows(*given):
    table = pd.DataFrame(given, columns=["territory", "numerator", "status"])
    return table.assign(period=YEAR, numerator=table["numerator"].astype("Int64"))


@pytest.mark.parametrize(
    ("parts", "number", "status"),
    [
        ([(2, "ok"), (3, "ok")], 5, "ok"),
        ([(0, "zero"), (3, "ok")], 3, "ok"),
        ([(0, "zero"), (0, "zero")], 0, "zero"),
        ([(0, "provisional"), (0, "zero")], 0, "provisional"),
        ([(2, "provisional"), (3, "ok")], 5, "provisional"),
        ([(None, "not_applicable"), (None, "not_applicable")], None, "not_applicable"),
        ([(None, "not_applicable"), (3, "ok")], None, "missing"),
        ([(None, "missing"), (3, "ok")], None, "missing"),
        ([(None, "ok"), (3, "ok")], None, "missing"),  # said to be known, and without a number
        ([(None, "missing"), (None, "not_applicable")], None, "missing"),
        ([(None, "suppressed_source"), (None, "missing")], None, "suppressed_source"),
        ([(None, "suppressed_primary"), (3, "ok")], None, "suppressed_source"),
    ],
)
def test_a_sum_is_as_known_as_the_least_known_of_its_parts(parts, number, status):
    found = sum_by_keys(rows(*(("a", n, s) for n, s in parts)), ["territory"]).iloc[0]
    assert (None if pd.isna(found["numerator"]) else found["numerator"]) == number
    assert found["status"] == status


@pytest.mark.parametrize(
    ("expected", "status"), [(2, "ok"), (3, "missing"), (pd.Series({YEAR: 3}), "missing")]
)
def test_a_sum_that_lacks_an_expected_part_is_missing(expected, status):
    table = rows(("a", 2, "ok"), ("a", 3, "ok"))
    found = sum_by_keys(table, ["territory", "period"], expected=expected).iloc[0]
    assert found["status"] == status
    withheld = rows(("a", None, "suppressed_source"))
    found = sum_by_keys(withheld, ["territory", "period"], expected=expected).iloc[0]
    assert found["status"] == "suppressed_source"


def levels(*given):
    made = add_levels(rows(*given), period="year", place=PLACE)
    numbers = [None if pd.isna(n) else int(n) for n in made["numerator"]]
    keyed = zip(made["territory"], numbers, made["status"], made["reason"], strict=True)
    return {t: (n, s, None if pd.isna(r) else r) for t, n, s, r in keyed}


def test_levels_are_added_and_a_total_that_differs_says_so():
    assert levels(("a", 2, "ok"), ("b", 3, "ok"))["top"] == (5, "ok", None)
    same = levels(("a", 2, "ok"), ("b", 3, "ok"), ("top", 5, "ok"))
    assert same["top"] == (5, "ok", None)
    other = levels(("a", 2, "ok"), ("b", 3, "ok"), ("top", 6, "ok"))
    assert other["top"] == (5, "ok", "total_differs")


def test_a_total_as_delivered_stands_where_a_part_is_unknown():
    given = levels(("a", 2, "ok"), ("b", None, "missing"), ("top", 6, "ok"))
    assert given["top"] == (6, "ok", None)
    withheld = levels(("a", 2, "ok"), ("b", None, "missing"), ("top", None, "suppressed_source"))
    assert withheld["top"] == (None, "suppressed_source", None)
    lacking = levels(("a", 2, "ok"))
    assert lacking["b"] == (None, "missing", None)
    assert lacking["top"] == (None, "missing", None)
    alone = levels(("top", 6, "ok"))
    assert alone == {"top": (6, "ok", None)}


def test_codes_of_no_unit_are_told_on_the_whole_where_they_count():
    table = add_levels(rows(("a", 2, "ok"), ("b", 3, "ok")), period="year", place=PLACE)

    def noted(*numbers):
        given = pd.DataFrame({"period": [YEAR] * len(numbers), "numerator": numbers})
        made = note_other_places(table, given.astype({"numerator": "Int64"}), PLACE)
        return made.set_index("territory")["reason"].dropna().to_dict()

    assert noted(1) == {"top": "other_places"}
    assert noted(None) == {"top": "other_places"}  # withheld: it may count some
    assert noted(0) == {}
    assert noted() == {}


# --- a table of events -------------------------------------------------------------------


def events(**columns):
    n = max((len(c) for c in columns.values() if isinstance(c, list)), default=2)
    return pd.DataFrame(
        {
            "event_date": pd.to_datetime(["2022-01-31"] * n),
            "territory": ["21001"] * n,
            **columns,
        }
    )


def test_a_table_is_looked_over():
    table = open_events(
        events(
            event_date=pd.to_datetime(["2022-01-02", "2022-03-04", "2022-02-03"]),
            territory=["21004", "21001", "21004"],
        )
    )
    seen = look_over(table, dated=True)
    assert (seen.rows, seen.first, seen.last) == (3, dt.date(2022, 1, 2), dt.date(2022, 3, 4))
    assert seen.territories == ("21001", "21004")


def test_several_sources_show_the_days_that_all_have():
    table = open_events(
        events(
            event_date=pd.to_datetime(["2022-01-02", "2022-03-04", "2022-02-03", "2022-05-06"]),
            territory=["21004"] * 4,
            source=["one", "one", "two", "two"],
        )
    )
    seen = look_over(table, dated=True)
    assert (seen.first, seen.last) == (dt.date(2022, 2, 3), dt.date(2022, 3, 4))


def test_a_table_without_a_row_shows_nothing():
    table = open_events(events(event_id=["x", "y"]).iloc[:0])
    seen = look_over(table, dated=True)
    assert (seen.rows, seen.first, seen.last, seen.territories) == (0, None, None, ())


def test_dates_are_needed_only_where_they_are_counted_by():
    vague = events(event_date=pd.to_datetime(["2022-01-31", None]))
    assert look_over(open_events(vague), dated=False).rows == 2
    assert look_over(open_events(vague.drop(columns="event_date")), dated=False).first is None
    with pytest.raises(SchemaError, match=r"1 row\(s\) have no event_date"):
        look_over(open_events(vague), dated=True)
    with pytest.raises(SchemaError, match=r"column\(s\) event_date absent"):
        look_over(open_events(vague.drop(columns="event_date")), dated=True)


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"territory": ["21001", None]}, r"1 row\(s\) have no territory"),
        ({"event_id": ["x", "x"]}, r"1 row\(s\) repeat an event_id"),
    ],
)
def test_rows_that_cannot_be_counted_are_refused(columns, words):
    with pytest.raises(SchemaError, match=words):
        look_over(open_events(events(**columns)), dated=True)


def test_ordinals_are_those_of_pandas():
    days = ["1969-12-31", "1970-01-01", "2022-01-02", "2022-01-03", "2022-06-30", "2022-12-31"]
    table = open_events(events(event_date=pd.to_datetime(days), territory=["21001"] * 6))
    for period, freq in (("year", "Y"), ("quarter", "Q"), ("month", "M"), ("week", "W-SUN")):
        dated = add_times(table, [period])
        made = to_frame(dated.select(day=dated["event_date"], n=dated[f"{period}_of_day"]))
        wanted = made["day"].dt.to_period(freq).map(lambda p: p.ordinal)
        assert made["n"].tolist() == wanted.tolist(), period


@pytest.mark.parametrize(
    ("precision", "period", "words"),
    [
        ("year", "year", None),
        ("month", "month", None),
        ("month", "quarter", None),
        ("year", "quarter", "1 events tell only the year of their date .* counted by quarter"),
        ("year", "month", "1 events tell only the year of their date .* counted by month"),
        ("month", "week", "only the month or the year of their date .* counted by week"),
    ],
)
def test_no_count_is_finer_than_its_dates(precision, period, words):
    table = open_events(events(date_precision=["day", precision]))
    if words is None:
        add_times(table, [period])
        return
    with pytest.raises(ObsError, match=words):
        add_times(table, [period])


def test_the_last_day_of_a_vague_date_is_that_of_its_month_or_year():
    table = open_events(
        events(
            event_date=pd.to_datetime(["2024-02-01", "2024-02-01", "2023-01-01", "2023-12-01"]),
            territory=["21001"] * 4,
            date_precision=["day", "month", "year", "month"],
        )
    )
    ends = covered_by_source(table)
    assert ends["first"].astype(str).tolist() == ["2023-01-01"]
    assert ends["last"].astype(str).tolist() == ["2024-02-29"]


def test_codes_that_a_filter_allows():
    assert codes_of("form", "physical") == ["physical"]
    assert codes_of("form", ("physical", "sexual")) == ["physical", "sexual"]
    assert codes_of("attempt", True) == [True]
    with pytest.raises(ObsError, match="'form' takes a code or several, not a dict"):
        codes_of("form", {"physical": 1})
    with pytest.raises(ObsError, match="not a bytes"):
        codes_of("form", b"physical")
    with pytest.raises(ObsError, match="'form' allows no code at all; leave it out"):
        codes_of("form", [])


def test_a_filter_names_codes_that_there_are():
    table = open_events(events(place=["street", "home"], attempt=[True, False], event_hour=[3, 4]))
    known = {"place": ["street", "home", "shop"]}
    check_codes(table, {"place": ["shop", "street"], "attempt": "maybe", "event_hour": 3}, known)
    with pytest.raises(CodeError, match="column 'place' has no code 'shpo'.*'shop'.*Codes: home"):
        check_codes(table, {"place": ["street", "shpo"]}, known)
    with pytest.raises(CodeError, match="has no code 'shop'.* Codes: home, street$"):
        check_codes(table, {"place": ["street", "shop"]}, {})
    with pytest.raises(CodeError, match="column 'event_hour' holds numbers: allow numbers"):
        check_codes(table, {"event_hour": ["3"]}, {})
    with pytest.raises(CodeError, match="column 'event_hour' holds numbers: allow numbers"):
        check_codes(table, {"event_hour": [True]}, {})
    with pytest.raises(ObsError, match="'attempt' is a flag: allow true or false, not 'maybe'"):
        keep(table, {"attempt": "maybe"})
    assert to_frame(keep(table, {"attempt": "TRUE"}))["event_hour"].tolist() == [3]


def test_no_file_and_no_table_of_events(tmp_path):
    with pytest.raises(
        ObsError, match="no Apache Parquet file or folder of events called x.parquet"
    ):
        open_events(tmp_path / "x.parquet")
    (tmp_path / "y.parquet").write_text("no")
    with pytest.raises(ObsError, match="y.parquet is not a readable Apache Parquet file"):
        open_events(tmp_path / "y.parquet")
    with pytest.raises(SchemaError, match="not a list"):
        open_events([1])


@pytest.mark.parametrize(
    ("hour", "band"),
    [(0, "night"), (5, "night"), (6, "morning"), (11, "morning"), (12, "afternoon"),
     (17, "afternoon"), (18, "evening"), (23, "evening")],
)  # fmt: skip
def test_bands_of_hours(hour, band):
    table = open_events(events(event_hour=[hour, hour]))
    assert set(to_frame(table.select("hour_band"))["hour_band"]) == {band}


# --- maturity ----------------------------------------------------------------------------


def facts(**columns):
    table = pd.DataFrame(
        {
            "event_date": pd.to_datetime(["2020-04-03", "2020-04-28"]),
            "report_date": pd.to_datetime(["2020-05-31", "2020-05-30"]),
            "territory": "21004",
        }
    )
    return table.assign(**columns)


def test_a_report_of_the_last_day_of_its_maturity_is_kept():
    assert limit_maturity(facts(), days=31)["event_date"].dt.day.tolist() == [3, 28]
    assert limit_maturity(facts(), days=30)["event_date"].dt.day.tolist() == [28]
    assert limit_maturity(facts(), days=0).empty
    assert len(limit_maturity(facts(), days=0, period="quarter")) == 2


DELIVERIES = pd.DataFrame(
    {
        "extracted": [pd.Timestamp("2020-06-30")],
        "covered_from": pd.Timestamp("2020-04-01"),
        "covered_to": pd.Timestamp("2020-05-31"),
    }
)
MATURITY = {
    "negative days": (lambda: limit_maturity(facts(), days=-1), r"days \(-1\) is negative"),
    "a date that lacks": (
        lambda: limit_maturity(facts(report_date=pd.to_datetime(["2020-05-31", None])), days=9),
        "1 rows lack event_date or report_date",
    ),
    "a column that lacks": (
        lambda: limit_maturity(facts().drop(columns="report_date"), days=9),
        "column report_date is absent",
    ),
    "period": (lambda: limit_maturity(facts(), days=1, period="day"), "period 'day' is not one of"),
    "a column of a nowcast": (
        lambda: nowcast_events(facts().drop(columns="report_date"), deliveries=DELIVERIES),
        "column report_date is absent",
    ),
    "no date": (
        lambda: nowcast_events(facts(report_date=pd.NaT), deliveries=DELIVERIES),
        "no fact has both event_date and report_date",
    ),
    "no delivery": (
        lambda: nowcast_events(facts(), deliveries=DELIVERIES.assign(extracted=pd.NaT)),
        "no delivery tells what it covers and when",
    ),
    "a column of nowcasts": (
        lambda: add_completeness(
            compute("bicycle_theft", {"police": facts(phenomenon="bicycle_theft")}),
            pd.DataFrame({"period": pd.PeriodIndex(["2020-04"], freq="M"), "reported": [1]}),
        ),
        "nowcasts: column expected, provisional is absent",
    ),
}


@pytest.mark.parametrize("case", MATURITY)
def test_what_cannot_be_followed_is_refused(case):
    call, words = MATURITY[case]
    with pytest.raises((ObsError, SchemaError), match=words):
        call()


def test_an_extraction_of_the_last_day_of_a_month_knows_that_month():
    table = facts()
    found = nowcast_events(table, deliveries=DELIVERIES, delays=2)
    assert found["period"].astype(str).tolist() == ["2020-04", "2020-05"]
    assert found["reported"].tolist() == [2, 0]
    eve = nowcast_events(
        table, deliveries=DELIVERIES.assign(extracted=pd.Timestamp("2020-05-30")), delays=2
    )
    assert eve["reported"].tolist()[0] == 0  # May is not known to its end, so not its reports


def test_an_indicator_of_no_source_says_which_is_needed():
    with pytest.raises(ObsError, match="source 'police' is absent; given: none"):
        compute("robbery", {})
    with pytest.raises(ObsError, match="by='commune': values are given by 'territory'"):
        compute("robbery", {"police": facts()}, by="commune")
    with pytest.raises(ObsError, match="only a severity index has weights and a base"):
        compute("robbery", {"police": facts()}, base="2020")
    assert get_indicator("severity_index").kind == "severity"
