"""Estimate how complete recent counts are, and what late registration will add to them.

A reporting triangle has one row per period of the fact and one column per delay of its
registration. Facts registered after the last delay are not estimated.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special, stats

from obs.errors import ObsError
from obs.stats.arrays import Flags, Floats
from obs.stats.counts.intervals import tail_of

__all__ = ["Nowcast", "nowcast", "reporting_triangle"]

_NODES = 200  # quantiles of the completeness over which a prediction is averaged
_MIN_DISPERSION_DF = 10  # fewer cells than that tell nothing of dispersion


@dataclass(frozen=True)
class Nowcast:
    """What the counts of each period will become, arrays of shape (n_periods,).

    Attributes
    ----------
    reported : ndarray
        Registered so far.
    completeness : ndarray
        Expected share, 0 to 1, of the final count that is registered so far.
    completeness_low, completeness_high : ndarray
        Its interval.
    expected : ndarray
        Expected final count.
    se : ndarray
        Standard error of prediction of the final count.
    low, high : ndarray
        Prediction interval of the final count; `low` is never below `reported`.
    dispersion : float
        Variance over mean of the cells, at least 1.
    method : str
        In words.
    """

    reported: Floats
    completeness: Floats
    completeness_low: Floats
    completeness_high: Floats
    expected: Floats
    se: Floats
    low: Floats
    high: Floats
    dispersion: float
    method: str = (
        "chain ladder, the maximum likelihood of multinomial delays (Lawless 1994; England and "
        "Verrall 2002), beta-negative-binomial prediction"
    )


def reporting_triangle(
    occurred: ArrayLike, delay: ArrayLike, *, periods: int, delays: int, last: int
) -> Floats:
    """Count facts by period and delay of registration; what is still to come is missing.

    Returns counts; NaN where not known yet. Raises `ObsError` if the arrays differ in length, or
    a period or a delay is out of range.

    Examples
    --------
    >>> from obs.stats.series.nowcast import reporting_triangle
    >>> reporting_triangle([0, 0, 1, 1, 2], [0, 1, 0, 2, 0], periods=3, delays=2, last=2)
    array([[ 1.,  1.],
           [ 1.,  0.],
           [ 1., nan]])
    """
    rows, columns = np.asarray(occurred, dtype=np.int64), np.asarray(delay, dtype=np.int64)
    if periods < 1 or delays < 1:
        raise ObsError("a triangle has at least one period and one delay")
    if rows.shape != columns.shape or rows.ndim != 1:
        raise ObsError(f"occurred {rows.shape} and delay {columns.shape} differ in shape")
    if ((rows < 0) | (rows >= periods) | (columns < 0)).any():
        raise ObsError("periods must lie within the triangle and delays be at least 0")
    inside = (columns < delays) & (rows + columns <= last)
    counts = np.zeros((periods, delays))
    np.add.at(counts, (rows[inside], columns[inside]), 1.0)
    known = np.add.outer(np.arange(periods), np.arange(delays)) <= last
    return np.where(known, counts, np.nan)


def nowcast(triangle: ArrayLike, *, confidence: float = 0.95) -> Nowcast:
    r"""Foresee what the counts of each period will become once registration is over.

    Delays are taken as multinomial with the same probabilities in every period. Their
    maximum likelihood is the chain ladder: with :math:`N_d` the facts registered within
    delay :math:`d` of the periods whose cell :math:`d` is known, and :math:`n_d` those of
    them in that cell, the reverse hazard is :math:`g_d = n_d/N_d` and the completeness at
    delay :math:`d` is :math:`F_d = \prod_{k>d}(1-g_k)`. A period with :math:`n` registered
    is expected to reach :math:`n/F_d`.

    The variance of :math:`\ln F_d` is Greenwood's,
    :math:`\phi\sum_{k>d} g_k/\{(1-g_k)N_k\}`; given :math:`F_d`, what is still to come is
    negative binomial with mean :math:`n(1-F_d)/F_d` and variance
    :math:`\phi\,n(1-F_d)/F_d^2`; :math:`F_d` is averaged out as a beta variable.
    The dispersion :math:`\phi` is Pearson's, over the known cells of the triangle, and at
    least 1.

    Returns one value per period. A period with no known cell has NaN throughout, and so has one
    for which no older period tells how many facts come later. Raises `ObsError` if the triangle
    is not two-dimensional, holds negative or fractional counts, is not known for any cell of its
    last delay, or knows a later cell of a row and not an earlier one.

    Notes
    -----
    Blind to a change of the delays themselves (a new registration system, a strike): look
    at the residuals of the last diagonals before publishing. A period with nothing
    registered has an interval that starts from half a fact (Jeffreys).

    References
    ----------
    .. [1] J. F. Lawless, 1994, Adjustments for reporting delays and the prediction of
       occurred but not reported events, Canadian Journal of Statistics 22.
    .. [2] P. D. England and R. J. Verrall, 2002, Stochastic claims reserving in general
       insurance, British Actuarial Journal 8.
    .. [3] M. Höhle and M. an der Heiden, 2014, Bayesian nowcasting during the STEC O104:H4
       outbreak in Germany, Biometrics 70 (the binomial posterior of a final count).

    Examples
    --------
    >>> import numpy as np
    >>> from obs.stats.series.nowcast import nowcast
    >>> known = [[80, 15, 5], [88, 22, np.nan], [72, np.nan, np.nan]]
    >>> result = nowcast(known)
    >>> result.completeness.round(3), result.expected.round(1)
    (array([1.   , 0.95 , 0.779]), array([100. , 115.8,  92.5]))
    >>> result.low, result.high
    (array([100., 111.,  82.]), array([100., 125., 107.]))
    """
    alpha = tail_of(confidence)
    cells = _checked_triangle(triangle)
    known = ~np.isnan(cells)
    counts = np.where(known, cells, 0.0)
    last = known.sum(axis=1) - 1
    hazard, at_risk = _reverse_hazards(counts, known)
    phi = _dispersion(counts, known, hazard)
    log_share, variance = _completeness(hazard, at_risk)
    share = np.where((last >= 0) & (log_share[last] > -np.inf), np.exp(log_share)[last], np.nan)
    spread = phi * np.where(last >= 0, variance[last], np.nan)
    reported = np.where(last >= 0, counts.sum(axis=1), np.nan)
    shape = _beta(share, spread)
    low, high = (_final(reported, share, shape, phi, p) for p in (alpha / 2, 1 - alpha / 2))
    return Nowcast(
        reported=reported,
        completeness=share,
        completeness_low=_share_limit(share, shape, alpha / 2),
        completeness_high=_share_limit(share, shape, 1 - alpha / 2),
        expected=reported / share,
        se=_standard_error(reported, share, spread, phi),
        low=low,
        high=high,
        dispersion=phi,
    )


def _checked_triangle(triangle: ArrayLike) -> Floats:
    cells = np.asarray(triangle, dtype=np.float64)
    if cells.ndim != 2 or not cells.size:
        raise ObsError(f"a triangle has rows and columns; this one is of shape {cells.shape}")
    known = ~np.isnan(cells)
    if (cells[known] < 0).any() or (cells[known] % 1 != 0).any():
        raise ObsError("a triangle holds whole counts, at least 0, and NaN where unknown")
    if (known[:, 1:] & ~known[:, :-1]).any():
        raise ObsError("the known cells of a triangle come first in each row")
    if not known[:, -1].any():
        raise ObsError(
            "no period is known up to the last delay; take fewer delays, or more periods"
        )
    return cells


def _reverse_hazards(counts: Floats, known: Flags) -> tuple[Floats, Floats]:
    """Give, per delay, the share of the facts known by then that came at that very delay."""
    within = np.where(known, counts.cumsum(axis=1), 0.0).sum(axis=0)
    at = counts.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(within > 0, at / within, np.nan), within


def _completeness(hazard: Floats, at_risk: Floats) -> tuple[Floats, Floats]:
    """Give ln F and its variance (Greenwood, dispersion apart) for each delay."""
    with np.errstate(divide="ignore", invalid="ignore"):
        steps = np.log1p(-hazard)
        parts = hazard / ((1 - hazard) * at_risk)
    later = np.concatenate([steps[1:], [0.0]])
    later_parts = np.concatenate([parts[1:], [0.0]])
    return later[::-1].cumsum()[::-1], later_parts[::-1].cumsum()[::-1]


def _dispersion(counts: Floats, known: Flags, hazard: Floats) -> float:
    """Give Pearson's dispersion of the known cells about the fitted ones, at least 1."""
    log_share, _ = _completeness(hazard, np.ones_like(hazard))
    upper = np.exp(log_share)
    lower = np.concatenate([[0.0], upper[:-1]])
    last = known.sum(axis=1) - 1
    with np.errstate(invalid="ignore", divide="ignore"):
        final = counts.sum(axis=1) / upper[last]
        fitted = np.where(known, final[:, None] * (upper - lower), 0.0)
        excess = (counts - fitted) ** 2 / fitted
    used = known & (fitted > 0)
    rows, columns = int(used.any(axis=1).sum()), int(used.any(axis=0).sum())
    df = int(used.sum()) - rows - columns + 1
    return max(1.0, float(excess[used].sum()) / df) if df >= _MIN_DISPERSION_DF else 1.0


