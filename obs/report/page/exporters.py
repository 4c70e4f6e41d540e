"""Export a note with nbconvert: one HTML file, one accessible PDF.

`jupyter nbconvert --to focus_html|focus_pdf --execute notebooks/NAME.ipynb`, JupyterLab's
export menu and `obs.render` all use it. What the publication gate refuses is not exported.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment
from markupsafe import Markup, escape
from nbconvert.exporters.templateexporter import TemplateExporter
from nbformat import NotebookNode
from traitlets import Bool, Dict

from obs.locale import conventions, languages
from obs.report.facts.numbers import typography
from obs.report.kernel.runner import run_note
from obs.report.note.notebook_cells import default_parameters
from obs.report.page.column_layout import column_widths, paddings
from obs.report.page.content import DataFile, Exhibit, Page, read_page
from obs.report.page.fonts import font_css
from obs.report.page.inline_svg import inline_svg
from obs.report.page.markdown import inline_html, to_html, to_typst
from obs.report.page.number_traces import trace_groups
from obs.report.page.row_headers import add_row_headers
from obs.report.page.table_traces import row_links, row_traces
from obs.report.page.typst import Code, compile_pdf, finalize, literal

__all__ = ["FocusExporter", "FocusHTMLExporter", "FocusPDFExporter"]

_TEMPLATES = Path(__file__).parent / "templates"


class FocusExporter(TemplateExporter):
    """What both exporters share: run if asked, pass the gate, read the page."""

    execute = Bool(default_value=False, help="Run the note first, as --execute does").tag(
        config=True
    )
    parameters = Dict(help="Values for the cell tagged `parameters`").tag(config=True)
    extra_template_basedirs = [str(_TEMPLATES)]

    def from_notebook_node(
        self, nb: NotebookNode, resources: Any = None, **kw: Any
    ) -> tuple[Any, dict[str, Any]]:
        """Export a notebook, or refuse."""
        resources = self._init_resources(resources)  # type: ignore[no-untyped-call]
        about = resources["metadata"]
        if self.execute or self.config.get("ExecutePreprocessor", {}).get("enabled"):
            folder = Path(about.get("path") or Path.cwd())
            parameters = dict(self.parameters)
            lang = (
                parameters.pop("lang", None) or default_parameters(nb).get("lang") or languages()[0]
            )
            (nb,) = run_note(nb, langs=[lang], parameters=parameters, folder=folder)
        page = read_page(nb, name=about.get("name") or "note")
        return self.from_page(page), resources

    def from_page(self, page: Page) -> Any:
        """Lay a page out on its own, nothing beside it."""
        raise TypeError("use FocusHTMLExporter or FocusPDFExporter")

    def _create_environment(self) -> Environment:
        environment: Environment = super()._create_environment()  # type: ignore[no-untyped-call]
        environment.trim_blocks = environment.lstrip_blocks = True
        self._prepare(environment)
        return environment

    def _prepare(self, environment: Environment) -> None:
        """Set how values are written, which each format escapes in its own way."""


class FocusHTMLExporter(FocusExporter):
    """A note as one HTML file: no script, no network, fonts and figures inside."""

    export_from_notebook = "Focus note (HTML)"
    template_name = "focus_html"
    template_extension = ".html.j2"
    file_extension = ".html"
    output_mimetype = "text/html"

    def from_page(
        self,
        page: Page,
        *,
        data_folder: str | None = None,
        languages: Sequence[str] = (),
        front: str = "",
        workbook: DataFile | None = None,
        sheets: Mapping[str, str] | None = None,
    ) -> str:
        """Lay a page out as HTML.

        With `data_folder`, data files are linked there instead of embedded; `languages` are
        those the note exists in beside it, `front` the front page of its edition,
        `workbook` that with all its data, `sheets` the addresses of the sheets of places by name.
        """
        addresses = {
            name: f"{data_folder}/{name}" if data_folder else _data_uri(text)
            for name, text in page.data.items()
        }
        rows = row_traces(page, addresses)
        body: str = self.template.render(
            page=page,
            addresses=addresses,
            alternate=_alternate(page, languages),
            languages=languages,
            front=front,
            workbook=workbook,
            data_folder=data_folder,
            sheets=sheets or {},
            traces=trace_groups(page, addresses, rows),
            row_links=row_links(page, rows),
            locale=conventions(page.lang).locale,
        )
        return self.completed(body, (page.lang,))

    def completed(self, html: str, langs: Iterable[str]) -> str:
        """Embed the fonts that a page needs, and raise the ordinals of its languages."""
        for lang in langs:
            html = _raise_ordinals(html, lang)
        return html.replace("/*fonts*/", font_css(html), 1)

    def _prepare(self, environment: Environment) -> None:
        environment.autoescape = True
        environment.filters["prose"] = lambda tokens: Markup(to_html(tokens))
        environment.filters["inline"] = lambda tokens: Markup(inline_html(tokens))
        environment.filters["valued"] = _valued
        environment.filters["mailto"] = _link_address
        environment.filters["drawings"] = _drawings
        environment.filters["paddings"] = paddings
        environment.filters["typeset"] = typography


class FocusPDFExporter(FocusExporter):
    """A note as PDF/A-3a and PDF/UA-1, its data attached."""

    export_from_notebook = "Focus note (PDF)"
    template_name = "focus_pdf"
    template_extension = ".typ.j2"
    file_extension = ".pdf"
    output_mimetype = "application/pdf"

    def from_page(self, page: Page) -> bytes:
        """Lay a page out as PDF."""
        source = self.template.render(page=page)
        look = (_TEMPLATES / self.template_name / "style.typ").read_text(encoding="utf-8")
        style = f"#let compact = {finalize(page.compact)}\n{look}"
        return add_row_headers(compile_pdf(source, style, timestamp=page.timestamp))

    def _prepare(self, environment: Environment) -> None:
        environment.finalize = finalize
        environment.filters["prose"] = to_typst
        environment.filters["typeset"] = typography
        environment.filters["paddings"] = paddings
        environment.filters["widths"] = _typst_widths
        environment.filters["bytes"] = lambda text: Code(f"bytes({literal(text)})")
        environment.filters["array"] = _typst_array
        environment.filters["code"] = Code


def _alternate(page: Page, languages: Sequence[str]) -> list[dict[str, str]]:
    """Give the other languages of a note, and its PDF, as links beside it."""
    links = [
        {"href": f"{page.name}.{lang}.html", "lang": lang, "text": conventions(lang).name}
        for lang in languages
        if lang != page.lang
    ]
    own = {"href": f"{page.name}.{page.lang}.pdf", "lang": page.lang, "text": "PDF"}
    return [*links, own] if languages else []


def _raise_ordinals(html: str, lang: str) -> str:
    """Raise the end of an ordinal number in the text of a page: 1er, as French prints it."""
    written = re.search(r"'(\d+)(\w+)'", conventions(lang).dates.get("first_day", ""))
    start = re.search(r"<body[^>]*>", html)
    if not written or not start:
        return html
    head, mark, body = html[: start.start()], start[0], html[start.end() :]
    pattern = re.compile(rf"(?s)(<svg\b.*?</svg>)|\b({written[1]})({written[2]})\b(?=[^<>]*<)")
    raised = pattern.sub(lambda m: m[1] or f"{m[2]}<sup>{m[3]}</sup>", body)
    return head + mark + raised


def _link_address(words: str, contact: str) -> Markup:
    """Make a link of a contact that is an e-mail address; other words stay as they are."""
    if not re.fullmatch(r"[\w.+-]+@[\w-]+(\.[\w-]+)+", contact):
        return escape(words)
    link = Markup('<a href="mailto:{0}">{0}</a>').format(contact)
    return Markup(link.join(escape(part) for part in words.split(contact, 1)))


def _valued(number: tuple[str, str]) -> Markup:
    """Write a number that a data file has, with its value there; words alone where it has none."""
    text, value = number
    return Markup('<data value="{}">{}</data>').format(value, text) if value else escape(text)


def _typst_array(items: Iterable[Any]) -> Code:
    return Code("(" + "".join(f"{finalize(item)}, " for item in items) + ")")


def _typst_widths(
    table: Mapping[str, Any], pads: Sequence[Sequence[str]], *, compact: bool = False
) -> Code:
    widths = column_widths(table, pads, compact=compact)
    return Code("(" + "".join(f"{width:.1f}pt, " for width in widths) + ")")


def _drawings(exhibit: Exhibit) -> Markup:
    """Write the drawings of a figure, for a page and for a telephone; its style shows one."""
    block = exhibit.block
    kinds = (("wide", block["svg"]), ("narrow", block.get("narrow") or block["svg"]))
    said = [typography(block[key], block["lang"]) for key in ("title", "alt")]
    return Markup(
        "\n".join(
            inline_svg(svg, prefix=exhibit.anchor, kind=kind, title=said[0], description=said[1])
            for kind, svg in kinds
        )
    )


def _data_uri(text: str) -> str:
    return "data:text/csv;charset=utf-8," + quote(text, safe="")
