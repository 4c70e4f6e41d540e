"""Read a text file (plain or gzip) into coded columns, each row with its line of the file.

What cannot be one row (too few or too many fields, a broken quotation) becomes a fault of
its line. Blocks of plain lines are parsed by Arrow; a block with anything else is read line
by line, with the same result.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, TextIO

import numpy as np
import pyarrow as pa
import pyarrow.csv
from numpy.typing import NDArray

from obs.clean.coded_columns import Coded, encode
from obs.clean.profiles.profile import FileLayout
from obs.clean.read.file_checks import (
    BLOCK,
    Delivery,
    blocks,
    check_header,
    find_encoding,
    join_header,
    marked_encoding,
)
from obs.errors import DeliveryError

__all__ = ["TextTable", "peek_header", "read_text", "read_text_parts"]

_CONTINUED = 50  # lines that one quoted text may span
_OTHERS = ";,\t|"
_LINE_END = 10
_TEXTS = pa.dictionary(pa.int32(), pa.string())


@dataclass
class TextTable:
    """The rows of a text file: header, columns, line of each row, faulty and doubtful lines."""

    header: list[str]
    header_line: int
    synthetic: bool = False
    columns: list[Coded] = field(default_factory=list)
    lines: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype="int64"))
    faults: list[tuple[int, str]] = field(default_factory=list)
    doubts: list[tuple[int, str]] = field(default_factory=list)


def read_text(delivery: Delivery, layout: FileLayout) -> TextTable:
    """Read the lines of a text file under its header."""
    (whole,) = read_text_parts(delivery, layout)
    return whole


def read_text_parts(
    delivery: Delivery, layout: FileLayout, rows: int | None = None
) -> Iterator[TextTable]:
    """Read a text file part by part, each of some blocks that hold so many rows or more; else whole."""
    encoding = find_encoding(delivery, layout.encodings)
    stream = io.TextIOWrapper(
        io.BufferedReader(_Blocks(blocks(delivery)), BLOCK), encoding=encoding, newline=None
    )
    made = _read_head(stream, delivery, layout)
    reader = _LineReader(made, delivery, layout)
    while text := stream.read(4 * BLOCK):
        reader.add(text + stream.readline())
        if rows is not None and reader.held >= rows:
            yield reader.hand_over()
    reader.end()
    yield reader.hand_over()


def peek_header(delivery: Delivery, layout: FileLayout) -> list[str]:
    """Give the names of the header from the first block alone; none where it cannot be read so."""
    head = next(iter(blocks(delivery)), b"")
    marked = marked_encoding(head)
    for encoding in (marked,) if marked else layout.encodings:
        stream = io.StringIO(head.decode(encoding, errors="replace"), newline=None)
        try:
            header = _read_head(stream, delivery, layout).header
        except DeliveryError:
            continue
        if "\ufffd" not in "".join(header):
            return header
    return []


class _Blocks(io.RawIOBase):
    """A raw stream over blocks of bytes."""

    def __init__(self, source: Iterator[bytes]) -> None:
        self._source = source
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._left:
            self._left = next(self._source, b"")
        n = min(len(buffer), len(self._left))
        buffer[:n] = self._left[:n]
        self._left = self._left[n:]
        return n


def _read_head(stream: TextIO, delivery: Delivery, layout: FileLayout) -> TextTable:
    """Read up to the header line, past comments and skipped lines."""
    number, synthetic = 0, False
    for line in iter(stream.readline, ""):
        number += 1
        if layout.comment and line.startswith(layout.comment):
            synthetic |= bool(layout.synthetic) and layout.synthetic in line
            continue
        if number > layout.skip and line.strip():
            lines = [line, *(stream.readline() for _ in range(layout.header_rows - 1))]
            cells = join_header([_header_cells(one, delivery, layout) for one in lines])
            last = number + layout.header_rows - 1
            return TextTable(check_header(cells, delivery.name), last, synthetic)
    raise DeliveryError(f"{delivery.name}: there is no header line; ask for the file again.")


def _header_cells(line: str, delivery: Delivery, layout: FileLayout) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=layout.separator, quotechar=layout.quote), [])
    except csv.Error:
        raise DeliveryError(
            f"{delivery.name}: the header holds a field of {len(line):,} characters or a broken "
            "quotation; no header does. Ask for the file again."
        ) from None


class _LineReader:
    """Whole lines go in; columns come out."""

    def __init__(self, made: TextTable, delivery: Delivery, layout: FileLayout) -> None:
        self.made, self.delivery = made, delivery
        self.separator, self.quote = layout.separator, layout.quote
        self.width = len(made.header)
        self.number = made.header_line
        self.ended = True  # whether the last line had its end
        self.opened: list[str] = []
        self.parts: list[list[pa.Array]] = [[] for _ in made.header]
        self.lines: list[NDArray[np.int64]] = []
        self.rows: list[list[str]] = []  # read line by line, of the current block
        self.numbers: list[int] = []
        self.irregular = re.compile(
            f'(?<![{re.escape(self.separator)}\n"])"(?![{re.escape(self.separator)}\n"])'.replace(
                '"', re.escape(self.quote)
            )
        )

    def add(self, text: str) -> None:
        """Read a block of whole lines."""
        self.ended = text.endswith("\n")
        whole = text if self.ended else text + "\n"
        table = None if self.opened else self._parsed(whole)
        if table is None:
            for line in whole.removesuffix("\n").split("\n"):  # `splitlines` splits at more
                self._add_line(f"{line}\n")
            return
        self._flush()
        for part, column in zip(self.parts, table.columns, strict=True):
            part += column.chunks
        self.lines.append(np.arange(self.number + 1, self.number + table.num_rows + 1))
        self.number += table.num_rows

    def end(self) -> None:
        """Close what is open at the end of the file."""
        while self.opened:
            self._give_up()
        if not self.ended:
            self.made.doubts.append((self.number, "no_line_end"))

    @property
    def held(self) -> int:
        """Count the rows that were read and not handed over."""
        return sum(map(len, self.lines)) + len(self.rows)

    def hand_over(self) -> TextTable:
        """Give the rows, faults and doubts since the last part, and hold them no longer."""
        self._flush()
        done = replace(
            self.made,
            lines=np.concatenate([*self.lines, np.empty(0, dtype="int64")]),
            columns=[encode(pa.chunked_array(part, _TEXTS)) for part in self.parts],
        )
        self.parts, self.lines = [[] for _ in self.parts], []
        self.made = replace(self.made, faults=[], doubts=[])
        return done

    def _parsed(self, text: str) -> pa.Table | None:
        """Parse a block in which every line is a row, or give None."""
        if not (self.separator + self.quote).isascii():
            return None
        data = text.encode()
        quoted = self.quote in text
        if quoted and (_has_open_quotes(data, self.quote) or self.irregular.search(text)):
            return None
        if self.width == 1 and "\n\n" in f"\n{text}":
            return None
        try:
            table = self._arrow(pa.py_buffer(data), quoted=quoted)
        except pa.ArrowInvalid:  # such as a line of too few or too many fields
            return None
        return table if table.num_rows == data.count(b"\n") else None

    def _arrow(self, data: pa.Buffer, *, quoted: bool) -> pa.Table:
        names = [f"c{i}" for i in range(self.width)]
        return pyarrow.csv.read_csv(
            pa.BufferReader(data),
            read_options=pyarrow.csv.ReadOptions(
                column_names=names, use_threads=False, block_size=8 * BLOCK
            ),
            parse_options=pyarrow.csv.ParseOptions(
                delimiter=self.separator,
                quote_char=self.quote if quoted else False,
                ignore_empty_lines=False,
            ),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=dict.fromkeys(names, _TEXTS), strings_can_be_null=False
            ),
        )

    def _flush(self) -> None:
        """Turn the rows read line by line into columns."""
        if not self.rows:
            return
        for part, cells in zip(self.parts, zip(*self.rows, strict=True), strict=True):
            part.append(pa.array(cells, pa.string()).dictionary_encode())
        self.lines.append(np.array(self.numbers, dtype="int64"))
        self.rows, self.numbers = [], []

    def _add_line(self, line: str) -> None:
        if self.opened:
            self.opened.append(line)
            self._close()
        elif self.quote and self.quote in line:
            self.opened = [line]
            self._close()
        else:
            self.number += 1
            self._plain(line.rstrip("\n"))

    def _plain(self, line: str) -> None:
        cells = line.split(self.separator)
        if not line.strip():
            return
        if len(cells) != self.width:
            self._check_separator(line)
        self._row(cells)

    def _close(self) -> None:
        """Take the record that the opened lines make, if its quotations are closed."""
        text = "".join(self.opened)
        reader = csv.reader(
            self.opened, delimiter=self.separator, quotechar=self.quote, strict=True
        )
        try:
            cells = next(reader)
        except csv.Error as error:
            waits = "unexpected end" in str(error)
            if not waits or len(self.opened) > _CONTINUED or len(text) > BLOCK:
                self._give_up()
            return
        continued = len(self.opened) - 1
        self.opened = []
        self.number += 1
        self._row([cell.replace("\n", " ") for cell in cells])
        self.number += continued

    def _give_up(self) -> None:
        """Reject the first opened line alone, and read the following ones afresh."""
        _, *rest = self.opened
        self.opened = []
        self.number += 1
        self.made.faults.append((self.number, "broken_quotes"))
        for line in rest:
            self._add_line(line)

    def _row(self, cells: list[str]) -> None:
        if len(cells) > self.width and not any(cells[self.width :]):
            cells = cells[: self.width]
        if len(cells) == self.width:
            self.rows.append(cells)
            self.numbers.append(self.number)
        else:
            self.made.faults.append((self.number, "field_count"))

    def _check_separator(self, line: str) -> None:
        if self.width < 3 or self.separator in line:
            return
        if any(line.count(other) >= self.width - 1 for other in _OTHERS if other != self.separator):
            raise DeliveryError(
                f"{self.delivery.name}: line {self.number} is separated otherwise than the "
                f"header (by '{self.separator}'); two files are mixed. Ask for the file again."
            )


def _has_open_quotes(text: bytes, quote: str) -> bool:
    """Tell whether a line has an odd number of quotation marks."""
    data = np.frombuffer(text, dtype="uint8")
    found = np.flatnonzero(data == ord(quote))
    ends = np.flatnonzero(data == _LINE_END)
    numbers = np.diff(np.searchsorted(found, ends), prepend=0)
    return bool((numbers % 2).any())
