"""Give what each side of a comparison is divided by: its denominator, and its days where they differ.

Months, quarters and years are not of one length: the same facts a day are 6.9 % more facts in
January than in a leap February. Flows over periods of unequal length are compared per day.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from obs.catalogue import load_catalogue
from obs.reference import days_in_period
from obs.schemas import CHANGES

__all__ = ["Exposures", "calendar_days", "row_days", "row_exposures"]

Array = np.ndarray
_COUNT, _COUNT_PER_DAY, _RATE, _RATE_PER_DAY, _SHARE = CHANGES
_PERIODS = {"": "period", "_base": "base"}


class Exposures:
    """Exposures of both sides of each pair, their days, and what a change is one of."""

    def __init__(self, pairs: pd.DataFrame) -> None:
        scale = (
            pairs["scale"] if "scale" in pairs else pd.Series("count", index=pairs.index)
        ).fillna("count")
        self.share = (scale == "share").to_numpy(bool)
        self.counted = (scale == "count").to_numpy(bool)
        new, old = _days_of_both(pairs)
        flow = ~pairs["indicator"].isin(_stocks()).to_numpy(bool)
        self.per_day = flow & ~self.share & (scale != "per_day").to_numpy(bool) & (new != old)
        self.days, self.base_days = new, old
        self.new = self._exposure(pairs, "denominator", new)
        self.old = self._exposure(pairs, "denominator_base", old)
        change_of = np.select(
            [self.share, self.counted & self.per_day, self.counted, (scale == "per_day")],
            [_SHARE, _COUNT_PER_DAY, _COUNT, _COUNT_PER_DAY],
            np.where(self.per_day, _RATE_PER_DAY, _RATE),
        )
        self.change_of = pd.Series(change_of, index=pairs.index, dtype="str")

    def _exposure(self, pairs: pd.DataFrame, column: str, days: Array) -> Array:
        size = pairs[column].to_numpy(dtype="float64", na_value=np.nan)
        return np.where(self.counted, 1.0, size) * np.where(self.per_day, days, 1.0)


def row_exposures(rows: pd.DataFrame) -> Array:
    """Give what each value of a table is a rate over, days counted, so that rows compare.

    A count is over its days, a rate over its denominator and days, a stock over no days; a
    figure per day and a share are over their denominator, which counts the days already.
    """
    scale = (rows["scale"] if "scale" in rows else pd.Series("count", index=rows.index)).fillna(
        "count"
    )
    days = np.where(rows["indicator"].isin(_stocks()), 1.0, row_days(rows))
    size = rows["denominator"].to_numpy(dtype="float64", na_value=np.nan)
    over_days = np.where(scale.isin(["share", "per_day"]), 1.0, days)
    return np.asarray(np.where(scale == "count", 1.0, size) * over_days)


def _days_of_both(pairs: pd.DataFrame) -> tuple[Array, Array]:
    """Give the covered days of both sides, those of the calendar where one is not known."""
    covered = [
        pairs[f"days{side}"].to_numpy(dtype="float64", na_value=np.nan)
        if f"days{side}" in pairs
        else np.full(len(pairs), np.nan)
        for side in _PERIODS
    ]
    known = (covered[0] > 0) & (covered[1] > 0)
    whole = [calendar_days(pairs[column]) for column in _PERIODS.values()]
    return np.where(known, covered[0], whole[0]), np.where(known, covered[1], whole[1])


def row_days(rows: pd.DataFrame) -> Array:
    """Give the covered days of each row, those of the calendar where they are not known."""
    days = calendar_days(rows["period"])
    if "days" not in rows:
        return days
    covered = rows["days"].to_numpy(dtype="float64", na_value=np.nan)
    return np.asarray(np.where(covered > 0, covered, days))


def calendar_days(periods: pd.Series) -> Array:
    """Give the days of each period."""
    distinct = periods.drop_duplicates()
    days = dict(zip(distinct, days_in_period(distinct), strict=True)) if len(distinct) else {}
    return periods.map(days).to_numpy(dtype="float64")


def _stocks() -> list[str]:
    """List the indicators that count what is there at the end of a period, however long."""
    return [i for i, entry in load_catalogue().items() if entry.date_rule == "end_of_period"]
