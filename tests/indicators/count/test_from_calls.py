"""Indicators of calls to helplines, by hand: days without an answer, lines that fall silent."""

import pandas as pd
import pytest

from obs.clean import clean_helpline
from obs.errors import SchemaError
from obs.indicators import compute


def call_days(rows):
    table = pd.DataFrame(rows, columns=["date", "line", "n", "status", "reason"])
    return table.assign(
        date=pd.to_datetime(table["date"]),
        n=table["n"].astype("Int64"),
        hours=16.0,
        reason=table["reason"].astype("str"),
    )


DAYS = call_days(
    [
        ("2022-01-30", "EVC", 10, "ok", None),
        ("2022-01-31", "EVC", 12, "ok", None),
        ("2022-01-31", "1712", 6, "ok", None),
        ("2022-01-30", "1712", None, "not_applicable", "closed"),
        ("2022-02-01", "EVC", 0, "zero", None),
        ("2022-02-01", "1712", None, "not_applicable", "closed"),
    ]
)


def test_calls_add_up_over_lines_and_a_closed_day_is_no_day_without_calls():
    both = compute(
        "helpline_calls", {"helpline": DAYS}, period="month", breakdown=["line"]
    ).set_index(["line", "period"])
    number = {(line, str(p)): n for (line, p), n in both["numerator"].items()}
    assert number["all", "2022-01"] == 28
    assert number["EVC", "2022-02"] == 0
    assert both.loc[("EVC", pd.Period("2022-02")), "status"] == "provisional"  # two months in part
    assert pd.isna(number["1712", "2022-02"])
    assert both.loc[("1712", pd.Period("2022-02")), "status"] == "missing"


def test_calls_a_day_divide_by_the_days_of_answering():
    made = compute(
        "helpline_calls_per_day", {"helpline": DAYS}, period="month", breakdown=["line"]
    ).set_index(["line", "period"])
    january = pd.Period("2022-01")
    assert made.loc[("1712", january), "value"] == 6  # one day, not two
    assert made.loc[("all", january), "value"] == 14
    assert made.loc[("EVC", january), "value"] == 11
    assert made.loc[("1712", january), "denominator"] == 1


def whole_month(changed=None):
    days = pd.date_range("2022-03-01", "2022-03-31")
    rows = [(d, "EVC", 5, "ok", None) for d in days]
    if changed:
        rows[10] = (days[10], "EVC", None, *changed)
    return call_days(rows)


@pytest.mark.parametrize(
    ("changed", "status", "number"),
    [
        (None, "ok", 155),
        (("not_applicable", "closed"), "ok", 150),
        (("not_applicable", "interrupted"), "provisional", 150),
        (("missing", "not_told"), "provisional", 150),
        (("ok", None), "provisional", 150),  # said to be known, and without a number
    ],
)
def test_a_day_that_is_not_told_makes_its_month_provisional(changed, status, number):
    row = compute("helpline_calls", {"helpline": whole_month(changed)}, period="month").iloc[0]
    assert (row["status"], row["numerator"]) == (status, number)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("indicator", "line", "other", "reason"),
    [
        ("helpline_calls", "EVC", 4, "untold_days"),
        ("helpline_calls", "1712", 4, None),
        ("helpline_calls", "all", 4, "untold_days"),
        ("helpline_calls_per_day", "EVC", 4, None),  # the untold day is not divided by
        ("helpline_calls_per_day", "all", 4, "untold_days"),  # divided by, for the other line
        ("helpline_calls_per_day", "all", None, None),  # nor by the other line either
    ],
)
def test_a_value_that_lacks_calls_of_an_untold_day_says_so(indicator, line, other, reason):
    broken = whole_month(("not_applicable", "interrupted"))
    second = broken.assign(line="1712", n=4, status="ok", reason=None).astype({"n": "Int64"})
    if other is None:
        second = second[second["date"].ne(pd.Timestamp("2022-03-11"))]
    days = pd.concat([broken, second], ignore_index=True).astype({"reason": "str"})
    table = compute(indicator, {"helpline": days}, period="month", breakdown=["line"])
    row = table.set_index("line").loc[line]
    assert (None if pd.isna(row["reason"]) else row["reason"]) == reason


