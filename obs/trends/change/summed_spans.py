"""Add up each series over a span of its periods, with the days that the sum covers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from obs.schemas import WITHHELD
from obs.trends.change.period_exposures import calendar_days, row_days

__all__ = ["add_up_span"]

_SHOWN = ("ok", "provisional")


def add_up_span(
    table: pd.DataFrame, keys: list[str], first: pd.Period, last: pd.Period, many: int
) -> pd.DataFrame:
    """Add up each series over a span; a period that is unknown or cut makes the sum unknown."""
    rows = table[table["period"].between(first, last)]
    days = row_days(rows)
    people = rows["denominator"].astype("Float64")
    rate = (
        rows["scale"].str.startswith("per_") & (rows["scale"] != "per_day")
        if "scale" in rows
        else False
    )
    weighted = people * np.where(rate, days, 1.0)
    cut = pd.Series(days < calendar_days(rows["period"]), index=rows.index)
    known = rows["status"].isin(["ok", "zero", "provisional"]) & ~cut & rows["numerator"].notna()
    parts = rows.assign(days=days, weighted=weighted, known=known, rate=rate)
    grouped = parts.groupby(keys, dropna=False, as_index=False, sort=False)
    kept = [c for c in ("unit", "scale", "level", "rate") if c in parts]
    added = grouped.agg(
        **{c: (c, "first") for c in kept if c not in keys},
        numerator=("numerator", "sum"),
        weighted=("weighted", "sum"),
        days=("days", "sum"),
        known=("known", "sum"),
        status=("status", _worst),
    )
    whole = added["known"] == many
    return added.assign(
        numerator=added["numerator"].where(whole).astype("Int64"),
        denominator=added["weighted"] / added["days"].where(added["rate"], 1.0),
        status=added["status"].mask(~whole & added["status"].isin(_SHOWN), "missing"),
        first=first,
        last=last,
    )


def _worst(status: pd.Series) -> str:
    """Give the status that a sum takes from its parts."""
    for code in (*sorted(WITHHELD), "not_applicable", "missing", "provisional"):
        if (status == code).any():
            return code
    return "ok"
