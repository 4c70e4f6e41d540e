"""Define the four distances of a calibration: how a weight follows its multiplier."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from scipy import special

from obs.errors import ObsError
from obs.stats.arrays import Floats

__all__ = ["Distance", "Link", "make_link"]

Distance = Literal["linear", "raking", "bounded", "logit"]

LARGEST_LOG = 500.0  # an overflow becomes a step that is halved


@dataclass(frozen=True)
class Link:
    """Ratio of new to old weight F(u), its slope, and its integral from 0."""

    ratio: Callable[[Floats], Floats]
    slope: Callable[[Floats], Floats]
    integral: Callable[[Floats], Floats]


def make_link(distance: Distance, bounds: tuple[float, float] | None) -> Link:
    """Give the functions of a distance.

    Parameters
    ----------
    distance : {"linear", "raking", "bounded", "logit"}
        1 + u; exp(u); 1 + u cut at the bounds; the logistic function between them.
    bounds : tuple of float, optional
        Least and greatest ratio, for ``bounded`` and ``logit`` and only for them.

    Returns
    -------
    Link
        Functions of the multiplier u.

    Raises
    ------
    ObsError
        An unknown distance, or bounds that do not fit it.

    References
    ----------
    .. [1] Deville, J.-C. and Särndal, C.-E. (1992), Calibration estimators in survey sampling,
       Journal of the American Statistical Association 87, 376-382.

    Examples
    --------
    >>> import numpy as np
    >>> make_link("logit", (0.5, 2.0)).ratio(np.array([-9.0, 0.0, 9.0])).round(3)
    array([0.5, 1. , 2. ])
    """
    if distance not in get_args(Distance):
        allowed = ", ".join(get_args(Distance))
        raise ObsError(f"Unknown calibration method {distance!r}. Allowed: {allowed}.")
    if (bounds is not None) != (distance in ("bounded", "logit")):
        raise ObsError("Bounds go with the methods 'bounded' and 'logit', and only with them.")
    if bounds is None:
        return _raking() if distance == "raking" else _linear()
    low, high = bounds
    if not 0 <= low < 1 < high < np.inf:
        raise ObsError(f"Calibration bounds must be 0 <= low < 1 < high, not {bounds}.")
    return _bounded(low, high) if distance == "bounded" else _logit(low, high)


def _linear() -> Link:
    return Link(lambda u: 1 + u, np.ones_like, lambda u: u + u**2 / 2)


def _raking() -> Link:
    def power(u: Floats) -> Floats:
        return np.exp(np.minimum(u, LARGEST_LOG))

    return Link(power, power, lambda u: np.expm1(np.minimum(u, LARGEST_LOG)))


def _bounded(low: float, high: float) -> Link:
    def integral(u: Floats) -> Floats:
        inside = np.clip(u, low - 1, high - 1)
        beyond = np.where(u < inside, low, high) * (u - inside)
        return np.asarray(inside + inside**2 / 2 + beyond)

    return Link(
        lambda u: np.clip(1 + u, low, high),
        lambda u: ((u > low - 1) & (u < high - 1)).astype(np.float64),
        integral,
    )


def _logit(low: float, high: float) -> Link:
    rate = (high - low) / ((1 - low) * (high - 1))
    log_odds = float(np.log((1 - low) / (high - 1)))

    def share(u: Floats) -> Floats:
        return np.asarray(special.expit(rate * u + log_odds))

    def integral(u: Floats) -> Floats:
        rise = np.logaddexp(0, rate * u + log_odds) - np.logaddexp(0, log_odds)
        return np.asarray(low * u + (high - low) / rate * rise)

    return Link(
        lambda u: low + (high - low) * share(u),
        lambda u: (high - low) * rate * share(u) * (1 - share(u)),
        integral,
    )
