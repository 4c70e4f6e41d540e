"""Write what stands above the editions: the list of all that are published, and a feed in each language."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from obs.locale import languages
from obs.report.edition.edition_facts import published_answers, published_editions
from obs.report.edition.whole_folders import write_whole
from obs.report.page.all_editions import editions_page, feed

__all__ = ["write_site"]


def write_site(publications: Path, *, titles: Mapping[str, str] | None = None) -> list[Path]:
    """Write the list of editions and answers, and the feeds, of a folder of publications.

    Drafts are not in them.

    `titles` are those of the observatory by language, for a folder in which nothing is published
    yet. Returns the files written.
    """
    editions, answers = published_editions(publications), published_answers(publications)
    known: dict[str, str] = dict(titles or {})
    for one in reversed([*editions, *answers]):
        known |= one["manifest"].get("observatory", {})
    known = {lang: title for lang, title in known.items() if lang in languages()}
    written = []
    if known:
        page = editions_page(editions, known, answers=answers)
        written.append(write_whole(publications / "index.html", page.encode()))
    for lang, title in known.items():
        path = publications / f"feed.{lang}.xml"
        text = feed(_in_language([*editions, *answers], lang), title=title, lang=lang)
        if text:
            written.append(write_whole(path, text.encode()))
    return written


def _in_language(editions: list[dict[str, Any]], lang: str) -> list[dict[str, Any]]:
    return [one for one in editions if lang in one["languages"]]
