"""Read the text of a document, with the place of each passage: text, Markdown, HTML, PDF, Word."""

from __future__ import annotations

import codecs
import io
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

from obs.errors import ObsError
from obs.report.documents.passages import Passage, TableRow, passages_of_lines, plain

if TYPE_CHECKING:
    from docx.table import Table

__all__ = ["DOCUMENT_ENDINGS", "read_document"]

DOCUMENT_ENDINGS = (".txt", ".md", ".html", ".htm", ".pdf", ".docx")
_LARGEST = 30_000_000  # bytes
_UNPACKED = 200_000_000  # bytes of a Word document
_PAGES = 2_000
_SPANNED = 100  # columns or rows of one cell
_OWN = frozenset({"p", "li", "h1", "h2", "h3", "h4", "h5", "h6", "td", "th", "tr", "div", "caption", "dd", "dt", "figcaption", "blockquote", "br"})  # fmt: skip
_UNREAD = frozenset({"script", "style", "svg", "template", "noscript", "title"})
Block = Passage | TableRow


def read_document(path: Path) -> list[Block]:
    """Read a document.

    Raises
    ------
    ObsError
        If it is absent, too large, of another kind, damaged, locked with a password, or a PDF
        without text (pictures of pages).

    Examples
    --------
    >>> read_document(Path("absent.txt"))
    Traceback (most recent call last):
    obs.errors.ObsError: there is no document 'absent.txt'.
    """
    if not path.is_file():
        raise ObsError(f"there is no document '{path.name}'.")
    if path.suffix.lower() not in DOCUMENT_ENDINGS:
        raise ObsError(f"'{path.name}': documents are read as {', '.join(DOCUMENT_ENDINGS)}.")
    if path.stat().st_size > _LARGEST:
        raise ObsError(f"'{path.name}' has over {_LARGEST:,} bytes: give a part of it.")
    content, kind = path.read_bytes(), path.suffix.lower()
    if kind == ".pdf":
        blocks = list(passages_of_lines(_pdf_lines(content, path.name)))
        if not blocks:
            raise ObsError(
                f"'{path.name}' has no text, only pictures of pages: recognise its letters first."
            )
        return blocks
    if kind == ".docx":
        return list(_word_blocks(content, path.name))
    text = _decoded(content)
    if kind in (".html", ".htm"):
        return list(_html_blocks(text))
    lines = ((line, f"line {i}") for i, line in enumerate(text.splitlines(), start=1))
    return list(passages_of_lines(lines))


