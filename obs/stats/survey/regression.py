"""Fit linear, logistic and Poisson regressions with design-based covariance.

Columns are scaled and factored by QR, so that no unit of a predictor changes a result. A model
without an estimate is refused, with the columns that cause it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from scipy import sparse, special

from obs.errors import ObsError
from obs.stats.arrays import Flags, Floats
from obs.stats.linear.pivoted_qr import Factor, factor_rows, refuse_dependent, scale_columns
from obs.stats.linear.separation import refuse_separation
from obs.stats.survey.covariance import influence_covariance
from obs.stats.survey.domain_estimates import UNVARIED
from obs.stats.survey.sampling_design import Design, tally

__all__ = ["Family", "Fit", "fit_regression"]

Family = Literal["gaussian", "binomial", "poisson"]

ALONE = 1e-8  # information on a direction outside one unit, below which there is none
FAR = 10.0  # a fitted value this far, on the scale of the link, may be on its way to infinity
MAX_STEPS = 100
ROUNDING = 1e-12  # residuals over the outcome, below which the fit is perfect
STILL = 1e-9  # change of the fitted values, on the scale of the link, at which steps end


@dataclass(frozen=True)
class Fit:
    """Coefficients of a regression and their design-based covariance.

    Attributes
    ----------
    coefficients : ndarray of shape (p,)
        On the scale of the link (identity, logit, log).
    covariance : ndarray of shape (p, p)
        Design-based covariance.
    df : float
        Degrees of freedom of the design, plus 1, minus p.
    n : int
        Respondents used.
    used : ndarray of bool of shape (n_rows,)
        Their rows.
    one_unit : ndarray of bool of shape (p,)
        Coefficients that a single sampling unit carries: without it they have no estimate, and
        their linearised variance misses what that unit adds.
    flat : ndarray of bool of shape (p,)
        Coefficients without any variance beyond rounding: a perfect fit, or sampling units
        that do not differ.
    """

    coefficients: Floats
    covariance: Floats
    df: float
    n: int
    used: Flags
    one_unit: Flags
    flat: Flags


@dataclass(frozen=True)
class _Model:
    """The rows of a model that are used, its columns scaled."""

    outcome: Floats
    columns: Floats
    shift: Floats
    names: Sequence[str]
    family: Family


def fit_regression(
    design: Design,
    outcome: Floats,
    predictors: Floats,
    *,
    family: Family = "gaussian",
    offset: Floats | None = None,
    names: Sequence[str] = (),
) -> Fit:
    r"""Fit a generalised linear model with the survey weights.

    Solves :math:`\sum w_i x_i (y_i - \mu_i) = 0` with the canonical link, and takes the
    covariance from the influences :math:`w_i A^{-1} x_i (y_i - \mu_i)`, with
    :math:`A = \sum w_i \mu_i' x_i x_i^T` (Binder). With replicate weights the model is fitted
    in each replicate. Rows with a missing value leave the model, not the design.

    Parameters
    ----------
    design : Design
        Weights and stages.
    outcome : ndarray of shape (n,)
        Number; 0 to 1 for ``binomial``, 0 or more for ``poisson``; NaN where missing.
    predictors : ndarray of shape (n, p)
        Columns, the intercept included; NaN where missing.
    family : {"gaussian", "binomial", "poisson"}
        Linear, logistic or log-linear.
    offset : ndarray of shape (n,), optional
        Added on the scale of the link (log of exposure, for a rate).
    names : sequence of str
        Names of the columns, for messages.

    Returns
    -------
    Fit
        Coefficients and covariance.

    Raises
    ------
    ObsError
        An unknown family, infinite values, an outcome outside its range, predictors that are
        combinations of one another, or answers that the predictors separate, in the sample or
        in a replicate.

    References
    ----------
    .. [1] Binder, D. A. (1983), On the variances of asymptotically normal estimators from
       complex surveys, International Statistical Review 51, 279-292.

    Examples
    --------
    >>> import numpy as np
    >>> from obs.stats.survey.sampling_design import make_design
    >>> x = np.array([[1.0, 0.0], [1.0, 0.0], [1.0, 1.0], [1.0, 1.0]])
    >>> fit = fit_regression(make_design(np.ones(4)), np.array([1.0, 3.0, 5.0, 9.0]), x)
    >>> fit.coefficients.round(6)
    array([2., 5.])
    """
    given = np.zeros(len(outcome)) if offset is None else offset
    _refuse_infinite(outcome, predictors, given)
    used = ~(np.isnan(outcome) | np.isnan(predictors).any(axis=1) | np.isnan(given))
    used &= design.weight > 0
    _check(outcome[used], predictors.shape[1], family)
    scaled = scale_columns(predictors, used)
    named = list(names) or [f"column {k + 1}" for k in range(predictors.shape[1])]
    model = _Model(outcome[used], scaled.values[used], given[used], named, family)
    weight = design.weight[used]
    place = _solve(model, weight)
    mean, slope = _mean(model, place)
    factor = factor_rows(model.columns, weight * slope)
    if design.replicates is None:
        influence = np.zeros_like(predictors)
        influence[used] = factor.through * (weight * _residual(model, place))[:, None]
        covariance = influence_covariance(design, sparse.csr_array(influence))
    else:
        columns = design.replicates.weights()[used].T
        replicated = [
            _solve(model, column, place, f"in replicate {k + 1}")
            for k, column in enumerate(columns)
        ]
        deviations = design.replicates.deviations(np.stack(replicated, axis=1), place)
        covariance = deviations @ deviations.T
    return Fit(
        scaled.back @ place,
        scaled.back @ covariance @ scaled.back.T,
        design.restrict(used).degrees_of_freedom() + 1 - predictors.shape[1],
        int(used.sum()),
        used,
        _carried_by_one(design, factor, used, scaled.back),
        _without_variance(model, place, weight, factor, covariance),
    )


def _solve(model: _Model, weight: Floats, start: Floats | None = None, where: str = "") -> Floats:
    """Maximise the weighted likelihood, on the scaled columns."""
    kept = weight > 0
    part = _Model(
        model.outcome[kept], model.columns[kept], model.shift[kept], model.names, model.family
    )
    refuse_dependent(part.columns, part.names, rows=f"respondents{where and ' ' + where}")
    if model.family == "gaussian":
        factor = factor_rows(part.columns, weight[kept])
        place = factor.solve(part.outcome - part.shift)
        return place + factor.solve(part.outcome - part.shift - part.columns @ place)
    first = _level(part, weight[kept]) if start is None else start
    return _climb(part, weight[kept], first, where)


def _level(model: _Model, weight: Floats) -> Floats:
    """Start from the overall mean, on the scale of the link."""
    level = np.average(model.outcome, weights=weight)
    if model.family == "binomial":
        level = np.clip(level, 1e-8, 1 - 1e-8)
        link = special.logit(level)
    else:
        link = np.log(max(level, 1e-300)) - np.log(np.average(np.exp(model.shift), weights=weight))
    return factor_rows(model.columns, weight).solve(np.full(len(weight), link))


def _climb(model: _Model, weight: Floats, place: Floats, where: str) -> Floats:
    """Go uphill by Newton's steps, each a least squares problem of its own."""
    names, family = model.names, model.family
    doubtful, before = True, np.inf
    for _ in range(MAX_STEPS):
        if doubtful and _runs_far(model, place):
            refuse_separation(model.outcome, model.columns, family, names=names, where=where)  # type: ignore[arg-type]
            doubtful = False
        _, slope = _mean(model, place)
        factor = factor_rows(model.columns, weight * slope)
        step = factor.solve_rows(np.sqrt(weight / slope) * _residual(model, place))
        step = _shortened(model, weight, place, step)
        place = place + step
        moved = float(np.max(np.abs(model.columns @ step)))
        if moved <= STILL or (moved <= 1e-6 and moved >= before / 2):  # as near as rounding lets
            return place
        before = moved
    refuse_separation(model.outcome, model.columns, family, names=names, where=where)  # type: ignore[arg-type]
    raise ObsError(
        f"The {family} regression{where and ' ' + where} does not converge in {MAX_STEPS} steps. "
        "A predictor may have extreme values: look at them, or take logarithms."
    )


