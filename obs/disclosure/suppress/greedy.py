"""Complete a choice of hidden cells until it is safe, then show again the cells it does not need."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice

import numpy as np

from obs.disclosure.feasible.cheapest_move import CheapestMoves, is_whole
from obs.disclosure.feasible.known_moves import KnownMoves
from obs.disclosure.feasible.linear_system import Flags, Floats, System
from obs.disclosure.feasible.moves import TINY, Target
from obs.disclosure.feasible.solver_threads import N_THREADS, ask_in_threads
from obs.errors import DisclosureError

__all__ = ["NoChoiceError", "complete_choice", "first_choice", "prune"]

_NEARLY_FREE = 1e-3  # price of moving what is hidden anyway, against that of hiding it
_CAP = 30.0  # dearest price of moving what is hidden anyway, in those terms
_WORK = 30_000_000  # programs of a pass, times cells: above it, more targets together
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
    joint moves go too far, moves that leap make it, in whole numbers. Raises `DisclosureError` if
    a target cannot be reached whatever is hidden.
    """
    may = system.hidden | ~system.fixed
    for turn, size in enumerate(together):
        least = len(proofs.targets) * int(may.sum()) // _WORK
        found = _joint_pass(system, proofs, may, size=max(size, least), seed=turn)
        if found is None:
            return _hide_by_scaled_moves(system, proofs, whole=whole)
        may = found
    return may


def _hide_by_scaled_moves(system: System, proofs: KnownMoves, *, whole: bool) -> Flags:
    """Hide what moves touch that leap towards one target at a time, the furthest first."""
    movers = [CheapestMoves(system, system.hidden | ~system.fixed) for _ in range(N_THREADS)]
    hidden = system.hidden.copy()
    left = dict.fromkeys(sorted(proofs.targets, key=lambda t: (-t.size, t.cell, t.move)))
    while left:
        price = _prices(system, hidden, discount=_SCALED_PRICE)

        def ask(number: int, target: Target, price: Floats = price) -> Floats | None:
            mover = movers[number]
            found = mover.scaled_move(target, price)
            return mover.reach(target, price, whole=whole) if found is None else found

        asked = list(islice(left, N_THREADS))
        for target, moves in zip(asked, ask_in_threads(ask, asked), strict=True):
            if moves is None:
                raise NoChoiceError(_NO_CHOICE)
            hidden |= np.abs(moves) > TINY
            _drop_reached(left, proofs, proofs.add(moves))
            left.pop(target, None)
    return hidden


def _joint_pass(
    system: System, proofs: KnownMoves, may: Flags, *, size: int, seed: int
) -> Flags | None:
    """Give a choice; None if joint moves go too far to be waited for."""
    movers = [CheapestMoves(system, may) for _ in range(N_THREADS)]
    hidden = system.hidden.copy()
    order = np.random.default_rng(seed).permutation(len(proofs.targets))
    left = dict.fromkeys(proofs.targets[i] for i in order)
    while left:
        price = _prices(system, hidden)

        def ask(number: int, batch: list[Target], price: Floats = price) -> Floats | None:
            return _joint_moves(movers[number], proofs, batch, price)

        before, batches = len(left), _batches(left, size)
        for moves in ask_in_threads(ask, batches):
            if moves is None:
                return None
            if is_whole(moves):
                proofs.add(np.round(moves))
            hidden |= np.abs(moves) > TINY
            _drop_reached(left, proofs, proofs.reaches(moves))
        if len(left) == before:
            raise DisclosureError("the solver failed to move a table; nothing is released.")
    return hidden


def _joint_moves(
    mover: CheapestMoves, proofs: KnownMoves, batch: list[Target], price: Floats
) -> Floats | None:
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

    `proofs` is completed in place. Returns the choice, and what it took. Raises `DisclosureError`
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
        hidden |= np.abs(moves) > TINY
        for number in proofs.add(moves):
            left.pop(proofs.targets[number], None)
        left.pop(target, None)
    return hidden


