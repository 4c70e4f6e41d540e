"""The account of a cleaning, by hand: where rows stand, what was read, what became of the counts."""

from types import SimpleNamespace

import numpy as np
import pandas as pd

from obs.clean.accounting import (
    DecidedRows,
    Judged,
    account,
    first_days,
    last_days,
    places_of,
    rejected_rows,
    remarked_rows,
    with_days,
    worded_rows,
)
from obs.clean.coded_columns import encode_list
from obs.clean.judge.count_columns import Added
from obs.clean.judge.duplicates import CONFLICTING, KEPT, MERGED, WITHDRAWN
from obs.clean.judge.judged_rows import Fault
from obs.clean.profiles.profile import Profile
from obs.clean.read.headers import Bound
from obs.clean.read.reading import Note, Reading
from obs.schemas import REPORT, check_table
from tests.clean.judge.some_rows import rows_of

OWN = Profile("own", "Own", "police", "events", dates=("%d/%m/%Y",))
SHAPE = SimpleNamespace(when="event_date", key=("event_id",), number="numerator")


def reading(name="a.csv", n=9, *, wide=(), sheets=None, faults=(), doubts=()):
    bound = Bound({"event_date": 0, "event_id": 1}, {}, list(wide))
    notes = [[Note(rule, row) for row, rule in some] for some in (faults, doubts)]
    return Reading(
        *(name, ["Day", "Id", "A", "B"], [], np.arange(2, n + 2)),
        *(None if sheets is None else encode_list(sheets), *notes),
        bound=bound, layout=OWN, sha256="0" * 64,
    )  # fmt: skip


def decided(rows, fates, days, *, readings=None, only=None, added=None, numbers=None, table=None):
    when = np.array(days, dtype="datetime64[D]")
    columns = {"event_date": when}
    if numbers is not None:
        columns["numerator"] = pd.array(table or numbers, dtype="Int64")
    delivered = None if numbers is None else pd.array(numbers, dtype="Int64")
    judged = Judged(rows, columns, SHAPE, readings or [reading()], OWN, delivered, added)
    return DecidedRows(judged, only, np.array(fates, dtype="int8"))


def places(table):
    cells = table[["file", "row", "column", "rule"]].astype("object")
    return [tuple(row) for row in cells.where(cells.notna(), None).to_numpy()]


def test_rejected_rows_stand_by_file_and_line_with_their_rule():
    rows = rows_of(6, file=[0, 0, 0, 1, 1, 1])
    rows.place = np.array([0, 1, 2, 0, 1, 2])
    rows.blame(np.array([False, True, False, False, False, True]), "event_date", "future_date")
    readings = [reading(faults=[(3, "field_count"), (9, "field_count")]), reading("b.csv")]
    one = decided(
        rows,
        [KEPT, KEPT, CONFLICTING, WITHDRAWN, MERGED, KEPT],
        ["2021-01-01"] * 6,
        readings=readings,
    )
    assert places(rejected_rows(one)) == [
        ("a.csv", 3, None, "field_count"),
        ("a.csv", 3, "Day", "future_date"),
        ("a.csv", 4, "Id", "conflicting_duplicate"),
        ("a.csv", 9, None, "field_count"),
        ("b.csv", 2, "Id", "withdrawn"),
        ("b.csv", 4, "Day", "future_date"),
    ]
    alone = DecidedRows(one.judged, 1, one.fates)
    assert [row[0] for row in places(rejected_rows(alone))] == ["b.csv", "b.csv"]
    assert alone.files == [1]
    assert alone.kept.tolist() == [False] * 6
    assert one.kept.tolist() == [True, False, False, False, False, False]


