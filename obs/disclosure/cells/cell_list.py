"""List every count behind the tables as cells.

A cell is a counting definition, a territory, a period and the breakdowns other than "all". A
count that several tables show, as a number, a rate or a figure per day, is one cell.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pandas as pd

from obs.disclosure.cells.survey_question import Question
from obs.disclosure.sensitive.dominance import Contributions
from obs.disclosure.sensitive.rules import Rule, rule_of
from obs.errors import DisclosureError
from obs.schemas import BREAKDOWNS

__all__ = [
    "Cell",
    "Cells",
    "Estimate",
    "Key",
    "breakdown_text",
    "describe",
    "is_count",
    "is_unpublished",
]


class Key(NamedTuple):
    """What makes a cell: counting definition, territory, period, breakdowns not "all"."""

    measure: str
    territory: str
    period: str
    breakdowns: tuple[tuple[str, str], ...] = ()


@dataclass
class Cell:
    """One count: its value if known, who may see it, what must stay unknown of it."""

    key: Key
    value: float = float("nan")
    rule: Rule | None = None
    published: bool = False  # asked to be shown in a table
    source: bool = False  # withheld by the supplier
    reason: str = ""  # why it is sensitive; empty when it is not
    edition: str = ""  # where it was published before, if it was
    before: float = float("nan")  # what was published there
    recalled: bool = False  # its value is, or follows from, one published before, not today's
    inner: bool = True  # takes part in sums (a survey estimate does not)
    series: bool = False  # not sensitive itself, but withheld with the years around it
    contributions: Contributions | None = None  # who makes it up, for a sum of amounts
    doubt: float = 0.0  # how far such a sum must be able to move, if it is sensitive
    judged: bool = True  # by its size; not what an inequality leaves open, which counts nobody

    @property
    def revised(self) -> bool:
        """Whether it was published before with another value than today's."""
        return bool(self.edition) and not np.isnan(self.value) and self.value != self.before


@dataclass(frozen=True)
class Estimate:
    """One row of a survey, as cells.

    Attributes
    ----------
    indicator, question : str, Question
        What it estimates, and what was asked.
    base, answered : Key
        Who was asked, and the respondents who gave its answers (a mean: what they sum to).
    joined : tuple of str
        The answers that it joins; empty for a mean.
    weight : float
        The respondents, weighted if the row's denominator is.
    """

    indicator: str
    question: Question
    base: Key
    answered: Key
    joined: tuple[str, ...]
    weight: float


@dataclass
class Cells:
    """All cells, and for each row of each table the cells that it shows.

    Attributes
    ----------
    of_key : dict
        Key to `Cell`, in order of first appearance.
    rows : dict
        Table name to, for each row, the keys of the counts the row reveals.
    shares : dict
        Part to whole, for each share.
    amounts : set of str
        Measures that are sums of amounts: judged by who makes them up, not by their size.
    estimates : dict
        For each row of a survey, its key and the respondents behind it.
    """

    of_key: dict[Key, Cell] = field(default_factory=dict)
    rows: dict[str, list[tuple[Key, ...]]] = field(default_factory=dict)
    shares: dict[Key, Key] = field(default_factory=dict)
    amounts: set[str] = field(default_factory=set)
    estimates: dict[Key, Estimate] = field(default_factory=dict)

    def find_or_add(self, key: Key, value: float, rule: Rule) -> Cell:
        """Find or make a cell; refuse two different figures for one count."""
        rule = rule_of(key.breakdowns, rule)
        cell = self.of_key.get(key)
        if cell is None:
            cell = self.of_key[key] = Cell(key, value, rule)
            return cell
        if not np.isnan(value):
            if not np.isnan(cell.value) and cell.value != value:
                raise DisclosureError(
                    f"two tables give different counts for {describe(key)}. "
                    "One release must come from one state of the data."
                )
            cell.value = value
        if cell.rule is None or rule.threshold > cell.rule.threshold:
            cell.rule = rule
        return cell

    def add_slack(self, key: Key, value: float, rule: Rule) -> None:
        """Add what an inequality leaves open: no table shows it, and it counts nobody."""
        self.of_key.setdefault(key, Cell(key, value, rule, judged=False))


def is_unpublished(key: Key) -> bool:
    """Tell whether a cell is what a relation leaves over, which no table can show."""
    return "/rest " in key.measure or "/slack " in key.measure


def is_count(key: Key) -> bool:
    """Tell whether a cell is a count that a table can show, and no number of respondents."""
    return not is_unpublished(key) and not key.measure.startswith(("base of ", "answers "))


def describe(key: Key) -> str:
    """Name a cell in a message, without its value."""
    parts = " ".join(f"{c}={v}" for c, v in key.breakdowns)
    return f"{key.measure} of {key.territory} in {key.period}{' ' + parts if parts else ''}"


def breakdown_text(frame: pd.DataFrame) -> pd.Series:
    """Write the breakdowns of each row as text, "form=sexual relation=couple"."""
    text = pd.Series("", index=frame.index, dtype="str")
    for column in (c for c in BREAKDOWNS if c in frame.columns):
        text = text + column + "=" + frame[column].astype("str").fillna("") + " "
    return text.str.strip()
