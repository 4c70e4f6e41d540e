"""Add notices of correction to a published edition: new files beside the old ones, which stay as they are.

Only the pages that lead to the edition tell of them; the manifest lists the notices, their files and
the pages that now tell of them.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from obs.report.edition.manifest import MANIFEST, file_digests, read_manifest, write_manifest
from obs.report.edition.whole_folders import write_whole
from obs.report.notice.notice_lists import with_notices
from obs.report.page.content import NOTICES, Page
from obs.report.page.exporters import FocusHTMLExporter, FocusPDFExporter
from obs.report.page.front_page import front_name

__all__ = ["add_notice", "keep_notices", "notices_of"]

_DATA = "data"


def notices_of(folder: Path) -> list[dict[str, Any]]:
    """List the notices of an edition, as its manifest has them; none where there is no edition."""
    if not (folder / MANIFEST).is_file():
        return []
    return [dict(one) for one in read_manifest(folder).get("corrections", ())]


def add_notice(folder: Path, notice: Mapping[str, Any], pages: Sequence[Page]) -> Path:
    """Write the pages of a notice into an edition, and tell of it. Returns the manifest."""
    html = FocusHTMLExporter()  # type: ignore[no-untyped-call]
    pdf = FocusPDFExporter()  # type: ignore[no-untyped-call]
    langs = [page.lang for page in pages]
    for page in pages:
        front = (
            front_name(page.lang) if (folder / front_name(page.lang)).is_file() else "index.html"
        )
        text = html.from_page(page, languages=langs, front=f"../{front}", data_folder=f"../{_DATA}")
        write_whole(folder / f"{page.stem}.html", text.encode())
        write_whole(folder / f"{page.stem}.pdf", pdf.from_page(page))
        for name, data in page.data.items():
            write_whole(folder / _DATA / name, data.encode())
    return _tell(folder, [*notices_of(folder), dict(notice)])


def keep_notices(former: Path, folder: Path) -> Path | None:
    """Carry the notices of the edition that a folder replaces over to it.

    Returns the manifest, None where there is no notice.
    """
    notices = notices_of(former)
    if not notices:
        return None
    shutil.copytree(former / NOTICES, folder / NOTICES)
    for path in sorted((former / _DATA).glob("correction-*.csv")):
        write_whole(folder / _DATA / path.name, path.read_bytes())
    return _tell(folder, notices)


def _tell(folder: Path, notices: list[dict[str, Any]]) -> Path:
    """Tell of the notices on the pages that lead to the edition, and in its manifest."""
    manifest = read_manifest(folder)
    langs = [str(lang) for lang in manifest.get("languages", ())]
    fronts = [(front_name(lang), [lang]) for lang in langs] + [("index.html", langs)]
    for name, own in fronts:
        if (folder / name).is_file():
            page = with_notices((folder / name).read_text(encoding="utf-8"), notices, own)
            write_whole(folder / name, page.encode())
    changed = manifest | {"corrections": notices, "files": file_digests(folder)}
    return write_manifest(changed, folder)
