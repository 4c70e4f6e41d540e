"""Sheets of a workbook as texts, and what is refused of them."""

import io
from pathlib import Path

import openpyxl
import pytest
import xlwt

from obs.clean.read.file_checks import Delivery
from obs.clean.read.workbooks.sheet_marks import SheetMarks
from obs.clean.read.workbooks.spreadsheets import read_sheets
from obs.errors import DeliveryError

ROOM = "obs.clean.read.workbooks.spreadsheets"


def sheets_of(*cells, **more):
    """Read a workbook of one sheet of these cells (place, value), in memory."""
    book = openpyxl.Workbook()
    book.active.title = "S"
    for place, value in cells:
        book.active[place] = value
    for name, rows in more.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    return of_book(book)


def of_book(book, kind="xlsx"):
    out = io.BytesIO()
    book.save(out)
    delivery = Delivery(Path("a"), f"a.{kind}", "", kind, out.getvalue())
    return read_sheets(delivery, decimal=",")


def test_every_cell_is_a_text_in_its_place():
    (sheet,) = sheets_of(("A1", "nis"), ("B2", 2.5), ("B3", 7))
    assert (sheet.name, sheet.visible) == ("S", True)
    assert sheet.rows == [["nis", ""], ["", "2,5"], ["", "7"]]
    assert sheets_of(("B2", "x"))[0].rows == [["", ""], ["", "x"]]


def test_a_formula_without_a_value_is_marked_wherever_it_stands():
    (sheet,) = sheets_of(("A1", "n"), ("A2", "=1+1"), ("C4", "=2"))
    assert sheet.rows == [["n"], ["=?"], [], ["", "", "=?"]]


def test_a_sheet_without_a_cell_is_left_out():
    assert [sheet.name for sheet in sheets_of(("A1", 1), T=[], U=[["x"]])] == ["S", "U"]


def test_a_sheet_that_is_a_chart_is_none():
    book = openpyxl.Workbook()
    book.active["A1"] = "x"
    book.create_chartsheet("Chart")
    assert [one.name for one in of_book(book)] == ["Sheet"]


def test_marks_of_an_older_workbook_are_looked_up_too():
    book = xlwt.Workbook()
    sheet = book.add_sheet("S")
    sheet.write(0, 0, "x")
    sheet.row(0).hidden = True
    (found,) = of_book(book, "xls")
    assert (found.rows, found.marks.hidden) == ([["x"]], {0})


def test_a_cell_that_stands_twice_refuses_the_workbook(monkeypatch):
    monkeypatch.setattr(f"{ROOM}.marks_of", lambda _: {"S": SheetMarks(repeated="B3")})
    with pytest.raises(DeliveryError, match="sheet 'S': cell B3 stands twice"):
        sheets_of(("A1", "x"))


@pytest.mark.parametrize(("place", "read"), [("A12", 1), ("A13", 0), ("L1", 1), ("M1", 0)])
def test_without_marks_the_rectangle_is_that_of_the_values(monkeypatch, place, read):
    monkeypatch.setattr(f"{ROOM}.marks_of", lambda _: {})
    monkeypatch.setattr(f"{ROOM}._MOST_CELLS", 12)
    if read:
        assert sheets_of(("A1", "x"), (place, "y"))[0].rows[-1][-1] == "y"
    else:
        with pytest.raises(DeliveryError, match="far from the others"):
            sheets_of(("A1", "x"), (place, "y"))


def test_a_panic_of_the_reader_is_damage_and_an_interrupt_is_not(monkeypatch):
    fault = type("PanicException", (BaseException,), {})

    def opened(_):
        raise fault

    monkeypatch.setattr(f"{ROOM}._opened", opened)
    with pytest.raises(DeliveryError, match="cannot be read"):
        sheets_of(("A1", "x"))
    fault = KeyboardInterrupt
    with pytest.raises(KeyboardInterrupt):
        sheets_of(("A1", "x"))


def test_merged_cells_are_told_with_the_others():
    book = openpyxl.Workbook()
    book.active["A1"] = "x"
    book.active.merge_cells("A1:B3")
    (sheet,) = of_book(book)
    assert sheet.merged == [(0, 0, 2, 1)]


def test_a_stray_cell_far_from_the_others_is_refused():
    with pytest.raises(DeliveryError) as refused:
        sheets_of(("A1", "x"), ("T1000000", 1))
    said = "a.xlsx, sheet 'S': the last cell stands in row 1,000,000, column 20, far"
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("places", "read"),
    [
        (("A1", "A2", "B3"), True),  # 6 places, one in two filled
        (("A1", "B3"), False),
        (("A4",), True),  # no more than 4 places
        (("A5",), False),
        ([f"A{row}" for row in range(1, 13)], True),
        ([f"A{row}" for row in range(1, 14)], False),
    ],
)
def test_the_largest_rectangle_and_the_sparsest(monkeypatch, places, read):
    monkeypatch.setattr(f"{ROOM}._MOST_CELLS", 12)
    monkeypatch.setattr(f"{ROOM}._SPARSE", (4, 2))
    cells = [(place, "x") for place in places]
    if read:
        (sheet,) = sheets_of(*cells)
        assert sum(map(bool, sum(sheet.rows, []))) == len(cells)
    else:
        with pytest.raises(DeliveryError, match="far from the others"):
            sheets_of(*cells)


def test_a_tall_sheet_of_one_column_is_no_stray_cell():
    (sheet,) = sheets_of(("A1", "x"), ("A20000", "y"), ("J20000", "z"))
    assert (len(sheet.rows), sheet.rows[-1][0], sheet.rows[-1][9]) == (20_000, "y", "z")


def test_a_workbook_cut_short_is_damage():
    with pytest.raises(DeliveryError, match="Excel workbook.*cannot be read"):
        read_sheets(Delivery(Path("a"), "a", "", "xlsx", b"PK\x03\x04"), decimal=".")
    with pytest.raises(DeliveryError, match="97-2003 workbook.*cannot be read"):
        read_sheets(Delivery(Path("a"), "a", "", "xls", b"\xd0\xcf\x11\xe0"), decimal=".")
