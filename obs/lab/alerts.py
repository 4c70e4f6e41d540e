"""Compute alert thresholds for weekly counts by the improved Farrington algorithm.

An alert says that a week is unusual given five years of the series' own past. It says nothing
about causes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from obs.errors import ObsError
from obs.stats.arrays import Flags, Floats, Integers
from obs.stats.linear.pivoted_qr import factor_rows

__all__ = ["Alerts", "farrington_alerts"]


_ANSCOMBE = 2.58  # a past week beyond this loses weight: Noufaily et al. 2013
_ENOUGH = (5, 4)  # no alert on fewer than 5 events in the last 4 weeks


@dataclass(frozen=True)
class Alerts:
    """For each week asked: expected count, threshold, dispersion, p-value, alert."""

    weeks: Integers
    expected: Floats
    threshold: Floats
    dispersion: Floats
    p_value: Floats
    alert: Flags


def farrington_alerts(
    counts: ArrayLike,
    *,
    weeks: ArrayLike | None = None,
    period: int = 52,
    years: int = 5,
    half_window: int = 3,
    levels: int = 10,
    guard: int = 26,
    false_alarm: float = 0.005,
) -> Alerts:
    r"""Flag the weeks whose count is above what their own past allows.

    A quasi-Poisson regression of the past weeks (trend and a season in `levels` steps,
    the weeks around the same date of each year forming one step) is fitted twice, the
    second time with past outbreaks weighted down by their Anscombe residual. The
    threshold is the quantile of a negative binomial of that mean and dispersion.

    Parameters
    ----------
    counts : array_like of shape (n,)
        Weekly events in the order of time; NaN for an unknown week.
    weeks : array_like of int or None
        Positions to judge; None is all that have enough past.
    period : int
        Weeks a year.
    years : int
        Years of past used.
    half_window : int
        Weeks before and after the same date of a past year that make its step.
    levels : int
        Steps of the season.
    guard : int
        Last weeks left out of the past, so that a slow outbreak does not hide itself.
    false_alarm : float
        Chance that an ordinary week is above its threshold.

    Returns
    -------
    Alerts
        NaN threshold, and no alert, where fewer than 5 events fell in the last 4 weeks.

    Raises
    ------
    ObsError
        Too short a past, negative counts, options that leave no room for the steps.

    References
    ----------
    .. [1] A. Noufaily, D. G. Enki, P. Farrington, P. Garthwaite, N. Andrews and
       A. Charlett, 2013, An improved algorithm for outbreak detection in multiple
       surveillance systems, Statistics in Medicine 32.
    .. [2] M. Salmon, D. Schumacher and M. Hoehle, 2016, Journal of Statistical Software 70.

    Examples
    --------
    >>> y = np.random.default_rng(2).poisson(20, 320).astype(float)
    >>> y[-1] = 60
    >>> found = farrington_alerts(y, weeks=[318, 319])
    >>> found.alert.tolist()
    [False, True]
    """
    y = np.asarray(counts, dtype=np.float64)
    first = years * period + half_window
    asked = np.arange(first, y.size) if weeks is None else np.asarray(weeks, dtype=np.int64)
    _check_weeks(y, asked, first, period, half_window, levels, false_alarm)
    rows = [
        _flag_weeks(
            y, int(k), _season_steps(int(k), period, years, half_window, levels), guard, false_alarm
        )
        for k in asked
    ]
    expected, threshold, dispersion, p_value = np.array(rows).reshape(-1, 4).T
    with np.errstate(invalid="ignore"):
        alert = y[asked] > threshold
    return Alerts(asked, expected, threshold, dispersion, p_value, alert)


def _check_weeks(
    y: Floats,
    asked: Integers,
    first: int,
    period: int,
    half_window: int,
    levels: int,
    false_alarm: float,
) -> None:
    if np.any((y < 0) | np.isinf(y)):
        raise ObsError("counts are at least 0 and finite")
    if not 0 < false_alarm < 0.5:
        raise ObsError(f"false_alarm {false_alarm} must lie between 0 and 0.5")
    if asked.size == 0 or asked.min() < first or asked.max() >= y.size:
        raise ObsError(
            f"a week is judged by what came {first} weeks before it and later: "
            f"positions {first} to {y.size - 1} can be asked"
        )
    if levels > 1 and period - 2 * half_window - 1 < levels - 1:
        raise ObsError(f"{levels} levels do not fit between windows of {2 * half_window + 1} weeks")


def _season_steps(now: int, period: int, years: int, half_window: int, levels: int) -> Floats:
    """Season's step of every past week from the oldest window on; NaN before it."""
    steps = np.full(now + 1, np.nan)
    steps[now - half_window :] = levels
    between = period - 2 * half_window - 1
    lengths = np.full(max(levels - 1, 1), between // max(levels - 1, 1))
    lengths[: between - lengths.sum()] += 1
    pattern = np.repeat(np.arange(1, lengths.size + 1), lengths) if levels > 1 else np.nan
    for year in range(1, years + 1):
        centre = now - year * period
        steps[centre - half_window : centre + half_window + 1] = levels
        start = centre + half_window + 1
        steps[start : start + between] = pattern
    return steps


def _flag_weeks(
    y: Floats, now: int, steps: Floats, guard: int, false_alarm: float
) -> tuple[float, float, float, float]:
    enough, span = _ENOUGH
    if not np.nansum(y[now - span + 1 : now + 1]) >= enough:
        return np.nan, np.nan, np.nan, np.nan
    usable = ~np.isnan(steps) & ~np.isnan(y[: now + 1])
    usable[max(now - guard, 0) :] = False
    past = np.flatnonzero(usable)
    season = (steps[past, None] == np.unique(steps[past])[None, :]).astype(np.float64)
    here = (np.unique(steps[past]) == steps[now]).astype(np.float64)
    trend = ((past - now) / 52.0)[:, None]
    columns = np.hstack([season, trend])
    with_trend = np.linalg.matrix_rank(columns) == columns.shape[1]
    mean = np.inf
    if with_trend:
        mean, phi = _robust_fit(y[past], columns, np.append(here, 0.0))
    if mean > y[past].max():  # a trend must not carry the expected above all that was seen
        mean, phi = _robust_fit(y[past], season, here)
    threshold = float(_count_quantile(1 - false_alarm, mean, phi))
    return mean, threshold, phi, float(_upper_tail(y[now], mean, phi))


def _robust_fit(y: Floats, x: Floats, here: Floats) -> tuple[float, float]:
    """Fit twice, the second time with extreme weeks weighted down; predict one row."""
    weights = np.ones(y.size)
    beta, mean, phi = _quasi_poisson(y, x, weights)
    leverage = (factor_rows(x, mean).q ** 2).sum(axis=1)
    anscombe = 1.5 * (y ** (2 / 3) * mean ** (-1 / 6) - np.sqrt(mean))
    anscombe /= np.sqrt(phi * np.maximum(1 - leverage, 1e-9))
    weights = np.where(anscombe > _ANSCOMBE, np.maximum(anscombe, _ANSCOMBE) ** -2.0, 1.0)
    weights *= y.size / weights.sum()
    beta, mean, phi = _quasi_poisson(y, x, weights)
    return float(np.exp(here @ beta)), phi


def _quasi_poisson(y: Floats, x: Floats, weights: Floats) -> tuple[Floats, Floats, float]:
    mean = y + 0.1
    beta = np.zeros(x.shape[1])
    for _ in range(50):
        linear = np.log(mean)
        solved = factor_rows(x, weights * mean).solve(linear + (y - mean) / mean)
        step = float(np.abs(solved - beta).max())
        beta = solved
        mean = np.exp(np.clip(x @ beta, -30, 30))
        if step < 1e-10:
            break
    phi = float(np.sum(weights * (y - mean) ** 2 / mean) / (y.size - x.shape[1]))
    return beta, mean, max(phi, 1.0)


def _count_quantile(chance: float, mean: float, phi: float) -> float:
    if phi > 1:
        return float(stats.nbinom.ppf(chance, mean / (phi - 1), 1 / phi))
    return float(stats.poisson.ppf(chance, mean))


def _upper_tail(count: float, mean: float, phi: float) -> float:
    if phi > 1:
        return float(stats.nbinom.sf(count - 1, mean / (phi - 1), 1 / phi))
    return float(stats.poisson.sf(count - 1, mean))
