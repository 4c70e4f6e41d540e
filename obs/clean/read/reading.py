"""Hold a delivery as read: the columns of the supplier, where each row stands, what is said of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from obs.clean.coded_columns import Coded, concat
from obs.clean.profiles.profile import Profile
from obs.clean.read.headers import Bound

__all__ = ["Note", "Reading", "join_sheets"]


@dataclass(frozen=True)
class Note:
    """What is said of a place in a file: the rule or remark, and where it stands."""

    rule: str
    row: int | None = None
    column: str | None = None
    sheet: str | None = None
    detail: str = ""


@dataclass(frozen=True)
class Reading:
    """A delivery read.

    `columns` has the supplier's columns in the order of `header`; `lines` gives the line of
    the file of each row. `faults` are lines that could not be rows, `doubts` what is said of
    rows that stay, `bad` cells that reject their row (position of the row, column, rule);
    `bound` says where our columns are. Of a workbook, `sheets` tells the sheet of each row;
    `serials` tells that its numbers may be days counted by a spreadsheet. `layout` is what
    read the file: the profile, or that of one of its other layouts.
    """

    name: str
    header: list[str]
    columns: list[Coded]
    lines: NDArray[np.int64]
    sheets: Coded | None = None
    faults: list[Note] = field(default_factory=list)
    doubts: list[Note] = field(default_factory=list)
    bad: list[tuple[int, str, str]] = field(default_factory=list)
    synthetic: bool = False
    sha256: str | None = None
    bound: Bound = field(default_factory=Bound)
    labels: list[str] = field(default_factory=list)
    serials: bool = False
    layout: Profile | None = None

    @property
    def by(self) -> Profile:
        """The profile that read the file, once its header is bound."""
        assert self.layout is not None  # noqa: S101 (every reading that leaves this room is bound)
        return self.layout

    @property
    def read(self) -> int:
        """Count the lines read, those that could not be rows included."""
        return len(self.lines) + len(self.faults)

    def theirs(self, target: str) -> str | None:
        """Give the supplier's name of one of our columns, if it comes from the file."""
        if target in self.bound.joined:
            return " + ".join(self.header[place] for place in self.bound.joined[target])
        place = self.bound.columns.get(target)
        return None if place is None else self.header[place]

    def sheet_of(self, row: int) -> str | None:
        """Give the sheet on which a row stands, of a workbook."""
        if self.sheets is None or self.sheets.codes[row] < 0:
            return None
        name: str = self.sheets.texts[int(self.sheets.codes[row])].as_py()
        return name

    def take(self, rows: NDArray[np.int64]) -> Reading:
        """Keep some rows, by position."""
        places = {int(row): turn for turn, row in enumerate(rows)} if self.bad else {}
        return replace(
            self,
            columns=[Coded(c.texts, c.codes[rows]) for c in self.columns],
            lines=self.lines[rows],
            sheets=None
            if self.sheets is None
            else Coded(self.sheets.texts, self.sheets.codes[rows]),
            bad=[(places[row], column, rule) for row, column, rule in self.bad if row in places],
        )


def join_sheets(readings: list[Reading]) -> Reading:
    """Put the sheets of one workbook under one another, columns matched by name."""
    if len(readings) == 1:
        return readings[0]
    header = list(dict.fromkeys(name for one in readings for name in one.header))
    columns = [concat([_column(one, name) for one in readings]) for name in header]
    starts = np.cumsum([0, *(len(one.lines) for one in readings)])
    bad = [
        (row + int(start), column, rule)
        for one, start in zip(readings, starts, strict=False)
        for row, column, rule in one.bad
    ]
    return replace(
        readings[0],
        header=header,
        columns=columns,
        lines=np.concatenate([one.lines for one in readings]),
        sheets=concat([one.sheets for one in readings if one.sheets is not None]),
        faults=[note for one in readings for note in one.faults],
        doubts=[note for one in readings for note in one.doubts],
        bad=bad,
    )


def _column(reading: Reading, name: str) -> Coded:
    if name in reading.header:
        return reading.columns[reading.header.index(name)]
    return Coded(reading.columns[0].texts[:0], np.full(len(reading.lines), -1, dtype="int32"))
