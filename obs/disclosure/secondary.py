"""Complementary suppression: hide further cells until no sensitive one can be narrowed.

For each sensitive cell and each end of its interval, the cheapest way for the true table
to be another one is found by linear programming; the cells that move are hidden. The
table so found is the proof that a reader cannot rule that end out.
"""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np
import scipy.sparse as sp

from obs.disclosure.solver import load_program
from obs.disclosure.system import Flags, Floats, System
from obs.errors import DisclosureError

__all__ = ["protect_block"]

_TINY = 1e-6


@dataclass(frozen=True)
class Target:
    """One end of the interval of one sensitive cell: how far it must be able to move."""

    cell: int
    move: float


def protect_block(system: System) -> Flags:
    """Choose the cells to hide in one block.

    Parameters
    ----------
    system : System
        With every value known and every equation satisfied by the values.

    Returns
    -------
    ndarray of shape (n_cells,)
        The cells hidden, those of `system.hidden` included.

    Raises
    ------
    DisclosureError
        If a sensitive cell stays determined whatever is hidden, or the solver fails.

    Examples
    --------
    Called by `obs.release` for each block.

    References
    ----------
    Kelly, Golden and Assad (1992), Cell suppression: disclosure protection for sensitive
    tabular data, Networks 22. Fischetti and Salazar-Gonzalez (2001), Solving the cell
    suppression problem on tabular data with linear constraints, Management Science 47.
    """
    mover = Mover(system)
    hidden = system.hidden.copy()
    targets = _targets(system)
    witnesses: list[Floats] = []
    for target in targets:
        if any(_reaches(w, target) for w in witnesses):
            continue
        witness = mover.cheapest(target, hidden)
        witnesses.append(witness)
        hidden |= np.abs(witness) > _TINY
    return hidden


def _targets(system: System) -> list[Target]:
    targets = []
    for cell in np.flatnonzero(system.sensitive):
        up = system.need_high[cell] - system.value[cell]
        down = system.need_low[cell] - system.value[cell]
        targets += [Target(int(cell), m) for m in (up, down) if abs(m) > _TINY]
    return sorted(targets, key=lambda t: (-abs(t.move), t.cell))


def _reaches(witness: Floats, target: Target) -> bool:
    moved = witness[target.cell]
    return bool(moved >= target.move - _TINY if target.move > 0 else moved <= target.move + _TINY)


class Mover:
    """A linear program that moves the table at least cost; kept warm between questions."""

    def __init__(self, system: System) -> None:
        self.system = system
        n = len(system.value)
        self.n = n
        up = np.where(system.fixed & ~system.hidden, 0.0, system.upper - system.value)
        down = np.where(system.fixed & ~system.hidden, 0.0, system.value - system.lower)
        self.room = np.concatenate([up, np.maximum(down, 0.0)])
        self.solver = _load(system, self.room)

    def cheapest(self, target: Target, hidden: Flags) -> Floats:
        """Move one cell as far as wanted, or as far as can be; give all the moves."""
        move = self._solve(target, hidden, abs(target.move))
        if move is None:
            furthest = self._furthest(target, hidden)
            if furthest < 1 - _TINY:
                raise DisclosureError(
                    "a withheld figure stays known whatever else is withheld, because figures "
                    "that cannot be withheld (zeros shown, earlier publications) give it away. "
                    "Publish a coarser table: fewer categories, or several years together."
                )
            move = self._solve(target, hidden, np.floor(furthest + _TINY))
        if move is None:
            raise DisclosureError("the solver could not protect a figure; nothing is released.")
        return move

    def _solve(self, target: Target, hidden: Flags, size: float) -> Floats | None:
        cost = np.where(hidden, _TINY, self.system.weight)
        columns = np.arange(2 * self.n, dtype=np.int32)
        self.solver.changeColsCost(2 * self.n, columns, np.tile(cost, 2))
        ahead, back = self._columns(target)
        self.solver.changeColBounds(back, 0.0, 0.0)
        self.solver.changeColBounds(ahead, size, max(size, self.room[ahead]))
        self.solver.run()
        optimal = self.solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
        fits = size <= self.room[ahead] + _TINY
        found = np.array(self.solver.getSolution().col_value) if optimal and fits else None
        self.solver.changeColBounds(ahead, 0.0, self.room[ahead])
        self.solver.changeColBounds(back, 0.0, self.room[back])
        return None if found is None else found[: self.n] - found[self.n :]

    def _furthest(self, target: Target, hidden: Flags) -> float:
        ahead, back = self._columns(target)
        cost = np.zeros(2 * self.n)
        cost[ahead] = -1.0
        self.solver.changeColsCost(2 * self.n, np.arange(2 * self.n, dtype=np.int32), cost)
        self.solver.changeColBounds(back, 0.0, 0.0)
        self.solver.changeColBounds(ahead, 0.0, min(abs(target.move), self.room[ahead]))
        self.solver.run()
        value = -self.solver.getInfo().objective_function_value
        self.solver.changeColBounds(ahead, 0.0, self.room[ahead])
        self.solver.changeColBounds(back, 0.0, self.room[back])
        return float(value)

    def _columns(self, target: Target) -> tuple[int, int]:
        first, second = target.cell, target.cell + self.n
        return (first, second) if target.move > 0 else (second, first)


def _load(system: System, room: Floats) -> highspy.Highs:
    """Load the moves of the table, up and down apart, that keep every sum right."""
    matrix = system.equations.tocsc()
    zero = np.zeros(matrix.shape[0])
    return load_program(
        sp.csc_array(sp.hstack([matrix, -matrix])),
        cost=np.zeros(len(room)),
        upper=room,
        row_lower=zero,
        row_upper=zero,
    )
