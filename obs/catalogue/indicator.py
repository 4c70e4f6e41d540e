"""Define an indicator: what it counts, how it is expressed, and its words."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Annotated

from obs.catalogue.relation import ADDITIVE, DeclaredRelation
from obs.declare import (
    AT_LEAST_ONE,
    Codes,
    Keyed,
    Listed,
    OneOf,
    Table,
    Text,
    Words,
    Year,
    between,
    empty,
)
from obs.errors import CatalogueError
from obs.reference import load_measures, load_phenomena
from obs.schemas import BREAKDOWNS, UNITS

__all__ = [
    "ATTEMPTS",
    "COMPOSITES",
    "DATE_RULES",
    "DENOMINATORS",
    "KINDS",
    "PLACE_RULES",
    "RULES",
    "SOURCES",
    "TEXTS",
    "Asked",
    "Indicator",
    "STAGES",
    "SpeaksOf",
]

COMPOSITES = ("severity", "recapture", "lower_bound")  # values made of several counts
KINDS = ("count", "rate", "share", "per_day", "unreported", *COMPOSITES)
SOURCES = ("police", "prosecutor", "survey", "helpline", "services", "lists")
ATTEMPTS = ("included", "excluded", "only")
DENOMINATORS = ("dwellings", "population", "premises", "vehicles", "days")
PLACE_RULES = (
    "place_of_offence",
    "place_of_recording",
    "place_of_residence",
    "place_of_respondent",
    "place_of_prosecutor",  # all that one prosecutor handles
    "place_of_service",  # the territory that a line or a service answers for
)
DATE_RULES = (
    "date_of_offence",
    "date_of_recording",
    "date_of_entry",
    "date_of_closing",  # every closing of a case, those of cases reopened since included
    "date_of_decision",  # the last closing of a case
    "end_of_period",  # a stock
    "date_of_call",
    "date_of_activity",
    "date_of_survey",
)
STAGES = ("entered", "closed", "decided", "pending")  # of a prosecutor's case
RULES = ("default", "sensitive", "group", "business", "successive")  # defined in obs.disclosure
TEXTS = ("title", "short", "definition", "scope", "source_label", "caveat")
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[^\W\d_a-zà-ÿ]|[«“])")
Phenomenon = Annotated[str, OneOf(lambda: load_phenomena()["code"])]
Measure = Annotated[str, OneOf(lambda: load_measures()["measure"])]
Breakdown = Annotated[str, OneOf(BREAKDOWNS)]
Unit = Annotated[str, OneOf(UNITS)]


@dataclass(frozen=True, eq=False)
class Asked(Table):
    """What a survey indicator reads of its questionnaires, and the shares it makes of it.

    Attributes
    ----------
    questionnaires : tuple of str
        The waves that asked it alike.
    question : str
        Its id there.
    answers : tuple of str
        Every answer it may have; another one is refused.
    shares : mapping
        Code of the breakdown "answer" -> the answers it joins; a single code has no
        breakdown.
    items : tuple of str
        Items of the question, the codes of the breakdown `by_item`; none for a question
        without items.
    by_item : str
        The breakdown that the items fill: "offence", "motive".
    any_item : bool
        Whether the total over the items is the share that has at least one.
    """

    questionnaires: Listed[Text]
    question: Text
    answers: Listed[Text]
    shares: Annotated[Keyed[str, Listed[Text]], AT_LEAST_ONE]
    items: tuple[Text, ...] = ()
    by_item: Annotated[str, OneOf(BREAKDOWNS)] = ""
    any_item: bool = False

    @property
    def without_total(self) -> tuple[str, ...]:
        """Breakdowns that have no total, so that a table must always have them."""
        items = (self.by_item,) if self.items and not self.any_item else ()
        return items + (("answer",) if len(self.shares) > 1 else ())

    @property
    def within(self) -> tuple[str, ...]:
        """Breakdowns that come from the question itself, not from who answers."""
        return ((self.by_item,) if self.items else ()) + ("answer",)


@dataclass(frozen=True)
class SpeaksOf(Table):
    """Whom, where and what a figure is about; two figures multiply only if all is the same.

    Attributes
    ----------
    population : str
        Whose experience: "everybody", "businesses of the Region".
    place : str
        Where offences count: "in the Region", "anywhere".
    reference : str
        The stretch of time that one answer or one count covers: "calendar year", "twelve
        months before the interview", "life".
    offences : tuple of str
        Phenomena.
    unit : str
        What one is: "fact", "business".
    attempts : bool
        Whether attempts count.
    """

    population: Text
    place: Text
    reference: Text
    offences: Listed[Phenomenon]
    unit: Unit
    attempts: bool

    @property
    def in_words(self) -> str:
        """All of it in one line."""
        attempts = "attempts included" if self.attempts else "no attempts"
        parts = (self.population, self.place, self.reference, ", ".join(self.offences))
        return "; ".join([*parts, self.unit, attempts])


@dataclass(frozen=True, eq=False)
class Indicator(Table):
    """One entry of the catalogue.

    Attributes
    ----------
    id : str
        Its code, also the name of its file.
    version : int
        A change of definition is a new version.
    kind : str
        "count", "rate" (per inhabitants or dwellings), "share", "per_day" or "severity" (facts
        weighed by how grave they are, base year = 100; the weights are an input), or
        "unreported" (victims that a survey estimates not to have reported), "recapture" and
        "lower_bound" (persons estimated from the lists that they are on).
    source : str
        Where it comes from.
    unit : str
        What is counted when facts are counted here.
    accepts : tuple of str
        Further units of a delivered count that still mean this indicator (French
        statistics count stolen vehicles, not facts).
    phenomena, exclude : tuple of str
        Phenomena counted, their branches included (none = any), and branches left out.
    where : mapping
        Column -> allowed codes.
    requires_all : tuple of str
        Columns of `where` of which a delivered count must hold every code, or its total:
        physical violence alone is not all violence.
    attempts : str
        "included", "excluded" or "only".
    place_rule, date_rule : str
        The place and the date that count.
    whole : str or None
        For a share, the indicator of its denominator.
    per : int
        For a rate, how many inhabitants or dwellings.
    denominators : tuple of str
        In order of preference.
    additive_over : frozenset of str
        Over what counts may be added: "area", "time", "offence".
    breakdowns : tuple of str
        Columns it may be broken down by.
    parts : tuple of str
        Indicators whose counts are disjoint parts of this one; not always all of it.
    relation : tuple of DeclaredRelation
        What its counts are to those of other indicators, as every reader may know it;
        disclosure control assumes it.
    disclosure : str
        Rule of disclosure control.
    stage : str
        Of the prosecutor: "entered", "closed" (every closing), "decided" (the last closing)
        or "pending" (at the end of the period).
    activities : tuple of str
        Of services, the activities counted.
    shares_out : tuple of str
        Of a share of cases, breakdowns whose codes share out its whole, which is not broken
        down by them; a share broken down by another column is one of the whole of each code.
    measures : tuple of str
        Measures of the security plan that it serves.
    decimals : int
        Digits printed.
    first_period : str
        First period that may be published.
    base : str
        Of a severity index, the year that is 100.
    owner : str
        The role that answers for it.
    asked : Asked or None
        For a share of respondents, the question it comes from.
    suffered, reporting : str or None
        For a number not reported, the survey indicators of the victims and of those who
        reported.
    speaks_of : SpeaksOf or None
        Whom, where and what its figures are about, where it differs from what the other
        fields say; `scope` says it in words.
    title, short, definition, scope, source_label, caveat : mapping
        Texts by language.
    awaited : mapping or None
        Of an indicator that no delivery tells yet, the source that would, by language.
    rate_sentences : tuple of int
        Which sentences of the caveat, from 1, are about its rate: they are left out where it is
        shown as a count alone.
    """

    id: Text
    version: Annotated[int, between(1)]
    kind: Annotated[str, OneOf(KINDS)]
    source: Annotated[str, OneOf(SOURCES)]
    unit: Unit
    phenomena: tuple[Phenomenon, ...]
    place_rule: Annotated[str, OneOf(PLACE_RULES)]
    date_rule: Annotated[str, OneOf(DATE_RULES)]
    decimals: Annotated[int, between(0, 6)]
    first_period: Year
    disclosure: Annotated[str, OneOf(RULES)]
    owner: Text
    title: Words
    short: Words
    definition: Words
    scope: Words
    source_label: Words
    caveat: Words
    accepts: tuple[Unit, ...] = ()
    exclude: tuple[Phenomenon, ...] = ()
    where: Keyed[Breakdown, Listed[Text]] = field(default_factory=empty)
    requires_all: tuple[Breakdown, ...] = ()
    attempts: Annotated[str, OneOf(ATTEMPTS)] = "included"
    whole: Text | None = None
    per: Annotated[int, between(1)] = 1
    denominators: tuple[Annotated[str, OneOf(DENOMINATORS)], ...] = ()
    additive_over: Codes[Annotated[str, OneOf(ADDITIVE)]] = frozenset()
    breakdowns: tuple[Breakdown, ...] = ()
    parts: tuple[Text, ...] = ()
    relation: tuple[DeclaredRelation, ...] = ()
    measures: tuple[Measure, ...] = ()
    asked: Asked | None = None
    base: str = ""
    stage: Annotated[str, OneOf(STAGES)] = ""
    activities: tuple[Text, ...] = ()
    shares_out: tuple[Text, ...] = ()
    suffered: Text | None = None
    reporting: Text | None = None
    speaks_of: SpeaksOf | None = None
    awaited: Words | None = None
    rate_sentences: tuple[Annotated[int, between(1)], ...] = ()

    @property
    def units(self) -> tuple[str, ...]:
        """Every unit a delivered count of this indicator may have."""
        return (self.unit, *self.accepts)

    @property
    def without_total(self) -> tuple[str, ...]:
        """Breakdowns that a table must always have: the shares of all their codes are 1."""
        if self.asked is not None:
            return self.asked.without_total
        if self.kind != "share":
            return ()
        return self.shares_out or (("decision",) if "decision" in self.breakdowns else ())

    @property
    def numerator(self) -> dict[str, object]:
        """What is counted, as plain data: equal for two indicators of the same count."""
        return {
            "phenomena": sorted(self.phenomena),
            "exclude": sorted(self.exclude),
            "where": {column: sorted(codes) for column, codes in sorted(self.where.items())},
            "attempts": self.attempts,
            "place_rule": self.place_rule,
            "date_rule": self.date_rule,
            "stage": self.stage,
            "activities": sorted(self.activities),
        }

    def text(self, name: str, lang: str) -> str:
        """Give one of its texts in a language.

        Parameters
        ----------
        name : str
            One of title, short, definition, scope, source_label, caveat.
        lang : str
            The language.

        Returns
        -------
        str
            The text.

        Raises
        ------
        CatalogueError
            If there is no such text or language.

        Examples
        --------
        >>> from obs.catalogue import get_indicator
        >>> get_indicator("pickpocketing").text("title", "nl")
        'Gauwdiefstallen'
        """
        if name not in TEXTS or lang not in self.title:
            raise CatalogueError(
                f"indicator '{self.id}' has no text '{name}' in '{lang}'; texts: "
                f"{', '.join(TEXTS)}; languages: {', '.join(self.title)}"
            )
        return str(getattr(self, name)[lang])

    def warnings(self, lang: str, *, rate: bool = True) -> list[str]:
        """Give the sentences of its caveat; those about its rate where it is shown as one.

        Examples
        --------
        >>> from obs.catalogue import get_indicator
        >>> len(get_indicator("robbery").warnings("en", rate=False))
        1
        """
        told = _SENTENCE.split(self.text("caveat", lang))
        return [one for n, one in enumerate(told, start=1) if rate or n not in self.rate_sentences]

    def describe(self, lang: str = "en") -> str:
        """Write its whole entry as lines of text, for `obs describe`.

        Parameters
        ----------
        lang : str
            Language of the texts.

        Returns
        -------
        str
            One line for each thing to know.

        Examples
        --------
        >>> from obs.catalogue import get_indicator
        >>> print(get_indicator("robbery").describe().splitlines()[0])
        robbery (version 1): Robbery
        """
        facts = {
            "kind": self.kind,
            "source": self.source,
            "unit": " or ".join(self.units),
            "phenomena": ", ".join(self.phenomena) or ("any" if self.source == "police" else ""),
            "left out": ", ".join(self.exclude),
            "stage": self.stage,
            "activities": ", ".join(self.activities),
            "where": "; ".join(f"{c} in {', '.join(v)}" for c, v in self.where.items()),
            "attempts": self.attempts if self.source == "police" else "",
            "place, date": f"{self.place_rule}, {self.date_rule}",
            "question": _asked_in_words(self.asked) if self.asked else "",
            "victims, reporting": f"{self.suffered}, {self.reporting}" if self.suffered else "",
            "speaks of": self.speaks_of.in_words if self.speaks_of else "",
            "denominators": ", ".join(self.denominators) or (self.whole or ""),
            "per": f"{self.per:,}" if self.kind == "rate" else "",
            "base year": self.base,
            "adds up over": ", ".join(sorted(self.additive_over)) or "nothing",
            "relations": "; ".join(_relation_in_words(r) for r in self.relation),
            "breakdowns": ", ".join(self.breakdowns),
            "disclosure rule": self.disclosure,
            "plan measures": ", ".join(self.measures),
            "first period": self.first_period,
            "owner": self.owner,
        }
        words = [self.text(t, lang) for t in ("definition", "scope", "source_label", "caveat")]
        lines = [f"  {name}: {value}" for name, value in facts.items() if value]
        head = f"{self.id} (version {self.version}): {self.text('title', lang)}"
        return "\n".join([head, *(f"  {w}" for w in words), *lines])


def _asked_in_words(asked: Asked) -> str:
    shares = "; ".join(f"{code} = {' or '.join(v)}" for code, v in asked.shares.items())
    return f"{asked.question} of {', '.join(asked.questionnaires)} ({shares})"


def _relation_in_words(relation: DeclaredRelation) -> str:
    words = [relation.kind.replace("_", " "), ", ".join((*relation.of, *relation.over))]
    words += [f"less {', '.join(relation.less)}"] if relation.less else []
    return f"{' '.join(words)} ({relation.because})"
