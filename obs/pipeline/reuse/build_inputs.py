"""Give the digests of what the parts of a build are made of: code, declarations, files, rows."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa

import obs
from obs.catalogue import get_indicator
from obs.clean import Cleaned, CleanedSurvey
from obs.clean.registry.delivery_registry import Registry
from obs.disclosure import Released, as_shown
from obs.pipeline.notes_folder import words_for_notes
from obs.reference import Observatory
from obs.report.edition.reuse_pages import digest
from obs.report.note.edition_words import IN_FILES

__all__ = ["Shown", "code", "declaration", "files", "registered", "rows", "units"]

_FOLDERS = ("profiles", "catalogue")  # of an observatory, beside its declaration


def files(paths: Iterable[Path], top: Path) -> str:
    """Give the digest of files: their names from a folder and their bytes, by name."""
    told = []
    for path in sorted(set(paths)):
        with path.open("rb") as stream:
            own = hashlib.file_digest(stream, "sha256").hexdigest()
        told.append([os.path.relpath(path, top), own])
    return digest(told)


@cache
def code() -> str:
    """Give the digest of `obs` with all its data, of the Python and of the packages beside it."""
    top = Path(obs.__file__).parent
    own = [p for p in top.rglob("*") if p.is_file() and "__pycache__" not in p.parts]
    places = [Path(place) for place in sys.path if place and Path(place).is_dir()]
    packages = sorted({path.name for place in places for path in place.glob("*.dist-info")})
    return digest([sys.version, packages, files(own, top)])


def declaration(observatory: Observatory) -> str:
    """Give the digest of the TOML files beside an observatory's own, of its profiles and catalogue."""
    own = observatory.path.resolve()
    found = [own, *own.parent.glob("*.toml")]
    for name in _FOLDERS:
        found += [path for path in (own.parent / name).rglob("*") if path.is_file()]
    return files(found, own.parent)


def units(observatory: Observatory, raw: Path) -> str:
    """Give the digest of the delivered files of units and boundaries, with what belongs to each.

    What is released tells where these files are: their place is an input too.
    """
    named = [part.file for part in (observatory.areas, observatory.boundaries) if part]
    beside = [
        p for name in named for one in raw.glob(name) for p in one.parent.glob(f"{one.stem}.*")
    ]
    found = [path for path in beside if path.is_file()]
    return digest([str(raw.resolve()), files(found, raw)]) if found else digest([])


def rows(cleaned: Sequence[tuple[str, Cleaned]]) -> dict[str, str]:
    """Give the digests of cleaned rows and of the account of all rows, by kind of source."""
    told: dict[str, list[str]] = {}
    for kind, result in cleaned:
        own = [_of_table(table) for table in result.arrow_tables.values()]
        told_of = (result.report, result.coverage, result.rejected, result.flagged)
        own += [frame.to_csv(index=False) for frame in told_of]
        own += [repr(result.questionnaire)] if isinstance(result, CleanedSurvey) else []
        told.setdefault(f"rows of {kind}", []).extend(own)
    return {kind: digest(own) for kind, own in told.items()}


def registered(registry: Registry) -> str:
    """Give the digest of all that is registered: the account of each delivery, and its tables."""
    return files((p for p in registry.folder.rglob("*") if p.is_file()), registry.folder)


class Shown:
    """What the notes of an edition read: released tables as readers see them, and words.

    Parameters
    ----------
    released : Released
        With the models of the notes.
    words : mapping
        What the edition says of itself.
    """

    def __init__(self, released: Released, words: Mapping[str, Any]) -> None:
        self._released, self._words = as_shown(released), words_for_notes(words)

    @cached_property
    def _tables(self) -> dict[str, tuple[str, list[str]]]:
        """The digest of each table, and its indicators."""
        frames = {name: self._released[name].table for name in self._released.names}
        return {
            name: (
                digest(frame.to_csv(index=False, na_rep="\0")),  # the same however it was read
                sorted(frame["indicator"].astype("str").unique()),
            )
            for name, frame in frames.items()
        }

    def of_note(self, note: str, told: Sequence[str]) -> dict[str, str]:
        """Give the digests of what a note reads that opens its own tables alone.

        It knows of the others which indicators they show. Of what the edition says at length it
        reads what it `told`, and whether the rest is there.
        """
        own = {n: one for n, one in self._tables.items() if n.startswith(f"{note}.")}
        every = sorted({i for _, shown in self._tables.values() for i in shown})
        kinds = {get_indicator(i).source for _, shown in own.values() for i in shown}
        about = {k: v for k, v in self._words.items() if k not in IN_FILES or k in told}
        about["there"] = [name for name in IN_FILES if self._words.get(name)]
        about["sources"] = [one for one in self._words.get("sources", ()) if one["source"] in kinds]
        how = (self._released.rule, self._released.synthetic, self._released.structure)
        return {
            "its tables": digest([own, every, how]),
            "what the edition says of itself": digest(about),
        }


def _of_table(table: pa.Table) -> str:
    whole = _Digest()
    with pa.ipc.new_stream(pa.PythonFile(whole, mode="w"), table.schema) as writer:
        writer.write_table(table)
    return whole.digest.hexdigest()


class _Digest:
    """A file of which only the digest is kept."""

    closed = False

    def __init__(self) -> None:
        self.digest = hashlib.sha256()

    def write(self, content: Any) -> int:
        self.digest.update(content)
        return len(content)

    def flush(self) -> None:
        """Hold nothing back."""

    def close(self) -> None:
        """Leave it: it is no file."""
