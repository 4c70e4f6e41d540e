"""Read a rule of successive years backwards: what a pattern of withheld years tells by itself.

The rule is in `obs.disclosure.sensitive.successive_years`.
"""

from __future__ import annotations

from itertools import product

import numpy as np
import numpy.typing as npt

from obs.disclosure.feasible.linear_system import Flags, Floats
from obs.disclosure.sensitive.successive_years import judge_series

__all__ = ["read_pattern"]

_ZERO, _SMALL, _LARGE = 0, 1, 2
State = tuple[int, ...]


def read_pattern(
    shown: npt.ArrayLike, *, threshold: int, years: int
) -> tuple[Floats, Floats, Flags]:
    """Read the rule backwards: what a pattern of withheld years tells by itself.

    Each count is 0, small (1 to threshold - 1) or at least the threshold; all sequences of
    these that the rule would show as they are shown are counted in.

    Returns `low, high`: what each count can be; `high` is infinite where there is no limit;
    `explained`: whether the rule can have made this pattern at all; where it cannot, `low` and
    `high` are NaN. Raises `DisclosureError` as `judge_series`.

    Examples
    --------
    Withheld for three years between zeros: one small count, then two zeros.

    >>> import numpy as np
    >>> from tests.disclosure.sensitive.suppression_pattern import read_pattern
    >>> nan = np.nan
    >>> low, high, explained = read_pattern([[0, 0, 0, nan, nan, nan, 0]], threshold=5, years=3)
    >>> low[0, 3:6].tolist(), high[0, 3:6].tolist()
    ([1.0, 0.0, 0.0], [inf, 0.0, 0.0])
    """
    values = np.asarray(shown, dtype=float)
    judge_series(values, threshold=threshold, years=years)
    seen = np.select(
        [np.isnan(values), values == 0, values < threshold], [-1, _ZERO, _SMALL], _LARGE
    )
    patterns, place = np.unique(seen, axis=0, return_inverse=True)
    possible = np.stack([_possible_classes(tuple(map(int, p)), years) for p in patterns])[
        place.ravel()
    ]
    explained: Flags = np.all(possible.any(axis=2), axis=1)
    least, most = np.array([0.0, 1.0, threshold]), np.array([0.0, threshold - 1.0, np.inf])
    low = np.where(possible, least, np.inf).min(axis=2)
    high = np.where(possible, most, -np.inf).max(axis=2)
    known = ~np.isnan(values)
    low, high = np.where(known, values, low), np.where(known, values, high)
    low[~explained], high[~explained] = np.nan, np.nan
    return low, high, explained


def _possible_classes(pattern: tuple[int, ...], years: int) -> Flags:
    """Find the classes each year may have; none anywhere if no sequence makes the pattern."""
    n = len(pattern)
    found = np.zeros((n, 3), dtype=bool)
    if n < years:
        found[:] = all(c < 0 for c in pattern)
        return found
    first = [
        state
        for state in product((_ZERO, _SMALL, _LARGE), repeat=years)
        if all(_fits_pattern(pattern[y], state[y], state) for y in range(years))
    ]
    ahead = [set(first)]
    for y in range(years, n):
        ahead.append({s for last in ahead[-1] for s in _next_class(last, pattern[y])})
    kept = ahead[-1]
    for y in range(n - 1, years - 1, -1):
        for state in kept:
            found[y, state[-1]] = True
        kept = {s for s in ahead[y - years] if kept & set(_next_class(s, pattern[y]))}
    for state in kept:
        found[np.arange(years), state] = True
    return found


def _next_class(last: State, seen: int) -> list[State]:
    steps = [(*last[1:], c) for c in (_ZERO, _SMALL, _LARGE)]
    return [s for s in steps if _fits_pattern(seen, s[-1], s)]


def _fits_pattern(seen: int, own: int, span: State) -> bool:
    """Tell whether a year of this class, in this span, would be shown as it is seen."""
    holds = len(set(span)) == 1 and span[0] != _SMALL
    return own == seen if holds else seen < 0
