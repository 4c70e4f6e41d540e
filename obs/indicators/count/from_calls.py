"""Count an indicator from calls to helplines, one call per row or by day and line.

A day on which no line answered has no count: it is not a zero, and not a day to divide by. A
missing day of a line makes its period provisional, and so does a line that falls silent while the
others go on. The `reason` of a period that lacks calls says so: always for a count, and for a
figure per day where another line answered that day.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from obs.catalogue import Indicator
from obs.errors import SchemaError
from obs.indicators.count.coverage_by_place import (
    Coverage,
    CoveredDays,
    Stretches,
    find_silences,
    join_stretches,
    most_days,
    read_coverage,
    take_out,
)
from obs.indicators.count.covered_days import FREQUENCIES, Window, periods_of_span
from obs.reference import Territory
from obs.schemas import ALL, CALL_DAYS, CALLS, MISSING_DAYS, check_table
from obs.stats import counted_stretches, covered_stretches

__all__ = ["count_from_calls"]

_CLOSED = ("closed",)  # reasons for which a day has no count and none is lacking
_KNOWN = ("ok", "zero", "provisional")


def count_from_calls(
    calls: pd.DataFrame,
    indicator: Indicator,
    *,
    period: str,
    breakdown: Sequence[str],
    place: Territory,
    coverage: Coverage,
) -> pd.DataFrame:
    """Count calls over period and line.

    Gives territory, period, line (if asked), numerator, status, unit, reason (MISSING_DAYS
    or none), days, covered_from, covered_to and `answered`, the days on which at least one of
    the lines counted answered. By default the
    covered days are those that the rows show.
    """
    days = _by_day(calls)
    if days.empty:
        raise SchemaError("the table of calls has no row, so nothing tells which days it covers")
    lines = _days_by_line(days, coverage, place)
    span = CoveredDays((), lines).span
    if span is None:
        raise SchemaError("nothing tells which days the table of calls covers: pass coverage=")
    grids = {line: periods_of_span(own, span, period) for line, own in lines.items()}
    inside = days[days["date"].between(*span)]
    whole = most_days([*grids.values()])
    per_day, singly = indicator.kind == "per_day", bool(days["singly"].all())
    parts = []
    for code in [ALL, *grids] if "line" in breakdown else [ALL]:
        own = inside if code == ALL else inside[inside["line"] == code]
        grid = whole if code == ALL else grids[code].assign(lacking=False)
        table = _count_periods(own, grid, period, per_day=per_day, singly=singly)
        parts.append(table.assign(line=code) if "line" in breakdown else table)
    table = pd.concat(parts, ignore_index=True)
    return table.assign(
        territory=place.top,
        unit=indicator.unit,
    )


def _days_by_line(days: pd.DataFrame, coverage: Coverage, place: Territory) -> dict[str, Stretches]:
    """Give the covered days of each line: those of its source, less those on which it is silent."""
    common: dict[str, Stretches] = {}
    for source, own in days.groupby("source"):
        declared = coverage
        if isinstance(coverage, pd.DataFrame) and source in set(coverage["source"]):
            declared = coverage[coverage["source"] == source]
        found = read_coverage(declared, place)
        widest = _assumed(own) if found is None else found[0].common
        if found is not None and not widest:  # places are named, each with its days
            widest = max(found[0].apart.values(), key=_many_days, default=())
        common |= dict.fromkeys(sorted(own["line"].unique()), widest)
    rows = days.rename(columns={"date": "day", "line": "territory"})
    every = [stretch for own in common.values() for stretch in own]
    silent = find_silences(rows, join_stretches(_frame(every)))
    return {line: take_out(own, silent.get(line, ())) for line, own in sorted(common.items())}


def _many_days(stretches: Stretches) -> int:
    return sum((last - first).days + 1 for first, last in stretches)


def _frame(stretches: Sequence[Window]) -> pd.DataFrame:
    return pd.DataFrame(stretches, columns=["start", "end"]).assign(how="observatory")


def _assumed(days: pd.DataFrame) -> Stretches:
    """Give the days that the rows of one source show to be covered."""
    by_day = days.groupby("date").size()
    dates = by_day.index.to_numpy().astype("datetime64[D]")
    singly = bool(days["singly"].all())
    found = covered_stretches(dates, by_day.to_numpy()) if singly else counted_stretches(dates)
    return tuple((pd.Timestamp(start), pd.Timestamp(end)) for start, end in found)


def _by_day(calls: pd.DataFrame) -> pd.DataFrame:
    """Give date, line, source, n, known and lacking: one row per day and line with a count.

    `singly`: each row is one call, so that a covered day without a row has no call.
    """
    if "call_id" in calls.columns:
        table = check_table(calls, CALLS)
        unknown = table["n"].isna()
        known = table.assign(n=table["n"].fillna(0), lacking=unknown, source=_sources(table))
        day = known["date"].dt.normalize()
        grouped = known.groupby([day, "line", "source"], as_index=False).agg(
            n=("n", "sum"), lacking=("lacking", "any")
        )
        return grouped.assign(known=True, singly=True)
    if "status" not in calls.columns:
        raise SchemaError(
            "calls are CALLS (call_id, date, line, n) or CALL_DAYS (date, line, n, status)"
        )
    table = check_table(calls, CALL_DAYS)
    known = table["status"].isin(_KNOWN) & table["n"].notna()
    closed = table["status"].eq("not_applicable") & table["reason"].isin(_CLOSED)
    return pd.DataFrame(
        {
            "date": table["date"].dt.normalize(),
            "line": table["line"],
            "source": _sources(table),
            "n": table["n"].where(known, 0).astype("Int64"),
            "known": known,
            "lacking": ~known & ~closed,
            "singly": False,
        }
    )


def _sources(table: pd.DataFrame) -> pd.Series:
    return table["source"].fillna("") if "source" in table else pd.Series("", index=table.index)


def _count_periods(
    own: pd.DataFrame, periods: pd.DataFrame, period: str, *, per_day: bool, singly: bool
) -> pd.DataFrame:
    """Count the calls of each period, and say whether some are lacking.

    A figure per day is short of calls only where it divides by a day that lacks a line. It divides
    by the days that tell a count; where each row is one call, by every covered day.
    """
    own = own.assign(period=own["date"].dt.to_period(FREQUENCIES[period]))
    answered = own[own["known"]].groupby("period")["date"].nunique()
    by_day = own.groupby(["period", "date"])[["lacking", "known"]].any()
    short = (by_day["lacking"] & (by_day["known"] | (not per_day))).groupby("period").any()
    added = own.groupby("period").agg(
        numerator=("n", "sum"), days_lacking=("lacking", "any"), known=("known", "any")
    )
    table = periods.merge(added, on="period", how="left").merge(
        answered.rename("answered"), on="period", how="left"
    )
    covered = (table["days"] > 0).astype(bool)
    known = covered & (table["known"].fillna(value=False).astype(bool) | singly)
    lacking = table["lacking"] | table["days_lacking"].fillna(value=False).astype(bool)
    partial = (table["days"] < table["full"]) | lacking
    short_of = table["period"].map(short).fillna(value=False).astype(bool) | table["lacking"]
    number = table["numerator"].astype("Int64").fillna(0).where(known)
    status = np.where(number.fillna(1) == 0, "zero", "ok")
    status = np.where(partial, "provisional", status)
    return table.drop(columns=["full", "lacking", "days_lacking", "known"]).assign(
        numerator=number,
        answered=(table["days"] if singly else table["answered"]).astype("Int64"),
        status=pd.Series(np.where(known, status, "missing"), dtype="str"),
        reason=pd.Series(np.where(known & short_of, MISSING_DAYS, pd.NA), dtype="str"),
    )
