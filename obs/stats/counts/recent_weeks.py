"""Compare one count with those just before it, which say how much such counts vary."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from obs.errors import ObsError
from obs.stats.arrays import Floats
from obs.stats.counts.intervals import tail_of
from obs.stats.counts.ratios import dispersion_index, whole_counts

__all__ = ["RecentRatio", "recent_ratio"]

FEWEST = 4  # earlier counts: fewer say nothing of their dispersion


@dataclass(frozen=True)
class RecentRatio:
    """Ratios of a count to the mean of those before it; `dispersion` is variance over mean."""

    ratio: Floats
    low: Floats
    high: Floats
    p_value: Floats
    dispersion: Floats


def recent_ratio(count: ArrayLike, before: ArrayLike, *, confidence: float = 0.95) -> RecentRatio:
    r"""Compare a count with the mean of the k counts before it, over as many days each.

    The score interval of a ratio of two Poisson rates, its normal quantile replaced by
    :math:`t_{k-1}\sqrt{\phi}`; :math:`\phi` is the dispersion index of the k counts, at least 1.
    Weeks vary more than chance (series of burglaries, weather, holidays), and a week is unusual
    only beside that.

    Parameters
    ----------
    count : array_like of shape (n,)
        Whole events of the period of interest; NaN where unknown.
    before : array_like of shape (n, k)
        Those of the k periods before it; a series with an unknown one has no result.
    confidence : float
        Between 0 and 1.

    Returns
    -------
    RecentRatio
        Each of shape (n,). `ratio` is infinite over periods without events and NaN for none
        over none; NaN where a count is unknown.

    Raises
    ------
    ObsError
        Negative or fractional counts, shapes that disagree, fewer than four counts before, a bad
        confidence.

    References
    ----------
    .. [1] P. McCullagh and J. A. Nelder, 1989, Generalized linear models, 4.5 and 6.2 (dispersion
       estimated, Student's t).
    .. [2] P. L. Graham, K. Mengersen and A. P. Morton, 2003, Statistics in Medicine 22.

    Examples
    --------
    >>> found = recent_ratio([60], [[38, 44, 41, 35, 40, 47, 36, 39]])
    >>> float(found.ratio.round(2)[0]), found.low.round(2).tolist(), found.p_value.round(3).tolist()
    (1.5, [1.08], [0.023])
    """
    alpha = tail_of(confidence)
    x, earlier = whole_counts(count), whole_counts(before)
    if earlier.ndim != 2 or x.shape != earlier.shape[:1]:
        raise ObsError("a count for each series (n) and those before it (n, k) are needed")
    k = earlier.shape[1]
    if k < FEWEST:
        raise ObsError(f"{k} count(s) before are too few to say how they vary; take {FEWEST}")
    phi = np.fmax(dispersion_index(earlier).index, 1.0)
    base = earlier.sum(axis=1)
    known = ~np.isnan(x + base)
    phi = np.where(known, phi, np.nan)
    z = special.stdtrit(k - 1, 1 - alpha / 2) * np.sqrt(phi)
    with np.errstate(divide="ignore", invalid="ignore"):
        total = x + base
        half = z * np.sqrt(x * base / total + z**2 / 4)
        low = np.where(x == 0, 0.0, (x + z**2 / 2 - half) / (base + z**2 / 2 + half))
        high = np.where(base == 0, np.inf, (x + z**2 / 2 + half) / (base + z**2 / 2 - half))
        score = np.abs(x - total / (k + 1)) / np.sqrt(total * k / (k + 1) ** 2)
        p_value = 2 * special.stdtr(k - 1, -np.where(total > 0, score, 0.0) / np.sqrt(phi))
        ratio = k * x / base
    low, high = (np.where(total > 0, side, end) for side, end in ((low, 0.0), (high, np.inf)))
    parts = (ratio, k * low, k * high, p_value)
    ratio, low, high, p_value = (np.where(known, part, np.nan) for part in parts)
    return RecentRatio(ratio, low, high, p_value, phi)
