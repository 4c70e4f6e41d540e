"""Put the rows of deliveries under our names, read their cells, and blame what each row shows by itself."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from obs.clean.accounting import first_days
from obs.clean.coded_columns import Column, decimals, flags, is_missing
from obs.clean.delivered_rows import gather_rows
from obs.clean.judge.dated_codes import read_dated_codes
from obs.clean.judge.distinct_values import Form
from obs.clean.judge.footer_lines import find_footers
from obs.clean.judge.judged_rows import Rows
from obs.clean.judge.offence_entries import map_offences
from obs.clean.judge.row_shapes import Shape
from obs.clean.judge.value_mapping import map_columns
from obs.clean.profiles.profile import Profile
from obs.clean.profiles.target_columns import EXCEL
from obs.clean.read.headers import place_of
from obs.clean.read.reading import Reading
from obs.clean.read.screening import Hostile
from obs.errors import DeliveryError

__all__ = [
    "FAR",
    "blame_old",
    "blame_outcomes",
    "map_rows",
    "take_control_columns",
    "this_day",
]

FAR = 20 * 366  # days before the rest of a file


def map_rows(
    readings: list[Reading],
    hostile: list[list[Hostile]],
    profile: Profile,
    *,
    shape: Shape,
    day: dt.date | None,
) -> Rows:
    """Put the rows of files of one layout under our names, and read their cells."""
    if profile.dates and all(reading.serials for reading in readings):
        profile = replace(profile, dates=(*profile.dates, EXCEL))
    rows = gather_rows(readings, profile, day=day)
    _blame_cells(rows, readings, hostile, shape, profile)
    map_columns(rows, profile)
    read_dated_codes(rows, profile)
    map_offences(rows, profile)
    return rows


def take_control_columns(rows: Rows, *, day: dt.date | None) -> None:
    """Take from the columns when a row was extracted, its version, whether it is synthetic.

    Where no day of extraction is known, nothing can be later than today.
    """
    if "extracted" in rows.to and day is None:
        own = np.asarray(rows.to["extracted"], "datetime64[D]")
        rows.extracted = np.where(np.isnat(own), rows.extracted, own)
    rows.limit = np.where(np.isnat(rows.extracted), this_day(), rows.extracted)
    if "version" in rows.to:
        versions = decimals(rows.to["version"])
        rows.version = versions.to_numpy(dtype="float64", na_value=np.nan)
    if "synthetic" in rows.to:
        own_flags = flags(rows.to["synthetic"])
        told = ~is_missing(own_flags)
        rows.synthetic = np.where(told, own_flags.fillna(value=False), rows.synthetic).astype(bool)


def this_day() -> np.datetime64:
    """Give today, everywhere the same."""
    return np.datetime64(dt.datetime.now(dt.UTC).date(), "D")


def blame_outcomes(rows: Rows, profile: Profile, shape: Shape) -> None:
    """Blame keys that came to nothing, then what the shape finds wrong between columns."""
    for target in _needed(shape, profile):
        rows.blame(is_missing(rows.to[target]), target, "missing_key")
    for target, rule, wrong in shape.doubt(rows, profile):
        rows.blame(wrong, target, rule)


def _blame_cells(
    rows: Rows,
    readings: list[Reading],
    hostile: list[list[Hostile]],
    shape: Shape,
    profile: Profile,
) -> None:
    """Blame what can be told before any cell is read: hostile texts, blank keys."""
    starts = np.searchsorted(rows.file, np.arange(len(readings) + 1))  # rows stand file by file
    for number, (reading, found) in enumerate(zip(readings, hostile, strict=True)):
        here = slice(starts[number], starts[number + 1])
        bad = [(_only(len(reading.lines), row), column, rule) for row, column, rule in reading.bad]
        for which, column, rule in [*found, *bad]:
            rows.blame(_spread_out(which, rows, here), None, rule, column=column)
    needed = _needed(shape, profile)
    for number, reading in enumerate(readings):
        here = slice(starts[number], starts[number + 1])
        below = find_footers(reading, needed)
        left = _left_out(reading, profile)
        for which, rule in ((left, "totals_row"), (below, "footer")):
            if which.any():
                rows.blame(_spread_out(which, rows, here), None, rule)
    for target in needed:
        rows.blame(is_missing(rows.texts[target]), target, "missing_key")


def _spread_out(which: NDArray[np.bool_], rows: Rows, here: slice) -> NDArray[np.bool_]:
    """Bring a mask of the rows of a file to those of all files."""
    hit = np.zeros(len(rows), dtype=bool)
    hit[here] = which[rows.place[here]]
    return hit


def _left_out(reading: Reading, profile: Profile) -> NDArray[np.bool_]:
    """Tell the rows of totals that the profile leaves out, by their cells."""
    found = np.zeros(len(reading.lines), dtype=bool)
    for name, pattern in profile.left_out.items():
        place = reading.bound.columns.get(name, place_of(name, reading.header))
        if place is None:
            raise DeliveryError(
                f"{reading.name}: no column '{name[:40]}', whose totals profile '{profile.name}' "
                "leaves out (`left_out`); name one of the header, or take the line out."
            )
        form = Form(pattern)
        column = reading.columns[place]
        hit = np.array([*(form.match(text) is not None for text in column.distinct()), False])
        found |= hit[column.codes]
    return found


def _only(n: int, row: int) -> NDArray[np.bool_]:
    hit = np.zeros(n, dtype=bool)
    hit[row] = True
    return hit


def _needed(shape: Shape, profile: Profile) -> list[str]:
    return [target for target in shape.required if target in profile.targets]


def blame_old(rows: Rows, when: Column, shape: Shape, profile: Profile) -> bool:
    """Reject what is earlier than the profile allows; tell whether it says so at all."""
    if not profile.earliest:
        return False
    days = first_days(when).astype("datetime64[D]")
    limit = np.datetime64(f"{profile.earliest:04d}-01-01")
    rows.blame(~np.isnat(days) & (days < limit), shape.when, "too_old")
    return True
