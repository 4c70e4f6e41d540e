"""Read, screen and judge one file part by part; lay its rows aside and keep in memory what is counted."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from obs.clean.accounting import first_days, places_of
from obs.clean.coded_columns import Column, concat, repeat, take
from obs.clean.first_rows import FIRST_ROWS
from obs.clean.judge.duplicates import KEPT
from obs.clean.judge.judged_rows import Rows
from obs.clean.judge.row_shapes import Shape, Table
from obs.clean.parts.key_fates import FAULTY, write_keys
from obs.clean.parts.mapped_rows import (
    FAR,
    blame_old,
    blame_outcomes,
    map_rows,
    take_control_columns,
    this_day,
)
from obs.clean.parts.stored_table import Store, write_part
from obs.clean.profiles.profile import Profile
from obs.clean.read.file_checks import Delivery
from obs.clean.read.reading import Note, Reading
from obs.clean.read.screening import Door, Hostile, screen
from obs.clean.read.text_table import read_parts
from obs.clean.read.texts_together import SeenTexts
from obs.clean.unmatched_places import PLACE_RULES

__all__ = ["LINE", "JudgedFile", "Part", "Way", "judge_file"]

LINE = "_line"  # of each row in its file, beside the columns of the table
_NAT = np.datetime64("NaT", "D")


@dataclass(frozen=True)
class Way:
    """How the files of a cleaning are judged: the profile of all, the shape, rows at a time."""

    profile: Profile
    shape: Shape
    day: dt.date | None
    rows: int = 0  # as many as is best


@dataclass(frozen=True)
class Part:
    """Judged rows that are laid aside: their table without the faulty ones, keys, and what was said.

    `rejected` are places of rows that are faulty; `remarks` positions of rows with their places.
    `head` has the line and the fault of the first rows.
    """

    path: Path
    fates: NDArray[np.int8]
    rejected: list[pd.DataFrame]
    remarks: list[tuple[NDArray[np.int64], pd.DataFrame]]
    head: list[tuple[int, str | None]]


@dataclass
class JudgedFile:
    """One file that is judged: its parts, and what is summed over them.

    `reading` is the file without its cells. `contents` is how many the rows have that are named
    after theirs, `days` how many sound rows each day has. `undated` tells of rows of no known
    extraction, which were judged on `day`: whether there are any ("none", "past"), and whether one
    was later than that day ("future").
    """

    number: int
    reading: Reading
    parts: list[Part] = field(default_factory=list)
    rows: int = 0
    contents: int = 0
    extracted: np.datetime64 = _NAT
    synthetic: bool = False
    days: Counter[int] = field(default_factory=Counter)
    unmatched: Counter[str] = field(default_factory=Counter)
    precise: bool = True
    columns: tuple[str, ...] = ()
    undated: str = "none"
    day: np.datetime64 = _NAT

    @property
    def first(self) -> np.datetime64:
        """The first day of a sound row."""
        return np.datetime64(min(self.days), "D") if self.days else _NAT

    @property
    def last(self) -> np.datetime64:
        """The last day of a sound row."""
        return np.datetime64(max(self.days), "D") if self.days else _NAT

    def far_before(self) -> np.datetime64:
        """Give the day before which a row is far from the others of its file."""
        told = sorted(self.days)
        below = np.cumsum([self.days[day] for day in told])
        place = -(-(int(below[-1]) - 1) // 4) if len(below) else 0  # the first quarter, or the next
        at = int(np.searchsorted(below, place, side="right"))
        return np.datetime64(told[at] - FAR, "D") if told else _NAT


def judge_file(delivery: Delivery, by: Profile, number: int, way: Way, store: Store) -> JudgedFile:
    """Judge a file part by part; one that holds personal data is refused once it was all seen."""
    door: Door | None = None
    made: JudgedFile | None = None
    lines = 0
    seen = SeenTexts()
    faults: list[Note] = []
    doubts: list[Note] = []
    for reading in read_parts(delivery, by, way.rows):
        door = door or Door(reading)
        made = made or JudgedFile(number, reading, day=this_day())
        hostile = door.look(reading)
        lines += len(reading.lines)
        faults += reading.faults
        doubts += reading.doubts
        if len(reading.lines) or not made.parts:  # one at least, for its columns
            _add_part(made, reading, hostile, way, store.next_path(), seen)
    assert door is not None and made is not None  # noqa: PT018, S101 (a file without a part is refused)
    if doubted := door.doubted():
        _screen_whole(delivery, by, doubted, way.rows)
    made.contents = len(seen.known)
    made.reading = replace(
        made.reading,
        columns=[],
        lines=np.broadcast_to(np.int64(0), lines),  # only their number is asked for
        faults=faults,
        doubts=doubts,
        bad=[],
    )
    return made


def _screen_whole(delivery: Delivery, by: Profile, places: list[int], rows: int) -> None:
    """Screen some columns of a file whole, the others left blank: they were found sound."""
    parts = [_only_some(part, places) for part in read_parts(delivery, by, rows)]
    columns = [concat(own) for own in zip(*(part.columns for part in parts), strict=True)]
    lines = np.concatenate([part.lines for part in parts])
    screen(replace(parts[0], columns=columns, lines=lines, bad=[]))


def _only_some(reading: Reading, places: list[int]) -> Reading:
    """Blank the columns of a part but some: only these are held in memory."""
    nothing = repeat(None, len(reading.lines))
    told = [one if i in places else nothing for i, one in enumerate(reading.columns)]
    return replace(reading, columns=told)


def _add_part(
    made: JudgedFile,
    reading: Reading,
    hostile: list[Hostile],
    way: Way,
    path: Path,
    seen: SeenTexts,
) -> None:
    """Judge the rows of a part, write them, and sum them."""
    shape = way.shape
    rows = map_rows([reading], [hostile], reading.by, shape=shape, day=way.day)
    _count_contents(rows, seen)
    take_control_columns(rows, day=way.day)
    _fill(rows, way.profile)
    blame_outcomes(rows, way.profile, shape)
    table = shape.arrange(rows, way.profile)
    blame_old(rows, table[shape.when], shape, way.profile)
    precision = rows.outcome_texts("date_precision")
    made.precise &= not precision.has(("month", "year")).any()
    table["date_precision"] = precision
    lines = reading.lines[rows.place]
    columns = [name for name in shape.schema.columns if name in table]
    _write(path, rows, {name: table[name] for name in columns}, lines, shape)
    _sum_up(made, rows, first_days(table[shape.when]).astype("datetime64[D]"))
    made.columns = tuple(columns)
    made.parts.append(_part_of(path, rows, reading, lines, made.number))


def _fill(rows: Rows, profile: Profile) -> None:
    """Give rows the columns that other layouts of the cleaning have, with nothing in them."""
    for target in profile.targets:
        if target not in rows.texts:
            rows.texts[target] = repeat(None, len(rows))
            rows.to[target] = rows.outcome(target)


def _count_contents(rows: Rows, seen: SeenTexts) -> None:
    """Say of rows that are named after their content how often it came in parts before."""
    codes = rows.content.codes
    often = np.bincount(codes[codes >= 0], minlength=len(rows.content.texts))
    told = np.flatnonzero(often)
    if not len(told):
        return
    texts = rows.content.distinct()
    before = np.zeros(len(texts) + 1, dtype="int64")  # the last one: rows without
    before[told] = seen.before([texts[i] for i in told.tolist()], often[told])
    rows.earlier = before[codes]


def _write(path: Path, rows: Rows, table: Table, lines: NDArray[np.int64], shape: Shape) -> None:
    """Write the sound rows of a part, and the keys of all."""
    sound = np.flatnonzero(rows.fault < 0)
    own: dict[str, Column] = {name: take(column, sound) for name, column in table.items()}
    own[LINE] = lines[sound]
    write_part(own, path)
    write_keys(
        path,
        table[shape.key[0]],
        [table[name] for name in shape.content],
        extracted=rows.extracted,
        when=first_days(table[shape.when]),
        version=rows.version,
    )


def _sum_up(made: JudgedFile, rows: Rows, days: NDArray[np.datetime64]) -> None:
    """Add the rows of a part to the sums of its file."""
    made.rows += len(rows)
    told = rows.extracted[~np.isnat(rows.extracted)].astype("datetime64[D]")
    if len(told):
        made.extracted = np.fmax(made.extracted, told.max())
    made.synthetic |= bool(rows.synthetic.any())
    made.undated = _undated(rows, made.undated)
    sound = days[(rows.fault < 0) & ~np.isnat(days)].astype("int64")
    distinct, often = np.unique(sound, return_counts=True)
    made.days.update(dict(zip(distinct.tolist(), often.tolist(), strict=True)))
    made.unmatched.update(_unmatched(rows))


def _undated(rows: Rows, before: str) -> str:
    """Tell of the rows of no known extraction, those of the parts before included."""
    unknown = np.isnat(rows.extracted)
    later = [n for n, one in enumerate(rows.faults) if one.rule == "future_date"]
    if before == "future" or (unknown & np.isin(rows.fault, later)).any():
        return "future"
    return "past" if unknown.any() else before


def _unmatched(rows: Rows) -> dict[str, int]:
    """Count the spellings of places that no unit answers to."""
    column = rows.texts.get("territory")
    if column is None:
        return {}
    by_place = [n for n, one in enumerate(rows.faults) if one.rule in PLACE_RULES]
    which = np.isin(rows.fault, by_place)
    for hit, said in rows.remarks:
        if said.rule in PLACE_RULES:
            which |= hit
    codes = column.codes[which]
    often = np.bincount(codes[codes >= 0], minlength=len(column.texts))
    return {column.texts[i].as_py(): int(often[i]) for i in np.flatnonzero(often).tolist()}


def _part_of(
    path: Path, rows: Rows, reading: Reading, lines: NDArray[np.int64], number: int
) -> Part:
    sound = rows.fault < 0

    def places(where: NDArray[np.int64], turn: int | None, said: int | None) -> pd.DataFrame:
        fault = rows.faults[turn] if turn is not None else rows.remarks[said or 0][1]
        return places_of(rows, [reading], where, fault).assign(file=number)

    rejected = [places(np.flatnonzero(rows.fault == n), n, None) for n in range(len(rows.faults))]
    hits = [np.flatnonzero(which & sound) for which, _ in rows.remarks]
    remarks = [(hit, places(hit, None, n)) for n, hit in enumerate(hits) if len(hit)]
    head = [
        (line, rows.faults[fault].rule if fault >= 0 else None)
        for line, fault in zip(
            lines[:FIRST_ROWS].tolist(), rows.fault[:FIRST_ROWS].tolist(), strict=True
        )
    ]
    fates = np.where(sound, KEPT, FAULTY).astype("int8")
    return Part(path, fates, [one for one in rejected if len(one)], remarks, head)
