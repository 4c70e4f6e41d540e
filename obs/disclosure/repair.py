"""Make a choice of hidden cells safe by adding cells, then lean by taking some back."""

from __future__ import annotations

from collections.abc import Sequence

import highspy
import numpy as np
import scipy.sparse as sp

from obs.disclosure.moves import Target
from obs.disclosure.solver import load_program
from obs.disclosure.system import Flags, Floats, System
from obs.errors import DisclosureError

__all__ = ["Repairer", "insider_targets", "prune"]

_TINY = 1e-6
_ROUNDS = 6
Proofs = dict[Target, Floats]
_ANY_WHOLE_MOVE: dict[str, float] = {"mip_rel_gap": 1e6, "mip_max_nodes": 20}


class Repairer:
    """The cheapest move that carries a cell where it must be able to go.

    Parameters
    ----------
    system : System
        With every value known.
    hidden : ndarray of shape (n_cells,)
        Cells that cost nothing to move.
    only : bool
        Whether other cells may not move at all.
    """

    def __init__(self, system: System, hidden: Flags, *, only: bool = False) -> None:
        self.system = system
        self.hidden = hidden.copy()
        self.only = only
        self.barred: set[int] = set()
        may = hidden if only else hidden | ~system.fixed
        self.cells = np.flatnonzero(may)
        self.n = len(self.cells)
        self.place = np.full(len(system.value), -1)
        self.place[self.cells] = np.arange(self.n)
        part = sp.csr_array(system.equations[:, self.cells])
        part = sp.csc_array(part[np.flatnonzero(np.diff(part.indptr))])
        up = (system.upper - system.value)[self.cells]
        down = np.maximum(system.value - system.lower, 0.0)[self.cells]
        self.room = np.concatenate([up, down])
        zero = np.zeros(part.shape[0])
        price = system.weight if only else np.where(hidden, _TINY, system.weight)
        self.solver = load_program(
            sp.csc_array(sp.hstack([part, -part])),
            cost=np.tile(price[self.cells], 2),
            upper=self.room,
            row_lower=zero,
            row_upper=zero,
        )
        self.solver.setOptionValue("presolve", "off")  # the last answer is the best start
        for option, value in _ANY_WHOLE_MOVE.items():
            self.solver.setOptionValue(option, value)

    def add(self, target: Target) -> Flags:
        """Hide what it takes to reach one target; give all hidden cells so far."""
        moves = self.cheapest(target)
        if moves is None:
            raise DisclosureError(
                "no choice of withheld figures protects them all; nothing is released. "
                "Publish a coarser table: fewer categories, or years together."
            )
        fresh = (np.abs(moves) > _TINY) & ~self.hidden
        self.hidden |= fresh
        for column in self.place[np.flatnonzero(fresh)]:
            self.solver.changeColCost(int(column), _TINY)
            self.solver.changeColCost(int(column) + self.n, _TINY)
        return self.hidden

    def cheapest(self, target: Target) -> Floats | None:
        """Find the cheapest move to a target; None if there is none.

        Where only the hidden cells may move, the move is in whole numbers.
        """
        moves = self._solve(target)
        if moves is not None and self.only and np.abs(moves - np.round(moves)).max() > 1e-4:
            self._whole(highspy.HighsVarType.kInteger)
            self.solver.setOptionValue("presolve", "choose")
            moves = self._solve(target)
            self.solver.setOptionValue("presolve", "off")
            self._whole(highspy.HighsVarType.kContinuous)
        return moves

    def forbid(self, cell: int) -> None:
        """Keep a cell from moving."""
        self.barred.add(cell)
        column = int(self.place[cell])
        for c in (column, column + self.n):
            self.solver.changeColBounds(c, 0.0, 0.0)

    def allow(self, cell: int) -> None:
        """Let a cell move again."""
        self.barred.discard(cell)
        column = int(self.place[cell])
        for c in (column, column + self.n):
            self.solver.changeColBounds(c, 0.0, self.room[c])

    def _solve(self, target: Target) -> Floats | None:
        first = int(self.place[target.cell])
        ahead, back = (first, first + self.n) if target.move > 0 else (first + self.n, first)
        if target.size > self.room[ahead] + _TINY:
            return None
        known = self._known_to(target.owner)
        for column in known:
            self.solver.changeColBounds(column, 0.0, 0.0)
        self.solver.changeColBounds(ahead, target.size, target.size)
        self.solver.changeColBounds(back, 0.0, 0.0)
        self.solver.run()
        optimal = self.solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
        found = np.array(self.solver.getSolution().col_value) if optimal else None
        for column in (ahead, back, *known):
            blocked = self.cells[column % self.n] in self.barred
            self.solver.changeColBounds(column, 0.0, 0.0 if blocked else self.room[column])
        if found is None:
            return None
        moves = np.zeros(len(self.place))
        moves[self.cells] = found[: self.n] - found[self.n :]
        return moves

    def _known_to(self, owner: int) -> list[int]:
        if owner < 0:
            return []
        columns = np.flatnonzero(self.system.owner[self.cells] == owner)
        return [int(c) for c in (*columns, *(columns + self.n))]

    def _whole(self, kind: highspy.HighsVarType) -> None:
        every = np.arange(2 * self.n, dtype=np.int32)
        self.solver.changeColsIntegrality(2 * self.n, every, np.array([kind] * 2 * self.n))


