"""Select the rows that a figure or table has room for: the finest level, the largest units."""

from __future__ import annotations

import pandas as pd

from obs.locale import words
from obs.report.facts.subject import Subject
from obs.schemas import WITHHELD

__all__ = ["LARGEST", "finest_level", "largest"]

LARGEST = 30  # units kept where there are too many for a page


def finest_level(subject: Subject) -> str:
    """Give the finest level among the rows."""
    present = {subject.territory.level_of(code) for code in subject.territories}
    known = (*subject.territory.levels, *subject.territory.beyond_levels)
    return next(level for level in known if level in present)


def largest(subject: Subject, *, most: int) -> tuple[Subject, tuple[str, ...]]:
    """Keep the largest territories of the finest level where they are too many.

    Size is the denominator of the last period, or the published count where there is no
    denominator; territories of other levels are kept.

    Returns `subject`: in its own order: an order by size would be read as a ranking; `notes`: the
    remark that says so, or nothing.
    """
    finest = finest_level(subject)
    units = [c for c in subject.territories if subject.territory.level_of(c) == finest]
    if len(units) <= most:
        return subject, ()
    last = subject.table[subject.table["period"] == subject.periods[-1]]
    by = "denominator" if _has(last, "denominator") else "numerator"
    size = last[last["territory"].isin(units)].groupby("territory")[by].max()
    order = list(size.sort_values(ascending=False, kind="stable", na_position="last").index)
    kept = order[:LARGEST]
    mask = subject.table["territory"].isin(kept) | ~subject.table["territory"].isin(units)
    table = subject.table[mask].reset_index(drop=True)
    lang = subject.lang
    key = "largest.by_exposure" if by == "denominator" else "largest.by_count"
    note = words(lang).say(key, shown=LARGEST, all=len(units))
    withheld = last["territory"].isin(units) & _statuses(last).isin(WITHHELD)
    if withheld.any():
        n = int(last.loc[withheld, "territory"].nunique())
        note = f"{note} {words(lang).say('largest.withheld', count=n)}"
    return subject.with_table(table), (note,)


def _has(table: pd.DataFrame, column: str) -> bool:
    return column in table.columns and bool(table[column].notna().any())


def _statuses(table: pd.DataFrame) -> pd.Series:
    return table.get("status", pd.Series("ok", index=table.index))
