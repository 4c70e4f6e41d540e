"""What a sentence of a note may hold of figures, and what it may not say unbound, by language.

The words come from the files of the languages (`[prose]` of `conventions.toml`); the patterns
around them are here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from babel.dates import get_month_names

from obs.locale import conventions

__all__ = ["ProseWords", "prose_words"]

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
            rf"|\d+[.,]\d+|\d{{2,}}|\d(?=\s*(?:{times})\b)"
        ),
        fractions=re.compile(rf"\b(?:{_any_of_kind('fraction', langs)})\b", re.IGNORECASE),
        directions=re.compile(rf"\b(?:{_any_of_kind('direction', langs)})\b", re.IGNORECASE),
    )


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
