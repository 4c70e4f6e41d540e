"""From indicator tables to comparisons over time."""

from obs.trends.comparison import compare_periods
from obs.trends.interruption import InterruptedTrend, interrupted_trend
from obs.trends.seasonal import SeasonalSeries, adjustment_revisions, seasonal_adjust

__all__ = [
    "InterruptedTrend",
    "SeasonalSeries",
    "adjustment_revisions",
    "compare_periods",
    "interrupted_trend",
    "seasonal_adjust",
]
