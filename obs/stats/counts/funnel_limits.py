"""Compute control limits of a funnel plot: the chance variation around one common rate or share.

The limits are exact and interpolated between whole numbers. Variation beyond chance is in
`obs.stats.counts.overdispersion`.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import bdtrik, ndtri, pdtrik

from obs.errors import ObsError
from obs.stats.arrays import Floats, Integers

__all__ = ["funnel_limits", "funnel_position", "share_limits"]


_SEARCHED = 1e9  # expected counts up to which limits are searched


def funnel_limits(expected: ArrayLike, *, confidence: float = 0.95) -> tuple[Floats, Floats]:
    r"""Compute Poisson control limits of a count, exact and continuous.

    With E the count expected at the common rate and a = 1 - confidence, the lower limit l
    and the upper limit u solve

    .. math:: P(X \le l) = a/2, \quad P(X \ge u) = a/2, \quad X \sim Poisson(E),

    the distribution function continued between whole numbers. A count lies outside the
    limits exactly when its own exact (Garwood) interval leaves out E.

    Parameters
    ----------
    expected : array_like of shape (n,)
        Expected counts, at least 0; missing where the place is unknown.
    confidence : float
        0.95 and 0.998 are the two usual limits.

    Returns
    -------
    lower, upper : ndarray of shape (n,)
        In counts; the lower limit is 0 where even no event would not be surprising.
        Missing where the expected count is.

    Raises
    ------
    ObsError
        If an expected count is negative or infinite, or confidence not between 0 and 1.

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
    if np.any((counts < 0) | np.isinf(counts)):
        raise ObsError("funnel_limits: expected counts are at least 0 and finite.")
    if not 0 < confidence < 1:
        raise ObsError("funnel_limits: confidence lies between 0 and 1, such as 0.95.")
    tail = (1 - confidence) / 2
    surprising = np.exp(-counts) < tail
    lower = np.where(surprising, _poisson_quantile(tail, counts), 0.0)
    any_event = -np.expm1(-counts)  # below the tail, even one event is beyond the limit
    upper = np.where(
        any_event < tail,
        any_event / tail,
        _poisson_quantile(1 - tail, counts) + 1,
    )
    unknown = np.isnan(counts)
    return np.where(unknown, np.nan, lower), np.where(unknown, np.nan, upper)


def _poisson_quantile(chance: float, mean: Floats) -> Floats:
    """Invert the distribution function continued between whole numbers.

    Vast means by two terms of Cornish and Fisher's expansion, right to 1e-5 of a count.
    """
    z = float(ndtri(chance))
    vast = mean + z * np.sqrt(mean) + (z**2 - 1) / 6 - 0.5
    searched = pdtrik(chance, np.clip(mean, 1e-12, _SEARCHED))
    return np.asarray(np.where(mean > _SEARCHED, vast, searched))


def share_limits(
    whole: ArrayLike,
    share: float,
    *,
    confidence: float = 0.95,
    method: Literal["exact", "normal"] = "exact",
) -> tuple[Floats, Floats]:
    r"""Compute binomial control limits of a share.

    With :math:`n` the whole, :math:`p` the common share and a = 1 - confidence, exact
    limits l and u of the count solve :math:`P(X \le l) = a/2` and :math:`P(X \ge u) = a/2`
    for :math:`X \sim Binomial(n, p)` continued between whole numbers. Normal limits are
    :math:`p \pm z\sqrt{p(1-p)/n}`, cut to [0, 1].

    Parameters
    ----------
    whole : array_like of shape (n,)
        Denominators, rounded to whole numbers for the exact limits; missing or 0 where
        there is none.
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
        Shares. 0 where even none of n would not surprise, 1 where even all of n would not;
        missing where the whole is missing or rounds to 0.

    Raises
    ------
    ObsError
        A negative or infinite whole, a share or confidence outside ]0, 1[.

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
    if np.any((size < 0) | np.isinf(size)):
        raise ObsError("share_limits: wholes are at least 0 and finite.")
    size = np.where(np.round(size) >= 1, size, np.nan)
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
) -> Integers:
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
