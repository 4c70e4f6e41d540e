"""Compare the rows of a released table with one another.

A funnel, ranks or the rest of a zone depend on every place of a table. Computed before release,
they would have to be judged like sums of withheld cells. Computed from the released table alone,
they reveal nothing new. The result of a comparison is verified all the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from obs.errors import DisclosureError, SchemaError
from obs.schemas import COMPARED, COMPARISONS, INDICATORS, TRENDS, WITHHELD, check_table

__all__ = ["REVEALING", "check_comparison", "compared_table", "need_comparison"]

_ROOM = "obs.trends."
_PUBLIC = (
    "peer",
    "ambient_exposure",
    "centre",
    "tau2",
    "no_result",
    "under",
    "before",
    "explained",
)  # not of the place's own count
REVEALING = tuple(c for c in COMPARED if c not in _PUBLIC)


def compared_table(
    name: str, frame: pd.DataFrame, make: Callable[..., pd.DataFrame], options: dict[str, Any]
) -> pd.DataFrame:
    """Compare the rows of a released table, and verify what comes back.

    Returns COMPARISONS or TRENDS. Raises `DisclosureError` if `make` is not of `obs.trends`, if
    the table is no indicator table, if what comes back has other columns or rows than the
    released ones, changes a figure, or gives one to a withheld row.
    """
    need_comparison(make)
    if "base" in frame.columns or "value" not in frame.columns:
        raise DisclosureError(f"compare: '{name}' is a table of comparisons already.")
    return check_comparison(name, frame, make(frame.copy(), **options))


def need_comparison(make: Callable[..., object]) -> None:
    """Refuse a function that is none of `obs.trends`."""
    if not str(getattr(make, "__module__", "")).startswith(_ROOM):
        raise DisclosureError(
            f"compare: {getattr(make, '__name__', type(make).__name__)!r} is no comparison of "
            "obs.trends. Take obs.funnel, compare_peers, rank_places, compare_exposures, "
            "compare_periods, compare_same_months, compare_weeks or turning_points; release the table "
            "of any other function."
        )


def check_comparison(name: str, frame: pd.DataFrame, made: pd.DataFrame) -> pd.DataFrame:
    """Verify that what was made of released rows has no row and no figure of another.

    Returns COMPARISONS or TRENDS. Raises `DisclosureError` if it is neither, or if it shows what
    the released rows do not.
    """
    schema = TRENDS if "base" in getattr(made, "columns", ()) else COMPARISONS
    try:
        table = check_table(made, schema)
    except (SchemaError, AttributeError, TypeError) as error:
        raise DisclosureError(f"compare: what '{name}' gave is no comparison: {error}") from error
    unknown = [c for c in table if c not in schema.columns and c not in frame.columns]
    if unknown:
        raise DisclosureError(
            f"compare: column(s) {', '.join(map(str, unknown))} are of no schema; they cannot be "
            "judged, so they are not shown."
        )
    _refuse_other_rows(name, table, frame)
    if schema is COMPARISONS:
        _refuse_new_figures(name, table, frame)
    return table


def _refuse_other_rows(name: str, table: pd.DataFrame, frame: pd.DataFrame) -> None:
    key = INDICATORS.key_of(frame)
    given = pd.MultiIndex.from_frame(frame[key].astype("str"))
    absent = [c for c in key if c not in table]
    if absent or not pd.MultiIndex.from_frame(table[key].astype("str")).isin(given).all():
        raise DisclosureError(f"compare: rows came back that '{name}' does not have.")


def _refuse_new_figures(name: str, table: pd.DataFrame, frame: pd.DataFrame) -> None:
    """Refuse a row that is not the released one, or a figure in a withheld row."""
    key, own = INDICATORS.key_of(frame), [c for c in frame.columns if c in INDICATORS.columns]
    rows = frame[list(dict.fromkeys([*key, *own]))]
    before = table[key].merge(rows, on=key, how="left", validate="many_to_one")
    changed = [c for c in own if c in table and not _same_values(before[c], table[c])]
    if changed or "status" not in table:
        raise DisclosureError(
            f"compare: {', '.join(changed) or 'status'} is not as it was released in '{name}'."
        )
    hidden = table["status"].isin(WITHHELD)
    revealing = [
        c for c in REVEALING if c in table and table.loc[hidden, c].pipe(_depends_on_figure).any()
    ]
    if revealing:
        raise DisclosureError(f"compare: withheld rows came back with {', '.join(revealing)}.")


def _same_values(before: pd.Series, after: pd.Series) -> bool:
    return bool(((before == after) | (before.isna() & after.isna())).fillna(value=False).all())


def _depends_on_figure(values: pd.Series) -> pd.Series:
    """Tell what depends on a figure: that nothing can be compared does not."""
    return values.notna() & (values.astype("str") != "not comparable")
