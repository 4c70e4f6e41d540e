"""The calendar of a seasonal adjustment: public holidays around a series, and spans of crisis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from obs.errors import ObsError
from obs.reference import public_holidays

__all__ = ["crisis_spans", "holidays_around"]

Dates = NDArray[np.datetime64]

_HOLIDAY_YEARS = 14  # years of holidays on each side: contrasts need their usual value


def crisis_spans(
    crises: Sequence[tuple[str, str]],
) -> list[tuple[pd.Timestamp, pd.Timestamp]]:
    """Give the first and last moment of each crisis, or say how to write them."""
    try:
        return [(pd.Period(a).start_time, pd.Period(b).end_time) for a, b in crises]
    except (TypeError, ValueError, AttributeError):
        raise ObsError(
            "crises must be pairs of first and last period, such as (('2020-03', '2020-06'),)"
        ) from None


def holidays_around(periods: pd.PeriodIndex, calendar: str | Sequence[Any] | None) -> Dates:
    """Give the public holidays of a country, or those given, around the periods."""
    if calendar is None or isinstance(calendar, str):
        country = "BE" if calendar in (None, "none") else calendar
        first, last = periods[0].year - _HOLIDAY_YEARS, periods[-1].year + _HOLIDAY_YEARS
        return public_holidays(first, last, country=country)
    try:
        return np.asarray(pd.DatetimeIndex(calendar).to_numpy(), dtype="datetime64[D]")
    except (TypeError, ValueError):
        raise ObsError(
            "calendar must be a country ('BE'), 'none', or a list of dates of holidays"
        ) from None
