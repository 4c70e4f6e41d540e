"""Fit linear, logistic and Poisson regressions with design-based covariance."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray
from scipy import sparse, special

from obs.errors import ObsError
from obs.stats.survey.covariance import influence_covariance
from obs.stats.survey.sampling_design import Design

__all__ = ["Family", "Fit", "fit_regression"]

Floats = NDArray[np.float64]
Family = Literal["gaussian", "binomial", "poisson"]

MAX_STEPS = 50
SEPARATED = 1e-12  # fitted variance of an answer below which its group has no event
TOLERANCE = 1e-12  # largest step, relative to the coefficients


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
    """

    coefficients: Floats
    covariance: Floats
    df: float
    n: int


def fit_regression(
    design: Design,
    outcome: Floats,
    predictors: Floats,
    *,
    family: Family = "gaussian",
    offset: Floats | None = None,
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

    Returns
    -------
    Fit
        Coefficients and covariance.

    Raises
    ------
    ObsError
        An unknown family, an outcome outside its range, predictors that are combinations of
        one another, or a model that does not converge (separated groups).

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
    start = np.zeros(len(outcome)) if offset is None else offset
    used = np.isfinite(outcome) & np.isfinite(predictors).all(axis=1) & np.isfinite(start)
    used &= design.weight > 0
    _check(outcome[used], predictors[used], family)
    y, x = np.where(used, outcome, 0.0), np.where(used[:, None], predictors, 0.0)
    shift, weight = np.where(used, start, 0.0), np.where(used, design.weight, 0.0)
    beta = _solve(y, x, weight, shift, family)
    df = design.restrict(used).degrees_of_freedom() + 1 - x.shape[1]
    if design.replicates is not None:
        columns = design.replicates.weights().T
        replicated = np.stack(
            [_solve(y, x, np.where(used, column, 0.0), shift, family) for column in columns], axis=1
        )
        deviations = design.replicates.deviations(replicated, beta)
        return Fit(beta, deviations @ deviations.T, df, int(used.sum()))
    mean, slope = _mean(x @ beta + shift, family)
    _refuse_separation(slope[used], family)
    bread = np.linalg.inv((x * (weight * slope)[:, None]).T @ x)
    influence = sparse.csr_array((x * (weight * (y - mean))[:, None]) @ bread)
    return Fit(beta, influence_covariance(design, influence), df, int(used.sum()))


def _mean(linear: Floats, family: Family) -> tuple[Floats, Floats]:
    if family == "gaussian":
        return linear, np.ones_like(linear)
    if family == "binomial":
        share = special.expit(linear)
        return share, share * (1 - share)
    rate = np.exp(np.minimum(linear, 700.0))
    return rate, rate


def _solve(y: Floats, x: Floats, weight: Floats, shift: Floats, family: Family) -> Floats:
    beta = np.zeros(x.shape[1])
    if family != "gaussian":  # start from the overall mean, on the scale of the link
        level = np.clip(
            np.average(y, weights=weight), 1e-8, 1 - 1e-8 if family == "binomial" else None
        )
        link = special.logit(level) if family == "binomial" else np.log(level)
        target = np.where(weight > 0, link - shift, 0.0)
        beta = np.linalg.lstsq(x * np.sqrt(weight)[:, None], target * np.sqrt(weight), rcond=None)[
            0
        ]
    for _ in range(MAX_STEPS):
        mean, slope = _mean(x @ beta + shift, family)
        score = x.T @ (weight * (y - mean))
        step = np.linalg.lstsq((x * (weight * slope)[:, None]).T @ x, score, rcond=None)[0]
        beta = beta + step
        if np.max(np.abs(step)) <= TOLERANCE * (1 + np.max(np.abs(beta))):
            return beta
    raise ObsError(
        f"The {family} regression does not converge in {MAX_STEPS} steps. A predictor may "
        "separate the answers: merge its rare levels."
    )


def _refuse_separation(slope: Floats, family: Family) -> None:
    """Refuse a fit that runs away because a group has no event, or nothing but events."""
    extreme = int((slope < SEPARATED).sum())
    if extreme:
        raise ObsError(
            f"A predictor of the {family} regression separates the answers: in {extreme} rows the "
            "fitted value is 0 (or 1) to machine precision. Merge the levels without events."
        )


def _check(y: Floats, x: Floats, family: Family) -> None:
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
    if len(y) <= x.shape[1] or np.linalg.matrix_rank(x) < x.shape[1]:
        raise ObsError(
            f"The {x.shape[1]} predictors (intercept and levels included) cannot be told apart "
            f"in {len(y)} respondents. Drop one, or merge rare levels."
        )
