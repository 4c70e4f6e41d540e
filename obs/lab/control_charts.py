"""Compute control charts in time (XmR, P, C, U) and the rules that signal.

A chart tells whether a process is stable. It tests no cause and ranks no unit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from obs.errors import ObsError
from obs.stats.arrays import Flags, Floats

__all__ = [
    "ControlChart",
    "c_chart",
    "moving_range_limit",
    "p_chart",
    "run_signals",
    "u_chart",
    "xmr_chart",
]


_D2, _D4 = 1.128, 3.267  # of ranges of two: Shewhart's constants
_RUN, _TREND = 8, 6


@dataclass(frozen=True)
class ControlChart:
    """Values, centre line, limits at three sigma, and the signals by rule."""

    values: Floats
    centre: Floats
    lower: Floats
    upper: Floats
    sigma: Floats
    signals: dict[str, Flags]

    @property
    def any_signal(self) -> Flags:
        """Tell the points that any rule calls."""
        return np.asarray(np.any(np.stack(list(self.signals.values())), axis=0))


def xmr_chart(values: ArrayLike, *, baseline: int | None = None) -> ControlChart:
    r"""Chart single values by their moving range.

    Limits :math:`\bar x \pm 3\,\overline{mR}/1.128`: short-term variation judges the long.

    Parameters
    ----------
    values : array_like of shape (n,)
        One value a period, missing allowed.
    baseline : int or None
        First points that set the limits; None uses all.

    Returns
    -------
    ControlChart

    Raises
    ------
    ObsError
        Fewer than two known values in the baseline.

    Notes
    -----
    Nine baseline points or more make limits worth drawing; a seasonal series must be
    adjusted first.

    References
    ----------
    .. [1] D. J. Wheeler and D. S. Chambers, 1992, Understanding statistical process control.

    Examples
    --------
    >>> chart = xmr_chart([10, 12, 11, 9, 10, 12, 11, 30])
    >>> chart.signals["beyond_limits"].tolist()[-1], round(float(chart.upper[0]), 2)
    (True, 23.76)
    """
    x = _finite_values(values)
    known = x[:baseline][~np.isnan(x[:baseline])]
    if known.size < 2:
        raise ObsError("two known values or more are needed in the baseline of a control chart")
    sigma = np.full(x.size, np.abs(np.diff(known)).mean() / _D2)
    return _make_chart(x, np.full(x.size, known.mean()), sigma, lowest=-np.inf)


def moving_range_limit(values: ArrayLike) -> float:
    """Give the upper limit of the moving ranges of an XmR chart, 3.267 times their mean.

    Parameters
    ----------
    values : array_like of shape (n,)
        One value a period, missing allowed.

    Returns
    -------
    float
    """
    x = _finite_values(values)
    return float(_D4 * np.abs(np.diff(x[~np.isnan(x)])).mean())


def c_chart(counts: ArrayLike, *, baseline: int | None = None) -> ControlChart:
    r"""Chart counts of equal exposure: :math:`\bar c \pm 3\sqrt{\bar c}`.

    Parameters
    ----------
    counts : array_like of shape (n,)
        Events of periods of the same length, missing allowed.
    baseline : int or None
        First points that set the limits; None uses all.

    Returns
    -------
    ControlChart

    Raises
    ------
    ObsError
        Negative or infinite counts, an empty baseline.

    Examples
    --------
    >>> chart = c_chart([9, 11, 10, 10, 22])
    >>> float(chart.centre[0]), chart.any_signal.tolist()
    (12.4, [False, False, False, False, False])
    """
    y = np.asarray(counts, dtype=np.float64)
    return u_chart(y, np.ones(y.size), baseline=baseline)


def u_chart(
    counts: ArrayLike,
    exposure: ArrayLike,
    *,
    baseline: int | None = None,
    overdispersed: bool = False,
) -> ControlChart:
    r"""Chart rates of unequal exposure: :math:`\bar u \pm 3\sqrt{\bar u/n_t}`.

    Parameters
    ----------
    counts : array_like of shape (n,)
        Events, missing allowed.
    exposure : array_like of shape (n,)
        Days, inhabitants; a point without exposure is missing.
    baseline : int or None
        First points that set the limits; None uses all.
    overdispersed : bool
        Widen the limits by the moving range of the standardised values (Laney's U').

    Returns
    -------
    ControlChart
        In rates.

    Raises
    ------
    ObsError
        Negative or infinite values, an empty baseline.

    References
    ----------
    .. [1] D. B. Laney, 2002, Improved control charts for attributes, Quality Engineering 14.

    Examples
    --------
    >>> chart = u_chart([10, 30, 20], [10, 30, 20])
    >>> chart.upper.round(2).tolist()
    [1.95, 1.55, 1.67]
    """
    y, n = _checked_exposure(counts, exposure)
    known = ~np.isnan(y[:baseline])
    if not known.any():
        raise ObsError("no known value in the baseline of the control chart")
    centre = float(y[:baseline][known].sum() / n[:baseline][known].sum())
    sigma = np.sqrt(centre / n)
    if overdispersed:
        sigma = sigma * _laney_sigma(y / n, centre, sigma, baseline)
    return _make_chart(y / n, np.full(y.size, centre), sigma, lowest=0.0)


def p_chart(
    parts: ArrayLike, wholes: ArrayLike, *, baseline: int | None = None, overdispersed: bool = False
) -> ControlChart:
    r"""Chart shares: :math:`\bar p \pm 3\sqrt{\bar p(1-\bar p)/n_t}`.

    Parameters
    ----------
    parts, wholes : array_like of shape (n,)
        Share's numerator and denominator; missing parts allowed.
    baseline : int or None
        First points that set the limits; None uses all.
    overdispersed : bool
        Widen the limits by the moving range of the standardised values (Laney's P').

    Returns
    -------
    ControlChart
        In shares, limits within 0 and 1.

    Raises
    ------
    ObsError
        Parts outside 0 to whole, negative or infinite values, an empty baseline.

    Examples
    --------
    >>> chart = p_chart([40, 45, 38, 80], [100, 100, 100, 100], baseline=3)
    >>> chart.signals["beyond_limits"].tolist()
    [False, False, False, True]
    """
    y, n = _checked_exposure(parts, wholes)
    if np.any(y > n):
        raise ObsError("a part is larger than its whole")
    known = ~np.isnan(y[:baseline])
    if not known.any():
        raise ObsError("no known value in the baseline of the control chart")
    centre = float(y[:baseline][known].sum() / n[:baseline][known].sum())
    sigma = np.sqrt(centre * (1 - centre) / n)
    if overdispersed:
        sigma = sigma * _laney_sigma(y / n, centre, sigma, baseline)
    return _make_chart(y / n, np.full(y.size, centre), sigma, lowest=0.0, highest=1.0)


def run_signals(values: ArrayLike, centre: ArrayLike, sigma: ArrayLike) -> dict[str, Flags]:
    """Apply the run rules to a chart; each rule marks every point of the run it calls.

    Parameters
    ----------
    values, centre, sigma : array_like of shape (n,)
        Points, centre line and one standard deviation.

    Returns
    -------
    dict of ndarray of bool
        `beyond_limits`: outside three sigma; `two_of_three`: two of three beyond two
        sigma on one side; `four_of_five`: four of five beyond one sigma on one side;
        `run`: eight in a row on one side; `trend`: six in a row that only rise or fall.

    References
    ----------
    .. [1] Western Electric Company, 1956, Statistical quality control handbook.
    .. [2] L. S. Nelson, 1984, The Shewhart control chart: tests for special causes,
       Journal of Quality Technology 16.

    Examples
    --------
    >>> found = run_signals([1, 1, 1, 1, 1, 1, 1, 1, -1], [0] * 9, [2] * 9)
    >>> found["run"].tolist()
    [True, True, True, True, True, True, True, True, False]
    """
    x = np.asarray(values, dtype=np.float64)
    spread = np.asarray(sigma, dtype=np.float64)
    z = (x - np.asarray(centre, dtype=np.float64)) / np.where(spread > 0, spread, np.nan)
    z = np.where(np.isnan(z), 0.0, z)
    moves = np.where(np.isnan(np.diff(x)), 0.0, np.diff(x))
    return {
        "beyond_limits": np.abs(z) > 3,
        "two_of_three": _windows_with(z > 2, 2, 3) | _windows_with(z < -2, 2, 3),
        "four_of_five": _windows_with(z > 1, 4, 5) | _windows_with(z < -1, 4, 5),
        "run": _windows_with(z > 0, _RUN, _RUN) | _windows_with(z < 0, _RUN, _RUN),
        "trend": _trend_runs(moves > 0) | _trend_runs(moves < 0),
    }


def _windows_with(hits: Flags, wanted: int, among: int) -> Flags:
    """Mark the hits inside every window of `among` points that holds `wanted` of them."""
    marked = np.zeros(hits.size, dtype=bool)
    for start in range(hits.size - among + 1):
        window = slice(start, start + among)
        if hits[window].sum() >= wanted:
            marked[window] |= hits[window]
    return marked


def _trend_runs(steps: Flags) -> Flags:
    marked = np.zeros(steps.size + 1, dtype=bool)
    for start in range(steps.size - _TREND + 2):
        if steps[start : start + _TREND - 1].all():
            marked[start : start + _TREND] = True
    return marked


def _laney_sigma(rates: Floats, centre: float, sigma: Floats, baseline: int | None) -> float:
    z = ((rates - centre) / sigma)[:baseline]
    return max(float(np.abs(np.diff(z[~np.isnan(z)])).mean() / _D2), 1.0)


def _checked_exposure(counts: ArrayLike, exposure: ArrayLike) -> tuple[Floats, Floats]:
    y, n = _finite_values(counts), _finite_values(exposure)
    if y.shape != n.shape or y.ndim != 1:
        raise ObsError("one exposure for each count is needed, in one dimension")
    if np.any(y < 0) or np.any(n < 0):
        raise ObsError("counts and exposures are at least 0")
    known = (n > 0) & ~np.isnan(y)
    return np.where(known, y, np.nan), np.where(n > 0, n, np.nan)


def _finite_values(values: ArrayLike) -> Floats:
    x = np.asarray(values, dtype=np.float64)
    if np.isinf(x).any():
        raise ObsError("an infinite value: leave unknown ones missing")
    return x


def _make_chart(
    values: Floats, centre: Floats, sigma: Floats, *, lowest: float, highest: float = np.inf
) -> ControlChart:
    return ControlChart(
        values=values,
        centre=centre,
        lower=np.maximum(centre - 3 * sigma, lowest),
        upper=np.minimum(centre + 3 * sigma, highest),
        sigma=sigma,
        signals=run_signals(values, centre, sigma),
    )
