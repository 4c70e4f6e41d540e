"""Make a choice of hidden cells safe by adding cells, then lean by taking some back."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from obs.disclosure.cheapest import Cheapest, is_whole
from obs.disclosure.moves import TINY, Target
from obs.disclosure.proofs import Proofs
from obs.disclosure.system import Flags, Floats, System
from obs.errors import DisclosureError

__all__ = ["complete", "first_choice", "prune"]

_NEARLY_FREE = 1e-3  # price of moving what is hidden anyway, against that of hiding it
_CAP = 30.0  # dearest price of moving what is hidden anyway, in those terms
_SHARES = (40, 80, 160, 400)  # targets are asked for in so many parts, pass after pass
_BATCH = 5  # targets proved together


def first_choice(system: System, proofs: Proofs, *, work: int) -> Flags:
    """Hide what cheapest moves touch, many targets at a time.

    The first pass asks for a fortieth of the targets at once and hides too much; each further
    one asks for smaller parts, among what the last one hid.

    Parameters
    ----------
    system : System
        With every value known.
    proofs : Proofs
        Its targets must be reachable; whole moves found on the way are added.
    work : int
        Parts times cells that a pass may take: how far to go.

    Returns
    -------
    ndarray of shape (n_cells,)
        A choice by which each target can be reached, perhaps by fractions of a fact.

    Examples
    --------
    Used by `obs.disclosure.secondary.protect_block`.
    """
    may = system.hidden | ~system.fixed
    n = len(proofs.targets)
    for turn, parts in enumerate((*_SHARES, n, n)):
        if turn and min(parts, n) * int(may.sum()) > work:
            break
        may = _pass(system, proofs, may, size=max(n // parts, 1), seed=turn)
        if parts > n:
            break
    return may


def _pass(system: System, proofs: Proofs, may: Flags, *, size: int, seed: int) -> Flags:
    mover = Cheapest(system, may)
    hidden = system.hidden.copy()
    order = np.random.default_rng(seed).permutation(len(proofs.targets))
    left = dict.fromkeys(proofs.targets[i] for i in order)
    while left:
        batch = _batch(left, size)
        price = _prices(system, hidden)
        moves = mover.together(batch, price)
        reached = [proofs.targets[i] for i in proofs.reaches(moves)]
        if not set(batch) & set(reached):
            alone = mover.reach(batch[0], price, whole=False)
            if alone is None:
                raise DisclosureError(
                    "no choice of withheld figures protects them all; nothing is released. "
                    "Publish a coarser table: fewer categories, or years together."
                )
            moves, reached = alone, [batch[0]]
        if is_whole(moves):
            proofs.add(np.round(moves))
        hidden |= np.abs(moves) > TINY
        for target in reached:
            left.pop(target, None)
    return hidden


def complete(system: System, hidden: Flags, proofs: Proofs, *, whole: bool) -> Flags:
    """Find a proof of every target, hiding further cells where there is none.

    Parameters
    ----------
    system : System
        With every value known.
    hidden : ndarray of shape (n_cells,)
        A choice.
    proofs : Proofs
        Completed in place.
    whole : bool
        Whether moves must be in whole numbers.

    Returns
    -------
    ndarray of shape (n_cells,)
        The choice, and what it took.

    Raises
    ------
    DisclosureError
        If a target cannot be reached whatever is hidden.

    Examples
    --------
    Used by `obs.disclosure.secondary.protect_block`.
    """
    lost = _prove(system, hidden, proofs, whole=whole)
    if not lost:
        return hidden
    hidden = hidden.copy()
    mover = Cheapest(system, hidden | ~system.fixed)
    left = dict.fromkeys(lost)
    while left:
        target = next(iter(left))
        moves = mover.reach(target, _prices(system, hidden), whole=whole)
        if moves is None:
            raise DisclosureError(
                "no choice of withheld figures protects them all in whole numbers; nothing is "
                "released. Publish a coarser table: fewer categories, or years together."
            )
        hidden |= np.abs(moves) > TINY
        for number in proofs.add(moves):
            left.pop(proofs.targets[number], None)
        left.pop(target, None)
    return hidden


def _prove(system: System, hidden: Flags, proofs: Proofs, *, whole: bool) -> list[Target]:
    """Prove what can be among hidden cells, many at once first; give what cannot."""
    left = dict.fromkeys(proofs.missing(hidden))
    if not left:
        return []
    mover, price = Cheapest(system, hidden), system.weight
    lost: list[Target] = []
    while left:
        batch = _batch(left, _BATCH)
        _keep(system, proofs, mover.together(batch, price), left, whole=whole)
        for target in batch:
            if target in left:
                alone = mover.reach(target, price, whole=whole)
                if alone is None:
                    lost.append(target)
                else:
                    _forget(left, proofs, proofs.add(alone))
                left.pop(target, None)
    return lost


def _keep(
    system: System, proofs: Proofs, moves: Floats, left: dict[Target, None], *, whole: bool
) -> None:
    """Keep a joint move; where it is in fractions, look for whole moves of the same cells."""
    if not whole or is_whole(moves):
        _forget(left, proofs, proofs.add(np.round(moves) if whole else moves))
        return
    few = Cheapest(system, np.abs(moves) > TINY)
    for number in proofs.reaches(moves):
        target = proofs.targets[number]
        if target in left:
            alone = few.reach(target, system.weight, whole=True)
            if alone is not None:
                _forget(left, proofs, proofs.add(alone))


def _forget(left: dict[Target, None], proofs: Proofs, numbers: Iterable[int]) -> None:
    for number in numbers:
        left.pop(proofs.targets[number], None)


def prune(system: System, hidden: Flags, proofs: Proofs, *, whole: bool, work: int) -> Flags:
    """Show again what no target needs, dearest cells first.

    Parameters
    ----------
    system : System
        With every value known.
    hidden : ndarray of shape (n_cells,)
        A choice that proofs protect.
    proofs : Proofs
        With every target proved within the choice; other moves found are added.
    whole : bool
        Whether moves must be in whole numbers.
    work : int
        Questions to a solver, times cells, that it may take.

    Returns
    -------
    ndarray of shape (n_cells,)
        A choice that proofs protect too, at no greater loss.

    Examples
    --------
    Used by `obs.disclosure.secondary.protect_block`.
    """
    hidden = hidden.copy()
    mover = Cheapest(system, hidden)
    extra = np.flatnonzero(hidden & ~system.hidden)
    for cell in sorted(extra, key=lambda c: (-system.weight[c], c)):
        hidden[cell] = False
        left = proofs.missing(hidden)
        if left and work > 0:
            mover.bar(int(cell))
            before = mover.asked
            left = _other_ways(system, mover, left, proofs, whole=whole)
            work -= (mover.asked - before) * mover.n
            if left:
                mover.free(int(cell))
        elif not left:
            mover.bar(int(cell))
        hidden[cell] = bool(left)
    return hidden


def _other_ways(
    system: System, mover: Cheapest, targets: list[Target], proofs: Proofs, *, whole: bool
) -> list[Target]:
    """Look for other moves; stop at the first target that has none."""
    left = dict.fromkeys(targets)
    while left:
        target = next(iter(left))
        moves = mover.reach(target, system.weight, whole=whole)
        if moves is None:
            return list(left)
        _forget(left, proofs, proofs.add(moves))
        left.pop(target, None)
    return []


def _batch(left: Iterable[Target], size: int) -> list[Target]:
    """Take the next targets that can be asked for together: one owner, other cells."""
    batch: dict[int, Target] = {}
    owner: int | None = None
    for target in left:
        owner = target.owner if owner is None else owner
        if target.owner == owner and target.cell not in batch:
            batch[target.cell] = target
            if len(batch) == size:
                break
    return list(batch.values())


def _prices(system: System, hidden: Flags) -> Floats:
    free = _NEARLY_FREE * np.minimum(system.weight, _CAP)
    return np.where(hidden, free, system.weight)
