"""Bound each withheld figure by linear programming over the figures that are shown.

The audit has its own programs. It shares no code with the modules that choose what to withhold,
so that a fault there cannot hide itself here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import highspy
import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog
from scipy.sparse import coo_array, csc_array, csr_array, hstack
from scipy.sparse.csgraph import connected_components

from obs.disclosure.audit.presolve import ReducedProgram, reduce_program
from obs.errors import DisclosureError

__all__ = ["bound_cells"]

_EPS = 1e-6
_HUGE = 1e7  # a bound beyond this is no bound
_LARGE = 1e6  # figures above are solved in tens, hundreds...: solvers count to sixteen digits
_FAILED = (
    "the audit could not be carried out: what is known contradicts what is shown, or "
    "the solver failed ({})."
)
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Cells = npt.NDArray[np.int64]
Groups = tuple[tuple[int, float], ...]


def bound_cells(
    equations: Sequence[tuple[int, Sequence[int]]],
    known: Mapping[int, float],
    *,
    least: Floats,
    asked: Collection[int],
) -> tuple[Floats, Floats]:
    """Compute the lowest and highest value of each cell asked for.

    Returns ends rounded inwards, because counts are whole; infinite if there is no limit. Raises
    `DisclosureError` if no table fits, or the solver fails.

    Examples
    --------
    A total of 12 and two hidden parts of at least 1:

    >>> import numpy as np
    >>> from obs.disclosure.audit.attack_bounds import bound_cells
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
    wanted = np.isin(np.arange(n), list(asked)) & ~fixed
    for lines, cells in _components(loose):
        if not wanted[cells].any():
            continue
        ask = wanted[cells]
        unit = _scale_unit(right[lines])
        small = reduce_program(loose[lines][:, cells], right[lines] / unit, low[cells] / unit)
        ends = _bound_cells(small, np.flatnonzero(ask))
        low[cells[ask]] = np.ceil(ends[0] * unit - _EPS * unit)
        high[cells[ask]] = np.floor(ends[1] * unit + _EPS * unit)
    return low, high


def _components(loose: csr_array) -> Iterator[tuple[Cells, Cells]]:
    """Split sums and cells that have no sum in common; a cell in none stands alone."""
    lines, n = loose.shape
    at = loose.tocoo()
    ends = (at.coords[0], lines + at.coords[1])
    links = coo_array((np.ones(at.nnz), ends), shape=(lines + n, lines + n))
    _, label = connected_components(links, directed=False)
    order = np.argsort(label, kind="stable")
    for members in np.split(order, np.flatnonzero(np.diff(label[order])) + 1):
        yield members[members < lines], members[members >= lines] - lines


def _scale_unit(figures: Floats) -> float:
    """Give the power of ten in which figures are at most a million."""
    top = float(np.abs(figures).max(initial=1.0))
    # another unit is equivalent: figures are divided by it, and ends multiplied again
    return 1.0 if top <= _LARGE else float(10.0 ** np.ceil(np.log10(top / _LARGE)))


def _signs(total: int, parts: Sequence[int]) -> Iterable[tuple[int, float]]:
    yield total, -1.0
    for part in parts:
        yield part, 1.0


def _bound_cells(small: ReducedProgram, wanted: Cells) -> tuple[Floats, Floats]:
    """Find the lowest and highest value of some cells, each distinct question once."""
    solved = _BoundSolver(small)
    low = [small.lowest(cell) for cell in wanted]
    high = [small.highest(cell) for cell in wanted]
    solved.try_together({group for question in low for group, _ in question.groups})
    return (
        np.array([question.offset + solved.least(question.groups) for question in low]),
        np.array([question.offset + solved.most(question.groups) for question in high]),
    )


