"""Keep what a build made of its inputs, so that the next one makes only what their change calls for.

A part is one folder, for its owner alone: its files, the digest of each, and the digests of what it
was made of. It is taken again if these are the same and its files whole; anything else about it,
and it is made anew: a part kept too long would be a wrong figure.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from obs.declare.json_files import parse_json
from obs.private_files import private_files
from obs.report.edition.whole_folders import remove_folder, replaced_folder
from obs.report.page.content import Page

__all__ = ["FILES", "PAGES", "PICKLED", "Form", "KeptParts"]

_ABOUT, _VALUE = "part.json", "value"
_FORMAT = 1
_OTHERS = 0o077
T = TypeVar("T")


@dataclass(frozen=True)
class Form:
    """How a part is written to a folder and read from it."""

    write: Callable[[Any, Path], object]
    read: Callable[[Path], Any]


class KeptParts:
    """The parts that builds of one observatory keep, for whoever holds the folder above them.

    Parameters
    ----------
    folder : Path
        Made if need be, for its owner alone.
    say : callable
        Told in words what is taken again, and what is made anew and why.
    force : bool
        Whether everything is made anew.
    """

    def __init__(self, folder: Path, say: Callable[[str], object], *, force: bool = False) -> None:
        self._folder, self._say, self._force = folder, say, force
        self._used: set[str] = set()
        with private_files(folder):
            pass

    def part(
        self,
        name: str,
        inputs: Mapping[str, str],
        make: Callable[[], T],
        *,
        form: Form | None = None,
        called: str = "",
    ) -> T:
        """Take a part again, or make and keep it.

        `inputs` gives the digest of each thing that it is made of, by its name in words; `called` is
        what the part is called, "" where nothing is said of it.
        """
        found: T | None = self.take(name, inputs, form=form, called=called)
        if found is None:
            found = make()
            self.keep(name, inputs, found, form=form)
        return found

    def take(
        self, name: str, inputs: Mapping[str, str], *, form: Form | None = None, called: str = ""
    ) -> Any:
        """Take a part again; None, with the reason in words, if it is to be made."""
        value, why = self.look(name, inputs, form=form)
        if called:
            self._say(f"anew: {called} ({why})" if why else f"as before: {called}")
        return value

    def look(
        self, name: str, inputs: Mapping[str, str], *, form: Form | None = None
    ) -> tuple[Any, str]:
        """Take a part again, or give None and the reason why it is to be made."""
        place = self._folder / name
        why = "all is asked for anew" if self._force else _why_anew(place, inputs)
        value = None
        if not why:
            try:
                value = (form or PICKLED).read(place)
            except Exception:  # noqa: BLE001 (whatever is wrong with it, it is made anew)
                why = "what was kept is damaged"
        if not why:
            self._used.add(name)
        return value, why

    def keep(
        self, name: str, inputs: Mapping[str, str], value: Any, *, form: Form | None = None
    ) -> None:
        """Keep a part in the place of the one before."""
        from pydantic_core import to_json

        with private_files(self._folder), replaced_folder(self._folder / name) as aside:
            (form or PICKLED).write(value, aside)
            about = {"format": _FORMAT, "inputs": dict(inputs), "files": _digests(aside)}
            (aside / _ABOUT).write_bytes(to_json(about, indent=1))
        self._used.add(name)

    def inputs_of(self, name: str) -> dict[str, str]:
        """Give what a part was made of, by its account; nothing if there is none that can be read."""
        try:
            return dict(
                parse_json((self._folder / name / _ABOUT).read_bytes(), dict[str, Any])["inputs"]
            )
        except (OSError, ValueError, KeyError, TypeError):
            return {}

    def sweep(self, is_needed: Callable[[str], bool]) -> int:
        """Remove the parts that were neither taken nor kept since this began, and are not needed.

        `is_needed` tells it of a part by its name. Returns how many were removed. Nothing outside
        the folder is touched, and no link is followed.
        """
        names = [p.parent.relative_to(self._folder).as_posix() for p in self._accounts()]
        gone = [name for name in names if name not in self._used and not is_needed(name)]
        for name in gone:
            remove_folder(self._folder / name)
        for place in self._folder.glob(".*"):  # what a killed run left
            shutil.rmtree(place, ignore_errors=True)
        for place in self._folder.iterdir():
            if place.is_dir() and not place.is_symlink() and not any(place.iterdir()):
                place.rmdir()
        return len(gone)

    def _accounts(self) -> list[Path]:
        """List the accounts of all parts: at most one folder down, where an edition has its own."""
        found = [*self._folder.glob(f"*/{_ABOUT}"), *self._folder.glob(f"*/*/{_ABOUT}")]
        return sorted(
            p for p in found if not any(one.is_symlink() for one in (p.parent, p.parent.parent))
        )


def _why_anew(place: Path, inputs: Mapping[str, str]) -> str:
    """Say why what is kept cannot be taken; "" if it can."""
    if not place.is_dir():
        return "nothing is kept"
    if not all(map(_is_own, [place, *place.rglob("*")])):
        return "others than its owner could have changed what was kept"
    try:
        about = parse_json((place / _ABOUT).read_bytes(), dict[str, Any])
        then, files = dict(about["inputs"]), dict(about["files"])
        if about["format"] != _FORMAT or files != _digests(place):
            raise ValueError("not whole")
    except (OSError, ValueError, KeyError, TypeError):
        return "what was kept is damaged"
    changed = [n for n in dict.fromkeys((*inputs, *then)) if inputs.get(n) != then.get(n)]
    return f"changed: {', '.join(changed)}" if changed else ""


def _is_own(path: Path) -> bool:
    """Tell whether a file is this user's, and nobody else reads or writes it."""
    about = path.lstat()
    mine = about.st_uid == os.getuid() if hasattr(os, "getuid") else True
    closed = not about.st_mode & _OTHERS or os.name == "nt"
    return mine and closed and not path.is_symlink()


def _digests(folder: Path) -> dict[str, str]:
    """Give the digest of each file of a part."""
    found = {}
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and p != folder / _ABOUT):
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        found[path.relative_to(folder).as_posix()] = digest
    return found


def _write_pickled(value: Any, folder: Path) -> None:
    with (folder / _VALUE).open("wb") as file:  # as bytes first, rows would be held twice
        pickle.dump(value, file, protocol=5)


def _read_pickled(folder: Path) -> Any:
    with (folder / _VALUE).open("rb") as file:
        return pickle.load(file)  # noqa: S301 (its owner's alone, and whole)


def _write_pages(pages: list[Page], folder: Path) -> None:
    from pydantic_core import to_json

    (folder / _VALUE).write_bytes(to_json(list(pages)))


def _read_pages(folder: Path) -> list[Page]:
    return parse_json((folder / _VALUE).read_bytes(), list[Page])


def _write_files(files: Mapping[str, bytes], folder: Path) -> None:
    for name, content in files.items():
        (folder / name).write_bytes(content)


def _read_files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != _ABOUT}


PICKLED = Form(_write_pickled, _read_pickled)
PAGES = Form(_write_pages, _read_pages)
FILES = Form(_write_files, _read_files)
