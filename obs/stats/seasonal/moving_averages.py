"""Provide the moving averages of X-11: centred year, Henderson, and seasonal 3xN averages."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from obs.errors import ObsError
from obs.stats.arrays import Floats

__all__ = ["apply_filter", "centred_year", "henderson_weights", "seasonal_average"]


@lru_cache(maxsize=16)
def _henderson(terms: int) -> tuple[float, ...]:
    n = terms // 2 + 2
    j = np.arange(-(terms // 2), terms // 2 + 1, dtype=np.float64)
    top = 315 * ((n - 1) ** 2 - j**2) * (n**2 - j**2) * ((n + 1) ** 2 - j**2)
    top *= 3 * n**2 - 16 - 11 * j**2
    bottom = 8.0 * n * (n**2 - 1) * (4 * n**2 - 1) * (4 * n**2 - 9) * (4 * n**2 - 25)
    return tuple(top / bottom)


def henderson_weights(terms: int) -> Floats:
    r"""Give the symmetric Henderson weights: cubics pass unchanged, as smooth as can be.

    Returns weights that add to 1. Raises `ObsError` for an even or too small number of terms.

    References
    ----------
    .. [1] R. Henderson, 1916, Note on graduation by adjusted average, Transactions of the
       Actuarial Society of America 17.

    Examples
    --------
    >>> henderson_weights(5).round(3).tolist()
    [-0.073, 0.294, 0.559, 0.294, -0.073]
    """
    if terms < 5 or terms % 2 == 0:
        raise ObsError(f"a Henderson average has an odd number of terms from 5 up, not {terms}")
    return np.array(_henderson(terms))


def apply_filter(values: Floats, weights: Floats) -> Floats:
    """Apply a symmetric moving average; the ends it cannot reach are NaN.

    Examples
    --------
    >>> apply_filter(np.array([1.0, 2.0, 6.0]), np.full(3, 1 / 3)).tolist()
    [nan, 3.0, nan]
    """
    reach = weights.size // 2
    out = np.full(values.size, np.nan)
    if values.size >= weights.size:
        out[reach : values.size - reach] = np.convolve(values, weights, mode="valid")
    return out


def centred_year(period: int) -> Floats:
    """Give the weights of the average of a year centred on a month (2 x 12 for months).

    Examples
    --------
    >>> centred_year(4).tolist()
    [0.125, 0.25, 0.25, 0.25, 0.125]
    """
    weights = np.full(period + 1, 1 / period)
    weights[[0, -1]] /= 2
    return weights


def seasonal_average(values: Floats, *, period: int, length: int) -> Floats:
    """Smooth each calendar month over the years by a 3 x length moving average.

    Returns NaN where the average does not reach.
    """
    weights = np.convolve(np.full(3, 1 / 3), np.full(length, 1 / length))
    spread = np.zeros((weights.size - 1) * period + 1)
    spread[::period] = weights
    return apply_filter(values, spread)
