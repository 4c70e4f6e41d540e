"""Look for small withheld counts in the words of a page, where any number is met by chance.

A count of few digits stands everywhere; in one clause with the name of its place it tells. Clauses
of prose, titles, captions, alternative texts and drawings are read; the cells of tables and data
files have checks of their own.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from html.parser import HTMLParser

from obs.locale import languages
from obs.report.checks.prose_words import prose_words

__all__ = ["Secret", "tell_secrets"]

_TEXTS = ("alt", "title", "aria-label", "aria-description", "content")
_APART = ("p", "li", "h1", "h2", "h3", "h4", "h5", "h6", "figcaption", "caption", "td", "th", "dt")
_ALSO = ("script", "dd", "title", "desc", "text", "tr", "div", "summary", "blockquote", "br")
_CELLS = ("td", "th")
_UNREAD = ("style",)
_CLAUSE = re.compile(r"[;!?\n]|\.(?!\d)")
_SPACE = "[ \u00a0\u202f]"
# a whole number by itself: no part of a decimal, a change, a percentage or a grouped number
_NUMBER = re.compile(
    rf"(?<![\d.,\w+−-])(?<!\d{_SPACE})\d{{1,4}}(?!\d|[.,]\d|{_SPACE}?(?:[%‰]|[kKM][bBo]\b)|{_SPACE}\d{{3}}(?!\d)|\w)"
)


@dataclass(frozen=True)
class Secret:
    """A small withheld count: the names of its place, its digits."""

    names: frozenset[str]
    digits: str


class _Clauses(HTMLParser):
    """Gather the words of a page, piece by piece, without the cells of tables."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = [""]
        self._inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.pieces += [text for name, text in attrs if name in _TEXTS and text]
        if tag in (*_APART, *_ALSO):
            self.pieces.append("")
        if tag in (*_CELLS, *_UNREAD):
            self._inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._inside and self._inside[-1] == tag:
            self._inside.pop()
        if tag in (*_APART, *_ALSO):
            self.pieces.append("")

    def handle_data(self, data: str) -> None:
        if not self._inside:
            self.pieces[-1] += data


def tell_secrets(page: str, secrets: Collection[Secret]) -> int:
    """Count the small withheld counts that a clause of a page says beside the name of their place.

    Never says which.

    Examples
    --------
    >>> from obs.report.checks.small_secrets import Secret, tell_secrets
    >>> secrets = [Secret(frozenset({"Dorna"}), "3")]
    >>> tell_secrets("<p>Vols à Dorna : 3.</p>", secrets)
    1
    >>> tell_secrets("<p>Vols à Dorna : non publié ; 3 à Sella. Dorna : 13,3 %.</p>", secrets)
    0
    """
    reader = _Clauses()
    reader.feed(page)
    reader.close()
    clauses = [c for piece in reader.pieces for c in _CLAUSE.split(piece)]
    return sum(any(_tells(clause, secret) for clause in clauses) for secret in set(secrets))


def _tells(clause: str, secret: Secret) -> bool:
    if secret.digits not in clause or not any(name in clause for name in secret.names):
        return False
    return secret.digits in set(_numbers(clause))


def _numbers(clause: str) -> Iterator[str]:
    """Give the whole numbers of a clause but years, days of a month, scales and references."""
    allowed = prose_words(languages()).allowed
    plain = allowed.sub(" ", _without_accents(allowed.sub(" ", clause)))
    yield from (found.group() for found in _NUMBER.finditer(plain))


def _without_accents(text: str) -> str:
    """Write letters without their accents: months of a language that is not listed are met so."""
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
