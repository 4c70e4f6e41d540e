"""The first rows of a cleaning, each with its fate."""

from types import SimpleNamespace

import numpy as np
import pandas as pd

from obs.clean.first_rows import first_interviews, first_rows, table_of_first
from obs.clean.judge.duplicates import CONFLICTING, KEPT, MERGED, WITHDRAWN
from obs.clean.judge.judged_rows import Fault
from obs.clean.read.reading import Note, Reading

LINES = np.arange(2, 40)


def reading(name="a", faults=()):
    notes = [Note(rule, row) for row, rule in faults]
    return Reading(name, [], [], LINES, faults=notes)


def told(table):
    assert list(table.columns) == ["file", "row", "fate", "rule", "place"]
    rows = table.astype("object").where(table.notna(), None)
    return [tuple(row) for row in rows.to_numpy()]


def decided(fates, faults, *, file=None, mine=None, readings=None):
    """Give decided rows with what their first rows are told from."""
    n = len(fates)
    fault, fates = np.array(faults), np.array(fates)
    mine = np.ones(n, dtype=bool) if mine is None else np.array(mine)
    readings = readings or [reading()]
    rows = SimpleNamespace(
        file=np.zeros(n, dtype=int) if file is None else np.array(file),
        place=np.arange(n),
        fault=fault,
        faults=[Fault("x", "future_date"), Fault("x", "too_old")],
    )
    return SimpleNamespace(
        rows=rows,
        fates=fates,
        mine=mine,
        kept=mine & (fault < 0) & (fates == KEPT),
        files=[*range(len(readings))],
        judged=SimpleNamespace(readings=readings),
    )


def test_each_row_has_its_fate_and_a_kept_one_its_place_in_the_table():
    fates = [KEPT, KEPT, MERGED, CONFLICTING, WITHDRAWN, KEPT, KEPT]
    assert told(first_rows(decided(fates, [-1, 1, -1, -1, -1, -1, 0]))) == [
        ("a", 2, "kept", None, 0),
        ("a", 3, "rejected", "too_old", None),
        ("a", 4, "merged", None, None),
        ("a", 5, "rejected", "conflicting_duplicate", None),
        ("a", 6, "rejected", "withdrawn", None),
        ("a", 7, "kept", None, 1),
        ("a", 8, "rejected", "future_date", None),
    ]


def test_rows_of_other_files_are_left_out_and_not_counted():
    some = decided([KEPT] * 3, [-1] * 3, mine=[False, True, True])
    assert told(first_rows(some)) == [("a", 3, "kept", None, 0), ("a", 4, "kept", None, 1)]


def test_twenty_rows_are_told():
    assert len(first_rows(decided([KEPT] * 20, [-1] * 20))) == 20
    assert told(first_rows(decided([KEPT] * 22, [-1] * 22)))[-1] == ("a", 21, "kept", None, 19)


def test_lines_that_could_not_be_rows_stand_between_the_others():
    readings = [reading("a", [(3, "field_count"), (50, "field_count")]), reading("b", [(1, "x")])]
    kept = [(0, 2, "kept", None, 0), (1, 4, "kept", None, 1)]
    numbered = [*enumerate(readings)]
    found = told(table_of_first([*kept], numbered))
    assert [row[:3] for row in found] == [
        *(("a", 2, "kept"), ("a", 3, "rejected"), ("a", 50, "rejected")),
        *(("b", 1, "rejected"), ("b", 4, "kept")),
    ]
    assert found[1][3] == "field_count"
    none = [reading(faults=[(None, "x")])]  # what is said of no line
    assert told(table_of_first([(0, 2, "kept", None, 0)], [*enumerate(none)])) == [
        ("a", 2, "kept", None, 0)
    ]


def test_where_more_rows_follow_a_faulty_line_stands_only_before_the_last():
    records = [
        (0, line, "kept", None, line) for line in range(2, 22)
    ]  # twenty, the last in line 21
    faults = [(1, "x"), (21, "y"), (30, "z")]
    found = told(
        table_of_first([*records], [(0, reading(faults=faults)), (1, reading("b", [(1, "x")]))])
    )
    assert [row[1] for row in found] == [1, *range(2, 21)]
    fewer = told(table_of_first(records[:19], [(0, reading(faults=faults[2:]))]))
    assert [row[1] for row in fewer] == [*range(2, 21), 30]


def test_of_no_row_the_table_has_its_columns():
    assert told(table_of_first([], [(0, reading())])) == []


def test_interviews_are_told_alike():
    fates = pd.DataFrame(
        {
            **{"file": [0] * 4, "row": [2, 3, 4, 5]},
            **{
                "fate": ["kept", "rejected", "merged", "kept"],
                "rule": [None, "too_old", None, None],
            },
        }
    )
    assert told(first_interviews(fates, [reading()])) == [
        ("a", 2, "kept", None, 0),
        ("a", 3, "rejected", "too_old", None),
        ("a", 4, "merged", None, None),
        ("a", 5, "kept", None, 1),
    ]
