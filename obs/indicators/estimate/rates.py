"""Add rates and shares with intervals: a count over an exposure, or a part over its whole.

`status` keeps zero, missing and withheld apart; no value is invented.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from obs.errors import SchemaError
from obs.schemas import (
    STATUSES,
    WITHHELD,
    nearest_names,
    need_above_zero,
    need_columns,
    need_frame,
    number_values,
    text_values,
)
from obs.stats import poisson_interval, wilson_interval
from obs.stats.counts.intervals import tail_of

__all__ = ["add_rate", "add_share"]

Limits = tuple[np.ndarray, np.ndarray]


def add_rate(
    table: pd.DataFrame,
    *,
    per: float = 1_000,
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
    per : float
        :math:`k`, for example 1,000 inhabitants; above 0.
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
        0 events, "missing" where the count or the exposure is unknown or the exposure is
        0, else the status of the count. Row order and index kept.

    Raises
    ------
    SchemaError
        No table, several columns of one name, a column that is absent or holds no numbers,
        a count that is negative or fractional, an exposure that is negative or infinite, an
        unknown status.
    ObsError
        A confidence outside ]0, 1[; `per` not above 0.

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
    scale = need_above_zero(per, who="add_rate", name="per")
    tail_of(confidence)
    need_frame(table, who="add_rate")

    def limits(count: np.ndarray, size: np.ndarray) -> Limits:
        low, high = poisson_interval(count, confidence=confidence)
        return scale * low / size, scale * high / size

    return _with_value(table, events, exposure, scale=scale, limits=limits)


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
        As `add_rate`; a whole may be 0, never negative.
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
    tail_of(confidence)
    need_frame(table, who="add_share")

    def limits(count: np.ndarray, size: np.ndarray) -> Limits:
        return wilson_interval(count, size, confidence=confidence)

    return _with_value(table, part, whole, scale=1, limits=limits)


def _with_value(
    table: pd.DataFrame,
    events: str,
    exposure: str,
    *,
    scale: float,
    limits: Callable[[np.ndarray, np.ndarray], Limits],
) -> pd.DataFrame:
    need_columns(table, [events, exposure], who="the table")
    count, size = _count_column(table, events), _number_column(table, exposure)
    _refuse(np.isinf(size), exposure, "infinite: leave unknown ones missing")
    _refuse(size < 0, exposure, "negative")
    size = np.where(size > 0, size, np.nan)
    status = _status_of(table, count, size)
    hidden = np.isin(status, [*WITHHELD, "missing", "not_applicable"])
    count, size = np.where(hidden, np.nan, count), np.where(hidden, np.nan, size)
    low, high = limits(count, size)
    return table.assign(
        value=_float(scale * count / size, table),
        low=_float(low, table),
        high=_float(high, table),
        status=pd.Series(status, index=table.index, dtype="str"),
    )


def _status_of(table: pd.DataFrame, count: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Give the status of each value: that of its count, or missing where no value can be made."""
    given = _given_status(table)
    counted = np.isin(given, ["ok", "zero"])
    said = np.where(counted, np.where(count == 0, "zero", "ok"), given)
    shown = ~np.isin(said, [*WITHHELD, "not_applicable"])
    return np.where(shown & (np.isnan(count) | np.isnan(size)), "missing", said)


def _given_status(table: pd.DataFrame) -> np.ndarray:
    if "status" not in table:
        return np.full(len(table), "ok", dtype=object)
    try:
        given = text_values(table["status"]).fillna("ok")
    except TypeError:
        raise SchemaError(
            f"column 'status' must hold text and is {table['status'].dtype}"
        ) from None
    unknown = sorted(set(given) - set(STATUSES))
    if unknown:
        hints = "".join(nearest_names(code, STATUSES) for code in unknown[:1])
        raise SchemaError(
            f"column 'status' has {len(unknown)} code(s) that are no status.{hints} "
            f"Statuses: {', '.join(STATUSES)}"
        )
    return given.to_numpy(dtype=object)


def _count_column(table: pd.DataFrame, name: str) -> np.ndarray:
    values = _number_column(table, name)
    whole = np.isnan(values) | (np.isfinite(values) & (values >= 0) & (values == np.floor(values)))
    _refuse(~whole, name, "no whole count of at least 0")
    return values


def _refuse(wrong: np.ndarray, name: str, what: str) -> None:
    rows = np.flatnonzero(wrong)
    if rows.size:
        raise SchemaError(
            f"column '{name}': {rows.size} row(s) hold {what} "
            f"(first positions: {', '.join(map(str, rows[:5]))})"
        )


def _number_column(table: pd.DataFrame, name: str) -> np.ndarray:
    try:
        return number_values(table[name])
    except TypeError:
        raise SchemaError(f"column '{name}' must hold numbers and is {table[name].dtype}") from None


def _float(values: np.ndarray, table: pd.DataFrame) -> pd.Series:
    return pd.Series(values, index=table.index, dtype="float64").astype("Float64")
