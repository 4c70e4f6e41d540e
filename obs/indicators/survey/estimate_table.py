"""Turn the arrays of an estimate into a table with one row per domain, variable and level.

A domain with one respondent, or with one sampling unit, is refused with its reason.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from obs.errors import SchemaError
from obs.indicators.survey.design_arrays import code_column
from obs.stats.survey import Cells, Frame, grade

__all__ = [
    "COLUMNS",
    "YES",
    "Item",
    "assemble",
    "number_items",
    "one_item_each",
    "refuse",
    "share_items",
    "total_items",
]

COLUMNS = (
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
YES = "yes"  # the level of a yes/no item


@dataclass(frozen=True)
class Item:
    """One variable, or one level of it, as numbers; NaN where missing."""

    variable: str
    level: str | None
    values: np.ndarray


def number_items(table: pd.DataFrame, variables: Sequence[str]) -> Iterator[Item]:
    """Read variables as numbers, one at a time.

    Raises `SchemaError` if a variable is not a number or a yes/no answer.
    """
    text = [name for name in variables if not _is_number(table[name])]
    if text:
        raise SchemaError(
            f"{', '.join(map(repr, text))} are not numbers. Use share, or total, for the levels "
            "of a question."
        )
    for name in variables:
        yield Item(name, None, table[name].to_numpy(dtype=float, na_value=np.nan))


def share_items(table: pd.DataFrame, variables: Sequence[str]) -> Iterator[Item]:
    """Read each level of each variable as 0 and 1, one at a time.

    A yes/no item (boolean, or numbers 0 and 1) has the single level "yes"; so the items of a
    multiple-answer question are several variables whose shares need not add up to 1.

    Raises `SchemaError` if a variable has no answer at all.
    """
    for name in variables:
        if _is_yes_no(table[name]):
            yield Item(name, YES, table[name].to_numpy(dtype=float, na_value=np.nan))
            continue
        codes, levels = code_column(table[name])
        if not levels:
            raise SchemaError(f"Column {name!r} has no answer: there is no level to estimate.")
        missing = codes < 0
        for code, level in enumerate(levels):
            values = (codes == code).astype(float)
            values[missing] = np.nan
            yield Item(name, _label(level), values)


def one_item_each(table: pd.DataFrame, variables: Sequence[str]) -> Iterator[Item]:
    """Read yes/no items as shares, and other variables as numbers."""
    for name in variables:
        yield from (share_items if _is_yes_no(table[name]) else number_items)(table, [name])


def total_items(table: pd.DataFrame, variables: Sequence[str]) -> Iterator[Item]:
    """Read numbers as they are, and other variables level by level."""
    for name in variables:
        numeric = _is_number(table[name]) and not pd.api.types.is_bool_dtype(table[name])
        yield from (number_items if numeric else share_items)(table, [name])


def refuse(frame: Frame, cells: Cells, *, centred: bool) -> tuple[Cells, np.ndarray]:
    """Withhold what one respondent would reveal, and a standard error that cannot be known.

    Returns `cells`: with the refused values missing; `reason`: why, or None.
    """
    reason = np.full(cells.n.shape, None, dtype=object)
    one_unit = np.zeros(cells.n.shape, dtype=bool)
    if centred:
        rounding = cells.variance <= 1e-12 * np.nan_to_num(cells.random_variance)
        one_unit = rounding & (frame.units == 1)
    reason[np.isnan(cells.variance)] = "empty in a replicate"
    reason[one_unit] = "one sampling unit"
    reason[cells.n == 1] = "one respondent"
    reason[cells.n == 0] = "no answer"
    hidden = cells.n <= 1
    variance = np.where(hidden | one_unit, np.nan, cells.variance)
    kept = Cells(
        np.where(hidden, np.nan, cells.estimate),
        variance,
        cells.n,
        cells.n_missing,
        cells.weight,
        cells.square,
        cells.random_variance,
    )
    return kept, reason


def assemble(
    keys: pd.DataFrame,
    labels: Sequence[tuple[str, str | None]],
    cells: Cells,
    *,
    low: np.ndarray,
    high: np.ndarray,
    df: np.ndarray,
    reason: np.ndarray,
    base: np.ndarray | None = None,
) -> pd.DataFrame:
    """Put estimates into the table that every estimator returns.

    Returns columns of ``keys``, then ``COLUMNS``; sorted by domain, then in the order of the
    items.
    """
    n_items, n_domains = cells.n.shape
    se = np.sqrt(cells.variance)
    size = np.abs(cells.estimate if base is None else base)
    with np.errstate(divide="ignore", invalid="ignore"):
        cv = np.where(size > 0, se / size, np.nan)
        deff = np.where(cells.random_variance > 0, cells.variance / cells.random_variance, np.nan)
        effective = np.where(cells.square > 0, cells.weight**2 / cells.square, np.nan)
    letters = grade(cv, cells.n)
    letters[reason != None] = "F"  # noqa: E711 - elementwise
    columns = {
        "variable": _tile([name for name, _ in labels], n_domains, "str"),
        "level": _tile([level for _, level in labels], n_domains, "str"),
        "n": pd.array(_flat(cells.n).astype(np.int64), dtype="Int64"),
        "estimate": _flat(cells.estimate),
        "se": _flat(se),
        "low": _flat(np.where(np.isnan(se), np.nan, low)),
        "high": _flat(np.where(np.isnan(se), np.nan, high)),
        "df": np.repeat(df, n_items),
        "n_effective": _flat(effective),
        "deff": _flat(deff),
        "cv": _flat(cv),
        "grade": pd.array(_flat(letters), dtype="str"),
        "n_missing": pd.array(_flat(cells.n_missing).astype(np.int64), dtype="Int64"),
        "reason": pd.array(_flat(reason), dtype="str"),
    }
    domains = keys.iloc[np.repeat(np.arange(n_domains), n_items)].reset_index(drop=True)
    return domains.assign(**columns)


def _flat(values: np.ndarray) -> np.ndarray:
    return np.asarray(values).T.ravel()


def _tile(values: list, times: int, dtype: str) -> pd.api.extensions.ExtensionArray:
    return pd.array(values * times, dtype=dtype)


def _is_number(values: pd.Series) -> bool:
    return bool(pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values))


def _is_yes_no(values: pd.Series) -> bool:
    if pd.api.types.is_bool_dtype(values):
        return True
    if not pd.api.types.is_numeric_dtype(values):
        return False
    numbers = values.to_numpy(dtype=float, na_value=np.nan)
    return bool(np.all((numbers == 0) | (numbers == 1) | np.isnan(numbers)))


def _label(level: object) -> str:
    if isinstance(level, float) and level.is_integer():
        return str(int(level))
    return str(level)
