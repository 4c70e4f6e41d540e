"""Compute confidence intervals of counts and of means, on arrays.

Shapes are kept, a missing value gives a missing interval, and zero, one-row and very large
inputs are allowed.
"""

from __future__ import annotations

from numbers import Real
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special, stats
from scipy.optimize.elementwise import find_root

from obs.errors import ObsError
from obs.stats.arrays import Floats

__all__ = [
    "EXACT_BELOW",
    "Limits",
    "as_counts",
    "mean_interval",
    "poisson_interval",
    "tail_of",
]

Limits = tuple[Floats, Floats]
PoissonMethod = Literal["auto", "exact", "byar", "midp", "normal"]

EXACT_BELOW = 10  # exact limits below 10 events, Byar from 10: PHE/OHID technical guide
_SEARCHED = 1e8  # events


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
    events = as_counts(counts, "counts")
    alpha = tail_of(confidence)
    if method == "auto":
        low, high = _byar(events, alpha)
        small = events < EXACT_BELOW
        low[small], high[small] = _garwood(events[small], alpha)
        return low, high
    kernels = {"exact": _garwood, "byar": _byar, "midp": _poisson_midp, "normal": _normal}
    if method not in kernels:
        raise ObsError(f"unknown method {method!r}; choose auto, {', '.join(kernels)}")
    return kernels[method](events, alpha)


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
        A bad confidence, an infinite value.

    Examples
    --------
    >>> low, high = mean_interval([4.0, 5.0, 6.0])
    >>> float(low.round(3)), float(high.round(3))
    (2.516, 7.484)
    """
    alpha = tail_of(confidence)
    sample = np.atleast_1d(np.asarray(values, dtype=np.float64))
    if np.isinf(sample).any():
        raise ObsError("values: an infinite one; leave unknown ones missing")
    n = sample.shape[axis]
    if n < 2:
        unknown = np.full(np.delete(sample.shape, axis), np.nan)
        return unknown, unknown.copy()
    mean = sample.mean(axis=axis)
    half = special.stdtrit(n - 1, 1 - alpha / 2) * sample.std(axis=axis, ddof=1) / np.sqrt(n)
    return np.asarray(mean - half), np.asarray(mean + half)


def _garwood(events: Floats, alpha: float) -> Limits:
    """Invert each distinct count once: counts repeat, and the inversion is slow."""
    distinct, place = np.unique(events, return_inverse=True)
    place = place.reshape(events.shape)
    low = np.where(distinct > 0, special.gammaincinv(np.maximum(distinct, 1e-300), alpha / 2), 0.0)
    low = np.where(np.isnan(distinct), np.nan, low)
    high = special.gammainccinv(distinct + 1, alpha / 2)
    return np.asarray(low[place]), np.asarray(high[place])


def _byar(events: Floats, alpha: float) -> Limits:
    z = float(special.ndtri(1 - alpha / 2))
    with np.errstate(invalid="ignore", divide="ignore"):
        root = 1 - 1 / (9 * events) - z / (3 * np.sqrt(events))
        low = np.where(root >= 0, events * root**3, np.nan)
    above = events + 1
    high = above * (1 - 1 / (9 * above) + z / (3 * np.sqrt(above))) ** 3
    return np.where(events == 0, 0.0, low), np.asarray(high)


def _normal(events: Floats, alpha: float) -> Limits:
    half = float(special.ndtri(1 - alpha / 2)) * np.sqrt(events)
    return events - half, events + half


def _poisson_midp(events: Floats, alpha: float) -> Limits:
    """Search each limit between the count and its exact limit, which is always wider.

    Of a count beyond _SEARCHED the chance of one value is 0 to rounding: half way
    between the exact limits of the count and of the next is the same number.
    """
    vast = events > _SEARCHED
    if vast.any():
        low, high = np.empty_like(events), np.empty_like(events)
        low[~vast], high[~vast] = _poisson_midp(events[~vast], alpha)
        low[vast] = special.gammaincinv(events[vast] + 0.5, alpha / 2)
        high[vast] = special.gammainccinv(events[vast] + 0.5, alpha / 2)
        return low, high
    exact_low, exact_high = _garwood(events, alpha)

    def excess(mean: Floats, count: Floats, tail: Floats) -> Floats:
        return np.asarray(
            stats.poisson.cdf(count, mean) - 0.5 * stats.poisson.pmf(count, mean) - tail
        )

    low = find_root(excess, (exact_low, events), args=(events, np.float64(1 - alpha / 2))).x
    high = find_root(excess, (events, exact_high), args=(events, np.float64(alpha / 2))).x
    return np.where(events == 0, 0.0, low), np.asarray(high)


def as_counts(values: ArrayLike, name: str) -> Floats:
    """Give counts as floats, or refuse those below 0 and infinite ones."""
    counts = np.asarray(values, dtype=np.float64)
    negative = int(np.count_nonzero(counts < 0))
    if negative:
        raise ObsError(f"{name}: {negative} value(s) below 0; events are counted from 0 up")
    infinite = int(np.count_nonzero(np.isinf(counts)))
    if infinite:
        raise ObsError(f"{name}: {infinite} infinite value(s); leave unknown ones missing")
    return counts


def at_least_zero(values: ArrayLike, name: str) -> Floats:
    """Give measures as floats, or refuse those below 0 and infinite ones."""
    numbers = np.asarray(values, dtype=np.float64)
    negative = int(np.count_nonzero(numbers < 0))
    if negative:
        raise ObsError(f"{name}: {negative} value(s) below 0")
    if np.isinf(numbers).any():
        raise ObsError(f"{name}: an infinite value; leave unknown ones missing")
    return numbers


def tail_of(confidence: float) -> float:
    """Give what a confidence leaves out, or refuse one that is no share."""
    if not isinstance(confidence, Real) or not 0 < confidence < 1:
        given = repr(confidence) if isinstance(confidence, str) else str(confidence)
        raise ObsError(f"confidence {given[:40]} must lie between 0 and 1 (0.95, not 95)")
    return 1 - confidence
