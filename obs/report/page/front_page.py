"""Write the front page of an edition in every language: notes, formats, data, sources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from obs.errors import PublicationError
from obs.locale import conventions
from obs.report.page.content import Page
from obs.report.page.exporters import FocusHTMLExporter
from obs.report.page.fonts import font_css

__all__ = ["index_page"]


def index_page(pages: Sequence[Page], *, sources: Sequence[Mapping[str, Any]] = ()) -> str:
    """Write the index of an edition as one HTML file.

    Returns HTML in the design of the notes. Raises `PublicationError` if there is no page.

    Examples
    --------
    >>> from obs.report.page.front_page import index_page
    >>> index_page([])
    Traceback (most recent call last):
    obs.errors.PublicationError: an edition has at least one note.
    """
    if not pages:
        raise PublicationError("an edition has at least one note.")
    languages: dict[str, list[Page]] = {}
    for page in pages:
        languages.setdefault(page.lang, []).append(page)
    exporter = FocusHTMLExporter()  # type: ignore[no-untyped-call]
    template = exporter.environment.get_template("edition.html.j2")
    text: str = template.render(
        languages=languages,
        names={lang: conventions(lang).name for lang in languages},
        first=pages[0],
        sources=[_source_words(source) for source in sources],
    )
    return text.replace("/*fonts*/", font_css(text), 1)


def _source_words(source: Mapping[str, Any]) -> dict[str, str]:
    words = {key: str(source.get(key) or "") for key in ("attribution", "extracted", "licence")}
    return {"title": str(source.get("title") or source.get("file") or ""), **words}
