"""Find what an insider could compute: cells protected only by figures that one commune knows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

import numpy as np

from obs.disclosure.feasible.cheapest_move import CheapestMoves, is_whole
from obs.disclosure.feasible.known_moves import KnownMoves
from obs.disclosure.feasible.linear_system import Flags, Floats, System
from obs.disclosure.feasible.moves import TINY, Target, feasible_directions

__all__ = ["insider_targets"]

_TOGETHER = 40  # cells asked for in one program


def insider_targets(
    system: System,
    hidden: Flags,
    proofs: KnownMoves,
    *,
    whole: bool,
    exempt: Collection[Target] = (),
) -> list[Target]:
    """List what an insider could compute: cells that only the insider's own figures protect.

    Whoever knows the figures of one commune must find at least two possible values for any
    sensitive cell of another.

    Returns moves of one, either way, that this choice does not allow some insider to imagine.
    """
    if (system.owner < 0).all():
        return []
    guarded = {(t.cell, t.owner) for t in (*proofs.targets, *exempt)}
    suspects = {
        cell: {owner for owner in owners if (cell, owner) not in guarded}
        for cell, owners in _suspected_owners(system, hidden, proofs).items()
    }
    search = _InsiderSearch(proofs, CheapestMoves(system, hidden), suspects, whole=whole)
    while search.left():
        search.examine_next_owner()
    return sorted(search.found, key=lambda t: (t.cell, t.owner))


class _InsiderSearch:
    """Owners still suspected, cell by cell; each move found clears all who have no part in it."""

    def __init__(
        self,
        proofs: KnownMoves,
        mover: CheapestMoves,
        suspects: dict[int, set[int]],
        *,
        whole: bool,
    ) -> None:
        self.proofs = proofs
        self.system = proofs.system
        self.mover = mover
        self.suspects = suspects
        self.whole = whole
        self.found: list[Target] = []

    def left(self) -> bool:
        """Tell whether anyone is still suspected."""
        return any(self.suspects.values())

    def examine_next_owner(self) -> None:
        """Settle the owner who is suspected of most cells."""
        count = Counter(owner for owners in self.suspects.values() for owner in owners)
        owner = min(count, key=lambda o: (-count[o], o))
        cells = [cell for cell, owners in self.suspects.items() if owner in owners]
        ways = [
            way for c in cells for way in feasible_directions(self.system, Target(c, 1.0, owner))
        ]
        for move in (1.0, -1.0):
            self._ask_together([way for way in ways if way.move == move])
        for cell in cells:
            if owner in self.suspects[cell]:
                self._ask_alone(cell, owner)
                self.suspects[cell].discard(owner)

    def _ask_together(self, targets: list[Target]) -> None:
        left = targets
        while left:
            moves = self.mover.together(left[:_TOGETHER], self.system.weight)
            if moves is None:
                return
            self._record_move(moves)
            open_still = [t for t in left if t.owner in self.suspects[t.cell]]
            left = open_still if len(open_still) < len(left) else left[_TOGETHER:]

    def _ask_alone(self, cell: int, owner: int) -> None:
        target = Target(cell, 1.0, owner)
        moves = self.mover.reach(target, self.system.weight, whole=self.whole)
        if moves is None:
            self.found.append(target)
        else:
            self._record_move(moves)

    def _record_move(self, moves: Floats) -> None:
        if self.whole and not is_whole(moves):
            return
        self.proofs.add(moves, anyway=True)
        touched = np.flatnonzero(np.abs(moves) > TINY)
        parties = set(self.system.owner[touched].tolist())
        for cell in touched[np.abs(moves[touched]) >= 1 - TINY].tolist():
            if cell in self.suspects:
                self.suspects[cell] &= parties


def _suspected_owners(system: System, hidden: Flags, proofs: KnownMoves) -> dict[int, set[int]]:
    """List the owners who have a part in every known move of a sensitive cell, by one or more.

    Where no such move is known, every owner is suspected.
    """
    asked = sorted({t.cell for t in proofs.targets})
    suspects: dict[int, set[int] | None] = dict.fromkeys(asked)
    for number in np.flatnonzero(proofs.moves_within(hidden)):
        cells, moves = proofs.touched[number], proofs.moves[number]
        owners = set(system.owner[cells].tolist()) - {-1}
        for cell in cells[np.abs(moves) >= 1 - TINY].tolist():
            if cell in suspects:
                known = suspects[cell]
                suspects[cell] = owners if known is None else known & owners
    every_owner = set(system.owner[hidden].tolist()) - {-1}
    others = {
        cell: (every_owner if known is None else known) - {int(system.owner[cell])}
        for cell, known in suspects.items()
    }
    return {cell: owners for cell, owners in others.items() if owners}
