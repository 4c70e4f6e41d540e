"""Documents of every kind are read with their places; hostile ones are refused in words."""

import io
import time
import zipfile

import docx
import pikepdf
import pytest

from obs.__main__ import main
from obs.errors import ObsError
from obs.report.documents import find_contradictions, read_document
from obs.report.page.typst import compile_pdf

WRONG = "In 2022, 12 of the 48 files (30 %) were closed."


def pdf_of(text):
    head = '#set document(title: "T"); #set text(lang: "en")\n= Head\n'
    return compile_pdf(head + text, "", timestamp=0)


def word_of(path, text):
    document = docx.Document()
    document.add_heading("Year", 1)
    document.add_paragraph(text)
    table = document.add_table(rows=3, cols=2)
    for row, cells in zip(table.rows, [("Area", "Files"), ("A", "5"), ("Total", "6")], strict=True):
        for cell, words in zip(row.cells, cells, strict=True):
            cell.text = words
    document.save(path)
    return path


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.html", "a.pdf", "a.docx"])
def test_one_sentence_is_found_in_every_kind(tmp_path, name):
    path = tmp_path / name
    if name.endswith(".pdf"):
        path.write_bytes(pdf_of(WRONG))
    elif name.endswith(".docx"):
        word_of(path, WRONG)
    else:
        path.write_text(f"<p>{WRONG}</p>" if name.endswith("html") else WRONG, encoding="utf-8")
    (one,) = find_contradictions(read_document(path))
    assert (one.rule, one.computation) == ("share", "12 / 48 = 25.0 %")
    assert one.place == {"a.pdf": "page 1", "a.docx": "paragraph 2"}.get(name, "line 1")


def test_a_page_is_read_without_its_scripts_and_with_its_tables(tmp_path):
    path = tmp_path / "a.html"
    path.write_text(
        f"<head><style>{WRONG}</style></head><script>{WRONG}</script><ul><li>5 <b>visits</b></ul>"
        "<table><tr><th>Area<th>Files</tr><tr><td>A</td><td>5</td></tr><tr><td>B</td><td>6</td></tr>"
        "<tr><td>Total</td><td>12</td></tr></table>",
        encoding="utf-8",
    )
    blocks = read_document(path)
    assert (blocks[0].kind, blocks[0].text) == ("item", "5 visits")
    assert [c.computation for c in find_contradictions(blocks)] == ["5 + 6 = 11"]


