"""Give rank intervals instead of ranks, and find places whose position depends on the denominator."""

from __future__ import annotations

import numpy as np
import pandas as pd

from obs.errors import SchemaError
from obs.reference import Territory
from obs.schemas import need_columns, need_frame, number_values, text_values
from obs.stats.counts.funnel_limits import funnel_limits
from obs.stats.counts.intervals import tail_of
from obs.stats.counts.ranks import rank_sets
from obs.trends.beside.places import (
    no_result,
    places_of,
    put,
)

__all__ = ["compare_exposures", "rank_places"]


def rank_places(
    table: pd.DataFrame,
    *,
    confidence: float = 0.95,
    level: str | None = None,
    territory: str | Territory = "brussels",
) -> pd.DataFrame:
    r"""Give the ranks of each place that the data do not contradict, 1 for the highest.

    All places at once: every pair is compared on the root scale, :math:`\sqrt{(O+3/8)/n}`
    with standard error :math:`1/2\sqrt n`, and adjusted by Holm.

    Parameters
    ----------
    table : DataFrame
        INDICATORS: rates or shares, with `level` and `scale`. Not modified.
    confidence : float
        That the intervals hold all true ranks together.
    level : str, optional
        The places; the finest level by default.
    territory : str or Territory
        Where the codes are from.

    Returns
    -------
    DataFrame
        The rows of the level with `rank_low`, `rank_high` and `ranked` (how many places);
        a place without them has its `no_result`, as in `funnel`. There is no rank alone, on
        purpose.

    Raises
    ------
    SchemaError
        A table that is not INDICATORS, or counts without a denominator.
    ObsError
        A bad confidence, or a level that the territory does not have.

    References
    ----------
    .. [1] M. Mogstad, J. P. Romano, A. M. Shaikh and D. Wilhelm, 2024, Review of Economic
       Studies 91.
    """
    tail_of(confidence)
    places = places_of(table, level=level, territory=territory, who="rank_places")
    names = ["rank_low", "rank_high", "ranked"]
    numbers = places.empty(names)
    for family in places.families():
        root = np.sqrt((family.count + 3 / 8) / family.size)
        low, high = rank_sets(root, 1 / (2 * np.sqrt(family.size)), confidence=confidence)
        ranked = np.full(len(low), int(family.known.sum()))
        limits = np.column_stack([low, high, ranked]).astype(float)
        numbers.loc[family.rows] = np.where(low[:, None] > 0, limits, np.nan)
    columns = {n: numbers[n].astype("Int64") for n in names}
    ranked_ones = numbers["rank_low"].notna().to_numpy()
    return put(places.units, {**columns, "no_result": no_result(places.units, ranked_ones)})


def compare_exposures(
    table: pd.DataFrame,
    *,
    ambient: pd.DataFrame,
    confidence: float = 0.95,
    level: str | None = None,
    territory: str | Territory = "brussels",
) -> pd.DataFrame:
    """Put the rate per resident beside the rate per person present, and flag what flips.

    For both, the place lies above, within or below the limits of chance around the rate of
    all places together. Rates per resident are too high where many work, shop or visit.

    Parameters
    ----------
    table : DataFrame
        INDICATORS: rates per inhabitant, with `level` and `scale`. Not modified.
    ambient : DataFrame
        territory, exposure (persons present on an average day, from a mobility survey or
        mobile telephones), optionally year; one row per place (and year).
    confidence : float
        Of the limits.
    level : str, optional
        The places; the finest level by default.
    territory : str or Territory
        Where the codes are from.

    Returns
    -------
    DataFrame
        The rows of the level with `ambient_exposure`, `ambient_value` (same `per`),
        `position`, `ambient_position` ("above", "within", "below") and `flips` (true where
        the two positions differ); a place whose value or either exposure is unknown has its
        `no_result`, as in `funnel`.

    Raises
    ------
    SchemaError
        A table that is not INDICATORS, counts without a denominator, shares, or `ambient`
        without its columns, with a place twice or a negative number.
    ObsError
        A bad confidence, or a level that the territory does not have.
    """
    tail_of(confidence)
    places = places_of(table, level=level, territory=territory, who="compare_exposures")
    if (places.table["scale"] == "share").any():
        raise SchemaError("compare_exposures: a share has no exposure to exchange; pass rates")
    units = places.units
    present = _present(units, ambient)
    numbers = places.empty(["ambient_exposure", "ambient_value"])
    words = pd.DataFrame(index=units.index, columns=["position", "ambient_position"], dtype="str")
    for family in places.families():
        other = present.loc[family.rows].to_numpy(dtype=float)
        both = family.known & (other > 0)
        count = np.where(both, family.count, np.nan)
        other = np.where(both, other, np.nan)
        numbers.loc[family.rows] = np.column_stack([other, family.per * count / other])
        for name, size in (("position", family.size), ("ambient_position", other)):
            words.loc[family.rows, name] = _side(count, size, confidence)
    flips = (words["position"] != words["ambient_position"]).astype("boolean")
    columns = {n: numbers[n].astype("Float64") for n in numbers}
    return put(
        units,
        {
            **columns,
            **{n: words[n] for n in words},
            "flips": flips.mask(words.isna().any(axis=1)),
            "no_result": no_result(
                units.assign(denominator=units["denominator"].where(present > 0)),
                words["position"].notna().to_numpy(),
            ),
        },
    )


def _present(units: pd.DataFrame, ambient: pd.DataFrame) -> pd.Series:
    need_frame(ambient, who="compare_exposures", name="ambient")
    keys = ["territory", *(["year"] if "year" in ambient.columns else [])]
    need_columns(ambient, [*keys, "exposure"], who="ambient")
    try:
        ambient = ambient.assign(territory=text_values(ambient["territory"]))
        exposure = pd.Series(number_values(ambient["exposure"]), index=ambient.index)
        if "year" in keys:
            ambient = ambient.assign(year=number_values(ambient["year"]))
    except TypeError as fault:
        raise SchemaError(
            f"ambient: territory holds codes (text), exposure and year numbers ({fault})"
        ) from None
    if ambient.duplicated(keys).any():
        raise SchemaError(f"ambient: a place is there twice ({', '.join(keys)})")
    wrong = (exposure < 0) | np.isinf(exposure)
    if wrong.any():
        raise SchemaError(
            f"ambient: 'exposure' is no number of persons, at least 0, in {int(wrong.sum())} row(s)"
        )
    years = units["period"].dt.year.astype("float64")
    wanted = units[["territory"]].assign(year=years)[keys]
    table = ambient[keys].assign(exposure=exposure)
    joined = wanted.merge(table, on=keys, how="left")["exposure"]
    values = joined.to_numpy(dtype=np.float64, na_value=np.nan)
    return pd.Series(values, index=units.index)


def _side(count: np.ndarray, size: np.ndarray, confidence: float) -> np.ndarray:
    """Tell on which side of the limits of chance each place lies."""
    words = np.full(len(count), None, dtype=object)
    known = ~np.isnan(count)
    if not known.any():
        return words
    count, size = count[known], size[known]
    low, high = funnel_limits(size * (count.sum() / size.sum()), confidence=confidence)
    words[known] = np.select([count < low, count > high], ["below", "above"], "within")
    return words
