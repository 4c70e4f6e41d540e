"""Read the sheets of a workbook (.xlsx, .xls, .ods): every cell that stands in it, as text.

Values are read by calamine; what it does not tell (hidden rows, formulas without a value,
error cells, cells far apart or given twice) is looked up in the workbook's parts first, so
that no cell is lost and no sheet costs more than it holds.
"""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass, field

import python_calamine as calamine

from obs.clean.read.cell_texts import cell_text
from obs.clean.read.file_checks import Delivery
from obs.clean.read.file_formats import READ
from obs.clean.read.workbooks.sheet_marks import Range, SheetMarks, marks_of
from obs.clean.read.workbooks.xls_records import marks_of_xls
from obs.errors import DeliveryError

__all__ = ["Sheet", "read_sheets"]

_MOST_CELLS = 50_000_000  # of the rectangle that holds a sheet's cells
_SPARSE = 1_000_000, 50  # a larger rectangle holds at least one cell in so many
_UNVALUED = "=?"  # stands for a formula without a value: no such text is read as anything


@dataclass(frozen=True)
class Sheet:
    """One sheet: its rows of texts from the first line on, and what was marked in it.

    `merged` gives ranges of merged cells (first row, first column, last row, last column),
    rows and columns counted from 0.
    """

    name: str
    visible: bool
    rows: list[list[str]]
    merged: list[Range] = field(default_factory=list)
    marks: SheetMarks = field(default_factory=SheetMarks)


def read_sheets(delivery: Delivery, *, decimal: str) -> list[Sheet]:
    """Read every sheet that holds a cell.

    Parameters
    ----------
    delivery : Delivery
        A workbook.
    decimal : str
        Sign that numbers with a fraction are written with.

    Returns
    -------
    list of Sheet
        In the order of the workbook, hidden ones included.

    Raises
    ------
    DeliveryError
        If the workbook is damaged, protected, or holds cells without measure.
    """
    marks = _marks(delivery)
    for name, found in marks.items():
        _check_size(found, name, delivery.name)
    try:
        with _opened(delivery) as book:
            sheets = [
                _sheet(book, one, marks.get(one.name, SheetMarks()), delivery, decimal)
                for one in book.sheets_metadata
                if one.typ is calamine.SheetTypeEnum.WorkSheet
            ]
    except calamine.PasswordError:
        raise DeliveryError(
            f"{delivery.name}: the workbook is protected by a password; have it saved without one."
        ) from None
    except (calamine.CalamineError, OSError):
        raise _unreadable(delivery) from None
    except BaseException as fault:  # a panic of the reader behind is no Exception
        if type(fault).__name__ != "PanicException":
            raise
        raise _unreadable(delivery) from None
    return [sheet for sheet in sheets if sheet.rows]


def _marks(delivery: Delivery) -> dict[str, SheetMarks]:
    """Give the marks of each sheet, whatever kind of workbook it is."""
    if delivery.kind != "xls":
        return marks_of(delivery)
    try:
        with delivery.open() as stream:
            return marks_of_xls(stream)
    except (OSError, struct.error, IndexError, ValueError):
        raise _unreadable(delivery) from None


def _unreadable(delivery: Delivery) -> DeliveryError:
    return DeliveryError(
        f"{delivery.name}: {READ[delivery.kind]} of which a part is missing or cannot be read; "
        "ask for it again, or have it saved anew as .xlsx."
    )


def _opened(delivery: Delivery) -> calamine.CalamineWorkbook:
    if delivery.content is not None:
        return calamine.CalamineWorkbook.from_filelike(io.BytesIO(delivery.content))
    return calamine.CalamineWorkbook.from_filelike(io.BytesIO(delivery.path.read_bytes()))


def _sheet(
    book: calamine.CalamineWorkbook,
    one: calamine.SheetMetadata,
    marks: SheetMarks,
    delivery: Delivery,
    decimal: str,
) -> Sheet:
    found = book.get_sheet_by_name(one.name)
    if found.end is not None:
        height, width = found.end[0] + 1, found.end[1] + 1
        _check_rectangle(height, width, max(delivery.size(), 1), one.name, delivery.name)
    values = found.to_python(skip_empty_area=False)
    rows = [[cell_text(value, decimal) or "" for value in row] for row in values]
    for (row, column), text in marks.errors.items():
        _put(rows, row, column, text)
    for row, column in marks.unvalued:
        if row >= len(rows) or column >= len(rows[row]) or not rows[row][column]:
            _put(rows, row, column, _UNVALUED)
    ranges = found.merged_cell_ranges or []
    merged = [(a, b, c, d) for (a, b), (c, d) in ranges] or marks.merged
    visible = one.visible is calamine.SheetVisibleEnum.Visible
    return Sheet(one.name, visible, rows, merged, marks)


def _put(rows: list[list[str]], row: int, column: int, text: str) -> None:
    """Write a text into a cell, beyond the rectangle of the others if need be."""
    rows += [[] for _ in range(row + 1 - len(rows))]
    rows[row] += [""] * (column + 1 - len(rows[row]))
    rows[row][column] = text


def _check_size(marks: SheetMarks, sheet: str, name: str) -> None:
    """Refuse a sheet whose cells lie far apart, or stand twice in one place."""
    if marks.repeated:
        raise DeliveryError(
            f"{name}, sheet '{sheet[:40]}': cell {marks.repeated} stands twice; the workbook is "
            "damaged, and one of them would be lost. Have it saved anew."
        )
    rows, columns = marks.last_row + 1, marks.last_column + 1
    _check_rectangle(rows, columns, marks.cells, sheet, name)


def _check_rectangle(rows: int, columns: int, cells: int, sheet: str, name: str) -> None:
    area = rows * columns
    if area > _MOST_CELLS or (area > _SPARSE[0] and area > _SPARSE[1] * cells):
        raise DeliveryError(
            f"{name}, sheet '{sheet[:40]}': the last cell stands in row {rows:,}, column "
            f"{columns:,}, far from the others; delete the stray cells, and save the sheet as CSV "
            "if it is so large."
        )
