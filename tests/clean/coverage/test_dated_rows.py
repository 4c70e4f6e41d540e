"""Which days kept rows tell of, by hand."""

from types import SimpleNamespace

import numpy as np
import pytest

from obs.clean.coded_columns import encode_list
from obs.clean.coverage.dated_rows import date_rows, join_dated
from obs.schemas import CALL_DAYS, CALLS, CASE_COUNTS, CASES, COUNTS, EVENTS


def days(*texts):
    return np.array(texts, dtype="datetime64[D]")


def dated(schema, when, table, kept=None, file=None):
    n = len(next(iter(table.values())))
    shape = SimpleNamespace(schema=schema, when=when)
    numbers = np.zeros(n, dtype="int32") if file is None else np.array(file, dtype="int32")
    return date_rows(shape, table, numbers, np.arange(n) if kept is None else np.array(kept))


def rows(found):
    places = found.place.to_series().fillna("-").tolist()
    cells = (found.file, found.first.astype("str"), found.last.astype("str"), places, found.rows)
    return sorted(zip(*(list(map(str, one)) for one in cells), strict=True))


def told(found):
    when, n = found.days()
    return dict(zip(when.astype("str").tolist(), n.tolist(), strict=True))


FACTS = {
    "event_date": days("2021-03-05", "2021-03-05", "2021-02-01", "NaT", "2021-01-01"),
    "territory": encode_list(["A", "A", "B", "A", None]),
    "date_precision": encode_list(["day", "day", "month", "day", "year"]),
}


def test_facts_of_one_day_and_place_stand_once_with_their_number():
    found = dated(EVENTS, "event_date", FACTS)
    assert (found.kind, found.when, found.where) == ("facts", "event_date", "territory")
    assert rows(found) == [
        ("0", "2021-01-01", "2021-12-31", "-", "1"),
        ("0", "2021-02-01", "2021-02-28", "B", "1"),
        ("0", "2021-03-05", "2021-03-05", "A", "2"),
    ]
    assert told(found) == {
        "2021-01-01": 1,
        "2021-02-01": 1,
        "2021-02-28": 1,
        "2021-03-05": 2,
        "2021-12-31": 1,
    }


def test_rows_that_are_not_kept_tell_nothing_and_files_are_told_apart():
    assert len(dated(EVENTS, "event_date", FACTS, kept=[0, 3]).file) == 1
    assert len(dated(EVENTS, "event_date", FACTS, file=[0, 1, 0, 0, 0]).file) == 4
    none = dated(EVENTS, "event_date", FACTS, kept=[3])
    assert (len(none.file), told(none)) == (0, {})


def test_counts_tell_every_day_of_their_period():
    table = {
        "period": encode_list(["2021-02", "2021-02", "2020"]),
        "territory": encode_list(["A", "B", "A"]),
    }
    found = dated(COUNTS, "period", table)
    assert found.kind == "counts"
    every = told(found)
    assert len(every) == 28 + 366
    assert (every["2021-02-01"], every["2021-02-28"], every["2020-12-31"]) == (2, 2, 1)
    assert found.stretches(np.datetime64("NaT")) == [
        tuple(days("2020-01-01", "2020-12-31")),
        tuple(days("2021-02-01", "2021-02-28")),
    ]


@pytest.mark.parametrize(("schema", "kind"), [(CALLS, "facts"), (CALL_DAYS, "counts")])
def test_calls_are_by_line(schema, kind):
    table = {
        "date": days("2021-01-01", "2021-01-01"),
        "line": encode_list(["1712", "EVC"]),
        "territory": encode_list(["A", "A"]),
    }
    found = dated(schema, "date", table)
    assert (found.kind, found.where) == (kind, "line")
    assert [row[3] for row in rows(found)] == ["1712", "EVC"]


def test_cases_have_a_row_for_their_entry_and_one_for_their_closing():
    table = {
        "entry_date": days("2021-01-01", "2021-01-02", "2021-01-02"),
        "decision_date": days("2021-06-01", "NaT", "2021-06-01"),
        "territory": encode_list(["A", "A", "A"]),
    }
    found = dated(CASES, "entry_date", table)
    assert found.kind == "cases"
    assert sorted(
        zip(found.first.astype("str"), found.closing.tolist(), found.rows.tolist(), strict=True)
    ) == [
        ("2021-01-01", False, 1),
        ("2021-01-02", False, 2),
        ("2021-06-01", True, 2),
    ]
    counted = dated(
        CASE_COUNTS, "period", {"period": encode_list(["2021"]), "territory": encode_list(["A"])}
    )
    assert (counted.kind, counted.closing.tolist()) == ("counts", [False])


def test_without_a_column_of_places_a_row_is_of_all():
    assert rows(dated(COUNTS, "period", {"period": encode_list(["2021"])})) == [
        ("0", "2021-01-01", "2021-12-31", "all", "1")
    ]


def test_parts_are_joined_each_kind_of_row_once():
    one = dated(EVENTS, "event_date", FACTS, kept=[0])
    two = dated(EVENTS, "event_date", FACTS, kept=[1, 2])
    assert rows(join_dated([one, two])) == [
        ("0", "2021-02-01", "2021-02-28", "B", "1"),
        ("0", "2021-03-05", "2021-03-05", "A", "2"),
    ]
