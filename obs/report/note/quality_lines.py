"""Put the quality declaration of an edition into words, under the headings of SIMS 2.0."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from obs.catalogue import load_catalogue
from obs.locale import words
from obs.report.facts.dates import format_date
from obs.report.facts.numbers import format_number, format_percent, typography
from obs.report.facts.printed import Bound, Printed

__all__ = ["QualityPart", "quality_parts"]

_LISTED = ("units", "rule", "doubted")  # lines of one sentence for all their subjects
_NAMES = {"rule": "rules", "doubted": "remarks"}


@dataclass(frozen=True)
class QualityPart(Bound):
    """The lines under one heading of the declaration."""

    title: str
    lines: list[str]


def quality_parts(
    declared: Iterable[Mapping[str, Any]], lang: str, *, about: Mapping[str, Any]
) -> list[QualityPart]:
    r"""Write the lines of a declaration, grouped under their headings.

    `declared` are those of `obs.report.edition.quality_file`; `about` is what the edition says of
    itself. Values of one line and source make one sentence.

    Examples
    --------
    >>> from obs.report.edition.quality_file import QualityLine
    >>> line = QualityLine("S.15.2", "breaks", "breaks", value=2, unit="count").to_json()
    >>> [(part.title, part.lines) for part in quality_parts([line], "en", about={})]
    [('Coherence and comparability (SIMS\xa015)', ['Breaks in series within the periods shown: 2.'])]
    """
    together: dict[tuple[str, str, str, str], list[Mapping[str, Any]]] = {}
    for one in declared:
        own = "" if one["line"] in _LISTED else one["subject"]
        key = (one["concept"], one["line"], one["source"], own)
        together.setdefault(key, []).append(one)
    parts: dict[str, list[str]] = {}
    for (concept, line, source, _), rows in together.items():
        heading = ".".join(concept.split(".")[:2])
        parts.setdefault(heading, []).append(_sentence(line, source, rows, lang, about))
    return [QualityPart(_heading(concept, lang), lines) for concept, lines in parts.items()]


def _heading(concept: str, lang: str) -> str:
    say = words(lang).say
    name = say(f"quality.heading.{concept.replace('.', '')}")
    return Printed(say("quality.headed", name=name, code=concept.partition(".")[2]))


def _sentence(
    line: str, source: str, rows: Sequence[Mapping[str, Any]], lang: str, about: Mapping[str, Any]
) -> str:
    say = words(lang).say
    values: dict[str, str] = {}
    if line == "contact":
        values = {
            "publisher": str(about.get("publisher", {}).get(lang, "")),
            "contact": str(about.get("contact", {}).get(lang, "")),
        }
    elif line in _LISTED:
        values["items"] = ", ".join(_item(line, one, lang) for one in rows)
    else:
        values = {one["measure"]: _written(one, lang) for one in rows if one["measure"]}
    if source:
        values["source"] = _source_name(source, lang)
    return Printed(typography(say(f"quality.{line}", **values), lang))


def _item(line: str, one: Mapping[str, Any], lang: str) -> str:
    """Write one subject of a line: a unit, or a rule with its rows."""
    say, subject = words(lang), str(one["subject"])
    if line == "units":
        return say.several("units", subject)
    name = say.say(f"quality.{_NAMES[line]}.{subject}")
    return say.say("quality.item", name=name, value=_written(one, lang))


def _written(one: Mapping[str, Any], lang: str) -> str:
    value, unit = one["value"], one["unit"]
    if unit == "day":
        return format_date(dt.date.fromisoformat(str(value)), lang)
    if unit == "share":
        return format_percent(float(value), lang, decimals=1)
    if unit == "count":
        return format_number(Decimal(str(value)), lang)
    return str(value)


def _source_name(source: str, lang: str) -> str:
    """Name a source as the catalogue does: its kind, or the questionnaire that an indicator reads."""
    for one in load_catalogue().values():
        asked = one.asked.questionnaires if one.asked else ()
        if source in asked or (one.source == source and one.asked is None):
            return one.text("source_label", lang)
    return source
