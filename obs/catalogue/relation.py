"""Define what an indicator's catalogue entry declares of its relations to other counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from obs.declare import OneOf, Table, Text

__all__ = ["ADDITIVE", "RELATION_KINDS", "DeclaredRelation"]

ADDITIVE = ("area", "time", "offence")
RELATION_KINDS = ("at_most", "stock", "union", "complement", "made_of", "apart")


@dataclass(frozen=True, eq=False)
class DeclaredRelation(Table):
    """One relation between the counts of an indicator and others, as every reader may know it.

    Attributes
    ----------
    kind : str
        "at_most": at the same place, period and breakdown the count is at most that of the
        indicator in `of`. "stock": the count at the end of a period is the one before, plus
        the counts in `of`, less those in `less`, plus entries that no indicator counts.
        "union": over the ways in `over` one thing may count in several parts and counts once
        in the whole. "complement": the share and that in `of` add up to one. "made_of": the
        value is computed from the counts in `of`. "apart": both may count the same thing, and
        neither bounds the other.
    of : tuple of str
        The other indicators.
    less : tuple of str
        For a stock, the indicators that count what leaves it.
    over : tuple of str
        For a union, any of "area", "time", "offence".
    because : str
        The counting rule that makes it hold.
    """

    kind: Annotated[str, OneOf(RELATION_KINDS)]
    because: Text
    of: tuple[Text, ...] = ()
    less: tuple[Text, ...] = ()
    over: tuple[Annotated[str, OneOf(ADDITIVE)], ...] = ()
