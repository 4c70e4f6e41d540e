"""Check a respondent table before anything is estimated from it.

All faults are reported together, each with its column and rows (counted from 1). Values of
respondents are never shown.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from obs.errors import ObsError, SchemaError

__all__ = [
    "RESERVED",
    "as_list",
    "check_columns",
    "check_design",
    "check_fpc",
    "named_columns",
    "rows_text",
]

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
    """Read one name, several or none as a list."""
    if names is None:
        return []
    return [names] if isinstance(names, str) else list(names)


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


def check_columns(table: pd.DataFrame, names: Sequence[str], *, by: Sequence[str] = ()) -> None:
    """Refuse names that the table lacks, and breakdowns that a result could not hold.

    Raises `SchemaError` for unknown columns, or a breakdown with the name of a result column.
    """
    if not isinstance(table, pd.DataFrame):
        raise ObsError(f"Respondents must be a DataFrame, not {type(table).__name__}.")
    unknown = [name for name in [*names, *by] if name not in table.columns]
    if unknown:
        raise SchemaError(
            f"The respondent table has no column {', '.join(map(repr, unknown))}. "
            f"Its columns: {', '.join(map(str, table.columns[:20]))}."
        )
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
        values = pd.to_numeric(table[name], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
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
    values = pd.to_numeric(weights, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    faults = []
    missing = ~np.isfinite(values)
    if missing.any():
        faults.append(f"weight {name!r} is missing or not a number in {rows_text(missing)}")
    negative = values < 0
    if negative.any():
        faults.append(f"weight {name!r} is negative in {rows_text(negative)}")
    if not faults and not (values > 0).any():
        faults.append(f"weight {name!r} is 0 in every row")
    return faults
