"""Count events with Ibis, from a frame, a file or a table, on the engine that holds them.

This module opens, checks and groups a source; its callers decide what absence means.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.datatypes as dt_ibis
import numpy as np
import pandas as pd
import pyarrow as pa
from ibis.expr import types as ir

from obs.errors import CodeError, ObsError, SchemaError
from obs.indicators.count.event_days import last_days, ordinals_of
from obs.query_engine.answer import fetch
from obs.query_engine.open_engine import DUCKDB, QueryEngine
from obs.reference import Territory
from obs.schemas import EVENTS, check_columns, nearest_names, need_frame

__all__ = [
    "UNKNOWN",
    "Overview",
    "add_times",
    "as_codes",
    "check_codes",
    "codes_of",
    "covered_by_source",
    "check_precision",
    "keep",
    "look_over",
    "mark_unplaced",
    "open_events",
    "tally",
    "to_frame",
]

UNKNOWN = "unknown"  # the code of a missing answer in a breakdown
_TYPE_HINTS = {
    "text": " (codes are text, since 04000 read as a number is 4000)",
    "date": " (a date or a time without zone)",
}


@dataclass(frozen=True)
class Overview:
    """What a table of events holds: its size, its dates, its places."""

    rows: int
    first: dt.date | None
    last: dt.date | None
    territories: tuple[str, ...]


def open_events(
    events: pd.DataFrame | str | Path | ir.Table,
    *,
    typed: bool = True,
    engine: QueryEngine = DUCKDB,
) -> ir.Table:
    """Open a frame, an Apache Parquet file or folder, or an Ibis table of EVENTS, on an engine.

    Without `typed` the types of its columns are not looked at: it may be another table. An Ibis
    table stays on the engine that it is of.
    """
    if isinstance(events, ir.Table):
        table = events
    elif isinstance(events, pd.DataFrame):
        known = check_columns(need_frame(events, who="EVENTS", name="the table"), EVENTS)
        known = known[[c for c in known.columns if c in EVENTS.columns]]
        table = engine.hold(pa.Table.from_pandas(known, preserve_index=False))
    elif isinstance(events, str | Path):
        table = _read_parquet(Path(events), engine)
    else:
        raise SchemaError(
            f"EVENTS: a DataFrame, the path of an Apache Parquet file or an Ibis table is needed, "
            f"not a {type(events).__name__}"
        )
    if not typed:
        return table
    _check_types(table)
    if "event_hour" in table.columns:
        table = table.mutate(hour_band=_hour_band(table["event_hour"]))
    return table


def _check_types(table: ir.Table) -> None:
    """Refuse columns of EVENTS whose type in a file or table is another, all at once."""
    faults = []
    for name, column in EVENTS.columns.items():
        if name in table.columns and not _is_of(table[name].type(), column.kind):
            hint = _TYPE_HINTS.get(column.kind, "")
            faults.append(
                f"column '{name}' must hold {column.kind} values and is {table[name].type()}{hint}"
            )
    if faults:
        raise SchemaError(f"table EVENTS: {'; '.join(faults)}. See obs.schemas.EVENTS.")


def _is_of(dtype: dt_ibis.DataType, kind: str) -> bool:
    if dtype.is_null():
        return True
    if kind == "date":
        return bool(dtype.is_date() or (dtype.is_timestamp() and dtype.timezone is None))
    if kind == "count":
        return bool(dtype.is_integer() or dtype.is_floating())
    return bool(dtype.is_boolean() if kind == "flag" else dtype.is_string())


def mark_unplaced(table: ir.Table, place: Territory) -> ir.Table:
    """Give facts of which only a unit above the finest is known the code of its unplaced facts."""
    if "territory" not in table.columns or not place.unplaced_units:
        return table
    known = {unit: code for code, unit in place.unplaced_units.items()}
    code = table["territory"]
    cases = [(code == unit, ibis.literal(own)) for unit, own in known.items()]
    return table.mutate(territory=ibis.cases(*cases, else_=code))


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
        codes = codes_of(column, allowed)
        values = table[column]
        if values.type().is_boolean():
            codes = [_as_flag(c, column) for c in codes]
        table = table.filter(values.isin(codes))
    return table


def codes_of(column: str, allowed: Any) -> list[Any]:
    """List the codes that a filter allows, one or several."""
    if isinstance(allowed, str | bool | int | np.generic):
        return [allowed]
    if not isinstance(allowed, Iterable) or isinstance(allowed, bytes | Mapping):
        raise ObsError(f"where: '{column}' takes a code or several, not a {type(allowed).__name__}")
    codes = list(allowed)
    if not codes:
        raise ObsError(f"where: '{column}' allows no code at all; leave it out, or name one")
    return codes


def check_codes(table: ir.Table, where: Mapping[str, Any], known: Mapping[str, Any]) -> None:
    """Refuse codes that neither the codelist nor the table has: a misspelt one counts nothing.

    `known` gives the codes of each column that has a closed list; the codes of the
    others are those of the table.
    """
    _need_columns(table, where)
    faults = []
    for column, allowed in where.items():
        values = table[column]
        kind = values.type()
        wanted = codes_of(column, allowed)
        if kind.is_boolean():
            continue
        if kind.is_numeric() and any(not _is_number(c) for c in wanted):
            faults.append(f"column '{column}' holds numbers: allow numbers, not text")
            continue
        codes = set(known.get(column, ()))
        if all(c in codes for c in wanted):
            continue
        seen = fetch(table.select(column).distinct())[column].to_pylist()
        present = {v for v in seen if v is not None}
        for code in wanted:
            if code not in codes | present:
                allowed_codes = sorted(map(str, codes or present))
                listed = ", ".join(allowed_codes[:20]) or "none"
                faults.append(
                    f"column '{column}' has no code {str(code)[:40]!r}."
                    f"{nearest_names(code, allowed_codes)} Codes: {listed}"
                )
    if faults:
        raise CodeError("where: " + "; ".join(faults))


def _is_number(code: object) -> bool:
    return isinstance(code, int | float | np.number) and not isinstance(code, bool)


def tally(table: ir.Table, keys: Mapping[str, ir.Value], *, unit: str) -> pd.DataFrame:
    """Count by keys: rows for "fact", distinct reports for "pv"."""
    if unit == "pv":
        _need_columns(table, ["report_id"])
        without = int(fetch(table.filter(table["report_id"].isnull()).count()).as_py())
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


def add_times(table: ir.Table, keys: Iterable[str]) -> ir.Table:
    """Add the ordinal of the period, or the weekday, of each fact, as `year_of_day`, `weekday_of_day`.

    Python judges the distinct days, and the engine joins what it found.
    """
    keys = [*keys]
    for key in keys:
        check_precision(table, key)
    if not keys:
        return table
    dated = table.mutate(day_told=table["event_date"].cast("date"))
    days = fetch(dated.filter(dated["day_told"].notnull()).select("day_told").distinct())
    told = {f"{key}_of_day": pa.array(ordinals_of(days["day_told"], key)) for key in keys}
    calendar = pa.table({"calendar_day": days["day_told"].cast(pa.date32()), **told})
    return dated.left_join(ibis.memtable(calendar), [("day_told", "calendar_day")])


def check_precision(table: ir.Table, key: str) -> None:
    """Refuse to count by more than some dates say: by day where only the month is known."""
    if "date_precision" not in table.columns:
        return
    coarser = {"month": ["year"], "quarter": ["year"], "year": []}.get(key, ["month", "year"])
    vague = int(fetch(table.filter(table["date_precision"].isin(coarser)).count()).as_py())
    if vague:
        raise ObsError(
            f"{vague:,} events tell only the {' or the '.join(coarser)} of their date and cannot be "
            f"counted by {key}; count them by a longer period, or leave them out."
        )


def to_frame(table: ir.Table) -> pd.DataFrame:
    """Run a query and give its rows."""
    return fetch(table).to_pandas()


def _read_parquet(path: Path, engine: QueryEngine) -> ir.Table:
    if not path.exists():
        raise ObsError(f"there is no Apache Parquet file or folder of events called {path.name}")
    return engine.read(path)


def _span(table: ir.Table) -> tuple[dt.date | None, dt.date | None]:
    """Give the days that every source of the table covers by its own first and last event."""
    if "event_date" not in table.columns:
        return None, None
    spans = covered_by_source(table)
    first, last = spans["first"].max(), spans["last"].min()
    return (None, None) if pd.isna(first) else (first.date(), last.date())


def covered_by_source(table: ir.Table) -> pd.DataFrame:
    """Give the first and the last day on which events of each source may be."""
    by = [c for c in ("source", "date_precision") if c in table.columns]
    grouped = table.group_by(by) if by else table
    day = table["event_date"].cast("date")
    told = to_frame(grouped.aggregate(first=day.min(), last=day.max()))
    precision = told.get("date_precision")
    spans = pd.DataFrame(
        {
            "source": told.get("source", ""),
            "first": last_days(told["first"]).astype("datetime64[s]"),
            "last": last_days(told["last"], precision).astype("datetime64[s]"),
        }
    )
    return spans.groupby("source", dropna=False).agg(first=("first", "min"), last=("last", "max"))


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
        hints = "".join(nearest_names(n, table.columns) for n in absent)
        raise SchemaError(
            f"table EVENTS: column(s) {', '.join(map(str, absent))} absent;{hints} it has "
            f"{', '.join(table.columns)}. See obs.schemas.EVENTS."
        )


def _refuse(rows: int, fault: str) -> None:
    if rows:
        raise SchemaError(
            f"table EVENTS: {rows} row(s) {fault}. Clean the delivery first: a row that cannot "
            "be counted is rejected there with its rule, never dropped here."
        )
