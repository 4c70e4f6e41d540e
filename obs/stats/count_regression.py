"""Log-linear regression of counts in time: Poisson, quasi-Poisson, negative binomial.

Written for short, autocorrelated series: beside the model's own covariance it gives
those of Newey and West and of first-order autoregressive errors.
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
    "autoregressive_covariance",
    "fit_counts",
    "newey_west_covariance",
    "residual_autocorrelation",
]

Array = NDArray[np.float64]
Family = Literal["poisson", "quasipoisson", "negbin"]
ErrorModel = Literal["model", "newey_west", "autoregressive"]

_REACH = 40.0  # of the logarithm of a mean: beyond, nothing is countable
_LEAST_MEAN = 1e-7  # a mean this far below the usual one is a term without events
_MOST_THETA = 1e8  # beyond this a negative binomial is a Poisson
_LAGS = 3  # residual correlations summed: one alone is too noisy for small counts
_LAG_EVERY = 36  # one more lag for each 36 observations, so that long series show slow waves
_MOST_CORRELATED = 0.9
_LAGS_OF_MEMORY = 12  # a long series can tell correlations up to 1 - 12 / n from a trend


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


def autoregressive_covariance(fit: CountFit) -> tuple[Array, float]:
    r"""Give the covariance when what disturbs the rate is autoregressive of order one.

    Chance is independent from one count to the next; the disturbance of the rate beyond
    chance, of relative variance :math:`1/\theta`, correlates as :math:`\rho^h` over h
    observations. The coefficients stay those of the fit; their covariance is

    .. math:: A^{-1} X' W V W X A^{-1}, \quad A = X'WX,

    V the covariance of the Pearson residuals so described, scaled to their size. The
    correlation is freed of the bias that fitting k coefficients gives it; a negative one
    is not used.

    Parameters
    ----------
    fit : CountFit
        A fit whose rows are in the order of time.

    Returns
    -------
    covariance : ndarray of shape (k, k)
    inflation : float
        How much wider the variance of a long sum is than with independent errors, at
        least 1.

    References
    ----------
    .. [1] S. L. Zeger, 1988, A regression model for time series of counts, Biometrika 75.
    """
    root = np.sqrt(fit.weights)[:, None] * fit.design
    basis, _ = np.linalg.qr(root)
    share = _disturbed_share(fit)
    correlation = residual_autocorrelation(fit.pearson, basis, share)
    bread = np.linalg.inv(root.T @ root)
    smoothed = _disturbed_product(correlation, share, root)
    kept = fit.mean.size - float(np.sum(basis * _disturbed_product(correlation, share, basis)))
    dispersion = float(fit.pearson @ fit.pearson) / max(kept, 1.0)
    if fit.family == "negbin":
        dispersion = max(dispersion, 1.0)  # theta has already taken what is beyond chance
    inflation = 1 + 2 * float(share.mean()) * correlation / (1 - correlation)
    return np.asarray(dispersion * bread @ (root.T @ smoothed) @ bread), inflation


def residual_autocorrelation(residuals: Array, basis: Array, share: Array) -> float:
    """Estimate how the disturbance of a rate correlates from residuals of a regression.

    Residuals of a regression correlate less than its errors, and errors less than the
    disturbance within them; the estimate is the correlation whose expected sum over the
    first lags of the residuals is the one seen.

    Parameters
    ----------
    residuals : ndarray of shape (n,)
        Pearson residuals in the order of time.
    basis : ndarray of shape (n, k)
        Orthonormal columns that span the weighted regressors.
    share : ndarray of shape (n,)
        Part of each residual's variance that the disturbance has, in [0, 1].

    Returns
    -------
    float
        At least 0; at most 0.9, or 1 - 12 / n in a long series.
    """
    if not share.any():
        return 0.0
    n = residuals.size
    lags, most = max(_LAGS, n // _LAG_EVERY), max(_MOST_CORRELATED, 1 - _LAGS_OF_MEMORY / n)
    products = [float(residuals[h:] @ residuals[:-h]) for h in range(1, lags + 1)]
    seen = sum(products) / max(float(residuals @ residuals), 1e-300)

    def excess(correlation: float) -> float:
        return _expected_correlation(correlation, share, basis, lags) - seen

    if excess(0.0) >= 0:
        return 0.0
    if excess(most) <= 0:
        return most
    return float(brentq(excess, 0.0, most, xtol=1e-4))


def _expected_correlation(correlation: float, share: Array, basis: Array, lags: int) -> float:
    """Give the expected sum of the residuals' first correlations, at a true correlation.

    Residuals are M e with M = I - BB' and e of covariance C: the traces of SMCM and MC,
    S the mean of the shifts by each lag and their transposes.
    """
    root = np.sqrt(share)
    own = sum(correlation**h * float(root[h:] @ root[:-h]) for h in range(1, lags + 1))
    turned = _disturbed_product(correlation, share, basis)
    shifted = _shifted(basis, lags)
    inner = basis.T @ turned
    top = own - 2 * np.sum(turned * shifted) + np.sum((basis.T @ shifted) * inner.T)
    return float(top / (share.size - np.trace(inner)))


def _shifted(columns: Array, lags: int) -> Array:
    """Half the sum of each column's values up to `lags` rows before and after, own left out."""
    n = columns.shape[0]
    running = np.vstack([np.zeros((1, columns.shape[1])), np.cumsum(columns, axis=0)])
    rows = np.arange(n)
    first, last = np.maximum(rows - lags, 0), np.minimum(rows + lags, n - 1) + 1
    return np.asarray((running[last] - running[first] - columns) / 2)


def _disturbed_share(fit: CountFit) -> Array:
    if fit.family == "negbin":
        return np.asarray(1 - 1 / (1 + fit.mean / fit.theta))
    return np.full(fit.mean.size, max(1 - 1 / max(fit.dispersion, 1e-300), 0.0))


def _disturbed_product(correlation: float, share: Array, columns: Array) -> Array:
    """Multiply the residuals' correlation matrix by columns, without making the matrix."""
    root = np.sqrt(share)[:, None]
    powers = np.asarray(correlation ** np.arange(share.size), dtype=np.float64)
    smoothed = _toeplitz_product(powers, root * columns)
    return np.asarray((1 - share)[:, None] * columns + root * smoothed)


def _toeplitz_product(powers: Array, columns: Array) -> Array:
    """Multiply the correlation matrix of an autoregression by columns, without making it."""
    n = powers.size
    size = 1 << int(np.ceil(np.log2(2 * n)))
    circle = np.zeros(size)
    circle[:n] = powers
    circle[size - n + 1 :] = powers[:0:-1]
    spectrum = np.fft.rfft(circle)[:, None]
    product = np.fft.irfft(spectrum * np.fft.rfft(columns, size, axis=0), size, axis=0)
    return np.asarray(product[:n])


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
    if np.any(y < 0) or not np.all(size > 0):
        raise ObsError("counts are at least 0 and exposures above 0")
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
