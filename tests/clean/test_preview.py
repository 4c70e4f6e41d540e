"""The first rows of a cleaning in words, and what was rejected."""

from types import SimpleNamespace

import pandas as pd

from obs.clean.preview import explain_rejections, explain_remarks, show_first_rows


def places(*rows):
    made = pd.DataFrame(rows, columns=["file", "row", "column", "rule"])
    return made.astype({"file": "str", "row": "Int64", "column": "str", "rule": "str"})


def rejections(*rows):
    return list(explain_rejections(SimpleNamespace(rejected=places(*rows))))


def test_rules_are_told_the_most_frequent_first_with_the_first_rows():
    rows = [("a.csv", i, "Date", "future_date") for i in range(2, 8)]
    rows += [("b.csv", 3, None, "field_count"), ("a.csv", None, None, "too_old")]
    told = rejections(*rows)
    assert told[0].startswith("  future_date: later than")
    assert told[1] == "    a.csv, column 'Date': rows 2, 3, 4, 5, 6 and 1 more"
    assert told[3] == "    b.csv: rows 3"
    assert told[5] == "    a.csv: rows without a number"
    assert rejections(*rows[:5])[1] == "    a.csv, column 'Date': rows 2, 3, 4, 5, 6"


def test_twelve_rules_are_told():
    from obs.clean.judge.rejection_rules import RULES

    rows = [("a", 1, None, rule) for rule in [*RULES][:13]]
    assert len(rejections(*rows)) == 24


def test_remarks_on_cells_are_told_and_those_on_files_are_not():
    rows = [
        ("a", 2, "Heure", "impossible_hour"),
        ("a", None, None, "impossible_hour"),
        ("a", 2, "x", "far_date"),
    ]
    told = list(explain_remarks(SimpleNamespace(flagged=places(*rows))))
    assert told[0].startswith("  impossible_hour (the row is kept, its cell is not told): ")
    assert told[1:] == ["    a, column 'Heure': rows 2"]


def test_the_first_rows_show_codes_days_and_counts_alone():
    table = pd.DataFrame(
        {
            **{"event_id": ["F1", "F2"], "event_date": [pd.Timestamp("2021-03-05"), pd.NaT]},
            **{"territory": ["21001", None], "victim_sex": ["female", "male"]},
        }
    )
    first = pd.DataFrame(
        {
            **{"file": ["a"] * 3, "row": [2, 3, 4], "fate": ["kept", "rejected", "kept"]},
            **{"rule": [None, "too_old", None], "place": pd.array([0, None, 1], "Int64")},
        }
    ).astype({"rule": "str"})
    lines = show_first_rows(SimpleNamespace(first=first, table=table)).splitlines()
    assert [line.split() for line in lines] == [
        ["file", "row", "fate", "rule", "event_date", "territory"],
        ["a", "2", "kept", "-", "2021-03-05", "21001"],
        ["a", "3", "rejected", "too_old", "-", "-"],
        ["a", "4", "kept", "-", "-", "-"],
    ]