def test_remarks_are_of_kept_rows_and_of_files():
    rows = rows_of(3)
    rows.blame(np.array([True, False, False]), "event_id", "missing_key")
    rows.remark(np.array([True, True, False]), "event_date", "far_date")
    one = decided(
        rows,
        [KEPT, KEPT, MERGED],
        ["2021-01-01"] * 3,
        readings=[reading(doubts=[(7, "no_line_end")])],
    )
    doubts = [("event_id", "no_longer_delivered", np.array([1]))]
    notes = {0: [Note("short_of_coverage", column="Day", detail="x to y")]}
    found = remarked_rows(one, doubts, notes)
    assert places(found) == [
        ("a.csv", 3, "Day", "far_date"),
        ("a.csv", 3, "Id", "no_longer_delivered"),
        ("a.csv", 7, None, "no_line_end"),
        ("a.csv", None, "Day", "short_of_coverage"),
    ]
    assert found["message"].iloc[3].endswith(": x to y")
    assert not found["message"].iloc[2].endswith(": ")


def test_a_faulty_cell_is_told_by_its_form_and_what_its_column_allows():
    rows = rows_of(3, event_date=["31/02/2021", None, "1/1"])
    found = places_of(
        rows, [reading()], np.array([0, 1, 2]), Fault("event_date", "impossible_date")
    )
    assert found["detail"].tolist() == [
        "found the form '99/99/9999'; allowed: %d/%m/%Y",
        "the cell is blank; allowed: %d/%m/%Y",
        "found the form '9/9'; allowed: %d/%m/%Y",
    ]
    assert found["row"].tolist() == [2, 3, 4]
    other = places_of(rows, [reading()], np.array([1]), Fault("event_date", "future_date"))
    assert other["detail"].tolist() == [""]
    assert len(places_of(rows, [reading()], np.array([], dtype=int), Fault(None, "x"))) == 0


def test_rows_of_a_sheet_and_cells_of_wide_rows_name_theirs():
    rows = rows_of(3)
    rows.cell = np.array([0, 1, 0], dtype="int32")
    one = reading(sheets=["S", None, "T"] + ["S"] * 6, wide=[("theft", 2), ("fraud", 3)])
    found = places_of(rows, [one], np.array([0, 1, 2]), Fault("numerator", "not_a_number"))
    assert found["column"].tolist() == ["A", "B", "A"]
    assert found["sheet"].fillna("-").tolist() == ["S", "-", "T"]
    own = places_of(rows, [one], np.array([0]), Fault("event_date", "x", "Theirs"))
    assert own["column"].tolist() == ["Theirs"]
    assert places_of(rows, [one], np.array([0]), Fault(None, "x"))["column"].isna().all()


def test_the_account_of_each_file_closes():
    rows = rows_of(
        6,
        file=[0, 0, 0, 0, 1, 1],
        extracted=["2022-01-31", "2022-06-30", "NaT", "NaT", "NaT", "NaT"],
    )
    rows.place = np.array([0, 1, 2, 3, 0, 1])
    rows.content = encode_list(["x", "y", "x", "z", None, None])
    rows.synthetic = np.array([False, False, True, False, False, False])
    rows.blame(np.array([True, False, False, False, False, False]), "event_date", "future_date")
    readings = [
        reading(n=4, faults=[(9, "field_count")]),
        reading("b.csv", n=2),
        reading("c.csv", n=0, faults=[(2, "field_count")]),
    ]
    days = ["2030-01-01", "2021-03-05", "2021-01-06", "NaT", "2020-05-05", "2020-05-06"]
    one = decided(rows, [KEPT, KEPT, MERGED, CONFLICTING, KEPT, KEPT], days, readings=readings)
    report = account(one, rejected_rows(one)).set_index("file")
    counts = report[["read", "kept", "merged", "rejected"]].to_numpy().tolist()
    assert counts == [[5, 1, 1, 3], [2, 2, 0, 0], [1, 0, 0, 1]]
    told = report[["covered_from", "covered_to", "extracted"]].astype("str")
    assert told.iloc[0].tolist()[:2] == ["2021-01-06", "2021-03-05"]
    assert told.iloc[0].tolist()[2] == "2022-06-30"
    assert told.iloc[1].tolist()[:2] == ["2020-05-05", "2020-05-06"]
    assert report["covered_from"].isna().tolist() == [False, False, True]
    assert report["synthetic"].tolist() == [True, False, False]
    assert report["identical"].tolist()[:2] == [1, 0]  # one of two rows repeats the other