def _decoded(content: bytes) -> str:
    """Decode a text by its byte-order mark, else as UTF-8, else as Windows writes it."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _pdf_lines(content: bytes, name: str) -> Iterator[tuple[str, str]]:
    """Give the paragraphs of a PDF: lines that end without a full stop go on in the next one."""
    from pypdf import PdfReader
    from pypdf.errors import DependencyError, PyPdfError

    try:
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted:
            raise ObsError(f"'{name}' is locked: give an open copy.")
        if len(reader.pages) > _PAGES:
            raise ObsError(f"'{name}' has over {_PAGES:,} pages: give a part of it.")
        for page, sheet in enumerate(reader.pages, start=1):
            held = ""
            for line in sheet.extract_text().splitlines():
                held = f"{held} {line.strip()}".strip()
                if line.rstrip().endswith((".", ":", ";", "!", "?")) or not line.strip():
                    yield held, f"page {page}"
                    held = ""
            if held:
                yield held, f"page {page}"
    except DependencyError:  # what only locked ones need
        raise ObsError(f"'{name}' is locked: give an open copy.") from None
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as fault:
        if isinstance(fault, ObsError):
            raise
        raise ObsError(f"'{name}' cannot be read as a PDF: it is damaged.") from None


def _word_blocks(content: bytes, name: str) -> Iterator[Block]:
    from docx import Document
    from docx.table import Table

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            if sum(part.file_size for part in parts.infolist()) > _UNPACKED:
                raise ObsError(f"'{name}' unpacks to over {_UNPACKED:,} bytes: refused.")
        blocks = list(Document(io.BytesIO(content)).iter_inner_content())
    except (zipfile.BadZipFile, ValueError, KeyError, SyntaxError, AttributeError) as fault:
        if isinstance(fault, ObsError):
            raise
        raise ObsError(f"'{name}' cannot be read as a Word document: it is damaged.") from None
    for i, block in enumerate(blocks, start=1):
        place = f"paragraph {i}"
        if isinstance(block, Table):
            yield from (TableRow(cells, place) for cells in _word_rows(block))
        elif text := plain(block.text):
            style = (block.style.name or "") if block.style is not None else ""
            listed = "List" in style
            kind = "heading" if style.startswith("Heading") else "item" if listed else "paragraph"
            yield Passage(kind, text, place)


def _word_rows(table: Table) -> Iterator[tuple[str, ...]]:
    """Give the cells of each row; a merged cell is told once, and blank where it goes on."""
    told = set()
    for row in table.rows:
        cells = []
        for cell in row.cells:
            cells.append("" if cell._tc in told else plain(cell.text))
            told.add(cell._tc)
        yield tuple(cells)


class _Page(HTMLParser):
    """Gathers the passages of a page; scripts, styles and drawings are not read."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[Block] = []
        self._text, self._kind, self._skipped, self._line = "", "paragraph", 0, 1
        self._cells: list[str] | None = None
        self._in_cell = False
        self._span = (1, 1)  # columns and rows of the cell that is read
        self._held: dict[int, int] = {}  # column: rows that a cell above still fills

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNREAD:
            self._skipped += 1
        if tag in ("td", "th", "tr"):
            self._end_cell()
        if tag in _OWN:
            self._end()
            self._line = self.getpos()[0]
            self._kind = (
                "heading"
                if tag[0] == "h" and tag[1:].isdigit()
                else "item"
                if tag == "li"
                else "paragraph"
            )
        if tag == "tr":
            self._end_row()
            self._cells = []
        if tag in ("td", "th") and self._cells is not None:
            self._in_cell = True
            self._span = _spanned(attrs, "colspan"), _spanned(attrs, "rowspan")

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNREAD:
            self._skipped = max(0, self._skipped - 1)
        if tag in ("td", "th"):
            self._end_cell()
        elif tag in ("tr", "table"):
            self._end_cell()
            self._end_row()
            self._held = {} if tag == "table" else self._held
        elif tag in _OWN:
            self._end()

    def _end_cell(self) -> None:
        if self._in_cell and self._cells is not None:
            self._pass_held(self._cells)
            columns, rows = self._span
            self._held |= dict.fromkeys(
                range(len(self._cells), len(self._cells) + columns), rows - 1
            )
            self._cells += [" ".join(self._text.split()), *[""] * (columns - 1)]
            self._text, self._in_cell = "", False

    def _pass_held(self, cells: list[str]) -> None:
        """Leave the next columns blank that a cell of a row above fills."""
        while self._held.get(len(cells), 0):
            self._held[len(cells)] -= 1
            cells.append("")

    def _end_row(self) -> None:
        if self._cells is not None:
            self._pass_held(self._cells)
        if self._cells:
            self.blocks.append(TableRow(tuple(self._cells), f"line {self._line}"))
        self._cells = None

    def handle_data(self, data: str) -> None:
        if not self._skipped:
            self._text += data

    def _end(self) -> None:
        text = " ".join(self._text.split())
        if self._cells is None:
            if text:
                self.blocks.append(Passage(self._kind, text, f"line {self._line}"))
            self._text = ""

    def close(self) -> None:
        super().close()
        self._end()


def _spanned(attrs: list[tuple[str, str | None]], name: str) -> int:
    """Give over how many columns or rows a cell goes; 1 where it says nothing sound."""
    said = (dict(attrs).get(name) or "")[:4]  # no longer number
    return min(max(int(said), 1), _SPANNED) if said.isascii() and said.isdigit() else 1


def _html_blocks(text: str) -> list[Block]:
    page = _Page()
    page.feed(text)
    page.close()
    return page.blocks
