"""Describe how rows of each kind become a table, and build the two tables of police deliveries.

A shape says which columns form the key of a row, what else can be wrong once its cells are read,
and how its columns are ordered.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from obs.clean.judge.duplicates import PLACE, number_identical
from obs.clean.profiles.profile import Profile
from obs.schemas import ALL, COUNTS, EVENTS, Schema

__all__ = [
    "CARRIED",
    "COUNTS_SHAPE",
    "EVENTS_SHAPE",
    "Shape",
    "origin",
    "outcome",
    "row_name",
    "shape_of",
]

_EVENT_COLUMNS = (
    "report_id",
    "event_date",
    "event_hour",
    "report_date",
    "territory",
    "offence",
    "phenomenon",
    "attempt",
    "form",
    "relation",
    "place",
    "victim_sex",
    "victim_age_band",
    "suspect_sex",
    "suspect_age_band",
)
CARRIED = (*PLACE, "version", "fault", "hostile", "wide_column", "content")
_DATES = ("event_date", "report_date")
_TYPES = {"event_hour": "int64", "hour": "int64", "attempt": "boolean"}


@dataclass(frozen=True)
class Shape:
    """How rows of one table are named, compared, doubted and laid out.

    `arrange` gives file, row, version and the columns of the schema; `doubt` gives the
    further faults, each a target and a condition, in the order in which they count.
    `remark`, if any, gives file, row, cell and `noted` ("target|rule") of kept rows that are
    doubted; `when` is the column that dates a row.
    """

    schema: Schema
    key: tuple[str, ...]
    content: tuple[str, ...]
    required: tuple[str, ...]
    arrange: Callable[[ir.Table, Profile], ir.Table]
    doubt: Callable[[ir.Table, Profile], list[tuple[str, str, ir.BooleanValue]]]
    when: str
    remark: Callable[[ir.Table, Profile], ir.Table] | None = None


def shape_of(profile: Profile) -> Shape:
    """Give the shape that a profile's rows take."""
    return EVENTS_SHAPE if profile.shape == "events" else COUNTS_SHAPE


def row_name(rows: ir.Table, profile: Profile, target: str) -> tuple[ir.Table, ir.StringValue]:
    """Name each row: by the supplier's identifier, else by its content and its turn.

    The turn is that among the identical rows of its file; all are the first if the profile
    says that they are to be merged.
    """
    if target in profile.targets:
        return rows, rows[f"to_{target}"]
    if profile.identical == "merge":
        return rows, rows.content
    turns = number_identical(rows)
    rows = rows.left_join(turns, ["file", "row"]).drop("file_right", "row_right")
    again = ibis.ifelse(rows.again > 0, "-" + rows.again.cast("string"), "")
    return rows, rows.content + ibis.coalesce(again, "")


def _arrange_events(rows: ir.Table, profile: Profile) -> ir.Table:
    rows, event_id = row_name(rows, profile, "event_id")
    columns = {name: outcome(rows, name) for name in _EVENT_COLUMNS}
    columns |= {name: columns[name].cast("timestamp(6)") for name in _DATES}
    return rows.select(*CARRIED, event_id=event_id, **columns, **origin(rows))


def _doubt_events(rows: ir.Table, profile: Profile) -> list[tuple[str, str, ir.BooleanValue]]:
    day = outcome(rows, "event_date")
    report = outcome(rows, "report_date")
    return [
        ("event_date", "future_date", day > rows.extracted),
        ("report_date", "future_date", report > rows.extracted),
        ("report_date", "date_order", report < day),
    ]


def _arrange_counts(rows: ir.Table, profile: Profile) -> ir.Table:
    columns = {
        "territory": rows.to_territory,
        "period": rows.to_period,
        "phenomenon": rows.by_phenomenon,
        "unit": outcome(rows, "unit"),
        "form": ibis.coalesce(outcome(rows, "form"), ALL),
        "relation": ibis.coalesce(outcome(rows, "relation"), ALL),
        "numerator": rows.to_numerator,
        "status": rows.to_status,
    }
    for name in ("population", "dwellings"):
        if name in profile.targets:
            columns[name] = outcome(rows, name)
    return rows.select(*CARRIED, **columns, **origin(rows))


def _doubt_counts(rows: ir.Table, profile: Profile) -> list[tuple[str, str, ir.BooleanValue]]:
    begins = ibis.coalesce(rows.to_period, "")
    today = rows.extracted.strftime("%Y-%m-%d")
    return [
        ("unit", "missing_key", outcome(rows, "unit").isnull()),
        ("period", "future_date", begins > today),
    ]


def outcome(rows: ir.Table, name: str) -> ir.Value:
    """Give what a column became: by the offence's entry first, else by its own cell."""
    found = [rows[c] for c in (f"by_{name}", f"to_{name}") if c in rows.columns]
    if not found:
        kind = "date" if name.endswith("_date") else _TYPES.get(name, "string")
        return ibis.null(kind)
    return ibis.coalesce(*found)


def origin(rows: ir.Table) -> dict[str, ir.Value]:
    """Give where a row comes from: extraction, source, delivery, synthetic or not."""
    return {
        "extracted": rows.extracted.cast("timestamp(6)"),
        "source": rows.source,
        "delivery": rows.delivery,
        "synthetic": rows.synthetic,
    }


EVENTS_SHAPE = Shape(
    schema=EVENTS,
    key=("event_id",),
    content=_EVENT_COLUMNS,
    required=("event_id", "event_date", "territory", "offence"),
    arrange=_arrange_events,
    doubt=_doubt_events,
    when="event_date",
)
COUNTS_SHAPE = Shape(
    schema=COUNTS,
    key=("territory", "period", "phenomenon", "unit", "form", "relation"),
    content=("numerator", "status"),
    required=("territory", "period", "offence"),
    arrange=_arrange_counts,
    doubt=_doubt_counts,
    when="period",
)
