"""Write typed cells as texts: dates by ISO 8601, whole numbers without a fraction."""

from __future__ import annotations

import datetime as dt
import decimal as dec
import math

import pandas as pd

__all__ = ["cell_text"]

_WHOLE = 1e15  # whole numbers below it are exact


def cell_text(value: object, decimal: str) -> str | None:
    """Write a cell that a file or a table holds typed; None for one without a value.

    Parameters
    ----------
    value : object
        A text, number, flag, day, time or duration.
    decimal : str
        Sign that numbers with a fraction are written with.

    Returns
    -------
    str or None
        The text that the same cell would have in a csv of that profile.

    Examples
    --------
    >>> cell_text(12.0, ","), cell_text(2.5, ","), cell_text(dt.date(2024, 1, 5), ",")
    ('12', '2,5', '2024-01-05')
    >>> cell_text(dec.Decimal("12.00"), ",")
    '12'
    """
    if isinstance(value, str):
        return " ".join(value.split()) if "\n" in value or "\r" in value else value
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _number(value, decimal)
    if isinstance(value, dec.Decimal):
        whole = value.is_finite() and value == value.to_integral_value()
        return str(int(value)) if whole else str(value).replace(".", decimal)
    if isinstance(value, bytes):  # some writers of Apache Parquet do not mark their texts
        return value.decode("utf-8", errors="replace")
    if isinstance(value, dt.datetime):
        whole_day = value.time() == dt.time() and value.tzinfo is None
        return value.date().isoformat() if whole_day else value.isoformat(sep=" ")
    if isinstance(value, dt.timedelta):
        seconds = round(value.total_seconds())
        return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return str(value)


def _number(value: float, decimal: str) -> str | None:
    if math.isnan(value):
        return None
    if value.is_integer() and abs(value) < _WHOLE:
        return str(int(value))
    return repr(float(value)).replace(".", decimal)
