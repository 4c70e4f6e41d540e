"""Estimate the variation of a rate beyond chance, its autocorrelation, and their uncertainty.

A short series of small counts says little about either. Every pair of spread and memory that the
residuals allow is kept with a weight, instead of one estimate.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from obs.errors import ObsError
from obs.stats.arrays import Floats
from obs.stats.linear.pivoted_qr import factor_rows, scale_columns
from obs.stats.series.count_regression import CountFit

__all__ = ["Disturbance", "rate_disturbance"]


_SPREADS, _MEMORIES = 14, 9  # points of the grid, laid twice: over all, then where the weight is
_WIDEST = 4.0  # spreads looked at, in standard deviations of the residuals
_MOST_CORRELATED = 0.95  # beyond, a short series cannot tell memory from trend
_LAGS_OF_MEMORY = 12  # a long one tells correlations up to 1 - 12 / n
_LONG = 200  # observations that can tell a slow wave from what is forgotten at once
_FORGOTTEN = (0.0, 0.25, 0.5, 0.75)  # parts of the variance that may be, in a long series
_NEGLIGIBLE = 1e-4  # of the greatest weight


@dataclass(frozen=True)
class Disturbance:
    """Pairs of spread and memory, each with the weight that the residuals give it.

    Attributes
    ----------
    spread : ndarray of shape (n_pairs,)
        Standard deviation of the logarithm of the rate, beyond chance.
    correlation : ndarray of shape (n_pairs,)
        Of what is remembered from one period to the next, in [0, 1).
    forgotten : ndarray of shape (n_pairs,)
        Part of the variance that is not remembered at all, in [0, 1).
    weight : ndarray of shape (n_pairs,)
        Sums to 1.
    position : ndarray of shape (n,)
        Time of each observation.
    """

    spread: Floats
    correlation: Floats
    forgotten: Floats
    weight: Floats
    position: Floats

    @property
    def mean_spread(self) -> float:
        """Give the weighted mean of the spread."""
        return float(self.weight @ self.spread)

    def covariance(self, columns: Floats) -> Floats:
        r"""Give the covariance of sums of the disturbance, for every pair.

        With c the columns and f what is forgotten, :math:`\sigma^2 c' ((1-f) R(\rho) + f I) c`,
        R the correlations :math:`\rho^{|t_i - t_j|}`.

        Parameters
        ----------
        columns : ndarray of shape (n, k)
            Weights of each observation in each sum.

        Returns
        -------
        ndarray of shape (n_pairs, k, k)
        """
        memories, which = np.unique(self.correlation, return_inverse=True)
        smoothed = _smooth(memories, self.position, columns)
        products = np.einsum("ti,tmj->mij", columns, smoothed)
        forgotten = self.forgotten[:, None, None]
        mixed = (1 - forgotten) * products[which] + forgotten * (columns.T @ columns)
        return np.asarray(self.spread[:, None, None] ** 2 * mixed)


def rate_disturbance(fit: CountFit, *, position: ArrayLike | None = None) -> Disturbance:
    r"""Weigh how much a rate varies beyond chance and how long that lasts.

    The working residuals :math:`r_t = (y_t - \mu_t)/\mu_t` are chance of variance
    :math:`1/\mu_t` plus a disturbance of standard deviation :math:`\sigma` whose
    correlation over h periods is :math:`\rho^h`. Each pair :math:`(\sigma, \rho)` of a grid
    is weighted by its restricted likelihood (the coefficients integrated out), all
    spreads and all correlations from 0 to 0.95 being held equally likely before. From 200
    observations on, up to three quarters of the variance may be forgotten at once: days
    have both good and bad days and slow waves.

    Parameters
    ----------
    fit : CountFit
        A fit whose rows are in the order of time.
    position : array_like of shape (n,) or None
        Whole time of each row, rising; None where no period is left out.

    Returns
    -------
    Disturbance

    Raises
    ------
    ObsError
        Positions that do not rise or are not as many as the rows.

    Notes
    -----
    One estimate of a correlation from forty small counts is often 0 when the truth is
    0.8; intervals that trust it hold 85 % where they state 95 %. Averaging over the pairs
    is what a restricted likelihood with a flat prior does [1]_, [2]_. Negative
    correlations, rare in counts, are not looked at.

    References
    ----------
    .. [1] S. L. Zeger, 1988, A regression model for time series of counts, Biometrika 75.
    .. [2] A. Gelman, 2006, Prior distributions for variance parameters in hierarchical
       models, Bayesian Analysis 1.
    .. [3] J. Durbin and S. J. Koopman, 2012, Time series analysis by state space methods.

    Examples
    --------
    >>> from obs.stats.series.count_regression import fit_counts
    >>> y = np.random.default_rng(1).poisson(50, 60)
    >>> found = rate_disturbance(fit_counts(y, np.ones((60, 1))))
    >>> bool(found.mean_spread < 0.1)
    True
    """
    n = fit.mean.size
    time = np.asarray(np.arange(n) if position is None else position, dtype=np.float64)
    if time.shape != (n,) or np.any(np.diff(time) <= 0):
        raise ObsError(f"positions must rise and be {n}, one a row of the fit")
    residuals = (fit.counts - fit.mean) / fit.mean
    basis = factor_rows(scale_columns(fit.design).values).q  # no unit of a regressor counts
    columns = np.column_stack([basis, residuals])
    grid = _Grid.over_all(_largest_spread(fit, residuals), n)
    weights = _posterior_weights(grid, fit.mean, time, columns)
    grid = grid.where_weighty(weights)
    weights = _posterior_weights(grid, fit.mean, time, columns).ravel()
    kept = weights > _NEGLIGIBLE * weights.max()
    spread, correlation, forgotten = grid.pairs
    return Disturbance(
        spread=spread[kept],
        correlation=correlation[kept],
        forgotten=forgotten[kept],
        weight=weights[kept] / weights[kept].sum(),
        position=time,
    )


@dataclass(frozen=True)
class _Grid:
    """Midpoints of equal steps between edges, on scales finer where it matters.

    The scale of spreads is their square root, that of correlations -log(1 - rho).
    """

    spread_edges: Floats
    memory_edges: Floats
    forgotten: Floats

    @classmethod
    def over_all(cls, largest: float, n: int) -> _Grid:
        most = max(_MOST_CORRELATED, 1 - _LAGS_OF_MEMORY / n)
        return cls(
            np.linspace(0, np.sqrt(largest), _SPREADS + 1),
            np.linspace(0, -np.log(1 - most), _MEMORIES + 1),
            np.array(_FORGOTTEN if n >= _LONG else _FORGOTTEN[:1]),
        )

    @property
    def spreads(self) -> Floats:
        return np.asarray(_middle(self.spread_edges) ** 2)

    @property
    def memories(self) -> Floats:
        return np.asarray(-np.expm1(-_middle(self.memory_edges)))

    @property
    def pairs(self) -> tuple[Floats, Floats, Floats]:
        axes = (self.spreads, self.memories, self.forgotten)
        spread, memory, forgotten = np.meshgrid(*axes, indexing="ij")
        return spread.ravel(), memory.ravel(), forgotten.ravel()

    @property
    def prior(self) -> Floats:
        """Width of each cell on the scales of spread and correlation themselves."""
        cells = np.outer(np.diff(self.spread_edges**2), np.diff(-np.exp(-self.memory_edges)))
        return np.repeat(cells[:, :, None], self.forgotten.size, axis=2)

    def where_weighty(self, weights: Floats) -> _Grid:
        """Lay the same number of points over the cells that carry weight, and one more."""
        return _Grid(
            _narrowed(self.spread_edges, weights.sum(axis=(1, 2))),
            _narrowed(self.memory_edges, weights.sum(axis=(0, 2))),
            self.forgotten,
        )


def _middle(edges: Floats) -> Floats:
    return np.asarray((edges[1:] + edges[:-1]) / 2)


def _narrowed(edges: Floats, weights: Floats) -> Floats:
    carry = np.flatnonzero(weights > _NEGLIGIBLE * weights.max())
    low, high = max(carry[0] - 1, 0), min(carry[-1] + 2, weights.size)
    return np.linspace(edges[low], edges[high], weights.size + 1)


def _largest_spread(fit: CountFit, residuals: Floats) -> float:
    """Give a spread beyond doubt: several times that of the residuals, or that of chance."""
    weights = fit.weights / fit.weights.sum()
    seen, chance = float(weights @ residuals**2), float(weights @ (1 / fit.mean))
    return float(_WIDEST * np.sqrt(max(seen, chance / 4)))


def _posterior_weights(grid: _Grid, mean: Floats, time: Floats, columns: Floats) -> Floats:
    """Give the restricted likelihood times the prior of each pair, summing to 1."""
    innovations, log_determinant = _innovations(grid.pairs, mean, time, columns)
    moments = innovations.transpose(1, 2, 0) @ innovations.transpose(1, 0, 2)
    k = columns.shape[1] - 1
    inner, cross, square = moments[:, :k, :k], moments[:, :k, k], moments[:, k, k]
    solved = np.linalg.solve(inner, cross[:, :, None])[:, :, 0]
    rest = square - np.einsum("gi,gi->g", cross, solved)
    log_weight = -(log_determinant + np.linalg.slogdet(inner)[1] + rest) / 2
    log_weight = log_weight.reshape(grid.prior.shape) + np.log(grid.prior)
    weight = np.exp(log_weight - log_weight.max())
    return np.asarray(weight / weight.sum())


def _innovations(
    pairs: tuple[Floats, Floats, Floats], mean: Floats, time: Floats, columns: Floats
) -> tuple[Floats, Floats]:
    """Make the columns independent by Kalman's filter, for all pairs at once.

    Returns standardised innovations of shape (n, n_pairs, k) and log determinants.
    """
    spread, memory, forgotten = pairs
    variance, at_once = (1 - forgotten) * spread**2, forgotten * spread**2
    state = np.zeros((spread.size, columns.shape[1]))
    doubt, log_determinant = variance.copy(), np.zeros(spread.size)
    out = np.empty((mean.size, *state.shape))
    steps = np.diff(time, prepend=time[0])
    for t in range(mean.size):
        if steps[t]:
            kept = memory ** steps[t]
            state = kept[:, None] * state
            doubt = variance + kept**2 * (doubt - variance)
        total = doubt + at_once + 1 / mean[t]
        error = columns[t] - state
        out[t] = error / np.sqrt(total)[:, None]
        log_determinant += np.log(total)
        gain = doubt / total
        state = state + gain[:, None] * error
        doubt = doubt - gain * doubt
    return out, log_determinant


def _smooth(memories: Floats, time: Floats, columns: Floats) -> Floats:
    """Multiply columns by the correlations of each memory; shape (n, n_memories, k)."""
    n, k = columns.shape
    out = np.empty((n, memories.size, k))
    forward = np.zeros((memories.size, k))
    backward = np.zeros((memories.size, k))
    steps = np.diff(time)
    kept = memories[:, None] ** np.concatenate([[0.0], steps])[:, None, None]
    for t in range(n):
        forward = kept[t] * forward + columns[t]
        out[t] = forward
    for t in range(n - 2, -1, -1):
        backward = kept[t + 1] * (backward + columns[t + 1])
        out[t] += backward
    return out
