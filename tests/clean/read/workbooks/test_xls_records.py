"""Records of an .xls that tell what its values do not, written byte by byte."""

import io
import struct

import olefile
import pytest
import xlwt

from obs.clean.read.workbooks import xls_records
from obs.clean.read.workbooks.xls_records import marks_of_xls

BEGIN, SHEET, ROW, FORMULA, ERROR, NUMBER, DATES = 0x809, 0x85, 0x208, 0x06, 0x205, 0x203, 0x22


def record(kind, data=b""):
    return struct.pack("<HH", kind, len(data)) + data


def cell(row, column, rest=b"\x00" * 10, kind=NUMBER):
    return record(kind, struct.pack("<HHH", row, column, 0) + rest)


def row(number, *, hidden):
    options = bytes([0x20 if hidden else 0x11])  # others stand beside it
    return record(ROW, struct.pack("<H", number) + b"\x00" * 10 + options + b"\x00" * 3)


def formula(at, value):
    return cell(*at, value + b"\x00" * 8, FORMULA)


def book(*records, version=b"\x00\x06", name=b"\x01\x00S", before=b""):
    """Write the stream of a workbook of one sheet; a name is its length, its form and its text."""
    head = record(BEGIN, version + b"\x05\x00") + before
    listed = len(head) + 4 + 6 + len(name)
    sheet = record(SHEET, struct.pack("<IH", listed, 0) + name)
    return head + sheet + record(BEGIN, version + b"\x10\x00") + b"".join(records)


@pytest.fixture
def marks(monkeypatch):
    """Give a function that reads a stream of records as that of a container."""

    class Container:
        def __init__(self, stream):
            self.content = stream.read()

        def __enter__(self):
            return self

        def __exit__(self, *_):
            return None

        def exists(self, name):
            return name == "Book"

        def openstream(self, _name):
            return io.BytesIO(self.content)

    monkeypatch.setattr(olefile, "OleFileIO", Container)
    return lambda content: marks_of_xls(io.BytesIO(content))


def test_cells_hidden_rows_and_the_last_place_are_told(marks):
    found = marks(
        book(row(0, hidden=False), row(3, hidden=True), cell(0, 5), cell(7, 2, b"\x07" * 8))
    )["S"]
    assert (found.cells, found.last_row, found.last_column) == (2, 7, 5)
    assert (found.hidden, found.from_1904, found.errors) == ({3}, False, {})


@pytest.mark.parametrize(
    ("code", "text"),
    [(0x00, "#NULL!"), (0x07, "#DIV/0!"), (0x0F, "#VALUE!"), (0x17, "#REF!"), (0x1D, "#NAME?"),
     (0x24, "#NUM!"), (0x2A, "#N/A"), (0x2B, "#ERR")],
)  # fmt: skip
def test_errors_are_told_by_their_code(marks, code, text):
    found = marks(
        book(
            cell(1, 2, bytes([code, 1]), ERROR),
            cell(2, 2, bytes([code, 0]), ERROR),  # a flag, no error
            formula((3, 4), bytes([2, 0, code, 0, 0, 0, 0xFF, 0xFF])),
        )
    )["S"]
    assert found.errors == {(1, 2): text, (3, 4): text}
    assert (found.cells, found.valued, found.unvalued) == (3, [], [])


def test_formulas_are_told_apart_by_their_last_value(marks):
    found = marks(
        book(
            formula((0, 0), b"\x03\x00\x00\x00\x00\x00\xff\xff"),  # an empty text
            formula((0, 1), b"\x01\x00\x00\x00\x00\x00\xff\xff"),  # true or false
            formula((0, 2), b"\x03\x00\x00\x00\x00\x00\xf0\x3f"),  # a number
            formula((0, 3), b"\x02\x00\x07\x00\x00\x00\xf0\x3f"),
        )
    )["S"]
    assert found.unvalued == [(0, 0)]
    assert found.valued == [(0, 1), (0, 2), (0, 3)]
    assert found.errors == {}


@pytest.mark.parametrize(
    ("version", "name", "text"),
    [
        (b"\x00\x06", b"\x02\x00ab", "ab"),
        (b"\x00\x06", b"\x02\x01a\x00\xe9\x00", "aé"),
        (b"\x00\x06", b"\x01\x01a\x00\xe9\x00", "a"),  # what follows the name is none of it
        (b"\x00\x06", b"\x01\x00ab", "a"),
        (b"\x00\x05", b"\x01ab", "a"),
        (b"\x00\x05", b"\x02ab", "ab"),
        (b"\x00\x05", b"\x02a\x80", "a\u20ac"),
    ],
)
def test_the_name_of_a_sheet_is_read_by_the_version(marks, version, name, text):
    found = marks(book(cell(0, 0), version=version, name=name))
    assert list(found) == [text]
    assert found[text].cells == 1


def test_days_from_1904_are_told(marks):
    assert marks(book(before=record(DATES, b"\x01\x00")))["S"].from_1904
    assert not marks(book(before=record(DATES, b"\x00\x00")))["S"].from_1904


def test_records_cut_short_say_nothing(marks):
    short = [record(ROW, b"\x03" + b"\x20" * 12), record(NUMBER, b"\x00" * 5)]
    short += [record(ERROR, b"\x00" * 6 + b"\x07"), record(FORMULA, b"\x00" * 13), b"\x03\x02\x00"]
    found = marks(book(*short))["S"]
    assert (found.hidden, found.cells, found.errors) == (set(), 2, {})
    assert (found.valued, found.unvalued) == ([], [])


def test_cells_before_any_sheet_belong_to_none(marks):
    assert marks(book(cell(0, 0), before=cell(9, 9)))["S"].last_row == 0


def test_a_real_workbook_of_two_sheets():
    made = xlwt.Workbook()
    for name in ("A", "Été"):
        made.add_sheet(name).write(4, 1, 3)
    out = io.BytesIO()
    made.save(out)
    found = marks_of_xls(io.BytesIO(out.getvalue()))
    assert list(found) == ["A", "Été"]
    assert (found["Été"].cells, found["Été"].last_row, found["Été"].last_column) == (1, 4, 1)


def test_a_container_of_something_else_is_no_workbook(marks, monkeypatch):
    monkeypatch.setattr(xls_records.olefile.OleFileIO, "exists", lambda *_: False)
    with pytest.raises(OSError, match="no workbook in the container"):
        marks(b"")
