"""Smooth rates of small areas towards the whole or towards their neighbours.

An area without population or with a missing count stays missing and does not change the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, special

from obs.errors import ObsError
from obs.stats.arrays import Floats

__all__ = [
    "GammaSmoothed",
    "Smoothed",
    "chance_of_count",
    "smooth_gamma",
    "smooth_global",
    "smooth_local",
]


@dataclass(frozen=True)
class Smoothed:
    """Smoothed rates, the `mean` they are drawn to, and the `weight` of each own rate."""

    rate: Floats
    mean: Floats
    weight: Floats


@dataclass(frozen=True)
class GammaSmoothed:
    """Posterior of each ratio: mean, median, limits; the prior's `mean` and `shape`."""

    ratio: Floats
    median: Floats
    low: Floats
    high: Floats
    mean: float
    shape: float


def smooth_global(
    events: ArrayLike,
    population: ArrayLike,
    *,
    family: Literal["poisson", "binomial"] = "poisson",
) -> Smoothed:
    r"""Draw each rate towards that of the whole, the more the smaller its population.

    With :math:`b = \sum O/\sum n`, :math:`s^2 = \sum n_i(r_i-b)^2/\sum n` and, for Poisson
    counts, :math:`a = \max(0, s^2 - b/\bar n)`:

    .. math:: \tilde r_i = b + \frac{a}{a + b/n_i}\,(r_i - b).

    Parameters
    ----------
    events, population : array_like of shape (n,)
        Counts and people; missing ones and areas without people are left out.
    family : {"poisson", "binomial"}
        "binomial" where the events are a part of the population that is not small.

    Returns
    -------
    Smoothed
        `weight` from 0 (the whole's rate) to 1 (its own).

    Raises
    ------
    ObsError
        Negative values, no population at all, an unknown family.

    Notes
    -----
    The moments are Marshall's. A smoothed rate is for a map or a comparison of places; the
    rate to publish for one place is its own, with its interval.

    References
    ----------
    .. [1] R. J. Marshall, 1991, Mapping disease and mortality rates using empirical Bayes
       estimators, Applied Statistics 40.
    .. [2] M. Martuzzi and P. Elliott, 1996, Empirical Bayes estimation of small area
       prevalence of non-rare conditions, Statistics in Medicine 15.

    Examples
    --------
    >>> result = smooth_global([5, 60, 900], [1_000, 10_000, 90_000])
    >>> (1000 * result.rate).round(2).tolist(), result.weight.round(2).tolist()
    ([8.99, 7.47, 9.97], [0.12, 0.59, 0.93])
    """
    count, size = _usable_counts(events, population)
    known = ~np.isnan(size)
    if not known.any():
        raise ObsError("smooth_global: no area has both a count and a population")
    total, whole = np.nansum(size), np.nansum(count) / np.nansum(size)
    rate = count / size
    spread = np.nansum(size * (rate - whole) ** 2) / total
    if family == "poisson":
        weight = _poisson_weight(spread, whole, total / known.sum(), size)
    elif family == "binomial":
        weight = _binomial_weight(spread, whole, total / known.sum(), size)
    else:
        raise ObsError(f"unknown family {family!r}; choose poisson or binomial")
    mean = np.where(known, whole, np.nan)
    return Smoothed(mean + weight * (rate - mean), mean, weight)


