"""From indicator tables to comparisons over time."""

from obs.trends.comparison import compare_periods
from obs.trends.interruption import InterruptedTrend, interrupted_trend

__all__ = ["InterruptedTrend", "compare_periods", "interrupted_trend"]
