import copy
import io
import re

import nbformat
import pikepdf
import pytest
from nbconvert.exporters import get_exporter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from traitlets.config import Config

from obs.errors import PublicationError
from obs.report.checks.html_checks import html_faults
from obs.report.kernel.output_gate import seal
from obs.report.page.content import read_page
from obs.report.page.exporters import FocusHTMLExporter, FocusPDFExporter
from obs.report.page.fonts import check_glyphs
from obs.report.page.markdown import parse, to_html, to_typst
from obs.report.page.row_headers import structure
from obs.report.page.typst import literal

NARROW = "\N{NARROW NO-BREAK SPACE}"


@pytest.fixture(scope="module")
def html(tiny_pages):
    return FocusHTMLExporter().from_page(tiny_pages[0])


def sealed(*cells, **front):
    """An executed notebook, as the runner leaves it."""
    about = {"lang": "fr", "parameters": {"published": "2023-06-30", "edition": 2022}}
    notebook = new_notebook(cells=list(cells), metadata={"obs": about | {"front": front}})
    notebook.metadata["obs"]["seal"] = seal(notebook)
    return notebook


def showing(block):
    output = nbformat.v4.new_output("display_data", data={"application/vnd.obs+json": block})
    return new_code_cell("", outputs=[output])


@pytest.mark.parametrize("name", ["focus_html", "focus_pdf"])
def test_nbconvert_knows_both_exporters(name):
    exporter = get_exporter(name)
    assert exporter.export_from_notebook.startswith("Focus")  # so JupyterLab's menu lists it
    assert "-" not in name  # a hyphen gives 404 there


@pytest.mark.slow
def test_a_page_has_no_fault(html, tmp_path):
    assert list(html_faults(html, tmp_path)) == []


@pytest.mark.slow
def test_a_page_has_no_code_and_no_outside_address(html):
    assert "display(" not in html
    assert "published =" not in html
    assert set(re.findall(r"https?://[^\s\"'<]+", html)) <= {
        "https://example.org",
        "http://www.w3.org/2000/svg",
    } | {"http://www.w3.org/2000/svg%22"}


def test_values_cannot_act_as_html(html):
    assert "À Saint_Gilles &lt;b&gt;*x*&lt;/b&gt;" in html
    assert '<td class="right">&lt;b&gt;</td>' in html


def test_french_has_its_spaces(html):
    assert f"Vols enregistrés{NARROW}?" in html
    assert "Lecture\N{NO-BREAK SPACE}:" in html


def test_figures_and_tables_are_numbered_and_captioned(html):
    assert '<span class="number">Figure 1</span> Vols enregistrés' in html
    assert '<caption><span class="number">Tableau 1' in html
    assert '<th scope="row">Anderlecht</th>' in html


def test_synthetic_data_are_told_at_the_top_and_at_the_foot_of_the_page(html):
    """A drawing says it too, inside; captions do not say it again."""
    assert html.count("Données synthétiques") == 2
    assert "Synthetic data" not in html


def test_a_lone_page_embeds_its_data(html):
    assert 'href="data:text/csv' in html
    assert 'download="tiny_trend-theft.csv"' in html


def test_pages_are_the_same_bytes_twice(tiny_pages, html):
    assert FocusHTMLExporter().from_page(tiny_pages[0]) == html
    first, again = (FocusPDFExporter().from_page(tiny_pages[0]) for _ in range(2))
    assert first == again


@pytest.mark.slow
def test_execute_runs_the_note_with_the_given_parameters(tiny, tmp_path):
    path = tmp_path / "tiny.ipynb"
    nbformat.write(tiny, path)
    config = Config(
        ExecutePreprocessor={"enabled": True},
        FocusExporter={"parameters": {"lang": "nl", "edition": 2030}},
    )
    text, resources = FocusHTMLExporter(config=config).from_filename(str(path))
    assert '<html lang="nl">' in text
    assert "Editie 2030" in text
    assert resources["output_extension"] == ".html"


@pytest.mark.parametrize("exporter", [FocusHTMLExporter, FocusPDFExporter])
def test_a_notebook_that_was_not_run_is_refused(tiny, exporter):
    with pytest.raises(PublicationError, match="was not run by obs"):
        exporter().from_notebook_node(tiny)


@pytest.mark.parametrize(
    ("cells", "front", "message"),
    [
        ([new_markdown_cell("Texte")], {}, "has no title"),
        ([new_markdown_cell("# A\n\n# B")], {}, "'B' is a second title"),
        ([new_markdown_cell("# A\n\n### B")], {}, "'B' skips a level; use ##"),
        ([new_markdown_cell("# A\n\n![x](y.png)")], {}, "holds a image"),
        ([new_markdown_cell("# A\n\n[x](javascript:alert(1))")], {}, "link must start with"),
    ],
)
def test_a_faulty_page_is_refused(cells, front, message):
    with pytest.raises(PublicationError, match=message):
        read_page(sealed(*cells, **front), name="x")