def smooth_local(events: ArrayLike, population: ArrayLike, neighbours: ArrayLike) -> Smoothed:
    r"""Draw each rate towards that of its neighbourhood, itself included.

    The formula of `smooth_global` with :math:`b_i`, :math:`s_i^2` and :math:`\bar n_i`
    taken over area :math:`i` and its neighbours.

    Parameters
    ----------
    events, population : array_like of shape (n,)
        Counts and people; missing ones and areas without people are left out.
    neighbours : array_like of shape (n, n)
        Above 0 where two areas are neighbours; the diagonal is not read.

    Returns
    -------
    Smoothed
        An area without neighbours keeps its own rate.

    Raises
    ------
    ObsError
        Negative values, a matrix of another shape.

    Notes
    -----
    Deviations are taken from the mean of the area's own neighbourhood (GeoDa's reading of
    Marshall); spdep's default takes each neighbour's deviation from that neighbour's own
    neighbourhood.

    References
    ----------
    .. [1] R. J. Marshall, 1991, Applied Statistics 40.

    Examples
    --------
    >>> line = [[0, 1, 0], [1, 0, 1], [0, 1, 0]]
    >>> result = smooth_local([5, 60, 900], [1_000, 10_000, 90_000], line)
    >>> (1000 * result.mean).round(2).tolist()
    [5.91, 9.55, 9.6]
    """
    count, size = _usable_counts(events, population)
    near = np.asarray(neighbours, dtype=np.float64) > 0
    if near.shape != (size.size, size.size):
        raise ObsError(f"neighbours: a matrix of {size.size} x {size.size} is needed")
    near = near | np.eye(size.size, dtype=bool)
    known = ~np.isnan(size)
    near = near & known
    people, happened = np.nan_to_num(size), np.nan_to_num(count)
    with np.errstate(divide="ignore", invalid="ignore"):
        total = near @ people
        mean = np.where(known, near @ happened / total, np.nan)
        rate = count / size
        gap = np.where(known, np.nan_to_num(rate)[None, :] - mean[:, None], 0.0)
        spread = np.nansum(np.where(near, people * gap**2, 0.0), axis=1) / total
        weight = _poisson_weight(spread, mean, total / near.sum(axis=1), size)
    alone = known & (near.sum(axis=1) == 1)
    weight = np.where(alone, 1.0, weight)
    return Smoothed(mean + weight * (rate - mean), mean, weight)


def smooth_gamma(
    events: ArrayLike, expected: ArrayLike, *, confidence: float = 0.95
) -> GammaSmoothed:
    r"""Smooth ratios of observed to expected counts, with an interval for each.

    Counts are Poisson with mean :math:`\theta_i E_i`, the :math:`\theta_i` gamma with mean
    :math:`\mu` and shape :math:`\alpha`, both by maximum likelihood (negative binomial).
    The posterior is gamma with shape :math:`\alpha + O_i` and rate
    :math:`\alpha/\mu + E_i`.

    Parameters
    ----------
    events, expected : array_like of shape (n,)
        Observed and expected counts; missing ones and areas where nothing is expected are
        left out.
    confidence : float
        Of the posterior limits, between 0 and 1.

    Returns
    -------
    GammaSmoothed
        A `shape` of infinity says that the areas differ by chance alone: every ratio is
        the mean.

    Raises
    ------
    ObsError
        Negative values, fewer than two areas or no event, a bad confidence.

    Notes
    -----
    The prior is taken as known, so the limits are somewhat short with few areas.

    References
    ----------
    .. [1] D. Clayton and J. Kaldor, 1987, Empirical Bayes estimates of age-standardized
       relative risks, Biometrics 43.

    Examples
    --------
    >>> result = smooth_gamma([5, 60, 190, 12], [10, 80, 100, 11])
    >>> result.ratio.round(2).tolist()
    [0.69, 0.77, 1.87, 1.09]
    """
    if not 0 < confidence < 1:
        raise ObsError(f"confidence {confidence} must lie between 0 and 1 (0.95, not 95)")
    count, size = _usable_counts(events, expected)
    known = ~np.isnan(size)
    if known.sum() < 2 or not np.nansum(count) > 0:
        raise ObsError("smooth_gamma: at least two areas and one event are needed")
    mean, shape = _negative_binomial(count[known], size[known])
    if not np.isfinite(shape):
        common = np.where(known, mean, np.nan)
        return GammaSmoothed(common, common, common, common, mean, shape)
    posterior, scale = shape + count, 1 / (shape / mean + size)
    tail = (1 - confidence) / 2
    median, low, high = (special.gammaincinv(posterior, q) * scale for q in (0.5, tail, 1 - tail))
    return GammaSmoothed(posterior * scale, median, low, high, mean, shape)


