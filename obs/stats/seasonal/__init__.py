"""Season and calendar of a series: adjustment, its diagnostics, its revisions."""

from obs.stats.seasonal.adjust import MIN_YEARS, SeasonalAdjustment, adjust_seasonal
from obs.stats.seasonal.calendar_effects import calendar_regressors, easter_day, weekday_counts

__all__ = [
    "MIN_YEARS",
    "SeasonalAdjustment",
    "adjust_seasonal",
    "calendar_regressors",
    "easter_day",
    "weekday_counts",
]
