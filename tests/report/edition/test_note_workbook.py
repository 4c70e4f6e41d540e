"""The workbook of a note: what its data files hold, with words beside codes, and nothing that runs."""

import csv
import io
import shutil
import zipfile
from dataclasses import replace

import openpyxl
import pytest

from obs.report.checks.check_path import check_publication
from obs.report.checks.workbook_checks import workbook_faults
from obs.report.edition.note_workbook import note_workbook

PLACES = {"21001": "Anderlecht", "21002": "Auderghem"}
FIRST = 3  # the line of the header, after the title and the mark of synthetic data


@pytest.fixture(scope="module")
def page(tiny_pages):
    return tiny_pages[0]


def opened(content):
    return openpyxl.load_workbook(io.BytesIO(content))


def rows_of(sheet):
    header, *body = list(sheet.iter_rows(min_row=FIRST, values_only=True))
    return [dict(zip(header, row, strict=True)) for row in body]


def with_csv(page, text):
    """The page with another data file behind its figure and its table."""
    parts = []
    for part in page.parts:
        if part.exhibit:
            block = part.exhibit.block | {"csv": part.exhibit.block["csv"] | {"text": text}}
            part = replace(part, exhibit=replace(part.exhibit, block=block))
        parts.append(part)
    return replace(page, parts=tuple(parts))


def test_every_data_file_has_a_sheet_with_the_same_cells(page):
    book = opened(note_workbook(page, places=PLACES))
    cover, *sheets = book.worksheets
    assert [s.title for s in sheets] == ["Figure 1", "Tableau 1"]
    assert [row[1] for row in cover.iter_rows(values_only=True) if row[1]] == [
        "Figure 1 – Vols enregistrés",
        "Tableau 1 – Vols enregistrés",
    ]
    for sheet, text in zip(sheets, page.data.values(), strict=True):
        delivered = list(csv.DictReader(io.StringIO(text)))
        for row, told in zip(rows_of(sheet), delivered, strict=True):
            for column, cell in told.items():
                found = row[column]
                if isinstance(found, int | float):
                    assert found == float(cell), column
                else:
                    assert (found or "") == cell, column


def test_words_stand_beside_codes_and_a_withheld_figure_is_an_empty_cell(page):
    _, sheet, _ = opened(note_workbook(page, places=PLACES)).worksheets
    shown, withheld = rows_of(sheet)
    assert shown["territory"] == "21001", "a code keeps its form"
    assert shown["territory, en clair"] == "Anderlecht"
    assert shown["indicator, en clair"] == "Vols et extorsions"
    assert shown["numerator"] == 1234
    assert withheld["numerator"] is None
    assert withheld["status, en clair"]


def test_it_says_what_it_is_and_that_data_are_synthetic(page):
    book = opened(note_workbook(page, places=PLACES))
    said = [row[0] for row in book.worksheets[0].iter_rows(values_only=True)]
    assert said[:2] == ["Vols enregistrés", page.synthetic]
    assert "Publié le 30 juin 2023" in said
    for sheet in book.worksheets[1:]:
        assert sheet["A2"].value == page.synthetic, sheet.title
    assert book.properties.created.isoformat() == "2023-06-30T12:00:00"


def test_the_same_page_gives_the_same_bytes(page):
    content = note_workbook(page, places=PLACES)
    assert note_workbook(page, places=dict(reversed(PLACES.items()))) == content
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        assert {one.date_time for one in book.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.parametrize("text", ["=1+1", "'=1+1", "@x", "+1", "https://example.org", "{=1}"])
def test_no_text_becomes_a_formula_or_a_link(page, tmp_path, text):
    path = tmp_path / "a.xlsx"
    spoilt = with_csv(page, f"indicator,territory,value,note\ntheft,21001,1,{text}\n")
    path.write_bytes(note_workbook(spoilt, places=PLACES))
    cell = rows_of(openpyxl.load_workbook(path).worksheets[1])[0]["note"]
    assert str(cell).lstrip("+") == text.lstrip("+")
    assert list(workbook_faults(path)) == []


def test_sheets_whose_names_are_alike_or_impossible_are_told_apart(page):
    parts = [
        replace(p, exhibit=replace(p.exhibit, label="[Vols]: a/b" + "x" * 40)) if p.exhibit else p
        for p in page.parts
    ]
    names = opened(note_workbook(replace(page, parts=tuple(parts)), places={})).sheetnames
    assert len({name.casefold() for name in names}) == 3
    assert all(len(name) <= 31 for name in names)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b"<v>1234</v>", b"<f>1+1</f><v>2</v>", "holds a formula"),
        (b"<v>1234</v>", b"<v>10.20789</v>", "holds 1 number(s) that were withheld"),
    ],
)
def test_a_spoilt_workbook_is_found(edition, old, new, said):
    path = edition / "data" / "tiny.fr.xlsx"
    spoilt = path.with_name("spoilt.xlsx")
    with zipfile.ZipFile(path) as book, zipfile.ZipFile(spoilt, "w") as other:
        for name in book.namelist():
            content = book.read(name)
            other.writestr(name, content.replace(old, new) if "sheet2" in name else content)
    shutil.move(spoilt, path)
    found = [str(f) for f in check_publication(edition, withheld=["10.20789"])]
    assert any(fault.startswith("data/tiny.fr.xlsx") and said in fault for fault in found)


def test_each_page_leads_to_its_workbook_and_tells_its_size(sealed_edition):
    size = -(-(sealed_edition / "data" / "tiny.nl.xlsx").stat().st_size // 1000)
    for name in ("tiny.nl.html", "index.nl.html"):
        text = (sealed_edition / name).read_text("utf-8")
        assert 'href="data/tiny.nl.xlsx"' in text
        assert f"in één werkmap (XLSX, {size}\N{NO-BREAK SPACE}kB)" in text
