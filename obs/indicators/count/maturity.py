"""Measure how complete the registration of recent months is.

The delay of a fact is the number of months from its month to that of its report. The shares
expected of recent months come from older ones; no count is scaled up.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from ibis.expr import types as ir

from obs.catalogue import get_indicator
from obs.errors import ObsError, SchemaError
from obs.indicators.count.covered_days import FREQUENCIES
from obs.indicators.count.event_days import ordinals_of
from obs.indicators.count.from_events import select
from obs.indicators.count.tally import open_events, to_frame
from obs.schemas import INDICATORS, check_table
from obs.stats.series.nowcast import nowcast, reporting_triangle

__all__ = ["COMPLETE", "DELAYS", "add_completeness", "limit_maturity", "nowcast_events"]

COMPLETE = 0.99  # below it a recent figure is provisional (house rule)
RECENT = 12  # months before the last extraction; older figures are definitive (house rule)
DELAYS = 7  # months from 0 to 6: reports later than that are rare, and left out
_KNOWN = ("ok", "zero")


def nowcast_events(
    events: pd.DataFrame | str | Path | ir.Table,
    *,
    deliveries: pd.DataFrame,
    indicator: str | None = None,
    delays: int = DELAYS,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Estimate how complete each month is, and what it will come to, over the territory.

    Parameters
    ----------
    events : DataFrame, path or Ibis table
        EVENTS with event_date and report_date. Facts without a report date are left out.
    deliveries : DataFrame
        Where the facts come from: extracted, covered_from, covered_to, as
        `Registry.deliveries` and `Cleaned.report` have them. A month is known up to the
        last extraction of the deliveries that cover it.
    indicator : str, optional
        Only the facts that this indicator of the catalogue counts.
    delays : int
        Months of delay that are followed; reports later still are left out.
    confidence : float
        Of the intervals.

    Returns
    -------
    DataFrame
        One row per month covered: period, reported, completeness, completeness_low,
        completeness_high, expected, low, high, dispersion, provisional (completeness
        below 0.99, and in the twelve months before the last extraction). All but
        `reported` is missing where no older month shows what comes later.

    Raises
    ------
    ObsError
        If no fact has a report date, or no delivery has its days.
    SchemaError
        If a column is absent.

    See Also
    --------
    obs.stats.series.nowcast.nowcast : The method, its assumptions and its references.

    Examples
    --------
    >>> import pandas as pd
    >>> months = pd.date_range("2021-01-01", "2021-12-01", freq="MS")
    >>> facts = pd.concat([pd.DataFrame({"event_date": months, "report_date": months + delay})
    ...     for delay in [pd.Timedelta(days=1)] * 90 + [pd.Timedelta(days=31)] * 10])
    >>> known = facts[facts["report_date"] < "2022-01-01"].assign(territory="21004")
    >>> deliveries = pd.DataFrame({"extracted": [pd.Timestamp("2021-12-31")],
    ...     "covered_from": pd.Timestamp("2021-01-01"), "covered_to": pd.Timestamp("2021-12-31")})
    >>> table = nowcast_events(known, deliveries=deliveries, delays=2)
    >>> table[["period", "reported", "completeness", "expected"]].tail(2)
         period  reported  completeness  expected
    10  2021-11       100           1.0     100.0
    11  2021-12        90           0.9     100.0
    """
    months, last = _months_known(deliveries)
    counted = _count_by_delay(events, indicator)
    triangle = _triangle(counted, months, last, delays)
    recent = np.arange(len(months)) > last.max() - RECENT
    if np.isnan(triangle[:, -1]).all():  # no month was followed long enough
        return _unknown_completeness(months, triangle)
    found = nowcast(triangle, confidence=confidence)
    figures = {
        name: pd.array(np.round(getattr(found, name), 12), dtype="Float64")
        for name in ("completeness", "completeness_low", "completeness_high", "expected")
    }
    return pd.DataFrame(
        {
            "period": months,
            "reported": pd.array(found.reported, dtype="Int64"),
            **figures,
            "low": pd.array(found.low, dtype="Int64"),
            "high": pd.array(found.high, dtype="Int64"),
            "dispersion": found.dispersion,
            "provisional": (figures["completeness"] < COMPLETE) & recent,
        }
    )


