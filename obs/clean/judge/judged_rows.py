"""Hold rows between texts and table: the value of each cell, and the first fault of each row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from obs.clean.coded_columns import Coded, Column, coalesce, concat, is_missing, repeat, take

__all__ = ["Fault", "Rows", "join_rows"]

_INTEGERS = frozenset({"event_hour", "hour", "numerator"})
_FLAGS = frozenset({"attempt", "open", "synthetic"})
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Fault:
    """A rule that rejects, and the column it speaks of: one of ours, or the supplier's own."""

    target: str | None
    rule: str
    column: str | None = None


@dataclass(eq=False)
class Rows:
    """The rows of all files of a cleaning.

    `file` and `place` say where a row stands (number of the file, position in it), `cell`
    which count of a wide row it is. `texts` are the cells under our names, `to` what they
    became, `by` what the entry of the offence gives. `fault` numbers the first fault in
    `faults`, -1 for none; `remarks` are said of the rows among them that are kept. `earlier` is how
    often the content of each row came in parts of its file that are cleaned before.
    """

    file: NDArray[np.int32]
    place: NDArray[np.int64]
    cell: NDArray[np.int32]
    texts: dict[str, Coded]
    content: Coded
    delivery: Coded
    source: str
    extracted: NDArray[np.datetime64]
    synthetic: Mask
    version: NDArray[np.float64]
    limit: NDArray[np.datetime64] = field(
        default_factory=lambda: np.empty(0, dtype="datetime64[D]")
    )  # the last day that a row can speak of
    to: dict[str, Column] = field(default_factory=dict)
    by: dict[str, Coded] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    fault: NDArray[np.int32] = field(default_factory=lambda: np.empty(0, dtype="int32"))
    remarks: list[tuple[Mask, Fault]] = field(default_factory=list)
    earlier: NDArray[np.int64] | None = None

    def __post_init__(self) -> None:
        self.fault = np.full(len(self), -1, dtype="int32")

    def __len__(self) -> int:
        return len(self.file)

    def blame(
        self, wrong: Mask, target: str | None, rule: str, *, column: str | None = None
    ) -> None:
        """Give rows a fault, unless they have one already."""
        fresh = wrong & (self.fault < 0)
        if fresh.any():
            self.faults.append(Fault(target, rule, column))
            self.fault[fresh] = len(self.faults) - 1

    def remark(self, which: Mask, target: str | None, rule: str) -> None:
        """Say something of rows, whether they are kept or not."""
        if which.any():
            self.remarks.append((which, Fault(target, rule)))

    def outcome(self, name: str) -> Column:
        """Give what a column became: by the offence's entry first, else by its own cell."""
        found = [c[name] for c in (self.by, self.to) if name in c]
        if len(found) == 2:
            first, second = found
            assert isinstance(first, Coded)  # noqa: S101 (entries give codes)
            assert isinstance(second, Coded)  # noqa: S101
            return coalesce(first, second)
        return found[0] if found else self._nothing(name)

    def outcome_texts(self, name: str) -> Coded:
        """Give what a column of texts became."""
        found = self.outcome(name)
        assert isinstance(found, Coded)  # noqa: S101 (the caller names a column of texts)
        return found

    def filled(self, name: str, text: str) -> Coded:
        """Give what a column of texts became, another text where there is nothing."""
        return coalesce(self.outcome_texts(name), repeat(text, len(self)))

    def has_value(self, name: str) -> Mask:
        """Tell the rows in which a column became something."""
        return ~is_missing(self.outcome(name))

    def unread(self, name: str) -> Mask:
        """Tell the rows whose cell could not be read: what it says is not known, nor is it blank."""
        hit = np.zeros(len(self), dtype=bool)
        for which, said in self.remarks:
            if said.target == name:
                hit |= which
        return hit

    def _nothing(self, name: str) -> Column:
        n = len(self)
        if name.endswith("_date"):
            return np.full(n, np.datetime64("NaT"), dtype="datetime64[D]")
        if name in _INTEGERS:
            return pd.array([pd.NA] * n, dtype="Int64")
        if name in _FLAGS:
            return pd.array([pd.NA] * n, dtype="boolean")
        return repeat(None, n)


def join_rows(parts: Sequence[Rows], numbers: Sequence[Sequence[int]]) -> Rows:
    """Put judged rows of several layouts under one another, in the order of their files.

    `numbers` gives for each part the number, among all files, of each of its own.
    """
    if len(parts) == 1:
        return parts[0]
    file = np.concatenate(
        [np.asarray(own, "int32")[part.file] for part, own in zip(parts, numbers, strict=True)]
    )
    order = np.argsort(file, kind="stable")
    made = Rows(
        file=file[order],
        place=np.concatenate([part.place for part in parts])[order],
        cell=np.concatenate([part.cell for part in parts])[order],
        texts={n: _coded(c) for n, c in _joined([p.texts for p in parts], parts, order).items()},
        content=_coded(take(concat([part.content for part in parts]), order)),
        delivery=_coded(take(concat([part.delivery for part in parts]), order)),
        source=parts[0].source,
        extracted=np.concatenate([part.extracted for part in parts])[order],
        synthetic=np.concatenate([part.synthetic for part in parts])[order],
        version=np.concatenate([part.version for part in parts])[order],
        to=_joined([part.to for part in parts], parts, order),
        by={n: _coded(c) for n, c in _joined([p.by for p in parts], parts, order).items()},
    )
    starts = np.cumsum([0, *(len(part) for part in parts)])
    told = np.full(len(file), -1, dtype="int32")
    for part, start in zip(parts, starts, strict=False):
        own = np.where(part.fault < 0, -1, part.fault + len(made.faults))
        told[start : start + len(part)] = own
        made.faults += part.faults
        for which, said in part.remarks:
            hit = np.zeros(len(file), dtype=bool)
            hit[start : start + len(part)] = which
            made.remarks.append((hit[order], said))
    made.fault = told[order]
    return made


def _joined(
    columns: Sequence[Mapping[str, Column]], parts: Sequence[Rows], order: NDArray[np.int64]
) -> dict[str, Column]:
    """Join columns by name; a part without one has nothing in it."""
    made: dict[str, Column] = {}
    for name in dict.fromkeys(name for one in columns for name in one):
        like = next(one[name] for one in columns if name in one)
        own = [
            one.get(name, _nothing_like(like, len(part)))
            for one, part in zip(columns, parts, strict=True)
        ]
        made[name] = take(_stack(own), order)
    return made


def _stack(columns: Sequence[Column]) -> Column:
    if isinstance(columns[0], Coded):
        return concat([_coded(column) for column in columns])
    if isinstance(columns[0], np.ndarray):
        return np.concatenate([np.asarray(column) for column in columns])
    stacked: Column = pd.concat([pd.Series(column) for column in columns]).array
    return stacked


def _nothing_like(column: Column, n: int) -> Column:
    if isinstance(column, Coded):
        return repeat(None, n)
    if isinstance(column, np.ndarray):
        return np.full(n, np.datetime64("NaT"), dtype=column.dtype)
    return column.take(np.full(n, -1), allow_fill=True)


def _coded(column: Column) -> Coded:
    assert isinstance(column, Coded)  # noqa: S101 (columns of texts are texts in every part)
    return column
