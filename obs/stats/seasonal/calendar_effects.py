"""Build calendar regressors: working days, trading days, Easter, leap year.

Each regressor is centred on the mean of its calendar month. Effects that recur every year belong
to the season; only what varies between years is a calendar effect.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from obs.errors import ObsError
from obs.stats.arrays import Dates, Floats, Integers

__all__ = [
    "CalendarKind",
    "calendar_regressors",
    "easter_day",
    "leap_year_factor",
    "weekday_counts",
]

CalendarKind = Literal["none", "working_days", "trading_days"]

_REFERENCE = (1992, 2019)  # one full cycle of weekdays and leap years


def weekday_counts(months: Dates, *, holidays: Dates | None = None, step: int = 1) -> Floats:
    """Count each weekday of each month, public holidays counted as Sundays.

    Parameters
    ----------
    months : ndarray of datetime64 of shape (n,)
        First month of each period.
    holidays : ndarray of datetime64 or None
        Public holidays; those outside the periods do not matter.
    step : int
        Months in a period: 1, or 3 for quarters.

    Returns
    -------
    ndarray of shape (n, 7)
        Monday first; the columns add to the days of the period.

    Examples
    --------
    >>> weekday_counts(np.array(["2024-05"], "M"), holidays=np.array(["2024-05-01"], "M8[D]"))
    array([[4., 4., 4., 5., 5., 4., 5.]])
    """
    start = months.astype("datetime64[M]")
    first, last = start.astype("datetime64[D]"), (start + step).astype("datetime64[D]")
    closed = np.array([], "M8[D]") if holidays is None else holidays.astype("datetime64[D]")
    counts = np.empty((months.size, 7))
    for day in range(7):
        mask = [1 if d == day else 0 for d in range(7)]
        off = closed if day < 6 else np.array([], "M8[D]")
        counts[:, day] = np.busday_count(first, last, weekmask=mask, holidays=off)
    counts[:, 6] += (last - first).astype(float) - counts.sum(axis=1)
    return counts


def calendar_regressors(
    months: Dates,
    *,
    kind: CalendarKind,
    holidays: Dates | None = None,
    easter: int = 0,
    step: int = 1,
) -> tuple[Floats, tuple[str, ...]]:
    """Make the calendar's regressors for a run of months.

    "working_days" is one contrast, days Monday to Friday less 5/2 of the others;
    "trading_days" six, each weekday less Sundays and holidays; `easter` adds the share of
    the days before Easter Sunday that fall in the month.

    Parameters
    ----------
    months : ndarray of datetime64 of shape (n,)
        First month of each period.
    kind : {"none", "working_days", "trading_days"}
        Which contrasts; "none" leaves Easter alone if it is asked for.
    holidays : ndarray of datetime64 or None
        Public holidays, treated as Sundays, best over a full cycle of 28 years: the
        means of each calendar month are taken over the years they span.
    easter : int
        Days up to Easter Sunday that matter (6 or 8 are usual), 0 for no such effect.
    step : int
        Months in a period: 1, or 3 for quarters.

    Returns
    -------
    regressors : ndarray of shape (n, k)
    names : tuple of str
        `mon`..`sat` or `working_days`, then `easter`.

    Raises
    ------
    ObsError
        An unknown kind.

    References
    ----------
    .. [1] W. R. Bell and S. C. Hillmer, 1983, Modeling time series with calendar
       variation, JASA 78.

    Examples
    --------
    >>> months = np.arange("2024-01", "2024-04", dtype="M8[M]")
    >>> x, names = calendar_regressors(months, kind="working_days")
    >>> names, x.round(2).ravel().tolist()
    (('working_days',), [3.0, 1.0, -4.0])
    """
    if kind not in ("none", "working_days", "trading_days"):
        raise ObsError(f"unknown calendar {kind!r}; none, working_days or trading_days")
    years = _reference_years(holidays)
    cycle = np.arange(f"{years[0]}-01", f"{years[1] + 1}-01", dtype="M8[M]")
    cycle = cycle[::step]
    made = _raw_regressors(months, kind, holidays, easter, step)
    usual = _raw_regressors(cycle, kind, holidays, easter, step)
    per_year = 12 // step
    if not made.shape[1]:
        return made, ()
    means = usual.reshape(cycle.size // per_year, per_year, -1).mean(axis=0)
    place = (months.astype("M8[M]").astype(int) % 12) // step
    return made - means[place], _regressor_names(kind, easter)


def leap_year_factor(months: Dates, *, step: int = 1) -> Floats:
    """Give how much longer or shorter a period with February is than on average.

    The effect of the 29th is known from arithmetic, so it is divided out beforehand
    rather than estimated from two or three Februaries.

    Returns 1 but for periods that hold February: 29/28.25 in a leap year, else 28/28.25.

    Examples
    --------
    >>> leap_year_factor(np.array(["2024-01", "2024-02", "2023-02"], "M8[M]")).round(4).tolist()
    [1.0, 1.0265, 0.9912]
    """
    start = months.astype("M8[M]")
    february = start.astype("M8[Y]").astype("M8[M]") + 1
    length = (february + 1).astype("M8[D]") - february.astype("M8[D]")
    inside = (february >= start) & (february < start + step)
    usual = 28.25 if step == 1 else 90.25
    return np.where(inside, (usual + length.astype(float) - 28.25) / usual, 1.0)


def easter_day(years: Integers) -> Dates:
    """Give Easter Sunday of the Gregorian calendar.

    Parameters
    ----------
    years : ndarray of int of shape (n,)
        From 1583 on.

    Returns
    -------
    ndarray of datetime64[D] of shape (n,)

    References
    ----------
    .. [1] J. Meeus, 1991, Astronomical algorithms, chapter 8.

    Examples
    --------
    >>> easter_day(np.array([2016, 2024])).astype(str).tolist()
    ['2016-03-27', '2024-03-31']
    """
    y = np.asarray(years, dtype=np.int64)
    a, b, c = y % 19, y // 100, y % 100
    d = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    e = (32 + 2 * (b % 4) + 2 * (c // 4) - d - c % 4) % 7
    f = d + e - 7 * ((a + 11 * d + 22 * e) // 451) + 114
    month = (y - 1970) * 12 + f // 31 - 1
    return np.asarray(month.astype("M8[M]").astype("M8[D]") + f % 31)


def _reference_years(holidays: Dates | None) -> tuple[int, int]:
    if holidays is None or holidays.size == 0:
        return _REFERENCE
    years = holidays.astype("M8[Y]").astype(int) + 1970
    return int(years.min()), int(years.max())


def _raw_regressors(
    months: Dates, kind: CalendarKind, holidays: Dates | None, easter: int, step: int
) -> Floats:
    columns = []
    if kind in ("working_days", "trading_days"):
        counts = weekday_counts(months, holidays=holidays, step=step)
        if kind == "trading_days":
            columns += [counts[:, day] - counts[:, 6] for day in range(6)]
        else:
            columns.append(counts[:, :5].sum(axis=1) - 2.5 * counts[:, 5:].sum(axis=1))
    if easter:
        columns.append(_easter_share(months, easter, step))
    return np.column_stack(columns) if columns else np.empty((months.size, 0))


def _easter_share(months: Dates, window: int, step: int) -> Floats:
    start = months.astype("M8[M]")
    first, last = start.astype("M8[D]"), (start + step).astype("M8[D]")
    easter = easter_day(start.astype("M8[Y]").astype(np.int64) + 1970)
    opening = np.maximum(first, easter - window)
    closing = np.minimum(last, easter)
    return np.asarray(np.maximum((closing - opening).astype(np.float64), 0.0) / window)


def _regressor_names(kind: CalendarKind, easter: int) -> tuple[str, ...]:
    names: list[str] = []
    if kind == "trading_days":
        names += ["mon", "tue", "wed", "thu", "fri", "sat"]
    elif kind == "working_days":
        names.append("working_days")
    if easter:
        names.append("easter")
    return tuple(names)
