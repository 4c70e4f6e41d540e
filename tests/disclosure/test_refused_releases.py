"""What is refused before anything is judged, in which words; coarser tables by hand."""

import numpy as np
import pandas as pd
import pytest

from obs.disclosure import audit, audit_report, release
from obs.disclosure.coarser_tables import coarser_tables, count_small, describe_coarser_tables
from obs.disclosure.released_comparisons import need_comparison
from obs.disclosure.remedies import propose_remedies
from obs.disclosure.selected_values import check_selected
from obs.disclosure.sensitive.rules import get_rule
from obs.errors import CodeError, DisclosureError
from tests.disclosure.small_town import entry, make_town, whole

COUNTS = {"A": 30, "B": 40, "C": 30, "D": 25, "E": 60}


@pytest.fixture(scope="module")
def town():
    return make_town()


@pytest.fixture(scope="module")
def released(town):
    return released_of(whole(COUNTS).assign(synthetic=[True, *[False] * 7]), town)


def released_of(table, town):
    return release(table, territory=town, catalogue={"theft": entry()})


REFUSED = {
    "a list": (lambda town: [whole(COUNTS)], "what is to be released holds a list; give one table"),
    "a list by name": (lambda town: {"a": [1]}, "what is to be released holds a list"),
    "nothing": (lambda town: {}, "no table to release"),
    "a column": (
        lambda town: whole(COUNTS).assign(name="x"),
        "column.s. that are neither of its schema nor a breakdown: name. Breakdowns: ",
    ),
    "a place": (
        lambda town: whole(COUNTS).assign(territory=["X", *whole(COUNTS)["territory"][1:]]),
        r"'table' \(column 'territory', 1 rows\): X not in the hierarchy of 'town'",
    ),
    "what is protected": (
        lambda town: whole(COUNTS).assign(status=["suppressed_primary", *["ok"] * 7]),
        "table 'table' is already protected; release the original, whole table",
    ),
    "what is protected besides": (
        lambda town: whole(COUNTS).assign(status=["suppressed_secondary", *["ok"] * 7]),
        "is already protected",
    ),
    "what cannot be judged": (
        lambda town: whole(COUNTS).drop(columns="status"),
        "table 'table' cannot be judged: .*column 'status' is absent",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_released_says_why(town, case):
    make, words = REFUSED[case]
    with pytest.raises(DisclosureError, match=words):
        released_of(make(town), town)


def test_what_holds_one_synthetic_row_is_synthetic(released, town):
    assert released.synthetic
    assert not released_of(whole(COUNTS).assign(synthetic=False), town).synthetic
    assert not released_of(whole(COUNTS), town).synthetic


def test_an_audit_is_written_in_one_language_or_in_several(released):
    found = audit(released)
    one = audit_report(released, lang="fr", audited=found)
    assert '<section id="fr" lang="fr">' in one
    assert one.count("<section") == 1
    assert "<nav>" not in one
    both = audit_report(released, lang=["nl", "en"], audited=found)
    assert '<html lang="nl">' in both
    assert '<section id="en" lang="en">' in both
    assert both.count("<section") == 2
    assert '<a href="#en" lang="en">' in both
    with pytest.raises(DisclosureError, match="audit_report takes what obs.release made"):
        audit_report(whole(COUNTS), lang="fr")


def test_values_that_no_table_has_are_refused_with_the_nearest(released, town):
    frames = {"t": released.table.assign(form="physical")}
    check_selected(frames, {"territory": {"A"}, "period": {"1999"}, "form": {"sexual"}}, town)
    check_selected(frames, {"numerator": {"30"}, "status": {"missing"}}, town)
    check_selected(frames, {"verdict": {"up"}, "level": {"zone"}}, town)
    for column, value, words in (
        ("territory", "Q", "'territory' has no 'Q'.* It has: A, B, C"),
        ("period", "soon", "'period' has no 'soon'.* It has: 2022"),
        ("form", "sexaul", "'form' has no 'sexaul'"),
        ("status", "fine", "'status' has no 'fine'"),
        ("indicator", "thefts", "'indicator' has no 'thefts'.*'theft'.* It has: theft"),
        ("verdict", "higher still", "'verdict' has no 'higher still'"),
    ):
        with pytest.raises(CodeError, match=words):
            check_selected(frames, {column: {value}}, town)


def test_comparisons_are_those_of_their_room_alone():
    with pytest.raises(DisclosureError, match="compare: 'whole' is no comparison of obs.trends"):
        need_comparison(whole)
    with pytest.raises(DisclosureError, match="'int' is no comparison"):
        need_comparison(3)


def test_remedies_are_sought_for_a_table(town):
    with pytest.raises(
        DisclosureError, match="remedies are sought for one table: give a DataFrame"
    ):
        propose_remedies({"a": whole(COUNTS)}, territory=town, catalogue={"theft": entry()})


# --- coarser tables ----------------------------------------------------------------------


def table(*rows, freq="Y"):
    made = pd.DataFrame(rows, columns=["territory", "period", "form", "numerator"])
    return made.assign(
        indicator="theft",
        period=pd.PeriodIndex(made["period"], freq=freq),
        numerator=made["numerator"].astype("Int64"),
        value=made["numerator"].astype("Float64"),
        status=np.where(made["numerator"].eq(0), "zero", "ok"),
    )


def coarser(given, town):
    return dict(coarser_tables(given, territory=town))


def test_small_counts_are_from_one_to_the_threshold():
    given = pd.DataFrame({"numerator": pd.array([0, 1, 9, 10, None], dtype="Int64")})
    assert count_small(given, get_rule("sensitive")) == 2
    assert count_small(given, get_rule("default")) == 1


def test_months_become_quarters_and_years(town):
    given = table(
        *[("A", f"2022-{m:02d}", "all", 1) for m in (1, 2, 4)], ("A", "2023-01", "all", 5), freq="M"
    )
    found = coarser(given, town)
    assert found["years instead of months"]["numerator"].tolist() == [3, 5]
    assert found["quarters instead of months"]["numerator"].tolist() == [2, 1, 5]
    assert found["two successive periods together"]["numerator"].tolist() == [2, 6]


def test_a_sum_with_an_unknown_part_is_unknown(town):
    given = table(
        ("A", "2021", "all", 3),
        ("A", "2022", "all", None),
        ("B", "2021", "all", 0),
        ("B", "2022", "all", 0),
    )
    pairs = coarser(given, town)["two successive periods together"].set_index("territory")
    assert pd.isna(pairs.loc["A", "numerator"])
    assert pairs.loc["B", "numerator"] == 0
    assert pairs.loc["B", "status"] == "zero"


def test_categories_are_dropped_or_joined_two_by_two(town):
    rows = [("A", "2022", code, n) for code, n in (("all", 6), ("x", 1), ("y", 2), ("z", 3))]
    found = coarser(table(*rows), town)
    assert found["without the breakdown by form"]["numerator"].tolist() == [6]
    assert sorted(found["form: x and z together"]["numerator"]) == [2, 4, 6]
    assert "form: y and z together" in found
    two = coarser(table(*rows[:3]), town)
    assert not any("together" in name for name in two)  # the two together are the whole
    assert "without the breakdown by form" not in coarser(table(*rows[1:]), town)
    assert "two successive periods together" not in found


def test_the_finest_level_is_dropped_where_there_is_another(town):
    rows = [("A", "2022", "all", 1), ("Z1", "2022", "all", 5)]
    assert coarser(table(*rows), town)["without the level commune"]["territory"].tolist() == ["Z1"]
    assert "without the level commune" not in coarser(table(*rows[:1]), town)
    assert "without the level commune" not in coarser(table(*rows[1:]), town)


def test_the_best_remedies_come_first_with_what_they_leave(town):
    rows = [("A", "2021", "all", 1), ("A", "2022", "all", 4), ("Z1", "2021", "all", 9)]
    said = describe_coarser_tables({"t": table(*rows)}, rule=get_rule("default"), territory=town)
    assert said.startswith("Small counts left by a coarser table: ")
    assert "two successive periods together, 0" in said
    assert "without the level commune, 0" in said
    none = [("A", "2021", "all", 9), ("A", "2022", "all", 0)]
    assert (
        describe_coarser_tables({"t": table(*none)}, rule=get_rule("default"), territory=town) == ""
    )
