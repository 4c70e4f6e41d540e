"""Tell of notices of correction on the pages that lead to an edition: its front pages and its list."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from obs.locale import words
from obs.report.facts.numbers import typography
from obs.report.note.edition_lists import day_in_words
from obs.report.page.content import NOTICES

__all__ = ["notice_address", "notice_line", "with_notices"]

_LIST = re.compile(r'<ul class="files notices">.*?</ul>\n', re.DOTALL)


def notice_address(notice: Mapping[str, Any], lang: str, *, above: str = "") -> str:
    """Give the address of a notice from the folder of its edition, or from one above."""
    return f"{above}{NOTICES}/correction-{notice['number']}.{lang}.html"


def notice_line(notice: Mapping[str, Any], lang: str) -> str:
    """Say a notice in one line: its day, its page, what was wrong."""
    say = words(lang).say
    return typography(
        say(
            "notice.line",
            date=day_in_words(str(notice["published"]), lang),
            where=str(notice["where"].get(lang, notice["page"])),
            wrong=str(notice["wrong"].get(lang, "")).rstrip("."),
        ),
        lang,
    )


def with_notices(page: str, notices: Sequence[Mapping[str, Any]], langs: Sequence[str]) -> str:
    """Put the list of notices into a page of an edition, in place of the former list.

    It stands below the heading of the corrections of a front page, below that of each language where
    a page has several, else at the beginning of the page.
    """
    page = _LIST.sub("", page)
    for lang in langs:
        lines = "".join(
            f'<li><a href="{notice_address(one, lang)}" hreflang="{lang}">{escape(notice_line(one, lang))}'
            "</a></li>\n"
            for one in notices
        )
        listed = f'<ul class="files notices">\n{lines}</ul>\n'
        uncorrected = f"<p>{escape(words(lang).say('front.uncorrected'))}</p>\n"
        for mark in ('<h2 id="corrections">', f'<h2 id="{lang}-title">'):
            start = page.find(mark)
            if start >= 0:
                end = page.index("</h2>", start) + len("</h2>\n")
                page = page[:end] + listed + page[end:].replace(uncorrected, "", 1)
                break
        else:
            page = page.replace('<main id="content">\n', f'<main id="content">\n{listed}', 1)
    return page
