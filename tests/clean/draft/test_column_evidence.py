"""What the cells of one column show, and which column of ours they make it, by hand."""

import pytest

from obs.clean.coded_columns import encode_list
from obs.clean.draft.column_evidence import ColumnEvidence, look_at
from obs.clean.draft.column_roles import choose_roles, shape_by_cells, years_across
from obs.reference import load_territory

BRUSSELS = load_territory("brussels")


def seen(*texts, name="x"):
    return look_at(name, encode_list([*texts]), BRUSSELS)


def test_rows_totals_and_labels_are_counted():
    found = seen("a", "a ", "b", "", None, "Total", "Sous-total 2")
    assert (found.rows, found.distinct, found.totals) == (3, 2, 2)
    assert found.labels == {"a": 2, "b": 1}
    empty = seen("", None)
    assert (empty.rows, empty.distinct, empty.labels) == (0, 0, {})


def test_few_texts_or_texts_that_repeat_are_a_list():
    assert len(seen(*(f"t{i}" for i in range(50))).labels) == 50
    assert seen(*(f"t{i}" for i in range(51))).labels == {}
    assert len(seen(*(f"t{i}" for i in range(51)), *(f"t{i}" for i in range(51))).labels) == 51
    twice = [f"t{i}" for i in range(300)] * 2
    assert len(seen(*twice).labels) == 300
    assert seen(*[f"t{i}" for i in range(301)] * 2).labels == {}


DAYS = {
    "a day above 12 first": (("13/01/2022", "01/02/2022"), "%d/%m/%Y", ()),
    "a day above 12 second": (("01/13/2022", "02/01/2022"), "%m/%d/%Y", ()),
    "nothing above 12": (("12/01/2022", "01/02/2022"), "", ("%d/%m/%Y", "%m/%d/%Y")),
    "both above 12": (("13/01/2022", "01/13/2022"), "", ()),
    "ISO": (("2022-01-02", "2022-02-03"), "%Y-%m-%d", ()),
    "years first, slashes": (("2022/01/13", "2022/02/01"), "%Y/%m/%d", ()),
    "years first, months last": (("2022-13-01", "2022-01-02"), "%Y-%d-%m", ()),
    "years of two digits": (("13.01.99", "01.02.98"), "%d.%m.%y", ()),
    "years of two digits, none above 31": (("13.01.22", "01.02.21"), "", ()),
    "two signs": (("13/01/2022", "01-02-2022"), "", ()),
    "compact": (("20220113", "20220201"), "%Y%m%d", ()),
    "compact, nothing above 12": (("20220112", "20220201"), "", ()),
    "months in words": (("3 mars 2022", "13 avril 2022"), "%d %B %Y", ()),
}


@pytest.mark.parametrize("case", DAYS)
def test_the_order_of_days_is_proven_or_open(case):
    texts, dates, unproven = DAYS[case]
    found = seen(*texts)
    assert (found.dates, found.unproven) == (dates, unproven)
    assert found.is_day == bool(dates or unproven)


def test_one_odd_text_in_twenty_leaves_a_column_of_days():
    good = [f"{d:02d}/01/2022" for d in range(1, 20)]
    assert seen(*good, "soon").dates == "%d/%m/%Y"
    assert seen(*good[:18], "soon").dates == ""
    assert seen(*good, "20/01/2022 21:30").timed
    assert not seen(*good, "20/01/2022").timed


@pytest.mark.parametrize(
    ("texts", "period"),
    [
        (("2021", "2022"), "%Y"),
        (("2021.0", "2022"), "%Y"),
        (("01/2022", "02/2022"), "%m/%Y"),
        (("2022-01", "2022-02"), "%Y-%m"),
        (("janvier 2022", "mai 2022"), "%B %Y"),
        (("1899", "2022"), ""),
        (("2022", "x"), ""),
    ],
)
def test_periods(texts, period):
    assert seen(*texts).period == period


@pytest.mark.parametrize(
    ("texts", "whole", "decimal", "clock"),
    [
        (("1", "2,0"), True, ",", False),
        (("1", "2.5"), False, ".", False),
        (("1", "2,55"), False, ",", False),
        (("1", "2,555"), False, "", False),  # thousands, or thousandths
        (("1,5", "2.5"), False, "", False),
        (("x", "2.5"), False, "", False),
        (("21:30", "9h05"), False, "", True),
        (("2130", "0905"), True, "", False),
    ],
)
def test_numbers_and_times(texts, whole, decimal, clock):
    found = seen(*texts)
    assert (found.whole, found.decimal, found.clock) == (whole, decimal, clock)


