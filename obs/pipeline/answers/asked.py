"""Read what is asked: the question, its indicator, places, periods and language; refuse what cannot be."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pandas as pd

from obs.catalogue import get_indicator
from obs.clean.read.personal_data import personal_kind
from obs.declare.plain_texts import label_fault
from obs.errors import ObsError
from obs.reference import Observatory, Territory, match_territory
from obs.reference.place_names import normalise_name
from obs.report.answer.answer_table import need_room
from obs.report.documents import find_contradictions
from obs.report.documents.contradiction import HIGH
from obs.report.documents.passages import Passage

__all__ = ["PERIODS", "Asked", "asked_of", "read_periods"]

PERIODS = {"M": "month", "Q": "quarter", "Y": "year"}  # frequencies, the finest first
_LONGEST = 600  # characters of a question: the page has a table to show beside it
_ONE = {
    "Y": re.compile(r"\d{4}"),
    "Q": re.compile(r"\d{4}-?Q[1-4]"),
    "M": re.compile(r"\d{4}-(0[1-9]|1[0-2])"),
}
_YEARS = re.compile(r"(\d{4})[-\N{EN DASH}](\d{4})")


@dataclass(frozen=True)
class Asked:
    """What is asked, and the options with which it was.

    Attributes
    ----------
    question, indicator, lang : str
        The question as it was put, the indicator that answers it, the language of both.
    places : tuple of str
        Codes.
    first, last : Period
        Both included.
    options : mapping
        Further options of the command, for the commands that are proposed.
    """

    question: str
    indicator: str
    places: tuple[str, ...]
    first: pd.Period
    last: pd.Period
    lang: str
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def freq(self) -> str:
        """Frequency of its periods: M, Q or Y."""
        return str(self.first.freqstr)[0]

    @property
    def periods(self) -> list[str]:
        """Its periods, in order, as a released table writes them."""
        return [str(p) for p in pd.period_range(self.first, self.last)]

    @property
    def span(self) -> str:
        """Its periods as the command takes them."""
        first, last = (str(p).replace("Q", "-Q") for p in (self.first, self.last))
        return first if first == last else f"{first}..{last}"

    @property
    def command(self) -> str:
        """The command that asks this."""
        given = {
            "indicator": self.indicator,
            "places": ",".join(self.places),
            "period": self.span,
            "lang": self.lang,
            **self.options,
        }
        words = [word for name, value in given.items() for word in (f"--{name}", value)]
        return shlex.join(["obs", "answer", self.question, *words])

    def in_periods(self, freq: str) -> Asked:
        """Give the same over longer periods, those that hold its own."""
        return replace(self, first=self.first.asfreq(freq), last=self.last.asfreq(freq))

    def at(self, places: Sequence[str]) -> Asked:
        """Give the same of other places."""
        return replace(self, places=tuple(dict.fromkeys(places)))


def asked_of(
    observatory: Observatory,
    territory: Territory,
    *,
    question: str,
    indicator: str,
    places: Sequence[str],
    period: str,
    lang: str,
    options: Mapping[str, str] | None = None,
) -> Asked:
    """Read what is asked.

    `places` are names or codes, or words for a level ("communes"); `period` is as `read_periods`
    reads it. Raises `ObsError` with what cannot be published as a question, `CatalogueError` for an
    unknown indicator, `CodeError` for an unknown or ambiguous place.
    """
    if lang not in observatory.languages:
        raise ObsError(
            f"language '{lang[:20]}' is none of {', '.join(observatory.languages)}, in which this "
            "observatory publishes."
        )
    get_indicator(indicator)
    first, last = read_periods(period)
    found = _codes_of(places, territory)
    need_room(len({*found, territory.top}), len(pd.period_range(first, last)))
    return Asked(_screened(question), indicator, found, first, last, lang, dict(options or {}))


def read_periods(text: str) -> tuple[pd.Period, pd.Period]:
    """Read the first and the last period of a text.

    Examples
    --------
    >>> [str(p) for p in read_periods("2020..2024")], [str(p) for p in read_periods("2024-Q1")]
    (['2020', '2024'], ['2024Q1', '2024Q1'])
    >>> read_periods("2024-13")
    Traceback (most recent call last):
    obs.errors.ObsError: '2024-13' is no period: give a year (2024), a quarter (2024-Q1), a month...
    """
    between = "\\1..\\2"
    ends = [part.strip() for part in _YEARS.sub(between, text.strip(), count=1).split("..")]
    kinds = {kind for end in ends for kind, form in _ONE.items() if form.fullmatch(end)}
    known = all(any(form.fullmatch(end) for form in _ONE.values()) for end in ends)
    if len(ends) > 2 or not known or len(kinds) != 1:
        raise ObsError(
            f"'{text[:40]}' is no period: give a year (2024), a quarter (2024-Q1), a month (2024-01), "
            "or the first and the last of one kind (2020..2024)."
        )
    kind = kinds.pop()
    first, *_ = found = [pd.Period(end.replace("-Q", "Q"), freq=kind) for end in ends]
    if found[-1] < first:
        raise ObsError(f"'{text[:40]}' ends before it begins: give the first period first.")
    return first, found[-1]


def _codes_of(places: Sequence[str], territory: Territory) -> tuple[str, ...]:
    """Find the codes of places; a word for a level stands for all its units."""
    given = [place for place in (one.strip() for one in places) if place]
    if not given:
        levels = ", ".join(territory.levels)
        raise ObsError(f"no place is asked: give names or codes, or a level ({levels}).")
    levels = _level_names(territory)
    codes: list[str] = []
    for place in given:
        level = levels.get(normalise_name(place))
        if level is not None:
            codes += territory.codes(level)
        else:
            codes += match_territory([place], territory=territory, errors="raise").tolist()
    return tuple(dict.fromkeys(codes))


def _level_names(territory: Territory) -> dict[str, str]:
    """Give each level under its code and under its names in every language."""
    table = territory.level_names
    columns = [c for c in table.columns if c == "code" or c.startswith("name_")]
    found = {f"{level}s": level for level in territory.levels}
    return found | {
        normalise_name(str(row[column])): str(row["code"])
        for _, row in table.iterrows()
        for column in columns
        if isinstance(row[column], str) and row["code"] in territory.levels
    }


def _screened(question: str) -> str:
    """Refuse what a page cannot quote: code, what cannot be seen, a person's data, wrong sums, no words.

    What is refused is not repeated, but for sums.
    """
    fault = label_fault(question.strip().replace("\n", " "), _LONGEST)
    if fault:
        raise ObsError(f"the question {fault}: give its plain words.")
    text = " ".join(question.split())
    if not any(c.isalpha() for c in text):
        raise ObsError("the question has no words: give it as it was put, in quotation marks.")
    kind = personal_kind(text)
    if kind:
        raise ObsError(f"the question holds what may be a person's data ({kind}): leave it out.")
    wrong = [
        one
        for one in find_contradictions([Passage("paragraph", text, "the question")])
        if one.confidence == HIGH
    ]
    if wrong:
        raise ObsError(
            f"the question says '{wrong[0].said}', which its own numbers contradict "
            f"({wrong[0].computation}): quote it without these numbers."
        )
    return text
