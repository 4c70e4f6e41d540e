"""Compare the figures in the tables of a page with those of the same page in another language."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from html import unescape
from pathlib import Path

__all__ = ["rows_of_figures", "table_differences"]

_ROW = re.compile(r"<tr\b.*?</tr>", re.DOTALL)
_CELL = re.compile(r"<td\b[^>]*>(.*?)</td>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_MARK = re.compile(r"\d|[+\u2212](?=\s*\d)|(?<![\w)])-(?=\d)")  # a digit, or the sign of a number


def rows_of_figures(page: str) -> Counter[tuple[str, ...]]:
    """Give the digits and signs of the cells of each row of each table: the same in every language.

    Examples
    --------
    >>> rows_of_figures("<tr><th>A</th><td>1 234</td><td>0,5 à 0,7</td></tr>")
    Counter({('1234', '0507'): 1})
    >>> rows_of_figures("<tr><td>\N{MINUS SIGN}5 % (-9 à +1)</td></tr>")
    Counter({('-5-9+1',): 1})
    """
    rows = (tuple(map(_figures, _CELL.findall(row))) for row in _ROW.findall(page))
    return Counter(row for row in rows if any(row))


def _figures(cell: str) -> str:
    text = unescape(_TAG.sub("", cell))
    return "".join(_MARK.findall(text)).replace("\N{MINUS SIGN}", "-")


def table_differences(pages: Mapping[str, Path]) -> Iterator[tuple[str, str]]:
    """Find rows that a page has and the same page in the first language has not.

    `pages` are those of one note or sheet, by language. Yields language and fault.
    """
    found = {
        lang: rows_of_figures(path.read_text(encoding="utf-8", errors="replace"))
        for lang, path in pages.items()
        if path.is_file()
    }
    first = next(iter(found.values()), Counter())
    for lang, own in found.items():
        differs = sum(((own - first) + (first - own)).values())
        if differs:
            yield lang, f"has tables with other figures than another language ({differs} rows)"
