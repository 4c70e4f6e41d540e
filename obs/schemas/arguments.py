"""Checks that public functions share: what is a table, what is a number, which name is nearest.

A message says which argument of which function is wrong, what it was and what is allowed;
it shows names of columns and codes of the caller, never values of rows.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd

from obs.errors import ObsError, SchemaError

__all__ = [
    "nearest_names",
    "need_above_zero",
    "need_columns",
    "need_frame",
    "number_values",
    "shown",
    "text_values",
]

_SHOWN = 40  # characters of a caller's word shown in a message


def nearest_names(word: Any, known: Iterable[Any]) -> str:
    """Give " Did you mean 'x'?" with the nearest of the known words, or nothing."""
    words = {str(k).casefold(): str(k) for k in known}
    near = difflib.get_close_matches(str(word)[:_SHOWN].casefold(), words, n=2, cutoff=0.6)
    return f" Did you mean {' or '.join(repr(words[n]) for n in near)}?" if near else ""


def shown(value: Any) -> str:
    """Give a value for a message: quoted and short, whatever it is."""
    try:
        return repr(str(value)[:_SHOWN])
    except ValueError:  # a whole number of thousands of digits
        return f"a {type(value).__name__} of very many digits"


def need_frame(table: Any, *, who: str, name: str = "table") -> pd.DataFrame:
    """Give the table, or refuse what is none and columns that share a name."""
    if not isinstance(table, pd.DataFrame):
        raise SchemaError(
            f"{who}: {name} must be a DataFrame, not a {type(table).__name__}; "
            "make one with pandas.DataFrame(...)"
        )
    if table.columns.nlevels > 1:
        raise SchemaError(f"{who}: {name} has {table.columns.nlevels} rows of column names; one is")
    twice = table.columns[table.columns.duplicated()].unique()
    if len(twice):
        raise SchemaError(
            f"{who}: {name} has several columns called {', '.join(map(repr, twice[:5]))}; "
            "keep one of each"
        )
    return table


def need_columns(table: pd.DataFrame, names: Sequence[str], *, who: str) -> None:
    """Refuse a table that lacks a column, with the nearest name it has."""
    absent = [n for n in names if n not in table.columns]
    if absent:
        hints = "".join(nearest_names(n, table.columns) for n in absent)
        raise SchemaError(
            f"{who}: column(s) {', '.join(map(str, absent))} are absent.{hints} The table has: "
            f"{', '.join(map(str, table.columns[:40]))}"
        )


def need_above_zero(value: Any, *, who: str, name: str) -> float:
    """Give a finite number above 0, or refuse it."""
    if isinstance(value, bool | np.bool_) or not isinstance(value, Real):
        raise ObsError(f"{who}: {name} must be a number and is a {type(value).__name__}")
    number = float(value)
    if not (np.isfinite(number) and number > 0):
        raise ObsError(f"{who}: {name}={str(value)[:_SHOWN]} must be above 0 and finite")
    return number


def text_values(values: pd.Series) -> pd.Series:
    """Give a column of codes as text, whatever holds it; numbers are not codes.

    Raises
    ------
    TypeError
        Anything but text and missing values: 04000 read as a number has become 4000.
    """
    if isinstance(values.dtype, pd.StringDtype) or values.isna().all():
        return values.astype("str")
    if isinstance(values.dtype, pd.CategoricalDtype):
        plain: Any = values.cat.categories
    else:
        plain = values.astype("object") if isinstance(values.dtype, pd.ArrowDtype) else values
    kind = pd.api.types.infer_dtype(plain, skipna=True)
    if kind not in ("string", "empty"):
        raise TypeError("codes are text, never numbers")
    return values.astype("str")


def number_values(values: pd.Series) -> np.ndarray:
    """Give a column of numbers as floats, NaN where missing, whatever holds it.

    Raises
    ------
    TypeError
        Text, flags, dates, complex numbers or anything else that is no number.
    """
    dtype = values.dtype
    numeric = pd.api.types.is_any_real_numeric_dtype(dtype)
    if not numeric and not values.isna().all():
        kind = pd.api.types.infer_dtype(values, skipna=True)
        if kind not in ("integer", "floating", "mixed-integer-float", "decimal"):
            raise TypeError(f"{kind} values are no numbers")
    try:
        return values.to_numpy(dtype=np.float64, na_value=np.nan)
    except (ValueError, OverflowError) as fault:
        raise TypeError(str(fault)) from None
