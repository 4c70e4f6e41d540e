"""Hold cells and equations as arrays, and split them into independent blocks.

An equation whose hidden total is in no other equation tells a reader nothing. Such equations are
removed repeatedly before the split.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

__all__ = ["Rows", "System", "binding_equations", "blocks", "informative_equations"]

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int64]


_AMPLE = 1e12  # room beyond any figure


@dataclass(frozen=True)
class System:
    """Cells, equations and what must stay in doubt.

    Attributes
    ----------
    value : ndarray of shape (n_cells,)
        The counts; NaN where even the house does not know.
    lower : ndarray of shape (n_cells,)
        The least a reader takes a hidden cell to be.
    upper : ndarray of shape (n_cells,)
        The most.
    hidden : ndarray of shape (n_cells,)
        Cells that no table will show, whatever is decided.
    fixed : ndarray of shape (n_cells,)
        Cells that cannot be hidden (shown zeros, figures already published).
    need_low, need_high : ndarray of shape (n_cells,)
        The interval that must stay possible for a sensitive cell; NaN for the others.
    weight : ndarray of shape (n_cells,)
        What is lost by hiding a cell.
    owner : ndarray of shape (n_cells,)
        The insider who knows a cell (a commune, its own figures); -1 for nobody.
    equations : csr_array of shape (n_equations, n_cells)
        Each row sums to zero: +1 for parts, -1 for the total.
    """

    value: Floats
    lower: Floats
    upper: Floats
    hidden: Flags
    fixed: Flags
    need_low: Floats
    need_high: Floats
    weight: Floats
    owner: npt.NDArray[np.int64]
    equations: sp.csr_array

    @property
    def sensitive(self) -> Flags:
        """Which cells must stay in doubt."""
        return ~np.isnan(self.need_high)

    def take(self, cells: npt.NDArray[np.int64], rows: npt.NDArray[np.int64]) -> System:
        """Keep some cells and some equations."""
        return System(
            self.value[cells],
            self.lower[cells],
            self.upper[cells],
            self.hidden[cells],
            self.fixed[cells],
            self.need_low[cells],
            self.need_high[cells],
            self.weight[cells],
            self.owner[cells],
            sp.csr_array(self.equations[rows][:, cells]),
        )


def informative_equations(system: System) -> Rows:
    """Find the equations that can tell a reader something.

    Returns the rows of `system.equations` to keep. An equation goes if its total is hidden, has
    no upper bound and need not stay in doubt, stands in no other kept equation, and cannot fall
    under its lower bound.

    Examples
    --------
    >>> import numpy as np, scipy.sparse as sp
    >>> from obs.disclosure.feasible.linear_system import System, informative_equations
    >>> nan = np.full(3, np.nan)
    >>> s = System(np.array([5.0, 2, 3]), np.zeros(3), np.full(3, np.inf),
    ...            np.array([True, True, False]), np.zeros(3, bool), nan, nan, np.ones(3),
    ...            np.full(3, -1), sp.csr_array([[-1.0, 1, 1]]))
    >>> informative_equations(s)
    array([], dtype=int64)
    """
    matrix = system.equations
    totals = _totals(matrix)
    free = system.hidden & np.isinf(system.upper) & ~system.sensitive
    least = matrix.multiply(matrix > 0) @ np.where(
        system.hidden, system.lower, np.minimum(system.lower, np.nan_to_num(system.value))
    )
    absorbs = free[totals] & (least >= system.lower[totals])
    uses = np.diff(sp.csc_array(matrix).indptr).astype(np.int64)
    kept = np.ones(matrix.shape[0], dtype=bool)
    changed = True
    while changed:
        idle = np.flatnonzero(kept & absorbs & (uses[totals] == 1))
        changed = len(idle) > 0
        kept[idle] = False
        np.subtract.at(uses, matrix[idle].indices, 1)
    return np.flatnonzero(kept).astype(np.int64)


def binding_equations(system: System, kept: Rows, *, limit: float) -> Rows:
    """Keep the equations that moves of at most `limit` can break.

    An equation goes if it has a hidden cell of its own that can take up whatever such moves of
    the others add: the slack of an inequality that is far from binding.
    """
    matrix = abs(sp.csr_array(system.equations[kept]))
    room = np.fmin(np.fmin(system.upper - system.value, system.value - system.lower), _AMPLE)
    alone = np.bincount(matrix.indices, minlength=len(room)) == 1
    takes = np.where(alone & system.hidden & ~system.sensitive, room, 0.0)
    most = matrix.multiply(takes[None, :]).max(axis=1).toarray().ravel()
    return np.asarray(kept[most < limit * (np.diff(matrix.indptr) - 1)])


def blocks(system: System, kept: Rows) -> Iterator[tuple[npt.NDArray[np.int64], Rows]]:
    """Split what is left into independent blocks that hold a sensitive cell.

    Yields cells and equations of a block.
    """
    matrix = system.equations[kept]
    movable = ~(system.fixed & ~system.hidden)
    part = sp.csr_array(matrix.multiply(movable[None, :]))
    part.eliminate_zeros()
    links = abs(part).T @ abs(part)
    _, labels = connected_components(links, directed=False)
    sensitive = np.flatnonzero(system.sensitive & (np.diff(sp.csc_array(part).indptr) > 0))
    coo = part.tocoo()
    row_label = np.full(len(kept), -1)
    row_label[coo.coords[0]] = labels[coo.coords[1]]
    for label in np.unique(labels[sensitive]):
        cells = np.flatnonzero(labels == label)
        yield cells.astype(np.int64), kept[row_label == label]


def _totals(matrix: sp.csr_array) -> npt.NDArray[np.int64]:
    negative = matrix.tocoo()
    totals = np.zeros(matrix.shape[0], dtype=np.int64)
    below = negative.data < 0
    totals[negative.coords[0][below]] = negative.coords[1][below]
    return totals
