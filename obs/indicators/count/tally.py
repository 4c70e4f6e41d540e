"""Count events with Ibis on DuckDB, from a frame, a file or a table.

This module opens, checks and groups a source; its callers decide what absence means.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import ibis
import pandas as pd
import pyarrow as pa
from ibis.common.exceptions import IbisError
from ibis.expr import types as ir

from obs.errors import ObsError, SchemaError
from obs.schemas import EVENTS

__all__ = [
    "UNKNOWN",
    "Overview",
    "as_codes",
    "keep",
    "look_over",
    "open_events",
    "ordinal",
    "tally",
    "to_frame",
]

UNKNOWN = "unknown"  # the code of a missing answer in a breakdown
_PER_YEAR = {"year": 1, "quarter": 4, "month": 12}


@dataclass(frozen=True)
class Overview:
    """What a table of events holds: its size, its dates, its places."""

    rows: int
    first: dt.date | None
    last: dt.date | None
    territories: tuple[str, ...]


def open_events(events: pd.DataFrame | str | Path | ir.Table) -> ir.Table:
    """Open a frame, an Apache Parquet file or folder, or an Ibis table of EVENTS."""
    if isinstance(events, ir.Table):
        table = events
    elif isinstance(events, pd.DataFrame):
        categories = {c: "str" for c in events if isinstance(events[c].dtype, pd.CategoricalDtype)}
        known = [c for c in events.columns if c in EVENTS.columns]
        rows = pa.Table.from_pandas(events[known].astype(categories), preserve_index=False)
        table = ibis.memtable(rows)
    else:
        table = _read_parquet(Path(events))
    if "event_hour" in table.columns:
        table = table.mutate(hour_band=_hour_band(table["event_hour"]))
    return table


def look_over(table: ir.Table, *, dated: bool) -> Overview:
    """Give the size, dates and places of a table, or refuse one that cannot be counted."""
    _need_columns(table, ["territory", "event_date"] if dated else ["territory"])
    measures: dict[str, Any] = {
        "rows": table.count(),
        "no_territory": table["territory"].isnull().sum(),
        "territories": table["territory"].collect(distinct=True),
    }
    if "event_date" in table.columns:
        measures["no_date"] = table["event_date"].isnull().sum()
    if "event_id" in table.columns:
        measures["repeated"] = table["event_id"].count() - table["event_id"].nunique()
    seen = to_frame(table.aggregate(**measures)).iloc[0]
    _refuse(int(seen["rows"] and seen["no_territory"]), "have no territory")
    _refuse(int(seen.get("repeated", 0)), "repeat an event_id")
    if dated:
        _refuse(int(seen["rows"] and seen["no_date"]), "have no event_date")
    first, last = _span(table) if int(seen["rows"]) else (None, None)
    codes = sorted(seen["territories"]) if int(seen["rows"]) else []
    return Overview(int(seen["rows"]), first, last, tuple(codes))


def keep(table: ir.Table, where: Mapping[str, Any]) -> ir.Table:
    """Keep the rows whose columns have one of the codes allowed (missing never has)."""
    _need_columns(table, where)
    for column, allowed in where.items():
        codes = [allowed] if isinstance(allowed, str | bool | int) else list(allowed)
        values = table[column]
        if values.type().is_boolean():
            codes = [_as_flag(c, column) for c in codes]
        table = table.filter(values.isin(codes))
    return table


def tally(table: ir.Table, keys: Mapping[str, ir.Value], *, unit: str) -> pd.DataFrame:
    """Count by keys: rows for "fact", distinct reports for "pv"."""
    if unit == "pv":
        _need_columns(table, ["report_id"])
        without = int(table.filter(table["report_id"].isnull()).count().to_pyarrow().as_py())
        _refuse(without, "have no report_id, which the unit 'pv' counts")
        size = table["report_id"].nunique()
    else:
        size = table.count()
    grouped = table.group_by(**keys).aggregate(numerator=size) if keys else size.as_table()
    counted = to_frame(grouped)
    return counted if keys else counted.set_axis(["numerator"], axis=1)


def as_codes(table: ir.Table, column: str) -> ir.Value:
    """Give a column as codes, its missing values as "unknown"."""
    _need_columns(table, [column])
    return table[column].cast("string").fill_null(UNKNOWN)


def ordinal(table: ir.Table, period: str) -> ir.Value:
    """Give the ordinal that pandas uses for the year, quarter or month of the event."""
    day = table["event_date"]
    years = day.year() - 1970
    within = {"year": 0, "quarter": day.quarter() - 1, "month": day.month() - 1}[period]
    return (years * _PER_YEAR[period] + within).cast("int64")


def to_frame(table: ir.Table) -> pd.DataFrame:
    """Run a query and give its rows."""
    return table.to_pyarrow().to_pandas()


def _read_parquet(path: Path) -> ir.Table:
    if not path.exists():
        raise ObsError(f"there is no Apache Parquet file or folder of events called {path.name}")
    try:
        return ibis.read_parquet(str(path / "**" / "*.parquet") if path.is_dir() else str(path))
    except (duckdb.Error, IbisError):
        raise ObsError(f"{path.name} is not a readable Apache Parquet file of events") from None


def _span(table: ir.Table) -> tuple[dt.date | None, dt.date | None]:
    """Give the days that every source of the table covers by its own first and last event."""
    if "event_date" not in table.columns:
        return None, None
    by = ["source"] if "source" in table.columns else []
    grouped = table.group_by(by) if by else table
    day = table["event_date"].cast("date")
    spans = to_frame(grouped.aggregate(first=day.min(), last=day.max()))
    first, last = spans["first"].max(), spans["last"].min()
    return (
        (None, None) if pd.isna(first) else (pd.Timestamp(first).date(), pd.Timestamp(last).date())
    )


def _hour_band(hour: ir.Value) -> ir.Value:
    bands = ("night", "morning", "afternoon", "evening")
    return ibis.cases(
        *((hour.between(6 * i, 6 * i + 5), band) for i, band in enumerate(bands)), else_=UNKNOWN
    )


def _as_flag(code: object, column: str) -> bool:
    flags = {"true": True, "false": False}
    if str(code).lower() not in flags:
        raise ObsError(f"column '{column}' is a flag: allow true or false, not {code!r}")
    return flags[str(code).lower()]


def _need_columns(table: ir.Table, names: Iterable[str]) -> None:
    absent = [n for n in names if n not in table.columns]
    if absent:
        raise SchemaError(
            f"table EVENTS: column(s) {', '.join(absent)} absent; it has "
            f"{', '.join(table.columns)}. See obs.schemas.EVENTS."
        )


def _refuse(rows: int, fault: str) -> None:
    if rows:
        raise SchemaError(
            f"table EVENTS: {rows} row(s) {fault}. Clean the delivery first: a row that cannot "
            "be counted is rejected there with its rule, never dropped here."
        )
