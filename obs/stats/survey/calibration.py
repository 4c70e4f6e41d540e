"""Calibrate weights to known totals, and keep what the variance needs of it.

Post-stratification, raking, linear and bounded calibration are one problem with four distances.
A calibration that cannot reach its totals is refused.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from obs.errors import ObsError
from obs.stats.arrays import Floats
from obs.stats.linear.sparse_rows import Basis, orthonormal_basis
from obs.stats.survey.calibration_distances import Distance, Link, make_link

__all__ = ["Calibration", "Distance", "calibrate_weights", "make_calibration", "trim_weights"]


CONSISTENT = 1e-6  # totals that follow from one another may differ by rounding, no more
FLAT = 1e-10  # curvature along a direction, below which no weight moves with it
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
    root : ndarray of shape (q, r)
        ``auxiliary @ root`` is orthonormal for the weights before.
    """

    auxiliary: sparse.csr_array
    before: Floats
    after: Floats
    root: Floats

    @cached_property
    def weighted(self) -> sparse.csr_array:
        """Auxiliaries times the calibrated weights, shape (n, q)."""
        return scale_rows(self.auxiliary, self.after)

    def coefficients(self, influence: sparse.csr_array) -> Floats:
        """Regress weighted influences on the auxiliaries: shape (q, n_columns)."""
        along = self.root.T @ (self._back @ influence).toarray()
        return np.asarray(self.root @ along, dtype=np.float64)

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
        Auxiliaries, weights and an orthonormal basis.

    Examples
    --------
    >>> import numpy as np
    >>> ones = sparse.csr_array(np.ones((2, 1)))
    >>> abs(make_calibration(ones, np.array([1.0, 3.0]), np.array([2.0, 6.0])).root)
    array([[0.5]])
    """
    return Calibration(auxiliary, before, after, orthonormal_basis(auxiliary, before).root)


def calibrate_weights(
    weight: Floats,
    auxiliary: sparse.csr_array,
    totals: Floats,
    *,
    distance: Distance = "raking",
    bounds: tuple[float, float] | None = None,
    labels: Sequence[str] = (),
    basis: Basis | None = None,
    where: str = "",
) -> Floats:
    r"""Find the weights nearest to the given ones that reach known totals.

    :math:`w_i = d_i F(x_i'\lambda)`, with :math:`\lambda` found by Newton's method so that
    :math:`\sum w_i x_i = T`; :math:`F(u) = 1 + u` (linear), :math:`e^u` (raking),
    :math:`1 + u` cut at the bounds (bounded) or the logistic function between them (logit).
    Steps are taken on an orthonormal basis of the variables, and shortened until
    :math:`\sum d_i \int F - T'\lambda`, which is convex, falls: the unit of a total does not
    count.

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
    basis : Basis, optional
        That of the full-sample weights, on which those of a replicate are found too.
    where : str
        Which weights they are ("in replicate 3"), for the error.

    Returns
    -------
    ndarray of shape (n,)
        Calibrated weights.

    Raises
    ------
    ObsError
        If the bounds do not fit the distance, if totals contradict one another, or if they
        cannot be reached.

    References
    ----------
    .. [1] Deville, J.-C. and Särndal, C.-E. (1992), Calibration estimators in survey sampling,
       Journal of the American Statistical Association 87, 376-382.

    Examples
    --------
    >>> import numpy as np
    >>> from scipy import sparse
    >>> groups = sparse.csr_array(np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]))
    >>> calibrate_weights(np.array([1.0, 3.0, 2.0]), groups, np.array([8.0, 3.0])).round(9)
    array([2., 6., 3.])
    """
    link = make_link(distance, bounds)
    named = list(labels) or [f"total {k + 1}" for k in range(len(totals))]
    basis = orthonormal_basis(auxiliary, weight) if basis is None else basis
    size = np.maximum(np.abs(totals), abs(auxiliary).T @ weight)
    size = np.where(size > 0, size, 1.0)
    _refuse_contradiction(basis, totals, size, named)
    place = np.zeros(basis.root.shape[1])
    for _ in range(MAX_STEPS):
        multiplier = auxiliary @ (basis.root @ place)
        current = weight * link.ratio(multiplier)
        gap = totals - auxiliary.T @ current
        if np.all(np.abs(gap[basis.kept]) <= TOLERANCE * size[basis.kept]):
            return np.asarray(current, dtype=np.float64)
        bent = weight * link.slope(multiplier)
        cross = basis.root.T @ (auxiliary.T @ scale_rows(auxiliary, bent)).toarray() @ basis.root
        slope = basis.root.T @ gap
        step = _newton_step(cross, slope)
        length = _step_length(
            link, weight, auxiliary @ (basis.root @ step), multiplier, slope @ step
        )
        if length == 0:
            break
        place = place + length * step
    raise ObsError(_cannot_reach(gap / size, named, distance, where))


def trim_weights(
    weight: Floats, *, lower: float = 0.0, upper: float = np.inf, where: str = ""
) -> Floats:
    """Cut weights at limits and share what was cut among the others, keeping the sum.

    Repeated until no weight is outside. Rows of weight 0 are left alone.

    Parameters
    ----------
    weight : ndarray of shape (n,)
        Weights, at least 0.
    lower, upper : float
        Least and greatest weight allowed.
    where : str
        Which weights they are ("in replicate 3"), for the error.

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
            f"The weights{where and ' ' + where} cannot be trimmed to [{lower:g}, {upper:g}]: "
            f"their mean is {mean:g} and the sum is kept. Choose limits on both sides of the mean."
        )
    trimmed = weight.astype(np.float64, copy=True)
    for _ in range(MAX_STEPS):
        outside = active & ((trimmed < lower) | (trimmed > upper))
        if not outside.any():
            return trimmed
        cut = np.clip(trimmed, lower, upper)
        surplus = float((trimmed - cut)[outside].sum())
        trimmed = np.where(outside, cut, trimmed)
        room = active & ~outside
        if not room.any():
            room = active & ((trimmed < upper) if surplus > 0 else (trimmed > lower))
        if not room.any():
            return trimmed  # every weight is at the limit that is the mean
        trimmed[room] += surplus / room.sum()
    raise ObsError(
        f"The weights{where and ' ' + where} cannot be trimmed to [{lower:g}, {upper:g}] in "
        f"{MAX_STEPS} rounds. Choose limits further apart."
    )


