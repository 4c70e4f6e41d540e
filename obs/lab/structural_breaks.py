"""Find breaks in a regression in time (Bai and Perron), and test for them (supF)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaln

from obs.errors import ObsError
from obs.stats.arrays import Floats, Integers
from obs.stats.linear.pivoted_qr import factor_rows

__all__ = ["Breaks", "find_breaks", "sup_f", "sup_f_p_value"]


@dataclass(frozen=True)
class Breaks:
    """Best breaks for each number of them; `best` has the smallest criterion.

    `breaks[m]` holds the 0-based position of the first observation of each new segment.
    """

    breaks: tuple[tuple[int, ...], ...]
    rss: Floats
    bic: Floats
    best: int


def find_breaks(
    values: ArrayLike,
    regressors: ArrayLike | None = None,
    *,
    trim: float | int = 0.15,
    most: int | None = None,
) -> Breaks:
    r"""Find the dates at which all coefficients of a least squares regression change.

    For each number m the partition of least residual sum of squares is found exactly by
    dynamic programming; the number is that of least
    :math:`BIC = n(\ln RSS/n + \ln 2\pi + 1) + ((m + 1)(k + 1))\ln n`.

    Parameters
    ----------
    values : array_like of shape (n,)
        The series, none missing (logarithms of counts are usual).
    regressors : array_like of shape (n, k) or None
        Intercept included; None for a mean that changes.
    trim : float or int
        Least size of a segment: a share of n, or a number of observations.
    most : int or None
        Most breaks tried; None as many as the trimming allows.

    Returns
    -------
    Breaks

    Raises
    ------
    ObsError
        Missing values, shapes that disagree, regressors that say the same, a trimming that
        leaves no room.

    References
    ----------
    .. [1] J. Bai and P. Perron, 2003, Computation and analysis of multiple structural
       change models, Journal of Applied Econometrics 18.
    .. [2] A. Zeileis, C. Kleiber, W. Kraemer and K. Hornik, 2003, Testing and dating of
       structural changes in practice, Computational Statistics and Data Analysis 44.

    Examples
    --------
    >>> y = np.repeat([5.0, 8.0], 20) + np.tile([0.1, -0.1], 20)
    >>> found = find_breaks(y)
    >>> found.best, found.breaks[found.best]
    (1, (20,))
    """
    y, x = _checked_series(values, regressors)
    n, k = x.shape
    least = _shortest_segment(n, k, trim)
    highest = n // least - 1
    most = highest if most is None else min(most, highest)
    costs = _segment_costs(y, x, least)
    breaks, rss = _partitions(costs, n, least, most)
    rss = np.maximum(rss, _rounding_noise(y))
    sizes = np.arange(most + 1)
    penalty = (sizes + 1) * (k + 1) * np.log(n)
    bic = n * (np.log(rss / n) + np.log(2 * np.pi) + 1) + penalty
    return Breaks(breaks, rss, bic, int(np.argmin(bic)))


def sup_f(
    values: ArrayLike, regressors: ArrayLike | None = None, *, trim: float | int = 0.15
) -> tuple[float, int, float]:
    r"""Give the largest F statistic of a single break over all dates, its date and p-value.

    Under no break the statistic tends to the supremum of a squared Bessel process; with
    :math:`\lambda = (1-\pi)^2/\pi^2` for a trimming :math:`\pi`, its upper tail is

    .. math:: \frac{(c/2)^{k/2} e^{-c/2}}{\Gamma(k/2)}
        \left[\ln\lambda\,(1 - k/c) + 2/c\right].

    Parameters
    ----------
    values : array_like of shape (n,)
        The series.
    regressors : array_like of shape (n, k) or None
        Intercept included; None for a mean that changes.
    trim : float or int
        Share or number of observations left out at each end.

    Returns
    -------
    statistic : float
        Chow's statistic times k, as Andrews' supF is tabulated.
    position : int
        First observation of the second segment.
    p_value : float
        Asymptotic; accurate in the tail (below about 0.2), at most 1.

    Raises
    ------
    ObsError
        As `find_breaks`.

    Notes
    -----
    The date was chosen among many, so the usual F table does not hold. R's strucchange
    takes the p-value from Hansen's (1997) fitted polynomials; this formula is the exact
    tail that they approximate, and agrees within a few per cent of the p-value.

    References
    ----------
    .. [1] D. W. K. Andrews, 1993, Tests for parameter instability and structural change
       with unknown change point, Econometrica 61; corrigendum 2003, 71.
    .. [2] A. Estrella, 2003, Critical values and p values of Bessel process distributions,
       Econometric Theory 19.

    Examples
    --------
    >>> y = np.repeat([5.0, 8.0], 20) + np.tile([0.1, -0.1], 20)
    >>> statistic, position, p_value = sup_f(y)
    >>> position, p_value < 0.001
    (20, True)
    """
    y, x = _checked_series(values, regressors)
    n, k = x.shape
    edge = int(np.floor(trim * n)) if isinstance(trim, float) else trim
    edge = max(edge, k + 1)
    if 2 * edge > n:
        raise ObsError(f"a trimming of {trim} leaves no date among {n} observations")
    front = _growing_rss(y, x)
    back = _growing_rss(y[::-1], x[::-1])[::-1]
    whole = max(float(front[-1]), _rounding_noise(y))
    dates = np.arange(edge, n - edge + 1)
    split = np.maximum(front[dates - 1] + back[dates], _rounding_noise(y))
    statistics = (whole - split) / (split / (n - 2 * k))
    best = int(np.argmax(statistics))
    largest = float(statistics[best])
    return largest, int(dates[best]), sup_f_p_value(largest, k, edge / n)


def sup_f_p_value(c: float, k: int, share: float) -> float:
    """Give the p-value of the largest F statistic of a break in `k` coefficients.

    `share` is the part of the series left out at each end. It is the tail beyond `c` of the
    largest value of a squared Bessel process: close at the usual levels, 1 where `c` is at most `k`.
    """
    if c <= k:
        return 1.0
    spread = 2 * np.log((1 - share) / share)
    density = np.exp(0.5 * k * np.log(c / 2) - c / 2 - gammaln(k / 2))
    return float(min(density * (spread * (1 - k / c) + 2 / c), 1.0))


def _checked_series(values: ArrayLike, regressors: ArrayLike | None) -> tuple[Floats, Floats]:
    y = np.asarray(values, dtype=np.float64)
    x = np.ones((y.size, 1)) if regressors is None else np.asarray(regressors, dtype=np.float64)
    if y.ndim != 1 or x.ndim != 2 or x.shape[0] != y.size:
        raise ObsError("values (n) and regressors (n, k) must agree in length")
    if not (np.isfinite(y).all() and np.isfinite(x).all()):
        raise ObsError("a missing value: a break cannot be told from a gap")
    if y.size < x.shape[1] or np.linalg.matrix_rank(x) < x.shape[1]:
        raise ObsError("the regressors are not of full rank: two of them say the same")
    basis, _ = np.linalg.qr(x)  # the same fits, and far less rounding in short segments
    return y, np.asarray(basis * np.sqrt(y.size))


def _rounding_noise(y: Floats) -> float:
    """Sum of squares that rounding leaves where regressors explain all."""
    return max(1e-24 * float(y @ y), 1e-300)


def _shortest_segment(n: int, k: int, trim: float | int) -> int:
    least = int(np.floor(trim * n)) if isinstance(trim, float) else int(trim)
    if least <= k or 2 * least > n:
        raise ObsError(
            f"segments of {least} observations: more than {k} and at most half of {n} are needed"
        )
    return least


def _segment_costs(y: Floats, x: Floats, least: int) -> Floats:
    """Residual sum of squares of every segment [i, j], infinite if it is too short."""
    n = y.size
    costs = np.full((n, n), np.inf)
    for i in range(n - least + 1):
        costs[i, i:] = _growing_rss(y[i:], x[i:])
        costs[i, i : i + least - 1] = np.inf
    return costs


def _growing_rss(y: Floats, x: Floats) -> Floats:
    """Residual sums of squares of the first 1, 2, ... rows, by recursive residuals."""
    n, k = x.shape
    rss = np.zeros(n)
    start = k
    while start < n and np.linalg.matrix_rank(x[:start]) < k:
        start += 1
    if start == n and np.linalg.matrix_rank(x) < k:  # a regressor that does not vary here
        basis, _, _ = np.linalg.svd(x, full_matrices=False)
        basis = basis[:, : np.linalg.matrix_rank(x)]
        rss[-1] = float(np.sum((y - basis @ (basis.T @ y)) ** 2))
        return rss
    factor = factor_rows(x[:start])
    inverse, beta = factor.inverse, factor.solve(y[:start])
    total = float(np.sum((y[:start] - x[:start] @ beta) ** 2))
    rss[start - 1] = total
    for t in range(start, n):
        turned = inverse @ x[t]
        scale = 1.0 + x[t] @ turned
        error = y[t] - x[t] @ beta
        total += error**2 / scale
        beta = beta + turned * (error / scale)
        inverse = inverse - np.outer(turned, turned) / scale
        rss[t] = total
    return rss


def _partitions(
    costs: Floats, n: int, least: int, most: int
) -> tuple[tuple[tuple[int, ...], ...], Floats]:
    """Best partitions for 0 to `most` breaks, by dynamic programming over their ends."""
    value = costs[0].copy()
    origins: list[Integers] = []
    rss = [value[-1]]
    breaks: list[tuple[int, ...]] = [()]
    for m in range(1, most + 1):
        options = np.full((n, n), np.inf)
        options[1:, :] = value[:-1, None] + costs[1:, :]
        origin = np.argmin(options, axis=0)
        value = options[origin, np.arange(n)]
        origins.append(origin)
        rss.append(value[-1])
        breaks.append(_break_positions(origins, n, m))
    return tuple(breaks), np.array(rss)


def _break_positions(origins: list[Integers], n: int, m: int) -> tuple[int, ...]:
    found: list[int] = []
    last = n - 1
    for origin in reversed(origins[:m]):
        found.append(int(origin[last]))
        last = found[-1] - 1
    return tuple(reversed(found))
