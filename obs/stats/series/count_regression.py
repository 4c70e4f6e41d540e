"""Log-linear regression of counts in time: Poisson, quasi-Poisson, negative binomial.

Beside the model's own covariance it gives that of Newey and West; for short series whose
rate remembers see `obs.stats.series.rate_disturbance`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special
from scipy.optimize import brentq

from obs.errors import ObsError

__all__ = [
    "CountFit",
    "ErrorModel",
    "Family",
    "fit_counts",
    "newey_west_covariance",
]

Array = NDArray[np.float64]
Family = Literal["poisson", "quasipoisson", "negbin"]
ErrorModel = Literal["model", "newey_west", "autoregressive"]

_REACH = 40.0  # of the logarithm of a mean: beyond, nothing is countable
_LEAST_MEAN = 1e-7  # a mean this far below the usual one is a term without events
_MOST_THETA = 1e8  # beyond this a negative binomial is a Poisson


@dataclass(frozen=True)
class CountFit:
    """A fitted log-linear model of counts; `theta` is infinite but for "negbin"."""

    family: Family
    coefficients: Array
    covariance: Array
    mean: Array
    counts: Array
    design: Array
    theta: float
    dispersion: float
    log_likelihood: float

    @property
    def weights(self) -> Array:
        """Weight of each observation: the mean over its variance, times the mean."""
        return np.asarray(self.mean / (1 + self.mean / self.theta))

    @property
    def pearson(self) -> Array:
        """Residuals over their standard deviation without over-dispersion beyond theta."""
        variance = self.mean * (1 + self.mean / self.theta)
        return np.asarray((self.counts - self.mean) / np.sqrt(variance))

    @property
    def df(self) -> int:
        """Observations less coefficients."""
        return int(self.design.shape[0] - self.design.shape[1])

    @property
    def errors(self) -> Array:
        """Standard errors of the coefficients."""
        return np.asarray(np.sqrt(np.diag(self.covariance)))

    @property
    def aic(self) -> float:
        """Akaike's criterion, theta counted; missing for "quasipoisson", which has none."""
        if self.family == "quasipoisson":
            return float("nan")
        free = self.design.shape[1] + (self.family == "negbin")
        return float(2 * free - 2 * self.log_likelihood)

    @property
    def theta_error(self) -> float:
        """Standard error of theta, the means held fixed; missing where theta is infinite."""
        if not np.isfinite(self.theta):
            return float("nan")
        y, mean, theta = self.counts, self.mean, self.theta
        terms = special.polygamma(1, theta) - special.polygamma(1, theta + y) - 1 / theta
        terms += 2 / (mean + theta) - (y + theta) / (mean + theta) ** 2
        information = float(terms.sum())
        return float(information**-0.5) if information > 0 else float("nan")


def fit_counts(
    counts: ArrayLike,
    design: ArrayLike,
    *,
    exposure: ArrayLike | None = None,
    family: Family = "negbin",
) -> CountFit:
    r"""Fit :math:`\log E(y) = \log(exposure) + X\beta` by iteratively weighted least squares.

    "negbin" has variance :math:`\mu + \mu^2/\theta`, theta by maximum likelihood in
    alternation with the coefficients; its covariance holds theta fixed, as MASS does.
    "quasipoisson" multiplies the Poisson covariance by the Pearson dispersion.

    Parameters
    ----------
    counts : array_like of shape (n,)
        Whole events, at least 0, none missing.
    design : array_like of shape (n, k)
        Regressors, intercept included, of full rank.
    exposure : array_like of shape (n,) or None
        Above 0: inhabitants, days.
    family : {"negbin", "quasipoisson", "poisson"}
        Variance of the counts.

    Returns
    -------
    CountFit

    Raises
    ------
    ObsError
        Shapes that disagree, missing or negative values, a design not of full rank, no
        event at all, or none where a term of its own needs some.

    References
    ----------
    .. [1] P. McCullagh and J. A. Nelder, 1989, Generalized linear models.
    .. [2] W. N. Venables and B. D. Ripley, 2002, Modern applied statistics with S, 7.4.

    Examples
    --------
    >>> fit = fit_counts([12, 15, 11, 31, 28, 35], [[1, 0]] * 3 + [[1, 1]] * 3, family="poisson")
    >>> np.exp(fit.coefficients).round(2).tolist()
    [12.67, 2.47]
    """
    y, x, offset = _checked(counts, design, exposure)
    theta = np.inf
    beta = _irls(y, x, offset, theta, _first_guess(y, x, offset))
    if family == "negbin":
        beta, theta = _alternate(y, x, offset, beta)
    elif family not in ("poisson", "quasipoisson"):
        raise ObsError(f"unknown family {family!r}; choose negbin, quasipoisson or poisson")
    mean = _mean(offset, x, beta)
    if mean.min() < _LEAST_MEAN * y.mean() or mean.max() > y.max() / _LEAST_MEAN:
        raise ObsError(
            "the fit runs away: some terms meet no event at all; take a higher level, longer "
            "periods or fewer terms"
        )
    weights = mean / (1 + mean / theta)
    covariance = np.linalg.inv(x.T @ (weights[:, None] * x))
    df = max(y.size - x.shape[1], 1)
    dispersion = float(np.sum((y - mean) ** 2 / (mean * (1 + mean / theta))) / df)
    if family == "quasipoisson":
        covariance = covariance * dispersion
    return CountFit(
        family=family,
        coefficients=beta,
        covariance=np.asarray(covariance, dtype=np.float64),
        mean=mean,
        counts=y,
        design=x,
        theta=theta,
        dispersion=dispersion,
        log_likelihood=_log_likelihood(y, mean, theta),
    )


