"""Estimate from survey designs, in arrays: domains, calibration, replicates, models, tests."""

from obs.stats.survey.calibration import (
    Calibration,
    Distance,
    calibrate_weights,
    make_calibration,
    trim_weights,
)
from obs.stats.survey.changes import Change, change_between, share_change
from obs.stats.survey.contrasts import (
    logit_variance,
    ratio_covariance,
    standardised_cells,
    total_covariance,
)
from obs.stats.survey.covariance import domain_matrix, influence_covariance
from obs.stats.survey.domain_estimates import (
    Cells,
    is_flat,
    ratio_cells,
    stack_cells,
    total_cells,
    variance_cells,
)
from obs.stats.survey.domain_frame import Counts, DegreesOfFreedom, Frame, frame_domains
from obs.stats.survey.effective_sample_size import cluster_correlation, effective_size
from obs.stats.survey.grades import BASE_LIMIT, NO_VARIATION, grade, judge, kish_size, why_withheld
from obs.stats.survey.hypotheses import Test, independence_test, rank_scores, t_test, wald_test
from obs.stats.survey.published_shares import PublishedDifference, published_difference
from obs.stats.survey.quantiles import QuantileRule, domain_quantiles, quantile_cells
from obs.stats.survey.regression import Family, Fit, fit_regression
from obs.stats.survey.replicates import (
    ReplicateMethod,
    Replicates,
    make_replicates,
    replicate_scale,
)
from obs.stats.survey.sampling_design import Design, SingleUnit, Stage, make_design, number_units
from obs.stats.survey.survey_intervals import ShareInterval, share_interval, t_interval, t_quantile

__all__ = [
    "BASE_LIMIT",
    "Calibration",
    "Cells",
    "Change",
    "Counts",
    "DegreesOfFreedom",
    "Design",
    "Distance",
    "Family",
    "Fit",
    "Frame",
    "NO_VARIATION",
    "PublishedDifference",
    "QuantileRule",
    "ReplicateMethod",
    "Replicates",
    "ShareInterval",
    "SingleUnit",
    "Stage",
    "Test",
    "calibrate_weights",
    "change_between",
    "cluster_correlation",
    "domain_matrix",
    "domain_quantiles",
    "effective_size",
    "fit_regression",
    "frame_domains",
    "grade",
    "independence_test",
    "influence_covariance",
    "is_flat",
    "judge",
    "kish_size",
    "logit_variance",
    "make_calibration",
    "make_design",
    "make_replicates",
    "number_units",
    "published_difference",
    "quantile_cells",
    "rank_scores",
    "ratio_cells",
    "ratio_covariance",
    "replicate_scale",
    "share_change",
    "share_interval",
    "stack_cells",
    "standardised_cells",
    "t_interval",
    "t_quantile",
    "t_test",
    "total_cells",
    "total_covariance",
    "trim_weights",
    "variance_cells",
    "wald_test",
    "why_withheld",
]
