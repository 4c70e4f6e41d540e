"""Solve least squares by QR with column pivoting: one answer in every unit, or a refusal.

Normal equations square the condition of the columns and lose small ones. Here columns are
centred and brought to one size, and the weighted rows are factored as they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import linalg

from obs.errors import ObsError
from obs.stats.arrays import Flags, Floats

__all__ = ["Columns", "Factor", "factor_rows", "refuse_dependent", "scale_columns"]


LOST = 1e-10  # what is left of a column beside the others, below which six digits are lost
PART = 1e-6  # share of a column in a combination, below which it is rounding


@dataclass(frozen=True)
class Columns:
    """Regressors brought to one size.

    Attributes
    ----------
    values : ndarray of shape (n, p)
        Columns less their mean (where one of them is constant), over their root mean square.
    back : ndarray of shape (p, p)
        Coefficients of the given columns are ``back @ coefficients`` of these.
    """

    values: Floats
    back: Floats


@dataclass(frozen=True)
class Factor:
    r"""Weighted columns as :math:`W^{1/2} X = Q U^{-1}`, with Q orthonormal.

    Attributes
    ----------
    q : ndarray of shape (n, p)
        Orthonormal columns.
    root : ndarray of shape (p, p)
        U: the inverse of :math:`X'WX` is :math:`UU'`.
    weight : ndarray of shape (n,)
        Weights.
    """

    q: Floats
    root: Floats
    weight: Floats

    @property
    def inverse(self) -> Floats:
        """Inverse of the weighted cross product, shape (p, p)."""
        return np.asarray(self.root @ self.root.T)

    @property
    def through(self) -> Floats:
        """Rows of :math:`X (X'WX)^{-1}`, shape (n, p); 0 where the weight is 0."""
        root = np.sqrt(self.weight)
        rows = np.divide(self.q, root[:, None], out=np.zeros_like(self.q), where=root[:, None] > 0)
        return np.asarray(rows @ self.root.T)

    def solve(self, target: Floats) -> Floats:
        """Coefficients of the weighted least squares of a target: shape (p,)."""
        return self.solve_rows(np.sqrt(self.weight) * target)

    def solve_rows(self, target: Floats) -> Floats:
        """Coefficients of the least squares of a target that has its weights already."""
        return np.asarray(self.root @ (self.q.T @ target))


def scale_columns(columns: Floats, used: Flags | None = None) -> Columns:
    """Bring columns to one size, so that no unit and no distance from 0 counts.

    Parameters
    ----------
    columns : ndarray of shape (n, p)
        Regressors, finite.
    used : ndarray of bool of shape (n,), optional
        Rows whose mean and size count; all when not given. The others become 0.

    Returns
    -------
    Columns
        Scaled columns and the way back.

    Examples
    --------
    >>> import numpy as np
    >>> made = scale_columns(np.array([[1.0, 1e12], [1.0, 3e12]]))
    >>> made.values
    array([[ 1., -1.],
           [ 1.,  1.]])
    """
    kept = np.ones(len(columns), dtype=bool) if used is None else used
    inside = columns[kept]
    n, p = inside.shape
    if n == 0:
        return Columns(np.zeros_like(columns), np.eye(p))
    largest = np.max(np.abs(inside), axis=0)
    constant = np.flatnonzero((np.ptp(inside, axis=0) == 0) & (largest > 0))
    shift = np.zeros(p)
    if len(constant):
        others = np.arange(p) != constant[0]
        shift[others] = np.mean(inside[:, others], axis=0)
    values = np.where(kept[:, None], columns - shift, 0.0)
    rounding = 4 * np.finfo(float).eps * largest
    size = np.max(np.abs(values), axis=0)
    values[:, size <= rounding] = 0.0  # one value in every row
    safe = np.where(size > rounding, size, 1.0)
    size = safe * np.sqrt(np.sum((values / safe) ** 2, axis=0) / n)
    size = np.where(size > 0, size, 1.0)
    back = np.diag(1 / size)
    if len(constant):
        first = constant[0]
        level = columns[np.flatnonzero(kept)[0], first]
        back[first] -= shift / size / level
        back[first, first] = 1 / size[first]
    return Columns(values / size, back)


def factor_rows(columns: Floats, weight: Floats | None = None) -> Factor:
    """Factor weighted columns by Householder's QR with column pivoting.

    Rows are taken in the order of their size, which keeps light rows exact beside heavy ones.

    Parameters
    ----------
    columns : ndarray of shape (n, p)
        Regressors, independent of one another (see :func:`refuse_dependent`).
    weight : ndarray of shape (n,), optional
        0 or more; ones when not given.

    Returns
    -------
    Factor
        Orthonormal columns and the root of the inverse.

    Raises
    ------
    ObsError
        If the weights leave a direction without any information.

    References
    ----------
    .. [1] Businger, P. and Golub, G. H. (1965), Linear least squares solutions by Householder
       transformations, Numerische Mathematik 7, 269-276.
    .. [2] Cox, A. J. and Higham, N. J. (1998), Stability of Householder QR factorization for
       weighted least squares problems, Numerical Analysis 1997, Longman, 57-73.

    Examples
    --------
    >>> import numpy as np
    >>> made = factor_rows(np.array([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]]))
    >>> made.solve(np.array([1.0, 3.0, 5.0])).round(9)
    array([1., 2.])
    """
    mass = np.ones(len(columns)) if weight is None else weight
    rows = columns * np.sqrt(mass)[:, None]
    if len(rows) < rows.shape[1]:
        raise ObsError(f"{rows.shape[1]} columns cannot be told apart in {len(rows)} rows.")
    length = np.max(np.abs(rows), axis=0, initial=0.0)
    scaled = rows / np.where(length > 0, length, 1.0)
    norm = np.sqrt(np.sum(scaled**2, axis=0))
    length = length * norm
    if not np.all(length > 0):
        raise ObsError("A column is 0 in every row: there is nothing to estimate from it.")
    scaled = scaled / norm
    order = np.argsort(-np.max(np.abs(scaled), axis=1), kind="stable")
    q, r, pivot = linalg.qr(scaled[order], mode="economic", pivoting=True)
    if np.min(np.abs(np.diag(r)), initial=1.0) <= 4 * np.finfo(float).eps:
        raise ObsError(
            "The weights are so unequal that the columns cannot be told apart: a few rows carry "
            "them all. Trim the weights, or drop a column."
        )
    inverse = np.zeros_like(r)
    inverse[pivot] = _inverse_of_triangle(r)
    back = np.empty_like(q)
    back[order] = q
    return Factor(back, inverse / length[:, None], mass)


def _inverse_of_triangle(upper: Floats) -> Floats:
    """Invert by substitution in this thread: LAPACK's own wakes all of them for a few numbers."""
    return np.asarray(linalg.blas.dtrsm(1.0, upper, np.eye(len(upper))))


