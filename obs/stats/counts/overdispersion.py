"""Estimate the variation between units beyond chance, and control limits that allow for it.

Over-dispersion is additive, after Spiegelhalter: the true values of units vary around the common
value with variance tau2. `overdispersion` gives the published estimate, `iterated_overdispersion`
one for units of unequal size.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special
from scipy.optimize import brentq

from obs.errors import ObsError
from obs.stats.arrays import Floats

__all__ = [
    "Overdispersion",
    "adjusted_limits",
    "iterated_overdispersion",
    "overdispersion",
    "scores",
]

Transform = Literal["sqrt", "log", "arcsine"]
_ERROR_FACTOR = {"sqrt": 0.5, "log": 1.0, "arcsine": 0.5}  # standard error = factor / sqrt(size)
_SAMPLES = 4_000  # normal samples that give the middle of the sum of squared scores


@dataclass(frozen=True)
class Overdispersion:
    """Mean squared score `phi`, between-unit variance `tau2`, units `n` they rest on."""

    phi: float
    tau2: float
    n: int


def scores(
    value: ArrayLike, size: ArrayLike, *, target: float = 1.0, transform: Transform = "sqrt"
) -> tuple[Floats, Floats]:
    r"""Give the distance of each value to a target in standard errors, and the errors.

    For a ratio observed/expected, `size` is the expected count: :math:`\sqrt{O/E}` has
    standard error :math:`1/2\sqrt{E}`, :math:`\ln(O/E)` has :math:`1/\sqrt{E}`. For a share,
    `size` is the whole: :math:`\arcsin\sqrt p` has :math:`1/2\sqrt n`.

    Parameters
    ----------
    value, size : array_like of shape (n,)
        Ratios and expected counts, or shares and wholes.
    target : float
        The common value.
    transform : {"sqrt", "log", "arcsine"}
        "sqrt" behaves best with small counts and knows zero; "log" makes a zero minus
        infinity; "arcsine" is for shares.

    Returns
    -------
    z, error : ndarray of shape (n,)
        Missing where the value is missing or the size is not above 0.

    Raises
    ------
    ObsError
        An unknown transform.

    Examples
    --------
    >>> z, error = scores([1.2, 0.9], [100, 25])
    >>> z.round(3).tolist(), error.round(3).tolist()
    ([1.909, -0.513], [0.05, 0.1])
    """
    amount = np.asarray(size, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        error = _standard_error(np.where(amount > 0, amount, np.nan), transform)
        distance = _transformed(np.asarray(value, dtype=np.float64), transform)
        z = (distance - _transformed(np.asarray(target), transform)) / error
    return z, np.broadcast_to(error, z.shape).copy()


def overdispersion(
    z: ArrayLike,
    error: ArrayLike,
    *,
    trim: float = 0.1,
    method: Literal["winsorise", "truncate"] = "winsorise",
) -> Overdispersion:
    r"""Estimate how much units differ beyond chance.

    .. math:: \phi = \frac1n \sum z_i^2, \qquad \tau^2 = \max\left(0,
              \frac{n\phi - (n-1)}{\sum w_i - \sum w_i^2/\sum w_i}\right), \quad w_i = 1/s_i^2

    after the extreme scores have been pulled in, so that the outliers sought do not widen
    the limits that should show them.

    Parameters
    ----------
    z, error : array_like of shape (n,)
        As `scores` gives them; missing ones are left out.
    trim : float
        Share of the scores at each end that is pulled in or left out, from 0 to below 0.5.
    method : {"winsorise", "truncate"}
        Pull the extreme scores to the quantiles of the rest, or leave them out with their
        weights.

    Returns
    -------
    Overdispersion
        `tau2` on the transformed scale; 0 when the units differ no more than by chance.

    Raises
    ------
    ObsError
        Fewer than three known scores, an infinite score, a bad trim or method.

    References
    ----------
    .. [1] D. J. Spiegelhalter, 2005, Handling over-dispersion of performance indicators,
       Quality and Safety in Health Care 14.
    .. [2] R. DerSimonian and N. Laird, 1986, Meta-analysis in clinical trials, Controlled
       Clinical Trials 7.

    Examples
    --------
    >>> result = overdispersion([3.0, -3.0, 2.0, -2.0, 0.5], [0.1] * 5, trim=0.0)
    >>> result.phi, round(result.tau2, 4)
    (5.25, 0.0556)
    """
    if method not in ("winsorise", "truncate"):
        raise ObsError(f"unknown method {method!r}; choose winsorise or truncate")
    score, spread = _known_scores(z, error, trim)
    if method == "truncate":
        kept = np.sort(np.argsort(score, kind="stable")[_n_trimmed(len(score), trim)])
        score, spread = score[kept], spread[kept]
    else:
        score = np.clip(score, *np.quantile(score, [trim, 1 - trim]))
    n, weight = len(score), 1 / spread**2
    total = float((score**2).sum())
    between = (total - (n - 1)) / (weight.sum() - (weight**2).sum() / weight.sum())
    return Overdispersion(phi=total / n, tau2=max(0.0, float(between)), n=n)


def iterated_overdispersion(z: ArrayLike, error: ArrayLike, *, trim: float = 0.1) -> Overdispersion:
    r"""Estimate how much few units, or units of unequal size, differ beyond chance.

    With d the distance of a unit from the target and s its standard error, the
    :math:`\tau^2` at which

    .. math:: \sum_i W\left(\frac{d_i}{\sqrt{s_i^2 + \tau^2}}\right)^2
              = \frac{n-1}{n} m_n,

    W pulling the extreme scores in to the quantiles `trim` and 1 - `trim`, and :math:`m_n` the
    median of the same sum for n standard normal scores; 0 where even 0 makes it smaller.

    Parameters
    ----------
    z, error : array_like of shape (n,)
        As `scores` gives them; missing ones are left out.
    trim : float
        Share of the scores at each end that is pulled in, from 0 to below 0.5, so that the
        outliers sought do not widen the limits that should show them.

    Returns
    -------
    Overdispersion
        `phi` is the mean squared score after pulling in, as `overdispersion` has it.

    Raises
    ------
    ObsError
        Fewer than three known scores, an infinite score, a bad trim.

    See Also
    --------
    overdispersion : the estimate as published.

    Notes
    -----
    The published estimate pulls in scores of chance alone: where units differ, those of the
    largest units are the greatest, so that size decides what is pulled in, and limits hold
    88 to 90 % of ordinary places where they state 95 %. Scores that count the difference are
    alike. Without trimming this is the estimate of Paule and Mandel, but for the median. The
    normal scores are drawn with a fixed seed.

    References
    ----------
    .. [1] D. J. Spiegelhalter, 2005, Handling over-dispersion of performance indicators,
       Quality and Safety in Health Care 14.
    .. [2] R. C. Paule and J. Mandel, 1982, Consensus values and weighting factors, Journal
       of Research of the National Bureau of Standards 87.

    Examples
    --------
    >>> result = iterated_overdispersion([3.0, -3.0, 2.0, -2.0, 0.5], [0.1] * 5)
    >>> round(float(np.sqrt(result.tau2)), 2)
    0.28
    """
    score, spread = _known_scores(z, error, trim)
    n, distance = score.size, score * spread
    drawn = np.random.default_rng(0).normal(size=(_SAMPLES, n))
    wanted = float(np.median(_winsorised_squares(drawn, trim))) * (n - 1) / n
    seen = float(_winsorised_squares(score[None], trim)[0])

    def excess(tau2: float) -> float:
        scaled = distance / np.sqrt(spread**2 + tau2)
        return float(_winsorised_squares(scaled[None], trim)[0]) - wanted

    if seen <= wanted:
        return Overdispersion(phi=seen / n, tau2=0.0, n=n)
    highest = float((distance**2).sum()) / wanted  # there even scores not pulled in are too small
    if excess(highest) > 0:  # by rounding, where errors are nothing beside the differences
        highest *= 2
    tau2 = float(brentq(excess, 0.0, highest, xtol=1e-12 * highest))
    return Overdispersion(phi=seen / n, tau2=tau2, n=n)


def adjusted_limits(
    size: ArrayLike,
    tau2: float,
    *,
    target: float = 1.0,
    transform: Transform = "sqrt",
    confidence: float = 0.95,
) -> tuple[Floats, Floats]:
    r"""Give control limits that allow for over-dispersion, on the scale of the values.

    The target on the transformed scale :math:`\pm z\sqrt{s^2 + \tau^2}`, turned back.

    Parameters
    ----------
    size : array_like of shape (n,)
        Expected counts, or wholes of shares.
    tau2 : float
        As `overdispersion` gives it, with the same transform; 0 for chance alone.
    target : float
        The common value.
    transform : {"sqrt", "log", "arcsine"}
        As in `scores`.
    confidence : float
        Between 0 and 1.

    Returns
    -------
    lower, upper : ndarray of shape (n,)
        Ratios from 0 up, or shares in [0, 1]; missing where the size is not above 0.

    Raises
    ------
    ObsError
        A negative tau2, a bad confidence, an unknown transform.

    Examples
    --------
    >>> lower, upper = adjusted_limits([100.0, 100.0], 0.0)
    >>> float(lower[0].round(3)), float(upper[0].round(3))
    (0.814, 1.206)
    """
    if tau2 < 0 or not 0 < confidence < 1:
        raise ObsError("adjusted_limits: tau2 is at least 0, confidence between 0 and 1")
    amount = np.asarray(size, dtype=np.float64)
    error = _standard_error(np.where(amount > 0, amount, np.nan), transform)
    half = -special.ndtri((1 - confidence) / 2) * np.sqrt(error**2 + tau2)
    centre = _transformed(np.asarray(target), transform)
    return _back_transformed(centre - half, transform), _back_transformed(centre + half, transform)


def _known_scores(z: ArrayLike, error: ArrayLike, trim: float) -> tuple[Floats, Floats]:
    if not 0 <= trim < 0.5:
        raise ObsError("overdispersion: trim is at least 0 and below 0.5")
    score, spread = np.broadcast_arrays(*(np.asarray(a, dtype=np.float64) for a in (z, error)))
    known = ~np.isnan(score + spread)
    score, spread = score[known], spread[known]
    if len(score) < 3 or not np.all(np.isfinite(score)):
        raise ObsError("overdispersion: at least three scores are needed, none infinite")
    return score, spread


def _winsorised_squares(scores: Floats, trim: float) -> Floats:
    """Sum the squares of each row's scores, the extreme ones pulled in."""
    low, high = np.quantile(scores, [trim, 1 - trim], axis=1, keepdims=True)
    return np.asarray((np.clip(scores, low, high) ** 2).sum(axis=1))


def _n_trimmed(n: int, trim: float) -> slice:
    out = int(n * trim)
    return slice(out, n - out)


def _standard_error(size: Floats, transform: str) -> Floats:
    if transform not in _ERROR_FACTOR:
        raise ObsError(f"unknown transform {transform!r}; choose {', '.join(_ERROR_FACTOR)}")
    return np.asarray(_ERROR_FACTOR[transform] / np.sqrt(size))


def _transformed(value: Floats, transform: str) -> Floats:
    if transform == "log":
        return np.asarray(np.log(value))
    root = np.sqrt(value)
    return np.asarray(np.arcsin(root) if transform == "arcsine" else root)


def _back_transformed(value: Floats, transform: str) -> Floats:
    if transform == "log":
        return np.asarray(np.exp(value))
    if transform == "sqrt":
        return np.asarray(np.maximum(value, 0.0) ** 2)
    return np.asarray(np.sin(np.clip(value, 0.0, np.pi / 2)) ** 2)
