"""Array kernels: numbers in, numbers out; no tables, no files."""

from obs.stats.intervals import EXACT_BELOW, mean_interval, poisson_interval
from obs.stats.proportions import (
    agresti_coull_interval,
    clopper_pearson_interval,
    jeffreys_interval,
    newcombe_difference,
    wilson_interval,
)
from obs.stats.ratios import (
    Dispersion,
    RateRatio,
    adjust_p_values,
    dispersion_index,
    minimum_detectable_change,
    rate_ratio,
)

__all__ = [
    "EXACT_BELOW",
    "Dispersion",
    "RateRatio",
    "adjust_p_values",
    "agresti_coull_interval",
    "clopper_pearson_interval",
    "dispersion_index",
    "jeffreys_interval",
    "mean_interval",
    "minimum_detectable_change",
    "newcombe_difference",
    "poisson_interval",
    "rate_ratio",
    "wilson_interval",
]
