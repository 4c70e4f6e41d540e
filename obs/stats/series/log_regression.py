"""Fit least squares to the logarithm of counts, with Newey-West errors and the usual diagnostics.

Practice often does this; here it is given beside the regression of counts. A zero has no logarithm,
and a month of ten events weighs as much as one of a thousand.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from obs.errors import ObsError
from obs.stats.arrays import Flags, Floats
from obs.stats.linear.pivoted_qr import factor_rows, refuse_dependent, scale_columns
from obs.stats.seasonal.quality import ljung_box

__all__ = ["Diagnostic", "LogFit", "fit_logs"]

_EXACT = 1e-10  # of the spread of the logarithms: below, the model leaves no error to judge by


@dataclass(frozen=True)
class Diagnostic:
    """One number that says whether a fit may be read, and its p-value where it is a test."""

    name: str
    value: float
    p_value: float


@dataclass(frozen=True)
class LogFit:
    """A fitted log-linear model; `covariance` allows for heteroskedasticity and memory."""

    coefficients: Floats
    covariance: Floats
    fitted: Floats
    residuals: Floats
    lags: int
    df: int
    diagnostics: tuple[Diagnostic, ...]

    @property
    def errors(self) -> Floats:
        """Standard errors of the coefficients."""
        return np.asarray(np.sqrt(np.diag(self.covariance)))


def fit_logs(
    counts: ArrayLike,
    design: ArrayLike,
    *,
    exposure: ArrayLike | None = None,
    lags: int | None = None,
) -> LogFit:
    r"""Fit :math:`\log(y/n) = X\beta + e` by least squares, with errors of Newey and West.

    Bartlett weights, multiplied by :math:`n/(n-k)`; a missing count is left out, and lags are
    counted in periods all the same.

    Parameters
    ----------
    counts : array_like of shape (n,)
        Whole events in the order of time, above 0; NaN for a missing one.
    design : array_like of shape (n, k)
        Regressors, intercept included, of full rank.
    exposure : array_like of shape (n,) or None
        Days, inhabitants; above 0.
    lags : int or None
        At least 0; None takes the whole part of 4 (n/100)^(2/9), at least 1.

    Returns
    -------
    LogFit
        `diagnostics`: "r_squared"; "durbin_watson" (2 without memory); "ljung_box" of ten lags or
        a fifth of the series; "breusch_pagan" (Koenker's form: does the spread follow the
        regressors); "jarque_bera" (normal residuals); "condition" (of columns of one length,
        Belsley). A small p-value speaks against the assumption.

    Raises
    ------
    ObsError
        Shapes that disagree, a count of 0 (it has no logarithm) or fractional, exposures not
        above 0, a design not of full rank, fewer than three counts beyond the regressors, a model
        that leaves no error.

    References
    ----------
    .. [1] W. K. Newey and K. D. West, 1987, Econometrica 55.
    .. [2] R. Koenker, 1981, A note on studentizing a test for heteroscedasticity, Journal of
       Econometrics 17.
    .. [3] D. A. Belsley, E. Kuh and R. E. Welsch, 1980, Regression diagnostics.
    .. [4] J. M. C. Santos Silva and S. Tenreyro, 2006, The log of gravity, Review of Economics and
       Statistics 88 (why the model of the counts comes first).

    Examples
    --------
    >>> fit = fit_logs([12, 15, 11, 31, 28, 35], [[1, 0]] * 3 + [[1, 1]] * 3)
    >>> np.exp(fit.coefficients).round(2).tolist(), fit.diagnostics[0].name
    ([12.56, 2.48], 'r_squared')
    """
    y, x, seen = _checked_logs(counts, design, exposure)
    columns = scale_columns(x)
    factor = factor_rows(columns.values)
    beta = np.asarray(columns.back @ factor.solve(y))
    residuals = y - x @ beta
    spread = float(np.sqrt(np.sum((y - y.mean()) ** 2)))
    if float(np.sqrt(residuals @ residuals)) <= _EXACT * max(spread, float(np.abs(y).max())):
        raise ObsError("the model leaves no error in the logarithms: nothing tells how sure it is")
    df = y.size - x.shape[1]
    chosen = max(int(4 * (y.size / 100) ** (2 / 9)), 1) if lags is None else lags
    moved = np.zeros((seen.size, x.shape[1]))
    moved[seen] = residuals[:, None] * factor.through @ columns.back.T
    covariance = _newey_west(moved, chosen) * y.size / df
    return LogFit(
        coefficients=beta,
        covariance=covariance,
        fitted=y - residuals,
        residuals=residuals,
        lags=chosen,
        df=df,
        diagnostics=_diagnostics(y, x, residuals, factor.q, seen),
    )


def _newey_west(moved: Floats, lags: int) -> Floats:
    covariance = moved.T @ moved
    for lag in range(1, min(lags, len(moved) - 1) + 1):
        cross = moved[lag:].T @ moved[:-lag]
        covariance = covariance + (1 - lag / (lags + 1)) * (cross + cross.T)
    return np.asarray(covariance)


def _diagnostics(
    y: Floats, x: Floats, residuals: Floats, basis: Floats, seen: Flags
) -> tuple[Diagnostic, ...]:
    n, k = x.shape
    power = float(residuals @ residuals)
    next_to = np.diff(np.flatnonzero(seen)) == 1
    watson = float(np.sum(np.diff(residuals)[next_to] ** 2)) / power
    box = ljung_box(residuals, lags=min(10, n // 5))
    squares = residuals**2 - power / n
    explained = float(np.sum((basis.T @ squares) ** 2))
    pagan = n * explained / max(float(squares @ squares), np.finfo(float).tiny)
    standard = residuals - residuals.mean()
    standard = standard / np.sqrt(np.mean(standard**2))
    bera = n / 6 * (np.mean(standard**3) ** 2 + (np.mean(standard**4) - 3) ** 2 / 4)
    lengths = x / np.sqrt(np.sum(x**2, axis=0))
    sizes = np.linalg.svd(lengths, compute_uv=False)
    around = float(np.sum((y - y.mean()) ** 2))
    found = (
        ("r_squared", 1 - power / around if around > 0 else np.nan, np.nan),
        ("durbin_watson", watson, np.nan),
        ("ljung_box", *box),
        ("breusch_pagan", pagan, float(stats.chi2.sf(pagan, k - 1)) if k > 1 else np.nan),
        ("jarque_bera", float(bera), float(stats.chi2.sf(bera, 2))),
        ("condition", float(sizes[0] / sizes[-1]), np.nan),
    )
    return tuple(Diagnostic(name, float(value), float(p)) for name, value, p in found)


def _checked_logs(
    counts: ArrayLike, design: ArrayLike, exposure: ArrayLike | None
) -> tuple[Floats, Floats, Flags]:
    y, x = np.asarray(counts, dtype=np.float64), np.asarray(design, dtype=np.float64)
    size = np.ones(y.shape) if exposure is None else np.asarray(exposure, dtype=np.float64)
    if y.ndim != 1 or x.ndim != 2 or x.shape[0] != y.size or size.shape != y.shape:
        raise ObsError("counts (n), design (n, k) and exposure (n) must agree in length")
    seen = ~np.isnan(y)
    zeros = int(np.sum(y[seen] == 0))
    if zeros:
        raise ObsError(
            f"{zeros} period(s) without events have no logarithm: fit the counts themselves, or "
            "take longer periods or a higher level"
        )
    if not (np.isfinite(y[seen]) & (y[seen] > 0) & (y[seen] == np.floor(y[seen]))).all():
        raise ObsError("counts are whole numbers above 0")
    if not (np.isfinite(size) & (size > 0)).all() or not np.isfinite(x).all():
        raise ObsError("exposures are above 0 and finite, and no regressor is missing")
    if seen.sum() < x.shape[1] + 3:
        raise ObsError(f"{int(seen.sum())} counts are too few for {x.shape[1]} regressors")
    refuse_dependent(scale_columns(x[seen]).values)
    return np.log(y[seen] / size[seen]), x[seen], seen