def refuse_dependent(columns: Floats, names: Sequence[str] = (), *, rows: str = "rows") -> None:
    """Refuse columns that are combinations of one another, by name.

    Parameters
    ----------
    columns : ndarray of shape (n, p)
        Scaled columns (:func:`scale_columns`), without the rows that are not used.
    names : sequence of str
        Their names; "column 1" and so on when not given.
    rows : str
        What a row is, for the message.

    Raises
    ------
    ObsError
        With each column that is lost and those that it is a combination of.

    Examples
    --------
    >>> import numpy as np
    >>> refuse_dependent(np.array([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0], [1.0, 1.0, 2.0]]))
    Traceback (most recent call last):
    obs.errors.ObsError: The 3 columns cannot be told apart in 3 rows: ...
    """
    n, p = columns.shape
    named = list(names) if len(names) else [f"column {k + 1}" for k in range(p)]
    norm = np.sqrt(np.sum(columns**2, axis=0))
    scaled = columns / np.where(norm > 0, norm, 1.0)
    if n < p:
        raise ObsError(f"The {p} columns cannot be told apart in {n} {rows}: {', '.join(named)}.")
    _, r, pivot = linalg.qr(scaled, mode="economic", pivoting=True)
    kept = int(np.sum(np.abs(np.diag(r)) > LOST))
    if kept == p:
        return
    parts = linalg.solve_triangular(r[:kept, :kept], r[:kept, kept:]) if kept else r[:0]
    lines = []
    for lost, part in zip(pivot[kept:], parts.T, strict=True):
        others = [named[k] for k, c in zip(pivot[:kept], part, strict=True) if abs(c) > PART]
        lines.append(_dependent_in_words(named[lost], others))
    raise ObsError(
        f"The {p} columns cannot be told apart in {n} {rows}: {'; '.join(lines[:5])}. "
        "Drop one of them, or merge rare levels."
    )


def _dependent_in_words(lost: str, others: list[str]) -> str:
    if not others:
        return f"{lost} has one value in all of them"
    return f"{lost} is a combination of {', '.join(others)}"
