"""A tiny note with hand-made blocks: no observatory, no released table behind it."""

import shutil

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from obs.report.edition.publish import write_edition
from obs.report.kernel.runner import run_note
from obs.report.page.content import read_page

MIME = "application/vnd.obs+json"
MARK = {"released": True, "rule": "default", "seal": "0" * 64}
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 504 200" width="504" height="200">'
    '<rect width="504" height="200" fill="#ffffff"/>'
    '<path d="M20 180 L150 120 L300 140 L480 40" stroke="#0b5a94" stroke-width="3" fill="none"/>'
    "</svg>"
)
WORDS = {
    "fr": ("Vols enregistrés", "Lecture :", "en 2022, 1 234 faits."),
    "nl": ("Geregistreerde diefstallen", "Leeswijzer:", "in 2022, 1.234 feiten."),
    "en": ("Recorded thefts", "Reading:", "in 2022, 1,234 facts."),
}
CSV = (
    "indicator,territory,period,numerator,denominator,value,low,high,status,scale\n"
    "theft,21001,2022,1234,120887,10.207880,9.646260,10.793550,ok,per_1000_inhabitants\n"
    "theft,21002,2022,,,,,,suppressed_primary,per_1000_inhabitants\n"
)


def hand_made(kind, ident, lang, **changes):
    title, label, text = WORDS[lang]
    block = {
        "kind": kind,
        "id": ident,
        "lang": lang,
        "title": title,
        "alt": "",
        "caption": "2015-2022",
        "notes": [{"label": label, "text": text}],
        "svg": "",
        "table": None,
        "csv": {"filename": f"{ident}.csv", "text": CSV},
        "synthetic": True,
        "synthetic_label": "Synthetic data",
        "status": MARK,
    }
    if kind == "figure":
        block |= {"svg": SVG, "alt": f"{title}: a line that rises from 2015 to 2022."}
    if kind == "table":
        block["table"] = {
            "row_header_label": "Commune",
            "columns": [{"label": "2021", "align": "right"}, {"label": "2022", "align": "right"}],
            "rows": [
                {"header": "Anderlecht", "cells": ["1 100", "1 234"]},
                {"header": 'Évil "]#panic()', "cells": ["<b>", "non publié"]},
            ],
        }
    return block | changes


def shows(block):
    """Source of a code cell that shows a block."""
    return f"display({{{MIME!r}: {block!r}, 'text/html': ''}}, raw=True)"


@pytest.fixture
def block():
    return hand_made


def tiny_note():
    """Make a note in three languages with one figure and one table."""
    cells = [
        new_code_cell(
            "lang = 'fr'\nedition = 2022\npublished = '2023-06-30'",
            metadata={"tags": ["parameters"]},
        ),
        new_code_cell("total = 1234\nplace = 'Saint_Gilles <b>*x*</b>'"),
    ]
    for lang, (title, _, _) in WORDS.items():
        tag = f"lang-{lang}"
        cells += [
            new_markdown_cell(f"# {title}\n\n{place_sentence(lang)}", metadata={"tags": [tag]}),
            new_markdown_cell(
                f"- **{{{{ total|n }}}}** {title.lower()}\n- **+4 %** {title.lower()}",
                metadata={"tags": [tag, "key-figures"]},
            ),
            new_markdown_cell(f"## {title} ?\n\n> {title}", metadata={"tags": [tag]}),
            new_code_cell(
                shows(hand_made("figure", "trend-theft", lang)), metadata={"tags": [tag]}
            ),
            new_code_cell(shows(hand_made("table", "table-theft", lang)), metadata={"tags": [tag]}),
        ]
    return new_notebook(cells=cells)


def place_sentence(lang):
    here = {"fr": "À", "nl": "In", "en": "In"}[lang]
    return f"{here} {{{{ place }}}} : **{{{{ total|n }}}}**. *Fin* [obs](https://example.org)."


@pytest.fixture
def tiny():
    """A note in three languages with one figure and one table."""
    return tiny_note()


@pytest.fixture(scope="session")
def tiny_pages():
    """The pages of that note, as the exporters get them: French, Dutch, English."""
    return [read_page(n, name="tiny") for n in run_note(tiny_note(), langs=("fr", "nl", "en"))]


@pytest.fixture(scope="session")
def sealed_edition(tmp_path_factory):
    """A whole published edition of that note; not to be changed."""
    place = tmp_path_factory.mktemp("edition")
    notebook = place / "notebooks" / "tiny.ipynb"
    notebook.parent.mkdir()
    nbformat.write(tiny_note(), notebook)
    return write_edition(
        [notebook],
        langs=("fr", "nl", "en"),
        edition=2022,
        out=place / "publications",
        sources=[
            {
                "file": "police.csv",
                "sha256": "0" * 64,
                "hmac": "f" * 64,
                "read": 19,
                "extracted": "2023-01-15",
                "title": "Police",
                "licence": "CC BY 4.0",
            }
        ],
    )


@pytest.fixture
def edition(sealed_edition, tmp_path):
    """A copy of the edition, to be spoilt."""
    return shutil.copytree(sealed_edition, tmp_path / "2022")
