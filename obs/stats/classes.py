"""Natural classes of a set of values: the cut that leaves each class as even as can be."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from obs.errors import ObsError

__all__ = ["natural_classes"]


def natural_classes(values: ArrayLike, *, k: int) -> NDArray[np.int64]:
    r"""Sort values into k classes with the least sum of squares within classes.

    The exact optimum, by dynamic programming over the distinct values (Fisher 1958):

    .. math:: \min \sum_{c=1}^{k} \sum_{i \in c} (x_i - \bar{x}_c)^2 .

    Equal values are always in the same class.

    Parameters
    ----------
    values : array_like of shape (n,)
        Finite.
    k : int
        Number of classes, from 1 to the number of distinct values.

    Returns
    -------
    ndarray of shape (n,)
        The class of each value, 0 for the lowest.

    Raises
    ------
    ObsError
        If a value is missing, or if there are fewer distinct values than classes.

    References
    ----------
    .. [1] Fisher, W. D. (1958), On grouping for maximum homogeneity, Journal of the
       American Statistical Association 53.

    Examples
    --------
    >>> natural_classes([1, 9, 2, 10, 30], k=3).tolist()
    [0, 1, 0, 1, 2]
    """
    x = np.asarray(values, dtype=np.float64)
    if not np.all(np.isfinite(x)):
        raise ObsError("natural_classes: every value must be known and finite.")
    distinct, place, weight = np.unique(x, return_inverse=True, return_counts=True)
    if not 1 <= k <= len(distinct):
        raise ObsError(f"natural_classes: {len(distinct)} distinct values do not make {k} classes.")
    starts = _best_starts(distinct, weight.astype(np.float64), k)
    classes = np.searchsorted(starts, np.arange(len(distinct)), side="right") - 1
    return classes[place].astype(np.int64)


def _best_starts(x: NDArray[np.float64], weight: NDArray[np.float64], k: int) -> NDArray[np.int64]:
    """Find where each class starts among sorted distinct values."""
    n = len(x)
    centred = x - np.average(x, weights=weight)
    total = np.concatenate([[0.0], np.cumsum(weight)])
    first = np.concatenate([[0.0], np.cumsum(weight * centred)])
    second = np.concatenate([[0.0], np.cumsum(weight * centred**2)])

    def spread(start: NDArray[np.int64], stop: int) -> NDArray[np.float64]:
        amount = total[stop] - total[start]
        between: NDArray[np.float64] = (first[stop] - first[start]) ** 2 / amount
        return np.asarray(second[stop] - second[start] - between)

    cost = np.array([spread(np.array([0]), stop)[0] for stop in range(1, n + 1)])
    choice = np.zeros((k, n + 1), dtype=np.int64)
    for c in range(1, k):
        nextcost = np.full(n, np.inf)
        for stop in range(c + 1, n + 1):
            start = np.arange(c, stop)
            candidates = cost[start - 1] + spread(start, stop)
            best = int(np.argmin(candidates))
            nextcost[stop - 1], choice[c, stop] = candidates[best], start[best]
        cost = nextcost
    starts = np.zeros(k, dtype=np.int64)
    stop = n
    for c in range(k - 1, 0, -1):
        starts[c] = stop = choice[c, stop]
    return starts
