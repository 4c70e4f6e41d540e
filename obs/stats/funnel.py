"""Control limits of a funnel plot: what chance alone would do around one common rate or share.

The limits are exact and continued between whole numbers; what units do beyond chance is
for `obs.stats.overdispersion`.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import bdtrik, ndtri, pdtrik

from obs.errors import ObsError

__all__ = ["funnel_limits", "funnel_position", "share_limits"]

Array = NDArray[np.float64]


def funnel_limits(
    expected: ArrayLike, *, confidence: float = 0.95
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    r"""Compute Poisson control limits of a count, exact and continuous.

    With E the count expected at the common rate and a = 1 - confidence, the lower limit l
    and the upper limit u solve

    .. math:: P(X \le l) = a/2, \quad P(X \ge u) = a/2, \quad X \sim Poisson(E),

    the distribution function continued between whole numbers. A count lies outside the
    limits exactly when its own exact (Garwood) interval leaves out E.

    Parameters
    ----------
    expected : array_like of shape (n,)
        Expected counts, at least 0.
    confidence : float
        0.95 and 0.998 are the two usual limits.

    Returns
    -------
    lower, upper : ndarray of shape (n,)
        In counts; the lower limit is 0 where even no event would not be surprising.

    Raises
    ------
    ObsError
        If an expected count is negative or missing, or confidence is not between 0 and 1.

    Notes
    -----
    Units that differ for reasons of their own lie outside more often than these limits
    say; they describe chance alone, without over-dispersion.

    References
    ----------
    .. [1] Spiegelhalter, D. J. (2005), Funnel plots for comparing institutional
       performance, Statistics in Medicine 24.

    Examples
    --------
    >>> lower, upper = funnel_limits([18.39036, 4.79539])
    >>> float(lower[0].round(3)), float(upper[1].round(3))
    (10.0, 10.0)
    """
    counts = np.asarray(expected, dtype=np.float64)
    if not np.all(counts >= 0):
        raise ObsError("funnel_limits: expected counts must be known and at least 0.")
    if not 0 < confidence < 1:
        raise ObsError("funnel_limits: confidence lies between 0 and 1, such as 0.95.")
    tail = (1 - confidence) / 2
    surprising = np.exp(-counts) < tail
    lower = np.where(surprising, pdtrik(tail, np.maximum(counts, 1e-12)), 0.0)
    any_event = -np.expm1(-counts)  # below the tail, even one event is beyond the limit
    upper = np.where(
        any_event < tail,
        any_event / tail,
        pdtrik(1 - tail, np.maximum(counts, 1e-12)) + 1,
    )
    return lower, upper


def share_limits(
    whole: ArrayLike,
    share: float,
    *,
    confidence: float = 0.95,
    method: Literal["exact", "normal"] = "exact",
) -> tuple[Array, Array]:
    r"""Compute binomial control limits of a share.

    With :math:`n` the whole, :math:`p` the common share and a = 1 - confidence, exact
    limits l and u of the count solve :math:`P(X \le l) = a/2` and :math:`P(X \ge u) = a/2`
    for :math:`X \sim Binomial(n, p)` continued between whole numbers. Normal limits are
    :math:`p \pm z\sqrt{p(1-p)/n}`, cut to [0, 1].

    Parameters
    ----------
    whole : array_like of shape (n,)
        Denominators, above 0; rounded to whole numbers for the exact limits.
    share : float
        The common share, between 0 and 1.
    confidence : float
        0.95 and 0.998 are the two usual limits.
    method : {"exact", "normal"}
        The normal limits are those of the PHE workbook: wrong for small wholes and for
        shares near 0 or 1; there to compare.

    Returns
    -------
    lower, upper : ndarray of shape (n,)
        Shares. 0 where even none of n would not surprise, 1 where even all of n would not.

    Raises
    ------
    ObsError
        A whole that is missing or below 1, a share or confidence outside ]0, 1[.

    References
    ----------
    .. [1] Spiegelhalter, D. J. (2005), Funnel plots for comparing institutional
       performance, Statistics in Medicine 24.

    Examples
    --------
    >>> lower, upper = share_limits([5, 500], 0.8)
    >>> lower.round(3).tolist(), upper.round(3).tolist()
    ([0.314, 0.763], [1.0, 0.835])
    """
    size = np.asarray(whole, dtype=np.float64)
    if not np.all(size >= 1):
        raise ObsError("share_limits: every whole must be known and at least 1.")
    if not (0 < share < 1 and 0 < confidence < 1):
        raise ObsError("share_limits: share and confidence lie between 0 and 1.")
    tail = (1 - confidence) / 2
    if method == "normal":
        half = -float(ndtri(tail)) * np.sqrt(share * (1 - share) / size)
        return np.maximum(share - half, 0.0), np.minimum(share + half, 1.0)
    n = np.round(size)
    none, every = (1 - share) ** n, share**n
    lower = np.where(none < tail, bdtrik(tail, n, share), 0.0)
    upper = np.where(every < tail, bdtrik(1 - tail, n, share) + 1, n)
    # where even one, or even all but one, is beyond the limit
    lower = np.where(1 - every < tail, n - (1 - every) / tail, lower)
    upper = np.where(1 - none < tail, (1 - none) / tail, upper)
    return lower / n, upper / n


def funnel_position(
    values: ArrayLike,
    inner: tuple[ArrayLike, ArrayLike],
    outer: tuple[ArrayLike, ArrayLike],
) -> NDArray[np.int64]:
    """Say on which side of two pairs of control limits each value lies.

    Parameters
    ----------
    values : array_like of shape (n,)
        Counts or shares, on the scale of the limits.
    inner, outer : pair of array_like
        Lower and upper limits, usually of 95 % and 99.8 %.

    Returns
    -------
    ndarray of shape (n,)
        -2 below the outer limits, -1 below the inner, 0 within (or not known), 1 and 2
        above.

    Examples
    --------
    >>> limits = [funnel_limits([50.0] * 3, confidence=c) for c in (0.95, 0.998)]
    >>> funnel_position([52, 66, 80], *limits).tolist()
    [0, 1, 2]
    """
    x = np.asarray(values, dtype=np.float64)
    above = sum((x > np.asarray(high)).astype(np.int64) for _, high in (inner, outer))
    below = sum((x < np.asarray(low)).astype(np.int64) for low, _ in (inner, outer))
    return np.asarray(above - below, dtype=np.int64)
