"""A possible table where the source withheld figures: what the equations allow.

The figures are assumptions for the solver alone; none is ever shown, summed or kept.
"""

from __future__ import annotations

from dataclasses import replace

import highspy
import numpy as np

from obs.disclosure.solver import load_program
from obs.disclosure.system import Flags, Floats, System
from obs.errors import DisclosureError

__all__ = ["complete_values"]


def complete_values(system: System) -> System:
    """Assume a value for each unknown cell that satisfies every equation.

    Parameters
    ----------
    system : System
        With NaN where the house does not know.

    Returns
    -------
    System
        Every value filled, and the interval a source's cell needs stated around it.

    Raises
    ------
    DisclosureError
        If no table satisfies the equations: the figures contradict one another.

    Examples
    --------
    Called by `obs.release` for each block.
    """
    unknown = np.isnan(system.value)
    value = system.value.copy()
    if unknown.any():
        value[unknown] = _possible(system, unknown)
    sized = system.need_low < 0  # the source's own cells: doubt of a given width
    return replace(
        system,
        value=value,
        lower=np.fmin(system.lower, value),
        need_low=np.where(sized, value, system.need_low),
        need_high=np.where(sized, value + system.need_high, system.need_high),
    )


def _possible(system: System, unknown: Flags) -> Floats:
    matrix = system.equations.tocsc()
    known = np.where(unknown, 0.0, system.value)
    target = -(system.equations @ known)
    part = matrix[:, unknown]
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
