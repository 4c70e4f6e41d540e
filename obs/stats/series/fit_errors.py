"""Compute the covariance of a count regression's coefficients and of a sum that it predicts.

Errors are taken as known, or one covariance is given for each pair of spread and memory of the
rate's disturbance, where that is uncertain.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from obs.errors import ObsError
from obs.stats.arrays import Floats, Integers
from obs.stats.series.count_regression import CountFit, ErrorModel, newey_west_covariance
from obs.stats.series.rate_disturbance import Disturbance, rate_disturbance
from obs.stats.series.student_mixture import ErrorMixture

__all__ = ["FitErrors", "fit_errors"]


@dataclass(frozen=True)
class FitErrors:
    """Covariances of the coefficients and relative variances of a sum, each with a weight.

    Attributes
    ----------
    covariance : ndarray of shape (n_pairs, k, k)
        Of the coefficients; one pair where errors are taken as known.
    relative : ndarray of shape (n_pairs,)
        Variance of the logarithm of the sum expected, chance of its counts left out.
    weight : ndarray of shape (n_pairs,)
        Sums to 1.
    df : float
        Degrees of freedom; infinite where the pairs tell what is uncertain.
    disturbance : Disturbance or None
        The pairs.
    """

    covariance: Floats
    relative: Floats
    weight: Floats
    df: float
    disturbance: Disturbance | None

    def of(self, columns: Floats) -> ErrorMixture:
        """Give the errors of combinations of coefficients, one a row of columns."""
        variance = np.einsum("gij,mi,mj->gm", self.covariance, columns, columns, optimize=True)
        return ErrorMixture(np.maximum(variance, 0.0), self.weight, self.df)


def fit_errors(
    fit: CountFit,
    *,
    errors: ErrorModel,
    lags: int | None,
    position: Integers,
    part: Floats,
    mean_row: Floats,
) -> FitErrors:
    """Describe the errors of the coefficients and of the sum expected without intervention.

    Raises `ObsError` for unknown errors.
    """
    if errors == "autoregressive":
        return _autocorrelated_errors(fit, rate_disturbance(fit, position=position), part, mean_row)
    if errors == "newey_west":
        chosen = int(4 * (fit.mean.size / 100) ** (2 / 9)) if lags is None else lags
        covariance = newey_west_covariance(fit, lags=chosen, small_sample=True)
    elif errors == "model":
        covariance = fit.covariance
    else:
        raise ObsError(f"unknown errors {errors!r}; choose autoregressive, newey_west or model")
    beyond = float((part**2).sum()) / fit.theta
    if fit.family == "quasipoisson":
        beyond = max(fit.dispersion - 1, 0.0) * float((part**2 / fit.mean).sum())
    relative = np.array([mean_row @ covariance @ mean_row + beyond])
    df = float(max(fit.mean.size - fit.design.shape[1], 4))
    return FitErrors(covariance[None], relative, np.ones(1), df, None)


def _autocorrelated_errors(
    fit: CountFit, disturbance: Disturbance, part: Floats, mean_row: Floats
) -> FitErrors:
    """Let chance and the disturbance pass through the fit, for every pair.

    An error e of the working residuals moves the coefficients by (X'WX)^-1 X'W e; what the
    same disturbance adds to the sum it would have changed is taken with it.
    """
    influence = fit.influence
    through = influence @ mean_row
    chance = influence.T @ (influence / fit.mean[:, None])
    spread = disturbance.covariance(np.column_stack([influence, part - through]))
    return FitErrors(
        covariance=chance + spread[:, :-1, :-1],
        relative=through @ (through / fit.mean) + spread[:, -1, -1],
        weight=disturbance.weight,
        df=np.inf,
        disturbance=disturbance,
    )
