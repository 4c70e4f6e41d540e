"""Compute the least change that a comparison of two counts or shares would have detected.

A statement of "no significant change" needs it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from obs.errors import ObsError
from obs.stats.arrays import Floats
from obs.stats.counts.ratios import above_zero, whole_counts

__all__ = ["minimum_detectable_change", "minimum_detectable_difference"]


def minimum_detectable_change(
    base_events: ArrayLike,
    *,
    exposure_ratio: ArrayLike = 1.0,
    confidence: float = 0.95,
    power: float = 0.8,
) -> tuple[Floats, Floats]:
    r"""Give the smallest relative fall and rise that a comparison would have shown.

    On the square root scale the two counts have variance 1/4, so with exposure ratio
    :math:`k` a ratio :math:`\rho` is found with the stated power when
    :math:`|\sqrt\rho - 1| = (z_{1-\alpha/2} + z_{power})\sqrt{1 + k} / 2\sqrt{k O_0}`.

    Parameters
    ----------
    base_events : array_like of shape (...)
        Events of the base period.
    exposure_ratio : array_like
        Exposure of the new period over that of the base.
    confidence, power : float
        Between 0 and 1.

    Returns
    -------
    fall, rise : ndarray of shape (...)
        Relative changes (-0.2 = 20 % fewer). NaN for a fall that no count, not even
        0, would have shown; both NaN where the base is missing or 0.

    Raises
    ------
    ObsError
        Negative or fractional counts, a confidence or power outside ]0, 1[.

    References
    ----------
    .. [1] K. Gu, H. K. T. Ng, M. L. Tang and W. R. Schucany, 2008, Testing the ratio of
       two Poisson rates, Biometrical Journal 50.

    Examples
    --------
    >>> fall, rise = minimum_detectable_change([20, 2355])
    >>> fall.round(3).tolist(), rise.round(3).tolist()
    ([-0.69, -0.08], [1.082, 0.083])
    """
    reach = _sum_of_quantiles(confidence, power)
    base, k = np.broadcast_arrays(whole_counts(base_events), above_zero(exposure_ratio))
    with np.errstate(divide="ignore", invalid="ignore"):
        step = np.where(base > 0, reach * np.sqrt(1 + k) / (2 * np.sqrt(k * base)), np.nan)
    fall = np.where(step <= 1, (1 - step) ** 2 - 1, np.nan)
    return fall, (1 + step) ** 2 - 1


def minimum_detectable_difference(
    base_events: ArrayLike,
    base_size: ArrayLike,
    size: ArrayLike,
    *,
    confidence: float = 0.95,
    power: float = 0.8,
) -> tuple[Floats, Floats]:
    r"""Give the smallest fall and rise of a share that a comparison would have shown.

    On the arcsine scale :math:`\theta = \arcsin\sqrt p` a share of :math:`n` has variance
    :math:`1/4n`, so a second share is found with the stated power when
    :math:`|\theta_1 - \theta_0| = (z_{1-\alpha/2} + z_{power})\sqrt{1/n_1 + 1/n_0}/2`.

    Parameters
    ----------
    base_events, base_size : array_like of shapes that broadcast
        Part and whole of the base period.
    size : array_like
        Whole of the new period.
    confidence, power : float
        Between 0 and 1.

    Returns
    -------
    fall, rise : ndarray of the common shape
        Differences of shares (-0.03 = 3 percentage points fewer). NaN for one that no
        share, not even 0 or 1, would have shown, and where a number is missing, a whole
        is not above 0 or the part exceeds it.

    Raises
    ------
    ObsError
        Negative or fractional counts, a confidence or power outside ]0, 1[.

    References
    ----------
    .. [1] J. Cohen, 1988, Statistical power analysis for the behavioral sciences, chapter 6.

    Examples
    --------
    >>> fall, rise = minimum_detectable_difference([200, 4], [400, 400], 400)
    >>> fall.round(3).tolist(), rise.round(3).tolist()
    ([-0.098, -0.01], [0.098, 0.029])
    """
    reach = _sum_of_quantiles(confidence, power)
    part, whole, new = np.broadcast_arrays(
        whole_counts(base_events), above_zero(base_size), above_zero(size)
    )
    share = np.where(part <= whole, part / whole, np.nan)
    step = reach * np.sqrt(1 / new + 1 / whole) / 2
    angle = np.arcsin(np.sqrt(share))
    fall = np.where(angle >= step, np.sin(angle - step) ** 2 - share, np.nan)
    rise = np.where(angle + step <= np.pi / 2, np.sin(angle + step) ** 2 - share, np.nan)
    return fall, rise


def _sum_of_quantiles(confidence: float, power: float) -> float:
    """Add up the two quantiles that a test needs to find something."""
    for name, level in (("confidence", confidence), ("power", power)):
        if not 0 < level < 1:
            raise ObsError(f"{name} {level} must lie between 0 and 1")
    return float(special.ndtri(1 - (1 - confidence) / 2) + special.ndtri(power))
