"""Replace a folder or file whole or not at all, so that a killed run leaves the previous one.

A folder is built beside the one that it replaces, on the same disk, and then takes its name, in
one step where the system can exchange two names.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

if sys.platform != "win32":
    import fcntl

__all__ = ["exchange_names", "remove_folder", "replaced_folder", "sweep", "write_whole"]


@contextmanager
def replaced_folder(folder: Path) -> Iterator[Path]:
    """Build a folder aside and give it its name only once it is complete.

    Yields an empty folder beside the present one. If the block raises, it is removed and nothing
    changed. Of two runs that replace folders of one place, one waits for the other.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from obs.report.edition.whole_folders import replaced_folder
    >>> with tempfile.TemporaryDirectory() as place:
    ...     with replaced_folder(Path(place) / "2022") as aside:
    ...         _ = (aside / "index.html").write_text("whole")
    ...     sorted(path.name for path in Path(place).iterdir())
    ['2022']
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _alone_in(folder.parent):
        aside, previous = _sweep(folder)
        aside.mkdir()
        try:
            yield aside
            if folder.exists() and not exchange_names(aside, folder):
                folder.rename(previous)
            if not folder.exists():
                aside.rename(folder)
        finally:
            _recover(folder, previous)
            shutil.rmtree(aside, ignore_errors=True)


def remove_folder(folder: Path) -> None:
    """Take a folder's name away, then remove it: what a killed run leaves is swept."""
    with _alone_in(folder.parent):
        aside, _ = _sweep(folder)
        folder.rename(aside)
        shutil.rmtree(aside)


def sweep(folder: Path) -> None:
    """Remove what a killed run left beside a folder that it replaced, or would have."""
    if folder.parent.is_dir():
        with _alone_in(folder.parent):
            _sweep(folder)


def _sweep(folder: Path) -> tuple[Path, Path]:
    """Sweep, and give where a folder is built aside and where its former one goes for a moment."""
    aside, previous = (folder.with_name(f".{folder.name}.{end}") for end in ("partial", "previous"))
    _recover(folder, previous)
    shutil.rmtree(aside, ignore_errors=True)
    return aside, previous


@contextmanager
def _alone_in(place: Path) -> Iterator[None]:
    """Wait until no other run replaces a folder here; a run that ends, or dies, lets go."""
    if sys.platform == "win32":
        yield
        return
    descriptor = os.open(place, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def write_whole(path: Path, content: bytes, *, mode: int | None = None) -> Path:
    """Write a file aside, then give it its name; with `mode`, who may read it from the first byte.

    Returns the file.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from obs.report.edition.whole_folders import write_whole
    >>> with tempfile.TemporaryDirectory() as place:
    ...     write_whole(Path(place) / "data" / "a.csv", b"x").read_bytes()
    b'x'
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.partial")
    if mode is not None:
        aside.unlink(missing_ok=True)
        aside.touch(mode=mode)
    aside.write_bytes(content)
    return aside.replace(path)


def exchange_names(one: Path, other: Path) -> bool:
    """Exchange the names of two folders at once; tell whether the system could."""
    if sys.platform != "linux":
        return False
    call = getattr(ctypes.CDLL(None), "renameat2", None)
    here, exchange = -100, 2  # AT_FDCWD, RENAME_EXCHANGE of the Linux kernel
    paths = (here, os.fsencode(one), here, os.fsencode(other))
    return call is not None and call(*paths, exchange) == 0


def _recover(folder: Path, previous: Path) -> None:
    """Put the previous folder back if a run died between two names, else drop it."""
    if previous.exists() and not folder.exists():
        previous.rename(folder)
    shutil.rmtree(previous, ignore_errors=True)
