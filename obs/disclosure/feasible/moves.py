"""Move hidden cells while all sums hold: the other tables that a reader cannot rule out.

A withheld cell is protected at one end of its interval if some move carries it there. If none
does, the dual prices of the sums give a cut: which further cells would have to be hidden.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import highspy
import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from obs.disclosure.feasible.linear_system import Floats, System
from obs.disclosure.feasible.solver import load_program
from obs.errors import DisclosureError

__all__ = ["MOVE_LIMITS", "TINY", "Moves", "Target", "list_targets"]

TINY = 1e-6  # moves smaller than this are none
MOVE_LIMITS = (10.0, 1e5)  # how many times as far as asked other cells may move: near ways first
_DUAL, _PRIMAL = 1, 4  # HiGHS' names of its simplex strategies


@dataclass(frozen=True)
class Target:
    """One end of the interval of one sensitive cell: how far it must be able to move.

    With an `owner`, the cells that this insider knows stay where they are.
    """

    cell: int
    move: float
    owner: int = -1

    @property
    def size(self) -> float:
        """How far, whichever way."""
        return abs(self.move)

    def reached(self, moves: Floats) -> bool:
        """Tell whether a move of the table carries the cell there."""
        return bool(moves[self.cell] * np.sign(self.move) >= self.size - TINY)


def list_targets(system: System) -> list[Target]:
    """List the ends of intervals that must stay possible, largest moves first.

    Returns up and down moves of each sensitive cell.
    """
    targets = []
    for cell in np.flatnonzero(system.sensitive):
        up = system.need_high[cell] - system.value[cell]
        down = system.need_low[cell] - system.value[cell]
        targets += [Target(int(cell), float(m)) for m in (up, down) if abs(m) > TINY]
    return sorted(targets, key=lambda t: (-t.size, t.cell, t.move))


class Moves:
    """The moves that a (possibly fractional) choice of hidden cells leaves possible.

    Parameters
    ----------
    system : System
        With every value known.
    chosen : ndarray of shape (n_cells,)
        How far each cell is hidden, from 0 to 1.
    """

    def __init__(self, system: System, chosen: Floats) -> None:
        self.system = system
        self.cells = np.flatnonzero(chosen > TINY)
        self.share = np.minimum(chosen[self.cells], 1.0)
        part = sp.csr_array(system.equations[:, self.cells])
        self.rows = np.flatnonzero(np.diff(part.indptr))
        self.down = np.maximum(system.value - system.lower, 0.0)[self.cells]
        self.up = (system.upper - system.value)[self.cells]
        self.place = np.full(len(system.value), -1)
        self.place[self.cells] = np.arange(len(self.cells))
        self.solver = _load_moves(sp.csc_array(part[self.rows]))
        self.prices_to_weights = sp.csr_array(system.equations.T)
        self.limit = 0.0
        self.pivots = 0  # of the simplex so far

    def furthest(self, target: Target, *, room: float = 1.0) -> tuple[Floats, Floats]:
        """Move one cell as far as wanted or as can be.

        Returns the moves and the dual price of each sum.
        """
        self._set_limit(target.size * room)
        column = int(self.place[target.cell])
        sign = float(np.sign(target.move))
        ends = (0.0, target.size) if sign > 0 else (-target.size, 0.0)
        if target.owner >= 0:
            self._fix_columns(np.flatnonzero(self.system.owner[self.cells] == target.owner))
        self.solver.changeColCost(column, -sign)
        self.solver.changeColBounds(column, *ends)
        moves, prices = self._solve_move()
        self.solver.changeColCost(column, 0.0)
        self.solver.changeColBounds(column, self.lowest[column], self.highest[column])
        self.limit = self.limit if target.owner < 0 else 0.0
        return moves, -prices

    def attack(self, target: Target) -> tuple[Floats, Floats | None]:
        """Move one cell as far as wanted; where it cannot go, say what must be hidden.

        Returns the moves, and a cut if they do not reach the target.
        """
        found, prices = self.furthest(target)
        return found, None if target.reached(found) else self.cut(target, prices)

    def unreachable(self, targets: Sequence[Target]) -> dict[Target, Floats]:
        """Give the targets that no move reaches, each with the move that comes closest.

        Returns a dict in the order of `targets`.
        """
        lost = {}
        for target in targets:
            for room in MOVE_LIMITS:
                found, _ = self.furthest(target, room=room)
                if target.reached(found):
                    break
            else:
                lost[target] = found
        return lost

    def cut(self, target: Target, prices: Floats) -> Floats:
        """Turn the prices of the sums into what must be hidden.

        Any choice x of hidden cells that lets the target be reached has sum(c x) >= 1. For
        any prices p, the move d of the target is the sum over the other cells of g_i d_i
        with g = -p'M, so it is at most sum g_i+ (upper_i - value_i) x_i + g_i-
        (value_i - lower_i) x_i; each term is cut off at the size wanted.

        Returns the coefficients c, from 0 to 1.
        """
        system = self.system
        weight = -(self.prices_to_weights @ prices)
        weight[np.abs(weight) < TINY] = 0.0
        weight[target.cell] = 0.0
        gain = np.where(weight != 0, weight, 1.0)
        up = np.where(weight > 0, gain * (system.upper - system.value), 0.0)
        down = np.where(weight < 0, -gain * (system.value - system.lower), 0.0)
        share = np.minimum((up + np.maximum(down, 0.0)) / target.size, 1.0)
        share[system.fixed & ~system.hidden] = 0.0
        if target.owner >= 0:
            share[system.owner == target.owner] = 0.0
        return np.asarray(share)

    def _fix_columns(self, columns: npt.NDArray[np.int64]) -> None:
        zero = np.zeros(len(columns))
        self.solver.changeColsBounds(len(columns), columns.astype(np.int32), zero, zero)

    def _set_limit(self, size: float) -> None:
        if size != self.limit:
            self.limit = size
            self.lowest = -np.minimum(self.down, size) * self.share
            self.highest = np.minimum(self.up, size) * self.share
            every = np.arange(len(self.cells), dtype=np.int32)
            self.solver.changeColsBounds(len(every), every, self.lowest, self.highest)

    def _solve_move(self) -> tuple[Floats, Floats]:
        self.solver.run()
        if self.solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            self.solver.clearSolver()  # standing still is always a solution: another way finds it
            self.solver.setOptionValue("simplex_strategy", _DUAL)
            self.solver.run()
            self.solver.setOptionValue("simplex_strategy", _PRIMAL)
        if self.solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise DisclosureError("the solver failed to attack a choice; nothing is released.")
        self.pivots += max(int(self.solver.getInfo().simplex_iteration_count), 0)
        solution = self.solver.getSolution()
        moves, prices = np.zeros(len(self.place)), np.zeros(self.system.equations.shape[0])
        moves[self.cells] = solution.col_value
        prices[self.rows] = solution.row_dual
        return moves, prices


def _load_moves(matrix: sp.csc_array) -> highspy.Highs:
    zero = np.zeros(matrix.shape[0])
    n = matrix.shape[1]
    solver = load_program(
        matrix, cost=np.zeros(n), upper=np.zeros(n), row_lower=zero, row_upper=zero
    )
    solver.setOptionValue("presolve", "off")  # each question starts where the last one ended
    solver.setOptionValue("simplex_strategy", _PRIMAL)  # mostly the objective changes
    return solver
