"""Find what an insider could narrow: intervals that only the figures of one commune keep open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import replace

import numpy as np

from obs.disclosure.feasible.cheapest_move import CheapestMoves, is_whole
from obs.disclosure.feasible.known_moves import KnownMoves
from obs.disclosure.feasible.linear_system import Flags, Floats, System
from obs.disclosure.feasible.moves import Target

__all__ = ["insider_targets"]

_TOGETHER = 40  # targets asked for in one program


def insider_targets(
    system: System,
    hidden: Flags,
    proofs: KnownMoves,
    *,
    whole: bool,
    exempt: Collection[Target] = (),
) -> list[Target]:
    """List what an insider could narrow: ends of intervals that only the insider's figures keep open.

    Whoever knows the figures of one commune must find the interval of any sensitive cell of
    another as open as a reader does.

    Returns each such end with the insider from whom this choice does not keep it.
    """
    if (system.owner < 0).all():
        return []
    guarded = {(t.cell, t.move > 0, t.owner) for t in (*proofs.targets, *exempt)}
    suspects = {
        target: {owner for owner in owners if (target.cell, target.move > 0, owner) not in guarded}
        for target, owners in _suspected_owners(system, hidden, proofs).items()
    }
    search = _InsiderSearch(proofs, CheapestMoves(system, hidden), suspects, whole=whole)
    while search.left():
        search.examine_next_owner()
    return sorted(search.found, key=lambda t: (t.cell, t.owner, t.move))


class _InsiderSearch:
    """Owners still suspected, target by target; each move found clears all who have no part in it."""

    def __init__(
        self,
        proofs: KnownMoves,
        mover: CheapestMoves,
        suspects: dict[Target, set[int]],
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
        """Settle the owner who is suspected of most targets."""
        count = Counter(owner for owners in self.suspects.values() for owner in owners)
        owner = min(count, key=lambda o: (-count[o], o))
        targets = [target for target, owners in self.suspects.items() if owner in owners]
        for upwards in (True, False):
            self._ask_together([t for t in targets if (t.move > 0) == upwards], owner)
        for target in targets:
            if owner in self.suspects[target]:
                self._ask_alone(target, owner)
                self.suspects[target].discard(owner)

    def _ask_together(self, targets: list[Target], owner: int) -> None:
        left = targets
        while left:
            asked = [replace(target, owner=owner) for target in left[:_TOGETHER]]
            moves = self.mover.together(asked, self.system.weight)
            if moves is None:
                return
            self._record_move(moves)
            open_still = [t for t in left if owner in self.suspects[t]]
            left = open_still if len(open_still) < len(left) else left[_TOGETHER:]

    def _ask_alone(self, target: Target, owner: int) -> None:
        asked = replace(target, owner=owner)
        moves = self.mover.reach(asked, self.system.weight, whole=self.whole)
        if moves is None:
            self.found.append(asked)
        else:
            self._record_move(moves)

    def _record_move(self, moves: Floats) -> None:
        if self.whole and not is_whole(moves):
            return
        parties = set(self.system.owner[moves != 0].tolist())
        for number in self.proofs.add(moves):
            target = self.proofs.targets[number]
            if target in self.suspects:
                self.suspects[target] &= parties


def _suspected_owners(system: System, hidden: Flags, proofs: KnownMoves) -> dict[Target, set[int]]:
    """List the owners who have a part in every known move that reaches a reader's target.

    Where no such move is known, every owner is suspected.
    """
    suspects: dict[Target, set[int] | None] = {t: None for t in proofs.targets if t.owner < 0}
    for number in np.flatnonzero(proofs.moves_within(hidden)):
        owners = set(system.owner[proofs.touched[number]].tolist()) - {-1}
        for reached in proofs.reached[number]:
            target = proofs.targets[reached]
            if target in suspects:
                known = suspects[target]
                suspects[target] = owners if known is None else known & owners
    every_owner = set(system.owner[hidden].tolist()) - {-1}
    others = {
        target: (every_owner if known is None else known) - {int(system.owner[target.cell])}
        for target, known in suspects.items()
    }
    return {target: owners for target, owners in others.items() if owners}
