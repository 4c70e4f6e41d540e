"""Rows of a workbook under the header of each sheet, by hand."""

import io
from pathlib import Path

import openpyxl
import pytest

from obs.clean.profiles.file_layout import FileLayout
from obs.clean.profiles.profile import Profile
from obs.clean.read.file_checks import Delivery
from obs.clean.read.workbooks.sheet_marks import SheetMarks
from obs.clean.read.workbooks.spreadsheets import Sheet
from obs.clean.read.workbooks.workbook_rows import read_workbook
from obs.errors import DeliveryError

COLUMNS = {"territory": ("nis",), "numerator": ("n",)}


def book_of(**sheets):
    """Make a workbook of some sheets, each a list of rows."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    return book


def read(book, **layout):
    out = io.BytesIO()
    book.save(out)
    profile = Profile("own", "Own", "police", "counts", file=FileLayout(**layout), columns=COLUMNS)
    return read_workbook(Delivery(Path("a"), "a.xlsx", "", "xlsx", out.getvalue()), profile)


def rows(reading):
    columns = [column.to_series().fillna("").tolist() for column in reading.columns]
    return list(zip(reading.lines.tolist(), *columns, strict=True))


def notes(some):
    return [(one.rule, one.row, one.column, one.sheet, one.detail) for one in some]


def test_rows_bear_their_line_and_sheet_past_the_lines_of_titles():
    made = read(book_of(S=[["title"], [], ["nis", "n"], ["21001", 3], [], ["21002"]]), skip=1)
    assert made.header == ["nis", "n"]
    assert rows(made) == [(4, "21001", "3"), (5, "", ""), (6, "21002", "")]
    assert [made.sheet_of(i) for i in range(3)] == ["S", "S", "S"]
    assert (made.faults, made.doubts, made.bad, made.serials) == ([], [], [], True)


def test_a_header_of_two_lines_is_one_name_each():
    table = [["a", None, "total"], ["nis", "x", None], ["21001", 3, 4]]
    book = book_of(S=table)
    out = io.BytesIO()
    book.save(out)
    profile = Profile(
        *("own", "Own", "police", "counts"),
        file=FileLayout(header_rows=2),
        columns={"territory": ("a / nis",), "numerator": ("a / x",)},
    )
    made = read_workbook(Delivery(Path("a"), "a", "", "xlsx", out.getvalue()), profile)
    assert made.header == ["a / nis", "a / x", "total"]
    assert rows(made) == [(3, "21001", "3", "4")]


def test_a_row_wider_than_the_header_is_a_fault_unless_blank():
    made = read(book_of(S=[["nis", "n"], ["21001", 3, "x"], ["21002", 4, ""], ["21003", 5]]))
    assert notes(made.faults) == [("field_count", 2, None, "S", "")]
    assert rows(made) == [(3, "21002", "4"), (4, "21003", "5")]


def test_sheets_with_the_columns_are_read_together_and_others_named():
    book = book_of(A=[["x"], ["y"]], B=[["n", "nis"], [3, "21001"]], C=[["nis", "n"], ["21002", 4]])
    made = read(book)
    assert made.header == ["n", "nis"]
    assert rows(made) == [(2, "3", "21001"), (2, "4", "21002")]
    assert [made.sheet_of(i) for i in range(2)] == ["B", "C"]
    assert notes(made.doubts) == [("sheet_unread", None, None, "A", "2 lines")]
    made = read(book, sheet=("C",))
    assert rows(made) == [(2, "21002", "4")]
    assert [one.sheet for one in made.doubts] == ["A", "B"]


def test_a_sheet_that_is_absent_or_lacks_the_columns_is_refused():
    book = book_of(A=[["x"], ["y"]], B=[["nis", "n"], ["21001", 3]])
    with pytest.raises(DeliveryError, match="no sheet 'Z'; it has 2: A, B"):
        read(book, sheet=("B", "Z"))
    with pytest.raises(DeliveryError, match="2 columns of profile 'own' missing"):
        read(book, sheet=("A", "B"))
    with pytest.raises(DeliveryError, match="2 columns of profile 'own' missing"):
        read(book_of(A=[["x"], ["y"]]))
    with pytest.raises(DeliveryError, match="no sheet holds a cell"):
        read(book_of(A=[]))


def merged(ranges, table):
    book = book_of(S=table)
    for one in ranges:
        book["S"].merge_cells(one)
    return read(book)


def test_merged_texts_stand_in_each_row_and_merged_counts_reject_theirs():
    table = [
        ["nis", "n", "x"],
        ["21001", 3, "a"],
        [None, 4, "b"],
        ["21002", 5, "c"],
        [None, None, "d"],
    ]
    made = merged(["A2:A3", "A4:B5"], table)
    assert rows(made)[:2] == [(2, "21001", "3", "a"), (3, "21001", "4", "b")]
    assert made.bad == [(2, "n", "merged_count"), (3, "n", "merged_count")]


def test_merged_cells_of_the_header_or_without_a_count_reject_nothing():
    table = [["nis", "n", None], ["21001", None, "a"], ["21002", None, "b"], ["21003", 1, "x"]]
    made = merged(["B1:C1", "B2:B3", "C4:E4"], table)
    assert made.bad == []
    assert made.header == ["nis", "n"]


def test_hidden_rows_hidden_sheets_and_formulas_are_said():
    table = [["nis", "n"], ["21001", 3], ["21002", 4], [None, None], ["21003", "=1"]]
    book = book_of(S=table, T=table[:2])
    for row in (1, 3, 4):
        book["S"].row_dimensions[row].hidden = True
    book["S"].sheet_state = "hidden"
    made = read(book, sheet=("S",))
    assert notes(made.doubts) == [
        ("hidden_sheet", None, None, "S", ""),
        ("hidden_row", 3, None, "S", ""),
        ("sheet_unread", None, None, "T", "2 lines"),
    ]


@pytest.fixture
def of_sheets(monkeypatch):
    """Give a function that reads sheets as if they were those of a workbook."""

    def of(*sheets, **layout):
        room = "obs.clean.read.workbooks.workbook_rows.read_sheets"
        monkeypatch.setattr(room, lambda _, decimal: sheets)
        profile = Profile(
            "own", "Own", "police", "counts", file=FileLayout(**layout), columns=COLUMNS
        )
        return read_workbook(Delivery(Path("a"), "a.xlsx", "", "xlsx", b""), profile)

    return of


def test_where_no_line_is_left_the_last_one_is_the_header(of_sheets):
    made = of_sheets(Sheet("S", True, [["x", "y"], ["nis", "n"]]), skip=5)
    assert (made.header, rows(made)) == (["nis", "n"], [])
    with pytest.raises(DeliveryError, match="2 columns of profile 'own' missing"):
        of_sheets(Sheet("S", True, [["nis", "n"], [""]]), skip=5)


def test_the_names_of_ten_sheets_are_said(of_sheets):
    sheets = [Sheet(f"S{i}", True, [["nis", "n"]]) for i in range(11)]
    with pytest.raises(DeliveryError, match=r"it has 11: S0.*S9\. Name"):
        of_sheets(*sheets, sheet=("Z",))


@pytest.mark.parametrize(
    ("cells", "bad"),
    [
        ((1, 1, 2, 2), [1, 2]),  # the count is the first of the merged columns
        ((1, 0, 2, 1), [1, 2]),  # or the last
        ((1, 2, 2, 2), []),  # or none of them
        ((1, 0, 2, 0), []),
        ((0, 0, 2, 1), []),  # begins in the header
        ((1, 3, 2, 3), []),  # beyond the cells
        ((3, 1, 4, 1), []),  # below the last row
    ],
)
def test_counts_within_merged_cells_reject_their_rows(of_sheets, cells, bad):
    table = [["nis", "n", "x"], ["21001", "3", "a"], ["21002", "4", "b"]]
    made = of_sheets(Sheet("S", True, table, [cells]))
    assert made.bad == [(row - 1, "n", "merged_count") for row in bad]


def test_a_merged_text_reaches_rows_that_end_before_it(of_sheets):
    table = [["nis", "n", "x"], ["21001", "3", "a"], ["21002"], ["21003", "5"]]
    made = of_sheets(Sheet("S", True, table, [(1, 2, 2, 4)]))
    assert rows(made) == [(2, "21001", "3", "a"), (3, "21002", "", "a"), (4, "21003", "5", "")]
    assert made.faults == []


def test_what_is_hidden_and_what_formulas_gave_is_said_of_rows_below_the_header(of_sheets):
    table = [["nis", "n"], ["21001", "3"], ["21002", ""], ["", ""], ["21003", "5"]]
    marks = SheetMarks(hidden={0, 2, 3, 9}, valued=[(0, 1), (1, 1), (4, 1), (2, 0)])
    made = of_sheets(Sheet("S", False, table, marks=marks))
    assert notes(made.doubts) == [
        ("hidden_sheet", None, None, "S", ""),
        ("hidden_row", 3, None, "S", ""),
        ("formula_value", 3, "nis", "S", "1 cells"),
        ("formula_value", 2, "n", "S", "2 cells"),
    ]
    assert notes(of_sheets(Sheet("S", True, table)).doubts) == []


def test_days_counted_from_1904_are_no_serials(of_sheets):
    marks = SheetMarks(from_1904=True)
    assert not of_sheets(Sheet("S", True, [["nis", "n"], ["1", "2"]], marks=marks)).serials
