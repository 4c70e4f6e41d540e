"""Give what the observatory keeps of one folder of publications: its ledger, its manifests.

It stands in the folder of internal tables, never among the publications: it holds counts that
no page shows, and digests from which such counts could be tried out.
"""

from __future__ import annotations

import hashlib
import itertools
import os
from pathlib import Path

from obs.disclosure.ledger.ledger import LEDGER, Ledger, write_private
from obs.errors import DisclosureError

__all__ = ["internal_folder", "internal_ledger", "ledger_path", "set_damaged_aside"]

_KEPT = "published"  # in the folder of internal tables, one folder for each of publications


def internal_folder(processed: str | Path, publications: str | Path) -> Path:
    """Give the folder of what is kept of a folder of publications; it may not exist yet.

    Its name says which publications: their folder's name, and a digest of the way to it from the
    internal tables, so that both can be moved together.

    Examples
    --------
    >>> from obs.disclosure.ledger.internal_folder import internal_folder
    >>> internal_folder("data/processed", "publications").as_posix()
    'data/processed/published/publications-a6ca5b01'
    """
    top = Path(publications).resolve()
    way = Path(os.path.relpath(top, Path(processed).resolve())).as_posix()
    return Path(processed) / _KEPT / f"{top.name}-{hashlib.sha256(way.encode()).hexdigest()[:8]}"


def ledger_path(processed: str | Path, publications: str | Path) -> Path:
    """Give the file of the ledger of a folder of publications."""
    return internal_folder(processed, publications) / LEDGER


def internal_ledger(processed: str | Path, publications: str | Path) -> Ledger:
    """Open the ledger of a folder of publications; one that stands among them is moved inside.

    Raises `DisclosureError` if either was changed other than by `append`.
    """
    path, former = ledger_path(processed, publications), Path(publications) / LEDGER
    if former.is_file():
        _move_inside(former, path)
    return Ledger(path)


def _move_inside(former: Path, path: Path) -> None:
    """Take the lines of a ledger found among publications, then remove it there."""
    found = Ledger(former)
    if path.is_file():
        Ledger(path).take_lines(found)
    else:
        write_private(path, former.read_bytes())
    former.unlink()


def set_damaged_aside(processed: str | Path, publications: str | Path) -> None:
    """Rename a ledger that cannot be read, so that another is made from the publications.

    One that was set aside before stays.
    """
    path = ledger_path(processed, publications)
    for found in (path, Path(publications) / LEDGER):
        try:
            Ledger(found)
        except DisclosureError:
            names = itertools.chain(["damaged"], (f"damaged-{n}" for n in itertools.count(2)))
            own = (path.with_name(f"{name}-{LEDGER}") for name in names)
            aside = next(p for p in own if not p.exists())
            write_private(aside, found.read_bytes())
            found.unlink()
