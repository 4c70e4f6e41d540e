"""Clean a delivery of any source: read, screen, judge, merge duplicates, account.

Rows meet the rules in a stated order, and the first rule that a row breaks rejects it. If the
account of a file does not close, nothing is returned.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from obs.clean.accounting import (
    DecidedRows,
    Judged,
    account,
    first_days,
    rejected_rows,
    remarked_rows,
    with_days,
)
from obs.clean.cleaned import Cleaned
from obs.clean.coded_columns import (
    Coded,
    Column,
    decimals,
    encode_list,
    flags,
    group_rows,
    is_missing,
    take,
    to_arrow,
)
from obs.clean.coverage.covered_stretches import cover_files, named_days
from obs.clean.coverage.dated_rows import date_rows
from obs.clean.delivered_rows import (
    Source,
    day_of,
    gather_rows,
    group_by_layout,
    profile_of_all,
    read_all,
    screen_all,
)
from obs.clean.first_rows import first_rows
from obs.clean.judge.count_columns import (
    add_counts,
    check_rates,
    check_splits,
    mark_broken_months,
)
from obs.clean.judge.dated_codes import read_dated_codes
from obs.clean.judge.distinct_values import Form
from obs.clean.judge.duplicates import KEPT, MERGED, WITHDRAWN, resolve_duplicates
from obs.clean.judge.footer_lines import find_footers
from obs.clean.judge.judged_rows import Rows, join_rows
from obs.clean.judge.offence_entries import map_offences
from obs.clean.judge.row_shapes import Shape
from obs.clean.judge.value_mapping import map_columns
from obs.clean.judge.vanished_records import find_vanished
from obs.clean.profiles.profile import Profile
from obs.clean.profiles.target_columns import EXCEL
from obs.clean.read.headers import place_of
from obs.clean.read.reading import Note, Reading
from obs.clean.read.screening import Hostile
from obs.clean.unmatched_places import PLACE_RULES, list_unmatched
from obs.errors import DeliveryError
from obs.progress_bars import progress_bar
from obs.schemas import UNMATCHED, empty_table

__all__ = ["clean"]

_STAGES = 4  # of a cleaning, for its bar
_FAR = 20 * 366  # days before the rest of a file


def clean(
    source: Source,
    profile: Profile,
    *,
    shape: Shape,
    extracted: str | dt.date | None,
    apart: bool = False,
) -> Cleaned:
    """Clean one source by a profile into a shape; see `obs.clean.police.clean_police`.

    With `apart`, each file is decided by itself as well: rows are read and judged once.
    """
    day = day_of(extracted)
    with progress_bar("clean", total=_STAGES) as advance:
        advance(0, "read")
        readings = read_all(source, profile)
        advance(1, "screen")
        hostile = screen_all(readings)
        advance(1, "judge")
        judged = _judged(readings, hostile, profile, shape=shape, day=day)
        advance(1, "decide")
        whole = _decide_rows(judged)
        if not apart:
            return whole
        if len(readings) == 1:
            return replace(whole, deliveries=(whole,))
        parts = [_decide_rows(judged, only=number) for number in range(len(readings))]
    return replace(whole, deliveries=tuple(parts))


def _judged(
    readings: list[Reading],
    hostile: list[list[Hostile]],
    profile: Profile,
    *,
    shape: Shape,
    day: dt.date | None,
) -> Judged:
    """Map, join and judge the rows of all files together."""
    if shape.number:
        check_rates(readings)
    layouts = group_by_layout(readings)
    mapped = [
        _mapped([readings[i] for i in own], [hostile[i] for i in own], by, shape=shape, day=day)
        for by, own in layouts
    ]
    rows = join_rows(mapped, [own for _, own in layouts])
    if not shape.number:  # the rows hold the cells now; counts are compared with what stands beside
        readings[:] = [replace(reading, columns=[]) for reading in readings]
    profile = profile_of_all([by for by, _ in layouts])
    _take_control_columns(rows, day=day)
    _blame_outcomes(rows, profile, shape)
    table = shape.arrange(rows, profile)
    _judge_ages(rows, table[shape.when], shape, profile)
    judged = Judged(rows, table, shape, readings, profile)
    return _added(judged) if shape.number else judged


def _mapped(
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


def _added(judged: Judged) -> Judged:
    """Refuse counts finer than the key, or add them where the profile says so."""
    rows, table = judged.rows, judged.table
    shape, readings, profile = judged.shape, judged.readings, judged.profile
    key = group_rows([table[name] for name in shape.key])
    told = group_rows([pd.array(key), rows.texts["period"]]) if profile.by_day else key
    check_splits(rows, told, readings, profile)
    delivered = rows.to["numerator"]
    if not (profile.summed or profile.repeated):
        return replace(judged, delivered=delivered)
    added = add_counts(rows, key, readings, profile)
    rows.remark(added.terms > 1, "numerator", "added_rows")
    if profile.by_day:
        mark_broken_months(rows, key)
    return replace(judged, table=shape.arrange(rows, profile), delivered=delivered, added=added)


def _judge_ages(rows: Rows, when: Column, shape: Shape, profile: Profile) -> None:
    """Reject what is earlier than the profile allows; remark what is far from the rest of its file."""
    days = first_days(when).astype("datetime64[D]")
    known = ~np.isnat(days)
    if profile.earliest:
        limit = np.datetime64(f"{profile.earliest:04d}-01-01")
        rows.blame(known & (days < limit), shape.when, "too_old")
        return
    far = np.zeros(len(rows), dtype=bool)
    sound = known & (rows.fault < 0)
    numbers = days.astype("int64")
    ends = np.append(np.flatnonzero(np.diff(rows.file, prepend=-1)), len(rows))
    for start, end in zip(ends, ends[1:], strict=False):  # rows stand file by file
        own = sound[start:end]
        if own.any():
            first = np.quantile(numbers[start:end][own], 0.25, method="higher")
            far[start:end] = own & (numbers[start:end] < first - _FAR)
    rows.remark(far, shape.when, "far_date")


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


def _take_control_columns(rows: Rows, *, day: dt.date | None) -> None:
    """Take from the columns when a row was extracted, its version, whether it is synthetic.

    Where no day of extraction is known, nothing can be later than today.
    """
    if "extracted" in rows.to and day is None:
        own = np.asarray(rows.to["extracted"], "datetime64[D]")
        rows.extracted = np.where(np.isnat(own), rows.extracted, own)
    today = np.datetime64(dt.datetime.now(dt.UTC).date())
    rows.limit = np.where(np.isnat(rows.extracted), today, rows.extracted)
    if "version" in rows.to:
        versions = decimals(rows.to["version"])
        rows.version = versions.to_numpy(dtype="float64", na_value=np.nan)
    if "synthetic" in rows.to:
        own_flags = flags(rows.to["synthetic"])
        told = ~is_missing(own_flags)
        rows.synthetic = np.where(told, own_flags.fillna(value=False), rows.synthetic).astype(bool)


def _blame_outcomes(rows: Rows, profile: Profile, shape: Shape) -> None:
    """Blame keys that came to nothing, then what the shape finds wrong between columns."""
    for target in _needed(shape, profile):
        rows.blame(is_missing(rows.to[target]), target, "missing_key")
    for target, rule, wrong in shape.doubt(rows, profile):
        rows.blame(wrong, target, rule)


def _decide_rows(judged: Judged, *, only: int | None = None) -> Cleaned:
    """Choose between rows of one key, of all files or of one, and close the accounts."""
    rows, table, shape = judged.rows, judged.table, judged.shape
    mine = np.ones(len(rows), dtype=bool) if only is None else rows.file == only
    absorbed = judged.absorbed
    fates = np.where(absorbed, MERGED, KEPT).astype("int8")
    sound = np.flatnonzero(mine & (rows.fault < 0) & ~absorbed)
    key = group_rows([take(table[name], sound) for name in shape.key])
    fates[sound] = resolve_duplicates(
        key,
        extracted=rows.extracted[sound],
        version=rows.version[sound],
        content=lambda some: group_rows([take(table[c], sound[some]) for c in shape.content]),
    )
    gone = _vanished(judged) if only is None else np.zeros(len(rows), dtype=bool)
    if judged.profile.vanished == "drop":
        fates[gone & (fates == KEPT)] = WITHDRAWN
    decided = DecidedRows(judged, only, fates)
    kept = np.flatnonzero(decided.kept)
    own = {name: take(column, kept) for name, column in table.items()}
    said = shape.remark(own, judged.profile) if shape.remark else []
    if "remark" in shape.schema.columns:
        of_rows = [(said.rule, which[kept]) for which, said in rows.remarks]
        marks = [*((rule, which) for _, rule, which in said), *of_rows]
        if marks:
            own["remark"] = _first_remark(marks, len(kept))
    doubts = [(target, rule, kept[which]) for target, rule, which in said]
    doubts.append((shape.key[0], "no_longer_delivered", kept[gone[kept]]))
    columns = [c for c in shape.schema.columns if c in own]
    arrow = pa.table({c: to_arrow(own[c]) for c in columns})
    rejected = rejected_rows(decided)
    report = account(decided, rejected)
    coverage, notes = _covered(decided, table, report)
    if len(coverage):
        report = with_days(report, coverage)
    flagged = remarked_rows(decided, doubts, notes)
    unmatched = _unmatched(decided)
    return Cleaned(
        *(shape.schema, rejected, report, arrow, flagged),
        coverage=coverage,
        unmatched=unmatched,
        first=first_rows(decided),
    )


def _unmatched(decided: DecidedRows) -> pd.DataFrame:
    """List the places of the files at hand that no unit answers to."""
    rows = decided.rows
    column = rows.texts.get("territory")
    if column is None:
        return empty_table(UNMATCHED)
    by_place = [number for number, one in enumerate(rows.faults) if one.rule in PLACE_RULES]
    which = np.isin(rows.fault, by_place)
    for hit, said in rows.remarks:
        if said.rule in PLACE_RULES:
            which |= hit
    return list_unmatched(column, which & decided.mine, decided.judged.profile)


def _covered(
    decided: DecidedRows, table: dict[str, Column], report: pd.DataFrame
) -> tuple[pd.DataFrame, dict[int, list[Note]]]:
    """Give COVERAGE of the files at hand, and what their rows show against it."""
    judged = decided.judged
    dated = date_rows(judged.shape, table, decided.rows.file, np.flatnonzero(decided.kept))
    told = report["extracted"].to_numpy(dtype="datetime64[D]")
    extracted = dict(zip(decided.files, told, strict=True))
    return cover_files(judged.readings, decided.files, judged.profile, dated, extracted)


def _vanished(judged: Judged) -> NDArray[np.bool_]:
    """Tell the rows whose record a later delivery of the same days no longer has."""
    rows = judged.rows
    if len(judged.readings) < 2 or judged.profile.vanished == "keep":
        return np.zeros(len(rows), dtype=bool)
    when = first_days(judged.table[judged.shape.when])
    files = range(len(judged.readings))
    sound = rows.fault < 0
    days = rows.extracted.astype("datetime64[D]").astype("int64")
    known = ~np.isnat(rows.extracted)
    latest = [days[known & (rows.file == f)].max(initial=np.iinfo("int64").min) for f in files]
    nat = np.datetime64("NaT")
    extracted = np.array(
        [nat if d == np.iinfo("int64").min else np.datetime64(int(d), "D") for d in latest],
        dtype="datetime64[D]",
    )
    return find_vanished(
        group_rows([judged.table[name] for name in judged.shape.key]),
        rows.file,
        when.astype("datetime64[D]"),
        extracted=extracted,
        windows=[_window(judged, f, when[sound & (rows.file == f)]) for f in files],
    )


def _window(
    judged: Judged, number: int, when: NDArray[np.datetime64]
) -> tuple[np.datetime64, np.datetime64]:
    """Give the days that a file covers: those of its name, else first to last row."""
    reading = judged.readings[number]
    if named := named_days(reading.name, reading.by):
        return named
    told = when[~np.isnat(when)].astype("datetime64[D]")
    if not len(told):
        return np.datetime64("NaT"), np.datetime64("NaT")
    return told.min(), told.max()


def _first_remark(said: list[tuple[str, NDArray[np.bool_]]], n: int) -> Coded:
    """Give the first remark of each row."""
    rules = encode_list([rule for rule, _ in said])
    codes = np.full(n, -1, dtype="int32")
    for code, (_, which) in zip(rules.codes, said, strict=True):
        codes[which & (codes < 0)] = code
    return Coded(rules.texts, codes)