def add_completeness(indicators: pd.DataFrame, nowcasts: pd.DataFrame) -> pd.DataFrame:
    """Add the expected completeness, and call provisional what is below 99 %.

    Parameters
    ----------
    indicators : DataFrame
        INDICATORS by month, quarter or year; weeks have no completeness. Not modified.
    nowcasts : DataFrame
        As `nowcast_events` gives it, over the same territory.

    Returns
    -------
    DataFrame
        INDICATORS with `completeness`: that of its month, or of its months together; a
        period without a nowcast has none. `status` "ok" or "zero" becomes "provisional"
        below 0.99 if one of its months is. Values stay as registered: none is scaled up.

    Raises
    ------
    SchemaError
        If a table lacks columns.

    Examples
    --------
    >>> import pandas as pd
    >>> from obs.indicators import compute
    >>> facts = pd.DataFrame({"event_date": pd.date_range("2021-11-01", "2021-12-31"),
    ...     "territory": "21004", "phenomenon": "bicycle_theft"})
    >>> table = compute("bicycle_theft", {"police": facts}, period="month")
    >>> nowcasts = pd.DataFrame({"period": pd.period_range("2021-11", "2021-12", freq="M"),
    ...     "reported": [30, 31], "expected": [30.0, 38.75], "provisional": [False, True]})
    >>> shown = add_completeness(table, nowcasts)
    >>> shown.loc[shown["territory"] == "21004", ["period", "status", "completeness"]]
       period       status  completeness
    6  2021-11           ok           1.0
    7  2021-12  provisional           0.8
    """
    table = check_table(indicators, INDICATORS)
    shares = _completeness_by_period(nowcasts, table["period"].dtype.freq)
    completeness = table["period"].map(shares["share"]).astype("Float64")
    recent = table["period"].map(shares["provisional"]).astype("boolean")
    open_ = ((completeness < COMPLETE) & recent).fillna(value=False).astype(bool)
    open_ &= table["status"].isin(_KNOWN)
    return check_table(
        table.assign(completeness=completeness, status=table["status"].mask(open_, "provisional")),
        INDICATORS,
    )


def limit_maturity(events: pd.DataFrame, *, days: int, period: str = "month") -> pd.DataFrame:
    """Keep the facts that were registered within some days of the end of their period.

    Counting what is left compares periods at equal maturity: each as it was known so many
    days after its end, whenever the data were extracted.

    Parameters
    ----------
    events : DataFrame
        EVENTS with event_date and report_date. Not modified.
    days : int
        Days from the last day of the fact's period to the report, at least 0: no more
        than have passed since the end of the last period compared.
    period : {"week", "month", "quarter", "year"}
        Periods that will be compared.

    Returns
    -------
    DataFrame
        Fewer rows, same columns.

    Raises
    ------
    ObsError
        An unknown period, or negative days.
    SchemaError
        If a date is missing: what was registered when is not known.

    Examples
    --------
    >>> import pandas as pd
    >>> facts = pd.DataFrame({"event_date": pd.to_datetime(["2020-04-03", "2020-04-28"]),
    ...     "report_date": pd.to_datetime(["2020-06-15", "2020-05-02"])})
    >>> len(limit_maturity(facts, days=31))
    1
    """
    if period not in FREQUENCIES:
        raise ObsError(f"period {period!r} is not one of {', '.join(FREQUENCIES)}")
    if days < 0:
        raise ObsError(f"days ({days}) is negative: a period is not over before its end")
    dates = _dates(events)
    if missing := int(dates.isna().any(axis=1).sum()):
        raise SchemaError(
            f"table EVENTS: {missing} rows lack event_date or report_date; equal maturity "
            "needs both, leave those rows out and say so"
        )
    ends = dates["event_date"].dt.to_period(FREQUENCIES[period]).dt.end_time.dt.normalize()
    return events[(dates["report_date"] - ends).dt.days.to_numpy() <= days]


def _dates(events: pd.DataFrame) -> pd.DataFrame:
    absent = [c for c in ("event_date", "report_date") if c not in events]
    if absent:
        raise SchemaError(f"table EVENTS: column {', '.join(absent)} is absent")
    return events[["event_date", "report_date"]]