def _beta(share: Floats, spread: Floats) -> tuple[Floats, Floats]:
    """Match a beta variable to the completeness and the variance of its logarithm."""
    with np.errstate(divide="ignore", invalid="ignore"):
        total = (1 - share) / (share * spread) - 1
    usable = (share < 1) & (spread > 0) & (total > 0)
    size = np.where(usable, total, np.nan)
    return size * share, size * (1 - share)


def _share_limit(share: Floats, shape: tuple[Floats, Floats], p: float) -> Floats:
    limit = np.asarray(stats.beta.ppf(p, *shape), dtype=np.float64)
    return np.where(np.isnan(limit), share, limit)


def _standard_error(reported: Floats, share: Floats, spread: Floats, phi: float) -> Floats:
    process = phi * reported * (1 - share) / share**2
    return np.asarray(np.sqrt(process + (reported / share) ** 2 * spread))


def _final(
    reported: Floats, share: Floats, shape: tuple[Floats, Floats], phi: float, p: float
) -> Floats:
    """Give a quantile of the final count of each period."""
    final = reported.copy()
    open_ = np.flatnonzero((share < 1) & (reported >= 0))
    for row in open_:
        limits = _share_nodes(share[row], shape[0][row], shape[1][row])
        final[row] += _quantile_to_come(reported[row], limits, phi, p)
    return np.where(np.isnan(share), np.nan, final)


def _share_nodes(share: float, a: float, b: float) -> Floats:
    if np.isnan(a):
        return np.full(1, share)
    return np.asarray(stats.beta.ppf((np.arange(_NODES) + 0.5) / _NODES, a, b), dtype=np.float64)


def _quantile_to_come(reported: float, shares: Floats, phi: float, p: float) -> float:
    """Find the least whole number to come whose probability reaches p, by halving."""
    successes = (reported + 0.5) / phi

    def below(n: float) -> float:
        return float(np.mean(special.betainc(successes, n / phi + 1, shares)))

    low, high = -1.0, 1.0
    while below(high) < p and high < 1e15:
        low, high = high, high * 2
    while high - low > 1:
        middle = np.floor((low + high) / 2)
        low, high = (low, middle) if below(middle) >= p else (middle, high)
    return high
