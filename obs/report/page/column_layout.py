"""Lay the columns of a table out: decimals under decimals, marks apart, widths that fit a page.

A cell is padded at its right with what others have there and it has not: decimals, a mark. The
padding takes room and is never read, copied or seen.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from babel.numbers import get_decimal_symbol

from obs.locale import conventions
from obs.report.draw.axes import text_width

__all__ = ["column_widths", "paddings"]

_MARK = r"(?:\*|\s\([^\W\d_]+\))"  # a star, or letters in brackets
_INSET = 10.0  # points at the sides of a cell
_AIR = 24.0  # points more than it needs that a column may have
_SIZE = 9.0  # points of a table on paper
_PAPER = 481.8  # points: the column of text of an A4 page
_COMPACT, _COMPACT_PAPER = 0.9, 504.4  # of a sheet: its letters beside those of a note, its column


def paddings(table: Mapping[str, Any], lang: str) -> list[list[str]]:
    """Give what each cell of a table lacks at its right to stand under the others.

    Cells of columns that are not aligned at the right, and cells without a number, lack nothing.

    Examples
    --------
    >>> from obs.report.page.column_layout import paddings
    >>> cells = (["4.25"], ["0.5*"], ["12"], ["unknown"])
    >>> table = {"columns": [{"align": "right"}], "rows": [{"cells": row} for row in cells]}
    >>> paddings(table, "en")
    [['*'], ['0'], ['.00*'], ['']]
    """
    comma = get_decimal_symbol(conventions(lang).locale)
    columns = [
        _pads([row["cells"][i] for row in table["rows"]], comma)
        if column["align"] == "right"
        else [""] * len(table["rows"])
        for i, column in enumerate(table["columns"])
    ]
    return [list(row) for row in zip(*columns, strict=True)]


def _pads(cells: Sequence[str], comma: str) -> list[str]:
    number = re.compile(rf"\d(?:{re.escape(comma)}(\d+))?(?:\s?[%‰])?({_MARK})?$")
    found = [number.search(cell) for cell in cells]
    decimals = max((len(f[1] or "") for f in found if f), default=0)
    mark = max((f[2] or "" for f in found if f), key=len, default="")
    return [_pad(f, decimals, mark, comma) if f else "" for f in found]


def _pad(found: re.Match[str], decimals: int, mark: str, comma: str) -> str:
    own = len(found[1] or "")
    missing = "0" * (decimals - own)
    return (comma if missing and not own else "") + missing + ("" if found[2] else mark)


def column_widths(
    table: Mapping[str, Any], pads: Sequence[Sequence[str]], *, compact: bool = False
) -> list[float]:
    """Give each column the points that its cells need on paper, the row headers what is left.

    A head is broken at its spaces, down to its longest word; where a page is too narrow, columns
    of words are broken too. A sheet is compact: smaller letters on a wider column of text.

    Examples
    --------
    >>> from obs.report.page.column_layout import column_widths
    >>> table = {"row_header_label": "Area", "columns": [{"label": "Value", "align": "right"}],
    ...     "rows": [{"header": "Ixelles", "cells": ["4.2"]}]}
    >>> sum(column_widths(table, [[""]])) <= 481.9
    True
    """
    rows = table["rows"]
    heads = [table["row_header_label"], *(column["label"] for column in table["columns"])]
    cells = [[row["header"] for row in rows]]
    cells += [
        [row["cells"][i] + pad[i] for row, pad in zip(rows, pads, strict=True)]
        for i in range(len(table["columns"]))
    ]
    least = [
        _widest(_parts([head], bold=True), _parts(column)) for head, column in _zip(heads, cells)
    ]
    most = [
        _widest(_parts([head], bold=True), [(c, False) for c in column])
        for head, column in _zip(heads, cells)
    ]
    scale, paper = (_COMPACT, _COMPACT_PAPER / _COMPACT) if compact else (1.0, _PAPER)
    if sum(most) <= paper:
        widths = _with_rest(most, [_widest([(head, True)], []) for head in heads], paper)
    else:
        room = max(0.0, paper - sum(least)) / max(1e-9, sum(most) - sum(least))
        widths = [low + (high - low) * min(1.0, room) for low, high in _zip(least, most)]
    return [width * scale for width in widths]


def _zip(one: Sequence[Any], other: Sequence[Any]) -> list[tuple[Any, Any]]:
    return list(zip(one, other, strict=True))


def _with_rest(widths: list[float], heads: list[float], paper: float) -> list[float]:
    """Give what is left to heads that would fold, then to all columns alike, up to a measure."""
    given = list(widths)
    rest = paper - sum(given)
    for i in sorted(range(1, len(given)), key=lambda i: heads[i] - given[i]):
        more = min(max(0.0, heads[i] - given[i]), rest)
        given[i] += more
        rest -= more
    each = min(_AIR, rest / len(given))
    return [given[0] + rest - each * (len(given) - 1), *(width + each for width in given[1:])]


def _parts(texts: Sequence[str], *, bold: bool = False) -> list[tuple[str, bool]]:
    """Give the words of texts, which no line may break."""
    return [(word, bold) for text in texts for word in re.split(r"[ ]|(?<=-)", text) if word]


def _widest(heads: list[tuple[str, bool]], cells: list[tuple[str, bool]]) -> float:
    widths = (text_width([text], size=_SIZE, bold=bold) * 72 for text, bold in [*heads, *cells])
    return max(widths, default=0.0) * 1.02 + _INSET
