"""Take the stages of a build again where what they are made of is the same: cleaning, figures, release."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from obs.clean import Cleaned
from obs.clean.registry.delivery_registry import Registry
from obs.disclosure import Released, read_released, write_released
from obs.pipeline.progress import Progress
from obs.pipeline.reuse import build_inputs
from obs.pipeline.reuse.judged_files import JudgedFiles, forget_folder, forget_judged
from obs.reference import Observatory
from obs.report.edition.kept_parts import PAGES, Form, KeptParts
from obs.report.edition.reuse_pages import Reuse, digest
from obs.report.page.content import Page

__all__ = ["BuildParts", "Figures", "forget_parts"]

_FOLDER = "kept"  # beside the editions of an observatory
_FIGURES = "figures"


# by name; what is absent, by note; the corrections applied
Figures = tuple[dict[str, pd.DataFrame], dict[str, list[str]], pd.DataFrame]


OpenData = tuple[dict[str, Any], Mapping[str, bytes]]  # what a front page tells; files by name


@dataclass(frozen=True)
class _Safe:
    """A release that the audit found safe, and the page that says so."""

    released: Released
    audit: str


def _write_safe(safe: _Safe, folder: Path) -> None:
    write_released(safe.released, folder / "released")
    (folder / "audit").write_bytes(safe.audit.encode())


def _read_safe(folder: Path) -> _Safe:
    return _Safe(read_released(folder / "released"), (folder / "audit").read_bytes().decode())


_RELEASED = Form(_write_safe, _read_safe)


class BuildParts:
    """The kept parts of a build, each with the digests of what it is made of.

    Parameters
    ----------
    observatory : Observatory
        Whose build it is.
    raw, inside : Path
        Raw deliveries; the folder of the observatory's internal tables, which the build holds.
    notebooks : sequence of Path
        Of the notes that it declares; none where rows alone are kept.
    say : callable
        Told what is taken again, and what is made anew and why.
    force : bool
        Whether everything is made anew.
    """

    def __init__(
        self,
        observatory: Observatory,
        raw: Path,
        inside: Path,
        notebooks: Sequence[Path],
        say: Progress,
        *,
        force: bool,
    ) -> None:
        self._raw, self._say = raw, say
        self.judged = JudgedFiles(inside, say, force=force)
        self._untouched: set[str] = set()
        self.parts = KeptParts(inside / _FOLDER, say, force=force)
        self._base = {
            "the code": build_inputs.code(),
            "what the observatory declares": build_inputs.declaration(observatory),
            "units and boundaries": build_inputs.units(observatory, raw),
        }
        declared = [path.with_suffix(".toml") for path in notebooks]
        top = notebooks[0].parent if notebooks else Path()
        self._notes = {"what the notes declare": build_inputs.files(declared, top)}
        self._made: dict[str, str] = {}
        self._under = ""

    def cleaned(
        self,
        name: str,
        paths: Sequence[Path],
        make: Callable[[], Cleaned],
        *,
        fresh: bool,
        judged: str,
    ) -> Cleaned:
        """Take the cleaned rows of some files again, or clean them.

        A row without a day of extraction cannot be later than today: rows are cleaned anew each day.
        `fresh` files are to be registered, each by itself. `judged` is how the names of those files
        begin that are kept as they were judged.
        """
        inputs = {
            **self._base,
            "the files": build_inputs.files(paths, self._raw),
            "the day": dt.datetime.now(dt.UTC).date().isoformat(),
        }
        if fresh:
            self._say(f"anew: {name} (new deliveries)")
        found: Cleaned | None = None if fresh else self.parts.take(name, inputs, called=name)
        if found is None:
            found = make()
            self.parts.keep(name, inputs, replace(found, deliveries=()))
            self.judged.say_judged()
        else:
            self._untouched.add(judged)
        return found

    def figures(
        self,
        edition: int,
        cleaned: Sequence[tuple[str, Cleaned]],
        make: Callable[[], Figures],
    ) -> Figures:
        """Take the figures of an edition again, or compute them.

        Deliveries of which nothing is cleaned (populations) are an input like any other.
        """
        self._under = str(edition)
        self._made = {
            **self._base,
            **self._notes,
            **build_inputs.rows(cleaned),
            "raw deliveries": build_inputs.files(
                (p for p in self._raw.rglob("*") if p.is_file()), self._raw
            ),
        }
        return self.parts.part(f"{edition}/{_FIGURES}", self._made, make, called="figures")

    def released(
        self, name: str, known: Mapping[str, Any], make: Callable[[], Released]
    ) -> Released:
        """Take what was released against a ledger again, or release it; see `audited`."""
        inputs = {**self._made, "what was published before": digest(dict(known))}
        self._place = f"{self._under}/{name}", inputs
        self._safe: _Safe | None = self.parts.take(
            *self._place, form=_RELEASED, called="release and audit"
        )
        return make() if self._safe is None else self._safe.released

    def audited(self, released: Released, make: Callable[[], str]) -> str:
        """Take the audit of what was just released again, or audit it.

        A release is kept with its audit once that found it safe, and never before.
        """
        if self._safe is None:
            self._safe = _Safe(released, make())
            name, inputs = self._place
            self.parts.keep(name, inputs, self._safe, form=_RELEASED)
        return self._safe.audit

    def statements(
        self,
        released: Released,
        known: Mapping[str, Any],
        registry: Registry,
        langs: Sequence[str],
        make: Callable[[], dict[str, Any]],
    ) -> dict[str, Any]:
        """Take what an edition says of itself again, or compute it.

        It compares the figures with the ledger, and the rows with the deliveries as they came.
        """
        inputs = {
            **self._made,
            "the release": digest(released.seal),
            "what was published before": digest(dict(known)),
            "earlier deliveries": build_inputs.registered(registry),
            "languages": digest(list(langs)),
        }
        return self.parts.part(
            f"{self._under}/statements", inputs, make, called="quality and changes"
        )

    def sheets(
        self,
        released: Released,
        words: Mapping[str, Any],
        asked: Sequence[str] | None,
        langs: Sequence[str],
        make: Callable[[], list[Page]],
    ) -> list[Page]:
        """Take the sheets of places again, or make them."""
        told = None if asked is None else list(asked)
        inputs = {**self._of_pages(released, words), "languages and places": digest([langs, told])}
        return self.parts.part(
            f"{self._under}/sheets", inputs, make, form=PAGES, called="sheets of places"
        )

    def open_data(
        self,
        released: Released,
        words: Mapping[str, Any],
        langs: Sequence[str],
        make: Callable[[], OpenData],
    ) -> OpenData:
        """Take the files of open data, and what the front page tells of them, again, or write them."""
        inputs = {**self._of_pages(released, words), "languages": digest(list(langs))}
        return self.parts.part(f"{self._under}/open-data", inputs, make, called="open data")

    def pages(self, released: Released, shown: Released, words: Mapping[str, Any]) -> Reuse:
        """Give what the notes and their files are taken again by; `shown` has the models too."""
        read = build_inputs.Shown(shown, words)

        def of_note(note: str, told: Sequence[str]) -> dict[str, str]:
            return {**self._base, **self._notes, **read.of_note(note, told)}

        inputs, code = self._of_pages(released, words), self._base["the code"]
        return Reuse(self.parts, self._under, code, released.seal, inputs, of_note)

    def sweep(self, *, whole: bool) -> None:
        """Remove the parts that no edition takes again: called once a build is complete.

        Another edition needs its parts while its figures could be taken as they are. Of this one, a
        `whole` build, of all notes, sheets and languages, leaves those that it used.
        """

        def is_needed(name: str) -> bool:
            edition, _, part = name.partition("/")
            if not part:
                return False  # rows of a source that is not read any more
            if edition == self._under:
                return not whole
            return self.parts.inputs_of(f"{edition}/{_FIGURES}") == self._made

        self.judged.sweep(lambda name: name.startswith(tuple(self._untouched)))
        if gone := self.parts.sweep(is_needed):
            self._say(f"swept: {gone} kept parts that no edition takes again")

    def _of_pages(self, released: Released, words: Mapping[str, Any]) -> dict[str, str]:
        return {
            **self._base,
            **self._notes,
            "the release": digest(released.seal),
            "what the edition says of itself": digest(dict(words)),
        }


def forget_parts(inside: Path) -> None:
    """Remove all that the builds of an observatory kept: it may hold rows that are to be forgotten."""
    forget_folder(inside / _FOLDER)
    forget_judged(inside)
