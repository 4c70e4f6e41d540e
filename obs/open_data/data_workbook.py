"""Write a workbook for each indicator and language: cover, contents, notes, then one table a sheet.

It follows what official statistics ask of a spreadsheet: one table on a sheet, its header in one
row, numbers as numbers, marks in a column of their own, nothing hidden, merged or computed.
"""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Sequence
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from obs.locale import words
from obs.open_data.about_edition import AboutEdition
from obs.open_data.csv_files import column_title
from obs.open_data.open_tables import OpenTable
from obs.open_data.portal_catalogue import indicator_name, indicator_words
from obs.report.figures.data_file import WITHHELD_WORD

__all__ = ["indicator_workbook"]

_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_STATUSES = (
    *("ok", "zero", "missing", "not_applicable", "provisional"),
    *(WITHHELD_WORD, "suppressed_source", "unreliable"),
)
_AT_ONCE = (
    "unit",
    "scale",
    "source",
    "method",
    "change_of",
    "extracted",
)  # above the table, if alike
_LEFT_OUT = {"indicator", "level", "synthetic"}
_LONGEST_NAME = 31  # of a sheet
_LONGEST_TEXT = 32_767  # of a cell
_TOP = 7  # rows of what a sheet is, above its table
_WIDE = 60


def indicator_workbook(
    tables: Sequence[OpenTable],
    about: AboutEdition,
    *,
    lang: str,
    day: dt.date,
    synthetic: str = "",
) -> bytes:
    """Write the workbook of an indicator in one language.

    `day` is that of its creation, the same at each build; `synthetic` the sentence of synthetic
    data.
    """
    content = io.BytesIO()
    with Workbook(content, dict(_OPTIONS)) as book:
        title = indicator_name(tables[0], lang)
        noon = dt.datetime.combine(day, dt.time(12))
        author = about.publisher.get(lang, "")
        book.set_properties({"title": title, "author": author, "created": noon})
        book_words = _Words(book, lang, synthetic)
        sheets = _sheet_names(tables, lang)
        _write_cover(book_words, title, about, tables[0])
        _write_contents(book_words, tables, sheets)
        _write_notes(book_words, tables)
        for number, (table, name) in enumerate(zip(tables, sheets, strict=True), start=1):
            _write_table(book_words, table, name, number)
    return content.getvalue()


class _Words:
    """A workbook with its language and its formats."""

    def __init__(self, book: Workbook, lang: str, synthetic: str) -> None:
        self.book, self.lang, self.synthetic = book, lang, synthetic
        self.say = words(lang).say
        self.heading = book.add_format({"bold": True, "font_size": 14})
        self.wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        self.numbers = {
            "count": book.add_format({"num_format": "#,##0"}),
            "plain": book.add_format({"num_format": "0"}),
            "number": book.add_format({"num_format": "#,##0.00"}),
            "small": book.add_format({"num_format": "0.0000"}),
            "share": book.add_format({"num_format": "0.0%"}),
        }
        self.date = book.add_format({"num_format": "yyyy-mm-dd"})

    def sheet(self, name: str, title: str, widths: Sequence[int]) -> Worksheet:
        """Begin a sheet with its title."""
        sheet = self.book.add_worksheet(name)
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        self.write(sheet, 0, 0, title, self.heading)
        return sheet

    def write(
        self, sheet: Worksheet, row: int, column: int, text: str, look: Format | None = None
    ) -> None:
        """Write a text as a text, whatever it begins with."""
        sheet.write_string(row, column, text[:_LONGEST_TEXT], look)


def _sheet_names(tables: Sequence[OpenTable], lang: str) -> list[str]:
    """Name each sheet by its number and its level."""
    names = []
    for number, table in enumerate(tables, start=1):
        level = (table.cells.get(f"level__{lang}") or [table.level])[0] or table.level
        span = table.cells["period"]
        plain = re.sub(r"[\[\]:*?/\\']", " ", f"{number} {level} {min(span)}-{max(span)}")
        names.append(plain[:_LONGEST_NAME].strip())
    return names


def _write_cover(book: _Words, title: str, about: AboutEdition, table: OpenTable) -> None:
    say, lang = book.say, book.lang
    sheet = book.sheet(_sheet_name(say("workbook.about")), title, [90])
    known = about.title.get(lang, about.observatory)
    lines = [
        book.synthetic,
        say("open_data.catalogue", observatory=known, edition=about.edition),
        about.publisher.get(lang, ""),
        say("page.licensed", licence=about.licence) if about.licence else "",
        say("page.contact", contact=about.contact[lang]) if about.contact.get(lang) else "",
        about.name,
        *indicator_words(table, lang),
        say("open_data.protected"),
    ]
    for row, line in enumerate(filter(None, lines), start=1):
        book.write(sheet, row, 0, line, book.wrapped)


def _write_contents(book: _Words, tables: Sequence[OpenTable], names: Sequence[str]) -> None:
    say = book.say
    sheet = book.sheet(_sheet_name(say("open_data.contents")), say("open_data.contents"), [34, 90])
    rows = [[name, table.titles[book.lang]] for name, table in zip(names, tables, strict=True)]
    _write_as_table(
        book, sheet, 2, [say("open_data.sheet"), say("open_data.title")], rows, "contents"
    )
    for row, name in enumerate(names, start=3):
        sheet.write_url(row, 0, f"internal:'{name}'!A1", string=name)


