"""Prepare one series of counts for an interrupted trend: periods, exposure, season."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from obs.errors import ObsError, SchemaError
from obs.reference import days_in_period
from obs.schemas import number_values
from obs.stats.counts.ratios import rate_ratio
from obs.stats.series.harmonics import harmonic_terms
from obs.stats.series.interruption import MIN_BEFORE, Effect, Interruption, fit_interruption

__all__ = ["SEASONS", "CountSeries", "check_counts"]

Array = NDArray[np.float64]

SEASONS = {"M": 12.0, "Q": 4.0, "W": 365.25 / 7, "D": 365.25}
_UNKNOWN = ("missing", "suppressed_source", "suppressed_primary", "suppressed_secondary")
_MOST_UNKNOWN = 0.05  # share of periods whose count may be unknown inside a series


@dataclass(frozen=True)
class CountSeries:
    """One series ready for the kernel: periods without gap, counts, exposure, season."""

    periods: pd.PeriodIndex
    counts: Array
    exposure: Array
    season: Array | None
    start: int
    end: int | None

    @classmethod
    def of(
        cls,
        rows: pd.DataFrame,
        freq: str,
        exposure: str | None,
        first: pd.Period,
        last: pd.Period | None,
        *,
        seasonal: bool,
    ) -> CountSeries:
        """Check one series of a table and make it ready."""
        rows = _trimmed(rows.sort_values("period"))
        periods = pd.PeriodIndex(rows["period"])
        _check_run(periods, first, last, freq, seasonal=seasonal)
        days = _days_of(rows)
        size = days if exposure is None else days * rows[exposure].to_numpy(np.float64)
        if not np.all(size > 0):
            raise ObsError(f"exposure '{exposure}' or days missing or not above 0 in some periods")
        start = int((periods < first).sum())
        end = None if last is None or last >= periods[-1] else int((periods <= last).sum())
        season = _season_columns(periods, freq) if seasonal else None
        counts = rows["numerator"].to_numpy(np.float64, na_value=np.nan)
        return cls(periods, counts, size, season, start, end)

    def fit(self, errors: Any, confidence: float) -> Interruption:
        """Fit the interruption; exposure counts relative to its mean."""
        return fit_interruption(
            self.counts,
            start=self.start,
            end=self.end,
            exposure=self.exposure / self.exposure.mean(),
            season=self.season,
            errors=errors,
            confidence=confidence,
        )

    def two_year_mean(self, confidence: float) -> tuple[Effect, str | None]:
        """Compare with the same periods one and two years before, as practice does it.

        Where these are not all before the start, or not in the series, there is no such
        mean; the second value says which.
        """
        places = np.arange(self.periods.size)[self.start : self.end]
        days, freq = self.periods[places].start_time, self.periods.freq
        back = [(days - pd.DateOffset(years=y)).to_period(freq) for y in (1, 2)]
        found = self.periods.get_indexer(back[0].append(back[1]))
        if np.any(found >= self.start):
            return Effect(np.nan, np.nan, np.nan, np.nan), "longer_than_a_year"
        if np.any(found < 0):
            return Effect(np.nan, np.nan, np.nan, np.nan), "begins_too_late"
        counts, exposure = self.counts, np.where(np.isnan(self.counts), 0.0, self.exposure)
        ratio = rate_ratio(
            np.nansum(counts[places]),
            exposure[places].sum(),
            np.nansum(counts[found]),
            exposure[found].sum(),
            confidence=confidence,
        )
        numbers = (ratio.ratio, ratio.low, ratio.high, ratio.p_value)
        return Effect(*(float(n) for n in numbers)), None


def check_counts(table: pd.DataFrame, column: str, *, whole: bool = True) -> None:
    """Refuse a column that holds anything but counts and missing values."""
    try:
        values = number_values(table[column])
    except TypeError:
        raise SchemaError(
            f"column '{column}' must hold numbers and is {table[column].dtype}"
        ) from None
    wrong = ~np.isnan(values) & ~(np.isfinite(values) & (values >= 0))
    if whole:
        wrong |= np.isfinite(values) & (values != np.floor(values))
    if wrong.any():
        what = "infinite, negative or not whole" if whole else "infinite or negative"
        raise ObsError(f"column '{column}' has {int(wrong.sum())} value(s) that are {what}")


def _trimmed(rows: pd.DataFrame) -> pd.DataFrame:
    """Leave out leading and trailing periods whose count is unknown or not complete."""
    known = rows["numerator"].notna().to_numpy(bool)
    if "status" in rows.columns:
        known = known & ~rows["status"].isin([*_UNKNOWN, "provisional"]).to_numpy(bool)
    places = np.flatnonzero(known)
    if places.size == 0:
        raise ObsError("no period has a known count")
    inside = slice(places[0], places[-1] + 1)
    unknown = int((~known[inside]).sum())
    if unknown > _MOST_UNKNOWN * known[inside].size:
        raise ObsError(
            f"{unknown} period(s) inside the series have no known count: an interruption "
            "cannot be told from a gap; complete the series or take a higher level"
        )
    counts = rows["numerator"].astype("Float64").where(known)
    return rows.assign(numerator=counts).iloc[inside]


def _check_run(
    periods: pd.PeriodIndex,
    first: pd.Period,
    last: pd.Period | None,
    freq: str,
    *,
    seasonal: bool,
) -> None:
    steps = np.diff(periods.asi8)
    if periods.has_duplicates:
        raise ObsError("a period appears twice in one series: name what tells its rows apart")
    if np.any(steps != 1):
        raise ObsError("periods must follow one another without a gap")
    if last is not None and last < first:
        raise ObsError(f"the end {last} is before the start {first}")
    if not periods[0] < first <= periods[-1]:
        raise ObsError(f"the start {first} is not within {periods[0]} to {periods[-1]}")
    before = int((periods < first).sum())
    needed = max(MIN_BEFORE, int(2 * SEASONS[freq])) if seasonal and freq != "Q" else MIN_BEFORE
    if before < needed:
        raise ObsError(
            f"{before} periods before the start; {needed} are needed"
            + (" to know the season (or say seasonal=False)" if needed > MIN_BEFORE else "")
        )


def _days_of(rows: pd.DataFrame) -> Array:
    if "days" in rows.columns and rows["days"].notna().all():
        return rows["days"].to_numpy(np.float64)
    return days_in_period(rows["period"]).to_numpy(np.float64)


def _season_columns(periods: pd.PeriodIndex, freq: str) -> Array:
    if freq in "MQ":
        place = (periods.month - 1) // (3 if freq == "Q" else 1) + 1
        waves, _ = harmonic_terms(place, period=SEASONS[freq], harmonics=1 if freq == "Q" else 2)
        return waves
    waves, _ = harmonic_terms(periods.start_time.day_of_year, period=365.25, harmonics=2)
    if freq == "W":
        return waves
    weekdays = np.eye(7)[periods.day_of_week][:, 1:]
    return np.column_stack([waves, weekdays])
