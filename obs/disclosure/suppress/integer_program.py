"""Choose the hidden cells of least loss that satisfy all cuts found so far."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy

import highspy
import numpy as np
import numpy.typing as npt

from obs.disclosure.feasible.linear_system import Flags, Floats, System
from obs.disclosure.feasible.moves import Target
from obs.disclosure.suppress.bridgeless import BridgelessInequalities
from obs.disclosure.suppress.cuts import Cuts
from obs.errors import DisclosureError

__all__ = ["IntegerProgram", "first_cuts"]

_TINY = 1e-7
_OPTIMAL = highspy.HighsModelStatus.kOptimal
_OPTIONS = {
    "output_flag": False,
    "threads": 1,
    "random_seed": 0,
    "mip_pscost_minreliable": 0,  # branching tried out costs more than it brings here
}
_HEURISTICS = (
    "mip_heuristic_run_rins",
    "mip_heuristic_run_rens",
    "mip_heuristic_run_root_reduced_cost",
    "mip_allow_restart",
)
_STRENGTHENINGS = 15  # of all cuts, for one fractional choice
_SLACK = 1.2  # a row with so much more than one is idle
_STOPPED = (
    highspy.HighsModelStatus.kSolutionLimit,
    highspy.HighsModelStatus.kObjectiveTarget,
)


class IntegerProgram:
    """A binary program, one variable per cell that may be hidden, and its cuts.

    Parameters
    ----------
    system : System
        `system.hidden` is hidden already and costs nothing.
    """

    def __init__(self, system: System) -> None:
        self.system = system
        self.bridgeless = BridgelessInequalities(system)
        self.cells = self.bridgeless.cells
        self.column = np.full(len(system.value), -1, dtype=np.int32)
        n = len(self.cells)
        self.column[self.cells] = np.arange(n)
        self.solver = _silent_solver()
        self.every = np.arange(n, dtype=np.int32)
        self.solver.addVars(n, np.zeros(n), np.ones(n))
        self.solver.changeColsCost(n, self.every, system.weight[self.cells])
        self.cuts = Cuts()
        self.rows: dict[tuple[bytes, bytes], bool] = {}  # in their order; whether they last

    def add(self, share: Floats) -> bool:
        """Ask for sum(share x) >= 1; tell whether that is new."""
        right = 1.0 - share[self.system.hidden].sum()
        cells = np.flatnonzero((share > _TINY) & (self.column >= 0))
        if right <= 1e-6:
            return False
        values = np.round(np.minimum(share[cells] / right, 1.0), 9)
        new = self.cuts.add(cells, values)
        return new and self._add_row(cells, values, lasting=False)

    def strengthen(self, choice: Floats, *, lasting: bool) -> int:
        """Ask for the sharper forms of all cuts that a choice breaks; give how many are new.

        Those of a whole choice last: a fractional one may leave them idle, but without them
        the same whole choice comes back.
        """
        fresh = sum(self._add_row(*cut, lasting=lasting) for cut in self.cuts.strengthen(choice))
        bridgeless = self.bridgeless.violated(choice)
        return fresh + sum(self._add_row(*cut, right=0.0, lasting=True) for cut in bridgeless)

    def solve_relaxed(self) -> tuple[Floats, float]:
        """Choose with fractions allowed: the choice and its loss, a lower bound."""
        n = len(self.cells)
        self.solver.changeColsIntegrality(n, self.every, np.zeros(n, dtype=np.uint8))
        for _ in range(_STRENGTHENINGS):
            self.solver.run()
            choice = self._choice()
            if not self.strengthen(choice, lasting=False):
                break
        return choice, float(self.solver.getInfo().objective_function_value)

    def best(self, *, gap: float, nodes: int) -> tuple[Flags, float]:
        """Choose whole cells: the choice, and a lower bound of the loss of any choice."""
        return self._solve_whole(gap, nodes, heuristics=True)

    def bound(self, *, gap: float, nodes: int, wanted: float) -> Callable[[], tuple[Flags, float]]:
        """Give the search for a lower bound of the loss of any choice, from the cuts so far.

        It stops at a choice whose loss is less than the bound wanted: these cuts do not prove
        it. It works on a copy, so that it may run beside other work.
        """
        self._drop_slack_rows()
        apart = copy(self)
        apart.solver = _silent_solver()
        apart.solver.passModel(self.solver.getLp())
        apart.solver.setOptionValue("objective_target", wanted)
        return lambda: apart._solve_whole(gap, nodes, heuristics=False)

    def allow(self, cells: Flags) -> None:
        """Let only these cells be hidden."""
        n = len(self.cells)
        self.solver.changeColsBounds(n, self.every, np.zeros(n), cells[self.cells].astype(float))

    def force(self, cells: Flags) -> None:
        """Have these cells hidden, at least."""
        n = len(self.cells)
        self.solver.changeColsBounds(n, self.every, cells[self.cells].astype(float), np.ones(n))

    def _add_row(
        self,
        cells: npt.NDArray[np.int64],
        values: Floats,
        *,
        right: float = 1.0,
        lasting: bool,
    ) -> bool:
        values = np.round(values, 9)
        name = (cells.tobytes(), values.tobytes())
        if name in self.rows:
            return False
        self.rows[name] = lasting
        self.solver.addRow(right, highspy.kHighsInf, len(cells), self.column[cells], values)
        return True

    def _drop_slack_rows(self) -> None:
        """Forget the rows that the fractional choice leaves idle; sharpening gives them back."""
        self.solve_relaxed()
        idle = np.array(self.solver.getSolution().row_value) > _SLACK
        kept = np.array(list(self.rows.values()), dtype=bool) | ~idle
        drop = np.flatnonzero(~kept)
        self.solver.deleteRows(len(drop), drop.astype(np.int32))
        self.rows = {n: v for (n, v), k in zip(self.rows.items(), kept, strict=True) if k}

    def _solve_whole(self, gap: float, nodes: int, *, heuristics: bool) -> tuple[Flags, float]:
        n = len(self.cells)
        for option in _HEURISTICS:
            self.solver.setOptionValue(option, heuristics)
        self.solver.setOptionValue("presolve", "on" if heuristics else "off")
        self.solver.changeColsIntegrality(n, self.every, np.ones(n, dtype=np.uint8))
        self.solver.setOptionValue("mip_rel_gap", gap)
        self.solver.setOptionValue("mip_max_nodes", nodes)
        self.solver.run()
        self.solver.setOptionValue("presolve", "on")
        return self._choice() > 0.5, float(self.solver.getInfo().mip_dual_bound)

    def _choice(self) -> Floats:
        status = self.solver.getModelStatus()
        values = np.array(self.solver.getSolution().col_value)
        if status not in (_OPTIMAL, *_STOPPED) or len(values) != len(self.cells):
            raise DisclosureError(
                "no choice of withheld figures protects them all, or the solver failed; nothing "
                "is released. Publish a coarser table: fewer categories, or years together."
            )
        chosen = self.system.hidden.astype(float)
        chosen[self.cells] = values
        return chosen


def _silent_solver() -> highspy.Highs:
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    for option, value in _OPTIONS.items():
        solver.setOptionValue(option, value)
    return solver


def first_cuts(program: IntegerProgram, targets: list[Target]) -> None:
    """Add, for each sum of a sensitive cell, a cut that asks for enough room in the others."""
    system = program.system
    matrix, by_cell = system.equations, system.equations.tocsc()
    for target in targets:
        for row in by_cell.indices[by_cell.indptr[target.cell] : by_cell.indptr[target.cell + 1]]:
            span = slice(matrix.indptr[row], matrix.indptr[row + 1])
            cells, signs = matrix.indices[span], matrix.data[span]
            own = signs[cells == target.cell][0]
            rises = -own * np.sign(target.move) * signs > 0
            up, down = system.upper[cells], system.lower[cells]
            room = np.where(rises, up - system.value[cells], system.value[cells] - down)
            share = np.zeros(len(system.value))
            share[cells] = np.clip(room / target.size, 0.0, 1.0)
            share[cells[system.fixed[cells] & ~system.hidden[cells]]] = 0.0
            share[target.cell] = 0.0
            if target.owner >= 0:
                share[system.owner == target.owner] = 0.0
            program.add(share)
