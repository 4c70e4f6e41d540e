"""Choose what is withheld besides, so that every sensitive cell stays in doubt.

A greedy choice is made safe and pruned. In a small block an integer program then looks for
less, and says how far from the best it can be. `docs/suppression.md` works one table through.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from obs.disclosure.feasible.exchangeable import not_exchangeable
from obs.disclosure.feasible.known_moves import KnownMoves
from obs.disclosure.feasible.linear_system import Flags, System
from obs.disclosure.feasible.moves import Target, list_targets
from obs.disclosure.suppress.attainable import attainable, avoidable
from obs.disclosure.suppress.greedy import NoChoiceError, complete_choice, first_choice, prune
from obs.disclosure.suppress.insiders import insider_targets
from obs.disclosure.suppress.integer_program import least_loss, loss_of

__all__ = ["EFFORTS", "Effort", "Protection", "protect_block"]


@dataclass(frozen=True)
class Effort:
    """How long to look for less loss in one block, counted in steps of the solver.

    Steps, and not seconds, so that the same table gives the same answer on every machine.

    Attributes
    ----------
    together : tuple of int
        Targets asked for together in the first choice, pass after pass, each among what the
        one before hid.
    pruning : int
        Pivots of the simplex, times cells of the block, spent on what can be shown again.
    small : int
        Targets times cells of a block up to which the integer program is asked.
    nodes, pivots : int
        Nodes of branch and bound, and pivots of the simplex, after which that program is left.
    """

    together: tuple[int, ...]
    pruning: int
    small: int
    nodes: int
    pivots: int


EFFORTS = {
    "fast": Effort(together=(4,), pruning=2_000_000_000, small=60_000, nodes=1_000, pivots=100_000),
    "quick": Effort(
        together=(4, 2), pruning=8_000_000_000, small=200_000, nodes=5_000, pivots=500_000
    ),
    "thorough": Effort(
        together=(4, 2, 1), pruning=40_000_000_000, small=500_000, nodes=50_000, pivots=5_000_000
    ),
}


@dataclass(frozen=True)
class Protection:
    """What to hide in a block, its loss, and a lower bound of the loss of any choice.

    The bound is 0 where no program was asked.
    """

    hidden: Flags
    loss: float
    bound: float


def protect_block(system: System, *, effort: Effort = EFFORTS["fast"]) -> Protection:
    """Choose the cells to hide in one block.

    Returns `Protection` with every target reachable by a move in whole numbers. Raises
    `DisclosureError` if a sensitive cell stays determined whatever is hidden, or the solver
    fails.

    References
    ----------
    Kelly, Golden and Assad (1992), Cell suppression: disclosure protection for sensitive tabular
    data, Networks 22.
    """
    targets = not_exchangeable(system, list_targets(system))
    if not targets:
        return Protection(system.hidden.copy(), 0.0, 0.0)
    targets = attainable(system, targets)
    if (system.hidden | system.fixed).all():  # nothing is left to choose
        return Protection(system.hidden.copy(), 0.0, 0.0)
    (search, best), bound = _first_choice(system, targets, effort), 0.0
    if len(targets) * len(system.value) <= effort.small:
        best, bound = least_loss(
            system,
            search.proofs,
            best,
            make_safe=search.make_safe,
            nodes=effort.nodes,
            pivots=effort.pivots,
        )
    return Protection(best, loss_of(system, best), bound)


def _first_choice(system: System, targets: list[Target], effort: Effort) -> tuple[_Search, Flags]:
    """Make a first choice; where there is none, lower the targets that nothing reaches."""
    search = _Search(system, targets, effort)
    try:
        return search, search.first()
    except NoChoiceError:
        lowered = attainable(system, targets, by_solver=True)
        if lowered == targets:
            raise
    search = _Search(system, lowered, effort)
    return search, search.first()


class _Search:
    """What must be possible in a block, what is known to be, and how to make a choice safe."""

    def __init__(self, system: System, targets: list[Target], effort: Effort) -> None:
        self.system, self.effort = system, effort
        self.whole = _in_whole_numbers(system, targets)
        self.proofs = KnownMoves(system, targets)
        self.pivots = effort.pruning // len(system.value)  # left for pruning
        self.exempt: set[Target] = set()  # what insiders know whatever is hidden

    def first(self) -> Flags:
        """Make a first choice, safe and pruned."""
        together = self.effort.together
        return self.make_safe(first_choice(self.system, self.proofs, together, whole=self.whole))

    def make_safe(self, chosen: Flags) -> Flags:
        """Hide more until no reader and no insider can narrow a count; show again the rest."""
        system, proofs, whole = self.system, self.proofs, self.whole
        while True:
            chosen = complete_choice(system, chosen, proofs, whole=whole)
            chosen, spent = prune(system, chosen, proofs, whole=whole, pivots=self.pivots)
            self.pivots -= spent
            found = insider_targets(system, chosen, proofs, whole=whole, exempt=self.exempt)
            inside = avoidable(system, found)
            self.exempt.update(set(found) - set(inside))
            if not inside:
                return chosen
            proofs.add_targets(inside)


def _in_whole_numbers(system: System, targets: list[Target]) -> bool:
    """Tell whether the figures are counts, of which parts cannot move."""
    sizes = np.array([t.size for t in targets])
    return bool((system.value % 1 == 0).all() and (sizes % 1 == 0).all())
