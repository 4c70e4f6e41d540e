"""Write the data dictionary: what each column holds, what each code means, in every language."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from obs.locale import words
from obs.open_data.csv_files import column_title
from obs.open_data.open_tables import OpenTable, kind_of
from obs.open_data.sdmx_messages import sdmx_code
from obs.report.edition.code_words import CODED
from obs.report.figures.data_file import csv_cell

__all__ = ["codes_csv", "columns_csv"]


def columns_csv(tables: Sequence[OpenTable], *, langs: Sequence[str]) -> bytes:
    """Describe every column: its name, kind, whether it holds codes, what it means."""
    columns = sorted({c for table in tables for c in table.cells if "__" not in c})
    rows = [
        [
            column,
            kind_of(column),
            str(column in CODED).lower(),
            *(column_title(column, lang) for lang in langs),
        ]
        for column in columns
    ]
    return _csv(["column", "kind", "coded", *(f"meaning_{lang}" for lang in langs)], rows)


def codes_csv(tables: Iterable[OpenTable], *, langs: Sequence[str]) -> bytes:
    """List every code that the data hold, with its name, and what a status says."""
    found: dict[tuple[str, str], list[str]] = {}
    for table in tables:
        for column in CODED:
            named = [table.cells.get(f"{column}__{lang}") for lang in langs]
            for row, code in enumerate(table.cells.get(column, ())):
                if code is not None and (column, code) not in found:
                    found[column, code] = [(cells[row] or "") if cells else "" for cells in named]
    rows = [
        [column, code, sdmx_code(code), *names, *_explained(column, code, langs)]
        for (column, code), names in sorted(found.items())
    ]
    header = ["column", "code", "sdmx", *(f"name_{lang}" for lang in langs)]
    return _csv([*header, *(f"meaning_{lang}" for lang in langs)], rows)


def _explained(column: str, code: str, langs: Sequence[str]) -> list[str]:
    if column != "status":
        return [""] * len(langs)
    return [words(lang).say(f"open_data.statuses.{code}") for lang in langs]


def _csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([csv_cell(cell) for cell in row] for row in rows)
    return text.getvalue().encode()