def newey_west_covariance(fit: CountFit, *, lags: int, small_sample: bool = False) -> Array:
    """Give the covariance of Newey and West: heteroskedasticity and autocorrelation allowed.

    Bartlett weights 1 - l / (lags + 1), no prewhitening; no lag is White's HC0.

    Parameters
    ----------
    fit : CountFit
        A fit whose rows are in the order of time.
    lags : int
        At least 0.
    small_sample : bool
        Multiply by n / (n - k).

    Returns
    -------
    ndarray of shape (k, k)

    References
    ----------
    .. [1] W. K. Newey and K. D. West, 1987, Econometrica 55.
    """
    scores = fit.design * ((fit.counts - fit.mean) * fit.weights / fit.mean)[:, None]
    meat = scores.T @ scores
    for lag in range(1, min(lags, fit.mean.size - 1) + 1):
        cross = scores[lag:].T @ scores[:-lag]
        meat += (1 - lag / (lags + 1)) * (cross + cross.T)
    bread = np.linalg.inv(fit.design.T @ (fit.weights[:, None] * fit.design))
    factor = fit.mean.size / max(fit.df, 1) if small_sample else 1.0
    return np.asarray(factor * bread @ meat @ bread)


def _checked(
    counts: ArrayLike, design: ArrayLike, exposure: ArrayLike | None
) -> tuple[Array, Array, Array]:
    y = np.asarray(counts, dtype=np.float64)
    x = np.asarray(design, dtype=np.float64)
    size = np.ones(y.size) if exposure is None else np.asarray(exposure, dtype=np.float64)
    if y.ndim != 1 or x.ndim != 2 or x.shape[0] != y.size or size.shape != y.shape:
        raise ObsError("counts (n), design (n, k) and exposure (n) must agree in length")
    if not (np.isfinite(y).all() and np.isfinite(x).all()):
        raise ObsError("a missing value: leave its row out or model it before the fit")
    if np.any(y < 0) or not np.all((size > 0) & np.isfinite(size)):
        raise ObsError("counts are at least 0 and exposures above 0 and finite")
    if y.sum() == 0:
        raise ObsError("no event at all: nothing can be fitted")
    if np.linalg.matrix_rank(x) < x.shape[1]:
        raise ObsError("the regressors are not of full rank: two of them say the same")
    return y, x, np.log(size)


def _first_guess(y: Array, x: Array, offset: Array) -> Array:
    beta, *_ = np.linalg.lstsq(x, np.log(y + 0.5) - offset, rcond=None)
    return np.asarray(beta)


def _irls(y: Array, x: Array, offset: Array, theta: float, beta: Array) -> Array:
    deviance = np.inf
    for _ in range(100):
        mean = _mean(offset, x, beta)
        weights = mean / (1 + mean / theta)
        working = np.log(mean) - offset + (y - mean) / mean
        root = np.sqrt(weights)
        solved = np.linalg.lstsq(root[:, None] * x, root * working, rcond=None)
        beta = np.asarray(solved[0], dtype=np.float64)
        now = -2 * _log_likelihood(y, _mean(offset, x, beta), theta)
        if abs(now - deviance) < 1e-11 * (abs(now) + 0.1):
            break
        deviance = now
    return np.asarray(beta)


def _mean(offset: Array, x: Array, beta: Array) -> Array:
    return np.asarray(np.exp(np.clip(offset + x @ beta, -_REACH, _REACH)))


def _alternate(y: Array, x: Array, offset: Array, beta: Array) -> tuple[Array, float]:
    theta = np.inf
    for _ in range(50):
        before = theta
        theta = _theta(y, _mean(offset, x, beta))
        beta = _irls(y, x, offset, theta, beta)
        if not np.isfinite(theta) or abs(theta - before) < 1e-9 * theta:
            break
    return beta, theta


def _theta(y: Array, mean: Array) -> float:
    """Maximum likelihood of theta at the present means; infinite when not over-dispersed."""

    def score(log_theta: float) -> float:
        theta = float(np.exp(log_theta))
        terms = special.digamma(theta + y) - special.digamma(theta)
        terms += np.log(theta) + 1 - np.log(theta + mean) - (y + theta) / (mean + theta)
        return float(terms.sum()) * theta

    low, high = np.log(1e-4), np.log(_MOST_THETA)
    if np.sum((y - mean) ** 2 - y) <= 0 or score(high) >= 0:
        return np.inf
    if score(low) <= 0:
        return float(np.exp(low))
    return float(np.exp(brentq(score, low, high, xtol=1e-10, rtol=1e-12)))


def _log_likelihood(y: Array, mean: Array, theta: float) -> float:
    if not np.isfinite(theta):
        return float(np.sum(special.xlogy(y, mean) - mean - special.gammaln(y + 1)))
    terms = special.gammaln(theta + y) - special.gammaln(theta) - special.gammaln(y + 1)
    terms += special.xlogy(y, mean / (mean + theta)) - theta * np.log1p(mean / theta)
    return float(np.sum(terms))
