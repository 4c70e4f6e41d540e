"""Define the disclosure rules that an indicator may name; an unknown rule is refused.

A rule says which cells are sensitive, and which interval a reader must not be able to narrow.
Thresholds and their sources are in docs/disclosure.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache, reduce

from obs.errors import DisclosureError

__all__ = ["RULES", "SENSITIVE_MARKS", "Rule", "get_rule", "rule_of", "strictest"]


@dataclass(frozen=True)
class Rule:
    """What makes a cell sensitive, and how much doubt must remain about it.

    Attributes
    ----------
    name : str
        The name that the catalogue and `release` use.
    threshold : int
        A count from 1 to `threshold - 1` is not shown.
    cover : int
        The interval that an attacker computes for a withheld count must reach at least
        this figure, and start no higher than 1 (0 where zeros are protected).
    protect_zeros : bool
        Whether a zero is withheld as well, because it is information (group disclosure).
    min_base : int
        A survey estimate on fewer respondents is not shown.
    min_contributors : int
        A sum (losses, turnover) of fewer contributors is not shown; 0 = no such rule.
    dominance : tuple of (int, float)
        (n, k): a sum of which the n largest make over the share k is not shown; (0, 0) = none.
    p_percent : float
        A sum is not shown if its second largest contributor could estimate the largest
        within this share; 0 = none.
    margin : float
        Share of a withheld sum by which an attacker must find it may be more, or less.
    successive : int
        A yearly count is shown only if it is at least `threshold`, or 0, in each of so many
        years that end with its own (`judge_series`); 0 = no such rule.
    """

    name: str
    threshold: int = 5
    cover: int = 10
    protect_zeros: bool = False
    min_base: int = 20
    min_contributors: int = 0
    dominance: tuple[int, float] = (0, 0.0)
    p_percent: float = 0.0
    margin: float = 0.0
    successive: int = 0

    @property
    def judges_contributors(self) -> bool:
        """Whether it needs to know who makes up a sum."""
        return bool(self.min_contributors or self.dominance[0] or self.p_percent)

    @property
    def floor(self) -> int:
        """The least a reader knows a withheld count to be: 1 where all zeros are shown."""
        return 0 if self.protect_zeros or self.successive else 1


RULES = {
    r.name: r
    for r in (
        Rule("default"),
        Rule("sensitive", threshold=10, cover=20),
        Rule("group", threshold=5, cover=10, protect_zeros=True),
        Rule(
            "business",
            threshold=3,
            cover=6,
            min_contributors=3,
            dominance=(1, 0.85),
            p_percent=0.10,
            margin=0.10,
        ),
        Rule("successive", threshold=5, cover=10, successive=3),
    )
}


# breakdown codes that call for the rule "sensitive" whatever the indicator
SENSITIVE_MARKS = frozenset(
    {
        ("form", "sexual"),
        *(
            (f"{who}_age_band", a)
            for who in ("victim", "suspect")
            for a in ("minor", "0-11", "12-17")
        ),
        ("phenomenon", "sexual_violence"),
        ("phenomenon", "rape"),
        ("phenomenon", "indecent_assault"),
    }
)


def get_rule(name: str) -> Rule:
    """Give a rule by name.

    Parameters
    ----------
    name : str
        One of `RULES`.

    Returns
    -------
    Rule
        The rule.

    Raises
    ------
    DisclosureError
        If there is no such rule: nothing is released under a rule nobody wrote.

    Examples
    --------
    >>> from obs.disclosure.sensitive.rules import get_rule
    >>> get_rule("sensitive").threshold
    10
    """
    if name not in RULES:
        raise DisclosureError(
            f"Unknown disclosure rule '{name}'. Rules: {', '.join(sorted(RULES))}. "
            "Name one of them in the catalogue or in release(rule=...)."
        )
    return RULES[name]


def strictest(names: Iterable[str]) -> Rule:
    """Combine several rules into one at least as strict as each.

    The result has the highest threshold and cover, protects zeros if any rule does, and so on; it
    is named after the rule with the highest threshold. Raises `DisclosureError` if a name is
    unknown.

    Examples
    --------
    >>> from obs.disclosure.sensitive.rules import strictest
    >>> strictest(["default", "sensitive"]).name
    'sensitive'
    """
    return reduce(_stricter, (get_rule(n) for n in names))


@cache
def rule_of(breakdowns: tuple[tuple[str, str], ...], rule: Rule) -> Rule:
    """Give the rule of a cell: that of its indicator, stricter for sexual violence and minors.

    Returns one at least as strict.

    Examples
    --------
    >>> from obs.disclosure.sensitive.rules import get_rule, rule_of
    >>> rule_of((("form", "sexual"),), get_rule("default")).threshold
    10
    """
    called = any(
        all((column, code) in SENSITIVE_MARKS for code in codes.split("|"))
        for column, codes in breakdowns
    )
    return _stricter(rule, RULES["sensitive"]) if called else rule


def _stricter(first: Rule, second: Rule) -> Rule:
    rules = sorted((first, second), key=lambda r: (r.threshold, r.protect_zeros))
    ks = [r.dominance for r in rules if r.dominance[0]]
    return replace(
        rules[-1],
        cover=max(r.cover for r in rules),
        protect_zeros=any(r.protect_zeros for r in rules),
        min_base=max(r.min_base for r in rules),
        min_contributors=max(r.min_contributors for r in rules),
        dominance=min(ks, key=lambda d: d[1]) if ks else (0, 0.0),
        p_percent=max(r.p_percent for r in rules),
        margin=max(r.margin for r in rules),
        successive=max(r.successive for r in rules),
    )
