"""Keep files that hold rows of persons to their owner: files 0600, folders 0700."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["private_files"]

_OWNER_ALONE = 0o077  # what is masked: every right of the group and of others


@contextmanager
def private_files(*folders: Path) -> Iterator[None]:
    """Give what is created within the block to its owner alone, whatever the user's mask.

    Parameters
    ----------
    *folders : Path
        Folders of the house, made if need be; one that is there already is closed to others.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as place:
    ...     with private_files(Path(place) / "inner"):
    ...         _ = (Path(place) / "inner" / "a").write_text("")
    ...     paths = Path(place) / "inner", Path(place) / "inner" / "a"
    ...     [oct(path.stat().st_mode & 0o777) for path in paths]
    ['0o700', '0o600']
    """
    before = os.umask(_OWNER_ALONE)
    try:
        for folder in folders:
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o700)
        yield
    finally:
        os.umask(before)
