"""Check a table against its schema: columns, types and key.

`check_table` returns the table with its columns in the order of the schema, or raises once with
every fault. It converts only what is free of doubt (an `int64` count to `Int64`, an `object` text
to `str`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import pandas as pd

from obs.errors import SchemaError
from obs.schemas.arguments import need_frame, text_values
from obs.schemas.codes import BREAKDOWNS

__all__ = ["Column", "Schema", "check_columns", "check_table", "empty_table", "require"]

Kind = Literal["text", "count", "number", "flag", "date", "period", "category"]


@dataclass(frozen=True)
class Column:
    """One column: its kind, whether it may be missing, its closed codes, its least value."""

    kind: Kind
    nullable: bool = True
    allowed: tuple[str, ...] = ()
    required: bool = True
    least: float | None = None


@dataclass(frozen=True)
class Schema:
    """A table: what one row is, its key, its columns; breakdowns join the key."""

    name: str
    row: str
    key: tuple[str, ...]
    columns: dict[str, Column] = field(default_factory=dict)
    breakdowns: bool = False
    variants: tuple[str, ...] = ()  # columns that join the key where the table has them
    limits: tuple[tuple[str, str], ...] = ()  # columns of which the first is never above the second

    def key_of(self, table: pd.DataFrame) -> list[str]:
        """Give the key columns of this very table, its breakdowns included."""
        extra = [c for c in BREAKDOWNS if c in table.columns] if self.breakdowns else []
        extra += [c for c in self.variants if c in table.columns]
        return [*self.key, *(c for c in extra if c not in self.key)]


_MOST = 2.0**53  # of a count: beyond, a number of double precision does not tell one from the next
_ISO = r"\d{4}-\d{2}-\d{2}(?:[ T]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?"
_HINTS: dict[str, str] = {  # what to do about a column of another type
    "text": "codes are text, since 04000 read as a number is 4000: read them with dtype 'str'",
    "category": "codes are text: read them with dtype 'str'",
    "count": "counts are whole numbers, missing where unknown",
    "number": "numbers, missing where unknown",
    "flag": "true, false or missing",
    "date": "dates without time zone: pandas.to_datetime, or text such as 2024-03-31",
    "period": "make them with pandas.PeriodIndex(table['{}'], freq='M'), or 'Y', 'Q'",
}
_DTYPES: dict[str, str] = {
    "text": "str",
    "category": "str",
    "count": "Int64",
    "number": "Float64",
    "flag": "boolean",
    "date": "datetime64[us]",
}


def empty_table(schema: Schema, *, freq: str = "Y-DEC") -> pd.DataFrame:
    """Make a table of no rows with every column of a schema.

    Parameters
    ----------
    schema : Schema
        The table wanted.
    freq : str
        Frequency of its period columns (a pandas period alias).

    Returns
    -------
    DataFrame of shape (0, n_columns)
        Typed as `check_table` leaves it.

    Examples
    --------
    >>> from obs.schemas import REJECTED, empty_table
    >>> list(empty_table(REJECTED).columns)
    ['file', 'sheet', 'row', 'column', 'rule', 'message']
    """
    return pd.DataFrame(
        {
            name: pd.Series(dtype=f"period[{freq}]" if c.kind == "period" else _DTYPES[c.kind])
            for name, c in schema.columns.items()
        }
    )


def check_table(table: pd.DataFrame, schema: Schema) -> pd.DataFrame:
    """Check a table against its schema and give it back typed.

    Every fault is collected and raised once: absent columns, several of one name, types
    that cannot be converted without doubt (text of any kind is text, numbers are no codes,
    dates may be text such as 2024-03-31), missing values where none may be, codes outside
    the closed list, values that cannot be, limits inside out, repeated keys. Columns the
    schema does not know are left at the end.

    Parameters
    ----------
    table : DataFrame
        Not modified.
    schema : Schema
        One of `obs.schemas.SCHEMAS`.

    Returns
    -------
    DataFrame
        Same rows, in the same order, with a fresh index; schema columns first.

    Raises
    ------
    SchemaError
        With all faults; rows are named by position, values by column and count only.

    Examples
    --------
    >>> import pandas as pd
    >>> from obs.schemas import REJECTED, check_table
    >>> check_table(pd.DataFrame({"file": ["a.csv"], "row": [3]}), REJECTED)
    Traceback (most recent call last):
    obs.errors.SchemaError: table REJECTED: column 'sheet' is absent; column 'column' is absent; column 'rule' is absent; \
