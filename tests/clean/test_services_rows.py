"""Parts of activities that do not add up to their total, and days of helplines, by hand."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from obs.clean import clean_helpline, clean_services
from obs.clean.profiles.profile import Interruption, Line, Profile
from obs.clean.profiles.territory_rule import TerritoryRule

SERVICES = Profile(
    *("own", "Own", "services", "services"),
    source="services",
    columns={
        name: (name,)
        for name in (
            "territory",
            "period",
            "activity",
            "part",
            "unit",
            "provider",
            "numerator",
            "bound",
        )
    },
    territory=TerritoryRule(match="pattern", pattern=r"\d+"),
    period="%Y",
    codes={"unit": {"file": "file"}},
    marks={"": "missing"},
)


def activities(*rows):
    """Clean counts (part, number, bound) of one activity."""
    table = pd.DataFrame(rows, columns=["part", "numerator", "bound"], dtype="str")
    rest = {
        "territory": "21001",
        "period": "2021",
        "activity": "a",
        "unit": "file",
        "provider": "Commune",
    }
    return clean_services(table.assign(**rest), profile=SERVICES)


def differing(*rows):
    flagged = activities(*rows).flagged
    return flagged.loc[flagged["rule"] == "parts_differ", "row"].tolist()


@pytest.mark.parametrize(
    ("rows", "total"),
    [
        ([("", "31", ""), ("x", "16", ""), ("y", "17", "")], [1]),
        ([("", "33", ""), ("x", "16", ""), ("y", "17", "")], []),
        (
            [
                ("", "30", ""),
                ("sex:f", "16", ""),
                ("sex:m", "14", ""),
                ("age:young", "9", ""),
                ("age:old", "20", ""),
            ],
            [1],
        ),
        ([("", "30", ""), ("sex:f", "16", ""), ("sex:m", "14", ""), ("age:young", "30", "")], []),
        ([("", "31", ""), ("x", "16", ""), ("y", "", "")], []),  # a part that is not told
        ([("", "31", ""), ("x", "16", "at_least"), ("y", "17", "")], []),
        ([("", "31", "about"), ("x", "16", ""), ("y", "17", "")], []),
        ([("", "", ""), ("x", "16", ""), ("y", "17", "")], []),
        ([("", "31", "")], []),
        ([("x", "16", ""), ("y", "17", "")], []),
    ],
)
def test_a_total_is_remarked_where_parts_of_one_division_differ(rows, total):
    assert differing(*rows) == total


def test_a_count_without_part_or_bound_is_a_total_and_exact():
    table = activities(("", "3", ""), ("x", "1", "at_least")).table
    assert table["part"].tolist() == ["all", "x"]
    assert table["bound"].tolist() == ["exact", "at_least"]


WEEK = [dt.date(2022, 7, 18) + dt.timedelta(days=i) for i in range(7)]  # Monday to Sunday
LINE = Line(
    {"fr": "Ecoute"}, (9, 17), (5, 6), "BE",
    (Interruption(dt.date(2022, 7, 19), dt.date(2022, 7, 20), "interrupted"),),
)  # fmt: skip
DAYS = Profile(
    *("own", "Own", "helpline", "call_days"),
    source="helpline",
    columns={name: (name,) for name in ("date", "line", "open", "numerator")},
    dates=("%Y-%m-%d",),
    flags={"open": {"true": "O", "false": "N"}},
    marks={"": "missing"},
    lines={"EVC": LINE, "1712": Line({"fr": "1712"})},
)


def answered(*rows):
    table = pd.DataFrame(rows, columns=["date", "line", "open", "numerator"]).astype("str")
    made = clean_helpline(table, profile=DAYS)
    cells = made.table[["n", "status", "reason", "hours"]].astype("object")
    return [tuple(row) for row in cells.where(cells.notna(), None).to_numpy()], made


def test_a_day_without_an_answer_has_no_count_and_says_why():
    found, _ = answered(*[(day, "EVC", "O", "0") for day in WEEK])
    assert [row[2] for row in found] == [
        None,
        "interrupted",
        "interrupted",
        "closed",
        None,
        "closed",
        "closed",
    ]
    assert found[0] == (0, "zero", None, 8.0)
    assert found[1] == (None, "not_applicable", "interrupted", 0.0)
    assert found[3] == (None, "not_applicable", "closed", 0.0)  # the national holiday
    always, _ = answered((WEEK[5], "1712", "O", "3"))
    assert always == [(3, "ok", None, 24.0)]


def test_a_day_said_to_be_closed_and_one_that_is_not_told():
    found, _ = answered(
        (WEEK[0], "1712", "N", "0"), (WEEK[1], "1712", "O", ""), (WEEK[2], "1712", "", "4")
    )
    assert found == [
        (None, "not_applicable", "closed", 0.0),
        (None, "missing", "not_told", 24.0),
        (4, "ok", None, 24.0),
    ]


def test_calls_on_a_day_without_an_answer_are_counted_and_remarked():
    found, made = answered(
        (WEEK[5], "EVC", "O", "2"), (WEEK[4], "EVC", "N", "3"), (WEEK[0], "EVC", "O", "5")
    )
    assert [row[0] for row in found] == [2, 3, 5]
    assert [row[2] for row in found] == [None] * 3
    flagged = made.flagged
    assert flagged.loc[flagged["rule"] == "count_on_closed_day", "row"].tolist() == [1, 2]


CALLS = Profile(
    *("own", "Own", "helpline", "calls"),
    source="helpline",
    columns={name: (name,) for name in ("call_id", "date", "line", "topic_money", "topic_home")},
    dates=("%Y-%m-%d",),
    flags={"topic": {"true": "1", "false": "0"}},
    lines={"EVC": LINE},
)


def test_topics_of_a_call_are_joined_and_none_is_missing():
    table = pd.DataFrame(
        {
            **{"call_id": list("abcd"), "date": "2022-07-18", "line": "EVC"},
            **{"topic_money": ["1", "0", "1", "0"], "topic_home": ["1", "1", "", "0"]},
        }
    )
    made = clean_helpline(table, profile=CALLS).table
    assert made["topic"].fillna("-").tolist() == ["money+home", "home", "money", "-"]
    assert made["n"].tolist() == [1] * 4
    assert np.array_equal(made["call_id"], list("abcd"))