def _prove(system: System, hidden: Flags, proofs: KnownMoves, *, whole: bool) -> list[Target]:
    """Prove what can be among hidden cells, many at once first; give what cannot."""
    left = dict.fromkeys(proofs.unproved(hidden))
    if not left:
        return []
    movers = [CheapestMoves(system, hidden) for _ in range(N_THREADS)]
    lost: list[Target] = []

    def ask(number: int, batch: list[Target]) -> list[Floats]:
        return _moves_of_batch(movers[number], proofs, batch, dict(left), whole=whole)

    while left:
        batches = _batches(left, _BATCH)
        for ways in ask_in_threads(ask, batches):
            for moves in ways:
                _drop_reached(left, proofs, proofs.add(moves))
        for target in (t for batch in batches for t in batch if t in left):
            lost.append(target)
            del left[target]
    return lost


def _moves_of_batch(
    mover: CheapestMoves,
    proofs: KnownMoves,
    batch: list[Target],
    left: dict[Target, None],
    *,
    whole: bool,
) -> list[Floats]:
    """Find moves that prove what can be of a batch, and of what else is left on the way.

    Where a joint move is in fractions, whole ones are looked for among its cells.
    """
    system, price = mover.system, mover.system.weight
    ways = []
    moves = mover.together(batch, price)
    if moves is not None and (not whole or is_whole(moves)):
        ways.append(np.round(moves) if whole else moves)
        _drop_reached(left, proofs, proofs.reaches(ways[0]))
    elif moves is not None:
        few = CheapestMoves(system, np.abs(moves) > TINY)
        also = [proofs.targets[n] for n in proofs.reaches(moves)]
        ways += _moves_one_by_one(few, proofs, also, left, whole=whole)
    return ways + _moves_one_by_one(mover, proofs, batch, left, whole=whole)


def _moves_one_by_one(
    mover: CheapestMoves,
    proofs: KnownMoves,
    targets: Iterable[Target],
    left: dict[Target, None],
    *,
    whole: bool,
) -> list[Floats]:
    """Find a move for each target that is left."""
    ways = []
    for target in targets:
        if target in left:
            alone = mover.reach(target, mover.system.weight, whole=whole)
            if alone is not None:
                ways.append(alone)
                _drop_reached(left, proofs, proofs.reaches(alone))
    return ways


def _drop_reached(left: dict[Target, None], proofs: KnownMoves, numbers: Iterable[int]) -> None:
    for number in numbers:
        left.pop(proofs.targets[number], None)


def prune(system: System, hidden: Flags, proofs: KnownMoves, *, whole: bool, work: int) -> Flags:
    """Show again what no target needs, dearest cells first.

    Returns a choice that proofs protect too, at no greater loss.
    """
    hidden = hidden.copy()
    mover = CheapestMoves(system, hidden)
    extra = np.flatnonzero(hidden & ~system.hidden)
    for cell in sorted(extra, key=lambda c: (-system.weight[c], c)):
        hidden[cell] = False
        left = proofs.unproved(hidden)
        if left and work > 0:
            mover.fix_cell(int(cell))
            before = mover.asked
            left = _alternatives(system, mover, left, proofs, whole=whole)
            work = 0 if mover.far else work - (mover.asked - before) * mover.n
            if left:
                mover.free_cell(int(cell))
        elif not left:
            mover.fix_cell(int(cell))
        hidden[cell] = bool(left)
    return hidden


def _alternatives(
    system: System, mover: CheapestMoves, targets: list[Target], proofs: KnownMoves, *, whole: bool
) -> list[Target]:
    """Look for other moves; stop at the first target that has none."""
    left = dict.fromkeys(targets)
    while left:
        target = next(iter(left))
        moves = mover.reach(target, system.weight, whole=whole, search=False)
        if moves is None:
            return list(left)
        _drop_reached(left, proofs, proofs.add(moves))
        left.pop(target, None)
    return []


def _batches(left: Iterable[Target], size: int) -> list[list[Target]]:
    """Take the next targets that can be asked for together: one owner, other cells."""
    batches: list[dict[int, Target]] = [{} for _ in range(N_THREADS)]
    for target in left:
        for batch in batches:
            owners = {t.owner for t in batch.values()} or {target.owner}
            if len(batch) < size and target.owner in owners and target.cell not in batch:
                batch[target.cell] = target
                break
        if all(len(batch) == size for batch in batches):
            break
    return [list(batch.values()) for batch in batches if batch]


def _prices(system: System, hidden: Flags, *, discount: float = _NEARLY_FREE) -> Floats:
    return np.where(hidden, discount * np.minimum(system.weight, _CAP), system.weight)
