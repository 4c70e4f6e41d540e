"""Look up what a workbook says beside its values: where cells stand, what is hidden or not read.

The XML of an .xlsx is searched for attributes in one pass; that of an .ods is parsed as a
stream. Declarations of entities are refused: no spreadsheet program writes them.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator, Set
from dataclasses import dataclass, field, replace
from xml.parsers import expat
from xml.sax.saxutils import unescape

from obs.clean.read.file_checks import Delivery, check_expansion
from obs.clean.read.file_formats import READ
from obs.errors import DeliveryError

__all__ = ["Range", "SheetMarks", "marks_of"]

Cell = tuple[int, int]  # row and column, from 0
Range = tuple[int, int, int, int]  # its first cell and its last
_REF = re.compile(rb"""<(?:\w+:)?c\s[^>]*?\br=["']\$?([A-Za-z]{1,3})\$?(\d{1,7})["']""")
_STRAY_REF = re.compile(  # a cell where no sheet has one: the reader behind ends on it
    rb"""<(?:\w+:)?c\s[^>]*?\br=["'](?!\$?[A-Za-z]{1,3}\$?\d{1,7}["'])"""
)
_CELL = re.compile(rb"<(?:\w+:)?c[\s/>]")
_HIDDEN = re.compile(rb"""<(?:\w+:)?row\s(?=[^>]*\bhidden=["'](?:1|true)["'])[^>]*>""")
_ROW = re.compile(rb"""\br=["'](\d{1,7})["']""")
_FORMULA = re.compile(  # a cell whose first child is a formula, and its value if it has one
    rb"""<(?:\w+:)?c\s([^>]*)>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*"""
    rb"""(?:<(?:\w+:)?v[^>]*>([^<]*)</)?"""
)
_ERROR = re.compile(
    rb"""<(?:\w+:)?c\s(?=[^>]*\bt=["']e["'])([^>]*)>(?:(?!</(?:\w+:)?c>).)*?<(?:\w+:)?v[^>]*>([^<]*)</""",
    re.DOTALL,
)
_AT = re.compile(rb"""\br=["']\$?([A-Za-z]{1,3})\$?(\d{1,7})["']""")
_STYLED = re.compile(rb"""<(?:\w+:)?c\s(?=[^>]*\bs=["'](\d{1,6})["'])([^>]*)>""")
_FORMAT = re.compile(rb"<(?:\w+:)?numFmt\s[^>]*>")
_STYLES = re.compile(rb"<(?:\w+:)?cellXfs\b.*?</(?:\w+:)?cellXfs>", re.DOTALL)
_STYLE = re.compile(rb"<(?:\w+:)?xf\s[^>]*>")
_PERCENT = {"9", "10"}  # numbers of the formats "0%" and "0.00%"
_FROM_1904 = re.compile(rb"""\bdate1904=["'](?:1|true)["']""")
_SHEET = re.compile(rb"<(?:\w+:)?sheet\s[^>]*>")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\s[^>]*>")
_OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0 "
_TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0 "
_CALC = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0 "


@dataclass
class SheetMarks:
    """Marks of one sheet: its extent, hidden rows, cells that need a word."""

    cells: int = 0
    last_row: int = -1
    last_column: int = -1
    repeated: str = ""  # a cell that stands twice
    hidden: set[int] = field(default_factory=set)
    valued: list[Cell] = field(default_factory=list)  # formulas, by their last computed value
    unvalued: list[Cell] = field(default_factory=list)  # formulas without one
    errors: dict[Cell, str] = field(default_factory=dict)
    percent: list[Range] = field(default_factory=list)  # shown with a percent sign
    merged: list[Range] = field(default_factory=list)
    from_1904: bool = False  # days are counted from 1904


def marks_of(delivery: Delivery) -> dict[str, SheetMarks]:
    """Give the marks of each sheet by its name; none for a workbook that has no such parts."""
    if delivery.kind not in ("xlsx", "ods"):
        return {}
    try:
        with delivery.open() as stream, zipfile.ZipFile(stream) as book:
            size = sum(one.file_size for one in book.infolist())
            check_expansion(size, delivery.size(), delivery.name)
            if delivery.kind == "ods":
                return _OdsParser(delivery.name).read(book.read("content.xml"))
            shares = _percent_styles(book, delivery.name)
            found = {
                name: _of_xlsx(book.read(part), delivery.name, shares)
                for name, part in _sheet_parts(book, delivery.name).items()
            }
            late = bool(_FROM_1904.search(book.read("xl/workbook.xml")))
            return {name: replace(marks, from_1904=late) for name, marks in found.items()}
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, expat.ExpatError, RuntimeError):
        raise _unreadable(delivery.name, delivery.kind) from None


def _unreadable(name: str, kind: str) -> DeliveryError:
    return DeliveryError(
        f"{name}: {READ[kind]} of which a part is missing or cannot be read; ask for it again, or "
        "have it saved anew as .xlsx."
    )


def _sheet_parts(book: zipfile.ZipFile, name: str) -> dict[str, str]:
    """Give the part of the workbook that holds each sheet."""
    listed = _without_entities(book.read("xl/workbook.xml"), name)
    relations = _without_entities(book.read("xl/_rels/workbook.xml.rels"), name)
    targets = {}
    for one in _RELATION.findall(relations):
        target = _attribute(one, b"Target").lstrip("/")
        targets[_attribute(one, b"Id")] = target if target.startswith("xl/") else f"xl/{target}"
    found = {}
    for one in _SHEET.findall(listed):
        part = targets.get(_attribute(one, rb"\w+:id"), "")
        if "worksheets/" in part:
            found[_attribute(one, b"name")] = part
    return found


