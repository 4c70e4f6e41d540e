"""Write the files of an edition: pages, data, front pages, manifest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from obs.errors import PublicationError
from obs.report.edition.answer_files import write_answer
from obs.report.edition.edition_facts import CAUSES, REVISIONS, causes_text, revisions_text
from obs.report.edition.manifest import make_manifest, write_manifest
from obs.report.edition.note_workbook import note_workbook, workbook_name
from obs.report.edition.plan_file import PLAN, plan_text
from obs.report.edition.quality_file import QUALITY, quality_text
from obs.report.edition.reuse_pages import Reuse
from obs.report.edition.whole_folders import write_whole
from obs.report.page.content import ANSWER, DataFile, Page, size_in_words
from obs.report.page.exporters import FocusHTMLExporter, FocusPDFExporter
from obs.report.page.front_page import front_name, front_page, index_page

__all__ = ["OPEN_DATA", "page_files", "write_files"]

DATA = "data"
OPEN_DATA = "open_data"


def write_files(
    pages: Sequence[Page],
    folder: Path,
    *,
    sources: Sequence[Mapping[str, Any]] = (),
    about: Mapping[str, Any] | None = None,
    commit: Mapping[str, Any] | None = None,
    open_data: Mapping[str, bytes] | None = None,
    reuse: Reuse | None = None,
) -> Path:
    """Write all files of an edition, or of an answer, into a folder.

    `pages` are those of every language; `about` is what its front pages say beyond the notes (see
    `obs.report.edition.edition_facts`); `open_data` are the files of that folder. Returns the
    manifest.
    """
    if any(page.kind == ANSWER for page in pages):
        return write_answer(pages, folder, sources=sources, about=about, commit=commit)
    langs = list(dict.fromkeys(page.lang for page in pages))
    names = (about or {}).get("names", {})
    texts = _edition_texts(about or {}, synthetic=bool(pages[0].synthetic))
    pages = [replace(page, beside=_files_beside(page, texts)) for page in pages]
    for name, content in page_files(pages, langs, names=names, reuse=reuse).items():
        write_whole(folder / name, content)
    for name, content in (open_data or {}).items():
        write_whole(folder / OPEN_DATA / name, content)
    notes = [page for page in pages if not page.folder]
    for name, text in texts.values():
        write_whole(folder / DATA / name, text.encode())
    _write_fronts(notes, folder, sources=sources, about=about)
    replaces = (about or {}).get("replaces", ())
    made = make_manifest(pages, folder, sources=sources, commit=commit, replaces=replaces)
    return write_manifest(made, folder)


def page_files(
    pages: Sequence[Page],
    langs: Sequence[str],
    *,
    names: Mapping[str, Mapping[str, str]] | None = None,
    reuse: Reuse | None = None,
) -> dict[str, bytes]:
    """Lay every page out; a data file is the same in every language, or it is refused.

    With `names`, those of areas by code and language, pages are of an edition: each leads to its
    front page and has its workbook.
    """
    html = FocusHTMLExporter()  # type: ignore[no-untyped-call]
    pdf = FocusPDFExporter()  # type: ignore[no-untyped-call]
    files: dict[str, bytes] = {}
    said: dict[str, tuple[dict[str, Any], ...]] = {page.name: () for page in pages}
    for page in pages:
        said[page.name] += page.numbers
    sheets = _sheets_by_place(pages)
    for page in (replace(page, quoted=said[page.name]) for page in pages):
        if page.folder:
            beside: dict[str, Any] = {"front": f"../{front_name(page.lang)}"}
            beside |= {"data_folder": f"../{DATA}"}
        else:
            beside = {} if names is None else _front_and_workbook(page, names, files, reuse)
            beside |= {"data_folder": DATA, "sheets": sheets.get(page.lang)}
        make = partial(_laid_out, page, html, pdf, languages=langs, **beside)
        laid = make() if reuse is None else reuse.files(page, {"languages": langs, **beside}, make)
        files |= {f"{page.stem}.{kind}": laid[kind] for kind in ("html", "pdf")}
        for name, data in page.data.items():
            if files.setdefault(f"{DATA}/{name}", data.encode()) != data.encode():
                raise PublicationError(
                    f"{page.name}: the data file '{name}' differs from one language to another."
                )
    return files


def _edition_texts(known: Mapping[str, Any], *, synthetic: bool) -> dict[str, tuple[str, str]]:
    """Give the name and the text of each data file of what an edition says of itself."""
    own = {"synthetic": synthetic}
    texts = {
        "plan": (PLAN, plan_text(known.get("plan", ()), **own)),
        "quality": (QUALITY, quality_text(known.get("quality", ()), **own)),
        "causes": (CAUSES, causes_text(known.get("causes", ()), **own)),
        "revisions": (REVISIONS, revisions_text(known.get("revisions", ()), **own)),
    }
    return {kind: (name, text) for kind, (name, text) in texts.items() if text}


def _files_beside(page: Page, texts: Mapping[str, tuple[str, str]]) -> tuple[DataFile, ...]:
    """Give the data files of the edition that a page tells of."""
    return tuple(
        DataFile(
            texts[kind][0],
            page.say(f"page.edition_file.{kind}"),
            size_in_words(len(texts[kind][1].encode()), page.lang),
        )
        for kind in page.told
        if kind in texts
    )


def _laid_out(
    page: Page, html: FocusHTMLExporter, pdf: FocusPDFExporter, **beside: Any
) -> dict[str, bytes]:
    """Lay a page out in every format."""
    text = html.from_page(page, **beside)
    return {"html": text.encode(), "pdf": pdf.from_page(page)}


def _sheets_by_place(pages: Sequence[Page]) -> dict[str, dict[str, str]]:
    """Give, by language, the address of the sheet of each place by its name, where one has it."""
    sheets = [page for page in pages if page.folder]
    named = Counter((page.lang, page.place) for page in sheets)
    found: dict[str, dict[str, str]] = {}
    for page in sheets:
        if named[page.lang, page.place] == 1:
            found.setdefault(page.lang, {})[page.place] = f"{page.stem}.html"
    return found


def _front_and_workbook(
    page: Page,
    names: Mapping[str, Mapping[str, str]],
    files: dict[str, bytes],
    reuse: Reuse | None,
) -> dict[str, Any]:
    """Write the workbook of a note, if it has data; give what its page says of it and of its front."""
    if not page.data:
        return {"front": front_name(page.lang)}
    places = {code: own[page.lang] for code, own in names.items() if page.lang in own}
    make = partial(note_workbook, page, places=places)
    content = make() if reuse is None else reuse.workbook(page, places, make)
    files[f"{DATA}/{workbook_name(page)}"] = content
    book = DataFile(workbook_name(page), "", size_in_words(len(content), page.lang))
    return {"front": front_name(page.lang), "workbook": book}


def _write_fronts(
    pages: Sequence[Page],
    folder: Path,
    *,
    sources: Sequence[Mapping[str, Any]],
    about: Mapping[str, Any] | None,
) -> None:
    """Write the front page of each language, and the page that leads to them."""
    write_whole(folder / "index.html", index_page(pages, sources=sources).encode())
    for lang in dict.fromkeys(page.lang for page in pages):
        front = front_page(pages, lang, sources=sources, about=about, folder=folder)
        write_whole(folder / front_name(lang), front.encode())
