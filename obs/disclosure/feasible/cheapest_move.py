"""Find the cheapest move: another possible table in which sensitive cells have other values.

Moving a cell that is hidden already is nearly free. Any other cell that moves must be hidden
too, so the cells of the cheapest move are a cheap way to protect its targets.
"""

from __future__ import annotations

from collections.abc import Sequence

import highspy
import numpy as np
import scipy.sparse as sp

from obs.disclosure.feasible.linear_system import Flags, Floats, System
from obs.disclosure.feasible.moves import TINY, Target
from obs.disclosure.feasible.solver import load_program
from obs.errors import DisclosureError

__all__ = ["CheapestMoves", "is_whole"]

# another reward is equivalent: reaching a target pays more than any way to it costs
_REWARD = 100.0  # so many times the dearest move of one
# another number is equivalent: what no corner gives, the search in whole numbers finds
_CORNERS = 4  # other prices tried, which lead to other corners
_FAR = 5_000  # pivots after which a cheapest move goes too far to be waited for
_DOZEN = 12  # so many times a move in halves, thirds, quarters or sixths is whole
_ANY_NUMBER = 2**31 - 1  # another is equivalent: of pivots that no program takes
_STATUS = highspy.HighsModelStatus
_NONE = (_STATUS.kInfeasible, _STATUS.kUnboundedOrInfeasible, _STATUS.kSolutionLimit)


def is_whole(moves: Floats) -> bool:
    """Tell whether a move is in whole numbers.

    Examples
    --------
    >>> import numpy as np
    >>> is_whole(np.array([1.0, -1.0])), is_whole(np.array([0.5, -0.5]))
    (True, False)
    """
    return bool((np.abs(moves - np.round(moves)) < 1e-5).all())


