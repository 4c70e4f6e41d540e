"""Test the spatial correlation of rates with unequal populations, by permutation."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from obs.errors import ObsError
from obs.stats.arrays import Floats
from obs.stats.space.global_tests import SpatialTest, usable_areas

__all__ = ["equal_variance_rates", "moran_of_rates"]


def equal_variance_rates(events: ArrayLike, population: ArrayLike) -> Floats:
    r"""Standardise rates so that areas of all sizes vary alike (Assuncao and Reis).

    :math:`z_i = (r_i - b)/\sqrt{a + b/n_i}` with Marshall's moments: :math:`b` the rate of
    the whole, :math:`a = s^2 - b/\bar n`, or 0 where that is negative (PySAL mends only the
    areas whose own variance would be).

    Parameters
    ----------
    events, population : array_like of shape (n,)
        Counts and people.

    Returns
    -------
    ndarray of shape (n,)
        Missing where the count is missing or nobody lives.

    Raises
    ------
    ObsError
        Negative values.

    References
    ----------
    .. [1] R. M. Assuncao and E. A. Reis, 1999, A new proposal to adjust Moran's I for
       population density, Statistics in Medicine 18.

    Examples
    --------
    >>> equal_variance_rates([5, 60, 900], [1_000, 10_000, 90_000]).round(2).tolist()
    [-1.38, -2.34, 0.37]
    """
    count = np.asarray(events, dtype=np.float64)
    size = np.asarray(population, dtype=np.float64)
    if np.any(count < 0) or np.any(size < 0):
        raise ObsError("equal_variance_rates: counts and populations are at least 0")
    if np.isinf(count).any() or np.isinf(size).any():
        raise ObsError("equal_variance_rates: an infinite value; leave unknown ones missing")
    size = np.where((size > 0) & ~np.isnan(count), size, np.nan)
    if np.isnan(size).all():
        return np.asarray(size)
    rate = count / size
    total = np.nansum(size)
    whole = np.nansum(rate * size) / total
    spread = np.nansum(size * (rate - whole) ** 2) / total
    prior = max(0.0, float(spread - whole / (total / np.count_nonzero(~np.isnan(size)))))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray((rate - whole) / np.sqrt(prior + whole / size))


def moran_of_rates(
    events: ArrayLike,
    population: ArrayLike,
    neighbours: ArrayLike,
    *,
    rng: np.random.Generator,
    permutations: int = 9_999,
) -> SpatialTest:
    """Compute Moran's I of rates whose populations differ, tested by permutation.

    Moran's I of `equal_variance_rates`, row weights; the standardised rates are exchanged
    among the areas.

    Parameters
    ----------
    events, population : array_like of shape (n,)
        Counts and people; an area without either is left out.
    neighbours : array_like of shape (n, n)
        As in `spatial_weights`.
    rng : numpy.random.Generator
        For the permutations.
    permutations : int
        How many.

    Returns
    -------
    SpatialTest
        `expected` and `variance` are those of the permutations. `p_value` is twice the
        smaller tail, the map seen counted in.

    Raises
    ------
    ObsError
        As `moran` and `equal_variance_rates`.

    Notes
    -----
    PySAL's p-value is the smaller tail alone: half of this one.

    References
    ----------
    .. [1] R. M. Assuncao and E. A. Reis, 1999, Statistics in Medicine 18.

    Examples
    --------
    >>> import numpy as np
    >>> ring = np.roll(np.eye(10), 1, axis=1) + np.roll(np.eye(10), -1, axis=1)
    >>> result = moran_of_rates([9, 8, 7, 9, 8, 30, 33, 29, 31, 30], [100] * 10, ring,
    ...     rng=np.random.default_rng(1))
    >>> round(result.statistic, 2), result.p_value < 0.05
    (0.62, True)
    """
    z, w = usable_areas(equal_variance_rates(events, population), neighbours, "row")
    z = z - z.mean()
    scale = len(z) / w.sum() / (z @ z)
    draws = rng.permuted(np.broadcast_to(z, (permutations, len(z))), axis=1)
    seen = float(scale * (z @ w @ z))
    simulated = scale * np.einsum("pi,pi->p", draws @ w, draws)
    above = int((simulated >= seen - 1e-12).sum())
    below = int((simulated <= seen + 1e-12).sum())
    p_value = min(1.0, 2 * (1 + min(above, below)) / (1 + permutations))
    return SpatialTest(seen, float(simulated.mean()), float(simulated.var(ddof=1)), p_value, len(z))
