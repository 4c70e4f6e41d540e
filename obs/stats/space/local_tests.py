"""Find areas that stand out together with their neighbours: local Moran and local Getis-Ord.

P-values are two-sided, from permutations that hold the area itself fixed, and adjusted for the
number of areas tested.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from obs.errors import ObsError
from obs.stats.arrays import Flags, Floats, Integers, Texts
from obs.stats.counts.ratios import adjust_p_values
from obs.stats.space.global_tests import Style, spatial_weights

__all__ = ["LocalTest", "local_getis_ord", "local_moran"]

Adjust = Literal["bh", "holm", "none"]


@dataclass(frozen=True)
class LocalTest:
    """One statistic per area, raw and adjusted p-values, and the kind of cluster."""

    statistic: Floats
    p_value: Floats
    adjusted: Floats
    kind: Texts


def local_moran(
    values: ArrayLike,
    neighbours: ArrayLike,
    *,
    rng: np.random.Generator,
    confidence: float = 0.95,
    adjust: Adjust = "bh",
    permutations: int = 9_999,
) -> LocalTest:
    r"""Test each area for being like, or unlike, its neighbours.

    :math:`I_i = z_i \sum_j w_{ij} z_j / m_2` with rows of weights that add up to 1 and
    :math:`m_2 = \sum z^2/n`.

    Parameters
    ----------
    values : array_like of shape (n,)
        One per area; for rates, `equal_variance_rates`.
    neighbours : array_like of shape (n, n)
        As in `spatial_weights`.
    rng : numpy.random.Generator
        For the permutations.
    confidence : float
        An area is of a kind when its adjusted p-value is below 1 - confidence.
    adjust : {"bh", "holm", "none"}
        "bh" holds the share of false ones among those flagged.
    permutations : int
        How many; with 19 areas and "bh" at least 999.

    Returns
    -------
    LocalTest
        `kind`: "high-high", "low-low", "high-low", "low-high" (the area, its neighbours),
        "none", "isolated" (no neighbour), "missing". Missing numbers for the last two.

    Raises
    ------
    ObsError
        Fewer than four areas with neighbours, values all equal, a bad confidence.

    Notes
    -----
    PySAL's directed p-value (its default up to esda 2.9) is the smaller tail alone and not
    adjusted: on maps without any cluster it flags twice the stated share of areas.

    References
    ----------
    .. [1] L. Anselin, 1995, Local indicators of spatial association, Geographical Analysis
       27.
    .. [2] M. C. Caldas de Castro and B. H. Singer, 2006, Controlling the false discovery
       rate, Geographical Analysis 38.

    Examples
    --------
    >>> import numpy as np
    >>> ring = np.roll(np.eye(12), 1, axis=1) + np.roll(np.eye(12), -1, axis=1)
    >>> result = local_moran([1, 2, 1, 2, 1, 2, 1, 2, 8, 9, 8, 2], ring, adjust="none",
    ...     rng=np.random.default_rng(1))
    >>> str(result.kind[9])
    'high-high'
    """

    def statistic(lag: Floats, own: Floats, _: Floats) -> Floats:
        return own * lag

    return _local(values, neighbours, "row", statistic, rng, confidence, adjust, permutations)


def local_getis_ord(
    values: ArrayLike,
    neighbours: ArrayLike,
    *,
    rng: np.random.Generator,
    confidence: float = 0.95,
    adjust: Adjust = "bh",
    permutations: int = 9_999,
) -> LocalTest:
    r"""Find hot and cold spots: areas that are high, or low, together with their neighbours.

    The mean over the area and its neighbours in standard deviations of all areas (a form of
    :math:`G_i^*`), tested by permuting the neighbours.

    Parameters
    ----------
    values, neighbours, rng, confidence, adjust, permutations
        As in `local_moran`.

    Returns
    -------
    LocalTest
        `kind`: "hot", "cold", "none", "isolated", "missing".

    Raises
    ------
    ObsError
        As `local_moran`.

    References
    ----------
    .. [1] J. K. Ord and A. Getis, 1995, Local spatial autocorrelation statistics,
       Geographical Analysis 27.

    Examples
    --------
    >>> import numpy as np
    >>> ring = np.roll(np.eye(12), 1, axis=1) + np.roll(np.eye(12), -1, axis=1)
    >>> result = local_getis_ord([1, 2, 1, 2, 1, 2, 1, 2, 8, 9, 8, 2], ring, adjust="none",
    ...     rng=np.random.default_rng(1))
    >>> str(result.kind[9])
    'hot'
    """

    def statistic(lag: Floats, own: Floats, total: Floats) -> Floats:
        return (lag + own) / (total + 1)

    result = _local(values, neighbours, "binary", statistic, rng, confidence, adjust, permutations)
    names = {"high-high": "hot", "high-low": "cold", "low-high": "hot", "low-low": "cold"}
    kind = np.array([names.get(str(k), str(k)) for k in result.kind])
    return LocalTest(result.statistic, result.p_value, result.adjusted, kind)


def _local(
    values: ArrayLike,
    neighbours: ArrayLike,
    style: Style,
    statistic: Callable[[Floats, Floats, Floats], Floats],
    rng: np.random.Generator,
    confidence: float,
    adjust: Adjust,
    permutations: int,
) -> LocalTest:
    if not 0 < confidence < 1:
        raise ObsError(f"confidence {confidence} must lie between 0 and 1 (0.95, not 95)")
    x, raw = np.asarray(values, dtype=np.float64), spatial_weights(neighbours, style="binary")
    if len(raw) != x.size:
        raise ObsError(f"neighbours: a matrix of {x.size} x {x.size} is needed")
    known = ~np.isnan(x)
    weights = spatial_weights(np.where(known, raw, 0.0), style=style)
    total = weights.sum(axis=1)
    tested = np.flatnonzero(known & (total > 0))
    if len(tested) < 4 or np.ptp(x[known]) == 0:
        raise ObsError("at least four areas with neighbours are needed, not all of one value")
    z = np.where(known, (x - np.nanmean(x)) / np.nanstd(x), 0.0)
    lag = weights @ z
    p_value, found = np.full(x.size, np.nan), np.full(x.size, np.nan)
    found[tested] = statistic(lag[tested], z[tested], total[tested])
    others = rng.permuted(
        np.broadcast_to(np.arange(known.sum() - 1), (permutations, known.sum() - 1)), axis=1
    )
    for i in tested:
        p_value[i] = _conditional(int(i), z, weights[i], np.flatnonzero(known), others, lag[i])
    adjusted = adjust_p_values(p_value, method=adjust)
    kind = _kinds(z, lag, adjusted < 1 - confidence, known, total)
    return LocalTest(found, p_value, adjusted, kind)


def _conditional(
    i: int, z: Floats, row: Floats, known: Integers, others: Integers, seen: float
) -> float:
    """Exchange the values of all areas but one among its neighbours; twice the smaller tail."""
    pool = z[known[known != i]]
    strength = row[row > 0]
    draws = pool[others[:, : len(strength)]] @ strength
    above = int((draws >= seen - 1e-12).sum())
    below = int((draws <= seen + 1e-12).sum())
    return min(1.0, 2 * (1 + min(above, below)) / (1 + len(draws)))


def _kinds(z: Floats, lag: Floats, flagged: Flags, known: Flags, total: Floats) -> Texts:
    own, around = np.where(z > 0, "high", "low"), np.where(lag > 0, "high", "low")
    pair = np.char.add(np.char.add(own, "-"), around)
    kind = np.where(flagged, pair, "none")
    return np.where(~known, "missing", np.where(total > 0, kind, "isolated"))
