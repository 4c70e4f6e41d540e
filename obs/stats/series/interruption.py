"""Fit an interrupted time series of counts: the change after an intervention, and a counterfactual.

A trend, a season and an intervention enter one log-linear model. The counterfactual is the same
model without the intervention.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from obs.errors import ObsError
from obs.stats.arrays import Flags, Floats
from obs.stats.counts.intervals import tail_of
from obs.stats.series.count_regression import CountFit, ErrorModel, Family, fit_counts
from obs.stats.series.fit_errors import FitErrors, fit_errors
from obs.stats.series.rate_disturbance import Disturbance
from obs.stats.series.student_mixture import ErrorMixture

__all__ = [
    "MIN_BEFORE",
    "MIN_SLOPE",
    "Effect",
    "Excess",
    "Interruption",
    "fit_interruption",
    "interruption_columns",
    "placebo_interruptions",
]


MIN_BEFORE = 24  # observations before the start: fewer cannot tell a trend from a season
MIN_SLOPE = 6  # observations after it that a change of slope needs
_DRAWS = 4000
_MOST_ERROR = 40.0  # of a logarithm: beyond, the count expected is not known at all
_LARGE = 1e6  # counts from which Poisson draws are taken as normal


@dataclass(frozen=True)
class Effect:
    """A ratio of rates with its interval and two-sided p-value; NaN if not estimated."""

    ratio: float
    low: float
    high: float
    p_value: float


@dataclass(frozen=True)
class Excess:
    """Observed less expected over the intervention, in counts and relative to expected."""

    observed: float
    expected: float
    excess: float
    low: float
    high: float
    relative: float
    relative_low: float
    relative_high: float


@dataclass(frozen=True)
class Interruption:
    """A fitted interruption: effects, excess, fitted and counterfactual values.

    `disturbance` holds what the rate does beyond chance (None for other errors);
    `covariance` is then the mean over its pairs, and intervals are those of the mixture.
    """

    level: Effect
    slope: Effect
    aftermath: Effect
    excess: Excess
    fitted: Floats
    expected: Floats
    expected_low: Floats
    expected_high: Floats
    terms: tuple[str, ...]
    coefficients: Floats
    covariance: Floats
    fit: CountFit
    errors: ErrorModel
    disturbance: Disturbance | None
    df: float
    confidence: float


def fit_interruption(
    counts: ArrayLike,
    *,
    start: int,
    end: int | None = None,
    exposure: ArrayLike | None = None,
    season: ArrayLike | None = None,
    slope: bool = True,
    family: Family = "negbin",
    errors: ErrorModel = "autoregressive",
    lags: int | None = None,
    confidence: float = 0.95,
    rng: np.random.Generator | None = None,
) -> Interruption:
    r"""Fit a change of level and slope to counts in time.

    :math:`\log E(y_t) = \log n_t + \alpha + \beta t + s_t + \delta L_t + \gamma L_t(t-t_0)
    + \epsilon R_t`, with :math:`L` the intervention and :math:`R` the time after its end.
    The expected values without it have :math:`\delta=\gamma=\epsilon=0`.

    Parameters
    ----------
    counts : array_like of shape (n,)
        Whole events in the order of time; NaN for a missing one, which is left out.
    start : int
        Position of the first observation under the intervention.
    end : int or None
        Position of the first observation after it; None if it lasts.
    exposure : array_like of shape (n,) or None
        Days, inhabitants.
    season : array_like of shape (n, k) or None
        Columns of the season, from `harmonic_terms` or of indicators.
    slope : bool
        Estimate a change of slope when the intervention has 6 observations or more.
    family : {"negbin", "quasipoisson", "poisson"}
        Variance of the counts.
    errors : {"autoregressive", "newey_west", "model"}
        Where the intervals come from: a disturbance of the rate whose spread and memory are
        uncertain (`rate_disturbance`), Newey and West, or the model's own errors.
    lags : int or None
        Of Newey-West; None takes the whole part of 4 (n/100)^(2/9).
    confidence : float
        Between 0 and 1.
    rng : numpy.random.Generator or None
        Draws for the interval of the excess; None takes a generator of seed 0, so that
        the same data give the same interval.

    Returns
    -------
    Interruption
        Level and slope as ratios of rates; the excess adds the chance variation of
        counts to the uncertainty of what was expected.

    Raises
    ------
    ObsError
        Fewer than 24 observations before the start, no known one under the intervention,
        a bad confidence, and what `fit_counts` refuses.

    References
    ----------
    .. [1] J. Lopez Bernal, S. Cummins and A. Gasparrini, 2017, Interrupted time series
       regression for the evaluation of public health interventions, International
       Journal of Epidemiology 46.
    .. [2] S. L. Zeger, 1988, Biometrika 75.

    Examples
    --------
    >>> rng = np.random.default_rng(7)
    >>> t = np.arange(72)
    >>> y = rng.poisson(100 * np.where(t >= 48, 0.8, 1.0))
    >>> result = fit_interruption(y, start=48, slope=False)
    >>> round(result.level.ratio, 2), result.level.low < 0.8 < result.level.high
    (0.78, True)
    """
    tail_of(confidence)
    y = np.asarray(counts, dtype=np.float64)
    last = y.size if end is None else end
    _check_span(y.size, start, last)
    with_slope = slope and last - start >= MIN_SLOPE
    design, terms, removed = _design_columns(y.size, start, last, season, slope=with_slope)
    seen = ~np.isnan(y)
    if not seen[start:last].any():
        raise ObsError("no known count under the intervention")
    size = np.ones(y.size) if exposure is None else np.asarray(exposure, dtype=np.float64)
    fit = fit_counts(y[seen], design[seen], exposure=size[seen], family=family)
    without = np.where(removed, 0.0, fit.coefficients)
    fitted, expected = (size * np.exp(design @ beta) for beta in (fit.coefficients, without))
    kept = np.where(removed, 0.0, design)
    inside = (np.arange(y.size) >= start) & (np.arange(y.size) < last) & seen
    part = np.where(inside, expected, 0.0) / max(float(expected[inside].sum()), 1e-300)
    found = fit_errors(
        fit,
        errors=errors,
        lags=lags,
        position=np.flatnonzero(seen),
        part=part[seen],
        mean_row=kept.T @ part,
    )
    low, high = _expected_limits(found, kept, expected, confidence)
    generator = np.random.default_rng(0) if rng is None else rng
    level, slope_change, aftermath = (
        _effect(fit, found, terms, t, confidence) for t in ("level", "slope", "aftermath")
    )
    return Interruption(
        level=level,
        slope=slope_change,
        aftermath=aftermath,
        excess=_excess(found, y[inside].sum(), expected[inside].sum(), confidence, generator),
        fitted=fitted,
        expected=expected,
        expected_low=low,
        expected_high=high,
        terms=terms,
        coefficients=fit.coefficients,
        covariance=np.tensordot(found.weight, found.covariance, 1),
        fit=fit,
        errors=errors,
        disturbance=found.disturbance,
        df=found.df,
        confidence=confidence,
    )


def placebo_interruptions(
    counts: ArrayLike,
    *,
    start: int,
    starts: ArrayLike,
    exposure: ArrayLike | None = None,
    season: ArrayLike | None = None,
    family: Family = "negbin",
    errors: ErrorModel = "autoregressive",
    confidence: float = 0.95,
) -> tuple[Effect, ...]:
    """Estimate a change of level at dates when nothing happened, before the true start.

    Parameters
    ----------
    counts : array_like of shape (n,)
        Whole events in the order of time.
    start : int
        The true start; only what comes before is used.
    starts : array_like of int
        Placebo positions, each with 24 observations before it and 6 after.
    exposure, season, family, errors, confidence
        As in `fit_interruption`.

    Returns
    -------
    tuple of Effect
        The change of level at each placebo date, slope left out.

    Raises
    ------
    ObsError
        A placebo date too near either end of what comes before the start.

    Examples
    --------
    >>> y = np.random.default_rng(5).poisson(50, 60)
    >>> effects = placebo_interruptions(y, start=54, starts=[30, 40])
    >>> [e.low < 1 < e.high for e in effects]
    [True, True]
    """
    y = np.asarray(counts, dtype=np.float64)[:start]
    size = None if exposure is None else np.asarray(exposure, dtype=np.float64)[:start]
    waves = None if season is None else np.asarray(season, dtype=np.float64)[:start]
    effects = []
    for at in np.atleast_1d(np.asarray(starts, dtype=np.int64)):
        if start - at < MIN_SLOPE:
            raise ObsError(f"a placebo date needs {MIN_SLOPE} observations before the true start")
        fitted = fit_interruption(
            y,
            start=int(at),
            exposure=size,
            season=waves,
            slope=False,
            family=family,
            errors=errors,
            confidence=confidence,
        )
        effects.append(fitted.level)
    return tuple(effects)


def _check_span(n: int, start: int, last: int) -> None:
    if start < MIN_BEFORE:
        raise ObsError(
            f"{start} observations before the start are too few; {MIN_BEFORE} or more are needed"
        )
    if not start < last <= n:
        raise ObsError("the intervention must hold one observation or more of the series")


def interruption_columns(
    n: int, start: int, last: int, season: Floats | None
) -> tuple[Floats, tuple[str, ...]]:
    """Give the regressors of an interruption and their names, for another model of the series."""
    _check_span(n, start, last)
    columns, terms, _ = _design_columns(n, start, last, season, slope=last - start >= MIN_SLOPE)
    return columns, terms


def _design_columns(
    n: int, start: int, last: int, season: ArrayLike | None, *, slope: bool
) -> tuple[Floats, tuple[str, ...], Flags]:
    time = np.arange(n, dtype=np.float64)
    under = ((time >= start) & (time < last)).astype(np.float64)
    named: dict[str, Floats] = {"intercept": np.ones(n), "time": time - start, "level": under}
    if slope:
        named["slope"] = under * (time - start)
    if last < n:
        named["aftermath"] = (time >= last).astype(np.float64)
    waves = np.empty((n, 0)) if season is None else np.asarray(season, dtype=np.float64)
    if waves.shape[0] != n:
        raise ObsError(f"the season has {waves.shape[0]} rows for {n} counts")
    terms = (*named, *(f"season{i + 1}" for i in range(waves.shape[1])))
    removed = np.array([t in ("level", "slope", "aftermath") for t in terms])
    return np.column_stack([*named.values(), waves]), terms, removed


def _effect(
    fit: CountFit, found: FitErrors, terms: tuple[str, ...], term: str, confidence: float
) -> Effect:
    if term not in terms:
        return Effect(np.nan, np.nan, np.nan, np.nan)
    row = np.array([[float(t == term) for t in terms]])
    error, estimate = found.of(row), float(row[0] @ fit.coefficients)
    half = float(error.half_width(confidence)[0])
    p_value = float(error.tail(np.array([abs(estimate)]))[0])
    low, ratio, high = np.exp([estimate - half, estimate, estimate + half])
    return Effect(float(ratio), float(low), float(high), p_value)


def _expected_limits(
    found: FitErrors, kept: Floats, expected: Floats, confidence: float
) -> tuple[Floats, Floats]:
    half = found.of(kept).half_width(confidence)
    return expected * np.exp(-half), expected * np.exp(half)


def _excess(
    found: FitErrors,
    observed: float,
    total: float,
    confidence: float,
    rng: np.random.Generator,
) -> Excess:
    """Observed less expected, its interval by draws of what is uncertain and of chance."""
    error = ErrorMixture(found.relative[:, None], found.weight, found.df)
    mean = total * np.exp(np.minimum(error.draw(_DRAWS, rng)[:, 0], _MOST_ERROR))
    tail = (1 - confidence) / 2
    low, high = (float(q) for q in np.quantile(_draw_counts(mean, rng), [tail, 1 - tail]))
    ends = [observed / count - 1 if count > 0 else np.inf for count in (high, low)]
    return Excess(
        observed=float(observed),
        expected=float(total),
        excess=float(observed - total),
        low=float(observed - high),
        high=float(observed - low),
        relative=float(observed / total - 1),
        relative_low=float(ends[0]),
        relative_high=float(ends[1]),
    )


def _draw_counts(mean: Floats, rng: np.random.Generator) -> Floats:
    """Draw Poisson counts; a large one is normal, whatever its size."""
    small = rng.poisson(np.minimum(mean, _LARGE)).astype(np.float64)
    large = mean + np.sqrt(mean) * rng.normal(size=mean.size)
    return np.where(mean < _LARGE, small, large)
