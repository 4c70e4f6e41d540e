"""Apply the primary rules for sums of amounts, such as losses of businesses.

Microdata stay inside. A table carries only the number of contributors of each sum and the shares
of the two largest, and `release` removes them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from obs.disclosure.sensitive.rules import Rule
from obs.errors import DisclosureError

__all__ = [
    "Contributions",
    "protection_level",
    "judge_contributions",
    "judge_sum",
    "read_contributions",
]

_ALMOST = 1e-9  # another is equivalent: what adding two shares may be off by is a millionth of it


@dataclass(frozen=True)
class Contributions:
    """What is known of those who make up a sum.

    Attributes
    ----------
    total : float
        The sum.
    contributors : int
        How many of them have an amount above 0.
    largest : tuple of float
        The largest amounts, largest first; NaN where it is not known.
    """

    total: float
    contributors: int
    largest: tuple[float, ...]


def judge_sum(amounts: Sequence[float], *, rule: Rule) -> str:
    """Say why a sum of amounts may not be shown, from the amounts of its contributors.

    With amounts x1 >= x2 >= ... and their sum X: too few contributors; (n, k) dominance,
    x1 + ... + xn > k X; p %, X - x1 - x2 < p x1, so that the second could estimate the
    first within p.

    Returns the reason, or "" if the sum may be shown. Raises `DisclosureError` if an amount is
    missing or negative: its contributors cannot be ranked.

    Examples
    --------
    >>> from obs.disclosure.sensitive.dominance import judge_sum
    >>> from obs.disclosure.sensitive.rules import get_rule
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
    count = int((values > 0).sum())
    return judge_contributions(Contributions(float(values.sum()), count, tuple(values)), rule=rule)


def judge_contributions(given: Contributions, *, rule: Rule) -> str:
    """Say why a sum of amounts may not be shown, from its largest contributions.

    Returns the reason, or "" if the sum may be shown. Raises `DisclosureError` if the rule needs
    a contribution that is not known.

    Examples
    --------
    >>> from obs.disclosure.sensitive.dominance import Contributions, judge_contributions
    >>> from obs.disclosure.sensitive.rules import get_rule
    >>> judge_contributions(Contributions(100.0, 2, (60.0, 40.0)), rule=get_rule("business"))
    'fewer than 3 contributors'
    """
    if given.contributors == 0:
        return ""
    if given.contributors < rule.min_contributors:
        return f"fewer than {rule.min_contributors} contributors"
    n, share = rule.dominance
    if n and _sum_of_top(given, n) > share * given.total:
        return "one contributor dominates" if n == 1 else f"{n} contributors dominate"
    if rule.p_percent and _slack(given, rule) > 0:
        return f"the largest contributor can be estimated within {rule.p_percent:.0%}"
    return ""


def protection_level(given: Contributions, *, rule: Rule) -> float:
    """Give how far a withheld sum must be able to move each way, in its own unit.

    The largest of: the margin m X; (x1 + ... + xn) / k - X, where the sum would no longer
    be dominated; p x1 - (X - x1 - x2), where the largest could no longer be estimated
    within p.

    Returns a number at least 1, since a sum that cannot move is known.

    Examples
    --------
    900 of 1000 against k = 0.85: the sum must be able to be 1058.8.

    >>> from obs.disclosure.sensitive.dominance import Contributions, protection_level
    >>> from obs.disclosure.sensitive.rules import Rule
    >>> rule = Rule("nk", dominance=(1, 0.85))
    >>> round(protection_level(Contributions(1000.0, 4, (900.0, 40.0)), rule=rule), 1)
    58.8

    References
    ----------
    Hundepool et al. (2012), Statistical Disclosure Control, Wiley, section 4.2.2: upper
    protection levels.
    """
    levels = [1.0, rule.margin * given.total]
    n, share = rule.dominance
    if n:
        levels.append(_sum_of_top(given, n) / share - given.total)
    if rule.p_percent:
        levels.append(_slack(given, rule))
    return float(np.nanmax(levels))


def read_contributions(frame: pd.DataFrame, *, name: str) -> list[Contributions | None]:
    """Read the columns `contributors`, `largest_share` and `second_share` of a table.

    Returns one per row; None where the number of contributors is not known. Raises
    `DisclosureError` if shares are no shares, or the second is above the largest.
    """
    if "contributors" not in frame:
        return [None] * len(frame)
    first, second = (_read_shares(frame, c) for c in ("largest_share", "second_share"))
    total = frame["numerator"].fillna(1).to_numpy(dtype=float)
    count = frame["contributors"].to_numpy(dtype=float, na_value=np.nan)
    first = np.where(count == 1, 1.0, first)  # a single contributor is the sum
    second = np.where(count == 1, 0.0, second)
    with np.errstate(invalid="ignore"):
        wrong = (first < 0) | (second < 0) | (first + second > 1 + _ALMOST) | (second > first)
        wrong |= (count == 0) & (total > 0) & frame["numerator"].notna().to_numpy()
    if wrong.any():
        rows = ", ".join(map(str, np.flatnonzero(wrong)[:5]))
        raise DisclosureError(
            f"table '{name}': {int(wrong.sum())} row(s) (first: {rows}) have contributions that "
            "cannot be: largest_share and second_share are shares of the sum, from 0 to 1, the "
            "second no larger, 1 at most together; a sum without contributors is 0."
        )
    return [
        None if np.isnan(c) else Contributions(float(t), int(c), (float(f * t), float(s * t)))
        for t, c, f, s in zip(total, count, first, second, strict=True)
    ]


def _read_shares(frame: pd.DataFrame, column: str) -> np.ndarray:
    if column not in frame:
        return np.full(len(frame), np.nan)
    return frame[column].to_numpy(dtype=float, na_value=np.nan)


def _sum_of_top(given: Contributions, n: int) -> float:
    """Sum the n largest; those that a sum does not have are 0."""
    return _sum_largest(given, n, f"the dominance rule with n = {n}")


def _slack(given: Contributions, rule: Rule) -> float:
    """Give by how much the rest of a sum falls short of hiding the largest: p x1 - rest."""
    both = _sum_largest(given, 2, "the p % rule")
    return rule.p_percent * given.largest[0] - (given.total - both)


def _sum_largest(given: Contributions, n: int, need: str) -> float:
    """Sum the n largest amounts, refusing where one that exists is not known."""
    known_amounts = given.largest[:n]
    if len(known_amounts) < min(n, given.contributors) or any(np.isnan(x) for x in known_amounts):
        raise DisclosureError(
            f"{need} needs the {n} largest contribution(s) of each sum, which are not known. "
            "Give the columns contributors, largest_share and second_share; a rule with n above "
            "2 cannot be judged from them."
        )
    return float(sum(known_amounts))
