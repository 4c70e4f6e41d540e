"""Find the independent columns of a tall sparse matrix, and a basis in which they are orthonormal.

The rows are factored block by block, so that the matrix is never dense as a whole.
"""

from dataclasses import dataclass

import numpy as np
from scipy import linalg, sparse

from obs.errors import ObsError
from obs.stats.arrays import Floats, Positions
from obs.stats.linear.pivoted_qr import LOST

__all__ = ["Basis", "orthonormal_basis"]


BLOCK = 8_192  # rows made dense at once


@dataclass(frozen=True)
class Basis:
    """Independent columns, and the others as combinations of them.

    Attributes
    ----------
    root : ndarray of shape (q, r)
        ``columns @ root`` is orthonormal for the weights; rows of lost columns are 0, and
        ``root @ root.T`` is a generalised inverse of the weighted cross product.
    kept : ndarray of shape (r,)
        Independent columns.
    lost : ndarray of shape (q - r,)
        Columns that are combinations of these.
    parts : ndarray of shape (r, q - r)
        The combinations.
    """

    root: Floats
    kept: Positions
    lost: Positions
    parts: Floats


def orthonormal_basis(columns: sparse.csr_array, weight: Floats) -> Basis:
    """Find a basis of weighted columns by QR of blocks of rows, then with column pivoting.

    Parameters
    ----------
    columns : csr_array of shape (n, q)
        Columns of any size.
    weight : ndarray of shape (n,)
        0 or more.

    Returns
    -------
    Basis
        Independent columns and their orthonormal combinations.

    References
    ----------
    .. [1] Demmel, J., Grigori, L., Hoemmen, M. and Langou, J. (2012), Communication-optimal
       parallel and sequential QR and LU factorizations, SIAM Journal on Scientific Computing
       34, A206-A239.

    Examples
    --------
    >>> import numpy as np
    >>> two = sparse.csr_array(np.array([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0], [1.0, 0.0, 1.0]]))
    >>> made = orthonormal_basis(two, np.ones(3))
    >>> made.kept, made.lost, made.parts.T.round(9)
    (array([0, 1]), array([2]), array([[1., 1.]]))
    """
    columns, weight = _distinct(columns, weight)
    structure = _triangle(columns, (weight > 0).astype(np.float64))
    length = np.linalg.norm(structure, axis=0)
    safe = np.where(length > 0, length, 1.0)
    _, upper, pivot = linalg.qr(structure / safe, mode="economic", pivoting=True)
    r = int(np.sum(np.abs(np.diag(upper)) > LOST))
    kept, lost = pivot[:r].astype(np.intp), pivot[r:].astype(np.intp)
    parts = linalg.solve_triangular(upper[:r, :r], upper[:r, r:]) if r else upper[:0, r:]
    parts = parts * length[lost] / safe[kept, None]
    weighted = _triangle(columns, weight)[:, kept]
    size = np.linalg.norm(weighted, axis=0)
    square = linalg.qr(weighted / size, mode="r")[0][:r]
    if r and np.min(np.abs(np.diag(square))) <= 4 * np.finfo(float).eps:
        raise ObsError(
            "The weights are so unequal that the totals cannot be told apart: a few rows carry "
            "them all. Trim the weights first."
        )
    root = np.zeros((columns.shape[1], r))
    root[kept] = linalg.solve_triangular(square, np.eye(r)) / size[:, None] if r else 0.0
    return Basis(root, kept, lost, parts)


def _distinct(columns: sparse.csr_array, weight: Floats) -> tuple[sparse.csr_array, Floats]:
    """Add the weights of equal rows: margins have few distinct ones, whatever the sample."""
    n, q = columns.shape
    mark = columns @ np.random.default_rng(0).random(q)  # equal rows have equal marks
    _, first, number = np.unique(mark, return_index=True, return_inverse=True)
    if len(first) > n / 2 or (columns - columns[first[number]]).count_nonzero():
        return columns, weight
    return columns[first], np.bincount(number, weight, len(first)).astype(np.float64)


def _triangle(columns: sparse.csr_array, weight: Floats) -> Floats:
    """Triangular factor of weighted columns, heavy rows first; units do not count."""
    order = np.argsort(-weight, kind="stable")
    order = order[weight[order] > 0]
    q = columns.shape[1]
    size = np.zeros(q)
    np.maximum.at(size, columns.indices, np.abs(columns.data))
    scale = np.where(size > 0, size, 1.0)
    triangle = np.zeros((0, q))
    for start in range(0, len(order), BLOCK):
        rows = order[start : start + BLOCK]
        block = columns[rows].toarray() / scale * np.sqrt(weight[rows, None])
        triangle = linalg.qr(np.vstack([triangle, block]), mode="r")[0][:q]
    return triangle * scale
