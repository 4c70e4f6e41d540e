"""Write all data of a note in one workbook: a sheet of what it is, then one sheet for each data file.

Cells come from the data files, which released tables alone make. Codes keep their column and have
their words beside; the status of a figure has columns of its own; a withheld figure is an empty cell.
No cell is a formula, and the same data give the same bytes.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterable, Mapping, Sequence

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from obs.locale import words
from obs.report.edition.code_words import CODED, code_in_words
from obs.report.page.content import Page

__all__ = ["note_workbook", "workbook_name"]

_TEXT = {*CODED, "period", "base", "change_base", "extracted", "covered_from", "covered_to"}
_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_LONGEST_NAME = 31  # of a sheet
_WIDEST = 48  # characters of a column

Places = Mapping[str, str]


def workbook_name(page: Page) -> str:
    """Give the name of the workbook of a note in the language of its page."""
    return f"{page.name}.{page.lang}.xlsx"


def note_workbook(page: Page, *, places: Places) -> bytes:
    """Write the workbook of a note.

    `places` are the names of areas by code, in the language of the page. Returns the file; the same
    for the same page.
    """
    content = io.BytesIO()
    book = Workbook(content, dict(_OPTIONS))
    noon = dt.datetime.combine(page.day, dt.time(12))
    about = {"title": page.title, "author": page.publisher, "comments": page.synthetic}
    book.set_properties({**about, "created": noon})
    heading, bold = book.add_format({"bold": True}), book.add_format({"bold": True, "bottom": 1})
    names = _sheet_names(page)
    _write_cover(book, page, names, heading)
    for file in page.files:
        sheet = book.add_worksheet(names[file.name])
        rows = _rows_with_words(page.data[file.name], page.lang, places)
        sheet.write_string(0, 0, file.title, heading)
        sheet.write_string(1, 0, page.synthetic)
        _write_rows(sheet, rows, bold)
    book.close()
    return content.getvalue()


def _write_cover(book: Workbook, page: Page, names: Mapping[str, str], heading: Format) -> None:
    """Say what the workbook holds, of whom it is, and what each sheet has."""
    sheet = book.add_worksheet(_plain_name(page.say("workbook.about"), ()))
    sheet.set_column(0, 0, _WIDEST)
    sheet.set_column(1, 1, _WIDEST)
    lines = [
        page.synthetic,
        page.release,
        page.data_days,
        page.say("page.cite", reference=page.reference),
        page.say("page.licensed", licence=page.licence) if page.licence else "",
        page.say("page.contact", contact=page.contact) if page.contact else "",
        page.say("workbook.words"),
    ]
    sheet.write_string(0, 0, page.title, heading)
    row = 1
    for line in filter(None, lines):
        sheet.write_string(row, 0, line)
        row += 1
    for file in page.files:
        row += 1
        sheet.write_string(row, 0, names[file.name])
        sheet.write_string(row, 1, file.title)


def _write_rows(sheet: Worksheet, rows: Sequence[Sequence[str]], bold: Format) -> None:
    """Write a header and its rows from the third line on, numbers as numbers."""
    header, *body = rows
    sheet.freeze_panes(3, 0)
    for column, name in enumerate(header):
        cells = [row[column] for row in body]
        widest = max(map(len, [name, *cells]), default=8)
        sheet.set_column(column, column, min(max(widest + 2, 9), _WIDEST))
        sheet.write_string(2, column, name, bold)
        for line, cell in enumerate(cells, start=3):
            if name not in _TEXT and _is_number(cell):
                sheet.write_number(line, column, float(cell))
            elif cell:
                sheet.write_string(line, column, cell)


def _rows_with_words(text: str, lang: str, places: Places) -> list[list[str]]:
    """Read a data file, and put the words of its codes beside them."""
    header, *body = list(csv.reader(io.StringIO(text)))
    columns: list[tuple[str, list[str]]] = []
    for column, name in enumerate(header):
        codes = [row[column] for row in body]
        columns.append((name, codes))
        if name in CODED and any(codes):
            told = {code: code_in_words(name, code, lang, places) for code in set(codes)}
            if any(told.values()):
                title = words(lang).say("workbook.in_words", column=name)
                columns.append((title, [told[code] for code in codes]))
    names = [name for name, _ in columns]
    return [names, *(list(row) for row in zip(*(cells for _, cells in columns), strict=True))]


def _sheet_names(page: Page) -> dict[str, str]:
    """Name each sheet after the figure or table of its file."""
    own = {e.data_name: e.label for e in reversed(page.exhibits) if e.data_name}
    names: dict[str, str] = {}
    for file in page.files:
        names[file.name] = _plain_name(own.get(file.name) or file.title, names.values())
    return names


def _plain_name(title: str, taken: Iterable[str]) -> str:
    plain = re.sub(r"[\[\]:*?/\\']", " ", title).strip()[:_LONGEST_NAME] or "1"
    number, name = 1, plain
    others = {other.casefold() for other in taken}
    while name.casefold() in others:
        number += 1
        name = f"{plain[: _LONGEST_NAME - 4]} ({number})"
    return name


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"-?\d+(\.\d+)?(e[+-]?\d+)?", text))
