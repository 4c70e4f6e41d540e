"""Fit a regression with airline errors by exact maximum likelihood.

The differenced errors are a moving average of order period + 1, so their covariance is a band
matrix. One banded Cholesky factor gives the likelihood, the regression and the forecasts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import lapack
from scipy.optimize import minimize

from obs.errors import ObsError
from obs.stats.arrays import Floats
from obs.stats.linear.pivoted_qr import factor_rows, refuse_dependent

__all__ = ["START", "AirlineFit", "difference", "extend", "fit_airline", "whiten"]

_BOUND = 0.98  # a root on the unit circle would make the covariance singular
_NEAR_BOUND = 0.9  # a search that began nearer could stay there
_STEP = 1e-7  # of a parameter, for the slope of the likelihood
START = (0.4, 0.5)


@dataclass(frozen=True)
class AirlineFit:
    """A regression with airline errors: parameters, coefficients, likelihood.

    The errors u obey (1 - B)(1 - B^s) u = (1 - theta B)(1 - seasonal_theta B^s) a.
    """

    period: int
    theta: float
    seasonal_theta: float
    sigma: float
    coefficients: Floats
    covariance: Floats
    log_likelihood: float
    aicc: float
    residuals: Floats
    factor: Floats

    @property
    def t_values(self) -> Floats:
        """Each coefficient over its standard error."""
        return np.asarray(self.coefficients / np.sqrt(np.diag(self.covariance)))


def fit_airline(
    values: Floats,
    regressors: Floats,
    *,
    period: int = 12,
    parameters: tuple[float, float] | None = None,
    start: tuple[float, float] = START,
) -> AirlineFit:
    r"""Fit a regression whose errors follow the airline model.

    With :math:`w = (1-B)(1-B^s)(y - X\beta)` and :math:`\Omega` the covariance of its
    moving average, the likelihood is maximised over the two parameters; :math:`\beta` is
    the generalised least squares estimate at each of them.

    Raises `ObsError` for a series too short for its differences and regressors.

    References
    ----------
    .. [1] G. E. P. Box and G. M. Jenkins, 1970, Time series analysis, chapter 9.
    .. [2] D. F. Findley et al., 1998, New capabilities and methods of the X-12-ARIMA
       seasonal-adjustment program, Journal of Business and Economic Statistics 16.

    Examples
    --------
    >>> t = np.arange(72.0)
    >>> rng = np.random.default_rng(1)
    >>> y = 5 + 0.01 * t + np.sin(t * np.pi / 6) + rng.normal(0, 0.05, 72)
    >>> fit = fit_airline(y, (t == 40).astype(float)[:, None] * 1.0)
    >>> fit.theta > 0.5, fit.sigma < 0.1
    (True, True)
    """
    columns = difference(np.column_stack([values, regressors]), period)
    n, k = columns.shape[0], columns.shape[1] - 1
    if n < k + 4:
        raise ObsError(
            f"{values.size} values are too few for {k} regressors and differences of {period}"
        )
    if parameters is None:
        parameters = _maximise(columns, period, start)
    return _solution(columns, parameters, period)


def difference(columns: Floats, period: int) -> Floats:
    """Apply (1 - B)(1 - B^period) to each column."""
    yearly = columns[period:] - columns[:-period]
    return yearly[1:] - yearly[:-1]


def whiten(factor: Floats, columns: Floats) -> Floats:
    """Solve the lower banded factor against columns of differenced values.

    Returns columns whose errors are independent with the variance of the innovations.
    """
    solved, _ = lapack.dtbtrs(factor, columns, uplo="L")
    return np.asarray(solved)


def extend(fit: AirlineFit, errors: Floats, *, steps: int) -> Floats:
    """Forecast and backcast the errors of the regression.

    Returns backcasts, the errors as given, forecasts: least mean square error given all n.
    """
    ahead = _forecast(fit, errors, steps)
    back = _forecast(fit, errors[::-1], steps)
    return np.concatenate([back[::-1], errors, ahead])


def _maximise(columns: Floats, period: int, start: tuple[float, float]) -> tuple[float, float]:
    def minus(point: Floats) -> tuple[float, Floats]:
        theta, seasonal = (float(p) for p in point)
        here = -_profile(columns, (theta, seasonal), period)
        ahead = [(theta + _STEP, seasonal), (theta, seasonal + _STEP)]
        slope = [(-_profile(columns, p, period) - here) / _STEP for p in ahead]
        return here, np.array(slope)

    first = START if max(map(abs, start)) > _NEAR_BOUND else start
    bounds = [(-_BOUND, _BOUND)] * 2
    best = minimize(
        minus, first, jac=True, method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-8}
    )
    return float(best.x[0]), float(best.x[1])


def _profile(columns: Floats, parameters: tuple[float, float], period: int) -> float:
    factor = _factor(columns.shape[0], parameters, period)
    white = whiten(factor, columns)
    n = columns.shape[0]
    rss = _residual_sum(white)
    return float(-0.5 * n * np.log(rss / n) - np.log(factor[0]).sum())


def _residual_sum(white: Floats) -> float:
    """Sum the squares of the first column less its projection on the others."""
    r = np.asarray(np.linalg.qr(np.roll(white, -1, axis=1), mode="r"))
    return max(float(r[-1, -1] ** 2), 1e-300)


def _solution(columns: Floats, parameters: tuple[float, float], period: int) -> AirlineFit:
    n, k = columns.shape[0], columns.shape[1] - 1
    factor = _factor(n, parameters, period)
    white = whiten(factor, columns)
    beta, inverse = np.empty(0), np.empty((0, 0))
    if k:
        refuse_dependent(white[:, 1:], rows="periods")
        solved = factor_rows(white[:, 1:])
        beta, inverse = solved.solve(white[:, 0]), solved.inverse
    residuals = white[:, 0] - white[:, 1:] @ beta
    variance = max(float(residuals @ residuals) / n, 1e-300)
    log_likelihood = -0.5 * n * (np.log(2 * np.pi * variance) + 1) - np.log(factor[0]).sum()
    free = k + 3
    aicc = -2 * log_likelihood + 2 * free * n / max(n - free - 1, 1)
    return AirlineFit(
        period=period,
        theta=parameters[0],
        seasonal_theta=parameters[1],
        sigma=float(np.sqrt(variance)),
        coefficients=beta,
        covariance=variance * inverse,
        log_likelihood=float(log_likelihood),
        aicc=float(aicc),
        residuals=residuals,
        factor=factor,
    )


def _factor(n: int, parameters: tuple[float, float], period: int) -> Floats:
    gamma = _autocovariances(parameters, period)
    band = np.zeros((period + 2, n))
    band[: min(period + 2, n)] = gamma[: min(period + 2, n), None]
    factor, fault = lapack.dpbtrf(band, lower=1)
    if fault:
        raise np.linalg.LinAlgError("the covariance of a moving average is not positive")
    return np.asarray(factor)


def _autocovariances(parameters: tuple[float, float], period: int) -> Floats:
    """Autocovariances, lags 0 to period + 1, of the airline's moving average."""
    theta, seasonal = parameters
    weights = np.zeros(period + 2)
    weights[[0, 1, period, period + 1]] = 1.0, -theta, -seasonal, theta * seasonal
    return np.correlate(weights, weights, mode="full")[period + 1 :]


def _forecast(fit: AirlineFit, errors: Floats, steps: int) -> Floats:
    s = fit.period
    w = difference(errors[:, None], s)
    m = w.shape[0]
    half = whiten(fit.factor, w)
    solved, _ = lapack.dtbtrs(fit.factor, half, uplo="L", trans="T")
    gamma = _autocovariances((fit.theta, fit.seasonal_theta), s)
    path = np.concatenate([errors, np.zeros(steps)])
    for h in range(steps):
        lags = np.arange(h + 1, min(s + 1, m + h) + 1)
        step = float(gamma[lags] @ solved[m + h - lags, 0]) if lags.size else 0.0
        t = errors.size + h
        path[t] = path[t - 1] + path[t - s] - path[t - s - 1] + step
    return path[errors.size :]
