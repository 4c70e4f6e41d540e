"""Write the front pages of an edition, one for each language, and the page that chooses between them.

A front page leads to everything that an edition holds: what its notes found, its areas, its data,
how it was made, what was corrected, the editions before it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from obs.errors import PublicationError
from obs.locale import conventions, words
from obs.reference.place_names import alphabetical_key
from obs.report.note.edition_lists import (
    correction_lines,
    release_line,
    replaced_lines,
    revision_lines,
    source_lines,
)
from obs.report.notice.notice_lists import notice_address, notice_line
from obs.report.page.content import Page, size_in_words
from obs.report.page.exporters import FocusHTMLExporter

__all__ = ["front_name", "front_page", "index_page", "render_page"]

_ARCHIVE = "open_data/open_data.zip"
_TILES = 3  # about as many on a front page, whatever the number of notes


def front_name(lang: str) -> str:
    """Give the name of the front page in a language."""
    return f"index.{lang}.html"


def index_page(pages: Sequence[Page], *, sources: Sequence[Mapping[str, Any]] = ()) -> str:
    """Write the page on which a reader chooses a language, with the notes in each.

    Returns HTML in the design of the notes. Raises `PublicationError` if there is no page.

    Examples
    --------
    >>> from obs.report.page.front_page import index_page
    >>> index_page([])
    Traceback (most recent call last):
    obs.errors.PublicationError: an edition has at least one note.
    """
    languages = _by_language(pages)
    return render_page(
        "edition.html.j2",
        languages=languages,
        names={lang: conventions(lang).name for lang in languages},
        first=pages[0],
        sources={lang: source_lines(sources, lang) for lang in languages},
    )


def front_page(
    pages: Sequence[Page],
    lang: str,
    *,
    sources: Sequence[Mapping[str, Any]] = (),
    about: Mapping[str, Any] | None = None,
    folder: Path | None = None,
) -> str:
    """Write the front page of an edition in one language.

    `pages` are those of every language; `about` says what an edition knows beyond its notes (see
    `obs.report.edition.edition_facts`); `folder` holds the files that are there already. Returns
    HTML.

    Raises `PublicationError` if there is no page.
    """
    languages = _by_language(pages)
    own, known = languages[lang], about or {}
    notes = [_note(page, folder) for page in own]
    first, say = own[0], words(lang).say
    heading = _heading(first)
    days = dict.fromkeys(page.data_days for page in own if page.data_days)
    permanent = first.permanent_name
    return render_page(
        "front.html.j2",
        lang=lang,
        locale=conventions(lang).locale,
        languages=list(languages),
        names={code: conventions(code).name for code in languages},
        first=first,
        say=say,
        heading=heading,
        description=" ".join(page.title.rstrip(".") + "." for page in own),
        data_days=next(iter(days)) if len(days) == 1 else "",
        synthetic=next((page.synthetic for page in own if page.synthetic), ""),
        above=known.get("above", ""),
        address=permanent if permanent.startswith("https://") else "",
        tiles=_tiles(own),
        notes=notes,
        places_title=known.get("places", {}).get("title", {}).get(lang, ""),
        places=_area_lines(own, known.get("places", {}).get("units", ()), lang, folder),
        assumed=list(dict.fromkeys(page.assumed for page in own if page.assumed)),
        breaks=[text[lang] for text in known.get("breaks", ()) if lang in text],
        sources=source_lines(sources, lang),
        revisions=revision_lines(known.get("revisions", ()), lang),
        revisions_file=known.get("revisions_file", ""),
        quality_file="quality_declaration.csv" if known.get("quality") else "",
        replaced=replaced_lines(known.get("replaces", ()), lang),
        corrections=correction_lines(known.get("corrections", ()), lang),
        answers=_answers(known, lang),
        notices=[one for e in known.get("earlier", ()) for one in _notices(e, lang, known)],
        earlier=[_earlier(one, lang, known) for one in known.get("earlier", ())],
        reference=_reference(first),
        open_data=_open_data(known.get("open_data"), first, folder),
    )


def _answers(known: Mapping[str, Any], lang: str) -> list[dict[str, str]]:
    """Give the answers in a language that were published before the edition."""
    above = known.get("above", "")
    return [
        {
            "title": f"{words(lang).say('answer.numbered', edition=one['name'])} – {one['title']}",
            "href": f"{above}{one['name']}/index.html",
            "release": release_line(one["published"], lang),
        }
        for one in known.get("answers", ())
        if one["lang"] == lang
    ]


def _open_data(
    known: Mapping[str, Any] | None, page: Page, folder: Path | None
) -> dict[str, Any] | None:
    """Give the open data of an edition as its front page lists it; None if it has none."""
    if not known or folder is None or not (folder / _ARCHIVE).is_file():
        return None
    lang = page.lang
    dataset = dict(known["dataset"][lang])
    if page.published:
        dataset["datePublished"] = page.published.isoformat()
    text = json.dumps(dataset, ensure_ascii=False)  # '<' would end the element that holds it
    return {
        "dataset": Markup(text.replace("<", "\\u003c").replace("&", "\\u0026")),
        "size": size_in_words((folder / _ARCHIVE).stat().st_size, lang),
        "indicators": [
            {
                "title": one["title"][lang],
                "workbook": one["workbook"][lang],
                "tables": [
                    {
                        "name": table["name"],
                        "title": table["title"][lang],
                        "size": size_in_words(table["bytes"], lang),
                    }
                    for table in one["tables"]
                ],
            }
            for one in known["indicators"]
        ],
    }


def _by_language(pages: Sequence[Page]) -> dict[str, list[Page]]:
    if not pages:
        raise PublicationError("an edition has at least one note.")
    languages: dict[str, list[Page]] = {}
    for page in pages:
        languages.setdefault(page.lang, []).append(page)
    return languages


def render_page(template: str, **values: Any) -> str:
    """Fill a template of the site in the design of the notes, with the fonts that it needs."""
    exporter = FocusHTMLExporter()  # type: ignore[no-untyped-call]
    text: str = exporter.environment.get_template(template).render(**values)
    return exporter.completed(text, values["languages"])


def _heading(page: Page) -> str:
    return page.say("page.edition", edition=page.edition)


def _reference(page: Page) -> str:
    """Say how the whole edition is cited."""
    release = page.say("page.draft") if page.draft else page.release
    who = dict.fromkeys((page.publisher, page.observatory))
    named = (*who, _heading(page), release, page.permanent_name)
    return ". ".join(text.rstrip(".") for text in named if text)


def _note(page: Page, folder: Path | None) -> dict[str, Any]:
    """Give a note with its addresses; of its workbook, if it is there, the size too."""
    stem = f"{page.name}.{page.lang}"
    href = f"data/{stem}.xlsx"
    there = folder is not None and (folder / href).is_file()
    size = size_in_words((folder / href).stat().st_size, page.lang) if folder and there else ""
    book = {"href": href, "size": size} if there else None
    return {"page": page, "stem": stem, "name": page.topic or page.title, "workbook": book}


def _tiles(pages: Sequence[Page]) -> list[dict[str, str]]:
    """Take the first key figures of each note, the most important ones."""
    each = -(-_TILES // len(pages))
    return [
        {
            "figure": item.figure,
            "words": item.words,
            "page": f"{page.name}.{page.lang}.html",
            "note": page.topic or page.title,
        }
        for page in pages
        for part in page.parts
        for item in part.figures[:each]
    ]


def _area_lines(
    pages: Sequence[Page], units: Sequence[Mapping[str, Any]], lang: str, folder: Path | None
) -> list[dict[str, Any]]:
    """List the areas, each with its sheet, if there is one, and its row in a table of each note."""
    named = [(str(unit["code"]), str(unit["name"].get(lang, ""))) for unit in units]
    named.sort(key=lambda area: alphabetical_key(area[1]))
    rows = [(page, _rows_of_places(page, {name for _, name in named})) for page in pages]
    found = []
    for code, name in named:
        sheet = f"communes/{code}.{lang}.html"
        there = folder is not None and (folder / sheet).is_file()
        links = [
            {"href": f"{page.name}.{lang}.html#{own[name]}", "note": page.topic or page.title}
            for page, own in rows
            if name in own
        ]
        found.append({"name": name, "sheet": sheet if there else "", "rows": links})
    return found


def _rows_of_places(page: Page, names: set[str]) -> dict[str, str]:
    """Find the anchors of the rows of places in the first table of a note that has most of them.

    A row whose header is that of another row too is not one place's.
    """
    for exhibit in page.exhibits:
        table = exhibit.block.get("table") or {"rows": ()}
        headers = Counter(row["header"] for row in table["rows"])
        own = {
            row["header"]: f"{exhibit.anchor}--{number}"
            for number, row in enumerate(table["rows"], start=1)
            if row["header"] in names and headers[row["header"]] == 1
        }
        if len(own) > len(names) / 2:
            return own
    return {}


def _notices(
    one: Mapping[str, Any], lang: str, about: Mapping[str, Any]
) -> Iterator[dict[str, str]]:
    """Give the notices of correction of an earlier edition."""
    above = f"{about.get('above', '')}{one['edition']}/"
    for notice in one.get("notices", ()):
        own = lang if lang in one["languages"] else one["languages"][0]
        title = f"{words(lang).say('page.edition', edition=str(one['edition']))}, {notice_line(notice, lang)}"
        yield {"title": title, "href": notice_address(notice, own, above=above)}


def _earlier(one: Mapping[str, Any], lang: str, about: Mapping[str, Any]) -> dict[str, str]:
    own = lang if lang in one["languages"] else ""
    page = front_name(own) if own and one.get("front") else "index.html"
    title = words(lang).say("page.edition", edition=str(one["edition"]))
    href = f"{about.get('above', '')}{one['edition']}/{page}"
    return {"title": title, "href": href, "release": release_line(one["published"], lang)}
