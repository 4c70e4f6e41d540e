"""Which cells are sensitive in themselves, before any subtraction."""

from __future__ import annotations

import numpy as np

from obs.disclosure.cells import Cell, Cells

__all__ = ["mark_primary"]


def mark_primary(cells: Cells) -> None:
    """Write in each cell why it is sensitive, if it is.

    A count v is sensitive if 1 <= v < threshold; so is a remainder that readers get by
    subtraction (the complement of a share, a category left out), except facts of no known
    place, which point at nobody, and figures published before:
    these are not shown again if small, but nothing can hide them any more.
    Zeros are sensitive only under a rule that protects them.

    Parameters
    ----------
    cells : Cells
        Completed in place.

    Examples
    --------
    Called by `obs.release`.
    """
    for cell in cells.of_key.values():
        if cell.inner and not cell.reason:
            cell.reason = _reason(cell)


def _reason(cell: Cell) -> str:
    rule, value = cell.rule, cell.value
    if rule is None or cell.key.measure.endswith("/rest area"):
        return ""
    if cell.edition:
        small = cell.published and 0 < value < rule.threshold
        return f"count below {rule.threshold}, known since {cell.edition}" if small else ""
    if cell.source:
        return "withheld by the source"
    if np.isnan(value):
        return ""
    if 0 < value < rule.threshold:
        derived = "" if cell.published else "remainder "
        return f"{derived}count below {rule.threshold}"
    if value == 0 and rule.protect_zeros and cell.published:
        return "zero is information here"
    return ""
