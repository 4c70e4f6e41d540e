"""Check a respondent table before anything is estimated from it.

All faults are reported together, each with its column and rows (counted from 1). Values of
respondents are never shown.
"""

from collections.abc import Sequence
from numbers import Number

import numpy as np
import pandas as pd

from obs.errors import ObsError, SchemaError

__all__ = [
    "RESERVED",
    "aligned",
    "as_list",
    "check_columns",
    "check_design",
    "check_fpc",
    "is_number",
    "is_yes_no",
    "of_another_type",
    "named_columns",
    "plain",
    "read_numbers",
    "rows_text",
    "weight_numbers",
]

LARGEST = 1e100  # beyond, squares overflow and nothing is measured
_PLAIN = {  # what an object column turns out to hold, and its type
    "boolean": "boolean",
    "integer": "Int64",
    "floating": "Float64",
    "mixed-integer-float": "Float64",
    "decimal": "Float64",
}

RESERVED = (
    "variable",
    "level",
    "n",
    "estimate",
    "se",
    "low",
    "high",
    "df",
    "n_effective",
    "deff",
    "cv",
    "grade",
    "n_missing",
    "reason",
)


def as_list(names: str | Sequence[str] | None) -> list[str]:
    """Read one name, several or none as a list.

    Raises
    ------
    ObsError
        If values of a table are given for names of its columns.
    """
    if names is None:
        return []
    _refuse_values(names)
    return [names] if isinstance(names, str) else list(names)


def _refuse_values(name: object) -> None:
    if isinstance(name, pd.Series | pd.DataFrame | np.ndarray):
        raise ObsError(
            f"Give the name of a column, not its values (a {type(name).__name__}). New values "
            "are added with with_columns."
        )


def named_columns(table: pd.DataFrame, names: str | Sequence[str]) -> list[str]:
    """Read one name or several, and refuse none or unknown ones.

    Raises `ObsError` for no name, or columns that the table lacks.
    """
    listed = as_list(names)
    if not listed:
        raise ObsError("Name at least one variable.")
    check_columns(table, listed)
    return listed


def rows_text(wrong: np.ndarray) -> str:
    """Say how many rows are wrong and which come first, counted from 1."""
    rows = np.flatnonzero(wrong) + 1
    first = ", ".join(str(row) for row in rows[:5])
    more = ", ..." if len(rows) > 5 else ""
    return f"{len(rows)} rows: {first}{more}"


def plain(values: pd.Series) -> pd.Series:
    """Give a column of objects the type of what it holds; others stay as they are."""
    if values.dtype != object:
        return values
    kind = pd.api.types.infer_dtype(values, skipna=True)
    if kind.startswith("mixed") and all(isinstance(v, Number) for v in values.dropna()):
        kind = "floating"
    return values.astype(_PLAIN[kind]) if kind in _PLAIN else values


def is_number(values: pd.Series) -> bool:
    """Tell whether a column holds numbers or yes/no answers."""
    kinds = pd.api.types
    found = plain(values)
    number = kinds.is_numeric_dtype(found) and not kinds.is_complex_dtype(found)
    return bool(number or kinds.is_bool_dtype(found))


def is_yes_no(values: pd.Series) -> bool:
    """Tell whether a column holds nothing but yes and no: booleans, or numbers 0 and 1."""
    if not is_number(values):
        return False
    numbers = plain(values).to_numpy(dtype=float, na_value=np.nan)
    return bool(np.all((numbers == 0) | (numbers == 1) | np.isnan(numbers)))


def read_numbers(table: pd.DataFrame, name: str, *, of: str = "") -> np.ndarray:
    """Read a column of numbers or yes/no answers; NaN where missing.

    Parameters
    ----------
    table : DataFrame
        With the column.
    name : str
        The column.
    of : str
        What the table is, for the message, if it is not that of the respondents.

    Raises
    ------
    SchemaError
        If the column is of another kind, or holds numbers that are infinite.
    """
    where = f"Column {name!r}{of and ' of ' + of}"
    if not is_number(table[name]):
        raise SchemaError(f"{where} is not made of numbers or yes/no answers.")
    values = plain(table[name]).to_numpy(dtype=float, na_value=np.nan)
    endless = np.abs(values) > LARGEST
    if endless.any():
        raise SchemaError(
            f"{where} is infinite, or beyond any measure, in {rows_text(endless)}. Correct these "
            "rows, or make the value missing."
        )
    return values


def weight_numbers(values: pd.Series) -> np.ndarray:
    """Read weights or population sizes, categories and text of numbers too; NaN where wrong."""
    kinds = pd.api.types
    found = values
    if isinstance(values.dtype, pd.CategoricalDtype):
        found = values.astype(values.cat.categories.dtype)
    if kinds.is_datetime64_any_dtype(found) or kinds.is_timedelta64_dtype(found):
        return np.full(len(values), np.nan)
    return pd.to_numeric(plain(found), errors="coerce").to_numpy(dtype=float, na_value=np.nan)


