"""Check a PDF: tags, language, words for figures, table headers, order of headings, fonts.

Identifiers of PDF/UA-1 and PDF/A-3a are checked too, and that nothing in the file runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf

from obs.report.page.row_headers import structure

__all__ = ["attachments", "pdf_faults"]

_HEADING = re.compile(r"/H([1-6])")
_ACTIONS = 100  # of one object: a chain of actions may end in itself


def pdf_faults(path: Path, *, lang: str | None = None) -> Iterator[tuple[str, str]]:
    """Find what is wrong with a PDF.

    Yields place and fault.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from obs.report.checks.pdf_checks import pdf_faults
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "a.pdf"
    ...     _ = path.write_bytes(b"not a PDF")
    ...     list(pdf_faults(path))
    [('', 'is not a PDF that can be read')]
    """
    try:
        with pikepdf.open(path) as document:
            yield from _document_faults(document, lang)
            yield from _identity_faults(document)
            yield from _action_faults(document)
            yield from _structure_faults(document)
            yield from _font_faults(document)
    except pikepdf.PdfError:
        yield "", "is not a PDF that can be read"


def attachments(path: Path) -> dict[str, bytes]:
    """Give the files attached to a PDF.

    Returns content by file name.
    """
    with pikepdf.open(path) as document:
        return {n: f.get_file().read_bytes() for n, f in document.attachments.items()}


def _document_faults(document: pikepdf.Pdf, lang: str | None) -> Iterator[tuple[str, str]]:
    root = document.Root
    if not _flag(root, "/MarkInfo", "/Marked"):
        yield "", "is not tagged"
    found = str(root.get("/Lang", ""))
    if not found:
        yield "", "has no language"
    elif lang and found.split("-")[0] != lang:
        yield "", f"says its language is '{found}', not '{lang}'"
    if not _flag(root, "/ViewerPreferences", "/DisplayDocTitle"):
        yield "", "does not show its title in the window"
    for number, page in enumerate(document.pages, start=1):
        if "/Annots" in page and str(page.get("/Tabs", "")) != "/S":
            yield f"page {number}", "has links but no tab order"


def _action_faults(document: pikepdf.Pdf) -> Iterator[tuple[str, str]]:
    """Find what runs when a file, a page or a link is opened."""
    root = document.Root
    if "/JavaScript" in root.get("/Names", {}):
        yield "", "holds a script"
    yield from (("", fault) for fault in _run_by(root, "/OpenAction"))
    for number, page in enumerate(document.pages, start=1):
        for holder in (page.obj, *page.get("/Annots", [])):
            yield from ((f"page {number}", fault) for fault in _run_by(holder, "/A"))


def _run_by(holder: pikepdf.Object, key: str) -> Iterator[str]:
    """Name what an object runs by its action, by one of those of its events, or by one after these."""
    waiting = [holder.get(key), *(holder["/AA"].values() if "/AA" in holder else ())]
    for _ in range(_ACTIONS):
        action = waiting.pop() if waiting else None
        if isinstance(action, pikepdf.Array):  # actions in turn; or a place of the document
            waiting += list(action)
        if isinstance(action, pikepdf.Dictionary):
            waiting.append(action.get("/Next"))
            if "/JS" in action or action.get("/S") == "/JavaScript":
                yield "runs a script"
            elif action.get("/S") == "/Launch":
                yield "starts a program"


def _flag(root: pikepdf.Object, table: str, key: str) -> bool:
    return bool(table in root and root[table].get(key, False))


def _identity_faults(document: pikepdf.Pdf) -> Iterator[tuple[str, str]]:
    with document.open_metadata(set_pikepdf_as_editor=False) as about:
        if not str(about.get("dc:title", "")).strip():
            yield "", "has no title"
        if str(about.get("pdfuaid:part", "")) != "1":
            yield "", "does not say that it follows PDF/UA-1"
        if (str(about.get("pdfaid:part", "")), str(about.get("pdfaid:conformance", ""))) != (
            "3",
            "A",
        ):
            yield "", "does not say that it follows PDF/A-3a"


def _structure_faults(document: pikepdf.Pdf) -> Iterator[tuple[str, str]]:
    elements = list(structure(document))
    if not elements:
        yield "", "has no structure"
    level, figures, tables = 0, 0, 0
    for element in elements:
        kind = str(element.get("/S"))
        heading = _HEADING.fullmatch(kind)
        if heading:
            now = int(heading.group(1))
            if now > level + 1:
                yield f"heading {now}", "skips a level"
            level = now
        elif kind == "/Figure":
            figures += 1
            if not str(element.get("/Alt", "")).strip():
                yield f"figure {figures}", "has no alternative text"
        elif kind == "/Table":
            tables += 1
        elif kind == "/TH" and _scope(element) not in ("/Column", "/Row", "/Both"):
            yield f"table {tables}", "has a header cell without scope"
        elif kind == "/TR":
            yield from _row_faults(element, tables)


def _row_faults(row: pikepdf.Dictionary, table: int) -> Iterator[tuple[str, str]]:
    kids = row.get("/K")
    cells = list(kids) if isinstance(kids, pikepdf.Array) else [kids]
    first = next((c for c in cells if isinstance(c, pikepdf.Dictionary) and "/S" in c), None)
    if first is None or str(first.get("/S")) != "/TH":
        yield f"table {table}", "has a row without a header"


def _scope(cell: pikepdf.Dictionary) -> str:
    given = cell.get("/A")
    every = list(given) if isinstance(given, pikepdf.Array) else [given]
    found = [a.get("/Scope") for a in every if isinstance(a, pikepdf.Dictionary)]
    return str(next((scope for scope in found if scope is not None), ""))


def _font_faults(document: pikepdf.Pdf) -> Iterator[tuple[str, str]]:
    for item in document.objects:
        if not isinstance(item, pikepdf.Dictionary) or item.get("/Type") != "/Font":
            continue
        name = str(item.get("/BaseFont", "?")).lstrip("/")
        if item.get("/Subtype") == "/Type0" and "/ToUnicode" not in item:
            yield name, "cannot be read aloud or copied (no ToUnicode)"
        if item.get("/Subtype") in ("/CIDFontType0", "/CIDFontType2", "/TrueType", "/Type1"):
            about: Any = item.get("/FontDescriptor", {})
            if not any(f"/FontFile{n}" in about for n in ("", "2", "3")):
                yield name, "is not embedded"
