"""Rows of several layouts put together: each keeps its cells, its fault and what is said of it."""

import numpy as np
import pandas as pd
import pytest

from obs.clean.judge.judged_rows import join_rows
from tests.clean.judge.some_rows import faults, remarks, rows_of, told


def test_the_first_fault_of_a_row_counts():
    rows = rows_of(3)
    rows.blame(np.array([True, False, False]), "a", "one")
    rows.blame(np.array([True, True, False]), "b", "two", column="Theirs")
    rows.blame(np.zeros(3, dtype=bool), "c", "three")
    assert faults(rows) == [("a", "one"), ("b", "two"), None]
    assert len(rows.faults) == 2
    assert rows.faults[1].column == "Theirs"


def test_remarks_are_kept_where_there_is_a_row():
    rows = rows_of(2)
    rows.remark(np.array([False, True]), "a", "odd")
    rows.remark(np.array([False, False]), "a", "never")
    rows.remark(np.array([True, False]), "b", "odd")
    assert remarks(rows) == [("a", "odd", [1]), ("b", "odd", [0])]
    assert rows.unread("a").tolist() == [False, True]
    assert rows.unread("c").tolist() == [False, False]


def test_what_a_column_became_is_told_by_the_entry_first():
    rows = rows_of(
        3, to={"form": ["sexual", None, "physical"]}, by={"form": [None, None, "economic"]}
    )
    assert told(rows.outcome("form")) == ["sexual", None, "economic"]
    assert told(rows.filled("form", "all")) == ["sexual", "all", "economic"]
    assert rows.has_value("form").tolist() == [True, False, True]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("report_date", "datetime64[D]"),
        ("event_hour", "Int64"),
        ("numerator", "Int64"),
        ("attempt", "boolean"),
    ],
)
def test_a_column_that_there_is_not_has_nothing_in_it(name, kind):
    found = rows_of(2).outcome(name)
    assert str(found.dtype) == kind
    assert pd.isna(found).all()
    assert told(rows_of(2).outcome("detail")) == [None, None]


def test_one_part_is_given_as_it_is():
    rows = rows_of(2)
    assert join_rows([rows], [[0]]) is rows


def test_parts_are_joined_in_the_order_of_their_files():
    one = rows_of(
        3, file=[0, 0, 1], offence=["a", "b", "c"], to={"form": ["sexual", None, "physical"]}
    )
    two = rows_of(1, offence=["d"], detail=["x"])
    one.to["event_date"] = np.array(
        ["2021-01-01", "2021-01-02", "2021-01-03"], dtype="datetime64[D]"
    )
    two.to["event_hour"] = pd.array([5], dtype="Int64")
    one.version[:], two.version[:] = 1, 2
    one.synthetic[2] = True
    one.blame(np.array([False, True, False]), "a", "one")
    two.blame(np.array([True]), "b", "two")
    one.remark(np.array([False, False, True]), "c", "odd")
    two.remark(np.array([True]), "d", "even")
    made = join_rows([one, two], [[0, 2], [1]])
    assert made.file.tolist() == [0, 0, 1, 2]
    assert made.place.tolist() == [0, 1, 0, 2]
    assert told(made.texts["offence"]) == ["a", "b", "d", "c"]
    assert told(made.texts["detail"]) == [None, None, "x", None]
    assert told(made.to["form"]) == ["sexual", None, None, "physical"]
    assert told(made.to["event_date"]) == ["2021-01-01", "2021-01-02", None, "2021-01-03"]
    assert told(made.to["event_hour"]) == [None, None, 5, None]
    assert made.version.tolist() == [1, 1, 2, 1]
    assert made.synthetic.tolist() == [False, False, False, True]
    assert faults(made) == [None, ("a", "one"), ("b", "two"), None]
    assert remarks(made) == [("c", "odd", [3]), ("d", "even", [2])]
    assert made.source == "police"


def test_a_fault_of_a_later_part_keeps_its_own_rule():
    parts = [rows_of(2), rows_of(2), rows_of(1)]
    for i, part in enumerate(parts[:2]):
        part.blame(np.array([True, False]), f"t{i}", f"r{i}")
    made = join_rows(parts, [[0], [1], [2]])
    assert faults(made) == [("t0", "r0"), None, ("t1", "r1"), None, None]
