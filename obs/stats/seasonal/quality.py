"""Assess an adjusted series: tests of residual seasonality, M statistics, revisions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from obs.errors import ObsError
from obs.stats.arrays import Floats
from obs.stats.seasonal.adjust import MIN_YEARS, SeasonalAdjustment

__all__ = [
    "AggregationCheck",
    "Quality",
    "adjustment_quality",
    "compare_aggregation",
    "ljung_box",
    "qs_test",
    "revision_history",
    "seasonality_f",
    "sliding_spans",
]

Adjust = Callable[[slice], Floats]

_SPAN_LIMIT = 0.03  # a month whose spans differ by more than 3 % is unstable: X-12's rule


@dataclass(frozen=True)
class Quality:
    """Diagnostics of an adjustment; `good` when no residual season and M7 below 1.

    `f_before` and `f_after` test month-to-month changes before and after; `qs_after` is
    Maravall's test. `m1`, `m3` and `m7` are Statistics Canada's: the weight of the
    irregular, its size beside the trend's, and how well the season can be identified.
    """

    f_before: float
    f_before_p: float
    f_after: float
    f_after_p: float
    qs_after: float
    qs_after_p: float
    ljung_box_p: float
    m1: float
    m3: float
    m7: float
    good: bool


@dataclass(frozen=True)
class AggregationCheck:
    """A total adjusted directly and as the sum of its adjusted parts."""

    mean_difference: float
    largest_difference: float
    roughness_direct: float
    roughness_indirect: float
    residual_p_direct: float
    residual_p_indirect: float


def adjustment_quality(result: SeasonalAdjustment) -> Quality:
    """Compute the diagnostics of one adjustment.

    Parameters
    ----------
    result : SeasonalAdjustment
        From `adjust_seasonal`.

    Returns
    -------
    Quality

    References
    ----------
    .. [1] J. Lothian and M. Morry, 1978, A set of quality control statistics for the
       X-11-ARIMA seasonal adjustment method, Statistics Canada.
    .. [2] A. Maravall, 2011, Seasonality tests and automatic model identification in
       TRAMO-SEATS, Bank of Spain.
    """
    period = result.fit.period
    known = ~np.isnan(result.observed)
    before = np.where(known, result.observed, result.trend)
    after = _without_gaps(result)
    if result.mode == "multiplicative":
        before, after = np.log(before), np.log(np.maximum(after, 1e-12))
    clean = after - _outlier_steps(result)
    f_before, f_before_p = seasonality_f(before, period=period)
    f_after, f_after_p = seasonality_f(clean, period=period)
    qs, qs_p = qs_test(clean, period=period)
    m7 = _m7(result)
    return Quality(
        f_before=f_before,
        f_before_p=f_before_p,
        f_after=f_after,
        f_after_p=f_after_p,
        qs_after=qs,
        qs_after_p=qs_p,
        ljung_box_p=ljung_box(result.fit.residuals, lags=2 * period, fitted=2)[1],
        m1=_m1(result),
        m3=max(result.x11.ic_ratio - 1, 0.0) / 2,
        m7=m7,
        good=bool(f_after_p > 0.01 and qs_p > 0.01 and m7 < 1),
    )


def seasonality_f(values: ArrayLike, *, period: int = 12) -> tuple[float, float]:
    """Test whether changes from one period to the next differ by the time of the year.

    Parameters
    ----------
    values : array_like of shape (n,)
        A series on the scale on which effects add up.
    period : int
        Periods a year.

    Returns
    -------
    statistic, p_value : float
        F of season indicators in the differenced series, of which no value may be missing.

    Examples
    --------
    >>> t = np.arange(60)
    >>> noise = np.random.default_rng(0).normal(0, 0.1, 60)
    >>> seasonality_f(np.sin(t * np.pi / 6) + noise)[1] < 1e-10
    True
    """
    change = np.diff(np.asarray(values, dtype=np.float64))
    place = np.arange(change.size) % period
    if np.ptp(change) == 0:
        return 0.0, 1.0
    groups = [change[place == p] for p in range(period)]
    found = stats.f_oneway(*groups)
    return float(found.statistic), float(found.pvalue)


def qs_test(values: ArrayLike, *, period: int = 12) -> tuple[float, float]:
    r"""Test for positive autocorrelation at one and two years: Maravall's QS.

    :math:`QS = n(n+2)\left[\hat\rho_s^2/(n-s) + \max(\hat\rho_{2s},0)^2/(n-2s)\right]` of
    the differenced series, 0 if :math:`\hat\rho_s \le 0`; chi-squared of 2 degrees.

    Parameters
    ----------
    values : array_like of shape (n,)
        A series on the scale on which effects add up.
    period : int
        Periods a year.

    Returns
    -------
    statistic, p_value : float
    """
    change = np.diff(np.asarray(values, dtype=np.float64))
    change = change - change.mean()
    n, power = change.size, float(change @ change)
    if power <= 0:
        return 0.0, 1.0
    first, second = (float(change[h:] @ change[:-h]) / power for h in (period, 2 * period))
    if first <= 0:
        return 0.0, 1.0
    statistic = n * (n + 2) * (first**2 / (n - period) + max(second, 0) ** 2 / (n - 2 * period))
    return statistic, float(stats.chi2.sf(statistic, 2))


def ljung_box(residuals: ArrayLike, *, lags: int, fitted: int = 0) -> tuple[float, float]:
    """Test whether residuals are uncorrelated up to a number of lags.

    Parameters
    ----------
    residuals : array_like of shape (n,)
        In the order of time.
    lags : int
        Cut at half of n.
    fitted : int
        Parameters of the model, taken off the degrees of freedom.

    Returns
    -------
    statistic, p_value : float

    Raises
    ------
    ObsError
        A missing or infinite residual.

    Examples
    --------
    >>> statistic, p_value = ljung_box(np.tile([1.0, -1.0], 20), lags=1)
    >>> round(statistic, 2)
    40.95
    """
    e = np.asarray(residuals, dtype=np.float64)
    if not np.isfinite(e).all():
        raise ObsError("residuals: some are missing or infinite; a test of their memory needs all")
    e = e - e.mean()
    power = float(e @ e)
    if power == 0:
        return 0.0, 1.0
    lags = min(lags, e.size // 2)
    parts = [(float(e[h:] @ e[:-h]) / power) ** 2 / (e.size - h) for h in range(1, lags + 1)]
    statistic = e.size * (e.size + 2) * sum(parts)
    return statistic, float(stats.chi2.sf(statistic, max(lags - fitted, 1)))


def sliding_spans(
    n: int, adjust: Adjust, *, spans: int = 4, years: int = 8, period: int = 12
) -> tuple[float, Floats]:
    """Adjust overlapping spans, each a year later, and see how far they disagree.

    Parameters
    ----------
    n : int
        Periods of the series.
    adjust : callable
        Takes the slice of the series to adjust, gives its adjusted values.
    spans, years : int
        How many spans, and how long each.
    period : int
        Periods a year.

    Returns
    -------
    unstable : float
        Share of periods whose adjusted values differ by more than 3 %; above 0.15 is
        doubtful, above 0.25 not to be published.
    difference : ndarray of shape (n,)
        Largest over smallest adjusted value less 1; NaN where fewer than two spans.

    Raises
    ------
    ObsError
        A series shorter than the spans need.

    References
    ----------
    .. [1] D. F. Findley, B. C. Monsell, H. B. Shulman and M. G. Pugh, 1990, Sliding-spans
       diagnostics for seasonal and related adjustments, JASA 85.
    """
    length = years * period
    first = n - length - (spans - 1) * period
    if first < 0:
        raise ObsError(f"{spans} spans of {years} years need {spans + years - 1} years")
    table = np.full((spans, n), np.nan)
    for i in range(spans):
        part = slice(first + i * period, first + i * period + length)
        table[i, part] = adjust(part)
    shared = (~np.isnan(table)).sum(axis=0) >= 2
    difference = np.full(n, np.nan)
    high, low = np.nanmax(table[:, shared], axis=0), np.nanmin(table[:, shared], axis=0)
    difference[shared] = high / low - 1
    return float(np.mean(difference[shared] > _SPAN_LIMIT)), difference


def revision_history(
    n: int, adjust: Adjust, *, last: int = 24, period: int = 12
) -> tuple[Floats, Floats]:
    """Adjust the series as it stood at each of its last periods, and follow the revisions.

    Parameters
    ----------
    n : int
        Periods of the series.
    adjust : callable
        Takes the slice of the series to adjust, gives its adjusted values.
    last : int
        Periods whose first publication is replayed.
    period : int
        Periods a year.

    Returns
    -------
    first, final : ndarray of shape (last,)
        Each adjusted value as first published, and as of now.

    Raises
    ------
    ObsError
        Fewer than three years before the first replayed period.
    """
    if n - last < MIN_YEARS * period:
        raise ObsError(f"{last} replays leave fewer than {MIN_YEARS} years: ask for fewer")
    first = np.array([adjust(slice(0, end))[-1] for end in range(n - last + 1, n + 1)])
    return first, adjust(slice(0, n))[-last:]


def compare_aggregation(
    total: SeasonalAdjustment, parts: list[SeasonalAdjustment]
) -> AggregationCheck:
    """Set a total adjusted directly beside the sum of its adjusted parts.

    Parameters
    ----------
    total : SeasonalAdjustment
        Of the sum of the parts.
    parts : list of SeasonalAdjustment
        Of the same periods.

    Returns
    -------
    AggregationCheck
        Differences relative to the direct series, over the periods that are not missing;
        roughness is the mean absolute change from one period to the next (smaller is smoother);
        p-values of season left over. A missing period has its trend in these.

    Raises
    ------
    ObsError
        Parts that do not add up to the total.
    """
    summed = np.sum([p.observed for p in parts], axis=0)
    if not np.allclose(summed, total.observed, rtol=1e-6, equal_nan=True):
        raise ObsError("the parts do not add up to the total: direct and indirect cannot agree")
    direct = _without_gaps(total)
    indirect = np.sum([_without_gaps(p) for p in parts], axis=0)
    gap = np.abs(indirect / direct - 1)[~np.isnan(total.observed)]
    period = total.fit.period
    return AggregationCheck(
        mean_difference=float(np.mean(gap)),
        largest_difference=float(np.max(gap)),
        roughness_direct=_roughness(direct),
        roughness_indirect=_roughness(indirect),
        residual_p_direct=seasonality_f(direct, period=period)[1],
        residual_p_indirect=seasonality_f(indirect, period=period)[1],
    )


def _without_gaps(result: SeasonalAdjustment) -> Floats:
    """Give the adjusted values, and the trend where the observed one is missing."""
    return np.where(np.isnan(result.observed), result.trend, result.adjusted)


def _outlier_steps(result: SeasonalAdjustment) -> Floats:
    """Effects of the outliers, which stay in the adjusted series and would mask a season."""
    months = np.arange(result.observed.size)
    steps = np.zeros(months.size)
    for outlier in result.outliers:
        shape = (months == outlier.at) if outlier.kind == "AO" else (months >= outlier.at)
        unit = (
            1.0 if result.mode == "multiplicative" else float(np.nanmean(np.abs(result.observed)))
        )
        steps += outlier.effect * unit * shape
    return steps


def _m1(result: SeasonalAdjustment) -> float:
    """Ten times the irregular's part in the variance of changes over three periods."""
    parts = [result.irregular, result.x11.trend, result.seasonal]
    if result.mode == "multiplicative":
        parts = [np.log(np.maximum(p, 1e-12)) for p in parts]
    power = [float(np.nanmean((p[3:] - p[:-3]) ** 2)) for p in parts]
    return 10 * power[0] / max(sum(power), 1e-300)


