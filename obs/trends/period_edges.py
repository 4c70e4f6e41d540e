"""Read where something starts and ends, and refuse a day within a period of the series.

A month half under a measure is neither before nor after it: the caller names the period that starts
or ends it.
"""

from __future__ import annotations

from typing import Any, Literal

import pandas as pd

from obs.errors import ObsError, SchemaError

__all__ = ["as_edge", "need_periods"]

_SHOWN = 40  # characters of a value shown in a message
_LETTERS = "Y, Q, M, W or D"


def need_periods(values: pd.Series | pd.Index, *, who: str, name: str) -> pd.PeriodDtype:
    """Give the type of a column of pandas periods, or say how to make them."""
    dtype = values.dtype
    if isinstance(dtype, pd.PeriodDtype):
        return dtype
    index = isinstance(values, pd.Index)
    made = f"{name}.to_period('M')" if index else f"pandas.PeriodIndex(table['{name}'], freq='M')"
    raise SchemaError(
        f"{who}: {'the index' if index else f'column {name!r}'} must hold pandas periods and is "
        f"{dtype}: make them with {made} (of months; {_LETTERS})"
    )


def as_edge(value: Any, dtype: pd.PeriodDtype, *, edge: Literal["start", "end"]) -> pd.Period:
    """Give the first or the last period of the series that a date or a period names.

    Parameters
    ----------
    value : Period, date or str
        A date, or a period as long as those of the series or longer: "2022" starts in
        January and ends in December.
    dtype : PeriodDtype
        That of the periods of the series.
    edge : {"start", "end"}
        Whether the first day named must begin a period, or the last day end one.

    Returns
    -------
    Period

    Raises
    ------
    ObsError
        No date, or a day within a period, with the two periods that it may stand for.
    """
    named = _as_period(value, edge)
    first = edge == "start"
    day = (named.start_time if first else named.end_time).normalize()
    period = day.to_period(dtype.freq)
    bound = (period.start_time if first else period.end_time).normalize()
    if day != bound or (first and named.start_time != bound):
        other = period + 1 if first else period - 1
        side = "from the next whole one" if first else "up to the last whole one"
        raise ObsError(
            f"{edge} {str(value)[:_SHOWN]!r} lies within the period {period}, which is counted "
            f"whole: say {edge}='{period}' to take it whole, or '{other}' {side}"
        )
    return period


def _as_period(value: Any, edge: str) -> pd.Period:
    try:
        if isinstance(value, pd.Period):
            named = value
        elif isinstance(value, int) and not isinstance(value, bool):
            named = pd.Period(year=value, freq="Y")
        elif isinstance(value, str):
            named = pd.Period(value)
        else:
            moment = pd.Timestamp(value)
            named = pd.Period(moment, freq="D" if moment == moment.normalize() else "s")
        if named is not pd.NaT:
            return named
    except (TypeError, ValueError, OverflowError, AttributeError):
        pass
    shown = value[:_SHOWN] if isinstance(value, str) else type(value).__name__
    raise ObsError(f"{edge} {shown!r} is not a date: write it as 2020-03 or 2020-03-16")
