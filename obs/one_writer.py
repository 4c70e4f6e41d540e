"""Let one writer at a time change a folder of the house; another one waits, or an error names who holds it."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from obs.errors import BusyError

__all__ = ["one_writer"]

_LOCK, _HOLDER = ".writing.lock", ".writing.txt"


@contextmanager
def one_writer(
    folder: Path, *, wait: float = 600.0, say: Callable[[str], object] | None = None
) -> Iterator[None]:
    """Hold a folder for writing.

    A process that ends or dies lets go of it.

    Parameters
    ----------
    folder : Path
        Such as a registry; it and those above it are made for their owner alone if need be.
    wait : float
        Seconds to wait for another writer.
    say : callable, optional
        Told who holds the folder, once, when it must be waited for.

    Raises
    ------
    BusyError
        If another writer holds it all this time, with its process number and since when.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as place, one_writer(Path(place)):
    ...     with one_writer(Path(place), wait=0):
    ...         pass
    Traceback (most recent call last):
    ...
    obs.errors.BusyError: the folder '...' is being written by process ... since ...
    """
    from filelock import FileLock, Timeout

    for missing in reversed([p for p in (folder, *folder.parents) if not p.exists()]):
        missing.mkdir(exist_ok=True, mode=0o700)
    lock = FileLock(folder / _LOCK, mode=0o600, thread_local=False, is_singleton=False)
    holder = folder / _HOLDER
    try:
        try:
            lock.acquire(timeout=0)
        except Timeout:
            if say and wait:
                say(f"waits: the folder '{folder.name}' is being written by {_held_by(holder)}")
            lock.acquire(timeout=wait)
    except Timeout:
        raise BusyError(
            f"the folder '{folder.name}' is being written by {_held_by(holder)}. Wait until it "
            "has ended, or stop it, and start again; nothing was changed."
        ) from None
    try:
        now = dt.datetime.now().astimezone().isoformat(" ", "minutes")
        holder.write_text(f"process {os.getpid()} since {now}", encoding="utf-8")
        holder.chmod(0o600)
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


def _held_by(holder: Path) -> str:
    try:
        return holder.read_text(encoding="utf-8")
    except OSError:  # it has just ended, or just begun
        return "another process"
