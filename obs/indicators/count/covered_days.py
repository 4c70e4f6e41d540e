"""Count the days that a source covers, by period or weekday."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pandas as pd

from obs.errors import ObsError

__all__ = [
    "FREQUENCIES",
    "Window",
    "fit_in",
    "make_window",
    "periods_of_span",
    "time_grid",
]

FREQUENCIES = {"year": "Y-DEC", "quarter": "Q-DEC", "month": "M", "week": "W-SUN"}
Window = tuple[pd.Timestamp, pd.Timestamp]
_PER_YEAR = {"Y": 1, "Q": 4, "M": 12}  # of what lies within one another; a day lies in all


def fit_in(delivered: str, asked: str) -> bool:
    """Say whether each delivered period lies within one wanted; a week lies within no month."""
    if "W" in (delivered[0], asked[0]):
        return delivered == asked or delivered[0] not in ("W", *_PER_YEAR)
    return _PER_YEAR.get(delivered[0], 365) >= _PER_YEAR[asked[0]]


def make_window(
    coverage: Sequence[str | dt.date] | None, first: dt.date | None, last: dt.date | None
) -> Window | None:
    """Give the covered days: as declared, else from the first to the last event."""
    if coverage is None:
        return None if first is None else (pd.Timestamp(first), pd.Timestamp(last))
    try:
        start, end = (pd.Timestamp(day) for day in coverage)
    except (TypeError, ValueError):
        start = end = pd.NaT
    if pd.isna(start) or pd.isna(end):
        raise ObsError(
            "coverage must be two dates, the first and the last day, such as "
            "('2022-01-01', '2022-11-30')"
        )
    start, end = start.normalize(), end.normalize()
    if end < start:
        raise ObsError(f"coverage ends ({end:%Y-%m-%d}) before it starts ({start:%Y-%m-%d})")
    return start, end


def periods_of_span(stretches: Sequence[Window], span: Window, period: str) -> pd.DataFrame:
    """List the periods that a span touches, with the days of each that the stretches cover."""
    periods = pd.period_range(*span, freq=FREQUENCIES[period], name="period")
    opened, closed = periods.start_time.normalize(), periods.end_time.normalize()
    days = pd.Series(0, index=range(len(periods)), dtype="Int64")
    first, last = (pd.Series(pd.NaT, index=days.index, dtype="datetime64[us]") for _ in range(2))
    for start, end in stretches:  # in order, and apart
        own_first = pd.Series(opened.where(opened > start, start))
        own_last = pd.Series(closed.where(closed < end, end))
        inside = own_first <= own_last
        days = days.mask(inside, days + (own_last - own_first).dt.days + 1)
        first = first.mask(inside & first.isna(), own_first)
        last = last.mask(inside, own_last)
    return pd.DataFrame(
        {
            "period": periods,
            "days": days.astype("Int64"),
            "covered_from": first.astype("datetime64[us]"),
            "covered_to": last.astype("datetime64[us]"),
            "full": pd.array((closed - opened).days + 1, dtype="Int64"),
        }
    )


def time_grid(
    stretches: Sequence[Window], seen: Window | None, keys: Sequence[str]
) -> pd.DataFrame:
    """Count the covered days, and all the days, of each year, month or weekday wanted.

    Without a time key there is one row, of the whole span.
    """
    spans = [*stretches, *([seen] if seen else [])]
    if not spans:
        columns = {k: pd.Series(dtype=_dtype(k)) for k in keys}
        none = pd.Series(dtype="int64")
        return pd.DataFrame({**columns, "days": none, "full": none})
    start, end = min(s[0] for s in spans), max(s[1] for s in spans)
    longest = next((k for k in FREQUENCIES if k in keys), None)
    if longest:  # whole periods, so that a partial one is seen
        start = start.to_period(FREQUENCIES[longest]).start_time
        end = end.to_period(FREQUENCIES[longest]).end_time.normalize()
    days = pd.Series(pd.date_range(start, end))
    inside = pd.Series(data=False, index=days.index)
    for stretch in stretches:
        inside |= days.between(*stretch)
    frame = pd.DataFrame({k: _time_key(days, k) for k in keys}).assign(inside=inside, one=1)
    if not keys:
        return pd.DataFrame({"days": [int(inside.sum())], "full": [len(days)]})
    grid = frame.groupby(list(keys), as_index=False).agg(
        days=("inside", "sum"), full=("one", "sum")
    )
    finest = [k for k in FREQUENCIES if k in keys]
    return _touched(grid, spans, finest[-1]) if finest else grid


def _touched(grid: pd.DataFrame, spans: Sequence[Window], key: str) -> pd.DataFrame:
    """Leave out the periods before the first and after the last day of any span."""
    low = min(s[0] for s in spans).to_period(FREQUENCIES[key])
    high = max(s[1] for s in spans).to_period(FREQUENCIES[key])
    return grid.loc[(grid[key] >= low) & (grid[key] <= high)].reset_index(drop=True)


def _time_key(days: pd.Series, key: str) -> pd.Series:
    if key == "weekday":
        return (days.dt.day_of_week + 1).astype("Int64")
    return days.dt.to_period(FREQUENCIES[key])


def _dtype(key: str) -> str:
    return "Int64" if key == "weekday" else f"period[{FREQUENCIES[key]}]"
