"""Estimate a population when many pairs of lists have no person in common.

An empty overlap sets the effect of its pair to minus infinity and removes its cells from the
model. The existence of every estimate is checked before use.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, special

from obs.errors import ObsError
from obs.stats.arrays import Flags, Floats, Integers
from obs.stats.lists.capture_histories import full_table
from obs.stats.lists.loglinear import PoissonFit, fit_poisson

__all__ = ["SparseEstimate", "estimate_exists", "sparse_population"]

Pair = tuple[int, int]
ENTRY = 0.02  # p-value under which a pair enters: Chan, Silverman and Vincent


@dataclass(frozen=True)
class SparseEstimate:
    """A population with limits, the pairs of dependent lists and those without overlap."""

    total: float
    low: float
    high: float
    observed: float
    pairs: tuple[Pair, ...]
    empty: tuple[Pair, ...]
    coefficients: Floats


def sparse_population(
    histories: ArrayLike,
    counts: ArrayLike,
    *,
    pairs: Sequence[Pair] | None = None,
    entry: float = ENTRY,
    confidence: float = 0.95,
) -> SparseEstimate:
    r"""Estimate a hidden population from several sparse lists.

    Log-linear model of main effects and pairs of lists. Without `pairs`, they enter one by
    one: at each step the pair whose overlap is the most surprising under the model so far
    (the smaller Poisson tail), while that tail is under `entry` and the estimate with it
    exists.

    Parameters
    ----------
    histories : array_like of shape (m, k)
        1 where on the list; a history that is not there counts 0.
    counts : array_like of shape (m,)
        Persons with each history.
    pairs : sequence of pairs of int, optional
        The dependent lists (from 0); an empty sequence for main effects alone.
    entry : float
        Tail under which a pair enters.
    confidence : float
        Between 0 and 1.

    Returns
    -------
    SparseEstimate
        Limits :math:`n + \exp(\gamma \pm z\,s_\gamma)` given the model; the choice of the
        model is not in them. `coefficients`: constant, lists, then pairs with an overlap.

    Raises
    ------
    ObsError
        As `closed_population`; pairs with which no estimate exists.

    Notes
    -----
    A sample that is on one list nearly always carries little information: compare with the
    main effects alone, and say both.

    References
    ----------
    .. [1] L. Chan, B. W. Silverman and K. Vincent, 2021, Multiple systems estimation for
       sparse capture data, JASA 116.

    Examples
    --------
    >>> lists = [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0], [0, 1, 1]]
    >>> result = sparse_population(lists, [50, 80, 40, 10, 8], pairs=[(0, 2)])
    >>> round(result.total), result.empty
    (588, ((0, 2),))
    """
    if not 0 < confidence < 1:
        raise ObsError(f"confidence {confidence} must lie between 0 and 1 (0.95, not 95)")
    table, y = full_table(histories, counts)
    chosen = _step_in(table, y, entry) if pairs is None else [_ordered(p, table) for p in pairs]
    if not _estimate_is_finite(table, y, chosen):
        raise ObsError(f"sparse_population: no estimate exists with the pairs {chosen}")
    fit, empty, _ = _fit_pairs(table, y, chosen)
    n, gamma = float(y.sum()), float(fit.coefficients[0])
    half = -special.ndtri((1 - confidence) / 2) * np.sqrt(fit.covariance[0, 0])
    return SparseEstimate(
        total=n + float(np.exp(gamma)),
        low=n + float(np.exp(gamma - half)),
        high=n + float(np.exp(gamma + half)),
        observed=n,
        pairs=tuple(chosen),
        empty=tuple(empty),
        coefficients=fit.coefficients,
    )


def estimate_exists(histories: ArrayLike, counts: ArrayLike, pairs: Sequence[Pair]) -> bool:
    """Tell whether the model with these pairs of lists has one finite estimate.

    The design must be of full rank and some table with every cell above 0 must have the
    sufficient totals seen (Fienberg and Rinaldo).

    Parameters
    ----------
    histories, counts
        As in `sparse_population`.
    pairs : sequence of pairs of int
        The dependent lists, from 0.

    Returns
    -------
    bool
        False where software would give a number that means nothing.

    Raises
    ------
    ObsError
        As `closed_population`.

    References
    ----------
    .. [1] S. E. Fienberg and A. Rinaldo, 2012, Maximum likelihood estimation in log-linear
       models, Annals of Statistics 40.

    Examples
    --------
    >>> lists = [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0], [0, 1, 1]]
    >>> estimate_exists(lists, [50, 80, 40, 10, 8], [(0, 1), (1, 2), (0, 2)])
    False
    """
    table, y = full_table(histories, counts)
    return _estimate_is_finite(table, y, [_ordered(p, table) for p in pairs])


def _step_in(table: Integers, y: Floats, entry: float) -> list[Pair]:
    chosen: list[Pair] = []
    candidates = list(combinations(range(table.shape[1]), 2))
    while len(chosen) < len(candidates):
        fit, _, kept = _fit_pairs(table, y, chosen)
        tails = [
            _overlap_tail(table, y, kept, fit.fitted, p)
            if p not in chosen and _estimate_is_finite(table, y, [*chosen, p])
            else 1.0
            for p in candidates
        ]
        best = int(np.argmin(tails))
        if tails[best] >= entry:
            break
        chosen.append(candidates[best])
    return chosen


def _overlap_tail(table: Integers, y: Floats, kept: Flags, fitted: Floats, pair: Pair) -> float:
    """Give the smaller Poisson tail of an overlap under the model so far."""
    both = _on_both(table, pair)
    seen, mean = float(y[both].sum()), float(fitted[both[kept]].sum())
    above = float(special.pdtrc(seen - 1, mean)) if seen > 0 else 1.0
    return min(float(special.pdtr(seen, mean)), above)


def _fit_pairs(
    table: Integers, y: Floats, pairs: Sequence[Pair]
) -> tuple[PoissonFit, list[Pair], Flags]:
    design, kept, empty = _design_of_pairs(table, y, pairs)
    return fit_poisson(design, y[kept]), empty, kept


def _design_of_pairs(
    table: Integers, y: Floats, pairs: Sequence[Pair]
) -> tuple[Floats, Flags, list[Pair]]:
    """Make the columns; the cells of pairs that share nobody are left out."""
    overlap = {p: _on_both(table, p) for p in pairs}
    empty = [p for p in pairs if y[overlap[p]].sum() == 0]
    kept = np.ones(len(y), dtype=bool)
    for pair in empty:
        kept &= ~overlap[pair]
    columns = [np.ones((len(y), 1)), table, *(overlap[p][:, None] for p in pairs if p not in empty)]
    return np.hstack(columns).astype(np.float64)[kept], kept, empty


def _on_both(table: Integers, pair: Pair) -> Flags:
    return np.asarray((table[:, pair[0]] == 1) & (table[:, pair[1]] == 1))


def _estimate_is_finite(table: Integers, y: Floats, pairs: Sequence[Pair]) -> bool:
    design, kept, _ = _design_of_pairs(table, y, pairs)
    n, p = design.shape
    if np.linalg.matrix_rank(design) < p:
        return False
    least = np.append(np.zeros(n), -1.0)
    totals = np.column_stack([design.T, np.zeros(p)])
    floor = np.column_stack([-np.eye(n), np.ones(n)])
    found = optimize.linprog(
        least, A_ub=floor, b_ub=np.zeros(n), A_eq=totals, b_eq=design.T @ y[kept], method="highs"
    )
    return bool(found.status == 0 and -found.fun > 1e-9)


def _ordered(pair: Pair, table: Integers) -> Pair:
    low, high = sorted(int(v) for v in pair)
    if not 0 <= low < high < table.shape[1]:
        raise ObsError(f"pairs: {low} and {high} are not two of {table.shape[1]} lists (from 0)")
    return low, high
