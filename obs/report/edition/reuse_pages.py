"""Take the pages of a note, and the files of a page, again where nothing that they are made of changed."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from obs.report.checks.sound_files import SoundFiles
from obs.report.edition.kept_parts import FILES, PAGES, KeptParts
from obs.report.page.content import Page

__all__ = ["Reuse", "digest"]


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
    inputs : mapping
        Digests of what each note is made of besides its notebook and languages.
    """

    parts: KeptParts
    under: str
    code: str
    inputs: Mapping[str, str]

    def note(self, notebook: Path, langs: Sequence[str]) -> list[Page] | None:
        """Take the pages of a note again; None if it is to be run."""
        called = f"note {notebook.stem}"
        found: list[Page] | None = self.parts.take(
            self._place_of(notebook), self._inputs(notebook, langs), form=PAGES, called=called
        )
        return found

    def keep_note(self, notebook: Path, langs: Sequence[str], pages: list[Page]) -> None:
        """Keep the pages of a note that was run."""
        inputs = self._inputs(notebook, langs)
        self.parts.keep(self._place_of(notebook), inputs, pages, form=PAGES)

    def files(
        self, page: Page, beside: Mapping[str, Any], make: Callable[[], dict[str, bytes]]
    ) -> dict[str, bytes]:
        """Take the files of a page again, or make them."""
        from pydantic_core import to_json

        inputs = {
            "code": self.code,
            "page": digest(to_json(page)),
            "beside": digest([repr(sorted(beside.items())), os.environ.get("SOURCE_DATE_EPOCH")]),
        }
        name = f"{self.under}/page-{page.stem.replace('/', '-')}"
        return self.parts.part(name, inputs, make, form=FILES)

    def workbook(self, page: Page, places: Mapping[str, str], make: Callable[[], bytes]) -> bytes:
        """Take the workbook of a note in one language again, or write it."""
        from pydantic_core import to_json

        inputs = {
            "code": self.code,
            "page": digest(to_json(page)),
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

    def _inputs(self, notebook: Path, langs: Sequence[str]) -> dict[str, str]:
        own = {"the notebook": digest(notebook.read_bytes()), "languages": digest(list(langs))}
        return {**own, **self.inputs}
