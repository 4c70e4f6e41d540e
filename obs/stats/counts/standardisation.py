"""Standardise rates directly or indirectly, so that age or sex structures do not distort them.

Strata are along one axis and all else is vectorised. A missing or empty stratum makes the rate
unknown; it is never read as zero risk.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from obs.errors import ObsError
from obs.stats.arrays import Flags, Floats
from obs.stats.counts.intervals import at_least_zero, poisson_interval

__all__ = [
    "direct_rate",
    "dobson_interval",
    "expected_events",
    "fay_feuer_interval",
    "standardised_ratio",
]

Limits = tuple[Floats, Floats]


def direct_rate(
    events: ArrayLike,
    population: ArrayLike,
    standard: ArrayLike,
    *,
    squares: ArrayLike | None = None,
    axis: int = -1,
) -> Limits:
    r"""Compute a directly standardised rate and its variance.

    With events :math:`O_i` and population :math:`n_i` of stratum :math:`i` and standard
    population :math:`w_i`:

    .. math:: R = \frac{\sum_i w_i O_i/n_i}{\sum_i w_i}, \qquad
              V = \frac{\sum_i w_i^2 S_i/n_i^2}{(\sum_i w_i)^2}

    where :math:`S_i = O_i` for independent events. Where one person can have several,
    :math:`S_i = \sum f^2 P_{if}` over the :math:`P_{if}` persons with exactly :math:`f`
    events.

    Parameters
    ----------
    events, population, standard : array_like of shapes that broadcast
        Strata along `axis`.
    squares : array_like, optional
        :math:`S_i`; the events themselves (independent) by default.
    axis : int
        The axis of the strata.

    Returns
    -------
    rate, variance : ndarray
        Per unit of population, the axis of the strata gone. NaN where an event or a
        population is missing or a stratum of the standard has no population.

    Raises
    ------
    ObsError
        Negative or infinite values, shapes that do not broadcast, a standard whose sum is 0, or
        squares below the events or above their square, which no persons can have.

    References
    ----------
    .. [1] N. E. Breslow and N. E. Day, 1987, Statistical methods in cancer research II.
    .. [2] Public Health England, Technical guide: confidence intervals.

    Examples
    --------
    >>> rate, variance = direct_rate([10, 30], [1_000, 1_000], [500, 1_500])
    >>> float(rate), float(variance.round(9))
    (0.025, 1.75e-05)
    """
    count, size, weight = _in_strata(events=events, population=population, standard=standard)
    spread = (
        count
        if squares is None
        else np.broadcast_to(at_least_zero(squares, "squares"), count.shape)
    )
    total = weight.sum(axis=axis)
    if np.any(total == 0):
        raise ObsError("standard: its strata add up to 0; a standard population is needed")
    used = weight > 0
    _check_squares(count, spread, used)
    size = np.where(size > 0, size, np.nan)
    rate = np.where(used, weight * count / size, 0.0).sum(axis=axis) / total
    variance = np.where(used, weight**2 * spread / size**2, 0.0).sum(axis=axis) / total**2
    return np.asarray(rate), np.asarray(variance)


def dobson_interval(
    rate: ArrayLike, variance: ArrayLike, events: ArrayLike, *, confidence: float = 0.95
) -> Limits:
    r"""Give Dobson's limits of a weighted sum of Poisson counts.

    :math:`R + \sqrt{V/O}\,(O_{L} - O)` and the same with :math:`O_{U}`: the limits of the
    total count :math:`O` (exact below 10 events, Byar from 10), moved to the scale of the
    rate.

    Parameters
    ----------
    rate, variance : array_like
        As `direct_rate` gives them.
    events : array_like
        Total number of events.
    confidence : float
        Between 0 and 1.

    Returns
    -------
    low, high : ndarray
        NaN where the total is missing or 0: a rate without events has no variance.

    Raises
    ------
    ObsError
        Negative events, a bad confidence.

    Notes
    -----
    Under 10 events the distribution of the weights matters too much; do not publish.

    References
    ----------
    .. [1] A. J. Dobson, K. Kuulasmaa, E. Eberle and J. Scherer, 1991, Confidence intervals
       for weighted sums of Poisson parameters, Statistics in Medicine 10.

    Examples
    --------
    >>> low, high = dobson_interval(0.025, 1.75e-5, 40)
    >>> float(low.round(4)), float(high.round(4))
    (0.0174, 0.0346)
    """
    value, spread = at_least_zero(rate, "rate"), at_least_zero(variance, "variance")
    total = np.asarray(events, dtype=np.float64)
    low, high = poisson_interval(total, confidence=confidence)
    with np.errstate(divide="ignore", invalid="ignore"):
        step = np.sqrt(np.where(total > 0, spread / total, np.nan))
    return np.asarray(value + step * (low - total)), np.asarray(value + step * (high - total))


def fay_feuer_interval(
    rate: ArrayLike, variance: ArrayLike, largest: ArrayLike, *, confidence: float = 0.95
) -> Limits:
    r"""Give the gamma limits of a weighted sum of Poisson counts.

    Gamma quantiles with mean :math:`R` and variance :math:`V` below, :math:`R + k` and
    :math:`V + k^2` above, where :math:`k` is the largest weight of one event.

    Parameters
    ----------
    rate, variance : array_like
        As `direct_rate` gives them.
    largest : array_like
        The largest :math:`w_i/(n_i\sum w)` over the strata.
    confidence : float
        Between 0 and 1.

    Returns
    -------
    low, high : ndarray
        The lower limit is 0 for a rate of 0; NaN where an input is missing.

    Raises
    ------
    ObsError
        A bad confidence.

    Notes
    -----
    Never too short in any known case, hence wide when one stratum weighs a lot: use it
    where caution matters more than length.

    References
    ----------
    .. [1] M. P. Fay and E. J. Feuer, 1997, Confidence intervals for directly standardized
       rates: a method based on the gamma distribution, Statistics in Medicine 16.

    Examples
    --------
    >>> low, high = fay_feuer_interval(0.025, 1.75e-5, 0.00075)
    >>> float(low.round(4)), float(high.round(4))
    (0.0175, 0.0347)
    """
    if not 0 < confidence < 1:
        raise ObsError(f"confidence {confidence} must lie between 0 and 1 (0.95, not 95)")
    tail = (1 - confidence) / 2
    value, spread, step = np.broadcast_arrays(
        *(np.asarray(a, dtype=np.float64) for a in (rate, variance, largest))
    )
    above, above_spread = value + step, spread + step**2
    with np.errstate(divide="ignore", invalid="ignore"):
        low = special.gammaincinv(value**2 / spread, tail) * spread / value
        high = special.gammaincinv(above**2 / above_spread, 1 - tail) * above_spread / above
    return np.where(value == 0, 0.0, low), np.asarray(high)


def expected_events(population: ArrayLike, reference: ArrayLike, *, axis: int = -1) -> Floats:
    r"""Compute the events a place would have at the rates of a reference.

    :math:`E = \sum_i n_i r_i` over the strata.

    Parameters
    ----------
    population, reference : array_like of shapes that broadcast
        Population and reference rate (events per unit of population) of each stratum.
    axis : int
        The axis of the strata.

    Returns
    -------
    ndarray
        NaN where any stratum is missing.

    Raises
    ------
    ObsError
        Negative values.

    Examples
    --------
    >>> float(expected_events([1_000, 500], [0.01, 0.04]))
    30.0
    """
    size, rate = _in_strata(population=population, reference=reference)
    return np.asarray((size * rate).sum(axis=axis))


def standardised_ratio(
    observed: ArrayLike, expected: ArrayLike, *, confidence: float = 0.95
) -> tuple[Floats, Floats, Floats]:
    r"""Compute the ratio of observed to expected events (SMR, SIR) with its limits.

    :math:`O/E`, with the limits of :math:`O` divided by :math:`E`, which is taken as known
    without error. Times the crude rate of the reference it is the indirectly standardised
    rate.

    Parameters
    ----------
    observed : array_like
        Events.
    expected : array_like
        As `expected_events` gives them.
    confidence : float
        Between 0 and 1.

    Returns
    -------
    ratio, low, high : ndarray
        NaN where an input is missing or nothing is expected.

    Raises
    ------
    ObsError
        Negative events, a bad confidence.

    Notes
    -----
    Two ratios compare each place with the reference, not one place with another: their
    weights differ. Compare places by direct standardisation.

    Examples
    --------
    >>> ratio, low, high = standardised_ratio(91, 835.8836)
    >>> float(ratio.round(4)), float(low.round(4)), float(high.round(4))
    (0.1089, 0.0877, 0.1337)
    """
    low, high = poisson_interval(observed, confidence=confidence)
    size = at_least_zero(expected, "expected")
    size = np.where(size > 0, size, np.nan)
    return np.asarray(observed, dtype=np.float64) / size, low / size, high / size


def _check_squares(events: Floats, squares: Floats, used: Flags) -> None:
    """Refuse sums of squares that no persons can have; a rounding of their mean is allowed."""
    slack = 1e-9 * (1 + events)
    few, many = squares < events - slack, squares > events**2 + slack * (1 + events)
    for wrong, what in ((few, "below the events"), (many, "above the events squared")):
        n = int(np.count_nonzero(wrong & used))
        if n:
            raise ObsError(
                f"squares: {n} value(s) {what}; the sum over persons of their events squared lies "
                "between the events (one each) and their square (all of one person)"
            )


def _in_strata(**named: ArrayLike) -> list[Floats]:
    """Check values of the same strata and bring them to one shape."""
    known = {name: at_least_zero(values, name) for name, values in named.items()}
    try:
        return list(np.broadcast_arrays(*known.values()))
    except ValueError as fault:
        shapes = ", ".join(f"{name} {values.shape}" for name, values in known.items())
        raise ObsError(f"not the same strata: {shapes}") from fault