def _runs_far(model: _Model, place: Floats) -> bool:
    """Whether a fitted value is so far from the others that the estimate may not exist."""
    linear = model.columns @ place
    if model.family == "binomial":
        return bool(np.max(np.abs(linear + model.shift)) > FAR)
    return bool(np.ptp(linear) > FAR) or not model.outcome.any()


def _shortened(model: _Model, weight: Floats, place: Floats, step: Floats) -> Floats:
    """Halve a step until the likelihood does not fall."""
    height = _likelihood(model, weight, place)
    for _ in range(40):
        if _likelihood(model, weight, place + step) >= height - 1e-10 * abs(height):
            break
        step = step / 2
    return step


def _likelihood(model: _Model, weight: Floats, place: Floats) -> float:
    linear = model.columns @ place + model.shift
    if model.family == "binomial":
        return float(weight @ (model.outcome * linear - np.logaddexp(0.0, linear)))
    return float(weight @ (model.outcome * linear - np.exp(np.minimum(linear, 700.0))))


def _mean(model: _Model, place: Floats) -> tuple[Floats, Floats]:
    """Fitted values, and how they follow the linear predictor."""
    linear = model.columns @ place + model.shift
    if model.family == "gaussian":
        return linear, np.ones_like(linear)
    if model.family == "binomial":
        share = special.expit(linear)
        return share, np.maximum(share * special.expit(-linear), 1e-300)
    rate = np.exp(np.clip(linear, -690.0, 700.0))
    return rate, rate


