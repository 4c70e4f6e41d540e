"""Add the denominator of each value: inhabitants or dwellings, where they are known."""

from __future__ import annotations

import pandas as pd

from obs.catalogue import Indicator
from obs.indicators.count.merged_units import flag_of_sum, follow_exposure
from obs.reference import Territory, load_exposure
from obs.schemas import EXPOSURE, check_table

__all__ = ["add_exposure"]

_WORDS = {"population": "inhabitants"}  # the others are their own word


def add_exposure(
    table: pd.DataFrame,
    indicator: Indicator,
    *,
    counts: pd.DataFrame | None,
    exposure: pd.DataFrame | None,
    place: Territory,
) -> pd.DataFrame:
    """Add `denominator`, `denominator_flag` and `scale` of a rate.

    The first denominator known for every row, or delivered to the observatory, is taken, so that
    one table has one scale; if there is none, the last one, missing where it is not known. It
    comes from `exposure` if given, else with the delivered counts, else from the reference.
    """
    keys = table[["territory"]].assign(year=table["period"].dt.year.astype("Int64"))
    for kind in indicator.denominators:
        known = _known_denominators(kind, counts, exposure, place)
        found = keys.merge(known, on=["territory", "year"], how="left")
        placed = ~keys["territory"].isin([*place.unplaced_units]).to_numpy()
        if found.loc[placed, "exposure"].notna().all() or _is_delivered(kind, exposure):
            break
    return table.assign(
        denominator=found["exposure"].astype("Float64").to_numpy(),
        denominator_flag=found["flag"].fillna("missing").astype("str").to_numpy(),
        scale=f"per_{indicator.per}_{_WORDS.get(kind, kind)}",
    )


def _is_delivered(kind: str, exposure: pd.DataFrame | None) -> bool:
    """Tell whether the observatory is delivered a denominator: another one never replaces it."""
    return exposure is not None and bool((exposure["kind"] == kind).any())


def _known_denominators(
    kind: str, counts: pd.DataFrame | None, exposure: pd.DataFrame | None, place: Territory
) -> pd.DataFrame:
    if exposure is not None and _is_delivered(kind, exposure):
        given = check_table(exposure, EXPOSURE)
        given = given.loc[given["kind"] == kind]
    elif counts is not None and kind in counts:
        given = _delivered(counts, kind)
    else:
        given = load_exposure(kind, territory=place)
    columns = ["territory", "year", "exposure", "flag"]
    known = follow_exposure(given[columns].dropna(subset="exposure"), place)
    return _fill_levels(known, place)


def _delivered(counts: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Give the denominator delivered beside the counts, one per territory and year."""
    table = counts.assign(year=counts["period"].dt.year.astype("Int64"))
    first = table.groupby(["territory", "year"], as_index=False)[kind].first()
    return first.rename(columns={kind: "exposure"}).assign(flag="observed")


def _fill_levels(known: pd.DataFrame, place: Territory) -> pd.DataFrame:
    """Add to each level, where its own value is not given, the sum of the level below."""
    done = known
    for level in place.levels[1:]:
        upper = {child: code for code in place.codes(level) for child in place.children(code)}
        sizes = {code: len(place.children(code)) for code in place.codes(level)}
        below = done.assign(territory=done["territory"].map(upper)).dropna(subset="territory")
        added = below.groupby(["territory", "year"], as_index=False).agg(
            exposure=("exposure", "sum"), flag=("flag", flag_of_sum), n=("flag", "size")
        )
        added = added.loc[added["n"] == added["territory"].map(sizes)]
        both = pd.concat([done, added[done.columns]], ignore_index=True)
        done = both.drop_duplicates(["territory", "year"])  # its own value comes first
    return done
