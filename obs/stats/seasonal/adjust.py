"""Adjust a series for season and calendar: a regression with airline errors, then X-11.

Series under three years are refused. Choices left to "auto" are made by the corrected Akaike
criterion and can be read in the result.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from obs.errors import ObsError
from obs.stats.arrays import Dates, Floats
from obs.stats.seasonal.airline import AirlineFit, extend, fit_airline
from obs.stats.seasonal.calendar_effects import CalendarKind, calendar_regressors, leap_year_factor
from obs.stats.seasonal.outliers import (
    Outlier,
    OutlierKind,
    critical_value,
    find_outliers,
    outlier_regressors,
)
from obs.stats.seasonal.x11 import PAD_YEARS, X11, Mode, decompose_x11

__all__ = ["MIN_YEARS", "SeasonalAdjustment", "adjust_seasonal"]


MIN_YEARS = 3  # ESS guidelines on seasonal adjustment 2015: under three years do not adjust
FALSE_ALARM = 0.15  # a level shift left in bends the season more than one outlier too many
_TRADING_DAY_YEARS = 5  # six contrasts need more than the least span
_MARGIN = 2.0  # the criterion must be this much lower to leave the usual choice
KINDS: tuple[OutlierKind, ...] = ("AO", "LS")


@dataclass(frozen=True)
class SeasonalAdjustment:
    """The parts of a series: observed = trend, season, calendar and irregular combined.

    Parts are factors around 1 in a multiplicative decomposition, amounts in an additive
    one. Outliers stay in the adjusted series: level shifts in its trend, the others in
    its irregular.
    """

    observed: Floats
    trend: Floats
    seasonal: Floats
    calendar: Floats
    irregular: Floats
    adjusted: Floats
    mode: Mode
    calendar_kind: CalendarKind
    calendar_names: tuple[str, ...]
    outliers: tuple[Outlier, ...]
    fit: AirlineFit
    x11: X11


def adjust_seasonal(
    values: ArrayLike,
    months: Dates,
    *,
    period: Literal[4, 12] = 12,
    holidays: Dates | None = None,
    calendar: CalendarKind | Literal["auto"] = "auto",
    mode: Mode | Literal["auto"] = "auto",
    crises: Sequence[int] = (),
    critical: float | None = None,
) -> SeasonalAdjustment:
    """Adjust a monthly or quarterly series for its season and its calendar.

    The leap day is divided out; calendar contrasts, outliers and the airline model are
    fitted together; the series cleaned of both is extended by forecasts and backcasts
    and decomposed by X-11's averages.

    Parameters
    ----------
    values : array_like of shape (n,)
        The series; NaN allowed for isolated missing periods.
    months : ndarray of datetime64 of shape (n,)
        First month of each period, without gaps.
    period : {12, 4}
        Observations a year.
    holidays : ndarray of datetime64 or None
        Public holidays, best over some 28 years around the series.
    calendar : {"auto", "none", "working_days", "trading_days"}
        Contrasts of the calendar; "auto" takes working days unless another is better by
        more than 2 on the criterion.
    mode : {"auto", "multiplicative", "additive"}
        "auto" takes the multiplicative form unless a value is not above 0 or the
        additive form is better by more than 2.
    crises : sequence of int
        Positions of months that a crisis disturbed: each an outlier of its own.
    critical : float or None
        Smallest t-value of an automatic outlier; None depends on the length.

    Returns
    -------
    SeasonalAdjustment
        Arrays of shape (n,); where the value is missing so are `adjusted`,
        `irregular` and, in an additive decomposition, `calendar`.

    Raises
    ------
    ObsError
        Fewer than three years, periods with gaps, too many missing values, an infinite
        value, nothing but zeros, a multiplicative form for values not above 0.

    References
    ----------
    .. [1] Eurostat, 2015, ESS guidelines on seasonal adjustment.
    .. [2] D. F. Findley et al., 1998, Journal of Business and Economic Statistics 16.
    .. [3] Central Statistics Office (Ireland), 2020, Seasonal adjustment and COVID-19.

    Examples
    --------
    >>> months = np.arange("2015-01", "2023-01", dtype="M8[M]")
    >>> season = np.exp(0.2 * np.cos(np.arange(96) * np.pi / 6))
    >>> y = 200 * season * np.random.default_rng(1).lognormal(0, 0.02, 96)
    >>> result = adjust_seasonal(y, months)
    >>> result.mode, bool(np.abs(result.seasonal / season - 1).max() < 0.04)
    ('multiplicative', True)
    """
    series = _checked_months(values, months, period)
    step = 12 // period
    known = _known_outliers(series, crises)
    filled = _filled_gaps(series)
    leap = leap_year_factor(months, step=step)
    even = filled / leap
    chosen_mode = _choose_mode(even, months, holidays, known, period) if mode == "auto" else mode
    if chosen_mode == "multiplicative" and np.any(even <= 0):
        raise ObsError("a multiplicative season needs values above 0: use mode='additive'")
    scaled = _Scale.of(even, chosen_mode)
    kind = calendar
    if kind == "auto":
        kind = _choose_calendar(scaled, months, holidays, known, period)
    regressors, names = calendar_regressors(months, kind=kind, holidays=holidays, step=step)
    limit = critical_value(series.size, false_alarm=FALSE_ALARM) if critical is None else critical
    outliers, fit = find_outliers(
        scaled.values, regressors, period=period, kinds=KINDS, critical=limit, known=known
    )
    x11 = _decompose(scaled, regressors, outliers, fit)
    return _assemble(series, leap, scaled, regressors, names, kind, outliers, fit, x11)


@dataclass(frozen=True)
class _Scale:
    """The series on the scale on which effects add up, and the way back."""

    values: Floats
    mode: Mode
    unit: float

    @classmethod
    def of(cls, even: Floats, mode: Mode) -> _Scale:
        if mode == "multiplicative":
            return cls(np.log(even), mode, 1.0)
        unit = float(np.mean(np.abs(even))) or 1.0
        return cls(even / unit, mode, unit)

    def back(self, effects: Floats) -> Floats:
        if self.mode == "multiplicative":
            return np.asarray(np.exp(effects))
        return effects * self.unit

    def jacobian(self, lost: int) -> float:
        """Give what the criterion lacks to be compared with that of the untransformed values."""
        if self.mode == "multiplicative":
            return 2 * float(self.values[lost:].sum())
        return 2 * (self.values.size - lost) * float(np.log(self.unit))


def _checked_months(values: ArrayLike, months: Dates, period: int) -> Floats:
    series = np.asarray(values, dtype=np.float64)
    if period not in (4, 12):
        raise ObsError(f"a season of {period} periods is not known: 12 (months) or 4 (quarters)")
    if series.ndim != 1 or series.size != months.size:
        raise ObsError("one value for each period is needed, in one dimension")
    gaps = np.diff(months.astype("M8[M]").astype(int))
    if np.any(gaps != 12 // period):
        raise ObsError("periods must follow one another without a gap; give missing values as NaN")
    if series.size < MIN_YEARS * period:
        raise ObsError(
            f"{series.size} periods are fewer than {MIN_YEARS} years: a season cannot be told "
            "from chance; publish the series unadjusted"
        )
    if np.isinf(series).any() or not np.nan_to_num(series).any():
        raise ObsError("an infinite value, or no event at all: no season can be told")
    if np.isnan(series).sum() > 0.1 * series.size or np.isnan(series[[0, -1]]).any():
        raise ObsError("more than one value in ten, or the first or the last, is missing")
    return series


def _known_outliers(series: Floats, crises: Sequence[int]) -> list[tuple[OutlierKind, int]]:
    at = sorted({*np.flatnonzero(np.isnan(series)).tolist(), *crises})
    return [("AO", int(i)) for i in at if 0 <= i < series.size]


def _filled_gaps(series: Floats) -> Floats:
    absent = np.isnan(series)
    if not absent.any():
        return series
    places = np.arange(series.size)
    filled = series.copy()
    filled[absent] = np.interp(places[absent], places[~absent], series[~absent])
    return filled


def _aicc(
    scaled: _Scale,
    kind: CalendarKind,
    months: Dates,
    holidays: Dates | None,
    known: Sequence[tuple[OutlierKind, int]],
    period: int,
) -> float:
    regressors, _ = calendar_regressors(months, kind=kind, holidays=holidays, step=12 // period)
    columns = np.column_stack([regressors, outlier_regressors(months.size, known)])
    fit = fit_airline(scaled.values, columns, period=period)
    return fit.aicc + scaled.jacobian(period + 1)


def _choose_mode(
    even: Floats,
    months: Dates,
    holidays: Dates | None,
    known: Sequence[tuple[OutlierKind, int]],
    period: int,
) -> Mode:
    if np.any(even <= 0):
        return "additive"
    log, plain = (
        _aicc(_Scale.of(even, mode), "working_days", months, holidays, known, period)
        for mode in ("multiplicative", "additive")
    )
    return "additive" if plain < log - _MARGIN else "multiplicative"


def _choose_calendar(
    scaled: _Scale,
    months: Dates,
    holidays: Dates | None,
    known: Sequence[tuple[OutlierKind, int]],
    period: int,
) -> CalendarKind:
    kinds: tuple[CalendarKind, ...] = ("working_days", "none", "trading_days")
    if months.size < _TRADING_DAY_YEARS * period:
        kinds = kinds[:2]
    scores = np.array([_aicc(scaled, kind, months, holidays, known, period) for kind in kinds])
    scores[1:] += _MARGIN  # facts are recorded on working days: the usual choice
    return kinds[int(np.argmin(scores))]


def _decompose(
    scaled: _Scale, regressors: Floats, outliers: Sequence[Outlier], fit: AirlineFit
) -> X11:
    columns = outlier_regressors(scaled.values.size, [(o.kind, o.at) for o in outliers])
    errors = scaled.values - np.column_stack([regressors, columns]) @ fit.coefficients
    extended = scaled.back(extend(fit, errors, steps=PAD_YEARS * fit.period))
    return decompose_x11(extended, n=errors.size, period=fit.period, mode=scaled.mode)


def _assemble(
    series: Floats,
    leap: Floats,
    scaled: _Scale,
    regressors: Floats,
    names: tuple[str, ...],
    kind: CalendarKind,
    outliers: tuple[Outlier, ...],
    fit: AirlineFit,
    x11: X11,
) -> SeasonalAdjustment:
    """Put the calendar, the season and the outliers back where they belong."""
    days = scaled.back(regressors @ fit.coefficients[: regressors.shape[1]])
    shifts = [o for o in outliers if o.kind == "LS"]
    steps = outlier_regressors(series.size, [(o.kind, o.at) for o in shifts])
    level = scaled.back(steps @ np.array([o.effect for o in shifts]))
    if scaled.mode == "multiplicative":
        calendar = leap * days
        adjusted = series / calendar / x11.seasonal
        trend = x11.trend * level
        irregular = adjusted / trend
    else:
        calendar = series - series / leap + days
        adjusted = series - calendar - x11.seasonal
        trend = x11.trend + level
        irregular = adjusted - trend
    return SeasonalAdjustment(
        observed=series,
        trend=trend,
        seasonal=x11.seasonal,
        calendar=calendar,
        irregular=irregular,
        adjusted=adjusted,
        mode=scaled.mode,
        calendar_kind=kind,
        calendar_names=names,
        outliers=outliers,
        fit=fit,
        x11=x11,
    )
