"""Estimate the season of small counts: harmonics and a smooth trend in a negative binomial model.

Below about 20 events a month the irregular part is chance, and averages of ratios follow it.
Such counts can support a season of two waves at most.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats
from scipy.interpolate import BSpline

from obs.errors import ObsError
from obs.stats.arrays import Dates, Floats
from obs.stats.series.count_regression import CountFit, fit_counts
from obs.stats.series.harmonics import harmonic_terms
from obs.stats.series.rate_disturbance import rate_disturbance

__all__ = ["MIN_MEAN_COUNT", "MIN_MEAN_RATIO", "CountSeason", "fit_count_season"]


MIN_MEAN_RATIO = 20.0  # events a period from which ratios can be averaged
MIN_MEAN_COUNT = 5.0  # below, three years of months hold too few events for any season
_TEST_LEVEL = 0.05


@dataclass(frozen=True)
class CountSeason:
    """Trend, seasonal factor and adjusted counts, and whether a season was shown at all."""

    observed: Floats
    trend: Floats
    seasonal: Floats
    adjusted: Floats
    fit: CountFit
    seasonal_p_value: float
    has_season: bool


def fit_count_season(
    counts: ArrayLike,
    months: Dates,
    *,
    period: int = 12,
    harmonics: int = 2,
) -> CountSeason:
    """Adjust small counts by the season of a negative binomial regression.

    The trend is a cubic spline of one knot in two years, the season `harmonics` waves, the
    days of each period are the exposure. A Wald test with autocorrelated errors decides:
    without a season shown at 5 %, the factor is that of the days alone.

    Parameters
    ----------
    counts : array_like of shape (n,)
        Whole events; zeros are welcome, a missing count is not.
    months : ndarray of datetime64 of shape (n,)
        First month of each period.
    period : {12, 4}
        Periods a year.
    harmonics : int
        Waves of the season; one for quarters.

    Returns
    -------
    CountSeason
        The adjusted count is the count over its factor: a zero stays a zero.

    Raises
    ------
    ObsError
        Fewer than three years, fewer than 5 events a period on average, missing counts.

    Examples
    --------
    >>> months = np.arange("2016-01", "2022-01", dtype="M8[M]")
    >>> mean = 10 * np.exp(0.5 * np.cos(np.arange(72) * np.pi / 6))
    >>> result = fit_count_season(np.random.default_rng(4).poisson(mean), months)
    >>> result.has_season, result.seasonal[0] > 1.3
    (True, np.True_)
    """
    y = np.asarray(counts, dtype=np.float64)
    if y.size < 3 * period:
        raise ObsError(f"{y.size} periods are fewer than three years")
    if np.isnan(y).any():
        raise ObsError("a missing count: a count model needs every period")
    if y.mean() < MIN_MEAN_COUNT:
        raise ObsError(
            f"{y.mean():.1f} events a period are fewer than {MIN_MEAN_COUNT:.0f}: take a higher "
            "level or longer periods; no season can be told"
        )
    days = _relative_days(months, 12 // period)
    waves, _ = harmonic_terms(
        np.arange(y.size), period=period, harmonics=min(harmonics, period // 4)
    )
    trend = _trend_columns(y.size, period)
    fit = fit_counts(y, np.hstack([trend, waves]), exposure=days)
    p_value = _test_waves(fit, trend.shape[1])
    has_season = p_value < _TEST_LEVEL
    wave = waves @ fit.coefficients[trend.shape[1] :] if has_season else np.zeros(y.size)
    seasonal = days * np.exp(wave)
    level = np.exp(trend @ fit.coefficients[: trend.shape[1]])
    return CountSeason(y, level, seasonal, y / seasonal, fit, p_value, has_season)


def _relative_days(months: Dates, step: int) -> Floats:
    """Days of each period over those of a mean one."""
    start = months.astype("M8[M]")
    days = ((start + step).astype("M8[D]") - start.astype("M8[D]")).astype(np.float64)
    return np.asarray(days / (365.25 * step / 12))


def _trend_columns(n: int, period: int) -> Floats:
    """Cubic spline columns with one inner knot in two years, ends included."""
    inner = np.linspace(0, n - 1, max(n // (2 * period), 1) + 2)[1:-1]
    knots = np.concatenate([[0.0] * 4, inner, [float(n - 1)] * 4])
    return np.asarray(BSpline.design_matrix(np.arange(n, dtype=np.float64), knots, 3).toarray())


def _test_waves(fit: CountFit, first: int) -> float:
    """Test the waves, averaged over what the disturbance of the rate may be."""
    influence = fit.influence[:, first:]
    found = rate_disturbance(fit)
    chance = influence.T @ (influence / fit.mean[:, None])
    covariance = chance + found.covariance(influence)
    waves = fit.coefficients[first:]
    solved = np.linalg.solve(
        covariance, np.broadcast_to(waves[:, None], (*covariance.shape[:2], 1))
    )
    return float(found.weight @ stats.chi2.sf(solved[:, :, 0] @ waves, waves.size))
