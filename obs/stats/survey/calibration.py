"""Calibrate weights to known totals, and keep what the variance needs of it.

Post-stratification, raking, linear and bounded calibration are one problem with four distances.
A calibration that cannot reach its totals is refused.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from obs.errors import ObsError

__all__ = ["Calibration", "Distance", "calibrate_weights", "make_calibration", "trim_weights"]

Floats = NDArray[np.float64]
Distance = Literal["linear", "raking", "bounded", "logit"]

MAX_STEPS = 200
ROUNDING = 1e-12  # a calibrated variance below this share of the uncalibrated one is rounding
TOLERANCE = 1e-10  # largest gap to a total, as a share of it


@dataclass(frozen=True)
class Calibration:
    """A calibration as its variance sees it: what is left of a variable is its residual.

    Attributes
    ----------
    auxiliary : csr_array of shape (n, q)
        Calibration variables.
    before, after : ndarray of shape (n,)
        Weights before and after.
    inverse : ndarray of shape (q, q)
        Generalised inverse of X'DX, with D the weights before.
    """

    auxiliary: sparse.csr_array
    before: Floats
    after: Floats
    inverse: Floats

    @cached_property
    def weighted(self) -> sparse.csr_array:
        """Auxiliaries times the calibrated weights, shape (n, q)."""
        return scale_rows(self.auxiliary, self.after)

    def coefficients(self, influence: sparse.csr_array) -> Floats:
        """Regress weighted influences on the auxiliaries: shape (q, n_columns)."""
        return np.asarray(self.inverse @ (self._back @ influence).toarray(), dtype=np.float64)

    @cached_property
    def _back(self) -> sparse.csr_array:
        """Auxiliaries times old over new weight, transposed: it undoes the calibration."""
        zeros = np.zeros_like(self.after)
        ratio = np.divide(self.before, self.after, out=zeros, where=self.after != 0)
        return sparse.csr_array(scale_rows(self.auxiliary, ratio).T)


def scale_rows(matrix: sparse.csr_array, factor: Floats) -> sparse.csr_array:
    """Multiply each row of a sparse matrix by its factor."""
    data = matrix.data * np.repeat(factor, np.diff(matrix.indptr))
    return sparse.csr_array((data, matrix.indices, matrix.indptr), shape=matrix.shape)


def make_calibration(auxiliary: sparse.csr_array, before: Floats, after: Floats) -> Calibration:
    """Keep what the variance needs from a calibration.

    Parameters
    ----------
    auxiliary : csr_array of shape (n, q)
        Calibration variables.
    before, after : ndarray of shape (n,)
        Weights before and after.

    Returns
    -------
    Calibration
        Auxiliaries, weights and the inverse of their cross-product.

    Examples
    --------
    >>> import numpy as np
    >>> ones = sparse.csr_array(np.ones((2, 1)))
    >>> make_calibration(ones, np.array([1.0, 3.0]), np.array([2.0, 6.0])).inverse
    array([[0.25]])
    """
    cross = (auxiliary.T @ scale_rows(auxiliary, before)).toarray()
    return Calibration(auxiliary, before, after, np.linalg.pinv(cross, hermitian=True))


def calibrate_weights(
    weight: Floats,
    auxiliary: sparse.csr_array,
    totals: Floats,
    *,
    distance: Distance = "raking",
    bounds: tuple[float, float] | None = None,
    labels: Sequence[str] = (),
) -> Floats:
    r"""Find the weights nearest to the given ones that reach known totals.

    :math:`w_i = d_i F(x_i'\lambda)`, with :math:`\lambda` found by Newton's method so that
    :math:`\sum w_i x_i = T`; :math:`F(u) = 1 + u` (linear), :math:`e^u` (raking),
    :math:`1 + u` cut at the bounds (bounded) or the logistic function between them (logit).

    Parameters
    ----------
    weight : ndarray of shape (n,)
        Weights :math:`d`, at least 0.
    auxiliary : csr_array of shape (n, q)
        Calibration variables :math:`x`; columns may be redundant (several full margins).
    totals : ndarray of shape (q,)
        Known totals :math:`T`.
    distance : {"raking", "linear", "bounded", "logit"}
        Distance function.
    bounds : tuple of float, optional
        Least and greatest ratio of new to old weight, below and above 1; needed by
        ``bounded`` and ``logit``.
    labels : sequence of str
        Names of the totals, for the error.

    Returns
    -------
    ndarray of shape (n,)
        Calibrated weights.

    Raises
    ------
    ObsError
        If the bounds do not fit the distance, or if the totals cannot be reached.

    References
    ----------
    .. [1] Deville, J.-C. and Särndal, C.-E. (1992), Calibration estimators in survey sampling,
       Journal of the American Statistical Association 87, 376-382.

    Examples
    --------
    >>> import numpy as np
    >>> from scipy import sparse
    >>> groups = sparse.csr_array(np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]))
    >>> calibrate_weights(np.array([1.0, 3.0, 2.0]), groups, np.array([8.0, 3.0]))
    array([2., 6., 3.])
    """
    function, slope = _link(distance, bounds)
    multiplier = np.zeros(auxiliary.shape[1])
    scale = np.maximum(np.abs(totals), 1e-300)
    current = weight * function(np.zeros_like(weight))
    gap = totals - auxiliary.T @ current
    for _ in range(MAX_STEPS):
        if np.all(np.abs(gap) <= TOLERANCE * scale):
            return np.asarray(current, dtype=np.float64)
        bent = weight * slope(auxiliary @ multiplier)
        cross = (auxiliary.T @ scale_rows(auxiliary, bent)).toarray()
        step = np.linalg.pinv(cross, hermitian=True) @ gap
        for _ in range(30):
            trial = weight * function(auxiliary @ (multiplier + step))
            new_gap = totals - auxiliary.T @ trial
            if np.isfinite(trial).all() and np.max(np.abs(new_gap / scale)) < np.max(
                np.abs(gap / scale)
            ):
                break
            step = step / 2
        multiplier, current, gap = multiplier + step, trial, new_gap
    raise ObsError(_cannot_reach(gap / scale, labels, distance))


def trim_weights(weight: Floats, *, lower: float = 0.0, upper: float = np.inf) -> Floats:
    """Cut weights at limits and share what was cut among the others, keeping the sum.

    Repeated until no weight is outside. Rows of weight 0 are left alone.

    Parameters
    ----------
    weight : ndarray of shape (n,)
        Weights, at least 0.
    lower, upper : float
        Least and greatest weight allowed.

    Returns
    -------
    ndarray of shape (n,)
        Trimmed weights with the same sum.

    Raises
    ------
    ObsError
        If the limits cannot hold with that sum.

    Examples
    --------
    >>> import numpy as np
    >>> trim_weights(np.array([1.0, 1.0, 4.0]), upper=3.0)
    array([1.5, 1.5, 3. ])
    """
    active = weight > 0
    mean = weight[active].mean()
    if not lower <= mean <= upper:
        raise ObsError(
            f"The weights cannot be trimmed to [{lower:g}, {upper:g}]: their mean is {mean:g} "
            "and the sum is kept. Choose limits on both sides of the mean."
        )
    trimmed = weight.astype(np.float64, copy=True)
    for _ in range(MAX_STEPS):
        outside = active & ((trimmed < lower) | (trimmed > upper))
        if not outside.any():
            break
        cut = np.clip(trimmed, lower, upper)
        surplus = float((trimmed - cut)[outside].sum())
        inside = active & ~outside
        trimmed = np.where(outside, cut, trimmed)
        trimmed[inside] += surplus / inside.sum()
    return trimmed


def _link(
    distance: Distance, bounds: tuple[float, float] | None
) -> tuple[Callable[[Floats], Floats], Callable[[Floats], Floats]]:
    if distance not in get_args(Distance):
        allowed = ", ".join(get_args(Distance))
        raise ObsError(f"Unknown calibration method {distance!r}. Allowed: {allowed}.")
    if (bounds is not None) != (distance in ("bounded", "logit")):
        raise ObsError("Bounds go with the methods 'bounded' and 'logit', and only with them.")
    if bounds is None:
        if distance == "raking":
            return _exponential, _exponential
        return (lambda u: 1 + u), np.ones_like
    low, high = bounds
    if not 0 <= low < 1 < high:
        raise ObsError(f"Calibration bounds must be 0 <= low < 1 < high, not {bounds}.")
    if distance == "bounded":
        return (
            lambda u: np.clip(1 + u, low, high),
            lambda u: ((u > low - 1) & (u < high - 1)).astype(np.float64),
        )
    return _logistic(low, high)


def _exponential(u: Floats) -> Floats:
    return np.exp(np.minimum(u, 500.0))  # an overflow becomes a step that is halved


def _logistic(
    low: float, high: float
) -> tuple[Callable[[Floats], Floats], Callable[[Floats], Floats]]:
    rate = (high - low) / ((1 - low) * (high - 1))
    odds = (1 - low) / (high - 1)

    def share(u: Floats) -> Floats:
        return np.asarray(1 / (1 + np.exp(-np.clip(rate * u, -500, 500)) / odds))

    return (
        lambda u: low + (high - low) * share(u),
        lambda u: (high - low) * rate * share(u) * (1 - share(u)),
    )


def _cannot_reach(gap: Floats, labels: Sequence[str], distance: Distance) -> str:
    worst = np.argsort(-np.abs(gap))[:5]
    named = [
        f"{labels[i] if len(labels) else f'total {i + 1}'} ({gap[i]:+.2%} short)"
        for i in worst
        if abs(gap[i]) > TOLERANCE
    ]
    return (
        f"The weights cannot be calibrated by {distance}: after {MAX_STEPS} steps these totals "
        f"are not reached: {'; '.join(named)}. Widen the bounds, merge categories, or check that "
        "the totals describe the population surveyed."
    )