def _residual(model: _Model, place: Floats) -> Floats:
    """Outcome less fitted value; exact where a share is near 1."""
    linear = model.columns @ place + model.shift
    if model.family == "binomial":
        y = model.outcome
        return np.asarray(y * special.expit(-linear) - (1 - y) * special.expit(linear))
    return model.outcome - _mean(model, place)[0]


def _carried_by_one(design: Design, factor: Factor, used: Flags, back: Floats) -> Flags:
    """Find the coefficients that lose their estimate when one sampling unit is left out."""
    found = np.zeros(len(back), dtype=bool)
    for stage in design.stages:
        unit = stage.unit[used]
        held = tally(unit, np.sum(factor.q**2, axis=1), stage.n_units)
        sampled = (stage.fraction < 1)[stage.stratum_of_unit]
        for lone in np.flatnonzero((held > 1 - ALONE) & sampled):
            inside = factor.q[unit == lone]
            size, directions = np.linalg.eigh(inside.T @ inside)
            moved = np.abs(back @ factor.root @ directions[:, size > 1 - ALONE])
            part = moved / np.linalg.norm(back @ factor.root, axis=1)[:, None]
            found |= (part > ALONE).any(axis=1)
    return found


def _without_variance(
    model: _Model, place: Floats, weight: Floats, factor: Factor, covariance: Floats
) -> Flags:
    """Find the coefficients whose variance is rounding beside that of a simple random sample."""
    residual = _residual(model, place)
    if np.max(np.abs(residual)) <= ROUNDING * np.max(np.abs(model.outcome), initial=0.0):
        return np.ones(len(place), dtype=bool)
    error = 1.0 if model.family != "gaussian" else np.average(residual**2, weights=weight)
    random = np.diag(factor.inverse) * weight.mean() * error
    return np.asarray(np.diag(covariance) <= UNVARIED * random)


def _refuse_infinite(outcome: Floats, predictors: Floats, offset: Floats) -> None:
    infinite = np.isinf(outcome) | np.isinf(predictors).any(axis=1) | np.isinf(offset)
    if infinite.any():
        raise ObsError(
            f"A value of the regression is infinite in {int(infinite.sum())} rows (the log of an "
            "exposure of 0 is). Correct these rows, or make the value missing."
        )


def _check(y: Floats, p: int, family: Family) -> None:
    if family not in get_args(Family):
        raise ObsError(f"Unknown family {family!r}. Allowed: {', '.join(get_args(Family))}.")
    limits = {"gaussian": (-np.inf, np.inf), "binomial": (0.0, 1.0), "poisson": (0.0, np.inf)}
    low, high = limits[family]
    outside = int(((y < low) | (y > high)).sum())
    if outside:
        raise ObsError(
            f"The outcome of a {family} regression lies between {low:g} and {high:g}; it does "
            f"not in {outside} rows."
        )
    if len(y) <= p:
        raise ObsError(
            f"The {p} predictors (intercept and levels included) cannot be told apart in "
            f"{len(y)} respondents. Drop one, or merge rare levels."
        )
