"""Compare places with the whole and with their peers, without ranking them.

A funnel tells which places differ from the whole by more than chance and usual differences.
Peers are the rest of the zone, the rest of the Region and the communes declared similar.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

from obs.errors import ObsError
from obs.reference import Territory, load_similar, load_territory
from obs.schemas import POSITIONS, WITHHELD
from obs.stats.counts.funnel_limits import funnel_limits, funnel_position, share_limits
from obs.stats.counts.intervals import tail_of
from obs.stats.counts.overdispersion import adjusted_limits, iterated_overdispersion, scores
from obs.stats.counts.ratios import adjust_p_values, rate_ratio
from obs.trends.beside.places import (
    Family,
    code_pairs,
    no_result,
    places_of,
    put,
    totals,
)

__all__ = ["compare_peers", "funnel"]

_POSITION = dict(zip(range(-2, 3), POSITIONS, strict=True))
MIN_UNITS = 5  # fewer units tell nothing of how much units differ
MIN_EVENTS = 20  # as compare_periods: fewer on either side are too few to say
_IN_TOTALS = WITHHELD - {"unreliable"}  # not shown, but counted in what holds them
_LIMITS = ("inner_low", "inner_high", "outer_low", "outer_high")
_PEER = ["peer", "peer_value", "ratio", "ratio_low", "ratio_high", "p_value", "verdict"]


def funnel(
    table: pd.DataFrame,
    *,
    overdispersed: bool = True,
    confidence: tuple[float, float] = (0.95, 0.998),
    level: str | None = None,
    territory: str | Territory = "brussels",
) -> pd.DataFrame:
    r"""Give control limits around the rate of the whole, and where each place lies.

    Limits are exact for chance alone. Where the places differ by more than chance
    (:math:`\tau^2 > 0`, Spiegelhalter's model, see `iterated_overdispersion`) the
    limits widen by it, so that a place lies outside only if it differs more than places
    usually do.

    Parameters
    ----------
    table : DataFrame
        INDICATORS: rates or shares, with `level` and `scale`. Not modified.
    overdispersed : bool
        Widen the limits by what places differ by beyond chance.
    confidence : pair of float
        Of the inner and outer limits.
    level : str, optional
        The places; the finest level by default.
    territory : str or Territory
        Its whole is the centre (the places together where its row is absent or unknown).

    Returns
    -------
    DataFrame
        The rows of the level with `centre`, `inner_low`, `inner_high`, `outer_low`,
        `outer_high` (scale of `value`), `tau2` (missing with fewer than five places),
        `chance_position` (limits of chance alone) and `position`: "far_below", "below",
        "within", "above", "far_above". A place without them has its `no_result`: "missing",
        "withheld", "not_applicable", "provisional", "no_denominator", or "at_a_bound" (the
        whole has a rate of 0, or a share of 1).

    Raises
    ------
    SchemaError
        A table that is not INDICATORS, or counts without a denominator.
    ObsError
        A bad confidence, a pair whose inner limits are not inside the outer ones, or a level
        that the territory does not have.

    References
    ----------
    .. [1] D. J. Spiegelhalter, 2005, Funnel plots for comparing institutional performance,
       Statistics in Medicine 24.

    Examples
    --------
    >>> import pandas as pd
    >>> from obs.indicators import compute
    >>> counts = pd.DataFrame({
    ...     "territory": ["21001", "21002", "21003", "21004", "21005", "21006"],
    ...     "period": pd.PeriodIndex(["2020"] * 6, freq="Y"), "phenomenon": "theft",
    ...     "unit": "fact", "numerator": [3600, 1100, 760, 9900, 1450, 1300], "status": "ok",
    ...     "delivery": "communes.csv"})
    >>> rates = compute("theft", {"police": counts})
    >>> funnel(rates)[["territory", "value", "chance_position", "position"]].head(4).round(1)
      territory  value chance_position position
    0     21001   29.8       far_below   within
    1     21002   32.0       far_below   within
    2     21003   29.8       far_below   within
    3     21004   53.5       far_above   within
    """
    places = places_of(table, level=level, territory=territory, who="funnel")
    if not isinstance(confidence, tuple | list) or len(confidence) != 2:
        raise ObsError("funnel: confidence is a pair, of the inner and the outer limits")
    for one in confidence:
        tail_of(one)
    if not confidence[0] < confidence[1]:
        raise ObsError(
            f"funnel: the inner limits ({confidence[0]}) must have a smaller confidence than the "
            f"outer ones ({confidence[1]})"
        )
    units = places.units
    numbers = places.empty(["centre", *_LIMITS, "tau2"])
    words = pd.DataFrame(index=units.index, columns=["chance_position", "position"], dtype="str")
    for family in places.families():
        chance = [_chance_limits(family, c) for c in confidence]
        tau2 = _tau2(family)
        wide = [_wide_limits(family, c, tau2) for c in confidence] if tau2 > 0 else chance
        limits = wide if overdispersed else chance
        bounds = [side * family.per for pair in limits for side in pair]
        numbers.loc[family.rows] = np.column_stack(
            [np.full(len(family.rows), family.centre * family.per), *bounds]
            + [np.full(len(family.rows), tau2)]
        )
        for name, pair in (("chance_position", chance), ("position", limits)):
            words.loc[family.rows, name] = _positions(family, pair)
    columns = {n: numbers[n].astype("Float64") for n in numbers}
    placed = words["position"].notna().to_numpy()
    reasons = {"no_result": no_result(units, placed)}
    return put(units, {**columns, **{n: words[n] for n in words}, **reasons})


def compare_peers(
    table: pd.DataFrame,
    *,
    confidence: float = 0.95,
    adjust: Literal["holm", "bh", "none"] = "holm",
    similar: pd.DataFrame | None = None,
    territory: str | Territory = "brussels",
) -> pd.DataFrame:
    """Compare each place with the rest of its parent, of the whole and of similar places.

    The place itself is taken out of its peers, so that the two sides are independent; the
    ratio of rates and its p-value are those of `compare_periods`, adjusted over the places
    of one indicator, period, breakdown and kind of peer.

    Parameters
    ----------
    table : DataFrame
        INDICATORS: rates or shares of the finest level, with `level` and `scale`. Not
        modified.
    confidence : float
        Between 0 and 1.
    adjust : {"holm", "bh", "none"}
        Correction for several comparisons.
    similar : DataFrame, optional
        territory, group; those declared for the territory by default.
    territory : str or Territory
        Whose levels give the peers.

    Returns
    -------
    DataFrame
        One row per place and kind of peer: the columns of `table`, `peer` (a level of the
        territory, or "similar"), `peer_value`, `ratio`, `ratio_low`, `ratio_high`,
        `p_value` (adjusted), `verdict`: "above", "below", "no difference shown", "too few
        to say" (under 20 events on a side), "not comparable" (unknown, or no such peer).

    Raises
    ------
    SchemaError
        A table that is not INDICATORS, or counts without a denominator.
    ObsError
        A bad confidence or adjustment.

    Notes
    -----
    Where a place among the peers is withheld, the rest of a zone or of the whole is the zone
    or the whole less the place compared, if both are shown; with an unknown place, and for
    similar places, the peers are unknown: their sum would leave one out. Chance alone is
    counted: places differ for reasons of their own, see `funnel`.
    """
    tail_of(confidence)
    places = places_of(table, level=None, territory=territory, who="compare_peers")
    place, checked = places.territory, places.table
    groups = load_similar(territory=place) if similar is None else similar
    groups = code_pairs(groups, ("territory", "group"), name="similar")
    parts = []
    for family in places.families():
        above = totals(checked, family)
        own = checked.loc[family.rows].reset_index(drop=True)
        withheld = set(own["territory"][own["status"].isin(_IN_TOTALS)])
        for peer, members in _peers(place, groups, family.codes).items():
            holders = [
                None if peer == "similar" else _zone_of(place, c, peer) for c in family.codes
            ]
            sides = _peer_sums(family, members, [above.get(h) for h in holders], withheld)
            compared = _compare(family, *sides, confidence, adjust).assign(peer=peer)
            parts.append(own.join(compared[_PEER]))
    if not parts:
        raise ObsError(f"compare_peers: no row of level '{place.base_level}' in the table")
    return pd.concat(parts, ignore_index=True)


def _chance_limits(family: Family, confidence: float) -> tuple[np.ndarray, np.ndarray]:
    """Give exact limits of the rate per unit of exposure, missing where the place is."""
    lower, upper = (np.full(len(family.rows), np.nan) for _ in range(2))
    known, centre = family.known, family.centre
    if not known.any() or not 0 < centre < (1 if family.share else np.inf):
        return lower, upper
    size = family.size[known]
    if family.share:
        lower[known], upper[known] = share_limits(size, centre, confidence=confidence)
    else:
        low, high = funnel_limits(size * centre, confidence=confidence)
        lower[known], upper[known] = low / size, high / size
    return lower, upper


def _wide_limits(family: Family, confidence: float, tau2: float) -> tuple[np.ndarray, np.ndarray]:
    if family.share:
        return adjusted_limits(
            family.size, tau2, target=family.centre, transform="arcsine", confidence=confidence
        )
    lower, upper = adjusted_limits(family.size * family.centre, tau2, confidence=confidence)
    return lower * family.centre, upper * family.centre


def _tau2(family: Family) -> float:
    """Estimate what places differ by beyond chance; missing with too few places."""
    if family.known.sum() < MIN_UNITS or not family.centre > 0:
        return float("nan")
    rate = family.count / family.size
    if family.share:
        if family.centre >= 1:
            return float("nan")
        z, error = scores(rate, family.size, target=family.centre, transform="arcsine")
    else:
        z, error = scores(rate / family.centre, family.size * family.centre)
    return iterated_overdispersion(z, error).tau2


def _positions(family: Family, limits: list[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    place = funnel_position(family.count / family.size, limits[0], limits[1])
    words = np.array([_POSITION[int(p)] for p in place], dtype=object)
    return np.where(family.known & ~np.isnan(limits[0][0]), words, None)


def _peers(
    place: Territory, groups: pd.DataFrame, codes: tuple[str, ...]
) -> dict[str, list[set[str]]]:
    """List for each kind of peer the peers of each place, itself taken out."""
    group = dict(zip(groups["territory"], groups["group"], strict=True))
    together = groups.groupby("group")["territory"].apply(set).to_dict()
    found: dict[str, list[set[str]]] = {}
    for level in place.levels[1:]:
        found[level] = [set(place.members(_zone_of(place, c, level))) - {c} for c in codes]
    if group:
        found["similar"] = [together.get(group.get(c), set()) - {c} for c in codes]
    return found


def _zone_of(place: Territory, code: str, level: str) -> str:
    while place.level_of(code) != level:
        parent = place.parent(code)
        if parent is None:
            return place.top
        code = parent
    return code


def _peer_sums(
    family: Family,
    peers: list[set[str]],
    holders: list[tuple[float, float] | None],
    withheld: set[str],
) -> tuple[np.ndarray, np.ndarray]:
    """Add up the peers of each place, or take the place out of the unit that holds them all."""
    position = {c: i for i, c in enumerate(family.codes)}
    count, size = np.full(len(peers), np.nan), np.full(len(peers), np.nan)
    for i, (members, holder) in enumerate(zip(peers, holders, strict=True)):
        if members and members <= set(position):
            rows = [position[c] for c in members]
            count[i], size[i] = family.count[rows].sum(), family.size[rows].sum()
        unknown = {c for c in members & set(position) if np.isnan(family.count[position[c]])}
        if members and unknown and unknown <= withheld and holder is not None:
            rest = holder[0] - family.count[i], holder[1] - family.size[i]
            if rest[0] >= 0 and rest[1] > 0:
                count[i], size[i] = rest
    return count, size


def _compare(
    family: Family,
    count: np.ndarray,
    size: np.ndarray,
    confidence: float,
    adjust: Literal["holm", "bh", "none"],
) -> pd.DataFrame:
    result = rate_ratio(family.count, family.size, count, size, confidence=confidence)
    few = (family.count < MIN_EVENTS) | (count < MIN_EVENTS)
    unknown = np.isnan(family.count + count)
    p_value = adjust_p_values(np.where(few | unknown, np.nan, result.p_value), method=adjust)
    shown = p_value < 1 - confidence
    verdict = np.select(
        [unknown, few, shown & (result.ratio > 1), shown],
        ["not comparable", "too few to say", "above", "below"],
        "no difference shown",
    )
    hidden = few | unknown
    numbers = {
        "peer_value": np.where(unknown, np.nan, family.per * count / size),
        "ratio": np.where(hidden, np.nan, result.ratio),
        "ratio_low": np.where(hidden, np.nan, result.low),
        "ratio_high": np.where(hidden, np.nan, result.high),
        "p_value": p_value,
    }
    columns = {n: pd.Series(v).astype("Float64") for n, v in numbers.items()}
    return pd.DataFrame({**columns, "verdict": pd.Series(verdict, dtype="str")})


def compare_nearest_peers(
    table: pd.DataFrame, *, territory: str | Territory = "brussels"
) -> pd.DataFrame:
    """Compare with similar places where some are declared, with the rest of the whole otherwise.

    Parameters
    ----------
    table : DataFrame
        As of `compare_peers`.
    territory : str or Territory
        Where the codes are from.

    Returns
    -------
    DataFrame
        The rows of `compare_peers` of that one kind of peer.

    Raises
    ------
    SchemaError, ObsError
        As `compare_peers`.
    """
    place = load_territory(territory)
    made = compare_peers(table, territory=place)
    judged = made[made["verdict"].isin(["above", "below", "no difference shown"])]
    peer = "similar" if (judged["peer"] == "similar").any() else place.levels[-1]
    return made[made["peer"] == peer].reset_index(drop=True)
