"""Confidence intervals of counts, proportions, differences and means, on arrays.

Shapes are kept, a missing value gives a missing interval, and zero, one-row and huge
inputs behave. Nothing here knows of tables, territories or files.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special, stats
from scipy.optimize.elementwise import find_root

from obs.errors import ObsError

__all__ = [
    "EXACT_BELOW",
    "agresti_coull_interval",
    "clopper_pearson_interval",
    "jeffreys_interval",
    "mean_interval",
    "newcombe_difference",
    "poisson_interval",
    "wilson_interval",
]

Array = NDArray[np.float64]
Limits = tuple[Array, Array]
PoissonMethod = Literal["auto", "exact", "byar", "midp", "normal"]

EXACT_BELOW = 10  # exact limits below 10 events, Byar from 10: PHE/OHID technical guide


def poisson_interval(
    counts: ArrayLike, *, confidence: float = 0.95, method: PoissonMethod = "auto"
) -> Limits:
    r"""Give the confidence limits of the mean of Poisson counts.

    Exact (Garwood): :math:`\chi^2_{\alpha/2,\,2O}/2` and
    :math:`\chi^2_{1-\alpha/2,\,2O+2}/2` for a count :math:`O`. Byar:
    :math:`O(1 - 1/9O - z/3\sqrt{O})^3` and the same form at :math:`O+1` with :math:`+z`.
    The interval tells random variation, not errors of recording.

    Parameters
    ----------
    counts : array_like of shape (...)
        Events, at least 0; missing (NaN) allowed.
    confidence : float
        Between 0 and 1.
    method : {"auto", "exact", "byar", "midp", "normal"}
        "auto" is exact below 10 events and Byar from 10; "midp" is the exact interval
        with half the probability of the count seen (shorter, not conservative).

    Returns
    -------
    low, high : ndarray of shape (...)
        NaN where the count is missing; Byar's lower limit is NaN where its formula is
        negative (very small counts at high confidence), never a negative count. The
        normal method is returned as it is, below 0 included: it is there to compare.

    Raises
    ------
    ObsError
        Negative counts, a confidence outside ]0, 1[ or an unknown method.

    References
    ----------
    .. [1] F. Garwood, 1936, Fiducial limits for the Poisson distribution, Biometrika 28.
    .. [2] N. E. Breslow and N. E. Day, 1987, Statistical methods in cancer research II.

    Examples
    --------
    >>> low, high = poisson_interval([0, 37, 2355])
    >>> low.round(1).tolist(), high.round(1).tolist()
    ([0.0, 26.0, 2260.8], [3.7, 51.0, 2452.1])
    """
    events = _counts(counts, "counts")
    alpha = _alpha(confidence)
    if method == "auto":
        low, high = _garwood(events, alpha)
        byar_low, byar_high = _byar(events, alpha)
        small = events < EXACT_BELOW
        return np.where(small, low, byar_low), np.where(small, high, byar_high)
    kernels = {"exact": _garwood, "byar": _byar, "midp": _poisson_midp, "normal": _normal}
    if method not in kernels:
        raise ObsError(f"unknown method {method!r}; choose auto, {', '.join(kernels)}")
    return kernels[method](events, alpha)


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
    x, n = _parts(successes, trials)
    z = _z(confidence)
    with np.errstate(invalid="ignore", divide="ignore"):
        shift = 1.0 if continuity else 0.0
        inner = 4 * x * (n - x) / n
        slack = shift / n
        below = z * np.sqrt(z**2 - slack + inner + shift * (4 * x / n - 2)) + shift
        above = z * np.sqrt(z**2 - slack + inner - shift * (4 * x / n - 2)) + shift
        low = (2 * x + z**2 - below) / (2 * (n + z**2))
        high = (2 * x + z**2 + above) / (2 * (n + z**2))
    return _closed(low, high, x, n)


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
    x, n = _parts(successes, trials)
    alpha = _alpha(confidence)
    low = special.betaincinv(np.maximum(x, 1e-300), n - x + 1, alpha / 2)
    high = special.betaincinv(x + 1, np.maximum(n - x, 1e-300), 1 - alpha / 2)
    return _closed(low, high, x, n)


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
    x, n = _parts(successes, trials)
    alpha = _alpha(confidence)
    low = special.betaincinv(x + 0.5, n - x + 0.5, alpha / 2)
    high = special.betaincinv(x + 0.5, n - x + 0.5, 1 - alpha / 2)
    return _closed(low, high, x, n)


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
    x, n = _parts(successes, trials)
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
    x1, n1 = _parts(successes, trials)
    x0, n0 = _parts(base_successes, base_trials)
    low1, high1 = wilson_interval(x1, n1, confidence=confidence)
    low0, high0 = wilson_interval(x0, n0, confidence=confidence)
    with np.errstate(invalid="ignore", divide="ignore"):
        p1, p0 = x1 / n1, x0 / n0
    low = p1 - p0 - np.hypot(p1 - low1, high0 - p0)
    high = p1 - p0 + np.hypot(high1 - p1, p0 - low0)
    return np.asarray(low), np.asarray(high)


def mean_interval(values: ArrayLike, *, axis: int = -1, confidence: float = 0.95) -> Limits:
    r"""Give the Student limits of a mean, :math:`\bar y \pm t_{n-1}\, s/\sqrt{n}`.

    Parameters
    ----------
    values : array_like of shape (..., n_values)
        Independent measures; a missing one makes its mean unknown.
    axis : int
        The axis of the measures.
    confidence : float
        Between 0 and 1.

    Returns
    -------
    low, high : ndarray of shape (...)
        NaN with fewer than two values or any missing value.

    Raises
    ------
    ObsError
        A bad confidence.

    Examples
    --------
    >>> low, high = mean_interval([4.0, 5.0, 6.0])
    >>> float(low.round(3)), float(high.round(3))
    (2.516, 7.484)
    """
    alpha = _alpha(confidence)
    sample = np.asarray(values, dtype=np.float64)
    n = sample.shape[axis]
    if n < 2:
        unknown = np.full(np.delete(sample.shape, axis), np.nan)
        return unknown, unknown.copy()
    mean = sample.mean(axis=axis)
    half = special.stdtrit(n - 1, 1 - alpha / 2) * sample.std(axis=axis, ddof=1) / np.sqrt(n)
    return np.asarray(mean - half), np.asarray(mean + half)


def _garwood(events: Array, alpha: float) -> Limits:
    low = np.where(events > 0, special.gammaincinv(np.maximum(events, 1e-300), alpha / 2), 0.0)
    high = special.gammainccinv(events + 1, alpha / 2)
    return np.where(np.isnan(events), np.nan, low), np.asarray(high)


def _byar(events: Array, alpha: float) -> Limits:
    z = float(special.ndtri(1 - alpha / 2))
    with np.errstate(invalid="ignore", divide="ignore"):
        root = 1 - 1 / (9 * events) - z / (3 * np.sqrt(events))
        low = np.where(root >= 0, events * root**3, np.nan)
    above = events + 1
    high = above * (1 - 1 / (9 * above) + z / (3 * np.sqrt(above))) ** 3
    return np.where(events == 0, 0.0, low), high


def _normal(events: Array, alpha: float) -> Limits:
    half = float(special.ndtri(1 - alpha / 2)) * np.sqrt(events)
    return events - half, events + half


def _poisson_midp(events: Array, alpha: float) -> Limits:
    """Search each limit between the count and its exact limit, which is always wider."""
    exact_low, exact_high = _garwood(events, alpha)

    def excess(mean: Array, count: Array, tail: Array) -> Array:
        return np.asarray(
            stats.poisson.cdf(count, mean) - 0.5 * stats.poisson.pmf(count, mean) - tail
        )

    low = find_root(excess, (exact_low, events), args=(events, np.float64(1 - alpha / 2))).x
    high = find_root(excess, (events, exact_high), args=(events, np.float64(alpha / 2))).x
    return np.where(events == 0, 0.0, low), np.asarray(high)


def _closed(low: Array, high: Array, x: Array, n: Array) -> Limits:
    """Pin the limits at 0 of n and n of n, where rounding would leave the end."""
    known = ~np.isnan(x) & (n > 0)
    low = np.where(x == 0, 0.0, np.clip(low, 0.0, 1.0))
    high = np.where(x == n, 1.0, np.clip(high, 0.0, 1.0))
    return np.where(known, low, np.nan), np.where(known, high, np.nan)


def _counts(values: ArrayLike, name: str) -> Array:
    counts = np.asarray(values, dtype=np.float64)
    negative = int(np.count_nonzero(counts < 0))
    if negative:
        raise ObsError(f"{name}: {negative} value(s) below 0; events are counted from 0 up")
    return counts


def _parts(successes: ArrayLike, trials: ArrayLike) -> Limits:
    x, n = np.broadcast_arrays(_counts(successes, "successes"), _counts(trials, "trials"))
    above = int(np.count_nonzero(x > n))
    if above:
        raise ObsError(f"{above} part(s) above their whole: a share needs 0 <= part <= whole")
    empty = (n == 0) | np.isnan(n) | np.isnan(x)
    return np.where(empty, np.nan, x), np.where(empty, np.nan, n)


def _alpha(confidence: float) -> float:
    if not 0 < confidence < 1:
        raise ObsError(f"confidence {confidence} must lie between 0 and 1 (0.95, not 95)")
    return 1 - confidence


def _z(confidence: float) -> float:
    return float(special.ndtri(1 - _alpha(confidence) / 2))
