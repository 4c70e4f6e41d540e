"""Account for a cleaning: the rejected rows with their rule, and one line per file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from obs.clean.coded_columns import Coded, Column, drop_unused, whole_numbers
from obs.clean.coverage.covered_stretches import named_days
from obs.clean.judge.cell_forms import allowed_values, form_of
from obs.clean.judge.count_columns import Added
from obs.clean.judge.duplicates import CONFLICTING, KEPT, MERGED, WITHDRAWN
from obs.clean.judge.judged_rows import Fault, Rows
from obs.clean.judge.rejection_rules import sentence
from obs.clean.judge.row_shapes import Shape
from obs.clean.profiles.profile import Profile
from obs.clean.read.reading import Note, Reading
from obs.schemas import REJECTED, REPORT, check_table

__all__ = [
    "Judged",
    "DecidedRows",
    "account",
    "doubtful_lines",
    "faulty_lines",
    "first_days",
    "lines_of_files",
    "noted_files",
    "places_of",
    "last_days",
    "rejected_rows",
    "remarked_rows",
    "report_lines",
    "with_days",
    "worded_rows",
]

_PLACES = ["file", "sheet", "row", "column", "rule", "detail"]


@dataclass(frozen=True)
class Judged:
    """Rows judged and laid out: their table, and of counts, what was delivered and added."""

    rows: Rows
    table: dict[str, Column]
    shape: Shape
    readings: list[Reading]
    profile: Profile
    delivered: Column | None = None
    added: Added | None = None

    @property
    def absorbed(self) -> NDArray[np.bool_]:
        """Tell the rows whose count was added to another one."""
        if self.added is None:
            return np.zeros(len(self.rows), dtype=bool)
        absorbed: NDArray[np.bool_] = self.added.owner != np.arange(len(self.rows))
        return absorbed


@dataclass(frozen=True)
class DecidedRows:
    """Judged rows with their fates: of all files, or of `only` one."""

    judged: Judged
    only: int | None
    fates: NDArray[np.int8]

    @property
    def rows(self) -> Rows:
        """The rows of all files."""
        return self.judged.rows

    @property
    def mine(self) -> NDArray[np.bool_]:
        """Tell the rows at hand."""
        n = len(self.rows)
        return np.ones(n, dtype=bool) if self.only is None else self.rows.file == self.only

    @property
    def kept(self) -> NDArray[np.bool_]:
        """Tell the rows of the table."""
        kept: NDArray[np.bool_] = self.mine & (self.rows.fault < 0) & (self.fates == KEPT)
        return kept

    @property
    def files(self) -> list[int]:
        """List the files at hand, by number."""
        every = range(len(self.judged.readings))
        return list(every) if self.only is None else [self.only]


def rejected_rows(decided: DecidedRows) -> pd.DataFrame:
    """List the rejected rows of the files, by file and row."""
    rows, judged = decided.rows, decided.judged
    faulty = np.flatnonzero(decided.mine & (rows.fault >= 0))
    parts = []
    for number, fault in enumerate(rows.faults):
        hit = faulty[rows.fault[faulty] == number]
        parts.append(places_of(rows, judged.readings, hit, fault))
    lost = np.flatnonzero(decided.mine & (rows.fault < 0) & (decided.fates > MERGED))
    for fate, rule in ((CONFLICTING, "conflicting_duplicate"), (WITHDRAWN, "withdrawn")):
        hit = lost[decided.fates[lost] == fate]
        parts.append(places_of(rows, judged.readings, hit, Fault(judged.shape.key[0], rule)))
    return worded_rows([*parts, *faulty_lines(judged.readings, decided.files)], judged.readings)


def remarked_rows(
    decided: DecidedRows,
    doubts: Sequence[tuple[str, str, NDArray[np.int64]]],
    notes: Mapping[int, Sequence[Note]],
) -> pd.DataFrame:
    """List what is said of kept rows, and of files, in the columns of the rejected ones."""
    rows, readings, kept = decided.rows, decided.judged.readings, decided.kept
    parts = [places_of(rows, readings, at, Fault(name, rule)) for name, rule, at in doubts]
    for which, said in rows.remarks:
        parts.append(places_of(rows, readings, np.flatnonzero(which & kept), said))
    parts += noted_files(notes)
    return worded_rows([*parts, *doubtful_lines(readings, decided.files)], readings)


def with_days(report: pd.DataFrame, coverage: pd.DataFrame) -> pd.DataFrame:
    """Put the first and the last day of COVERAGE into the lines of the files."""
    days = coverage.groupby("delivery").agg(start=("start", "min"), end=("end", "max"))
    told = report[["file"]].merge(days, left_on="file", right_index=True, how="left")
    made = report.assign(covered_from=told["start"].array, covered_to=told["end"].array)
    return check_table(made, REPORT)


def faulty_lines(readings: list[Reading], files: Sequence[int]) -> list[pd.DataFrame]:
    """List the lines that could not be rows."""
    return [_noted(number, readings[number].faults) for number in files]


def doubtful_lines(readings: list[Reading], files: Sequence[int]) -> list[pd.DataFrame]:
    """List what is said of lines and sheets as they stand."""
    return [_noted(number, readings[number].doubts) for number in files]


def noted_files(notes: Mapping[int, Sequence[Note]]) -> list[pd.DataFrame]:
    """List what is said of files, by their number."""
    return [_noted(number, said) for number, said in notes.items()]


def worded_rows(parts: Sequence[pd.DataFrame], readings: list[Reading]) -> pd.DataFrame:
    """Put file names and sentences to places: file number, sheet, row, column, rule, detail."""
    filled = [part for part in parts if len(part)]
    table = pd.concat(filled or [_noted(0, [])], ignore_index=True)
    table = table.sort_values(["file", "row", "rule"], kind="stable", ignore_index=True)
    names = pd.Series([reading.name for reading in readings], dtype="str")
    messages = {rule: sentence(rule) for rule in table["rule"].unique()}
    detail = table["detail"].astype("str").fillna("")
    said = table["rule"].map(messages).astype("str")
    made = pd.DataFrame(
        {
            "file": names.iloc[table["file"].to_numpy(dtype="int64")].reset_index(drop=True),
            "sheet": table["sheet"].astype("str"),
            "row": table["row"].astype("Int64"),
            "column": table["column"].astype("str"),
            "rule": table["rule"].astype("str"),
            "message": said.where(detail == "", said + ": " + detail),
        }
    )
    return check_table(made, REJECTED)


def account(decided: DecidedRows, rejected: pd.DataFrame) -> pd.DataFrame:
    """Give one line per file: read, kept, merged, rejected, and the period covered."""
    rows, mine = decided.rows, decided.mine
    judged = decided.judged
    when = judged.table[judged.shape.when]
    sound = mine & (rows.fault < 0)
    lines = pd.DataFrame(
        {
            "file": rows.file[mine],
            "kept": (sound & (decided.fates == KEPT))[mine],
            "merged": (sound & (decided.fates == MERGED))[mine],
            "content": rows.content.codes[mine],
            "first": first_days(when)[mine],
            "last": last_days(when)[mine],
            "extracted": rows.extracted[mine].astype("datetime64[s]"),
            "synthetic": rows.synthetic[mine],
        }
    )
    lines.loc[~sound[mine], ["first", "last"]] = pd.NaT
    report = report_lines(lines, judged.readings, decided.files, rejected)
    if judged.delivered is None:
        return report
    return report.assign(**_sums(decided, judged.delivered))


def _sums(decided: DecidedRows, delivered: Column) -> dict[str, list[int]]:
    """Sum the counts of each file as delivered, and by what became of them.

    What is kept is summed from the table; a count that was added to one that is not known is
    in none, and stands with the merged ones.
    """
    rows, judged = decided.rows, decided.judged
    number = whole_numbers(delivered).fillna(0).to_numpy(dtype="int64")
    table = whole_numbers(judged.table[judged.shape.number]).fillna(0)
    owner = judged.added.owner if judged.added else np.arange(len(rows))
    counted = judged.added.counted if judged.added else np.ones(len(rows), dtype=bool)
    fate = decided.fates[owner]
    lost = (rows.fault >= 0) | np.isin(fate, (CONFLICTING, WITHDRAWN))
    shown = counted & (fate == KEPT)
    return {
        "sum_read": _by_file(decided, number, decided.mine),
        "sum_kept": _by_file(decided, table.to_numpy(dtype="int64"), decided.kept),
        "sum_merged": _by_file(decided, number, decided.mine & ~lost & ~shown),
        "sum_rejected": _by_file(decided, number, decided.mine & lost),
    }


def _by_file(
    decided: DecidedRows, number: NDArray[np.int64], which: NDArray[np.bool_]
) -> list[int]:
    n = len(decided.judged.readings)
    told = [0] * n
    for file in range(n):
        told[file] = int(number[which & (decided.rows.file == file)].sum())
    return [told[file] for file in decided.files]


def report_lines(
    lines: pd.DataFrame,
    readings: list[Reading],
    files: Sequence[int],
    rejected: pd.DataFrame,
) -> pd.DataFrame:
    """Sum the rows of each file.

    `lines` has one row per row read: file, kept, merged, content (a code, -1 for none),
    first, last, extracted, synthetic.
    """
    summed = lines.groupby("file").agg(
        rows=("kept", "size"),
        kept=("kept", "sum"),
        merged=("merged", "sum"),
        contents=("content", _number_of_contents),
        first=("first", "min"),
        last=("last", "max"),
        extracted=("extracted", "max"),
        synthetic=("synthetic", "any"),
    )
    return lines_of_files(summed, readings, files, rejected)


def lines_of_files(
    summed: pd.DataFrame,
    readings: Sequence[Reading],
    files: Sequence[int],
    rejected: pd.DataFrame,
) -> pd.DataFrame:
    """Give REPORT from what was summed of each file, by its number."""
    lost = rejected.groupby("file").size()
    counted = {file: summed.loc[file, :] for file in summed.index}
    made = [
        _line(
            readings[number],
            counted.get(number),
            int(lost.get(readings[number].name, 0)),
        )
        for number in files
    ]
    report = check_table(pd.DataFrame(made), REPORT)
    return report.assign(identical=report["identical"].astype("Int64"))


def _number_of_contents(codes: pd.Series) -> int:
    return int(codes[codes >= 0].nunique())


def places_of(
    rows: Rows, readings: Sequence[Reading], where: NDArray[np.int64], fault: Fault
) -> pd.DataFrame:
    """Say where rows stand, and in which of the supplier's columns."""
    parts = []
    for number in np.unique(rows.file[where]).tolist():
        own = where[rows.file[where] == number]
        reading = readings[number]
        column = fault.column or (reading.theirs(fault.target) if fault.target else None)
        made = pd.DataFrame(
            {
                "file": number,
                "row": reading.lines[rows.place[own]],
                "column": column,
                "rule": fault.rule,
                "detail": _found(rows, own, fault, reading.by),
            }
        )
        if reading.sheets is not None:
            names = reading.sheets
            made["sheet"] = Coded(names.texts, names.codes[rows.place[own]]).to_series()
        if fault.target == "numerator" and reading.bound.wide:
            wide = [reading.header[place] for _, place in reading.bound.wide]
            made["column"] = [wide[cell] for cell in rows.cell[own]]
        parts.append(made.reindex(columns=_PLACES))
    return pd.concat(parts, ignore_index=True) if parts else _noted(0, [])


