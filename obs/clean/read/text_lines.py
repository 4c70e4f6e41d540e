"""Rewrite a text file or a workbook as one line of UTF-8 per line of the original.

A line that cannot be one row (too few or too many fields, a broken quotation) becomes a blank
line and a fault. Line numbers therefore stay those of the supplier's file, and the engine that
reads the copy never has to guess.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from obs.clean.profiles.profile import FileLayout
from obs.clean.read.file_checks import BLOCK, Delivery, blocks, check_workbook, find_encoding
from obs.errors import DeliveryError

__all__ = ["Rewritten", "rewrite_text", "rewrite_workbook"]

SEPARATOR = ";"  # of copies made from a workbook
_CONTINUED = 50  # lines that one quoted text may span
_OTHERS = ";,\t|"


@dataclass
class Rewritten:
    """What the copy holds: the header, where it stood, lines with faults, the separator."""

    header: list[str]
    header_line: int
    separator: str
    synthetic: bool = False
    faults: list[tuple[int, str]] = field(default_factory=list)
    doubts: list[tuple[int, str]] = field(default_factory=list)


def rewrite_text(delivery: Delivery, target: Path, *, layout: FileLayout) -> Rewritten:
    """Copy a csv (plain or gzip) to `target` and say what was in its head and its faults."""
    encoding = find_encoding(delivery, layout.encodings)
    stream = io.TextIOWrapper(
        io.BufferedReader(_Blocks(blocks(delivery)), BLOCK), encoding=encoding, newline=None
    )
    with target.open("w", encoding="utf-8", newline="") as out:
        made = _read_head(stream, delivery, layout)
        copier = _Copier(out, made, delivery, layout)
        while lines := stream.readlines(BLOCK):
            copier.add(lines)
        copier.end()
    if not copier.ended:
        made.doubts.append((copier.number, "no_line_end"))
    return made


def rewrite_workbook(delivery: Delivery, target: Path, *, layout: FileLayout) -> Rewritten:
    """Copy one sheet of a workbook to `target` as text; formulas stay formulas."""
    check_workbook(delivery)
    rows = _sheet_rows(delivery, layout)
    for _ in range(layout.skip):
        next(rows, None)
    header = [_cell(value) for value in next(rows, ())]
    while header and not header[-1]:
        header.pop()
    made = Rewritten(_checked_header(header, delivery), layout.skip + 1, SEPARATOR)
    with target.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, delimiter=SEPARATOR, lineterminator="\n")
        for number, row in enumerate(rows, start=made.header_line + 1):
            cells = [_cell(value) for value in row]
            if len(cells) > len(header) and any(cells[len(header) :]):
                made.faults.append((number, "field_count"))
                cells = []
            writer.writerow((cells + [""] * len(header))[: len(header)])
    return made


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


def _read_head(stream: TextIO, delivery: Delivery, layout: FileLayout) -> Rewritten:
    number, synthetic = 0, False
    for line in iter(stream.readline, ""):
        number += 1
        if layout.comment and line.startswith(layout.comment):
            synthetic |= bool(layout.synthetic) and layout.synthetic in line
            continue
        if number > layout.skip and line.strip():
            header = next(csv.reader([line], delimiter=layout.separator, quotechar=layout.quote))
            checked = _checked_header(header, delivery)
            return Rewritten(checked, number, layout.separator, synthetic)
    raise DeliveryError(f"{delivery.name}: there is no header line; ask for the file again.")


def _checked_header(cells: list[str], delivery: Delivery) -> list[str]:
    names = [c.strip() or f"column {i}" for i, c in enumerate(cells, start=1)]
    twice = [i for i, name in enumerate(names, start=1) if name in names[: i - 1]]
    if twice:
        raise DeliveryError(
            f"{delivery.name}: the header repeats a name (columns {', '.join(map(str, twice[:5]))})"
            "; one of them is wrong. Ask for the file again."
        )
    return names


class _Copier:
    """Lines go in, whole rows come out, one line each."""

    def __init__(
        self, out: TextIO, made: Rewritten, delivery: Delivery, layout: FileLayout
    ) -> None:
        self.out, self.made, self.delivery = out, made, delivery
        self.separator, self.quote = layout.separator, layout.quote
        self.width = len(made.header)
        self.blank = self.separator * (self.width - 1) + "\n"
        self.number = made.header_line
        self.ended = True  # whether the last line had its end
        self.opened: list[str] = []
        self.writer = csv.writer(
            out, delimiter=layout.separator, quotechar=layout.quote, lineterminator="\n"
        )

    def add(self, lines: list[str]) -> None:
        whole = "".join(lines)
        self.ended = whole.endswith("\n")
        wanted = self.width - 1
        quoted = bool(self.quote) and self.quote in whole
        if not self.opened and not quoted and all(x.count(self.separator) == wanted for x in lines):
            self.out.write(whole if whole.endswith("\n") else whole + "\n")
            self.number += len(lines)
            return
        for line in lines:
            self._add_line(line)

    def end(self) -> None:
        while self.opened:
            self._give_up()

    def _add_line(self, line: str) -> None:
        if self.opened:
            self.opened.append(line)
            self._close()
        elif self.quote and self.quote in line:
            self.opened = [line]
            self._close()
        else:
            self.number += 1
            self._plain(line)

    def _plain(self, line: str) -> None:
        if not line.strip():
            self.out.write(self.blank)
        elif line.count(self.separator) == self.width - 1:
            self.out.write(line if line.endswith("\n") else line + "\n")
        else:
            self._check_separator(line)
            self._row(line.rstrip("\n").split(self.separator))

    def _close(self) -> None:
        """Write the record that the opened lines make, if its quotations are closed."""
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
        self.out.write(self.blank * continued)
        self.number += continued

    def _give_up(self) -> None:
        """Reject the first opened line alone, and read the following ones afresh."""
        _, *rest = self.opened
        self.opened = []
        self.number += 1
        self.made.faults.append((self.number, "broken_quotes"))
        self.out.write(self.blank)
        for line in rest:
            self._add_line(line)

    def _row(self, cells: list[str]) -> None:
        if len(cells) > self.width and not any(cells[self.width :]):
            cells = cells[: self.width]
        if len(cells) == self.width:
            self.writer.writerow(cells)
            return
        self.made.faults.append((self.number, "field_count"))
        self.out.write(self.blank)

    def _check_separator(self, line: str) -> None:
        if self.width < 3 or self.separator in line:
            return
        if any(line.count(other) >= self.width - 1 for other in _OTHERS if other != self.separator):
            raise DeliveryError(
                f"{self.delivery.name}: line {self.number} is separated otherwise than the "
                f"header (by '{self.separator}'); two files are mixed. Ask for the file again."
            )


def _sheet_rows(delivery: Delivery, layout: FileLayout) -> Iterator[tuple[Any, ...]]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl speaks of styles and extensions
            book = openpyxl.load_workbook(delivery.path, read_only=True, data_only=False)
            if layout.sheet and layout.sheet not in book.sheetnames:
                raise DeliveryError(
                    f"{delivery.name}: no sheet '{layout.sheet}'; it has "
                    f"{len(book.sheetnames)}: {', '.join(book.sheetnames[:5])}."
                )
            sheet = book[layout.sheet] if layout.sheet else book.worksheets[0]
            yield from sheet.iter_rows(values_only=True)
            book.close()
    except (InvalidFileException, zipfile.BadZipFile, KeyError, SyntaxError):
        raise DeliveryError(
            f"{delivery.name}: the workbook is damaged or is none; ask for it again."
        ) from None


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ") if value.time() != dt.time() else value.date().isoformat()
    return str(value).replace("\n", " ").strip()
