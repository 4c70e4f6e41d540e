"""Account for a cleaning: the rejected rows with their rule, and one line per file."""

from __future__ import annotations

import re

import ibis
import ibis.expr.types as ir
import pandas as pd

from obs.clean.judge.rejection_rules import sentence
from obs.clean.judge.row_shapes import Shape
from obs.clean.profiles.profile import Profile
from obs.clean.read.text_table import Reading
from obs.schemas import REJECTED, REPORT, check_table

__all__ = ["account", "doubtful_lines", "rejected_rows", "remarked_rows", "worded_rows"]


def rejected_rows(settled: ir.Table, readings: list[Reading], shape: Shape) -> pd.DataFrame:
    """List the rejected rows of all files, by file and row."""
    doubled = settled.fate == "conflicting_duplicate"
    gone = settled.filter(settled.fault.notnull() | doubled)
    label = ibis.coalesce(gone.fault, f"{shape.key[0]}|conflicting_duplicate")
    found = gone.select("file", "row", "hostile", "wide_column", fault=label).execute()
    parts = [_of_rows(found, readings)]
    for number, reading in enumerate(readings):
        lines = [(number, row, None, rule) for row, rule in reading.faults]
        parts.append(pd.DataFrame(lines, columns=["file", "row", "column", "rule"]))
    table = pd.concat([p for p in parts if len(p)] or parts[:1], ignore_index=True)
    return worded_rows(table, readings)


def remarked_rows(doubts: ir.Table | None, readings: list[Reading]) -> pd.DataFrame:
    """List the rows that are doubted, in the columns of the rejected ones."""
    lines = doubtful_lines(readings)
    if doubts is None:
        return worded_rows(lines, readings)
    found = doubts.filter(doubts.noted.notnull()).select("file", "row", fault="noted").execute()
    none = pd.Series(None, index=found.index, dtype="object")
    rows = _of_rows(found.assign(hostile=none, wide_column=none), readings)
    return worded_rows(pd.concat([rows, lines]) if len(lines) else rows, readings)


def doubtful_lines(readings: list[Reading]) -> pd.DataFrame:
    """List the lines that are doubted as they stand: file number, row, column, rule."""
    lines = [(n, row, None, rule) for n, r in enumerate(readings) for row, rule in r.doubts]
    made = pd.DataFrame(lines, columns=["file", "row", "column", "rule"])
    return made.astype({"file": "int64", "row": "int64"})


def worded_rows(table: pd.DataFrame, readings: list[Reading]) -> pd.DataFrame:
    """Put file names and sentences to rows of file number, row, column and rule."""
    table = table.sort_values(["file", "row", "rule"], kind="stable", ignore_index=True)
    made = pd.DataFrame(
        {
            "file": pd.Series([readings[int(i)].name for i in table["file"]], dtype="str"),
            "row": table["row"].astype("Int64"),
            "column": table["column"].astype("str"),
            "rule": table["rule"].astype("str"),
            "message": pd.Series([sentence(rule) for rule in table["rule"]], dtype="str"),
        }
    )
    return check_table(made, REJECTED)


def account(
    settled: ir.Table,
    readings: list[Reading],
    profile: Profile,
    rejected: pd.DataFrame,
    *,
    when: str,
) -> pd.DataFrame:
    """Give one line per file: read, kept, merged, rejected, and the period covered."""
    per_file = _per_file(settled, when).set_index("file")
    lost = rejected.groupby("file").size()
    rows = []
    for number, reading in enumerate(readings):
        counted = per_file.loc[number] if number in per_file.index else None
        rows.append(_line(reading, counted, profile, int(lost.get(reading.name, 0))))
    report = check_table(pd.DataFrame(rows), REPORT)
    return report.assign(identical=report["identical"].astype("Int64"))


def _of_rows(found: pd.DataFrame, readings: list[Reading]) -> pd.DataFrame:
    """Turn faults ("target|rule", or the hostile "column|rule") into column and rule."""
    columns, rules = [], []
    for one in found.itertuples(index=False):
        target, rule = one.fault.split("|")
        if target == "hostile":
            column, _, rule = one.hostile.rpartition("|")
        elif target == "numerator" and isinstance(one.wide_column, str):
            column = one.wide_column
        else:
            column = readings[int(one.file)].theirs(target)
        columns.append(column)
        rules.append(rule)
    return found[["file", "row"]].assign(column=columns, rule=rules)


def _per_file(settled: ir.Table, dated: str) -> pd.DataFrame:
    fate = ibis.coalesce(settled.fate, "kept")
    sound = settled.fault.isnull()
    when = ibis.ifelse(sound, settled[dated].cast("string"), ibis.null("string"))
    measures = {
        "rows": settled.count(),
        "kept": (sound & (fate == "kept")).sum(),
        "merged": (sound & (fate == "merged")).sum(),
        "contents": settled.content.nunique(),
        "first": when.min(),
        "last": when.max(),
        "extracted": settled.extracted.max(),
        "synthetic": settled.synthetic.any(),
    }
    return settled.group_by("file").agg(**measures).order_by("file").execute()


def _line(
    reading: Reading, counted: pd.Series | None, profile: Profile, rejected: int
) -> dict[str, object]:
    faulty = len(reading.faults)
    cells = max(len(profile.wide), 1)  # of a wide file, each count is a row
    line: dict[str, object] = {
        "file": reading.name,
        "profile": profile.name,
        "sha256": reading.sha256,
        "extracted": pd.NaT,
        "read": (reading.read - faulty) * cells + faulty,
        "kept": 0,
        "merged": 0,
        "rejected": rejected,
        "covered_from": pd.NaT,
        "covered_to": pd.NaT,
        "synthetic": reading.synthetic,
        "identical": 0,
    }
    if counted is not None:
        line |= _counted(reading, counted, profile)
    return line


def _counted(reading: Reading, counted: pd.Series, profile: Profile) -> dict[str, object]:
    contents = int(counted["contents"])
    first, last = _covered(reading.name, counted, profile)
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
    """Give the days covered: the year in the file's name, else first to last row."""
    named = re.search(profile.file.covers, name) if profile.file.covers else None
    extracted = pd.Timestamp(counted["extracted"])
    if named:
        first, last = pd.Timestamp(f"{named[1]}-01-01"), pd.Timestamp(f"{named[1]}-12-31")
        return first, last if pd.isna(extracted) else min(last, extracted)
    if pd.isna(counted["first"]):
        return pd.NaT, pd.NaT
    first, last = pd.Period(counted["first"][:10]), pd.Period(counted["last"][:10])
    return first.start_time.normalize(), last.end_time.normalize()
