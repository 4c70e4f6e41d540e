"""From indicator tables to comparisons over time."""

from obs.trends.comparison import compare_periods

__all__ = ["compare_periods"]
