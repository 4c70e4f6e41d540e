"""Check a table against its schema: columns, types and key.

`check_table` returns the table with its columns in the order of the schema, or raises once with
every fault. It converts only what is free of doubt (an `int64` count to `Int64`, an `object` text
to `str`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import pandas as pd

from obs.errors import SchemaError
from obs.schemas.codes import BREAKDOWNS

__all__ = ["Column", "Schema", "check_table", "empty_table", "require"]

Kind = Literal["text", "count", "number", "flag", "date", "period", "category"]


@dataclass(frozen=True)
class Column:
    """One column: its kind, whether it may be missing, its closed codes if it has any."""

    kind: Kind
    nullable: bool = True
    allowed: tuple[str, ...] = ()
    required: bool = True


@dataclass(frozen=True)
class Schema:
    """A table: what one row is, its key, its columns; breakdowns join the key."""

    name: str
    row: str
    key: tuple[str, ...]
    columns: dict[str, Column] = field(default_factory=dict)
    breakdowns: bool = False
    variants: tuple[str, ...] = ()  # columns that join the key where the table has them

    def key_of(self, table: pd.DataFrame) -> list[str]:
        """Give the key columns of this very table, its breakdowns included."""
        extra = [c for c in BREAKDOWNS if c in table.columns] if self.breakdowns else []
        extra += [c for c in self.variants if c in table.columns]
        return [*self.key, *(c for c in extra if c not in self.key)]


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

    Every fault is collected and raised once: absent columns, types that cannot be
    converted without doubt, missing values where none may be, codes outside the closed
    list, repeated keys. Columns the schema does not know are left at the end.

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
    if not isinstance(table, pd.DataFrame):
        raise SchemaError(f"table {schema.name}: a DataFrame is needed, not {type(table).__name__}")
    faults: list[str] = []
    typed: dict[str, pd.Series] = {}
    for name, column in schema.columns.items():
        if name not in table.columns:
            if column.required:
                faults.append(f"column '{name}' is absent")
            continue
        try:
            typed[name] = _typed(table[name], column.kind)
        except (TypeError, ValueError):
            faults.append(
                f"column '{name}' must hold {column.kind} values and is {table[name].dtype}"
            )
            continue
        faults += _faults_of_column(name, typed[name], column)
    if not faults:
        faults += _faults_of_key(table, schema)
    if faults:
        raise SchemaError(
            f"table {schema.name}: {'; '.join(faults)}. See obs.schemas.{schema.name}."
        )
    others = {c: table[c] for c in table.columns if c not in typed}
    return pd.DataFrame({**typed, **others}).reset_index(drop=True)


def _typed(values: Any, kind: Kind) -> Any:
    if kind == "period":
        if not isinstance(values.dtype, pd.PeriodDtype):
            raise TypeError("not periods")
        return values
    if kind in ("text", "category"):
        if not (
            pd.api.types.is_string_dtype(values.dtype)
            or isinstance(values.dtype, pd.CategoricalDtype)
            or values.isna().all()
        ):
            raise TypeError("codes are text, never numbers")
        return values.astype("str")
    if kind in ("count", "number") and pd.api.types.is_bool_dtype(values.dtype):
        raise TypeError("a flag is not a number")
    return values.astype(_DTYPES[kind])


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
    if column.kind == "count":
        negative = (values < 0).fillna(value=False).astype(bool)
        if negative.any():
            faults.append(f"column '{name}' is negative in {_rows(negative)}")
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