def chance_of_count(events: ArrayLike, population: ArrayLike) -> Floats:
    r"""Give the Poisson chance of a count at least as far out, on its side (Choynowski).

    :math:`P(X \le O)` below the count expected at the rate of the whole, and
    :math:`P(X \ge O)` from there.

    Parameters
    ----------
    events, population : array_like of shape (n,)
        Counts and people.

    Returns
    -------
    ndarray of shape (n,)
        One-sided; missing where the area is.

    Raises
    ------
    ObsError
        Negative values.

    Notes
    -----
    Large areas look extreme for small differences, and as many tests are made as there are
    areas: a map of it is a first look, not a finding.

    References
    ----------
    .. [1] M. Choynowski, 1959, Maps based on probabilities, JASA 54.

    Examples
    --------
    >>> chance_of_count([5, 60, 40], [1_000, 1_000, 1_000]).round(4).tolist()
    [0.0, 0.0001, 0.2198]
    """
    count, size = _usable_counts(events, population)
    expected = size * (np.nansum(count) / np.nansum(size))
    below = special.pdtr(count, expected)
    above = np.where(count > 0, special.pdtrc(np.maximum(count - 1, 0), expected), 1.0)
    return np.where(np.isnan(size), np.nan, np.where(count < expected, below, above))


def _poisson_weight(
    spread: Floats | float, mean: Floats | float, size: Floats | float, own: Floats
) -> Floats:
    prior = np.maximum(spread - mean / size, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        weight = prior / (prior + mean / own)
    return np.where(np.isnan(own), np.nan, np.where(prior == 0, 0.0, weight))


def _binomial_weight(spread: float, mean: float, size: float, own: Floats) -> Floats:
    chance = mean * (1 - mean)
    weight = (own * spread - own / size * chance) / (
        (own - 1) * spread + (size - own) / size * chance
    )
    return np.asarray(np.clip(weight, 0.0, 1.0))


def _negative_binomial(count: Floats, size: Floats) -> tuple[float, float]:
    """Fit mean and shape by maximum likelihood; an infinite shape where Poisson is best."""

    def loss(parameters: Floats) -> float:
        fitted, shape = np.exp(parameters[0]) * size, np.exp(parameters[1])
        terms = special.gammaln(count + shape) - special.gammaln(shape)
        terms += shape * np.log(shape / (shape + fitted)) + count * np.log(
            fitted / (shape + fitted)
        )
        return float(-terms.sum())

    start = np.log(count.sum() / size.sum())
    poisson = start * count.sum() + (count * np.log(size)).sum() - count.sum()
    fits = [
        optimize.minimize(loss, [start, s], method="Nelder-Mead", options=_TIGHT)
        for s in (0.0, 4.0)
    ]
    best = min(fits, key=lambda fit: float(fit.fun))
    if best.x[1] > _LARGEST or -best.fun < poisson + 1e-9:
        return float(np.exp(start)), float("inf")
    return float(np.exp(best.x[0])), float(np.exp(best.x[1]))


_TIGHT = {"xatol": 1e-10, "fatol": 1e-11, "maxiter": 4_000, "maxfev": 4_000}
_LARGEST = 16.0  # log of the shape: beyond, the gamma prior is a point


def _usable_counts(events: ArrayLike, population: ArrayLike) -> tuple[Floats, Floats]:
    count, size = np.broadcast_arrays(
        np.asarray(events, dtype=np.float64), np.asarray(population, dtype=np.float64)
    )
    negative = int(np.count_nonzero((count < 0) | (size < 0)))
    if negative:
        raise ObsError(f"{negative} area(s) with a negative count or population")
    infinite = int(np.count_nonzero(np.isinf(count) | np.isinf(size)))
    if infinite:
        raise ObsError(f"{infinite} area(s) with an infinite count or population")
    usable = (size > 0) & ~np.isnan(count)
    return np.where(usable, count, np.nan), np.where(usable, size, np.nan)
