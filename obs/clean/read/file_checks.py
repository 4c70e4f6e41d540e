"""Check delivered files: find them, take their checksums, and refuse those that cannot be read.

No file is held whole in memory. A refusal gives the base name of the file, the line or byte, and
what to ask the supplier for.
"""

from __future__ import annotations

import codecs
import gzip
import hashlib
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from obs.errors import DeliveryError

__all__ = ["BLOCK", "Delivery", "blocks", "check_workbook", "find_encoding", "open_deliveries"]

BLOCK = 1 << 20
LONGEST_LINE = 1_000_000  # bytes; a longer line has lost a quotation mark or a line end
_EXPANSION = 200  # a text that expands more than that is a bomb, not a delivery
_SMALL = 64 << 20  # what a compressed file may always expand to
_MAGIC = {
    b"\x1f\x8b": "gzip",
    b"PK\x03\x04": "xlsx",
    b"PAR1": "parquet",
    b"\xd0\xcf\x11\xe0": "xls",
}
_C1 = re.compile(rb"[\x80-\x9f]")
_MIXED = re.compile(rb"[\xc2\xc3][\x80-\xbf]")


@dataclass(frozen=True)
class Delivery:
    """One file received: where it is, the name that messages use, its sha256."""

    path: Path
    name: str
    sha256: str


def open_deliveries(paths: Sequence[Path], *, format: str) -> list[Delivery]:
    """Check that files are there and of the format, in the order of their names."""
    if not paths:
        raise DeliveryError("no file is given; give at least one.")
    names = _names(paths)
    for path, name in zip(paths, names, strict=True):
        _check_file(path, name, format)
    made = [Delivery(p, n, _sha256(p)) for p, n in zip(paths, names, strict=True)]
    return sorted(made, key=lambda one: one.name)


def blocks(delivery: Delivery) -> Iterator[bytes]:
    """Give the bytes of a plain or gzip file block by block, refusing damage and bombs."""
    with delivery.path.open("rb") as plain:
        if plain.read(2) != b"\x1f\x8b":
            plain.seek(0)
            yield from iter(lambda: plain.read(BLOCK), b"")
            return
        plain.seek(0)
        yield from _gunzip(plain, delivery)


def find_encoding(delivery: Delivery, encodings: Sequence[str]) -> str:
    """Read the whole file once and give the first encoding that fits all of it.

    NUL bytes and endless lines are refused on the way.
    """
    scan = _Scan(delivery, encodings)
    for block in blocks(delivery):
        scan.feed(block)
    return scan.verdict()


def check_workbook(delivery: Delivery) -> None:
    """Refuse a workbook that is no zip, or that expands beyond measure."""
    try:
        with zipfile.ZipFile(delivery.path) as book:
            size = sum(one.file_size for one in book.infolist())
    except zipfile.BadZipFile:
        raise DeliveryError(
            f"{delivery.name}: the workbook is damaged or cut short; ask for it again."
        ) from None
    if size > max(_SMALL, _EXPANSION * delivery.path.stat().st_size):
        raise _bomb(delivery)


def _names(paths: Sequence[Path]) -> list[str]:
    often = Counter(path.name for path in paths)
    names = [p.name if often[p.name] == 1 else f"{p.parent.name}/{p.name}" for p in paths]
    twice = sorted(name for name, n in Counter(names).items() if n > 1)
    if twice:
        raise DeliveryError(f"{', '.join(twice[:5])}: given twice; give each file once.")
    return names


def _check_file(path: Path, name: str, format: str) -> None:
    if name.startswith(("=", "+", "-", "@")) or not name.isprintable():
        raise DeliveryError(
            "a file's name begins like a spreadsheet formula or holds control characters; "
            "rename it, since reports carry it."
        )
    if path.is_dir():
        raise DeliveryError(f"{name}: is a folder; give its files.")
    if not path.is_file():
        raise DeliveryError(f"{name}: there is no such file.")
    if path.stat().st_size == 0:
        raise DeliveryError(f"{name}: the file is empty (0 bytes); ask for it again.")
    with path.open("rb") as stream:
        head = stream.read(4)
    seen = next((kind for magic, kind in _MAGIC.items() if head.startswith(magic)), "text")
    wanted = {"csv": ("text", "gzip"), "json": ("text",)}.get(format, (format,))
    if seen not in wanted:
        raise DeliveryError(
            f"{name}: the file is {seen} and the profile reads {format}; "
            "give the right file or another profile."
        )


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _gunzip(plain: BinaryIO, delivery: Delivery) -> Iterator[bytes]:
    limit = max(_SMALL, _EXPANSION * delivery.path.stat().st_size)
    total = 0
    try:
        with gzip.GzipFile(fileobj=plain) as stream:
            while block := stream.read(BLOCK):
                total += len(block)
                if total > limit:
                    raise _bomb(delivery)
                yield block
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise DeliveryError(
            f"{delivery.name}: the compressed file is damaged or cut short "
            f"(readable up to byte {total:,} of its text); ask for it again."
        ) from None


def _bomb(delivery: Delivery) -> DeliveryError:
    return DeliveryError(
        f"{delivery.name}: the file expands more than {_EXPANSION} times; "
        "no delivery does, so it is not opened. Ask for it uncompressed."
    )


class _Scan:
    """Bytes seen so far: which encodings still fit, and where the others broke."""

    def __init__(self, delivery: Delivery, encodings: Sequence[str]) -> None:
        self.name = delivery.name
        self.encodings = list(encodings)
        self.decoders = {e: codecs.getincrementaldecoder(e)() for e in encodings}
        self.broken: dict[str, int] = {}
        self.seen = 0
        self.lines = 0
        self.line_start = 0
        self.bom = False
        self.c1 = self.mixed = -1

    def feed(self, block: bytes) -> None:
        if self.seen == 0:
            self.bom = block.startswith(codecs.BOM_UTF8)
        self._check_nul(block)
        self._check_lines(block)
        if not block.isascii() or any(d.getstate()[0] for d in self.decoders.values()):
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
                "or written in UTF-16. Ask for UTF-8."
            )

    def _check_lines(self, block: bytes) -> None:
        first, last = block.find(b"\n"), block.rfind(b"\n")
        ended = self.seen + (first if first >= 0 else len(block))
        lines = block[first + 1 : last + 1].split(b"\n") if last > first else []
        longest = max(map(len, lines), default=0)
        if max(ended - self.line_start, longest) > LONGEST_LINE:
            raise DeliveryError(
                f"{self.name}: a line after line {self.lines:,} is longer than {LONGEST_LINE:,} "
                "bytes; a quotation mark or the line ends are lost. Ask for the file again."
            )
        self.lines += block.count(b"\n")
        if last >= 0:
            self.line_start = self.seen + last + 1

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