class CheapestMoves:
    """Cheapest moves of some cells that keep every sum; each question is solved afresh.

    Parameters
    ----------
    system : System
        With every value known.
    may : ndarray of shape (n_cells,)
        The cells that may move.
    """

    def __init__(self, system: System, may: Flags) -> None:
        self.system = system
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
        self.solver = load_program(
            sp.csc_array(sp.hstack([part, -part])),
            cost=np.zeros(2 * self.n),
            upper=self.room,
            row_lower=zero,
            row_upper=zero,
        )
        self.solver.setOptionValue("presolve", "off")  # it costs more than it saves here
        self.pivots = 0  # of the simplex so far: the work done, the same on every machine
        self.far = False  # whether the last cheapest move went too far to be waited for
        self.fixed_cells: dict[int, tuple[float, float]] = {}
        self.every = np.arange(2 * self.n, dtype=np.int32)

    def together(self, targets: Sequence[Target], price: Floats) -> Floats | None:
        """Move towards many targets at once, each as far as it can.

        Returns a move; those it reaches say so (`Target.reached`). None if it goes too far to be
        waited for.
        """
        low, high, cost = self._program_for(targets[0].owner, price)
        reward = _REWARD * max(float(price[self.cells].max()), 1.0)
        for target in targets:
            ahead, back = self._columns_of(target)
            cost[ahead], high[ahead], high[back] = -reward, min(high[ahead], target.size), 0.0
        found = self._solve_program(low, high, cost, pivots=_FAR)
        self.far = self._stopped()
        if found is None and not self.far:
            raise DisclosureError("the solver failed to move a table; nothing is released.")
        return found

    def reach(
        self, target: Target, price: Floats, *, whole: bool, search: bool = True
    ) -> Floats | None:
        """Reach one target.

        Returns the cheapest move (in whole numbers, a cheap one); None if there is none.
        """
        low, high, cost = self._program_for(target.owner, price)
        ahead, back = self._columns_of(target)
        if target.size > high[ahead] + TINY:
            return None
        low[ahead] = high[ahead] = target.size
        high[back] = 0.0
        found = self._solve_program(low, high, cost, pivots=_FAR if whole else _ANY_NUMBER)
        self.far = self._stopped()
        if self.far:
            scaled = self.scaled_move(target, price)
            return self._search(low, high, cost) if scaled is None and search else scaled
        if found is None or not whole or is_whole(found):
            return found
        dice = np.random.default_rng(target.cell)
        for _ in range(_CORNERS):
            other = self._solve_program(low, high, cost * dice.uniform(0.5, 2.0, len(cost)))
            if other is not None and is_whole(other):
                return np.round(other)
        return self._search(low, high, cost)

    def furthest(self, target: Target) -> Floats:
        """Give the move that goes nearest to one target, at any price."""
        low, high, cost = self._program_for(target.owner, np.zeros(len(self.place)))
        ahead, back = self._columns_of(target)
        # any reward is equivalent: the moves of the other cells cost nothing
        cost[ahead], high[ahead], high[back] = -1.0, min(high[ahead], target.size), 0.0
        found = self._solve_program(low, high, cost)
        if found is None:
            raise DisclosureError("the solver failed to move a table; nothing is released.")
        return found

    def scaled_move(self, target: Target, price: Floats) -> Floats | None:
        """Reach one target in whole numbers by so many times a move of one.

        The move of one may touch only cells that have room for it so many times. They are
        fewer, and it is soon found, where the cheapest move spreads over most of a table; and
        in fractions of a dozen it is whole as well.

        Returns a move in whole numbers; None if none was found.
        """
        low, room, cost = self._program_for(target.owner, price)
        ahead, back = self._columns_of(target)
        size = int(np.ceil(target.size - TINY))
        for times in dict.fromkeys([size, _DOZEN * -(-size // _DOZEN)]):
            high = np.floor(room / times)
            if high[ahead] < 1:
                break
            low[ahead] = high[ahead] = 1.0
            high[back] = 0.0
            found = self._solve_program(low, high, cost)
            if found is None:
                continue
            for count in range(size, times + 1):
                if is_whole(found * count):
                    return np.round(found * count)
        return None

    def fix_cell(self, cell: int) -> None:
        """Keep a cell from moving."""
        column = int(self.place[cell])
        self.fixed_cells[cell] = (self.room[column], self.room[column + self.n])
        self.room[[column, column + self.n]] = 0.0

    def free_cell(self, cell: int) -> None:
        """Let a barred cell move again."""
        column = int(self.place[cell])
        self.room[[column, column + self.n]] = self.fixed_cells.pop(cell)

    def _search(self, low: Floats, high: Floats, cost: Floats) -> Floats | None:
        """Search for a move in whole numbers among all."""
        kinds = np.array([highspy.HighsVarType.kInteger] * 2 * self.n)
        self.solver.changeColsIntegrality(2 * self.n, self.every, kinds)
        self.solver.setOptionValue("mip_rel_gap", 0.5)
        self.solver.setOptionValue("mip_max_nodes", 200)
        self.solver.setOptionValue("presolve", "on")
        found = self._solve_program(low, high, cost)
        self.solver.setOptionValue("presolve", "off")
        self.solver.changeColsIntegrality(2 * self.n, self.every, np.zeros(2 * self.n, np.uint8))
        return None if found is None else np.round(found)

    def _columns_of(self, target: Target) -> tuple[int, int]:
        first = int(self.place[target.cell])
        return (first, first + self.n) if target.move > 0 else (first + self.n, first)

    def _program_for(self, owner: int, price: Floats) -> tuple[Floats, Floats, Floats]:
        low, high = np.zeros(2 * self.n), self.room.copy()
        if owner >= 0:  # what an insider knows stays where it is
            high[np.tile(self.system.owner[self.cells] == owner, 2)] = 0.0
        return low, high, np.tile(price[self.cells], 2)

    def _solve_program(
        self, low: Floats, high: Floats, cost: Floats, *, pivots: int = _ANY_NUMBER
    ) -> Floats | None:
        self.solver.changeColsCost(2 * self.n, self.every, cost)
        self.solver.changeColsBounds(2 * self.n, self.every, low, high)
        self.solver.clearSolver()  # standing still is near the answer, an old answer is not
        self.solver.setOptionValue("simplex_iteration_limit", pivots)
        self.solver.run()
        self.pivots += max(int(self.solver.getInfo().simplex_iteration_count), 0)
        status = self.solver.getModelStatus()
        if self._stopped():
            return None
        found = np.array(self.solver.getSolution().col_value)
        if status in _NONE and (status != _STATUS.kSolutionLimit or len(found) != 2 * self.n):
            return None
        if status not in (_STATUS.kOptimal, _STATUS.kSolutionLimit):
            raise DisclosureError("the solver failed to move a table; nothing is released.")
        if status == _STATUS.kSolutionLimit and not self._fits(found):
            return None
        moves = np.zeros(len(self.place))
        moves[self.cells] = found[: self.n] - found[self.n :]
        moves[np.abs(moves) < TINY] = 0.0
        return moves

    def _stopped(self) -> bool:
        return bool(self.solver.getModelStatus() == _STATUS.kIterationLimit)

    def _fits(self, found: Floats) -> bool:
        return bool(self.solver.getInfo().max_primal_infeasibility < TINY)
