"""Keep to what the machine has, and say in words where its disk or its memory has no room left.

Libraries tell it in several ways; a command ends on each with a sentence, and changes nothing.
Some die of a small limit of memory, or wait for ever, so that such a limit is refused beforehand.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import sys
from pathlib import Path

from obs.errors import ObsError

__all__ = ["collect_seldom", "disk_words", "limit_words", "machine_faults", "refuse_small_memory"]

MEMORY = "the machine has not enough memory for this; nothing is half written"
# Address space in megabytes, as measured on Linux with two cores: tables are read within 1,000 and
# not within 800, lists are within 350 and not within 250.
_FOR_TABLES, _FOR_LISTS = 900, 300
_OBJECTS = 50_000  # Python's own is 700
_LOOP = "Symlink loop"  # of pathlib before Python 3.13, which raises an OSError
_FULL = "No space left on device"
# An import or a thread that finds no memory says so in one of these.
_NO_MEMORY = ("can't start new thread", "failed to map segment", "Cannot allocate memory")


def collect_seldom() -> None:
    """Have Python look for cycles of unused objects less often, in a process that is ours alone.

    Looking after each 700 objects takes a tenth of the time of a build; few of them are in cycles.
    """
    gc.set_threshold(_OBJECTS)


def refuse_small_memory(*, tables: bool) -> None:
    """Refuse a limit of memory, set for this process, within which libraries cannot be loaded.

    Raises `ObsError`. Where the system has no such limits, nothing is asked.
    """
    needed = _FOR_TABLES if tables else _FOR_LISTS
    try:
        resource = importlib.import_module("resource")
    except ImportError:
        return
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    if limit != resource.RLIM_INFINITY and limit < needed << 20:
        raise ObsError(
            f"this process may have {limit >> 20} MB of memory and this command needs {needed} MB or "
            "more; raise the limit (in a shell: ulimit -v unlimited). Nothing was changed."
        )


def disk_words(error: OSError, options: argparse.Namespace) -> str:
    """Say which file or, where the system does not tell, which folders could not be written."""
    why = error.strerror or str(error) or type(error).__name__
    if isinstance(error.filename, str):
        return f"{Path(error.filename).name}: {why}"
    return f"{_folders_named(options)}: {why}"


def machine_faults() -> tuple[type[BaseException], ...]:
    """Give the exceptions that may tell of a limit of the machine; `limit_words` decides."""
    duckdb = sys.modules.get("duckdb")
    engine = (duckdb.OutOfMemoryException, duckdb.IOException) if duckdb else ()
    return (MemoryError, RuntimeError, ImportError, *engine)


def limit_words(fault: BaseException, options: argparse.Namespace) -> str | None:
    """Say which limit was met; None if the fault is another one."""
    text = str(fault)
    if isinstance(fault, MemoryError) or type(fault).__name__ == "OutOfMemoryException":
        return MEMORY
    if _FULL in text:
        return f"{_folders_named(options)}: {_FULL}"
    if text.startswith(_LOOP):
        return "a path leads back to itself by its symbolic links; give the file or folder itself"
    return MEMORY if any(words in text for words in _NO_MEMORY) else None


def _folders_named(options: argparse.Namespace) -> str:
    folders = [getattr(options, name, None) for name in ("out", "processed", "directory")]
    return " or ".join(f"'{folder}'" for folder in folders if folder) or "a temporary file"
