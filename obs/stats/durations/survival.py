"""Estimate durations of which some have not ended: Kaplan-Meier and cumulative incidence.

What is still open is censored on its last day seen. Nothing is given beyond the last day on
which anything was followed.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from obs.errors import ObsError
from obs.stats.arrays import Floats, Integers
from obs.stats.counts.intervals import tail_of
from obs.stats.counts.proportions import clopper_pearson_interval

__all__ = ["Durations", "Quantiles", "duration_quantiles", "durations_by_cause"]

_SAME = 1e-12  # two shares this near are one: the product of many factors is rounded


@dataclass(frozen=True)
class Durations:
    """Share still open, and share ended by each cause, at each horizon.

    `open_*` have shape (n_horizons,), `ended_*` (n_causes, n_horizons), cause 1 first. The
    counts are those up to and including the horizon, and `at_risk` of those followed until it.
    """

    horizons: Floats
    at_risk: Integers
    censored: Integers
    ended_count: Integers
    open_share: Floats
    open_error: Floats
    open_low: Floats
    open_high: Floats
    ended_share: Floats
    ended_error: Floats
    ended_low: Floats
    ended_high: Floats


@dataclass(frozen=True)
class Quantiles:
    """Durations by which each share has ended, with limits; NaN where that is not reached."""

    shares: Floats
    duration: Floats
    low: Floats
    high: Floats


def durations_by_cause(
    durations: ArrayLike,
    causes: ArrayLike,
    *,
    horizons: ArrayLike,
    n_causes: int | None = None,
    confidence: float = 0.95,
) -> Durations:
    r"""Estimate what is open and what has ended, by cause, at fixed horizons.

    Open: :math:`S(t) = \prod_{t_i \le t} (1 - d_i/n_i)` (Kaplan and Meier). Ended by cause k:
    :math:`F_k(t) = \sum_{t_i \le t} S(t_{i-1})\, d_{ik}/n_i` (Aalen and Johansen), so that
    :math:`S + \sum_k F_k = 1`. One less the Kaplan-Meier curve of a single cause, the others
    censored, is not the share that ends so, and is not offered.

    Parameters
    ----------
    durations : array_like of shape (n,)
        From the start to the end, or to the last day seen; at least 0.
    causes : array_like of shape (n,)
        0 where it has not ended, else the number of the cause (1, 2, ...).
    horizons : array_like of shape (n_horizons,)
        Durations at which the shares are wanted.
    n_causes : int or None
        How many causes; by default the greatest number seen.
    confidence : float
        Between 0 and 1, of each share by itself.

    Returns
    -------
    Durations
        Errors are Greenwood's for what is open and those of Marubini and Valsecchi for a
        cause; limits are taken on the scale of log(-log), and are those of Clopper and Pearson
        among the ones whose state at the horizon is known where a share is 0 or 1. Shares are
        NaN at a horizon that nothing still open was followed to.

    Raises
    ------
    ObsError
        No duration, lengths that differ, a duration or horizon negative or not finite,
        causes that are not whole, a bad confidence.

    Notes
    -----
    Censoring must not depend on what is to come. It does not where it is the day of the
    extraction. Curves are those of `statsmodels.duration`; its errors of a cause are not
    numbers from the time at which all that are left end, so they are computed here.

    References
    ----------
    .. [1] E. L. Kaplan and P. Meier, 1958, JASA 53.
    .. [2] O. O. Aalen and S. Johansen, 1978, Scandinavian Journal of Statistics 5.
    .. [3] E. Marubini and M. G. Valsecchi, 1995, Analysing survival data from clinical trials
       and observational studies, chapter 10.

    Examples
    --------
    >>> found = durations_by_cause([30, 60, 60, 90], [1, 2, 0, 0], horizons=[60])
    >>> found.at_risk.tolist(), found.open_share.round(6).tolist(), found.ended_share.tolist()
    ([3], [0.5], [[0.25], [0.25]])
    """
    alpha = tail_of(confidence)
    time, cause = _checked_durations(durations, causes)
    at = _checked_horizons(horizons)
    many = max(int(cause.max()), 1) if n_causes is None else n_causes
    if many < cause.max():
        raise ObsError(f"causes: one is numbered {int(cause.max())}, above n_causes={many}")
    curve = _Curve(time, cause, many)
    place = np.searchsorted(curve.times, at, side="right")  # 0 before the first time
    at_risk = (time[None, :] >= at[:, None]).sum(axis=1)
    gone = ((time < at[:, None]) & (cause == 0)).sum(axis=1)
    open_share, open_error = curve.open_at(place)
    share, error = curve.ended_at(place)
    followed = (at <= time.max()) | (open_share < _SAME)
    known = time.size - gone
    open_low, open_high = _limits(open_share, open_error, known, alpha)
    low, high = _limits(share, error, np.broadcast_to(known, share.shape), alpha)
    ended = np.stack([((time <= at[:, None]) & (cause == k + 1)).sum(axis=1) for k in range(many)])
    shares = (open_share, open_error, open_low, open_high, share, error, low, high)
    return Durations(
        at, at_risk, gone, ended, *(np.where(followed, values, np.nan) for values in shares)
    )


def duration_quantiles(
    durations: ArrayLike,
    ended: ArrayLike,
    *,
    shares: ArrayLike = (0.25, 0.5, 0.75),
    confidence: float = 0.95,
) -> Quantiles:
    """Give the durations by which given shares have ended (the median and its like).

    The first time at which the Kaplan-Meier curve is at or below one less the share. The limits
    are the times at which the limits of the curve cross that height.

    Parameters
    ----------
    durations : array_like of shape (n,)
        From the start to the end, or to the last day seen; at least 0.
    ended : array_like of shape (n,)
        1 where it has ended, 0 where it was still open.
    shares : array_like of shape (n_shares,)
        Between 0 and 1.
    confidence : float
        Between 0 and 1.

    Returns
    -------
    Quantiles
        `duration` is NaN where the share is not reached within what was followed, and so is
        `high`; `low` may still be known.

    Raises
    ------
    ObsError
        As `durations_by_cause`; shares outside ]0, 1[.

    Notes
    -----
    R's `survfit` takes the middle where the curve is flat at the height sought; here the
    duration is one by which the share *has* ended.

    References
    ----------
    .. [1] R. Brookmeyer and J. Crowley, 1982, A confidence interval for the median survival
       time, Biometrics 38.

    Examples
    --------
    >>> found = duration_quantiles([10, 20, 30, 40], [1, 1, 1, 0], shares=[0.5, 0.9])
    >>> found.duration.tolist()
    [20.0, nan]
    """
    alpha = tail_of(confidence)
    time, cause = _checked_durations(durations, ended)
    wanted = np.atleast_1d(np.asarray(shares, dtype=np.float64))
    if cause.max() > 1 or not ((wanted > 0) & (wanted < 1)).all():
        raise ObsError("ended is 0 or 1, and shares lie between 0 and 1")
    curve = _Curve(time, cause, 1)
    share, error = curve.open_at(np.arange(curve.times.size) + 1)
    before = np.searchsorted(np.sort(time[cause == 0]), curve.times)
    low, high = _limits(share, error, time.size - before, alpha)
    heights = 1 - wanted
    found = [_first_below(curve.times, values, heights) for values in (share, low, high)]
    return Quantiles(wanted, *found)


class _Curve:
    """Both estimates at every time that is in the data, with their errors."""

    def __init__(self, time: Floats, cause: Integers, many: int) -> None:
        from statsmodels.duration.survfunc import CumIncidenceRight, SurvfuncRight

        self.times, place = np.unique(time, return_inverse=True)
        self.risk = time.size - np.searchsorted(np.sort(time), self.times)
        self.deaths = np.zeros((many, self.times.size))
        np.add.at(self.deaths, (cause[cause > 0] - 1, place[cause > 0]), 1.0)
        with np.errstate(divide="ignore", invalid="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            open_curve = SurvfuncRight(time, (cause > 0).astype(int))
            ended = CumIncidenceRight(time, cause) if cause.any() else None
        at = np.searchsorted(open_curve.surv_times, self.times, side="right")
        self.open = np.concatenate([[1.0], open_curve.surv_prob])[at]
        self.open_errors = np.concatenate([[0.0], open_curve.surv_prob_se])[at]
        self.open_errors = np.where(self.open < _SAME, 0.0, self.open_errors)
        self.ended = np.zeros_like(self.deaths)
        for k, values in enumerate(ended.cinc if ended else []):
            self.ended[k] = values

    def open_at(self, place: Integers) -> tuple[Floats, Floats]:
        return (
            np.concatenate([[1.0], self.open])[place],
            np.concatenate([[0.0], self.open_errors])[place],
        )

    def ended_at(self, place: Integers) -> tuple[Floats, Floats]:
        """Give the share of each cause and its error after so many times."""
        share = np.pad(self.ended, ((0, 0), (1, 0)))[:, place]
        error = np.array(
            [[self._ended_error(k, int(p)) for p in place] for k in range(len(self.ended))]
        )
        return share, error.reshape(share.shape)

    def _ended_error(self, k: int, many: int) -> float:
        """Give the error of a cause after the first `many` times (Marubini and Valsecchi)."""
        n, d = self.risk[:many], self.deaths[k, :many]
        everyone = self.deaths[:, :many].sum(axis=0)
        before = np.concatenate([[1.0], self.open])[:many]
        to_come = self.ended[k, many - 1] - self.ended[k, :many] if many else d
        left = np.where(n > everyone, n * (n - everyone), np.inf)  # at the end nothing is to come
        variance = (
            np.sum(to_come**2 * everyone / left)
            + np.sum(before**2 * (n - d) * d / n**3)
            - 2 * np.sum(to_come * before * d / n**2)
        )
        return float(np.sqrt(max(variance, 0.0)))


def _limits(share: Floats, error: Floats, known: Integers, alpha: float) -> tuple[Floats, Floats]:
    """Take limits on the scale of log(-log); at 0 and 1 those of a proportion of the known."""
    z = float(special.ndtri(1 - alpha / 2))
    inside = (share > _SAME) & (share < 1 - _SAME)
    middle = np.where(inside, share, 0.5)
    wide = np.exp(z * np.where(inside, error, 0.0) / np.abs(middle * np.log(middle)))
    ends = np.where(share > 0.5, known, 0)
    low, high = clopper_pearson_interval(ends, known, confidence=1 - alpha)
    return np.where(inside, middle**wide, low), np.where(inside, middle ** (1 / wide), high)


def _first_below(times: Floats, values: Floats, heights: Floats) -> Floats:
    below = values[None, :] <= heights[:, None] + _SAME
    return np.where(below.any(axis=1), times[below.argmax(axis=1)], np.nan)


def _checked_durations(durations: ArrayLike, causes: ArrayLike) -> tuple[Floats, Integers]:
    time, cause = np.asarray(durations, np.float64), np.asarray(causes, np.float64)
    if time.ndim != 1 or time.shape != cause.shape or time.size == 0:
        raise ObsError("durations and causes are two lists of one length, of one value or more")
    if not (np.isfinite(time) & (time >= 0)).all():
        raise ObsError("durations: some are negative, missing or infinite")
    if not (np.isfinite(cause) & (cause >= 0) & (cause == np.floor(cause))).all():
        raise ObsError("causes: 0 where it has not ended, else a whole number from 1 up")
    return time, cause.astype(np.int64)


def _checked_horizons(horizons: ArrayLike) -> Floats:
    at = np.atleast_1d(np.asarray(horizons, dtype=np.float64))
    if at.ndim != 1 or not (np.isfinite(at) & (at >= 0)).all():
        raise ObsError("horizons: durations of at least 0, none missing or infinite")
    return at
