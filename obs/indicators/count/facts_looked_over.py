"""Look facts over before they are counted: what they hold, the days they cover, where they come from.

None of it depends on the indicator. For many indicators of facts that stay as they are, it is done once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import pandas as pd
from ibis.expr import types as ir

from obs.indicators.count.coverage_by_place import Coverage, CoveredDays
from obs.indicators.count.merged_units import follow_facts
from obs.indicators.count.tally import Overview
from obs.query_engine.answer import fetch
from obs.reference import Territory

__all__ = ["FactsLookedOver", "facts_that_stay", "look_over_facts"]

_Known = dict[Any, tuple["FactsLookedOver", Coverage, Territory]]
_KNOWN: ContextVar[_Known | None] = ContextVar("facts looked over", default=None)


@dataclass(frozen=True)
class FactsLookedOver:
    """Facts under the units of today, and what is known of all of them together."""

    table: ir.Table
    seen: Overview
    covered: CoveredDays
    provenance: Mapping[str, Any]


@contextmanager
def facts_that_stay() -> Iterator[None]:
    """Look the same facts over once, for as long as the block lasts: nothing may change in them.

    Facts are the same if the query that gives them is; their coverage and territory must be the
    same objects.
    """
    before = _KNOWN.set({})
    try:
        yield
    finally:
        _KNOWN.reset(before)


def look_over_facts(table: ir.Table, coverage: Coverage, place: Territory) -> FactsLookedOver:
    """Verify facts, and give what they hold, the covered days of each unit, and their provenance.

    Raises what `look_over` and `find_covered_days` raise.
    """
    known = _KNOWN.get()
    if known is None:
        return _looked_over(table, coverage, place)
    key = (table.op(), id(coverage), id(place))
    if key not in known:  # with what is compared by its place in memory, which stays taken
        known[key] = _looked_over(table, coverage, place), coverage, place
    return known[key][0]


def _looked_over(table: ir.Table, coverage: Coverage, place: Territory) -> FactsLookedOver:
    followed, seen, covered = follow_facts(table, coverage, place)
    return FactsLookedOver(followed, seen, covered, _provenance(followed))


def _provenance(table: ir.Table) -> dict[str, Any]:
    """Give source, synthetic and the last day of extraction; none where a delivery tells none."""
    measures: dict[str, Any] = {}
    if "source" in table.columns:
        measures["source"] = table["source"].collect(distinct=True)
    if "synthetic" in table.columns:
        measures["synthetic"] = table["synthetic"].any()
    if "extracted" in table.columns:
        measures["extracted"] = table["extracted"].max()
        measures["undated"] = table["extracted"].isnull().any()
    found = fetch(table.aggregate(**measures)).to_pylist()[0] if measures else {}
    names = sorted(n for n in found.get("source") or [] if n is not None)
    day = None if found.get("undated") else found.get("extracted")
    return {
        "source": ", ".join(names) or "police",
        "synthetic": bool(found.get("synthetic")),
        "extracted": pd.Timestamp(day or pd.NaT),
    }
