"""Keep what a command writes for a moment in one folder of its own, and sweep what a dead one left.

Copies of deliveries, spilled tables, sockets and sources of pages lie in it, for its owner alone
(0700). It goes when the command ends, stopped or not; what a killed one left goes when the next
one starts.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from obs.errors import ObsError

__all__ = ["locked_folder", "scratch_folder"]

_PREFIX, _LOCK = "obs-run-", ".held"
_YOUNG = 60.0  # seconds: one so young may not have locked its folder yet


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Make the folder in which this process, and those that it starts, write temporary files.

    Yields the folder. Whatever asks the standard library for a temporary file finds it, and
    children through `TMPDIR`. Raises `ObsError` if the system's temporary folder cannot be
    written.

    Examples
    --------
    >>> with scratch_folder() as folder:
    ...     name = tempfile.mkdtemp()
    ...     Path(name).parent == folder, oct(folder.stat().st_mode & 0o777)
    (True, '0o700')
    >>> folder.exists()
    False
    """
    before = tempfile.tempdir, os.environ.get("TMPDIR")
    with locked_folder() as folder:
        try:
            tempfile.tempdir, os.environ["TMPDIR"] = str(folder), str(folder)
            yield folder
        finally:
            tempfile.tempdir = before[0]
            if before[1] is None:
                os.environ.pop("TMPDIR", None)
            else:
                os.environ["TMPDIR"] = before[1]


@contextmanager
def locked_folder() -> Iterator[Path]:
    """Make a folder for temporary files that goes at the end, and sweep what dead processes left.

    Yields the folder, within that of a command if one runs; a forked child that ends leaves it to
    its parent. Raises `ObsError` if the system's temporary folder cannot be written.
    """
    from filelock import FileLock

    try:
        top = Path(tempfile.gettempdir())
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=top))
    except OSError as fault:
        raise ObsError(
            f"no temporary folder can be written ({(fault.strerror or 'no reason').split(' in [')[0]}): "
            "set TMPDIR to a folder with room, of your own."
        ) from None
    _sweep(top)
    lock, owner = FileLock(folder / _LOCK, mode=0o600), os.getpid()
    try:
        lock.acquire()
        yield folder
    finally:
        if os.getpid() == owner:
            lock.release()
            shutil.rmtree(folder, ignore_errors=True)


def _sweep(top: Path) -> None:
    """Remove the folders of commands of this user that are no more."""
    from filelock import FileLock, Timeout

    for folder in top.glob(f"{_PREFIX}*"):
        try:
            about = folder.lstat()
            mine = about.st_uid == os.getuid() if hasattr(os, "getuid") else True
            if not mine or folder.is_symlink() or time.time() - about.st_mtime < _YOUNG:
                continue
            with FileLock(folder / _LOCK, mode=0o600, timeout=0):
                shutil.rmtree(folder, ignore_errors=True)
        except (OSError, Timeout):
            continue  # another command's, at work