column 'message' is absent. See obs.schemas.REJECTED.
    """
    return _checked(table, schema, absent_allowed=False)


def check_columns(table: pd.DataFrame, schema: Schema) -> pd.DataFrame:
    """Check what a table has of a schema, whatever it lacks, and give it back typed.

    Parameters
    ----------
    table : DataFrame
        Not modified.
    schema : Schema
        One of `obs.schemas.SCHEMAS`.

    Returns
    -------
    DataFrame
        As `check_table` gives it; keys are not looked at.

    Raises
    ------
    SchemaError
        With all faults.
    """
    return _checked(table, schema, absent_allowed=True)


def _checked(table: pd.DataFrame, schema: Schema, *, absent_allowed: bool) -> pd.DataFrame:
    need_frame(table, who=schema.name, name="the table")
    faults: list[str] = []
    typed: dict[str, pd.Series] = {}
    for name, column in _columns_of(table, schema).items():
        if name not in table.columns:
            if column.required and not absent_allowed:
                faults.append(f"column '{name}' is absent")
            continue
        try:
            typed[name] = _typed(table[name], column.kind)
        except OverflowError:
            faults.append(
                f"column '{name}' holds infinite numbers or counts above {_MOST:.0f}: leave "
                "unknown ones missing"
            )
            continue
        except (TypeError, ValueError):
            faults.append(
                f"column '{name}' must hold {column.kind} values and is {table[name].dtype} "
                f"({_HINTS[column.kind].format(name)})"
            )
            continue
        faults += _faults_of_column(name, typed[name], column)
    faults += _faults_of_limits(typed, schema)
    others = {c: table[c] for c in table.columns if c not in typed}
    result = pd.DataFrame({**typed, **others}, index=table.index).reset_index(drop=True)
    if not faults and not absent_allowed:
        faults += _faults_of_key(result, schema)
    if faults:
        raise SchemaError(
            f"table {schema.name}: {'; '.join(faults)}. See obs.schemas.{schema.name}."
        )
    return result


def _columns_of(table: pd.DataFrame, schema: Schema) -> dict[str, Column]:
    """Give the columns of a schema and the breakdowns that this very table has."""
    more = [c for c in BREAKDOWNS if c in table.columns and c not in schema.columns]
    text = Column("text", required=False)
    return {**schema.columns, **dict.fromkeys(more if schema.breakdowns else [], text)}


def _typed(values: pd.Series, kind: Kind) -> pd.Series:
    dtype = values.dtype
    if kind == "period":
        if not isinstance(dtype, pd.PeriodDtype):
            raise TypeError("not periods")
        return values
    if kind in ("text", "category"):
        return text_values(values)
    if kind == "date":
        return _dates(values)
    if kind in ("count", "number"):
        if pd.api.types.is_bool_dtype(dtype):
            raise TypeError("a flag is not a number")
        numbers = values.astype("Float64")
        known = numbers.to_numpy(np.float64, na_value=0.0)
        if not np.isfinite(known).all() or (kind == "count" and (np.abs(known) > _MOST).any()):
            raise OverflowError("infinite, or beyond what a count can be")
        if kind == "count" and (known != np.floor(known)).any():
            raise TypeError("not whole")
        return numbers if kind == "number" else values.astype("Int64")
    return values.astype(_DTYPES[kind])  # type: ignore[call-overload, no-any-return]


def _dates(values: pd.Series) -> pd.Series:
    """Read dates; text only as year-month-day, since 02/01 is two days."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        values = values.astype(values.cat.categories.dtype)
    if not pd.api.types.is_datetime64_any_dtype(values.dtype) and values.notna().any():
        kind = pd.api.types.infer_dtype(values, skipna=True)
        if kind == "string" and not values.dropna().astype("str").str.fullmatch(_ISO).all():
            raise TypeError("not of the form 2024-03-31")
        if kind not in ("string", "date", "datetime", "datetime64"):
            raise TypeError("not dates")
    return values.astype(_DTYPES["date"])  # type: ignore[call-overload, no-any-return]


def _faults_of_column(name: str, values: pd.Series, column: Column) -> list[str]:
    faults = []
    absent = values.isna()
    if not column.nullable and absent.any():
        faults.append(f"column '{name}' is missing in {_rows(absent)}")
    if column.allowed:
        wrong = ~absent & ~values.isin(column.allowed)
        if wrong.any():
            faults.append(
                f"column '{name}' has a code that is not one of {', '.join(column.allowed)} "
                f"in {_rows(wrong)}"
            )
    least = 0 if column.kind == "count" else column.least
    if least is not None:
        below = (values < least).fillna(value=False).astype(bool)
        if below.any():
            word = "negative" if least == 0 else f"below {least:g}"
            faults.append(f"column '{name}' is {word} in {_rows(below)}")
    return faults


def _faults_of_limits(typed: dict[str, pd.Series], schema: Schema) -> list[str]:
    faults = []
    for low, high in schema.limits:
        if low in typed and high in typed:
            inside_out = (typed[low] > typed[high]).fillna(value=False).astype(bool)
            if inside_out.any():
                faults.append(f"column '{low}' is above '{high}' in {_rows(inside_out)}")
    return faults


def _faults_of_key(table: pd.DataFrame, schema: Schema) -> list[str]:
    key = schema.key_of(table)
    if not key:
        return []
    repeated = table.duplicated(subset=key, keep=False)
    return [f"key ({', '.join(key)}) is repeated in {_rows(repeated)}"] if repeated.any() else []


def _rows(mask: pd.Series) -> str:
    positions: Sequence[int] = [int(i) for i in mask.to_numpy().nonzero()[0][:5]]
    n = int(mask.sum())
    return f"{n} row{'s' if n > 1 else ''} (first: {', '.join(map(str, positions))})"


def require(schema: Schema, *names: str) -> Schema:
    """Give the schema with some of its optional columns made required."""
    columns = {n: replace(c, required=c.required or n in names) for n, c in schema.columns.items()}
    return replace(schema, columns=columns)
