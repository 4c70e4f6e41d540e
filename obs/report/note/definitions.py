"""Write what the indicators of a note mean and how they mislead, in the words of the catalogue."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from obs.catalogue import get_indicator
from obs.locale import words
from obs.reference import Territory, load_help_lines
from obs.report.facts.numbers import typography
from obs.report.facts.printed import Bound, Printed

__all__ = ["Said", "assumed_coverage", "cautions", "definitions", "help_text"]


@dataclass(frozen=True)
class Said(Bound):
    """A text of the catalogue and the indicators it is of: their titles, "" for all."""

    title: str
    text: str


def definitions(indicators: Sequence[str], lang: str) -> list[Said]:
    """Give the definition of each indicator, those that share one together.

    The titles are always there. Raises `CatalogueError` if an indicator is not in the catalogue.

    Examples
    --------
    >>> from obs.report.note.definitions import definitions
    >>> definitions(["bicycle_theft"], "en")[0].title
    'Bicycle theft'
    """
    found: dict[str, list[str]] = {}
    for indicator in dict.fromkeys(indicators):
        found.setdefault(get_indicator(indicator).text("definition", lang), []).append(indicator)
    return [Said(_titles(of, lang), Printed(text)) for text, of in found.items()]


def cautions(
    indicators: Sequence[str], lang: str, *, rates: Container[str] | None = None
) -> list[Said]:
    """Give each sentence of their warnings once, those of the same indicators together.

    `rates` are the indicators that are shown as rates, all if it is not given: what is said of a
    rate is left out for the others.

    A title is empty where the sentences are about all of them. Raises `CatalogueError` if an
    indicator is not in the catalogue.

    Examples
    --------
    >>> from obs.report.note.definitions import cautions
    >>> [said.title for said in cautions(["bicycle_theft", "shoplifting"], "en")]
    ['', 'Bicycle theft', 'Shoplifting']
    """
    ids = list(dict.fromkeys(indicators))
    found: dict[str, list[str]] = {}
    for indicator in ids:
        shown = rates is None or indicator in rates
        for sentence in get_indicator(indicator).warnings(lang, rate=shown):
            found.setdefault(sentence, []).append(indicator)
    together: dict[tuple[str, ...], list[str]] = {}
    for sentence, of in found.items():
        together.setdefault(tuple(of), []).append(sentence)
    return [
        Said("" if list(of) == ids else _titles(of, lang), Printed(" ".join(sentences)))
        for of, sentences in together.items()
    ]


def assumed_coverage(
    sources: Iterable[Mapping[str, Any]], indicators: Sequence[str], lang: str
) -> str:
    """Say of which sources of indicators the days covered are assumed; "" where all are declared.

    `sources` are those of the edition, one per delivered file.

    Examples
    --------
    >>> from obs.report.note.definitions import assumed_coverage
    >>> file = {"source": "police", "coverage": "assumed"}
    >>> assumed_coverage([file], ["theft"], "en").partition(":")[0]
    'Police, recorded offences'
    >>> assumed_coverage([{"source": "police"}], ["theft"], "en")
    ''
    """
    kinds = {one["source"] for one in sources if one.get("coverage") == "assumed"}
    own = [one for one in map(get_indicator, indicators) if one.source in kinds]
    if not own:
        return ""
    labels = dict.fromkeys(one.text("source_label", lang) for one in own)
    say = words(lang)
    return Printed(say.say("page.assumed", sources=say.join("join.semicolon", list(labels))))


def help_text(territory: Territory, lang: str) -> str:
    """Write the numbers that a reader in need may call, on one line; "" where none is declared.

    Examples
    --------
    >>> from obs.reference import load_territory
    >>> from obs.report.note.definitions import help_text
    >>> help_text(load_territory("brussels"), "en").split(";")[-1]
    ' 112 (in an emergency)'
    """
    table = load_help_lines(territory=territory)
    label = f"label_{lang}"
    lines = [
        f"{line['number']} ({line[label]})" if label in line else str(line["number"])
        for line in table.to_dict("records")
    ]
    return Printed(typography(words(lang).join("join.semicolon", lines), lang))


def _titles(indicators: Sequence[str], lang: str) -> str:
    titles = dict.fromkeys(get_indicator(i).text("title", lang) for i in indicators)
    return Printed(words(lang).join("join.semicolon", list(titles)))