def _found(rows: Rows, own: NDArray[np.int64], fault: Fault, profile: Profile) -> pd.Series | str:
    """Say of the cells of some rows what form they have and what their column allows."""
    texts = rows.texts.get(fault.target or "")
    allowed = allowed_values(fault.target or "", fault.rule, profile)
    if texts is None or not allowed:
        return ""
    cells = drop_unused(Coded(texts.texts, texts.codes[own]))
    found = cells.map([form_of(text) for text in cells.distinct()]).to_series()
    told = "found the form '" + found + "'; allowed: " + allowed
    return told.fillna(f"the cell is blank; allowed: {allowed}")


def _noted(number: int, notes: Sequence[Note]) -> pd.DataFrame:
    cells = [(number, n.sheet, n.row, n.column, n.rule, n.detail) for n in notes]
    made = pd.DataFrame(cells, columns=_PLACES)
    return made.astype({"file": "int64", "row": "Int64"})


def first_days(when: Column) -> NDArray[np.datetime64]:
    """Give the first day of what dates each row: a day, a month or a year."""
    if isinstance(when, Coded):
        days = np.array([*when.distinct(), "NaT"], dtype="datetime64[D]")[when.codes]
    else:
        days = np.asarray(when, dtype="datetime64[D]")
    return days.astype("datetime64[s]")


