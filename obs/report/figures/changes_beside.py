"""Show changes as the last columns of a table of places: what changed, and the verdict.

Verdicts are short here, since two of them share a line; the words are explained under the table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from obs.errors import ObsError
from obs.locale import words
from obs.report.facts.dates import format_period
from obs.report.facts.fact import fact_of
from obs.report.facts.filters import written
from obs.report.facts.numbers import typography
from obs.report.facts.released_only import need_released
from obs.report.facts.subject import Subject
from obs.schemas import COMPARED

if TYPE_CHECKING:
    from obs.disclosure import Released

__all__ = [
    "BESIDE",
    "CHANGED",
    "PEERS",
    "base_beside",
    "changed_cell",
    "changed_head",
    "changes_of",
    "with_changes",
    "without_peers",
]

CHANGED = ("beside_change", "change_verdict")
PEERS = "against_peers"  # a verdict on peers in short
BESIDE = ("numerator", "value", "interval", "peer_value", PEERS, *CHANGED)
_FILE = {  # column of the data file: that of the comparison
    "change": "change",
    "change_low": "low",
    "change_high": "high",
    "change_verdict": "verdict",
    "change_base": "base",
}
_ROW = "beside_row"


def without_peers(subject: Subject) -> Subject:
    """Leave out the comparison with peers where no place has any: columns of nothing but that."""
    table = subject.table
    if "peer_value" not in table or table["peer_value"].notna().any():
        return subject
    return subject.with_table(table.drop(columns=list(COMPARED), errors="ignore"))


def with_changes(subject: Subject, beside: Released) -> Subject:
    """Give each place its row of a table of changes.

    Raises `ObsError` if the changes are not of the places and the period shown, one for each.
    """
    changes = need_released(beside, who="show_table").table
    key = ["indicator", "territory", "period"]
    if not {"change", "base", *key} <= set(changes.columns):
        raise ObsError("show_table: beside is a table of changes, as compare_periods gives it.")
    if changes["base"].nunique() != 1 or changes.duplicated(key).any():
        raise ObsError("show_table: beside has one change of each place, from one base.")
    rows = {tuple(map(str, (row[k] for k in key))): row for _, row in changes.iterrows()}
    own = [rows.get(tuple(map(str, (row[k] for k in key)))) for _, row in subject.table.iterrows()]
    if all(row is None for row in own):
        raise ObsError("show_table: beside has no change of these places in this period.")
    made = subject.table.assign(**{CHANGED[0]: 0.0})
    made[_ROW] = pd.Series(own, index=made.index, dtype=object)
    return subject.with_table(made)


def changes_of(subject: Subject, released: Released) -> pd.DataFrame | None:
    """Give the columns that the data file has of the changes; None without them."""
    if _ROW not in subject.table:
        return None
    key = ["indicator", "territory"]
    place = {tuple(map(str, row[key])): row[_ROW] for _, row in subject.table.iterrows()}
    rows = [place.get(tuple(map(str, row[key]))) for _, row in released.table.iterrows()]
    columns: dict[str, list[Any]] = {
        name: [None if row is None else row.get(column) for row in rows]
        for name, column in _FILE.items()
    }
    return pd.DataFrame(columns)


def base_beside(row: pd.Series) -> pd.Period | None:
    """Give the period from which the change beside a row is reckoned; None without one."""
    own = row.get(_ROW)
    return None if own is None else own["base"]


def changed_head(measure: str, subject: Subject) -> str:
    """Head a column: what changed since when, or the verdict."""
    say, lang = words(subject.lang).say, subject.lang
    if measure != CHANGED[0]:
        return say(f"table.head.{measure}")
    row = next(row for row in subject.table[_ROW] if row is not None)
    of = fact_of(row).of or "count"
    head = say(
        "table.head.beside_change",
        what=say(f"finding.of.{of}"),
        base=format_period(row["base"], lang),
    )
    return typography(head, lang)


def changed_cell(row: pd.Series, measure: str, lang: str) -> str:
    """Write the change of a place, or its verdict in short."""
    own, say = row[_ROW], words(lang).say
    if measure == PEERS:
        return say(f"short.{str(row['verdict']).replace(' ', '_')}")
    if own is None:
        return say("mark.missing")
    fact = fact_of(own)
    if measure == CHANGED[0]:
        return (
            written(fact, lang, fact.value)
            if fact.value is not None
            else say("mark.not_applicable")
        )
    return say(f"short.{(fact.verdict or 'not comparable').replace(' ', '_')}")
