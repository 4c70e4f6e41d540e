"""Say of kept rows which days each tells of: a fact of its day, a count of its whole period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from obs.clean.coded_columns import Coded, Column, concat, group_rows, repeat, take
from obs.clean.judge.row_shapes import Shape, Table
from obs.schemas import ALL, CASES, EVENTS
from obs.stats import counted_stretches, covered_stretches, flow_stretches

__all__ = ["DatedRows", "date_rows", "join_dated"]

Days = NDArray[np.datetime64]
_DAY = np.timedelta64(1, "D")
_LONGEST = 1_000  # days of a period, at most
_SINGLY = ("EVENTS", "CALLS")  # tables of one row for each that happened
_BY_LINE = ("CALLS", "CALL_DAYS")
_CLOSINGS = ("decision_date",)  # a first closing may be older than any delivery


@dataclass(frozen=True)
class DatedRows:
    """Kept rows, each kind of them once: their file, the days told of, the place, how many rows.

    `kind` says what a day without a row means: of "facts", that nothing happened; of "counts",
    that nothing is told. "cases" have a row for their entry and one for each closing (`closing`).
    `when` and `where` name our columns of the day and the place, a helpline's being its line.
    """

    kind: str
    when: str
    where: str
    file: NDArray[np.int32]
    first: Days
    last: Days
    place: Coded
    closing: NDArray[np.bool_]
    rows: NDArray[np.int64]

    def take(self, which: NDArray[Any]) -> DatedRows:
        """Keep some rows, by mask or position."""
        return replace(
            self,
            file=self.file[which],
            first=self.first[which],
            last=self.last[which],
            place=Coded(self.place.texts, self.place.codes[which]),
            closing=self.closing[which],
            rows=self.rows[which],
        )

    def counted(self) -> DatedRows:
        """Give rows that tell the same once, with their number."""
        if not len(self.file):
            return self
        cells: list[Column] = [self.file, self.first, self.last, self.place, self.closing]
        group = group_rows(cells)
        _, which = np.unique(group, return_index=True)
        rows = np.bincount(group, weights=self.rows).astype("int64")
        return replace(self.take(which), rows=rows)

    def days(self) -> tuple[Days, NDArray[np.int64]]:
        """Give the distinct days told, with the number of rows of each."""
        if self.kind != "counts":
            long = self.last != self.first
            told = np.concatenate([self.first, self.last[long]])
            return _summed(told, np.concatenate([self.rows, self.rows[long]]))
        length = (self.last - self.first).astype("int64")
        spans, rows = _summed(self.first.astype("int64") * _LONGEST + length, self.rows)
        starts = (spans // _LONGEST).astype("datetime64[D]")
        each = [np.arange(a, a + n + 1) for a, n in zip(starts, spans % _LONGEST, strict=True)]
        every = np.concatenate(each) if each else np.array([], dtype="datetime64[D]")
        return _summed(every, np.repeat(rows, [len(one) for one in each]))

    def stretches(self, extracted: np.datetime64) -> list[tuple[np.datetime64, np.datetime64]]:
        """Give the days that the rows show to be covered."""
        if self.kind == "cases":
            days, closing = np.repeat(self.first, self.rows), np.repeat(self.closing, self.rows)
            closed, entered = days[closing], days[~closing]
            return flow_stretches(entered, closed, extracted=extracted)
        days, rows = self.days()
        return covered_stretches(days, rows) if self.kind == "facts" else counted_stretches(days)


def date_rows(
    shape: Shape, table: Table, file: NDArray[np.int32], kept: NDArray[np.int64]
) -> DatedRows:
    """Give the kept rows of a table of one shape with the days that each tells of."""
    where = "line" if shape.schema.name in _BY_LINE else "territory"
    needed = {shape.when, where, "date_precision", *(_CLOSINGS if shape.schema is CASES else ())}
    # is equivalent: no other column is looked at
    own = {name: take(table[name], kept) for name in sorted(needed & set(table))}
    place = own.get(where)
    if not isinstance(place, Coded):
        place = repeat(ALL, len(kept))
    first, last = _span(own[shape.when])
    if shape.schema is EVENTS:
        last = _to_the_end(own, first)
    kind = "facts" if shape.schema.name in _SINGLY else "counts"
    never, once = np.zeros(len(kept), dtype=bool), np.ones(len(kept), dtype="int64")
    dated = DatedRows(kind, shape.when, where, file[kept], first, last, place, never, once)
    if shape.schema is CASES and shape.when == "entry_date":
        dated = _with_closings(replace(dated, kind="cases"), own)
    return dated.take(~np.isnat(dated.first)).counted()


def join_dated(parts: Sequence[DatedRows]) -> DatedRows:
    """Put dated rows of several parts under one another, each kind of them once."""
    return replace(
        parts[0],
        file=np.concatenate([part.file for part in parts]),
        first=np.concatenate([part.first for part in parts]),
        last=np.concatenate([part.last for part in parts]),
        place=concat([part.place for part in parts]),
        closing=np.concatenate([part.closing for part in parts]),
        rows=np.concatenate([part.rows for part in parts]),
    ).counted()


def _summed(
    values: NDArray[Any], rows: NDArray[np.int64]
) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Give the distinct values, with the number of rows of each."""
    distinct, where = np.unique(values, return_inverse=True)
    return distinct, np.bincount(where, weights=rows, minlength=len(distinct)).astype("int64")


def _with_closings(entries: DatedRows, own: Mapping[str, Column]) -> DatedRows:
    """Add a row for each closing of a case to those of the entries."""
    names = [name for name in _CLOSINGS if name in own]
    days = np.concatenate([entries.first, *(_span(own[name])[0] for name in names)])
    n = len(entries.first)
    return replace(
        entries,
        file=np.tile(entries.file, len(names) + 1),
        first=days,
        last=days,
        place=concat([entries.place] * (len(names) + 1)),
        closing=np.arange(len(days)) >= n,
        rows=np.ones(len(days), dtype="int64"),
    )


def _span(when: Column) -> tuple[Days, Days]:
    """Give the first and the last day of what dates each row: a day, a month or a year."""
    if not isinstance(when, Coded):
        days = np.asarray(when, dtype="datetime64[D]")
        return days, days
    starts = np.array([*when.distinct(), "NaT"], dtype="datetime64[D]")
    ends = [(np.datetime64(text) + 1).astype("datetime64[D]") - _DAY for text in when.distinct()]
    last = np.array([*ends, np.datetime64("NaT")], dtype="datetime64[D]")
    return starts[when.codes], last[when.codes]


def _to_the_end(own: Mapping[str, Column], first: Days) -> Days:
    """Give the last day of each month or year that is all that is told of a fact."""
    precision = own.get("date_precision")
    if not isinstance(precision, Coded):
        return first
    months = (first.astype("datetime64[M]") + 1).astype("datetime64[D]") - _DAY
    years = (first.astype("datetime64[Y]") + 1).astype("datetime64[D]") - _DAY
    last = np.where(precision.has(("month",)), months, first)
    return np.where(precision.has(("year",)), years, last)
