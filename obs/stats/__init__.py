"""Provide array kernels: numbers in, numbers out, without tables or files."""

from typing import Any

from obs.moved import moved_name
from obs.stats.counts.assumed_coverage import (
    counted_stretches,
    covered_stretches,
    falls_short,
    flow_stretches,
    silent_gaps,
)
from obs.stats.counts.detectable_change import (
    minimum_detectable_change,
    minimum_detectable_difference,
)
from obs.stats.counts.funnel_limits import funnel_limits, funnel_position, share_limits
from obs.stats.counts.intervals import EXACT_BELOW, mean_interval, poisson_interval
from obs.stats.counts.overdispersion import (
    Overdispersion,
    adjusted_limits,
    iterated_overdispersion,
    overdispersion,
    scores,
)
from obs.stats.counts.proportions import (
    agresti_coull_interval,
    clopper_pearson_interval,
    jeffreys_interval,
    newcombe_difference,
    pooled_score_test,
    wilson_interval,
)
from obs.stats.counts.ranks import rank_draws, rank_intervals, rank_sets
from obs.stats.counts.ratios import (
    Dispersion,
    RateRatio,
    adjust_p_values,
    dispersion_index,
    rate_ratio,
)
from obs.stats.counts.recent_weeks import RecentRatio, recent_ratio
from obs.stats.counts.severity_index import Severity, severity_index
from obs.stats.counts.standardisation import (
    direct_rate,
    dobson_interval,
    expected_events,
    fay_feuer_interval,
    standardised_ratio,
)
from obs.stats.counts.under_reporting import (
    Estimate,
    Scope,
    dark_share,
    scale_up,
    scope_differences,
    unreported,
)
from obs.stats.durations.survival import (
    Durations,
    Quantiles,
    duration_quantiles,
    durations_by_cause,
)
from obs.stats.lists.capture_histories import list_terms
from obs.stats.lists.closed_population import (
    Abundance,
    abundance_profile,
    chapman,
    closed_population,
    lower_bound,
)
from obs.stats.lists.sparse_lists import SparseEstimate, estimate_exists, sparse_population
from obs.stats.seasonal import (
    CountSeason,
    Quality,
    SeasonalAdjustment,
    adjust_seasonal,
    adjustment_quality,
    compare_aggregation,
    decompose_stl,
    fit_count_season,
    ljung_box,
    revision_history,
    sliding_spans,
)
from obs.stats.series.aoristic import aoristic_hours
from obs.stats.series.count_regression import CountFit, fit_counts, newey_west_covariance
from obs.stats.series.harmonics import harmonic_terms
from obs.stats.series.interruption import Interruption, fit_interruption, placebo_interruptions
from obs.stats.series.log_regression import Diagnostic, LogFit, fit_logs
from obs.stats.series.rate_disturbance import Disturbance, rate_disturbance
from obs.stats.space.class_breaks import class_breaks, natural_classes, round_breaks
from obs.stats.space.global_tests import SpatialTest, geary, getis_ord, lee, moran, spatial_weights
from obs.stats.space.local_tests import LocalTest, local_getis_ord, local_moran
from obs.stats.space.rate_tests import equal_variance_rates, moran_of_rates
from obs.stats.space.smoothing import (
    GammaSmoothed,
    Smoothed,
    chance_of_count,
    smooth_gamma,
    smooth_global,
    smooth_local,
)

__all__ = [
    "Abundance",
    "CountFit",
    "CountSeason",
    "Diagnostic",
    "Dispersion",
    "Disturbance",
    "Durations",
    "EXACT_BELOW",
    "Estimate",
    "GammaSmoothed",
    "Interruption",
    "LocalTest",
    "LogFit",
    "Overdispersion",
    "Quality",
    "Quantiles",
    "RateRatio",
    "RecentRatio",
    "Scope",
    "SeasonalAdjustment",
    "Severity",
    "Smoothed",
    "SparseEstimate",
    "SpatialTest",
    "abundance_profile",
    "adjust_p_values",
    "adjust_seasonal",
    "adjusted_limits",
    "adjustment_quality",
    "agresti_coull_interval",
    "aoristic_hours",
    "chance_of_count",
    "chapman",
    "class_breaks",
    "clopper_pearson_interval",
    "closed_population",
    "compare_aggregation",
    "counted_stretches",
    "covered_stretches",
    "dark_share",
    "decompose_stl",
    "direct_rate",
    "dispersion_index",
    "dobson_interval",
    "duration_quantiles",
    "durations_by_cause",
    "equal_variance_rates",
    "estimate_exists",
    "expected_events",
    "falls_short",
    "fay_feuer_interval",
    "fit_count_season",
    "fit_counts",
    "fit_interruption",
    "fit_logs",
    "flow_stretches",
    "funnel_limits",
    "funnel_position",
    "geary",
    "getis_ord",
    "harmonic_terms",
    "iterated_overdispersion",
    "jeffreys_interval",
    "lee",
    "list_terms",
    "ljung_box",
    "local_getis_ord",
    "local_moran",
    "lower_bound",
    "mean_interval",
    "minimum_detectable_change",
    "minimum_detectable_difference",
    "moran",
    "moran_of_rates",
    "natural_classes",
    "newcombe_difference",
    "newey_west_covariance",
    "overdispersion",
    "placebo_interruptions",
    "poisson_interval",
    "pooled_score_test",
    "rank_draws",
    "rank_intervals",
    "rank_sets",
    "rate_disturbance",
    "rate_ratio",
    "recent_ratio",
    "revision_history",
    "round_breaks",
    "scale_up",
    "scope_differences",
    "scores",
    "severity_index",
    "share_limits",
    "silent_gaps",
    "sliding_spans",
    "smooth_gamma",
    "smooth_global",
    "smooth_local",
    "sparse_population",
    "spatial_weights",
    "standardised_ratio",
    "unreported",
    "wilson_interval",
]


def __getattr__(name: str) -> Any:
    """Give a name that left this room, with a warning."""
    return moved_name("obs.stats", name)
