"""Check delivered files: find and recognise them, take their checksums, refuse the unreadable.

A refusal names the file by its base name, the place by line or byte, and what to ask the
supplier for.
"""

from __future__ import annotations

import codecs
import gzip
import hashlib
import io
import os
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from obs.clean.read.file_formats import READ, member_of, recognise
from obs.clean.read.file_names import name_fault
from obs.errors import DeliveryError

__all__ = [
    "BLOCK",
    "Delivery",
    "blocks",
    "check_expansion",
    "check_header",
    "find_encoding",
    "join_header",
    "marked_encoding",
    "open_deliveries",
]

BLOCK = 1 << 20
LONGEST_LINE = 1_000_000  # bytes; a longer line has lost a quotation mark or a line end
MOST_COLUMNS = 1_000
LONGEST_NAME = 200  # characters of a column's name
_EXPANSION = 200  # a text that expands more than that is a bomb, not a delivery
_SMALL = 64 << 20  # what a compressed file may always expand to
_HEAD = 4096
_WIDE = (  # marks of the encodings of two and four bytes; the longer mark first
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_C1 = re.compile(rb"[\x80-\x9f]")
_MIXED = re.compile(rb"[\xc2\xc3][\x80-\xbf]")


@dataclass(frozen=True)
class Delivery:
    """One file received: where it is, the name that messages use, its sha256, what it is.

    `content` is the file itself where it came in a zip archive.
    """

    path: Path
    name: str
    sha256: str
    kind: str
    content: bytes | None = None

    def open(self) -> BinaryIO:
        """Open the file, or what a zip archive held."""
        return self.path.open("rb") if self.content is None else io.BytesIO(self.content)

    def size(self) -> int:
        """Give the size in bytes."""
        return self.path.stat().st_size if self.content is None else len(self.content)


def open_deliveries(paths: Sequence[Path]) -> list[Delivery]:
    """Check that files are there, and recognise them, in the order of their names."""
    if not paths:
        raise DeliveryError("no file is given; give at least one.")
    names = _names(paths)
    for path, name in zip(paths, names, strict=True):
        _check_file(path, name)
    made = [_recognised(path, name) for path, name in zip(paths, names, strict=True)]
    return sorted(made, key=lambda one: one.name)


def blocks(delivery: Delivery) -> Iterator[bytes]:
    """Give the bytes of a plain or gzip file block by block, refusing damage and bombs."""
    with delivery.open() as plain:
        if plain.read(2) != b"\x1f\x8b":
            plain.seek(0)
            yield from iter(lambda: plain.read(BLOCK), b"")
            return
        plain.seek(0)
        yield from _gunzip(plain, delivery.name, delivery.size())


def find_encoding(delivery: Delivery, encodings: Sequence[str]) -> str:
    """Read the whole file once and give the first encoding that fits all of it.

    A byte order mark of UTF-16 or UTF-32 decides by itself. NUL bytes and endless lines are refused
    on the way.
    """
    marked = marked_encoding(next(iter(blocks(delivery)), b""))
    scan = _Scan(delivery, (marked,) if marked else encodings)
    for block in blocks(delivery):
        scan.feed(block)
    return scan.verdict()


def marked_encoding(head: bytes) -> str:
    """Give the encoding of two or four bytes that a byte order mark tells, "" for none."""
    return next((name for mark, name in _WIDE if head.startswith(mark)), "")


def check_expansion(size: int, packed: int, name: str) -> None:
    """Refuse a packed file that expands beyond measure."""
    if size > max(_SMALL, _EXPANSION * packed):
        raise DeliveryError(
            f"{name}: the file expands more than {_EXPANSION} times; "
            "no delivery does, so it is not opened. Ask for it uncompressed."
        )


def join_header(lines: Sequence[Sequence[str]]) -> list[str]:
    """Give one name to each column of a header of several lines.

    A blank of all lines but the last one repeats the name on its left, as a cell that spans
    several columns does.
    """
    if len(lines) == 1:
        return list(lines[0])
    width = max(map(len, lines))
    names: list[list[str]] = [[] for _ in range(width)]
    for turn, line in enumerate(lines):
        before = ""
        for place in range(width):
            cell = line[place].strip() if place < len(line) else ""
            before = cell or (before if turn < len(lines) - 1 else "")
            names[place] += [before] if before else []
    return [" / ".join(parts) for parts in names]


def check_header(cells: Sequence[str], name: str) -> list[str]:
    """Give the names of the columns; refuse too many, endless or repeated ones."""
    if len(cells) > MOST_COLUMNS:
        raise DeliveryError(
            f"{name}: {len(cells):,} columns; no delivery has more than {MOST_COLUMNS:,}. The "
            "separator or the line ends are lost: ask for the file again."
        )
    names = [c.replace("\n", " ").strip() or f"column {i}" for i, c in enumerate(cells, start=1)]
    endless = [i for i, one in enumerate(names, start=1) if len(one) > LONGEST_NAME]
    if endless:
        raise DeliveryError(
            f"{name}: the name of column {endless[0]} has {len(names[endless[0] - 1]):,} "
            f"characters; a header has at most {LONGEST_NAME}. Ask for the file again."
        )
    seen = Counter(names)
    twice = [i for i, one in enumerate(names, start=1) if seen[one] > 1 and one in names[: i - 1]]
    if twice:
        raise DeliveryError(
            f"{name}: the header repeats a name (columns {', '.join(map(str, twice[:5]))})"
            "; one of them is wrong. Ask for the file again."
        )
    return names


def _names(paths: Sequence[Path]) -> list[str]:
    often = Counter(path.name for path in paths)
    names = [p.name if often[p.name] == 1 else f"{p.parent.name}/{p.name}" for p in paths]
    twice = sorted(name for name, n in Counter(names).items() if n > 1)
    if twice:
        raise DeliveryError(f"{', '.join(twice[:5])}: given twice; give each file once.")
    return names


def _check_file(path: Path, name: str) -> None:
    """Refuse what is no file, or a name that reports cannot carry."""
    fault = name_fault(name)
    if fault is not None:
        raise DeliveryError(
            f"a file's name {fault}; rename it, since reports and the list of sources that is "
            "published carry it."
        )
    if path.is_dir():
        raise DeliveryError(f"{name}: is a folder; give its files.")
    if not path.is_file():
        if os.path.lexists(path):
            raise DeliveryError(
                f"{name}: is no file that can be read (a pipe, a device, or a link that leads nowhere)."
            )
        raise DeliveryError(f"{name}: there is no such file.")
    if path.stat().st_size == 0:
        raise DeliveryError(f"{name}: the file is empty (0 bytes); ask for it again.")


def _recognised(path: Path, name: str) -> Delivery:
    """Tell what a file is; take the one member of a zip archive out of it."""
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
        stream.seek(0)
        kind = recognise(head, name, whole=stream)
    one = Delivery(path, name, _sha256(path), kind)
    if kind == "gzip":
        inner = _check_packed(next(blocks(one), b""), name, ("text", "json"))
        return replace(one, kind=inner)
    return _unzipped(one) if kind == "zip" else one


def _unzipped(archive: Delivery) -> Delivery:
    """Take the one file out of a zip archive, in memory."""
    try:
        with zipfile.ZipFile(archive.path) as book:
            member = member_of(book, archive.name)
            check_expansion(member.file_size, archive.size(), archive.name)
            with book.open(member) as stream:
                content = stream.read(member.file_size + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
        raise DeliveryError(
            f"{archive.name}: the zip archive is damaged, or protected by a password; ask for "
            "the file in it."
        ) from None
    kind = _check_packed(content, archive.name, [k for k in READ if k not in ("zip", "gzip")])
    return Delivery(archive.path, archive.name, archive.sha256, kind, content)


def _check_packed(content: bytes, name: str, allowed: Sequence[str]) -> str:
    """Tell what was packed, and refuse what is not read from such a package."""
    kind = recognise(content, name, whole=io.BytesIO(content))
    if kind not in allowed:
        raise DeliveryError(
            f"{name}: {READ[kind]} within an archive; unpack it, and give the file."
        )
    return kind


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _gunzip(plain: BinaryIO, name: str, packed: int) -> Iterator[bytes]:
    total = 0
    try:
        with gzip.GzipFile(fileobj=plain) as stream:
            while block := stream.read(BLOCK):
                total += len(block)
                check_expansion(total, packed, name)
                yield block
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise DeliveryError(
            f"{name}: the compressed file is damaged or cut short "
            f"(readable up to byte {total:,} of its text); ask for it again."
        ) from None


class _Scan:
    """Bytes seen so far: which encodings still fit, and where the others broke."""

    def __init__(self, delivery: Delivery, encodings: Sequence[str]) -> None:
        self.name = delivery.name
        self.encodings = list(encodings)
        self.decoders = {e: codecs.getincrementaldecoder(e)() for e in encodings}
        self.wide = any(e.startswith(("utf-16", "utf-32")) for e in encodings)
        self.broken: dict[str, int] = {}
        self.seen = 0
        self.lines = 0
        self.line_start = 0
        self.bom = False
        self.c1 = self.mixed = -1

    def feed(self, block: bytes) -> None:
        if self.seen == 0:
            self.bom = block.startswith(codecs.BOM_UTF8)
        if not self.wide:
            self._check_nul(block)
        self._check_lines(block)
        if self.wide or not block.isascii() or any(d.getstate()[0] for d in self.decoders.values()):
            self._decode(block)
        self.seen += len(block)

    def verdict(self) -> str:
        self._decode(b"", final=True)
        fitting = [e for e in self.encodings if e not in self.broken]
        if self.bom:
            fitting = [e for e in fitting if e == "utf-8-sig"]
        elif fitting and not fitting[0].startswith("utf-8") and self.broken:
            fitting = [e for e in fitting if not self._is_doubtful(e)]
        if not fitting:
            raise self._refusal()
        return fitting[0]

    def _check_nul(self, block: bytes) -> None:
        at = block.find(b"\0")
        if at >= 0:
            raise DeliveryError(
                f"{self.name}: NUL byte at byte {self.seen + at + 1:,}; the file is damaged, "
                "or written in UTF-16 without its mark. Ask for UTF-8."
            )

    def _check_lines(self, block: bytes) -> None:
        first, last = block.find(b"\n"), block.rfind(b"\n")
        ended = self.seen + (first if first >= 0 else len(block))
        longest = 0
        # a line end where any longer line would be; True is equivalent: all are measured
        if block.find(b"\n", len(block) - LONGEST_LINE, LONGEST_LINE) < 0:
            lines = block[first + 1 : last + 1].split(b"\n") if last > first else []
            longest = max(map(len, lines), default=0)
        if max(ended - self.line_start, longest) > LONGEST_LINE:
            raise self._endless_line()
        self.lines += block.count(b"\n")
        if last >= 0:
            self.line_start = self.seen + last + 1
        if len(block) - last - 1 > LONGEST_LINE:  # the last one, which has no end yet
            raise self._endless_line()

    def _endless_line(self) -> DeliveryError:
        return DeliveryError(
            f"{self.name}: a line after line {self.lines:,} is longer than {LONGEST_LINE:,} "
            "bytes; a quotation mark or the line ends are lost. Ask for the file again."
        )

    def _decode(self, block: bytes, *, final: bool = False) -> None:
        for encoding, decoder in self.decoders.items():
            if encoding in self.broken:
                continue
            pending = len(decoder.getstate()[0])
            try:
                decoder.decode(block, final)
            except UnicodeDecodeError as error:
                self.broken[encoding] = self.seen - pending + error.start + 1
        for name, pattern in (("c1", _C1), ("mixed", _MIXED)):
            found = pattern.search(block) if getattr(self, name) < 0 else None
            if found:
                setattr(self, name, self.seen + found.start() + 1)

    def _is_doubtful(self, encoding: str) -> bool:
        """Tell whether a one-byte encoding only fits because it fits anything."""
        return (encoding == "latin-1" and self.c1 > 0) or self.mixed > 0

    def _refusal(self) -> DeliveryError:
        where = [f"{e} at byte {self.broken[e]:,}" for e in self.encodings if e in self.broken]
        where += [
            f"{e} at byte {max(self.c1, self.mixed):,}"
            for e in self.encodings
            if e not in self.broken and self._is_doubtful(e)
        ]
        return DeliveryError(
            f"{self.name}: the text is in none of the profile's encodings "
            f"({', '.join(self.encodings)}); first bad byte: {'; '.join(where) or 'byte 1'}. "
            "Ask for UTF-8, or name the encoding in the profile."
        )
