"""Test the difference of two published shares from their bases and design factors.

A bulletin gives a percentage, the number of respondents and a design factor, not the answers.
The standard error is then that of a simple random sample times the factor.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from obs.errors import ObsError

__all__ = ["PublishedDifference", "published_difference"]

Floats = NDArray[np.float64]

FEW = 5.0  # effective answers, on either side of a share, below which it is not normal


@dataclass(frozen=True)
class PublishedDifference:
    """Differences of published shares; arrays of one shape.

    Attributes
    ----------
    estimate, se, low, high : ndarray
        First share less the second, its standard error and interval.
    statistic, p_value : ndarray
        z and its two-sided p-value.
    size : ndarray
        The smaller effective size, respondents over the square of the design factor.
    is_normal : ndarray of bool
        Whether both shares have at least five effective answers on either side.
    """

    estimate: Floats
    se: Floats
    low: Floats
    high: Floats
    statistic: Floats
    p_value: Floats
    size: Floats
    is_normal: NDArray[np.bool_]


def published_difference(
    share: tuple[Floats, Floats],
    n: tuple[Floats, Floats],
    factor: tuple[Floats, Floats],
    *,
    rounding: float = 0.0,
    confidence: float = 0.95,
) -> PublishedDifference:
    r"""Test that two shares of independent samples are equal.

    :math:`z = (p_1 - p_2) / \sqrt{d_1^2 p_1 q_1 / n_1 + d_2^2 p_2 q_2 / n_2}` with design
    factors :math:`d`: the square roots of the design effects. Rounded shares are taken at the
    ends of their rounding that are nearest to one another, so that no direction comes from it.

    Parameters
    ----------
    share : tuple of ndarray
        Shares of both sides, from 0 to 1.
    n : tuple of ndarray
        Respondents.
    factor : tuple of ndarray
        Design factors, above 0.
    rounding : float
        Half the unit of the last decimal of the shares: 0.0005 for percentages of one decimal.
    confidence : float
        Level, between 0 and 1.

    Returns
    -------
    PublishedDifference
        The limits hold the rounding too.

    Raises
    ------
    ObsError
        Shares outside 0 to 1 (percentages), bases or factors that are not above 0.

    References
    ----------
    .. [1] Kish, L. (1965), Survey Sampling, Wiley, section 8.2.
    .. [2] Office for National Statistics, User guide to crime statistics for England and Wales,
       chapter on statistical significance.

    Examples
    --------
    >>> import numpy as np
    >>> one = np.ones(1)
    >>> made = published_difference((0.24 * one, 0.21 * one), (3000 * one, 2800 * one),
    ...                             (1.2 * one, 1.3 * one))
    >>> made.statistic.round(3), made.p_value.round(3)
    (array([2.19]), array([0.029]))
    """
    _check(share, n, factor, rounding, confidence)
    (a, b), sizes = share, tuple(m / d**2 for m, d in zip(n, factor, strict=True))
    parts = [p * (1 - p) / m for p, m in zip(share, sizes, strict=True)]
    se = np.sqrt(parts[0] + parts[1])
    estimate = a - b
    quantile = stats.norm.ppf((1 + confidence) / 2)
    least = np.sign(estimate) * np.maximum(np.abs(estimate) - 2 * rounding, 0.0)
    statistic = np.divide(least, se, out=np.full_like(se, np.nan), where=se > 0)
    half = quantile * se + 2 * rounding
    answers = [m * np.minimum(p, 1 - p) for p, m in zip(share, sizes, strict=True)]
    return PublishedDifference(
        estimate,
        se,
        estimate - half,
        estimate + half,
        statistic,
        2 * stats.norm.sf(np.abs(statistic)),
        np.minimum(*sizes),
        np.minimum(*answers) >= FEW,
    )


def _check(
    share: tuple[Floats, Floats],
    n: tuple[Floats, Floats],
    factor: tuple[Floats, Floats],
    rounding: float,
    confidence: float,
) -> None:
    if not all(np.all((p >= 0) & (p <= 1)) for p in share):
        raise ObsError("Published shares run from 0 to 1: divide percentages by 100.")
    if not all(np.all((v > 0) & np.isfinite(v)) for v in (*n, *factor)):
        raise ObsError("Bases and design factors are numbers above 0.")
    if not 0 <= rounding < 0.5:
        raise ObsError(f"The rounding is half a unit of the last decimal, not {rounding}.")
    if not 0 < confidence < 1:
        raise ObsError(f"The confidence must be between 0 and 1 (0.95, not 95), not {confidence}.")