def _write_notes(book: _Words, tables: Sequence[OpenTable]) -> None:
    """Say what each column holds and what each mark means."""
    say, lang = book.say, book.lang
    sheet = book.sheet(_sheet_name(say("open_data.notes")), say("open_data.notes"), [34, 100])
    columns = dict.fromkeys(c for table in tables for c in table.cells if "__" not in c)
    rows = [[column, column_title(column, lang)] for column in columns]
    told = [status for status in _STATUSES if any(status in t.cells["status"] for t in tables)]
    rows += [[_mark(status, lang), say(f"open_data.statuses.{status}")] for status in told]
    _write_as_table(
        book, sheet, 2, [say("open_data.column"), say("open_data.means")], rows, "notes"
    )


def _mark(status: str, lang: str) -> str:
    """Say a status in a few words."""
    if status == WITHHELD_WORD:
        return words(lang).say("status.withheld")
    return words(lang).code("statuses", status)


def _write_table(book: _Words, table: OpenTable, name: str, number: int) -> None:
    """Write the sheet of one table: what it is, then its rows."""
    sheet = book.sheet(name, table.titles[book.lang], [])
    for row, line in enumerate(_lines_above(book, table), start=1):
        book.write(sheet, row, 0, line)
    columns = _columns_shown(book, table)
    header = [title for title, _, _ in columns]
    for column, (title, cells, look) in enumerate(columns):
        width = max(len(title), *(len(str(c)) for c in cells if c is not None), 8) + 2
        sheet.set_column(column, column, min(width, _WIDE))
        _write_column(book, sheet, column, cells, look)
    last = _TOP + len(table)
    sheet.add_table(
        *(_TOP, 0, last, len(columns) - 1),
        {
            "name": f"table_{number}",
            "columns": [{"header": title} for title in header],
            "style": "Table Style Light 1",
            "banded_rows": False,
        },
    )
    sheet.freeze_panes(_TOP + 1, 2)
    sheet.ignore_errors({"number_stored_as_text": f"A1:{_letters(len(columns))}{last + 1}"})


def _lines_above(book: _Words, table: OpenTable) -> list[str]:
    """Say what all rows of a table have in common."""
    lines = [book.synthetic, book.say("open_data.one_table")]
    told = []
    for column in _AT_ONCE:
        own = table.cells.get(f"{column}__{book.lang}") or table.cells.get(column)
        if own and _is_alike(table, column):
            title = column_title(column, book.lang)
            told.append(book.say("join.colon", label=title, text=str(own[0])))
    return [*filter(None, lines), *told][: _TOP - 1]


def _is_alike(table: OpenTable, column: str) -> bool:
    cells = table.cells.get(column, [])
    return len(set(cells)) == 1 and cells[0] is not None


def _columns_shown(book: _Words, table: OpenTable) -> list[tuple[str, list[Any], str]]:
    """Give the columns of a sheet with their headers and how numbers are written."""
    shown: list[tuple[str, list[Any], str]] = []
    lines = [c for c in _AT_ONCE if _is_alike(table, c)][: _TOP - 3]
    for column, cells in table.cells.items():
        if "__" in column or column in (*_LEFT_OUT, *lines):
            continue
        said = table.cells.get(f"{column}__{book.lang}")
        if column == "status":
            marks = [None if s == "ok" else _mark(s, book.lang) for s in cells]
            shown.append((book.say("open_data.mark"), marks, "text"))
        elif said and column != "territory":
            shown.append((column, said, "text"))
        else:
            shown.append((column, cells, _look(table, column)))
            if said:
                title = book.say("open_data.in_words", column=column)
                shown.append((title, said, "text"))
    return shown


def _look(table: OpenTable, column: str) -> str:
    cells = [c for c in table.cells[column] if c is not None]
    if column in ("period", "base") and all(str(c).isdigit() for c in cells):
        return "year"
    if all(isinstance(c, int) and not isinstance(c, bool) for c in cells):
        return "count"
    scales = set(table.cells.get("scale", ()))
    parts = column in ("change", "points", "points_low", "points_high") or "detectable" in column
    if parts or (column in ("value", "low", "high") and (scales == {"share"} or table.changes)):
        return "share"
    if column == "p_value":
        return "small"
    if column == "denominator" and all(float(c).is_integer() for c in cells):
        return "count"
    return "number" if all(isinstance(c, float) for c in cells) else "text"


def _write_column(
    book: _Words, sheet: Worksheet, column: int, cells: Sequence[Any], look: str
) -> None:
    """Write a column: numbers and days as such, texts as texts, nothing where there is nothing."""
    number = book.numbers["plain" if look == "year" else look] if look != "text" else None
    for row, cell in enumerate(cells, start=_TOP + 1):
        if cell is None:
            continue
        if number is not None:
            sheet.write_number(row, column, float(cell), number)
        elif isinstance(cell, dt.date):
            sheet.write_datetime(row, column, dt.datetime.combine(cell, dt.time()), book.date)
        elif isinstance(cell, bool):
            sheet.write_boolean(row, column, cell)
        else:
            book.write(sheet, row, column, str(cell))


def _write_as_table(
    book: _Words,
    sheet: Worksheet,
    top: int,
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    name: str,
) -> None:
    for row, cells in enumerate(rows, start=top + 1):
        for column, cell in enumerate(cells):
            book.write(sheet, row, column, cell, book.wrapped)
    sheet.add_table(
        *(top, 0, top + len(rows), len(header) - 1),
        {
            "name": name,
            "columns": [{"header": title} for title in header],
            "style": "Table Style Light 1",
            "banded_rows": False,
        },
    )


def _letters(columns: int) -> str:
    """Name a column of a sheet by its number."""
    return str(xl_col_to_name(columns - 1))


def _sheet_name(title: str) -> str:
    return re.sub(r"[\[\]:*?/\\']", " ", title).strip()[:_LONGEST_NAME]
