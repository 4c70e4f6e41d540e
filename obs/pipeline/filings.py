"""Link the reports of the police with the prosecutor's cases, for the notes that show it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from obs.catalogue import get_indicator
from obs.indicators import add_filing
from obs.report import NoteSpec

__all__ = ["link_filings"]

_SIDES = ("police", "prosecutor")
_NEEDED = {
    "police": {"report_id", "event_date", "report_date", "phenomenon", "form", "relation"},
    "prosecutor": {"report_id", "entry_date", "context", "extracted"},
}


def link_filings(sources: Mapping[str, Any], specs: Iterable[NoteSpec]) -> dict[str, Any]:
    """Give the sources with the column `filing` on both sides, where a note shows it.

    Both must be delivered as rows with the number of the report; else nothing is added, and what
    counts by it is not told by the sources.
    """
    tables = [table for spec in specs for table in spec.tables]
    wanted = any(
        "filing" in table.breakdown
        or any("filing" in get_indicator(i).where for i in table.indicators)
        for table in tables
    )
    if not wanted or any(not _tells(sources.get(side), _NEEDED[side]) for side in _SIDES):
        return dict(sources)
    police, prosecutor = add_filing(sources["police"], sources["prosecutor"])
    return {**sources, "police": police, "prosecutor": prosecutor}


def _tells(table: Any, columns: set[str]) -> bool:
    """Tell whether a source has rows with the columns, and a report number on some."""
    rows = isinstance(table, pd.DataFrame) and columns <= set(table.columns)
    return rows and bool(table["report_id"].notna().any())
