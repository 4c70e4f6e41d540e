"""The cells behind rows of tables, places without a known unit, sums that nothing declares: by hand."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from obs.disclosure.cells.cell_list import Cells, Key
from obs.disclosure.cells.indicator_terms import Definition
from obs.disclosure.cells.relations import build_relations
from obs.disclosure.cells.stock_chains import chains_to
from obs.disclosure.cells.sums import over_area
from obs.disclosure.cells.table_cells import collect_cells, mark_published
from obs.disclosure.sensitive.rules import get_rule
from obs.errors import DisclosureError
from tests.disclosure.small_town import make_town

TOWN = make_town()
RULE = get_rule("default")
NAN = float("nan")
THEFT = Definition("theft", "theft", (), "default", "fact", frozenset(), (), "rate")
SHARE = replace(THEFT, indicator="share", count="share", kind="share")
KNOWN = {"theft": THEFT, "share": SHARE, "part": replace(SHARE, indicator="part", whole="theft")}
RULES = dict.fromkeys(KNOWN, RULE)


def line(numerator=9, *, indicator="theft", status="ok", period="2022", **given):
    made = {"indicator": indicator, "territory": "A", "numerator": numerator, "status": status}
    made |= {"unit": "fact", "scale": "count", "denominator": None, "value": None, "n": None}
    return made | {"grade": None, "period": pd.Period(period)} | given


def read(*lines, trends=(), definitions=KNOWN):
    tables = {"t": pd.DataFrame(list(lines))} if lines else {}
    if trends:
        tables["d"] = pd.DataFrame(list(trends))
    return collect_cells(tables, definitions=definitions, rules=RULES)


def cell(measure="theft (fact)", period="2022", **marks):
    return Key(measure, "A", period, tuple(sorted(marks.items())))


def flags(cells, key):
    found = cells.of_key[key]
    return found.value, found.published, found.source


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, (9, True, False)),
        ({"status": "provisional"}, (9, True, False)),
        ({"status": "suppressed_source", "numerator": None}, (NAN, True, True)),
        ({"status": "missing", "numerator": None}, (NAN, False, False)),
        ({"status": "not_applicable", "numerator": None}, (NAN, False, False)),
        ({"status": "unreliable", "numerator": None}, (NAN, True, False)),
    ],
)
def test_a_row_is_a_count(given, expected):
    cells = read(line(**given))
    assert flags(cells, cell()) == pytest.approx(expected, nan_ok=True)
    assert cells.rows == {"t": [(cell(),)]}


@pytest.mark.parametrize("status", ["ok", "zero", "provisional"])
def test_a_value_without_its_count_is_refused(status):
    with pytest.raises(DisclosureError, match=f"'t': row 1 has status '{status}' and no numerator"):
        read(line(), line(None, status=status, period="2021"))


def test_a_share_shows_its_whole():
    for indicator in ("share", "theft"):
        row = line(indicator=indicator, scale="share", denominator=60.0)
        whole = cell(f"{indicator} (fact)/whole")
        cells = read(row)
        assert flags(cells, whole) == (60, True, False)
        assert cells.shares == {cell(f"{indicator} (fact)"): whole}
    declared = read(line(indicator="part", denominator=60.0))
    assert declared.shares == {cell("share (fact)"): cell()}
    apart = KNOWN | {"share": replace(SHARE, within=("form",))}
    row = line(indicator="share", denominator=60.0, form="sexual")
    assert read(row, definitions=apart).shares == {}
    withheld = line(None, indicator="share", status="suppressed_source")
    assert flags(read(withheld), cell("share (fact)/whole"))[1:] == (False, False)
    with pytest.raises(DisclosureError, match="'t': row 0 is a share without its whole"):
        read(line(indicator="share"))
    assert read(line()).shares == {}


def change(numerator=9, base_numerator=7, **given):
    made = {"indicator": "theft", "territory": "A", "status": "ok", "unit": "fact"}
    periods = {"period": pd.Period("2022"), "base": pd.Period("2021")}
    return made | periods | {"numerator": numerator, "base_numerator": base_numerator} | given


def test_a_change_shows_both_its_counts():
    cells = read(trends=[change()])
    assert cells.rows == {"d": [(cell(), cell(period="2021"))]}
    assert [cells.of_key[k].value for k in (cell(), cell(period="2021"))] == [9, 7]
    with_table = read(line(), line(7, period="2021"), trends=[change(None, None)])
    assert with_table.rows["d"] == [(cell(), cell(period="2021"))]
    with pytest.raises(DisclosureError, match="two tables give different counts"):
        read(line(), trends=[change(8)])
    share = read(line(indicator="share", denominator=60.0), trends=[change(indicator="share")])
    one = cell("share (fact)")
    assert share.rows["d"] == [(one, share.shares[one], one._replace(period="2021"))]


def test_a_change_of_counts_in_no_table_is_refused():
    for given in ({"numerator": None}, {"base_numerator": None}, {"status": None}):
        blank = {"numerator": None} | given if "status" in given else given
        with pytest.raises(DisclosureError, match="'d': row 0 is a change of counts that are in"):
            read(trends=[change(**blank)])
    for status in ("missing", "not_applicable", "suppressed_source"):
        cells = read(trends=[change(None, None, status=status)])
        assert np.isnan(cells.of_key[cell()].value)
        assert cells.of_key[cell()].source == (status == "suppressed_source")
    assert read(trends=[change(status=None)]).of_key[cell()].published
    amounts = KNOWN | {"theft": replace(THEFT, kind="amount")}
    with pytest.raises(DisclosureError, match="'d': row 0 is a change of counts that are in"):
        read(trends=[change()], definitions=amounts)


def test_a_change_of_estimates_is_tied_to_the_estimates():
    asked = KNOWN | {"theft": replace(THEFT, kind="survey", unit="respondent")}
    cells = read(trends=[change(unit="respondent")], definitions=asked)
    assert cells.rows["d"] == [(cell("survey theft"), cell("survey theft", "2021"))]


@pytest.mark.parametrize(
    ("unit", "measure"), [("", "theft (fact)"), ("pv", "theft (pv)"), ("respondent", None)]
)
def test_what_was_published_before_is_marked(unit, measure):
    cells = Cells()
    for value, key in ((8.0, cell(measure or "")), (NAN, cell(measure or "", "2021"))):
        if measure:
            cells.find_or_add(key, value, RULE)
    entries = pd.DataFrame(
        [
            {"indicator": i, "territory": "A", "period": p, "unit": unit, "edition": "2023",
             "figure": "count", "numerator": 7}
            for i, p in (("theft", "2022"), ("theft", "2021"), ("theft", "2020"), ("none", "2022"))
        ]
    )  # fmt: skip
    mark_published(cells, entries, definitions=KNOWN, rules=RULES)
    if measure is None:
        assert not cells.of_key
        return
    found = [cells.of_key[cell(measure, p)] for p in ("2022", "2021", "2020")]
    assert [(c.value, c.before, c.recalled) for c in found] == [
        (8, 7, False),
        (7, 7, True),
        (7, 7, True),
    ]
    assert [c.revised for c in found] == [True, False, False]
    assert {c.edition for c in found} == {"2023"}
    assert len(cells.of_key) == 3


def test_a_whole_published_before_is_that_of_its_share():
    entries = pd.DataFrame(
        {"indicator": ["share"], "territory": ["A"], "period": ["2022"], "unit": ["fact"],
         "edition": ["2023"], "figure": ["whole"], "numerator": [60]}
    )  # fmt: skip
    cells = Cells()
    mark_published(cells, entries, definitions=KNOWN, rules=RULES)
    assert list(cells.of_key) == [cell("share (fact)/whole")]


@pytest.mark.parametrize(
    ("periods", "time", "odd"),
    [
        (("2022", "2022-01"), True, ""),
        (("2022", "2022-01-05"), True, "D"),
        (("2022-01-05", "2022-01-06"), True, ""),
        (("2022", "2022-01-05"), False, ""),
    ],
)
def test_days_beside_years_are_refused(periods, time, odd):
    summed = KNOWN | {"theft": replace(THEFT, additive_over=frozenset({"time"} if time else ()))}
    freq = {4: "Y", 7: "M", 10: "D"}
    tables = {
        p: pd.DataFrame([line()]).assign(period=pd.PeriodIndex([p], freq=freq[len(p)]))
        for p in periods
    }
    if not odd:
        collect_cells(tables, definitions=summed, rules=RULES)
        return
    with pytest.raises(DisclosureError, match=rf"of several lengths \(.*release {odd} alone"):
        collect_cells(tables, definitions=summed, rules=RULES)


# --- places ------------------------------------------------------------------------------


def families(*places):
    keys = [Key("theft (fact)", p, "2022") for p in places]
    found = over_area(keys, {"theft (fact)": frozenset({"area"})}, TOWN)
    return {r.total.territory: [p.territory for p in r.parts] for r in found}


def test_facts_without_a_known_place_are_a_part_of_their_unit():
    zone, region = TOWN.unplaced("Z1"), TOWN.unplaced("R")
    assert families("A", "B", "Z1") == {"Z1": ["A", "B"]}
    assert families("A", "Z1", zone) == {"Z1": ["A", "B", zone]}
    assert families("Z1", "R", region) == {"R": ["Z1", "Z2", region]}
    assert families("Z1", zone) == {"Z1": ["A", "B", zone]}


def region(left_over, *, places=("Z1", "Z2")):
    """Give what is said of sums over the area that nothing declares."""
    counts = {"A": 30, "B": 40, "C": 30, "D": 25, "E": 60, "Z1": 70, "Z2": 115 + left_over}
    counts = {p: n for p, n in counts.items() if p not in ("Z1", "Z2") or p in places}
    cells = Cells()
    for place, count in counts.items():
        cells.find_or_add(Key("theft (fact)", place, "2022"), count, RULE).published = True
    found = build_relations(cells, definitions={"theft": THEFT}, territory=TOWN)
    said = {line[2]: line[-1] for line in found.loosened}
    return said, sorted({r.total.territory for r in found.equations})


def test_places_that_add_up_are_a_sum_though_nothing_says_so():
    assert region(0) == ({}, ["Z1", "Z2"])
    assert region(12) == ({"Z2": "more"}, ["Z1", "Z2"])  # no total is less than its parts
    assert region(9) == ({"Z2": "near, more"}, ["Z1", "Z2"])
    assert region(-12) == ({"Z2": "unknown"}, ["Z1"])  # by chance: half of the sums are exact
    assert region(-9) == ({"Z2": "near, less"}, ["Z1", "Z2"])
    assert region(-12, places=("Z2",)) == ({}, [])  # none of the sums is exact


# --- chains ------------------------------------------------------------------------------


def chain(*, entered, left, stocks=("2020", "2022"), now="2022"):
    cells = Cells()
    for name, periods in (("pending", stocks), ("entered", entered), ("left", left)):
        for period in periods:
            cells.find_or_add(cell(name, period), 1, RULE)
    held = [k for k in cells.of_key if k.measure == "pending"]
    of, less = [cell("entered", now)], [cell("left", now)]
    return [
        (before.period, [k.period for k in came], [k.period for k in went])
        for before, came, went in chains_to(cells, cell("pending", now), held, of=of, less=less)
    ]


def test_flows_of_every_kind_must_fill_the_time_between_two_stocks():
    both = ["2021", "2022"]
    assert chain(entered=both, left=both) == [("2020", both, both)]
    assert chain(entered=both, left=["2022"]) == []
    assert chain(entered=["2022"], left=both) == []
    assert chain(entered=["2022"], left=["2022"], stocks=("2021", "2022")) == []  # told already
    quarters = [f"2022Q{q}" for q in range(1, 5)]
    found = chain(entered=["2022"], left=quarters, stocks=("2021", "2022"))
    assert found == [("2021", ["2022"], quarters)]
    months = [f"2021-{m:02d}" for m in range(10, 13)]
    found = chain(entered=[*months, "2022"], left=["2021Q4", "2022"], stocks=("2021-09", "2022"))
    assert found == [("2021-09", [*months, "2022"], ["2021Q4", "2022"])]
    assert chain(entered=both, left=both, stocks=("2023", "2022")) == []
