"""Choose which horizons and which states of one cohort can be shown.

A curve tells, between two horizons, how many cases ended in each way: each such step is a count
under the rule. Horizons are left out until the steps of all cases are large enough; states with a
small step are withheld with others, so that what is left over of them together is no narrower
than the rule's interval.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from obs.disclosure.sensitive.rules import Rule

__all__ = ["Cohort", "Shown", "choose_shown"]

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Cohort:
    """One cohort at its horizons, earliest first.

    Attributes
    ----------
    size : int
        Cases of the cohort.
    at_risk : ndarray of shape (n_horizons,)
        Cases followed, and open, until the day of the horizon.
    censored : ndarray of shape (n_horizons,)
        Cases that were open when last seen before it.
    ended : ndarray of shape (n_states, n_horizons)
        Cases that ended in each way up to it.
    reached : ndarray of shape (n_horizons,)
        Whether the horizon was reached at all.
    days : ndarray of shape (n_horizons,)
        The horizons.
    before : mapping
        State to the counts of other horizons (days, cases ended) that an earlier edition showed.
    """

    size: int
    days: Integers
    at_risk: Integers
    censored: Integers
    ended: Integers
    reached: npt.NDArray[np.bool_]
    before: Mapping[int, Sequence[tuple[int, int]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Shown:
    """What of a cohort can be shown: places of horizons and of states."""

    horizons: tuple[int, ...]
    states: tuple[int, ...]


def choose_shown(cohort: Cohort, rule: Rule) -> Shown:
    """Choose the horizons and the states of a cohort that can be shown together.

    Returns none where the cohort is smaller than the rule's least base. At each horizon that is
    kept at least so many are still followed.
    """
    followed = cohort.reached & (cohort.at_risk >= rule.min_base)
    horizons = [int(j) for j in np.flatnonzero(followed)] if cohort.size >= rule.min_base else []
    horizons = _spaced(cohort, horizons, rule)
    everyone = list(range(len(cohort.ended)))
    while horizons:
        hidden = _hidden_states(cohort, horizons, rule)
        narrow = _narrow(_steps(cohort.ended[hidden].sum(axis=0), horizons), rule.cover)
        if not hidden or not narrow:
            return Shown(tuple(horizons), tuple(k for k in everyone if k not in hidden))
        horizons = horizons[: narrow[0]] + horizons[narrow[0] + 1 :]
    return Shown((), ())


def _spaced(cohort: Cohort, horizons: Sequence[int], rule: Rule) -> list[int]:
    """Leave out each horizon whose steps, of all that ended or were lost to sight, are small."""
    kept: list[int] = []
    for j in horizons:
        steps = [_steps(c, [*kept, j])[-1] for c in (cohort.ended.sum(axis=0), cohort.censored)]
        if not any(0 < step < rule.threshold for step in steps):
            kept.append(j)
    return kept


def _hidden_states(cohort: Cohort, horizons: Sequence[int], rule: Rule) -> list[int]:
    """Choose the states to withhold: those with a small step, and others to hide them among."""
    small = [k for k in range(len(cohort.ended)) if _has_small_step(cohort, k, horizons, rule)]
    others = [k for k in range(len(cohort.ended)) if k not in small]
    others.sort(key=lambda k: (cohort.ended[k, horizons[-1]], k))
    hidden = list(small)
    while hidden and others:
        joint = _steps(cohort.ended[hidden].sum(axis=0), horizons)
        if len(hidden) > 1 and not _narrow(joint, rule.cover):
            break
        hidden.append(others.pop(0))
    return sorted(hidden)


def _has_small_step(cohort: Cohort, state: int, horizons: Sequence[int], rule: Rule) -> bool:
    """Tell whether a state has a small step, beside what an earlier edition showed of it too."""
    points = [(int(cohort.days[j]), int(cohort.ended[state, j])) for j in horizons]
    own = {days for days, _ in points}
    points += [p for p in cohort.before.get(state, ()) if p[0] not in own]
    counts = [0, *(count for _, count in sorted(points))]
    return any(0 < abs(step) < rule.threshold for step in np.diff(counts))


def _steps(counts: Integers, horizons: Sequence[int]) -> list[int]:
    """Give what is added from one horizon to the next, from 0 on."""
    return [int(step) for step in np.diff([0, *(int(counts[j]) for j in horizons)])]


def _narrow(steps: Sequence[int], cover: int) -> list[int]:
    """Find the steps that are too small for the counts in them to stay open."""
    return [i for i, step in enumerate(steps) if 0 < step < cover]
