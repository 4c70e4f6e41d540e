"""Count an indicator from calls to helplines, one call per row or by day and line.

A day on which no line answered has no count: it is not a zero, and not a day to divide by. A
missing day of a line makes its period provisional. What then lacks calls says so in `reason`: a
count always, a figure per day where another line answered that day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
import pandas as pd

from obs.catalogue import Indicator
from obs.errors import SchemaError
from obs.indicators.count.covered_days import FREQUENCIES, Window, make_window, periods_covered
from obs.reference import Territory
from obs.schemas import ALL, CALL_DAYS, CALLS, MISSING_DAYS, check_table

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
    coverage: Sequence[str | dt.date] | None,
) -> pd.DataFrame:
    """Count calls over period and line.

    Gives territory, period, line (if asked), numerator, status, unit, reason (MISSING_DAYS
    or none), days, covered_from, covered_to and `answered`, the days on which at least one of
    the lines counted answered. The days between the first and the last told are covered by default.
    """
    days = _by_day(calls)
    if days.empty:
        raise SchemaError("the table of calls has no row, so nothing tells which days it covers")
    window = make_window(coverage, days["date"].min(), days["date"].max())
    assert window is not None  # noqa: S101 - there are rows
    codes = [ALL, *sorted(days["line"].unique())] if "line" in breakdown else [ALL]
    periods = periods_covered(window, period)
    parts = []
    for code in codes:
        own = days if code == ALL else days[days["line"] == code]
        table = _count_periods(own, periods, window, period, per_day=indicator.kind == "per_day")
        parts.append(table.assign(line=code) if "line" in breakdown else table)
    table = pd.concat(parts, ignore_index=True)
    return table.assign(
        territory=place.top,
        unit=indicator.unit,
    )


def _by_day(calls: pd.DataFrame) -> pd.DataFrame:
    """Give date, line, n, known and lacking: one row per day and line that is told."""
    if "call_id" in calls.columns:
        table = check_table(calls, CALLS)
        unknown = table["n"].isna()
        known = table.assign(n=table["n"].fillna(0), lacking=unknown)
        day = known["date"].dt.normalize()
        grouped = known.groupby([day, "line"], as_index=False).agg(
            n=("n", "sum"), lacking=("lacking", "any")
        )
        return grouped.assign(known=True)
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
            "n": table["n"].where(known, 0).astype("Int64"),
            "known": known,
            "lacking": ~known & ~closed,
        }
    )


def _count_periods(
    own: pd.DataFrame, periods: pd.DataFrame, window: Window, period: str, *, per_day: bool
) -> pd.DataFrame:
    """Count the calls of each period, and say whether some are lacking.

    A figure per day is short of calls only where it divides by a day that lacks a line.
    """
    inside = own[own["date"].between(*window)]
    inside = inside.assign(period=inside["date"].dt.to_period(FREQUENCIES[period]))
    answered = inside[inside["known"]].groupby("period")["date"].nunique()
    by_day = inside.groupby(["period", "date"])[["lacking", "known"]].any()
    short = (by_day["lacking"] & (by_day["known"] | (not per_day))).groupby("period").any()
    added = inside.groupby("period").agg(
        numerator=("n", "sum"), lacking=("lacking", "any"), known=("known", "any")
    )
    table = periods.merge(added, on="period", how="left").merge(
        answered.rename("answered"), on="period", how="left"
    )
    known = table["known"].fillna(value=False).astype(bool)
    partial = (table["days"] < table["full"]) | table["lacking"].fillna(value=False).astype(bool)
    lacking_days = known & table["period"].map(short).fillna(value=False).astype(bool)
    number = table["numerator"].astype("Int64").where(known)
    status = np.where(number.fillna(1) == 0, "zero", "ok")
    status = np.where(partial, "provisional", status)
    return table.drop(columns=["full", "lacking", "known"]).assign(
        numerator=number,
        answered=table["answered"].astype("Int64"),
        status=pd.Series(np.where(known, status, "missing"), dtype="str"),
        reason=pd.Series(np.where(lacking_days, MISSING_DAYS, pd.NA), dtype="str"),
    )
