"""What a reader of released rows knows of counts: read from a few rows by hand."""

import pandas as pd
import pytest

from obs.disclosure.audit.reader_knowledge import View, cell_name, read_view
from obs.disclosure.audit.reader_stocks import add_stock_equations
from obs.errors import DisclosureError

THEFT = {
    "count": "theft",
    "unit": "fact",
    "marks": {},
    "whole": None,
    "whole_marks": None,
    "within": [],
    "kind": "count",
    "threshold": 5,
    "cover": 10,
    "margin": 0.0,
    "floor": 1,
}
SHARE = THEFT | {
    "count": "violence",
    "marks": {"relation": "couple"},
    "whole": "violence_known",
    "whole_marks": {"relation": "couple|none"},
    "kind": "share",
}
ALONE = SHARE | {"whole": None, "whole_marks": None}
STRUCTURE = {
    "indicators": {"theft": THEFT, "couple": SHARE, "alone": ALONE, "shared_out": ALONE | {"within": ["decision"]}},
    "stricter": [["form", "sexual", 10, 20]],
}  # fmt: skip
ROW = {
    "indicator": "theft",
    "territory": "A",
    "period": "2022",
    "unit": "fact",
    "numerator": None,
    "denominator": None,
    "value": None,
    "status": "ok",
    "scale": "count",
}


class Shown:
    """Released tables as the audit reads them."""

    def __init__(self, **tables):
        self.tables = {
            name: pd.DataFrame([ROW | row for row in rows], dtype=object)
            for name, rows in tables.items()
        }
        self.names = [*self.tables]
        self.structure = STRUCTURE

    def __getitem__(self, name):
        return type("Table", (), {"table": self.tables[name]})


def name_of(indicator="theft", *, whole=False, **row):
    return cell_name(ROW | row, indicator, STRUCTURE, whole=whole)


def test_cells_are_named_by_what_is_counted():
    assert name_of() == ("theft (fact)", "A", "2022", frozenset())
    assert name_of(unit="victim")[0] == "theft (victim)"
    assert name_of(unit=None)[0] == "theft (fact)"
    assert name_of(form="physical", relation="all")[3] == {("form", "physical")}
    assert name_of("couple")[3] == {("relation", "couple")}
    assert name_of("couple", relation="all")[3] == {("relation", "couple")}
    with pytest.raises(DisclosureError, match="indicator 'x' is not among those released"):
        name_of("x")


def test_the_whole_of_a_share_is_named_by_its_own_count():
    assert name_of("couple", whole=True, form="physical") == (
        "violence_known (fact)",
        "A",
        "2022",
        frozenset({("relation", "couple|none"), ("form", "physical")}),
    )
    assert name_of("alone", whole=True)[0] == "violence (fact)/whole"
    assert name_of("alone", whole=True)[3] == {("relation", "couple")}
    shared = name_of("shared_out", whole=True, decision="summons", form="physical")
    assert shared[3] == {("relation", "couple"), ("form", "physical")}
    assert ("decision", "summons") in name_of("shared_out", decision="summons")[3]


def read(**row):
    view = read_view(Shown(t=[row]))
    cell = view.number[cell_name(ROW | row, row.get("indicator", "theft"), STRUCTURE)]
    return view, cell


def test_a_count_is_known_and_a_withheld_one_is_sought():
    view, cell = read(numerator=7)
    assert (view.known, view.status) == ({cell: 7.0}, {})
    view, cell = read(status="suppressed_primary")
    assert (view.known, view.status) == ({}, {cell: "suppressed_primary"})
    assert view.places == {cell: ("t", 0)}
    view, cell = read(status="missing")
    assert (view.known, view.status) == ({}, {})


@pytest.mark.parametrize(
    ("row", "known", "bounds"),
    [
        ({"value": 7.0}, 7.0, None),
        ({"value": 2.5, "scale": "per_day", "days": 30}, None, (74.0, 76.0)),  # 2.45 to 2.55 a day
        ({"value": 0.2, "scale": "per_1000_inhabitants", "denominator": 30_000.0}, None, (5.0, 7.0)),
        ({"value": 1 / 3, "scale": "share", "denominator": 30.0, "indicator": "alone"}, 10.0, None),
        ({"value": 0.33, "scale": "share", "denominator": 30.0, "indicator": "alone"}, 10.0, None),
        ({"value": 0.0, "scale": "per_1000_inhabitants", "denominator": 30_000.0}, None, (0.0, 15.0)),
        ({"value": 0.2, "scale": "per_1000_inhabitants"}, None, None),
        ({"value": 0.2, "scale": "per_day"}, None, None),
    ],
)  # fmt: skip
def test_a_value_gives_its_count_back_as_far_as_its_decimals_go(row, known, bounds):
    view, cell = read(**row)
    assert view.known.get(cell) == known
    assert view.bounds == ([] if bounds is None else [(cell, *bounds)])


def test_a_value_of_a_withheld_row_bounds_its_count():
    view, cell = read(value=7.0, status="suppressed_primary")
    assert view.bounds == [(cell, 7.0, 7.0)]
    assert cell not in view.known


def test_shares_are_tied_to_their_wholes():
    view, cell = read(indicator="couple", numerator=3, denominator=20, kind="share")
    whole = view.number[
        "violence_known (fact)", "A", "2022", frozenset({("relation", "couple|none")})
    ]
    assert view.shares == {cell: whole}
    assert view.known == {cell: 3.0, whole: 20.0}
    view, cell = read(indicator="couple", denominator=20, status="suppressed_primary")
    assert view.known == {}
    view, cell = read(indicator="shared_out", numerator=3, denominator=20, decision="summons")
    assert view.shares == {}  # its codes add up to the whole
    assert 20.0 in view.known.values()
    view, cell = read(numerator=3, denominator=20)
    assert view.shares == {}
    view, cell = read(numerator=3, denominator=20, scale="share")
    assert view.shares == {cell: view.number["theft (fact)/whole", "A", "2022", frozenset()]}


