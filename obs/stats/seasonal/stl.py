"""Decompose a series by STL (loess), as a second opinion without a calendar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from obs.errors import ObsError
from obs.stats.arrays import Floats

__all__ = ["StlParts", "decompose_stl"]


@dataclass(frozen=True)
class StlParts:
    """Season, trend, remainder and robustness weights; value = the first three together."""

    seasonal: Floats
    trend: Floats
    remainder: Floats
    weights: Floats


def decompose_stl(
    values: ArrayLike,
    *,
    period: int = 12,
    window: int | Literal["periodic"] = 7,
    trend_window: int | None = None,
    low_pass_window: int | None = None,
    robust: bool = False,
    jump: bool = False,
    seasonal_degree: Literal[0, 1] = 0,
) -> StlParts:
    """Decompose a series by loess with the conventions of R's `stl`.

    Parameters
    ----------
    values : array_like of shape (n,)
        At least two years, none missing.
    period : int
        Observations a year.
    window : int or "periodic"
        Years of the seasonal loess, odd; "periodic" keeps one season throughout.
    trend_window, low_pass_window : int or None
        Odd; None takes Cleveland's values.
    robust : bool
        Weigh outlying remainders down (15 outer rounds of one inner).
    jump : bool
        Interpolate between every tenth of a window, as R does by default; without it each
        point is smoothed by itself.
    seasonal_degree : {0, 1}
        Degree of the seasonal loess; R takes 0, statsmodels 1.

    Returns
    -------
    StlParts

    Raises
    ------
    ObsError
        Too short a series, missing values.

    Notes
    -----
    With `robust`, remainders are weighed by six times their median, as published. R's
    program takes a neighbouring order statistic for an even number of values (0.7 % more
    in its own example of 468 months), so robust results differ in the third digit.

    References
    ----------
    .. [1] R. B. Cleveland, W. S. Cleveland, J. E. McRae and I. Terpenning, 1990, STL: a
       seasonal-trend decomposition procedure based on loess, Journal of Official
       Statistics 6.

    Examples
    --------
    >>> y = np.tile(np.arange(12.0), 4)
    >>> parts = decompose_stl(y, window="periodic")
    >>> bool(np.allclose(parts.remainder, 0, atol=1e-8))
    True
    """
    from statsmodels.tsa.seasonal import STL  # a second to import, and rarely asked for

    y = np.asarray(values, dtype=np.float64)
    if y.size < 2 * period or not np.isfinite(y).all():
        raise ObsError("STL needs two years or more and no missing value")
    seasonal_window = 10 * y.size + 1 if window == "periodic" else int(window)
    degree = 0 if window == "periodic" else seasonal_degree
    trend_window = (
        _odd(1.5 * period / (1 - 1.5 / seasonal_window)) if trend_window is None else trend_window
    )
    low = _odd(period) if low_pass_window is None else low_pass_window
    steps = [int(np.ceil(w / 10)) if jump else 1 for w in (seasonal_window, trend_window, low)]
    fitted = STL(
        y,
        period=period,
        seasonal=seasonal_window,
        trend=trend_window,
        low_pass=low,
        seasonal_deg=degree,
        robust=robust,
        seasonal_jump=steps[0],
        trend_jump=steps[1],
        low_pass_jump=steps[2],
    ).fit(inner_iter=1 if robust else 2, outer_iter=15 if robust else 0)
    seasonal, trend = np.asarray(fitted.seasonal), np.asarray(fitted.trend)
    if window == "periodic":
        place = np.arange(y.size) % period
        means = np.array([seasonal[place == p].mean() for p in range(period)])
        seasonal = means[place]
    return StlParts(seasonal, trend, y - seasonal - trend, np.asarray(fitted.weights))


def _odd(width: float) -> int:
    whole = int(np.ceil(width))
    return whole + 1 - whole % 2
