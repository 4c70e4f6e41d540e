"""Hold the index of a registry: one entry per delivery, written whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from obs.errors import DeliveryError

__all__ = ["INDEX", "Delivery", "index_bytes", "read_index", "sha256_of", "write_whole"]

INDEX = "registry.json"


@dataclass(frozen=True)
class Delivery:
    """One file received, as the index holds it; days are ISO texts or None.

    `rules` is the sha256 of the profile that cleaned it; `tables` names its tidy tables,
    the main one first, and their sha256. `forgotten` is the day on which its rows were
    erased, `why` the term that had passed or the reason given.
    """

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
        return [Delivery(**row) for row in json.loads(path.read_text(encoding="utf-8"))]
    except (ValueError, TypeError):
        raise DeliveryError(
            f"registry: '{path.name}' is damaged; remove it and build again from the raw "
            "deliveries, which it only describes."
        ) from None


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
