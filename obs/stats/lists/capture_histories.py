"""Build capture histories: which lists each person is on, and which pairs of lists may depend."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import numpy as np
from numpy.typing import ArrayLike

from obs.errors import ObsError
from obs.stats.arrays import Floats, Integers

__all__ = ["full_table", "list_terms"]


def list_terms(*groups: Sequence[int]) -> list[tuple[int, ...]]:
    """Give all terms of a hierarchical model from its largest groups of dependent lists.

    Parameters
    ----------
    *groups : sequence of int
        Lists (from 0) that depend on one another; a list alone is a group of one.

    Returns
    -------
    list of tuple of int
        The groups and all their parts, for `closed_population(terms=...)`.

    Examples
    --------
    >>> list_terms((0, 1), (2,))
    [(0,), (1,), (2,), (0, 1)]
    """
    parts = chain.from_iterable(_subsets_of(sorted(set(g))) for g in groups)
    return sorted(set(parts), key=lambda t: (len(t), t))


def full_table(histories: ArrayLike, counts: ArrayLike) -> tuple[Integers, Floats]:
    """List every history but the empty one, the most lists first, with its count.

    Returns `lists`: 1 where on the list; `counts`: 0 for a history that was not given. Raises
    `ObsError` for fewer than two lists, histories that are not 0 and 1 or empty, bad counts.

    Examples
    --------
    >>> lists, counts = full_table([[1, 0], [0, 1]], [5, 7])
    >>> lists.tolist(), counts.tolist()
    ([[1, 1], [1, 0], [0, 1]], [0.0, 5.0, 7.0])
    """
    given, number = np.asarray(histories), np.asarray(counts, dtype=np.float64)
    if given.ndim != 2 or given.shape[1] < 2 or not np.isin(given, (0, 1)).all():
        raise ObsError("histories: one row per history, one column of 0 and 1 per list, two lists")
    if number.shape != (len(given),) or not np.all(number >= 0) or not 0 < number.sum() < np.inf:
        raise ObsError("counts: one per history, known, finite, at least 0, not all 0")
    if np.any(given.sum(axis=1) == 0):
        raise ObsError("histories: those on no list are what is sought; leave the row out")
    k = given.shape[1]
    codes = given.astype(np.int64) @ (1 << np.arange(k)[::-1])
    y = np.bincount(codes, weights=number, minlength=1 << k)[:0:-1]
    lists = (np.arange((1 << k) - 1, 0, -1)[:, None] >> np.arange(k)[::-1]) & 1
    return lists, np.asarray(y)


def _subsets_of(group: list[int]) -> list[tuple[int, ...]]:
    return [
        tuple(v for b, v in enumerate(group) if code >> b & 1) for code in range(1, 1 << len(group))
    ]
