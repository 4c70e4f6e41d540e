"""Propose what to publish instead of a table of which much would be withheld."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from obs.disclosure.coarser_tables import coarser_tables
from obs.disclosure.release import release
from obs.errors import DisclosureError
from obs.reference.territory import Territory
from obs.schemas import ALL, BREAKDOWNS

__all__ = ["propose_remedies"]

_AS_IT_IS = "as it is"
_TYPES = {
    "remedy": "str",
    "cells": "Int64",
    "withheld": "Int64",
    "counts_withheld": "Int64",
    "shown_share": "Float64",
}


def propose_remedies(
    table: pd.DataFrame,
    *,
    rule: str = "default",
    territory: str | Territory = "brussels",
    catalogue: Mapping[str, Any] | None = None,
) -> pd.DataFrame:
    """Try coarser versions of a table and count what each would still withhold.

    Tried: quarters or years instead of months, two successive periods together, each pair of
    categories of a short breakdown together, a breakdown dropped, the finest level dropped.

    Parameters
    ----------
    table : DataFrame
        An INDICATORS table of counts, whole. Not modified.
    rule, territory, catalogue
        As `release`.

    Returns
    -------
    DataFrame
        One row per remedy, the best first: remedy; cells and withheld (rows); counts_withheld
        (facts in withheld rows of the finest level and categories that the table has);
        shown_share (of the facts in those rows, the share that is shown); saves_cells and
        saves_counts (fewer withheld than as it is). The first row is the table as it is. A
        remedy that `release` refuses has missing figures, and comes last.

    Raises
    ------
    DisclosureError
        As `release`, if it refuses the table and every remedy.
    """
    given: dict[str, Any] = {"rule": rule, "territory": territory, "catalogue": catalogue}
    from obs.reference import load_territory

    if not isinstance(table, pd.DataFrame):
        raise DisclosureError("remedies are sought for one table: give a DataFrame.")
    place = load_territory(territory)
    refused: list[DisclosureError] = []
    rows = [_count_withheld(_AS_IT_IS, table, place, given, refused)]
    for name, coarser in coarser_tables(table, territory=place):
        rows.append(_count_withheld(name, coarser, place, given, refused))
    if len(refused) == len(rows):  # not too small, but faulty
        raise refused[0]
    found = pd.DataFrame(rows).astype(_TYPES)
    for saved, column in (("saves_cells", "withheld"), ("saves_counts", "counts_withheld")):
        found[saved] = found[column].iloc[0] - found[column]
    first = found.iloc[[0]]
    others = found.iloc[1:].sort_values(["shown_share", "remedy"], ascending=[False, True])
    return pd.concat([first, others], ignore_index=True)


def _count_withheld(
    name: str,
    table: pd.DataFrame,
    place: Territory,
    given: Mapping[str, Any],
    refused: list[DisclosureError],
) -> dict[str, Any]:
    try:
        released = release(table, **given)
    except DisclosureError as error:
        refused.append(error)
        return {"remedy": name, "cells": len(table)} | dict.fromkeys(list(_TYPES)[2:])
    status = released.table["status"].reset_index(drop=True)
    hidden = status.isin(["suppressed_primary", "suppressed_secondary"])
    base = _finest_rows(table, place)
    counts = table["numerator"].reset_index(drop=True).fillna(0).astype(int)
    gone, all_of_it = int(counts[hidden & base].sum()), int(counts[base].sum())
    return {
        "remedy": name,
        "cells": len(table),
        "withheld": int(hidden.sum()),
        "counts_withheld": gone,
        "shown_share": round(1 - gone / all_of_it, 4) if all_of_it else 1.0,
    }


def _finest_rows(table: pd.DataFrame, place: Territory) -> pd.Series:
    """Tell the rows that no other row adds up: finest level, and categories, of the table."""
    ranks = [place.rank_of(t) for t in table["territory"]]
    base = pd.Series([rank == min(ranks, default=0) for rank in ranks], dtype=bool)
    for column in (c for c in BREAKDOWNS if c in table.columns):
        total = (table[column] == ALL).reset_index(drop=True)
        base &= ~total if not total.all() else True
    return base
