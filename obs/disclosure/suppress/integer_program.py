"""Choose the hidden cells of least loss in a small block, by an integer program and cuts.

The program chooses, an attack shows which targets its choice leaves out of reach, and the dual
prices of the attack become a cut of the program, until no attack succeeds.
"""

from __future__ import annotations

from collections.abc import Callable

import highspy
import numpy as np

from obs.disclosure.feasible.known_moves import KnownMoves
from obs.disclosure.feasible.linear_system import Flags, Floats, System
from obs.disclosure.feasible.moves import Moves, Target

__all__ = ["least_loss", "loss_of"]

_TINY = 1e-7
_OPTIONS = {"output_flag": False, "threads": 1, "random_seed": 0}
_STOPPED = (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kSolutionLimit)


def loss_of(system: System, hidden: Flags) -> float:
    """Give what is lost by hiding cells, those aside that are hidden anyway."""
    return float(system.weight[hidden & ~system.hidden].sum())


def least_loss(
    system: System,
    proofs: KnownMoves,
    best: Flags,
    *,
    make_safe: Callable[[Flags], Flags],
    nodes: int,
    pivots: int,
) -> tuple[Flags, float]:
    """Look for a choice that loses less than the best one known.

    `make_safe` completes a choice, so that every target of `proofs` is proved in it; it may add
    targets to them. The search stops after so many nodes of branch and bound, or pivots of the
    simplex, in all programs together: the best choice is safe then too, only not proved the best.

    Returns the best choice, and a lower bound of the loss of any.

    References
    ----------
    Fischetti and Salazar-Gonzalez (2001), Solving the cell suppression problem on tabular
    data with linear constraints, Management Science 47.
    """
    program, bound = _Program(system), 0.0
    for target in proofs.targets:
        program.add_sums(target)
    while program.nodes < nodes and program.pivots < pivots:
        chosen, bound = program.choose(nodes - program.nodes)
        if chosen is None or bound >= loss_of(system, best) - _TINY:
            break
        known, fresh = len(proofs.targets), program.cut_off(chosen, proofs.targets)
        safe = make_safe(chosen)
        if loss_of(system, safe) < loss_of(system, best) - _TINY:
            best = safe
        # to go on is equivalent: the same program gives the same choice until its nodes are spent
        if not fresh and len(proofs.targets) == known:
            break
    return best, min(bound, loss_of(system, best))


class _Program:
    """A binary program, one variable per cell that may be hidden, and its cuts."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.nodes = self.pivots = 0  # of all searches and attacks so far
        self.rows_of_cell = system.equations.tocsc()
        self.cells = np.flatnonzero(~system.hidden & ~system.fixed)
        self.column = np.full(len(system.value), -1, dtype=np.int32)
        n = len(self.cells)
        self.column[self.cells] = every = np.arange(n, dtype=np.int32)
        self.solver = highspy.Highs()  # type: ignore[no-untyped-call]
        for option, value in _OPTIONS.items():
            self.solver.setOptionValue(option, value)
        self.solver.addVars(n, np.zeros(n), np.ones(n))
        self.solver.changeColsCost(n, every, system.weight[self.cells])
        self.solver.changeColsIntegrality(n, every, np.ones(n, dtype=np.uint8))
        self.seen: set[tuple[bytes, bytes]] = set()

    def choose(self, nodes: int) -> tuple[Flags | None, float]:
        """Give the choice of least loss, None if none is found, and a lower bound of any loss."""
        self.solver.setOptionValue("mip_max_nodes", nodes)
        self.solver.run()
        info = self.solver.getInfo()
        self.nodes += max(int(info.mip_node_count), 1)
        self.pivots += max(int(info.simplex_iteration_count), 0)
        values = np.array(self.solver.getSolution().col_value)
        bound = max(float(info.mip_dual_bound), 0.0)
        found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
        if not found or self.solver.getModelStatus() not in _STOPPED:
            return None, 0.0
        chosen = self.system.hidden.copy()
        chosen[self.cells] = values > 0.5
        return chosen, bound

    def cut_off(self, chosen: Flags, targets: list[Target]) -> bool:
        """Forbid a choice that leaves targets out of reach; tell whether any cut is new."""
        moves, fresh = Moves(self.system, chosen.astype(float)), False
        for target in targets:
            cut = moves.attack(target)[1]
            fresh |= cut is not None and self._add(cut)
        self.pivots += moves.pivots
        return fresh

    def add_sums(self, target: Target) -> None:
        """Ask, in each sum of a sensitive cell, for others that can move as far.

        In a row 3 + 40 + 50 = 93 of which 3 is withheld, one of the others must be too.
        """
        system, matrix, by_cell = self.system, self.system.equations, self.rows_of_cell
        up, down = system.upper - system.value, system.value - system.lower
        known = (system.owner == target.owner) & (target.owner >= 0)
        out = (system.fixed & ~system.hidden) | known
        for row in by_cell.indices[by_cell.indptr[target.cell] : by_cell.indptr[target.cell + 1]]:
            span = slice(matrix.indptr[row], matrix.indptr[row + 1])
            cells, signs = matrix.indices[span], matrix.data[span]
            own = signs[cells == target.cell][0]
            rises = -own * np.sign(target.move) * signs > 0
            room = np.where(rises, up[cells], down[cells])
            share = np.zeros(len(system.value))
            # more is equivalent: cut off in _add, or a weaker cut that an attack makes good
            share[cells] = np.clip(room / target.size, 0.0, 1.0)
            share[out] = share[target.cell] = 0.0
            self._add(share)

    def _add(self, share: Floats) -> bool:
        """Ask for sum(share x) >= 1; tell whether that is new."""
        right = 1.0 - share[self.system.hidden].sum()
        cells = np.flatnonzero((share > _TINY) & (self.column >= 0))
        if right <= 1e-6:
            return False
        values = np.round(np.minimum(share[cells] / right, 1.0), 9)
        name = (cells.tobytes(), values.tobytes())
        if name in self.seen:
            return False
        self.seen.add(name)
        self.solver.addRow(1.0, highspy.kHighsInf, len(cells), self.column[cells], values)
        return True
