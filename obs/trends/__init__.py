"""Compare indicator tables over time and between places."""

from obs.trends.comparison import compare_periods
from obs.trends.extractions import compare_extractions, sum_by_age
from obs.trends.interrupted_trend import InterruptedTrend, interrupted_trend
from obs.trends.peers import compare_peers, funnel
from obs.trends.place_maps import cluster_map, smooth_rates
from obs.trends.ranking import compare_exposures, rank_places
from obs.trends.seasonal import SeasonalSeries, adjustment_revisions, seasonal_adjust

__all__ = [
    "InterruptedTrend",
    "SeasonalSeries",
    "adjustment_revisions",
    "compare_extractions",
    "cluster_map",
    "compare_exposures",
    "compare_peers",
    "compare_periods",
    "funnel",
    "interrupted_trend",
    "rank_places",
    "seasonal_adjust",
    "sum_by_age",
    "smooth_rates",
]
