"""Controlled rounding: every count to a multiple of a base, sums still right.

An alternative to withholding where exact figures are not needed: each shown count is one of
the two multiples around the true one, so that it tells a range of almost twice the base.
"""

from __future__ import annotations

from collections.abc import Sequence

import highspy
import numpy as np
import pandas as pd
import scipy.sparse as sp

from obs.disclosure.solver import load_program
from obs.errors import DisclosureError

__all__ = ["round_counts", "round_table"]


def round_counts(
    counts: Sequence[int], sums: Sequence[tuple[int, Sequence[int]]], *, base: int = 5
) -> list[int]:
    """Round counts to multiples of a base so that the sums of the rounded ones hold.

    Each count goes to the multiple just below or just above; multiples stay as they are
    where that is possible. Among all such choices, the one with the least sum of absolute
    changes is taken.

    Parameters
    ----------
    counts : sequence of int
        Counts, at least 0.
    sums : sequence of (int, sequence of int)
        Position of a total, and of its parts.
    base : int
        What to round to, at least 2.

    Returns
    -------
    list of int
        Multiples of `base`, in the order given.

    Raises
    ------
    DisclosureError
        If a sum does not hold, or no additive rounding within one base exists.

    Examples
    --------
    >>> from obs.disclosure.rounding import round_counts
    >>> round_counts([3, 4, 7, 14], [(3, [0, 1, 2])])
    [5, 5, 5, 15]

    References
    ----------
    Salazar-Gonzalez (2006), Controlled rounding and cell perturbation, Mathematical
    Programming 105.
    """
    value = np.asarray(counts, dtype=float)
    if base < 2 or (value < 0).any() or (value != np.floor(value)).any():
        raise DisclosureError("rounding takes whole counts, at least 0, and a base of 2 or more.")
    for total, parts in sums:
        if value[total] != value[list(parts)].sum():
            raise DisclosureError("a total is not the sum of its parts; correct the counts first.")
    floor = np.floor(value / base)
    steps = _steps(value, floor, sums, base, reach=1.0)
    if steps is None:
        steps = _steps(value, floor, sums, base, reach=2.0)
    if steps is None:
        raise DisclosureError("no additive rounding exists near these counts: round fewer tables.")
    return [int(base * (f + s)) for f, s in zip(floor, steps, strict=True)]


def round_table(
    table: pd.DataFrame, sums: Sequence[tuple[int, Sequence[int]]], *, base: int = 5
) -> pd.DataFrame:
    """Round the column `numerator` of a table and say so.

    Parameters
    ----------
    table : DataFrame
        With a column `numerator`, none missing. Not modified.
    sums : sequence of (int, sequence of int)
        Row of a total, and rows of its parts.
    base : int
        What to round to.

    Returns
    -------
    DataFrame
        Same rows; `numerator` rounded, `change` added, the difference to the true count.
        For internal judgement: the difference is not for publication.

    Raises
    ------
    DisclosureError
        As `round_counts`, or if a count is missing.

    Examples
    --------
    >>> import pandas as pd
    >>> from obs.disclosure.rounding import round_table
    >>> round_table(pd.DataFrame({"numerator": [4, 9, 13]}), [(2, [0, 1])])["numerator"].tolist()
    [5, 10, 15]
    """
    if table["numerator"].isna().any():
        raise DisclosureError("a count is missing: withheld or unknown counts cannot be rounded.")
    true = table["numerator"].astype("Int64")
    rounded = pd.Series(
        round_counts(true.tolist(), sums, base=base), index=table.index, dtype="Int64"
    )
    return table.assign(numerator=rounded, change=rounded - true)


def _steps(
    value: np.ndarray,
    floor: np.ndarray,
    sums: Sequence[tuple[int, Sequence[int]]],
    base: int,
    *,
    reach: float,
) -> np.ndarray | None:
    """Choose how many steps above its floor each count goes: 0 or 1, up to `reach`."""
    n = len(value)
    rows = [
        (i, j, s) for i, (t, ps) in enumerate(sums) for j, s in [(t, -1.0), *((p, 1.0) for p in ps)]
    ]
    matrix = sp.csc_array((len(sums), n))
    if rows:
        i, j, s = zip(*rows, strict=True)
        matrix = sp.csc_array(sp.coo_array((s, (i, j)), shape=(len(sums), n)))
    right = -(matrix @ floor)
    cost = np.abs(base * (floor + 1) - value) - np.abs(base * floor - value)
    solver = load_program(
        matrix,
        cost=cost,
        upper=np.where((value == base * floor) & (reach < 2), 0.0, reach),
        row_lower=right,
        row_upper=right,
    )
    whole = np.ones(n, dtype=np.uint8)
    solver.changeColsIntegrality(n, np.arange(n, dtype=np.int32), whole)
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    return np.round(np.array(solver.getSolution().col_value))
