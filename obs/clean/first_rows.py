"""Say of the first rows of a cleaning where they stand and what became of each."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from obs.clean.accounting import DecidedRows
from obs.clean.judge.duplicates import CONFLICTING, MERGED, WITHDRAWN
from obs.clean.read.reading import Reading

__all__ = [
    "FIRST_ROWS",
    "LOST",
    "Record",
    "first_interviews",
    "first_rows",
    "no_rows",
    "table_of_first",
]

FIRST_ROWS = 20
_COLUMNS = {"file": "str", "row": "Int64", "fate": "str", "rule": "str", "place": "Int64"}
LOST = {CONFLICTING: "conflicting_duplicate", WITHDRAWN: "withdrawn"}
Record = tuple[int, int, str, str | None, int | None]  # file, line, fate, rule, place in the table


def first_rows(decided: DecidedRows) -> pd.DataFrame:
    """Give the first rows, by file and line: file, row, fate, rule, place.

    `fate` is kept, merged or rejected; `rule` is that of the rejection, `place` the position
    of a kept row in the tidy table.
    """
    readings = decided.judged.readings
    return table_of_first([*_records(decided)], [(n, readings[n]) for n in decided.files])


def first_interviews(decided: pd.DataFrame, readings: list[Reading]) -> pd.DataFrame:
    """Give the same of interviews, from their fates."""
    place = (decided["fate"] == "kept").cumsum() - 1
    told = decided.assign(place=place.where(decided["fate"] == "kept")).head(FIRST_ROWS)
    records: list[Record] = [
        (int(file), int(row), str(fate), _text(rule), None if pd.isna(at) else int(at))
        for file, row, fate, rule, at in told[["file", "row", "fate", "rule", "place"]].itertuples(
            index=False, name=None
        )
    ]
    return table_of_first(records, [*enumerate(readings)])


def no_rows() -> pd.DataFrame:
    """Give the table of no row."""
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in _COLUMNS.items()})


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _records(decided: DecidedRows) -> Iterator[Record]:
    rows, readings = decided.rows, decided.judged.readings
    turn = np.cumsum(decided.kept) - 1
    for at in np.flatnonzero(decided.mine)[:FIRST_ROWS].tolist():
        file = int(rows.file[at])
        line = int(readings[file].lines[rows.place[at]])
        fault, fate = int(rows.fault[at]), int(decided.fates[at])
        if fault >= 0:
            yield file, line, "rejected", rows.faults[fault].rule, None
        elif fate in LOST:
            yield file, line, "rejected", LOST[fate], None
        elif fate == MERGED:
            yield file, line, "merged", None, None
        else:
            yield file, line, "kept", None, int(turn[at])


def table_of_first(records: list[Record], readings: list[tuple[int, Reading]]) -> pd.DataFrame:
    """Put lines that could not be rows between the others, and names to the files."""
    names = {number: reading.name for number, reading in readings}
    last = {file: line for file, line, *_ in records}
    whole = len(records) < FIRST_ROWS
    for number, reading in readings:
        for note in reading.faults:
            if note.row is not None and (whole or note.row < last.get(number, 0)):
                records.append((number, note.row, "rejected", note.rule, None))
    found = sorted(records, key=lambda one: one[:2])[:FIRST_ROWS]
    made = [(names[file], *rest) for file, *rest in found]
    return pd.DataFrame(made, columns=[*_COLUMNS]).astype(_COLUMNS) if made else no_rows()
