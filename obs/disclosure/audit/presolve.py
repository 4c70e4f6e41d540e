"""Reduce the audit's linear program to a smaller one with the same answers.

Both steps are exact. A hidden total without a constraint of its own is written as the sum of its
parts. Cells that enter the same sums with the same signs become one variable, and the bounds of
each cell follow from the bounds of that variable. This module is part of the audit.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array, csr_array

__all__ = ["Question", "ReducedProgram", "reduce_program"]

Floats = npt.NDArray[np.float64]
_EPS = 1e-9
_LONGEST = 40  # unknown parts of a total that is written as their sum
Terms = dict[int, float]


@dataclass(frozen=True)
class Question:
    """An end of a cell's interval: an offset and the least or most of a sum of groups."""

    offset: float
    groups: tuple[tuple[int, float], ...]  # group and how often it counts


@dataclass
class ReducedProgram:
    """The smaller program: `matrix @ x == right`, `x >= least`, one x per group of cells.

    Attributes
    ----------
    matrix : csr_array of shape (n_rows, n_groups)
        The sums left.
    right, least : ndarray
        Right sides, and least of each group.
    terms : list of dict
        Each cell of the first program as a sum of cells that are left.
    constant : ndarray of shape (n_cells,)
        What is added to that sum.
    group : dict
        Cell left to its group.
    size : dict
        Group to how many cells it has.
    own : ndarray of shape (n_cells,)
        Least of each cell that is left.
    """

    matrix: csr_array
    right: Floats
    least: Floats
    terms: list[Terms]
    constant: Floats
    group: dict[int, int]
    size: dict[int, int]
    own: Floats

    def lowest(self, cell: int) -> Question:
        """Ask for the least of a cell: the others of its group take what they can."""
        return self._ask(cell, highest=False)

    def highest(self, cell: int) -> Question:
        """Ask for the most of a cell: the others of its group stay at their least."""
        return self._ask(cell, highest=True)

    def _ask(self, cell: int, *, highest: bool) -> Question:
        counted: dict[int, list[float]] = defaultdict(list)
        offset = float(self.constant[cell])
        for member, weight in self.terms[cell].items():
            counted[self.group[member]].append(weight)
            offset += weight * float(self.own[member])
        groups = []
        for group, weights in sorted(counted.items()):
            every = len(weights) == self.size[group]
            weight = max(weights) if highest else min(weights) if every else 0.0
            offset -= weight * float(self.least[group])
            if weight:
                groups.append((group, weight))
        return Question(offset, tuple(groups))


def reduce_program(matrix: csr_array, right: Floats, least: Floats) -> ReducedProgram:
    """Write hidden totals as sums of their parts, and make cells alike one variable.

    Returns `ReducedProgram` with the same least and most of every cell.

    Examples
    --------
    12 = a + b + c, each at least 1: one group of three.

    >>> import numpy as np
    >>> from scipy.sparse import csr_array
    >>> from obs.disclosure.audit.presolve import reduce_program
    >>> small = reduce_program(csr_array([[1.0, 1.0, 1.0]]), np.array([12.0]), np.ones(3))
    >>> small.matrix.toarray(), small.least
    (array([[1.]]), array([3.]))
    >>> small.highest(0), small.lowest(0)
    (Question(offset=-2.0, groups=((0, 1.0),)), Question(offset=1.0, groups=()))
    """
    sums = _Sums(matrix, right, least)
    for row in sorted(sums.rows, key=lambda r: len(sums.rows[r])):
        sums.substitute(row)
    return sums.grouped()


class _Sums:
    """Sums as dictionaries, some totals written as sums of their parts."""

    def __init__(self, matrix: csr_array, right: Floats, least: Floats) -> None:
        self.n = matrix.shape[1]
        self.rows: dict[int, Terms] = {}
        self.uses: dict[int, set[int]] = defaultdict(set)
        for row in range(matrix.shape[0]):
            part = slice(matrix.indptr[row], matrix.indptr[row + 1])
            terms = zip(matrix.indices[part].tolist(), matrix.data[part].tolist(), strict=True)
            self.rows[row] = dict(terms)
            for cell in self.rows[row]:
                self.uses[cell].add(row)
        self.right = right.astype(float).copy()
        self.least = least.astype(float).copy()
        self.written: dict[int, tuple[Terms, float]] = {}

    def substitute(self, row: int) -> None:
        """Write the total of a sum as its parts, if they say all that is known of it."""
        terms = self.rows[row]
        totals = [cell for cell, sign in terms.items() if sign < 0]
        if len(totals) != 1 or len(terms) > _LONGEST or terms[totals[0]] != -1:
            return
        total = totals[0]
        parts = {cell: sign for cell, sign in terms.items() if cell != total}
        constant = -float(self.right[row])
        if len(parts) == 1 and set(parts.values()) == {1.0}:
            (part,) = parts
            self.least[part] = max(self.least[part], self.least[total] - constant)
        lowest = sum(sign * self.least[cell] for cell, sign in parts.items()) + constant
        if not parts or lowest < self.least[total] - _EPS:
            return
        for cell in self.rows.pop(row):
            self.uses[cell].discard(row)
        for other in list(self.uses.pop(total)):
            self._replace(other, total, parts, constant)
        self.written[total] = parts, constant

    def _replace(self, row: int, total: int, parts: Terms, constant: float) -> None:
        terms = self.rows[row]
        times = terms.pop(total)
        self.right[row] -= times * constant
        for cell, sign in parts.items():
            terms[cell] = terms.get(cell, 0.0) + times * sign
            self.uses[cell].add(row)
            if terms[cell] == 0:
                del terms[cell]
                self.uses[cell].discard(row)

    def grouped(self) -> ReducedProgram:
        """Make cells in the same sums with the same signs one variable."""
        alike: dict[tuple[tuple[int, float], ...], list[int]] = defaultdict(list)
        for cell in range(self.n):
            if cell not in self.written:
                key = tuple((r, self.rows[r][cell]) for r in sorted(self.uses[cell]))
                alike[key].append(cell)
        number = {row: i for i, row in enumerate(self.rows)}
        i, j, s = [], [], []
        for group, key in enumerate(alike):
            for row, sign in key:
                i.append(number[row])
                j.append(group)
                s.append(sign)
        shape = (len(number), len(alike))
        terms, constant = self._expand()
        return ReducedProgram(
            csr_array(coo_array((np.array(s, dtype=float), (i, j)), shape=shape)),
            np.array([self.right[row] for row in self.rows]),
            np.array([sum(self.least[c] for c in cells) for cells in alike.values()]),
            terms,
            constant,
            {cell: group for group, cells in enumerate(alike.values()) for cell in cells},
            {group: len(cells) for group, cells in enumerate(alike.values())},
            self.least,
        )

    def _expand(self) -> tuple[list[Terms], Floats]:
        """Write every cell in those that are left; the last total written is so already."""
        terms: list[Terms] = [{cell: 1.0} for cell in range(self.n)]
        constant = np.zeros(self.n)
        for total, (parts, added) in reversed(self.written.items()):
            own: Terms = {}
            constant[total] = added
            for cell, sign in parts.items():
                constant[total] += sign * constant[cell]
                for left, weight in terms[cell].items():
                    own[left] = own.get(left, 0.0) + sign * weight
            terms[total] = own
        return terms, constant
