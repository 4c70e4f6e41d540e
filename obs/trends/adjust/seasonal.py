"""Adjust monthly and quarterly counts for season and calendar, with diagnostics.

Series under three years, and counts too small for any season, are refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from obs.display_cards import card
from obs.errors import ObsError, SchemaError
from obs.schemas import BREAKDOWNS, need_columns, need_frame
from obs.stats.seasonal import (
    MIN_MEAN_RATIO,
    Quality,
    SeasonalAdjustment,
    adjust_seasonal,
    adjustment_quality,
    revision_history,
)
from obs.trends.adjust.rival_adjustments import OTHER_METHODS
from obs.trends.adjust.seasonal_calendar import crisis_spans, holidays_around
from obs.trends.adjust.unadjustable import refuse_stopped, unchanged, varies
from obs.trends.intervention.count_series import check_counts
from obs.trends.period_edges import need_periods

__all__ = ["PANDEMIC", "SeasonalSeries", "adjustment_revisions", "seasonal_adjust"]

Array = NDArray[np.float64]
Dates = NDArray[np.datetime64]
Method = Literal["auto", "x11", "count", "stl", "x13"]

PANDEMIC = (("2020-03", "2020-06"),)  # first wave: each month an outlier of its own
_KEYS = ("indicator", "territory", "line", *BREAKDOWNS)
_UNKNOWN = (
    "missing",
    "provisional",
    "suppressed_source",
    "suppressed_primary",
    "suppressed_secondary",
)
_PARTS = ["observed", "trend", "seasonal", "calendar", "adjusted"]
_DIAGNOSTICS = [
    "method",
    "mode",
    "calendar_effects",
    "n",
    "outliers",
    "season_before_p",
    "season_after_p",
    "qs_p",
    "ljung_box_p",
    "m1",
    "m3",
    "m7",
    "good",
    "reason",
]


@dataclass(frozen=True)
class SeasonalSeries:
    """Adjusted series, their parts and their diagnostics.

    Attributes
    ----------
    table : DataFrame
        One row a series and period: key, `period`, `observed`, `trend`, `seasonal`,
        `calendar` (factors, or amounts in an additive mode), `adjusted`, `outlier`.
    diagnostics : DataFrame
        One row a series: key, `method`, `mode`, `calendar_effects`, `n`, `outliers`,
        p-values of season before and after, of QS and Ljung-Box, `m1`, `m3`, `m7`,
        `good`, and the `reason` of a refusal, or of a series left as it is.
    """

    table: pd.DataFrame
    diagnostics: pd.DataFrame

    def __repr__(self) -> str:
        methods = ", ".join(dict.fromkeys(self.diagnostics["method"].dropna().astype("str")))
        return f"SeasonalSeries({len(self.diagnostics):,} series by {methods or 'no method'})"

    def _repr_html_(self) -> str:
        refused = self.diagnostics["reason"].dropna().astype("str").unique()
        about = {
            "series": f"{len(self.diagnostics):,}",
            "parts": f".table, {len(self.table):,} rows: trend, season, adjusted",
            "methods": ", ".join(self.diagnostics["method"].dropna().astype("str").unique()),
            "reasons": "; ".join(refused),
        }
        return card("SeasonalSeries", about)

    @property
    def adjusted(self) -> pd.Series:
        """The adjusted values of a single series, by period."""
        return self._one("adjusted")

    @property
    def trend(self) -> pd.Series:
        """The trend of a single series, by period."""
        return self._one("trend")

    @property
    def seasonal(self) -> pd.Series:
        """The season of a single series, by period."""
        return self._one("seasonal")

    def _one(self, column: str) -> pd.Series:
        if len(self.diagnostics) != 1:
            raise ObsError(f"{len(self.diagnostics)} series: choose in .table by its key columns")
        return self.table.set_index("period")[column]


def seasonal_adjust(
    series: pd.Series | pd.DataFrame,
    *,
    period: int = 12,
    calendar: str | Sequence[Any] | None = None,
    method: Method = "auto",
    crises: Sequence[tuple[str, str]] = PANDEMIC,
) -> SeasonalSeries:
    """Adjust counts for season and calendar.

    "auto" takes X-11 after a regression with airline errors from 20 events a period on,
    a negative binomial season between 5 and 20 and where X-11's amounts would bring a count
    below 0, and refuses below 5 or under three years. A series that does not vary is left as
    it is; one that stops (zeros at an end that chance cannot give) is refused.

    Parameters
    ----------
    series : Series or DataFrame
        A Series by period (months or quarters), or a table such as INDICATORS with
        `period`, `numerator` and key columns, of one or several series. Not modified.
    period : {12, 4}
        Periods a year; must agree with the frequency of the periods.
    calendar : str or sequence of dates or None
        Country whose public holidays count as Sundays (None is Belgium, "BE"), the
        holidays themselves, or "none" for no effect of the calendar.
    method : {"auto", "x11", "count", "stl", "x13"}
        "stl" is plain STL of logarithms; "x13" runs the X-13ARIMA-SEATS program, which
        must be installed, with its own calendar of weekdays and Easter.
    crises : sequence of (first, last)
        Periods that a crisis disturbed, each modelled as an outlier of its own.

    Returns
    -------
    SeasonalSeries
        Frozen: `.table`, `.diagnostics`; `.adjusted`, `.trend`, `.seasonal` of a single
        series. In a table of several series one that is refused keeps its rows, without
        adjusted values, and its `reason`.

    Raises
    ------
    SchemaError
        Periods that are neither months nor quarters, absent columns, no row, no numbers.
    ObsError
        A single series that is refused: too short, too small, with gaps, stopped; counts
        below 0; an unknown method.

    References
    ----------
    .. [1] Eurostat, 2015, ESS guidelines on seasonal adjustment.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> months = pd.period_range("2014-01", "2019-12", freq="M")
    >>> mean = 200 * (1 + 0.3 * np.cos(np.arange(72) * np.pi / 6))
    >>> counts = pd.Series(np.random.default_rng(1).poisson(mean), index=months)
    >>> result = seasonal_adjust(counts)
    >>> bool(result.adjusted.std() < 0.5 * counts.std())
    True
    >>> result.diagnostics["method"].item(), bool(result.diagnostics["good"].item())
    ('x11', True)
    """
    rows = _long(series, period)
    keys = [c for c in _KEYS if c in rows.columns]
    single = not keys or len(rows[keys].drop_duplicates()) == 1
    parts, notes = [], []
    for key, one in _each(rows, keys):
        try:
            part, note = _adjust_one(one, period, calendar, method, crises)
        except ObsError as refused:
            if single:
                raise
            part, note = _refused(one, method, str(refused))
        parts.append(_with_key(part, key))
        notes.append({**key, **note})
    diagnostics = pd.DataFrame(notes)
    return SeasonalSeries(
        pd.concat(parts, ignore_index=True), diagnostics.reindex(columns=[*keys, *_DIAGNOSTICS])
    )


def adjustment_revisions(
    series: pd.Series,
    *,
    last: int = 24,
    period: int = 12,
    calendar: str | Sequence[Any] | None = None,
    crises: Sequence[tuple[str, str]] = PANDEMIC,
) -> pd.DataFrame:
    """Replay how each of the last values was first published and what it is now.

    Parameters
    ----------
    series : Series
        Counts by period. Not modified.
    last : int
        Periods replayed.
    period, calendar, crises
        As in `seasonal_adjust`.

    Returns
    -------
    DataFrame of shape (last, 4)
        `period`, `first`, `final`, `revision` (final over first, less 1).

    Raises
    ------
    ObsError
        Too short a series.
    """
    rows = _known_span(_long(series, period))
    values, months, holidays, at = _arrays(rows, calendar, crises)

    def adjust(part: slice) -> Array:
        return _x11(values, months, period, calendar, holidays, at, part).adjusted

    first, final = revision_history(values.size, adjust, last=last, period=period)
    return pd.DataFrame(
        {
            "period": rows["period"].iloc[-last:].to_numpy(),
            "first": first,
            "final": final,
            "revision": final / first - 1,
        }
    )


def _long(series: pd.Series | pd.DataFrame, period: int) -> pd.DataFrame:
    if not isinstance(series, pd.Series | pd.DataFrame) or series.empty:
        raise SchemaError("a Series by period, or a table, of one row or more is needed")
    if isinstance(series, pd.Series):
        dtype = need_periods(series.index, who="seasonal_adjust", name="series.index")
        rows = pd.DataFrame({"period": series.index, "numerator": series.to_numpy()})
    else:
        need_frame(series, who="seasonal_adjust")
        need_columns(series, ["period", "numerator"], who="seasonal_adjust")
        dtype = need_periods(series["period"], who="seasonal_adjust", name="period")
        rows = series.reset_index(drop=True)
    per_year = {"M": 12, "Q": 4}.get(dtype.freq.rule_code[0])
    if per_year is None:
        raise SchemaError("a season needs months or quarters")
    check_counts(rows, "numerator", whole=False)
    if per_year != period:
        raise ObsError(f"period={period} does not agree with periods of {per_year} a year")
    return rows.sort_values("period", kind="stable")


def _each(rows: pd.DataFrame, keys: list[str]) -> Iterator[tuple[dict[str, Any], pd.DataFrame]]:
    if not keys:
        yield {}, rows
        return
    for values, one in rows.groupby(keys, sort=True, dropna=False):
        yield dict(zip(keys, values, strict=True)), one


def _adjust_one(
    rows: pd.DataFrame,
    period: int,
    calendar: str | Sequence[Any] | None,
    method: Method,
    crises: Sequence[tuple[str, str]],
) -> tuple[pd.DataFrame, dict[str, Any]]:
    if method not in ("auto", "x11", *OTHER_METHODS):
        raise ObsError(f"unknown method {str(method)[:40]!r}; choose auto, x11, count, stl or x13")
    known = _known_span(rows)
    values, months, holidays, at = _arrays(known, calendar, crises)
    refuse_stopped(values, pd.PeriodIndex(known["period"]), at)
    chosen: str = method
    if method == "auto":
        chosen = "x11" if np.nanmean(values) >= MIN_MEAN_RATIO else "count"
    fitted = None
    if chosen == "x11" and varies(values, period):
        fitted = _x11(values, months, period, calendar, holidays, at, slice(None))
        if method == "auto" and np.any(fitted.adjusted < 0):
            chosen, fitted = "count", None
    if not varies(values, period):
        part, note = unchanged(values)
    elif fitted is not None:
        part, note = _of_x11(fitted, adjustment_quality(fitted))
    else:
        part, note = OTHER_METHODS[chosen](values, months, period, at)
    part.insert(0, "period", known["period"].to_numpy())
    outside = rows.loc[~rows.index.isin(known.index), ["period"]]
    whole = pd.concat([part, outside], ignore_index=True).sort_values("period")
    whole["observed"] = rows["numerator"].to_numpy(np.float64, na_value=np.nan)
    about = {"method": chosen, "n": int(np.sum(~np.isnan(values))), "reason": pd.NA}
    return whole, {**about, **note}


def _known_span(rows: pd.DataFrame) -> pd.DataFrame:
    """Leave out unknown and provisional periods at both ends; inside they become missing."""
    if rows["period"].duplicated().any():
        raise ObsError("a period appears twice in one series: name what tells its rows apart")
    known = rows["numerator"].notna().to_numpy(bool)
    if "status" in rows.columns:
        known = known & ~rows["status"].isin(_UNKNOWN).to_numpy(bool)
    places = np.flatnonzero(known)
    if not places.size:
        raise ObsError("no period has a known count")
    counts = rows["numerator"].astype("Float64").where(known)
    return rows.assign(numerator=counts).iloc[places[0] : places[-1] + 1]


def _arrays(
    rows: pd.DataFrame, calendar: str | Sequence[Any] | None, crises: Sequence[tuple[str, str]]
) -> tuple[Array, Dates, Dates, list[int]]:
    periods = pd.PeriodIndex(rows["period"])
    months = periods.start_time.to_numpy().astype("datetime64[M]")
    values = rows["numerator"].to_numpy(np.float64, na_value=np.nan)
    first, last = periods.start_time, periods.end_time
    inside = np.zeros(len(periods), dtype=bool)
    for opened, closed in crisis_spans(crises):
        inside |= (last >= opened) & (first <= closed)
    at = [int(i) for i in np.flatnonzero(inside)]
    return values, months, holidays_around(periods, calendar), at


def _x11(
    values: Array,
    months: Dates,
    period: int,
    calendar: str | Sequence[Any] | None,
    holidays: Dates,
    at: list[int],
    part: slice,
) -> SeasonalAdjustment:
    inside = range(values.size)[part]
    plain = isinstance(calendar, str) and calendar == "none"
    return adjust_seasonal(
        values[part],
        months[part],
        period=period,  # type: ignore[arg-type]
        holidays=holidays,
        calendar="none" if plain else "auto",
        crises=[i - inside.start for i in at if i in inside],
    )


def _of_x11(fitted: SeasonalAdjustment, quality: Quality) -> tuple[pd.DataFrame, dict[str, Any]]:
    below = int(np.sum(fitted.adjusted < 0))
    named = {o.at: o.kind for o in fitted.outliers}
    part = pd.DataFrame({name: getattr(fitted, name) for name in _PARTS})
    part["outlier"] = pd.array([named.get(i) for i in range(len(part))], dtype="str")
    note = {
        "mode": fitted.mode,
        "calendar_effects": fitted.calendar_kind,
        "outliers": len(fitted.outliers),
        "season_before_p": quality.f_before_p,
        "season_after_p": quality.f_after_p,
        "qs_p": quality.qs_after_p,
        "ljung_box_p": quality.ljung_box_p,
        "m1": quality.m1,
        "m3": quality.m3,
        "m7": quality.m7,
        "good": quality.good and not below,
    }
    if below:
        note["reason"] = (
            f"{below} adjusted count(s) below 0: amounts are taken out of counts too small for "
            "them; take method='count', or a higher level"
        )
    return part, note


def _refused(rows: pd.DataFrame, method: str, reason: str) -> tuple[pd.DataFrame, dict[str, Any]]:
    part = pd.DataFrame({"period": rows["period"].to_numpy()})
    part["observed"] = rows["numerator"].to_numpy(np.float64, na_value=np.nan)
    for name in _PARTS[1:]:
        part[name] = np.nan
    part["outlier"] = pd.array([None] * len(part), dtype="str")
    return part, {"method": method, "n": int(rows["numerator"].notna().sum()), "reason": reason}


def _with_key(part: pd.DataFrame, key: dict[str, Any]) -> pd.DataFrame:
    names = pd.DataFrame({k: [v] * len(part) for k, v in key.items()}, index=part.index)
    return pd.concat([names, part[["period", *_PARTS, "outlier"]]], axis=1)
