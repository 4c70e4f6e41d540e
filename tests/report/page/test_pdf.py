import io
from pathlib import Path

import pdfua
import pikepdf
import pypdf
import pytest
from pikepdf import Name

from obs.errors import PublicationError
from obs.report.checks.pdf_checks import attachments, pdf_faults
from obs.report.page import exporters
from obs.report.page.exporters import FocusPDFExporter
from obs.report.page.row_headers import add_row_headers, structure
from obs.report.page.typst import compile_pdf

TITLED = '#set document(title: "T")\n#set text(font: "Source Sans Pro")\n'


@pytest.fixture
def pdf(tiny_pages, tmp_path):
    path = tmp_path / "tiny.fr.pdf"
    path.write_bytes(FocusPDFExporter().from_page(tiny_pages[0]))
    return path


def spoilt(path: Path, change) -> Path:
    """Change an opened PDF and save it elsewhere."""
    with pikepdf.open(path) as document:
        change(document)
        out = path.with_name("spoilt.pdf")
        document.save(out)
    return out


def elements(document, kind):
    return [e for e in structure(document) if e.get("/S") == kind]


def test_a_page_passes_every_check(pdf):
    assert list(pdf_faults(pdf, lang="fr")) == []


def test_an_independent_checker_finds_nothing(pdf):
    report = pdfua.validate(str(pdf))
    assert list(report.findings) == []
    assert len(report.outcomes) > 10


@pytest.mark.parametrize(
    "change",
    [
        lambda document: document.Root.__delitem__("/Lang"),
        lambda document: document.Root.MarkInfo.__setitem__("/Marked", False),  # noqa: FBT003
        lambda document: elements(document, "/Figure")[0].__delitem__("/Alt"),
    ],
)
def test_the_independent_checker_sees_a_planted_fault(pdf, change):
    assert pdfua.validate(str(spoilt(pdf, change))).findings


def test_its_data_are_attached_as_they_are(pdf, tiny_pages):
    attached = attachments(pdf)
    assert {name: text.decode() for name, text in attached.items()} == tiny_pages[0].data


def test_each_row_has_a_header(pdf):
    with pikepdf.open(pdf) as document:
        rows = elements(document, "/TR")
        heads = [[str(cell.S) for cell in row.K] for row in rows]
    assert heads == [["/TH", "/TH", "/TH"], ["/TH", "/TD", "/TD"], ["/TH", "/TD", "/TD"]]


def test_adding_row_headers_twice_changes_nothing_more(pdf):
    assert add_row_headers(pdf.read_bytes()) == pdf.read_bytes()


def test_the_date_is_that_of_publication(pdf):
    with pikepdf.open(pdf) as document:
        assert str(document.docinfo["/CreationDate"]).startswith("D:20230630")


def test_source_date_epoch_rules(tiny_pages, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert tiny_pages[0].timestamp == 1_700_000_000


def remove_alt(document):
    del elements(document, "/Figure")[0]["/Alt"]


def remove_scope(document):
    for cell in elements(document, "/TH")[-1:]:
        del cell["/A"]


def unmark_row_header(document):
    elements(document, "/TR")[1].K[0]["/S"] = Name.TD


def skip_heading(document):
    heading = next(e for e in structure(document) if str(e.S).startswith("/H"))
    heading["/S"] = Name.H3


def remove_language(document):
    del document.Root["/Lang"]


def change_language(document):
    document.Root["/Lang"] = pikepdf.String("nl-BE")


def remove_structure(document):
    del document.Root["/StructTreeRoot"]


def unmark(document):
    document.Root["/MarkInfo"]["/Marked"] = False


def hide_title(document):
    document.Root["/ViewerPreferences"]["/DisplayDocTitle"] = False


def remove_about(document):
    del document.Root["/Metadata"]


def remove_reading(document):
    for item in document.objects:
        if isinstance(item, pikepdf.Dictionary) and item.get("/Subtype") == "/Type0":
            del item["/ToUnicode"]


def remove_font(document):
    for item in document.objects:
        if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/FontDescriptor":
            for name in [n for n in item if n.startswith("/FontFile")]:
                del item[name]


def add_script(document):
    document.Root["/OpenAction"] = pikepdf.Dictionary(S=Name.JavaScript, JS="app.alert(1)")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (remove_alt, "has no alternative text"),
        (remove_scope, "header cell without scope"),
        (unmark_row_header, "row without a header"),
        (skip_heading, "skips a level"),
        (remove_language, "has no language"),
        (change_language, "says its language is 'nl-BE', not 'fr'"),
        (remove_structure, "has no structure"),
        (unmark, "is not tagged"),
        (hide_title, "does not show its title"),
        (remove_about, "does not say that it follows PDF/UA-1"),
        (remove_reading, "no ToUnicode"),
        (remove_font, "is not embedded"),
        (add_script, "runs a script"),
    ],
)
def test_each_check_sees_its_fault(pdf, change, message):
    faults = [words for _, words in pdf_faults(spoilt(pdf, change), lang="fr")]
    assert any(message in words for words in faults), faults


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("= A", "missing document title"),
        (TITLED + "= A\n=== B", "skipped from heading level"),
        (
            TITLED + '#image(bytes("<svg xmlns=\'http://www.w3.org/2000/svg\'/>"), format: "svg")',
            "missing alt text",
        ),
        (TITLED + "中", "could not be displayed with font"),
        (TITLED + '#set text(font: "Comic Sans")\nx', "unknown font family"),
    ],
)
def test_typst_refuses_what_would_not_be_accessible(source, message):
    with pytest.raises(PublicationError, match=message):
        compile_pdf(source, "", timestamp=0)


def test_a_file_without_tags_is_seen(tmp_path):
    path = tmp_path / "bare.pdf"
    pikepdf.new().save(path)
    assert ("", "is not tagged") in list(pdf_faults(path))


@pytest.mark.parametrize("taken", [100, 600, 620, 640])
def test_data_and_citation_stand_on_one_page(taken):
    """However much of the page above is taken: a last page with the licence alone was printed."""
    look = Path(exporters.__file__).parent / "templates" / "focus_pdf" / "style.typ"
    style = "#let compact = false\n" + look.read_text(encoding="utf-8")
    source = (
        '#import "style.typ": note, colophon\n#show: note.with(title: "T", lang: "en")\n'
        f"#block(height: {taken}pt)[A]\n"
        '#colophon(heading: "Data", files: ("a", "b"), attached: "b", cite: "c", licence: "Free")\n'
    )
    pages = pypdf.PdfReader(io.BytesIO(compile_pdf(source, style, timestamp=0))).pages
    last = pages[-1].extract_text()
    assert "Data" in last
    assert "Free" in last
    assert len(pages) == (1 if taken == 100 else 2)
