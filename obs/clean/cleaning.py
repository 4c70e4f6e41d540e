"""Clean a delivery of any source: read, screen, judge, merge duplicates, account.

Rows meet the rules in a stated order, and the first rule that a row breaks rejects it. If the
account of a file does not close, nothing is returned.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from obs.clean.accounting import Settled, account, rejected_rows, remarked_rows
from obs.clean.cleaned import Cleaned
from obs.clean.coded_columns import (
    Coded,
    Column,
    concat,
    encode_list,
    group_rows,
    is_missing,
    repeat,
    take,
    to_arrow,
)
from obs.clean.judge.duplicates import KEPT, content_id, settle
from obs.clean.judge.judged_rows import Rows
from obs.clean.judge.row_shapes import Shape
from obs.clean.judge.value_mapping import map_columns, map_offences
from obs.clean.profiles.profile import Profile
from obs.clean.read.file_checks import open_deliveries
from obs.clean.read.reading import Reading
from obs.clean.read.screening import screen
from obs.clean.read.text_table import read_delivery, read_frame
from obs.errors import DeliveryError

__all__ = [
    "Source",
    "clean",
    "day_of",
    "extracted_by_name",
    "paths_of",
    "read_all",
    "screen_all",
]

_NAMES = frozenset({"event_id", "case_id", "call_id"})
Source = str | Path | Sequence[str | Path] | pd.DataFrame


def clean(
    source: Source,
    profile: Profile,
    *,
    shape: Shape,
    extracted: str | dt.date | None,
    apart: bool = False,
) -> Cleaned:
    """Clean one source by a profile into a shape; see `obs.clean.police.clean_police`.

    With `apart`, each file is settled by itself as well: rows are read and judged once.
    """
    day = day_of(extracted)
    readings = read_all(source, profile)
    hostile = screen_all(readings, profile)
    rows = _gather(readings, profile, day=day)
    _blame_cells(rows, readings, hostile, shape, profile)
    map_columns(rows, profile)
    map_offences(rows, profile)
    _take_control_columns(rows, day=day)
    _blame_outcomes(rows, profile, shape)
    table = shape.arrange(rows, profile)
    whole = _settled(rows, table, readings, profile, shape)
    if not apart:
        return whole
    if len(readings) == 1:
        return replace(whole, deliveries=(whole,))
    parts = [
        _settled(rows, table, readings, profile, shape, only=number)
        for number in range(len(readings))
    ]
    return replace(whole, deliveries=tuple(parts))


def paths_of(source: str | Path | Sequence[str | Path]) -> list[Path]:
    """Give the paths of one path or several."""
    return [Path(source)] if isinstance(source, str | Path) else [Path(p) for p in source]


def day_of(extracted: str | dt.date | None) -> dt.date | None:
    """Read the day of extraction that the caller gives."""
    if extracted is None or isinstance(extracted, dt.date):
        return extracted.date() if isinstance(extracted, dt.datetime) else extracted
    try:
        return dt.date.fromisoformat(extracted)
    except ValueError:
        raise DeliveryError(
            f"extracted: '{extracted[:20]}' is not a day; write it as 2024-01-31."
        ) from None


def read_all(source: Source, profile: Profile) -> list[Reading]:
    """Read the deliveries, each as its profile says."""
    if isinstance(source, pd.DataFrame):
        return [read_frame(source, profile)]
    return [read_delivery(delivery, profile) for delivery in open_deliveries(paths_of(source))]


def screen_all(
    readings: list[Reading], profile: Profile
) -> list[list[tuple[NDArray[np.bool_], str, str]]]:
    """Give for each file the rows that hold a hostile text: which, the column, the rule."""
    return [screen(reading, profile) for reading in readings]


def extracted_by_name(name: str, profile: Profile) -> dt.date | None:
    """Read the day of extraction in a file's name, as the profile says."""
    found = re.search(profile.file.extracted, name) if profile.file.extracted else None
    if not found:
        return None
    digits = re.sub(r"\D", "", found[1])
    try:
        return dt.datetime.strptime(digits, "%Y%m%d").date()  # noqa: DTZ007 (a day)
    except ValueError:
        raise DeliveryError(
            f"{name}: the name should hold a day of extraction and holds none; "
            "rename the file or give `extracted`."
        ) from None


def _gather(readings: list[Reading], profile: Profile, *, day: dt.date | None) -> Rows:
    """Put the rows of all files under our names, with what the file itself tells."""
    sizes = [len(reading.lines) for reading in readings]
    width = max(len(profile.wide), 1)  # counts of a row
    each = [day or extracted_by_name(reading.name, profile) for reading in readings]
    told = np.array([np.datetime64("NaT") if d is None else d for d in each], "datetime64[D]")
    file = np.repeat(np.arange(len(readings), dtype="int32"), [n * width for n in sizes])
    place = np.concatenate([np.repeat(np.arange(n), width) for n in sizes])
    names = encode_list([reading.name for reading in readings])
    return Rows(
        file=file,
        place=place,
        cell=np.tile(np.arange(width, dtype="int32"), sum(sizes)),
        texts=_texts(readings, profile),
        content=_wide(_contents(readings, profile), width),
        delivery=Coded(names.texts, names.codes[file]),
        source=profile.source,
        extracted=told[file],
        synthetic=np.array([reading.synthetic for reading in readings])[file],
        version=np.full(len(file), np.nan),
    )


