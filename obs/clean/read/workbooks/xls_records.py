"""Read the records of an .xls workbook that tell what its values do not: hidden rows, errors, formulas.

The records are those of the Binary Interchange File Format (BIFF5 and BIFF8).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

import olefile

from obs.clean.read.workbooks.sheet_marks import SheetMarks

__all__ = ["marks_of_xls"]

_SHEET, _ROW, _FORMULA, _ERROR, _DATE_MODE, _BEGIN = 0x85, 0x208, 0x06, 0x205, 0x22, 0x809
_CELLS = {0x203, 0x27E, 0xFD, 0x204, 0x205, 0x06}  # number, RK, text, label, error, formula
_HIDDEN = 0x20  # of the options of a row: its height is zero
_NAMES = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!",
    0x2A: "#N/A",
}  # fmt: skip


def marks_of_xls(stream: BinaryIO) -> dict[str, SheetMarks]:
    """Give the marks of each sheet by its name.

    Raises
    ------
    OSError
        If the container is damaged.
    """
    with olefile.OleFileIO(stream) as container:
        name = next((n for n in ("Workbook", "Book") if container.exists(n)), None)
        if name is None:
            raise OSError("no workbook in the container")
        content = container.openstream(name).read()
    sheets: dict[int, str] = {}
    found: dict[str, SheetMarks] = {}
    current, from_1904 = SheetMarks(), False
    wide = True  # is equivalent: the first record says it (BIFF8: two bytes a character)
    for at, kind, data in _records(content):
        if kind == _BEGIN and len(data) >= 4:
            wide = data[:2] == b"\x00\x06"
            if at in sheets:
                current = found[sheets[at]] = SheetMarks(from_1904=from_1904)
        elif kind == _SHEET and len(data) > 7:
            sheets[struct.unpack_from("<I", data)[0]] = _name(data, wide=wide)
        elif kind == _DATE_MODE:
            from_1904 = data[:2] == b"\x01\x00"
        else:
            _mark(current, kind, data)
    return found


def _records(content: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Give position, kind and content of each record."""
    at = 0
    while at + 4 <= len(content):
        kind, length = struct.unpack_from("<HH", content, at)
        yield at, kind, content[at + 4 : at + 4 + length]
        at += 4 + length


def _name(data: bytes, *, wide: bool) -> str:
    length = data[6]
    if not wide:
        return data[7 : 7 + length].decode("cp1252", errors="replace")
    if data[7] & 1:
        return data[8 : 8 + 2 * length].decode("utf-16-le", errors="replace")
    return data[8 : 8 + length].decode("latin-1")


def _mark(marks: SheetMarks, kind: int, data: bytes) -> None:
    """Note what a record tells of a row or a cell."""
    if kind == _ROW and len(data) >= 14 and data[12] & _HIDDEN:
        marks.hidden.add(struct.unpack_from("<H", data)[0])
    if kind not in _CELLS or len(data) < 6:
        return
    row, column = struct.unpack_from("<HH", data)
    marks.cells += 1
    marks.last_row, marks.last_column = max(marks.last_row, row), max(marks.last_column, column)
    if kind == _ERROR and len(data) >= 8 and data[7]:
        marks.errors[row, column] = _NAMES.get(data[6], "#ERR")
    elif kind == _FORMULA and len(data) >= 14:
        _mark_formula(marks, (row, column), data[6:14])


def _mark_formula(marks: SheetMarks, at: tuple[int, int], value: bytes) -> None:
    """Note a formula by its last computed value: an error, none, or another."""
    special = value[6:] == b"\xff\xff"
    if special and value[0] == 2:
        marks.errors[at] = _NAMES.get(value[2], "#ERR")
    elif special and value[0] == 3:
        marks.unvalued.append(at)
    else:
        marks.valued.append(at)
