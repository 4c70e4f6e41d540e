"""Fit log-linear regressions of counts in time: Poisson, quasi-Poisson, negative binomial.

The covariance of Newey and West is given beside that of the model. For short series with an
autocorrelated rate see `obs.stats.series.rate_disturbance`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from obs.errors import ObsError
from obs.stats.arrays import Floats
from obs.stats.linear.pivoted_qr import factor_rows, refuse_dependent, scale_columns
from obs.stats.series.negative_binomial import (
    best_dispersion,
    dispersion_score,
    log_likelihood,
)

__all__ = [
    "CountFit",
    "ErrorModel",
    "Family",
    "fit_counts",
    "newey_west_covariance",
]

Family = Literal["poisson", "quasipoisson", "negbin"]
ErrorModel = Literal["model", "newey_west", "autoregressive"]

_REACH = 40.0  # of the logarithm of a mean: beyond, nothing is countable
_LEAST_RATE = 1e-7  # a rate this far below the usual one is a term without events
_STEPS = 200
_LONG_STEP = 0.5  # of a fitted logarithm: from here on a step must raise the likelihood
_STILL = 1e-10  # change of a fitted logarithm below which the fit stands still
_RUNS_AWAY = (
    "the fit runs away: some terms meet no event at all; take a higher level, longer "
    "periods or fewer terms"
)


@dataclass(frozen=True)
class CountFit:
    """A fitted log-linear model of counts; `theta` is infinite but for "negbin"."""

    family: Family
    coefficients: Floats
    covariance: Floats
    mean: Floats
    counts: Floats
    design: Floats
    theta: float
    dispersion: float
    log_likelihood: float

    @property
    def weights(self) -> Floats:
        """Weight of each observation: the mean over its variance, times the mean."""
        return np.asarray(self.mean / (1 + self.mean / self.theta))

    @property
    def pearson(self) -> Floats:
        """Residuals over their standard deviation without over-dispersion beyond theta."""
        variance = self.mean * (1 + self.mean / self.theta)
        return np.asarray((self.counts - self.mean) / np.sqrt(variance))

    @property
    def influence(self) -> Floats:
        """W X (X'WX)^-1: how the coefficients follow each relative residual."""
        columns = scale_columns(self.design)
        through = factor_rows(columns.values, self.weights).through
        return np.asarray(self.weights[:, None] * through @ columns.back.T)

    @property
    def df(self) -> int:
        """Observations less coefficients."""
        return int(self.design.shape[0] - self.design.shape[1])

    @property
    def errors(self) -> Floats:
        """Standard errors of the coefficients."""
        return np.asarray(np.sqrt(np.diag(self.covariance)))

    @property
    def aic(self) -> float:
        """Akaike's criterion, theta counted; missing for "quasipoisson", which has none."""
        if self.family == "quasipoisson":
            return float("nan")
        free = self.design.shape[1] + (self.family == "negbin")
        return float(2 * free - 2 * self.log_likelihood)


def fit_counts(
    counts: ArrayLike,
    design: ArrayLike,
    *,
    exposure: ArrayLike | None = None,
    family: Family = "negbin",
) -> CountFit:
    r"""Fit :math:`\log E(y) = \log(exposure) + X\beta` by iteratively weighted least squares.

    "negbin" has variance :math:`\mu + \alpha\mu^2`, :math:`\alpha = 1/\theta` of the highest
    profile likelihood from 0 (Poisson) up; its covariance holds theta fixed, as MASS does.
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
    y, x, offset = _checked_regression(counts, design, exposure)
    if family not in ("negbin", "poisson", "quasipoisson"):
        raise ObsError(f"unknown family {family!r}; choose negbin, quasipoisson or poisson")
    profile = _Profile(y, x, offset)
    _refuse_runaway(y, profile.mean(0.0), offset)
    alpha = 0.0
    if family == "negbin":
        alpha = best_dispersion(float(y.mean()), profile.height, profile.slope)
    beta, mean = profile.coefficients(alpha), profile.mean(alpha)
    _refuse_runaway(y, mean, offset)
    covariance = profile.covariance(mean, alpha)
    df = max(y.size - x.shape[1], 1)
    dispersion = float(np.sum((y - mean) ** 2 / (mean * (1 + mean * alpha))) / df)
    if family == "quasipoisson":
        covariance = covariance * dispersion
    return CountFit(
        family=family,
        coefficients=beta,
        covariance=covariance,
        mean=mean,
        counts=y,
        design=x,
        theta=1 / alpha if alpha > 0 else np.inf,
        dispersion=dispersion,
        log_likelihood=log_likelihood(y, mean, alpha),
    )


def newey_west_covariance(fit: CountFit, *, lags: int, small_sample: bool = False) -> Floats:
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
    moved = fit.influence * ((fit.counts - fit.mean) / fit.mean)[:, None]
    covariance = moved.T @ moved
    for lag in range(1, min(lags, fit.mean.size - 1) + 1):
        cross = moved[lag:].T @ moved[:-lag]
        covariance += (1 - lag / (lags + 1)) * (cross + cross.T)
    factor = fit.mean.size / max(fit.df, 1) if small_sample else 1.0
    return np.asarray(factor * covariance)


def _checked_regression(
    counts: ArrayLike, design: ArrayLike, exposure: ArrayLike | None
) -> tuple[Floats, Floats, Floats]:
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
    refuse_dependent(scale_columns(x).values)
    return y, x, np.log(size)


class _Profile:
    """The best coefficients and likelihood at each dispersion, begun where the last ended.

    It works on an orthonormal basis of the regressors: steps are then well conditioned and
    end where the slope is 0, whatever the units of the regressors.
    """

    def __init__(self, y: Floats, x: Floats, offset: Floats) -> None:
        self.y, self.offset = y, offset
        self.columns = scale_columns(x)
        factor = factor_rows(self.columns.values)
        self.basis, self.root = factor.q, factor.root
        self.place = self.basis.T @ (np.log(y + 0.5) - offset)

    def coefficients(self, alpha: float) -> Floats:
        self.mean(alpha)
        return np.asarray(self.columns.back @ (self.root @ self.place))

    def covariance(self, mean: Floats, alpha: float) -> Floats:
        """Give the inverse of the information at these means, in the given regressors."""
        try:
            factor = factor_rows(self.columns.values, mean / (1 + alpha * mean))
        except ObsError:  # of full rank until its weights vanish
            raise ObsError(_RUNS_AWAY) from None
        return np.asarray(self.columns.back @ factor.inverse @ self.columns.back.T)

    def height(self, alpha: float) -> float:
        return log_likelihood(self.y, self.mean(alpha), alpha)

    def slope(self, alpha: float) -> float:
        return dispersion_score(self.y, self.mean(alpha), alpha)

    def mean(self, alpha: float) -> Floats:
        """Iterate weighted least squares to the highest likelihood at this dispersion."""
        mean = _mean(self.offset, self.basis, self.place)
        for _ in range(_STEPS):
            weights = mean / (1 + alpha * mean)
            weighted = weights[:, None] * self.basis
            pull = weighted.T @ ((self.y - mean) / mean)
            try:
                step = np.asarray(np.linalg.solve(weighted.T @ self.basis, pull), np.float64)
            except np.linalg.LinAlgError:
                raise ObsError(_RUNS_AWAY) from None
            moved = float(np.abs(self.basis @ step).max())
            if moved > _LONG_STEP:
                step = self._shortened(step, mean, alpha)
            self.place = self.place + step
            mean = _mean(self.offset, self.basis, self.place)
            if moved < _STILL:
                break
        return mean

    def _shortened(self, step: Floats, mean: Floats, alpha: float) -> Floats:
        """Halve a step until the likelihood rises."""
        height = log_likelihood(self.y, mean, alpha)
        for _ in range(40):
            tried = _mean(self.offset, self.basis, self.place + step)
            if log_likelihood(self.y, tried, alpha) >= height:
                break
            step = step / 2
        return step


def _mean(offset: Floats, x: Floats, beta: Floats) -> Floats:
    return np.asarray(np.exp(np.clip(offset + x @ beta, -_REACH, _REACH)))


def _refuse_runaway(y: Floats, mean: Floats, offset: Floats) -> None:
    size = np.exp(offset)
    rate, usual = mean / size, float(y.sum() / size.sum())
    if rate.min() < _LEAST_RATE * usual or mean.max() > y.max() / _LEAST_RATE:
        raise ObsError(_RUNS_AWAY)
