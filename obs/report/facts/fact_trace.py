"""Say where a bound number comes from, down to its released cell and the names of its deliveries.

The trace is made of the fact alone, which holds nothing that was not released: that of a withheld
figure ends at its status.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from obs.catalogue import get_indicator
from obs.display_cards import card
from obs.locale import words
from obs.reference import label
from obs.report.facts.dates import format_date, format_period, format_span
from obs.report.facts.fact import Fact
from obs.report.facts.filters import filters, reason_text
from obs.report.facts.words import caution_words, first_upper, measure_words
from obs.schemas import ALL, BREAKDOWNS, INDEX_POINT, INTERRUPTIONS

__all__ = ["FactTrace", "column_of", "remark_of", "trace_of"]

_SUMMED = ("counterfactual", "two_years_before")  # effects on all periods under an interruption


@dataclass(frozen=True)
class FactTrace:
    """Where a bound number comes from, in the words of one language.

    Attributes
    ----------
    indicator, title, definition, source : str
        Code, title and definition of what is counted; who holds the data.
    value, measure : str
        The value as a page writes it, and its unit and proportion.
    place, period, base, categories : str
        What it is about; "" where it has none of them.
    interval, status : str
        The interval; why there is no number, or what to be careful of.
    deliveries : tuple of str
        Names of the deliveries that tell of the period, as the manifest has them.
    extracted : str
        Day of extraction.
    table : str
        The released table.
    key : mapping
        Column and code of each key column: the released row.
    column : str
        The column of that row which holds the number.
    count : str
        Of a value made of a count, the count with its unit.
    """

    indicator: str
    title: str
    definition: str
    source: str
    value: str
    measure: str
    place: str
    period: str
    base: str
    categories: str
    interval: str
    status: str
    deliveries: tuple[str, ...]
    extracted: str
    table: str
    key: Mapping[str, str]
    column: str
    count: str
    lang: str

    def lines(self) -> Iterator[tuple[str, str]]:
        """Say it line by line, each as its label and its text."""
        say = words(self.lang).say
        about = ", ".join(filter(None, (self.place, self.period, self.categories)))
        released = ", ".join(f"{column} {code}" for column, code in self.key.items())
        named = (
            ("definition", self.definition),
            ("number", ", ".join(filter(None, (self.value, self.measure)))),
            ("about", about),
            ("base", self.base),
            ("count", self.count),
            ("interval", self.interval),
            ("status", self.status),
            ("source", self.source),
            ("deliveries", ", ".join(self.deliveries)),
            ("extracted", self.extracted),
            ("cell", f"{self.table}: {released}; {self.column}" if self.table else ""),
        )
        yield from ((say(f"trace.{name}"), text) for name, text in named if text)

    def __str__(self) -> str:
        own = words(self.lang)
        told = (own.say("join.colon", label=name, text=text) for name, text in self.lines())
        return "\n".join((self.title, *told))

    def _repr_html_(self) -> str:
        return card(self.title, dict(self.lines()))

    def to_json(self) -> dict[str, Any]:
        """Give it as plain lists and dictionaries."""
        return asdict(self)


def trace_of(fact: Fact, lang: str) -> FactTrace | None:
    """Trace a fact in a language.

    Returns None for what this observatory's sources do not have.

    Examples
    --------
    >>> from obs.report.facts.fact import Fact
    >>> from obs.report.facts.fact_trace import trace_of
    >>> own = {"indicator": "theft", "territory": "21004"}
    >>> theft = Fact("count", 12.0, None, None, "ok", "fact", "count", 0, 12, key=own)
    >>> traced = trace_of(theft, "en")
    >>> traced.value, traced.measure, traced.column
    ('12', 'offences', 'numerator')
    """
    if "indicator" not in fact.key:
        return None
    entry = get_indicator(fact.key["indicator"])
    known = fact.value is not None
    bounds = known and fact.low is not None and fact.high is not None
    return FactTrace(
        indicator=fact.key["indicator"],
        title=entry.text("title", lang),
        definition=entry.text("definition", lang),
        source=entry.text("source_label", lang),
        value=_value_as_printed(fact, lang),
        measure=measure_words(fact.kind, fact.unit, fact.scale, lang),
        place=fact.labels.get(lang, ""),
        period=_period_or_days(fact, lang),
        base=_base_of(fact, lang),
        categories=_categories_of(fact.key, lang),
        interval=filters(lang)["interval"](fact) if bounds else "",
        status=_told_of_status(fact, lang),
        deliveries=fact.deliveries,
        extracted=format_date(fact.extracted, lang) if fact.extracted else "",
        table=str(fact.origin.get("table", "")).rsplit(".", 1)[-1],
        key=dict(fact.key),
        column=column_of(fact),
        count=_count_behind(fact, lang),
        lang=lang,
    )


def column_of(fact: Fact) -> str:
    """Name the column of a released row that holds the value of a fact."""
    named = {"change": "change", "points": "points"}
    named |= {} if fact.combined else {"count": "numerator"}
    return named.get(fact.kind, "value")


def _value_as_printed(fact: Fact, lang: str) -> str:
    name = {"count": "n", "share": "pct"}.get(fact.kind, fact.kind)
    return filters(lang)[name](fact)


def _count_behind(fact: Fact, lang: str) -> str:
    """Give the count of which a value is made; the sum of the days of an index is none."""
    own = fact.kind in ("rate", "share", "per_day", "index") and fact.numerator is not None
    own = own and fact.unit != INDEX_POINT
    return filters(lang)["count"](fact) if own else ""


def _period_or_days(fact: Fact, lang: str) -> str:
    if fact.period is None:
        return ""
    if fact.key.get("point") in _SUMMED and (fact.added or 0) > 1:
        last = fact.period + int(fact.added or 1) - 1
        return f"{format_period(fact.period, lang)}\N{EN DASH}{format_period(last, lang)}"
    return format_span(*fact.covered, lang) if fact.covered else format_period(fact.period, lang)


def _categories_of(key: Mapping[str, str], lang: str) -> str:
    """Name the categories of the row; those of totals are left out."""
    own = [(c, key[c]) for c in BREAKDOWNS if key.get(c, ALL) != ALL]
    own += [("points", key["point"])] if key.get("point") in INTERRUPTIONS else []
    return ", ".join(label(column, code, lang) for column, code in own)


def _base_of(fact: Fact, lang: str) -> str:
    """Name the period compared with; an effect of an interruption is against no period."""
    if fact.base is None or fact.key.get("point") in INTERRUPTIONS:
        return ""
    return format_period(fact.base, lang)


def _told_of_status(fact: Fact, lang: str) -> str:
    """Say why there is no number, else what to be careful of, and that it is made of two rows."""
    unknown = first_upper(reason_text(fact, lang)) if fact.value is None else ""
    combined = words(lang).say("trace.combined") if fact.combined else ""
    return _sentences(unknown, *_cautions(fact, lang), combined)


def remark_of(fact: Fact, lang: str) -> str:
    """Say what to be careful of: an incomplete period, a provisional or imprecise value.

    "" where there is nothing, or no value.

    Examples
    --------
    >>> from obs.report.facts.fact import Fact
    >>> from obs.report.facts.fact_trace import remark_of
    >>> remark_of(Fact("count", 12.0, None, None, "provisional", "fact", "count", 0), "en")
    'Provisional'
    """
    if fact.value is None:
        return ""
    part = ""
    if fact.covered is not None:
        own, days = words(lang), format_span(*fact.covered, lang)
        part = own.say("join.colon", label=own.say("status.part"), text=days)
    return _sentences(first_upper(part), *_cautions(fact, lang))


def _cautions(fact: Fact, lang: str) -> Iterator[str]:
    """Say that a value is provisional, and that it is imprecise."""
    if fact.status == "provisional":
        yield first_upper(label("statuses", "provisional", lang))
    if fact.value is not None and fact.cautious:
        yield caution_words(lang)


def _sentences(*texts: str) -> str:
    return ". ".join(text.rstrip(".") for text in texts if text)
