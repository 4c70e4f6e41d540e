"""What to publish instead, when much has to be withheld: coarser tables and what they save."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from obs.disclosure.gate import release
from obs.schemas import ALL, BREAKDOWNS

__all__ = ["propose_remedies"]


def propose_remedies(
    table: pd.DataFrame,
    *,
    rule: str = "default",
    territory: Any = "brussels",
    catalogue: Mapping[str, Any] | None = None,
) -> pd.DataFrame:
    """Try coarser versions of a table and count what each would still withhold.

    Tried: two successive periods together, each pair of categories of a breakdown together,
    a breakdown dropped, the finest level dropped.

    Parameters
    ----------
    table : DataFrame
        An INDICATORS table of counts, whole. Not modified.
    rule, territory, catalogue
        As `release`.

    Returns
    -------
    DataFrame
        One row per remedy, the best first: remedy, cells, withheld, counts_withheld,
        shown_share (of the base counts, the share that is shown). The first row is the
        table as it is.

    Raises
    ------
    DisclosureError
        As `release`.

    Examples
    --------
    `propose_remedies(table).head(3)`
    """
    given: dict[str, Any] = {"rule": rule, "territory": territory, "catalogue": catalogue}
    rows = [_judge("as it is", table, given)]
    rows += [_judge(name, coarser, given) for name, coarser in _coarser(table)]
    found = pd.DataFrame(rows)
    first = found.iloc[[0]]
    others = found.iloc[1:].sort_values(["shown_share", "remedy"], ascending=[False, True])
    return pd.concat([first, others], ignore_index=True)


def _judge(name: str, table: pd.DataFrame, given: Mapping[str, Any]) -> dict[str, Any]:
    released = release(table, **given)
    hidden = released.table["status"].isin(["suppressed_primary", "suppressed_secondary"])
    counts = table["numerator"].reset_index(drop=True).fillna(0)
    return {
        "remedy": name,
        "cells": len(table),
        "withheld": int(hidden.sum()),
        "counts_withheld": int(counts[hidden].sum()),
        "shown_share": round(float(1 - hidden.mean()), 4),
    }


def _coarser(table: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    periods = sorted(table["period"].unique())
    if len(periods) >= 2:
        pairs = {p: periods[i - i % 2] for i, p in enumerate(periods)}
        yield "two successive periods together", _merge(table, "period", pairs)
    for column in (c for c in BREAKDOWNS if c in table.columns):
        codes = sorted(set(table[column]) - {ALL})
        yield f"without the breakdown by {column}", table[table[column] == ALL]
        for i, first in enumerate(codes):
            for second in codes[i + 1 :]:
                joined = f"{first}+{second}"
                name = f"{column}: {first} and {second} together"
                yield name, _merge(table, column, {first: joined, second: joined})


def _merge(table: pd.DataFrame, column: str, codes: Mapping[Any, Any]) -> pd.DataFrame:
    """Add up the rows that fall on one code; whatever is not a count keeps its first value."""
    merged = table.assign(**{column: table[column].map(lambda c: codes.get(c, c))})
    key = ["indicator", "territory", "period", *(c for c in BREAKDOWNS if c in table.columns)]
    adds = {"numerator", "n", "days"}
    how = {c: _whole_sum if c in adds else "first" for c in table.columns if c not in key}
    summed = merged.groupby(key, sort=False, dropna=False).agg(how).reset_index()
    status = summed["status"].mask(summed["numerator"] > 0, "ok")
    return summed.assign(value=summed["numerator"].astype("Float64"), status=status)[table.columns]


def _whole_sum(values: pd.Series) -> Any:
    """Add up; a sum with an unknown part is unknown."""
    return values.sum(skipna=False)
