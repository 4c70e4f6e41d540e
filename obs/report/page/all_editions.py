"""Write the list of all editions, and the Atom feed (RFC 4287) that tells of new ones."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from obs.locale import conventions, words
from obs.report.facts.words import synthetic_label
from obs.report.note.edition_lists import release_line
from obs.report.notice.notice_lists import notice_address, notice_line
from obs.report.page.content import ANSWER
from obs.report.page.front_page import front_name, render_page

__all__ = ["editions_page", "feed"]

_NOON = "T12:00:00Z"  # an edition has a day; Atom asks for a moment


def editions_page(
    editions: Sequence[Mapping[str, Any]],
    titles: Mapping[str, str],
    *,
    answers: Sequence[Mapping[str, Any]] = (),
) -> str:
    """Write the list of all published editions and answers as one HTML file, in every language.

    `editions` and `answers` are those of `obs.report.edition.edition_facts`, `titles` the
    names of the observatory by language.
    """
    every = [*editions, *answers]
    synthetic = any(one["manifest"].get("synthetic") for one in every)
    listed, answered = (_by_language(those, titles) for those in (editions, answers))
    first = next(iter(titles))
    return render_page(
        "all_editions.html.j2",
        lang=first,
        languages=list(titles),
        titles=titles,
        names={lang: conventions(lang).name for lang in titles},
        say={lang: words(lang).say for lang in titles},
        synthetic={lang: synthetic_label(lang) if synthetic else "" for lang in titles},
        editions=listed,
        answers=answered,
        feeds={
            lang: f"feed.{lang}.xml"
            for lang in titles
            if any(map(_has_name_and_day, [*listed[lang], *answered[lang]]))
        },
    )


def _by_language(
    published: Sequence[Mapping[str, Any]], titles: Mapping[str, str]
) -> dict[str, list[dict[str, Any]]]:
    return {
        lang: [_edition_entry(e, lang) for e in published if lang in e["languages"]]
        for lang in titles
    }


def feed(editions: Sequence[Mapping[str, Any]], *, title: str, lang: str) -> str:
    """Write an Atom feed of published editions and answers, latest first; "" without an entry.

    An entry needs a permanent name and a day of publication.

    Examples
    --------
    >>> from obs.report.page.all_editions import feed
    >>> feed([], title="Observatory", lang="en")
    ''
    """
    entries = [_edition_entry(one, lang) for one in editions]
    entries = [one for one in entries if _has_name_and_day(one)]
    if not entries:
        return ""
    base = re.sub(r"[/:][^/:]+/?$", "", entries[0]["name"])
    joint = "/" if base.startswith("https:") else ":"
    days = (notice["published"] for one in entries for notice in one["notices"])
    latest = max([*(one["published"] for one in entries), *days])
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang={quoteattr(lang)}>',
        f"<title>{escape(title)}</title>",
        f"<id>{escape(f'{base}{joint}feed.{lang}.xml')}</id>",
        f"<updated>{latest}{_NOON}</updated>",
        f"<author><name>{escape(title)}</name></author>",
        f'<link rel="self" type="application/atom+xml" href="feed.{lang}.xml"/>',
        f'<link rel="alternate" type="text/html" hreflang={quoteattr(lang)} href="index.html"/>',
        *(line for one in entries for line in _notice_entries(one, lang)),
        *(line for one in entries for line in _atom_entry(one, lang)),
        "</feed>",
    ]
    return "\n".join(lines) + "\n"


def _notice_entries(one: Mapping[str, Any], lang: str) -> list[str]:
    """Tell of the notices of correction of an edition."""
    joint = "" if one["name"].endswith("/") else ":"
    return [
        line
        for notice in reversed(one["notices"])
        for line in _atom_entry(
            {
                "title": words(lang).say(
                    "notice.title", number=notice["number"], edition=one["title"]
                ),
                "name": f"{one['name']}{joint}correction-{notice['number']}",
                "published": notice["published"],
                "first": notice["published"],
                "href": notice["href"],
                "notes": [notice["title"]],
            },
            lang,
        )
    ]


def _atom_entry(one: Mapping[str, Any], lang: str) -> list[str]:
    summary = " ".join(title.rstrip(".") + "." for title in one["notes"])
    day, first = f"{one['published']}{_NOON}", f"{one['first']}{_NOON}"
    return [
        "<entry>",
        f"<title>{escape(one['title'])}</title>",
        f"<id>{escape(one['name'])}</id>",
        f"<published>{first}</published>",
        f"<updated>{day}</updated>",
        f'<link rel="alternate" type="text/html" hreflang={quoteattr(lang)} href={quoteattr(one["href"])}/>',
        f"<summary>{escape(summary)}</summary>",
        "</entry>",
    ]


def _edition_entry(one: Mapping[str, Any], lang: str) -> dict[str, Any]:
    """Say of an edition, in one language, what the list and the feed show."""
    manifest = one["manifest"]
    page = front_name(lang) if one["front"] else "index.html"
    key = "answer.numbered" if manifest.get("kind") == ANSWER else "page.edition"
    return {
        "title": words(lang).say(key, edition=str(one["edition"])),
        "href": f"{one['edition']}/{page}",
        "published": one["published"],
        "first": next(iter(one["replaces"]), one["published"]),
        "release": release_line(one["published"], lang),
        "name": manifest.get("name"),
        "notices": [
            {
                "title": notice_line(one_notice, lang),
                "href": notice_address(one_notice, lang, above=f"{one['edition']}/"),
                "published": str(one_notice["published"]),
                "number": one_notice["number"],
            }
            for one_notice in manifest.get("corrections", ())
        ],
        "notes": [
            str(versions[lang]["title"])
            for versions in manifest.get("notes", {}).values()
            if versions.get(lang, {}).get("title")
        ],
    }


def _has_name_and_day(listed: Mapping[str, Any]) -> bool:
    """Say whether an edition can have an entry in a feed: it has a permanent name and a day."""
    return bool(listed["name"] and listed["published"])
