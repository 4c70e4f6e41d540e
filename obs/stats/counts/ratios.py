"""Compute ratios of two rates, and adjust p-values of several comparisons.

Tests are exact where counts are small and Wald tests on the log scale elsewhere. Shapes are
kept, and a missing value stays missing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special, stats
from scipy.optimize.elementwise import find_root

from obs.errors import ObsError
from obs.stats.arrays import Floats, Integers, Texts
from obs.stats.counts.intervals import EXACT_BELOW, tail_of
from obs.stats.counts.proportions import clopper_pearson_interval, wilson_interval

__all__ = [
    "Dispersion",
    "RateRatio",
    "adjust_p_values",
    "dispersion_index",
    "rate_ratio",
]

Kernel = Callable[[Floats, Floats, Floats, Floats, float], tuple[Floats, Floats, Floats]]
RatioMethod = Literal["auto", "exact", "midp", "wald", "score"]


@dataclass(frozen=True)
class RateRatio:
    """Ratios of two rates with limits and p-values, and the method of each."""

    ratio: Floats
    low: Floats
    high: Floats
    p_value: Floats
    method: Texts


@dataclass(frozen=True)
class Dispersion:
    """Variance over mean of counts around their common rate, and its p-value."""

    index: Floats
    df: Integers
    p_value: Floats


def rate_ratio(
    events: ArrayLike,
    exposure: ArrayLike,
    base_events: ArrayLike,
    base_exposure: ArrayLike,
    *,
    confidence: float = 0.95,
    method: RatioMethod = "auto",
) -> RateRatio:
    r"""Compare two Poisson rates by their ratio.

    Wald: :math:`\exp(\ln(r_1/r_0) \pm z\sqrt{1/O_1 + 1/O_0})`. Exact: given
    :math:`O_1 + O_0`, the new count is binomial with :math:`p = \rho n_1/(\rho n_1+n_0)`;
    the limits of :math:`\rho` are those of Clopper-Pearson for :math:`p`, the p-value adds
    all outcomes no more likely than the one seen. Mid-p counts half of the outcome seen.
    Score: the :math:`\rho` of which
    :math:`|O_1 n_0 - \rho n_1 O_0| \le z\sqrt{\rho n_1 n_0 (O_1 + O_0)}`, with limits also
    beside a count of 0.

    Parameters
    ----------
    events, exposure : array_like of shapes that broadcast
        Count and exposure (days, inhabitants) of the period of interest.
    base_events, base_exposure : array_like of shapes that broadcast
        The same of the period compared with.
    confidence : float
        Between 0 and 1.
    method : {"auto", "exact", "midp", "wald", "score"}
        "auto" is exact when either count is below 10, else Wald.

    Returns
    -------
    RateRatio
        `ratio` (infinite over a base of 0 events, NaN for 0 over 0), `low`, `high`,
        `p_value` (two-sided, of equal rates) and `method`, each of the common shape. NaN
        where a count is missing or an exposure missing or not above 0. Wald with a zero
        count gives no interval and no p-value.

    Raises
    ------
    ObsError
        Negative or fractional counts, a bad confidence, an unknown method.

    Notes
    -----
    The exact p-value and the exact interval come from different orderings of the
    outcomes, as in R's `poisson.test`, and can disagree at the edge.

    References
    ----------
    .. [1] E. L. Lehmann and J. P. Romano, 2005, Testing statistical hypotheses, 4.5.
    .. [2] K. J. Rothman and S. Greenland, 1998, Modern epidemiology, chapter 14.
    .. [3] P. L. Graham, K. Mengersen and A. P. Morton, 2003, Confidence limits for the ratio
       of two rates based on likelihood scores, Statistics in Medicine 22.

    Examples
    --------
    >>> result = rate_ratio([1310, 4], [366, 365], [1204, 0], [365, 365])
    >>> result.ratio.round(3).tolist(), result.low.round(3).tolist()
    ([1.085, inf], [1.003, 0.66])
    >>> result.method.tolist()
    ['wald', 'exact']
    """
    kernels: dict[str, Kernel] = {"exact": _exact, "midp": _midp, "wald": _wald, "score": _score}
    if method != "auto" and method not in kernels:
        raise ObsError(f"unknown method {method!r}; choose auto, {', '.join(kernels)}")
    alpha = tail_of(confidence)
    x1, n1, x0, n0 = np.broadcast_arrays(
        whole_counts(events),
        above_zero(exposure),
        whole_counts(base_events),
        above_zero(base_exposure),
    )
    chosen = np.full(x1.shape, "wald" if method == "auto" else method, dtype="<U5")
    if method == "auto":
        chosen[(x1 < EXACT_BELOW) | (x0 < EXACT_BELOW)] = "exact"
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.asarray((x1 / n1) / (x0 / n0))
    known = ~np.isnan(x1 + n1 + x0 + n0)
    low, high, p_value = (np.full(x1.shape, np.nan) for _ in range(3))
    for name, kernel in kernels.items():
        use = known & (chosen == name)
        if use.any():
            sides = (x1[use], n1[use], x0[use], n0[use])
            found = kernel(*sides, alpha) if name == "wald" else _from_fewer(kernel, *sides, alpha)
            low[use], high[use], p_value[use] = found
    return RateRatio(ratio, low, high, p_value, chosen)


def adjust_p_values(
    p_values: ArrayLike, *, method: Literal["holm", "bh", "none"] = "holm"
) -> Floats:
    """Adjust the p-values of one family of comparisons.

    Parameters
    ----------
    p_values : array_like of shape (...)
        All the comparisons of the family; a missing one is not counted.
    method : {"holm", "bh", "none"}
        "holm" keeps the chance of any false alarm; "bh" (Benjamini-Hochberg) the expected
        share of false ones among those flagged.

    Returns
    -------
    ndarray of shape (...)
        At most 1; NaN where missing.

    Raises
    ------
    ObsError
        An unknown method, or values outside [0, 1].

    References
    ----------
    .. [1] S. Holm, 1979, Scandinavian Journal of Statistics 6.
    .. [2] Y. Benjamini and Y. Hochberg, 1995, JRSS B 57.

    Examples
    --------
    >>> adjust_p_values([0.01, 0.04, 0.03]).round(2).tolist()
    [0.03, 0.06, 0.06]
    """
    p = np.asarray(p_values, dtype=np.float64)
    if method not in ("holm", "bh", "none"):
        raise ObsError(f"unknown adjustment {method!r}; choose holm, bh or none")
    if np.any((p < 0) | (p > 1)):
        raise ObsError("p-values lie between 0 and 1")
    adjusted = p.copy()
    known = ~np.isnan(p)
    if method != "none" and known.any():
        adjusted[known] = _holm(p[known]) if method == "holm" else _bh(p[known])
    return adjusted


def dispersion_index(counts: ArrayLike, exposure: ArrayLike = 1.0, *, axis: int = -1) -> Dispersion:
    r"""Measure whether counts vary more than chance around their common rate.

    :math:`\phi = \sum (O_i - E_i)^2/E_i / (m - 1)` with :math:`E_i = n_i \sum O/\sum n`;
    about 1 for Poisson counts, above 1 when they are over-dispersed.

    Parameters
    ----------
    counts : array_like of shape (..., n_counts)
        Events; a missing one is left out with its exposure.
    exposure : array_like that broadcasts to `counts`
        Days, inhabitants.
    axis : int
        The axis of the counts that share a rate.

    Returns
    -------
    Dispersion
        `index` (NaN with fewer than two counts or no event), `df`, and `p_value` of a
        chi-squared at least as large if the counts were Poisson.

    Raises
    ------
    ObsError
        Negative or fractional counts.

    References
    ----------
    .. [1] R. A. Fisher, 1950, The significance of deviations from expectation in a
       Poisson series, Biometrics 6.

    Examples
    --------
    >>> result = dispersion_index([12, 25, 4, 31])
    >>> float(result.index.round(2)), int(result.df), float(result.p_value.round(5))
    (8.33, 3, 2e-05)
    """
    events, size = np.broadcast_arrays(whole_counts(counts), above_zero(exposure))
    size = np.where(np.isnan(events), np.nan, size)
    events = np.where(np.isnan(size), np.nan, events)
    df = np.maximum(np.sum(~np.isnan(events), axis=axis) - 1, 0).astype(np.int64)
    total = np.nansum(events, axis=axis, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        expected = size * total / np.nansum(size, axis=axis, keepdims=True)
        chi2 = np.nansum((events - expected) ** 2 / expected, axis=axis)
        usable = (df > 0) & (np.squeeze(total, axis=axis) > 0)
        index = np.where(usable, chi2 / df, np.nan)
    p_value = np.where(usable, special.chdtrc(np.maximum(df, 1), chi2), np.nan)
    return Dispersion(index=index, df=df, p_value=p_value)


def _from_fewer(
    kernel: Kernel, x1: Floats, n1: Floats, x0: Floats, n0: Floats, alpha: float
) -> tuple[Floats, Floats, Floats]:
    """Compare the side with fewer events to the other: a share near 1 would lose its digits."""
    more = x1 > x0
    first = np.where(more, x0, x1), np.where(more, n0, n1)
    low, high, p_value = kernel(*first, np.where(more, x1, x0), np.where(more, n1, n0), alpha)
    with np.errstate(divide="ignore"):
        turned = 1 / high, 1 / low
    return np.where(more, turned[0], low), np.where(more, turned[1], high), p_value


def _wald(
    x1: Floats, n1: Floats, x0: Floats, n0: Floats, alpha: float
) -> tuple[Floats, Floats, Floats]:
    empty = (x1 == 0) | (x0 == 0)
    x1, x0 = np.where(empty, np.nan, x1), np.where(empty, np.nan, x0)
    log_ratio = np.log(x1 / n1) - np.log(x0 / n0)
    error = np.sqrt(1 / x1 + 1 / x0)
    half = special.ndtri(1 - alpha / 2) * error
    p_value = 2 * special.ndtr(-np.abs(log_ratio) / error)
    return np.exp(log_ratio - half), np.exp(log_ratio + half), np.asarray(p_value)


def _exact(
    x1: Floats, n1: Floats, x0: Floats, n0: Floats, alpha: float
) -> tuple[Floats, Floats, Floats]:
    low, high = clopper_pearson_interval(x1, x1 + x0, confidence=1 - alpha)
    p_value = _no_more_likely(x1, x1 + x0, n1 / (n1 + n0))
    return *_ratio_limits(low, high, n1, n0), p_value


def _score(
    x1: Floats, n1: Floats, x0: Floats, n0: Floats, alpha: float
) -> tuple[Floats, Floats, Floats]:
    """Take Wilson's limits of the new count among both: the score of the ratio is the same."""
    total = x1 + x0
    low, high = wilson_interval(x1, total, confidence=1 - alpha)
    error = np.sqrt(total * n1 / (n1 + n0) * (n0 / (n1 + n0)))
    distance = np.abs(x1 - total * (n1 / (n1 + n0)))
    z = np.divide(distance, error, out=np.zeros_like(total), where=total > 0)
    return *_ratio_limits(low, high, n1, n0), np.asarray(2 * special.ndtr(-z))


