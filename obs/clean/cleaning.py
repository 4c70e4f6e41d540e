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
    encode_list,
    group_rows,
    take,
    to_arrow,
)
from obs.clean.coverage.covered_stretches import cover_files, named_days
from obs.clean.coverage.dated_rows import date_rows
from obs.clean.delivered_rows import (
    Source,
    day_of,
    group_by_layout,
    open_source,
    profile_of_all,
    read_opened,
    screen_all,
)
from obs.clean.first_rows import first_rows
from obs.clean.judge.count_columns import (
    add_counts,
    check_rates,
    check_splits,
    mark_broken_months,
)
from obs.clean.judge.duplicates import KEPT, MERGED, WITHDRAWN, resolve_duplicates
from obs.clean.judge.judged_rows import Rows, join_rows
from obs.clean.judge.row_shapes import Shape
from obs.clean.judge.vanished_records import find_vanished
from obs.clean.parts.judged_parts import Way
from obs.clean.parts.kept_files import Shelf
from obs.clean.parts.mapped_rows import (
    FAR,
    blame_old,
    blame_outcomes,
    map_rows,
    take_control_columns,
)
from obs.clean.parts.streamed_cleaning import clean_in_parts, is_streamed
from obs.clean.profiles.profile import Profile
from obs.clean.read.reading import Note, Reading
from obs.clean.read.screening import Hostile
from obs.clean.unmatched_places import PLACE_RULES, list_unmatched
from obs.progress_bars import progress_bar
from obs.schemas import UNMATCHED, empty_table

__all__ = ["clean"]

_STAGES = 4  # of a cleaning, for its bar


def clean(
    source: Source,
    profile: Profile,
    *,
    shape: Shape,
    extracted: str | dt.date | None,
    apart: bool = False,
    shelf: Shelf | None = None,
) -> Cleaned:
    """Clean one source by a profile into a shape; see `obs.clean.police.clean_police`.

    With `apart`, each file is decided by itself as well: rows are read and judged once. What `shelf`
    keeps of a file is not judged again.
    """
    day = day_of(extracted)
    opened = open_source(source)
    if isinstance(opened, list) and is_streamed(opened, profile, shelf):
        return clean_in_parts(opened, profile, Way(profile, shape, day), apart=apart, shelf=shelf)
    with progress_bar("clean", total=_STAGES) as advance:
        advance(0, "read")
        readings = read_opened(opened, profile)
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
        map_rows([readings[i] for i in own], [hostile[i] for i in own], by, shape=shape, day=day)
        for by, own in layouts
    ]
    rows = join_rows(mapped, [own for _, own in layouts])
    if not shape.number:  # the rows hold the cells now; counts are compared with what stands beside
        readings[:] = [replace(reading, columns=[]) for reading in readings]
    profile = profile_of_all([by for by, _ in layouts])
    take_control_columns(rows, day=day)
    blame_outcomes(rows, profile, shape)
    table = shape.arrange(rows, profile)
    _judge_ages(rows, table[shape.when], shape, profile)
    judged = Judged(rows, table, shape, readings, profile)
    return _added(judged) if shape.number else judged


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
    if blame_old(rows, when, shape, profile):
        return
    far = np.zeros(len(rows), dtype=bool)
    sound = known & (rows.fault < 0)
    numbers = days.astype("int64")
    ends = np.append(np.flatnonzero(np.diff(rows.file, prepend=-1)), len(rows))
    for start, end in zip(ends, ends[1:], strict=False):  # rows stand file by file
        own = sound[start:end]
        if own.any():
            first = np.quantile(numbers[start:end][own], 0.25, method="higher")
            far[start:end] = own & (numbers[start:end] < first - FAR)
    rows.remark(far, shape.when, "far_date")


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
