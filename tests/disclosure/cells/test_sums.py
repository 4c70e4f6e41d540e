"""Sums that a reader can write, from a few cells, by hand."""

import pandas as pd
import pytest

from obs.disclosure.cells.cell_list import Key, describe, is_count, is_unpublished
from obs.disclosure.cells.sums import over_area, over_breakdowns, over_time
from obs.errors import DisclosureError
from obs.reference import make_territory

THEFT = "theft (fact)"
UNITS = pd.DataFrame(
    {
        "code": ["A", "B", "C", "N", "S", "T"],
        "level": ["commune"] * 3 + ["zone"] * 2 + ["region"],
        "parent": ["N", "N", "S", "T", "T", None],
        **{f"name_{lang}": list("ABCNST") for lang in ("fr", "nl", "en")},
    }
)
PLACE = make_territory(UNITS, name="small", levels=("commune", "zone", "region"))
ALL_WAYS = {THEFT: frozenset({"area", "offence", "time"})}
NO_WAY = {THEFT: frozenset()}


def keys(*cells, measure=THEFT):
    return [Key(measure, place, period, tuple(marks)) for place, period, *marks in cells]


def areas(*places, ways=ALL_WAYS):
    found = over_area(keys(*((p, "2022") for p in places)), ways, PLACE)
    return {r.total.territory: "".join(p.territory for p in r.parts) for r in found}


def test_places_are_parts_of_the_place_above_them():
    assert areas("A", "B", "C", "N", "S", "T") == {"N": "AB", "S": "C", "T": "NS"}
    assert areas("A", "T") == {"T": "NS", "N": "AB"}  # through the zone that no table has
    assert areas("A", "N") == {"N": "AB"}
    assert areas("A", "B") == {}  # nothing stands above
    assert areas("N", "S") == {}
    assert areas("T") == {}
    assert areas("A", "B", "N", ways=NO_WAY) == {}


def breakdowns(*cells, apart=None, ways=ALL_WAYS, measure=THEFT):
    given = keys(*cells, measure=measure)
    found = over_breakdowns(given, ways, apart or {})
    return sorted((describe(r.total), [dict(p.breakdowns) for p in r.parts]) for r in found)


FORM = [("A", "2022"), ("A", "2022", ("form", "x")), ("A", "2022", ("form", "y"))]
WHOLE = "theft (fact) of A in 2022"


def test_categories_are_parts_of_all():
    assert breakdowns(*FORM) == [(WHOLE, [{"form": "x"}, {"form": "y"}])]
    assert breakdowns(*FORM[1:]) == []  # no total anywhere along the column
    assert breakdowns(*FORM[:1]) == []
    assert breakdowns(*FORM, ways=NO_WAY) == []
    assert breakdowns(*FORM, apart={"theft": frozenset({"form"})}) == []
    whole = f"{THEFT}/whole"
    assert breakdowns(*FORM, measure=whole, ways={whole: frozenset({"offence"})}) == []


def test_one_figure_alone_along_a_column_is_compared_with_none():
    elsewhere = ("B", "2022")
    assert breakdowns(FORM[1], elsewhere) == []
    two = breakdowns(FORM[1], FORM[2], elsewhere)
    assert two == [(WHOLE, [{"form": "x"}, {"form": "y"}])]


def test_joined_codes_are_the_sum_of_each():
    joined = ("A", "2022", ("form", "x|y"))
    found = breakdowns(*FORM, ("A", "2022", ("form", "z")), joined)
    assert found == [
        (WHOLE, [{"form": "x"}, {"form": "y"}, {"form": "z"}]),
        (f"{WHOLE} form=x|y", [{"form": "x"}, {"form": "y"}]),
    ]
    without = breakdowns(FORM[1], FORM[2], joined)
    assert without == [(f"{WHOLE} form=x|y", [{"form": "x"}, {"form": "y"}])]


def test_phenomena_are_parts_of_those_above_them():
    cells = [
        *(("A", "2022"), ("A", "2022", ("phenomenon", "theft"))),
        *(("A", "2022", ("phenomenon", code)) for code in ("bicycle_theft", "pickpocketing")),
    ]
    found = dict(breakdowns(*cells))
    assert found[WHOLE] == [{"phenomenon": "theft"}]
    inner = found[f"{WHOLE} phenomenon=theft"]
    assert inner == [{"phenomenon": "bicycle_theft"}, {"phenomenon": "pickpocketing"}]
    with pytest.raises(DisclosureError, match=r"Unknown phenomenon code\(s\) thfet: their place"):
        breakdowns(("A", "2022"), ("A", "2022", ("phenomenon", "thfet")))


