"""Complementary suppression: the least loss that leaves every sensitive cell in doubt.

A master program chooses, an attack shows what the choice gives away, the attack becomes a
cut of the master, until no attack succeeds. The last choice comes with a lower bound of the
loss of any other, so that it is known how far from the best it can be.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from obs.disclosure.master import Master, first_cuts
from obs.disclosure.moves import Moves, Target, list_targets
from obs.disclosure.repair import insider_targets, prune
from obs.disclosure.siblings import unsettled
from obs.disclosure.system import Flags, Floats, System
from obs.errors import DisclosureError

__all__ = ["EFFORTS", "Effort", "Protection", "protect_block"]


@dataclass(frozen=True)
class Effort:
    """How long to look, counted in steps so that the same table gives the same answer.

    Attributes
    ----------
    relaxed, whole : int
        Rounds of attack on fractional choices, and on whole ones.
    additions : int
        Rounds that only add to a choice, until it is safe.
    dives : int
        How often to go through the last two.
    nodes : int
        Nodes of each search for a whole choice.
    gap : float
        Proven distance from the best at which to stop.
    tries : int
        Cells that are tried to be shown again, one by one.
    """

    relaxed: int = 20
    whole: int = 3
    additions: int = 5
    dives: int = 2
    nodes: int = 50
    gap: float = 0.01
    tries: int = 40


EFFORTS = {
    "fast": Effort(relaxed=0, whole=3, additions=4, dives=1, tries=10),
    "quick": Effort(relaxed=15, whole=4, dives=1, tries=20),
    "thorough": Effort(),
}


@dataclass(frozen=True)
class Protection:
    """What to hide in a block, its loss, and a lower bound of the loss of any choice."""

    hidden: Flags
    loss: float
    bound: float

    @property
    def gap(self) -> float:
        """How far from the best this can be, as a share of the loss."""
        return (self.loss - self.bound) / self.loss if self.loss > 0 else 0.0


def protect_block(system: System, *, effort: Effort = EFFORTS["fast"]) -> Protection:
    """Choose the cells to hide in one block.

    Parameters
    ----------
    system : System
        With every value known and every equation satisfied by the values.
    effort : Effort
        How long to look for less loss; the protection is the same.

    Returns
    -------
    Protection
        With every target reachable by a move in whole numbers.

    Raises
    ------
    DisclosureError
        If a sensitive cell stays determined whatever is hidden, or the solver fails.

    Examples
    --------
    Called by `obs.release` for each block.

    References
    ----------
    Fischetti and Salazar-Gonzalez (2001), Solving the cell suppression problem on tabular
    data with linear constraints, Management Science 47. Kelly, Golden and Assad (1992),
    Cell suppression: disclosure protection for sensitive tabular data, Networks 22.
    """
    targets = unsettled(system, list_targets(system))
    if not targets:
        return Protection(system.hidden.copy(), _loss(system, system.hidden), 0.0)
    targets = _attainable(system, targets)
    if (system.hidden | system.fixed).all():  # nothing is left to choose
        return Protection(system.hidden.copy(), _loss(system, system.hidden), 0.0)
    master = Master(system)
    first_cuts(master, targets)
    bound = _cut_fractions(master, targets, effort)
    best = np.ones(len(system.value), dtype=bool)
    for _ in range(effort.dives):
        chosen, low = _choose(master, targets, effort)
        bound = max(bound, low)
        found = _lean(master, chosen, targets, effort)
        if _loss(system, found) < _loss(system, best):
            best = found
        if _loss(system, best) - bound <= effort.gap * _loss(system, best):
            break
    return Protection(best, _loss(system, best), bound)


def _choose(master: Master, targets: list[Target], effort: Effort) -> tuple[Flags, float]:
    """Choose whole cells, attack, choose again; give the last choice and the best bound."""
    bound = 0.0
    for _ in range(effort.whole):
        chosen, low = master.best(gap=effort.gap, nodes=effort.nodes)
        bound = max(bound, low)
        if not _attack(master, chosen.astype(float), targets):
            break
    return chosen, bound


def _lean(master: Master, chosen: Flags, targets: list[Target], effort: Effort) -> Flags:
    """Complete a choice, take back what is not needed, and face the insiders."""
    system = master.system
    chosen = _complete(master, chosen, targets, effort)
    found = prune(system, chosen, targets, effort.tries)
    while inside := _avoidable(system, insider_targets(system, found, targets)):
        targets += inside
        found = prune(system, _complete(master, found, targets, effort), targets, effort.tries)
    return found


def _avoidable(system: System, targets: list[Target]) -> list[Target]:
    """Keep what hiding more can avoid: who knows the only commune with facts knows the zone."""
    if not targets:
        return []
    every = Moves(system, (system.hidden | ~system.fixed).astype(float))
    far = set(every.out_of_reach(targets))
    return [t for t in targets if t not in far]


def _complete(master: Master, chosen: Flags, targets: list[Target], effort: Effort) -> Flags:
    """Add to a choice, by the same cuts, until no attack succeeds."""
    for _ in range(effort.additions):
        master.hold(chosen, chosen)
        chosen, _ = master.best(gap=effort.gap, nodes=effort.nodes)
        if not _attack(master, chosen.astype(float), targets):
            break
    master.hold(np.zeros_like(chosen), chosen)
    return chosen


def _attainable(system: System, targets: list[Target]) -> list[Target]:
    """Lower the targets that cannot be reached even if all that may be is hidden.

    Where only zeros are fixed, all can: hide every figure, and any fact may be one more in
    each sum above it. Other fixed figures show by sums that lack their total or all parts.
    """
    signs = system.equations.sign()
    whole = (signs < 0).sum(axis=1).all() and (signs > 0).sum(axis=1).all()
    fixed = (system.fixed & (system.value != 0)).any()
    if whole and not fixed and np.isinf(system.upper).all():
        return targets
    every = (system.hidden | ~system.fixed).astype(float)
    moves = Moves(system, every)
    far = set(moves.out_of_reach(targets))
    kept = [t for t in targets if t not in far]
    stuck = {t.cell for t in targets}
    for target in far:
        reach = np.floor(abs(moves.furthest(target, far=True)[0][target.cell]) + 1e-6)
        if reach >= 1:
            kept.append(Target(target.cell, float(np.sign(target.move) * reach)))
    stuck -= {t.cell for t in kept}
    if stuck:
        raise DisclosureError(
            f"{len(stuck)} withheld figure(s) stay known whatever else is withheld, because "
            "figures that cannot be withheld (zeros shown, earlier publications) give them away. "
            "Publish a coarser table: fewer categories, or several years together."
        )
    return sorted(kept, key=lambda t: (-t.size, t.cell, t.move))


def _cut_fractions(master: Master, targets: list[Target], effort: Effort) -> float:
    """Attack fractional choices: cheap rounds that raise the lower bound."""
    bound = 0.0
    for _ in range(effort.relaxed):
        chosen, bound = master.relaxed()
        if not _attack(master, chosen, targets):
            break
    return bound


def _attack(master: Master, chosen: Floats, targets: list[Target]) -> int:
    """Turn each target out of reach into a cut; give the number of new ones."""
    moves = Moves(master.system, chosen)
    whole = bool((chosen[chosen > 0] > 1 - 1e-6).all())
    fresh = 0
    for target in moves.out_of_reach(targets) if whole else targets:
        found, prices = moves.furthest(target, far=whole)
        if not target.reached(found):
            fresh += master.add(moves.cut(target, prices))
    return fresh


def _loss(system: System, hidden: Flags) -> float:
    return float(system.weight[hidden & ~system.hidden].sum())
