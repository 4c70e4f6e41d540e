"""Compare indicator tables over time and between places."""

from obs.trends.adjust.seasonal import SeasonalSeries, adjustment_revisions, seasonal_adjust
from obs.trends.beside.peers import compare_nearest_peers, compare_peers, funnel
from obs.trends.beside.place_maps import cluster_map, smooth_rates
from obs.trends.beside.ranking import compare_exposures, rank_places
from obs.trends.beside.reconciliation import reconcile
from obs.trends.change.comparison import compare_periods
from obs.trends.change.extractions import compare_extractions, sum_by_age
from obs.trends.change.same_months import compare_same_months
from obs.trends.change.turning_points import turning_points
from obs.trends.change.weekly import compare_weeks
from obs.trends.intervention.interrupted_trend import InterruptedTrend, interrupted_trend
from obs.trends.intervention.interruption_tables import interruption_tables
from obs.trends.intervention.model_comparison import ModelComparison, compare_models

__all__ = [
    "InterruptedTrend",
    "ModelComparison",
    "SeasonalSeries",
    "adjustment_revisions",
    "compare_extractions",
    "cluster_map",
    "compare_exposures",
    "compare_models",
    "compare_nearest_peers",
    "compare_peers",
    "compare_periods",
    "compare_weeks",
    "compare_same_months",
    "funnel",
    "interrupted_trend",
    "interruption_tables",
    "rank_places",
    "reconcile",
    "seasonal_adjust",
    "sum_by_age",
    "smooth_rates",
    "turning_points",
]
