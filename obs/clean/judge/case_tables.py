"""Build the two tables of a prosecutor's delivery: CASES and CASE_COUNTS.

The charge of a case is its main charge at entry. It says what the case is about and counts
nothing but cases. A joined case stays joined; the case that it was joined to carries it on.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from obs.clean.coded_columns import (
    Coded,
    Column,
    coalesce,
    encode_list,
    group_rows,
    is_missing,
    repeat,
)
from obs.clean.judge.judged_rows import Rows
from obs.clean.judge.row_shapes import Doubt, Shape, Table, after, begins_after, origin, row_name
from obs.clean.profiles.profile import Profile
from obs.schemas import CASE_COUNTS, CASES

__all__ = ["CASES_SHAPE", "CASE_COUNTS_SHAPE"]

_DATES = ("entry_date", "decision_date", "first_close_date", "reopened_date")
_TEXTS = ("mother_id", "next_id", "report_id", "section", "decision", "territory")
_CONTENT = (*_TEXTS, *_DATES, "charge", "context")
_CHARGE = ("offence", "detail", "article", "label")  # what tells charges apart, coarse to fine
_BETWEEN = " / "
Flags = NDArray[np.bool_]


def _arrange_cases(rows: Rows, profile: Profile) -> Table:
    columns: Table = {name: rows.outcome(name) for name in (*_TEXTS, *_DATES)}
    columns |= {
        "case_id": row_name(rows, profile, "case_id"),
        "charge": rows.to["offence"],
        "phenomenon": rows.by["phenomenon"],
        "context": _context(rows),
    }
    if "period" in profile.targets:
        columns["entry_period"] = rows.to["period"]
    return columns | origin(rows)


def _context(rows: Rows) -> Coded:
    """Give the supplier's context code, else what the entry of the charge tells."""
    told = rows.by.get("relation", repeat(None, len(rows)))
    own = rows.to.get("context")
    return coalesce(own, told) if isinstance(own, Coded) else told


def _doubt_cases(rows: Rows, profile: Profile) -> list[Doubt]:
    entry, closed, first, again = (rows.outcome(name) for name in _DATES)
    decision = rows.outcome_texts("decision")
    ended = ~is_missing(decision) & ~_is(decision, "open")
    unread = rows.unread("decision") | rows.unread("decision_date")
    doubts = [
        (name, "future_date", after(rows.outcome(name), rows.limit))
        for name in _DATES
        if name in profile.targets
    ]
    doubts += [
        ("decision_date", "closed_before_entry", after(entry, closed)),
        ("first_close_date", "closed_before_entry", after(entry, first)),
        ("reopened_date", "reopening_order", after(first, again) | after(again, closed)),
        ("reopened_date", "reopening_order", _one_alone(rows, "first_close_date", "reopened_date")),
    ]
    if "decision_date" in profile.targets:
        mismatch = (ended != ~is_missing(closed)) & ~unread
        doubts.append(("decision_date", "decision_mismatch", mismatch))
    if "case_id" in profile.targets:
        own = rows.outcome("case_id")
        doubts += [
            (link, "own_link", _same(rows.outcome(link), own)) for link in ("mother_id", "next_id")
        ]
    return doubts


def _one_alone(rows: Rows, first: str, second: str) -> Flags:
    """Tell where one of two dates is blank and the other is not; an unreadable one is not blank."""
    alone: Flags = rows.has_value(first) != rows.has_value(second)
    return alone & ~rows.unread(first) & ~rows.unread(second)


def _is(column: Coded, text: str) -> Flags:
    found = column.texts.index(text).as_py()
    return column.codes == found if found >= 0 else np.zeros(len(column), dtype=bool)


def _same(one: Column, other: Column) -> Flags:
    """Tell where two columns of texts hold the same text."""
    assert isinstance(one, Coded)  # noqa: S101 (identifiers are texts)
    assert isinstance(other, Coded)  # noqa: S101 (identifiers are texts)
    place = pd.Index(other.distinct()).get_indexer(pd.Index(one.distinct()))
    where = np.append(place, -2).astype("int64")[one.codes]  # -2: nothing there
    alike: Flags = (where >= 0) & (where == other.codes)
    return alike


def _note_lost_cases(kept: Table, profile: Profile) -> list[Doubt]:
    """Note the cases whose mother, or whose successor after a transfer, was never delivered."""
    own = _coded_texts(kept, "case_id")
    here = pd.Index(own.distinct())[np.unique(own.codes[own.codes >= 0])]
    known = {}
    for link in ("mother_id", "next_id"):
        column = _coded_texts(kept, link)
        found = np.append(pd.Index(column.distinct()).isin(here), False)  # noqa: FBT003
        known[link] = found[column.codes]
    lost = ~is_missing(kept["mother_id"]) & ~known["mother_id"]
    sent = _is(_coded_texts(kept, "decision"), "disposition") & ~known["next_id"]
    return [("mother_id", "lost_mother", lost), ("next_id", "lost_transfer", sent)]


def _coded_texts(table: Table, name: str) -> Coded:
    column = table[name]
    assert isinstance(column, Coded)  # noqa: S101 (the caller names a column of texts)
    return column


def _arrange_case_counts(rows: Rows, profile: Profile) -> Table:
    charge = _charge(rows, [name for name in _CHARGE if name in profile.targets])
    return {
        "territory": rows.to["territory"],
        "period": rows.to["period"],
        "charge": charge,
        "phenomenon": rows.by["phenomenon"],
        "context": _context(rows),
        "unit": repeat("case", len(rows)),
        "numerator": rows.to["numerator"],
        "status": rows.to["status"],
        **origin(rows),
    }


def _charge(rows: Rows, parts: list[str]) -> Coded:
    """Join what tells charges apart, coarse to fine, each distinct combination once."""
    combination = group_rows([rows.outcome(name) for name in parts])
    _, first = np.unique(combination, return_index=True)
    columns = [rows.filled(name, "unspecified").to_series().iloc[first] for name in parts]
    joined = encode_list([_BETWEEN.join(cells) for cells in zip(*columns, strict=True)])
    return Coded(joined.texts, joined.codes[combination])


def _doubt_case_counts(rows: Rows, profile: Profile) -> list[Doubt]:
    return [("period", "future_date", begins_after(rows.outcome("period"), rows.limit))]


CASES_SHAPE = Shape(
    schema=CASES,
    key=("case_id",),
    content=_CONTENT,
    required=("case_id", "entry_date", "section", "territory", "offence"),
    arrange=_arrange_cases,
    doubt=_doubt_cases,
    when="entry_date",
    remark=_note_lost_cases,
)
CASE_COUNTS_SHAPE = Shape(
    schema=CASE_COUNTS,
    key=("territory", "period", "charge"),
    content=("numerator", "status"),
    required=("territory", "period", "offence"),
    arrange=_arrange_case_counts,
    doubt=_doubt_case_counts,
    when="period",
    number="numerator",
)
