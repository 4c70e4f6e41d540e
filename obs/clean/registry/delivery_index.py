"""Hold the index of a registry: one entry per delivery, written whole or not at all."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import ClassVar

from obs.declare.json_files import parse_json
from obs.errors import DeliveryError

__all__ = ["INDEX", "Delivery", "index_bytes", "read_index", "sha256_of", "write_whole"]

INDEX = "registry.json"
_DIGEST = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True)
class Delivery:
    """One file received, as the index holds it; days are ISO texts or None.

    `rules` is the sha256 of the profile that cleaned it; `tables` names its tidy tables,
    the main one first, and their sha256. `forgotten` is the day on which its rows were
    erased, `why` the term that had passed or the reason given.
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    source: str
    profile: str
    rules: str
    file: str
    sha256: str
    tables: dict[str, str]
    extracted: str | None
    covered_from: str | None
    covered_to: str | None
    read: int
    kept: int
    merged: int
    rejected: int
    synthetic: bool
    forgotten: str | None = None
    why: str = ""


def read_index(path: Path) -> list[Delivery]:
    """Read the entries; none where there is no index yet."""
    if not path.is_file():
        return []
    try:
        entries = parse_json(path.read_bytes(), list[Delivery])
        faults = [fault for entry in entries for fault in _entry_faults(entry)]
        why = faults[0] if faults else ""
    except ValueError as fault:
        why = str(fault)
    if why:
        raise DeliveryError(
            f"registry: '{path.name}' is damaged ({why}); remove it and build again from the raw "
            "deliveries, which it only describes."
        )
    return entries


def _entry_faults(entry: Delivery) -> Iterator[str]:
    """Say what no registry writes: digests that are none, days that are none, counts below 0."""
    if not all(map(_DIGEST.fullmatch, (entry.sha256, entry.rules, *entry.tables.values()))):
        yield "a digest that is no sha256"
    if not entry.tables or not all(name.isidentifier() for name in entry.tables):
        yield "a delivery without a table"
    if not re.fullmatch(r"\w+", entry.source):
        yield "a source that is no name"
    if min(entry.read, entry.kept, entry.merged, entry.rejected) < 0:
        yield "a count below 0"
    days = (entry.extracted, entry.covered_from, entry.covered_to, entry.forgotten)
    if not all(_is_day(day) for day in days if day is not None):
        yield "a day that is none"


def _is_day(text: str) -> bool:
    try:
        return dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def index_bytes(entries: list[Delivery]) -> bytes:
    """Write the entries as JSON."""
    rows = [asdict(entry) for entry in entries]
    return (json.dumps(rows, ensure_ascii=False, indent=1) + "\n").encode()


def sha256_of(path: Path) -> str:
    """Give the sha256 of a file."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except FileNotFoundError:
        raise DeliveryError(f"{path.name}: there is no such file.") from None


def write_whole(path: Path, content: bytes) -> None:
    """Write aside, bring to disk, then put in place at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.part")
    with aside.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    aside.replace(path)
