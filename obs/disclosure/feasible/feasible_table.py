"""Assume values for figures that the source withheld, so that all equations hold.

The solver needs a complete table. These values are never shown, summed or kept.
"""

from __future__ import annotations

from dataclasses import replace

import highspy
import numpy as np
import scipy.sparse as sp

from obs.disclosure.feasible.exchangeable import spread_evenly
from obs.disclosure.feasible.linear_system import Flags, Floats, Rows, System
from obs.disclosure.feasible.solver import load_program
from obs.errors import DisclosureError

__all__ = ["complete_values"]


def complete_values(system: System, rows: Rows, constants: Floats) -> System:
    """Assume a value for each unknown cell that satisfies every equation that matters.

    `constants` are what each total has beyond its parts.
    Every value of the result is filled, and has the interval that a cell withheld by its source
    needs. Raises `DisclosureError` if no table satisfies the equations: the figures contradict
    one another.
    """
    matrix = sp.csr_array(system.equations[rows])
    unknown = np.isnan(system.value) & (np.diff(sp.csc_array(matrix).indptr) > 0)
    value = system.value.copy()
    if unknown.any():
        value[unknown] = _possible_values(system, matrix, unknown, constants[rows])
        value = spread_evenly(matrix, value, unknown)
    sized = system.need_low < 0  # the source's own cells: doubt of a given width
    return replace(
        system,
        value=value,
        lower=np.fmin(system.lower, value),
        need_low=np.where(sized, value, system.need_low),
        need_high=np.where(sized, value + system.need_high, system.need_high),
    )


def _possible_values(
    system: System, matrix: sp.csr_array, unknown: Flags, constants: Floats
) -> Floats:
    known = np.where(np.isnan(system.value), 0.0, system.value)
    target = -(matrix @ known) - constants
    part = sp.csc_array(matrix[:, np.flatnonzero(unknown)])
    size = part.shape[1]
    solver = load_program(
        part,
        cost=np.ones(size),
        upper=np.full(size, np.inf),
        row_lower=target,
        row_upper=target,
    )
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        raise DisclosureError(
            "the figures contradict one another: no value of what the source withheld makes "
            "the totals right. Correct the totals, or declare that they do not add up."
        )
    return np.round(np.array(solver.getSolution().col_value), 6)
