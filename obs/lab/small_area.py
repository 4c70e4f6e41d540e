"""Estimate small areas of a survey by the Fay-Herriot model, which borrows strength."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from obs.errors import ObsError
from obs.stats.arrays import Floats
from obs.stats.linear.pivoted_qr import factor_rows, refuse_dependent

__all__ = ["FayHerriot", "fay_herriot"]

Method = Literal["reml", "ml", "fh"]
_STEPS = 200


@dataclass(frozen=True)
class FayHerriot:
    """Area estimates with their mean squared error, and the model behind them."""

    estimate: Floats
    mse: Floats
    weight: Floats
    coefficients: Floats
    variance: float
    log_likelihood: float
    method: str


def fay_herriot(
    direct: ArrayLike,
    variance: ArrayLike,
    covariates: ArrayLike | None = None,
    *,
    method: Method = "reml",
) -> FayHerriot:
    r"""Combine direct survey estimates with a regression over the areas.

    :math:`y_i = x_i'\beta + v_i + e_i`, with area effects of variance :math:`A` (estimated)
    and sampling errors of known variance :math:`D_i`. The estimate is

    .. math:: \hat\theta_i = \gamma_i y_i + (1-\gamma_i)\,x_i'\hat\beta, \qquad
              \gamma_i = A/(A + D_i).

    Its error counts the estimation of :math:`\beta` and of :math:`A` (Prasad and Rao; Datta
    and Lahiri; Datta, Rao and Smith).

    Parameters
    ----------
    direct : array_like of shape (n,)
        Direct estimates; where one is missing the area gets the regression's value.
    variance : array_like of shape (n,)
        Their sampling variances, above 0.
    covariates : array_like of shape (n, p), optional
        Known without error for every area, a column of ones included; only the ones by
        default.
    method : {"reml", "ml", "fh"}
        How :math:`A` is estimated; restricted likelihood by default.

    Returns
    -------
    FayHerriot
        `weight` is :math:`\gamma_i` (0 for an area without a direct estimate, whose `mse`
        is then that of the regression plus :math:`A`).

    Raises
    ------
    ObsError
        Variances not above 0, a missing covariate, no more areas than coefficients, an
        unknown method.

    Notes
    -----
    When :math:`A` is estimated as 0 every area gets the regression alone and the error is
    understated: say so rather than publish a map without differences. Sampling variances
    from few answers should be smoothed before.

    References
    ----------
    .. [1] R. E. Fay and R. A. Herriot, 1979, Estimates of income for small places, JASA 74.
    .. [2] N. G. N. Prasad and J. N. K. Rao, 1990, JASA 85.
    .. [3] J. N. K. Rao and I. Molina, 2015, Small area estimation, 2nd ed., chapter 6.

    Examples
    --------
    >>> result = fay_herriot([0.30, 0.20, 0.45, 0.28], [0.010, 0.002, 0.020, 0.004])
    >>> result.estimate.round(3).tolist(), round(result.variance, 4)
    ([0.262, 0.234, 0.27, 0.263], 0.0014)
    """
    y, spread, x = _checked_estimates(direct, variance, covariates)
    kernels = {"reml": _reml_step, "ml": _ml_step, "fh": _fh_step}
    if method not in kernels:
        raise ObsError(f"unknown method {method!r}; choose reml, ml or fh")
    seen = ~np.isnan(y)
    d, z = spread[seen], x[seen]
    a = _iterate_variance(kernels[method], y[seen], d, z)
    inverse = 1 / (a + d)
    refuse_dependent(z, rows="areas")
    factor = factor_rows(z, inverse)
    bread, beta = factor.inverse, factor.solve(y[seen])
    weight = np.where(seen, a / (a + np.where(seen, spread, 1.0)), 0.0)
    estimate = weight * np.where(seen, y, 0.0) + (1 - weight) * (x @ beta)
    mse = _prediction_error(a, spread, x, bread, d, z, seen, method)
    squares = inverse * (y[seen] - z @ beta) ** 2
    log_likelihood = -0.5 * float(np.sum(np.log(2 * np.pi / inverse) + squares))
    return FayHerriot(estimate, mse, weight, beta, a, log_likelihood, method)


def _prediction_error(
    a: float,
    spread: Floats,
    x: Floats,
    bread: Floats,
    d: Floats,
    z: Floats,
    seen: Floats,
    method: str,
) -> Floats:
    """Add the error of prediction, of the coefficients and of the variance."""
    total = np.where(seen, a + spread, np.inf)
    shrink = np.where(seen, spread / np.where(seen, a + spread, 1.0), 1.0)
    inverse = 1 / (a + d)
    first, second = float(inverse.sum()), float((inverse**2).sum())
    own = np.where(seen, a * shrink, a)
    regression = shrink**2 * np.einsum("ij,jk,ik->i", x, bread, x)
    uncertain = 2 * len(d) / first**2 if method == "fh" else 2 / second
    bias = 0.0
    if method == "ml":
        bias = -float(np.trace(bread @ (z.T @ (z * (inverse**2)[:, None])))) / second
    if method == "fh":
        bias = 2 * (len(d) * second - first**2) / first**3
    correction = np.where(seen, bias * shrink**2, 0.0)
    return np.asarray(own + regression + 2 * shrink**2 * uncertain / total - correction)


def _iterate_variance(
    step: Callable[[float, Floats, Floats, Floats], float], y: Floats, d: Floats, z: Floats
) -> float:
    """Iterate a scoring step from the median sampling variance; never below 0."""
    a = float(np.median(d))
    for _ in range(_STEPS):
        new = a + step(a, y, d, z)
        if abs(new - a) <= 1e-12 * max(a, 1e-300):
            return max(new, 0.0)
        a = new if new > 0 else a / 2
        if a < 1e-12 * float(np.median(d)):
            return 0.0
    return a


def _projection(a: float, d: Floats, z: Floats) -> Floats:
    root = np.sqrt(1 / (a + d))
    basis = factor_rows(z, root**2).q
    return np.asarray(root[:, None] * (np.eye(len(d)) - basis @ basis.T) * root)


def _reml_step(a: float, y: Floats, d: Floats, z: Floats) -> float:
    p = _projection(a, d, z)
    py = p @ y
    return float((py @ py - np.trace(p)) / (p**2).sum())


def _ml_step(a: float, y: Floats, d: Floats, z: Floats) -> float:
    py = _projection(a, d, z) @ y
    inverse = 1 / (a + d)
    return float((py @ py - inverse.sum()) / (inverse**2).sum())


def _fh_step(a: float, y: Floats, d: Floats, z: Floats) -> float:
    """Move towards the weighted sum of squares equal to its degrees of freedom."""
    py = _projection(a, d, z) @ y
    total = float(py @ (py * (a + d)))
    return float((total - (len(d) - z.shape[1])) / (py @ py))


def _checked_estimates(
    direct: ArrayLike, variance: ArrayLike, covariates: ArrayLike | None
) -> tuple[Floats, Floats, Floats]:
    y, spread = np.asarray(direct, dtype=np.float64), np.asarray(variance, dtype=np.float64)
    x = np.ones((y.size, 1)) if covariates is None else np.asarray(covariates, dtype=np.float64)
    if spread.shape != y.shape or x.ndim != 2 or len(x) != y.size:
        raise ObsError("fay_herriot: one variance and one row of covariates per area")
    known = ~np.isnan(y)
    if np.isinf(y).any() or not np.all((spread[known] > 0) & np.isfinite(spread[known])):
        raise ObsError(
            "fay_herriot: estimates are finite or missing, sampling variances known and above 0"
        )
    if not np.all(np.isfinite(x)):
        raise ObsError("fay_herriot: covariates must be known for every area")
    if known.sum() <= x.shape[1]:
        raise ObsError(
            f"fay_herriot: {int(known.sum())} areas with an estimate cannot carry "
            f"{x.shape[1]} coefficients and a variance"
        )
    return y, spread, x
