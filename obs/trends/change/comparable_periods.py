"""Decide whether two periods cover the same days.

Two parts of periods are alike if they cover the same days (January to November of both years). A
period with missing days inside is never alike.
"""

from __future__ import annotations

import pandas as pd

from obs.reference import days_in_period
from obs.schemas import MISSING_DAYS

__all__ = ["partial_pairs"]

_SPAN = ("days", "covered_from", "covered_to")
_SIDES = ("", "_base")


def partial_pairs(pairs: pd.DataFrame) -> pd.Series:
    """Tell the pairs of which a side is covered in part, the other not over the same days.

    Returns a Series on the index of `pairs`.

    Examples
    --------
    >>> import pandas as pd
    >>> pair = pd.DataFrame({
    ...     "period": pd.PeriodIndex(["2022"], freq="Y"), "status": "provisional", "days": 334,
    ...     "base": pd.PeriodIndex(["2021"], freq="Y"), "status_base": "ok", "days_base": 365})
    >>> partial_pairs(pair).tolist()
    [True]
    """
    either = _cut(pairs, "") | _cut(pairs, "_base")
    lacking_days = pd.Series(data=False, index=pairs.index)
    if "reason" in pairs:
        for side in _SIDES:
            lacking_days |= pairs[f"reason{side}"].eq(MISSING_DAYS).fillna(value=False).astype(bool)
    return lacking_days | (either & ~_same_days(pairs))


def _cut(pairs: pd.DataFrame, side: str) -> pd.Series:
    """Tell a period covered in part: by its days, else by its status."""
    days, period = f"days{side}", "base" if side else "period"
    if days not in pairs or not len(pairs):
        return pairs[f"status{side}"] == "provisional"
    full = pairs[period].map(_full_days(pairs[period]))
    return (pairs[days] < full).fillna(pairs[f"status{side}"] == "provisional").astype(bool)


def _full_days(periods: pd.Series) -> dict[pd.Period, int]:
    distinct = periods.drop_duplicates()
    return dict(zip(distinct, days_in_period(distinct), strict=True))


def _same_days(pairs: pd.DataFrame) -> pd.Series:
    """Tell the pairs whose covered days are one unbroken stretch, at the same place of both."""
    if any(c not in pairs for c in _SPAN) or not len(pairs):
        return pd.Series(data=False, index=pairs.index)
    alike = pd.Series(data=True, index=pairs.index)
    for side in _SIDES:
        first, last = pairs[f"covered_from{side}"], pairs[f"covered_to{side}"]
        alike &= ((last - first).dt.days + 1 == pairs[f"days{side}"]).fillna(value=False)
    for name in ("covered_from", "covered_to"):
        alike &= _same_place(pairs, name)
    return alike.astype(bool)


def _same_place(pairs: pd.DataFrame, name: str) -> pd.Series:
    """Compare a day with that of the base: its month within the period, its day of the month.

    In weeks and days it is its place from the first day.
    """
    new, old = pairs[name], pairs[f"{name}_base"]
    if pairs["period"].dt.freq.freqstr[0] not in "YQM":
        return (new - pairs["period"].dt.start_time) == (old - pairs["base"].dt.start_time)
    months = _month(new, pairs["period"]) == _month(old, pairs["base"])
    ends = new.dt.is_month_end & old.dt.is_month_end
    return (months & ((new.dt.day == old.dt.day) | ends)).fillna(value=False)


def _month(days: pd.Series, periods: pd.Series) -> pd.Series:
    start = periods.dt.start_time
    return (days.dt.year - start.dt.year) * 12 + days.dt.month - start.dt.month
