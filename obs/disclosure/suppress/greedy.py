"""Make a choice of hidden cells safe by adding cells, then prune what it does not need."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from obs.disclosure.feasible.cheapest_move import CheapestMoves, is_whole
from obs.disclosure.feasible.known_moves import KnownMoves
from obs.disclosure.feasible.linear_system import Flags, Floats, System
from obs.disclosure.feasible.moves import Target
from obs.errors import DisclosureError

__all__ = ["NoChoiceError", "complete_choice", "first_choice", "prune"]

_NEARLY_FREE = 1e-3  # price of moving what is hidden anyway, against that of hiding it
_CAP = 30.0  # dearest price of moving what is hidden anyway, in those terms
_BATCH = 5  # targets proved together
_SCALED_PRICE = 0.1  # the same price where moves leap: nearly free ways would be looked at too long


class NoChoiceError(DisclosureError):
    """No choice of withheld figures reaches every target."""


_NO_CHOICE = (
    "no choice of withheld figures was found that protects them all; nothing is released. "
    "Publish a coarser table: fewer categories, or years together."
)


def first_choice(
    system: System, proofs: KnownMoves, together: Sequence[int], *, whole: bool
) -> Flags:
    """Hide what cheapest moves touch, a few targets at a time.

    Returns a choice by which each target can be reached, perhaps by fractions of a fact. Where
    joint moves go too far, scaled moves make it, in whole numbers. Raises `NoChoiceError` if a
    target cannot be reached whatever is hidden.
    """
    may = system.hidden | ~system.fixed
    for turn, size in enumerate(together):
        found = _joint_pass(system, proofs, may, size=size, seed=turn)
        if found is None:
            return _hide_by_scaled_moves(system, proofs, whole=whole)
        may = found
    return may


def _hide_by_scaled_moves(system: System, proofs: KnownMoves, *, whole: bool) -> Flags:
    """Hide what scaled moves touch, one target at a time, the furthest first."""
    mover = CheapestMoves(system, system.hidden | ~system.fixed)
    hidden = system.hidden.copy()
    left = dict.fromkeys(sorted(proofs.targets, key=lambda t: (-t.size, t.cell, t.move)))
    while left:
        target = next(iter(left))
        price = _prices(system, hidden, discount=_SCALED_PRICE)
        moves = mover.scaled_move(target, price)
        moves = mover.reach(target, price, whole=whole) if moves is None else moves
        if moves is None:
            raise NoChoiceError(_NO_CHOICE)
        hidden |= moves != 0
        _drop_reached(left, proofs, proofs.add(moves))
        left.pop(target, None)
    return hidden


def _joint_pass(
    system: System, proofs: KnownMoves, may: Flags, *, size: int, seed: int
) -> Flags | None:
    """Give a choice; None if joint moves go too far to be waited for."""
    mover = CheapestMoves(system, may)
    hidden = system.hidden.copy()
    order = np.random.default_rng(seed).permutation(len(proofs.targets))
    left = dict.fromkeys(proofs.targets[i] for i in order)
    while left:
        moves = _joint_moves(mover, _batch(left, size), _prices(system, hidden))
        if moves is None:
            return None
        if is_whole(moves):
            proofs.add(np.round(moves))
        hidden |= moves != 0
        _drop_reached(left, proofs, proofs.reaches(moves))
    return hidden


def _joint_moves(mover: CheapestMoves, batch: list[Target], price: Floats) -> Floats | None:
    """Move towards targets at once; where that reaches none, to the first."""
    moves = mover.together(batch, price)
    if moves is None or any(target.reached(moves) for target in batch):
        return moves
    alone = mover.reach(batch[0], price, whole=False)
    if alone is None:
        raise NoChoiceError(_NO_CHOICE)
    return alone


def complete_choice(system: System, hidden: Flags, proofs: KnownMoves, *, whole: bool) -> Flags:
    """Find a proof of every target, hiding further cells where there is none.

    `proofs` is completed in place. Returns the choice, and what it took. Raises `NoChoiceError`
    if a target cannot be reached whatever is hidden.
    """
    lost = _prove(system, hidden, proofs, whole=whole)
    if not lost:
        return hidden
    hidden = hidden.copy()
    mover = CheapestMoves(system, hidden | ~system.fixed)
    left = dict.fromkeys(lost)
    while left:
        target = next(iter(left))
        moves = mover.reach(target, _prices(system, hidden), whole=whole)
        if moves is None:
            raise NoChoiceError(_NO_CHOICE)
        hidden |= moves != 0
        _drop_reached(left, proofs, proofs.add(moves))
        left.pop(target, None)
    return hidden


def _prove(system: System, hidden: Flags, proofs: KnownMoves, *, whole: bool) -> list[Target]:
    """Prove what can be among hidden cells, many at once first; give what cannot."""
    left = dict.fromkeys(proofs.unproved(hidden))
    if not left:  # without it is equivalent: the loop has no turn, but the program is built
        return []
    mover = CheapestMoves(system, hidden)
    lost: list[Target] = []
    while left:
        batch = _batch(left, _BATCH)
        moves = mover.together(batch, system.weight)
        # never to take them is equivalent: what is not proved together is asked alone
        if moves is not None and (not whole or is_whole(moves)):
            _drop_reached(left, proofs, proofs.add(np.round(moves) if whole else moves))
        for target in (t for t in batch if t in left):
            alone = mover.reach(target, system.weight, whole=whole)
            if alone is None:
                lost.append(target)
            else:
                _drop_reached(left, proofs, proofs.add(alone))
            left.pop(target, None)
    return lost


def prune(
    system: System, hidden: Flags, proofs: KnownMoves, *, whole: bool, pivots: int
) -> tuple[Flags, int]:
    """Show again what no target needs, dearest cells first.

    After so many pivots of the simplex, only what the known moves show not to be needed.

    Returns a choice that proofs protect too, at no greater loss, and the pivots spent.
    """
    hidden = hidden.copy()
    mover = CheapestMoves(system, hidden)
    extra = np.flatnonzero(hidden & ~system.hidden)
    for cell in sorted(extra, key=lambda c: (-system.weight[c], c)):
        hidden[cell] = False
        needed = proofs.unproved(hidden)
        if needed and mover.pivots >= pivots:
            hidden[cell] = True
            continue
        mover.fix_cell(int(cell))
        if not _other_proofs(system, mover, needed, proofs, whole=whole):
            mover.free_cell(int(cell))
            hidden[cell] = True
    return hidden, mover.pivots


def _other_proofs(
    system: System, mover: CheapestMoves, targets: list[Target], proofs: KnownMoves, *, whole: bool
) -> bool:
    """Look for other proofs of targets; tell whether every target has one."""
    left = dict.fromkeys(targets)
    while left:
        target = next(iter(left))
        moves = mover.reach(target, system.weight, whole=whole, search=False)
        if moves is None:
            return False
        _drop_reached(left, proofs, proofs.add(moves))
        left.pop(target, None)
    return True


def _drop_reached(left: dict[Target, None], proofs: KnownMoves, numbers: Iterable[int]) -> None:
    for number in numbers:
        left.pop(proofs.targets[number], None)


def _batch(left: Iterable[Target], size: int) -> list[Target]:
    """Take the next targets that can be asked for together: one owner, other cells."""
    batch: dict[int, Target] = {}
    for target in left:
        if len(batch) == size:
            break
        owners = {t.owner for t in batch.values()} or {target.owner}
        if target.owner in owners and target.cell not in batch:
            batch[target.cell] = target
    return list(batch.values())


def _prices(system: System, hidden: Flags, *, discount: float = _NEARLY_FREE) -> Floats:
    return np.where(hidden, discount * np.minimum(system.weight, _CAP), system.weight)