def _months_known(deliveries: pd.DataFrame) -> tuple[pd.PeriodIndex, np.ndarray]:
    """List the months covered, and for each the last whole month of registration known."""
    dated = deliveries.dropna(subset=["extracted", "covered_from", "covered_to"])
    if dated.empty:
        raise ObsError("no delivery tells what it covers and when it was extracted")
    months = pd.period_range(dated["covered_from"].min(), dated["covered_to"].max(), freq="M")
    last = np.full(len(months), -1)
    for row in dated.itertuples():
        whole = (pd.Timestamp(row.extracted) + pd.Timedelta(days=1)).to_period("M") - 1
        first, end = (pd.Timestamp(d).to_period("M") for d in (row.covered_from, row.covered_to))
        inside = (months >= first) & (months <= end)
        last[inside] = np.maximum(last[inside], whole.ordinal - months[0].ordinal)
    return months, last


def _count_by_delay(
    events: pd.DataFrame | str | Path | ir.Table, indicator: str | None
) -> pd.DataFrame:
    """Count facts by the ordinals of their month and of their report's."""
    table = open_events(events)
    if absent := {"event_date", "report_date"} - set(table.columns):
        raise SchemaError(f"table EVENTS: column {', '.join(sorted(absent))} is absent")
    if indicator is not None:
        table = select(table, get_indicator(indicator))
    dated = table.filter(table["event_date"].notnull() & table["report_date"].notnull())
    days = {name: dated[f"{name}_date"].cast("date") for name in ("event", "report")}
    counted = to_frame(dated.group_by(**days).aggregate(n=dated.count()))
    if counted.empty:
        raise ObsError("no fact has both event_date and report_date: delays are not known")
    months = counted.assign(
        month=ordinals_of(counted["event"], "month"),
        reported=ordinals_of(counted["report"], "month"),
    )
    return months.groupby(["month", "reported"], as_index=False)["n"].sum().astype("int64")


def _triangle(
    counted: pd.DataFrame, months: pd.PeriodIndex, last: np.ndarray, delays: int
) -> np.ndarray:
    row = counted["month"] - months[0].ordinal
    delay = counted["reported"] - counted["month"]
    use = counted[row.between(0, len(months) - 1) & (delay >= 0)]
    size = use["n"].to_numpy()
    whole = reporting_triangle(
        np.repeat((use["month"] - months[0].ordinal).to_numpy(), size),
        np.repeat((use["reported"] - use["month"]).to_numpy(), size),
        periods=len(months),
        delays=delays,
        last=len(months) + delays,
    )
    known = np.add.outer(np.arange(len(months)), np.arange(delays)) <= last[:, None]
    return np.where(known, whole, np.nan)


def _unknown_completeness(months: pd.PeriodIndex, triangle: np.ndarray) -> pd.DataFrame:
    none = pd.array([pd.NA] * len(months), dtype="Float64")
    names = ["completeness", "completeness_low", "completeness_high", "expected"]
    return pd.DataFrame(
        {
            "period": months,
            "reported": pd.array(np.nansum(triangle, axis=1), dtype="Int64"),
            **dict.fromkeys(names, none),
            **dict.fromkeys(["low", "high"], none.astype("Int64")),
            "dispersion": np.nan,
            "provisional": pd.array([pd.NA] * len(months), dtype="boolean"),
        }
    )


def _completeness_by_period(nowcasts: pd.DataFrame, freq: object) -> pd.DataFrame:
    """Give the completeness of each period of a frequency whose months all have a nowcast."""
    absent = [c for c in ("period", "reported", "expected", "provisional") if c not in nowcasts]
    if absent:
        raise SchemaError(f"nowcasts: column {', '.join(absent)} is absent")
    if pd.PeriodDtype(freq).name.startswith("period[W"):  # a week may lie in two months
        nowcasts = nowcasts.iloc[:0]
    upper = nowcasts["period"].dt.asfreq(freq).rename("upper")
    figures = nowcasts[["reported", "expected"]].astype("Float64").groupby(upper)
    sums = figures.agg(lambda part: part.sum(skipna=False))
    months = upper.value_counts().reindex(sums.index).to_numpy()
    full = months == [(p.asfreq("M", "end") - p.asfreq("M", "start")).n + 1 for p in sums.index]
    share = sums["reported"] / sums["expected"].where(sums["expected"] > 0)
    provisional = nowcasts["provisional"].astype("boolean").groupby(upper).any()
    return pd.DataFrame({"share": share.where(full), "provisional": provisional})