class _BoundSolver:
    """Least and most of sums of groups, remembered."""

    def __init__(self, small: ReducedProgram) -> None:
        self.small = small
        self.known: dict[tuple[Groups, float], float] = {}
        self.endless = _unbounded_cells(small.matrix)
        self.program = _load_program(small)
        self._solve_for(np.zeros(len(small.least)))  # that some table fits

    def try_together(self, groups: Collection[int]) -> None:
        """Look for tables with many groups at their least: one program often shows many."""
        least = self.small.least
        left = np.isin(np.arange(len(least)), list(groups))
        while left.any():
            point = self._solve_for(np.where(left, 1.0, 0.0))
            reached = left & (point <= least + _EPS)
            for group in np.flatnonzero(reached):
                self.known[((int(group), 1.0),), 1.0] = float(least[group])
            left &= ~reached
            if not reached.any():
                break

    def least(self, groups: Groups) -> float:
        """Give the least of a sum of groups."""
        # more is equivalent: it scales the cost, and what is remembered is asked again
        return self._end(groups, 1.0)

    def most(self, groups: Groups) -> float:
        """Give the most of a sum of groups; infinite if there is no limit."""
        if any(self.endless[group] for group, _ in groups):
            return np.inf
        most = self._end(groups, -1.0)
        return np.inf if most > _HUGE else most

    def _end(self, groups: Groups, sign: float) -> float:
        if not groups:
            return 0.0
        if (groups, sign) not in self.known:
            cost = np.zeros(len(self.small.least))
            for group, weight in groups:
                cost[group] = weight
            self.known[groups, sign] = float(cost @ self._solve_for(sign * cost))
        return self.known[groups, sign]

    def _solve_for(self, cost: Floats) -> Floats:
        """Find the table of least cost, from where the last question ended."""
        if self.program is None:
            return self.small.least
        columns = np.arange(len(cost), dtype=np.int32)
        self.program.changeColsCost(len(cost), columns, cost.astype(np.float64))
        self.program.run()
        status = self.program.getModelStatus()
        if status != highspy.HighsModelStatus.kOptimal:
            raise DisclosureError(_FAILED.format(self.program.modelStatusToString(status)))
        return np.array(self.program.getSolution().col_value)


def _load_program(small: ReducedProgram) -> highspy.Highs | None:
    """Load a program whose questions are asked one after the other; none if there is no sum."""
    if small.matrix.shape[0] == 0:
        return None
    program = highspy.Highs()  # type: ignore[no-untyped-call]
    primal = 4  # simplex_strategy: a table that fits stays one when the question changes
    for option, value in {"output_flag": False, "threads": 1, "simplex_strategy": primal}.items():
        program.setOptionValue(option, value)
    columns, lp = csc_array(small.matrix), highspy.HighsLp()
    lp.num_row_, lp.num_col_ = columns.shape
    lp.col_cost_, lp.col_lower_ = np.zeros(len(small.least)), small.least
    lp.col_upper_ = np.full(len(small.least), _HUGE * 10)
    lp.row_lower_ = lp.row_upper_ = small.right
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_, lp.a_matrix_.index_ = columns.indptr, columns.indices
    lp.a_matrix_.value_ = columns.data
    program.passModel(lp)
    return program


def _unbounded_cells(matrix: csr_array) -> Flags:
    """Find the cells without an upper limit: those that grow in some direction of sums.

    Directions add up, so that one program finds all: each cell may grow, and its first
    unit counts.
    """
    n = matrix.shape[1]
    if matrix.shape[0] == 0:
        return np.ones(n, dtype=bool)
    bounds = np.column_stack([np.zeros(2 * n), np.repeat([1.0, np.inf], n)])
    cost = np.repeat([-1.0, 0.0], n)
    right = np.zeros(matrix.shape[0])
    ray = linprog(
        cost, A_eq=csr_array(hstack([matrix, matrix])), b_eq=right, bounds=bounds, method="highs"
    )
    if ray.status != 0:
        raise DisclosureError(_FAILED.format(ray.message.split(".")[0]))
    return np.asarray(ray.x[:n] > 0.5)
