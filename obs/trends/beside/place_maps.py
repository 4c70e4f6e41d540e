"""Smooth rates for a map, and find places that cluster.

A smoothed rate is for a map or a comparison; the rate published for one place is its own.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

from obs.errors import ObsError
from obs.reference import Territory
from obs.stats.counts.intervals import tail_of
from obs.stats.space.local_tests import local_moran
from obs.stats.space.rate_tests import equal_variance_rates, moran_of_rates
from obs.stats.space.smoothing import Smoothed, smooth_global, smooth_local
from obs.trends.beside.places import (
    Family,
    neighbour_matrix,
    no_result,
    places_of,
    put,
)

__all__ = ["cluster_map", "smooth_rates"]

_CLUSTER = ("moran", "moran_p_value", "p_value", "adjusted_p_value")


def smooth_rates(
    table: pd.DataFrame,
    *,
    towards: Literal["whole", "neighbours"] = "whole",
    neighbours: pd.DataFrame | None = None,
    level: str | None = None,
    territory: str | Territory = "brussels",
) -> pd.DataFrame:
    """Draw the rates of small places towards the whole or their neighbours.

    Empirical Bayes after Marshall: `smooth_global` and `smooth_local` of `obs.stats`;
    Poisson for rates, binomial for shares drawn to the whole.

    Parameters
    ----------
    table : DataFrame
        INDICATORS: rates or shares, with `level` and `scale`. Not modified.
    towards : {"whole", "neighbours"}
        What a rate with little behind it is drawn to.
    neighbours : DataFrame, optional
        territory, neighbour; those of the territory by default.
    level : str, optional
        The places; the finest level by default.
    territory : str or Territory
        Where the codes are from.

    Returns
    -------
    DataFrame
        The rows of the level with `smoothed`, `drawn_to` (scale of `value`) and
        `own_weight` (from 0 to 1). A place without them has its `no_result`, as in
        `funnel`; the others do not change for it.

    Raises
    ------
    SchemaError
        A table that is not INDICATORS, or counts without a denominator.
    ObsError
        No neighbours declared; an unknown `towards`.

    References
    ----------
    .. [1] R. J. Marshall, 1991, Applied Statistics 40.
    """
    if towards not in ("whole", "neighbours"):
        raise ObsError(f"smooth_rates: towards {towards!r}; choose whole or neighbours")
    places = places_of(table, level=level, territory=territory, who="smooth_rates")
    names = ("smoothed", "drawn_to", "own_weight")
    numbers = places.empty(names)
    for family in places.families():
        if not family.known.any():
            continue
        result = _smooth(family, towards, neighbours, places.territory)
        numbers.loc[family.rows] = np.column_stack(
            [family.per * result.rate, family.per * result.mean, result.weight]
        )
    columns = {n: numbers[n].astype("Float64") for n in names}
    smoothed = numbers["smoothed"].notna().to_numpy()
    return put(places.units, {**columns, "no_result": no_result(places.units, smoothed)})


def cluster_map(
    table: pd.DataFrame,
    *,
    rng: np.random.Generator,
    neighbours: pd.DataFrame | None = None,
    confidence: float = 0.95,
    adjust: Literal["bh", "holm", "none"] = "bh",
    permutations: int = 9_999,
    level: str | None = None,
    territory: str | Territory = "brussels",
) -> pd.DataFrame:
    """Test whether places with high or low rates lie together, and which.

    Moran's I of the whole map and local Moran of each place, on rates standardised for
    unequal populations (Assuncao and Reis); two-sided permutation p-values, the local ones
    adjusted over the places of the map.

    Parameters
    ----------
    table : DataFrame
        INDICATORS: rates or shares, with `level` and `scale`. Not modified.
    rng : numpy.random.Generator
        For the permutations.
    neighbours : DataFrame, optional
        territory, neighbour; those of the territory by default.
    confidence : float
        A place is flagged when its adjusted p-value is below 1 - confidence.
    adjust : {"bh", "holm", "none"}
        "bh" holds the share of false ones among those flagged.
    permutations : int
        How many.
    level : str, optional
        The places; the finest level by default.
    territory : str or Territory
        Where the codes are from.

    Returns
    -------
    DataFrame
        The rows of the level with `moran`, `moran_p_value` (of the whole map), `p_value`,
        `adjusted_p_value` and `cluster`: "high-high", "low-low", "high-low", "low-high"
        (the place, its neighbours), "none", "isolated", "missing".

    Raises
    ------
    SchemaError
        A table that is not INDICATORS, or counts without a denominator.
    ObsError
        No neighbours declared, fewer than four known places with neighbours in a family,
        rates all equal, a bad confidence.

    Notes
    -----
    With 19 communes only strong clusters can show: none flagged is not proof of none.

    References
    ----------
    .. [1] L. Anselin, 1995, Geographical Analysis 27.
    .. [2] R. M. Assuncao and E. A. Reis, 1999, Statistics in Medicine 18.
    """
    tail_of(confidence)
    if not isinstance(rng, np.random.Generator):
        raise ObsError(
            f"cluster_map: rng must be a numpy.random.Generator, not a {type(rng).__name__}; "
            "make one with numpy.random.default_rng(seed)"
        )
    places = places_of(table, level=level, territory=territory, who="cluster_map")
    numbers = places.empty(_CLUSTER)
    kinds = pd.Series(index=numbers.index, dtype="str")
    for family in places.families():
        near = neighbour_matrix(family.codes, neighbours, places.territory)
        whole = moran_of_rates(family.count, family.size, near, rng=rng, permutations=permutations)
        local = local_moran(
            equal_variance_rates(family.count, family.size),
            near,
            rng=rng,
            confidence=confidence,
            adjust=adjust,
            permutations=permutations,
        )
        n = len(family.rows)
        columns = [np.full(n, whole.statistic), np.full(n, whole.p_value)]
        numbers.loc[family.rows] = np.column_stack([*columns, local.p_value, local.adjusted])
        kinds.loc[family.rows] = local.kind
    columns = {n: numbers[n].astype("Float64") for n in _CLUSTER}
    return put(places.units, {**columns, "cluster": kinds})


def _smooth(
    family: Family, towards: str, neighbours: pd.DataFrame | None, place: Territory
) -> Smoothed:
    if towards == "neighbours":
        near = neighbour_matrix(family.codes, neighbours, place)
        return smooth_local(family.count, family.size, near)
    kind: Literal["poisson", "binomial"] = "binomial" if family.share else "poisson"
    return smooth_global(family.count, family.size, family=kind)
