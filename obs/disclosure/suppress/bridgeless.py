"""Forbid choices in which a sum has a single hidden cell (bridgeless inequalities).

The sum would give that cell away, so hiding it would protect nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from obs.disclosure.feasible.linear_system import Flags, Floats, System

__all__ = ["BridgelessInequalities"]

_ALONE = 0.01  # least excess of one cell over all others of its sum


class BridgelessInequalities:
    """Bridgeless inequalities of the sums that have no cell hidden already.

    Parameters
    ----------
    system : System
        With every value known.

    Attributes
    ----------
    useful : ndarray of shape (n_cells,)
        The cells that may be hidden beside another hidden cell in each of their sums.

    References
    ----------
    Fischetti and Salazar-Gonzalez (1999), Models and algorithms for the 2-dimensional cell
    suppression problem in statistical disclosure control, Mathematical Programming 84
    (bridgeless inequalities).
    """

    def __init__(self, system: System) -> None:
        sums = sp.csr_array(abs(system.equations.sign()))
        asks = sums @ system.hidden.astype(float) < 1
        self.useful = _coverable(system, sums)
        self.sums = sp.csr_array(sums[np.flatnonzero(asks)][:, np.flatnonzero(self.useful)])
        self.cells = np.flatnonzero(self.useful)

    def violated(self, choice: Floats) -> Iterator[tuple[npt.NDArray[np.int64], Floats]]:
        """Give the sums in which a cell is hidden further than all others together.

        In a choice of which nothing can be shown again, sum(x of others) >= x of each cell.

        Yields `cells`: the cells of a sum; `values`: their coefficients, -1 for the cell alone;
        the right side is zero.
        """
        degree = choice[self.cells]
        every = sp.csr_array(self.sums.multiply(degree[None, :]))
        total, most = self.sums @ degree, every.max(axis=1).toarray().ravel()
        for row in np.flatnonzero(2 * most > total + _ALONE):
            cells = self.sums.indices[self.sums.indptr[row] : self.sums.indptr[row + 1]]
            alone = cells == cells[np.argmax(degree[cells])]
            yield self.cells[cells], np.where(alone, -1.0, 1.0)


def _coverable(system: System, sums: sp.csr_array) -> Flags:
    """Leave out what would be alone whatever else is hidden, and what then is, and so on."""
    useful = ~system.hidden & ~system.fixed
    while True:
        others = sums @ (useful | system.hidden).astype(float)
        alone = useful & (sums.T @ (others < 2).astype(float) > 0)
        if not alone.any():
            return useful
        useful &= ~alone
