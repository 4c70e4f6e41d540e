"""Dispatch an indicator on records of the prosecutor, helplines or services to its source's module."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from ibis.expr import types as ir

from obs.catalogue import Indicator, get_indicator
from obs.errors import ObsError
from obs.indicators.count.cases.from_case_periods import (
    count_from_case_periods,
    tells_periods_alone,
)
from obs.indicators.count.cases.from_cases import count_from_cases
from obs.indicators.count.coverage_by_place import Coverage
from obs.indicators.count.from_calls import count_from_calls
from obs.indicators.count.from_services import count_from_services
from obs.query_engine.answer import fetch
from obs.reference import Territory

__all__ = ["RECORDS", "Source", "count_records", "provenance_of_counts"]

RECORDS = ("prosecutor", "helpline", "services")
Source = pd.DataFrame | str | Path | ir.Table
_PROVENANCE = ("source", "synthetic", "extracted")


def count_records(
    source: Source | Sequence[pd.DataFrame],
    entry: Indicator,
    period: str,
    breakdown: Sequence[str],
    place: Territory,
    coverage: Coverage,
) -> pd.DataFrame:
    """Count cases, calls or activities."""
    records = _read_frame(source, entry.source)
    about = provenance_of_counts(records, entry)
    if entry.source == "services":
        counted = count_from_services(records, entry, period=period, place=place, coverage=coverage)
    elif entry.source == "helpline":
        counted = count_from_calls(
            records, entry, period=period, breakdown=breakdown, place=place, coverage=coverage
        )
    else:
        whole = get_indicator(entry.whole) if entry.whole else None
        count = count_from_case_periods if tells_periods_alone(records) else count_from_cases
        counted = count(
            records,
            entry,
            whole,
            period=period,
            breakdown=breakdown,
            place=place,
            coverage=coverage,
        )
    return counted.assign(**about)


def _read_frame(source: Source | Sequence[pd.DataFrame], name: str) -> pd.DataFrame:
    """Give one frame of a source whose records are counted in memory."""
    if isinstance(source, list | tuple):
        return pd.concat([_read_frame(part, name) for part in source], ignore_index=True)
    if isinstance(source, pd.DataFrame):
        return source
    if isinstance(source, ir.Table):
        return fetch(source).to_pandas()
    path = Path(source)
    if not path.is_file():
        raise ObsError(f"there is no Apache Parquet file of source '{name}' called {path.name}")
    return pd.read_parquet(path)


def provenance_of_counts(counts: pd.DataFrame, entry: Indicator) -> dict[str, Any]:
    """Give source, synthetic and day of extraction of a table, for all its values.

    Where one of its deliveries tells no day, the latest day is not known and none is given.
    """
    given = {c: counts[c].dropna() for c in _PROVENANCE if c in counts}
    return {
        "source": entry.source,
        "synthetic": bool(given["synthetic"].any()) if "synthetic" in given else False,
        "extracted": counts["extracted"].max(skipna=False) if "extracted" in counts else pd.NaT,
    }
