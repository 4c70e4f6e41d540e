"""Relations that the catalogue declares, written from a few cells by hand."""

from dataclasses import replace

import numpy as np
import pytest

from obs.disclosure.cells.cell_list import Cells, Key
from obs.disclosure.cells.declared_relations import add_declared, add_unpublished_lessers
from obs.disclosure.cells.indicator_terms import Between, Definition
from obs.disclosure.sensitive.rules import get_rule
from tests.disclosure.small_town import make_town

RULE = get_rule("default")
NAN = float("nan")
TOWN = make_town()


def counts(name, unit="case", **marks):
    nothing = frozenset()
    own = tuple(sorted(marks.items()))
    return Definition(name, name, own, "default", unit, nothing, (), "count")


FACTS, REPORTS = counts("facts", "fact"), counts("reports", "pv")
AT_MOST = Between("at_most", REPORTS, (FACTS,), (), "so")
PENDING, ENTERED, CLOSED = (counts(n) for n in ("pending", "entered", "closed"))
STOCK = Between("stock", PENDING, (ENTERED,), (CLOSED,), "so")


def cell(definition, place="A", period="2022", **marks):
    return Key(definition.measure, place, period, tuple(sorted(marks.items())))


def cells_of(*given, rule=RULE):
    cells = Cells()
    for key, value in given:
        cells.find_or_add(key, value, rule)
    return cells


def named(relations):
    """Say each relation in short: measures and periods."""
    short = {r: [f"{k.measure} {k.period}" for k in (r.total, *r.parts)] for r in relations}
    return [(r.kind, *members) for r, members in short.items()]


# --- at most -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "reports", "rest"), [(9, 3, 6), (3, 3, 0), (2, 3, None), (9, NAN, NAN)]
)
def test_a_lesser_count_leaves_what_the_greater_has_more(facts, reports, rest):
    cells = cells_of((cell(FACTS), facts), (cell(REPORTS), reports))
    written, broken = add_declared(cells, [AT_MOST])
    if rest is None:
        assert (written, [how for _, how in broken]) == ([], ["less"])
        assert named(r for r, _ in broken) == [
            ("at most facts", "reports (pv) 2022", "facts (fact) 2022")
        ]
        return
    assert broken == []
    short = "reports (pv)/rest below facts (fact)"
    assert named(written) == [
        ("at most", "facts (fact) 2022", "reports (pv) 2022", f"{short} 2022")
    ]
    left = cells.of_key[Key(short, "A", "2022")]
    assert left.value == pytest.approx(rest, nan_ok=True)
    assert not left.judged  # reports and facts are not the same things


def test_what_a_count_of_the_same_unit_leaves_is_a_count():
    own = replace(REPORTS, unit="fact")
    cells = cells_of((cell(FACTS), 9), (cell(own), 3))
    add_declared(cells, [replace(AT_MOST, own=own)])
    (left,) = (c for k, c in cells.of_key.items() if "/rest below" in k.measure)
    assert left.judged


def test_a_relation_is_written_at_one_place_period_and_marks():
    for other in (cell(FACTS, "B"), cell(FACTS, period="2021"), cell(FACTS, form="sexual")):
        assert add_declared(cells_of((other, 9), (cell(REPORTS), 3)), [AT_MOST]) == ([], [])
    ruleless = cells_of((cell(FACTS), 9), (cell(REPORTS), 3), rule=RULE)
    for one in ruleless.of_key.values():
        one.rule = None
    assert add_declared(ruleless, [AT_MOST]) == ([], [])
    ruleless.of_key[cell(FACTS)].rule = RULE
    assert len(add_declared(ruleless, [AT_MOST])[0]) == 1


@pytest.mark.parametrize(
    ("code", "written"), [("sexual", 1), ("physical", 1), ("physical|sexual", 1), ("economic", 0)]
)
def test_a_restricted_count_is_read_in_the_cells_that_it_holds(code, written):
    own = counts("reports", "pv", form="sexual|physical")
    cells = cells_of((cell(FACTS), 9), (cell(own, form=code), 3))
    assert len(add_declared(cells, [replace(AT_MOST, own=own)])[0]) == written
    assert (
        add_declared(cells_of((cell(FACTS), 9), (cell(own), 3)), [replace(AT_MOST, own=own)])[0]
        == []
    )


