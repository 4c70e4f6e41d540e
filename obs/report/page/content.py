"""Read the content of a page from an executed notebook, without any trace of its computation.

Both exporters read this content only, so that no code, raw output or stray value can reach a
publication. Figures and tables are numbered here.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from nbformat import NotebookNode

from obs.errors import PublicationError
from obs.locale import conventions, need_language, words
from obs.report.facts.dates import format_date
from obs.report.facts.words import synthetic_label
from obs.report.kernel.output_gate import check_outputs, released_block
from obs.report.page.bound_numbers import Traces
from obs.report.page.markdown import Token, plain_text
from obs.report.page.quoted_figures import quoted_file, quoted_text

__all__ = [
    "ANSWER",
    "KEY_FIGURES",
    "NOTICES",
    "SHEETS",
    "DataFile",
    "Exhibit",
    "KeyFigure",
    "Page",
    "Part",
    "read_page",
    "size_in_words",
]

NOTICES = "corrections"  # folder of the notices of correction within an edition
SHEETS = "communes"  # folder of the sheets of places within an edition
ANSWER = "answer"  # kind of a page that answers a question
KEY_FIGURES = "key-figures"  # tag of a cell whose list is shown as key figures
_MIDDAY = dt.time(12, tzinfo=dt.UTC)
_DESCRIPTION = 300  # characters


@dataclass(frozen=True)
class KeyFigure:
    """One item of a list of key figures: the number and its words."""

    figure: str
    words: str
    figure_tokens: tuple[Token, ...] = ()
    words_tokens: tuple[Token, ...] = ()


@dataclass(frozen=True)
class Exhibit:
    """A released block with its number and its anchor on the page ("Figure 1").

    The same data may be shown twice, as a map and in a table; `again` is then true of the
    second, whose data file is already there.
    """

    label: str
    block: dict[str, Any]
    anchor: str
    data_name: str | None = None
    again: bool = False


@dataclass(frozen=True)
class DataFile:
    """A data file of a page: its name, what it is of, its size in thousands of bytes."""

    name: str
    title: str
    size: str


@dataclass(frozen=True)
class Part:
    """A piece of a page: sentences, key figures, or a figure or table."""

    kind: str
    tokens: tuple[Token, ...] = ()
    figures: tuple[KeyFigure, ...] = ()
    exhibit: Exhibit | None = None


@dataclass(frozen=True)
class Page:
    """A note in one language, ready to be laid out.

    `told` is what it tells of its edition that has a data file ("plan", "quality"); `beside` are these files.
    """

    name: str
    lang: str
    title: str
    description: str
    edition: str
    published: dt.date | None
    extracted: dt.date | None
    covered_to: dt.date | None
    observatory: str
    publisher: str
    licence: str
    keywords: tuple[str, ...]
    synthetic: str
    parts: tuple[Part, ...]
    numbers: tuple[dict[str, Any], ...] = field(default=(), repr=False)
    traces: tuple[dict[str, Any], ...] = field(default=(), repr=False)
    title_tokens: tuple[Token, ...] = ()
    parameters: dict[str, Any] = field(default_factory=dict, repr=False)
    quoted: tuple[dict[str, Any], ...] = field(default=(), repr=False)
    assumed: str = ""
    topic: str = ""
    contact: str = ""
    permanent_name: str = ""
    announced: str = ""
    folder: str = ""
    place: str = ""
    kind: str = ""
    told: tuple[str, ...] = ()
    beside: tuple[DataFile, ...] = ()

    @property
    def numbered(self) -> str:
        """Of which edition it is, or which answer; "" if neither is known."""
        key = "answer.numbered" if self.kind == ANSWER else "page.edition"
        return self.say(key, edition=self.edition) if self.edition else ""

    @property
    def compact(self) -> bool:
        """Whether it is laid out to have room on one page of paper."""
        return bool(self.folder) or self.kind == ANSWER

    @property
    def stem(self) -> str:
        """Place of its files within an edition, without their endings: "focus_vols.fr"."""
        name = f"{self.name}.{self.lang}"
        return f"{self.folder}/{name}" if self.folder else name

    @property
    def region(self) -> str:
        """Country whose habits the language follows, "BE"."""
        return conventions(self.lang).region

    def say(self, key: str, **values: str) -> str:
        """Give a message in the language of the page."""
        return words(self.lang).say(key, **values)

    @property
    def draft(self) -> bool:
        """Whether it is not published: no day of publication is known."""
        return self.published is None

    @property
    def release(self) -> str:
        """When it was published, or that it is a draft and when its publication is announced."""
        if self.published is not None:
            return self.say("page.published", date=format_date(self.published, self.lang))
        if not self.announced:
            return self.say("page.draft")
        moment = dt.datetime.fromisoformat(self.announced)
        day = format_date(moment.date(), self.lang)
        return self.say("page.announced", date=day, hour=f"{moment:%H:%M}")

    @property
    def data_days(self) -> str:
        """Up to which day its data tell, and when they were extracted; "" if neither is known."""
        days = {
            name: format_date(day, self.lang)
            for name, day in (("extracted", self.extracted), ("covered_to", self.covered_to))
            if day
        }
        if len(days) == 2:
            return self.say("page.data_days", **days)
        return next((self.say(f"page.{name}", date=day) for name, day in days.items()), "")

    @property
    def day(self) -> dt.date:
        """Day that the files carry: of publication; before it, the first on which they could be made."""
        return self.published or self.extracted or self.covered_to or dt.date(1970, 1, 1)

    @property
    def timestamp(self) -> int:
        """Seconds since 1970 that the files carry: SOURCE_DATE_EPOCH, or noon of the day."""
        given = os.environ.get("SOURCE_DATE_EPOCH", "")
        if given.isdigit():
            return int(given)
        return int(dt.datetime.combine(self.day, _MIDDAY).timestamp())

    @property
    def exhibits(self) -> tuple[Exhibit, ...]:
        """Figures and tables, in order."""
        return tuple(part.exhibit for part in self.parts if part.exhibit)

    @property
    def quoted_name(self) -> str:
        """Name of the data file of the figures that sentences and key figures quote."""
        return quoted_file(self.name)

    @property
    def general(self) -> tuple[tuple[str, str], ...]:
        """What holds for figures and tables alike, each said once: label and text."""
        notes = (note for exhibit in self.exhibits for note in exhibit.block["notes"])
        found = ((n["label"], n["text"]) for n in notes if n.get("place") == "general")
        return tuple(dict.fromkeys(found))

    @property
    def data(self) -> dict[str, str]:
        """Text of each data file, by name; that of the sentences last."""
        files = {e.data_name: e.block["csv"]["text"] for e in self.exhibits if e.data_name}
        said = quoted_text(self.quoted or self.numbers, synthetic=bool(self.synthetic))
        return files | ({quoted_file(self.name): said} if said else {})

    @property
    def files(self) -> tuple[DataFile, ...]:
        """Its data files, with what each is of and how large it is."""
        title = {e.data_name: f"{e.label} – {e.block['title']}" for e in reversed(self.exhibits)}
        title[quoted_file(self.name)] = self.say("page.of_text")
        return tuple(
            DataFile(name, title[name], size_in_words(len(text.encode()), self.lang))
            for name, text in self.data.items()
        )

    @property
    def reference(self) -> str:
        """How the note is cited: who, title, edition, day of publication, permanent name."""
        release = self.say("page.draft") if self.draft else self.release
        who = dict.fromkeys((self.publisher, self.observatory))
        named = (*who, self.title, self.numbered, release, self.permanent_name)
        return ". ".join(text.rstrip(".") for text in named if text)


def read_page(notebook: NotebookNode, *, name: str) -> Page:
    """Read the page that an executed notebook makes.

    Returns words, key figures, numbered figures and tables. Raises `PublicationError` if the gate
    refuses, there is no title, a heading level is skipped, two blocks have one id, a block is in
    another language, or the date of publication is not known.

    Examples
    --------
    >>> from nbformat.v4 import new_notebook
    >>> from obs.report.page.content import read_page
    >>> read_page(new_notebook(), name="focus")
    Traceback (most recent call last):
    obs.errors.PublicationError: the notebook was not run by obs...
    """
    check_outputs(notebook)
    run = notebook.metadata["obs"]
    lang = need_language(run["lang"])
    front = run.get("front", {})
    traces = Traces(run)
    parts = list(_parts_of_page(notebook, lang, name, traces))
    title, heading, parts = _title_of_page(parts, front)
    _check_headings(parts)
    published = _parse_day(run["parameters"].get("published") or front.get("published"))
    extracted, covered_to = _parse_day(front.get("extracted")), _parse_day(front.get("covered_to"))
    if published is None and extracted is None and covered_to is None:
        raise PublicationError(
            "the date of publication is not known: give the parameter `published` as YYYY-MM-DD."
        )
    synthetic = front.get("synthetic") or any(
        p.exhibit.block["synthetic"] for p in parts if p.exhibit
    )
    return Page(
        name=name,
        lang=lang,
        title=title,
        description=front.get("description") or _first_words(parts) or title,
        edition=str(run["parameters"].get("edition", "")),
        published=published,
        extracted=extracted,
        covered_to=covered_to,
        observatory=front.get("observatory", ""),
        publisher=front.get("publisher") or front.get("observatory", ""),
        licence=front.get("licence", ""),
        keywords=tuple(front.get("keywords", ())),
        synthetic=synthetic_label(lang) if synthetic else "",
        parts=tuple(parts),
        numbers=tuple(run.get("numbers", ())),
        traces=tuple(traces.entries),
        title_tokens=heading,
        parameters=dict(run["parameters"]),
        assumed=front.get("assumed", ""),
        topic=front.get("title", ""),
        contact=front.get("contact", ""),
        permanent_name=front.get("permanent_name", ""),
        announced=front.get("announced", ""),
        told=tuple(front.get("edition_files", ())),
    )


def _parts_of_page(notebook: NotebookNode, lang: str, name: str, traces: Traces) -> Iterator[Part]:
    shown: list[dict[str, Any]] = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            yield _prose(cell, lang, traces)
        for block in filter(None, map(released_block, cell.get("outputs", ()))):
            yield Part("exhibit", exhibit=_exhibit(block, shown, lang, name))
            shown.append(block)


def _exhibit(block: dict[str, Any], shown: list[dict[str, Any]], lang: str, name: str) -> Exhibit:
    if block["lang"] != lang:
        raise PublicationError(
            f"block '{block['id']}' is in '{block['lang']}' on a page in '{lang}'; pass lang=lang."
        )
    twins = [other for other in shown if other["id"] == block["id"]]
    if any(other["csv"] != block["csv"] for other in twins):
        raise PublicationError(
            f"two blocks have the id '{block['id']}' and different data; each needs its own."
        )
    label = ""
    if block["kind"] in ("figure", "table"):
        number = 1 + sum(other["kind"] == block["kind"] for other in shown)
        label = words(lang).say(f"page.{block['kind']}", number=str(number))
    anchor = f"{block['id']}-{len(twins) + 1}" if twins else block["id"]
    data_name = f"{name}_{block['csv']['filename']}" if block.get("csv") else None
    return Exhibit(label, block, anchor, data_name, again=bool(twins))


def _prose(cell: NotebookNode, lang: str, traces: Traces) -> Part:
    place = f"cell {cell.metadata.get('obs_cell', '?')}"
    try:
        tokens = tuple(traces.tokens(cell, lang))
    except PublicationError as error:
        raise PublicationError(f"{place}: {error}") from None
    if KEY_FIGURES not in cell.metadata.get("tags", ()):
        return Part("prose", tokens=tokens)
    if len(tokens) != 1 or tokens[0]["type"] != "list":
        raise PublicationError(f"{place}: a cell tagged '{KEY_FIGURES}' holds one list.")
    return Part("key-figures", figures=tuple(_key_figure(i, place) for i in tokens[0]["children"]))


def _key_figure(item: Token, place: str) -> KeyFigure:
    inner = item["children"][0].get("children", ())
    if not inner or inner[0]["type"] != "strong":
        raise PublicationError(f"{place}: each key figure starts with its number in **bold**.")
    figure, told = tuple(inner[:1]), tuple(inner[1:])
    return KeyFigure(plain_text(figure), plain_text(told).strip(), figure, told)


def _title_of_page(
    parts: list[Part], front: dict[str, Any]
) -> tuple[str, tuple[Token, ...], list[Part]]:
    """Take the heading of level 1 that opens the note, or the note's declared title."""
    first = parts[0].tokens[0] if parts and parts[0].tokens else None
    if first and first["type"] == "heading" and first["attrs"]["level"] == 1:
        rest = Part("prose", tokens=parts[0].tokens[1:])
        heading = tuple(first["children"])
        return plain_text(heading), heading, [rest, *parts[1:]]
    if front.get("title"):
        return str(front["title"]), (), parts
    raise PublicationError("the note has no title: open it with a heading of level 1.")


def _check_headings(parts: list[Part]) -> None:
    level = 1
    for token in (token for part in parts for token in part.tokens):
        if token["type"] != "heading":
            continue
        now = token["attrs"]["level"]
        words = plain_text(token["children"])
        if now == 1:
            raise PublicationError(f"heading '{words}' is a second title; use ##.")
        if now > level + 1:
            raise PublicationError(f"heading '{words}' skips a level; use {'#' * (level + 1)}.")
        level = now


def size_in_words(size: int, lang: str) -> str:
    """Write the size of a file in thousands of bytes, rounded up, so that none is of nothing."""
    return conventions(lang).write(Decimal(-(-size // 1000)))


def _first_words(parts: list[Part]) -> str:
    tokens = (t for part in parts for t in part.tokens if t["type"] == "paragraph")
    words = plain_text(next(tokens, {"children": ()})["children"])
    if len(words) <= _DESCRIPTION:
        return words
    return words[:_DESCRIPTION].rsplit(" ", 1)[0] + "…"


def _parse_day(text: str | None) -> dt.date | None:
    if not text:
        return None
    try:
        return dt.date.fromisoformat(str(text))
    except ValueError:
        raise PublicationError(f"the date {text!r} is not of the form YYYY-MM-DD.") from None