def test_places_are_shares_of_rows_by_level():
    found = seen("Ixelles", "21004", "Ixelles", "Chose")
    assert found.places["commune"] == 0.75
    assert seen("Chose", "Truc").places == {}
    assert seen("Ixelles", "x" * 101).places == {}


# --- roles -------------------------------------------------------------------------------


def column(name, **shown):
    return ColumnEvidence(name, **({"rows": 10, "distinct": 5} | shown))


NIS = column("nis", places={"commune": 1.0}, labels={"21001": 10})
YEAR = column("annee", period="%Y")
DAY = column("date fait", dates="%d/%m/%Y")
NUMBER = column("nombre", whole=True)


@pytest.mark.parametrize(
    ("kind", "columns", "shape"),
    [
        ("survey", [], "interviews"),
        ("services", [], "services"),
        ("helpline", [column("appels", whole=True)], "call_days"),
        ("helpline", [column("appels id", whole=True)], "calls"),
        ("helpline", [column("x", whole=True)], "calls"),
        ("prosecutor", [NUMBER], "case_counts"),
        ("prosecutor", [DAY], "cases"),
        ("police", [NIS, YEAR, NUMBER], "counts"),
        ("police", [NIS, NUMBER], "counts"),
        ("police", [NIS, DAY, NUMBER], "events"),
        ("police", [NIS, DAY, YEAR, NUMBER], "counts"),
        ("police", [NIS, DAY], "events"),
        ("police", [NIS], "events"),
        ("police", [NIS, column("2021", whole=True), column("2022", whole=True)], "wide_counts"),
        ("police", [NIS, column("2021", whole=True)], "events"),
        ("police", [NIS, DAY, column("2021", whole=True), column("2022", whole=True)], "events"),
    ],
)
def test_shapes_of_deliveries(kind, columns, shape):
    assert shape_by_cells(kind, columns)[0] == shape


def test_years_across_are_two_or_more():
    assert years_across([column("2021 ", whole=True), column("1999", whole=True)]) == [
        "2021 ",
        "1999",
    ]
    assert years_across([column("2021", whole=True), column("2101", whole=True)]) == []
    assert years_across([column("2021", whole=True), column("2022")]) == []


def roles(shape, *columns):
    made = choose_roles(shape, columns)
    return {ours: theirs.name for ours, theirs in made.columns.items()}, made.open


def test_the_only_column_that_fits_is_taken_and_of_two_the_one_that_is_named():
    assert roles("counts", NIS, YEAR, NUMBER)[0] == {
        "territory": "nis",
        "period": "annee",
        "numerator": "nombre",
    }
    other = column("lieu", places={"commune": 0.8})
    assert roles("counts", column("x", places={"commune": 1.0}), other)[0] == {"territory": "lieu"}
    less = column("lieu", places={"commune": 0.79})
    assert roles("counts", less)[0] == {}
    two = [column("x", places={"commune": 1.0}), column("y", places={"zone": 1.0})]
    assert roles("counts", *two) == ({}, {"territory": ["x", "y"]})


def test_a_number_is_taken_by_its_name_alone():
    assert roles("counts", column("x", whole=True)) == ({}, {})
    both = [NUMBER, column("total nombre", whole=True)]
    assert roles("counts", *both) == ({}, {"numerator": ["nombre", "total nombre"]})


def test_days_of_the_report_are_not_those_of_the_fact():
    report = column("date pv", unproven=("%d/%m/%Y", "%m/%d/%Y"))
    assert roles("events", DAY, report)[0] == {"event_date": "date fait", "report_date": "date pv"}


def test_days_with_a_time_are_the_hour_as_well_unless_there_is_one():
    timed = column("date fait", dates="%d/%m/%Y", timed=True)
    assert roles("events", timed)[0]["event_hour"] == "date fait"
    assert "event_hour" not in roles("events", DAY)[0]
    hour = column("heure fait", clock=True)
    assert roles("events", timed, hour)[0]["event_hour"] == "heure fait"
    assert roles("calls", column("date", dates="%Y-%m-%d", timed=True))[0]["hour"] == "date"


def test_what_is_different_in_every_row_names_the_rows():
    own = column("id fait", rows=10, distinct=10)
    assert roles("events", own)[0] == {"event_id": "id fait"}
    assert roles("events", column("id fait", rows=10, distinct=9))[0] == {}
    assert roles("events", column("id fait", rows=1, distinct=1))[0] == {}


def test_a_column_of_names_of_codes_is_theirs_where_most_rows_bear_one():
    sexes = column("sexe victime", labels={"homme": 6, "x": 4})
    assert roles("counts", sexes)[0] == {"victim_sex": "sexe victime"}
    half = column("sexe victime", labels={"homme": 5, "x": 5})
    assert "victim_sex" not in roles("counts", half)[0]
