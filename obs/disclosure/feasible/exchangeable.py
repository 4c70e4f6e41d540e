"""Prove protection without a solver, by exchange between cells that enter the same sums.

If cells enter the same equations with the same signs, one can rise by m while the others fall by
m in all. The result is a possible table in whole numbers. If that works without the cells of any
single owner, it protects against every owner too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from obs.disclosure.feasible.linear_system import Flags, Floats, System
from obs.disclosure.feasible.moves import Target

__all__ = ["spread_evenly", "not_exchangeable"]

Cells = npt.NDArray[np.int64]
_ALMOST = 1e-6


def not_exchangeable(system: System, targets: list[Target]) -> list[Target]:
    """Leave out the targets that trades with already hidden siblings reach.

    Returns those that need a solver, in the same order.
    """
    groups = list(_exchangeable_groups(system.equations, system.hidden))
    number = {int(cell): i for i, group in enumerate(groups) for cell in group}
    room: dict[tuple[int, float], _ExchangeRoom] = {}
    left = []
    for target in targets:
        move = float(np.sign(target.move) * np.ceil(target.size - _ALMOST))
        group = number.get(target.cell)
        if group is not None and target.owner < 0:
            if (group, move) not in room:
                room[group, move] = _ExchangeRoom(system, groups[group], move)
            if room[group, move].allows(target.cell):
                continue
        left.append(target)
    return left


def spread_evenly(equations: sp.csr_array, value: Floats, unknown: Flags) -> Floats:
    """Share the assumed total of sibling cells among them, in whole numbers where it is whole.

    Returns a possible table too, as even as it can be.
    """
    even = value.copy()
    for cells in _exchangeable_groups(equations, unknown):
        total = float(value[cells].sum())
        share = np.full(len(cells), total / len(cells))
        if abs(total - round(total)) < _ALMOST:
            share = np.full(len(cells), float(round(total) // len(cells)))
            share[: round(total) % len(cells)] += 1
        even[cells] = share
    return even


def _exchangeable_groups(equations: sp.csr_array, among: Flags) -> Iterator[Cells]:
    """Group the cells that enter the same equations with the same signs."""
    columns = sp.csc_array(equations)
    columns.sort_indices()
    found: dict[tuple[bytes, bytes], list[int]] = defaultdict(list)
    for cell in np.flatnonzero(among):
        part = slice(columns.indptr[cell], columns.indptr[cell + 1])
        if part.start < part.stop:
            found[columns.indices[part].tobytes(), columns.data[part].tobytes()].append(int(cell))
    # without it is equivalent: one alone trades with none, and keeps its own total
    return (np.array(cells) for cells in found.values() if len(cells) > 1)


class _ExchangeRoom:
    """How far siblings can go against one of them that moves, all or all but one owner's."""

    def __init__(self, system: System, cells: Cells, move: float) -> None:
        up = system.upper[cells] - system.value[cells]
        down = system.value[cells] - system.lower[cells]
        ahead, against = (up, down) if move > 0 else (down, up)
        self.size = abs(move)
        self.own = dict(zip(cells.tolist(), ahead.tolist(), strict=True))
        capacity = np.minimum(np.floor(against + _ALMOST), self.size)
        self.capacity = dict(zip(cells.tolist(), capacity.tolist(), strict=True))
        self.total = float(capacity.sum())
        self.owner = dict(zip(cells.tolist(), system.owner[cells].tolist(), strict=True))
        self.of_owner: dict[int, float] = defaultdict(float)
        for cell, owner in self.owner.items():
            if owner >= 0:
                self.of_owner[owner] += self.capacity[cell]
        self.most = sorted(self.of_owner, key=lambda o: self.of_owner[o], reverse=True)[:2]

    def allows(self, cell: int) -> bool:
        """Tell whether the others can give or take enough, even without those of any one owner."""
        capacity, mine = self.capacity[cell], self.owner[cell]
        known = [self.of_owner[o] - (capacity if o == mine else 0.0) for o in self.most]
        enough = self.total - capacity - max(known, default=0.0) >= self.size
        return bool(self.own[cell] >= self.size - _ALMOST and enough)