def test_the_same_data_may_be_shown_twice_and_come_with_one_file(block):
    title = new_markdown_cell("# A")
    twice = [showing(block(kind, "a", "fr")) for kind in ("figure", "table", "table")]
    page = read_page(sealed(title, *twice), name="x")
    assert [(e.label, e.anchor, e.again) for e in page.exhibits] == [
        ("Figure 1", "a", False),
        ("Tableau 1", "a-2", True),
        ("Tableau 2", "a-3", True),
    ]
    assert list(page.data) == ["x_a.csv"]
    assert FocusPDFExporter().from_page(page).startswith(b"%PDF")
    assert 'id="a-3"' in FocusHTMLExporter().from_page(page)


def test_two_data_under_one_id_and_a_block_in_another_language_are_refused(block):
    title = new_markdown_cell("# A")
    other = {"filename": "a.csv", "text": "numerator\n1\n"}
    twice = [showing(block("figure", "a", "fr")), showing(block("figure", "a", "fr", csv=other))]
    with pytest.raises(PublicationError, match="two blocks have the id 'a' and different data"):
        read_page(sealed(title, *twice), name="x")
    with pytest.raises(PublicationError, match="in 'nl' on a page in 'fr'"):
        read_page(sealed(title, showing(block("figure", "a", "nl"))), name="x")


def test_assumed_days_are_said_once_in_both_formats():
    said = "Police : la période couverte n’est pas déclarée."
    told, silent = (
        read_page(sealed(new_markdown_cell("# A\n\nTexte."), **front), name="x")
        for front in ({"assumed": said}, {})
    )
    html = FocusHTMLExporter().from_page(told)
    assert html.count("la période couverte n’est pas déclarée.") == 1
    assert "<p></p>" not in FocusHTMLExporter().from_page(silent)
    paragraphs = []
    for page in (told, silent):
        with pikepdf.open(io.BytesIO(FocusPDFExporter().from_page(page))) as document:
            paragraphs.append([str(e["/S"]) for e in structure(document)].count("/P"))
    assert paragraphs[0] == paragraphs[1] + 1


def dated(**front):
    """An executed notebook whose parameters tell no date."""
    notebook = sealed(new_markdown_cell("# A"), **front)
    notebook.metadata["obs"]["parameters"] = {}
    notebook.metadata["obs"]["seal"] = seal(notebook)
    return notebook


def test_a_date_is_needed():
    with pytest.raises(PublicationError, match="date of publication is not known"):
        read_page(dated(), name="x")


def test_without_a_date_of_publication_the_day_of_the_data_is_said():
    page = read_page(dated(extracted="2023-01-15"), name="x")
    assert (page.draft, page.release) == (True, "Projet, non publié")
    assert page.data_days == "Données extraites le 15 janvier 2023"
    assert page.timestamp == 1_673_784_000
    with pytest.raises(PublicationError, match="'soon' is not of the form YYYY-MM-DD"):
        read_page(dated(published="soon"), name="x")


IDENTITY = {
    "observatory": "Observatoire",
    "publisher": "Observatoire",
    "licence": "CC BY 4.0",
    "contact": "ville@example.org",
    "permanent_name": "urn:obs:town:2024",
    "extracted": "2023-01-15",
    "covered_to": "2022-12-31",
}


def test_a_draft_says_so_and_when_it_is_announced():
    draft = read_page(dated(**IDENTITY, announced="2023-06-30T10:00:00+02:00"), name="x")
    said = "Projet, non publié\u202f; publication annoncée pour le 30 juin 2023, 10:00"
    assert draft.release == said
    assert draft.reference == "Observatoire. A. Projet, non publié. urn:obs:town:2024"
    html = FocusHTMLExporter().from_page(draft)
    assert f'<span class="draft">{said}</span>' in html
    assert 'name="date"' not in html, "a draft has no day of publication"


def test_day_of_publication_and_days_of_the_data_are_told_apart():
    page = read_page(sealed(new_markdown_cell("# A"), **IDENTITY), name="x")
    html = FocusHTMLExporter().from_page(page)
    assert '<time datetime="2023-06-30">Publié le 30 juin 2023</time>' in html
    days = "Données jusqu’au 31 décembre 2022, extraites le 15 janvier 2023"
    assert f"<span>{days}</span>" in html
    with pikepdf.open(io.BytesIO(FocusPDFExporter().from_page(page))) as document:
        assert str(document.docinfo["/CreationDate"]).startswith("D:20230630")


