"""Test whether nearby areas are alike, with analytical moments.

An area with a missing value or without neighbours (an island) is left out, and the weights of
the other areas are computed anew. It never makes the result missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from obs.errors import ObsError
from obs.stats.arrays import Floats

__all__ = [
    "SpatialTest",
    "geary",
    "getis_ord",
    "lee",
    "moran",
    "spatial_weights",
    "usable_areas",
]

Style = Literal["row", "binary"]
Assumption = Literal["randomisation", "normality"]


@dataclass(frozen=True)
class SpatialTest:
    """A statistic with its moments when nothing is clustered; `p_value` is two-sided."""

    statistic: float
    expected: float
    variance: float
    p_value: float
    n: int

    @property
    def z(self) -> float:
        """Distance to what is expected, in standard errors."""
        return (self.statistic - self.expected) / float(np.sqrt(self.variance))


def spatial_weights(neighbours: ArrayLike, *, style: Style = "row") -> Floats:
    """Turn a matrix of neighbours into weights; the diagonal is set to 0.

    Parameters
    ----------
    neighbours : array_like of shape (n, n)
        Above 0 where the column is a neighbour of the row (1, or a strength).
    style : {"row", "binary"}
        "row" makes each row add up to 1; "binary" keeps the numbers.

    Returns
    -------
    ndarray of shape (n, n)
        A row of zeros for an area without neighbours.

    Raises
    ------
    ObsError
        A matrix that is not square, negative or missing weights, an unknown style.

    Examples
    --------
    >>> spatial_weights([[0, 1, 1], [1, 0, 0], [1, 0, 0]]).tolist()
    [[0.0, 0.5, 0.5], [1.0, 0.0, 0.0], [1.0, 0.0, 0.0]]
    """
    weights = np.array(neighbours, dtype=np.float64)
    if weights.ndim != 2 or weights.shape[0] != weights.shape[1] or not np.all(weights >= 0):
        raise ObsError("neighbours: a square matrix without negative or missing values is needed")
    if style not in ("row", "binary"):
        raise ObsError(f"unknown style {style!r}; choose row or binary")
    np.fill_diagonal(weights, 0.0)
    if style == "row":
        total = weights.sum(axis=1, keepdims=True)
        weights = np.divide(weights, total, out=np.zeros_like(weights), where=total > 0)
    return weights


def moran(
    values: ArrayLike,
    neighbours: ArrayLike,
    *,
    style: Style = "row",
    assumption: Assumption = "randomisation",
) -> SpatialTest:
    r"""Compute Moran's I: the correlation of a value with its neighbours'.

    .. math:: I = \frac{n}{S_0}\,\frac{\sum_{ij} w_{ij} z_i z_j}{\sum_i z_i^2}, \qquad
              E(I) = -\frac1{n-1}.

    Parameters
    ----------
    values : array_like of shape (n,)
        One per area; missing ones are left out.
    neighbours : array_like of shape (n, n)
        As in `spatial_weights`.
    style : {"row", "binary"}
        As in `spatial_weights`.
    assumption : {"randomisation", "normality"}
        Under which the variance is computed.

    Returns
    -------
    SpatialTest
        `p_value` two-sided, from the normal distribution.

    Raises
    ------
    ObsError
        Fewer than four areas with neighbours, or values all equal.

    Notes
    -----
    Not for raw rates of areas of unequal population: their variances differ and that alone
    can look like clustering. Use `moran_of_rates`.

    References
    ----------
    .. [1] A. D. Cliff and J. K. Ord, 1981, Spatial processes.

    Examples
    --------
    >>> line = [[0, 1, 0, 0], [1, 0, 1, 0], [0, 1, 0, 1], [0, 0, 1, 0]]
    >>> result = moran([1.0, 2.0, 3.0, 4.0], line)
    >>> round(result.statistic, 3), round(result.expected, 3)
    (0.4, -0.333)
    """
    x, w = usable_areas(values, neighbours, style)
    n, z = len(x), x - x.mean()
    s0, s1, s2 = _sums(w)
    statistic = float(n / s0 * (z @ w @ z) / (z @ z))
    expected = -1 / (n - 1)
    square = n * n
    if assumption == "normality":
        second = (square * s1 - n * s2 + 3 * s0**2) / (s0**2 * (square - 1))
    else:
        k = _kurtosis(z)
        second = n * ((square - 3 * n + 3) * s1 - n * s2 + 3 * s0**2)
        second -= k * ((square - n) * s1 - 2 * n * s2 + 6 * s0**2)
        second /= (n - 1) * (n - 2) * (n - 3) * s0**2
    return _tested(statistic, expected, second - expected**2, n)


def geary(
    values: ArrayLike,
    neighbours: ArrayLike,
    *,
    style: Style = "row",
    assumption: Assumption = "randomisation",
) -> SpatialTest:
    r"""Compute Geary's C: how different neighbours are; below 1 they are alike.

    .. math:: C = \frac{n-1}{2 S_0}\,\frac{\sum_{ij} w_{ij}(x_i-x_j)^2}{\sum_i z_i^2},
              \qquad E(C) = 1.

    Parameters
    ----------
    values, neighbours, style, assumption
        As in `moran`.

    Returns
    -------
    SpatialTest
        `z` below 0 says that neighbours are alike.

    Raises
    ------
    ObsError
        Fewer than four areas with neighbours, or values all equal.

    References
    ----------
    .. [1] A. D. Cliff and J. K. Ord, 1981, Spatial processes.

    Examples
    --------
    >>> line = [[0, 1, 0, 0], [1, 0, 1, 0], [0, 1, 0, 1], [0, 0, 1, 0]]
    >>> round(geary([1.0, 2.0, 3.0, 4.0], line).statistic, 3)
    0.3
    """
    x, w = usable_areas(values, neighbours, style)
    n, z = len(x), x - x.mean()
    s0, s1, s2 = _sums(w)
    difference = float((w * (x[:, None] - x[None, :]) ** 2).sum())
    statistic = (n - 1) / (2 * s0) * difference / float(z @ z)
    if assumption == "normality":
        variance = ((2 * s1 + s2) * (n - 1) - 4 * s0**2) / (2 * (n + 1) * s0**2)
    else:
        k = _kurtosis(z)
        variance = (n - 1) * s1 * (n**2 - 3 * n + 3 - k * (n - 1))
        variance -= 0.25 * (n - 1) * s2 * (n**2 + 3 * n - 6 - k * (n**2 - n + 2))
        variance += s0**2 * (n**2 - 3 - k * (n - 1) ** 2)
        variance /= n * (n - 2) * (n - 3) * s0**2
    return _tested(statistic, 1.0, variance, n)


def getis_ord(values: ArrayLike, neighbours: ArrayLike, *, style: Style = "binary") -> SpatialTest:
    r"""Compute the global G of Getis and Ord: whether high values gather.

    .. math:: G = \sum_{i \ne j} w_{ij} x_i x_j \Big/ \sum_{i \ne j} x_i x_j, \qquad
              E(G) = S_0/(n(n-1)).

    Parameters
    ----------
    values : array_like of shape (n,)
        At least 0 (a rate, a count); missing ones are left out.
    neighbours, style
        As in `moran`.

    Returns
    -------
    SpatialTest
        `z` above 0: high values lie together; below 0: low values do.

    Raises
    ------
    ObsError
        Negative values, fewer than four areas with neighbours, values all equal, or fewer than
        two of them above 0.

    References
    ----------
    .. [1] A. Getis and J. K. Ord, 1992, The analysis of spatial association by use of
       distance statistics, Geographical Analysis 24.

    Examples
    --------
    >>> line = [[0, 1, 0, 0], [1, 0, 1, 0], [0, 1, 0, 1], [0, 0, 1, 0]]
    >>> round(getis_ord([1.0, 2.0, 3.0, 4.0], line).statistic, 3)
    0.571
    """
    x, w = usable_areas(values, neighbours, style)
    if np.any(x < 0):
        raise ObsError("getis_ord: values must be at least 0")
    n, (s0, s1, s2) = len(x), _sums(w)
    p1, p2, p3, p4 = (float((x**k).sum()) for k in (1, 2, 3, 4))
    pairs = _pair_products(x)
    if not pairs > 0:
        raise ObsError("getis_ord: fewer than two values above 0, so no product of two to compare")
    statistic = float(x @ w @ x) / pairs
    expected = s0 / (n * (n - 1))
    second = ((n**2 - 3 * n + 3) * s1 - n * s2 + 3 * s0**2) * p2**2
    second -= ((n**2 - n) * s1 - 2 * n * s2 + 6 * s0**2) * p4
    second -= (2 * n * s1 - (n + 3) * s2 + 6 * s0**2) * p1**2 * p2
    second += (4 * (n - 1) * s1 - 2 * (n + 1) * s2 + 8 * s0**2) * p1 * p3
    second += (s1 - s2 + s0**2) * p1**4
    second /= pairs**2 * n * (n - 1) * (n - 2) * (n - 3)
    return _tested(statistic, expected, second - expected**2, n)


def lee(first: ArrayLike, second: ArrayLike, neighbours: ArrayLike) -> float:
    r"""Compute Lee's L: whether two indicators are high in the same neighbourhoods.

    The correlation of the two spatial means, times their smoothing; weights of rows that
    add up to 1.

    Parameters
    ----------
    first, second : array_like of shape (n,)
        One value each per area; an area with a missing one is left out.
    neighbours : array_like of shape (n, n)
        As in `spatial_weights`.

    Returns
    -------
    float
        Between -1 and 1.

    Raises
    ------
    ObsError
        Fewer than four areas with neighbours, or values all equal.

    References
    ----------
    .. [1] S. I. Lee, 2001, Developing a bivariate spatial association measure, Journal of
       Geographical Systems 3.

    Examples
    --------
    >>> line = [[0, 1, 0, 0], [1, 0, 1, 0], [0, 1, 0, 1], [0, 0, 1, 0]]
    >>> round(lee([1.0, 2.0, 3.0, 4.0], [2.0, 3.0, 5.0, 9.0], line), 3)
    0.188
    """
    x, y = np.broadcast_arrays(*(np.asarray(a, dtype=np.float64) for a in (first, second)))
    known = ~np.isnan(x + y)
    x, w = usable_areas(np.where(known, x, np.nan), neighbours, "row")
    y, _ = usable_areas(np.where(known, y, np.nan), neighbours, "row")
    u, v = x - x.mean(), y - y.mean()
    size = len(x) / float((w.sum(axis=1) ** 2).sum())
    return float(size * (w @ u) @ (w @ v) / np.sqrt((u @ u) * (v @ v)))


def usable_areas(values: ArrayLike, neighbours: ArrayLike, style: Style) -> tuple[Floats, Floats]:
    """Leave out areas without a value, then those without neighbours.

    Returns `values`: of the areas that remain; `weights`: made anew among them. Raises `ObsError`
    for fewer than four areas with neighbours, or values all equal.

    Examples
    --------
    >>> import numpy as np
    >>> values, weights = usable_areas([1, 2, np.nan, 4, 5], np.ones((5, 5)), "binary")
    >>> values.tolist(), weights.shape
    ([1.0, 2.0, 4.0, 5.0], (4, 4))
    """
    x = np.asarray(values, dtype=np.float64)
    raw = spatial_weights(neighbours, style="binary")
    if len(raw) != x.size:
        raise ObsError(f"neighbours: a matrix of {x.size} x {x.size} is needed")
    kept = np.flatnonzero(~np.isnan(x))
    part = raw[np.ix_(kept, kept)]
    joined = (part.sum(axis=1) > 0) | (part.sum(axis=0) > 0)
    x, part = x[kept][joined], part[np.ix_(joined, joined)]
    if np.isinf(x).any():
        raise ObsError("an infinite value: leave unknown ones missing")
    if len(x) < 4 or np.ptp(x) == 0:
        raise ObsError("at least four areas with neighbours are needed, not all of one value")
    return x, spatial_weights(part, style=style)


def _pair_products(x: Floats) -> float:
    """Add up the products of all pairs of two areas, the smallest first."""
    ordered = np.sort(x)
    return float(2 * (ordered[1:] * np.cumsum(ordered)[:-1]).sum())


def _sums(w: Floats) -> tuple[float, float, float]:
    both = w + w.T
    around = w.sum(axis=0) + w.sum(axis=1)
    return float(w.sum()), float((both**2).sum() / 2), float((around**2).sum())


def _kurtosis(z: Floats) -> float:
    return float(len(z) * (z**4).sum() / (z**2).sum() ** 2)


def _tested(statistic: float, expected: float, variance: float, n: int) -> SpatialTest:
    z = (statistic - expected) / np.sqrt(variance)
    return SpatialTest(statistic, expected, variance, float(2 * special.ndtr(-abs(z))), n)