def _midp(
    x1: Floats, n1: Floats, x0: Floats, n0: Floats, alpha: float
) -> tuple[Floats, Floats, Floats]:
    total = x1 + x0
    wide_low, wide_high = clopper_pearson_interval(x1, total, confidence=1 - alpha)
    share = np.where(total > 0, x1 / np.maximum(total, 1), np.nan)
    low = _midp_root(wide_low, share, x1, total, 1 - alpha / 2)
    high = _midp_root(share, wide_high, x1, total, alpha / 2)
    tail = _midp_tail(n1 / (n1 + n0), x1, total)
    limits = _ratio_limits(np.where(x1 == 0, 0.0, low), np.where(x0 == 0, 1.0, high), n1, n0)
    return *limits, 2 * np.minimum(tail, 1 - tail)


def _midp_tail(p: Floats, x: Floats, n: Floats) -> Floats:
    """Give the chance of fewer than x plus half the chance of x."""
    return np.asarray(stats.binom.cdf(x, n, p) - 0.5 * stats.binom.pmf(x, n, p))


def _midp_root(start: Floats, stop: Floats, x: Floats, n: Floats, tail: float) -> Floats:
    def excess(p: Floats, count: Floats, size: Floats) -> Floats:
        return _midp_tail(p, count, size) - tail

    return np.asarray(find_root(excess, (start, stop), args=(x, n)).x)


