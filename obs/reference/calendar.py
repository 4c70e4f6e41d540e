"""Count days in a period: all days, public holidays.

These counts make figures per day and short months comparable. Periods are whole; this module
does not know how much of a period a source covers.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import holidays
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from obs.errors import CodeError, SchemaError

__all__ = ["days_in_period", "holidays_in_period", "public_holidays"]


def days_in_period(periods: Iterable[Any]) -> pd.Series:
    """Count the days of each period.

    Parameters
    ----------
    periods : Series or PeriodIndex or list of Period
        Periods of one frequency. Not modified.

    Returns
    -------
    Series of Int64
        Days, on the index of a Series; missing for a missing period.

    Raises
    ------
    SchemaError
        If the values are not periods of one frequency.

    Examples
    --------
    >>> import pandas as pd
    >>> days_in_period(pd.period_range("2023", "2024", freq="Y")).tolist()
    [365, 366]
    """
    column, start, stop = _bounds(periods)
    return _known_days(column, (stop - start).astype("int64"))


def holidays_in_period(periods: Iterable[Any], *, country: str = "BE") -> pd.Series:
    """Count the public holidays of each period that fall from Monday to Friday.

    Parameters
    ----------
    periods : Series or PeriodIndex or list of Period
        Periods of one frequency. Not modified.
    country : str
        ISO 3166 code of the country whose public holidays count.

    Returns
    -------
    Series of Int64
        Holidays that take a working day away, on the index of a Series.

    Raises
    ------
    SchemaError
        If the values are not periods of one frequency.
    CodeError
        If the country's holidays are not known.

    Examples
    --------
    Labour Day, Ascension and Whit Monday:

    >>> import pandas as pd
    >>> holidays_in_period(pd.PeriodIndex(["2024-05"], freq="M")).tolist()
    [3]
    """
    column, start, stop = _bounds(periods)
    closed = _holidays(country, *_years(start, stop))
    week = np.busday_count(start, stop)
    return _known_days(column, week - np.busday_count(start, stop, holidays=closed))


def public_holidays(first: int, last: int, *, country: str = "BE") -> NDArray[np.datetime64]:
    """Give the dates of the public holidays of a run of years.

    Parameters
    ----------
    first, last : int
        First and last year, both included.
    country : str
        ISO 3166 code of the country.

    Returns
    -------
    ndarray of datetime64[D]
        In the order of time.

    Raises
    ------
    CodeError
        If the country's holidays are not known.

    Examples
    --------
    >>> public_holidays(2024, 2024).astype(str).tolist()[:3]
    ['2024-01-01', '2024-03-31', '2024-04-01']
    """
    return _holidays(country, first, last).copy()


def _bounds(
    periods: Iterable[Any],
) -> tuple[pd.Series, NDArray[np.datetime64], NDArray[np.datetime64]]:
    """Give the periods as a column, and first day and day after of those not missing."""
    column = periods if isinstance(periods, pd.Series) else pd.Series(periods)
    if not isinstance(column.dtype, pd.PeriodDtype):
        raise SchemaError(
            f"periods of one frequency are needed, not values of type {column.dtype}: "
            "make them with pandas.PeriodIndex(values, freq='Y' or 'M')."
        )
    known = column.dropna()
    start = known.dt.start_time.to_numpy().astype("datetime64[D]")
    stop = known.dt.end_time.to_numpy().astype("datetime64[D]") + np.timedelta64(1, "D")
    return column, start, stop


def _known_days(column: pd.Series, days: NDArray[np.int64]) -> pd.Series:
    counted = pd.Series(pd.NA, index=column.index, dtype="Int64", name=column.name)
    counted[column.notna().to_numpy()] = days
    return counted


def _years(start: NDArray[np.datetime64], stop: NDArray[np.datetime64]) -> tuple[int, int]:
    if not len(start):
        return 1970, 1970
    return int(str(start.min())[:4]), int(str(stop.max())[:4])


@lru_cache(maxsize=32)
def _holidays(country: str, first: int, last: int) -> NDArray[np.datetime64]:
    try:
        days = holidays.country_holidays(country, years=range(first, last + 1))
    except NotImplementedError as fault:
        raise CodeError(
            f"The public holidays of '{country}' are not known: use an ISO 3166 country code, "
            "such as BE or FR."
        ) from fault
    return np.array(sorted(days), dtype="datetime64[D]")