def test_counts_are_summed_by_what_became_of_them():
    rows = rows_of(6)
    rows.blame(np.array([True] + [False] * 5), "numerator", "not_a_number")
    numbers = [1, 2, 4, 8, 16, None]
    one = decided(
        rows,
        [KEPT, KEPT, MERGED, CONFLICTING, WITHDRAWN, KEPT],
        ["2021-01-01"] * 6,
        numbers=numbers,
    )
    report = account(one, rejected_rows(one)).iloc[0]
    sums = [report[f"sum_{name}"] for name in ("read", "kept", "merged", "rejected")]
    assert sums == [31, 2, 4, 25]


def test_a_sum_bears_its_parts_and_what_is_not_in_it_is_merged():
    rows = rows_of(4)
    added = Added(
        np.array([0, 0, 0, 3]), np.array([True, True, False, True]), np.array([2, 1, 1, 1])
    )
    one = decided(
        rows,
        [KEPT, MERGED, MERGED, KEPT],
        ["2021-01-01"] * 4,
        added=added,
        numbers=[3, 4, 4, 5],
        table=[7, 4, 4, 5],
    )
    report = account(one, rejected_rows(one)).iloc[0]
    assert [report[f"sum_{n}"] for n in ("read", "kept", "merged", "rejected")] == [16, 12, 4, 0]
    assert one.judged.absorbed.tolist() == [False, True, True, False]
    lost = DecidedRows(
        one.judged, None, np.array([CONFLICTING, MERGED, MERGED, KEPT], dtype="int8")
    )
    report = account(lost, rejected_rows(lost)).iloc[0]
    assert [report[f"sum_{n}"] for n in ("read", "kept", "merged", "rejected")] == [16, 5, 0, 11]


def test_of_several_files_each_sum_is_its_own():
    rows = rows_of(3, file=[0, 1, 1])
    rows.place = np.array([0, 0, 1])
    readings = [reading(n=1), reading("b.csv", n=2)]
    one = decided(rows, [KEPT] * 3, ["2021-01-01"] * 3, readings=readings, numbers=[1, 2, 4])
    assert account(one, rejected_rows(one))["sum_kept"].tolist() == [1, 6]
    alone = DecidedRows(one.judged, 1, one.fates)
    assert account(alone, rejected_rows(alone))[["file", "sum_read"]].to_numpy().tolist() == [
        ["b.csv", 6]
    ]


def test_days_of_periods_are_their_first_and_their_last():
    column = encode_list(["2021", None, "2020-02"])
    assert first_days(column).astype("str").tolist() == [
        "2021-01-01T00:00:00",
        "NaT",
        "2020-02-01T00:00:00",
    ]
    assert last_days(column).astype("datetime64[D]").astype("str").tolist() == [
        "2021-12-31",
        "NaT",
        "2020-02-29",
    ]
    day = np.array(["2021-03-05", "NaT"], dtype="datetime64[D]")
    assert last_days(day).astype("datetime64[D]").astype("str").tolist() == ["2021-03-05", "NaT"]


def test_the_days_of_coverage_go_into_the_lines_of_their_files():
    rows = rows_of(1)
    one = decided(rows, [KEPT], ["2021-03-05"], readings=[reading(n=1)])
    report = account(one, rejected_rows(one))
    two = check_table(
        pd.concat(
            [report, report.assign(file=pd.Series(["b.csv"], dtype="str"))], ignore_index=True
        ),
        REPORT,
    )
    days = (
        pd.to_datetime(["2021-02-01", "2021-01-01"]),
        pd.to_datetime(["2021-02-28", "2021-06-30"]),
    )
    coverage = pd.DataFrame({"delivery": ["a.csv", "a.csv"], "start": days[0], "end": days[1]})
    made = with_days(two, coverage)
    assert made["covered_from"].astype("str").tolist()[0] == "2021-01-01"
    assert made["covered_to"].astype("str").tolist()[0] == "2021-06-30"
    assert made["covered_from"].isna().tolist() == [False, True]


def test_of_nothing_there_is_an_empty_list():
    assert len(worded_rows([], [reading()])) == 0
