"""Fit a Poisson regression with a log link to a small table of counts, by Fisher scoring."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from obs.errors import ObsError
from obs.stats.arrays import Floats

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

    Returns `aic` as R counts it, with the constants of the likelihood. Raises `ObsError` for
    columns that depend on one another, or an estimate that runs away (an effect with no case at
    all).

    Examples
    --------
    >>> import numpy as np
    >>> fit = fit_poisson(np.array([[1.0, 0.0], [1.0, 1.0]]), np.array([10.0, 20.0]))
    >>> np.exp(fit.coefficients).round(6).tolist()
    [10.0, 2.0]
    """
    if np.linalg.matrix_rank(design) < design.shape[1]:
        raise ObsError("fit_poisson: some columns say the same; no single estimate")
    mean, last = counts + 0.1, np.inf
    linear = np.log(mean)
    for _ in range(_STEPS):
        weight = design * mean[:, None]
        beta = np.linalg.solve(design.T @ weight, weight.T @ (linear + (counts - mean) / mean))
        linear = np.clip(design @ beta, -700, 700)
        mean = np.exp(linear)
        deviance = _deviance(counts, mean)
        if abs(deviance - last) <= _TOLERANCE * (abs(deviance) + 0.1):
            break
        last = deviance
    covariance = np.linalg.inv(design.T @ (design * mean[:, None]))
    aic = -2 * float((special.xlogy(counts, mean) - mean - special.gammaln(counts + 1)).sum())
    return PoissonFit(
        coefficients=np.asarray(beta),
        covariance=np.asarray(covariance, dtype=np.float64),
        fitted=mean,
        deviance=deviance,
        df=len(counts) - design.shape[1],
        aic=aic + 2 * design.shape[1],
    )


def _deviance(counts: Floats, mean: Floats) -> float:
    return float(
        2 * (special.xlogy(counts, np.where(counts > 0, counts, 1) / mean) - counts + mean).sum()
    )