def prune(system: System, hidden: Flags, targets: Sequence[Target], tries: int) -> Flags:
    """Show again what no target needs, dearest cells first.

    Parameters
    ----------
    system : System
        With every value known.
    hidden : ndarray of shape (n_cells,)
        A choice that protects every target.
    targets : sequence of Target
        What must stay possible.
    tries : int
        How many cells to try one by one.

    Returns
    -------
    ndarray of shape (n_cells,)
        A choice that protects every target too, at no greater loss; each target has a
        move in whole numbers that proves it.

    Raises
    ------
    DisclosureError
        If the choice given does not protect every target.

    Examples
    --------
    Used by `obs.disclosure.secondary.protect_block`.
    """
    hidden, finder, proofs = _certified(system, hidden, targets)
    used = {int(c) for p in proofs.values() for c in np.flatnonzero(p)}
    extra = np.flatnonzero(hidden & ~system.hidden)
    for cell in sorted(extra, key=lambda c: (-system.weight[c], c))[:tries]:
        if cell in used and not _spare(finder, int(cell), proofs):
            continue
        finder.forbid(int(cell))
    needed = system.hidden.copy()
    for proof in proofs.values():
        needed |= np.abs(proof) > _TINY
    return needed


def insider_targets(system: System, hidden: Flags, targets: Sequence[Target]) -> list[Target]:
    """Give what an insider could work out: cells that only his own figures keep in doubt.

    Whoever knows the figures of one commune must find at least two possible values for any
    sensitive cell of another.

    Parameters
    ----------
    system : System
        With every value known.
    hidden : ndarray of shape (n_cells,)
        A choice that protects every target.
    targets : sequence of Target
        The ends of intervals already protected.

    Returns
    -------
    list of Target
        Moves of one that this choice does not allow some insider to imagine.

    Examples
    --------
    With A = 3 and B = 40 withheld and their sum shown, B knows A.
    """
    finder = Repairer(system, hidden, only=True)
    proofs, _ = _prove(finder, [t for t in targets if t.owner < 0])
    guarded = {(t.cell, t.owner) for t in targets}
    found: list[Target] = []
    for cell in sorted({t.cell for t in targets}):
        moves = [m for t, m in proofs.items() if t.cell == cell]
        movers = [set(system.owner[np.abs(m) > _TINY].tolist()) for m in moves]
        suspects = set.intersection(*movers) - {-1, int(system.owner[cell])} if movers else set()
        for owner in sorted(o for o in suspects if (cell, o) not in guarded):
            up, down = (Target(cell, m, int(owner)) for m in (1.0, -1.0))
            if finder.cheapest(up) is None and (
                system.value[cell] - 1 < system.lower[cell] or finder.cheapest(down) is None
            ):
                found.append(up)
    return found


def _certified(
    system: System, hidden: Flags, targets: Sequence[Target]
) -> tuple[Flags, Repairer, Proofs]:
    """Prove each target by a move in whole numbers, hiding further cells where none is found."""
    for turn in range(_ROUNDS):
        finder = Repairer(system, hidden, only=True)
        proofs, lost = _prove(finder, targets)
        if not lost:
            return hidden, finder, proofs
        repairer = Repairer(system, hidden)
        for target in lost:
            hidden = repairer.add(target)
        hidden = _neighbours(system, hidden, lost) if turn else hidden.copy()
    raise DisclosureError(
        "some withheld figures could move by fractions of a fact only; nothing is released. "
        "Publish a coarser table: fewer categories, or years together."
    )


def _prove(finder: Repairer, targets: Sequence[Target]) -> tuple[Proofs, list[Target]]:
    """Find a move for each target, using one move for several where it serves."""
    proofs: Proofs = {}
    lost: list[Target] = []
    known: list[Floats] = []
    for target in targets:
        found = next((m for m in known if target.reached(m)), None) if target.owner < 0 else None
        if found is None:
            found = finder.cheapest(target)
            if found is None:
                lost.append(target)
                continue
            known.append(found)
        proofs[target] = found
    return proofs, lost


def _neighbours(system: System, hidden: Flags, targets: Sequence[Target]) -> Flags:
    """Hide what stands in one sum with cells that can move by fractions only."""
    cells = [t.cell for t in targets]
    rows = np.unique(system.equations[:, cells].nonzero()[0])
    near = np.asarray(abs(system.equations[rows]).sum(axis=0)).ravel() > 0
    return hidden | (near & ~system.fixed)


def _spare(finder: Repairer, cell: int, proofs: Proofs) -> bool:
    """Try to do without a cell: find other proofs for the targets that use it."""
    finder.forbid(cell)
    others: dict[Target, Floats] = {}
    for target, proof in proofs.items():
        if abs(proof[cell]) > _TINY:
            moves = finder.cheapest(target)
            if moves is None:
                finder.allow(cell)
                return False
            others[target] = moves
    proofs |= others
    return True
