"""Fit a Poisson regression with a log link to a small table of counts, by Fisher scoring."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from obs.errors import ObsError
from obs.stats.arrays import Floats
from obs.stats.linear.pivoted_qr import Factor, factor_rows, refuse_dependent, scale_columns
from obs.stats.linear.separation import refuse_separation

__all__ = ["PoissonFit", "fit_poisson"]

_STEPS = 100
_TOLERANCE = 1e-11


@dataclass(frozen=True)
class PoissonFit:
    """Coefficients, their covariance, fitted means and how well they fit."""

    coefficients: Floats
    covariance: Floats
    fitted: Floats
    deviance: float
    df: int
    aic: float


def fit_poisson(design: Floats, counts: Floats) -> PoissonFit:
    r"""Fit a Poisson log-linear model by maximum likelihood.

    Returns `aic` as R counts it, with the constants of the likelihood. An effect with no case at
    all runs towards minus infinity beside the others, as in R: a model with a column for each
    large count has such. Raises `ObsError` for columns that depend on one another, or where
    effects without a case leave the others without an estimate.

    Examples
    --------
    >>> import numpy as np
    >>> fit = fit_poisson(np.array([[1.0, 0.0], [1.0, 1.0]]), np.array([10.0, 20.0]))
    >>> np.exp(fit.coefficients).round(6).tolist()
    [10.0, 2.0]
    """
    scaled = scale_columns(design)
    try:
        refuse_dependent(scaled.values)
    except ObsError as fault:
        raise ObsError(f"fit_poisson: some columns say the same. {fault}") from None
    mean, last = counts + 0.1, np.inf
    linear = np.log(mean)
    for _ in range(_STEPS):
        factor = _factor_means(scaled.values, counts, mean)
        beta = factor.solve(linear + (counts - mean) / mean)
        linear = np.clip(scaled.values @ beta, -700, 700)
        mean = np.exp(linear)
        deviance = _deviance(counts, mean)
        if abs(deviance - last) <= _TOLERANCE * (abs(deviance) + 0.1):
            break
        last = deviance
    inverse = _factor_means(scaled.values, counts, mean).inverse
    aic = -2 * float((special.xlogy(counts, mean) - mean - special.gammaln(counts + 1)).sum())
    return PoissonFit(
        coefficients=scaled.back @ beta,
        covariance=scaled.back @ inverse @ scaled.back.T,
        fitted=mean,
        deviance=deviance,
        df=len(counts) - design.shape[1],
        aic=aic + 2 * design.shape[1],
    )


def _factor_means(columns: Floats, counts: Floats, mean: Floats) -> Factor:
    """Factor columns weighted by means; where these vanish, say which effect has no case."""
    try:
        return factor_rows(columns, mean)
    except ObsError:
        refuse_separation(counts, columns, "poisson")
        raise


def _deviance(counts: Floats, mean: Floats) -> float:
    return float(
        2 * (special.xlogy(counts, np.where(counts > 0, counts, 1) / mean) - counts + mean).sum()
    )
