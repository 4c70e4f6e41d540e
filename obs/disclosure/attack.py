"""Bounds of what a reader cannot see, by linear programming over what he can.

Part of the audit: SciPy's solver, nothing shared with the rooms that chose what to withhold.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog
from scipy.sparse import coo_array, csr_array, hstack
from scipy.sparse.csgraph import connected_components

from obs.errors import DisclosureError

__all__ = ["bound_cells"]

_EPS = 1e-6
_HUGE = 1e7  # a bound beyond this is no bound
_LARGE = 1e6  # figures above are solved in tens, hundreds...: solvers count to sixteen digits
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


def bound_cells(
    equations: Sequence[tuple[int, Sequence[int]]],
    known: Mapping[int, float],
    *,
    least: Floats,
    asked: Collection[int],
) -> tuple[Floats, Floats]:
    """Compute the lowest and highest value of each cell asked for.

    Parameters
    ----------
    equations : sequence of (int, sequence of int)
        A total and its parts.
    known : mapping
        Cells that are seen, and their values.
    least : ndarray of shape (n_cells,)
        Lower bound of each cell that is not seen.
    asked : collection of int
        The cells to bound.

    Returns
    -------
    ndarray, ndarray of shape (n_cells,)
        Ends rounded inwards, because counts are whole; infinite if there is no limit.

    Raises
    ------
    DisclosureError
        If no table fits, or the solver fails.

    Examples
    --------
    A total of 12 and two hidden parts of at least 1:

    >>> import numpy as np
    >>> from obs.disclosure.attack import bound_cells
    >>> low, high = bound_cells([(0, [1, 2])], {0: 12}, least=np.ones(3), asked=[1])
    >>> low[1], high[1]
    (np.float64(1.0), np.float64(11.0))
    """
    n = len(least)
    low, high = least.astype(float), np.full(n, np.inf)
    fixed = np.zeros(n, dtype=bool)
    for cell, value in known.items():
        low[cell] = high[cell] = value
        fixed[cell] = True
    rows = [(i, j, s) for i, (t, ps) in enumerate(equations) for j, s in _signs(t, ps)]
    if not rows:
        return low, high
    i, j, s = (np.array(x) for x in zip(*rows, strict=True))
    matrix = csr_array(coo_array((s.astype(float), (i, j)), shape=(len(equations), n)))
    right = -(matrix @ np.where(fixed, np.nan_to_num(low), 0.0))
    loose = csr_array(matrix.multiply(~fixed[None, :]))
    loose.eliminate_zeros()
    _, label = connected_components(abs(loose).T @ abs(loose), directed=False)
    wanted = np.isin(np.arange(n), list(asked)) & ~fixed
    for component in np.unique(label[wanted]):
        cells = np.flatnonzero((label == component) & ~fixed)
        lines = np.unique(loose[:, cells].nonzero()[0])
        ask = wanted[cells]
        unit = _unit(right[lines])
        ends = _bound(loose[lines][:, cells], right[lines] / unit, low[cells] / unit, ask)
        low[cells[ask]] = np.ceil(ends[0] * unit - _EPS * unit)
        high[cells[ask]] = np.floor(ends[1] * unit + _EPS * unit)
    return low, high


def _unit(figures: Floats) -> float:
    """Give the power of ten in which figures are at most a million."""
    top = float(np.abs(figures).max(initial=1.0))
    return 1.0 if top <= _LARGE else float(10.0 ** np.ceil(np.log10(top / _LARGE)))


def _signs(total: int, parts: Sequence[int]) -> Iterable[tuple[int, float]]:
    yield total, -1.0
    for part in parts:
        yield part, 1.0


def _bound(matrix: csr_array, right: Floats, least: Floats, wanted: Flags) -> tuple[Floats, Floats]:
    """Find the lowest and highest value of some cells, many cells per program if possible."""
    if matrix.shape[0] == 0:
        return least[wanted], np.full(int(wanted.sum()), np.inf)
    low, high = np.full(len(least), np.nan), np.full(len(least), np.nan)
    free = _endless(matrix)
    high[free] = np.inf
    open_ends = wanted.copy()
    while open_ends.any():  # one program often shows many cells at their least
        point = _solve(matrix, right, least, np.where(open_ends, 1.0, 0.0))
        reached = open_ends & (point <= least + _EPS)
        low[reached] = least[reached]
        open_ends &= ~reached
        if not reached.any():
            break
    for cell in np.flatnonzero(wanted):
        direction = np.zeros(len(least))
        if np.isnan(low[cell]):
            direction[cell] = 1.0
            low[cell] = _solve(matrix, right, least, direction)[cell]
        if np.isnan(high[cell]):
            direction[cell] = -1.0
            high[cell] = _solve(matrix, right, least, direction)[cell]
    return low[wanted], np.where(high[wanted] > _HUGE, np.inf, high[wanted])


def _endless(matrix: csr_array) -> Flags:
    """Find the cells without an upper limit: those that grow in some direction of sums.

    Directions add up, so that one program finds all: each cell may grow, and its first
    unit counts.
    """
    n = matrix.shape[1]
    bounds = np.column_stack([np.zeros(2 * n), np.repeat([1.0, np.inf], n)])
    cost = np.repeat([-1.0, 0.0], n)
    ray = _program(cost, csr_array(hstack([matrix, matrix])), np.zeros(matrix.shape[0]), bounds)
    return np.asarray(ray[:n] > 0.5)


def _solve(matrix: csr_array, right: Floats, least: Floats, cost: Floats) -> Floats:
    bounds = np.column_stack([least, np.full(len(least), _HUGE * 10)])
    return _program(cost, matrix, right, bounds)


def _program(cost: Floats, matrix: csr_array, right: Floats, bounds: Floats) -> Floats:
    found = linprog(cost, A_eq=matrix, b_eq=right, bounds=bounds, method="highs")
    if found.status != 0:
        raise DisclosureError(
            "the audit could not be carried out: what is known contradicts what is shown, or "
            f"the solver failed ({found.message.split('.')[0]})."
        )
    return np.asarray(found.x)
