"""Doubt that needs no solver: withheld cells that stand in the same sums can trade.

If cells enter the same equations with the same signs, one may be m more and the others m
less in all: a table that no reader can rule out, in whole numbers. Where that holds without
the cells of any one owner, no owner can rule it out either.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from obs.disclosure.moves import Target
from obs.disclosure.system import Flags, Floats, System

__all__ = ["spread_evenly", "unsettled"]

Cells = npt.NDArray[np.int64]
_ALMOST = 1e-6


def unsettled(system: System, targets: list[Target]) -> list[Target]:
    """Leave out the targets that trades with already hidden siblings reach.

    Parameters
    ----------
    system : System
        With every value known.
    targets : list of Target
        What must stay possible.

    Returns
    -------
    list of Target
        Those that need a solver, in the same order.

    Examples
    --------
    Of 400 communes that the source withholds in one sum, every target is settled; of one
    commune alone in its zone, none is.
    """
    groups = {int(c): g for g in _siblings(system.equations, system.hidden) for c in g}
    return [t for t in targets if not _trades(system, t, groups.get(t.cell))]


def spread_evenly(equations: sp.csr_array, value: Floats, unknown: Flags) -> Floats:
    """Share the assumed total of sibling cells among them, in whole numbers where it is whole.

    Parameters
    ----------
    equations : sparse array of shape (n_equations, n_cells)
        Sums of cells; all stay satisfied.
    value : ndarray of shape (n_cells,)
        A possible table.
    unknown : ndarray of shape (n_cells,)
        The cells whose value is assumed.

    Returns
    -------
    ndarray of shape (n_cells,)
        A possible table too, as even as it can be.

    Examples
    --------
    907 facts in 547 withheld communes become one or two in each.
    """
    even = value.copy()
    for cells in _siblings(equations, unknown):
        total = float(value[cells].sum())
        share = np.full(len(cells), total / len(cells))
        if abs(total - round(total)) < _ALMOST:
            share = np.full(len(cells), float(round(total) // len(cells)))
            share[: round(total) % len(cells)] += 1
        even[cells] = share
    return even


def _siblings(equations: sp.csr_array, among: Flags) -> Iterator[Cells]:
    """Group the cells that enter the same equations with the same signs."""
    columns = sp.csc_array(equations)
    columns.sort_indices()
    found: dict[tuple[bytes, bytes], list[int]] = defaultdict(list)
    for cell in np.flatnonzero(among):
        part = slice(columns.indptr[cell], columns.indptr[cell + 1])
        if part.start < part.stop:
            found[columns.indices[part].tobytes(), columns.data[part].tobytes()].append(int(cell))
    return (np.array(cells) for cells in found.values() if len(cells) > 1)


def _trades(system: System, target: Target, siblings: Cells | None) -> bool:
    """Tell whether siblings can give or take enough, even without those of any one owner."""
    if siblings is None or target.owner >= 0:
        return False
    size = np.ceil(target.size - _ALMOST)
    if target.move > 0:
        own = system.upper[target.cell] - system.value[target.cell]
        room = system.value - system.lower
    else:
        own = system.value[target.cell] - system.lower[target.cell]
        room = system.upper - system.value
    others = siblings[siblings != target.cell]
    capacity = np.minimum(np.floor(room[others] + _ALMOST), size)
    owners = system.owner[others]
    known = [capacity[owners == o].sum() for o in np.unique(owners[owners >= 0])]
    return bool(own >= size - _ALMOST and capacity.sum() - max(known, default=0.0) >= size)
