"""Define the block: the content of a figure, a table or a text of a note, before any page.

A block is made from a `Released` only. Exporters lay it out and do all escaping; its text is plain
text, never markup.
"""

from __future__ import annotations

import base64
import re
from dataclasses import InitVar, asdict, dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any, Literal

from obs.errors import PublicationError
from obs.locale import need_language
from obs.report.facts.released_only import need_released
from obs.report.facts.words import synthetic_label

if TYPE_CHECKING:
    from obs.disclosure import Released

__all__ = ["MIME", "MIN_ALT", "Block", "Column", "CsvFile", "FigureNote", "Row", "TableBody"]

MIME = "application/vnd.obs+json"
MIN_ALT = 30  # characters: less cannot say kind, subject and scope of a figure
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_VIEW = re.compile(
    r'width="(?P<width>[\d.]+)pt"(?P<between>[^>]*?)viewBox="0 0 [\d.]+ (?P<height>[\d.]+)"'
)
_MARGIN = 28  # points on either side, for texts in a font that is wider
_CSV_NAME = re.compile(r"[a-z0-9]+([-_][a-z0-9]+)*\.csv")


@dataclass(frozen=True)
class FigureNote:
    """A note under a figure: its label (Lecture, Champ, Source), its text, and where it stands.

    "source" is the first line, "note" the second; what is "general" holds for the figures of a
    page alike, and is said once at its end.
    """

    label: str
    text: str
    place: Literal["source", "note", "general"] = "note"


@dataclass(frozen=True)
class Column:
    """A column of a table: its heading and how its cells line up."""

    label: str
    align: Literal["left", "right", "center"] = "right"


@dataclass(frozen=True)
class Row:
    """A row of a table: its header and its cells, already in words and figures.

    `behind` tells of the released rows that the cells come from, one for all of them or one for
    each; `about` of which place and period they are.
    """

    header: str
    cells: tuple[str, ...]
    behind: tuple[dict[str, Any], ...] = ()
    about: str = ""


@dataclass(frozen=True)
class TableBody:
    """The cells of a table, formatted for one language."""

    row_header_label: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    told: tuple[dict[str, str], ...] = ()  # what its indicators mean


@dataclass(frozen=True)
class CsvFile:
    """The data behind a block, the same bytes in every language."""

    filename: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Block:
    """A figure, a table or a text that a note can show.

    Parameters
    ----------
    released : Released
        What it was made from; gives `status` and `synthetic`, and is not kept.
    kind : {"figure", "table", "text"}
        A figure has `svg` and `alt`; a table has `table`; a text has only its words.
    id : str
        Slug, the same in every language, unique in a note.
    lang : str
        Language of every word in it.
    title, caption, alt, svg : str
        `alt` says in words what a sighted reader gets from the figure; `svg` is its drawing for
        a page.
    narrow : str
        The drawing for a telephone; `svg` serves for it where there is none.
    notes : tuple of Remark
        The lines under it.
    table : TableBody or None
        The cells of a table.
    csv : CsvFile or None
        The data behind it. The exporter prefixes the file name with the note's name.

    Raises
    ------
    DisclosureError
        If `released` is not a Released.
    PublicationError
        With every fault at once: short or missing alternative text, no title, no
        drawing, rows of unequal length, an id that is not a slug.
    """

    released: InitVar[Released]
    kind: Literal["figure", "table", "text"]
    id: str
    lang: str
    title: str
    alt: str = ""
    caption: str = ""
    notes: tuple[FigureNote, ...] = ()
    svg: str = field(default="", repr=False)
    narrow: str = field(default="", repr=False)
    table: TableBody | None = field(default=None, repr=False)
    csv: CsvFile | None = field(default=None, repr=False)
    synthetic: bool = field(init=False)
    synthetic_label: str = field(init=False)
    status: dict[str, Any] = field(init=False, repr=False)

    def __post_init__(self, released: Released) -> None:
        released = need_released(released, who="Block")
        need_language(self.lang)
        faults = _block_faults(self)
        if faults:
            raise PublicationError(f"{self.kind} '{self.id}': {'; '.join(faults)}.")
        object.__setattr__(self, "synthetic", bool(released.synthetic))
        label = synthetic_label(self.lang) if released.synthetic else ""
        object.__setattr__(self, "synthetic_label", label)
        object.__setattr__(self, "status", released.mark())

    def to_json(self) -> dict[str, Any]:
        """Give the block as plain lists and dictionaries, the form exporters read."""
        return asdict(self)

    def __repr__(self) -> str:
        synthetic = ", synthetic data" if self.synthetic else ""
        return f"Block({self.kind} '{self.id}', {self.lang}: {self.title!r}{synthetic})"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {MIME: self.to_json(), "text/html": preview(self)}