def _percent_styles(book: zipfile.ZipFile, name: str) -> set[bytes]:
    """Give the styles of cells by which a number is shown with a percent sign."""
    if "xl/styles.xml" not in book.namelist():
        return set()
    part = _without_entities(book.read("xl/styles.xml"), name)
    formats = _PERCENT | {
        _attribute(one, b"numFmtId")
        for one in _FORMAT.findall(part)
        if "%" in _attribute(one, b"formatCode")
    }
    listed = _STYLES.search(part)
    styles = _STYLE.findall(listed[0]) if listed else []
    return {b"%d" % i for i, xf in enumerate(styles) if _attribute(xf, b"numFmtId") in formats}


def _attribute(tag: bytes, name: bytes) -> str:
    found = re.search(rb"\s" + name + rb"""=(?:"([^"]*)"|'([^']*)')""", tag)
    text = (found[1] or found[2] or b"").decode("utf-8", errors="replace") if found else ""
    return unescape(text, {"&quot;": '"', "&apos;": "'"})


def _without_entities(part: bytes, name: str) -> bytes:
    if b"<!DOCTYPE" in part or b"<!ENTITY" in part:
        raise DeliveryError(
            f"{name}: a part of the workbook declares entities, as no spreadsheet program does; it "
            "is not opened. Have it saved anew."
        )
    return part


def _of_xlsx(part: bytes, name: str, shares: Set[bytes] = frozenset()) -> SheetMarks:
    """Search the XML of a sheet; every pattern is linear in its length."""
    _without_entities(part, name)
    if _STRAY_REF.search(part):
        raise _unreadable(name, "xlsx")
    found = SheetMarks(cells=len(_CELL.findall(part)))
    places = [_place(letters, digits) for letters, digits in _REF.findall(part)]
    if places:
        found.last_row = max(row for row, _ in places)
        found.last_column = max(column for _, column in places)
        if len(set(places)) < len(places):
            found.repeated = _first_repeated(places)
    numbers = [_ROW.search(row) for row in _HIDDEN.findall(part)]
    found.hidden |= {int(number[1]) - 1 for number in numbers if number}
    if b"<f" in part or b":f" in part:
        for place, value in _cells_like(_FORMULA, part):
            (found.valued if value else found.unvalued).append(place)
    if shares:
        cells = [attributes for style, attributes in _STYLED.findall(part) if style in shares]
        shown = [_place(at[1], at[2]) for one in cells if (at := _AT.search(one))]
        found.percent = [(*place, *place) for place in shown]
    if b't="e"' in part or b"t='e'" in part:
        for place, value in _cells_like(_ERROR, part):
            found.errors[place] = value.decode("utf-8", errors="replace")
    return found


def _cells_like(pattern: re.Pattern[bytes], part: bytes) -> Iterator[tuple[Cell, bytes]]:
    """Give the place and the value of the cells that a pattern finds."""
    for attributes, value in pattern.findall(part):
        if at := _AT.search(attributes):
            yield _place(at[1], at[2]), value


def _place(letters: bytes, digits: bytes) -> Cell:
    column = 0
    for letter in letters.upper():
        column = column * 26 + letter - 64
    return int(digits) - 1, column - 1


def _first_repeated(places: list[Cell]) -> str:
    seen: set[Cell] = set()
    for row, column in places:
        if (row, column) in seen:
            break
        seen.add((row, column))
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"


class _OdsParser:
    """A stream of XML elements goes in; the marks of each table come out."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.tables: dict[str, SheetMarks] = {}
        self.marks = SheetMarks()
        self.row = self.column = self.repeat = 0
        self.hidden = False  # is equivalent: every row says it before its cells
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end

    def read(self, content: bytes) -> dict[str, SheetMarks]:
        self.parser.Parse(content, True)  # noqa: FBT003 (it takes no names)
        return self.tables

    def _doctype(self, *_: object) -> None:
        _without_entities(b"<!DOCTYPE", self.name)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == f"{_TABLE}table":
            self.marks = self.tables[attributes.get(f"{_TABLE}name", "")] = SheetMarks()
            self.row = 0
        elif tag == f"{_TABLE}table-row":
            self.column = 0
            self.repeat = _whole(attributes, "number-rows-repeated")
            self.hidden = attributes.get(f"{_TABLE}visibility", "visible") != "visible"
        elif tag in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
            self._cell(attributes)

    def _end(self, tag: str) -> None:
        if tag == f"{_TABLE}table-row":
            self.row += self.repeat

    def _cell(self, attributes: dict[str, str]) -> None:
        wide = _whole(attributes, "number-columns-repeated")
        at = (self.row, self.column)
        kind = attributes.get(f"{_OFFICE}value-type", "")
        if kind:
            self.marks.cells += 1
            if self.hidden:
                self.marks.hidden.add(self.row)
            self.marks.last_row = max(self.marks.last_row, self.row + self.repeat - 1)
            self.marks.last_column = max(self.marks.last_column, self.column + wide - 1)
        if f"{_TABLE}formula" in attributes:
            (self.marks.valued if kind else self.marks.unvalued).append(at)
        if kind == "percentage":
            last = (self.row + self.repeat - 1, self.column + wide - 1)
            self.marks.percent.append((*at, *last))
        if attributes.get(f"{_CALC}value-type") == "error":
            self.marks.errors[at] = "#ERR"
        down = _whole(attributes, "number-rows-spanned")
        across = _whole(attributes, "number-columns-spanned")
        if down * across > 1:
            self.marks.merged.append((*at, at[0] + down - 1, at[1] + across - 1))
        self.column += wide


def _whole(attributes: dict[str, str], name: str) -> int:
    """Read how often a row or cell is repeated, or how far it spans."""
    text = attributes.get(f"{_TABLE}{name}", "1")
    return int(text) if text.isdecimal() and len(text) < 10 else 1
