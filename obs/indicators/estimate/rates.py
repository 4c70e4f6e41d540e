"""Add rates and shares with intervals: a count over an exposure, or a part over its whole.

`status` keeps zero, missing and withheld apart; no value is invented.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from obs.errors import SchemaError
from obs.schemas import WITHHELD
from obs.stats import poisson_interval, wilson_interval

__all__ = ["add_rate", "add_share"]

Limits = tuple[np.ndarray, np.ndarray]


def add_rate(
    table: pd.DataFrame,
    *,
    per: int = 1_000,
    confidence: float = 0.95,
    events: str = "numerator",
    exposure: str = "denominator",
) -> pd.DataFrame:
    r"""Add the crude rate of a count, with its interval and its status.

    :math:`r = k\,O/n`; limits of :math:`O` exact (Garwood) below 10 events and Byar from
    10, divided by the exposure :math:`n`, which is taken as known without error.

    Parameters
    ----------
    table : DataFrame of shape (n_rows, n_columns)
        One row per value. Not modified. A `status` already there is respected: a
        withheld or missing count stays so.
    per : int
        :math:`k`, for example 1,000 inhabitants.
    confidence : float
        Between 0 and 1.
    events : str
        Column of counts: whole, at least 0, missing allowed.
    exposure : str
        Column of inhabitants, dwellings, days.

    Returns
    -------
    DataFrame of shape (n_rows, n_columns + 4)
        With `value`, `low`, `high` (Float64, events per `per`) and `status`: "zero" for
        0 events, "missing" where the count or the exposure is unknown or not above 0,
        else the status of the count. Row order and index kept.

    Raises
    ------
    SchemaError
        A column is absent, or a count is negative or fractional.
    ObsError
        A confidence outside ]0, 1[.

    References
    ----------
    .. [1] Public Health England, Technical guide: confidence intervals.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"numerator": [0, 65, None], "denominator": [100, 100, 100]})
    >>> add_rate(table, per=100)[["value", "low", "high", "status"]].round(2)
       value    low   high   status
    0    0.0    0.0   3.69     zero
    1   65.0  50.16  82.85       ok
    2   <NA>   <NA>   <NA>  missing
    """

    def limits(count: np.ndarray, size: np.ndarray) -> Limits:
        low, high = poisson_interval(count, confidence=confidence)
        return per * low / size, per * high / size

    return _with_value(table, events, exposure, scale=per, limits=limits)


def add_share(
    table: pd.DataFrame,
    *,
    confidence: float = 0.95,
    part: str = "numerator",
    whole: str = "denominator",
) -> pd.DataFrame:
    """Add the share of a part in its whole, with the Wilson interval and the status.

    Parameters
    ----------
    table : DataFrame of shape (n_rows, n_columns)
        One row per value. Not modified. A `status` already there is respected.
    confidence : float
        Between 0 and 1.
    part : str
        Column of counts: whole numbers, at least 0, at most the whole.
    whole : str
        Column of counts.

    Returns
    -------
    DataFrame of shape (n_rows, n_columns + 4)
        With `value`, `low`, `high` (Float64, from 0 to 1) and `status`: "zero" for an
        empty part, "missing" where part or whole is unknown or the whole is 0, else the
        status of the part. Row order and index kept.

    Raises
    ------
    SchemaError
        A column is absent, or a count is negative or fractional.
    ObsError
        A part is above its whole; a confidence outside ]0, 1[.

    References
    ----------
    .. [1] E. B. Wilson, 1927, Probable inference, JASA 22.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"numerator": [13, 0], "denominator": [100, 0]})
    >>> add_share(table)[["value", "low", "high", "status"]].round(3)
       value    low   high   status
    0   0.13  0.078   0.21       ok
    1   <NA>   <NA>   <NA>  missing
    """

    def limits(count: np.ndarray, size: np.ndarray) -> Limits:
        return wilson_interval(count, size, confidence=confidence)

    return _with_value(table, part, whole, scale=1, limits=limits)


def _with_value(
    table: pd.DataFrame,
    events: str,
    exposure: str,
    *,
    scale: int,
    limits: Callable[[np.ndarray, np.ndarray], Limits],
) -> pd.DataFrame:
    count = _counts(table, events)
    size = _numbers(table, exposure)
    if np.isinf(size).any():
        raise SchemaError(f"column '{exposure}' holds infinite values; leave unknown ones missing")
    size = np.where(size > 0, size, np.nan)
    status = _status(table, count, size)
    hidden = np.isin(status, [*WITHHELD, "missing", "not_applicable"])
    count, size = np.where(hidden, np.nan, count), np.where(hidden, np.nan, size)
    low, high = limits(count, size)
    return table.assign(
        value=_float(scale * count / size, table),
        low=_float(low, table),
        high=_float(high, table),
        status=pd.Series(status, index=table.index, dtype="str"),
    )


def _status(table: pd.DataFrame, count: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Keep what is said of the count, then say what its value can be."""
    given = (
        table["status"].fillna("ok") if "status" in table else pd.Series("ok", index=table.index)
    ).to_numpy(dtype=object)
    counted = np.isin(given, ["ok", "zero"])
    said = np.where(counted, np.where(count == 0, "zero", "ok"), given)
    shown = ~np.isin(said, [*WITHHELD, "not_applicable"])
    return np.where(shown & (np.isnan(count) | np.isnan(size)), "missing", said)


def _counts(table: pd.DataFrame, name: str) -> np.ndarray:
    values = _numbers(table, name)
    wrong = np.flatnonzero((values < 0) | (values != np.floor(values)) & ~np.isnan(values))
    if wrong.size:
        raise SchemaError(
            f"column '{name}' must hold whole counts of at least 0; {wrong.size} row(s) do not "
            f"(first positions: {', '.join(map(str, wrong[:5]))})"
        )
    return values


def _numbers(table: pd.DataFrame, name: str) -> np.ndarray:
    if name not in table.columns:
        raise SchemaError(
            f"column '{name}' is absent; the table has: {', '.join(map(str, table.columns))}"
        )
    try:
        return table[name].to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError):
        raise SchemaError(f"column '{name}' must hold numbers and is {table[name].dtype}") from None


def _float(values: np.ndarray, table: pd.DataFrame) -> pd.Series:
    return pd.Series(values, index=table.index, dtype="float64").astype("Float64")
