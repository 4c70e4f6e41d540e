"""Show the first rows of a cleaning and what became of each; explain what was rejected.

No identifier, no text of the supplier and nothing of a person is shown: codes, days and counts
alone.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from obs.clean.cleaned import Cleaned
from obs.clean.judge.rejection_rules import RULES, sentence

__all__ = ["explain_rejections", "explain_remarks", "show_first_rows"]

_SHOWN = (  # columns of tidy tables that are of codes, days and counts, and of no person
    *("event_date", "event_hour", "entry_date", "decision_date", "date", "territory", "period"),
    *("phenomenon", "attempt", "form", "place", "unit", "decision", "context", "line", "topic"),
    *("numerator", "n", "status"),
)
_PLACES = 5
_RULES = 12


def show_first_rows(cleaned: Cleaned) -> str:
    """Lay out the first twenty rows: where they stand, what became of them, what they became.

    Parameters
    ----------
    cleaned : Cleaned
        A cleaning.

    Returns
    -------
    str
        One line per row; a rejected one has its rule and no cell.

    Examples
    --------
    >>> from obs.clean import clean_police
    >>> counts = pd.DataFrame({"classe": ["Vols avec armes", "?"], "annee": ["16", "16"],
    ...     "CODGEO_2024": ["76540", "76540"], "faits": ["31", "1"], "POP": ["9", "9"]})
    >>> print(show_first_rows(clean_police(counts, profile="ssmsi_communes")))
     file row     fate            rule territory period    phenomenon form unit numerator status
    table   1     kept               -     76540   2016 robbery_armed  all fact        31     ok
    table   2 rejected unknown_offence         -      -             -    -    -         -      -
    """
    first = cleaned.first
    columns = [name for name in _SHOWN if name in cleaned.table]
    kept = first["place"].dropna().astype("int64")
    cells = cleaned.table[columns].iloc[kept.to_numpy()]
    texts = {
        name: dict(zip(kept.index, map(_shown, cells[name].tolist()), strict=True))
        for name in columns
    }
    told = {name: [own.get(at, "-") for at in first.index] for name, own in texts.items()}
    shown = first[["file", "row", "fate", "rule"]].astype("str").fillna("-").assign(**told)
    return shown.to_string(index=False)


def explain_rejections(cleaned: Cleaned) -> Iterator[str]:
    """Say for each rule that rejected rows what it means, and where its first rows stand."""
    for rule, rows in _by_rule(cleaned.rejected):
        yield f"  {rule}: {sentence(rule)}"
        yield from _say_where(rows)


def explain_remarks(cleaned: Cleaned) -> Iterator[str]:
    """Say for each rule that took the cell of a kept row for not told what it means, and where."""
    cells = cleaned.flagged[cleaned.flagged["column"].notna()]
    for rule, rows in _by_rule(cells[cells["rule"].isin(RULES)]):
        yield f"  {rule} (the row is kept, its cell is not told): {sentence(rule)}"
        yield from _say_where(rows)


def _by_rule(rows: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Give the rows of each rule, the most frequent first."""
    counts = rows["rule"].value_counts().sort_index()
    counts = counts.sort_values(ascending=False, kind="stable")
    for rule in counts.index[:_RULES]:
        yield str(rule), rows[rows["rule"] == rule]


def _say_where(rows: pd.DataFrame) -> Iterator[str]:
    for (file, column), own in rows.groupby(["file", "column"], dropna=False, sort=False):
        lines = ", ".join(str(n) for n in own["row"].dropna().astype("int64").head(_PLACES))
        more = f" and {len(own) - _PLACES:,} more" if len(own) > _PLACES else ""
        where = f", column '{column}'" if isinstance(column, str) else ""
        yield f"    {file}{where}: rows {lines or 'without a number'}{more}"


def _shown(value: object) -> str:
    if pd.isna(value):  # type: ignore[call-overload]
        return "-"
    return f"{value:%Y-%m-%d}" if isinstance(value, pd.Timestamp) else str(value)
