"""Describe a contradiction within a document: the two places, the computation, how sure it is."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["HIGH", "POSSIBLE", "Contradiction", "number"]

HIGH, POSSIBLE = "high", "possible"


@dataclass(frozen=True)
class Contradiction:
    """Two things that a document says and that cannot both be.

    Attributes
    ----------
    rule : str
        As "sum_in_brackets".
    place, said : str
        Where the first stands, and the number as written there.
    other_place, other : str
        The second.
    computation : str
        As "615 / 438 = +40.4 %".
    confidence : str
        "high", or "possible" where the two may speak of different things.
    """

    rule: str
    place: str
    said: str
    other_place: str
    other: str
    computation: str
    confidence: str


def number(value: float) -> str:
    """Write a number plainly, with at most one decimal.

    Examples
    --------
    >>> number(1657.0), number(40.41)
    ('1657', '40.4')
    """
    return f"{value:.0f}" if value == round(value) else f"{value:.1f}"
