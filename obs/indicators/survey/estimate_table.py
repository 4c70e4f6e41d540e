"""Turn the arrays of an estimate into a table with one row per domain, variable and level.

A domain with one respondent, or with one sampling unit, is refused with its reason.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from obs.errors import SchemaError
from obs.indicators.survey.design_arrays import code_column
from obs.indicators.survey.respondent_checks import is_number, is_yes_no, plain, read_numbers
from obs.stats.survey import Cells, Frame, judge, why_withheld

__all__ = [
    "YES",
    "Item",
    "assemble",
    "number_items",
    "one_item_each",
    "refuse",
    "share_items",
    "total_items",
]

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
    text = [name for name in variables if not is_number(table[name])]
    if text:
        raise SchemaError(
            f"{', '.join(map(repr, text))} are not numbers. Use share, or total, for the levels "
            "of a question."
        )
    for name in variables:
        yield Item(name, None, read_numbers(table, name))


def share_items(table: pd.DataFrame, variables: Sequence[str]) -> Iterator[Item]:
    """Read each level of each variable as 0 and 1, one at a time.

    A yes/no item (boolean, or numbers 0 and 1) has the single level "yes"; so the items of a
    multiple-answer question are several variables whose shares need not add up to 1.

    Raises `SchemaError` if a variable has no answer at all.
    """
    for name in variables:
        if is_yes_no(table[name]):
            yield Item(name, YES, read_numbers(table, name))
            continue
        codes, levels = code_column(table[name])
        if not levels:
            raise SchemaError(f"Column {name!r} has no answer: there is no level to estimate.")
        missing = codes < 0
        for code, level in enumerate(levels):
            values = (codes == code).astype(float)
            values[missing] = np.nan
            yield Item(name, _level_text(level), values)


def one_item_each(table: pd.DataFrame, variables: Sequence[str]) -> Iterator[Item]:
    """Read yes/no items as shares, and other variables as numbers."""
    for name in variables:
        yield from (share_items if is_yes_no(table[name]) else number_items)(table, [name])


def total_items(table: pd.DataFrame, variables: Sequence[str]) -> Iterator[Item]:
    """Read numbers as they are, and other variables level by level."""
    for name in variables:
        numeric = is_number(table[name]) and not pd.api.types.is_bool_dtype(plain(table[name]))
        yield from (number_items if numeric else share_items)(table, [name])


def refuse(
    frame: Frame, cells: Cells, *, kind: Literal["mean", "share", "total"] = "mean"
) -> tuple[Cells, np.ndarray]:
    """Withhold what one respondent would reveal, and a standard error that cannot be known.

    Parameters
    ----------
    frame : Frame
        Design and domains.
    cells : Cells
        Arrays of shape (n_items, n_domains).
    kind : {"mean", "share", "total"}
        A mean within one sampling unit has an error of 0 by construction, which is withheld; a
        total has not. A share of 0 or 1 has an interval without a standard error.

    Returns
    -------
    cells : Cells
        With the refused values missing.
    reason : ndarray of shape (n_items, n_domains)
        Why, or None.
    """
    reason = why_withheld(frame, cells)
    if kind == "share":
        edge = (cells.estimate == 0) | (cells.estimate == 1)
        reason[edge & cells.flat & (cells.units > 1) & (cells.base > 1)] = None
    hidden = np.isin(reason.astype(str), ["one respondent", "no answer", "the denominator is 0"])
    unknown = hidden if kind == "total" else hidden | (cells.units == 1)
    kept = replace(
        cells,
        estimate=np.where(hidden, np.nan, cells.estimate),
        variance=np.where(unknown, np.nan, cells.variance),
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
    """Put estimates into the table that every estimator returns, each judged by one guard.

    Parameters
    ----------
    keys : DataFrame
        One row per domain.
    labels : sequence of (variable, level)
        One per item.
    cells : Cells
        Arrays of shape (n_items, n_domains).
    low, high, reason : ndarray of shape (n_items, n_domains)
        Interval, and why a value is withheld.
    df : ndarray that broadcasts to (n_items, n_domains)
        Degrees of freedom.
    base : ndarray of shape (n_items, n_domains), optional
        What the standard error is compared with for the coefficient of variation; the
        estimate when not given.

    Returns
    -------
    DataFrame
        Columns of ``keys``, then those of `respondent_checks.RESERVED`; sorted by domain, then in
        the order of the items.
    """
    n_items, n_domains = cells.n.shape
    se = np.sqrt(cells.variance)
    size = np.abs(cells.estimate if base is None else base)
    with np.errstate(divide="ignore", invalid="ignore"):
        cv = np.where(size > 0, se / size, np.nan)
        deff = np.where(cells.random_variance > 0, cells.variance / cells.random_variance, np.nan)
        effective = np.where(cells.square > 0, cells.weight**2 / cells.square, np.nan)
    low, high = np.where(np.isnan(se), np.nan, low), np.where(np.isnan(se), np.nan, high)
    letters, reason = judge(cv=cv, base=cells.base, df=df, se=se, low=low, high=high, reason=reason)
    columns = {
        "variable": _tile([name for name, _ in labels], n_domains, "str"),
        "level": _tile([level for _, level in labels], n_domains, "str"),
        "n": pd.array(_by_domain(cells.n).astype(np.int64), dtype="Int64"),
        "estimate": _by_domain(cells.estimate),
        "se": _by_domain(se),
        "low": _by_domain(low),
        "high": _by_domain(high),
        "df": _by_domain(np.broadcast_to(df, cells.n.shape)),
        "n_effective": _by_domain(effective),
        "deff": _by_domain(deff),
        "cv": _by_domain(cv),
        "grade": pd.array(_by_domain(letters), dtype="str"),
        "n_missing": pd.array(_by_domain(cells.n_missing).astype(np.int64), dtype="Int64"),
        "reason": pd.array(_by_domain(reason), dtype="str"),
    }
    domains = keys.iloc[np.repeat(np.arange(n_domains), n_items)].reset_index(drop=True)
    return domains.assign(**columns)


def _by_domain(values: np.ndarray) -> np.ndarray:
    return np.asarray(values).T.ravel()


def _tile(values: list, times: int, dtype: str) -> pd.api.extensions.ExtensionArray:
    return pd.array(values * times, dtype=dtype)


def _level_text(level: object) -> str:
    if isinstance(level, float) and level.is_integer():
        return str(int(level))
    return str(level)
