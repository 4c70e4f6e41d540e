"""Write the data file of the figures that the sentences of a note quote.

A figure in a sentence has the same right to a file as one in a chart: each fact that a sentence
writes is a row, with the table that it comes from.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from obs.report.figures.data_file import iso_period, plain_cell
from obs.schemas import BREAKDOWNS

__all__ = ["quoted_file", "quoted_place", "quoted_text"]

_KEYS = ("indicator", "territory", "period", "base", "point", *BREAKDOWNS)
_FIGURES = ("numerator", "value", "change", "low", "high", "verdict", "status", "unit", "scale")
_POINTS = ("points", "points_low", "points_high")
_WEEK = re.compile(r"\d{4}-\d\d-\d\d/\d{4}-\d\d-\d\d")  # as pandas writes it


def quoted_file(note: str) -> str:
    """Give the name of the file for a note."""
    return f"{note}_text.csv"


def quoted_text(numbers: Iterable[Mapping[str, Any]], *, synthetic: bool) -> str:
    """Write the facts that sentences quote as CSV, each once, sorted; "" where there is none.

    `numbers` are the records of `obs.report.note.sentences.render_sentences`, of any languages.

    Examples
    --------
    >>> from obs.report.page.quoted_figures import quoted_text
    >>> fact = {"kind": "count", "value": 98.0, "key": {"indicator": "bicycle_theft"}}
    >>> print(quoted_text([fact, fact], synthetic=True))
    table,indicator,value,synthetic
    ,bicycle_theft,98,true
    <BLANKLINE>
    """
    columns, rows = _quoted_rows(numbers)
    if not rows:
        return ""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*columns, "synthetic"])
    for row in rows:
        writer.writerow([*(_harmless(row.get(c, "")) for c in columns), str(synthetic).lower()])
    return text.getvalue()


def quoted_place(
    number: Mapping[str, Any], numbers: Iterable[Mapping[str, Any]]
) -> tuple[int, dict[str, str]] | None:
    """Find the row of a fact in the file, that of the names being 1, and its cells by column.

    None where the file does not have it.

    Examples
    --------
    >>> from obs.report.page.quoted_figures import quoted_place
    >>> fact = {"kind": "count", "value": 98.0, "key": {"indicator": "bicycle_theft"}}
    >>> quoted_place(fact, [fact])[1]["value"]
    '98'
    """
    own, (_, rows) = _row(number), _quoted_rows(numbers)
    return (rows.index(own) + 2, own) if own in rows else None


def _quoted_rows(
    numbers: Iterable[Mapping[str, Any]],
) -> tuple[list[str], list[dict[str, str]]]:
    """Give the columns and the rows of the file."""
    found = {tuple(sorted(row.items())): row for row in map(_row, numbers) if row}
    rows = [found[key] for key in sorted(found)]
    columns = [c for c in ("table", *_KEYS, *_FIGURES, *_POINTS) if any(row.get(c) for row in rows)]
    return list(dict.fromkeys(("table", *columns))), rows


def _harmless(text: str) -> str:
    """Keep numbers as they are, a minus sign too; other text is made harmless."""
    try:
        float(text)
    except ValueError:
        return plain_cell(text)
    return text


def _row(number: Mapping[str, Any]) -> dict[str, str]:
    """Write one record as cells; an empty row for what is not known at all."""
    kind = number.get("kind", "")
    if kind == "unknown" or not number.get("key"):
        return {}
    names = {"change": ("change", "low", "high"), "points": _POINTS}
    figures = zip(
        names.get(kind, ("value", "low", "high")),
        (number.get(c) for c in ("value", "low", "high")),
        strict=True,
    )
    table = str(number.get("origin", {}).get("table", "")).rsplit(".", 1)[-1]
    cells = {"table": table, **{k: _iso(str(v)) for k, v in number["key"].items() if k in _KEYS}}
    about = {c: number.get(c) for c in ("numerator", "verdict", "status", "unit", "scale")}
    return cells | {k: _cell(v) for k, v in (*about.items(), *figures) if v is not None}


def _iso(code: str) -> str:
    """Write a quarter or a week as other data files do."""
    if _WEEK.fullmatch(code):
        return iso_period(pd.Period(code[:10], "W-SUN"))
    return re.sub(r"^(\d{4})Q", r"\1-Q", code)


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(round(value, 6))
    return str(value)
