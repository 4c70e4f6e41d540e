"""Control limits of a funnel plot: what chance alone would do around one common rate."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import pdtrik

from obs.errors import ObsError

__all__ = ["funnel_limits"]


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
