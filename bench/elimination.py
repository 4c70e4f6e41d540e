"""A peer to measure suppression against: show, by size, whatever gives no cell away exactly.

Written anew after the method of GaussSuppression (Langsrud 2024, Privacy in Statistical
Databases): a cell is shown unless a sensitive one would then be a combination of those
shown. It knows of equations alone, not of intervals, whole numbers or insiders. On tables
t1, t2, t4, t5 and t8none of its first example it hides the same cells
(`tests/disclosure/suppress/test_cases.py`).
"""

from __future__ import annotations

import numpy as np

PRIME = 32_003  # whole numbers are reckoned modulo it, in 32 bits; a 0 by chance is one in as many


def write_by_leaves(system):
    """Write each cell that may be hidden as a sum of leaves; others, zeros, are known."""
    equations, n = system.equations.tocsr(), len(system.value)
    cells = np.flatnonzero(system.hidden | ~system.fixed)
    signs, row_of = equations.tocoo(), np.full(n, -1)
    row_of[signs.coords[1][signs.data < 0]] = signs.coords[0][signs.data < 0]
    open_cells = set(cells.tolist())
    leaves = [cell for cell in cells.tolist() if row_of[cell] < 0]
    written = dict(zip(leaves, np.eye(len(leaves), dtype=np.int32), strict=True))

    def write(cell):
        if cell not in written:
            row = row_of[cell]
            parts = equations.indices[equations.indptr[row] : equations.indptr[row + 1]].tolist()
            known = [write(p) for p in parts if p != cell and p in open_cells]
            written[cell] = np.sum(known, axis=0, dtype=np.int32)
        return written[cell]

    return cells, np.array([write(cell) for cell in cells.tolist()]).T.copy()


def eliminate(system):
    """Give the cells to hide, the sensitive ones among them; the smaller go first."""
    cells, table = write_by_leaves(system)
    sensitive = system.hidden[cells]
    hidden = system.hidden.copy()
    order = np.flatnonzero(~sensitive)
    for column in order[np.argsort(-system.value[cells[order]], kind="stable")]:
        used = np.flatnonzero(table[:, column])
        if not len(used):
            continue  # follows from what is shown
        row = used[0]
        unit = table[used, column] * pow(int(table[row, column]), -1, PRIME) % PRIME
        others = np.flatnonzero(table[row])
        asked = others[sensitive[others]]
        gives_away = (np.count_nonzero(table[:, asked], axis=0) == len(used)) & (
            table[np.ix_(used, asked)] == unit[:, None] * table[row, asked] % PRIME
        ).all(axis=0)
        if gives_away.any():
            hidden[cells[column]] = True
            table[:, column] = 0
            continue
        part = np.ix_(used, others)
        table[part] = (table[part] - unit[:, None] * table[row, others]) % PRIME
    return hidden
