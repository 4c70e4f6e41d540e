"""Keep the moves found so far; each proves that some targets can be reached.

A move proves its targets for every choice that hides all cells it touches. A new choice is
therefore tested only on targets that no known move proves.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from obs.disclosure.feasible.linear_system import Flags, Floats, System
from obs.disclosure.feasible.moves import TINY, Target

__all__ = ["Indices", "KnownMoves"]

Indices = npt.NDArray[np.int64]
_MOST_MOVES = 20_000  # moves kept; the oldest are forgotten first


class KnownMoves:
    """What is known to be possible.

    Parameters
    ----------
    system : System
        With every value known.
    targets : sequence of Target
        What must be possible.
    """

    def __init__(self, system: System, targets: Sequence[Target]) -> None:
        self.system = system
        self.touched: list[Indices] = []
        self.moves: list[Floats] = []  # of the touched cells
        self.reached: list[Indices] = []  # numbers of targets
        self.targets: list[Target] = []
        self.number: dict[Target, int] = {}
        self._known = 0  # moves in the matrices
        self._touches = sp.csr_array((0, len(system.value)))
        self._reach = sp.csr_array((0, 0))
        self.add_targets(targets)

    def add_targets(self, targets: Iterable[Target]) -> None:
        """Ask for more targets, which the moves known may reach."""
        fresh = [t for t in targets if t not in self.number]
        for target in fresh:
            self.number[target] = len(self.targets)
            self.targets.append(target)
        self._index_targets()
        if fresh:
            known = zip(self.touched, self.moves, strict=True)
            self.reached = [self._reaches(cells, moves) for cells, moves in known]
            self._known = -1

    def reaches(self, moves: Floats) -> Indices:
        """Give the numbers of the targets that a move of the table reaches."""
        cells = np.flatnonzero(moves)
        return self._reaches(cells, moves[cells])

    def add(self, moves: Floats) -> Indices:
        """Keep a move that reaches targets; give the numbers of those it reaches."""
        cells = np.flatnonzero(moves)
        reached = self._reaches(cells, moves[cells])
        if len(reached):
            if len(self.moves) >= _MOST_MOVES:
                for kept in (self.touched, self.moves, self.reached):
                    del kept[: _MOST_MOVES // 4]
                self._known = -1
            self.touched.append(cells)
            self.moves.append(moves[cells])
            self.reached.append(reached)
        return reached

    def moves_within(self, hidden: Flags) -> Flags:
        """Tell which moves touch hidden cells only."""
        self._build_matrices()
        shown = self._touches @ (~hidden).astype(np.float64)
        return np.asarray(shown < 0.5)

    def unproved(self, hidden: Flags) -> list[Target]:
        """Give the targets that no known move among hidden cells reaches."""
        if not self.moves:
            return list(self.targets)
        inside = self.moves_within(hidden).astype(np.float64)
        ways = self._reach.T @ inside
        return [t for t, n in zip(self.targets, ways, strict=True) if n < 0.5]

    def _build_matrices(self) -> None:
        if self._known != len(self.moves):
            self._known = len(self.moves)
            self._touches = _indicator_rows(self.touched, len(self.system.value))
            self._reach = _indicator_rows(self.reached, len(self.targets))

    def _index_targets(self) -> None:
        self.cell = np.array([t.cell for t in self.targets], dtype=np.int64)
        self.sign = np.array([np.sign(t.move) for t in self.targets])
        self.size = np.array([t.size for t in self.targets])
        self.owner = np.array([t.owner for t in self.targets], dtype=np.int64)

    def _reaches(self, cells: Indices, moves: Floats) -> Indices:
        if not len(self.targets) or not len(cells):
            return np.zeros(0, dtype=np.int64)
        place = np.minimum(np.searchsorted(cells, self.cell), len(cells) - 1)
        there = cells[place] == self.cell
        far = there & (moves[place] * self.sign >= self.size - TINY)
        knows = np.isin(self.owner, np.unique(self.system.owner[cells])) & (self.owner >= 0)
        return np.flatnonzero(far & ~knows)


def _indicator_rows(members: Sequence[Indices], width: int) -> sp.csr_array:
    """Write sets of numbers as the rows of a matrix of ones."""
    start = np.concatenate([[0], np.cumsum([len(m) for m in members])]).astype(np.int64)
    every = np.concatenate([*members, np.zeros(0, dtype=np.int64)])
    return sp.csr_array((np.ones(len(every)), every, start), (len(members), width))