def test_answers_of_respondents_are_in_no_sum():
    assert read_view(Shown(t=[{"unit": "respondent", "numerator": 7}])).number == {}


def test_a_category_may_call_for_a_stricter_rule():
    view, cell = read(form="sexual", status="suppressed_primary")
    assert (view.about[cell]["threshold"], view.about[cell]["cover"]) == (10, 20)
    view, cell = read(form="physical", status="suppressed_primary")
    assert (view.about[cell]["threshold"], view.about[cell]["cover"]) == (5, 10)
    view, cell = read(form="sexual|physical", status="suppressed_primary")
    assert view.about[cell]["threshold"] == 5


def change(**row):
    usual = {"base": "2021", "change": None, "numerator": None, "base_numerator": None}
    view = read_view(Shown(t=[usual | row]))
    now, then = (view.number.get(name_of(period=p)) for p in ("2022", "2021"))
    return view.known.get(now), view.known.get(then)


def test_a_change_and_one_count_give_the_other():
    assert change(numerator=6, base_numerator=4) == (6, 4)
    assert change(change=0.5, base_numerator=4, status="suppressed_primary") == (6, 4)
    assert change(change=0.5, numerator=6) == (6, 4)
    assert change(change=0.5) == (None, None)
    daily = {"change": 0.5, "base_numerator": 4, "days": 730, "base_days": 365}
    assert change(change_of="theft_per_day", **daily) == (12, 4)
    assert change(change_of="theft", **daily) == (6, 4)


@pytest.mark.parametrize("column", ["p_value", "method", "p_unadjusted"])
def test_a_change_without_a_count_says_nothing_of_it(column):
    with pytest.raises(DisclosureError, match=f"row 0 has no count and still says {column}"):
        change(**{column: "0.04"}, status="suppressed_primary")
    assert change(**{column: "0.04"}, numerator=6, base_numerator=4) == (6, 4)


def test_figures_that_are_known_besides_are_known():
    known = pd.DataFrame([{"indicator": "couple", "territory": "A", "period": "2022", "unit": "fact",
                           "numerator": 20, "figure": figure} for figure in ("whole", "count")])  # fmt: skip
    view = read_view(Shown(t=[{"numerator": 1}]), known=known)
    assert sorted(view.known.values()) == [1.0, 20.0, 20.0]
    assert {n[0] for n in view.number} == {
        "theft (fact)",
        "violence_known (fact)",
        "violence (fact)",
    }


# --- stocks ------------------------------------------------------------------------------


def stocks(held, flows, said=None):
    """Tie stocks "S" by entries "E" and closings "C"; give the equations by period."""
    view = View()
    for measure, periods in (("S", held), *flows.items()):
        for period in periods:
            view.cell((measure, "A", period, frozenset()))
    add_stock_equations(
        view,
        [("S", "A", p, frozenset()) for p in held],
        {"of": [{"count": "E"}], "less": [{"count": "C"}]},
        lambda like, about: (about["count"], *like[1:]),
        "stock",
        said or {},
    )
    label = {number: f"{n[0]} {n[2]}" for n, number in view.number.items()}
    return [
        (label[total].partition("/")[2].strip(), sorted(label[p] for p in parts))
        for total, parts in view.equations
    ]


def test_a_stock_is_the_one_before_with_what_came_and_went():
    found = stocks(["2021", "2022"], {"E": ["2022"], "C": ["2022"]})
    assert found == [
        ("held or left stock 2022", ["C 2022", "S 2022"]),
        ("held or left stock 2022", ["E 2022", "S 2021"]),
    ]
    assert stocks(["2021", "2022"], {"E": ["2022"], "C": ["2021"]}) == []
    assert stocks(["2022"], {"E": ["2022"], "C": ["2022"]}) == []


def test_a_stock_is_tied_through_the_years_between():
    found = stocks(["2020", "2022"], {"E": ["2021", "2022"], "C": ["2021", "2022"]})
    assert found == [
        ("held or left stock since 2020 2022", ["C 2021", "C 2022", "S 2022"]),
        ("held or left stock since 2020 2022", ["E 2021", "E 2022", "S 2020"]),
    ]
    assert stocks(["2020", "2022"], {"E": ["2022"], "C": ["2021", "2022"]}) == []


def test_months_fill_a_year():
    months = [f"2022-{m:02d}" for m in range(1, 13)]
    found = stocks(["2021", "2022"], {"E": months, "C": ["2022"]})
    came = ["S 2021", *(f"E {m}" for m in months)]
    assert found[1] == ("held or left stock 2022", sorted(came))
    assert stocks(["2021", "2022"], {"E": months[1:], "C": ["2022"]}) == []
    closed = stocks(["2021", "2022"], {"E": ["2022"], "C": months})
    assert closed[1] == ("held or left stock since 2021 2022", ["E 2022", "S 2021"])


def test_a_stock_may_be_said_to_hold_with_more_or_with_less():
    name = ("stock", "S", "A", "2022", frozenset())
    flows = {"E": ["2022"], "C": ["2022"]}
    more = stocks(["2021", "2022"], flows, {name: "more"})
    assert more[1][1] == ["E 2022", "S 2021", "S/again stock 2022"]
    assert stocks(["2021", "2022"], flows, {name: "less"}) == []
