"""Turn cells and equations into numbers: what is hidden, what may be, what must be protected."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from obs.disclosure.cells.cell_list import Cell, Cells, is_count
from obs.disclosure.cells.relations import Relation
from obs.disclosure.feasible.linear_system import Flags, Floats, System
from obs.reference.territory import Territory

__all__ = ["build_system"]


def build_system(
    cells: Cells, relations: Sequence[Relation], *, territory: Territory, knows_revised: bool = True
) -> System:
    """Put cells in order as numbers and state what each needs.

    Returns cells in the order of `cells.of_key`.
    """
    members = list(cells.of_key.values())
    position = {c.key: i for i, c in enumerate(members)}
    sums = [(position[r.total], [position[k] for k in r.parts]) for r in relations]
    equations = _sparse_equations(sums, len(members))
    value = np.array([c.value for c in members], dtype=float)
    lower = np.array([_least_value(c) for c in members], dtype=float)
    public = np.array(
        [bool(c.edition) and (knows_revised or not c.revised) for c in members], dtype=bool
    )
    hidden = np.array([_is_hidden(c) for c in members], dtype=bool) & ~public
    zero = ~hidden & (value == 0)
    need_low, need_high = _required_intervals(members, _structural_bounds(lower, equations, zero))
    need_low[public] = need_high[public] = np.nan
    return System(
        value=value,
        lower=np.fmin(lower, value),
        upper=np.full(len(members), np.inf),
        hidden=hidden,
        fixed=zero | (~hidden & public),
        need_low=need_low,
        need_high=need_high,
        weight=np.array([_cost_of_hiding(c, territory) for c in members], dtype=float),
        owner=_cell_owners(members, sums, territory),
        equations=equations,
    )


def _cell_owners(
    members: Sequence[Cell], sums: Sequence[tuple[int, Sequence[int]]], territory: Territory
) -> npt.NDArray[np.int64]:
    """Say who knows each cell: its commune, or the only contributor of a sum.

    A total of one contributor is known to the contributor of its only part.
    """
    codes = {code: i for i, code in enumerate(territory.codes(territory.base_level))}
    owner = np.array([codes.get(c.key.territory, -1) for c in members], dtype=np.int64)
    alone = {
        i
        for i, c in enumerate(members)
        if c.contributions is not None and c.contributions.contributors == 1
    }
    for i in alone:
        if owner[i] < 0 or members[i].key.breakdowns:
            owner[i] = len(codes) + i
    links = [
        (total, part) for total, parts in sums if total in alone for part in parts if part in alone
    ]
    for _ in range(len(members)):  # down to the finest cell of the owner
        before = owner.copy()
        for total, part in links:
            owner[total] = owner[part]
        if np.array_equal(before, owner):
            break
    return owner


def _is_hidden(cell: Cell) -> bool:
    seen = cell.published or _is_empty(cell)
    return bool(cell.reason) or cell.source or cell.series or not seen


def _is_empty(cell: Cell) -> bool:
    """Tell whether a count that no table shows holds nobody: who adds up the others leaves it out.

    A category that never occurs has no row. The total of those that are shown is then the total
    of all, to whoever has not heard of it.
    """
    counts = is_count(cell.key) and cell.judged and cell.inner
    open_zero = cell.rule is not None and not cell.rule.protect_zeros
    return counts and open_zero and cell.value == 0 and not cell.recalled


def _least_value(cell: Cell) -> float:
    """Give the least a reader takes a withheld cell to be: zeros would have been shown."""
    if cell.source or not cell.published or not cell.judged or cell.rule is None or cell.value == 0:
        return 0.0
    return float(cell.rule.floor)


def _structural_bounds(lower: Floats, equations: Any, zero: Flags) -> Floats:
    """Raise each total's least value to the sum of its parts', and an only part's to its total's.

    A part is the only one where all others are zeros that are shown.
    """
    least = lower.copy()
    coo = equations.tocoo()
    rows, columns = coo.coords
    totals = np.zeros(equations.shape[0], dtype=np.int64)
    totals[rows[coo.data < 0]] = columns[coo.data < 0]
    parts = equations.multiply(equations > 0).tocsr()
    some = (coo.data > 0) & ~zero[columns]
    alone = np.bincount(rows[some], minlength=equations.shape[0]) == 1
    only = some & alone[rows]
    for _ in range(20):
        raised = least.copy()
        np.maximum.at(raised, totals, parts @ least)
        np.maximum.at(raised, columns[only], raised[totals[rows[only]]])
        if np.array_equal(raised, least):
            break
        least = raised
    return least


def _required_intervals(members: list[Cell], structural: Floats) -> tuple[Floats, Floats]:
    """State the interval that must stay possible, for each sensitive cell."""
    low, high = np.full(len(members), np.nan), np.full(len(members), np.nan)
    for i, cell in enumerate(members):
        if cell.rule is None or not cell.inner:
            continue
        if not cell.reason:
            if cell.series and not np.isnan(cell.value):
                low[i], high[i] = cell.value, cell.value + 1  # any second value
            continue
        if cell.doubt:
            step = np.ceil(cell.doubt)
            least = max(float(cell.rule.floor), structural[i])
            low[i], high[i] = min(cell.value, max(cell.value - step, least)), cell.value + step
        elif cell.source:
            low[i], high[i] = -1.0, cell.rule.cover - cell.rule.floor  # width, of a value assumed
        else:
            low[i] = min(cell.value, max(float(cell.rule.floor), structural[i]))
            high[i] = cell.rule.cover
    return low, high


def _cost_of_hiding(cell: Cell, territory: Territory) -> float:
    """Cost of hiding a cell: grows with the count, and towards totals and the Region."""
    value = 1.0 if np.isnan(cell.value) else max(cell.value, 1.0)
    level = territory.rank_of(cell.key.territory)
    return float(np.sqrt(value)) * (1.0 + level)


def _sparse_equations(relations: Sequence[tuple[int, Sequence[int]]], n_cells: int) -> sp.csr_array:
    """Write (total, parts) pairs as a sparse matrix, +1 for parts and -1 for the total."""
    rows, columns, data = [], [], []
    for i, (total, parts) in enumerate(relations):
        rows += [i] * (len(parts) + 1)
        columns += [total, *parts]
        data += [-1.0] + [1.0] * len(parts)
    return sp.csr_array(
        sp.coo_array((data, (rows, columns)), shape=(len(relations), n_cells), dtype=float)
    )
