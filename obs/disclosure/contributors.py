"""Primary rules for sums of amounts (losses of businesses): who contributes how much."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from obs.disclosure.rules import Rule
from obs.disclosure.system import Flags
from obs.errors import DisclosureError

__all__ = ["find_group_disclosure", "judge_sum"]


def judge_sum(amounts: Sequence[float], *, rule: Rule) -> str:
    """Say why a sum of amounts may not be shown, from the amounts of its contributors.

    With amounts x1 >= x2 >= ... and their sum X: too few contributors; (n, k) dominance,
    x1 + ... + xn > k X; p %, X - x1 - x2 < p x1, so that the second could estimate the
    first within p.

    Parameters
    ----------
    amounts : sequence of float
        One per contributor, at least 0.
    rule : Rule
        With `min_contributors`, `dominance` and `p_percent`.

    Returns
    -------
    str
        The reason, or "" if the sum may be shown.

    Raises
    ------
    DisclosureError
        If an amount is missing or negative: its contributors cannot be ranked.

    Examples
    --------
    >>> from obs.disclosure.contributors import judge_sum
    >>> from obs.disclosure.rules import get_rule
    >>> judge_sum([900, 40, 30, 30], rule=get_rule("business"))
    'one contributor dominates'
    >>> judge_sum([50, 40, 30], rule=get_rule("business"))
    ''

    References
    ----------
    Hundepool et al. (2012), Statistical Disclosure Control, Wiley, chapter 4.
    """
    values = np.sort(np.asarray(amounts, dtype=float))[::-1]
    if np.isnan(values).any() or (values < 0).any():
        raise DisclosureError("amounts must be known and not negative to judge their sum.")
    total, contributors = values.sum(), int((values > 0).sum())
    if contributors == 0:
        return ""
    if contributors < rule.min_contributors:
        return f"fewer than {rule.min_contributors} contributors"
    n, share = rule.dominance
    if n and values[:n].sum() > share * total:
        return "one contributor dominates" if n == 1 else f"{n} contributors dominate"
    if rule.p_percent and total - values[:2].sum() < rule.p_percent * values[0]:
        return f"the largest contributor can be estimated within {rule.p_percent:.0%}"
    return ""


def find_group_disclosure(counts: Sequence[int], *, threshold: int) -> Flags:
    """Find where a whole group falls in one category: everybody's answer is then known.

    Parameters
    ----------
    counts : sequence of int
        The counts of a group (a commune), by category.
    threshold : int
        A group smaller than this is withheld as small anyway.

    Returns
    -------
    ndarray of shape (n_categories,)
        True at the category that holds the whole group.

    Examples
    --------
    >>> from obs.disclosure.contributors import find_group_disclosure
    >>> find_group_disclosure([0, 12, 0], threshold=5).tolist()
    [False, True, False]
    """
    values = np.asarray(counts)
    total = values.sum()
    return np.asarray((values == total) & (total >= threshold) & (len(values) > 1))
