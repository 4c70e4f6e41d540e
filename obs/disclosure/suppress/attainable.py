"""Limit protection targets to what can be reached if every cell that may be hidden is hidden."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from obs.disclosure.feasible.cheapest_move import CheapestMoves
from obs.disclosure.feasible.linear_system import System
from obs.disclosure.feasible.moves import TINY, Moves, Target, list_targets
from obs.errors import DisclosureError

__all__ = ["all_attainable", "attainable", "avoidable"]


def attainable(system: System, targets: list[Target], *, by_solver: bool = False) -> list[Target]:
    """Lower the targets that cannot be reached even if all that may be is hidden.

    Where only zeros are fixed, all can but for a few: hide every figure, and any fact may be
    one more in each sum above it. Other fixed figures show by sums that lack their total or
    all parts. One less is not always possible in crossed sums, since every shown figure stays
    above zero: `by_solver` asks for each.

    Returns the same, or nearer ones, the largest moves first. Raises `DisclosureError` if a
    sensitive cell cannot move by one either way.
    """
    if not by_solver and _plainly_attainable(system, targets):
        return targets
    moves = Moves(system, (system.hidden | ~system.fixed).astype(float))
    lost = moves.unreachable(targets)
    kept = [t for t in targets if t not in lost]
    for target, found in lost.items():
        reach = np.floor(abs(found[target.cell]) + TINY)
        if reach >= 1:
            kept.append(Target(target.cell, float(np.sign(target.move) * reach)))
    stuck = len({t.cell for t in targets} - {t.cell for t in kept})
    if stuck:
        raise DisclosureError(
            f"{stuck} withheld figure(s) stay known whatever else is withheld, because "
            "figures that cannot be withheld (zeros shown, earlier publications) give them away. "
            "Publish a coarser table: fewer categories, or several years together."
        )
    return sorted(kept, key=lambda t: (-t.size, t.cell, t.move))


def all_attainable(system: System) -> bool:
    """Tell whether every target is reached if all that may be is hidden."""
    targets = list_targets(system)
    if _plainly_attainable(system, targets):
        return True
    return not Moves(system, (system.hidden | ~system.fixed).astype(float)).unreachable(targets)


def _plainly_attainable(system: System, targets: list[Target]) -> bool:
    """Tell whether only zeros are fixed, and every sum has one total and parts."""
    signs = system.equations.sign()
    whole = ((signs < 0).sum(axis=1) == 1).all() and (signs > 0).sum(axis=1).all()
    fixed = (system.fixed & (system.value != 0)).any()
    room = (system.upper - system.value).min(initial=np.inf)
    return bool(whole and not fixed and room >= max((t.size for t in targets), default=0.0))


def avoidable(system: System, targets: list[Target]) -> list[Target]:
    """Keep what hiding more can avoid: who knows the only commune with facts knows the zone.

    Returns those that are reached if all that may be is hidden, or nearer ones, as far as they
    are; none where an insider knows the figure whatever is hidden.
    """
    if not targets:  # without it is equivalent: nothing is asked, but the program is built
        return []
    whole = not (system.value % 1).any() and not any(t.move % 1 for t in targets)
    mover = CheapestMoves(system, system.hidden | ~system.fixed)
    nearest = (_nearest_reached(mover, target, whole=whole) for target in targets)
    return [target for target in nearest if target is not None]


def _nearest_reached(mover: CheapestMoves, target: Target, *, whole: bool) -> Target | None:
    """Give a target, or the end as far as it can be reached.

    The cheapest move is asked first: nearly always it reaches, at a hundredth of the work of the
    furthest.
    """
    price = mover.system.weight
    if mover.reach(target, price, whole=whole) is not None:
        return target
    reach = np.floor(abs(mover.furthest(target)[target.cell]) + TINY)
    if not 1 <= reach < target.size:
        return None
    nearer = replace(target, move=float(np.sign(target.move) * reach))
    return None if mover.reach(nearer, price, whole=whole) is None else nearer
