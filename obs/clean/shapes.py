"""The two tables a police delivery becomes: EVENTS, one row a fact, and COUNTS.

A shape says which columns name a row, what else may be wrong with it once its cells
are read, and how its columns are laid out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from obs.clean.profile import Profile
from obs.clean.settling import PLACE, number_identical
from obs.schemas import ALL, COUNTS, EVENTS, Schema

__all__ = ["COUNTS_SHAPE", "EVENTS_SHAPE", "Shape", "shape_of"]

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
_CARRIED = (*PLACE, "version", "fault", "hostile", "wide_column", "content")
_DATES = ("event_date", "report_date")
_TYPES = {"event_hour": "int64", "attempt": "boolean"}


@dataclass(frozen=True)
class Shape:
    """How rows of one table are named, compared, doubted and laid out.

    `arrange` gives file, row, version and the columns of the schema; `doubt` gives the
    further faults, each a target and a condition, in the order in which they count.
    """

    schema: Schema
    key: tuple[str, ...]
    content: tuple[str, ...]
    required: tuple[str, ...]
    arrange: Callable[[ir.Table, Profile], ir.Table]
    doubt: Callable[[ir.Table, Profile], list[tuple[str, str, ir.BooleanValue]]]


def shape_of(profile: Profile) -> Shape:
    """Give the shape that a profile's rows take."""
    return EVENTS_SHAPE if profile.shape == "events" else COUNTS_SHAPE


def _arrange_events(rows: ir.Table, profile: Profile) -> ir.Table:
    if "event_id" in profile.targets:
        event_id = rows.to_event_id
    else:
        rows = _with_turn(rows, profile)
        again = ibis.ifelse(rows.again > 0, "-" + rows.again.cast("string"), "")
        event_id = rows.content + ibis.coalesce(again, "")
    columns = {name: _outcome(rows, name) for name in _EVENT_COLUMNS}
    columns |= {name: columns[name].cast("timestamp(6)") for name in _DATES}
    return rows.select(*_CARRIED, event_id=event_id, **columns, **_origin(rows))


def _with_turn(rows: ir.Table, profile: Profile) -> ir.Table:
    """Add which of the identical rows of its file a row is; all are the first if merged."""
    if profile.identical == "merge":
        return rows.mutate(again=ibis.literal(0))
    turns = number_identical(rows)
    return rows.left_join(turns, ["file", "row"]).drop("file_right", "row_right")


def _doubt_events(rows: ir.Table, profile: Profile) -> list[tuple[str, str, ir.BooleanValue]]:
    day = _outcome(rows, "event_date")
    report = _outcome(rows, "report_date")
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
        "unit": _outcome(rows, "unit"),
        "form": ibis.coalesce(_outcome(rows, "form"), ALL),
        "relation": ibis.coalesce(_outcome(rows, "relation"), ALL),
        "numerator": rows.to_numerator,
        "status": rows.to_status,
    }
    for name in ("population", "dwellings"):
        if name in profile.targets:
            columns[name] = _outcome(rows, name)
    return rows.select(*_CARRIED, **columns, **_origin(rows))


def _doubt_counts(rows: ir.Table, profile: Profile) -> list[tuple[str, str, ir.BooleanValue]]:
    begins = ibis.coalesce(rows.to_period, "")
    today = rows.extracted.strftime("%Y-%m-%d")
    return [
        ("unit", "missing_key", _outcome(rows, "unit").isnull()),
        ("period", "future_date", begins > today),
    ]


def _outcome(rows: ir.Table, name: str) -> ir.Value:
    """Give what a column became: by the offence's entry first, else by its own cell."""
    found = [rows[c] for c in (f"by_{name}", f"to_{name}") if c in rows.columns]
    if not found:
        kind = "date" if name in _DATES else _TYPES.get(name, "string")
        return ibis.null(kind)
    return ibis.coalesce(*found)


def _origin(rows: ir.Table) -> dict[str, ir.Value]:
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
)
COUNTS_SHAPE = Shape(
    schema=COUNTS,
    key=("territory", "period", "phenomenon", "unit", "form", "relation"),
    content=("numerator", "status"),
    required=("territory", "period", "offence"),
    arrange=_arrange_counts,
    doubt=_doubt_counts,
)
