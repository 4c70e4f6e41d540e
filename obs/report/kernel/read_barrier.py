"""Keep a process from reading folders: what Python opens, and, on Linux, what any library opens.

An audit hook sees every file that Python opens and every program that it starts. Libraries in C
(DuckDB, Arrow, GDAL) open files unseen: where the system has Landlock (Linux 5.13), it refuses
them too. Both hold for as long as the process lasts, and for every program that it starts.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

__all__ = ["REFUSED", "bar_reading"]

REFUSED = "a note reads its released tables alone, by obs.open_note"
_OPENS = ("open", "os.listdir", "os.scandir", "shutil.copyfile", "sqlite3.connect")
_STARTS = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "pty.spawn")
_CREATE, _ADD, _RESTRICT = 444, 445, 446  # system calls of Landlock, the same on every machine
_READ_FILE, _READ_DIR = 1 << 2, 1 << 3  # its rights
_BENEATH, _NO_NEW_PRIVILEGES = 1, 38


def bar_reading(barred: Sequence[Path], *, but: Sequence[Path] = ()) -> bool:
    """Refuse to read below some folders, but for some paths in them, from now on.

    Returns whether libraries in C are held back too.
    """
    roots, kept = [p.resolve() for p in barred], [p.resolve() for p in but]
    held = sys.platform == "linux" and _landlock(roots, kept)
    sys.addaudithook(lambda event, arguments: _judge(event, arguments, roots, kept))
    return held


def _judge(
    event: str, arguments: tuple[Any, ...], roots: Sequence[Path], kept: Sequence[Path]
) -> None:
    if event in _STARTS:
        raise PermissionError(f"a program is started: {REFUSED}")
    if event not in _OPENS or not arguments or not isinstance(arguments[0], str | bytes):
        return
    path = Path(os.path.realpath(os.fsdecode(arguments[0])))
    if _below(path, roots) and not _below(path, kept):
        raise PermissionError(f"a file is opened: {REFUSED}")


def _below(path: Path, folders: Sequence[Path]) -> bool:
    return any(path.is_relative_to(folder) for folder in folders)


def _landlock(roots: Sequence[Path], kept: Sequence[Path]) -> bool:
    """Allow reading everywhere but below the barred folders; tell whether the system could."""
    libc = ctypes.CDLL(None, use_errno=True)
    rights = _READ_FILE | _READ_DIR
    described = ctypes.create_string_buffer(struct.pack("Q", rights), 8)
    rules = libc.syscall(_CREATE, described, ctypes.c_size_t(8), 0)
    if rules < 0:
        return False
    try:
        for path in (*_beside(Path("/"), roots), *kept):
            _allow(libc, rules, path, rights)
        libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        return bool(libc.syscall(_RESTRICT, rules, 0) == 0)
    finally:
        os.close(rules)


def _beside(folder: Path, roots: Sequence[Path]) -> Iterator[Path]:
    """Give the paths that together hold all that is in a folder and below none of the roots."""
    if folder in roots:
        return
    if not any(root.is_relative_to(folder) for root in roots):
        yield folder
        return
    try:
        inner = sorted(folder.iterdir())
    except OSError:
        return
    for path in inner:
        if not path.is_symlink():  # what it leads to has a rule of its own
            yield from _beside(path, roots)


def _allow(libc: ctypes.CDLL, rules: int, path: Path, rights: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        granted = rights if path.is_dir() else rights & ~_READ_DIR
        rule = ctypes.create_string_buffer(struct.pack("=Qi", granted, descriptor), 12)
        libc.syscall(_ADD, rules, _BENEATH, rule, 0)
    finally:
        os.close(descriptor)