@pytest.mark.parametrize(
    ("greater", "part", "added"),
    [
        (("Z1", "2022"), ("A", "2022"), True),
        (("R", "2022"), ("A", "2022"), True),
        (("Z2", "2022"), ("A", "2022"), False),
        (("A", "2022"), ("Z1", "2022"), False),
        (("A", "2022"), ("A", "2022Q1"), True),
        (("A", "2022"), ("A", "2022Q4"), True),
        (("A", "2022"), ("A", "2022-01"), True),
        (("A", "2022"), ("A", "2022-12"), True),
        (("A", "2022"), ("A", "2021-12"), False),
        (("A", "2022"), ("A", "2023"), False),
        (("A", "2022Q2"), ("A", "2022-04"), True),
        (("A", "2022Q2"), ("A", "2022-06"), True),
        (("A", "2022Q2"), ("A", "2022-03"), False),
        (("A", "2022Q2"), ("A", "2022-07"), False),
        (("A", "2022Q2"), ("A", "2022Q1"), False),
        (("Z1", "2022Q2"), ("A", "2022-05"), True),
        (("A", "2022-05"), ("A", "2022"), False),
    ],
)
def test_a_lesser_count_between_its_parts_and_the_greater_is_named(greater, part, added):
    cells = cells_of((cell(FACTS, *greater), 9), (cell(REPORTS, *part), 3))
    add_unpublished_lessers(cells, [AT_MOST], TOWN, {REPORTS.measure: RULE})
    assert (cell(REPORTS, *greater) in cells.of_key) == added
    if added:
        assert np.isnan(cells.of_key[cell(REPORTS, *greater)].value)


def test_a_lesser_count_is_named_with_the_marks_of_its_own_and_no_others():
    own = counts("reports", "pv", form="sexual")
    relation = replace(AT_MOST, own=own)
    rules = {own.measure: RULE}
    for marks, found in (
        ({"form": "sexual"}, True),
        ({"form": "sexual", "attempt": "true"}, False),
    ):
        cells = cells_of((cell(FACTS, "Z1"), 9), (cell(own, **marks), 3))
        add_unpublished_lessers(cells, [relation], TOWN, rules)
        assert (cell(own, "Z1", form="sexual") in cells.of_key) == found
    cells = cells_of((cell(FACTS, "Z1"), 9), (cell(own, form="sexual"), 3))
    add_unpublished_lessers(cells, [relation], TOWN, {})  # of no rule: no table asks for it
    add_unpublished_lessers(cells, [replace(relation, kind="stock")], TOWN, rules)
    assert len(cells.of_key) == 2
    shown = cells_of((cell(FACTS, "Z1"), 9), (cell(own, form="sexual"), 3))
    shown.find_or_add(cell(own, "Z1", form="sexual"), 4, RULE)
    add_unpublished_lessers(shown, [relation], TOWN, rules)
    assert shown.of_key[cell(own, "Z1", form="sexual")].value == 4


# --- stocks ------------------------------------------------------------------------------


def flows(pending, entered, closed, before, *, period="2022", earlier="2021"):
    return cells_of(
        (cell(PENDING, period=earlier), before),
        (cell(PENDING, period=period), pending),
        (cell(ENTERED, period=period), entered),
        (cell(CLOSED, period=period), closed),
    )


HELD = "pending (case)/slack held or left"


@pytest.mark.parametrize(
    ("period", "earlier"), [("2022", "2021"), ("2022-01", "2021-12"), ("2022Q1", "2021Q4")]
)
def test_a_stock_is_the_one_before_with_what_entered_less_what_left(period, earlier):
    """30 + 420 = 3 + 447."""
    cells = flows(3, 420, 447, 30, period=period, earlier=earlier)
    written, broken = add_declared(cells, [STOCK])
    assert broken == []
    assert named(written) == [
        (
            "stock pending",
            f"{HELD} {period}",
            f"pending (case) {period}",
            f"closed (case) {period}",
        ),
        (
            "stock pending",
            f"{HELD} {period}",
            f"pending (case) {earlier}",
            f"entered (case) {period}",
        ),
    ]
    every = cells.of_key[Key(HELD, "A", period)]
    assert (every.value, every.judged) == (450, False)


