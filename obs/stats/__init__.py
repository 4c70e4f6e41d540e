"""Array kernels: numbers in, numbers out; no tables, no files."""

from obs.stats.alerts import Alerts, farrington_alerts
from obs.stats.aoristic import aoristic_hours
from obs.stats.between_units import (
    Overdispersion,
    adjusted_limits,
    iterated_overdispersion,
    overdispersion,
    scores,
)
from obs.stats.capture_histories import list_terms
from obs.stats.classes import class_breaks, natural_classes, round_breaks
from obs.stats.control_charts import (
    ControlChart,
    c_chart,
    moving_range_limit,
    p_chart,
    run_signals,
    u_chart,
    xmr_chart,
)
from obs.stats.count_regression import (
    CountFit,
    fit_counts,
    newey_west_covariance,
)
from obs.stats.detectable import minimum_detectable_change, minimum_detectable_difference
from obs.stats.displacement import Displacement, weighted_displacement_difference
from obs.stats.disturbance import Disturbance, rate_disturbance
from obs.stats.funnel import funnel_limits, funnel_position, share_limits
from obs.stats.harmonics import harmonic_terms
from obs.stats.interruption import Interruption, fit_interruption, placebo_interruptions
from obs.stats.intervals import EXACT_BELOW, mean_interval, poisson_interval
from obs.stats.local_spatial import LocalTest, local_getis_ord, local_moran
from obs.stats.proportions import (
    agresti_coull_interval,
    clopper_pearson_interval,
    jeffreys_interval,
    newcombe_difference,
    wilson_interval,
)
from obs.stats.ranks import rank_draws, rank_intervals, rank_sets
from obs.stats.ratios import (
    Dispersion,
    RateRatio,
    adjust_p_values,
    dispersion_index,
    rate_ratio,
)
from obs.stats.recapture import (
    Abundance,
    abundance_profile,
    chapman,
    closed_population,
    lower_bound,
)
from obs.stats.scan import ScanCluster, scan_clusters
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
from obs.stats.severity import Severity, severity_index
from obs.stats.small_area import FayHerriot, fay_herriot
from obs.stats.smoothing import (
    GammaSmoothed,
    Smoothed,
    chance_of_count,
    smooth_gamma,
    smooth_global,
    smooth_local,
)
from obs.stats.sparse_lists import SparseEstimate, estimate_exists, sparse_population
from obs.stats.spatial import (
    SpatialTest,
    geary,
    getis_ord,
    lee,
    moran,
    spatial_weights,
)
from obs.stats.spatial_rates import equal_variance_rates, moran_of_rates
from obs.stats.standardisation import (
    direct_rate,
    dobson_interval,
    expected_events,
    fay_feuer_interval,
    standardised_ratio,
)
from obs.stats.structural_breaks import Breaks, find_breaks, sup_f
from obs.stats.under_reporting import (
    Estimate,
    Scope,
    dark_share,
    scale_up,
    scope_differences,
    unreported,
)

__all__ = [
    "Abundance",
    "Alerts",
    "Breaks",
    "ControlChart",
    "CountFit",
    "CountSeason",
    "Dispersion",
    "Displacement",
    "Disturbance",
    "EXACT_BELOW",
    "Estimate",
    "FayHerriot",
    "GammaSmoothed",
    "Interruption",
    "LocalTest",
    "Overdispersion",
    "Quality",
    "RateRatio",
    "ScanCluster",
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
    "c_chart",
    "chance_of_count",
    "chapman",
    "class_breaks",
    "clopper_pearson_interval",
    "closed_population",
    "compare_aggregation",
    "dark_share",
    "decompose_stl",
    "direct_rate",
    "dispersion_index",
    "dobson_interval",
    "equal_variance_rates",
    "estimate_exists",
    "expected_events",
    "farrington_alerts",
    "fay_feuer_interval",
    "fay_herriot",
    "find_breaks",
    "fit_count_season",
    "fit_counts",
    "fit_interruption",
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
    "moving_range_limit",
    "natural_classes",
    "newcombe_difference",
    "newey_west_covariance",
    "overdispersion",
    "p_chart",
    "placebo_interruptions",
    "poisson_interval",
    "rank_draws",
    "rank_intervals",
    "rank_sets",
    "rate_disturbance",
    "rate_ratio",
    "revision_history",
    "round_breaks",
    "run_signals",
    "scale_up",
    "scan_clusters",
    "scope_differences",
    "scores",
    "severity_index",
    "share_limits",
    "sliding_spans",
    "smooth_gamma",
    "smooth_global",
    "smooth_local",
    "sparse_population",
    "spatial_weights",
    "standardised_ratio",
    "sup_f",
    "u_chart",
    "unreported",
    "weighted_displacement_difference",
    "wilson_interval",
    "xmr_chart",
]
