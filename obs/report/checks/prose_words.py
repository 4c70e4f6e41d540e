"""What a sentence of a note may hold of figures, and what it may not say unbound, by language.

The words come from the files of the languages (`[prose]` of `conventions.toml`); the patterns
around them are here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from babel.dates import get_month_names

from obs.locale import conventions, languages
from obs.report.facts.printed import number_words

__all__ = ["ProseWords", "prose_words", "typed_figures"]

_BOUND = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_NOT_PROSE = re.compile(r"`[^`]*`|\]\([^)]*\)|https?://\S+")

_SPACE = "[ \u00a0\u202f]"


@dataclass(frozen=True)
class ProseWords:
    """Patterns over the words of several languages together.

    Attributes
    ----------
    allowed : Pattern
        Digits that are no figure: years, days of a month, scales, levels, references.
    figures : Pattern
        Digits that are one.
    fractions, directions : Pattern
        A figure or a direction in words.
    """

    allowed: re.Pattern[str]
    figures: re.Pattern[str]
    fractions: re.Pattern[str]
    directions: re.Pattern[str]


@cache
def prose_words(langs: tuple[str, ...]) -> ProseWords:
    """Make the patterns for sentences in these languages.

    Parameters
    ----------
    langs : tuple of str
        Codes of languages.

    Returns
    -------
    ProseWords
        The same object at each call.

    Examples
    --------
    >>> from obs.report.checks.prose_words import prose_words
    >>> prose_words(("fr",)).directions.findall("un taux en hausse")
    ['en hausse']
    """
    interval = _any_of_kind("interval", langs)
    level = rf"\b9[059]{_SPACE}?%"
    and_so_on = rf"{_SPACE}*(?:,|-|{_any_of_kind('and', langs)}){_SPACE}*"
    allowed = [
        r"(?<![\d.,])(?:19|20)\d\d(?:[-–/](?:19|20)?\d\d)?(?![\d%])",  # years
        rf"\b\d{{1,2}}(?:{_any_of_kind('ordinal', langs)})?{_SPACE}(?={_months(langs)})",
        # the scale of a rate, the level of an interval
        rf"\b(?:{_any_of_kind('per', langs)}){_SPACE}1?0*(?:1|10|100)?[ .,\u00a0\u202f]?0*00\b",
        rf"{level}(?=[^.]*(?:{interval}))",
        rf"(?:{interval})[^.]*?{level}",
        # references to texts and measures
        rf"\b(?:{_any_of_kind('reference', langs)})\.?{_SPACE}*[\d./]+(?:{and_so_on}[\d./]*\d)*",
    ]
    per_cent, times = _any_of_kind("per_cent", langs), _any_of_kind("times", langs)
    return ProseWords(
        allowed=re.compile("|".join(allowed), re.IGNORECASE),
        figures=re.compile(
            rf"\d[\d.,\u00a0\u202f]*{_SPACE}*(?:%|‰|{per_cent})"
            rf"|\d+[.,]\d+|\d{{2,}}|\d(?=\s*(?:{times})\b)|(?<!\w)\d(?!\w|{_SPACE}\d{{3}})"
        ),
        fractions=re.compile(rf"\b(?:{_any_of_kind('fraction', langs)})\b", re.IGNORECASE),
        directions=re.compile(rf"\b(?:{_any_of_kind('direction', langs)})\b", re.IGNORECASE),
    )


def typed_figures(text: str, lang: str | None = None) -> list[str]:
    """Find the figures that a sentence has typed in instead of bound.

    Years, days of a date, scales ("pour 1 000 habitants"), levels of confidence and
    references ("mesure 3.2", "article 10") are not figures. With a language, its number words
    are, from two.

    Returns what was found, in order.

    Examples
    --------
    >>> from obs.report.checks.prose_words import typed_figures
    >>> typed_figures("En 2022, {{ n|n }} vols pour 1 000 habitants (mesure 3.2), soit 12,5 %.")
    ['12,5 %']
    >>> typed_figures("Près de la moitié des 340 faits du 30 juin 2023.")
    ['340', 'la moitié']
    """
    known = prose_words(languages())
    prose = _NOT_PROSE.sub(" ", _BOUND.sub(" ", text))
    prose = known.allowed.sub(" ", re.sub(r"(?m)^\s*\d+\.\s", "", prose))
    found = [*known.figures.finditer(prose), *known.fractions.finditer(prose)]
    if lang is not None:
        found += number_words(lang).finditer(known.fractions.sub(" ", prose))
    return [m.group().strip() for m in found]


def _any_of_kind(kind: str, langs: tuple[str, ...]) -> str:
    """Match any of the words of a kind, the longest first."""
    found = {word for lang in langs for word in conventions(lang).prose.get(kind, ())}
    return "|".join(re.escape(w) for w in sorted(found, key=lambda w: (-len(w), w))) or r"(?!)"


def _months(langs: tuple[str, ...]) -> str:
    """Match the first three letters of any month, which its abbreviations keep."""
    locales = [conventions(lang).locale for lang in langs]
    names = {
        name[:3].lower() for locale in locales for name in get_month_names(locale=locale).values()
    }
    return "|".join(sorted(names))