def _m7(result: SeasonalAdjustment) -> float:
    """How well the season can be identified: stable over moving seasonality."""
    period = result.fit.period
    ratios = result.x11.seasonal * result.x11.irregular
    if result.mode == "additive":
        ratios = result.x11.seasonal + result.x11.irregular
    years = ratios.size // period
    table = ratios[ratios.size - years * period :].reshape(years, period)
    stable = stats.f_oneway(*table.T).statistic
    gaps = np.abs(table - (1.0 if result.mode == "multiplicative" else 0.0))
    moving = _between_years(gaps)
    stable = max(float(stable), 1e-12)
    return float(np.sqrt((7 / stable + 3 * moving / stable) / 2))


def _between_years(table: Floats) -> float:
    """F of the years in a two-way layout of years and months."""
    years, period = table.shape
    grand = table.mean()
    year, month = table.mean(axis=1, keepdims=True), table.mean(axis=0, keepdims=True)
    rest = table - year - month + grand
    between = period * float(np.sum((year - grand) ** 2)) / (years - 1)
    within = float(np.sum(rest**2)) / ((years - 1) * (period - 1))
    return float(between / max(within, 1e-300))


def _roughness(series: Floats) -> float:
    return float(np.nanmean(np.abs(np.diff(series) / series[:-1])))