def _refuse_contradiction(
    basis: Basis, totals: Floats, size: Floats, labels: Sequence[str]
) -> None:
    """Refuse totals that follow from others, with another value."""
    implied = totals[basis.kept] @ basis.parts
    apart = np.abs(implied - totals[basis.lost]) > CONSISTENT * size[basis.lost]
    if apart.any():
        k = int(np.flatnonzero(apart)[0])
        others = [labels[i] for i in basis.kept[np.abs(basis.parts[:, k]) > CONSISTENT]]
        raise ObsError(
            f"The totals contradict one another: among the respondents {labels[basis.lost[k]]} "
            f"follows from {', '.join(others[:8]) or 'nothing'}, whose totals make it "
            f"{implied[k]:,.6g}, not {totals[basis.lost[k]]:,.6g}. Merge categories, or correct "
            "the totals."
        )


def _newton_step(cross: Floats, slope: Floats) -> Floats:
    """Solve for the step; along directions in which every weight is at a bound, follow the slope.

    On the basis the matrix is that of 1 + u at the start: the unit matrix.
    """
    size, directions = np.linalg.eigh(cross)
    stuck = size <= FLAT * max(float(size[-1]), 1.0)
    return np.asarray(directions @ ((directions.T @ slope) / np.where(stuck, 1.0, size)))


def _step_length(
    link: Link, weight: Floats, step: Floats, multiplier: Floats, slope: float
) -> float:
    """Halve a step until the objective falls as its slope says; 0 where nothing helps."""
    used = weight > 0
    d, u, s = weight[used], multiplier[used], step[used]
    here, target = link.integral(u), d @ (link.ratio(u) * s)
    rounding = 1e-14 * (d @ (1 + np.abs(here)))
    length = 1.0
    for _ in range(60):
        with np.errstate(over="ignore", invalid="ignore"):
            rise = d @ (link.integral(u + length * s) - here)
        if (
            np.isfinite(rise)
            and length * (slope + target) - rise >= 1e-4 * length * slope - rounding
        ):
            return length
        length /= 2
    return 0.0


def _cannot_reach(gap: Floats, labels: Sequence[str], distance: Distance, where: str) -> str:
    worst = np.argsort(-np.abs(gap))[:5]
    named = [f"{labels[i]} ({gap[i]:+.2%} short)" for i in worst if abs(gap[i]) > TOLERANCE]
    return (
        f"The weights{where and ' ' + where} cannot be calibrated by {distance}: these totals are "
        f"not reached: {'; '.join(named)}. Widen the bounds, merge categories, or check that "
        "the totals describe the population surveyed."
    )
