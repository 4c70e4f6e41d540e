"""The denominator of each value: inhabitants or dwellings, from where they are known."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from obs.catalogue import Indicator
from obs.reference import Territory, load_exposure
from obs.schemas import EXPOSURE, check_table

__all__ = ["add_exposure"]

_WORDS = {"population": "inhabitants", "dwellings": "dwellings"}


def add_exposure(
    table: pd.DataFrame,
    indicator: Indicator,
    *,
    counts: pd.DataFrame | None,
    exposure: pd.DataFrame | None,
    place: Territory,
) -> pd.DataFrame:
    """Add `denominator`, `denominator_flag` and `scale` of a rate.

    The first denominator known for every row is taken, so that one table has one scale;
    failing all, the last one, missing where it is. It comes from `exposure` if given,
    else with the delivered counts, else from the reference.
    """
    keys = table[["territory"]].assign(year=table["period"].dt.year.astype("Int64"))
    for kind in indicator.denominators:
        known = _known(kind, counts, exposure, place)
        found = keys.merge(known, on=["territory", "year"], how="left")
        if found["exposure"].notna().all():
            break
    return table.assign(
        denominator=found["exposure"].astype("Float64").to_numpy(),
        denominator_flag=found["flag"].fillna("missing").astype("str").to_numpy(),
        scale=f"per_{indicator.per}_{_WORDS[kind]}",
    )


def _known(
    kind: str, counts: pd.DataFrame | None, exposure: pd.DataFrame | None, place: Territory
) -> pd.DataFrame:
    if exposure is not None and (exposure["kind"] == kind).any():
        given = check_table(exposure, EXPOSURE)
        given = given.loc[given["kind"] == kind]
    elif counts is not None and kind in counts:
        given = _delivered(counts, kind)
    else:
        given = load_exposure(kind, territory=place)
    columns = ["territory", "year", "exposure", "flag"]
    return _climb(given[columns].dropna(subset="exposure"), place)


def _delivered(counts: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Give the denominator delivered beside the counts, one per territory and year."""
    table = counts.assign(year=counts["period"].dt.year.astype("Int64"))
    first = table.groupby(["territory", "year"], as_index=False)[kind].first()
    return first.rename(columns={kind: "exposure"}).assign(flag="observed")


def _climb(known: pd.DataFrame, place: Territory) -> pd.DataFrame:
    """Add a level whose own value is not given from its members, if all are known."""
    have = pd.MultiIndex.from_frame(known[["territory", "year"]])
    parts = [known]
    for level in place.levels[1:]:
        for code in place.codes(level):
            added = _sum_members(known, place.members(code), code)
            index = pd.MultiIndex.from_frame(added[["territory", "year"]])
            parts.append(added.loc[~index.isin(have)])
    return pd.concat([p for p in parts if len(p)] or [known], ignore_index=True)


def _sum_members(known: pd.DataFrame, members: Sequence[str], code: str) -> pd.DataFrame:
    rows = known.loc[known["territory"].isin(members)]
    added = rows.groupby("year", as_index=False).agg(
        exposure=("exposure", "sum"),
        flag=("flag", lambda f: "observed" if (f == "observed").all() else "interpolated"),
        n=("territory", "nunique"),
    )
    whole = added["n"] == len(members)
    return added.loc[whole].drop(columns="n").assign(territory=code)
