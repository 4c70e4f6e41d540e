"""Give the passages of a document: its paragraphs, list items and table rows, each with its place."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

__all__ = ["Passage", "TableRow", "passages_of_lines", "plain"]

_TAGS = re.compile(r"<(?:/?[A-Za-z][^<>]{0,200}|!--.{0,500}?--)>")
_FOOTNOTE = re.compile(r"<sup>\s*\d{1,3}\s*</sup>", re.IGNORECASE)
_MARKS = re.compile(r"\*\*|__|`")
_ITEM = re.compile(r"\s*(?:[-–•*·▪◦]|\d{1,2}[.)]|[a-z][.)])\s+")
_HEADING = re.compile(r"\s*#{1,6}\s+")
_RULE = re.compile(r"[\s|:+=-]+")


@dataclass(frozen=True)
class Passage:
    """A stretch of text: what it is, its words, where it stands.

    Attributes
    ----------
    kind : str
        "heading", "paragraph" or "item".
    text : str
        Without markup.
    place : str
        As "line 12" or "page 3".
    """

    kind: str
    text: str
    place: str


@dataclass(frozen=True)
class TableRow:
    """A row of a table: its cells, where it stands."""

    cells: tuple[str, ...] = field(default_factory=tuple)
    place: str = ""


def plain(text: str) -> str:
    """Leave out tags, footnote marks and emphasis.

    Examples
    --------
    >>> plain("<p><b>37</b>&nbsp;of **48**<sup>2</sup></p>").split()
    ['37', 'of', '48']
    """
    text = _TAGS.sub(" ", _FOOTNOTE.sub(" ", text))
    return _MARKS.sub("", html.unescape(text)).strip()


def passages_of_lines(lines: Iterable[tuple[str, str]]) -> Iterator[Passage | TableRow]:
    r"""Read lines of text or Markdown, each with its place.

    A line with tabs, or between bars, is a row of a table.

    Examples
    --------
    >>> lines = [("- **12** visits", "line 1"), ("Area\tTotal", "line 2"), ("# Year", "line 3")]
    >>> [getattr(p, "kind", "row") for p in passages_of_lines(lines)]
    ['item', 'row', 'heading']
    """
    for line, place in lines:
        if _RULE.fullmatch(line) and "|" in line:
            continue  # between the header and the rows
        if cells := _cells(line):
            yield TableRow(cells, place)
            continue
        head, item = _HEADING.match(line), _ITEM.match(line)
        mark = head or item
        if text := plain(line[mark.end() :] if mark else line):
            kind = "heading" if head else "item" if item else "paragraph"
            yield Passage(kind, text, place)


def _cells(line: str) -> tuple[str, ...]:
    if "\t" in line.strip():
        return tuple(plain(cell) for cell in line.strip("\n").split("\t"))
    bare = line.strip()
    if bare.startswith("|") and bare.endswith("|") and len(bare) > 2:
        return tuple(plain(cell) for cell in bare[1:-1].split("|"))
    return ()
