"""Compute a severity index: offences weighted by their seriousness.

The weights are an input, with their source; the library has none of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from obs.errors import ObsError
from obs.stats.arrays import Floats
from obs.stats.counts.intervals import as_counts, at_least_zero
from obs.stats.counts.standardisation import dobson_interval

__all__ = ["Severity", "severity_index"]


@dataclass(frozen=True)
class Severity:
    """Index with limits (base = 100), events it rests on and share of the gravest kind."""

    index: Floats
    low: Floats
    high: Floats
    events: Floats
    largest_share: Floats


def severity_index(
    counts: ArrayLike,
    weights: ArrayLike,
    population: ArrayLike,
    *,
    base: float,
    confidence: float = 0.95,
) -> Severity:
    r"""Compute a severity index, :math:`100 \sum_k w_k O_k / (n\,B)`.

    :math:`w_k` is the weight of offence :math:`k` (for example the mean days of custody that
    courts give, times the share of convictions with custody), :math:`n` the population and
    :math:`B` the weighted rate of the base year. The limits are Dobson's of a weighted sum
    of Poisson counts.

    Parameters
    ----------
    counts : array_like of shape (..., n_offences)
        Events of each kind; a missing one makes the index unknown.
    weights : array_like of shape (n_offences,)
        At least 0, the same for all years.
    population : array_like of shape (...)
        Exposure.
    base : float
        Weighted events per unit of population that count as 100.
    confidence : float
        Between 0 and 1.

    Returns
    -------
    Severity
        `largest_share` is the part of the index that one kind of offence makes: near 1, the
        index is a count of that kind under another name.

    Raises
    ------
    ObsError
        Weights or a base that are missing, infinite or below 0; counts or populations below 0
        or infinite.

    Notes
    -----
    A few rare, grave events move it more than thousands of small ones; read it with its
    interval and beside the counts. The weights tell what courts decide, not what victims
    suffer.

    References
    ----------
    .. [1] Statistics Canada, 2009, Measuring crime in Canada: introducing the Crime Severity
       Index.

    Examples
    --------
    >>> result = severity_index([5_000, 200, 3], [30.0, 300.0, 7_000.0], 100_000, base=2.0)
    >>> [float(v.round(1)) for v in (result.index, result.low, result.high)]
    [115.5, 102.8, 128.4]
    """
    weight, size = at_least_zero(weights, "weights"), at_least_zero(population, "population")
    count = as_counts(counts, "counts")
    if np.isnan(weight).any() or not 0 < base < np.inf:
        raise ObsError("severity_index: no weight is missing, and the base is above 0 and finite")
    size = np.where(size > 0, size, np.nan)
    parts = weight * count
    total, events = parts.sum(axis=-1), count.sum(axis=-1)
    scale = 100 / (size * base)
    variance = (weight**2 * count).sum(axis=-1) * scale**2
    low, high = dobson_interval(total * scale, variance, events, confidence=confidence)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = parts.max(axis=-1) / total
    return Severity(np.asarray(total * scale), low, high, np.asarray(events), np.asarray(share))
