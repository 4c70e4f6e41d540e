"""Least squares by QR of columns of unit length, so that no unit of a column changes a result.

No cross product is formed, which would square the condition of the columns, and no direction
is dropped in silence: columns that the data cannot tell apart are refused.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from obs.errors import ObsError
from obs.stats.arrays import Floats

__all__ = ["Factored", "factor_columns"]


_LOST = 1e-12  # of a unit column: what is left of it beyond the others is rounding


@dataclass(frozen=True)
class Factored:
    """Columns X = Q R diag(length), with Q orthonormal and R upper triangular."""

    orthogonal: Floats
    triangle: Floats
    length: Floats

    def solve(self, target: Floats) -> Floats:
        """Give the coefficients of the columns that come closest to the target."""
        return np.asarray(self._root @ (self.orthogonal.T @ target))

    @property
    def influence(self) -> Floats:
        """X (X'X)^-1, of the shape of X: how the coefficients follow each row."""
        return np.asarray(self.orthogonal @ self._root.T)

    @property
    def inverse(self) -> Floats:
        """(X'X)^-1."""
        return np.asarray(self._root @ self._root.T)

    @property
    def _root(self) -> Floats:
        inverse = np.linalg.solve(self.triangle, np.eye(self.length.size))
        return np.asarray(inverse / self.length[:, None])


def factor_columns(columns: Floats, *, what: str = "regressors") -> Factored:
    """Factor columns, or refuse those that say nothing of their own.

    Parameters
    ----------
    columns : ndarray of shape (n, k)
        Finite; of a weighted problem, times the root of the weights.
    what : str
        What the columns are, for the message.

    Returns
    -------
    Factored

    Raises
    ------
    ObsError
        Fewer rows than columns, a column of zeros, or one that is, but for rounding, a
        combination of those before it; the message gives the positions of such columns.

    References
    ----------
    .. [1] G. H. Golub and C. F. Van Loan, 2013, Matrix computations, 5.3.

    Examples
    --------
    >>> years = np.arange(2015.0, 2025.0)
    >>> found = factor_columns(np.column_stack([np.ones(10), years, years**2]))
    >>> found.solve(3 - (years - 2019) ** 2)[1:].round(6).tolist()
    [4038.0, -1.0]
    """
    n, k = columns.shape
    if n < k:
        raise ObsError(f"{n} row(s) cannot tell {k} {what}: take fewer, or more rows")
    length = np.linalg.norm(columns, axis=0)
    unit = columns / np.where(length > 0, length, 1.0)
    orthogonal, triangle = np.linalg.qr(unit)
    lost = np.flatnonzero((length == 0) | (np.abs(np.diag(triangle)) < _LOST))
    if lost.size:
        named = ", ".join(str(i + 1) for i in lost[:5])
        raise ObsError(
            f"the {what} are not of full rank: number {named} of {k} says nothing that those "
            "before it do not say; leave it out"
        )
    return Factored(orthogonal, triangle, length)
