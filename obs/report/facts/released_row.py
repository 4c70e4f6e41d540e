"""Find and read one row of a released table: its kind, its numbers, the days it covers.

A missing number is None here, never NaN and never zero.
"""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Mapping, Sequence
from typing import Literal

import pandas as pd

from obs.errors import ObsError

__all__ = [
    "Kind",
    "covered_part",
    "day_in",
    "find_row",
    "key_in_words",
    "kind_of_scale",
    "number_in",
    "reason_in",
    "text_in",
    "whole_in",
]

Kind = Literal[
    "count", "rate", "share", "per_day", "estimate", "index", "change", "points", "unknown"
]


def kind_of_scale(scale: str) -> Kind:
    """Say which kind of fact a scale gives.

    Returns count, share, per_day, rate, estimate (a number that was not counted) or index. Raises
    `ObsError` if the scale has no known form.

    Examples
    --------
    >>> from obs.report.facts.released_row import kind_of_scale
    >>> kind_of_scale("per_1000_dwellings"), kind_of_scale("share"), kind_of_scale("index_2015")
    ('rate', 'share', 'index')
    """
    if scale in ("count", "share", "per_day", "estimate"):
        return scale  # type: ignore[return-value]
    if re.fullmatch(r"per_\d+_[a-z_]+", scale):
        return "rate"
    if re.fullmatch(r"index_\d{4}", scale):
        return "index"
    raise ObsError(
        f"Unknown scale {scale!r}: count, share, per_day, estimate or the forms "
        "per_1000_inhabitants and index_2015."
    )


def covered_part(row: pd.Series) -> tuple[dt.date, dt.date] | None:
    """Give the days a partial period covers, or None when the period is complete.

    Returns first and last day covered.

    Examples
    --------
    >>> import pandas as pd
    >>> from obs.report.facts.released_row import covered_part
    >>> covered_part(pd.Series({"period": pd.Period("2023", "Y"), "days": 365}))
    """
    period, days = row["period"], whole_in(row, "days")
    first, last = day_in(row, "covered_from"), day_in(row, "covered_to")
    whole = (period.end_time.date() - period.start_time.date()).days + 1
    if days is None or days == whole or first is None or last is None:
        return None
    return first, last


def number_in(row: pd.Series, column: str) -> float | None:
    """Read a number, or None where there is none."""
    value = row.get(column)
    return None if value is None or pd.isna(value) else float(value)


def whole_in(row: pd.Series, column: str) -> int | None:
    """Read a whole number, or None where there is none."""
    value = row.get(column)
    return None if value is None or pd.isna(value) else int(value)


def day_in(row: pd.Series, column: str) -> dt.date | None:
    """Read a day, or None where there is none."""
    value = row.get(column)
    return None if value is None or pd.isna(value) else pd.Timestamp(value).date()


def text_in(row: pd.Series, column: str) -> str | None:
    """Read a text, or None where there is none."""
    value = row.get(column)
    return None if value is None or pd.isna(value) else str(value)


def reason_in(row: pd.Series, lang: str, what: str) -> str:
    """Read the reason of a register's row in a language, or refuse to leave it unsaid."""
    reason = text_in(row, f"reason_{lang}")
    if reason is None:
        raise ObsError(
            f"{what} has no reason in '{lang}': give it in the register, as reason_{lang}, or in "
            "the files of the language, as territory_NAME.toml."
        )
    return reason


def find_row(
    table: pd.DataFrame, key: Mapping[str, object], columns: Sequence[str], *, name: str
) -> pd.Series:
    """Find the one row that a key leaves.

    `columns` are those of the whole key of the table, `name` what a message calls it. Raises
    `ObsError` if a column is unknown, or if no row or several are left.
    """
    unknown = [c for c in key if c not in table.columns]
    if unknown:
        raise ObsError(
            f"fact: table '{name}' has no column {', '.join(unknown)}. "
            f"Its columns: {', '.join(map(str, table.columns))}."
        )
    mask = pd.Series(data=True, index=table.index)
    for column, value in key.items():
        mask &= table[column].astype("str") == str(value)
    rows = table[mask]
    if len(rows) != 1:
        raise ObsError(_miscount(table, rows, key, columns, name))
    row: pd.Series = rows.iloc[0]
    return row


def key_in_words(key: Mapping[str, object]) -> str:
    """Write the columns of a key and their values, for a message."""
    return ", ".join(f"{k}={v}" for k, v in key.items()) or "no key"


def _miscount(
    table: pd.DataFrame,
    rows: pd.DataFrame,
    key: Mapping[str, object],
    columns: Sequence[str],
    name: str,
) -> str:
    """Say how many rows a key leaves, and what would leave one."""
    asked = key_in_words(key)
    if len(rows) > 1:
        open_columns = [c for c in columns if c not in key and rows[c].nunique() > 1]
        choices = "; ".join(f"{c} = {_first_five(rows[c])}" for c in open_columns)
        return f"fact: {len(rows)} rows of '{name}' match {asked}. Add one of {choices}."
    hints = []
    for column, value in key.items():
        present = sorted(table[column].astype("str").unique())
        if str(value) not in present:
            near = difflib.get_close_matches(str(value), present, n=5, cutoff=0.4) or present[:5]
            hints.append(f"'{column}' has no {str(value)!r}; nearest: {', '.join(near)}")
    reason = "; ".join(hints) or "each value is there, but no row has them together"
    return f"fact: 0 rows of '{name}' match {asked}. {reason}."


def _first_five(values: pd.Series) -> str:
    present = list(dict.fromkeys(values.astype("str")))
    return ", ".join(present[:5]) + (", ..." if len(present) > 5 else "")