def _texts(readings: list[Reading], profile: Profile) -> dict[str, Coded]:
    """Give the texts under our names; of a wide row, one row for each of its counts."""
    width = max(len(profile.wide), 1)
    found = {}
    for target in profile.targets:
        if profile.wide and target in ("offence", "numerator"):
            continue
        parts = [_column(reading, profile, target) for reading in readings]
        found[target] = _wide(concat(parts), width)
    if profile.wide:
        n = sum(len(reading.lines) for reading in readings)
        names = encode_list(profile.wide)
        found["offence"] = Coded(names.texts, np.tile(names.codes, n))
        counts = concat(
            [
                concat([reading.columns[reading.bound[f"wide {name}"]] for reading in readings])
                for name in profile.wide
            ]
        )
        found["numerator"] = Coded(counts.texts, counts.codes.reshape(width, n).T.ravel())
    return found


def _wide(column: Coded, width: int) -> Coded:
    return column if width == 1 else Coded(column.texts, np.repeat(column.codes, width))


def _column(reading: Reading, profile: Profile, target: str) -> Coded:
    """Give one of our columns of a file: theirs, with what means "not known" blanked, or a constant."""
    n = len(reading.lines)
    if target not in reading.bound:
        return repeat(profile.constants.get(target), n)
    column = reading.columns[reading.bound[target]]
    unknown = {text.lower() for text in profile.unknown.get(target, ())}
    if not unknown:
        return column
    known = [None if t.strip().lower() in unknown else t for t in column.distinct()]
    return column.map(known)


def _contents(readings: list[Reading], profile: Profile) -> Coded:
    """Name the rows after their content, where the supplier does not name them."""
    if not profile.identical or _NAMES & {*profile.targets}:
        return repeat(None, sum(len(reading.lines) for reading in readings))
    return concat([content_id(reading.columns, len(reading.lines)) for reading in readings])


def _blame_cells(
    rows: Rows,
    readings: list[Reading],
    hostile: list[list[tuple[NDArray[np.bool_], str, str]]],
    shape: Shape,
    profile: Profile,
) -> None:
    """Blame what can be told before any cell is read: hostile texts, blank keys."""
    for number, (reading, found) in enumerate(zip(readings, hostile, strict=True)):
        here = np.flatnonzero(rows.file == number)
        bad = [(_only(len(reading.lines), row), column, rule) for row, column, rule in reading.bad]
        for which, column, rule in [*found, *bad]:
            hit = np.zeros(len(rows), dtype=bool)
            hit[here] = which[rows.place[here]]
            rows.blame(hit, None, rule, column=column)
    for target in _needed(shape, profile):
        rows.blame(is_missing(rows.texts[target]), target, "missing_key")


def _only(n: int, row: int) -> NDArray[np.bool_]:
    hit = np.zeros(n, dtype=bool)
    hit[row] = True
    return hit


def _needed(shape: Shape, profile: Profile) -> list[str]:
    return [target for target in shape.required if target in profile.targets]


def _take_control_columns(rows: Rows, *, day: dt.date | None) -> None:
    """Take from the columns when a row was extracted, its version, whether it is synthetic."""
    if "extracted" in rows.to and day is None:
        own = np.asarray(rows.to["extracted"], "datetime64[D]")
        rows.extracted = np.where(np.isnat(own), rows.extracted, own)
    if "version" in rows.to:
        versions = pd.array(rows.to["version"], dtype="Float64")
        rows.version = versions.to_numpy(dtype="float64", na_value=np.nan)
    if "synthetic" in rows.to:
        flags = pd.array(rows.to["synthetic"], dtype="boolean")
        told = ~is_missing(flags)
        rows.synthetic = np.where(told, flags.fillna(value=False), rows.synthetic).astype(bool)


def _blame_outcomes(rows: Rows, profile: Profile, shape: Shape) -> None:
    """Blame keys that came to nothing, then what the shape finds wrong between columns."""
    for target in _needed(shape, profile):
        rows.blame(is_missing(rows.to[target]), target, "missing_key")
    for target, rule, wrong in shape.doubt(rows, profile):
        rows.blame(wrong, target, rule)


def _settled(
    rows: Rows,
    table: dict[str, Column],
    readings: list[Reading],
    profile: Profile,
    shape: Shape,
    *,
    only: int | None = None,
) -> Cleaned:
    """Choose between rows of one key, of all files or of one, and close the accounts."""
    mine = np.ones(len(rows), dtype=bool) if only is None else rows.file == only
    fates = np.full(len(rows), KEPT, dtype="int8")
    sound = np.flatnonzero(mine & (rows.fault < 0))
    fates[sound] = settle(
        group_rows([take(table[name], sound) for name in shape.key]),
        extracted=rows.extracted[sound],
        version=rows.version[sound],
        content=lambda some: group_rows([take(table[c], sound[some]) for c in shape.content]),
    )
    settled = Settled(rows, only, fates, shape, readings, profile)
    kept = np.flatnonzero(settled.kept)
    own = {name: take(column, kept) for name, column in table.items()}
    said = shape.remark(own, profile) if shape.remark else []
    if said:
        own["remark"] = _first_remark([(rule, which) for _, rule, which in said], len(kept))
    doubts = [(target, rule, kept[which]) for target, rule, which in said]
    arrow = pa.table({c: to_arrow(own[c]) for c in shape.schema.columns if c in own})
    rejected = rejected_rows(settled)
    report = account(settled, table[shape.when], rejected)
    return Cleaned(shape.schema, rejected, report, arrow, remarked_rows(settled, doubts))


def _first_remark(said: list[tuple[str, NDArray[np.bool_]]], n: int) -> Coded:
    """Give the first remark of each row."""
    rules = encode_list([rule for rule, _ in said])
    codes = np.full(n, -1, dtype="int32")
    for code, (_, which) in zip(rules.codes, said, strict=True):
        codes[which & (codes < 0)] = code
    return Coded(rules.texts, codes)