def aligned(values: object, index: pd.Index, *, what: str) -> pd.Series:
    """Lay values along the rows of a table: a Series by its labels, others by position.

    Parameters
    ----------
    values : Series or array_like
        One value per row.
    index : Index
        Labels of the rows.
    what : str
        What the values are, for the message.

    Returns
    -------
    Series
        On ``index``; an array of another length keeps it, for the caller to refuse.

    Raises
    ------
    SchemaError
        If the labels of a Series are not those of the rows, or do not tell rows apart.
    """
    if isinstance(values, pd.DataFrame):
        raise SchemaError(f"{what} is a table: give one of its columns.")
    if not isinstance(values, pd.Series):
        laid = pd.Series(values)
        return laid.set_axis(index) if len(laid) == len(index) else laid
    if len(values) == len(index) and values.index.equals(index):
        return values
    unique = values.index.is_unique and index.is_unique
    if not unique or not index.isin(values.index).all():
        missing = int((~index.isin(values.index)).sum())
        why = f"{missing} rows have no value" if unique else "labels repeat"
        raise SchemaError(
            f"{what} is a Series on another index than the respondents ({why}). Give it the "
            "index of the table, or give an array, which is read by position."
        )
    return values.reindex(index)


def of_another_type(wanted: object, found: Sequence[object]) -> str:
    """Say which of the values found reads like a wanted one of another type, or nothing."""
    for value in found:
        if value != wanted and str(value).strip() == str(wanted).strip():
            return (
                f" {wanted!r} is {type(wanted).__name__}, the table has {value!r} "
                f"({type(value).__name__})."
            )
    return ""


def check_columns(table: pd.DataFrame, names: Sequence[str], *, by: Sequence[str] = ()) -> None:
    """Refuse names that the table lacks, and breakdowns that a result could not hold.

    Raises `SchemaError` for unknown columns, or a breakdown with the name of a result column.
    """
    if not isinstance(table, pd.DataFrame):
        raise ObsError(f"Respondents must be a DataFrame, not {type(table).__name__}.")
    wanted = [*names, *by]
    for name in wanted:
        _refuse_values(name)
    listed = list(table.columns)
    unknown = [name for name in wanted if name not in listed]
    if unknown:
        raise SchemaError(
            f"The respondent table has no column {', '.join(map(repr, unknown))}. "
            f"Its columns: {', '.join(map(str, table.columns[:20]))}."
        )
    twice = sorted({str(name) for name in wanted if listed.count(name) > 1})
    if twice:
        raise SchemaError(
            f"The respondent table has several columns called {', '.join(map(repr, twice))}. "
            "Rename or drop all but one."
        )
    repeated = sorted({str(name) for name in by if list(by).count(name) > 1})
    if repeated:
        raise SchemaError(f"A breakdown is named twice: {', '.join(map(repr, repeated))}.")
    reserved = [name for name in by if name in RESERVED]
    if reserved:
        raise SchemaError(
            f"A breakdown cannot be called {', '.join(map(repr, reserved))}: the result has a "
            "column of that name. Rename it."
        )


def check_design(
    table: pd.DataFrame, *, weight: str, codes: Sequence[str], numbers: Sequence[str]
) -> None:
    """Refuse weights, strata, clusters and population sizes that cannot be used.

    Raises `SchemaError` with every fault found.
    """
    if table.empty:
        raise SchemaError("The respondent table has no rows.")
    faults = _weight_faults(table[weight], weight)
    for name in codes:
        missing = table[name].isna().to_numpy()
        if missing.any():
            faults.append(f"column {name!r} is missing in {rows_text(missing)}")
    for name in numbers:
        values = weight_numbers(table[name])
        wrong = ~(values > 0)
        if wrong.any():
            faults.append(
                f"column {name!r} (finite population) is not a number above 0 in {rows_text(wrong)}"
            )
    if faults:
        raise SchemaError(f"The survey design cannot be used: {'; '.join(faults)}.")


def check_fpc(
    fpc: np.ndarray, unit: np.ndarray, first: np.ndarray, stratum_of_unit: np.ndarray, name: str
) -> None:
    """Refuse a population size that varies in a stratum or is below the sample.

    Raises `SchemaError` with the column and the rows.
    """
    stratum = stratum_of_unit[unit]
    reference = np.empty(len(first) - 1)
    reference[stratum] = fpc
    varies = fpc != reference[stratum]
    if varies.any():
        strata = np.isin(stratum, stratum[varies])
        raise SchemaError(
            f"Column {name!r} (finite population) differs between the rows of a stratum "
            f"({rows_text(strata)}). Give one population size or fraction per stratum."
        )
    sizes = np.diff(first)[stratum]
    small = (fpc > 1 + 1e-9) if np.all(fpc <= 1) else fpc < sizes
    if small.any():
        raise SchemaError(
            f"Column {name!r} (finite population) is smaller than the sample of its stratum in "
            f"{rows_text(small)}. Give the units in the population, or the sampling fraction "
            "(0 to 1) in every row."
        )


def _weight_faults(weights: pd.Series, name: str) -> list[str]:
    values = weight_numbers(weights)
    faults = []
    missing = ~(np.abs(values) <= LARGEST)
    if missing.any():
        faults.append(f"weight {name!r} is missing or not a number in {rows_text(missing)}")
    negative = values < 0
    if negative.any():
        faults.append(f"weight {name!r} is negative in {rows_text(negative)}")
    if not faults and not (values > 0).any():
        faults.append(f"weight {name!r} is 0 in every row")
    return faults
