"""Describe how rows of each kind become a table, and build the two tables of police deliveries.

A shape says which columns form the key of a row, what else can be wrong once its cells are read,
and how its columns are ordered.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from obs.clean.coded_columns import Coded, Column, encode_list, is_missing, repeat
from obs.clean.judge.duplicates import number_identical
from obs.clean.judge.judged_rows import Rows
from obs.clean.profiles.profile import Profile
from obs.clean.profiles.target_columns import BREAKDOWNS_KEPT
from obs.schemas import ALL, COUNTS, EVENTS, Schema

__all__ = [
    "COUNTS_SHAPE",
    "EVENTS_SHAPE",
    "Doubt",
    "Shape",
    "after",
    "begins_after",
    "origin",
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
NOT_TOLD = "not_told"  # of a breakdown: a blank is no total
Table = dict[str, Column]
Doubt = tuple[str, str, NDArray[np.bool_]]  # one of our columns, a rule, the rows


@dataclass(frozen=True)
class Shape:
    """How rows of one table are named, compared, doubted and laid out.

    `arrange` gives the columns of the schema; `doubt` gives the further faults, in the order
    in which they count. `remark`, if any, gives what is said of kept rows, from their
    columns; `when` is the column that dates a row. `number` is the column of counts, if rows
    are counts.
    """

    schema: Schema
    key: tuple[str, ...]
    content: tuple[str, ...]
    required: tuple[str, ...]
    arrange: Callable[[Rows, Profile], Table]
    doubt: Callable[[Rows, Profile], list[Doubt]]
    when: str
    remark: Callable[[Table, Profile], list[Doubt]] | None = None
    number: str = ""


def shape_of(profile: Profile) -> Shape:
    """Give the shape that a profile's rows take; breakdowns that it keeps join the key."""
    if profile.shape == "events":
        return EVENTS_SHAPE
    kept = tuple(name for name in BREAKDOWNS_KEPT if name in profile.targets)
    return replace(COUNTS_SHAPE, key=(*COUNTS_SHAPE.key, *kept))


def row_name(rows: Rows, profile: Profile, target: str) -> Coded:
    """Name each row: by the supplier's identifier, else by its content and its turn.

    The turn is that among the identical rows of its file; all are the first if the profile
    says that they are to be merged.
    """
    if target in profile.targets:
        return rows.outcome_texts(target)
    if profile.identical == "merge":
        return rows.content
    again = number_identical(rows.file, rows.content)
    if rows.earlier is not None:
        again = again + rows.earlier
    if not again.any():
        return rows.content
    texts = rows.content.to_series()
    twins = again > 0
    texts[twins] = texts[twins] + "-" + again[twins].astype("str")
    return encode_list(texts.tolist())


def after(day: Column, limit: Column) -> NDArray[np.bool_]:
    """Tell where a day is after another; a missing one is after nothing."""
    return np.asarray(day, "datetime64[D]") > np.asarray(limit, "datetime64[D]")


def begins_after(periods: Column, days: NDArray[np.datetime64]) -> NDArray[np.bool_]:
    """Tell where a period, a year or a month as text, begins after a day."""
    assert isinstance(periods, Coded)  # noqa: S101 (periods are texts)
    starts = np.array([*periods.distinct(), "NaT"], dtype="datetime64[D]")
    return after(starts[periods.codes], days)


def _arrange_events(rows: Rows, profile: Profile) -> Table:
    columns: Table = {"event_id": row_name(rows, profile, "event_id")}
    columns |= {name: rows.outcome(name) for name in _EVENT_COLUMNS}
    precision = rows.outcome_texts("date_precision")
    if precision.has(("month", "year")).any():
        columns["date_precision"] = precision
    return columns | origin(rows)


def _doubt_events(rows: Rows, profile: Profile) -> list[Doubt]:
    day, report = rows.outcome("event_date"), rows.outcome("report_date")
    return [
        ("event_date", "future_date", after(day, rows.limit)),
        ("report_date", "future_date", after(report, rows.limit)),
        ("report_date", "date_order", after(day, report)),
    ]


def _arrange_counts(rows: Rows, profile: Profile) -> Table:
    columns: Table = {
        "territory": rows.outcome("territory"),
        "period": rows.outcome("period"),
        "phenomenon": rows.by["phenomenon"],
        "unit": rows.outcome("unit"),
        "form": rows.filled("form", ALL),
        "relation": rows.filled("relation", ALL),
        "numerator": rows.to["numerator"],
        "status": rows.to["status"],
    }
    extra = [name for name in ("population", "dwellings") if name in profile.targets]
    columns |= {name: rows.outcome(name) for name in extra}
    kept = [name for name in BREAKDOWNS_KEPT if name in profile.targets]
    return columns | {name: rows.filled(name, NOT_TOLD) for name in kept} | origin(rows)


def _doubt_counts(rows: Rows, profile: Profile) -> list[Doubt]:
    return [
        ("unit", "missing_key", is_missing(rows.outcome("unit"))),
        ("period", "future_date", begins_after(rows.outcome("period"), rows.limit)),
    ]


def origin(rows: Rows) -> Table:
    """Give where a row comes from: extraction, source, delivery, synthetic or not."""
    return {
        "extracted": rows.extracted,
        "source": repeat(rows.source, len(rows)),
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
    number="numerator",
)