def last_days(when: Column) -> NDArray[np.datetime64]:
    """Give the last day of what dates each row."""
    if not isinstance(when, Coded):
        return first_days(when)
    ends = [(np.datetime64(text) + 1).astype("datetime64[D]") - 1 for text in when.distinct()]
    days = np.array([*ends, np.datetime64("NaT")], dtype="datetime64[D]")
    return days[when.codes].astype("datetime64[s]")


def _line(reading: Reading, counted: pd.Series | None, rejected: int) -> dict[str, object]:
    faulty = len(reading.faults)
    cells = max(len(reading.bound.wide), 1)  # of a wide file, each count is a row
    line: dict[str, object] = {
        "file": reading.name,
        "profile": reading.by.name,
        "sha256": reading.sha256,
        "extracted": pd.NaT,
        "read": len(reading.lines) * cells + faulty,
        "kept": 0,
        "merged": 0,
        "rejected": rejected,
        "covered_from": pd.NaT,
        "covered_to": pd.NaT,
        "synthetic": reading.synthetic,
        "identical": 0,
    }
    return line if counted is None else line | _counted(reading, counted)


def _counted(reading: Reading, counted: pd.Series) -> dict[str, object]:
    contents = int(counted["contents"])
    first, last = _covered(reading.name, counted, reading.by)
    return {
        "kept": int(counted["kept"]),
        "merged": int(counted["merged"]),
        "extracted": pd.Timestamp(counted["extracted"]),
        "covered_from": first,
        "covered_to": last,
        "synthetic": bool(counted["synthetic"]),
        "identical": int(counted["rows"]) - contents if contents else 0,
    }


def _covered(name: str, counted: pd.Series, profile: Profile) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Give the days covered: the year or month in the file's name, else first to last row."""
    extracted = pd.Timestamp(counted["extracted"])
    if named := named_days(name, profile):
        first, last = (pd.Timestamp(day) for day in named)
        return first, last if pd.isna(extracted) else min(last, extracted)
    return pd.Timestamp(counted["first"]), pd.Timestamp(counted["last"])
