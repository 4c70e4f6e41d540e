"""Load HiGHS, silent and on one thread, so that the same table gives the same answer."""

from __future__ import annotations

import highspy
import numpy as np
import scipy.sparse as sp

from obs.disclosure.feasible.linear_system import Floats

__all__ = ["load_program"]


def load_program(
    matrix: sp.csc_array, *, cost: Floats, upper: Floats, row_lower: Floats, row_upper: Floats
) -> highspy.Highs:
    """Load min cost.x over row_lower <= matrix x <= row_upper, 0 <= x <= upper.

    Returns `Highs` ready to run, and to change and run again from where it stopped.

    Examples
    --------
    >>> import numpy as np, scipy.sparse as sp
    >>> from obs.disclosure.feasible.solver import load_program
    >>> program = load_program(sp.csc_array([[1.0, 1.0]]), cost=np.array([1.0, 2.0]),
    ...     upper=np.array([3.0, 9.0]), row_lower=np.array([5.0]), row_upper=np.array([5.0]))
    >>> _ = program.run()
    >>> program.getSolution().col_value
    [3.0, 2.0]
    """
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    for option, value in {"output_flag": False, "threads": 1, "random_seed": 0}.items():
        solver.setOptionValue(option, value)
    model = highspy.HighsLp()
    model.num_row_, model.num_col_ = matrix.shape
    model.col_cost_, model.col_lower_, model.col_upper_ = cost, np.zeros(len(cost)), upper
    model.row_lower_, model.row_upper_ = row_lower, row_upper
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_, model.a_matrix_.index_ = matrix.indptr, matrix.indices
    model.a_matrix_.value_ = matrix.data
    solver.passModel(model)
    return solver