def times(*periods, ways=ALL_WAYS):
    found = over_time(keys(*(("A", p) for p in periods)), ways)
    return sorted((r.total.period, [p.period for p in r.parts]) for r in found)


MONTHS = [f"2022-{m:02d}" for m in range(1, 13)]
QUARTERS = ["2022Q1", "2022Q2", "2022Q3", "2022Q4"]


def test_months_are_parts_of_quarters_and_both_of_years():
    assert times("2022", "2022-03") == [("2022", MONTHS)]
    assert times("2022", "2022Q3") == [("2022", QUARTERS)]
    assert times("2022Q2", "2022-06") == [("2022Q2", MONTHS[3:6])]
    assert times("2022Q4", "2022-09") == []
    assert times("2022", "2021-12") == []
    assert times("2022", "2023") == []
    assert times("2022", "2022Q1", "2022-01") == [
        ("2022", MONTHS),
        ("2022", QUARTERS),
        ("2022Q1", MONTHS[:3]),
    ]
    assert times("2022", "2022-03", ways=NO_WAY) == []


def test_what_no_table_can_show_is_no_count():
    plain, rest, slack = (
        Key(m, "A", "2022") for m in (THEFT, f"{THEFT}/rest x", f"{THEFT}/slack x")
    )
    assert [is_unpublished(k) for k in (plain, rest, slack)] == [False, True, True]
    assert [is_count(k) for k in (plain, rest, slack)] == [True, False, False]
    assert not is_count(plain._replace(measure="base of survey"))
    assert not is_count(plain._replace(measure="answers to survey"))


def test_joined_codes_of_which_none_is_shown_alone_are_one_part_of_the_whole():
    """All cases and those of family violence (couple or family): the whole is not these alone."""
    whole, joined = ("A", "2022"), ("A", "2022", ("form", "x|y"))
    parts = (f"{WHOLE} form=x|y", [{"form": "x"}, {"form": "y"}])
    assert breakdowns(whole, joined) == [(WHOLE, [{"form": "x|y"}]), parts]
    other = ("A", "2022", ("form", "z"))
    assert breakdowns(whole, joined, other)[0] == (WHOLE, [{"form": "x|y"}, {"form": "z"}])
    crossed = ("A", "2022", ("form", "y|z"))  # unions that overlap: each code by itself
    assert breakdowns(whole, joined, crossed)[0][1] == [{"form": "x"}, {"form": "y"}, {"form": "z"}]


def test_a_code_that_only_an_equation_names_leaves_the_union_a_part():
    whole, joined = ("A", "2022"), ("A", "2022", ("form", "x|y"))
    given = keys(whole, joined, ("A", "2022", ("form", "x")), ("A", "2022", ("form", "y")))
    found = list(over_breakdowns(given, ALL_WAYS, {}, told=given[:2]))
    assert [dict(p.breakdowns) for p in found[0].parts] == [{"form": "x|y"}]


@pytest.mark.parametrize(
    ("told", "parts"),
    [
        ((), ["w|z", "x|y"]),  # no code of either is told alone
        (("x",), ["w|z", "x", "y"]),
        (("x", "z"), ["w", "x", "y", "z"]),
    ],
)
def test_a_union_of_codes_that_are_not_told_is_a_part_of_all(told, parts):
    """One that shares a code with another is none: its codes are the parts."""
    codes = ("x|y", "w|z", *"wxyz")
    given = keys(("A", "2022"), *(("A", "2022", ("form", c)) for c in codes))
    known = {k for k in given if dict(k.breakdowns).get("form") not in set("wxyz") - {*told}}
    found = [r for r in over_breakdowns(given, ALL_WAYS, {}, known) if r.kind == "form all"]
    assert [[dict(p.breakdowns)["form"] for p in r.parts] for r in found] == [parts]
    crossed = keys(("A", "2022"), *(("A", "2022", ("form", c)) for c in ("x|y", "y|z")))
    (own,) = (r for r in over_breakdowns(crossed, ALL_WAYS, {}) if r.kind == "form all")
    assert [dict(p.breakdowns)["form"] for p in own.parts] == ["x", "y", "z"]