def test_old_western_text_is_read(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes("Au total 75 élèves : 40 filles et 30 garçons.".encode("cp1252"))
    assert [c.computation for c in find_contradictions(read_document(path))] == ["40 + 30 = 70"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_a_text_is_decoded_by_its_byte_order_mark(tmp_path, encoding):
    path = tmp_path / "a.txt"
    path.write_bytes(WRONG.encode(encoding))
    assert [c.rule for c in find_contradictions(read_document(path))] == ["share"]


def test_a_head_without_an_end_hides_no_text(tmp_path):
    """HTML lets `</head>` be left out: the title is still no text of the page."""
    path = tmp_path / "a.html"
    path.write_text(f"<!doctype html><head><title>{WRONG}</title><body><p>{WRONG}</p>")
    assert [(one.kind, one.text) for one in read_document(path)] == [("paragraph", WRONG)]


def test_cells_over_several_columns_and_rows_keep_the_others_in_their_columns(tmp_path):
    page = tmp_path / "a.html"
    page.write_text(
        "<table><tr><th rowspan=2>Area</th><th colspan='2'>Files</th></tr><tr><th>2021<th>2022</tr>"
        "<tr><td rowspan=2>A<td>1<td>2</tr><tr><td>3<td>4</tr><tr><td colspan=2>Total<td>6</table>"
        "<table><tr><td>B<td colspan=x>7</table>"
    )
    assert [row.cells for row in read_document(page)] == [
        ("Area", "Files", ""),
        ("", "2021", "2022"),
        ("A", "1", "2"),
        ("", "3", "4"),
        ("Total", "", "6"),
        ("B", "7"),
    ]


def test_a_merged_cell_of_a_word_table_is_told_once(tmp_path):
    """A number over two rows is one number: added twice, the total would seem wrong."""
    document = docx.Document()
    table = document.add_table(rows=4, cols=2)
    texts = [("Area", "Files"), ("A", "5"), ("B", ""), ("Total", "5")]
    for row, cells in zip(table.rows, texts, strict=True):
        for cell, words in zip(row.cells, cells, strict=True):
            cell.text = words
    table.cell(1, 1).merge(table.cell(2, 1))
    document.save(tmp_path / "a.docx")
    rows = read_document(tmp_path / "a.docx")
    assert [row.cells[1] for row in rows] == ["Files", "5", "", "5"]


def blank_pdf(pages=1):
    out = io.BytesIO()
    with pikepdf.new() as pdf:
        for _ in range(pages):
            pdf.add_blank_page()
        pdf.save(out)
    return out.getvalue()


def locked_pdf():
    with pikepdf.open(io.BytesIO(pdf_of("x"))) as pdf:
        out = io.BytesIO()
        pdf.save(out, encryption=pikepdf.Encryption(owner="a", user="b"))
    return out.getvalue()


def unpacked_word():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("word/document.xml", b"0" * 200_000_001)
    return out.getvalue()


def empty_zip():
    out = io.BytesIO()
    zipfile.ZipFile(out, "w").close()
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.pdf", lambda: b"%PDF-1.7\nnothing", "cannot be read as a PDF"),
        ("a.pdf", lambda: b"", "cannot be read as a PDF"),
        ("a.pdf", lambda: pdf_of("x")[:900], "cannot be read as a PDF"),
        ("a.pdf", locked_pdf, "is locked: give an open copy"),
        ("a.pdf", blank_pdf, "has no text, only pictures of pages"),
        ("a.pdf", lambda: blank_pdf(2001), "has over 2,000 pages: give a part of it"),
        ("a.docx", lambda: b"PK", "cannot be read as a Word document"),
        ("a.docx", empty_zip, "cannot be read as a Word document"),
        ("a.docx", unpacked_word, "unpacks to over"),
        ("a.odt", lambda: b"x", "documents are read as .txt, .md"),
    ],
)
def test_a_damaged_document_is_refused_in_words(tmp_path, name, content, words):
    path = tmp_path / name
    path.write_bytes(content())
    with pytest.raises(ObsError, match=f"'{name}'.*{words}"):
        read_document(path)


@pytest.mark.parametrize(
    "text",
    [
        "1 " * 20_000,
        "(" * 40_000,
        "5 % of 3 (4 " * 4_000,
        "de 3 à 4, soit 5 de plus " * 2_000,
        "a" * 40_000,
    ],
)
def test_work_grows_with_the_document_alone(tmp_path, text):
    """Ten times the text is at most some twenty times the work: no rule compares all with all."""
    spent = []
    for part in (text[: len(text) // 10], text):
        path = tmp_path / "a.txt"
        path.write_text(part, encoding="utf-8")
        start = time.process_time()
        find_contradictions(read_document(path))
        spent.append(time.process_time() - start + 0.02)
    assert spent[1] < 25 * spent[0]


def test_the_command_tells_places_and_ends_with_a_refusal(tmp_path, capsys):
    path = word_of(tmp_path / "answer.docx", WRONG)
    assert main(["check", str(path)]) == 3
    said = capsys.readouterr()
    assert "answer.docx: paragraph 2: says '30 %', and '12 / 48'" in said.out
    assert "obs: 1 faults" in said.err
    assert main(["check", "--json", str(path)]) == 3
    assert '"faults": [\n  {\n   "file": "answer.docx"' in capsys.readouterr().out


def test_what_is_possible_is_a_remark(tmp_path, capsys):
    path = tmp_path / "a.txt"
    path.write_text("Répartition : 45 % de femmes et 65 % d'hommes.", encoding="utf-8")
    assert main(["check", str(path)]) == 0
    assert "45 + 65 = 110 (whole_of_shares) (possible)" in capsys.readouterr().out
