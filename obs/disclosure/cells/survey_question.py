"""Read from the catalogue which answers a survey indicator shares out, and over whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Question", "question_of"]

_OF_QUESTION = ("answer", "motive", "offence", "phenomenon")  # codes of answers, not of persons


@dataclass(frozen=True)
class Question:
    """What respondents were asked, and how their answers make shares.

    Attributes
    ----------
    name : str
        Questionnaires and question: indicators of one name read the same answers.
    answers : tuple of str
        Every answer; each respondent of the base gives one. Empty where it is not declared.
    shares : tuple of (str, tuple of str)
        Code of the breakdown "answer" and the answers that it joins.
    within : tuple of str
        Breakdowns that come from the question, so that a respondent may be in several codes.
    any_item : str
        The breakdown of which the total is the share that has at least one item.
    made_of : tuple of str
        Indicators of which the value is computed.
    """

    name: str
    answers: tuple[str, ...] = ()
    shares: tuple[tuple[str, tuple[str, ...]], ...] = ()
    within: tuple[str, ...] = _OF_QUESTION
    any_item: str = ""
    made_of: tuple[str, ...] = ()

    def joined(self, marks: Mapping[str, str]) -> tuple[str, ...]:
        """Give the answers that a row with these breakdowns joins."""
        shares = dict(self.shares)
        if len(shares) == 1:
            return next(iter(shares.values()))
        code = marks.get("answer", "all")
        return shares.get(code, (code,))


def question_of(name: str, entry: Any) -> Question:
    """Describe the question of an entry, as far as it declares one.

    Examples
    --------
    >>> from obs.catalogue import get_indicator
    >>> found = question_of("business_reporting", get_indicator("business_reporting"))
    >>> found.name, found.joined({"answer": "reported"})
    ('business_2021 reported', ('always', 'sometimes'))
    """
    asked = getattr(entry, "asked", None)
    made = tuple(
        other
        for relation in getattr(entry, "relation", ())
        if relation.kind == "made_of"
        for other in relation.of
    )
    if asked is None:
        return Question(name, made_of=made)
    return Question(
        name=f"{' '.join(asked.questionnaires)} {asked.question}",
        answers=tuple(asked.answers),
        shares=tuple((code, tuple(joined)) for code, joined in asked.shares.items()),
        within=tuple(asked.within),
        any_item=asked.by_item if asked.any_item else "",
        made_of=made,
    )
