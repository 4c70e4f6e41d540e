"""Compute rank intervals: how high or low in a list each unit could be.

Two methods are given: ranks when the figures of each unit are drawn again, and the joint set of
ranks that the data do not contradict.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from obs.errors import ObsError
from obs.stats.arrays import Floats, Integers
from obs.stats.counts.intervals import as_counts
from obs.stats.counts.ratios import adjust_p_values

__all__ = ["rank_draws", "rank_intervals", "rank_sets"]


def rank_draws(
    events: ArrayLike, exposure: ArrayLike, *, rng: np.random.Generator, draws: int = 4_000
) -> Floats:
    r"""Draw rates that the counts allow, for `rank_intervals`.

    Gamma with shape :math:`O + 1/2` over the exposure (Jeffreys), which is never stuck at 0.

    Parameters
    ----------
    events, exposure : array_like of shape (n,)
        Counts and people, days; missing or not above 0 gives missing draws.
    rng : numpy.random.Generator
        For the draws.
    draws : int
        How many.

    Returns
    -------
    ndarray of shape (draws, n)
        Rates per unit of exposure.

    Raises
    ------
    ObsError
        Negative counts.

    Examples
    --------
    >>> import numpy as np
    >>> rank_draws([3, 8], [100, 100], rng=np.random.default_rng(1), draws=5).shape
    (5, 2)
    """
    count, size = as_counts(events, "events"), np.asarray(exposure, dtype=np.float64)
    known = (size > 0) & np.isfinite(size) & ~np.isnan(count)
    shape = np.where(known, count, 0.0) + 0.5
    rates = rng.gamma(shape, size=(draws, count.size)) / np.where(known, size, 1.0)
    return np.where(known, rates, np.nan)


def rank_intervals(
    draws: ArrayLike, *, confidence: float = 0.95
) -> tuple[Integers, Integers, Integers]:
    """Give the interval of each unit's rank over drawn values, 1 for the highest.

    Parameters
    ----------
    draws : array_like of shape (n_draws, n)
        Values drawn for each unit (`rank_draws`, or normal draws of survey estimates); a
        unit with a missing draw has no rank and takes none.
    confidence : float
        Between 0 and 1.

    Returns
    -------
    rank, low, high : ndarray of shape (n,)
        Median rank and its limits; 0 where there is none.

    Raises
    ------
    ObsError
        No draws, a bad confidence.

    Notes
    -----
    Each interval is of one unit; among units that are nearly equal they can be too short.
    For "the data do not contradict these ranks" take `rank_sets`.

    References
    ----------
    .. [1] H. Goldstein and D. J. Spiegelhalter, 1996, League tables and their limitations,
       JRSS A 159.

    Examples
    --------
    >>> import numpy as np
    >>> draws = rank_draws([90, 50, 48, 5], [1_000] * 4, rng=np.random.default_rng(1))
    >>> [r.tolist() for r in rank_intervals(draws)]
    [[1, 2, 3, 4], [1, 2, 2, 4], [1, 3, 3, 4]]
    """
    values = np.asarray(draws, dtype=np.float64)
    if values.ndim != 2 or len(values) == 0 or not 0 < confidence < 1:
        raise ObsError("rank_intervals: draws are n_draws x n_units, confidence between 0 and 1")
    known = ~np.isnan(values).any(axis=0)
    order = np.argsort(-values[:, known], axis=1, kind="stable")
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, order, np.arange(1, known.sum() + 1)[None, :], axis=1)
    tail = (1 - confidence) / 2
    limits = [np.zeros(values.shape[1], dtype=np.int64) for _ in range(3)]
    if known.any():
        low = np.quantile(ranks, tail, axis=0, method="lower")
        high = np.quantile(ranks, 1 - tail, axis=0, method="higher")
        middle = np.quantile(ranks, 0.5, axis=0, method="nearest")
        for into, found in zip(limits, (middle, low, high), strict=True):
            into[known] = found
    return limits[0], limits[1], limits[2]


def rank_sets(
    estimate: ArrayLike, error: ArrayLike, *, confidence: float = 0.95
) -> tuple[Integers, Integers]:
    r"""Give the ranks that the data do not contradict, 1 for the highest, all units at once.

    Every pair is compared, :math:`(y_i - y_j)/\sqrt{s_i^2 + s_j^2}`, p-values adjusted by
    Holm over all pairs; a unit's best rank is one more than the number of units surely
    above it, its worst :math:`n` less those surely below.

    Parameters
    ----------
    estimate, error : array_like of shape (n,)
        Independent estimates and standard errors; take logs of rates, with
        :math:`1/\sqrt O`. Missing ones have no rank and take none.
    confidence : float
        That all the sets hold the true ranks together.

    Returns
    -------
    low, high : ndarray of shape (n,)
        0 where there is none.

    Raises
    ------
    ObsError
        A bad confidence.

    References
    ----------
    .. [1] M. Mogstad, J. P. Romano, A. M. Shaikh and D. Wilhelm, 2024, Inference for ranks
       with applications to mobility across neighbourhoods and academic achievement across
       countries, Review of Economic Studies 91.
    .. [2] M. Klein, T. Wright and J. Wieczorek, 2020, A joint confidence region for an
       overall ranking of populations, JRSS C 69.

    Examples
    --------
    >>> [r.tolist() for r in rank_sets([9.0, 5.0, 4.8, 0.5], [0.5] * 4)]
    [[1, 2, 2, 4], [1, 3, 3, 4]]
    """
    if not 0 < confidence < 1:
        raise ObsError(f"confidence {confidence} must lie between 0 and 1 (0.95, not 95)")
    y, s = np.broadcast_arrays(*(np.asarray(a, dtype=np.float64) for a in (estimate, error)))
    known = np.flatnonzero(np.isfinite(y + s))
    n = len(known)
    low, high = (np.zeros(y.size, dtype=np.int64) for _ in range(2))
    if n == 0:
        return low, high
    first, second = np.triu_indices(n, 1)
    i, j = known[first], known[second]
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (y[i] - y[j]) / np.hypot(s[i], s[j])
    sure = adjust_p_values(2 * special.ndtr(-np.abs(np.nan_to_num(z)))) < 1 - confidence
    above = np.zeros((n, n), dtype=bool)  # the row surely above the column
    above[first, second] = sure & (z > 0)
    above[second, first] = sure & (z < 0)
    low[known] = 1 + above.sum(axis=0)
    high[known] = n - above.sum(axis=1)
    return low, high