def test_calls_one_a_row_are_counted_too():
    calls = pd.DataFrame(
        {
            "call_id": ["a", "b", "c"],
            "date": pd.to_datetime(["2022-03-01", "2022-03-31", "2022-03-31"]),
            "line": "144",
            "n": 1,
            **dict.fromkeys(("topic", "relation", "gender"), None),
        }
    )
    row = compute("helpline_calls", {"helpline": calls}, period="month").iloc[0]
    assert (row["numerator"], row["status"], row["unit"]) == (3, "ok", "call")
    with pytest.raises(SchemaError, match="CALLS .* or CALL_DAYS"):
        compute("helpline_calls", {"helpline": calls.drop(columns="call_id")})
    with pytest.raises(SchemaError, match="has no row"):
        compute("helpline_calls", {"helpline": calls.iloc[:0]})


@pytest.mark.slow
def test_the_sample_helplines_close_to_the_call(sample):
    manifest = sorted((sample / "helpline").glob("helpline_daily_*.csv"))
    table = clean_helpline(manifest, profile="obs_sample_call_days").table
    made = compute("helpline_calls", {"helpline": table}).set_index("period")
    assert made["numerator"].sum() == table["n"].sum()
    assert made["status"].tolist()[1:] == ["ok", "ok"]
    assert made["status"].iloc[0] == "provisional"  # the line broke down in September 2019


def calls_one_a_row(*dates):
    return pd.DataFrame(
        {
            "call_id": [f"c{i}" for i in range(len(dates))],
            "date": pd.to_datetime(list(dates)),
            "line": "144",
            "n": 1,
            **dict.fromkeys(("topic", "relation", "gender"), None),
        }
    )


def told_by_month(calls, **options):
    made = compute("helpline_calls", {"helpline": calls}, period="month", **options)
    numbers = [None if pd.isna(n) else int(n) for n in made["numerator"]]
    return list(zip(made["period"].astype("str"), numbers, made["status"], strict=True))


def test_a_covered_month_without_a_call_is_zero_where_each_row_is_one():
    calls = calls_one_a_row("2022-01-05", "2022-01-05", "2022-03-31")
    found = told_by_month(calls, coverage=("2022-01-01", "2022-03-31"))
    assert found == [("2022-01", 2, "ok"), ("2022-02", 0, "zero"), ("2022-03", 1, "ok")]


def test_calls_one_a_row_are_divided_by_every_covered_day():
    calls = calls_one_a_row(*["2022-01-05"] * 40, *["2022-01-20"] * 22)
    window = ("2022-01-01", "2022-02-28")
    made = compute(
        "helpline_calls_per_day", {"helpline": calls}, period="month", coverage=window
    ).set_index("period")
    # 62 calls in 31 days, not in the two that had any; then 28 days without a call
    assert made["denominator"].tolist() == [31, 28]
    assert made["value"].tolist() == [2.0, 0.0]


def test_a_call_whose_number_is_not_told_makes_its_month_provisional():
    calls = calls_one_a_row("2022-01-05", "2022-01-06").assign(n=pd.array([3, None], dtype="Int64"))
    assert told_by_month(calls, coverage=("2022-01-01", "2022-01-31")) == [
        ("2022-01", 3, "provisional")
    ]


def covered(*stretches, source="helpline"):
    table = pd.DataFrame(stretches, columns=["start", "end"]).apply(pd.to_datetime)
    return table.assign(source=source, territory="all", how="profile", delivery="x.csv")


def test_rows_of_days_that_are_not_covered_are_not_counted():
    days = pd.date_range("2022-01-01", "2022-03-31")
    table = call_days([(d, "EVC", 5, "ok", None) for d in days]).assign(source="helpline")
    declared = covered(("2022-01-01", "2022-01-31"), ("2022-03-01", "2022-03-31"))
    found = told_by_month(table, coverage=declared)
    assert [(m, s) for m, _, s in found] == [
        *(("2022-01", "ok"), ("2022-02", "missing"), ("2022-03", "ok"))
    ]
    assert found[1][1] is None


def test_days_that_no_two_sources_share_tell_nothing():
    apart = pd.concat(
        [
            covered(("2022-01-01", "2022-01-31"), source="one"),
            covered(("2022-03-01", "2022-03-31"), source="two"),
        ]
    )
    with pytest.raises(SchemaError, match="nothing tells which days the table of calls covers"):
        compute("helpline_calls", {"helpline": whole_month()}, coverage=apart)
