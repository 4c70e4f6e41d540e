"""Compute confidence intervals of proportions and of their differences, on arrays.

Shapes are kept; a missing part or an empty whole gives a missing interval. Intervals stay within
[0, 1] and contain the estimate, also at 0 and 1.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from obs.errors import ObsError
from obs.stats.arrays import Floats
from obs.stats.counts.intervals import Limits, as_counts, tail_of

__all__ = [
    "agresti_coull_interval",
    "clopper_pearson_interval",
    "jeffreys_interval",
    "newcombe_difference",
    "pooled_score_test",
    "wilson_interval",
]


def wilson_interval(
    successes: ArrayLike,
    trials: ArrayLike,
    *,
    confidence: float = 0.95,
    continuity: bool = False,
) -> Limits:
    r"""Give the Wilson score limits of a proportion.

    :math:`(2np + z^2 \pm z\sqrt{z^2 + 4np(1-p)}) / 2(n + z^2)`; it stays inside [0, 1]
    and is never of zero width at 0 and at 1.

    Parameters
    ----------
    successes, trials : array_like of shapes that broadcast
        Part and whole, 0 <= part <= whole; missing allowed.
    confidence : float
        Between 0 and 1.
    continuity : bool
        Use Newcombe's continuity-corrected form (wider, conservative).

    Returns
    -------
    low, high : ndarray
        NaN where an input is missing or the whole is 0.

    Raises
    ------
    ObsError
        A negative part or a part above its whole; a bad confidence.

    Notes
    -----
    R's `prop.test` shrinks the correction near one half, where it tests against 0.5;
    here the correction is always Newcombe's full 1/2n.

    References
    ----------
    .. [1] E. B. Wilson, 1927, Probable inference, JASA 22.
    .. [2] R. G. Newcombe, 1998, Two-sided confidence intervals for the single
       proportion, Statistics in Medicine 17, methods 3 and 4.

    Examples
    --------
    >>> low, high = wilson_interval([366, 0], [426, 10])
    >>> low.round(3).tolist(), high.round(3).tolist()
    ([0.823, 0.0], [0.889, 0.278])
    """
    x, n = _parts_of_wholes(successes, trials)
    z = _z(confidence)
    with np.errstate(invalid="ignore", divide="ignore"):
        shift = 1.0 if continuity else 0.0
        inner = 4 * x * (n - x) / n
        slack = shift / n
        tilt = shift * (4 * x / n - 2)
        below = z * np.sqrt(np.maximum(z**2 - slack + inner + tilt, 0)) + shift
        above = z * np.sqrt(np.maximum(z**2 - slack + inner - tilt, 0)) + shift
        low = (2 * x + z**2 - below) / (2 * (n + z**2))
        high = (2 * x + z**2 + above) / (2 * (n + z**2))
    return _pin_ends(low, high, x, n)


def clopper_pearson_interval(
    successes: ArrayLike, trials: ArrayLike, *, confidence: float = 0.95
) -> Limits:
    """Give the exact (Clopper-Pearson) limits of a proportion, never too short.

    Parameters
    ----------
    successes, trials : array_like of shapes that broadcast
        Part and whole, 0 <= part <= whole; missing allowed.
    confidence : float
        Between 0 and 1.

    Returns
    -------
    low, high : ndarray
        Beta quantiles; 0 and 1 at the ends; NaN where missing or the whole is 0.

    Raises
    ------
    ObsError
        A negative part or a part above its whole; a bad confidence.

    References
    ----------
    .. [1] C. J. Clopper and E. S. Pearson, 1934, Biometrika 26.

    Examples
    --------
    >>> low, high = clopper_pearson_interval(1, 10)
    >>> float(low.round(4)), float(high.round(4))
    (0.0025, 0.445)
    """
    x, n = _parts_of_wholes(successes, trials)
    alpha = tail_of(confidence)
    low = special.betaincinv(np.maximum(x, 1e-300), n - x + 1, alpha / 2)
    high = special.betaincinv(x + 1, np.maximum(n - x, 1e-300), 1 - alpha / 2)
    return _pin_ends(low, high, x, n)


def jeffreys_interval(
    successes: ArrayLike, trials: ArrayLike, *, confidence: float = 0.95
) -> Limits:
    """Give the Jeffreys limits of a proportion: quantiles of Beta(x + 1/2, n - x + 1/2).

    Parameters
    ----------
    successes, trials : array_like of shapes that broadcast
        Part and whole, 0 <= part <= whole; missing allowed.
    confidence : float
        Between 0 and 1.

    Returns
    -------
    low, high : ndarray
        The lower limit is 0 at 0 of n and the upper 1 at n of n, so that the interval
        holds the estimate (Brown, Cai and DasGupta); NaN where missing or the whole is 0.

    Raises
    ------
    ObsError
        A negative part or a part above its whole; a bad confidence.

    References
    ----------
    .. [1] L. D. Brown, T. T. Cai and A. DasGupta, 2001, Statistical Science 16.

    Examples
    --------
    >>> low, high = jeffreys_interval([0, 5], [10, 10])
    >>> low.round(3).tolist(), high.round(3).tolist()
    ([0.0, 0.224], [0.217, 0.776])
    """
    x, n = _parts_of_wholes(successes, trials)
    alpha = tail_of(confidence)
    low = special.betaincinv(x + 0.5, n - x + 0.5, alpha / 2)
    high = special.betaincinv(x + 0.5, n - x + 0.5, 1 - alpha / 2)
    return _pin_ends(low, high, x, n)


def agresti_coull_interval(
    successes: ArrayLike, trials: ArrayLike, *, confidence: float = 0.95
) -> Limits:
    """Give the Agresti-Coull limits of a proportion, cut to [0, 1].

    The normal interval around (x + z^2/2) / (n + z^2).

    Parameters
    ----------
    successes, trials : array_like of shapes that broadcast
        Part and whole, 0 <= part <= whole; missing allowed.
    confidence : float
        Between 0 and 1.

    Returns
    -------
    low, high : ndarray
        Inside [0, 1]; NaN where missing or the whole is 0.

    Raises
    ------
    ObsError
        A negative part or a part above its whole; a bad confidence.

    References
    ----------
    .. [1] A. Agresti and B. A. Coull, 1998, The American Statistician 52.

    Examples
    --------
    >>> low, high = agresti_coull_interval(1, 10)
    >>> float(low), float(high.round(4))
    (0.0, 0.426)
    """
    x, n = _parts_of_wholes(successes, trials)
    z = _z(confidence)
    size = n + z**2
    centre = (x + z**2 / 2) / size
    half = z * np.sqrt(centre * (1 - centre) / size)
    return np.maximum(centre - half, 0.0), np.minimum(centre + half, 1.0)


def newcombe_difference(
    successes: ArrayLike,
    trials: ArrayLike,
    base_successes: ArrayLike,
    base_trials: ArrayLike,
    *,
    confidence: float = 0.95,
) -> Limits:
    """Give the limits of a difference of two independent proportions (new minus base).

    Newcombe's hybrid score method: each side takes its distance from the Wilson limits.

    Parameters
    ----------
    successes, trials : array_like of shapes that broadcast
        Part and whole of the new proportion.
    base_successes, base_trials : array_like of shapes that broadcast
        Part and whole of the proportion it is compared with.
    confidence : float
        Between 0 and 1.

    Returns
    -------
    low, high : ndarray
        Limits of p - p_base, in [-1, 1] (0.01 = one percentage point).

    Raises
    ------
    ObsError
        A negative part or a part above its whole; a bad confidence.

    References
    ----------
    .. [1] R. G. Newcombe, 1998, Interval estimation for the difference between
       independent proportions, Statistics in Medicine 17, method 10.

    Examples
    --------
    >>> low, high = newcombe_difference(56, 70, 48, 80)
    >>> float(low.round(4)), float(high.round(4))
    (0.0524, 0.3339)
    """
    x1, n1 = _parts_of_wholes(successes, trials)
    x0, n0 = _parts_of_wholes(base_successes, base_trials)
    low1, high1 = wilson_interval(x1, n1, confidence=confidence)
    low0, high0 = wilson_interval(x0, n0, confidence=confidence)
    with np.errstate(invalid="ignore", divide="ignore"):
        p1, p0 = x1 / n1, x0 / n0
    low = p1 - p0 - np.hypot(p1 - low1, high0 - p0)
    high = p1 - p0 + np.hypot(high1 - p1, p0 - low0)
    return np.asarray(low), np.asarray(high)


def pooled_score_test(
    successes: ArrayLike, trials: ArrayLike, base_successes: ArrayLike, base_trials: ArrayLike
) -> Limits:
    """Test whether two independent proportions differ, under one common proportion.

    z = (p - p_base) / sqrt(q (1 - q) (1 / n + 1 / n_base)), q being the proportion of both
    samples together; the p-value is two-sided. Equal proportions give 1.

    Parameters
    ----------
    successes, trials : array_like of shapes that broadcast
        Part and whole of the new proportion.
    base_successes, base_trials : array_like of shapes that broadcast
        Part and whole of the proportion it is compared with.

    Returns
    -------
    difference : ndarray
        p - p_base, in [-1, 1]; missing where a whole is 0 or missing.
    p_value : ndarray
        Two-sided.

    Raises
    ------
    ObsError
        A negative part or a part above its whole.

    References
    ----------
    .. [1] A. Agresti, 2013, Categorical Data Analysis, 3rd edition, section 3.1.

    Examples
    --------
    >>> difference, p_value = pooled_score_test(56, 70, 48, 80)
    >>> float(difference.round(4)), float(p_value.round(4))
    (0.2, 0.008)
    """
    x1, n1 = _parts_of_wholes(successes, trials)
    x0, n0 = _parts_of_wholes(base_successes, base_trials)
    with np.errstate(divide="ignore", invalid="ignore"):
        pooled = (x1 + x0) / (n1 + n0)
        difference = x1 / n1 - x0 / n0
        spread = np.sqrt(np.maximum(pooled * (1 - pooled), 0) * (1 / n1 + 1 / n0))
        z = np.where(difference == 0, 0.0, np.abs(difference) / spread)
    return np.asarray(difference), np.asarray(2 * special.ndtr(-z))


def _pin_ends(low: Floats, high: Floats, x: Floats, n: Floats) -> Limits:
    """Pin the limits at 0 of n and n of n, where rounding would leave the end."""
    known = ~np.isnan(x) & (n > 0)
    low = np.where(x == 0, 0.0, np.clip(low, 0.0, 1.0))
    high = np.where(x == n, 1.0, np.clip(high, 0.0, 1.0))
    return np.where(known, low, np.nan), np.where(known, high, np.nan)


def _parts_of_wholes(successes: ArrayLike, trials: ArrayLike) -> Limits:
    x, n = np.broadcast_arrays(as_counts(successes, "successes"), as_counts(trials, "trials"))
    above = int(np.count_nonzero(x > n))
    if above:
        raise ObsError(f"{above} part(s) above their whole: a share needs 0 <= part <= whole")
    empty = (n == 0) | np.isnan(n) | np.isnan(x)
    return np.where(empty, np.nan, x), np.where(empty, np.nan, n)


def _z(confidence: float) -> float:
    return float(special.ndtri(1 - tail_of(confidence) / 2))