def preview(block: Block) -> str:
    """Show a block simply in JupyterLab, every text escaped.

    Returns one HTML element, with no script and no live markup from data.
    """
    parts = [f"<p><strong>{escape(block.title)}</strong></p>"]
    if block.synthetic_label:
        parts.append(f"<p><em>{escape(block.synthetic_label)}</em></p>")
    if block.svg:
        parts.append(_image(block.svg, block.alt))
    if block.table:
        parts.append(_html_table(block.table, block.caption))
    elif block.caption:
        parts.append(f"<p>{escape(block.caption)}</p>")
    for line in block.notes:
        parts.append(f"<p><small>{escape(line.label)} {escape(line.text)}</small></p>")
    return f'<div lang="{block.lang}" id="{escape(block.id)}">{"".join(parts)}</div>'


def _image(svg: str, alt: str) -> str:
    """Show a drawing as an image, in whose fonts its texts may be wider than those of a page."""
    data = base64.b64encode(_VIEW.sub(_widened, svg, count=1).encode()).decode()
    return f'<img alt="{escape(alt)}" src="data:image/svg+xml;base64,{data}">'


def _widened(found: re.Match[str]) -> str:
    wide = f"{float(found['width']) + 2 * _MARGIN:g}"
    return f'width="{wide}pt"{found["between"]}viewBox="-{_MARGIN} 0 {wide} {found["height"]}"'


def _html_table(body: TableBody, caption: str) -> str:
    labels = [body.row_header_label, *(c.label for c in body.columns)]
    head = "".join(f'<th scope="col">{escape(label)}</th>' for label in labels)
    rows = "".join(
        f'<tr><th scope="row">{escape(row.header)}</th>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in row.cells)
        + "</tr>"
        for row in body.rows
    )
    return (
        f"<table><caption>{escape(caption)}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _block_faults(block: Block) -> list[str]:
    faults = []
    if not _SLUG.fullmatch(block.id):
        faults.append("its id must be a slug such as 'trend-theft'")
    if not block.title.strip():
        faults.append("it has no title")
    if block.csv and not _CSV_NAME.fullmatch(block.csv.filename):
        faults.append(f"its file name {block.csv.filename!r} must be lower-case and end in .csv")
    if block.kind == "figure":
        faults += _figure_faults(block)
    if block.kind == "table":
        faults += _table_faults(block.table)
    return faults


def _figure_faults(block: Block) -> list[str]:
    faults = []
    if not block.svg.lstrip().startswith(("<?xml", "<svg")):
        faults.append("it has no drawing")
    if len(block.alt.strip()) < MIN_ALT:
        faults.append(
            f"its alternative text has {len(block.alt.strip())} characters and needs at least "
            f"{MIN_ALT}: say the kind of figure, its subject, its scope and what it shows"
        )
    return faults


def _table_faults(body: TableBody | None) -> list[str]:
    if body is None or not body.rows:
        return ["it has no rows"]
    wrong = sum(len(row.cells) != len(body.columns) for row in body.rows)
    return [f"{wrong} row(s) do not have {len(body.columns)} cells"] if wrong else []
