"""Remember which files of a publication the checks found without fault, so that the same are not read again.

What the checks of a file say depends on its bytes, its name, the numbers that no file may hold, the
code of the checks, and what stands beside it: a page leads to other files and says what rows of its
data files say, a PDF has files attached, each file of open data says what the others say. The mark of a file is the digest of all of these. A
file is sound only if its mark is that of a file without fault; of one with a fault nothing is kept.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Collection, Iterable
from pathlib import Path, PurePosixPath

from obs.report.checks.faults import Fault
from obs.report.checks.small_secrets import Secret
from obs.report.edition.manifest import MANIFEST

__all__ = ["SoundFiles"]

_DATA = "data"  # whose files a PDF has attached
_DATA_FILE = re.compile(rf"=\s*[\"'](?:\.\./)?{_DATA}/([^\"'#?]+)")
_UPWARDS = re.compile(r"=\s*[\"']?\s*([^\"'>\s]*\.\./[^\"'>\s]*)")


class SoundFiles:
    """The marks of files without fault: those of an earlier check, and those of this one.

    Parameters
    ----------
    known : collection of str
        Marks that an earlier check found.
    code : str
        Digest of the code of the checks, with all that they read beside the files.

    Attributes
    ----------
    found : set of str
        Marks of the publication looked at last.
    looked_at, taken : int
        How many files and folders were asked for, and how many of them were sound before.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as place:
    ...     _ = (Path(place) / "a.csv").write_text("n")
    ...     sound = SoundFiles((), "1")
    ...     sound.look_at(Path(place), (), ())
    ...     first = sound.faults_of_file("a.csv", list)
    ...     again = SoundFiles(sound.found, "1")
    ...     again.look_at(Path(place), (), ())
    ...     again.faults_of_file("a.csv", lambda: 1 / 0)
    []
    """

    def __init__(self, known: Collection[str], code: str) -> None:
        self._known, self._code = frozenset(known), code
        self.found: set[str] = set()
        self.looked_at = self.taken = 0

    def look_at(self, folder: Path, withheld: Iterable[str], small: Iterable[Secret]) -> None:
        """Begin with a publication, and with what no file of it may hold."""
        secrets = [sorted(withheld), sorted([sorted(one.names), one.digits] for one in small)]
        self._folder, self.found = folder, set()
        self.looked_at = self.taken = 0
        self._digests = _digests_of(folder)
        self._base = _digest([self._code, secrets])

    def faults_of_file(self, name: str, check: Callable[[], list[Fault]]) -> list[Fault]:
        """Give the faults of a file: none if it is sound, else those that its check finds."""
        beside: object = None
        if name.endswith(".html"):
            beside = [sorted(self._digests), self._data_of(name)]
        elif name.endswith(".pdf"):
            beside = self._under(_DATA)
        return self._faults(_digest([self._base, name, self._digests[name], beside]), check, name)

    def faults_of_folder(self, name: str, check: Callable[[], list[Fault]]) -> list[Fault]:
        """Give the faults of a folder whose files are checked beside one another."""
        return self._faults(_digest([self._base, name, self._under(name)]), check, "")

    def _faults(self, mark: str, check: Callable[[], list[Fault]], name: str) -> list[Fault]:
        self.looked_at += 1
        if mark in self._known:
            self.found.add(mark)
            self.taken += 1
            return []
        faults = check()
        if not faults and not self._leads_out(name):
            self.found.add(mark)
        return faults

    def _data_of(self, name: str) -> list[tuple[str, str]]:
        """Give the data files that a page leads to: its numbers are held to their rows."""
        text = (self._folder / name).read_text("utf-8", errors="replace")
        named = {f"{_DATA}/{file}" for file in _DATA_FILE.findall(text)}
        return [(file, self._digests[file]) for file in sorted(named & self._digests.keys())]

    def _leads_out(self, name: str) -> bool:
        """Tell whether a page leads to what stands above the publication, which no mark tells of."""
        if not name.endswith(".html"):
            return False
        text = (self._folder / name).read_text("utf-8", errors="replace")
        depth = len(PurePosixPath(name).parts) - 1
        return any(found.count("../") > depth for found in _UPWARDS.findall(text))

    def _under(self, folder: str) -> list[tuple[str, str]]:
        return sorted(pair for pair in self._digests.items() if pair[0].startswith(f"{folder}/"))


def _digests_of(folder: Path) -> dict[str, str]:
    """Give the digest of each file under a folder but its manifest, by its name from there."""
    found = {}
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.name != MANIFEST):
        with path.open("rb") as stream:
            own = hashlib.file_digest(stream, "sha256").hexdigest()
        found[path.relative_to(folder).as_posix()] = own
    return found


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, ensure_ascii=False).encode()).hexdigest()
