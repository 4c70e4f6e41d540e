"""Tell words that a fact wrote from words that anything may have written.

In prose, alternative text, title and caption, a digit or a number word comes from a fact, from the
catalogue, or from a constant that the note declares. Such words are `Printed`; joined to others
they are plain text again, and a plain text with a figure is refused.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from obs.errors import PublicationError
from obs.locale import conventions
from obs.report.facts.edition_seal import is_closed

__all__ = ["Bound", "Edition", "Printed", "figure_in", "need_texts", "number_words"]

_DIGIT = re.compile(r"\d[\d.,\u00a0\u202f]*\d|\d")


class Printed(str):
    """Words in which every figure was written by a fact or a declared constant."""

    __slots__ = ()


class Bound:
    """What holds facts and words for a sentence: a note, a headline, what stands out."""

    __slots__ = ()


class Edition(int):
    """The year of an edition, which a sentence may print."""


@cache
def number_words(lang: str) -> re.Pattern[str]:
    """Match the number words of a language, from two; an ordinal is another word.

    Examples
    --------
    >>> from obs.report.facts.printed import number_words
    >>> number_words("nl").findall("tweeëntwintig gebieden, het tweede en twee steden")
    ['tweeëntwintig', 'twee']
    """
    one, between = (_any_of(conventions(lang).prose.get(k, ())) for k in ("number", "number_join"))
    return re.compile(rf"\b(?:{one})(?:(?:{between})?(?:{one}))*\b", re.IGNORECASE)


def _any_of(texts: Sequence[str]) -> str:
    """Match any of some texts, the longest first."""
    return "|".join(map(re.escape, sorted(texts, key=lambda t: (-len(t), t)))) or r"(?!)"


def figure_in(text: str, lang: str) -> str | None:
    """Give the first digit or number word of a text that nothing vouches for.

    Examples
    --------
    >>> from obs.report.facts.printed import Printed, figure_in
    >>> figure_in("Vols à Dorna : 3", "fr"), figure_in("Trois vols", "fr")
    ('3', 'Trois')
    >>> figure_in(Printed("3 vols"), "fr"), figure_in("le deuxième lieu", "fr")
    (None, None)
    """
    if isinstance(text, Printed):
        return None
    found = _DIGIT.search(text) or number_words(lang).search(text)
    return found.group() if found else None


def need_texts(lang: str, *, who: str, **texts: str | None) -> None:
    """Refuse an author's title, alternative text or note with a figure that no fact wrote.

    So it is while an edition is built. Raises `PublicationError`; the figure is not repeated,
    since it may be withheld.
    """
    for what, text in texts.items():
        if is_closed() and text is not None and figure_in(text, lang):
            raise PublicationError(
                f"{who}: `{what}` holds a figure that no fact wrote. Write it with "
                'note.sentence("... {{ name|n }} ...", name=note.fact(...)), or leave it out: a '
                "figure tells its own numbers."
            )
