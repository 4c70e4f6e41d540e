"""Define the errors that `obs` raises: what was wrong, where, what is allowed, what to do.

Messages never hold a person's data, only row numbers, column names and counts.
"""

from __future__ import annotations

import linecache
import sys
import traceback

__all__ = [
    "BusyError",
    "CatalogueError",
    "CodeError",
    "DeliveryError",
    "DisclosureError",
    "ObsError",
    "PublicationError",
    "SchemaError",
]


class ObsError(ValueError):
    """Wrong use or bad input; the command line ends with code 2."""

    def _render_traceback_(self) -> list[str]:
        """Say in a notebook what is wrong and at which line of which cell, the frames of `obs` folded.

        IPython calls it. Under `%xmode Verbose` every frame is shown.
        """
        if _every_frame_is_asked():
            return "".join(traceback.format_exception(self)).splitlines()
        said = f"{type(self).__name__}: {self}"
        return [said, *(f"  line {number} of the cell: {line}" for number, line in _in_cell(self))]


class BusyError(ObsError):
    """A folder of the house is being written by another process."""


class SchemaError(ObsError):
    """A table lacks columns, has wrong types, repeated keys or forbidden values."""


class CodeError(ObsError):
    """A code or a name is unknown or ambiguous in its codelist."""


class CatalogueError(ObsError):
    """A declaration (indicator, profile, note, observatory) is faulty."""


class DeliveryError(ObsError):
    """A delivered file cannot be read as its profile says."""


class DisclosureError(ObsError):
    """Something not safe to disclose was about to be shown; exit code 3."""


class PublicationError(ObsError):
    """A page fails a publication gate; exit code 3."""


def _every_frame_is_asked() -> bool:
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return getattr(getattr(shell, "InteractiveTB", None), "mode", "") == "Verbose"


def _in_cell(error: BaseException) -> list[tuple[int, str]]:
    """Give the number and the text of the line that a reader wrote and that failed, if there is one."""
    lines = [
        (number, linecache.getline(frame.f_code.co_filename, number).strip())
        for frame, number in traceback.walk_tb(error.__traceback__)
        if frame.f_globals.get("__name__") == "__main__"
    ]
    return [(number, line) for number, line in lines if line][-1:]
