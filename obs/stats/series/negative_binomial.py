r"""The likelihood of a negative binomial in its dispersion, from the Poisson (0) up.

The variance is :math:`\mu + \alpha\mu^2`, :math:`\alpha = 1/\theta`. Near 0 the usual formulae
subtract numbers that are nearly equal; here both are expanded first, so that nothing is lost.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.polynomial.polynomial import polyval
from scipy import special
from scipy.optimize import brentq, minimize_scalar

from obs.stats.arrays import Floats

__all__ = [
    "MOST_DISPERSION",
    "best_dispersion",
    "dispersion_score",
    "log_likelihood",
]


MOST_DISPERSION = 1e4  # a theta of 1e-4: beyond, counts are zeros and a few vast ones
_EXPANDED = 0.1  # dispersion up to which Stirling's series is exact to rounding
_NEAR = 0.05  # relative residuals up to which a power series replaces the logarithm
_STIRLING = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360)
_DIGAMMA = [(2 * k + 1) * c for k, c in enumerate(_STIRLING)]
_POWERS = range(2, 14)
_ENTROPY = [0.0, 0.0, *((-1.0) ** k / (k * (k - 1)) for k in _POWERS)]
_HALF = [(-1.0) ** k / k for k in _POWERS]
_LEAST = 1e-3  # dispersion times mean: over-dispersion of a thousandth, the first step above 0


def log_likelihood(counts: Floats, mean: Floats, dispersion: float) -> float:
    """Give the log-likelihood of counts of these means; dispersion 0 is Poisson."""
    if dispersion <= _EXPANDED:
        return float(np.sum(_poisson(counts, mean) + _gain(counts, mean, dispersion)))
    theta = 1 / dispersion
    terms = -special.betaln(counts + 1, theta) - np.log(counts + theta)
    terms -= counts * np.log1p(theta / mean) + theta * np.log1p(mean / theta)
    return float(np.sum(terms))


def dispersion_score(counts: Floats, mean: Floats, dispersion: float) -> float:
    """Give the slope of the log-likelihood in the dispersion, the means held fixed."""
    if dispersion > _EXPANDED:
        theta, relative = 1 / dispersion, (counts - mean) / (1 / dispersion + mean)
        terms = special.digamma(theta + counts) - special.digamma(theta)
        terms -= np.log1p(counts / theta) - np.log1p(relative) + relative
        return float(-(theta**2) * np.sum(terms))
    shrunk = 1 / (1 + dispersion * mean)
    residual = (counts - mean) * shrunk
    terms = residual**2 * _half(dispersion * residual)
    inverse = 1 / (1 + dispersion * counts)
    terms -= (
        counts * inverse / 2 + _digamma_tail(dispersion, 1.0) - _digamma_tail(dispersion, inverse)
    )
    return float(np.sum(terms))


def best_dispersion(
    scale: float, profile: Callable[[float], float], score: Callable[[float], float]
) -> float:
    """Give the dispersion where the profile likelihood is highest, 0 included.

    Parameters
    ----------
    scale : float
        A usual mean: dispersion times mean is what over-dispersion adds to the variance.
    profile : callable
        Log-likelihood at a dispersion, everything else at its best.
    score : callable
        Slope of that profile.

    Returns
    -------
    float
        From 0 to `MOST_DISPERSION`. The best of a lattice from 0 up is refined between its
        neighbours, by the root of the slope where it changes sign, else by golden section:
        a profile may have several summits.
    """
    first = min(_LEAST / scale, MOST_DISPERSION / 10)
    decades = int(np.ceil(np.log10(MOST_DISPERSION / first)))
    lattice = np.concatenate([[0.0], np.geomspace(first, MOST_DISPERSION, decades + 1)])
    heights = [profile(float(a)) for a in lattice]
    best = int(np.argmax(heights))
    if best == 0 and score(0.0) <= 0:
        return 0.0
    low, high = float(lattice[max(best - 1, 0)]), float(lattice[min(best + 1, lattice.size - 1)])
    if score(low) > 0 > score(high):
        return float(brentq(score, low, high, xtol=1e-10 * high, rtol=1e-9))
    if best == lattice.size - 1 and score(high) >= 0:
        return high
    found = minimize_scalar(lambda a: -profile(a), bounds=(low, high), method="bounded")
    return float(found.x) if -found.fun > heights[best] else float(lattice[best])


def _poisson(counts: Floats, mean: Floats) -> Floats:
    """Give Poisson log-likelihoods: that of a mean of the count itself, less the distance."""
    some = np.maximum(counts, 1.0)
    own = np.where(
        counts < 16,
        special.xlogy(counts, counts) - counts - special.gammaln(counts + 1),
        -np.log(2 * np.pi * some) / 2 - _stirling_series(1 / np.maximum(counts, 16.0)),
    )
    relative = (counts - mean) / mean
    return np.asarray(own - mean * _entropy(relative))


def _gain(counts: Floats, mean: Floats, dispersion: float) -> Floats:
    """Give what the dispersion adds to Poisson log-likelihoods, by Stirling's series."""
    if dispersion == 0:
        return np.zeros_like(mean)
    relative = dispersion * (counts - mean) / (1 + dispersion * mean)
    gain = (1 / dispersion + mean) * _entropy(relative)  # (theta + y) log(1 + r) - (y - mu)
    gain -= np.log1p(dispersion * counts) / 2
    gain += _stirling_series(dispersion / (1 + dispersion * counts)) - _stirling_series(dispersion)
    return np.asarray(gain)


def _entropy(relative: Floats) -> Floats:
    """(1 + r) log(1 + r) - r, without cancellation near 0."""
    near = np.abs(relative) < _NEAR
    small = np.where(near, relative, 0.0)
    series = polyval(small, _ENTROPY)
    far = np.where(near, 0.0, relative)
    return np.asarray(np.where(near, series, special.xlog1py(1 + far, far) - far))


def _half(relative: Floats) -> Floats:
    """(r - log(1 + r)) / r^2, which is a half at 0."""
    near = np.abs(relative) < _NEAR
    small = np.where(near, relative, 0.0)
    series = polyval(small, _HALF)
    far = np.where(near, 1.0, relative)
    return np.asarray(np.where(near, series, (far - np.log1p(far)) / far**2))


def _stirling_series(inverse: Floats | float) -> Floats:
    """Stirling's series of log-gamma in 1/z, from 1/(12 z) on."""
    return np.asarray(inverse * polyval(np.square(inverse), _STIRLING))


def _digamma_tail(dispersion: float, inverse: Floats | float) -> Floats:
    """theta^2 times Stirling's series of digamma at theta / inverse."""
    return np.asarray(np.square(inverse) * polyval(np.square(dispersion * inverse), _DIGAMMA))
