"""Check a page without a browser: structure, words for each figure, no script, no outside request."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

from obs.declare.json_files import parse_json
from obs.report.page.inline_svg import DRAWN

__all__ = ["drawn_places", "embedded_drawings", "html_faults", "readable_text"]

_OUTSIDE = re.compile(r"^(?:https?:|//|ftp:|file:)", re.IGNORECASE)
_CSS_URL = re.compile(r"url\(\s*['\"]?(?!data:)|@import", re.IGNORECASE)
_DRAWING = "data:image/svg+xml;charset=utf-8,"
_EMBEDDED = re.compile(r"data:(?:font|image)/[^\"')]*")
_INLINE = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
_PLACES = re.compile(
    r"\s(?:d|x|y|[xy][12]|c[xy]|r|r[xy]|width|height|points|transform|style|viewBox|id"
    r"|clip-path|(?:xlink:)?href)=\"[^\"]*\""
)
_SHAPES = {name.lower() for name in DRAWN}  # as the reader of pages gives them
_DATA = {"type": "application/ld+json"}  # a script that is none: what search engines read
_ACTIVE = {"script", "iframe", "object", "embed", "form", "base"}
_ENTRY = re.compile(r'<li id="trace--([^"]*)"(.*?)</li>', re.DOTALL)
_VALUE = re.compile(r'<data value="([^"]*)"')
_CELL = re.compile(r'href="((?:\.\./)?data/[^"#]+)#row=(\d+)"')
_VOID = {"meta", "img", "br", "hr", "input", "col", "link"}
_NAMED_ALONE = {"alternate", "canonical"}  # links that a browser does not fetch of itself
_OF_THE_SITE = re.compile(r"(?:\.\./)+(?:index\.html|feed\.\w+\.xml|\d+/index(?:\.\w+)?\.html)")


def html_faults(text: str, folder: Path) -> Iterator[tuple[str, str]]:
    """Find what is wrong with a page.

    Yields element and fault.

    Examples
    --------
    >>> from pathlib import Path
    >>> from obs.report.checks.html_checks import html_faults
    >>> page = '<html lang="fr"><title>T</title><main><h1>T</h1><img src="data:,"></main></html>'
    >>> list(html_faults(page, Path(".")))
    [('img', 'has no alternative text')]
    """
    reader = _Reader(folder)
    reader.feed(text)
    reader.close()
    yield from reader.faults
    yield from reader.whole_page()
    for style in reader.styles:
        if _CSS_URL.search(style):
            yield "style", "fetches a file"
    yield from _trace_faults(text, folder)
    for drawing in embedded_drawings(text):
        if re.search(r"<script|\son\w+\s*=|(?:href|src)\s*=\s*[\"'](?!#|data:)", drawing):
            yield "img", "holds a drawing that runs or fetches something"


def readable_text(page: str) -> str:
    """Give what a page says, without what it embeds and without the coordinates of its drawings.

    In fonts and coordinates any number is met by chance; the words of a drawing are kept.

    Examples
    --------
    >>> from obs.report.checks.html_checks import readable_text
    >>> readable_text('<p>1</p><svg role="img"><title>2</title><path d="M3"/><text x="4">5</text></svg>')
    '<p>1</p><svg role="img"><title>2</title><path/><text>5</text></svg>'
    """
    plain = _INLINE.sub(lambda found: _PLACES.sub("", found[0]), _EMBEDDED.sub("", page))
    apart = (_PLACES.sub("", drawing) for drawing in embedded_drawings(page))
    return "\n".join([plain, *apart])


def drawn_places(page: str) -> str:
    """Give the coordinates of the drawings of a page.

    Examples
    --------
    >>> drawn_places('<p>1</p><svg><path d="M3 4"/></svg>')
    ' d="M3 4"'
    """
    drawings = [*_INLINE.findall(_EMBEDDED.sub("", page)), *embedded_drawings(page)]
    return " ".join(found for drawing in drawings for found in _PLACES.findall(drawing))


def embedded_drawings(text: str) -> list[str]:
    """Give the SVG drawings inside a page.

    Returns SVG text.

    Examples
    --------
    >>> from obs.report.checks.html_checks import embedded_drawings
    >>> embedded_drawings('<img src="data:image/svg+xml;charset=utf-8,%3Csvg/%3E">')
    ['<svg/>']
    """
    return [unquote(cut.split('"', 1)[0]) for cut in text.split(_DRAWING)[1:]]


def _trace_faults(text: str, folder: Path) -> Iterator[tuple[str, str]]:
    """Find a number in the list of where numbers come from that its data cell does not have."""
    for anchor, entry in _ENTRY.findall(text):
        told = [unescape(value) for value in _VALUE.findall(entry)]
        cells = _CELL.findall(entry)
        rows = [_row_of(folder / name, int(number)) for name, number in cells]
        there = {value for row in rows for value in row}
        if not all(rows) or (cells and set(told) - there):
            named = ", ".join(f"row {number} of {name}" for name, number in cells[:3])
            yield f"trace--{anchor}", f"says a number that its data cells do not have ({named})"


def _row_of(path: Path, number: int) -> list[str]:
    """Give a row of a data file, that of the names being 1; no cell where there is none."""
    try:
        rows = list(csv.reader(io.StringIO(path.read_text("utf-8"))))
    except OSError:
        return []
    return rows[number - 1] if 1 < number <= len(rows) else []


class _Reader(HTMLParser):
    def __init__(self, folder: Path) -> None:
        super().__init__(convert_charrefs=True)
        self.folder = folder
        self.faults: list[tuple[str, str]] = []
        self.styles: list[str] = []
        self.ids: set[str] = set()
        self.led_to: set[str] = set()
        self.levels: list[int] = []
        self.seen: dict[str, int] = {}
        self.lang = ""
        self.title = ""
        self.described = False
        self.open: list[str] = []
        self.captions: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.seen[tag] = self.seen.get(tag, 0) + 1
        if "svg" in self.open or tag == "svg":
            self._check_drawing(tag, given)
        if tag not in _VOID:
            self.open.append(tag)
        self.described = tag == "script" and given == _DATA
        if (tag in _ACTIVE and not self.described) or (tag == "link" and not _is_quiet(given)):
            self._add_fault(tag, "is not allowed on a page")
        if any(name.startswith("on") for name in given):
            self._add_fault(tag, "runs a script")
        if tag == "html":
            self.lang = given.get("lang", "")
        if re.fullmatch(r"h[1-6]", tag):
            self._heading(int(tag[1]))
        if given.get("id"):
            if given["id"] in self.ids:
                self._add_fault(tag, f"repeats the id '{given['id']}'")
            self.ids.add(given["id"])
        self._check_words(tag, given)
        self._check_address(tag, given)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.open:
            while self.open and self.open.pop() != tag:
                pass
        if tag == "table" and not self.captions.pop():
            self._add_fault("table", "has no caption")

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "style":
            self.styles.append(data)
        if self.described and self.open[-1:] == ["script"] and not _is_json(data):
            self._add_fault("script", "holds more than data")
        if self.open and self.open[-1] == "title" and "svg" not in self.open:
            self.title += data

    def whole_page(self) -> Iterator[tuple[str, str]]:
        if not self.lang:
            yield "html", "has no language"
        if not self.title.strip():
            yield "title", "is empty"
        if self.seen.get("h1", 0) != 1:
            yield "h1", f"is there {self.seen.get('h1', 0)} times and must be there once"
        for anchor in sorted(self.led_to - self.ids):
            yield "a", f"leads to '#{anchor}', which is not on the page"
        if self.seen.get("main", 0) != 1:
            yield "main", f"is there {self.seen.get('main', 0)} times and must be there once"

    def _check_drawing(self, tag: str, given: dict[str, str]) -> None:
        """Let shapes and text alone into a drawing, with a name, and no address but its own."""
        if tag not in _SHAPES:
            self._add_fault("svg", f"holds a '{tag}'")
        if tag == "svg" and not (given.get("aria-labelledby") or given.get("aria-label")):
            self._add_fault("svg", "has no alternative text")
        for name, value in given.items():
            outside = name.endswith("href") and not value.startswith("#")
            if outside or re.search(r"url\(\s*['\"]?(?!#)", value):
                self._add_fault("svg", "fetches a file")

    def _heading(self, level: int) -> None:
        if self.levels and level > self.levels[-1] + 1:
            self._add_fault(f"h{level}", f"follows h{self.levels[-1]}: a level is skipped")
        self.levels.append(level)

    def _check_words(self, tag: str, given: dict[str, str]) -> None:
        if tag == "img" and not given.get("alt", "").strip():
            self._add_fault("img", "has no alternative text")
        if tag == "table":
            self.captions.append(False)
        if tag == "caption" and self.captions:
            self.captions[-1] = True
        if tag == "th" and given.get("scope") not in ("col", "row"):
            self._add_fault("th", "has no scope")

    def _check_address(self, tag: str, given: dict[str, str]) -> None:
        for name in ("src", "srcset", "poster", "data", "action"):
            if given.get(name) and not given[name].startswith("data:"):
                self._add_fault(tag, "fetches a file")
        address = given.get("href", "")
        if tag == "a" and address.startswith("#") and len(address) > 1:
            self.led_to.add(address[1:])
        if tag != "a" and not (tag == "link" and _is_quiet(given)):
            return
        if not address or address.startswith(("#", "data:", "mailto:")):
            return
        if _OUTSIDE.match(address):
            if address.lower().startswith(("file:", "//", "ftp:")):
                self._add_fault("a", "leads to an address that readers cannot open")
        elif not self._is_there(address.split("#")[0]):
            self._add_fault(tag, f"leads to '{address}', which is not there")

    def _is_there(self, address: str) -> bool:
        """Look for a file of the edition; what stands above it is of another edition or of all."""
        there = (self.folder / address).is_file() or address == "manifest.json"
        return there or bool(_OF_THE_SITE.fullmatch(address))

    def _add_fault(self, element: str, words: str) -> None:
        self.faults.append((element, words))


def _is_json(text: str) -> bool:
    try:
        parse_json(text, dict[str, object])
    except ValueError:
        return False
    return True


def _is_quiet(given: dict[str, str]) -> bool:
    """Tell whether a link of the head fetches nothing."""
    rel = given.get("rel", "").lower()
    return rel in _NAMED_ALONE or (rel == "icon" and given.get("href", "").startswith("data:"))
