"""Adjust a series for season and calendar, with diagnostics and revisions."""

from obs.stats.seasonal.adjust import MIN_YEARS, SeasonalAdjustment, adjust_seasonal
from obs.stats.seasonal.calendar_effects import calendar_regressors, easter_day, weekday_counts
from obs.stats.seasonal.count_model import (
    MIN_MEAN_COUNT,
    MIN_MEAN_RATIO,
    CountSeason,
    fit_count_season,
)
from obs.stats.seasonal.quality import (
    AggregationCheck,
    Quality,
    adjustment_quality,
    compare_aggregation,
    ljung_box,
    qs_test,
    revision_history,
    seasonality_f,
    sliding_spans,
)
from obs.stats.seasonal.stl import StlParts, decompose_stl

__all__ = [
    "MIN_MEAN_COUNT",
    "MIN_MEAN_RATIO",
    "MIN_YEARS",
    "AggregationCheck",
    "CountSeason",
    "Quality",
    "SeasonalAdjustment",
    "StlParts",
    "adjust_seasonal",
    "adjustment_quality",
    "calendar_regressors",
    "compare_aggregation",
    "decompose_stl",
    "easter_day",
    "fit_count_season",
    "ljung_box",
    "qs_test",
    "revision_history",
    "seasonality_f",
    "sliding_spans",
    "weekday_counts",
]