def _ratio_limits(low: Floats, high: Floats, n1: Floats, n0: Floats) -> tuple[Floats, Floats]:
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio_low = np.where(np.isnan(low), 0.0, low / (1 - low) * n0 / n1)
        ratio_high = np.where(np.isnan(high), np.inf, high / (1 - high) * n0 / n1)
    return ratio_low, ratio_high


def _no_more_likely(x: Floats, n: Floats, p: Floats) -> Floats:
    """Add the chances of all outcomes no more likely than x (two-sided exact p-value)."""
    mirrored = x > (n + 1) * p
    count, chance = np.where(mirrored, n - x, x), np.where(mirrored, 1 - p, p)
    seen = stats.binom.pmf(count, n, chance) * (1 + 1e-7)  # ties, as R's binom.test
    start, stop = np.floor((n + 1) * chance), n + 1
    while np.any(start < stop):  # first outcome above the mode that is no more likely
        middle = np.floor((start + stop) / 2)
        rare = (stats.binom.pmf(middle, n, chance) <= seen) & (middle > count)
        active = start < stop
        stop = np.where(active & rare, middle, stop)
        start = np.where(active & ~rare, middle + 1, start)
    tails = stats.binom.cdf(count, n, chance) + stats.binom.sf(start - 1, n, chance)
    return np.asarray(np.minimum(tails, 1.0))


def _holm(p: Floats) -> Floats:
    order = np.argsort(p, kind="stable")
    steps = np.maximum.accumulate(p[order] * (p.size - np.arange(p.size)))
    return np.asarray(np.minimum(steps, 1.0)[np.argsort(order, kind="stable")])


def _bh(p: Floats) -> Floats:
    order = np.argsort(p, kind="stable")[::-1]
    steps = np.minimum.accumulate(p[order] * (p.size / (p.size - np.arange(p.size))))
    return np.asarray(np.minimum(steps, 1.0)[np.argsort(order, kind="stable")])


def whole_counts(values: ArrayLike) -> Floats:
    counts = np.asarray(values, dtype=np.float64)
    whole = (counts >= 0) & np.isfinite(counts) & (counts == np.floor(counts))
    wrong = int(np.count_nonzero(~whole & ~np.isnan(counts)))
    if wrong:
        raise ObsError(
            f"{wrong} count(s) negative, fractional or infinite; events are whole, from 0 up"
        )
    return counts


def above_zero(values: ArrayLike) -> Floats:
    size = np.asarray(values, dtype=np.float64)
    return np.where((size > 0) & np.isfinite(size), size, np.nan)
