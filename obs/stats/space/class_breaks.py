"""Compute map classes: natural breaks, and the breaks of other usual schemes.

Bounds include the least and the greatest value; equal values are always in one class.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from obs.errors import ObsError
from obs.stats.arrays import Floats, Integers

__all__ = ["class_breaks", "natural_classes", "round_breaks"]

Scheme = Literal["quantile", "equal", "pretty", "fisher", "jenks", "sd", "headtails", "maximum"]
_HEAD = 0.4  # a part above the mean is a head up to this share (Jiang; classInt)


def natural_classes(values: ArrayLike, *, k: int) -> Integers:
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


def class_breaks(values: ArrayLike, *, k: int = 5, scheme: Scheme = "fisher") -> Floats:
    """Give the breaks between classes of values by one of the usual schemes.

    "fisher": natural classes (`natural_classes`), breaks half-way between them; "jenks":
    the same classes, breaks at their greatest values; "quantile": as many values in each;
    "equal": classes of one width; "pretty": round numbers; "sd": round numbers of standard
    deviations from the mean; "maximum": at the widest gaps; "headtails": at the mean, then
    at the mean of what is above, while the part above is the smaller.

    Parameters
    ----------
    values : array_like of shape (n,)
        Missing ones are left out.
    k : int
        Classes wanted; "pretty" and "sd" come close to it, "headtails" does without.
    scheme : str
        One of the above.

    Returns
    -------
    ndarray
        Ascending, the first at most the least value and the last at least the greatest.

    Raises
    ------
    ObsError
        No value, an unknown scheme, more classes than distinct values (quantile breaks
        may then repeat and are refused likewise).

    Notes
    -----
    Quantiles tear equal rates apart, "jenks" in classInt is an approximation that here is
    exact. Breaks say nothing of whether the classes differ beyond chance.

    References
    ----------
    .. [1] G. F. Jenks, 1977, Optimal data classification for choropleth maps.
    .. [2] B. Jiang, 2013, Head/tail breaks, The Professional Geographer 65.

    Examples
    --------
    >>> class_breaks([1.0, 2.0, 9.0, 10.0, 30.0], k=3).tolist()
    [1.0, 5.5, 20.0, 30.0]
    """
    x = np.asarray(values, dtype=np.float64)
    x = np.sort(x[~np.isnan(x)])
    if x.size == 0 or np.isinf(x).any():
        raise ObsError("class_breaks: there is no value, or an infinite one")
    if x[0] == x[-1]:
        raise ObsError("class_breaks: 1 distinct value does not make classes.")
    schemes: dict[str, Callable[[Floats, int], Floats]] = {
        "fisher": _fisher,
        "jenks": _jenks,
        "quantile": lambda v, n: np.quantile(v, np.linspace(0, 1, n + 1)),
        "equal": lambda v, n: np.linspace(v[0], v[-1], n + 1),
        "pretty": lambda v, n: round_breaks(float(v[0]), float(v[-1]), k=n),
        "sd": _deviations,
        "headtails": lambda v, _: _head_tails(v),
        "maximum": _widest_gaps,
    }
    if scheme not in schemes:
        raise ObsError(f"unknown scheme {scheme!r}; choose {', '.join(schemes)}")
    distinct = len(np.unique(x))
    if k < 1 or (scheme in ("fisher", "jenks", "quantile", "maximum") and k > distinct):
        raise ObsError(f"class_breaks: {distinct} distinct values do not make {k} classes.")
    return np.asarray(schemes[scheme](x, k), dtype=np.float64)


def round_breaks(low: float, high: float, *, k: int = 5) -> Floats:
    """Give about k round steps (1, 2 or 5 times a power of ten) that cover a range.

    Parameters
    ----------
    low, high : float
        The range.
    k : int
        Steps wanted.

    Returns
    -------
    ndarray
        Equally spaced; as R's `pretty`.

    Raises
    ------
    ObsError
        A range that is not finite or goes down.

    Examples
    --------
    >>> round_breaks(0.0, 9.55).tolist()
    [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]
    """
    if not (np.isfinite(low) and np.isfinite(high) and low <= high and k >= 1):
        raise ObsError("round_breaks: a finite range from low to high is needed")
    width = high - low
    largest = max(abs(low), abs(high))
    cell = width / k if width > 1e-14 * largest else max(largest, 1e-300) / k
    base = 10.0 ** np.floor(np.log10(cell))
    unit = base
    for factor, bias in ((2, 1.5), (5, 2.75), (10, 1.5)):
        if factor * base - cell < bias * (cell - unit):
            unit = factor * base
        else:
            break
    first, last = np.floor(low / unit + 1e-7), np.ceil(high / unit - 1e-7)
    return np.asarray(np.arange(first, last + 1) * unit)


def _fisher(x: Floats, k: int) -> Floats:
    lows, highs = _edges(x, k)
    return np.concatenate([x[:1], (highs[:-1] + lows[1:]) / 2, x[-1:]])


def _jenks(x: Floats, k: int) -> Floats:
    return np.concatenate([x[:1], _edges(x, k)[1]])


def _edges(x: Floats, k: int) -> tuple[Floats, Floats]:
    """Give the least and the greatest value of each natural class of sorted values."""
    starts = np.searchsorted(natural_classes(x, k=k), np.arange(k))
    return x[starts], x[np.append(starts[1:], len(x)) - 1]


def _deviations(x: Floats, k: int) -> Floats:
    mean, spread = x.mean(), x.std(ddof=1)
    scaled = (x - mean) / spread
    return np.asarray(round_breaks(float(scaled[0]), float(scaled[-1]), k=k) * spread + mean)


def _widest_gaps(x: Floats, k: int) -> Floats:
    gaps = np.diff(x)
    places = np.sort(np.argsort(-gaps, kind="stable")[: k - 1])
    return np.concatenate([x[:1], (x[places] + x[places + 1]) / 2, x[-1:]])


def _head_tails(x: Floats) -> Floats:
    breaks, head = [x[0]], x
    while len(head) > 1:
        breaks.append(head.mean())
        above = head[head > head.mean()]
        if len(above) > _HEAD * len(head):
            break
        head = above
    return np.array([*breaks, x[-1]])


def _best_starts(x: Floats, weight: Floats, k: int) -> Integers:
    """Find where each class starts among sorted distinct values."""
    n = len(x)
    centred = x - np.average(x, weights=weight)
    total = np.concatenate([[0.0], np.cumsum(weight)])
    first = np.concatenate([[0.0], np.cumsum(weight * centred)])
    second = np.concatenate([[0.0], np.cumsum(weight * centred**2)])

    def spread(start: Integers, stop: int) -> Floats:
        amount = total[stop] - total[start]
        between: Floats = (first[stop] - first[start]) ** 2 / amount
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
