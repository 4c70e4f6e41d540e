"""Take the pages of a note, and the files of a page, again where nothing that they are made of changed."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from obs.report.checks.sound_files import SoundFiles
from obs.report.edition.kept_parts import FILES, PAGES, KeptParts
from obs.report.page.content import Page

__all__ = ["Reuse", "digest"]

_TOLD = "what it tells of its edition"


def digest(value: Any) -> str:
    """Give the digest of bytes, or of anything that JSON can say."""
    if not isinstance(value, bytes):
        value = json.dumps(value, ensure_ascii=False, sort_keys=True, default=str).encode()
    return hashlib.sha256(value).hexdigest()


@dataclass(frozen=True)
class Reuse:
    """The kept pages of one edition.

    Attributes
    ----------
    parts : KeptParts
        Where they are.
    under : str
        Beginning of the names of its parts.
    code : str
        Digest of the code, on which every page depends.
    seal : str
        That of the release.
    inputs : mapping
        Digests of all that a note may be made of besides its notebook and languages.
    of_note : callable
        Given the name of a note that reads its own tables alone, and what it tells of its edition:
        the digests of what that note is made of.
    """

    parts: KeptParts
    under: str
    code: str
    seal: str
    inputs: Mapping[str, str]
    of_note: Callable[[str, Sequence[str]], Mapping[str, str]]

    def note(self, notebook: Path, langs: Sequence[str]) -> list[Page] | None:
        """Take the pages of a note again; None if it is to be run."""
        place, called = self._place_of(notebook), f"note {notebook.stem}"
        told = self.parts.inputs_of(place).get(_TOLD, "").split()
        inputs = self._inputs(notebook, langs, told)
        found: list[Page] | None = self.parts.take(place, inputs, form=PAGES, called=called)
        for one in (one for page in found or () for one in page.exhibits):
            one.block["status"]["seal"] = self.seal  # its rows are those of this release
        return found

    def keep_note(self, notebook: Path, langs: Sequence[str], pages: list[Page]) -> None:
        """Keep the pages of a note that was run."""
        told = sorted({name for page in pages for name in page.told})
        inputs = self._inputs(notebook, langs, told)
        self.parts.keep(self._place_of(notebook), inputs, pages, form=PAGES)

    def files(
        self, page: Page, beside: Mapping[str, Any], make: Callable[[], dict[str, bytes]]
    ) -> dict[str, bytes]:
        """Take the files of a page again, or make them."""
        inputs = {
            "code": self.code,
            "page": _digest_of_page(page),
            "beside": digest([repr(sorted(beside.items())), os.environ.get("SOURCE_DATE_EPOCH")]),
        }
        name = f"{self.under}/page-{page.stem.replace('/', '-')}"
        return self.parts.part(name, inputs, make, form=FILES)

    def workbook(self, page: Page, places: Mapping[str, str], make: Callable[[], bytes]) -> bytes:
        """Take the workbook of a note in one language again, or write it."""
        inputs = {
            "code": self.code,
            "page": _digest_of_page(page),
            "places": digest(dict(places)),
        }
        name = f"{self.under}/workbook-{page.stem}"
        return self.parts.part(name, inputs, lambda: {"xlsx": make()}, form=FILES)["xlsx"]

    def sound_files(self) -> SoundFiles:
        """Give the files that the checks of the last build found without fault."""
        known = self.parts.take(self._checks, {"code": self.code})
        return SoundFiles(known or (), self.code)

    def keep_sound(self, sound: SoundFiles) -> None:
        """Keep which files the checks found without fault."""
        self.parts.keep(self._checks, {"code": self.code}, sorted(sound.found))

    @property
    def _checks(self) -> str:
        return f"{self.under}/checks"

    def _place_of(self, notebook: Path) -> str:
        return f"{self.under}/note-{notebook.stem}"

    def _inputs(self, notebook: Path, langs: Sequence[str], told: Sequence[str]) -> dict[str, str]:
        text = notebook.read_bytes()
        own = {"the notebook": digest(text), "languages": digest(list(langs))}
        if not _reads_its_own(text.decode(errors="replace"), notebook.stem):
            return {**own, **self.inputs, _TOLD: " ".join(told)}
        return {**own, **self.of_note(notebook.stem, told), _TOLD: " ".join(told)}


def _reads_its_own(notebook: str, name: str) -> bool:
    """Tell whether a notebook opens its own note alone, and no table of others by way of it."""
    opened = re.findall(r"open_note(.{0,200})", notebook)
    own = all(one.startswith((f'(\\"{name}\\"', f"('{name}'")) for one in opened)
    return bool(opened) and own and not re.search(r"\.\s*(tables|about)\b", notebook)


def _digest_of_page(page: Page) -> str:
    """Give the digest of a page but for the seal of its release, which is in no file of it."""
    from pydantic_core import to_json

    content = to_json(page)
    for seal in {one.block["status"].get("seal") for one in page.exhibits}:
        content = content.replace(to_json(seal), b'""')
    return digest(content)
