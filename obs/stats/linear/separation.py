"""Test by linear programming whether a logistic or a log-linear model has a maximum.

If a combination of the predictors separates the answers, completely or but for ties, the
likelihood has no maximum, and coefficients of an iteration that stopped mean nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import optimize

from obs.errors import ObsError
from obs.stats.arrays import Flags, Floats

__all__ = ["Separation", "find_separation", "refuse_separation"]


PART = 1e-6  # part of a direction, or distance of a row, below which it is rounding


@dataclass(frozen=True)
class Separation:
    """A direction along which the likelihood never falls.

    Attributes
    ----------
    direction : ndarray of shape (p,)
        Combination of the columns.
    rows : ndarray of bool of shape (n,)
        Rows whose fitted value runs to its bound along it.
    """

    direction: Floats
    rows: Flags


def find_separation(
    outcome: Floats, columns: Floats, family: Literal["binomial", "poisson"]
) -> Separation | None:
    r"""Find a direction along which the likelihood of a model never falls.

    A logistic model has a maximum unless a :math:`\beta \ne 0` has :math:`x_i\beta \ge 0` where
    y = 1, :math:`x_i\beta \le 0` where y = 0 and :math:`x_i\beta = 0` between (Albert and
    Anderson); a log-linear model, unless one has :math:`x_i\beta = 0` where y > 0 and
    :math:`x_i\beta \le 0` where y = 0 (Correia, Guimarães and Zylkin). The sum of the distances
    is made as large as :math:`|\beta| \le 1` allows; 0 means that there is none.

    Parameters
    ----------
    outcome : ndarray of shape (n,)
        From 0 to 1, or 0 and above.
    columns : ndarray of shape (n, p)
        Independent columns of comparable size, intercept included.
    family : {"binomial", "poisson"}
        Logistic or log-linear.

    Returns
    -------
    Separation or None
        The direction found; None where the maximum exists.

    References
    ----------
    .. [1] Albert, A. and Anderson, J. A. (1984), On the existence of maximum likelihood
       estimates in logistic regression models, Biometrika 71, 1-10.
    .. [2] Konis, K. (2007), Linear programming algorithms for detecting separated data in
       binary logistic regression models, D.Phil. thesis, University of Oxford.
    .. [3] Correia, S., Guimarães, P. and Zylkin, T. (2019), Verifying the existence of maximum
       likelihood estimates for generalized linear models, arXiv 1903.01633.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.column_stack([np.ones(4), [0.0, 0.0, 1.0, 1.0]])
    >>> find_separation(np.array([0.0, 0.0, 0.0, 1.0]), x, "binomial").rows
    array([ True,  True, False, False])
    >>> find_separation(np.array([0.0, 1.0, 0.0, 1.0]), x, "binomial") is None
    True
    """
    top = 1.0 if family == "binomial" else np.inf
    up = outcome >= top
    free = up | (outcome <= 0)
    signed = columns[free] * np.where(up[free], 1.0, -1.0)[:, None]
    size = np.max(np.abs(signed), axis=1, initial=0.0)
    signed = signed[size > 0] / size[size > 0, None]
    facets, times = np.unique(signed, axis=0, return_counts=True)
    fixed = np.unique(columns[~free], axis=0)
    if not len(facets):
        return None
    found = optimize.linprog(
        -(times / times.sum()) @ facets,
        A_ub=-facets,
        b_ub=np.zeros(len(facets)),
        A_eq=fixed if len(fixed) else None,
        b_eq=np.zeros(len(fixed)) if len(fixed) else None,
        bounds=(-1.0, 1.0),
        method="highs",
    )
    if found.status != 0:
        raise ObsError(f"Whether the {family} model has a maximum cannot be told: {found.message}")
    direction = np.asarray(found.x, dtype=np.float64)
    rows = np.abs(columns @ direction) > PART * np.max(np.abs(columns), axis=1)
    rows &= free
    return Separation(direction, rows) if rows.any() else None


def refuse_separation(
    outcome: Floats,
    columns: Floats,
    family: Literal["binomial", "poisson"],
    *,
    names: Sequence[str] = (),
    where: str = "",
) -> None:
    """Refuse a model without a maximum, with the columns that tell the answers apart.

    Parameters
    ----------
    outcome, columns, family
        As in :func:`find_separation`.
    names : sequence of str
        Names of the columns.
    where : str
        Which fit it is ("in replicate 3"), for the message.

    Raises
    ------
    ObsError
        Complete or quasi-complete separation.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.column_stack([np.ones(4), [0.0, 0.0, 1.0, 1.0]])
    >>> refuse_separation(np.array([0.0, 0.0, 0.0, 1.0]), x, "binomial", names=["1", "bank"])
    Traceback (most recent call last):
    obs.errors.ObsError: A predictor of the binomial regression separates the answers: ...
    """
    found = find_separation(outcome, columns, family)
    if found is None:
        return
    named = list(names) if len(names) else [f"column {k + 1}" for k in range(columns.shape[1])]
    columns_named = [n for n, d in zip(named, found.direction, strict=True) if abs(d) > PART]
    end = "0 or 1" if family == "binomial" else "0"
    raise ObsError(
        f"A predictor of the {family} regression separates the answers: in "
        f"{int(found.rows.sum())} rows{where and ' ' + where} the fitted value runs to {end}, so "
        f"the model has no estimate. Columns: {', '.join(columns_named)}. Merge the levels without events, "
        "or leave the predictor out."
    )