def test_how_to_cite_whom_to_ask_and_the_licence_are_in_the_body():
    page = read_page(sealed(new_markdown_cell("# A"), **IDENTITY), name="x")
    html = FocusHTMLExporter().from_page(page).partition('<section class="about"')[2]
    assert (
        html.count("Observatoire. A. Édition 2022. Publié le 30 juin 2023. urn:obs:town:2024") == 1
    )
    assert '<a href="mailto:ville@example.org">ville@example.org</a>' in html
    assert "Licence\u00a0: CC BY 4.0" in html


def test_a_contact_that_is_no_address_is_no_link():
    words = {"contact": "Service <b>x</b>, 1000 Ville"}
    page = read_page(sealed(new_markdown_cell("# A"), **(IDENTITY | words)), name="x")
    html = FocusHTMLExporter().from_page(page)
    assert "Contact\u00a0: Service &lt;b&gt;x&lt;/b&gt;, 1000 Ville" in html
    assert "mailto:" not in html


def test_the_title_may_come_from_the_note_and_the_description_from_its_first_words():
    page = read_page(sealed(new_markdown_cell("Un **mot**."), title="Vols"), name="x")
    assert (page.title, page.description) == ("Vols", "Un mot.")


def test_key_figures_are_a_list_that_starts_with_numbers():
    cell = new_markdown_cell("- douze", metadata={"tags": ["key-figures"]})
    with pytest.raises(PublicationError, match="starts with its number in"):
        read_page(sealed(new_markdown_cell("# A"), cell), name="x")


def test_a_text_block_is_laid_out(block):
    notebook = sealed(new_markdown_cell("# A"), showing(block("text", "method", "fr")))
    page = read_page(notebook, name="x")
    assert '<aside id="method"' in FocusHTMLExporter().from_page(page)
    assert FocusPDFExporter().from_page(page).startswith(b"%PDF")


@pytest.mark.parametrize("text", ['"', "\\", '"); #panic("x")', "#read", "$x$", "\n", "\x00"])
def test_a_typst_literal_holds_any_text(text):
    written = literal(text)
    assert written[0] == written[-1] == '"'
    assert not re.search(r'(?<!\\)(?:\\\\)*"', written[1:-1])


def test_raw_html_and_typst_markup_stay_text():
    tokens = parse("<script>alert(1)</script> #panic() `#x`", "fr")
    assert "<script>" not in to_html(tokens)
    assert "#panic" not in re.sub(r'"(?:[^"\\]|\\.)*"', "", to_typst(tokens))


def test_a_letter_the_font_lacks_is_refused():
    with pytest.raises(PublicationError, match=r"U\+4E2D"):
        check_glyphs("中")


def test_every_letter_of_the_three_languages_is_in_the_font():
    check_glyphs("àâäçéèêëîïôöùûüÿœæ ÀÂÄÇÉÈÊËÎÏÔÖÙÛÜŸŒÆ ’‘“”«»–—… €%‰ −±≤≥ \u00a0\u202f")


@pytest.mark.slow
def test_the_notebook_given_to_the_exporter_is_not_changed(tiny):
    config = Config(FocusExporter={"execute": True})
    before = copy.deepcopy(tiny)
    FocusPDFExporter(config=config).from_notebook_node(tiny)
    assert tiny == before


def page_of(element):
    """Object number of the page that a structure element, or its first part, stands on."""
    while "/Pg" not in element:
        kids = element["/K"]
        element = kids[0] if isinstance(kids, pikepdf.Array) else kids
    return element["/Pg"].objgen


@pytest.mark.parametrize("filler", range(18, 36, 2))
def test_a_heading_and_its_paragraph_are_on_the_page_of_the_figure(filler, block):
    """Wherever the page ends: it breaks before the heading, not between it and the figure."""
    cells = [
        new_markdown_cell("# Titre"),
        new_markdown_cell("\n\n".join(["Une phrase qui remplit la page."] * filler)),
        new_markdown_cell("## Partie\n\nUne phrase qui annonce la figure."),
        showing(block("figure", "a", "fr")),
    ]
    page = read_page(sealed(*cells), name="x")
    with pikepdf.open(io.BytesIO(FocusPDFExporter().from_page(page))) as document:
        found = list(structure(document))
        kinds = [str(e["/S"]) for e in found]
        heading = next(i for i, e in enumerate(found) if kinds[i] in ("/H1", "/H2"))
        paragraph = next(
            e for e, k in zip(found[heading:], kinds[heading:], strict=True) if k == "/P"
        )
        figure = found[kinds.index("/Figure")]
        assert page_of(found[heading]) == page_of(paragraph) == page_of(figure)
        pages = {p.objgen for p in document.pages}
        assert len(pages) == 2 or page_of(figure) == document.pages[0].objgen
