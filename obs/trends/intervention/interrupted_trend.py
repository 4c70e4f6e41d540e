"""Test whether counts changed when a measure, a law or a lockdown began.

Every series of the table gets the same model, with the naive two-year mean and placebo dates
beside it. A partial period is never taken for a full one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from obs.display_cards import card
from obs.errors import ObsError, SchemaError
from obs.schemas import BREAKDOWNS, need_columns, need_frame
from obs.stats.counts.intervals import tail_of
from obs.stats.series.interruption import (
    MIN_BEFORE,
    MIN_SLOPE,
    Effect,
    Interruption,
    placebo_interruptions,
)
from obs.trends.intervention.count_series import SEASONS, CountSeries, check_counts
from obs.trends.period_edges import as_edge, need_periods

__all__ = ["InterruptedTrend", "effect_verdict", "interrupted_trend", "read_series", "with_key"]

Array = NDArray[np.float64]

_KEYS = ("indicator", "territory", "line", *BREAKDOWNS)
_EFFECTS = {
    "level": "jump at the start",
    "slope": "change of the trend per period",
    "aftermath": "level after the end",
    "total": "observed against expected, start to end",
    "two_year_mean": "naive: against the mean of the same periods of the two years before",
}

_REASONS = {
    "longer_than_a_year": " (the two years before are under the intervention themselves)",
    "begins_too_late": " (the two years before are not all in the series)",
}


@dataclass(frozen=True)
class InterruptedTrend:
    """What changed, what was expected, and how it was found; one or several series.

    Attributes
    ----------
    effects : DataFrame
        One row a series and effect: key, `effect`, `change` (0.1 = 10 % more), `low`,
        `high`, `p_value`, `verdict` (up, down, stable, too few to say, not comparable) and
        the `reason` of the last: "longer_than_a_year" (the two years before are under the
        intervention themselves), "begins_too_late" (they are not all in the series).
    table : DataFrame
        One row a series and period: `observed`, `expected` without the intervention with
        `low` and `high`, `fitted`, `under` (whether the intervention holds).
    placebo : DataFrame
        One row a series and date when nothing happened: `start`, `change`, `low`, `high`.
    method : str
        How it was computed, in a sentence.
    n : int
        Periods in all series together.
    confidence : float
        Of every interval.
    """

    effects: pd.DataFrame
    table: pd.DataFrame
    placebo: pd.DataFrame
    method: str
    n: int
    confidence: float

    def __repr__(self) -> str:
        return (
            f"InterruptedTrend({len(self.effects):,} effects, {self.n:,} periods; see .summary())"
        )

    def _repr_html_(self) -> str:
        about = {
            "effects": f".effects, {len(self.effects):,} rows",
            "expected": f".table, {len(self.table):,} rows",
            "periods": f"{self.n:,}",
            "confidence": f"{self.confidence:g}",
            "method": self.method,
        }
        return card("InterruptedTrend", about)

    def summary(self) -> str:
        """Say the effects in lines of text, one a series and effect."""
        key = [c for c in self.effects.columns if c in _KEYS]
        lines = [self.method]
        for row in self.effects.to_dict("records"):
            name = " / ".join(str(row[c]) for c in key) or "series"
            known = not pd.isna(row["change"])
            shown = (
                f"{row['change']:+.1%} ({row['low']:+.1%} to {row['high']:+.1%}), {row['verdict']}"
                if known
                else f"{row['verdict']}{_REASONS.get(row['reason'], '')}"
            )
            lines.append(f"{name}: {_EFFECTS[row['effect']]}: {shown}")
        return "\n".join(lines)


def interrupted_trend(
    table: pd.DataFrame,
    *,
    start: Any,
    end: Any = None,
    exposure: str | None = None,
    seasonal: bool = True,
    errors: str = "autoregressive",
    placebos: int = 8,
    confidence: float = 0.95,
) -> InterruptedTrend:
    """Estimate how counts changed from a date on, beyond their trend and season.

    A negative binomial regression with trend, season, days and exposure; the disturbance
    of the rate may be autocorrelated. Several series (police facts, helpline calls) are
    each fitted by themselves and reported together.

    Parameters
    ----------
    table : DataFrame
        One row a period and series, such as INDICATORS or COUNTS; columns `period`
        (pandas periods: months, quarters, weeks or days), `numerator`, and whatever of
        indicator, territory, line and the breakdowns tells the series apart; `status`
        and `days` are used if present. Not modified.
    start : Period, date or str
        First period under the intervention; a day must be the first of its period.
    end : Period, date or str or None
        Last period under it; None if it lasts. A day must be the last of its period.
    exposure : str or None
        Column of the exposure (denominator); the days of each period always count.
    seasonal : bool
        Two harmonics of the year, and the weekday of daily counts.
    errors : {"autoregressive", "newey_west", "model"}
        Where the intervals come from: every spread and memory of the rate that the counts
        allow (`obs.stats.rate_disturbance`), Newey and West, or the model's own errors.
    placebos : int
        Number of dates before the start at which a change is estimated where there was none.
    confidence : float
        Between 0 and 1.

    Returns
    -------
    InterruptedTrend
        Frozen: `.effects`, `.table`, `.placebo`, `.method`, `.n`, `.summary()`.

    Raises
    ------
    SchemaError
        An empty table, columns that are absent or no numbers, periods of several frequencies or of
        years.
    ObsError
        A series with gaps, more than one count in twenty unknown, fewer than two years (with a
        season) or 24 periods before the start; a start or an end within a period; counts that
        are not whole.

    Notes
    -----
    A slope needs six periods under the intervention; with fewer only the level is
    estimated. Leading and trailing periods that are unknown or provisional are left out.

    References
    ----------
    .. [1] J. Lopez Bernal, S. Cummins and A. Gasparrini, 2017, International Journal of
       Epidemiology 46.
    .. [2] S. L. Zeger, 1988, Biometrika 75.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> months = pd.period_range("2016-01", "2020-12", freq="M")
    >>> counts = np.random.default_rng(1).poisson(np.where(months >= "2020-01", 70, 100))
    >>> result = interrupted_trend(
    ...     pd.DataFrame({"period": months, "numerator": counts}), start="2020-01"
    ... )
    >>> row = result.effects.set_index("effect").loc["total"]
    >>> bool(-0.4 < row["change"] < -0.2), row["verdict"]
    (True, 'down')
    """
    if isinstance(placebos, bool) or not isinstance(placebos, Integral) or placebos < 0:
        raise ObsError(f"placebos={str(placebos)[:40]}: a number of dates is whole, 0 or more")
    tail_of(confidence)
    effects, paths, vain = [], [], []
    for key, series in read_series(
        table, start=start, end=end, exposure=exposure, seasonal=seasonal
    ):
        fitted = series.fit(errors, confidence)
        effects.append(with_key(_effects_of(series, fitted, confidence), key))
        paths.append(with_key(_path_of(series, fitted), key))
        vain.append(with_key(_placebo_of(series, errors, placebos, confidence), key))
    freq = table["period"].dtype.freq.rule_code[0]
    return InterruptedTrend(
        effects=pd.concat(effects, ignore_index=True),
        table=pd.concat(paths, ignore_index=True),
        placebo=pd.concat(vain, ignore_index=True),
        method=_method(freq, errors, exposure, seasonal=seasonal),
        n=sum(len(p) for p in paths),
        confidence=confidence,
    )


def read_series(
    table: pd.DataFrame, *, start: Any, end: Any, exposure: str | None, seasonal: bool
) -> Iterator[tuple[dict[str, Any], CountSeries]]:
    """Check a table of counts in time, and give each of its series ready to be fitted."""
    dtype = _checked_periods(table, exposure)
    freq = dtype.freq.rule_code[0]
    first = as_edge(start, dtype, edge="start")
    last = None if end is None else as_edge(end, dtype, edge="end")
    for key, rows in _each_series(table):
        yield key, CountSeries.of(rows, freq, exposure, first, last, seasonal=seasonal)


def _checked_periods(table: pd.DataFrame, exposure: str | None) -> pd.PeriodDtype:
    need_frame(table, who="interrupted_trend")
    if table.empty:
        raise SchemaError("interrupted_trend needs a table of one row or more")
    needed = ["period", "numerator", *([exposure] if exposure else [])]
    need_columns(table, needed, who="interrupted_trend")
    check_counts(table, "numerator")
    if exposure:
        check_counts(table, exposure, whole=False)
    dtype = need_periods(table["period"], who="interrupted_trend", name="period")
    if dtype.freq.rule_code[0] not in SEASONS:
        raise SchemaError("interrupted_trend needs days, weeks, months or quarters, not years")
    return dtype


def _each_series(table: pd.DataFrame) -> Iterator[tuple[dict[str, Any], pd.DataFrame]]:
    keys = [c for c in _KEYS if c in table.columns]
    if not keys:
        yield {}, table
        return
    for values, rows in table.groupby(keys, sort=True, dropna=False):
        yield dict(zip(keys, values, strict=True)), rows


def _effects_of(series: CountSeries, fitted: Interruption, confidence: float) -> pd.DataFrame:
    rows = [("level", fitted.level)]
    if not np.isnan(fitted.slope.ratio):
        rows.append(("slope", fitted.slope))
    if not np.isnan(fitted.aftermath.ratio):
        rows.append(("aftermath", fitted.aftermath))
    total = fitted.excess
    rows.append(
        (
            "total",
            Effect(total.relative + 1, total.relative_low + 1, total.relative_high + 1, np.nan),
        )
    )
    naive, reason = series.two_year_mean(confidence)
    rows.append(("two_year_mean", naive))
    reasons = [reason if name == "two_year_mean" else None for name, _ in rows]
    return pd.DataFrame(
        {
            "effect": [name for name, _ in rows],
            "change": [e.ratio - 1 for _, e in rows],
            "low": [e.low - 1 for _, e in rows],
            "high": [e.high - 1 for _, e in rows],
            "p_value": [e.p_value for _, e in rows],
            "verdict": [
                "not comparable" if why else effect_verdict(e.low, e.high)
                for (_, e), why in zip(rows, reasons, strict=True)
            ],
            "reason": pd.array(reasons, dtype="str"),
        }
    )


def effect_verdict(low: float, high: float) -> str:
    """Say which way a ratio goes, from its limits."""
    if np.isnan(low):
        return "too few to say"
    if low > 1:
        return "up"
    return "down" if high < 1 else "stable"


def _path_of(series: CountSeries, fitted: Interruption) -> pd.DataFrame:
    places = np.arange(series.periods.size)
    end = places.size if series.end is None else series.end
    return pd.DataFrame(
        {
            "period": series.periods,
            "observed": series.counts,
            "expected": fitted.expected,
            "low": fitted.expected_low,
            "high": fitted.expected_high,
            "fitted": fitted.fitted,
            "under": (places >= series.start) & (places < end),
        }
    )


def _placebo_of(series: CountSeries, errors: Any, wanted: int, confidence: float) -> pd.DataFrame:
    lowest, highest = MIN_BEFORE, series.start - MIN_SLOPE
    places = np.unique(np.linspace(lowest, highest, wanted).astype(int)) if wanted else []
    starts = [int(p) for p in places if lowest <= p <= highest]
    found = placebo_interruptions(
        series.counts,
        start=series.start,
        starts=np.array(starts, dtype=np.int64),
        exposure=series.exposure / series.exposure.mean(),
        season=series.season,
        errors=errors,
        confidence=confidence,
    )
    return pd.DataFrame(
        {
            "start": series.periods[starts],
            "change": [e.ratio - 1 for e in found],
            "low": [e.low - 1 for e in found],
            "high": [e.high - 1 for e in found],
        }
    )


def with_key(rows: pd.DataFrame, key: dict[str, Any]) -> pd.DataFrame:
    """Put the columns that name a series before its rows."""
    return pd.concat(
        [pd.DataFrame({k: [v] * len(rows) for k, v in key.items()}, index=rows.index), rows], axis=1
    )


def _method(freq: str, errors: str, exposure: str | None, *, seasonal: bool) -> str:
    units = {"M": "months", "Q": "quarters", "W": "weeks", "D": "days"}
    season = "with" if seasonal else "without"
    offset = "days" if exposure is None else f"days and {exposure}"
    return (
        f"Negative binomial regression of {units[freq]} with trend, {season} season, "
        f"per {offset}, {errors.replace('_', '-')} errors."
    )
