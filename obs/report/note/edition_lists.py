"""Put into words what an edition lists of itself: sources, corrections, revised figures, days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pandas as pd

from obs.catalogue import get_indicator, load_catalogue
from obs.locale import conventions, words
from obs.report.facts.dates import format_date, format_period, format_span
from obs.report.facts.numbers import format_number

__all__ = [
    "cause_lines",
    "correction_lines",
    "day_in_words",
    "last_extractions",
    "release_line",
    "replaced_lines",
    "revision_lines",
    "source_lines",
]


def source_lines(sources: Sequence[Mapping[str, Any]], lang: str) -> list[str]:
    """Name each supplier once, with the days that its data tell of and their last extraction.

    Deliveries of one supplier are one line; those that the edition does not use are left out. The
    name is what the observatory declares, else what the catalogue calls the kind of source; never
    that of a file.

    Examples
    --------
    >>> from obs.report.note.edition_lists import source_lines
    >>> file = {"source": "police", "file": "p.csv", "extracted": "2025-01-31"}
    >>> source_lines([file, file], "en")
    ['Police, recorded offences. Data extracted on 31 January 2025']
    """
    together: dict[str, list[Mapping[str, Any]]] = {}
    for source in (one for one in sources if one.get("used", True)):
        together.setdefault(_supplier(source, lang), []).append(source)
    lines = ((name, *_days(own, lang)) for name, own in together.items())
    return [". ".join((name, *(day for day in days if day not in name))) for name, *days in lines]


def correction_lines(corrections: Sequence[Mapping[str, Any]], lang: str) -> list[str]:
    """Say each registered correction of the data received, as the observatory declared it."""
    say = words(lang).say
    return [
        say(
            "front.correction",
            date=day_in_words(one["reported"], lang),
            reason=str(one["reason"]),
            provider=str(one["provider"]),
            outcome=say(f"front.outcome.{one['outcome']}"),
        )
        for one in corrections
    ]


def revision_lines(revisions: Sequence[Mapping[str, Any]], lang: str) -> list[str]:
    """Say each published figure that is another now, with what it was."""
    write = conventions(lang).write
    return [
        words(lang).say(
            "front.revision",
            title=get_indicator(str(one["indicator"])).text("title", lang),
            period=_period_in_words(str(one["period"]), lang),
            before=write(Decimal(str(one["before"]))),
            after=write(Decimal(str(one["after"]))),
        )
        for one in revisions
    ]


def replaced_lines(days: Sequence[str], lang: str) -> list[str]:
    """Say which publications of the same edition it replaces, the latest first."""
    say = words(lang).say
    return [say("front.replaces", date=day_in_words(day, lang)) for day in reversed(days)]


def release_line(published: str | None, lang: str) -> str:
    """Say the day on which an edition was published; "" if it is not known."""
    if not published:
        return ""
    return words(lang).say("page.published", date=day_in_words(published, lang))


def _supplier(source: Mapping[str, Any], lang: str) -> str:
    declared = source.get("supplier") or {}
    if lang in declared:
        return str(declared[lang])
    kind = source.get("source")
    labels = [e.text("source_label", lang) for e in load_catalogue().values() if e.source == kind]
    return labels[0] if labels else str(source.get("title") or "")


def _days(sources: Sequence[Mapping[str, Any]], lang: str) -> list[str]:
    say = words(lang).say
    first = min((str(s["covered_from"]) for s in sources if s.get("covered_from")), default="")
    last = max((str(s["covered_to"]) for s in sources if s.get("covered_to")), default="")
    extracted = max(last_extractions(sources), default="")
    licences = dict.fromkeys(str(s["licence"]) for s in sources if s.get("licence"))
    lines = []
    if first and last:
        lines.append(format_span(dt.date.fromisoformat(first), dt.date.fromisoformat(last), lang))
    if extracted:
        lines.append(say("page.extracted", date=day_in_words(extracted, lang)))
    return [*lines, *(say("page.licensed", licence=licence) for licence in licences)]


def last_extractions(sources: Sequence[Mapping[str, Any]]) -> list[str]:
    """Give the last day of extraction of each kind of source whose deliveries all tell one.

    Where one does not, it may be later than those of the others.

    Examples
    --------
    >>> from obs.report.note.edition_lists import last_extractions
    >>> old, new = {"source": "police", "extracted": "2023-02-09"}, {"source": "police"}
    >>> last_extractions([old]), last_extractions([old, new])
    (['2023-02-09'], [])
    """
    days: dict[str, list[str]] = {}
    for one in sources:
        if one.get("used", True):
            days.setdefault(str(one.get("source")), []).append(str(one.get("extracted") or ""))
    return [max(own) for own in days.values() if all(own)]


def day_in_words(day: str, lang: str) -> str:
    """Write a day given as YYYY-MM-DD."""
    return format_date(dt.date.fromisoformat(day[:10]), lang)


def _period_in_words(period: str, lang: str) -> str:
    return format_period(pd.Period(period), lang)


def cause_lines(causes: Sequence[Mapping[str, Any]], lang: str) -> list[str]:
    """Say how later deliveries changed the figures of the year before, and why where that is told.

    Examples
    --------
    >>> from obs.report.note.edition_lists import cause_lines
    >>> one = {"indicator": "robbery", "period": "2023", "before": 2940, "after": 2955}
    >>> cause_lines([one | {"late": "", "requalified": ""}], "en")
    ['Robbery, 2023: 2,955 (about 2,940 with the deliveries of the previous edition)']
    """
    say, lines = words(lang).say, []
    for one in causes:
        line = say(
            "front.later.line",
            title=get_indicator(str(one["indicator"])).text("title", lang),
            period=str(one["period"]),
            before=int(one["before"]),
            after=int(one["after"]),
        )
        if one["late"] != "":
            moved = {
                name: format_number(int(one[name]), lang).replace("-", "\u2212")
                for name in ("late", "requalified")
            }
            line = say("front.later.causes", line=line, **moved)
        lines.append(line)
    return lines
