"""Workbooks: every cell that stands in one is read, said or refused."""

import datetime as dt
import io
import re
import zipfile

import openpyxl
import pytest
import xlwt

from obs.clean import clean_police
from obs.errors import DeliveryError
from tests.clean.profile_texts import FACTS, profile
from tests.clean.read.test_formats import ods_bytes

HEADER = ["nis", "annee", "fait", "n"]


def book_of(*rows, header=HEADER, sheet="Comptes"):
    book = openpyxl.Workbook()
    book.active.title = sheet
    for row in (header, *rows):
        book.active.append(list(row))
    return book


def row(nis="21001", n=12, year=2023):
    return [nis, year, "VOL", n]


def clean(tmp_path, book, **lines):
    path = tmp_path / "c.xlsx"
    book.save(path)
    return clean_police(path, profile=profile(**lines))


def edited(book, part, old, new):
    """Change the XML of a part, as another program would have written it."""
    out, changed = io.BytesIO(), io.BytesIO()
    book.save(out)
    with (
        zipfile.ZipFile(out) as before,
        zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        for name in before.namelist():
            content = before.read(name).decode()
            after.writestr(name, re.sub(old, new, content) if name.endswith(part) else content)
    return changed.getvalue()


def refuse(tmp_path, content, match):
    path = tmp_path / "c.xlsx"
    path.write_bytes(content)
    with pytest.raises(DeliveryError, match=match):
        clean_police(path, profile=profile())


def said(cleaned):
    told = cleaned.flagged[["sheet", "row", "column", "rule"]].astype("object")
    return told.where(told.notna(), None).to_numpy().tolist()


def test_every_sheet_with_the_columns_is_read_and_others_are_named(tmp_path):
    book = book_of(row(), sheet="S1")
    second = book.create_sheet("S2")
    second.append(["n", "fait", "annee", "nis"])  # in another order
    second.append([7, "VOL", 2023, "21002"])
    book.create_sheet("Lisez-moi").append(["Source : police"])
    book["S2"].sheet_state = "hidden"
    cleaned = clean(tmp_path, book)
    assert cleaned.table[["territory", "numerator"]].to_numpy().tolist() == [
        ["21001", 12],
        ["21002", 7],
    ]
    assert said(cleaned) == [
        ["S2", None, None, "hidden_sheet"],
        ["Lisez-moi", None, None, "sheet_unread"],
    ]
    assert "1 lines" in cleaned.flagged["message"].iloc[1]
    chosen = clean(tmp_path, book, file='sheet = "S1"')
    assert chosen.table["numerator"].tolist() == [12]
    assert chosen.flagged["rule"].tolist() == ["sheet_unread"] * 2


def test_the_same_key_on_two_sheets_is_refused_unless_the_sheet_tells_them_apart(tmp_path):
    book = book_of(row(n=5), sheet="Hommes")
    book.create_sheet("Femmes").append(HEADER)
    book["Femmes"].append(row(n=5))
    with pytest.raises(DeliveryError, match="differ in column 'sheet'"):
        clean(tmp_path, book)
    kept = clean(
        tmp_path,
        book,
        tables="""
[named]
victim_sex = { of = "sheet", pattern = '(.*)' }
[codes.victim_sex]
hommes = "male"
femmes = "female"
""",
    )
    assert kept.table[["victim_sex", "numerator"]].to_numpy().tolist() == [
        ["male", 5],
        ["female", 5],
    ]


def test_rejected_rows_are_named_by_sheet_and_line(tmp_path):
    book = book_of(row(), sheet="S1")
    book.create_sheet("S2").append(HEADER)
    book["S2"].append(row(n="x"))
    rejected = clean(tmp_path, book).rejected
    assert rejected[["sheet", "row", "column", "rule"]].to_numpy().tolist() == [
        ["S2", 2, "n", "not_a_number"]
    ]


def test_hidden_rows_are_read_and_said(tmp_path):
    book = book_of(row(), row("21002", 999))
    book.active.row_dimensions[3].hidden = True
    cleaned = clean(tmp_path, book)
    assert cleaned.table["numerator"].tolist() == [12, 999]
    assert said(cleaned) == [["Comptes", 3, None, "hidden_row"]]


def test_merged_places_are_filled_and_merged_counts_belong_to_no_row(tmp_path):
    book = book_of(row(n=12), row(None, 15, 2024), row("21002", 7), row("21003", None))
    book.active.merge_cells("A2:A3")
    book.active.merge_cells("D4:D5")
    cleaned = clean(tmp_path, book)
    assert cleaned.table[["territory", "numerator"]].to_numpy().tolist() == [
        ["21001", 12],
        ["21001", 15],
    ]
    assert cleaned.rejected[["row", "column", "rule"]].to_numpy().tolist() == [
        [4, "n", "merged_count"],
        [5, "n", "merged_count"],
    ]


def test_formulas_are_read_by_their_value_and_said_and_rejected_without_one(tmp_path):
    book = book_of(row(), row("21002", "=D2+1"), row("21003", "=D2+2"))
    content = edited(book, "sheet1.xml", r"<f>D2\+1</f><v\s*/?>(</v>)?", "<f>D2+1</f><v>13</v>")
    path = tmp_path / "c.xlsx"
    path.write_bytes(content)
    cleaned = clean_police(path, profile=profile())
    assert cleaned.table["numerator"].tolist() == [12, 13]
    assert said(cleaned) == [["Comptes", 3, "n", "formula_value"]]
    assert cleaned.rejected[["row", "rule"]].to_numpy().tolist() == [[4, "formula"]]


def test_a_cell_with_an_error_of_the_spreadsheet_is_no_blank(tmp_path):
    book = book_of(row(), row("21002", 0))
    book.active["D3"] = "#N/A"
    cleaned = clean(tmp_path, book)
    assert cleaned.rejected[["row", "column", "rule"]].to_numpy().tolist() == [
        [3, "n", "not_a_number"]
    ]


def test_a_share_of_a_count_column_is_no_count_though_it_is_a_whole_number(tmp_path):
    book = book_of(
        row(), row("21002", 1), row("21003", 0), row("21004", "n.d."), row("21005", None)
    )
    for cell in ("D3", "D4", "D5", "D6"):  # 100 % and 0 %, a mark and a blank
        book.active[cell].number_format = "0%"
    book.active["A2"].number_format = book.active["B2"].number_format = "0.0%"
    cleaned = clean(tmp_path, book)
    assert cleaned.table["territory"].tolist() == ["21001", "21004", "21005"]
    assert cleaned.table["status"].tolist() == ["ok", "missing", "missing"]
    assert cleaned.rejected[["row", "column", "rule"]].to_numpy().tolist() == [
        [3, "n", "not_a_number"],
        [4, "n", "not_a_number"],
    ]


def test_cells_typed_by_the_spreadsheet(tmp_path):
    facts = [
        ["1", dt.date(2024, 3, 5), dt.time(21, 30), 21001, "VOL"],
        ["2", dt.datetime(2024, 3, 5, 9, 15), 0.395833, 21001.0, "VOL"],  # noqa: DTZ001 (of a cell)
        ["3", 45356, "0930", "21001", "VOL"],
        ["4", 45356.9, "", "21001", "VOL"],
    ]
    book = book_of(*facts, header=["ID", "Date", "Heure", "Commune", "Fait"])
    path = tmp_path / "c.xlsx"
    book.save(path)
    table = clean_police(path, profile=profile(FACTS, columns='event_hour = "Heure"')).table
    assert table["event_date"].dt.strftime("%Y-%m-%d").tolist() == ["2024-03-05"] * 4
    assert table["event_hour"].tolist()[:3] == [21, 9, 9]
    csv = tmp_path / "c.csv"
    csv.write_text("ID;Date;Commune;Fait\n1;45356;21001;VOL\n")
    assert clean_police(csv, profile=profile(FACTS)).rejected["rule"].tolist() == [
        "impossible_date"
    ]


def test_a_header_of_two_lines_with_merged_cells(tmp_path):
    book = openpyxl.Workbook()
    for line in (["Titre"], [None, None, "Faits", None], HEADER, row()):
        book.active.append(line)
    book.active.merge_cells("C2:D2")
    changed = {'"fait"': '"Faits / fait"', '"n"': '"Faits / n"'}
    cleaned = clean(tmp_path, book, file="header_rows = 2\nskip = 1", **changed)
    assert cleaned.table["numerator"].tolist() == [12]


def test_cells_far_apart_are_refused_before_the_sheet_is_opened(tmp_path):
    book = book_of(row())
    book.active["XFD1048576"] = 1
    out = io.BytesIO()
    book.save(out)
    refuse(
        tmp_path,
        out.getvalue(),
        "sheet 'Comptes': the last cell stands in row 1,048,576, column 16,384",
    )


@pytest.mark.parametrize(
    ("old", "new", "match"),
    [
        (r'r="A3"', 'r="A2"', "cell A2 stands twice"),
        (r"<worksheet ", '<!DOCTYPE x [<!ENTITY b "x">]><worksheet ', "declares entities"),
        (r'r="A3"', 'r="?3"', "cannot be read"),
        (r'r="A3"', 'r="ZZZZZZ99999999999"', "cannot be read"),
        (r"</sheetData>", "", "cannot be read"),
    ],
)
def test_damaged_sheets_are_refused_in_words(tmp_path, old, new, match):
    refuse(tmp_path, edited(book_of(row(), row("21002")), "sheet1.xml", old, new), match)


def test_rows_beyond_and_out_of_order_are_read(tmp_path):
    book = book_of(row(), row("21002", 7), row("21003", 3))
    content = edited(book, "sheet1.xml", r'<dimension ref="[^"]*"', '<dimension ref="A1:D2"')
    path = tmp_path / "c.xlsx"
    path.write_bytes(content)
    assert clean_police(path, profile=profile()).table["numerator"].tolist() == [12, 7, 3]
    moved = edited(
        book,
        "sheet1.xml",
        r'<row r="3"(.*?)<row r="4"(.*?)</row>',
        r'<row r="4"\2</row><row r="3"\1',
    )
    path.write_bytes(moved)
    assert sorted(clean_police(path, profile=profile()).table["numerator"]) == [3, 7, 12]


def test_a_workbook_with_a_password_is_named(tmp_path):
    path = tmp_path / "c.xlsx"
    path.write_bytes(
        b"\xd0\xcf\x11\xe0" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 600
    )
    with pytest.raises(
        DeliveryError, match="a workbook protected by a password.*without a password"
    ):
        clean_police(path, profile=profile())


def xls_of(*rows):
    book = xlwt.Workbook()
    sheet = book.add_sheet("Comptes")
    day = xlwt.easyxf(num_format_str="yyyy")
    for i, line in enumerate((HEADER, *rows)):
        for j, cell in enumerate(line):
            if isinstance(cell, dt.date):
                sheet.write(i, j, cell, day)
            elif cell is not None:
                sheet.write(i, j, cell)
    return book, sheet


def test_an_old_workbook_says_what_a_new_one_says(tmp_path):
    book, sheet = xls_of(
        row(year=dt.date(2023, 1, 1)), row("21002", xlwt.Formula("1+1")), row("21003", 3)
    )
    sheet.write(4, 0, "21004")
    sheet.write(4, 1, 2023)
    sheet.write(4, 2, "VOL")
    sheet.row(4).set_cell_error(3, "#DIV/0!")
    sheet.row(3).hidden = True
    sheet.write_merge(5, 6, 0, 0, "21005")
    for line, year, n in ((5, 2022, 8), (6, 2023, 9)):
        for place, cell in ((1, year), (2, "VOL"), (3, n)):
            sheet.write(line, place, cell)
    path = tmp_path / "c.xls"
    book.save(str(path))
    cleaned = clean_police(path, profile=profile())
    assert cleaned.table["numerator"].tolist() == [12, 3, 8, 9]
    assert cleaned.table["period"].astype("str").tolist() == ["2023", "2023", "2022", "2023"]
    assert said(cleaned) == [["Comptes", 4, None, "hidden_row"]]
    assert cleaned.rejected[["row", "rule"]].to_numpy().tolist() == [
        [3, "formula"],
        [5, "not_a_number"],
    ]


def test_an_opendocument_sheet_with_marks(tmp_path):
    content = ods_bytes((HEADER, row(), ["21002", 2023, "VOL", 7], ["21003", 2023, "VOL", 9]))
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(changed, "w") as after:
        for name in before.namelist():
            part = before.read(name)
            if name == "content.xml":
                lines = part.decode().split("<table:table-row>")
                lines[3] = lines[3].replace(
                    'office:value="7"', 'table:formula="of:=1+6" office:value="7"'
                )
                lines[4] = lines[4].replace('office:value-type="float" office:value="9"', "", 1)
                part = (
                    "<table:table-row>".join(lines)
                    .replace(
                        "<table:table-row>" + lines[3],
                        '<table:table-row table:visibility="collapse">' + lines[3],
                    )
                    .encode()
                )
            after.writestr(name, part)
    path = tmp_path / "c.ods"
    path.write_bytes(changed.getvalue())
    cleaned = clean_police(path, profile=profile())
    assert cleaned.table["numerator"].tolist()[:2] == [12, 7]
    assert said(cleaned) == [
        ["Comptes", 3, "n", "formula_value"],
        ["Comptes", 3, None, "hidden_row"],
    ]
