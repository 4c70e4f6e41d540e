"""Round counts to multiples of a base so that all sums still hold.

Rounding is an alternative to withholding where exact figures are not needed. Either every count
becomes a multiple, or only small counts become 0 or the base and all sums follow.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import highspy
import numpy as np
import pandas as pd
import scipy.sparse as sp

from obs.disclosure.feasible.solver import load_program
from obs.errors import DisclosureError

__all__ = ["round_counts", "round_table"]

_EXACT = 10_000  # unknowns up to which the least change is proven; 1 % beyond
_TIE = 1e-4  # among equal choices, change fewer counts


def round_counts(
    counts: Sequence[int],
    sums: Sequence[tuple[int, Sequence[int]]],
    *,
    base: int = 5,
    which: Literal["all", "small"] = "all",
    shown: Sequence[bool] | None = None,
) -> list[int]:
    """Round counts so that the sums of the rounded ones hold.

    With "all", each count goes to the multiple of the base just below or just above;
    multiples stay as they are where that is possible. With "small", a count that is the
    total of nothing stays as it is or, below the base, goes to 0 or the base; totals follow,
    and no shown count is left between 1 and base - 1. Among all such choices, the one with
    the least sum of absolute changes of the shown counts is taken (within 1 % for tables of
    more than some 5,000 counts).

    Parameters
    ----------
    counts : sequence of int
        Counts, at least 0.
    sums : sequence of (int, sequence of int)
        Position of a total, and of its parts.
    base : int
        What to round to, at least 2.
    which : {"all", "small"}
        Which counts are rounded.
    shown : sequence of bool, optional
        With "small", which counts will be shown; all by default. The others need not be
        rounded.

    Returns
    -------
    list of int
        In the order given. With "all", multiples of `base`.

    Raises
    ------
    DisclosureError
        If a sum does not hold, no additive rounding within one base exists, or an option is
        unknown.

    Examples
    --------
    >>> from obs.lab.controlled_rounding import round_counts
    >>> round_counts([3, 4, 7, 14], [(3, [0, 1, 2])])
    [5, 5, 5, 15]
    >>> round_counts([2, 4, 17, 23], [(3, [0, 1, 2])], which="small")
    [0, 5, 17, 22]

    References
    ----------
    Salazar-Gonzalez (2006), Controlled rounding and cell perturbation, Mathematical
    Programming 105. Langsrud and Heldal (2018), An algorithm for small count rounding of
    tabular data, Privacy in Statistical Databases (the aim of "small"; solved exactly here).
    """
    if which not in ("all", "small"):
        raise DisclosureError(f"unknown choice '{which}' of what to round: all or small.")
    value = _checked_counts(counts, sums, base)
    if len(value) == 0:
        return []
    if which == "small":
        seen = np.asarray([True] * len(value) if shown is None else shown, dtype=bool)
        if seen.shape != value.shape:
            raise DisclosureError(
                f"'shown' tells of {seen.size} counts, and there are {len(value)}: give one each."
            )
        return _round_small(value, sums, base, seen)
    floor = np.floor(value / base)
    steps = _steps_above_floor(value, floor, sums, base, reach=1.0)
    if steps is None:
        steps = _steps_above_floor(value, floor, sums, base, reach=2.0)
    if steps is None:
        raise DisclosureError("no additive rounding exists near these counts: round fewer tables.")
    return [int(base * (f + s)) for f, s in zip(floor, steps, strict=True)]


def _checked_counts(
    counts: Sequence[int], sums: Sequence[tuple[int, Sequence[int]]], base: int
) -> np.ndarray:
    """Check counts and sums before any is rounded."""
    try:
        value = np.asarray(counts, dtype=float)
    except (TypeError, ValueError) as error:
        raise DisclosureError("rounding takes whole counts, and one is no number.") from error
    right = value.ndim == 1 and np.isfinite(value).all() and (value >= 0).all()
    if not right or (value != np.floor(value)).any() or base < 2 or base != int(base):
        raise DisclosureError(
            "rounding takes whole counts, at least 0, none missing, and a whole base of 2 or more."
        )
    for total, parts in sums:
        members = [total, *parts]
        if not all(0 <= m < len(value) for m in members):
            raise DisclosureError(
                f"a sum names a position that is not among the {len(value)} counts (0 to "
                f"{len(value) - 1})."
            )
        if value[total] != value[list(parts)].sum():
            raise DisclosureError("a total is not the sum of its parts; correct the counts first.")
    return value


def round_table(
    table: pd.DataFrame,
    sums: Sequence[tuple[int, Sequence[int]]],
    *,
    base: int = 5,
    which: Literal["all", "small"] = "all",
) -> pd.DataFrame:
    """Round the column `numerator` of a table and say so.

    Parameters
    ----------
    table : DataFrame
        With a column `numerator`, none missing. Not modified.
    sums : sequence of (int, sequence of int)
        Row of a total, and rows of its parts.
    base, which
        As `round_counts`.

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
    >>> from obs.lab.controlled_rounding import round_table
    >>> round_table(pd.DataFrame({"numerator": [4, 9, 13]}), [(2, [0, 1])])["numerator"].tolist()
    [5, 10, 15]
    """
    if "numerator" not in table:
        raise DisclosureError("the table has no column 'numerator' to round.")
    if table["numerator"].isna().any():
        raise DisclosureError("a count is missing: withheld or unknown counts cannot be rounded.")
    true = table["numerator"].astype("Int64")
    rounded = pd.Series(
        round_counts(true.tolist(), sums, base=base, which=which), index=table.index, dtype="Int64"
    )
    return table.assign(numerator=rounded, change=rounded - true)


def _steps_above_floor(
    value: np.ndarray,
    floor: np.ndarray,
    sums: Sequence[tuple[int, Sequence[int]]],
    base: int,
    *,
    reach: float,
) -> np.ndarray | None:
    """Choose how many steps above its floor each count goes: 0 or 1, up to `reach`."""
    n = len(value)
    matrix = _sum_matrix(sums, n)
    right = -(matrix @ floor)
    cost = np.abs(base * (floor + 1) - value) - np.abs(base * floor - value)
    solver = load_program(
        matrix,
        cost=cost,
        upper=np.where((value == base * floor) & (reach < 2), 0.0, reach),
        row_lower=right,
        row_upper=right,
    )
    return _whole_solution(solver, n)


def _round_small(
    value: np.ndarray, sums: Sequence[tuple[int, Sequence[int]]], base: int, shown: np.ndarray
) -> list[int]:
    """Choose which small counts go to 0 and which to the base.

    Columns: for each small count v that totals nothing, "to 0" and "to the base" (its change
    is -v and base - v); for each total its change, up and down; for each shown count that
    may be small "above 0". Rows: the sums; one choice at most per count; 0 or the base at
    least for what is shown.
    """
    n = len(value)
    totals = {t for t, _ in sums}
    small = np.array([i for i in range(n) if i not in totals and 0 < value[i] < base], dtype=int)
    above = np.array(sorted(totals), dtype=int)
    # change of each count = part @ columns
    k, m = len(small), len(above)
    part = sp.lil_array((n, 2 * k + 2 * m))
    for c, i in enumerate(small):
        part[i, c], part[i, k + c] = -value[i], base - value[i]
    for c, i in enumerate(above):
        part[i, 2 * k + c], part[i, 2 * k + m + c] = 1.0, -1.0
    change = sp.csr_array(part)
    judged = np.flatnonzero(shown & (value > 0) & np.isin(np.arange(n), [*small, *above]))
    seen = len(judged)
    reach = float(value.sum() + base * k)
    flag = sp.eye_array(seen, format="csr")
    own = change[judged]
    once = sp.csr_array(sp.hstack([sp.eye_array(k), sp.eye_array(k), sp.csr_array((k, 2 * m))]))
    rows = sp.vstack(
        [
            sp.hstack(
                [sp.csr_array(_sum_matrix(sums, n)) @ change, sp.csr_array((len(sums), seen))]
            ),
            sp.hstack([once, sp.csr_array((k, seen))]),
            sp.hstack([own, -base * flag]),  # value + change >= base x flag
            sp.hstack([own, -reach * flag]),  # value + change <= reach x flag
        ]
    )
    low = np.concatenate([np.zeros(len(sums)), np.zeros(k), -value[judged], np.full(seen, -np.inf)])
    high = np.concatenate([np.zeros(len(sums)), np.ones(k), np.full(seen, np.inf), -value[judged]])
    weight = np.where(shown, 1.0, 0.0)
    cost = np.concatenate(
        [
            weight[small] * value[small] + _TIE,
            weight[small] * (base - value[small]) + _TIE,
            np.tile(weight[above] + _TIE, 2),
            np.zeros(seen),
        ]
    )
    upper = np.concatenate([np.ones(2 * k), np.full(2 * m, np.inf), np.ones(seen)])
    solver = load_program(sp.csc_array(rows), cost=cost, upper=upper, row_lower=low, row_upper=high)
    found = _whole_solution(solver, len(cost))
    if found is None:
        raise DisclosureError("no rounding of the small counts exists: round all, or fewer tables.")
    return [int(v) for v in np.round(value + change @ found[: 2 * k + 2 * m])]


def _sum_matrix(sums: Sequence[tuple[int, Sequence[int]]], n: int) -> sp.csc_array:
    """Write the sums as rows: +1 for parts, -1 for the total."""
    rows = [
        (i, j, s) for i, (t, ps) in enumerate(sums) for j, s in [(t, -1.0), *((p, 1.0) for p in ps)]
    ]
    if not rows:
        return sp.csc_array((len(sums), n))
    i, j, s = zip(*rows, strict=True)
    return sp.csc_array(sp.coo_array((s, (i, j)), shape=(len(sums), n)))


def _whole_solution(solver: highspy.Highs, n: int) -> np.ndarray | None:
    every, whole = np.arange(n, dtype=np.int32), np.ones(n, dtype=np.uint8)
    solver.changeColsIntegrality(n, every, whole)
    solver.setOptionValue("mip_rel_gap", 0.0 if n <= _EXACT else 0.01)
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    return np.round(np.array(solver.getSolution().col_value))
