"""Write the files of an answer: its page in HTML and PDF, its data, its manifest.

An answer stands beside the editions in a folder of its own, and is published, checked and written
into the ledger like them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from obs.report.edition.manifest import make_manifest, write_manifest
from obs.report.edition.whole_folders import write_whole
from obs.report.page.content import ANSWER, Page
from obs.report.page.exporters import FocusHTMLExporter, FocusPDFExporter

__all__ = ["write_answer"]

_DATA = "data"
_ABOVE = "../index.html"  # the list of all editions and answers


def write_answer(
    pages: Sequence[Page],
    folder: Path,
    *,
    sources: Sequence[Mapping[str, Any]] = (),
    about: Mapping[str, Any] | None = None,
    commit: Mapping[str, Any] | None = None,
) -> Path:
    """Write all files of an answer into a folder. Returns the manifest."""
    html = FocusHTMLExporter()  # type: ignore[no-untyped-call]
    pdf = FocusPDFExporter()  # type: ignore[no-untyped-call]
    langs = [page.lang for page in pages]
    for page in pages:
        text = html.from_page(page, languages=langs, front=_ABOVE, data_folder=_DATA)
        write_whole(folder / f"{page.stem}.html", text.encode())
        write_whole(folder / f"{page.stem}.pdf", pdf.from_page(page))
        for name, data in page.data.items():
            write_whole(folder / _DATA / name, data.encode())
    index = (folder / f"{pages[0].stem}.html").read_bytes()
    write_whole(folder / "index.html", index)
    replaces = (about or {}).get("replaces", ())
    made = make_manifest(pages, folder, sources=sources, commit=commit, replaces=replaces)
    return write_manifest(made | {"kind": ANSWER}, folder)