def test_cases_opened_again_are_what_the_stock_has_more():
    """30 + 420 = 450; 3 + 453 = 456: six were opened again."""
    cells = flows(3, 420, 453, 30)
    written, broken = add_declared(cells, [STOCK])
    rest = "pending (case)/rest stock pending"
    assert named(written)[1] == (
        "stock pending",
        f"{HELD} 2022",
        "pending (case) 2021",
        "entered (case) 2022",
        f"{rest} 2022",
    )
    assert cells.of_key[Key(rest, "A", "2022")].value == 6
    assert [(named([r])[0][1:], how) for r, how in broken] == [
        (("pending (case) 2022", "pending (case) 2021", "entered (case) 2022"), "more")
    ]


def test_a_stock_with_less_than_its_flows_leave_is_not_assumed():
    written, broken = add_declared(flows(3, 420, 446, 30), [STOCK])
    assert (written, [how for _, how in broken]) == ([], ["less"])
    unknown, broken = add_declared(flows(NAN, 420, 446, 30), [STOCK])
    assert (len(unknown), [how for _, how in broken]) == (2, ["more"])


def test_a_stock_without_its_flows_or_a_rule_is_tied_to_nothing():
    for lost in (0, 2, 3):
        cells = flows(3, 420, 447, 30)
        del cells.of_key[list(cells.of_key)[lost]]
        assert add_declared(cells, [STOCK]) == ([], [])
    cells = flows(3, 420, 447, 30)
    cells.of_key[cell(PENDING)].rule = None
    assert add_declared(cells, [STOCK]) == ([], [])


def test_the_flows_of_months_tie_stocks_of_years_under_a_name_of_their_own():
    months = [f"2022-{m:02d}" for m in range(1, 13)]
    given = [(cell(PENDING, period="2021"), 30), (cell(PENDING), 6)]
    given += [(cell(ENTERED, period=m), 10) for m in months]
    given += [(cell(CLOSED, period=m), 12) for m in months]
    cells = cells_of(*given)
    written, broken = add_declared(cells, [STOCK])
    assert broken == []
    assert {r.kind for r in written} == {"stock pending since 2021"}
    assert cells.of_key[Key(f"{HELD} since 2021", "A", "2022")].value == 150
    assert [len(r.parts) for r in written] == [13, 13]


def test_the_flows_of_two_years_tie_the_stocks_around_them():
    given = [(cell(PENDING, period="2020"), 50), (cell(PENDING), 3)]
    given += [(cell(ENTERED, period=p), 420) for p in ("2021", "2022")]
    given += [(cell(CLOSED, period="2021"), 440), (cell(CLOSED), 447)]
    written, broken = add_declared(cells_of(*given), [STOCK])
    assert broken == []
    assert {r.kind for r in written} == {"stock pending since 2020"}
    assert {k.period for r in written for k in r.parts} == {"2020", "2021", "2022"}


@pytest.mark.parametrize(
    ("period", "end"),
    [("2022", "2022-12"), ("2022", "2022Q4"), ("2022Q1", "2022-03"), ("2022Q4", "2022-12")],
)
def test_stocks_at_one_date_are_one(period, end):
    for value in (3, NAN, 4):
        cells = cells_of((cell(PENDING, period=period), 3), (cell(PENDING, period=end), value))
        written, broken = add_declared(cells, [STOCK])
        one = (f"stock pending at {end}", f"pending (case) {period}", f"pending (case) {end}")
        assert named(written) == ([] if value == 4 else [one])
        assert [(*named([r]), how) for r, how in broken] == (
            [(one, "unknown")] if value == 4 else []
        )


def test_stocks_at_other_dates_are_not_one():
    for period, end in (("2022", "2022-11"), ("2022Q1", "2022-02"), ("2022", "2022Q3")):
        cells = cells_of((cell(PENDING, period=period), 3), (cell(PENDING, period=end), 3))
        assert add_declared(cells, [STOCK]) == ([], [])


def test_a_year_from_a_stock_of_december_has_a_name_of_its_own():
    """Thirty in December, ten a month entered, 147 left in the year: three are left."""
    given = [(cell(PENDING, period="2021-12"), 30), (cell(PENDING), 3), (cell(CLOSED), 147)]
    given += [(cell(ENTERED, period=f"2022-{m:02d}"), 10) for m in range(1, 13)]
    written, broken = add_declared(cells_of(*given), [STOCK])
    assert broken == []
    assert {r.kind for r in written} == {"stock pending since 2021-12"}
