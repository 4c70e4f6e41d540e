"""Write open tables as CSV, and describe them all in one file of CSV on the Web (W3C, 2015)."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from obs.locale import words
from obs.open_data.about_edition import AboutEdition
from obs.open_data.open_tables import OpenTable, kind_of
from obs.report.figures.data_file import csv_cell

__all__ = ["METADATA", "column_title", "csv_bytes", "csvw_metadata"]

METADATA = "csv-metadata.json"  # the name that readers look for beside a CSV file
_DATATYPES = {
    "count": "integer",
    "number": "number",
    "flag": "boolean",
    "date": "date",
}


def csv_bytes(table: OpenTable) -> bytes:
    """Write a table as CSV in UTF-8: one header line, dot decimals, ISO days, no formula."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(map(_name, table.cells))
    columns = [_texts(cells) for cells in table.cells.values()]
    writer.writerows(zip(*columns, strict=True))
    return text.getvalue().encode()


def _texts(cells: Sequence[Any]) -> list[str]:
    """Write the cells of a column; each distinct value once."""
    if isinstance(next((c for c in cells if c is not None), None), str):
        written = {cell: csv_cell(cell) for cell in set(cells)}
        return [written[cell] for cell in cells]
    return [_text(cell) for cell in cells]


def _text(cell: Any) -> str:
    return cell.isoformat() if hasattr(cell, "isoformat") else csv_cell(cell)


def _name(column: str) -> str:
    """Name a column: that of words ends in its language, `territory_fr`."""
    return column.replace("__", "_")


def column_title(column: str, lang: str) -> str:
    """Say what a column holds."""
    code, _, of_words = column.partition("__")
    said = words(lang).say(f"open_data.columns.{code}")
    return words(lang).say("open_data.in_words", column=said) if of_words else said


def csvw_metadata(
    tables: Iterable[OpenTable], about: AboutEdition, *, langs: Sequence[str], folder: str = ""
) -> bytes:
    """Describe all CSV files as one group of tables: columns, types, keys, titles."""
    described = [
        {
            "url": f"{folder}{table.name}.csv",
            "dc:title": _in_languages(table.titles),
            "tableSchema": {
                "primaryKey": [_name(c) for c in table.key],
                "columns": [_column(c, langs, required=c in table.key) for c in table.cells],
            },
        }
        for table in tables
    ]
    group = {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": langs[0]}],
        "dc:title": _in_languages(about.title),
        "dc:publisher": _in_languages(about.publisher),
        "dc:license": about.licence,
        "dc:identifier": about.name,
        "dialect": {"encoding": "utf-8", "lineTerminators": ["\n"], "header": True},
        "tables": described,
    }
    return (json.dumps(group, ensure_ascii=False, separators=(",", ":")) + "\n").encode()


def _column(column: str, langs: Sequence[str], *, required: bool) -> dict[str, Any]:
    code, _, lang = column.partition("__")
    told: dict[str, Any] = {
        "name": _name(column),
        "titles": _name(column),
        "dc:description": _in_languages({one: column_title(column, one) for one in langs}),
        "datatype": _DATATYPES.get(kind_of(column), "string"),
    }
    if lang:
        told["lang"] = lang
    if required:
        told["required"] = True
    return told


def _in_languages(texts: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"@value": text, "@language": lang} for lang, text in texts.items()]
